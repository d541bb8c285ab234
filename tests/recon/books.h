/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECON_BOOKS_H
#define TALLYGATE_RECON_BOOKS_H

/* A golden day: one order of two certificates at 280.00, one attempt, one bill line, one invoice, all
 * agreeing. A test changes one thing and says what must come out, all of it. */

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "check.h"
#include "recon.h"

#define DAY_S      INT64_C(1795363200) /* 2026-11-23T00:00:00+08:00, from `date -d ... +%s` */
#define HOUR_S     INT64_C(3600)
#define NOON_S     (12 * HOUR_S)
#define MIDNIGHT_S (24 * HOUR_S)
#define MOST       8

struct books {
    struct recon_line lines[MOST];
    struct recon_member members[MOST];
    struct recon_refund refunds[MOST];
    struct recon_order orders[MOST];
    struct recon_payment payments[MOST];
    struct recon_invoice invoices[MOST];
    struct recon_manual manuals[MOST];
    struct recon_tariff tariffs[MOST];
    struct recon_input in;
    struct arena *arena;
    struct recon_output out;
    char said[4096];
};

/* A time, in seconds from the start of the day. */
static inline struct wall_time
at(int64_t second)
{
    return (struct wall_time){ (DAY_S + second) * 1000000 };
}

/* `b` must be zero or golden before. */
static inline void
books_golden(struct books *b)
{
    arena_free(&b->arena);
    *b = (struct books){ .in = { .account = SPAN("alipay-1"),
                                 .provider = SPAN("alipay"),
                                 .day = { 2026, 11, 23 },
                                 .cutoff_east_min = 480,
                                 .fee_rate_ppm = 6000,
                                 .fee_rounding_max_fen = 1000 } };
    b->in.as_of = at(34 * HOUR_S); /* 10:00 of the next day */
    b->lines[0] = (struct recon_line){ .number = 7,
                                       .kind = BILL_LINE_PAY,
                                       .provider_trade_no = SPAN("T1"),
                                       .merchant_order_no = SPAN("A1"),
                                       .face_fen = 56000,
                                       .effective_fen = 56000,
                                       .fee_fen = -336 };
    b->lines[0].at = at(NOON_S);
    b->members[0] = (struct recon_member){ .attempt_no = SPAN("A1"),
                                           .provider_trade_no = SPAN("T1"),
                                           .owner = SPAN("portal"),
                                           .order_no = SPAN("O1"),
                                           .state = ATTEMPT_PAID,
                                           .amount_fen = 56000,
                                           .counted = true };
    b->members[0].paid_at = at(NOON_S);
    b->members[0].created_at = at(NOON_S - 60);
    b->orders[0] = (struct recon_order){ .owner = SPAN("portal"),
                                         .order_no = SPAN("O1"),
                                         .status = SPAN("paid"),
                                         .stage = RECON_ORDER_PAID,
                                         .kind = SPAN("new"),
                                         .amount_fen = 56000,
                                         .unit_fee_fen = 28000,
                                         .quantity = 2,
                                         .title = SPAN("Jia Ltd"),
                                         .tax_no = SPAN("91110000000000000X") };
    b->payments[0] = (struct recon_payment){ .owner = SPAN("portal"),
                                             .order_no = SPAN("O1"),
                                             .attempt_no = SPAN("A1"),
                                             .account = SPAN("alipay-1"),
                                             .provider = SPAN("alipay"),
                                             .amount_fen = 56000 };
    b->payments[0].paid_at = at(NOON_S);
    b->invoices[0] = (struct recon_invoice){ .owner = SPAN("portal"),
                                             .invoice_id = SPAN("I1"),
                                             .order_no = SPAN("O1"),
                                             .status = SPAN("issued"),
                                             .net_fen = 52830,
                                             .tax_fen = 3170,
                                             .total_fen = 56000,
                                             .title = SPAN("Jia Ltd"),
                                             .tax_no = SPAN("91110000000000000X") };
    b->invoices[0].asked_at = at(13 * HOUR_S);
    b->invoices[0].issued_at = at(14 * HOUR_S);
    b->tariffs[0] = (struct recon_tariff){ SPAN("new"), 28000 };
    b->tariffs[1] = (struct recon_tariff){ SPAN("renew"), 20000 };
    b->tariffs[2] = (struct recon_tariff){ SPAN("trial"), 0 };
    b->in.line_count = b->in.member_count = b->in.order_count = 1;
    b->in.payment_count = b->in.invoice_count = 1;
    b->in.tariff_count = 3;
}

/* A second payment of the golden order an hour later, on the bill as well. */
static inline void
books_pay_again(struct books *b)
{
    b->lines[1] = b->lines[0];
    b->lines[1].number = 8;
    b->lines[1].provider_trade_no = SPAN_LIT("T2");
    b->lines[1].merchant_order_no = SPAN_LIT("A2");
    b->lines[1].at = at(NOON_S + HOUR_S);
    b->members[1] = b->members[0];
    b->members[1].attempt_no = SPAN_LIT("A2");
    b->members[1].provider_trade_no = SPAN_LIT("T2");
    b->members[1].paid_at = at(NOON_S + HOUR_S);
    b->payments[1] = b->payments[0];
    b->payments[1].attempt_no = SPAN_LIT("A2");
    b->payments[1].paid_at = at(NOON_S + HOUR_S);
    b->in.line_count = b->in.member_count = b->in.payment_count = 2;
}

/* The first `number` bank transfers of the golden order, the last of them confirmed with its deposit. */
static inline void
books_transfer(struct books *b, size_t number, int64_t fen)
{
    b->orders[0].unit_name = SPAN_LIT("Jia Ltd");
    b->manuals[number - 1] = (struct recon_manual){ .owner = SPAN("portal"),
                                                    .order_no = SPAN("O1"),
                                                    .number = (int64_t)number,
                                                    .confirmed = true,
                                                    .attached = true,
                                                    .amount_fen = fen,
                                                    .deposit_fen = fen,
                                                    .received_on = { 2026, 11, 23 },
                                                    .recorded_on = { 2026, 11, 23 },
                                                    .decided_on = { 2026, 11, 23 },
                                                    .voucher = SPAN("V1"),
                                                    .payer_name = SPAN("Jia Ltd") };
    b->in.manual_count = number;
    b->in.manual_backdate_days = 3;
}

static inline void
books_free(struct books *b)
{
    arena_free(&b->arena);
}

static inline enum err
books_try(struct books *b)
{
    b->in.lines = b->lines;
    b->in.members = b->members;
    b->in.refunds = b->refunds;
    b->in.orders = b->orders;
    b->in.payments = b->payments;
    b->in.invoices = b->invoices;
    b->in.manuals = b->manuals;
    b->in.tariffs = b->tariffs;
    arena_free(&b->arena);
    CHECK_OK(arena_new((size_t)1024 * 1024, &b->arena));
    return recon_match(&b->in, b->arena, &b->out);
}

/* Every result on its own line: its class, then its findings. */
static inline const char *
books_say(struct books *b)
{
    CHECK_OK(books_try(b));
    size_t used = 0;
    b->said[0] = '\0';
    for (size_t i = 0; i < b->out.count; i++) {
        const struct recon_result *result = &b->out.results[i];
        for (size_t k = 0; k <= result->finding_count; k++) {
            const char *before = k > 0 ? " " : i > 0 ? "\n" : "";
            enum finding finding = k == 0 ? result->primary : result->findings[k - 1];
            int put = snprintf(b->said + used, sizeof(b->said) - used, "%s%s", before,
                               finding_name(finding));
            cr_assert(put > 0 && (size_t)put < sizeof(b->said) - used);
            used += (size_t)put;
        }
    }
    return b->said;
}

#define CHECK_SAYS(books, want)                                              \
    do {                                                                     \
        const char *says_ = books_say(books);                                \
        cr_assert_str_eq(says_, (want), "got\n%s\nwant\n%s", says_, (want)); \
    } while (0)
#define CHECK_DELTA(books, at_, want)                                       \
    cr_assert_eq((books)->out.results[at_].delta_fen, (want), "delta %lld", \
                 (long long)(books)->out.results[at_].delta_fen)

#endif
