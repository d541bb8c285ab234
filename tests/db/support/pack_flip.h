/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_PACK_FLIP_H
#define TALLYGATE_TESTS_DB_SUPPORT_PACK_FLIP_H

/* Whatever byte of an exported folder is another, it is noticed. */

#include <string.h>

#include "folders.h"
#include "pack_repeat.h"

/* Bytes all over the file, one at a time. */
static inline void
pack_flip_file(const char *folder, const char *name)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(SIZE_MAX / 2);
    bool list = strstr(name, ".csv") != NULL && strstr(name, "bank-") == NULL;
    folders_load(folder, name, &bytes);
    for (size_t at = 0; at < bytes.len; at += 1 + bytes.len / 40) {
        struct pack_repeat again;
        DEFER(arena_free) struct arena *arena = NULL;
        CHECK_OK(arena_new((size_t)256 * 1024 * 1024, &arena));
        bytes.at[at] ^= 1;
        folders_put(folder, name, buf_span(&bytes));
        enum err err = pack_repeat(folder, arena, NULL, &again);
        cr_expect(err != ERR_OK || again.changed_count > 0, "%s, byte %zu", name, at);
        cr_expect(!list || err != ERR_OK || !again.same_input, "%s, byte %zu", name, at);
        cr_expect(err == ERR_OK || again.where.file != NULL, "%s, byte %zu", name, at);
        bytes.at[at] ^= 1;
    }
    folders_put(folder, name, buf_span(&bytes));
}

/* Every file of the folder, which is whole again then; how many there are. */
static inline size_t
pack_flip(const char *path)
{
    struct dirent *entry;
    size_t files = 0;
    DIR *folder = opendir(path);
    cr_assert_not_null(folder, "%s", path);
    while ((entry = readdir(folder)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
        if (entry->d_name[0] != '.') {
            pack_flip_file(path, entry->d_name);
            files++;
        }
    }
    (void)closedir(folder);
    return files;
}

#endif
