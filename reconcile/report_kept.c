/* SPDX-License-Identifier: Apache-2.0 */
#include "report_kept.h"

#include "bill_store.h"
#include "db.h"
#include "pack.h"
#include "pack_day.h"
#include "report_keep.h"
#include "report_papers.h"

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

/* Empty when there is no such file. */
static struct span
hash_of(const struct db_rows *rows, const char *name)
{
    struct span hash = SPAN("");
    for (size_t i = 0; i < db_rows_count(rows) && span_empty(hash); i++) {
        hash = span_eq_cstr(db_row_text(rows, i, "name"), name) ? db_row_text(rows, i, "sha256")
                                                                : hash;
    }
    return hash;
}

enum err
report_kept_load(struct db_session *session, const char *archive_dir, struct arena *arena,
                 struct report *report)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    TRY(report_keep_find(session, archive_dir, arena, report));
    db_params_init(&params, arena);
    db_text(&params, report->account);
    db_day(&params, report->day);
    db_i64(&params, report->version);
    db_bool(&params, report->of_settlement);
    TRY(db_session_run(session, STATEMENT_recon_files, &params, &rows));
    struct span day = hash_of(rows, PACK_DAY_FILE);
    struct span invoices = hash_of(rows, pack_list_file(PACK_INVOICES));
    TRY(span_empty(day) ? ERR_OK : take_day(archive_dir, day, arena, report));
    return span_empty(invoices) ? ERR_OK : report_papers_load(archive_dir, invoices, arena, report);
}

static enum err
load(struct db_session *session, const char *archive_dir, const struct report_run *run,
     struct arena *arena, struct report *out)
{
    TRY(run->of_settlement
            ? report_load_settlement(session, run->account, run->day, run->version, arena, out)
            : report_load(session, run->account, run->day, run->version, arena, out));
    return report_kept_load(session, archive_dir, arena, out);
}

enum err
report_kept_run(struct db_session *session, const char *archive_dir, const struct report_run *run,
                struct arena *arena, struct report *out)
{
    struct report report;
    enum err err = load(session, archive_dir, run, arena, &report);
    if (err == ERR_OK) {
        *out = report;
    }
    return err == ERR_ARENA_FULL ? ERR_DAY_TOO_LARGE : err;
}
