/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_FLOW_BILLS_H
#define TALLYGATE_TESTS_DB_SUPPORT_FLOW_BILLS_H

/* WeChat Pay's bill of trades of a day of November 2026 and the account's own bill of that day, written by hand: 128.00 paid for a fee of
 * 0.77, and perhaps some money to the bank. */

#include <stdio.h>

#include "check.h"

#define BOM "\xEF\xBB\xBF"
#define TRADE_HEAD                                                                                                                       \
    BOM "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,"     \
        "交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,"  \
        "充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额," \
        "费率备注\r\n"
#define TRADE_SUMS \
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"
#define FLOW_HEAD                                                                                                            \
    BOM "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元)," \
        "账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n"
#define FLOW_SUMS "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n"

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
