/* SPDX-License-Identifier: Apache-2.0 */
/* Nonces, statements about nobody's attempt, the budget of queries. */
#include "twin_internal.h"

/* Nobody signs requests to a twin. */
void
twin_run_nonce_purge(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    (void)twin;
    (void)twin_arg(args, TWIN_TIME);
    rows->affected = 0;
}

void
twin_run_orphan_insert(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    static const enum twin_column columns[] = {
        TWIN_COLUMN_orphan_statement_slot,
        TWIN_COLUMN_orphan_statement_provider,
        TWIN_COLUMN_orphan_statement_account,
        TWIN_COLUMN_orphan_statement_digest,
        TWIN_COLUMN_orphan_statement_merchant_order_no,
        TWIN_COLUMN_orphan_statement_provider_trade_no,
        TWIN_COLUMN_orphan_statement_amount_fen,
        TWIN_COLUMN_orphan_statement_raw,
        TWIN_COLUMN_orphan_statement_observed_at,
    };
    struct twin_key keys[9];
    for (size_t i = 0; i < 9; i++) {
        keys[i].column = columns[i];
        keys[i].value = twin_arg(args, twin_column_type(columns[i]));
    }
    if (args->err == ERR_OK && twin_find(twin, TWIN_orphan_statement, keys, 4) == NULL) {
        (void)twin_insert(twin, TWIN_orphan_statement, keys, 9);
        rows->affected = 1;
    }
}

/* What the bucket of $1 lacks to be full is a moment in the future; the same arithmetic as the statement's. */
void
twin_run_query_budget_take(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value account = twin_arg(args, TWIN_TEXT);
    int64_t each_us = twin_arg(args, TWIN_I64).number;
    int64_t room = twin_arg(args, TWIN_I64).number;
    int64_t wanted = twin_arg(args, TWIN_I64).number;
    int64_t now_us = clock_wall().us;
    struct twin_row *row = TWIN_FIND(twin, query_budget, IS(query_budget, account, account));
    if (row == NULL) {
        row = TWIN_INSERT(twin, query_budget, IS(query_budget, account, account));
    }
    int64_t full_us = OF(row, query_budget, full_at).number;
    int64_t out_us = full_us > now_us ? full_us - now_us : 0;
    int64_t free = (room * each_us - out_us) / each_us;
    int64_t granted = free < 0 ? 0 : free < wanted ? free : wanted;
    struct wall_time full = { .us = now_us + out_us + granted * each_us };
    twin_set(twin, row, TWIN_COLUMN_query_budget_full_at, twin_time(full));
    twin_set(twin, row, TWIN_COLUMN_query_budget_granted, twin_i64(granted));
    int64_t wait_us = full.us - now_us - (room - 1) * each_us;
    twin_rows_begin(rows);
    twin_rows_put(rows, "granted", twin_i64(granted));
    twin_rows_put(rows, "wait_us", twin_i64(wait_us < 0 ? 0 : wait_us));
}
