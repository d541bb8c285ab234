/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_RECON_WORLD_H
#define TALLYGATE_PROPERTY_RECON_WORLD_H

/* Seeded books of a day, with seeded faults, and the bill that belongs to them. */

#include <stdint.h>
#include <string.h>

#include "check.h"
#include "engine.h"
#include "seed.h"

#define ROUNDS 400
#define MOST   40
#define LINES  (2 * MOST)
#define DAY_S  INT64_C(1795363200) /* 2026-11-23T00:00:00+08:00, from `date -d ... +%s` */

struct world {
    struct recon_line lines[LINES];
    struct recon_member members[MOST];
    struct recon_refund refunds[MOST];
    struct recon_order orders[MOST];
    struct recon_payment payments[MOST];
    struct recon_invoice invoices[MOST];
    struct recon_tariff tariff;
    struct recon_input in;
    struct arena *arena;
    struct recon_output out;
};

/* Numbers of the worlds, "A00" ... "O39", made once. */
static unsigned char names[7][MOST][3];

static inline struct span
name(const char *letter, size_t i)
{
    static const char letters[] = "ATOIRXF";
    size_t row = (size_t)(strchr(letters, *letter) - letters);
    unsigned char *at = names[row][i];
    at[0] = (unsigned char)*letter;
    at[1] = (unsigned char)('0' + i / 10);
    at[2] = (unsigned char)('0' + i % 10);
    return span_make(at, 3);
}

static inline struct wall_time
at(int64_t second)
{
    return (struct wall_time){ (DAY_S + second) * 1000000 };
}

/* The bill's line of a sale, which may have one or more faults or stand twice. */
static inline void
add_line(struct world *w, size_t i, int64_t fen, struct wall_time when, uint64_t *state)
{
    struct recon_line *line = &w->lines[w->in.line_count];
    *line = (struct recon_line){ .number = 2 + 3 * w->in.line_count,
                                 .kind = BILL_LINE_PAY,
                                 .provider_trade_no = name("T", i),
                                 .merchant_order_no = name("A", i),
                                 .face_fen = fen,
                                 .effective_fen = fen,
                                 .at = when };
    w->in.line_count++;
    if (chance(state, 10)) {
        line->merchant_order_no = name(chance(state, 50) ? "A" : "X", next(state) % MOST);
    }
    if (chance(state, 10)) {
        line->provider_trade_no = name("T", next(state) % MOST);
    }
    if (chance(state, 10)) {
        line->face_fen = line->effective_fen = (int64_t)(next(state) % 5);
    }
    if (chance(state, 5)) {
        line->effective_fen = 0;
    }
    if (chance(state, 5)) {
        line->kind = BILL_LINE_REFUND;
        line->face_fen = line->effective_fen = -fen;
    }
    if (chance(state, 5) && w->in.line_count < LINES) {
        w->lines[w->in.line_count] = *line;
        w->lines[w->in.line_count].number += 1000;
        w->in.line_count++;
    }
}

/* Money of the sale that goes back in our books, on the bill, or on both, as they then say. */
static inline void
add_refund(struct world *w, size_t i, int64_t fen, struct wall_time when, uint64_t *state)
{
    struct recon_refund *refund = &w->refunds[w->in.refund_count++];
    *refund = (struct recon_refund){ .refund_no = name("F", i),
                                     .attempt_no = name("A", i),
                                     .owner = SPAN("portal"),
                                     .order_no = name("O", i),
                                     .amount_fen = fen,
                                     .approved = !chance(state, 5),
                                     .sent_at = when,
                                     .taken_at = when };
    refund->state =
        (enum refund_state)(REFUND_PROPOSED + next(state) % (REFUND_STATE_COUNT - REFUND_PROPOSED));
    bool taken = refund->state == REFUND_ACCEPTED || refund->state == REFUND_ABNORMAL
                 || refund->state == REFUND_SUCCEEDED;
    refund->counted = taken && !chance(state, 10);
    refund->carried_in = refund->counted && chance(state, 8);
    if (chance(state, 30) || w->in.line_count == LINES) {
        return;
    }
    struct recon_line *line = &w->lines[w->in.line_count];
    *line = (struct recon_line){ .number = 2 + 3 * w->in.line_count,
                                 .kind = BILL_LINE_REFUND,
                                 .provider_trade_no = name("T", i),
                                 .merchant_order_no = name("A", i),
                                 .refund_no = name("F", chance(state, 10) ? next(state) % MOST : i),
                                 .face_fen = -fen,
                                 .effective_fen = -fen,
                                 .at = when,
                                 .pending = chance(state, 20) };
    w->in.line_count++;
    if (chance(state, 10)) {
        line->face_fen = line->effective_fen = -(int64_t)(next(state) % 5);
    }
    if (chance(state, 15)) {
        line->effective_fen = 0;
    }
}

/* One order paid, billed and perhaps invoiced; then each part may get a fault. */
static inline void
add_sale(struct world *w, size_t i, uint64_t *state)
{
    int64_t fen = (int64_t)(next(state) % 5) + 1; /* few amounts: many equal ones */
    struct wall_time when = at((int64_t)(next(state) % 86400));
    size_t order_no = chance(state, 15) ? next(state) % (i + 1) : i;
    struct recon_member *member = &w->members[w->in.member_count++];
    *member = (struct recon_member){ .attempt_no = name("A", i),
                                     .provider_trade_no = name("T", i),
                                     .owner = SPAN("portal"),
                                     .order_no = name("O", order_no),
                                     .state = ATTEMPT_PAID,
                                     .amount_fen = fen,
                                     .paid_at = when,
                                     .created_at = when,
                                     .counted = true };
    if (chance(state, 15)) {
        member->state = (enum attempt_state)(ATTEMPT_CREATED + next(state) % 5);
        member->counted = false;
        member->paid_at.us = 0;
    } else if (chance(state, 8)) {
        member->carried_in = true;
    }
    if (!chance(state, 20)) {
        add_line(w, i, fen, when, state);
    }
    if (chance(state, 30)) {
        add_refund(w, i, fen, when, state);
    }
    if (order_no == i && !chance(state, 10)) {
        w->orders[w->in.order_count++] =
            (struct recon_order){ .owner = SPAN("portal"),
                                  .order_no = name("O", i),
                                  .status = SPAN("paid"),
                                  .stage = (enum recon_order_stage)(next(state) % 3),
                                  .kind = SPAN("new"),
                                  .amount_fen = fen,
                                  .unit_fee_fen = fen,
                                  .quantity = 1 };
    }
    if (chance(state, 40)) {
        w->invoices[w->in.invoice_count++] = (struct recon_invoice){ .owner = SPAN("portal"),
                                                                     .invoice_id = name("I", i),
                                                                     .order_no = name("O", i),
                                                                     .status = SPAN("issued"),
                                                                     .red = chance(state, 10),
                                                                     .net_fen = fen,
                                                                     .total_fen = fen,
                                                                     .issued_at = at(86000) };
    }
}

static inline void
world_make(struct world *w, uint64_t *state)
{
    *w = (struct world){ .tariff = { SPAN("new"), 3 },
                         .in = { .account = SPAN("alipay-1"),
                                 .provider = SPAN("alipay"),
                                 .day = { 2026, 11, 23 },
                                 .cutoff_east_min = 480,
                                 .fee_rate_ppm = 6000,
                                 .fee_rounding_max_fen = 1000 } };
    w->in.as_of = at(122400);
    w->in.tariff_count = 1;
    size_t sales = next(state) % (MOST / 2);
    for (size_t i = 0; i < sales; i++) {
        add_sale(w, i, state);
    }
}

static inline void
world_free(struct world *w)
{
    arena_free(&w->arena);
}

static inline void
world_run(struct world *w)
{
    w->in.lines = w->lines;
    w->in.members = w->members;
    w->in.refunds = w->refunds;
    w->in.orders = w->orders;
    w->in.payments = w->payments;
    w->in.invoices = w->invoices;
    w->in.tariffs = &w->tariff;
    engine_run(&w->in, &w->arena, &w->out);
}

#endif
