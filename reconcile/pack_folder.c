/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_folder.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto.h"
#include "file.h"

#define FOLDER_MODE 0750
#define FILE_MODE   0440
#define HEX_BYTES   ((size_t)2 * SHA256_BYTES)

static bool
path_of(const char *dir, struct span name, char out[PACK_PATH_MAX])
{
    DEFER(buf_fini) struct buf joined = BUF_MAX(PACK_PATH_MAX - 1);
    if (buf_text(&joined, dir) != ERR_OK || buf_byte(&joined, '/') != ERR_OK
        || buf_append(&joined, name) != ERR_OK) {
        return false;
    }
    memcpy(out, joined.at, joined.len);
    out[joined.len] = 0;
    return true;
}

static void
close_file(const int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
}

enum err
pack_folder_make(const char *dir)
{
    return mkdir(dir, FOLDER_MODE) == 0 ? ERR_OK : ERR_FILE_WRITE;
}

enum err
pack_folder_save(const char *dir, struct span name, struct span bytes)
{
    char path[PACK_PATH_MAX];
    if (!path_of(dir, name, path)) {
        return ERR_FILE_WRITE;
    }
    DEFER(close_file)
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    size_t done = 0;
    while (fd >= 0 && done < bytes.len) {
        ssize_t put = write(fd, bytes.at + done, bytes.len - done);
        if (put <= 0) {
            return ERR_FILE_WRITE;
        }
        done += (size_t)put;
    }
    return fd >= 0 && fsync(fd) == 0 ? ERR_OK : ERR_FILE_WRITE;
}

enum err
pack_folder_end(const char *dir)
{
    DEFER(close_file) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? ERR_OK : ERR_FILE_WRITE;
}

enum err
pack_folder_sums_text(const struct pack_sums *sums, struct buf *out)
{
    for (size_t i = 0; i < sums->count; i++) {
        TRY(buf_printf(out, "%.*s  %.*s\n", SPAN_ARG(sums->list[i].sha256),
                       SPAN_ARG(sums->list[i].name)));
    }
    return ERR_OK;
}

void
pack_folder_discard(const char *dir, const struct pack_sums *sums)
{
    char path[PACK_PATH_MAX];
    for (size_t i = 0; i < sums->count; i++) {
        if (path_of(dir, sums->list[i].name, path)) {
            (void)unlink(path);
        }
    }
    if (path_of(dir, SPAN_LIT(PACK_SUMS_FILE), path)) {
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

/* "<hash>  <name>" */
static enum err
take_sum(struct span line, struct pack_sums *out)
{
    struct span gap = span_sub(line, HEX_BYTES, 2);
    if (!span_eq_cstr(gap, "  ") || line.len == HEX_BYTES + 2) {
        return ERR_FIELD_VALUE;
    }
    if (out->count == PACK_FILES_MAX) {
        return ERR_FIELD_LENGTH;
    }
    out->list[out->count++] = (struct pack_sum){ .sha256 = span_sub(line, 0, HEX_BYTES),
                                                 .name = span_sub(line, HEX_BYTES + 2, line.len) };
    return ERR_OK;
}

enum err
pack_folder_sums(const char *dir, struct arena *arena, struct pack_sums *out,
                 struct pack_place *where)
{
    char path[PACK_PATH_MAX];
    struct span rest;
    struct span line;
    DEFER(buf_fini) struct buf text = BUF_MAX(PACK_SUMS_MAX_BYTES + 1);
    *where = (struct pack_place){ .file = PACK_SUMS_FILE, .column = "" };
    *out = (struct pack_sums){ .count = 0 };
    if (!path_of(dir, SPAN_LIT(PACK_SUMS_FILE), path)) {
        return ERR_FILE_OPEN;
    }
    TRY(file_read(path, PACK_SUMS_MAX_BYTES, &text));
    TRY(arena_copy(arena, buf_span(&text), &rest));
    while (rest.len > 0) {
        where->record++;
        if (!span_cut(&rest, '\n', &line)) {
            return ERR_TRUNCATED;
        }
        TRY(take_sum(line, out));
    }
    return ERR_OK;
}

static enum err
read_whole(const char *path, struct buf *out)
{
    struct stat facts;
    if (stat(path, &facts) != 0) {
        return ERR_FILE_OPEN;
    }
    if (facts.st_size < 0 || (size_t)facts.st_size > PACK_FILE_MAX_BYTES) {
        return ERR_FILE_READ;
    }
    return file_read(path, (size_t)facts.st_size, out);
}

static enum err
hash_of(struct span bytes, const char *name, const struct pack_sums *sums, struct arena *arena,
        struct span *sha256, bool *same)
{
    unsigned char digest[SHA256_BYTES];
    DEFER(buf_fini) struct buf hex = BUF_MAX(HEX_BYTES);
    TRY(crypto_sha256(bytes, digest));
    TRY(crypto_hex_encode(span_make(digest, sizeof(digest)), &hex));
    TRY(arena_copy(arena, buf_span(&hex), sha256));
    *same = false;
    for (size_t i = 0; i < sums->count; i++) {
        *same =
            *same
            || (span_eq_cstr(sums->list[i].name, name) && span_eq(sums->list[i].sha256, *sha256));
    }
    return ERR_OK;
}

enum err
pack_folder_load(const char *dir, const char *name, const struct pack_sums *sums,
                 struct arena *arena, struct buf *out, struct span *sha256, bool *same)
{
    char path[PACK_PATH_MAX];
    if (!path_of(dir, span_of(name), path)) {
        return ERR_FILE_OPEN;
    }
    TRY(read_whole(path, out));
    return hash_of(buf_span(out), name, sums, arena, sha256, same);
}

enum err
pack_folder_hash(const char *dir, const char *name, const struct pack_sums *sums,
                 struct arena *arena, struct span *sha256, bool *same)
{
    char path[PACK_PATH_MAX];
    DEFER(file_unmap) struct span bytes = SPAN("");
    if (!path_of(dir, span_of(name), path)) {
        return ERR_FILE_OPEN;
    }
    TRY(file_map(path, &bytes));
    return hash_of(bytes, name, sums, arena, sha256, same);
}
