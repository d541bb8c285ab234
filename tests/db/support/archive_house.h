/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_ARCHIVE_HOUSE_H
#define TALLYGATE_TESTS_DB_SUPPORT_ARCHIVE_HOUSE_H

/* A folder of a test's own, removed whole. */

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include <criterion/criterion.h>

static inline int
archive_house_remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path);
}

static inline void
archive_house_remove(const char *folder)
{
    cr_expect_eq(nftw(folder, archive_house_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
