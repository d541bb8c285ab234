/* SPDX-License-Identifier: Apache-2.0 */
#include "whole.h"

#include <stdio.h>
#include <sys/stat.h>

#include "file.h"

#define PATH_BYTES 4096

enum err
whole_read(const char *dir, const char *name, struct buf *out)
{
    char path[PATH_BYTES];
    struct stat facts;
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (stat(path, &facts) != 0) {
        return ERR_FILE_OPEN;
    }
    *out = (struct buf)BUF_MAX((size_t)facts.st_size + 1);
    return file_read(path, (size_t)facts.st_size, out);
}
