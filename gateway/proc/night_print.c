/* SPDX-License-Identifier: Apache-2.0 */
#include "day_request.h"
#include "log.h"
#include "metrics.h"
#include "night.h"
#include "report.h"
#include "report_keep.h"
#include "report_kept.h"

#define DAY_BYTES 16
#define LIST_MAX  ((size_t)64 * 1024)
#define BACK_MS   INT64_C(604800000) /* a week */

/* What the night has made, where finance looks and in the archive. */

static enum err
load(const struct night *night, const struct night_printed *run, struct arena *arena,
     struct report *out)
{
    const struct report_run wanted = { .account = span_of(run->account->name),
                                       .day = run->day,
                                       .version = run->version,
                                       .of_settlement = run->of_settlement };
    return report_kept_run(night->session, config_text(night->config, CONFIG_archive_dir, 0),
                           &wanted, arena, out);
}

static void
tell_left_out(const struct night_printed *run, size_t count)
{
    DEFER(buf_fini) struct buf day = BUF_MAX(DAY_BYTES);
    enum err err = day_format(run->day, &day);
    metrics_add(METRIC_ALARMS_TOTAL, 1);
    log_event(LOG_REPORT_LEFT_OUT, LOG_TEXT("account", run->account->name),
              LOG_SPAN("day", buf_span(&day)), LOG_I64("version", run->version),
              LOG_I64("files", (int64_t)count), LOG_ERR(err == ERR_OK ? ERR_REPORT_SIZE : err));
}

/* A run that is too large even to be loaded has no files, for good. */
static enum err
give_up(const struct night *night, const struct night_printed *run)
{
    const struct report report = { .account = span_of(run->account->name),
                                   .day = run->day,
                                   .version = run->version,
                                   .of_settlement = run->of_settlement };
    size_t count = 0;
    TRY(report_keep_none(night->session, &report, &count));
    tell_left_out(run, count);
    return ERR_OK;
}

static enum err
print(const struct night *night, const struct night_printed *run)
{
    struct report report;
    struct report_left_out left_out = { .count = 0 };
    size_t max = night->limits.arena_bytes;
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    TRY(arena_new(max == 0 ? day_request_memory(night->config) : max, &arena));
    progress_begin(run->progress, PROGRESS_LOAD_RUN, 0);
    enum err err = load(night, run, arena, &report);
    if (err_class(err) == ERR_CLASS_LIMIT) {
        return give_up(night, run);
    }
    TRY(err);
    report.progress = run->progress;
    report.limits = night->limits;
    report.left_out = &left_out;
    TRY(report_write(&report, config_text(night->config, CONFIG_archive_reports_dir, 0), &where));
    TRY(report_keep(night->session, config_text(night->config, CONFIG_archive_dir, 0), &report,
                    buf_span(&where)));
    if (left_out.count > 0) {
        tell_left_out(run, left_out.count);
    }
    return ERR_OK;
}

static void
tell_failure(const struct night_printed *run, enum err failure)
{
    DEFER(buf_fini) struct buf day = BUF_MAX(DAY_BYTES);
    enum err err = day_format(run->day, &day);
    log_event(LOG_REPORT_FAILED, LOG_TEXT("account", run->account->name),
              LOG_SPAN("day", buf_span(&day)), LOG_I64("version", run->version),
              LOG_ERR(err == ERR_OK ? failure : err));
}

void
night_print(const struct night *night, const struct night_printed *run)
{
    enum err err = print(night, run);
    if (err != ERR_OK) {
        tell_failure(run, err);
    }
}

static enum err
print_row(const struct night *night, const struct adapter_account *account,
          const struct db_rows *rows, size_t i)
{
    struct night_printed run = { .account = account,
                                 .version = db_row_i64(rows, i, "version"),
                                 .of_settlement = db_row_bool(rows, i, "of_settlement") };
    TRY(day_parse(db_row_text(rows, i, "day"), &run.day));
    night_print(night, &run);
    return ERR_OK;
}

enum err
night_print_missing(struct night *night, const struct adapter_account *account)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    TRY(arena_new(LIST_MAX, &arena));
    db_params_init(&params, arena);
    db_cstr(&params, account->name);
    db_time(&params, wall_add_ms(clock_wall(), -BACK_MS));
    TRY(db_session_run(night->session, STATEMENT_recon_unprinted, &params, &rows));
    for (size_t i = 0; i < db_rows_count(rows) && !night_stopping(night); i++) {
        TRY(print_row(night, account, rows, i));
    }
    return ERR_OK;
}
