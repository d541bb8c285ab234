/* SPDX-License-Identifier: Apache-2.0 */
/* The account's own bill beside the bill of trades: the golden day with its two movements, and one change at a time.
 * 1000.00 + 560.00 - 3.36 = 1556.64. */
#include "books.h"

#define GOLDEN "PAY_OK INV_OK FEE_OK"

struct day_flow {
    struct books b;
    struct recon_movement movements[MOST];
};

static void
flow_free(struct day_flow *d)
{
    books_free(&d->b);
}

/* Opening as before, closing as the movements have it. */
static void
balance(struct day_flow *d)
{
    int64_t fen = 100000;
    d->b.in.flow_opening_fen = fen;
    for (size_t i = 0; i < d->b.in.movement_count; i++) {
        fen += d->movements[i].fen;
        d->movements[i].balance_fen = fen;
    }
    d->b.in.flow_closing_fen = fen;
    d->b.in.movements = d->movements;
}

static void
golden(struct day_flow *d)
{
    books_golden(&d->b);
    d->b.in.has_flow = d->b.in.flow_balanced = true;
    d->movements[0] = (struct recon_movement){ .number = 2,
                                               .kind = BILL_FLOW_PAY,
                                               .provider_trade_no = SPAN("T1"),
                                               .merchant_order_no = SPAN("A1"),
                                               .fen = 56000 };
    d->movements[1] = (struct recon_movement){ .number = 3,
                                               .kind = BILL_FLOW_FEE,
                                               .provider_trade_no = SPAN("T1"),
                                               .merchant_order_no = SPAN("A1"),
                                               .fen = -336 };
    d->b.in.movement_count = 2;
    balance(d);
}

Test(movements, that_agree_say_nothing_and_prove_the_balance)
{
    DEFER(flow_free) struct day_flow d = { 0 };
    golden(&d);
    CHECK_SAYS(&d.b, GOLDEN);
    const struct recon_flow *flow = &d.b.out.sheet.flow;
    cr_expect(flow->there && flow->balanced);
    cr_expect_eq(flow->opening_fen, 100000);
    cr_expect_eq(flow->closing_fen, 155664);
    cr_expect_eq(flow->pay.fen, 56000);
    cr_expect_eq(flow->fee.fen, -336);
    cr_expect_eq(flow->fee.count, 1);
    cr_expect_eq(d.b.out.moved[0].code, FINDING_NONE);
    cr_expect_eq(d.b.out.moved[0].line, 0);
    cr_expect_eq(d.b.out.moved[1].code, FINDING_FLOW_FEE);
}

Test(movements, without_the_accounts_bill_nothing_is_said_of_them)
{
    DEFER(flow_free) struct day_flow d = { 0 };
    golden(&d);
    d.b.in.has_flow = false;
    cr_expect_eq(books_try(&d.b), ERR_FIELD_VALUE);
    d.b.in.movement_count = 0;
    CHECK_SAYS(&d.b, GOLDEN);
    cr_expect_not(d.b.out.sheet.flow.there);
    d.b.in.has_flow = true; /* a bill without movements speaks */
    d.b.in.flow_closing_fen = d.b.in.flow_opening_fen;
    CHECK_SAYS(&d.b, GOLDEN " FEE_FLOW FLOW_MISSING");
}

/* Every field of the two movements that says something, changed alone. */
Test(movements, one_changed_field_is_that_finding)
{
    static const struct {
        size_t movement;
        const char *trade_no; /* NULL: as it is */
        int64_t fen;
        const char *says;
    } rows[] = {
        { 0, "T2", 56000, GOLDEN " FLOW_MISSING\nFLOW_UNKNOWN" },
        { 0, NULL, 55999, GOLDEN " FLOW_MISSING\nFLOW_UNKNOWN" },
        { 0, NULL, -56000, GOLDEN " FLOW_MISSING\nFLOW_UNKNOWN" },
        { 1, NULL, -335, GOLDEN " FEE_FLOW" },
        { 1, NULL, 336, GOLDEN " FEE_FLOW" },
        { 1, "T2", -336, GOLDEN " FEE_FLOW\nFLOW_UNKNOWN" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(flow_free) struct day_flow d = { 0 };
        golden(&d);
        struct recon_movement *movement = &d.movements[rows[i].movement];
        movement->fen = rows[i].fen;
        if (rows[i].trade_no != NULL) {
            movement->provider_trade_no = span_of(rows[i].trade_no);
        }
        balance(&d);
        CHECK_SAYS(&d.b, rows[i].says);
        cr_expect_eq(d.b.out.sheet.unexplained_fen, 0);
    }
}

Test(movements, one_left_out_or_told_twice_is_that_finding)
{
    DEFER(flow_free) struct day_flow d = { 0 };
    golden(&d);
    d.b.in.movement_count = 1;
    balance(&d);
    CHECK_SAYS(&d.b, GOLDEN " FEE_FLOW");
    cr_expect_eq(d.b.out.sheet.flow.fee_off_fen, 336);
    golden(&d);
    d.movements[0] = d.movements[1];
    d.b.in.movement_count = 1;
    balance(&d);
    CHECK_SAYS(&d.b, GOLDEN " FLOW_MISSING");
    cr_expect_eq(d.b.out.sheet.flow.missing.fen, 56000);
    golden(&d);
    d.movements[2] = d.movements[0];
    d.movements[2].number = 9;
    d.b.in.movement_count = 3;
    balance(&d);
    CHECK_SAYS(&d.b, GOLDEN "\nFLOW_UNKNOWN");
    cr_expect_eq(d.b.out.results[1].movement, 2);
    cr_expect_eq(d.b.out.results[1].delta_fen, 0);
    cr_expect_eq(d.b.out.sheet.flow.only.fen, 56000);
    d.movements[2].number = 2;
    cr_expect_eq(books_try(&d.b), ERR_FIELD_VALUE);
}

/* What is no trade is named by its kind, whatever its numbers. */
Test(movements, of_other_kinds_are_results_of_their_own)
{
    static const struct {
        enum bill_flow kind;
        int64_t fen;
        const char *says;
    } rows[] = {
        { BILL_FLOW_WITHDRAW, -100000, GOLDEN "\nFLOW_WITHDRAW" },
        { BILL_FLOW_TRANSFER, -500, GOLDEN "\nFLOW_TRANSFER" },
        { BILL_FLOW_FREEZE, -500, GOLDEN "\nFLOW_FREEZE CB_FROZEN" },
        { BILL_FLOW_FREEZE, 500, GOLDEN "\nFLOW_FREEZE" }, /* released */
        { BILL_FLOW_ADJUST, 1, GOLDEN "\nFLOW_ADJUST" },
        { BILL_FLOW_INTEREST, 12, GOLDEN "\nFLOW_INTEREST" },
        { BILL_FLOW_UNKNOWN, 12, GOLDEN "\nFLOW_UNKNOWN" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(flow_free) struct day_flow d = { 0 };
        golden(&d);
        d.movements[2] = (struct recon_movement){
            .number = 4, .kind = rows[i].kind, .provider_trade_no = SPAN("T1"), .fen = rows[i].fen
        };
        d.b.in.movement_count = 3;
        balance(&d);
        CHECK_SAYS(&d.b, rows[i].says);
        cr_expect_eq(d.b.out.sheet.flow.other.fen, rows[i].fen);
        cr_expect_eq(d.b.out.sheet.flow.closing_fen, 155664 + rows[i].fen);
    }
}

/* A refund of 200.00 whose fee of 1.20 comes back. */
static void
refund(struct day_flow *d, bool by_refund_no)
{
    golden(d);
    d->b.in.invoice_count = 0;
    d->b.lines[1] = (struct recon_line){ .number = 8,
                                         .kind = BILL_LINE_REFUND,
                                         .provider_trade_no = SPAN("T1"),
                                         .merchant_order_no = SPAN("A1"),
                                         .refund_no = SPAN("A1R01"),
                                         .face_fen = -20000,
                                         .effective_fen = -20000,
                                         .fee_fen = 120 };
    d->b.lines[1].at = at(NOON_S + 60);
    d->b.refunds[0] = (struct recon_refund){ .refund_no = SPAN("A1R01"),
                                             .attempt_no = SPAN("A1"),
                                             .owner = SPAN("portal"),
                                             .order_no = SPAN("O1"),
                                             .state = REFUND_SUCCEEDED,
                                             .amount_fen = 20000,
                                             .approved = true,
                                             .counted = true };
    d->b.refunds[0].sent_at = d->b.refunds[0].taken_at = at(NOON_S + 60);
    d->b.payments[0].refunded_fen = 20000;
    d->b.in.line_count = 2;
    d->b.in.refund_count = 1;
    d->movements[2] = (struct recon_movement){ .number = 4,
                                               .kind = BILL_FLOW_REFUND,
                                               .provider_trade_no = SPAN("T1"),
                                               .merchant_order_no = SPAN("A1"),
                                               .fen = -20000 };
    if (by_refund_no) { /* one movement of 198.80 under the refund's own number */
        d->movements[2].provider_trade_no = SPAN_LIT("R9");
        d->movements[2].merchant_order_no = d->movements[2].refund_no = SPAN_LIT("A1R01");
        d->movements[2].fen = -19880;
        d->movements[2].fee_fen = 120;
    } else { /* two, under the payment's */
        d->movements[3] = d->movements[1];
        d->movements[3].number = 5;
        d->movements[3].fen = 120;
    }
    d->b.in.movement_count = by_refund_no ? 3 : 4;
    balance(d);
}

#define REFUNDED "PAY_OK INV_NONE FEE_OK\nREF_OK REF_PARTIAL INV_NONE FEE_OK"

Test(movements, of_a_refund_are_found_by_its_number_or_its_payments)
{
    for (int i = 0; i < 2; i++) {
        DEFER(flow_free) struct day_flow d = { 0 };
        refund(&d, i == 0);
        CHECK_SAYS(&d.b, REFUNDED);
        cr_expect_eq(d.b.out.moved[2].code, FINDING_FLOW_REFUND);
        cr_expect_eq(d.b.out.moved[2].line, 1);
        cr_expect_eq(d.b.out.sheet.flow.refund.fen, -20000);
        cr_expect_eq(d.b.out.sheet.flow.fee.fen, -336 + 120);
        cr_expect_eq(d.b.out.sheet.flow.closing_fen, 155664 - 19880);
    }
}

Test(movements, of_a_refund_that_differ_are_that_finding)
{
    DEFER(flow_free) struct day_flow d = { 0 };
    refund(&d, true);
    d.movements[2].refund_no = SPAN_LIT("A1R02");
    CHECK_SAYS(&d.b, "PAY_OK INV_NONE FEE_OK FEE_FLOW\n"
                     "REF_OK REF_PARTIAL INV_NONE FEE_OK FEE_FLOW FLOW_MISSING\nFLOW_UNKNOWN");
    refund(&d, true);
    d.movements[2].fee_fen = 119;
    d.movements[2].fen = -19881;
    balance(&d);
    CHECK_SAYS(&d.b,
               "PAY_OK INV_NONE FEE_OK FEE_FLOW\nREF_OK REF_PARTIAL INV_NONE FEE_OK FEE_FLOW");
    refund(&d, false);
    d.b.in.movement_count = 3;
    balance(&d);
    CHECK_SAYS(&d.b,
               "PAY_OK INV_NONE FEE_OK FEE_FLOW\nREF_OK REF_PARTIAL INV_NONE FEE_OK FEE_FLOW");
    cr_expect_eq(d.b.out.sheet.flow.fee_off_fen, -120);
}

/* A fee that comes back in a movement of its own may name the refund. */
Test(movements, a_fee_that_names_its_refund_is_found)
{
    DEFER(flow_free) struct day_flow d = { 0 };
    refund(&d, true);
    d.movements[2].fen = -20000;
    d.movements[2].fee_fen = 0;
    d.movements[3] = (struct recon_movement){ .number = 5,
                                              .kind = BILL_FLOW_FEE,
                                              .provider_trade_no = SPAN("R9"),
                                              .merchant_order_no = SPAN("A1R01"),
                                              .fen = 120 };
    d.b.in.movement_count = 4;
    balance(&d);
    CHECK_SAYS(&d.b, REFUNDED);
}

Test(movements, move_what_is_settled_and_not_what_was_sold)
{
    DEFER(flow_free) struct day_flow d = { 0 };
    golden(&d);
    d.b.lines[0].coupon_fen = -5000;
    d.b.lines[0].fee_fen = -306;
    d.movements[0].fen = 51000;
    d.movements[1].fen = -306;
    balance(&d);
    CHECK_SAYS(&d.b, "PAY_OK AMT_COUPON INV_OK FEE_OK");
    cr_expect_eq(d.b.out.sheet.flow.coupon_fen, -5000);
    d.movements[0].fen = 56000;
    balance(&d);
    CHECK_SAYS(&d.b, "PAY_OK AMT_COUPON INV_OK FEE_OK FLOW_MISSING\nFLOW_UNKNOWN");
}

Test(movements, of_another_business_are_explained_by_its_lines)
{
    DEFER(flow_free) struct day_flow d = { 0 };
    golden(&d);
    d.b.lines[1] = (struct recon_line){ .number = 8,
                                        .kind = BILL_LINE_PAY,
                                        .provider_trade_no = SPAN("T7"),
                                        .merchant_order_no = SPAN("SHOP-1"),
                                        .face_fen = 700,
                                        .effective_fen = 700,
                                        .fee_fen = -4 };
    d.b.in.line_count = 2;
    d.b.in.other_numbers = SPAN_LIT("SHOP-");
    d.movements[2] = (struct recon_movement){
        .number = 4, .kind = BILL_FLOW_PAY, .provider_trade_no = SPAN("T7"), .fen = 700
    };
    d.movements[3] = (struct recon_movement){
        .number = 5, .kind = BILL_FLOW_FEE, .provider_trade_no = SPAN("T7"), .fen = -4
    };
    d.b.in.movement_count = 4;
    balance(&d);
    CHECK_SAYS(&d.b, GOLDEN "\nOUT_OF_SCOPE");
    cr_expect_eq(d.b.out.sheet.flow.scope_fen, 696);
}

/* The reader proves the running balance; the sheet proves it once more. */
Test(movements, a_balance_that_does_not_follow_is_no_sheet)
{
    DEFER(flow_free) struct day_flow d = { 0 };
    golden(&d);
    d.b.in.flow_closing_fen += 1;
    struct recon_untied untied = { .fen = 0 };
    d.b.in.untied = &untied;
    cr_expect_eq(books_try(&d.b), ERR_SHEET_UNTIED);
    cr_expect_str_eq(untied.equation, "N");
    cr_expect_eq(untied.fen, 1);
    cr_expect_str_empty(untied.order_no);
    d.b.in.untied = NULL;
    d.b.in.flow_balanced = false;
    cr_expect_eq(books_try(&d.b), ERR_OK);
}
