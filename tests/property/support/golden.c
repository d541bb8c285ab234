/* SPDX-License-Identifier: Apache-2.0 */
#include "golden.h"

#define OWNER SPAN_LIT("portal")
#define TITLE SPAN_LIT("Jia Ltd")
#define TAXNO SPAN_LIT("91110000000000000X")

static const struct wall_time noon = { GOLDEN_US(GOLDEN_NOON) };
static const struct wall_time week_before = { GOLDEN_US(GOLDEN_NOON - 7 * 86400) };

/* What belongs to one unit, by its number. */
struct unit {
    struct span attempt_no;
    struct span trade_no;
    struct span refund_no;
    struct span order_no;
    struct span invoice_id;
    struct span red_id;
};

static const struct unit units[] = {
    { .attempt_no = { 0 } },
    { SPAN("A1"), SPAN("T1"), SPAN("R1"), SPAN("O1"), SPAN("I1"), SPAN("J1") },
    { SPAN("A2"), SPAN("T2"), SPAN("R2"), SPAN("O2"), SPAN("I2"), SPAN("J2") },
    { SPAN("A3"), SPAN("T3"), SPAN("R3"), SPAN("O3"), SPAN("I3"), SPAN("J3") },
    { SPAN("A4"), SPAN("T4"), SPAN("R4"), SPAN("O4"), SPAN("I4"), SPAN("J4") },
    { SPAN("A5"), SPAN("T5"), SPAN("R5"), SPAN("O5"), SPAN("I5"), SPAN("J5") },
    { SPAN("A6"), SPAN("T6"), SPAN("R6"), SPAN("O6"), SPAN("I6"), SPAN("J6") },
    { SPAN("A7"), SPAN("T7"), SPAN("R7"), SPAN("O7"), SPAN("I7"), SPAN("J7") },
    { SPAN("A8"), SPAN("T8"), SPAN("R8"), SPAN("O8"), SPAN("I8"), SPAN("J8") },
    { SPAN("OTH-9"), SPAN("T9"), SPAN("R9"), SPAN("O9"), SPAN("I9"), SPAN("J9") },
    { SPAN("A10"), SPAN("T10"), SPAN("R10"), SPAN("O10"), SPAN("I10"), SPAN("J10") },
    { SPAN("A11"), SPAN("T11"), SPAN("R11"), SPAN("O11"), SPAN("I11"), SPAN("J11") },
};

static struct recon_line *
add_line(struct golden *g, size_t unit, int64_t fen, int64_t fee_fen)
{
    struct recon_line *line = &g->lines[g->in.line_count++];
    *line = (struct recon_line){ .number = 10 + unit,
                                 .kind = fen < 0 ? BILL_LINE_REFUND : BILL_LINE_PAY,
                                 .provider_trade_no = units[unit].trade_no,
                                 .merchant_order_no = units[unit].attempt_no,
                                 .face_fen = fen,
                                 .effective_fen = fen,
                                 .fee_fen = fee_fen,
                                 .at = noon };
    if (fen < 0) {
        line->refund_no = units[unit].refund_no;
    }
    return line;
}

static struct recon_member *
add_member(struct golden *g, size_t unit, int64_t fen, struct wall_time paid_at)
{
    struct recon_member *member = &g->members[g->in.member_count++];
    *member = (struct recon_member){ .attempt_no = units[unit].attempt_no,
                                     .provider_trade_no = units[unit].trade_no,
                                     .owner = OWNER,
                                     .order_no = units[unit].order_no,
                                     .state = ATTEMPT_PAID,
                                     .amount_fen = fen,
                                     .paid_at = paid_at,
                                     .created_at = { paid_at.us - 60000000 },
                                     .counted = true };
    return member;
}

static struct recon_payment *
add_payment(struct golden *g, size_t unit, int64_t fen, struct wall_time paid_at)
{
    struct recon_payment *payment = &g->payments[g->in.payment_count++];
    *payment = (struct recon_payment){ .owner = OWNER,
                                       .order_no = units[unit].order_no,
                                       .attempt_no = units[unit].attempt_no,
                                       .account = g->in.account,
                                       .provider = g->in.provider,
                                       .amount_fen = fen,
                                       .paid_at = paid_at };
    return payment;
}

static struct recon_order *
add_order(struct golden *g, size_t unit, int64_t fen)
{
    struct recon_order *order = &g->orders[g->in.order_count++];
    *order = (struct recon_order){ .owner = OWNER,
                                   .order_no = units[unit].order_no,
                                   .unit_name = TITLE,
                                   .status = SPAN_LIT("paid"),
                                   .stage = RECON_ORDER_PAID,
                                   .kind = fen == 1 ? SPAN_LIT("trial") : SPAN_LIT("new"),
                                   .amount_fen = fen,
                                   .unit_fee_fen = fen == 1 ? 1 : 28000,
                                   .quantity = fen == 1 ? 1 : 2,
                                   .title = TITLE,
                                   .tax_no = TAXNO,
                                   .invoice_kind = INVOICE_SPECIAL };
    return order;
}

static struct recon_invoice *
add_invoice(struct golden *g, size_t unit, int64_t fen, struct wall_time at)
{
    struct recon_invoice *invoice = &g->invoices[g->in.invoice_count++];
    bool red = fen < 0;
    int64_t net_fen = fen == 112000   ? 105660
                      : fen == 56000  ? 52830
                      : fen == 28000  ? 26415
                      : fen == -28000 ? -26415
                                      : fen;
    *invoice =
        (struct recon_invoice){ .owner = OWNER,
                                .invoice_id = red ? units[unit].red_id : units[unit].invoice_id,
                                .order_no = units[unit].order_no,
                                .status = SPAN_LIT("issued"),
                                .red = red,
                                .net_fen = net_fen,
                                .tax_fen = fen - net_fen,
                                .total_fen = fen,
                                .title = TITLE,
                                .tax_no = TAXNO,
                                .asked_at = at,
                                .issued_at = at,
                                .kind = INVOICE_SPECIAL };
    return invoice;
}

/* One document for the orders of units 2 and 7; it lives with the first. */
static void
add_merged(struct golden *g, size_t unit)
{
    struct recon_invoice *invoice = add_invoice(g, unit, 112000, noon);
    invoice->invoice_id = units[2].invoice_id;
    invoice->reported_under = units[2].order_no;
    invoice->merged = true;
    invoice->share_fen = 56000;
}

static struct recon_refund *
add_refund(struct golden *g, size_t unit, enum refund_state state)
{
    struct recon_refund *refund = &g->refunds[g->in.refund_count++];
    *refund = (struct recon_refund){ .refund_no = units[unit].refund_no,
                                     .attempt_no = units[unit].attempt_no,
                                     .owner = OWNER,
                                     .order_no = units[unit].order_no,
                                     .state = state,
                                     .amount_fen = 28000,
                                     .approved = true,
                                     .sent_at = { noon.us - 60000000 },
                                     .taken_at = noon,
                                     .counted = state != REFUND_FAILED };
    return refund;
}

static void
add_paid(struct golden *g, size_t unit, int64_t fen, struct wall_time paid_at)
{
    (void)add_member(g, unit, fen, paid_at);
    (void)add_payment(g, unit, fen, paid_at);
    (void)add_order(g, unit, fen);
}

/* The payment is of a week before; on this day's bill is what became of it. */
static void
add_given_back(struct golden *g, size_t unit, enum refund_state state)
{
    (void)add_line(g, unit, -28000, 168);
    add_paid(g, unit, 56000, week_before);
    g->members[g->in.member_count - 1].counted = false;
    (void)add_refund(g, unit, state);
    if (state != REFUND_FAILED) {
        g->payments[g->in.payment_count - 1].refunded_fen = 28000;
    }
}

static void
add_transfer(struct golden *g, size_t unit)
{
    g->manuals[g->in.manual_count++] = (struct recon_manual){ .owner = OWNER,
                                                              .order_no = units[unit].order_no,
                                                              .number = (int64_t)unit,
                                                              .confirmed = true,
                                                              .attached = true,
                                                              .amount_fen = 56000,
                                                              .deposit_fen = 56000,
                                                              .received_on = g->in.day,
                                                              .recorded_on = g->in.day,
                                                              .decided_on = g->in.day,
                                                              .voucher = SPAN_LIT("V1"),
                                                              .payer_name = TITLE };
    (void)add_order(g, unit, 56000);
    (void)add_invoice(g, unit, 56000, noon);
}

/* 6 % of 400.00 are 24.00, of 128.30 7.70: together the 528.30 and 31.70 of the document. */
static void
add_items(struct golden *g, struct recon_invoice *invoice)
{
    static const int64_t nets[] = { 40000, 12830 };
    static const int64_t taxes[] = { 2400, 770 };
    for (size_t i = 0; i < sizeof(g->items) / sizeof(g->items[0]); i++) {
        g->items[i] = (struct recon_invoice_item){ .owner = invoice->owner,
                                                   .invoice_id = invoice->invoice_id,
                                                   .reported_under = invoice->order_no,
                                                   .number = (int64_t)i + 1,
                                                   .name = SPAN_LIT("certificate"),
                                                   .quantity = SPAN_LIT("1"),
                                                   .taxed = SPAN_LIT("by_rate"),
                                                   .rate_ppm = 60000,
                                                   .net_fen = nets[i],
                                                   .tax_fen = taxes[i],
                                                   .total_fen = nets[i] + taxes[i] };
        invoice->item_count++;
    }
    invoice->items = g->items;
}

static void
add_units(struct golden *g)
{
    struct wall_time start = day_start(g->in.day, g->in.cutoff_east_min);
    struct wall_time before = { start.us - 2000000 };
    (void)add_line(g, 1, 56000, -336);
    add_paid(g, 1, 56000, noon);
    add_items(g, add_invoice(g, 1, 56000, noon));
    g->orders[0].said_kind = g->orders[0].kind;
    g->orders[0].said_quantity = 2;
    g->orders[0].said_unit_fee_fen = 28000;
    g->orders[0].said_amount_fen = 56000;
    add_line(g, 2, 56000, -330)->coupon_fen = -1000;
    add_paid(g, 2, 56000, noon);
    add_merged(g, 2);
    add_given_back(g, 3, REFUND_SUCCEEDED);
    (void)add_invoice(g, 3, 56000, week_before);
    add_invoice(g, 3, -28000, noon)->red_reason = INVOICE_SERVICE_STOPPED;
    add_line(g, 4, 56000, 0)->effective_fen = 0;
    (void)add_order(g, 4, 56000);
    *add_member(g, 4, 56000, noon) = (struct recon_member){ .attempt_no = units[4].attempt_no,
                                                            .provider_trade_no = units[4].trade_no,
                                                            .owner = OWNER,
                                                            .order_no = units[4].order_no,
                                                            .state = ATTEMPT_CLOSED,
                                                            .amount_fen = 56000,
                                                            .created_at = noon };
    g->orders[g->in.order_count - 1].stage = RECON_ORDER_UNPAID;
    g->orders[g->in.order_count - 1].status = SPAN_LIT("draft");
    add_given_back(g, 5, REFUND_ACCEPTED);
    g->lines[g->in.line_count - 1].pending = true;
    add_invoice(g, 5, 28000, noon)->status = SPAN_LIT("asked");
    g->invoices[g->in.invoice_count - 1].issued_at.us = 0;
    add_transfer(g, 6);
    add_line(g, 7, 56000, -336)->at.us = start.us + 1000000;
    add_paid(g, 7, 56000, before);
    g->members[g->in.member_count - 1].carried_in = true;
    add_merged(g, 7);
    add_given_back(g, 8, REFUND_FAILED);
    g->lines[g->in.line_count - 1].effective_fen = g->lines[g->in.line_count - 1].fee_fen = 0;
    (void)add_invoice(g, 8, 56000, week_before);
    *add_invoice(g, 8, -28000, noon) = (struct recon_invoice){
        .owner = OWNER,
        .invoice_id = units[8].red_id,
        .order_no = units[8].order_no,
        .status = SPAN_LIT("asked"),
        .red = true,
        .net_fen = -26415,
        .tax_fen = -1585,
        .total_fen = -28000,
        .asked_at = noon,
        .red_reason = INVOICE_ISSUED_WRONGLY,
        .confirmation = INVOICE_BUYER_TO_CONFIRM,
        .confirmation_asked_at = noon,
    };
    (void)add_line(g, 9, 56000, -336);
    (void)add_line(g, 10, 1, 0);
    add_paid(g, 10, 1, noon);
    (void)add_invoice(g, 10, 1, noon);
    struct recon_line *early = add_line(g, 11, 56000, -336);
    early->at = before;
    early->carried_in = true;
    add_paid(g, 11, 56000, (struct wall_time){ start.us + 1000000 });
    (void)add_invoice(g, 11, 56000, noon);
}

/* What each provider's bill says beside: the application and the rate, the method, or the card. */
static void
dress(struct golden *g, enum golden_provider provider)
{
    static const enum adapter_method methods[] = { [GOLDEN_ALIPAY] = ADAPTER_PAGE,
                                                   [GOLDEN_WECHATPAY] = ADAPTER_QR,
                                                   [GOLDEN_UNIONPAY] = ADAPTER_PAGE };
    for (size_t i = 0; i < g->in.line_count; i++) {
        struct recon_line *line = &g->lines[i];
        line->application = g->in.application;
        line->rate_ppm = provider == GOLDEN_WECHATPAY ? 6000 : 0;
        line->card = provider == GOLDEN_UNIONPAY ? FEE_CARD_DEBIT : FEE_CARD_ANY;
        line->method = methods[provider];
    }
    for (size_t i = 0; i < g->in.member_count; i++) {
        g->members[i].method = methods[provider];
    }
}

const char *
golden_name(enum golden_provider provider)
{
    static const char *const names[] = { "alipay", "wechatpay", "unionpay" };
    return names[provider];
}

void
golden_make(struct golden *g, enum golden_provider provider)
{
    *g = (struct golden){
        .tariffs = { { SPAN("new"), 28000 }, { SPAN("trial"), 1 } },
        .fees = { { .card = FEE_CARD_ANY, .from = { 2026, 1, 1 }, .rate_ppm = 6000 },
                  { .card = FEE_CARD_CREDIT, .from = { 2026, 1, 1 }, .rate_ppm = 10000 } },
        .in = { .account = SPAN("main"),
                .provider = span_of(golden_name(provider)),
                .day = { 2026, 11, 23 },
                .cutoff_east_min = provider == GOLDEN_UNIONPAY ? 540 : 480,
                .as_of = { GOLDEN_US(34 * 3600) },
                .fee_count = provider == GOLDEN_UNIONPAY ? 2 : 1,
                .fee_rounding_max_fen = 1000,
                .other_numbers = SPAN("OTH-"),
                .manual_backdate_days = 3,
                .tariff_count = 2 },
    };
    g->fees[0].card = provider == GOLDEN_UNIONPAY ? FEE_CARD_DEBIT : FEE_CARD_ANY;
    if (provider == GOLDEN_WECHATPAY) {
        g->in.application = SPAN_LIT("wx1");
    }
    add_units(g);
    dress(g, provider);
}
