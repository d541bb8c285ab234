/* SPDX-License-Identifier: Apache-2.0 */
#include "tangle.h"

#include <string.h>

#include "seed.h"

#define DAY_S      INT64_C(1795363200) /* 2026-11-23T00:00:00+08:00, from `date -d ... +%s` */
#define DAY_LONG_S INT64_C(86400)
#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))

/* Our attempts. The fifth and sixth differ in case alone; one has a wide P (U+FF30). */
static const char *const attempts[] = { "P1", "P2",   "P3",   "P4",  "P5",
                                        "p5", "P6-1", "P6-2", "Ｐ7", "P8" };
/* What a bill has in their place: ours tidied or not, an order's own, another account's, another business's. */
static const char *const strange[] = { "",   "p1",  " P2",   "P3\t", "Ｐ4", "\xE3\x80\x80P5",
                                       "p7", "O1",  "O2",    "O3",   "Q1",  "Q2",
                                       "Q3", "Z-9", "OTH-1", "P6-3" };
static const char *const trades[] = { "", "T1", "T2", "T3", "T4", "T5", "T6", "T7" };
static const char *const numbers[] = { "O1", "O2", "O3", "O4", "O5", "O6" };
static const char *const owners[] = { "portal", "portal", "portal", "branch" };
static const char *const refunds[] = { "R1", "R2", "R3", "R4", "R5", "R6" };
static const char *const applications[] = { "", "", "", "wx1", "wx2", "other" };
static const char *const documents[] = { "I1", "I2", "I3", "I4", "I5", "I6" };
static const char *const statuses[] = { "issued", "issued", "asked", "void", "failed" };

#define PICK(list) span_of((list)[next(state) % COUNT(list)])

static struct wall_time
some_time(uint64_t *state)
{
    static const int64_t seconds[] = { 43200, 43201, 30,    82800, 85800, 85799, 86399,
                                       86400, 86401, 87000, 87001, -1,    -90000 };
    return (struct wall_time){ (DAY_S + seconds[next(state) % COUNT(seconds)]) * 1000000 };
}

static int64_t
some_fen(uint64_t *state)
{
    return (int64_t)(next(state) % 3) + 1;
}

static void
add_member(struct tangle *t, struct span attempt_no, uint64_t *state)
{
    struct recon_member *member = &t->members[t->in.member_count++];
    *member = (struct recon_member){ .attempt_no = attempt_no,
                                     .provider_trade_no = PICK(trades),
                                     .owner = PICK(owners),
                                     .order_no = PICK(numbers),
                                     .amount_fen = some_fen(state),
                                     .created_at = some_time(state) };
    bool paid = chance(state, 70);
    member->state = paid ? (chance(state, 90) ? ATTEMPT_PAID : ATTEMPT_LATE_PAID)
                         : (enum attempt_state)(ATTEMPT_CREATED + next(state) % 5);
    if (paid) {
        member->paid_at = some_time(state);
        member->counted = chance(state, 75);
        member->carried_in = member->counted && chance(state, 15);
        member->denied = chance(state, 10);
    }
}

static void
add_refund(struct tangle *t, struct span refund_no, uint64_t *state)
{
    struct recon_refund *refund = &t->refunds[t->in.refund_count++];
    *refund = (struct recon_refund){ .refund_no = refund_no,
                                     .attempt_no = PICK(attempts),
                                     .owner = PICK(owners),
                                     .order_no = PICK(numbers),
                                     .amount_fen = some_fen(state),
                                     .approved = true };
    refund->state =
        (enum refund_state)(REFUND_PROPOSED + next(state) % (REFUND_STATE_COUNT - REFUND_PROPOSED));
    bool over = refund->state == REFUND_FAILED || refund->state == REFUND_REJECTED
                || refund->state == REFUND_WITHDRAWN;
    refund->sent_at = chance(state, 80) ? some_time(state) : (struct wall_time){ 0 };
    refund->taken_at = some_time(state);
    refund->counted = !over && chance(state, 70);
    refund->carried_in = refund->counted && chance(state, 15);
}

/* One field of a line that was on the bill before, so that it is no repetition. */
static void
alter(struct recon_line *line, uint64_t *state)
{
    switch (next(state) % 12) {
    case 0:
        line->provider_trade_no = PICK(trades);
        break;
    case 1:
        line->merchant_order_no = PICK(strange);
        break;
    case 2:
        line->refund_no = PICK(refunds);
        break;
    case 3:
        line->fee_fen -= 1;
        break;
    case 4:
        line->at.us += 1000000;
        break;
    case 5:
        line->pending = !line->pending;
        break;
    case 6:
        line->coupon_fen -= 1;
        break;
    case 7:
        line->effective_fen = 0;
        break;
    case 8:
        line->application = PICK(applications);
        break;
    case 9:
        line->other_currency = !line->other_currency;
        break;
    case 10:
        line->dispute = !line->dispute;
        break;
    default:
        line->face_fen += line->face_fen < 0 ? -1 : 1;
        break;
    }
}

static void
add_line(struct tangle *t, uint64_t *state)
{
    struct recon_line *line = &t->lines[t->in.line_count];
    size_t before = t->in.line_count++;
    if (before > 0 && chance(state, 20)) {
        *line = t->lines[next(state) % before];
        if (chance(state, 50)) {
            alter(line, state);
        }
    } else {
        bool refund = chance(state, 30);
        *line = (struct recon_line){ .kind = refund ? BILL_LINE_REFUND : BILL_LINE_PAY,
                                     .provider_trade_no = PICK(trades),
                                     .merchant_order_no =
                                         chance(state, 60) ? PICK(attempts) : PICK(strange),
                                     .application = PICK(applications),
                                     .face_fen = some_fen(state),
                                     .at = some_time(state),
                                     .pending = refund && chance(state, 30),
                                     .other_currency = chance(state, 4),
                                     .dispute = chance(state, 4) };
        if (refund) {
            line->refund_no = chance(state, 80) ? PICK(refunds) : SPAN_LIT("");
            line->face_fen = -line->face_fen;
        }
        line->effective_fen = chance(state, 15) ? 0 : line->face_fen;
    }
    line->carried_in = chance(state, 15);
    line->number = 10 + (before * 7) % (2 * TANGLE_MOST + 1); /* 7 and 25: each once, in no order */
}

static void
add_papers(struct tangle *t, uint64_t *state)
{
    static const char *const others[] = { "Q1", "Q2", "Q3" };
    for (size_t i = 0; i < COUNT(numbers); i++) {
        for (size_t k = 2; k < COUNT(owners) && t->in.order_count < TANGLE_MOST; k++) {
            if (chance(state, 60)) {
                t->orders[t->in.order_count++] =
                    (struct recon_order){ .owner = span_of(owners[k]),
                                          .order_no = span_of(numbers[i]),
                                          .stage = (enum recon_order_stage)(next(state) % 3),
                                          .kind = chance(state, 20) ? SPAN_LIT("trial")
                                                                    : SPAN_LIT("new"),
                                          .amount_fen = chance(state, 20) ? 0 : some_fen(state),
                                          .said_refunded_fen = chance(state, 20) ? 1 : 0 };
            }
        }
    }
    for (size_t i = 0; i < COUNT(others); i++) {
        bool here = chance(state, 50);
        if (chance(state, 60)) {
            t->payments[t->in.payment_count++] =
                (struct recon_payment){ .owner = PICK(owners),
                                        .order_no = PICK(numbers),
                                        .attempt_no = span_of(others[i]),
                                        .account = here ? SPAN_LIT("alipay-2") : SPAN_LIT("wx-1"),
                                        .provider = here ? SPAN_LIT("alipay") : SPAN_LIT("wechat"),
                                        .amount_fen = some_fen(state),
                                        .refunded_fen = chance(state, 10) ? 1 : 0,
                                        .refund_open = chance(state, 10),
                                        .paid_at = some_time(state) };
        }
    }
    for (size_t i = 0; i < COUNT(documents); i++) {
        if (chance(state, 30)) {
            t->invoices[t->in.invoice_count++] = (struct recon_invoice){
                .owner = PICK(owners),
                .invoice_id = span_of(documents[i]),
                .order_no = chance(state, 90) ? PICK(numbers) : SPAN_LIT(""),
                .status = PICK(statuses),
                .red = chance(state, 15),
                .net_fen = 2,
                .total_fen = 2,
            };
        }
    }
}

void
tangle_tie(struct tangle *t)
{
    t->in.lines = t->lines;
    t->in.members = t->members;
    t->in.refunds = t->refunds;
    t->in.orders = t->orders;
    t->in.payments = t->payments;
    t->in.invoices = t->invoices;
    t->in.tariffs = t->tariffs;
    t->in.tariff_count = COUNT(t->tariffs);
}

void
tangle_make(struct tangle *t, uint64_t *state)
{
    *t = (struct tangle){ .tariffs = { { SPAN("new"), 1 }, { SPAN("trial"), 0 } },
                          .in = { .account = SPAN("alipay-1"),
                                  .provider = SPAN("alipay"),
                                  .application = SPAN("wx1"),
                                  .day = { 2026, 11, 23 },
                                  .cutoff_east_min = 480,
                                  .other_numbers = SPAN("OTH- ANY-"),
                                  .other_applications = SPAN("other") } };
    t->in.as_of = (struct wall_time){ (DAY_S + 34 * 3600) * 1000000 };
    for (size_t i = 0; i < COUNT(attempts); i++) {
        if (chance(state, 60)) {
            add_member(t, span_of(attempts[i]), state);
        }
    }
    for (size_t i = 0; i < COUNT(refunds); i++) {
        if (chance(state, 40)) {
            add_refund(t, span_of(refunds[i]), state);
        }
    }
    for (size_t i = next(state) % (2 * TANGLE_MOST + 1); i > 0; i--) {
        add_line(t, state);
    }
    add_papers(t, state);
    tangle_tie(t);
}
