/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_LEDGER_H
#define TALLYGATE_TESTS_BENCH_LEDGER_H

/* A made day: each item is one payment of one order, and whatever number it has can be made by itself, so that days of any
 * length are written in any order with the memory of one row, and six bytes for each item where they are sorted. One item in each block of `every` differs, in six kinds in
 * turn. What a reconciliation must find is written down by whoever makes the difference. */

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

#define LEDGER_ACCOUNT     "main"
#define LEDGER_APPLICATION "wxd678efh567hg6787"
#define LEDGER_MERCHANT    "1900000109"
#define LEDGER_OWNER       "portal"
#define LEDGER_RATE_PPM    6000
#define LEDGER_DAY         "2026-11-23" /* in China, where all times of an item are */
#define LEDGER_DAY_BEFORE  "2026-11-22"

struct ledger {
    int64_t items;
    int64_t every; /* one item of so many differs */
    uint64_t seed;
};

enum ledger_kind {
    LEDGER_EQUAL,
    LEDGER_BILL_ONLY,
    LEDGER_BOOK_ONLY,
    LEDGER_AMOUNT,
    LEDGER_REPEATED,
    LEDGER_PENDING, /* a success on the bill; here the attempt waits and the order is a draft */
    LEDGER_NOT_ADVANCED, /* the order is a draft although its money is here */
    LEDGER_KIND_COUNT
};

struct ledger_item {
    enum ledger_kind kind;
    int64_t number; /* 0 … items - 1 */
    int slot;
    int64_t sequence;
    const char *order_kind;
    int64_t unit_fee_fen;
    int64_t quantity;
    int64_t amount_fen;
    int64_t bill_fen;
    char attempt_no[64];
    char payment_no[64];
    char order_no[64];
    char trade_no[64];
    char payer[64];
    char paid_civil[64]; /* in China */
    char paid_utc[64];   /* with six decimals */
    char created_utc[64];
};

void ledger_item(const struct ledger *ledger, int64_t number, struct ledger_item *out);

/* The numbers of all items in the order of their attempt numbers; *out is the caller's to free, also when this fails. Errors:
 * NO_MEMORY. */
MUST_USE enum err ledger_sort(const struct ledger *ledger, uint32_t **out);

/* What the item is in the books. */
bool ledger_in_books(const struct ledger_item *item);
bool ledger_is_paid(const struct ledger_item *item);
const char *ledger_order_status(const struct ledger_item *item);
const char *ledger_trade_no(const struct ledger_item *item); /* "" before it is paid */

/* The tariff: kinds of orders and the fee of one unit, as many as the return value. */
struct ledger_tariff {
    const char *kind;
    int64_t unit_fee_fen;
};
int ledger_tariffs(const struct ledger_tariff **out);

/* ledger_files.c: the bill (bill.csv), the lists of a run (pack_columns.def) and what must be found (expected.csv: number,
 * class, Δ in fen) in the folder `dir`; *lines are those of the bill. Errors: FILE_WRITE, NO_MEMORY. */
MUST_USE enum err ledger_files(const struct ledger *ledger, const char *dir, int64_t *lines);

#endif
