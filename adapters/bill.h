/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_BILL_H
#define TALLYGATE_ADAPTERS_BILL_H

/* A provider's bill as a stream of lines. The container is opened and the text decoded to UTF-8 by
 * reconcile/bill_file.c; the adapter reads one line at a time and remembers what the trailer must tie. */

#include <stddef.h>
#include <stdint.h>

#include "adapter.h"
#include "clock.h"
#include "err.h"
#include "finding.h"
#include "money.h"
#include "span.h"

enum bill_container {
    BILL_PLAIN,
    BILL_ZIP,
    BILL_GZIP,
    BILL_PLAIN_OR_GZIP, /* told by its first bytes */
    BILL_ZIP_OR_CONTENT /* a ZIP, or base64 of a zlib stream of one, told by its first bytes */
};
enum bill_encoding {
    BILL_UTF8,
    BILL_GB18030,
    BILL_BYTES /* the reader gets the line's own bytes, since its columns are counted in them */
};
enum bill_line_kind {
    BILL_LINE_NONE, /* a store's row of a summary: payments and refunds in one */
    BILL_LINE_PAY,
    BILL_LINE_REFUND,
    BILL_LINE_FLOW, /* a movement of the account's balance */
    BILL_LINE_KIND_COUNT
};

/* What a movement of the account's balance is. */
enum bill_flow {
    BILL_FLOW_UNKNOWN, /* the provider's word is not in its table */
    BILL_FLOW_PAY,
    BILL_FLOW_REFUND,
    BILL_FLOW_FEE,      /* taken, or given back */
    BILL_FLOW_WITHDRAW, /* to the bank */
    BILL_FLOW_TRANSFER,
    BILL_FLOW_FREEZE, /* held back, or released */
    BILL_FLOW_ADJUST,
    BILL_FLOW_INTEREST,
    BILL_FLOW_COUNT
};

/* What a member of the container is to its reader. */
enum bill_member {
    BILL_MEMBER_OTHER, /* not read */
    BILL_MEMBER_MAIN,  /* exactly one there must be */
    BILL_MEMBER_SECOND,
    BILL_MEMBER_THIRD,
    BILL_MEMBER_COUNT
};

/* One line of money. Spans live until the next line is read. */
struct bill_line {
    enum bill_line_kind kind;
    size_t number; /* 1-based line of the member */
    struct span provider_trade_no;
    struct span merchant_order_no;
    struct span refund_no; /* merchant's refund request number, empty on payments */
    struct span subject;
    struct money order_amount; /* signed; before the merchant's own discounts */
    struct money face;         /* signed: payment +, refund -; what the trailer adds up */
    struct money effective;    /* signed; what it means in money */
    struct money fee;          /* signed: negative is taken from us */
    int64_t coupon_fen; /* what is settled less `effective`: coupons that the merchant pays for */
    int64_t rate_ppm;   /* of the fee, as printed; 0: not said */
    bool promoted;      /* a remark stands beside the rate */
    enum fee_card card; /* ANY: not said */
    enum adapter_method method; /* NONE: not said; METHOD_COUNT: one that we do not offer */
    bool other_currency;        /* the amounts are no yuan: a face, and nothing effective */
    bool dispute;               /* taken or given back by the provider after a dispute */
    bool other_route;           /* a refund that went back another way than the payment came */
    struct wall_time at;        /* payment or refund time */
    struct span application;    /* as the line names it; empty when it does not */
    struct span merchant;       /* likewise */
    bool pending; /* a refund that the provider had taken on and not ended when it wrote the bill */
    struct span status;  /* the provider's own word for the line's state; empty when it has none */
    int64_t balance_fen; /* FLOW: after the movement */
    enum bill_flow flow; /* FLOW: what moved; `fee` is what of it came back with a refund */
    struct span raw;     /* the line, UTF-8, without its end */
};

struct bill_totals {
    int64_t pay_count;
    int64_t refund_count;
    int64_t pay_fen;
    int64_t refund_fen; /* signed, negative */
    int64_t fee_fen;    /* signed */
    /* Bills of account movements. */
    bool is_flow;
    bool has_balance; /* the two balances are known: it has lines, and they print it */
    int64_t opening_fen;
    int64_t closing_fen;
    int64_t in_count;
    int64_t in_fen;
    int64_t out_count;
    int64_t out_fen; /* unsigned: what has left */
};

/* What a line was. */
enum bill_step { BILL_STEP_NOTHING, BILL_STEP_LINE, BILL_STEP_FAULT };

struct bill_row_table; /* bill_row.h */

struct bill_fault {
    enum finding finding; /* FILE_*, LINE_*, KEY_SCIENTIFIC, AMT_SIGN, FLOW_GAP, FLOW_SUM */
    size_t number;        /* 0: the whole file */
    char detail[200];     /* what was expected and what stood there, UTF-8, for a person */
    const struct bill_row_table
        *header; /* FILE_COLUMNS of a header: the columns that are known; else NULL */
};

struct bill_reader; /* the adapter's own state */

struct adapter_bill {
    const char *kind; /* "trade" */
    bool of_trades;   /* lines of money that reconciliation matches with attempts */
    bool
        of_balance; /* the movements that are compared with those lines; the rest is for checking */
    enum bill_container container;
    enum bill_encoding encoding;
    const char *download_host; /* where links lead by the provider's document; NULL: not said */

    /* What a member is, told by its name's bytes (empty without a container) and its first line. A
     * second MAIN is a fault. Members come to the reader in the order they stand in. */
    enum bill_member (*member_role)(struct span name, struct span first_line);

    /* `account` NULL and day.year 0 skip the checks of merchant and day. */
    enum err (*reader_new)(const struct adapter_account *account, struct day day,
                           struct bill_reader **out);
    void (*reader_free)(struct bill_reader **reader);

    /* A member begins; NULL when the only one that is read is MAIN. `name` lives during the call. */
    enum err (*reader_member)(struct bill_reader *reader, enum bill_member role, struct span name,
                              enum bill_step *step, struct bill_fault *fault);

    /* One line of the present member, in UTF-8 (BILL_BYTES: its own bytes), without line end; `ended`
     * tells whether it had one. */
    enum err (*reader_line)(struct bill_reader *reader, struct span line, size_t number, bool ended,
                            enum bill_step *step, struct bill_line *out, struct bill_fault *fault);

    /* After the last line: adds faults (missing trailer, sums that do not tie) one per call until it
     * gives BILL_STEP_NOTHING; then the totals by lines and by trailer are right. */
    enum err (*reader_end)(struct bill_reader *reader, enum bill_step *step,
                           struct bill_fault *fault, struct bill_totals *by_lines,
                           struct bill_totals *by_trailer);
};

/* The bill that is reconciled: the first of_trades; NULL when the provider has none. */
const struct adapter_bill *bill_of_trades(const struct adapter *adapter);

/* The bill of the account's movements that stands beside it, likewise. */
const struct adapter_bill *bill_of_balance(const struct adapter *adapter);

/* NULL when the provider has no such kind. */
const struct adapter_bill *bill_find(const struct adapter *adapter, struct span kind);

#endif
