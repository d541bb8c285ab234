/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_UNIONPAY_UNIONPAY_BILL_H
#define TALLYGATE_ADAPTERS_UNIONPAY_UNIONPAY_BILL_H

/* The readers of UnionPay's settlement file (6): an archive of ZM (successful transactions), ZME (later
 * adjustments) and RD2010 (a report for people that the sums must agree with), or one member alone. Rows
 * have columns of fixed width in bytes (unionpay_bill_row.c); the report is read by its labels
 * (unionpay_bill_report.c). */

#include "bill_row.h"
#include "buf.h"
#include "unionpay.h"

#define UNIONPAY_BILL_MERCHANT_BYTES 15
#define UNIONPAY_BILL_ZONE_MIN       480
#define UNIONPAY_BILL_TEXT_MAX       ((size_t)128 * 1024)

/* What the report says about, and what the rows of ZM add up to. */
enum unionpay_quantity {
    UNIONPAY_COUNT,
    UNIONPAY_AMOUNT,
    UNIONPAY_FEE,
    UNIONPAY_SETTLED,
    UNIONPAY_QUANTITIES
};

struct unionpay_report {
    enum unionpay_quantity columns[8]; /* of the table that is being read */
    size_t column_count;
    struct {
        bool said;
        bool totalled;
        int64_t total; /* on a line of sums */
        int64_t last;
        int64_t sum;
    } said[UNIONPAY_QUANTITIES]; /* counts, or fen */
};

struct unionpay_sums {
    int64_t pay_count;
    int64_t refund_count;
    int64_t pay_fen;
    int64_t refund_fen; /* unsigned */
    int64_t fee_fen;    /* negative: taken from us */
    int64_t settled_fen;
};

/* What the name of a member says. */
struct unionpay_member_name {
    enum bill_member role;
    struct day day;
    struct span merchant;
};

struct bill_reader {
    bool archive;         /* of members with names, or a bare member */
    bool disputes;        /* a bare member is ZME */
    const char *merchant; /* NULL: not checked */
    struct day day;       /* year 0: not checked */
    enum bill_member role;
    struct day name_day; /* of the first named member; year 0 without one */
    unsigned char known_merchant[UNIONPAY_BILL_MERCHANT_BYTES]; /* that all rows must name */
    size_t known_merchant_len;
    bool begun[BILL_MEMBER_COUNT];
    bool cut[BILL_MEMBER_COUNT]; /* the member's last line had no end */
    struct bill_totals lines;
    struct unionpay_sums zm;
    struct unionpay_report report;
    struct buf raw;   /* the line in UTF-8 */
    struct buf piece; /* a column in UTF-8 */
    size_t stage;
};

/* False when the name is no member that we know. */
bool unionpay_bill_name(struct span name, struct unionpay_member_name *out);

/* GB18030 to UTF-8, added to `out`; half a character that a column has cut becomes "?". Errors:
 * ENCODING, NO_MEMORY, BUF_FULL. */
MUST_USE enum err unionpay_bill_text(struct span bytes, struct buf *out);

/* One row of ZM or ZME. Errors: NO_MEMORY, SYSTEM. */
MUST_USE enum err unionpay_bill_row(struct bill_reader *reader, bool disputes, struct span line,
                                    size_t number, enum bill_step *step, struct bill_line *out,
                                    struct bill_fault *fault);

/* A line of the report in UTF-8. */
void unionpay_report_line(struct unionpay_report *report, struct span line);

/* The `next`-th disagreement of the report with the rows. */
enum bill_step unionpay_report_tie(const struct unionpay_report *report,
                                   const struct unionpay_sums *zm, size_t quantity,
                                   struct bill_fault *fault);

#endif
