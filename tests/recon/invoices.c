/* SPDX-License-Identifier: Apache-2.0 */
/* The invoice overlay: money of the order against its invoices. */
#include "books.h"
#include "match.h"

#define GOLDEN(b)                              \
    DEFER(books_free) struct books(b) = { 0 }; \
    books_golden(&(b))

/* No money anywhere; the order stands at `stage`. */
static void
no_money(struct books *b, enum recon_order_stage stage)
{
    b->in.line_count = b->in.member_count = b->in.payment_count = 0;
    b->orders[0].stage = stage;
}

static void
asked(struct books *b, int64_t second)
{
    b->invoices[0].status = SPAN_LIT("asked");
    b->invoices[0].issued_at = (struct wall_time){ 0 };
    b->invoices[0].asked_at = second == 0 ? (struct wall_time){ 0 } : at(second);
}

/* A red note of `fen` (unsigned) against the golden invoice. */
static void
redden(struct books *b, int64_t fen)
{
    b->invoices[1] = b->invoices[0];
    b->invoices[1].invoice_id = SPAN_LIT("I2");
    b->invoices[1].red = true;
    b->invoices[1].net_fen = b->invoices[1].total_fen = -fen;
    b->invoices[1].tax_fen = 0;
    b->in.invoice_count = 2;
}

Test(none, is_told_when_there_is_money)
{
    GOLDEN(b);
    b.in.invoice_count = 0;
    CHECK_SAYS(&b, "PAY_OK INV_NONE FEE_OK");
}

Test(asked, within_term_and_beyond)
{
    GOLDEN(b);
    asked(&b, 34 * HOUR_S - 5 * 24 * HOUR_S); /* five days before the run, to the second */
    CHECK_SAYS(&b, "PAY_OK INV_PENDING FEE_OK");
    asked(&b, 34 * HOUR_S - 5 * 24 * HOUR_S - 1);
    CHECK_SAYS(&b, "PAY_OK INV_OVERDUE FEE_OK");
    asked(&b, 0); /* the portal did not say when */
    CHECK_SAYS(&b, "PAY_OK INV_PENDING FEE_OK");
}

Test(asked, before_payment)
{
    GOLDEN(b);
    no_money(&b, RECON_ORDER_PAID);
    asked(&b, NOON_S);
    CHECK_SAYS(&b, "ORD_PAID_NO_MONEY INV_ASKED_UNPAID");
}

Test(asked, before_payment_of_a_stale_attempt)
{
    GOLDEN(b);
    b.in.line_count = b.in.payment_count = 0;
    b.members[0].state = ATTEMPT_PENDING;
    b.members[0].counted = false;
    b.members[0].created_at = at(0);
    b.orders[0].stage = RECON_ORDER_UNPAID;
    asked(&b, NOON_S);
    CHECK_SAYS(&b, "PEND_AGED INV_ASKED_UNPAID");
}

Test(issued, without_money)
{
    GOLDEN(b);
    no_money(&b, RECON_ORDER_PAID);
    CHECK_SAYS(&b, "ORD_PAID_NO_MONEY INV_NO_MONEY");
}

/* An invoice says "paid" as loudly as a status: the unpaid order is not passed over. */
Test(issued, for_an_unpaid_order_without_money_is_visible)
{
    GOLDEN(b);
    no_money(&b, RECON_ORDER_UNPAID);
    CHECK_SAYS(&b, "ORD_PAID_NO_MONEY INV_NO_MONEY");
    no_money(&b, RECON_ORDER_CLOSED);
    CHECK_SAYS(&b, "ORD_PAID_NO_MONEY INV_NO_MONEY");
}

Test(issued, for_an_order_with_a_fresh_attempt_only_is_visible)
{
    GOLDEN(b);
    b.in.line_count = b.in.payment_count = 0;
    b.members[0].state = ATTEMPT_PENDING;
    b.members[0].counted = false;
    b.members[0].created_at = at(33 * HOUR_S);
    b.orders[0].stage = RECON_ORDER_UNPAID;
    CHECK_SAYS(&b, "ORD_PAID_NO_SUCCESS INV_NO_MONEY");
}

Test(issued, while_the_money_is_short)
{
    GOLDEN(b);
    b.in.line_count = 0;
    CHECK_SAYS(&b, "SHORT_PAY INV_NO_MONEY");
}

Test(issued, while_the_money_is_in_transit)
{
    GOLDEN(b);
    b.in.line_count = 0;
    b.members[0].paid_at = b.payments[0].paid_at = at(MIDNIGHT_S - 5);
    b.invoices[0].issued_at = at(MIDNIGHT_S + 5);
    CHECK_SAYS(&b, "DAY_IN_TRANSIT INV_OK");
}

Test(issued, for_money_that_only_the_bill_knows)
{
    GOLDEN(b);
    b.in.member_count = b.in.payment_count = 0;
    b.lines[0].merchant_order_no = SPAN_LIT("O1");
    CHECK_SAYS(&b, "LONG_ORDER_PAID INV_OK FEE_OK");
}

Test(issued, with_another_amount)
{
    GOLDEN(b);
    b.invoices[0].total_fen = 56001;
    b.invoices[0].net_fen = 52831;
    CHECK_SAYS(&b, "PAY_OK INV_AMOUNT FEE_OK");
    b.invoices[0].total_fen = 55999;
    b.invoices[0].net_fen = 52829;
    CHECK_SAYS(&b, "PAY_OK INV_AMOUNT FEE_OK");
}

Test(issued, with_a_tax_that_does_not_add_up)
{
    GOLDEN(b);
    b.invoices[0].tax_fen = 3171;
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_TAX FEE_OK");
}

#define ITEM(rate, net, tax)                                                              \
    {                                                                                     \
        .taxed = SPAN("by_rate"), .rate_ppm = (rate), .net_fen = (net), .tax_fen = (tax), \
        .total_fen = (net) + (tax)                                                        \
    }

/* 528.30 and 31.70 are 400.00 at 6 % in one item, or 128.30 and 7.70 beside 400.00 and 24.00. */
Test(issued, with_items_that_are_taxed_by_their_rates)
{
    GOLDEN(b);
    struct recon_invoice_item items[] = { ITEM(60000, 40000, 2400), ITEM(60000, 12830, 770) };
    b.invoices[0].items = items;
    b.invoices[0].item_count = 2;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    items[0].tax_fen =
        2406; /* within what is not looked at, but the document is another one then */
    items[0].total_fen = 42406;
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_TAX FEE_OK");
    items[1].tax_fen = 764;
    items[1].total_fen = 13594;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    items[0].tax_fen = 2407;
    items[0].total_fen = 42407;
    items[1].tax_fen = 763;
    items[1].total_fen = 13593;
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_TAX FEE_OK");
}

Test(issued, with_an_item_of_another_rate_or_none)
{
    GOLDEN(b);
    struct recon_invoice_item item = ITEM(60000, 52830, 3170);
    b.invoices[0].items = &item;
    b.invoices[0].item_count = 1;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    item.rate_ppm = 30000;
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_TAX FEE_OK");
    item.taxed = SPAN_LIT("margin");
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    item.taxed = SPAN_LIT("exempt");
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_TAX FEE_OK");
    item.taxed = SPAN_LIT("?");
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_TAX FEE_OK");
    item = (struct recon_invoice_item){
        .taxed = SPAN("exempt"), .rate_ppm = -1, .net_fen = 56000, .total_fen = 56000
    };
    b.invoices[0].net_fen = 56000;
    b.invoices[0].tax_fen = 0;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    b.invoices[0].item_count = 0; /* nobody said what stands on it */
    b.invoices[0].items = NULL;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
}

/* 400.00 at 6 % and 424.07 with it both come to 24.00. */
Test(issued, an_item_is_named_with_what_its_tax_is_too_much)
{
    struct recon_invoice_item item = ITEM(60000, 40000, 2406);
    cr_expect_eq(match_item_off(&item), 0, "six fen are rounding");
    item.tax_fen = 2407;
    item.total_fen = 42407;
    cr_expect_eq(match_item_off(&item), 7);
    item.tax_fen = 2393;
    item.total_fen = 42393;
    cr_expect_eq(match_item_off(&item), -7);
    item.taxed = SPAN_LIT("margin");
    cr_expect_eq(match_item_off(&item), 0);
    item.taxed = SPAN_LIT("exempt");
    cr_expect_eq(match_item_off(&item), 2393);
    item.taxed = SPAN_LIT("?");
    cr_expect_eq(match_item_off(&item), 2393);
}

Test(issued, with_items_of_another_sum)
{
    GOLDEN(b);
    struct recon_invoice_item items[] = { ITEM(60000, 52830, 3170), ITEM(60000, 943, 57) };
    b.invoices[0].items = items;
    b.invoices[0].item_count = 2;
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_TAX FEE_OK");
    b.invoices[0].status = SPAN_LIT("asked"); /* not a document yet: nothing is judged */
    b.invoices[0].issued_at = (struct wall_time){ 0 };
    CHECK_SAYS(&b, "PAY_OK INV_PENDING FEE_OK");
}

Test(issued, with_another_title_or_tax_number)
{
    GOLDEN(b);
    b.invoices[0].title = SPAN_LIT("Yi Ltd");
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_TITLE FEE_OK");
    b.invoices[0].title = b.orders[0].title;
    b.invoices[0].tax_no = (struct span){ 0 };
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_TITLE FEE_OK");
    b.orders[0].tax_no = (struct span){ 0 }; /* a person has none: nothing to compare */
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
}

Test(issued, twice)
{
    GOLDEN(b);
    b.invoices[1] = b.invoices[0];
    b.invoices[1].invoice_id = SPAN_LIT("I2");
    b.in.invoice_count = 2;
    CHECK_SAYS(&b, "PAY_OK INV_DUP FEE_OK");
}

Test(issued, in_two_parts)
{
    GOLDEN(b);
    b.invoices[0].total_fen = 28000;
    b.invoices[0].net_fen = 28000 - 3170;
    b.invoices[1] = b.invoices[0];
    b.invoices[1].invoice_id = SPAN_LIT("I2");
    b.in.invoice_count = 2;
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_SPLIT FEE_OK");
}

Test(issued, before_the_money)
{
    GOLDEN(b);
    b.invoices[0].issued_at = at(NOON_S - 1);
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_BEFORE_PAY FEE_OK");
}

Test(issued, in_another_month)
{
    GOLDEN(b);
    b.invoices[0].issued_at = at(8 * MIDNIGHT_S);
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_PERIOD FEE_OK");
}

Test(failed, is_told_while_nothing_took_its_place)
{
    GOLDEN(b);
    b.invoices[0].status = SPAN_LIT("failed");
    CHECK_SAYS(&b, "PAY_OK INV_NONE INV_FAILED FEE_OK");
}

Test(red, in_part_while_the_money_stays)
{
    GOLDEN(b);
    redden(&b, 20000);
    CHECK_SAYS(&b, "PAY_OK INV_RED_NO_REFUND FEE_OK");
    cr_assert_eq(b.out.sheet.invoiced.fen, 36000);
}

Test(red, in_whole_while_the_money_stays)
{
    GOLDEN(b);
    redden(&b, 56000);
    CHECK_SAYS(&b, "PAY_OK INV_REISSUE_DUE FEE_OK");
    b.in.invoice_count = 1;
    b.invoices[0].status = SPAN_LIT("void");
    CHECK_SAYS(&b, "PAY_OK INV_REISSUE_DUE FEE_OK");
}

Test(red, beyond_the_blue_is_told_whatever_the_money)
{
    GOLDEN(b);
    redden(&b, 56001);
    CHECK_SAYS(&b, "PAY_OK INV_RED_AMOUNT FEE_OK");
    b.payments[0].refunded_fen = 56000;
    CHECK_SAYS(&b, "PAY_OK INV_RED_AMOUNT FEE_OK");
}

Test(red, and_issued_again)
{
    GOLDEN(b);
    redden(&b, 56000);
    b.invoices[2] = b.invoices[0];
    b.invoices[2].invoice_id = SPAN_LIT("I3");
    b.in.invoice_count = 3;
    CHECK_SAYS(&b, "PAY_OK INV_OK_NET FEE_OK");
}

Test(red, in_whole_without_money)
{
    GOLDEN(b);
    no_money(&b, RECON_ORDER_PAID);
    redden(&b, 56000);
    CHECK_SAYS(&b, "ORD_PAID_NO_MONEY INV_OK_CANCELLED");
    no_money(&b, RECON_ORDER_CLOSED);
    CHECK_SAYS(&b, "");
}

Test(red, in_part_without_money)
{
    GOLDEN(b);
    no_money(&b, RECON_ORDER_CLOSED);
    redden(&b, 20000);
    CHECK_SAYS(&b, "ORD_PAID_NO_MONEY INV_RED_REST_NO_MONEY");
}

/* A red document that is asked for and waits: 72 hours before the run is 34 h - 72 h from midnight. */
static void
wait_for_buyer(struct books *b, int64_t second)
{
    redden(b, 56000);
    b->invoices[1].status = SPAN_LIT("asked");
    b->invoices[1].issued_at = (struct wall_time){ 0 };
    b->invoices[1].confirmation = INVOICE_BUYER_TO_CONFIRM;
    b->invoices[1].confirmation_asked_at = at(second);
    b->payments[0].refunded_fen = 56000;
}

Test(confirmation, waits_72_hours_and_lapses)
{
    GOLDEN(b);
    wait_for_buyer(&b, 34 * HOUR_S - 72 * HOUR_S + 1);
    CHECK_SAYS(&b, "PAY_OK INV_RED_DUE_FULL INV_RED_WAIT FEE_OK");
    b.invoices[1].confirmation_asked_at = at(34 * HOUR_S - 72 * HOUR_S);
    CHECK_SAYS(&b, "PAY_OK INV_RED_DUE_FULL INV_RED_EXPIRED FEE_OK");
    b.invoices[1].confirmation = INVOICE_EXPIRED; /* the tax side says so itself */
    b.invoices[1].confirmation_asked_at = at(33 * HOUR_S);
    CHECK_SAYS(&b, "PAY_OK INV_RED_DUE_FULL INV_RED_EXPIRED FEE_OK");
}

/* Confirmed by both is not yet red, and nobody is waited for but ourselves. */
Test(confirmation, given_or_refused_is_waited_for_no_more)
{
    static const enum invoice_confirmation over[] = { INVOICE_CONFIRMED, INVOICE_NOT_NEEDED,
                                                      INVOICE_DENIED_BY_BUYER, INVOICE_WITHDRAWN };
    GOLDEN(b);
    wait_for_buyer(&b, NOON_S);
    for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
        b.invoices[1].confirmation = over[i];
        CHECK_SAYS(&b, "PAY_OK INV_RED_DUE_FULL FEE_OK");
    }
}

Test(confirmation, that_lapsed_is_forgotten_when_a_newer_one_stands)
{
    GOLDEN(b);
    wait_for_buyer(&b, -80 * HOUR_S);
    b.invoices[2] = b.invoices[1];
    b.invoices[2].invoice_id = SPAN_LIT("I0"); /* whatever the order of their numbers */
    b.invoices[2].confirmation_asked_at = at(NOON_S);
    b.in.invoice_count = 3;
    CHECK_SAYS(&b, "PAY_OK INV_RED_DUE_FULL INV_RED_WAIT FEE_OK");
    b.invoices[2].status = SPAN_LIT("issued");
    b.invoices[2].confirmation = INVOICE_CONFIRMED;
    CHECK_SAYS(&b, "PAY_OK INV_OK_CANCELLED FEE_OK");
}

Test(reason, of_a_red_document_fits_what_happened)
{
    GOLDEN(b);
    redden(&b, 20000);
    b.payments[0].refunded_fen = 20000;
    b.invoices[1].red_reason = INVOICE_GOODS_RETURNED;
    CHECK_SAYS(&b, "PAY_OK INV_OK_NET FEE_OK");
    b.invoices[1].red_reason = INVOICE_ISSUED_WRONGLY;
    CHECK_SAYS(&b, "PAY_OK INV_OK_NET INV_RED_REASON FEE_OK");
    b.payments[0].refunded_fen = 0;
    CHECK_SAYS(&b, "PAY_OK INV_RED_NO_REFUND FEE_OK");
    b.invoices[1].red_reason = INVOICE_ALLOWANCE;
    CHECK_SAYS(&b, "PAY_OK INV_RED_NO_REFUND INV_RED_REASON FEE_OK");
}

/* Issued wrongly, reddened whole and issued again; then a part of the money went back. */
Test(reason, of_an_error_stands_beside_a_later_refund)
{
    GOLDEN(b);
    redden(&b, 56000);
    b.invoices[1].red_reason = INVOICE_ISSUED_WRONGLY;
    b.invoices[2] = b.invoices[0];
    b.invoices[2].invoice_id = SPAN_LIT("I3");
    b.invoices[3] = b.invoices[1];
    b.invoices[3].invoice_id = SPAN_LIT("I4");
    b.invoices[3].red_reason = INVOICE_ALLOWANCE;
    b.invoices[3].net_fen = b.invoices[3].total_fen = -20000;
    b.in.invoice_count = 4;
    b.payments[0].refunded_fen = 20000;
    CHECK_SAYS(&b, "PAY_OK INV_OK_NET FEE_OK");
}

Test(kind, differs_only_where_both_say_one)
{
    GOLDEN(b);
    b.invoices[0].kind = INVOICE_ORDINARY;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    b.orders[0].invoice_kind = INVOICE_ORDINARY;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    b.orders[0].invoice_kind = INVOICE_SPECIAL;
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_KIND FEE_OK");
    b.invoices[0].kind = INVOICE_KIND_NONE;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
}

/* One document of 1 120.00 for the golden order and another like it. */
static void
merge(struct books *b)
{
    b->invoices[0].merged = true;
    b->invoices[0].net_fen = 105660;
    b->invoices[0].tax_fen = 6340;
    b->invoices[0].total_fen = 112000;
    b->invoices[0].share_fen = 56000;
    b->invoices[1] = b->invoices[0];
    b->invoices[1].order_no = SPAN_LIT("O2");
    b->in.invoice_count = 2;
}

Test(merged, counts_for_each_order_with_its_part)
{
    GOLDEN(b);
    merge(&b);
    b.orders[1] = b.orders[0];
    b.orders[1].order_no = SPAN_LIT("O2");
    b.in.order_count = 2;
    b.payments[1] = b.payments[0];
    b.payments[1].order_no = SPAN_LIT("O2");
    b.payments[1].attempt_no = SPAN_LIT("A2");
    b.payments[1].account = SPAN_LIT("wechat-1");
    b.in.payment_count = 2;
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_MERGED FEE_OK");
    cr_assert_eq(b.out.sheet.invoiced.fen, 56000);
    b.invoices[0].share_fen = 55999;
    CHECK_SAYS(&b, "PAY_OK INV_AMOUNT INV_MERGED FEE_OK");
}

Test(merged, has_an_orphaned_part_where_an_order_is_unknown)
{
    GOLDEN(b);
    merge(&b);
    CHECK_SAYS(&b, "PAY_OK INV_OK INV_MERGED FEE_OK\nINV_ORPHAN");
    cr_assert_eq(b.out.results[1].invoice, 1);
}

Test(merged, is_not_more_than_itself_for_any_order)
{
    static const int64_t wrong[] = { 112001, 0, -56000 };
    GOLDEN(b);
    merge(&b);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        b.invoices[0].share_fen = wrong[i];
        CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
    }
}

Test(orphan, is_a_result_of_its_own)
{
    GOLDEN(b);
    b.invoices[0].order_no = SPAN_LIT("O9");
    CHECK_SAYS(&b, "PAY_OK INV_NONE FEE_OK\nINV_ORPHAN");
    cr_assert_eq(b.out.results[1].invoice, 0);
    cr_assert_eq(b.out.results[1].order, RECON_NONE);
}

Test(orphan, without_any_order_number)
{
    GOLDEN(b);
    b.invoices[0].order_no = (struct span){ 0 };
    CHECK_SAYS(&b, "PAY_OK INV_NONE FEE_OK\nINV_ORPHAN");
}

Test(orphan, beside_money_whose_order_is_gone)
{
    GOLDEN(b);
    b.in.order_count = 0;
    CHECK_SAYS(&b, "PAY_OK ORD_MISSING FEE_OK\nINV_ORPHAN");
}

Test(orphan, is_nothing_when_it_was_never_a_document)
{
    GOLDEN(b);
    b.invoices[0].order_no = SPAN_LIT("O9");
    b.invoices[0].status = SPAN_LIT("failed");
    CHECK_SAYS(&b, "PAY_OK INV_NONE FEE_OK");
}
