/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_RECON_H
#define TALLYGATE_RECONCILE_RECON_H

/* One day of one account: the provider's bill against our books, the orders and the invoices. Pure:
 * arrays in, arrays out; the same input gives the same output in whatever order its arrays stand.
 * Money is signed fen: payments +, refunds -, fees as the bill signs them. delta = b - p; positive is
 * LONG (the provider holds more for us than our books say), negative is SHORT. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "attempt.h"
#include "bill.h"
#include "clock.h"
#include "err.h"
#include "finding.h"
#include "invoice.h"
#include "refund.h"
#include "span.h"

#define RECON_NONE          SIZE_MAX /* no line, no member, no refund, no order */
#define RECON_FINDINGS_MAX  16       /* findings beside one primary class */
#define RECON_NEAR_CUTOFF_S 600      /* only this near to midnight may money be in transit */
#define RECON_ASKED_DAYS    5        /* an invoice asked for longer ago than this is overdue */
#define RECON_DEPOSIT_DAYS  3 /* working days within which a bank transfer is to be confirmed */

/* A line of the bill that moves money, as read; `number` is its line in the file. One that was carried in stands on the bill of the day
 * before, which was ahead of our books with it: its number, face, fee and what else it says count there. */
struct recon_line {
    size_t number;
    enum bill_line_kind kind;
    struct span provider_trade_no;
    struct span merchant_order_no;
    struct span refund_no;
    struct span application; /* empty when the line does not name it */
    int64_t face_fen;
    int64_t effective_fen;
    int64_t fee_fen;
    int64_t coupon_fen; /* what is settled less the effective amount */
    int64_t rate_ppm;   /* of the fee, as printed; 0: not said */
    bool promoted;
    enum fee_card card;
    enum adapter_method method; /* NONE: not said */
    bool other_currency;        /* the amounts are no yuan */
    bool other_route;           /* a refund that did not go back the way the payment came */
    bool dispute;               /* taken or given back by the provider after a dispute */
    struct wall_time at;
    bool pending; /* a refund that the provider had taken on and not ended when it wrote the bill */
    bool carried_in;
};

/* What is kept of a line that is carried in. */
struct recon_early {
    int64_t number; /* its line in the file of the day before */
    bool refund;
    struct span provider_trade_no;
    struct span merchant_order_no;
    struct span refund_no;
    int64_t fen; /* effective */
    struct wall_time at;
    bool pending;
    struct span raw; /* the line itself */
};

/* An attempt of ours on this account. `counted` ones are the population: paid, and expected on this
 * day's bill or carried in from the day before. The others are candidates that a line may name. */
struct recon_member {
    struct span attempt_no;
    struct span provider_trade_no;
    struct span owner;
    struct span order_no;
    enum attempt_state state;
    int64_t amount_fen;
    enum adapter_method method;
    struct wall_time paid_at; /* 0 unless paid */
    struct wall_time created_at;
    bool counted;
    bool carried_in;
    bool denied; /* paid, and the provider's last verified word is that it is not */
};

/* A refund of ours on this account. `counted` ones are part of the population: the provider took them
 * on, and they are expected on this day's bill or carried in. The others are candidates that a line may
 * name. */
struct recon_refund {
    struct span refund_no;
    struct span attempt_no; /* whose money goes back */
    struct span owner;
    struct span order_no;
    enum refund_state state;
    int64_t amount_fen;        /* positive */
    bool approved;             /* two people, or the policy, stand behind it */
    struct wall_time sent_at;  /* first; 0: never */
    struct wall_time taken_at; /* when the provider took it on, by its own words; 0: not yet */
    bool counted;
    bool carried_in;
};

/* How far the portal says an order is. */
enum recon_order_stage {
    RECON_ORDER_UNPAID, /* draft */
    RECON_ORDER_PAID,   /* paid, submitted, reviewed, issued */
    RECON_ORDER_CLOSED  /* rejected, cancelled */
};

struct recon_order {
    struct span owner;
    struct span order_no;
    struct span unit_name; /* of the applicant */
    struct span status;    /* the portal's own word */
    enum recon_order_stage stage;
    struct span kind;
    int64_t amount_fen; /* payable */
    int64_t unit_fee_fen;
    int64_t quantity;
    int64_t issued_quantity;
    struct span title;
    struct span tax_no;
    enum invoice_kind invoice_kind; /* asked for */
    struct span said_kind;          /* what the portal says now; empty: it said no more than that */
    int64_t said_quantity;
    int64_t said_unit_fee_fen;
    int64_t said_amount_fen;
    int64_t said_refunded_fen; /* marked as given back there */
    int64_t invoiced_fen;      /* by valid invoices of any day, blue less red: for the report */
    bool
        like_paid; /* another order of its buyer, kind and quantity was placed within 10 minutes, and paid */
};

/* Confirmed money of an order, on any account and day up to as_of: for duplicates and invoices. */
struct recon_payment {
    struct span owner;
    struct span order_no;
    struct span attempt_no;
    struct span account;
    struct span provider;
    int64_t amount_fen;
    int64_t refunded_fen; /* of it, what the provider has taken on to give back; positive */
    bool refund_open;     /* a refund of it is asked for, approved or on its way */
    struct wall_time paid_at;
};

/* What stands on an invoice. */
struct recon_invoice_item {
    struct span owner;
    struct span invoice_id;
    struct span reported_under; /* the order that the document lives with */
    int64_t number;             /* on it, from 1 */
    struct span name;
    struct span quantity;
    struct span taxed; /* as invoice_taxed_code has it */
    int64_t rate_ppm;  /* INVOICE_RATE_ABSENT: there is none */
    int64_t net_fen;
    int64_t tax_fen;
    int64_t total_fen;
};

/* An invoice of an order. One document for several orders stands once for each of them, with that order's
 * part of it. */
struct recon_invoice {
    struct span owner;
    struct span invoice_id;
    struct span order_no;
    struct span status; /* asked, issued, failed, void */
    bool red;
    int64_t net_fen;
    int64_t tax_fen;
    int64_t total_fen;
    struct span title;
    struct span tax_no;
    struct wall_time asked_at;  /* 0: not said */
    struct wall_time issued_at; /* 0 unless issued */
    enum invoice_kind kind;
    bool merged;                /* for several orders */
    struct span reported_under; /* of a merged one, the order that its document lives with */
    int64_t share_fen; /* of a merged one, what of total_fen is for order_no; has its sign */
    enum invoice_red_reason red_reason;
    enum invoice_confirmation confirmation;
    struct wall_time confirmation_asked_at;
    const struct recon_invoice_item *items; /* none: nobody said what stands on it */
    size_t item_count;
};

/* A bank transfer that people recorded for an order, one that was not rejected. */
struct recon_manual {
    struct span owner;
    struct span order_no;
    int64_t number; /* within the order */
    bool out;       /* money that was given back */
    bool confirmed; /* by a second person, who saw the deposit */
    bool self;      /* both were one: cannot be, and is told */
    bool attached;  /* a copy of the voucher is known */
    int64_t amount_fen;
    int64_t deposit_fen; /* of a confirmed one, what our bank's statement has */
    struct day received_on;
    struct day recorded_on;
    struct day decided_on; /* of a confirmed one */
    struct span voucher;
    struct span payer_name;
};

struct recon_tariff {
    struct span kind;
    int64_t unit_fee_fen;
};

/* A movement of the account's balance, from the account's own bill of the day. */
struct recon_movement {
    size_t number; /* its line in that file */
    enum bill_flow kind;
    struct span provider_trade_no;
    struct span merchant_order_no;
    struct span refund_no; /* empty: the bill names the payment alone */
    int64_t fen;           /* negative when it left */
    int64_t fee_fen;       /* of it, what came back of the fee with a refund */
    int64_t balance_fen;   /* after it */
    struct wall_time at;
};

/* What a movement was found to be: NONE for the payment of a line. */
struct recon_moved {
    enum finding code;
    size_t line; /* index into input lines whose money it is, or RECON_NONE */
};

struct progress;

struct recon_input {
    struct span account;
    struct span provider;
    struct span application; /* of the account */
    struct day day;
    int cutoff_east_min;    /* the zone whose midnight ends the bill's day */
    struct wall_time as_of; /* what "now" is for this run */
    struct span
        closed_days; /* of this account, signed: before this one, and the one after it; ISO, blank-separated */
    int64_t fee_rate_ppm; /* where none of `fees` holds */
    const struct fee_contract *fees;
    size_t fee_count;
    int64_t fee_rounding_max_fen; /* by so much may fees of a month be off as mere rounding ... */
    int64_t fee_rounding_before_fen; /* ... and by so much they were on its days before */
    struct span other_numbers;       /* of another business: beginnings of order numbers, */
    struct span other_applications;  /* and applications; blank-separated */
    const struct recon_line *lines;  /* of the day's bill, and those carried in */
    size_t line_count;
    bool
        has_flow; /* the account's own bill of the day is at hand; without it nothing below says anything */
    bool flow_balanced;       /* both balances are known */
    bool flow_opening_proved; /* the day before closed with it */
    int64_t flow_opening_fen;
    int64_t flow_closing_fen;
    const struct recon_movement *movements;
    size_t movement_count;
    const struct recon_member *members;
    size_t member_count;
    const struct recon_refund *refunds;
    size_t refund_count;
    const struct recon_order *orders; /* every order named by a member, a payment or an invoice, and
                                         those the portal advanced on this day */
    size_t order_count;
    const struct recon_payment *payments;
    size_t payment_count;
    const struct recon_invoice *invoices;
    size_t invoice_count;
    const struct recon_manual *manuals; /* of those orders */
    size_t manual_count;
    int manual_backdate_days; /* recorded later than this after the money came is backdated */
    const struct recon_tariff *tariffs;
    size_t tariff_count;
    struct progress *progress;   /* counts the items that are matched; NULL: nobody watches */
    struct recon_untied *untied; /* is written with SHEET_UNTIED; NULL: nobody asks */
};

/* One unit: a bill line, a member or a refund, or a line with one of them; or an order or invoice without
 * money, a movement of the account that no line explains, or a
 * bank transfer, which no provider's bill has (b = p = 0). */
struct recon_result {
    size_t seq;      /* 1.. in the order of the output */
    size_t line;     /* index into input lines, or RECON_NONE */
    size_t member;   /* index into input members, or RECON_NONE */
    size_t refund;   /* index into input refunds, or RECON_NONE */
    size_t order;    /* index into input orders, or RECON_NONE */
    size_t invoice;  /* the invoice of an INV_ORPHAN, or RECON_NONE */
    size_t movement; /* index into input movements, or RECON_NONE */
    size_t manual;   /* index into input manuals, or RECON_NONE */
    enum finding primary;
    enum finding findings[RECON_FINDINGS_MAX]; /* in the order of the registry, none twice */
    size_t finding_count;
    int64_t face_fen;
    int64_t b_fen;
    int64_t p_fen;
    int64_t delta_fen;
    bool fee_judged;     /* a contract speaks of the line's fee, */
    int64_t fee_due_fen; /* and has it so, as the bill signs fees */
    bool carry_out;      /* in transit: the next day's run must take its line or its booking in */
};

struct recon_cell {
    int64_t count;
    int64_t fen;
};

/* One more of so much; amounts of a day were looked at to add up (AMOUNT_OVERFLOW). */
static inline void
recon_cell_add(struct recon_cell *cell, int64_t fen)
{
    cell->count++;
    cell->fen += fen;
}

/* What the account's own bill adds to the sheet:
 *   opening + pay + refund + fee + other = closing
 *   pay + refund + fee = N + coupon + scope + only - missing + fee_off */
struct recon_flow {
    bool there;
    bool balanced;
    bool opening_proved;
    int64_t opening_fen;
    int64_t closing_fen;
    struct recon_cell pay;
    struct recon_cell refund; /* without the fee that came back in the same movement */
    struct recon_cell fee;
    struct recon_cell other;
    struct recon_cell only;    /* movements of trade that are on no line */
    struct recon_cell missing; /* lines whose money did not move */
    int64_t fee_off_fen;       /* fees that moved less fees of the lines */
    int64_t coupon_fen;        /* what is settled less what was sold */
    int64_t scope_fen;         /* lines of another business, settled, with their fees */
};

/* The adding-up sheet; letters as finance knows them. */
struct recon_sheet {
    struct recon_cell parsed;       /* B: face of every line */
    struct recon_cell in_scope;     /* C: effective lines */
    struct recon_cell ineffective;  /* C' */
    struct recon_cell out_of_scope; /* D */
    struct recon_cell matched;      /* E */
    struct recon_cell amount_bill;  /* F: the bill's part of amount differences */
    struct recon_cell amount_books; /* F': our part of the same */
    struct recon_cell bill_only;    /* G */
    struct recon_cell repeated;     /* H: duplicates */
    struct recon_cell early_out;    /* L': lines ahead of our books, carried out */
    struct recon_cell early_in;     /* M': lines carried in, whatever became of them */
    struct recon_cell population;   /* J */
    struct recon_cell book_only;    /* K */
    struct recon_cell in_transit;   /* L: carried out */
    struct recon_cell carried_in;   /* M: carried in and now matched */
    struct recon_cell delta_long;   /* Δ > 0 */
    struct recon_cell delta_short;  /* Δ < 0 */
    struct recon_cell pay;          /* N: payments on the bill */
    struct recon_cell refund;       /*    refunds on the bill */
    struct recon_cell fee;          /*    fees on the bill */
    struct recon_cell orders_paid; /* P: orders with money of this day, once each; fen is payable */
    struct recon_cell invoiced;    /* Q: valid invoices of those orders, blue less red */
    struct recon_cell paid_here;   /* P1: the payments of J that are for them */
    struct recon_cell paid_apart;  /* P2: their confirmed payments of other days and accounts */
    struct recon_cell transferred; /* P3: their bank transfers */
    struct recon_cell order_off;   /* P4: payable less money of those that a finding says it of */
    struct recon_cell
        off_apart; /* P5: the same, where what was paid twice is in P2 and found there */
    struct recon_cell books_no_order; /* P6: the payments of J that are for no order we know */
    struct recon_cell books_refund;   /* P7: the refunds of J */
    struct recon_cell orders_free;    /* P8: orders taken for paid that cost nothing */
    struct recon_cell invoiced_due;   /* Q1: what of those orders with invoices is to be invoiced */
    struct recon_cell invoice_off; /* Q2: invoiced less that, of those that a finding says it of */
    struct recon_flow flow;
    int64_t unexplained_fen; /* 0, else the engine has a fault */
};

#define RECON_UNTIED_MAX 129

/* Where a sheet does not add up: the first equation, by how much in all, and the first order that is off without a finding. */
struct recon_untied {
    char equation[RECON_UNTIED_MAX];
    char owner[RECON_UNTIED_MAX];
    char order_no[RECON_UNTIED_MAX];
    int64_t fen; /* unexplained, without sign */
};

struct recon_output {
    struct recon_result *
        results; /* sorted: line number, then attempt, refund, order, invoice, movement, transfer */
    size_t count;
    const struct recon_moved *moved; /* of each movement, at its place in the input */
    struct recon_sheet sheet;
};

/* Everything lives in `arena`. Errors: NO_MEMORY, ARENA_FULL; SHEET_UNTIED when the sums do not tie, INTERNAL when a line or a counted
 * member is in no result or in two (nothing may be published then); AMOUNT_OVERFLOW when the amounts cannot be added up; FIELD_VALUE
 * when the number of a line or movement, an attempt, refund, order or an order's invoice stands twice, an attempt or refund has no number, a
 * counted attempt is not paid or a counted refund not under way at the provider, a payment is for another order than its attempt, an invoice has an unknown
 * status or more than itself for an order, a fee rate is not 0..100 % or two contracts hold for one card and day, or
 * there are movements without the bill that has them. */
MUST_USE enum err recon_match(const struct recon_input *input, struct arena *arena,
                              struct recon_output *out);

#endif
