/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum err
file_read(const char *path, size_t max_bytes, struct buf *out)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return ERR_FILE_OPEN;
    }
    unsigned char *at = NULL;
    enum err err = buf_reserve(out, max_bytes + 1, &at);
    if (err == ERR_OK) {
        size_t got = fread(at, 1, max_bytes + 1, file);
        err = ferror(file) != 0 || got > max_bytes ? ERR_FILE_READ : ERR_OK;
        buf_grew(out, err == ERR_OK ? got : 0);
    }
    (void)fclose(file);
    return err;
}

static enum err
map(int file, struct span *out)
{
    struct stat facts;
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return ERR_FILE_READ;
    }
    *out = span_of("");
    if (facts.st_size == 0) {
        return ERR_OK;
    }
    size_t len = (size_t)facts.st_size;
    void *at = mmap(NULL, len, PROT_READ, MAP_PRIVATE, file, 0);
    if (at == MAP_FAILED) {
        return ERR_FILE_READ;
    }
    (void)madvise(at, len, MADV_SEQUENTIAL);
    *out = span_make(at, len);
    return ERR_OK;
}

enum err
file_map(const char *path, struct span *out)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return ERR_FILE_OPEN;
    }
    enum err err = map(file, out);
    (void)close(file);
    return err;
}

void
file_unmap(struct span *bytes)
{
    if (bytes->len > 0) {
        union {
            const unsigned char *read;
            void *mapped;
        } at = { .read = bytes->at };
        (void)munmap(at.mapped, bytes->len);
    }
    *bytes = span_of("");
}

/* A kernel before 5.14 does not know the wish, and memory that is no file has nothing to be brought. */
void
file_soon(struct span part)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t before = (uintptr_t)part.at % page;
    union {
        const unsigned char *read;
        void *asked;
    } from = { .read = part.at - before };
    if (part.len > 0) {
        (void)madvise(from.asked, part.len + before, MADV_POPULATE_READ);
    }
}
