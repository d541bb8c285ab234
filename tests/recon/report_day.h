/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_RECON_REPORT_DAY_H
#define TALLYGATE_TESTS_RECON_REPORT_DAY_H

/* A report made by hand, whose sums were made by hand. */

#include "report.h"

/* 2026-11-24T02:30:00Z, 10:30 in China; from `date -d ... +%s`. */
#define AS_OF_US   INT64_C(1795487400000000)
#define SHA256_HEX "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define TRADE_NO   "2026112322001401234500000001"

/* A day by hand. The bill: 280.00, 0.01, 10.00 of nobody, 79.99 for 80.00, a refund of 80.00 and 5.00 of
 * another business: 295.00 on six lines. Our books: 280.00, 0.01, 80.00, -80.00, 200.00 that is not
 * there and 40.00 in transit: 520.01 on six. 290.00 - 520.01 = -230.01 = 10.00 - 240.01. */
static const struct report_row report_day_rows[] = {
    { .seq = 1,
      .line_no = 6,
      .provider_trade_no = SPAN(TRADE_NO),
      .merchant_order_no = SPAN("20261123000000000000000001"),
      .attempt_no = SPAN("20261123000000000000000001"),
      .owner = SPAN("portal"),
      .order_no = SPAN("202611230001"),
      .order_kind = SPAN("new"),
      .order_status = SPAN("issued"),
      .title = SPAN("北京某某科技有限公司"),
      .primary = FINDING_PAY_OK,
      .findings = { FINDING_INV_OK },
      .finding_count = 1,
      .face_fen = 28000,
      .b_fen = 28000,
      .p_fen = 28000,
      .fee_fen = -168,
      .fee_judged = true,
      .fee_due_fen = -168,
      .order_fen = 28000,
      .invoiced_fen = 28000,
      .billed_at = { 1795402800000000 },
      .paid_at = { 1795402799000000 } },
    { .seq = 2,
      .line_no = 7,
      .order_no = SPAN("202611230002"),
      .order_status = SPAN("draft"),
      .primary = FINDING_PAY_OK,
      .findings = { FINDING_ORD_NOT_ADVANCED, FINDING_INV_NONE },
      .finding_count = 2,
      .face_fen = 1,
      .b_fen = 1,
      .p_fen = 1,
      .order_fen = 1 },
    { .seq = 3,
      .line_no = 8,
      .merchant_order_no = SPAN("=1+1"),
      .title = SPAN("=HYPERLINK(\"http://x\",\"y\")"),
      .owner = SPAN("+86"),
      .primary = FINDING_LONG_UNKNOWN,
      .face_fen = 1000,
      .b_fen = 1000,
      .delta_fen = 1000,
      .fee_fen = -6 },
    { .seq = 4,
      .line_no = 9,
      .order_no = SPAN("202611230003"),
      .title = SPAN("a\r\nb\x1b[31m\xE2\x80\xAE,c"),
      .primary = FINDING_AMT_BILL_LESS,
      .findings = { FINDING_AMT_ONE_FEN, FINDING_FEE_AMOUNT },
      .finding_count = 2,
      .face_fen = 7999,
      .b_fen = 7999,
      .p_fen = 8000,
      .delta_fen = -1,
      .fee_fen = -48,
      .fee_judged = true,
      .fee_due_fen = -45 },
    { .seq = 5,
      .attempt_no = SPAN("20261123000000000000000005"),
      .title = SPAN("\xEF\xBC\x9D 1"),
      .order_no = SPAN("202611230004"),
      .primary = FINDING_SHORT_PAY,
      .p_fen = 20000,
      .delta_fen = -20000 },
    { .seq = 6,
      .title = SPAN(" \t@SUM(A1)"),
      .order_no = SPAN("-5"),
      .primary = FINDING_DAY_IN_TRANSIT,
      .p_fen = 4000,
      .delta_fen = -4000,
      .carry_out = true },
    { .seq = 7,
      .line_no = 10,
      .primary = FINDING_REF_OK,
      .face_fen = -8000,
      .b_fen = -8000,
      .p_fen = -8000,
      .fee_fen = 48 },
    { .seq = 8, .line_no = 11, .primary = FINDING_OUT_OF_SCOPE, .face_fen = 500 },
    { .seq = 9, .order_no = SPAN("202611230009"), .primary = FINDING_ORD_PAID_NO_MONEY },
};

/* Three days before and the day before, by hand. */
static const struct trend_day report_day_trend[] = {
    { .day = { 2026, 11, 20 },
      .version = 1,
      .sheet = { .matched = { 5, 50000 },
                 .bill_only = { 1, 300 },
                 .repeated = { 2, 700 },
                 .delta_long = { 1, 300 },
                 .pay = { 8, 51000 },
                 .refund = { 1, -1000 },
                 .fee = { 8, -306 } } },
    { .day = { 2026, 11, 22 },
      .version = 3,
      .sheet = { .matched = { 2, 1234 },
                 .amount_bill = { 3, 90 },
                 .book_only = { 4, 4400 },
                 .in_transit = { 6, 6600 },
                 .delta_short = { 10, -11010 },
                 .pay = { 5, 1324 } } },
};

static inline struct report
report_day(void)
{
    return (struct report){
        .account = SPAN("alipay-main"),
        .provider = SPAN("alipay"),
        .day = { 2026, 11, 23 },
        .version = 2,
        .as_of = { AS_OF_US },
        .east_min = ZONE_CHINA_MIN,
        .bill_sha256 = SPAN(SHA256_HEX),
        .trailer = { 6, 29500 },
        .sheet = { .parsed = { 6, 29500 },
                   .in_scope = { 5, 29000 },
                   .out_of_scope = { 1, 500 },
                   .matched = { 3, 20001 },
                   .amount_bill = { 1, 7999 },
                   .amount_books = { 1, 8000 },
                   .bill_only = { 1, 1000 },
                   .population = { 6, 52001 },
                   .book_only = { 1, 20000 },
                   .in_transit = { 1, 4000 },
                   .delta_long = { 1, 1000 },
                   .delta_short = { 3, -24001 },
                   .pay = { 4, 37000 },
                   .refund = { 1, -8000 },
                   .fee = { 5, -174 },
                   .orders_paid = { 3, 36001 },
                   .invoiced = { 1, 28000 } },
        .trend = report_day_trend,
        .trend_count = sizeof(report_day_trend) / sizeof(report_day_trend[0]),
        .rows = report_day_rows,
        .row_count = sizeof(report_day_rows) / sizeof(report_day_rows[0]),
    };
}

#endif
