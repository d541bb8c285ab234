/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_FLOW_BILLS_H
#define TALLYGATE_TESTS_DB_SUPPORT_FLOW_BILLS_H

/* WeChat Pay's bill of trades of a day of November 2026 and the account's own bill of that day, written by hand: 128.00 paid for a fee of
 * 0.77, and perhaps some money to the bank. */

#include <stdio.h>

#include "bill_heads.h"
#include "check.h"

#define FLOW_BILLS_BYTES 2048

static inline void
flow_bills_trade(int mday, char *text)
{
    int len = snprintf(
        text, FLOW_BILLS_BYTES,
        TRADE_HEAD
        "`2026-11-%d 12:00:00,`wx1,`19000001,`0,`,`T%d,`N%d,`o,`NATIVE,`SUCCESS,`OTHERS,`CNY,"
        "`128.00,`0.00,`0,`0,`0.00,`0.00,`,`,`x,`,`0.77000,`0.60%%,`128.00,`0.00,`\r\n" TRADE_SUMS
        "`1,`128.00,`0.00,`0.00,`0.77000,`128.00,`0.00\r\n",
        mday, mday, mday);
    cr_assert(len > 0 && len < FLOW_BILLS_BYTES);
}

#define YUAN(fen) (fen) / 100, (fen) % 100

/* `out`: the money that goes to the bank in whole yuan, or 0. */
static inline void
flow_bills_flow(int mday, int opening_fen, int out, char *text)
{
    char bank[256] = "";
    int paid = opening_fen + 12800;
    if (out > 0) {
        (void)snprintf(
            bank, sizeof(bank),
            "`2026-11-%d 13:00:00,`W%d,`W%d,`提现,`提现,`支出,`%d.00,`%d.%02d,`system,`,`\r\n",
            mday, mday, mday, out, YUAN(paid - 77 - out * 100));
    }
    int len = snprintf(
        text, FLOW_BILLS_BYTES,
        FLOW_HEAD
        "`2026-11-%d 12:00:00,`T%d,`T%d,`交易,`交易,`收入,`128.00,`%d.%02d,`system,`,`N%d\r\n"
        "`2026-11-%d 12:00:00,`T%d,`T%d,`扣除交易手续费,`扣除交易手续费,`支出,`0.77,"
        "`%d.%02d,`system,`,`N%d\r\n%s" FLOW_SUMS "`%d,`1,`128.00,`%d,`%d.77\r\n",
        mday, mday, mday, YUAN(paid), mday, mday, mday, mday, YUAN(paid - 77), mday, bank,
        out > 0 ? 3 : 2, out > 0 ? 2 : 1, out);
    cr_assert(len > 0 && len < FLOW_BILLS_BYTES);
}

#endif
