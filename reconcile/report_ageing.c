/* SPDX-License-Identifier: Apache-2.0 */
#include "report_ageing.h"

#include "db.h"
#include "report_rows.h"

#define ARENA_MAX ((size_t)64 * 1024)

static const struct report_rows_column columns[] = {
    { "age", "账龄（天）", "age_days", REPORT_AS_AGE },
    { "days", "天数", "age_days", REPORT_AS_NUMBER },
    { "id", "差异号", "difference_no", REPORT_AS_ID },
    { "state", "状态", "state", REPORT_AS_TEXT },
    { "severity", "级别", "severity", REPORT_AS_NUMBER },
    { "code", "代码", "code", REPORT_AS_TEXT },
    { "name", "名称", "code", REPORT_AS_NAME },
    { "side", "长款短款", "delta_fen", REPORT_AS_SIDE },
    { "delta_yuan", "差额", "delta_fen", REPORT_AS_YUAN },
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
    return report_rows_csv(columns, sizeof(columns) / sizeof(columns[0]), rows, language, out);
}
