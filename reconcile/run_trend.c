/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "run_parts.h"

static int64_t
part_of(const struct db_rows *rows, size_t row, const char *cell, const char *part)
{
    char name[TREND_NAME_BYTES];
    (void)snprintf(name, sizeof(name), "%s_%s", cell, part);
    return db_row_i64(rows, row, name);
}

static enum err
take_day(const struct db_rows *rows, size_t row, bool of_settlement, struct trend_day *out)
{
    size_t count = 0;
    const struct trend_cell *cells = trend_cells(of_settlement, &count);
    TRY(day_parse(db_row_text(rows, row, "day"), &out->day));
    out->version = db_row_i64(rows, row, "version");
    for (size_t i = 0; i < count; i++) {
        void *place = (unsigned char *)out + cells[i].at;
        *(struct recon_cell *)place = (struct recon_cell){
            .count = part_of(rows, row, cells[i].name, "count"),
            .fen = part_of(rows, row, cells[i].name, "fen"),
        };
    }
    return ERR_OK;
}

enum err
run_read_trend(struct run *run)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    void *room = NULL;
    bool of_settlement = run_is_settlement(run);
    run_day_params(run, run->request->day, &params);
    db_day(&params, day_add(run->request->day, -TREND_DAYS_MAX));
    TRY(db_session_run(run->session,
                       of_settlement ? STATEMENT_settlement_trend : STATEMENT_recon_trend, &params,
                       &rows));
    size_t count = db_rows_count(rows);
    TRY(run_room_for(run, count, sizeof(struct trend_day), &room));
    struct trend_day *days = room;
    for (size_t i = 0; i < count; i++) {
        TRY(take_day(rows, i, of_settlement, &days[i]));
    }
    run->trend = days;
    run->trend_count = count;
    return ERR_OK;
}
