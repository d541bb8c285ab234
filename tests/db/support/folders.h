/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_FOLDERS_H
#define TALLYGATE_TESTS_DB_SUPPORT_FOLDERS_H

/* Files of a folder, and whether two folders hold the same. */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "file.h"

static inline void
folders_load(const char *folder, const char *name, struct buf *out)
{
    char path[512];
    struct stat facts;
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    cr_assert_eq(stat(path, &facts), 0, "%s", path);
    CHECK_OK(file_read(path, (size_t)facts.st_size, out));
}

/* In place of what the file has; it may be one that is not to be written. */
static inline void
folders_put(const char *folder, const char *name, struct span bytes)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    cr_assert_eq(chmod(path, 0600), 0);
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
    cr_assert_eq(close(fd), 0);
}

/* The files of both folders are the same, name for name. */
static inline size_t
folders_compare(const char *a, const char *b)
{
    struct dirent *entry;
    size_t count = 0;
    DIR *folder = opendir(a);
    cr_assert_not_null(folder, "%s", a);
    while ((entry = readdir(folder)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
        if (entry->d_name[0] != '.') {
            DEFER(buf_fini) struct buf left = BUF_MAX(SIZE_MAX / 2);
            DEFER(buf_fini) struct buf right = BUF_MAX(SIZE_MAX / 2);
            folders_load(a, entry->d_name, &left);
            folders_load(b, entry->d_name, &right);
            cr_expect(span_eq(buf_span(&left), buf_span(&right)), "%s/%s", a, entry->d_name);
            count++;
        }
    }
    (void)closedir(folder);
    return count;
}

#endif
