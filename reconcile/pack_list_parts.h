/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_PACK_LIST_PARTS_H
#define TALLYGATE_RECONCILE_PACK_LIST_PARTS_H

/* The columns of a pack's lists, between those that write and those that read them: pack_list.c, pack_read.c
 * and pack_rows.c. */

#include "pack.h"
#include "pack_cell.h"

#define PACK_COLUMNS_MAX   24
#define PACK_ROW_MAX_BYTES 512

struct pack_column {
    enum pack_list list;
    const char *name;
    size_t offset; /* of the member, in the list's struct */
    enum pack_cell cell;
};

size_t pack_list_row_size(enum pack_list list);

/* The columns of a list stand together: *first and how many. */
size_t pack_list_columns(enum pack_list list, const struct pack_column **first);

#endif
