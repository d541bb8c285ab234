/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#define FDS_MAX 16

static int
drop_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path);
}

int
folder_drop(const char *path)
{
    return nftw(path, drop_one, FDS_MAX, FTW_DEPTH | FTW_PHYS);
}
