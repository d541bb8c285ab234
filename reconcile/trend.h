/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_TREND_H
#define TALLYGATE_RECONCILE_TREND_H

/* The days of an account before a run, each as the run had it that counted when this one was made. It is kept in day.json, so that a reprint shows
 * what the first print showed, whatever became of those days. No input of the run: nothing is judged by it. */

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "clock.h"
#include "err.h"
#include "json.h"
#include "recon.h"

#define TREND_DAYS_MAX 30 /* before the day itself */

struct trend_day {
    struct day day;
    int64_t version;
#define TREND_CELL(name) struct recon_cell name;
#include "trend.def"
#undef TREND_CELL
};

/* The day of a run itself. */
void trend_of_sheet(struct day day, int64_t version, const struct recon_sheet *sheet,
                    struct trend_day *out);

/* "trend": [...] into an object. Errors: NO_MEMORY. */
MUST_USE enum err trend_put(struct json_t *object, const struct trend_day *days, size_t count);

/* The same back; days live in `arena`. An object without it is a file of before it was kept: no day. Errors: FIELD_TYPE, FIELD_LENGTH for more
 * days than there can be, those of the getters of json.h and day_parse. */
MUST_USE enum err trend_get(const struct json_t *object, struct arena *arena,
                            const struct trend_day **days, size_t *count);

#endif
