/* SPDX-License-Identifier: Apache-2.0 */
#include "report_kept.h"

#include "bill_store.h"
#include "db.h"
#include "pack_day.h"

static enum err
take_day(const char *archive_dir, struct span sha256, struct arena *arena, struct report *report)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(PACK_DAY_MAX_BYTES);
    DEFER(json_free) struct json_t *day = NULL;
    TRY(bill_store_load(archive_dir, sha256, &bytes));
    TRY(json_parse(buf_span(&bytes), &day));
    TRY(pack_day_form(day, &report->form));
    if (report->form > REPORT_FORM) {
        return ERR_PACK_RULES;
    }
    return trend_get(day, report->of_settlement, arena, &report->trend, &report->trend_count);
}

enum err
report_kept_load(struct db_session *session, const char *archive_dir, struct arena *arena,
                 struct report *report)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, arena);
    db_text(&params, report->account);
    db_day(&params, report->day);
    db_i64(&params, report->version);
    db_bool(&params, report->of_settlement);
    TRY(db_session_run(session, STATEMENT_recon_files, &params, &rows));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        if (span_eq_cstr(db_row_text(rows, i, "name"), PACK_DAY_FILE)) {
            return take_day(archive_dir, db_row_text(rows, i, "sha256"), arena, report);
        }
    }
    return ERR_OK;
}
