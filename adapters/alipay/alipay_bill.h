/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_ALIPAY_ALIPAY_BILL_H
#define TALLYGATE_ADAPTERS_ALIPAY_ALIPAY_BILL_H

/* The readers of 业务明细, 账务明细 and of both summaries. They share one frame (alipay_bill_frame.c) of
 * title, account, period, header, rows and footers; what differs is a struct alipay_table: trade rows
 * in alipay_bill_row.c, movements in alipay_bill_flow.c, summaries in alipay_bill_sum.c. alipay_bill.c
 * reads a whole archive and compares a detail with the summary beside it. */

#include "alipay.h"
#include "bill_row.h"

#define ALIPAY_BILL_ROWS_MAX    100000000
#define ALIPAY_BILL_FOOTERS_MAX 2

enum alipay_phase {
    ALIPAY_FRONT,
    ALIPAY_HEADER,
    ALIPAY_ROWS,
    ALIPAY_FOOTERS, /* behind the marker that ends the rows */
    ALIPAY_END
};

#define ALIPAY_SAW_ACCOUNT 1u
#define ALIPAY_SAW_PERIOD  2u
#define ALIPAY_SAW_TOTAL   4u /* the first footer or row of sums; the second is the next bit */

/* A member being read. */
struct alipay_member {
    const struct alipay_table *table;
    enum alipay_phase phase;
    unsigned seen;
    struct bill_row_places places;
    size_t rows;
    struct bill_totals lines;
    struct bill_totals trailer;
    bool last_ended;
    bool begun;
};

/* "#支出合计：4笔，共-9.40元": the count stands behind `mark`, the sum between `sum_mark` and 元. */
struct alipay_footer {
    const char *mark;
    const char *sum_mark;
};

struct alipay_table {
    const char *title;
    const char *end_mark;
    const struct bill_row_table *columns;
    struct alipay_footer footers[ALIPAY_BILL_FOOTERS_MAX];
    size_t totals; /* footers, or rows of sums, that there must be */
    enum bill_step (*row)(struct alipay_member *member, const struct span *fields, struct span line,
                          size_t number, struct bill_line *out, struct bill_fault *fault);
    void (*footer)(struct alipay_member *member, size_t which, int64_t count, int64_t fen);
    enum bill_step (*tie)(const struct alipay_member *member, size_t *next,
                          struct bill_fault *fault);
};

extern const struct alipay_table alipay_table_trade;
extern const struct alipay_table alipay_table_trade_summary;
extern const struct alipay_table alipay_table_flow;
extern const struct alipay_table alipay_table_flow_summary;

bool alipay_bill_has_title(const struct alipay_table *table, struct span first_line);

/* One line of a member; `merchant` NULL and day.year 0 skip those checks. */
enum bill_step alipay_bill_frame(struct alipay_member *member, const char *merchant, struct day day,
                                 struct span line, size_t number, struct bill_line *out,
                                 struct bill_fault *fault);

/* Title to last footer were all there, and the last line had its end. */
bool alipay_bill_is_whole(const struct alipay_member *member);

#endif
