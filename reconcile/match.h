/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_MATCH_H
#define TALLYGATE_RECONCILE_MATCH_H

/* What the engine knows while it runs: the inputs in a fixed order, which line belongs to which
 * attempt, and everything about one order number in one place (a "case"). For match_*.c,
 * classify_*.c and tie_out.c alone. */

#include "index.h"
#include "recon.h"

/* What was found out about a line; stands at the line's index in the input. */
struct match_line {
    size_t member;
    size_t refund;      /* of ours, that it names */
    size_t number_case; /* the case it belongs to, or RECON_NONE */
    bool repeated;      /* equal to an earlier line in everything */
    bool by_trade_no;   /* paired by the provider's number, the merchant's number differs */
    bool shared_key;    /* another payment line has the same provider number */
    bool ambiguous;     /* a weaker key gives several candidates */
    bool trade_differs; /* merchant number equal, provider number not */
    bool other_account; /* names an attempt of another account of this provider */
    bool other_provider;
    bool refund_taken; /* names a refund that another line stands for */
    bool tidied;       /* its number is ours only without blanks, widths and case */
    bool moved;        /* its money is on the account's bill */
    bool fee_differs;  /* the fees of its payment moved in another sum */
    bool out_of_scope; /* belongs to another business by the account's rule */
};

/* The same for a member. */
struct match_member {
    size_t line;
    size_t number_case;
    bool trade_taken;     /* its provider number belongs to another success that is on the bill */
    bool later_same;      /* an earlier payment of its order exists at this provider */
    bool later_cross;     /* ... at another one */
    int64_t refunded_fen; /* on this bill, unsigned */
};

/* The same for a refund. */
struct match_refund {
    size_t line;
    size_t number_case;
};

/* One order number of one owner: order, money, invoices. */
struct match_case {
    size_t id;
    size_t order; /* RECON_NONE: the portal does not know it */

    int64_t confirmed_fen;
    int64_t refunded_fen; /* of it, unsigned */
    size_t payment_count;
    size_t manual_count; /* bank transfers that two people confirmed */
    int64_t manual_fen;
    bool refund_seen; /* on the bill, or under way in our books */
    bool unequal;     /* a payment differs from the payable amount */
    struct wall_time first_paid_at;
    int64_t long_fen;  /* on this bill beyond our books */
    int64_t short_fen; /* in our books and missing on this bill */
    bool counted;      /* has a member of the population, or a transfer of this day */
    size_t here_count; /* its members of the population, */
    int64_t here_fen;  /* and their money */
    bool order_told;   /* that its money is not what is payable stands in a result, */
    bool invoice_told; /* and that its invoices are not what they ought to be */
    bool said;         /* its lack of money stands in a result */

    int64_t blue_fen;
    int64_t red_fen; /* unsigned */
    size_t blue_count;
    size_t red_count;
    size_t asked_count;
    int64_t asked_fen; /* of those requests */
    size_t void_count;
    size_t failed_count;
    struct wall_time asked_at; /* of the oldest open request */
    struct wall_time first_issued_at;
    bool title_differs;
    bool tax_differs;
    bool kind_differs;
    bool merged;                              /* a document of it is for other orders too */
    size_t wrong_count;                       /* red documents because of an error */
    size_t back_count;                        /* red documents because money went back */
    const struct recon_invoice *confirmation; /* the newest that a red document of it stands on */
};

#define MATCH_DAYS 4

struct match {
    const struct recon_input *in;
    struct arena *arena;
    struct wall_time day_end; /* the cut-off: first instant of the next day */
    struct wall_time days
        [MATCH_DAYS]; /* first instants of the day before, the bill's day, the next and the one after */

    const struct recon_line **lines;         /* by number */
    const struct recon_member **members;     /* by attempt number */
    const struct recon_refund **refunds;     /* by refund number */
    const struct recon_order **orders;       /* by owner, number */
    const struct recon_movement **movements; /* by number */
    const struct recon_invoice **invoices;   /* by owner, id, order */
    const struct recon_manual **manuals;     /* by owner, order, number */
    const struct recon_payment *gathered;    /* payments and the paid members that lack one */
    const struct recon_payment **payments;   /* the same, by time and attempt */
    size_t payment_count;

    struct match_line *line_facts;
    struct recon_moved *moved; /* of each movement, at its place in the input */
    int64_t fee_off_fen;       /* fees that moved less fees of the lines */
    bool
        by_refund_no; /* refunds on the account's bill name themselves, and not only their payment */
    struct match_member *member_facts;
    struct match_refund *refund_facts;
    struct match_case *cases;
    size_t case_count;

    struct index case_by_order;     /* owner, order number */
    struct index case_by_number;    /* order number alone */
    struct index member_by_attempt; /* attempt number */
    struct index payment_by_attempt;
    struct index refund_by_no;      /* refund number */
    struct index refund_by_payment; /* attempt and amount of those that are not over */
    struct index case_provider;     /* case id, provider: money is there */
    struct index tariff;            /* kind, fee; and fee alone under an empty kind */
    struct index tariff_kind;       /* kind */
};

/* match_sort.c: fixes the order of the inputs and refuses what must not stand twice or cannot be
 * added up. Errors: ARENA_FULL, NO_MEMORY, FIELD_VALUE, AMOUNT_OVERFLOW. */
MUST_USE enum err match_sort(struct match *match);

/* Payments and the paid members that lack one, by time. Errors: ARENA_FULL, NO_MEMORY, FIELD_VALUE. */
MUST_USE enum err match_payments(struct match *match);

/* match_case.c: the cases with their money and invoices. */
MUST_USE enum err match_case_build(struct match *match);

/* match_case.c: how much an item's tax is more than that of its rate, 0 when it is no more than rounding; all of it where no tax can be
 * right. */
int64_t match_item_off(const struct recon_invoice_item *item);

/* match_pair.c: lines and members. */
MUST_USE enum err match_pair(struct match *match);

/* match_tidy.c: a number without what people and files make of it: no blanks of any kind around it, wide forms
 * narrow, capitals small. The result lives in the arena. Errors: ARENA_FULL, NO_MEMORY. */
MUST_USE enum err match_tidy(struct arena *arena, struct span number, struct span *out);

/* How many items there are to match. */
size_t match_items(const struct recon_input *in);

/* Days from the bill's to the one of `t`, in the bill's zone: -1, 0, 1, and -2 or 2 for anything before or after those. */
int match_day_offset(const struct match *match, struct wall_time t);

/* True when the attempt is paid in our books. */
bool match_paid(const struct recon_member *member);

/* Where a refund stands in our books, as the bill is read against it. */
enum match_stand {
    MATCH_STAND_NONE,
    MATCH_STAND_PENDING,
    MATCH_STAND_SUCCESS,
    MATCH_STAND_OVER, /* failed, rejected or withdrawn */
};
enum match_stand match_stand(const struct recon_refund *refund); /* NULL: none */

/* match.c: the beginning of a match, and all that follows the sorting, for a whole day or a part of one: results, and what they add to
 * the sheet. Errors of match_solve: those of recon_match. */
struct tie_sums;
struct match match_of(const struct recon_input *in, struct arena *arena);
MUST_USE enum err match_solve(struct match *match, struct recon_output *out,
                              struct recon_sheet *sheet, struct tie_sums *sums);

/* recon_match in parts of about `size` items (part.h); a day of no more is done in one. */
MUST_USE enum err match_in_parts(const struct recon_input *input, size_t size, struct arena *arena,
                                 struct recon_output *out);

/* NULL for RECON_NONE; the order of a case, or NULL. */
struct match_case *match_case_at(const struct match *match, size_t id);
const struct recon_order *match_case_order(const struct match *match, const struct match_case *of);

/* True when the tariff of the order's kind is zero. */
bool match_case_free(const struct match *match, const struct recon_order *order);

#endif
