/* SPDX-License-Identifier: Apache-2.0 */
#include "report_postings.h"

#include "db.h"
#include "report_pack.h"
#include "report_rows.h"

#define ARENA_MAX ((size_t)64 * 1024)

static const struct report_rows_column columns[] = {
    { "line", "行", "line", REPORT_AS_WORD },
    { "posted_at", "过账时间", "posted_at", REPORT_AS_TIME },
    { "posted_on", "记账日", "posted_on", REPORT_AS_TEXT },
    { "ledger", "科目代码", "ledger", REPORT_AS_TEXT },
    { "ledger_name", "科目", "ledger", REPORT_AS_WORD },
    { "debit_yuan", "借方", "debit_fen", REPORT_AS_YUAN },
    { "credit_yuan", "贷方", "credit_fen", REPORT_AS_YUAN },
    { "kind", "处置", "kind", REPORT_AS_WORD },
    { "id", "差异号", "difference_no", REPORT_AS_ID },
    { "code", "代码", "code", REPORT_AS_TEXT },
    { "name", "名称", "code", REPORT_AS_NAME },
    { "original_day", "原账单日", "original_day", REPORT_AS_TEXT },
    { "reason", "理由", "reason", REPORT_AS_TEXT },
    { "contract", "合同", "contract", REPORT_AS_TEXT },
    { "maker", "提议人", "maker", REPORT_AS_TEXT },
    { "checker", "审批人", "checker", REPORT_AS_TEXT },
    { "order_no", "订单号", "order_no", REPORT_AS_DIGITS },
    { "attempt_no", "支付流水号", "attempt_no", REPORT_AS_DIGITS },
    { "refund_no", "退款流水号", "refund_no", REPORT_AS_DIGITS },
    { "provider_trade_no", "渠道流水号", "provider_trade_no", REPORT_AS_DIGITS },
};

/* The last row is the total; the database refuses what does not balance. */
static enum err
ties(const struct db_rows *rows)
{
    size_t count = db_rows_count(rows);
    return count > 0
                   && db_row_i64(rows, count - 1, "debit_fen")
                          == db_row_i64(rows, count - 1, "credit_fen")
               ? ERR_OK
               : ERR_DB_ROWS;
}

enum err
report_postings(struct db_session *session, struct span account, struct day month,
                enum language language, struct buf *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    DEFER(arena_free) struct arena *arena = NULL;
    struct db_params params;
    struct day next = report_pack_next_month(month);
    if (day_cmp(next, day_of(clock_wall(), ZONE_CHINA_MIN)) > 0) {
        return ERR_TIME;
    }
    TRY(arena_new(ARENA_MAX, &arena));
    db_params_init(&params, arena);
    db_text(&params, account);
    db_time(&params, day_start(month, ZONE_CHINA_MIN));
    db_time(&params, day_start(next, ZONE_CHINA_MIN));
    TRY(db_session_run(session, STATEMENT_report_postings, &params, &rows));
    TRY(ties(rows));
    return report_rows_csv(columns, sizeof(columns) / sizeof(columns[0]), rows, language, out);
}
