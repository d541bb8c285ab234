/* SPDX-License-Identifier: Apache-2.0 */
/* Laws of invoices against money, over seeded documents that are split and merged over seeded orders. */
#include "recon_world.h"

#define ORDERS 12
#define PRICE  1000

/* What the judge adds up by itself. */
struct order_facts {
    int64_t blue;
    int64_t red;
    int64_t money;
};

static void
add_share(struct world *w, struct order_facts *facts, size_t document, size_t order, bool red,
          int64_t total, int64_t share)
{
    w->invoices[w->in.invoice_count++] =
        (struct recon_invoice){ .owner = SPAN("portal"),
                                .invoice_id = name("I", document),
                                .order_no = name("O", order),
                                .status = SPAN("issued"),
                                .red = red,
                                .net_fen = red ? -total : total,
                                .total_fen = red ? -total : total,
                                .issued_at = at(80000),
                                .merged = share != total,
                                .share_fen = red ? -share : share };
    if (red) {
        facts[order].red += share;
    } else {
        facts[order].blue += share;
    }
}

/* A document of one to three neighbouring orders; its parts sum to it. */
static void
add_document(struct world *w, struct order_facts *facts, size_t document, uint64_t *state)
{
    size_t first = next(state) % ORDERS;
    size_t most = ORDERS - first < 3 ? ORDERS - first : 3;
    size_t count = 1 + next(state) % most;
    bool red = chance(state, 30);
    int64_t parts[3] = { 0 };
    int64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        parts[i] = (int64_t)(next(state) % 4 + 1) * (PRICE / 4);
        total += parts[i];
    }
    for (size_t i = 0; i < count; i++) {
        add_share(w, facts, document, first + i, red, total, parts[i]);
    }
}

/* Every order was paid and is on the bill; of some, money went back. */
static void
make(struct world *w, struct order_facts *facts, uint64_t *state)
{
    *w = (struct world){ .in = { .account = SPAN("alipay-1"),
                                 .provider = SPAN("alipay"),
                                 .day = { 2026, 11, 23 },
                                 .cutoff_east_min = 480 } };
    w->in.as_of = at(122400);
    for (size_t i = 0; i < ORDERS; i++) {
        int64_t back = chance(state, 40) ? (int64_t)(next(state) % 5) * (PRICE / 4) : 0;
        w->lines[i] = (struct recon_line){ .number = i + 1,
                                           .kind = BILL_LINE_PAY,
                                           .provider_trade_no = name("T", i),
                                           .merchant_order_no = name("A", i),
                                           .face_fen = PRICE,
                                           .effective_fen = PRICE,
                                           .at = at(3600) };
        w->members[i] = (struct recon_member){ .attempt_no = name("A", i),
                                               .provider_trade_no = name("T", i),
                                               .owner = SPAN("portal"),
                                               .order_no = name("O", i),
                                               .state = ATTEMPT_PAID,
                                               .amount_fen = PRICE,
                                               .paid_at = at(3600),
                                               .counted = true };
        w->orders[i] = (struct recon_order){ .owner = SPAN("portal"),
                                             .order_no = name("O", i),
                                             .stage = RECON_ORDER_PAID,
                                             .amount_fen = PRICE };
        w->payments[i] = (struct recon_payment){ .owner = SPAN("portal"),
                                                 .order_no = name("O", i),
                                                 .attempt_no = name("A", i),
                                                 .account = SPAN("alipay-1"),
                                                 .provider = SPAN("alipay"),
                                                 .amount_fen = PRICE,
                                                 .refunded_fen = back,
                                                 .paid_at = at(3600) };
        facts[i] = (struct order_facts){ .money = PRICE - back };
    }
    w->in.line_count = w->in.member_count = w->in.order_count = w->in.payment_count = ORDERS;
    for (size_t i = 0, documents = next(state) % 9; i < documents; i++) {
        add_document(w, facts, i, state);
    }
}

static bool
says(const struct recon_result *result, enum finding finding)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        if (result->findings[i] == finding) {
            return true;
        }
    }
    return false;
}

static bool
says_agreed(const struct recon_result *result)
{
    return says(result, FINDING_INV_OK) || says(result, FINDING_INV_OK_NET)
           || says(result, FINDING_INV_OK_CANCELLED);
}

/* A finding that names what is wrong between invoices and money, or what is still to come. */
static bool
says_why(const struct recon_result *result)
{
    static const enum finding why[] = {
        FINDING_INV_NONE,
        FINDING_INV_NO_MONEY,
        FINDING_INV_RED_DUE,
        FINDING_INV_RED_DUE_FULL,
        FINDING_INV_RED_INCOMPLETE,
        FINDING_INV_RED_AMOUNT,
        FINDING_INV_RED_NO_REFUND,
        FINDING_INV_RED_REST_NO_MONEY,
        FINDING_INV_REISSUE_DUE,
        FINDING_INV_AMOUNT,
        FINDING_INV_DUP,
    };
    for (size_t i = 0; i < sizeof(why) / sizeof(why[0]); i++) {
        if (says(result, why[i])) {
            return true;
        }
    }
    return false;
}

/* Law 35. */
Test(invoice_laws, blue_less_red_is_the_net_money_or_a_finding_says_why_not)
{
    uint64_t state = seed_start(35);
    for (int i = 0; i < ROUNDS; i++) {
        DEFER(world_free) struct world w = { 0 };
        struct order_facts facts[ORDERS];
        make(&w, facts, &state);
        world_run(&w);
        for (size_t k = 0; k < w.out.count; k++) {
            const struct recon_result *r = &w.out.results[k];
            const struct order_facts *of = &facts[r->order];
            bool equal = of->blue - of->red == of->money;
            cr_assert(equal ? !says(r, FINDING_INV_AMOUNT) : says_why(r),
                      "round %d, order %zu: blue %lld, red %lld, money %lld, first finding %s", i,
                      r->order, (long long)of->blue, (long long)of->red, (long long)of->money,
                      finding_name(r->findings[0]));
            cr_assert(equal || !says_agreed(r));
        }
    }
}

/* Law 36. */
Test(invoice_laws, no_document_counts_beyond_its_face)
{
    uint64_t state = seed_start(36);
    for (int i = 0; i < ROUNDS; i++) {
        DEFER(world_free) struct world w = { 0 };
        struct order_facts facts[ORDERS];
        int64_t face = 0;
        make(&w, facts, &state);
        world_run(&w);
        for (size_t k = 0; k < w.in.invoice_count; k++) {
            bool first = k == 0 || !span_eq(w.invoices[k - 1].invoice_id, w.invoices[k].invoice_id);
            face += first ? w.invoices[k].total_fen : 0;
        }
        cr_assert_eq(w.out.sheet.invoiced.fen, face);
    }
}

static struct recon_invoice_item items[MOST];

/* Each document gets one item at a rate of its own, of which the tax is what the price holds, up to 6 fen beside it, or 10 and more. */
static void
add_items(struct world *w, bool wrong[ORDERS], uint64_t *state)
{
    static const int64_t percents[] = { 13, 9, 6, 3, 1, 0 };
    int64_t off = 0;
    for (size_t i = 0; i < w->in.invoice_count; i++) {
        struct recon_invoice *invoice = &w->invoices[i];
        if (i == 0 || !span_eq(w->invoices[i - 1].invoice_id, invoice->invoice_id)) {
            int64_t percent = percents[next(state) % 6];
            int64_t price = invoice->red ? -invoice->total_fen : invoice->total_fen;
            int64_t net = (200 * price + 100 + percent) / (2 * (100 + percent));
            off = chance(state, 30) ? 10 + (int64_t)(next(state) % 20) : (int64_t)(next(state) % 7);
            off = chance(state, 50) ? off : -off;
            int64_t tax = (price - net) + off;
            int64_t sign = invoice->red ? -1 : 1;
            items[i] = (struct recon_invoice_item){ .taxed = SPAN("by_rate"),
                                                    .rate_ppm = percent * 10000,
                                                    .net_fen = sign * (price - tax),
                                                    .tax_fen = sign * tax,
                                                    .total_fen = sign * price };
        } else {
            items[i] = items[i - 1];
        }
        invoice->net_fen = items[i].net_fen;
        invoice->tax_fen = items[i].tax_fen;
        invoice->items = &items[i];
        invoice->item_count = 1;
        size_t order =
            (size_t)(invoice->order_no.at[1] - '0') * 10 + (size_t)(invoice->order_no.at[2] - '0');
        wrong[order] = wrong[order] || off >= 10 || off <= -10;
    }
}

Test(invoice_laws, a_tax_that_is_not_that_of_the_rate_is_told_and_no_other)
{
    uint64_t state = seed_start(43);
    int64_t told = 0;
    for (int i = 0; i < ROUNDS; i++) {
        DEFER(world_free) struct world w = { 0 };
        struct order_facts facts[ORDERS];
        bool wrong[ORDERS] = { false };
        make(&w, facts, &state);
        add_items(&w, wrong, &state);
        world_run(&w);
        for (size_t k = 0; k < w.out.count; k++) {
            const struct recon_result *r = &w.out.results[k];
            cr_assert_eq(says(r, FINDING_INV_TAX), wrong[r->order], "round %d, order %zu", i,
                         r->order);
            told += wrong[r->order] ? 1 : 0;
        }
    }
    cr_expect_gt(told, ROUNDS / 4);
}
