/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_PACK_CELL_H
#define TALLYGATE_RECONCILE_PACK_CELL_H

/* One cell of a pack's lists and the member of a struct that it holds. Nothing said is zero, and the empty cell; a
 * number, a flag, a state and a stage are always said. For the files pack_*.c alone. */

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"

enum pack_cell {
    PACK_TEXT,          /* struct span */
    PACK_NUMBER,        /* int64_t */
    PACK_BOOL,          /* true, false */
    PACK_TIME,          /* struct wall_time, RFC 3339 in UTC with six decimals */
    PACK_DAY,           /* struct day */
    PACK_METHOD,        /* enum adapter_method */
    PACK_ATTEMPT_STATE, /* enum attempt_state */
    PACK_REFUND_STATE,
    PACK_ORDER_STAGE,
    PACK_INVOICE_KIND,
    PACK_RED_REASON,
    PACK_CONFIRMATION,
    PACK_CELL_COUNT
};

/* The text itself, without quotes; back into the member, whatever that held. Only a text needs an arena. Errors of writing: BUF_FULL,
 * NO_MEMORY. */
MUST_USE enum err pack_cell_write(enum pack_cell cell, const void *member, struct buf *out);
MUST_USE enum err pack_cell_read(enum pack_cell cell, struct span text, struct arena *arena,
                                 void *member);

#endif
