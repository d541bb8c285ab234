/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_ALIPAY_ALIPAY_BILL_H
#define TALLYGATE_ADAPTERS_ALIPAY_ALIPAY_BILL_H

/* The reader of 业务明细 (bill_type trade): frame in alipay_bill.c, header and rows in
 * alipay_bill_row.c. */

#include "alipay.h"

#define ALIPAY_BILL_COLUMNS_MAX 48
#define ALIPAY_BILL_ROWS_MAX    100000000

enum alipay_bill_column {
    ALIPAY_COLUMN_TRADE_NO,
    ALIPAY_COLUMN_ORDER_NO,
    ALIPAY_COLUMN_KIND,
    ALIPAY_COLUMN_SUBJECT,
    ALIPAY_COLUMN_FINISHED,
    ALIPAY_COLUMN_ORDER_AMOUNT,
    ALIPAY_COLUMN_RECEIVED,
    ALIPAY_COLUMN_REFUND_NO,
    ALIPAY_COLUMN_FEE,
    ALIPAY_COLUMN_COUNT
};

enum alipay_bill_phase {
    ALIPAY_BILL_FRONT,
    ALIPAY_BILL_HEADER,
    ALIPAY_BILL_ROWS,
    ALIPAY_BILL_TRAILER,
    ALIPAY_BILL_END
};

#define ALIPAY_BILL_SAW_ACCOUNT  1u
#define ALIPAY_BILL_SAW_PERIOD   2u
#define ALIPAY_BILL_SAW_PAYMENTS 4u
#define ALIPAY_BILL_SAW_REFUNDS  8u
#define ALIPAY_BILL_SAW_ALL      15u

struct bill_reader {
    const char *merchant; /* NULL: not checked */
    struct day day;       /* year 0: not checked */
    enum alipay_bill_phase phase;
    unsigned seen;
    size_t width;                      /* columns of the header */
    size_t place[ALIPAY_COLUMN_COUNT]; /* where each column stands */
    struct bill_totals lines;
    struct bill_totals trailer;
    bool last_ended;
    int checks_done;
};

enum bill_step alipay_bill_fault(struct bill_fault *fault, enum finding finding, size_t number,
                                 const char *expected, struct span got);
enum bill_step alipay_bill_header(struct bill_reader *reader, struct span line, size_t number,
                                  struct bill_fault *fault);
enum bill_step alipay_bill_row(struct bill_reader *reader, struct span line, size_t number,
                               struct bill_line *out, struct bill_fault *fault);

#endif
