/* SPDX-License-Identifier: Apache-2.0 */
#include "report_ageing.h"

#include "db.h"
#include "difference.h"
#include "report_parts.h"

#define ARENA_MAX ((size_t)64 * 1024)

/* How a column is read and written. */
enum how { AS_AGE, AS_ID, AS_NAME, AS_SIDE, AS_NUMBER, AS_YUAN, AS_TEXT, AS_DIGITS, AS_TIME };

static const struct {
    const char *name; /* the English heading */
    const char *words;
    const char *column;
    enum how how;
} columns[] = {
    { "age", "账龄（天）", "age_days", AS_AGE },
    { "days", "天数", "age_days", AS_NUMBER },
    { "id", "差异号", "difference_no", AS_ID },
    { "state", "状态", "state", AS_TEXT },
    { "severity", "级别", "severity", AS_NUMBER },
    { "code", "代码", "code", AS_TEXT },
    { "name", "名称", "code", AS_NAME },
    { "side", "长款短款", "delta_fen", AS_SIDE },
    { "delta_yuan", "差额", "delta_fen", AS_YUAN },
    { "assignee", "处理人", "assignee", AS_TEXT },
    { "original_day", "原账单日", "original_day", AS_TEXT },
    { "bill_day", "账单日", "bill_day", AS_TEXT },
    { "order_no", "订单号", "order_no", AS_DIGITS },
    { "attempt_no", "支付流水号", "attempt_no", AS_DIGITS },
    { "refund_no", "退款流水号", "refund_no", AS_DIGITS },
    { "provider_trade_no", "渠道流水号", "provider_trade_no", AS_DIGITS },
    { "merchant_order_no", "账单商户单号", "merchant_order_no", AS_DIGITS },
    { "invoice_id", "发票号", "invoice_id", AS_DIGITS },
    { "opened_at", "发现时间", "opened_at", AS_TIME },
};
#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static enum err
put_titles(enum language language, struct buf *out)
{
    TRY(buf_text(out, REPORT_CSV_BOM));
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        bool zh = language == LANGUAGE_ZH;
        TRY(buf_printf(out, "%s\"%s%s%s\"", i > 0 ? "," : "", zh ? columns[i].words : "",
                       zh ? " " : "", columns[i].name));
    }
    return buf_text(out, REPORT_CSV_END);
}

static enum err
put_id(struct span number, struct buf *out)
{
    DEFER(buf_fini) struct buf id = BUF_MAX(64);
    TRY(difference_id(number, &id));
    return report_csv_text(out, "", buf_span(&id));
}

static enum err
put_name(struct span code, enum language language, struct buf *out)
{
    enum finding finding;
    if (finding_decode(code, &finding) != ERR_OK) {
        return ERR_DB_ROWS; /* a newer program's */
    }
    return report_csv_text(out, "", span_of(finding_text(finding, language)));
}

static enum err
put_time(struct wall_time at, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(64);
    TRY(wall_format_civil(at, ZONE_CHINA_MIN, &text));
    return report_csv_text(out, "", buf_span(&text));
}

static enum err
put_cell(const struct db_rows *rows, size_t at, size_t i, enum language language, struct buf *out)
{
    const char *column = columns[i].column;
    switch (columns[i].how) {
    case AS_AGE:
        return report_csv_text(out, "", span_of(difference_age_code(db_row_i64(rows, at, column))));
    case AS_ID:
        return put_id(db_row_text(rows, at, column), out);
    case AS_NAME:
        return put_name(db_row_text(rows, at, column), language, out);
    case AS_SIDE:
        return report_csv_text(out, "",
                               span_of(report_text_side(db_row_i64(rows, at, column), language)));
    case AS_NUMBER:
        return buf_i64(out, db_row_i64(rows, at, column));
    case AS_YUAN:
        return report_text_fen(out, db_row_i64(rows, at, column));
    case AS_TEXT:
        return report_csv_text(out, "", db_row_text(rows, at, column));
    case AS_DIGITS:
        return span_empty(db_row_text(rows, at, column))
                   ? ERR_OK
                   : report_csv_text(out, "\t", db_row_text(rows, at, column));
    case AS_TIME:
        return put_time(db_row_time(rows, at, column), out);
    }
    return ERR_INTERNAL;
}

static enum err
put_rows(const struct db_rows *rows, enum language language, struct buf *out)
{
    TRY(put_titles(language, out));
    for (size_t at = 0; at < db_rows_count(rows); at++) {
        for (size_t i = 0; i < COLUMN_COUNT; i++) {
            TRY(buf_text(out, i > 0 ? "," : ""));
            TRY(put_cell(rows, at, i, language, out));
        }
        TRY(buf_text(out, REPORT_CSV_END));
    }
    return report_csv_definition(out, COLUMN_COUNT, language);
}

enum err
report_ageing(struct db_session *session, struct span account, struct day day,
              enum language language, struct buf *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    DEFER(arena_free) struct arena *arena = NULL;
    struct db_params params;
    if (day_cmp(day, day_of(clock_wall(), ZONE_CHINA_MIN)) >= 0) {
        return ERR_TIME;
    }
    TRY(arena_new(ARENA_MAX, &arena));
    db_params_init(&params, arena);
    db_text(&params, account);
    db_day(&params, day);
    db_time(&params, day_start(day_add(day, 1), ZONE_CHINA_MIN));
    TRY(db_session_run(session, STATEMENT_report_ageing, &params, &rows));
    return put_rows(rows, language, out);
}
