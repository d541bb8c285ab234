/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_TWIN_H
#define TALLYGATE_PROPERTY_TWIN_H

/* The matcher once more, by sorting and merging lists of keys, written from the taxonomy of differences and from
 * nothing of reconcile/match*.c and classify*.c: what belongs together, the class of each, and its delta. Small days only.
 * Not here: bank transfers and movements of the account, which have no key in a bill, and notes. */

#include <stddef.h>
#include <stdint.h>

#include "recon.h"

#define TWIN_MOST 96 /* rows of one list */

/* A result; indices into the input, or RECON_NONE. */
struct twin_row {
    size_t line;
    size_t member;
    size_t refund;
    size_t order; /* that it belongs to, as far as the portal knows it */
    size_t invoice;
    enum finding primary;
    int64_t delta_fen;
};

int twin_row_cmp(const void *a, const void *b);

/* Sorted by twin_row_cmp. `rows` has room for every unit of the input. */
size_t twin_match(const struct recon_input *in, struct twin_row *rows);

/* What follows is between twin.c and twin_class.c. */

/* An order number of one owner, whether the portal knows it or not. */
struct twin_case {
    struct span owner;
    struct span order_no;
    size_t order;
    bool money;  /* somebody's statement or books have money of it */
    bool refund; /* money of it went back, or is about to */
    int64_t invoiced_fen;
    bool told; /* its lack of money stands in a row */
};

struct twin_line {
    bool repeated;
    bool scoped; /* of another business */
    size_t member;
    bool by_trade_no;
    bool other_account;
    size_t refund;
    size_t belongs; /* to this case */
};

struct twin {
    const struct recon_input *in;
    struct wall_time day_end;
    struct twin_line lines[TWIN_MOST];
    size_t member_line[TWIN_MOST];
    bool member_doubled[TWIN_MOST]; /* its provider number stands for another success of ours */
    size_t refund_line[TWIN_MOST];
    struct twin_case cases[4 * TWIN_MOST]; /* sorted by owner and number */
    size_t case_count;
};

/* The case of an order number; RECON_NONE. */
size_t twin_case_of(const struct twin *twin, struct span owner, struct span order_no);

/* True when our books hold the attempt as paid. */
bool twin_paid(const struct recon_member *member);

/* From pairs to rows. */
size_t twin_classify(struct twin *twin, struct twin_row *rows);

#endif
