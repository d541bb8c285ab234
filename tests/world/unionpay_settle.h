/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_UNIONPAY_SETTLE_H
#define TALLYGATE_WORLD_UNIONPAY_SETTLE_H

/* The settlement file of a clearing day: its rows, the lies a play puts into it, its bytes (3.7, 6). */

#include "unionpay_world.h"

#define UNIONPAY_ROWS_MAX 200000

#define UNIONPAY_ZM_COLUMNS  42
#define UNIONPAY_ZME_COLUMNS 22

/* One line of the ZM entry. Amounts of what goes to the merchant are positive. */
struct unionpay_row {
    const struct unionpay_txn *txn; /* NULL: a stranger's */
    enum unionpay_kind kind;
    struct wall_time done;
    char order_id[UNIONPAY_ORDER_MAX + 1];
    char query_id[22];
    char trace_no[7];
    char trace_time[11];
    struct money amount; /* never negative */
    struct money fee;    /* negative: the merchant pays it */
    struct money settle;
};

/* One line of the ZME entry: an adjustment of an earlier payment. */
struct unionpay_dispute {
    const struct unionpay_txn *txn;
    struct money amount;
};

struct unionpay_file {
    const struct unionpay_merchant *merchant;
    struct day day;
    struct unionpay_row *rows;
    size_t count;
    size_t cap;
    struct unionpay_dispute *disputes;
    size_t dispute_count;
    int64_t more_count;    /* added to the report's number of rows */
    struct money more_sum; /* added to the report's amount */
    bool cut;
    bool width;
    bool not_ready;
    bool empty;
    bool wrong_day;
    bool wrong_merchant;
};

void unionpay_settle_fini(struct unionpay_file *file);

/* The true rows of the clearing day, in the order of their completion, then the edits. */
MUST_USE enum err unionpay_settle_make(struct unionpay *unionpay,
                                       const struct unionpay_merchant *merchant, struct day day,
                                       struct unionpay_file *out);

/* Errors: NO_MEMORY, BUF_FULL. */
MUST_USE enum err unionpay_settle_add(struct unionpay_file *file, const struct unionpay_row *row);
MUST_USE enum err unionpay_settle_dispute(struct unionpay_file *file,
                                          const struct unionpay_txn *txn, struct money amount);

/* The fee contract: 0.60 % of a payment rounded half up; a cancel gives it back, a refund does not.
 * Sets fee and settle from kind and amount. Errors: AMOUNT_OVERFLOW. */
MUST_USE enum err unionpay_settle_reckon(struct unionpay_row *row);

/* unionpay_settle_edit.c: keeps the edits of a day ({"day", "edits", "mer_id"?}) in place of those
 * before. Errors: FIELD_*, AMOUNT, TIME, NO_MEMORY. */
MUST_USE enum err unionpay_settle_edit(struct unionpay *unionpay, const struct json_t *in);
MUST_USE enum err unionpay_settle_edit_apply(struct unionpay *unionpay, struct unionpay_file *file);
void unionpay_settle_edit_free_all(struct unionpay *unionpay);

/* unionpay_settle_line.c: one line of UTF-8 values (NULL: blank) as fixed-width GBK with CRLF. Signed
 * columns stand right, all others left. Errors: FIELD_LENGTH, ENCODING. */
MUST_USE enum err unionpay_settle_zm(const char *const values[UNIONPAY_ZM_COLUMNS],
                                     struct buf *out);
MUST_USE enum err unionpay_settle_zme(const char *const values[UNIONPAY_ZME_COLUMNS],
                                      struct buf *out);
MUST_USE enum err unionpay_settle_gbk(struct span utf8, struct buf *out);

/* unionpay_settle_text.c: the three entries. */
MUST_USE enum err unionpay_settle_detail(const struct unionpay_file *file, struct buf *out);
MUST_USE enum err unionpay_settle_disputes(const struct unionpay_file *file, struct buf *out);
MUST_USE enum err unionpay_settle_report(const struct unionpay_file *file, struct buf *out);
const char *unionpay_settle_mer_id(const struct unionpay_file *file); /* as the file claims it */

/* unionpay_settle_file.c: the archive, its name, and fileContent. */
MUST_USE enum err unionpay_settle_zip(const struct unionpay_file *file, struct buf *out);
MUST_USE enum err unionpay_settle_name(const struct unionpay_file *file, struct buf *out);
MUST_USE enum err unionpay_settle_content(struct span zip, struct buf *out);

#endif
