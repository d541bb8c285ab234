/* SPDX-License-Identifier: Apache-2.0 */
#include "report_rows.h"

#include "db.h"
#include "difference.h"
#include "report_parts.h"

static const struct {
    const char *code;
    const char *en;
    const char *zh;
} words[] = {
    { "entry", "entry", "分录" },
    { "sum", "sum of the ledger", "科目合计" },
    { "total", "total", "总计" },
    { "provider_receivable", "held by the provider", "应收渠道款" },
    { "suspense", "suspense", "挂账待查" },
    { "loss", "loss", "差错损失" },
    { "gain", "gain", "差错收益" },
    { "fee", "fees beside contract", "合同外手续费" },
    { "write_off", "written off", "核销" },
    { "adjust", "carried in suspense", "挂账" },
    { "accept_fee", "fee accepted", "认可手续费" },
    { "reverse", "reversed", "冲销" },
    { "difference", "difference", "差异" },
    { "payment", "payment", "支付" },
    { "refund", "refund", "退款" },
    { "movement", "movement of the account", "资金流水" },
    { "deposit", "settlement", "结算到账" },
    { "invoice", "invoice", "发票" },
    { "order", "order", "订单" },
    { "checking", "asking the provider", "渠道查询中" },
    { "open", "open", "待指派" },
    { "assigned", "assigned", "已指派" },
    { "proposed", "proposed", "待审批" },
    { "approved", "approved", "已批准" },
    { "executing", "executing", "执行中" },
    { "resolved", "resolved", "已处理" },
};

static enum err
put_titles(const struct report_rows_column *columns, size_t count, enum language language,
           struct buf *out)
{
    TRY(buf_text(out, REPORT_CSV_BOM));
    for (size_t i = 0; i < count; i++) {
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
    if (span_empty(number)) {
        return ERR_OK;
    }
    TRY(difference_id(number, &id));
    return report_csv_text(out, "", buf_span(&id));
}

static enum err
put_name(struct span code, enum language language, struct buf *out)
{
    enum finding finding;
    if (span_empty(code)) {
        return ERR_OK;
    }
    if (finding_decode(code, &finding) != ERR_OK) {
        return ERR_DB_ROWS; /* a newer program's */
    }
    return report_csv_text(out, "", span_of(finding_text(finding, language)));
}

static enum err
put_word(struct span code, enum language language, struct buf *out)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_eq_cstr(code, words[i].code)) {
            return report_csv_text(out, "",
                                   span_of(language == LANGUAGE_ZH ? words[i].zh : words[i].en));
        }
    }
    return span_empty(code) ? ERR_OK : ERR_DB_ROWS; /* a newer program's */
}

static enum err
put_time(struct wall_time at, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(64);
    TRY(wall_format_civil(at, ZONE_CHINA_MIN, &text));
    return report_csv_text(out, "", buf_span(&text));
}

static enum err
put_cell(const struct db_rows *rows, size_t at, const struct report_rows_column *cell,
         enum language language, struct buf *out)
{
    const char *column = cell->column;
    switch (cell->how) {
    case REPORT_AS_AGE:
        return report_csv_text(out, "", span_of(difference_age_code(db_row_i64(rows, at, column))));
    case REPORT_AS_ID:
        return put_id(db_row_text(rows, at, column), out);
    case REPORT_AS_NAME:
        return put_name(db_row_text(rows, at, column), language, out);
    case REPORT_AS_WORD:
        return put_word(db_row_text(rows, at, column), language, out);
    case REPORT_AS_SIDE:
        return report_csv_text(out, "",
                               span_of(report_text_side(db_row_i64(rows, at, column), language)));
    case REPORT_AS_NUMBER:
        return buf_i64(out, db_row_i64(rows, at, column));
    case REPORT_AS_YUAN:
        return db_row_null(rows, at, column) ? ERR_OK
                                             : report_text_fen(out, db_row_i64(rows, at, column));
    case REPORT_AS_TEXT:
        return report_csv_text(out, "", db_row_text(rows, at, column));
    case REPORT_AS_DIGITS:
        return span_empty(db_row_text(rows, at, column))
                   ? ERR_OK
                   : report_csv_text(out, "\t", db_row_text(rows, at, column));
    case REPORT_AS_TIME:
        return db_row_null(rows, at, column) ? ERR_OK
                                             : put_time(db_row_time(rows, at, column), out);
    }
    return ERR_INTERNAL;
}

enum err
report_rows_list(const struct report_rows_column *columns, size_t count, const struct db_rows *rows,
                 enum language language, struct buf *out)
{
    TRY(put_titles(columns, count, language, out));
    for (size_t at = 0; at < db_rows_count(rows); at++) {
        for (size_t i = 0; i < count; i++) {
            TRY(buf_text(out, i > 0 ? "," : ""));
            TRY(put_cell(rows, at, &columns[i], language, out));
        }
        TRY(buf_text(out, REPORT_CSV_END));
    }
    return ERR_OK;
}

enum err
report_rows_csv(const struct report_rows_column *columns, size_t count, const struct db_rows *rows,
                enum language language, struct buf *out)
{
    TRY(report_rows_list(columns, count, rows, language, out));
    return report_csv_definition(out, count, false, false, language);
}
