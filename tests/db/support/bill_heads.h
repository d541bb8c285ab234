/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_DB_BILL_HEADS_H
#define TALLYGATE_DB_BILL_HEADS_H

/* The headers of WeChat Pay's bills, of trades and of the account, and one of trades with a column of another name. */

#define BOM "\xEF\xBB\xBF"
#define HEAD_BEFORE                                                                                                              \
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型," \
    "交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,"
#define HEAD_BEHIND                                                                                                                   \
    ",充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额," \
    "费率备注"
#define TRADE_KNOWN   HEAD_BEFORE "退款金额" HEAD_BEHIND
#define TRADE_DRIFTED HEAD_BEFORE "退款总额" HEAD_BEHIND
#define TRADE_HEAD    BOM TRADE_KNOWN "\r\n"
#define TRADE_SUMS \
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"
#define FLOW_HEAD                                                                                                            \
    BOM "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元)," \
        "账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n"
#define FLOW_SUMS "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n"

#endif
