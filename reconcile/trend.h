/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_TREND_H
#define TALLYGATE_RECONCILE_TREND_H

/* The days of an account before a run, each as the run had it that counted when this one was made. It is kept in day.json, so that a reprint shows
 * what the first print showed, whatever became of those days. No input of the run: nothing is judged by it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "clock.h"
#include "err.h"
#include "json.h"
#include "recon.h"
#include "settlement.h"

#define TREND_DAYS_MAX 30 /* before the day itself */

/* Of the sheet, by the kind of run, the cells of trend.def; the others are 0 in a day that was kept. */
struct trend_day {
    struct day day;
    int64_t version;
    struct recon_sheet sheet;
    struct settlement settlement;
};

/* A cell that is kept: in JSON and in SQL its parts are called name_count and name_fen. */
struct trend_cell {
    const char *name;
    size_t at; /* in struct trend_day */
};
#define TREND_NAME_BYTES 40
const struct trend_cell *trend_cells(bool of_settlement, size_t *count);

/* "trend": [...] into an object. Errors: NO_MEMORY. */
MUST_USE enum err trend_put(struct json_t *object, bool of_settlement, const struct trend_day *days,
                            size_t count);

/* The same back; days live in `arena`. An object without it is a file of before it was kept: no day. Errors: FIELD_TYPE, FIELD_LENGTH for more
 * days than there can be, those of the getters of json.h and day_parse. */
MUST_USE enum err trend_get(const struct json_t *object, bool of_settlement, struct arena *arena,
                            const struct trend_day **days, size_t *count);

#endif
