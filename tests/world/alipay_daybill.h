/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_ALIPAY_DAYBILL_H
#define TALLYGATE_WORLD_ALIPAY_DAYBILL_H

/* The bills of a day, of trades and of the account: lines, the lies a play puts into the former, files and links (6). */

#include "alipay_world.h"

#define ALIPAY_BILL_LINES_MAX 200000

struct alipay_bill_line {
    char out_trade_no[ALIPAY_NUMBER_MAX + 1];
    char trade_no[ALIPAY_NUMBER_MAX + 1];
    char request_no[ALIPAY_NUMBER_MAX + 1]; /* "" on a payment */
    bool refund;
    const char *subject; /* borrowed */
    const char *remark;  /* borrowed */
    struct wall_time created;
    struct wall_time finished;
    struct money amount; /* negative on a refund */
    struct money fee;    /* negative on a payment */
};

enum alipay_bill_kind { ALIPAY_BILL_TRADE, ALIPAY_BILL_FLOW, ALIPAY_BILL_KIND_COUNT };

struct alipay_bill {
    const struct alipay_app *app;
    enum alipay_bill_kind kind;
    struct day day;
    struct money opening; /* FLOW: the balance before its first line */
    struct wall_time exported;
    struct alipay_bill_line *lines;
    size_t count;
    size_t cap;
    int64_t more_count;    /* added to the footer's number of payments */
    struct money more_sum; /* added to the footer's sum of payments */
    char *last_column;     /* NULL: the true name */
    bool cut;
    bool not_ready;
    bool gzip; /* the file of the link is packed once more, and no header says so */
};

void alipay_bill_fini(struct alipay_bill *bill);

/* The true lines of the day, in the order of their completion; in the bill of trades then the edits. */
MUST_USE enum err alipay_bill_make(struct alipay *alipay, const struct alipay_app *app,
                                   enum alipay_bill_kind kind, struct day day,
                                   struct alipay_bill *out);

/* A line like `line` at the end of the bill. Errors: NO_MEMORY, BUF_FULL. */
MUST_USE enum err alipay_bill_add(struct alipay_bill *bill, const struct alipay_bill_line *line);

/* 0.60 % of a payment, rounded half up, as a negative amount. Errors: AMOUNT_OVERFLOW. */
MUST_USE enum err alipay_bill_fee(struct money amount, struct money *out);

/* alipay_bill_edit.c: keeps the edits of a day ({"day", "edits", "app_id"?}) in place of those before.
 * Errors: FIELD_*, AMOUNT, TIME, NO_MEMORY. */
MUST_USE enum err alipay_bill_edit(struct alipay *alipay, const struct json_t *in);
MUST_USE enum err alipay_bill_edit_apply(const struct alipay *alipay, struct alipay_bill *bill);
void alipay_bill_edit_free_all(struct alipay *alipay);

/* alipay_bill_text.c: the two CSV files as GBK with CRLF (6.3, 6.4). */
MUST_USE enum err alipay_bill_detail(const struct alipay_bill *bill, struct buf *out);
MUST_USE enum err alipay_bill_summary(const struct alipay_bill *bill, struct buf *out);
MUST_USE enum err alipay_bill_gbk(struct span utf8, struct buf *out);

/* Its parts that all four files have: title, account and period; a line of dashes with a name in it; the
 * time of the export; a text, which keeps its commas, and an amount, each with what follows it. */
MUST_USE enum err alipay_bill_head(const struct alipay_bill *bill, const char *title,
                                   struct buf *out);
MUST_USE enum err alipay_bill_marker(struct buf *out, size_t before, const char *name,
                                     size_t after);
MUST_USE enum err alipay_bill_export_time(const struct alipay_bill *bill, struct buf *out);
MUST_USE enum err alipay_bill_put_text(struct buf *out, const char *text);
MUST_USE enum err alipay_bill_put_amount(struct buf *out, struct money amount, const char *after);

/* alipay_bill_flow.c: the account's two files likewise (6.5, 6.6). */
MUST_USE enum err alipay_bill_flow_detail(const struct alipay_bill *bill, struct buf *out);
MUST_USE enum err alipay_bill_flow_summary(const struct alipay_bill *bill, struct buf *out);

/* alipay_bill_file.c: both in a ZIP whose names are GBK without the UTF-8 flag (6.2). */
MUST_USE enum err alipay_bill_zip(const struct alipay_bill *bill, struct buf *out);

/* Serves a link (6.1). */
void alipay_bill_serve(struct alipay *alipay, struct evhttp_request *req);
void alipay_bill_free_links(struct alipay *alipay);

#endif
