/* SPDX-License-Identifier: Apache-2.0 */
#include "report_ageing.h"

#include <string.h>

#include "db.h"
#include "difference.h"
#include "report_parts.h"
#include "report_rows.h"

#define ARENA_MAX ((size_t)64 * 1024)

/* What is off of a fee stands in a column of its own: it is no part of what is long or short. */
static const struct report_rows_column columns[] = {
    { "line", "行", "line", REPORT_AS_WORD },
    { "age", "账龄（天）", "age_days", REPORT_AS_AGE },
    { "count", "笔数", "count", REPORT_AS_NUMBER },
    { "days", "天数", "age_days", REPORT_AS_NUMBER },
    { "id", "差异号", "difference_no", REPORT_AS_ID },
    { "state", "状态", "state", REPORT_AS_WORD },
    { "severity", "级别", "severity", REPORT_AS_NUMBER },
    { "code", "代码", "code", REPORT_AS_TEXT },
    { "name", "名称", "code", REPORT_AS_NAME },
    { "about", "事项", "about", REPORT_AS_WORD },
    { "side", "长款短款", "delta_fen", REPORT_AS_SIDE },
    { "delta_yuan", "差额", "delta_fen", REPORT_AS_YUAN },
    { "fee_off_yuan", "手续费差额", "fee_fen", REPORT_AS_YUAN },
    { "assignee", "处理人", "assignee", REPORT_AS_TEXT },
    { "original_day", "原账单日", "original_day", REPORT_AS_TEXT },
    { "bill_day", "账单日", "bill_day", REPORT_AS_TEXT },
    { "order_no", "订单号", "order_no", REPORT_AS_DIGITS },
    { "attempt_no", "支付流水号", "attempt_no", REPORT_AS_DIGITS },
    { "refund_no", "退款流水号", "refund_no", REPORT_AS_DIGITS },
    { "provider_trade_no", "渠道流水号", "provider_trade_no", REPORT_AS_DIGITS },
    { "merchant_order_no", "账单商户单号", "merchant_order_no", REPORT_AS_DIGITS },
    { "invoice_id", "发票号", "invoice_id", REPORT_AS_DIGITS },
    { "opened_at", "发现时间", "opened_at", REPORT_AS_TIME },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* Each difference is in one of these, and none is set off against another. */
enum group {
    GROUP_LONG,
    GROUP_SHORT,
    GROUP_FEE_MORE, /* taken than the contract has, */
    GROUP_FEE_LESS,
    GROUP_NO_AMOUNT,
    GROUP_COUNT
};

struct sum {
    int64_t count;
    int64_t fen;
};

static enum group
group_of(int64_t delta_fen, int64_t fee_fen)
{
    if (delta_fen != 0) {
        return delta_fen > 0 ? GROUP_LONG : GROUP_SHORT;
    }
    return fee_fen == 0 ? GROUP_NO_AMOUNT : fee_fen < 0 ? GROUP_FEE_MORE : GROUP_FEE_LESS;
}

/* Of the differences of an age. */
static enum err
sum_up(const struct db_rows *rows, int64_t from, int64_t to, struct sum out[GROUP_COUNT])
{
    for (size_t at = 0; at < db_rows_count(rows); at++) {
        int64_t days = db_row_i64(rows, at, "age_days");
        int64_t delta_fen = db_row_i64(rows, at, "delta_fen");
        int64_t fee_fen = db_row_i64(rows, at, "fee_fen");
        struct sum *sum = &out[group_of(delta_fen, fee_fen)];
        days = days < 0 ? 0 : days;
        if (days < from || days > to) {
            continue;
        }
        sum->count++;
        if (__builtin_add_overflow(sum->fen, delta_fen != 0 ? delta_fen : fee_fen, &sum->fen)) {
            return ERR_AMOUNT_OVERFLOW;
        }
    }
    return ERR_OK;
}

static bool
is_fee(enum group group)
{
    return group == GROUP_FEE_MORE || group == GROUP_FEE_LESS;
}

/* The cell of a row of sums below that column. */
static enum err
put_cell(const char *column, const char *age, enum group group, const struct sum *sum,
         enum language language, struct buf *out)
{
    static const char *const words[GROUP_COUNT][LANGUAGE_COUNT] = {
        [GROUP_LONG] = { "长款合计", "long in all" },
        [GROUP_SHORT] = { "短款合计", "short in all" },
        [GROUP_FEE_MORE] = { "手续费多收合计", "fees above contract in all" },
        [GROUP_FEE_LESS] = { "手续费少收合计", "fees below contract in all" },
        [GROUP_NO_AMOUNT] = { "无金额合计", "without an amount in all" },
    };
    bool amount = group != GROUP_NO_AMOUNT
                  && strcmp(column, is_fee(group) ? "fee_off_yuan" : "delta_yuan") == 0;
    if (strcmp(column, "line") == 0) {
        return report_csv_text(out, "", span_of(words[group][language]));
    }
    if (strcmp(column, "age") == 0) {
        return report_csv_text(out, "", span_of(age));
    }
    if (strcmp(column, "count") == 0) {
        return buf_i64(out, sum->count);
    }
    return amount ? report_text_fen(out, sum->fen) : ERR_OK;
}

static enum err
put_sums(const char *age, const struct sum sums[GROUP_COUNT], enum language language,
         struct buf *out)
{
    for (int group = 0; group < GROUP_COUNT; group++) {
        for (size_t i = 0; sums[group].count > 0 && i < COLUMNS; i++) {
            TRY(buf_text(out, i > 0 ? "," : ""));
            TRY(put_cell(columns[i].name, age, (enum group)group, &sums[group], language, out));
        }
        TRY(sums[group].count > 0 ? buf_text(out, REPORT_CSV_END) : ERR_OK);
    }
    return ERR_OK;
}

/* By class of age, and of all. */
static enum err
put_totals(const struct db_rows *rows, enum language language, struct buf *out)
{
    int64_t from = 0;
    int64_t to = 0;
    for (int64_t day = 0; day < INT32_MAX; day = to + 1) {
        struct sum sums[GROUP_COUNT] = { { 0, 0 } };
        const char *age = difference_age_code(day);
        TRY(difference_age_decode(span_of(age), &from, &to));
        TRY(sum_up(rows, from, to, sums));
        TRY(put_sums(age, sums, language, out));
    }
    struct sum all[GROUP_COUNT] = { { 0, 0 } };
    TRY(sum_up(rows, 0, INT32_MAX, all));
    return put_sums(language == LANGUAGE_ZH ? "总计" : "total", all, language, out);
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
    TRY(report_rows_list(columns, COLUMNS, rows, language, out));
    TRY(put_totals(rows, language, out));
    return report_csv_definition(out, COLUMNS, false, true, language);
}
