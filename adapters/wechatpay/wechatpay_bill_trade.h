/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_WECHATPAY_WECHATPAY_BILL_TRADE_H
#define TALLYGATE_ADAPTERS_WECHATPAY_WECHATPAY_BILL_TRADE_H

/* The trade bill (6.2): its columns and sums, between its layouts (wechatpay_bill_trade.c) and the reader of its rows
 * (wechatpay_bill_trade_row.c). */

#include "wechatpay_bill.h"

/* Each layout has the columns of the one before and some more. */
enum wechatpay_trade_column {
    COLUMN_AT,
    COLUMN_APPLICATION,
    COLUMN_MERCHANT,
    COLUMN_TRADE_NO,
    COLUMN_ORDER_NO,
    COLUMN_STATE,
    COLUMN_CURRENCY,
    COLUMN_SETTLED,
    COLUMN_SUBJECT,
    COLUMN_FEE,
    COLUMN_ORDER_AMOUNT,
    COLUMN_METHOD,
    COLUMN_BANK,
    COLUMN_RATE,
    COLUMN_RATE_REMARK,
    COLUMN_OF_SUCCESS,
    COLUMN_REFUND_ID = COLUMN_OF_SUCCESS,
    COLUMN_REFUND_NO,
    COLUMN_REFUNDED,
    COLUMN_COUPON_REFUNDED,
    COLUMN_REFUND_STATE,
    COLUMN_ASKED,
    COLUMN_ROUTE,
    COLUMN_OF_ALL,
    COLUMN_REFUND_AT = COLUMN_OF_ALL,
    COLUMN_OF_REFUND
};

enum wechatpay_trade_sum {
    SUM_ROWS,
    SUM_SETTLED,
    SUM_FEE,
    SUM_ORDERS,
    SUM_OF_SUCCESS, /* documents give a SUCCESS bill four sums; a real one had all seven */
    SUM_REFUNDED = SUM_OF_SUCCESS,
    SUM_COUPON_REFUNDED,
    SUM_ASKED,
    SUM_COUNT
};

/* A row of any layout, whose sums and totals the reader then has. */
enum bill_step wechatpay_trade_row(struct bill_reader *reader, const struct span *fields,
                                   size_t number, struct bill_line *out, struct bill_fault *fault);

#endif
