/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <stdio.h>

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
