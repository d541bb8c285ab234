/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner of header blocks. Its verdict does not depend on how the bytes arrive, and a block that it lets pass
 * is well-formed by a rule written here in another way: lines that end in CR LF, none folded, no control byte. */
#include "scanner.h"

#define PIECE_MAX 7U

#include "fuzz.h"
#include "http.h"

static bool
same(const struct scanner *a, const struct scanner *b)
{
    return a->err == b->err && a->ended == b->ended && a->bytes == b->bytes && a->lines == b->lines;
}

/* Fed in pieces whose sizes the input itself tells. */
static struct scanner
in_pieces(struct span bytes)
{
    struct scanner scanner = { .bytes = 0 };
    size_t at = 0;
    while (at < bytes.len) {
        size_t len = (size_t)1 + bytes.at[at] % PIECE_MAX;
        scanner_feed(&scanner, span_sub(bytes, at, len));
        at += len;
    }
    return scanner;
}

static bool
is_clean(struct span line)
{
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = line.at[i];
        if (c == 0x7F || (c < ' ' && c != '\t')) {
            return false;
        }
    }
    return line.len > 0 && line.at[0] != ' ' && line.at[0] != '\t';
}

/* The block up to and without its empty line; false when it is not well-formed. */
static bool
is_block(struct span bytes, size_t *lines)
{
    size_t end = span_find(bytes, SPAN_LIT("\r\n\r\n"));
    struct span rest = span_sub(bytes, 0, end + 2);
    struct span line;
    if (end == bytes.len || end + 4 > HTTP_HEADER_BYTES) {
        return false;
    }
    *lines = 0;
    while (span_cut(&rest, '\n', &line)) {
        if (!span_ends(line, SPAN_LIT("\r")) || !is_clean(span_sub(line, 0, line.len - 1))) {
            return false;
        }
        ++*lines;
    }
    return *lines <= HTTP_HEADERS_MAX + 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_make(data, size);
    struct scanner whole = { .bytes = 0 };
    size_t lines = 0;
    scanner_feed(&whole, bytes);
    struct scanner pieces = in_pieces(bytes);
    FUZZ_DEMAND(same(&whole, &pieces));
    bool passed = whole.ended && whole.err == ERR_OK;
    FUZZ_DEMAND(passed == is_block(bytes, &lines));
    FUZZ_DEMAND(!passed || whole.lines == lines);
    FUZZ_DEMAND(whole.bytes <= HTTP_HEADER_BYTES + 1);
    return 0;
}
