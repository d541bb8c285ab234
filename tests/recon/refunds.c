/* SPDX-License-Identifier: Apache-2.0 */
/* Refunds on the bill against refunds in our books: every cell of the matrix, amounts, days, invoices. */
#include "books.h"

#define BACK 20000

/* The golden day, of which 200.00 go back: asked for, sent at one o'clock, on the bill at half past one. */
static void
refunded(struct books *b)
{
    books_golden(b);
    b->refunds[0] = (struct recon_refund){ .refund_no = SPAN("A1R01"),
                                           .attempt_no = SPAN("A1"),
                                           .owner = SPAN("portal"),
                                           .order_no = SPAN("O1"),
                                           .state = REFUND_SUCCEEDED,
                                           .amount_fen = BACK,
                                           .approved = true,
                                           .counted = true };
    b->refunds[0].sent_at = at(13 * HOUR_S);
    b->refunds[0].taken_at = at(13 * HOUR_S);
    b->payments[0].refunded_fen = BACK;
    b->lines[1] = (struct recon_line){ .number = 8,
                                       .kind = BILL_LINE_REFUND,
                                       .provider_trade_no = SPAN("T1"),
                                       .merchant_order_no = SPAN("A1"),
                                       .refund_no = SPAN("A1R01"),
                                       .face_fen = -BACK,
                                       .effective_fen = -BACK,
                                       .fee_fen = 120 };
    b->lines[1].at = at(13 * HOUR_S + 1800);
    b->in.refund_count = 1;
    b->in.line_count = 2;
}

enum on_bill { DONE, UNDER_WAY, FAILED };

static void
bill_says(struct books *b, enum on_bill said)
{
    b->lines[1].pending = said == UNDER_WAY;
    b->lines[1].effective_fen = said == FAILED ? 0 : -BACK;
}

/* What the books hold of a refund that stands on the bill. */
static void
books_say_state(struct books *b, enum refund_state state)
{
    bool counted = state == REFUND_SENT || state == REFUND_ACCEPTED || state == REFUND_SUCCEEDED
                   || state == REFUND_ABNORMAL;
    b->refunds[0].state = state;
    b->refunds[0].counted = counted;
    b->payments[0].refunded_fen = counted && state != REFUND_SENT ? BACK : 0;
    b->in.refund_count = state == REFUND_STATE_NONE ? 0 : 1;
}

static enum finding
class_of_refund(struct books *b)
{
    CHECK_OK(books_try(b));
    cr_assert_eq(b->out.count, 2);
    return b->out.results[1].primary;
}

/* 2.5 of the terms, every cell of the first three rows, and what each comes to in money. */
Test(refunds, every_cell_of_bill_and_books)
{
    static const struct {
        enum on_bill said;
        enum refund_state state;
        enum finding want;
        int64_t delta;
    } rows[] = {
        { DONE, REFUND_STATE_NONE, FINDING_REF_UNKNOWN, -BACK },
        { DONE, REFUND_SENT, FINDING_REF_LATE_SUCCESS, 0 },
        { DONE, REFUND_ACCEPTED, FINDING_REF_LATE_SUCCESS, 0 },
        { DONE, REFUND_ABNORMAL, FINDING_REF_LATE_SUCCESS, 0 },
        { DONE, REFUND_SUCCEEDED, FINDING_REF_OK, 0 },
        { DONE, REFUND_FAILED, FINDING_REF_FAIL_BUT_PAID, -BACK },
        { DONE, REFUND_WITHDRAWN, FINDING_REF_FAIL_BUT_PAID, -BACK },
        { UNDER_WAY, REFUND_STATE_NONE, FINDING_REF_UNKNOWN_PENDING, -BACK },
        { UNDER_WAY, REFUND_ACCEPTED, FINDING_REF_IN_PROGRESS, 0 },
        { UNDER_WAY, REFUND_SUCCEEDED, FINDING_REF_OK_STALE, 0 },
        { UNDER_WAY, REFUND_FAILED, FINDING_REF_CLOSED_LATER, -BACK },
        { FAILED, REFUND_STATE_NONE, FINDING_REF_UNKNOWN_FAIL, 0 },
        { FAILED, REFUND_ABNORMAL, FINDING_REF_ABNORMAL, BACK },
        { FAILED, REFUND_SUCCEEDED, FINDING_REF_FALSE_SUCCESS, BACK },
        { FAILED, REFUND_FAILED, FINDING_REF_FAIL_OK, 0 },
    };
    struct books b = { 0 };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        refunded(&b);
        bill_says(&b, rows[i].said);
        books_say_state(&b, rows[i].state);
        enum finding got = class_of_refund(&b);
        cr_expect_eq(got, rows[i].want, "row %zu: %s", i, finding_name(got));
        CHECK_DELTA(&b, 1, rows[i].delta);
        cr_expect_eq(b.out.sheet.unexplained_fen, 0);
    }
    books_free(&b);
}

/* The fourth row: not on the bill. */
Test(refunds, what_is_on_no_bill)
{
    static const struct {
        enum refund_state state;
        bool counted;
        int64_t sent_s; /* from the start of the day */
        bool carried_in;
        const char *want;
    } rows[] = {
        { REFUND_SUCCEEDED, true, NOON_S, false, "REF_MISSING" },
        { REFUND_ACCEPTED, true, NOON_S, false, "REF_MISSING" },
        { REFUND_SUCCEEDED, true, MIDNIGHT_S - 120, false, "REF_IN_TRANSIT" },
        { REFUND_SUCCEEDED, true, -120, true, "REF_MISSING" },
        { REFUND_SENT, false, NOON_S, false, NULL }, /* asked about for less than a day */
        { REFUND_UNKNOWN, false, 9 * HOUR_S, false, "REF_PENDING_AGED" },
        { REFUND_FAILED, false, 9 * HOUR_S, false, NULL },
        { REFUND_APPROVED, false, 9 * HOUR_S, false, NULL },
    };
    struct books b = { 0 };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        refunded(&b);
        b.in.line_count = 1;
        b.refunds[0].state = rows[i].state;
        b.refunds[0].counted = rows[i].counted;
        b.refunds[0].carried_in = rows[i].carried_in;
        b.refunds[0].sent_at = b.refunds[0].taken_at = at(rows[i].sent_s);
        CHECK_OK(books_try(&b));
        cr_assert_eq(b.out.count, rows[i].want == NULL ? 1 : 2, "row %zu", i);
        if (rows[i].want == NULL) {
            continue;
        }
        const struct recon_result *result = &b.out.results[1];
        cr_expect_str_eq(finding_name(result->primary), rows[i].want, "row %zu", i);
        cr_expect_eq(result->delta_fen, rows[i].counted ? BACK : 0, "row %zu", i);
        cr_expect_eq(result->carry_out, strcmp(rows[i].want, "REF_IN_TRANSIT") == 0);
    }
    books_free(&b);
}

/* Carried out of one day and carried in to the next, it is matched there and counts once. */
Test(refunds, one_near_midnight_is_carried_and_then_matched)
{
    struct books b = { 0 };
    refunded(&b);
    b.lines[0] = b.lines[1];
    b.in.line_count = 1;
    b.in.member_count = 0;
    b.refunds[0].carried_in = true;
    b.refunds[0].taken_at = at(-120);
    CHECK_SAYS(&b, "REF_OK REF_PARTIAL INV_RED_DUE FEE_OK");
    cr_expect_eq(b.out.sheet.carried_in.fen, -BACK);
    cr_expect_eq(b.out.sheet.population.fen, -BACK);
    cr_expect_eq(b.out.sheet.matched.fen, -BACK);
    books_free(&b);
}

/* The bill may have one before our books do; then its line is carried. */
Test(refunds, one_that_the_bill_has_a_day_early_is_carried_and_then_matched)
{
    struct books b = { 0 };
    refunded(&b);
    b.refunds[0].counted = false;
    b.refunds[0].taken_at = at(MIDNIGHT_S + 5);
    b.lines[1].at = at(MIDNIGHT_S - 5);
    CHECK_SAYS(&b, "PAY_OK INV_RED_DUE FEE_OK\n"
                   "DAY_EARLY_BILL DAY_SHIFT_EARLY REF_PARTIAL INV_RED_DUE FEE_OK");
    CHECK_DELTA(&b, 1, -BACK);
    cr_expect(b.out.results[1].carry_out);
    cr_expect_eq(b.out.sheet.early_out.fen, -BACK);
    refunded(&b);
    b.lines[0] = b.lines[1];
    b.lines[0].carried_in = true;
    b.lines[0].at = at(-5);
    b.in.line_count = 1;
    b.in.member_count = 0;
    b.refunds[0].taken_at = at(5);
    CHECK_SAYS(&b, "REF_OK DAY_SHIFT_EARLY REF_PARTIAL INV_RED_DUE");
    cr_expect_eq(b.out.sheet.early_in.fen, -BACK);
    cr_expect_eq(b.out.sheet.refund.count, 0);
    b.refunds[0].state = REFUND_FAILED; /* it came back meanwhile */
    b.refunds[0].counted = false;
    b.payments[0].refunded_fen = 0;
    CHECK_OK(books_try(&b));
    cr_expect_str_eq(finding_name(b.out.results[0].primary), "REF_FAIL_BUT_PAID");
    CHECK_DELTA(&b, 0, -BACK);
    books_free(&b);
}

Test(refunds, amounts_are_compared_to_the_fen)
{
    static const struct {
        int64_t on_bill;
        const char *want;
    } rows[] = {
        { BACK + 1, "REF_AMT_MORE" },
        { BACK - 1, "REF_AMT_LESS" },
        { BACK, "REF_OK" },
    };
    struct books b = { 0 };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        refunded(&b);
        b.lines[1].face_fen = b.lines[1].effective_fen = -rows[i].on_bill;
        cr_expect_str_eq(finding_name(class_of_refund(&b)), rows[i].want);
        CHECK_DELTA(&b, 1, BACK - rows[i].on_bill);
    }
    books_free(&b);
}

/* One that is expected on another day's bill counts there, and here it is money that the books of this day do not hold. */
Test(refunds, one_of_another_day_does_not_count_twice)
{
    struct books b = { 0 };
    refunded(&b);
    b.refunds[0].counted = false;
    b.refunds[0].taken_at = at(-NOON_S);
    CHECK_SAYS(&b, "PAY_OK INV_RED_DUE FEE_OK\n"
                   "REF_UNKNOWN DAY_SHIFT_LATE REF_PARTIAL INV_RED_DUE FEE_OK");
    CHECK_DELTA(&b, 1, -BACK);
    books_free(&b);
}

/* The provider denies it days later: whose money it was does not change what its word means. */
Test(refunds, one_of_another_day_that_the_bill_calls_failed)
{
    static const struct {
        enum refund_state state;
        const char *want;
    } rows[] = {
        { REFUND_SUCCEEDED, "REF_FALSE_SUCCESS" }, { REFUND_ACCEPTED, "REF_ABNORMAL" },
        { REFUND_ABNORMAL, "REF_ABNORMAL" },       { REFUND_FAILED, "REF_FAIL_OK" },
        { REFUND_STATE_NONE, "REF_UNKNOWN_FAIL" },
    };
    struct books b = { 0 };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        refunded(&b);
        bill_says(&b, FAILED);
        books_say_state(&b, rows[i].state);
        b.refunds[0].counted = false;
        b.refunds[0].taken_at = at(-NOON_S);
        cr_expect_str_eq(finding_name(class_of_refund(&b)), rows[i].want, "row %zu", i);
        CHECK_DELTA(&b, 1, 0);
        cr_expect_eq(b.out.sheet.unexplained_fen, 0);
    }
    cr_expect_eq(finding_severity(FINDING_REF_FALSE_SUCCESS), 1);
    books_free(&b);
}

Test(refunds, a_second_line_for_one_refund_is_money_lost)
{
    struct books b = { 0 };
    refunded(&b);
    b.lines[2] = b.lines[1];
    b.lines[2].number = 9;
    b.lines[2].at = at(15 * HOUR_S);
    b.in.line_count = 3;
    CHECK_SAYS(&b, "PAY_OK INV_RED_DUE FEE_OK\n"
                   "REF_OK REF_PARTIAL INV_RED_DUE FEE_OK\n"
                   "REF_UNKNOWN DUP_REFUND REF_PARTIAL FEE_OK");
    CHECK_DELTA(&b, 2, -BACK);
    books_free(&b);
}

Test(refunds, one_made_past_us_beside_ours_is_told)
{
    struct books b = { 0 };
    refunded(&b);
    b.lines[2] = b.lines[1];
    b.lines[2].number = 9;
    b.lines[2].refund_no = SPAN_LIT("console-1");
    b.in.line_count = 3;
    CHECK_SAYS(&b, "PAY_OK INV_RED_DUE FEE_OK\n"
                   "REF_OK REF_PARTIAL INV_RED_DUE FEE_OK\n"
                   "REF_UNKNOWN DUP_REFUND REF_PARTIAL FEE_OK");
    books_free(&b);
}

Test(refunds, one_that_nobody_approved_is_told)
{
    struct books b = { 0 };
    refunded(&b);
    b.refunds[0].approved = false;
    b.refunds[0].state = REFUND_REQUESTED;
    b.refunds[0].counted = false;
    b.refunds[0].taken_at = (struct wall_time){ .us = 0 };
    b.payments[0].refunded_fen = 0;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK\nREF_UNKNOWN REF_PARTIAL REF_NO_REQUEST INV_OK FEE_OK");
    books_free(&b);
}

Test(refunds, after_more_than_a_year_after_issue_and_beyond_the_payment)
{
    struct books b = { 0 };
    refunded(&b);
    b.in.member_count = 0;
    b.lines[0] = b.lines[1];
    b.in.line_count = 1;
    b.in.invoice_count = 0;
    b.payments[0].paid_at = at(-366 * 24 * HOUR_S);
    CHECK_SAYS(&b, "REF_OK REF_PARTIAL REF_ORIG_OLD INV_NONE FEE_OK");
    b.payments[0].paid_at = at(-364 * 24 * HOUR_S);
    CHECK_SAYS(&b, "REF_OK REF_PARTIAL INV_NONE FEE_OK");
    b.orders[0].issued_quantity = 1;
    CHECK_SAYS(&b, "REF_OK REF_PARTIAL REF_AFTER_ISSUE INV_NONE FEE_OK");
    b.payments[0].refunded_fen = 56001;
    CHECK_SAYS(&b, "REF_OK REF_OVER REF_ORDER_STATE REF_AFTER_ISSUE FEE_OK");
    books_free(&b);
}

/* 2.2 of the terms, the rows "part" and "refunded". */
Test(refunds, the_invoice_follows_the_money)
{
    static const struct {
        int64_t back;
        int64_t blue; /* 0: none issued */
        int64_t red;
        int64_t asked;
        const char *want; /* the invoice's finding; "" none */
    } rows[] = {
        { 20000, 0, 0, 0, "INV_NONE" },
        { 20000, 0, 0, 56000, "INV_ASKED_GROSS" },
        { 20000, 0, 0, 36000, "INV_PENDING" },
        { 20000, 56000, 0, 0, "INV_RED_DUE" },
        { 20000, 36000, 0, 0, "INV_OK" },
        { 20000, 56000, 20000, 0, "INV_OK_NET" },
        { 20000, 56000, 10000, 0, "INV_RED_AMOUNT" },
        { 20000, 56000, 56000, 0, "INV_REISSUE_DUE" },
        { 56000, 0, 0, 0, "" },
        { 56000, 0, 0, 56000, "INV_ASKED_AFTER_REFUND" },
        { 56000, 56000, 0, 0, "INV_RED_DUE_FULL" },
        { 56000, 56000, 20000, 0, "INV_RED_INCOMPLETE" },
        { 56000, 56000, 56000, 0, "INV_OK_CANCELLED" },
    };
    struct books b = { 0 };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        refunded(&b);
        b.in.line_count = 1;
        b.in.refund_count = 0; /* it went back on another day */
        b.orders[0].stage = RECON_ORDER_CLOSED;
        b.payments[0].refunded_fen = rows[i].back;
        b.in.invoice_count = 0;
        const int64_t totals[] = { rows[i].blue, -rows[i].red, rows[i].asked };
        static const char *const ids[] = { "I1", "I2", "I3" };
        const struct recon_invoice golden = b.invoices[0];
        for (size_t k = 0; k < 3; k++) {
            struct recon_invoice *invoice = &b.invoices[b.in.invoice_count];
            if (totals[k] == 0) {
                continue;
            }
            *invoice = golden;
            invoice->invoice_id = span_of(ids[k]);
            invoice->red = k == 1;
            invoice->total_fen = invoice->net_fen = totals[k];
            invoice->tax_fen = 0;
            if (k == 2) {
                invoice->status = SPAN_LIT("asked");
                invoice->issued_at = (struct wall_time){ .us = 0 };
            }
            b.in.invoice_count++;
        }
        char want[128];
        (void)snprintf(want, sizeof(want), "PAY_OK ORD_CLOSED_PAID %s%sFEE_OK", rows[i].want,
                       rows[i].want[0] == 0 ? "" : " ");
        CHECK_SAYS(&b, want);
    }
    books_free(&b);
}

Test(refunds, what_cannot_be_is_refused)
{
    struct books b = { 0 };
    refunded(&b);
    b.refunds[0].amount_fen = 0;
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
    refunded(&b);
    b.refunds[0].state = REFUND_FAILED;
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
    refunded(&b);
    b.refunds[0].refund_no = SPAN_LIT("");
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
    refunded(&b);
    b.refunds[1] = b.refunds[0];
    b.in.refund_count = 2;
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
    books_free(&b);
}
