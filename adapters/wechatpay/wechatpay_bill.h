/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_WECHATPAY_WECHATPAY_BILL_H
#define TALLYGATE_ADAPTERS_WECHATPAY_WECHATPAY_BILL_H

/* The readers of WeChat Pay's bills (6): one frame of header, rows, header of sums and sums in
 * wechatpay_bill.c; the three layouts of the trade bill in wechatpay_bill_trade.c, the movements of the
 * account in wechatpay_bill_flow.c. */

#include "alike.h"
#include "bill_row.h"
#include "wechatpay.h"

#define WECHATPAY_BILL_SUMS     7
#define WECHATPAY_BILL_ID_MAX   32
#define WECHATPAY_BILL_ZONE_MIN 480
#define WECHATPAY_BILL_DECIMALS 5

enum wechatpay_phase {
    WECHATPAY_HEADER,
    WECHATPAY_ROWS,
    WECHATPAY_SUMS, /* the header of sums was seen */
    WECHATPAY_END,
    WECHATPAY_LOST /* the header was not understood, so nothing behind it means anything */
};

/* Layouts, as bits of what a kind may be. */
enum wechatpay_layout {
    WECHATPAY_LAYOUT_NONE,
    WECHATPAY_LAYOUT_ALL = 1,
    WECHATPAY_LAYOUT_SUCCESS = 2,
    WECHATPAY_LAYOUT_REFUND = 4,
    WECHATPAY_LAYOUT_FLOW = 8
};

/* The fields of a line. */
struct wechatpay_fields {
    struct span at[BILL_ROW_COLUMNS_MAX];
    size_t width;
    bool whole; /* no more than may be */
    /* The first value with a bare comma: commas of merchants' text are replaced before printing, so one is damage (6.1). */
    struct span comma;
    size_t starts[BILL_ROW_COLUMNS_MAX + 1]; /* in the line, when no value is alike */
    uint64_t alike;                          /* values that are as in reader->model, */
    bool usual;                              /* among them all that tell what a row means */
};

/* The amounts of one row of trades in fen; those that the layout has not are zero. */
struct wechatpay_amounts {
    int64_t settled;
    int64_t order;
    int64_t refunded;
    int64_t coupon_refunded;
    int64_t asked;
    int64_t fee_units;
};

/* wechatpay_bill_split.c: names are joined by a comma, values by a comma and a backtick, and a backtick is before the first. What a row has
 * alike with the model of `alike` is not looked through again. */
void wechatpay_split_names(struct span line, struct wechatpay_fields *out);
void wechatpay_split_values(struct span line, struct alike *alike, struct wechatpay_fields *out);

/* What a row of trades comes to, beside its line. */
struct wechatpay_row {
    struct wechatpay_amounts amounts;
    bool effective;
};

/* The row that is the model of `alike`; its texts are gone. */
struct wechatpay_model {
    uint64_t
        needed; /* fields: a row that has them alike means the same but for its numbers, time and amounts */
    struct bill_line line;
    struct wechatpay_row row;
};

struct bill_reader {
    unsigned layouts;     /* what this kind may be */
    const char *merchant; /* NULL: not checked */
    struct day day;       /* year 0: that of the first row */
    const struct wechatpay_form *form;
    enum wechatpay_phase phase;
    struct bill_row_places places;
    struct bill_row_places sum_places;
    unsigned char first_merchant[WECHATPAY_BILL_ID_MAX]; /* when none is given: all rows name one */
    size_t first_merchant_len;
    int64_t sums[WECHATPAY_BILL_SUMS]; /* of the rows, in the order of the form's sums */
    int64_t trailer_sums[WECHATPAY_BILL_SUMS];
    struct bill_totals lines;
    struct wechatpay_fields fields; /* of the present line */
    struct alike alike;             /* of the rows */
    struct wechatpay_model model;
    bool last_ended;
    bool whole_checked;
    size_t next; /* tie */
};

/* One layout. Sums are counts, or amounts in units of 0.00001 yuan. */
struct wechatpay_form {
    enum wechatpay_layout layout;
    const char *name;
    struct bill_row_table columns;
    struct bill_row_table sums;
    struct {
        bool is_count;
        enum finding finding;
        const char *what;
    } ties[WECHATPAY_BILL_SUMS];
    enum bill_step (*row)(struct bill_reader *reader, const struct span *fields, size_t number,
                          struct bill_line *out, struct bill_fault *fault);
    void (*trailer)(const struct bill_reader *reader, struct bill_totals *out);
};

/* The form of a header; NULL after a fault. */
const struct wechatpay_form *wechatpay_bill_form(const struct span *fields, size_t count,
                                                 size_t number, struct bill_fault *fault);
extern const struct wechatpay_form wechatpay_form_flow;

/* A row's time, which must be of the bill's day. */
enum bill_step wechatpay_bill_time(struct bill_reader *reader, struct span text, size_t number,
                                   struct wall_time *out, struct bill_fault *fault);

#endif
