/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES 1024
#define PATTERN    0xA5

void
fuzz_fail(const char *what, const char *file, int line)
{
    (void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

void
fuzz_touch(struct span s)
{
    unsigned char sum = 0;
    for (size_t i = 0; i < s.len; i++) {
        sum ^= s.at[i];
    }
    volatile unsigned char kept = sum; /* or the compiler would leave the reading out */
    (void)kept;
}

void
fuzz_fill(void *at, size_t size)
{
    memset(at, PATTERN, size);
}

bool
fuzz_untouched(const void *at, size_t size)
{
    const unsigned char *bytes = at;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != PATTERN) {
            return false;
        }
    }
    return true;
}

struct arena *
fuzz_arena(void)
{
    struct arena *arena = NULL;
    FUZZ_DEMAND(arena_new(FUZZ_ARENA_MAX, &arena) == ERR_OK);
    return arena;
}

static void
full_path(const char *path, char out[PATH_BYTES])
{
    const char *root = getenv("TALLYGATE_SOURCE_DIR");
    int len = snprintf(out, PATH_BYTES, "%s/tests/%s", root == NULL ? "." : root, path);
    FUZZ_DEMAND(len > 0 && len < PATH_BYTES);
}

bool
fuzz_file(const char *path, struct buf *out)
{
    char full[PATH_BYTES];
    full_path(path, full);
    FILE *file = fopen(full, "re");
    if (file == NULL) {
        return false;
    }
    buf_init(out, FUZZ_FILE_MAX);
    unsigned char bytes[4096];
    size_t len;
    while ((len = fread(bytes, 1, sizeof(bytes), file)) > 0) {
        FUZZ_DEMAND(buf_append(out, span_make(bytes, len)) == ERR_OK);
    }
    FUZZ_DEMAND(ferror(file) == 0);
    (void)fclose(file);
    return true;
}

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

void
fuzz_files(const char *folder, void (*visit)(const char *path, const char *name, void *context),
           void *context)
{
    char full[PATH_BYTES];
    struct dirent **entries = NULL;
    full_path(folder, full);
    int count = scandir(full, &entries, is_visible, alphasort);
    for (int i = 0; i < count; i++) {
        char path[PATH_BYTES];
        int len = snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        FUZZ_DEMAND(len > 0 && len < PATH_BYTES);
        visit(path, entries[i]->d_name, context);
        free(entries[i]);
    }
    free(entries);
}

static void
take_header(struct span line, struct fuzz_message *out)
{
    struct span value = line;
    struct span name;
    uint64_t status = 0;
    bool named = span_cut(&value, ':', &name);
    value = span_trim(value, " ");
    if (!named || out->message.header_count == FUZZ_HEADERS_MAX) {
        return;
    }
    if (span_eq_cstr(name, "status") && span_to_u64(value, 0, 999, &status) == ERR_OK) {
        out->message.status = (int)status;
    } else if (span_eq_cstr(name, "content-type")) {
        out->message.content_type = value;
    }
    out->headers[out->message.header_count++] =
        (struct adapter_field){ .name = name, .value = value };
}

void
fuzz_message(struct span input, struct fuzz_message *out)
{
    *out = (struct fuzz_message){ .message = { .headers = out->headers, .body = input } };
    bool only_headers = span_starts(input, SPAN_LIT("\n"));
    size_t end = only_headers ? 0 : span_find(input, SPAN_LIT("\n\n"));
    if (end == input.len) {
        return;
    }
    out->message.body = span_sub(input, only_headers ? 1 : end + 2, input.len);
    struct span rest = span_sub(input, 0, end);
    bool more = !only_headers;
    while (more) {
        struct span line;
        more = span_cut(&rest, '\n', &line);
        take_header(line, out);
    }
}
