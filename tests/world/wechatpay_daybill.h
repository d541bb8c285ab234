/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WECHATPAY_DAYBILL_H
#define TALLYGATE_WORLD_WECHATPAY_DAYBILL_H

/* The bills of a day: their lines, the lies a play puts into them, and their text (6). */

#include "wechatpay_world.h"

#define WECHATPAY_BILL_LINES_MAX 200000
#define WECHATPAY_BILL_READY_MS  (INT64_C(10) * 60 * 60 * 1000) /* 6.4: of the next day */

enum wechatpay_bill_kind {
    WECHATPAY_BILL_ALL,
    WECHATPAY_BILL_SUCCESS,
    WECHATPAY_BILL_REFUND,
    WECHATPAY_BILL_FLOW,
    WECHATPAY_BILL_KIND_COUNT
};

struct wechatpay_bill_line {
    bool refund;
    bool withdrawal; /* of a fund flow: what the merchant took to its bank */
    char out_trade_no[WECHATPAY_NUMBER_MAX + 1];
    char transaction_id[WECHATPAY_NUMBER_MAX + 1];
    char out_refund_no[WECHATPAY_NUMBER_MAX + 1]; /* "" on a payment, as the next */
    char refund_id[WECHATPAY_NUMBER_MAX + 1];
    const char *trade_type; /* borrowed, as the next three */
    const char *openid;
    const char *description;
    const char *attach;
    const char *status;      /* of a refund, when the bill was made */
    struct wall_time booked; /* paid, or accepted as a refund */
    struct wall_time paid;
    struct wall_time finished; /* of a refund that was done when the bill was made; else 0 */
    struct money amount;       /* never negative */
    struct money fee;          /* negative on a refund */
};

struct wechatpay_bill {
    const struct wechatpay_merchant *merchant;
    enum wechatpay_bill_kind kind;
    struct day day;
    struct money opening; /* of the account, for the fund flow */
    struct wechatpay_bill_line *lines;
    size_t count;
    size_t cap;
    int64_t more_count;    /* added to the trailer's count */
    struct money more_sum; /* added to the trailer's sums of payments */
    char *last_column;     /* NULL: the true name */
    bool cut;
    bool not_ready;
    bool empty;
    bool wrong_hash;
    bool not_gzip;
};

void wechatpay_bill_fini(struct wechatpay_bill *bill);

/* The true lines of the day, then the edits. */
MUST_USE enum err wechatpay_bill_make(struct wechatpay *wechatpay,
                                      const struct wechatpay_merchant *merchant,
                                      enum wechatpay_bill_kind kind, struct day day,
                                      struct wechatpay_bill *out);

/* A line like `line` at the end of the bill. Errors: NO_MEMORY, BUF_FULL. */
MUST_USE enum err wechatpay_bill_add(struct wechatpay_bill *bill,
                                     const struct wechatpay_bill_line *line);

/* 0.60 % rounded half up. Errors: AMOUNT_OVERFLOW. */
MUST_USE enum err wechatpay_bill_fee(struct money amount, bool refund, struct money *out);

/* wechatpay_bill_edit.c: keeps the edits of a day ({"day", "edits", "mchid"?, "bill"?}) in place of
 * those before. Errors: FIELD_*, AMOUNT, TIME, NO_MEMORY. */
MUST_USE enum err wechatpay_bill_edit(struct wechatpay *wechatpay, const struct json_t *in);
MUST_USE enum err wechatpay_bill_edit_apply(const struct wechatpay *wechatpay,
                                            struct wechatpay_bill *bill);
void wechatpay_bill_edit_free_all(struct wechatpay *wechatpay);

/* wechatpay_bill_text.c, wechatpay_bill_flow.c: the CSV text with BOM and CRLF (6.1 to 6.3). */
MUST_USE enum err wechatpay_bill_text(const struct wechatpay_bill *bill, struct buf *out);
MUST_USE enum err wechatpay_bill_flow(const struct wechatpay_bill *bill, struct buf *out);

/* One cell of a row: a backtick, the text, and a comma before it unless it is the first. */
MUST_USE enum err wechatpay_bill_cell(struct buf *out, struct span text);
MUST_USE enum err wechatpay_bill_cell_text(struct buf *out, const char *text);
MUST_USE enum err wechatpay_bill_cell_time(struct buf *out, struct wall_time t); /* 0: empty */
MUST_USE enum err wechatpay_bill_cell_money(struct buf *out, struct money amount);
MUST_USE enum err wechatpay_bill_cell_count(struct buf *out, int64_t count);
MUST_USE enum err wechatpay_bill_row_end(struct buf *out);

/* wechatpay_call_bill.c. */
void wechatpay_bill_free_links(struct wechatpay *wechatpay);

#endif
