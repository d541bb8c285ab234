/* SPDX-License-Identifier: Apache-2.0 */
#include "run_parts.h"

static enum err
take_day(const struct db_rows *rows, size_t row, struct trend_day *out)
{
    TRY(day_parse(db_row_text(rows, row, "day"), &out->day));
    out->version = db_row_i64(rows, row, "version");
#define TREND_CELL(name)                                     \
    out->name.count = db_row_i64(rows, row, #name "_count"); \
    out->name.fen = db_row_i64(rows, row, #name "_fen");
#include "trend.def"
#undef TREND_CELL
    return ERR_OK;
}

enum err
run_read_trend(struct run *run)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    void *room = NULL;
    run_day_params(run, run->request->day, &params);
    db_day(&params, day_add(run->request->day, -TREND_DAYS_MAX));
    TRY(db_session_run(run->session, STATEMENT_recon_trend, &params, &rows));
    size_t count = db_rows_count(rows);
    TRY(run_room_for(run, count, sizeof(struct trend_day), &room));
    struct trend_day *days = room;
    for (size_t i = 0; i < count; i++) {
        TRY(take_day(rows, i, &days[i]));
    }
    run->trend = days;
    run->trend_count = count;
    return ERR_OK;
}
