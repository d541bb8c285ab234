/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "bill_file_parts.h"

/* A GB18030 character of two bytes becomes three in UTF-8, one of four becomes four. */
#define TEXT_MAX_BYTES (BILL_FILE_LINE_MAX * 2)

static enum err
give(struct text_lines *lines, struct span line, bool ended)
{
    if (ended && line.len > 0 && line.at[line.len - 1] == '\r') {
        line.len--;
    }
    bool overlong = lines->overlong || line.len > BILL_FILE_LINE_MAX;
    lines->overlong = false;
    lines->number++;
    return lines->line(lines->context, overlong ? span_sub(line, 0, 0) : line, lines->number, ended,
                       overlong);
}

static enum err
keep(struct text_lines *lines, struct span piece)
{
    if (lines->overlong || lines->partial.len + piece.len > BILL_FILE_LINE_MAX + 1) {
        lines->overlong = true;
        buf_reset(&lines->partial);
        return ERR_OK;
    }
    return buf_append(&lines->partial, piece);
}

enum err
text_lines_bytes(struct text_lines *lines, struct span bytes)
{
    struct span rest = bytes;
    for (size_t end = span_index(rest, '\n'); end < rest.len; end = span_index(rest, '\n')) {
        struct span head = span_sub(rest, 0, end);
        rest = span_sub(rest, end + 1, rest.len);
        if (lines->partial.len == 0 && !lines->overlong) {
            TRY(give(lines, head, true));
            continue;
        }
        TRY(keep(lines, head));
        TRY(give(lines, buf_span(&lines->partial), true));
        buf_reset(&lines->partial);
    }
    return rest.len == 0 ? ERR_OK : keep(lines, rest);
}

enum err
text_lines_end(struct text_lines *lines)
{
    if (lines->partial.len == 0 && !lines->overlong) {
        return ERR_OK;
    }
    enum err err = give(lines, buf_span(&lines->partial), false);
    buf_reset(&lines->partial);
    return err;
}

enum err
text_decoder_open(struct text_decoder *decoder, enum bill_encoding encoding)
{
    *decoder = (struct text_decoder){ .encoding = encoding, .text = BUF_MAX(TEXT_MAX_BYTES) };
    if (encoding != BILL_GB18030) {
        return ERR_OK;
    }
    decoder->converter = iconv_open("UTF-8", "GB18030");
    decoder->opened = (uintptr_t)decoder->converter != UINTPTR_MAX;
    return decoder->opened ? ERR_OK : ERR_SYSTEM;
}

void
text_decoder_fini(struct text_decoder *decoder)
{
    if (decoder->opened) {
        (void)iconv_close(decoder->converter);
        decoder->opened = false;
    }
    buf_fini(&decoder->text);
}

static enum err
convert(struct text_decoder *decoder, struct span line)
{
    unsigned char *room = NULL;
    buf_reset(&decoder->text);
    TRY(buf_reserve(&decoder->text, line.len * 2, &room));
    /* iconv's input is not const by an old mistake of its interface; it is not written to. */
    union {
        const unsigned char *read;
        char *asked;
    } in = { .read = line.at };
    char *out = (char *)room;
    size_t in_left = line.len;
    size_t out_left = line.len * 2;
    (void)iconv(decoder->converter, NULL, NULL, NULL, NULL);
    if (iconv(decoder->converter, &in.asked, &in_left, &out, &out_left) == (size_t)-1) {
        return errno == E2BIG ? ERR_INTERNAL : ERR_ENCODING;
    }
    buf_grew(&decoder->text, line.len * 2 - out_left);
    return ERR_OK;
}

enum err
text_decode(struct text_decoder *decoder, struct span line, struct span *out)
{
    struct span text = line;
    if (decoder->encoding == BILL_GB18030 && line.len > 0) {
        TRY(convert(decoder, line));
        text = buf_span(&decoder->text);
    }
    if (decoder->encoding != BILL_BYTES && !span_is_utf8(text)) {
        return ERR_ENCODING; /* NUL as well: no bill has one */
    }
    *out = text;
    return ERR_OK;
}
