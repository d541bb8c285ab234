/* SPDX-License-Identifier: Apache-2.0 */
/* Money of a day that is signed: it counts on this one, which is open, and says so. The day is 2026-11-23. */
#include "books.h"

/* When the money was paid, from the start of the day, and what the line says. */
struct row {
    const char *closed;
    int64_t paid_s;
    int64_t line_s;
    const char *says;
};

#define DAY_BACK(days) (NOON_S - (days)*MIDNIGHT_S)

static void
paid_at(struct books *b, const struct row *row)
{
    books_golden(b);
    b->in.closed_days = span_of(row->closed);
    b->members[0].paid_at = b->payments[0].paid_at = at(row->paid_s);
    b->lines[0].at = at(row->line_s);
}

Test(closed, a_line_of_a_signed_day_is_told)
{
    static const struct row rows[] = {
        { "2026-11-20 2026-11-21", DAY_BACK(2), DAY_BACK(2),
          "PAY_OK DAY_LATE_LINE DAY_CLOSED INV_OK FEE_OK" },
        { "2026-11-20 2026-11-22", DAY_BACK(2), DAY_BACK(2), "PAY_OK DAY_LATE_LINE INV_OK FEE_OK" },
        { "2026-11-22", DAY_BACK(1), DAY_BACK(1),
          "PAY_OK DAY_SHIFT_LATE DAY_CLOSED INV_OK FEE_OK" },
        { "2026-11-22", DAY_BACK(0), DAY_BACK(0), "PAY_OK INV_OK FEE_OK" },
        { "2026-11-23", DAY_BACK(0), DAY_BACK(0), "PAY_OK INV_OK FEE_OK" },
        { "", DAY_BACK(2), DAY_BACK(2), "PAY_OK DAY_LATE_LINE INV_OK FEE_OK" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        paid_at(&b, &rows[i]);
        CHECK_SAYS(&b, rows[i].says);
    }
}

Test(closed, a_success_heard_of_after_the_signature_is_short_here_and_is_told)
{
    static const struct row rows[] = {
        { "2026-11-21", DAY_BACK(2), 0, "SHORT_PAY DAY_CLOSED INV_NO_MONEY" },
        { "2026-11-20", DAY_BACK(2), 0, "SHORT_PAY INV_NO_MONEY" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        paid_at(&b, &rows[i]);
        b.in.line_count = 0;
        CHECK_SAYS(&b, rows[i].says);
        CHECK_DELTA(&b, 0, -56000);
        cr_expect_eq(b.out.sheet.population.fen, 56000);
    }
}

/* What the signed day carried out is no news to it. */
Test(closed, what_was_carried_over_is_not_late)
{
    static const struct row row = { "2026-11-22", -120, 60, "PAY_OK DAY_SHIFT_LATE INV_OK FEE_OK" };
    DEFER(books_free) struct books b = { 0 };
    paid_at(&b, &row);
    b.members[0].carried_in = true;
    CHECK_SAYS(&b, row.says);
    b.in.line_count = 0;
    CHECK_SAYS(&b, "SHORT_PAY INV_NO_MONEY");
}

Test(closed, a_line_of_nobody_for_a_signed_day_is_told)
{
    static const struct row row = { "2026-11-21", DAY_BACK(2), DAY_BACK(2),
                                    "LONG_UNKNOWN DAY_LATE_LINE DAY_CLOSED FEE_OK" };
    DEFER(books_free) struct books b = { 0 };
    paid_at(&b, &row);
    b.in.member_count = b.in.payment_count = b.in.order_count = b.in.invoice_count = 0;
    CHECK_SAYS(&b, row.says);
}

Test(closed, a_refund_heard_of_after_the_signature_is_told)
{
    static const struct row row = { "2026-11-22", NOON_S, NOON_S, "" };
    DEFER(books_free) struct books b = { 0 };
    paid_at(&b, &row);
    b.in.invoice_count = 0;
    b.payments[0].refunded_fen = 20000;
    b.refunds[0] = (struct recon_refund){ .refund_no = SPAN("A1R01"),
                                          .attempt_no = SPAN("A1"),
                                          .owner = SPAN("portal"),
                                          .order_no = SPAN("O1"),
                                          .state = REFUND_SUCCEEDED,
                                          .amount_fen = 20000,
                                          .approved = true,
                                          .counted = true };
    b.refunds[0].sent_at = b.refunds[0].taken_at = at(DAY_BACK(1));
    b.in.refund_count = 1;
    CHECK_SAYS(&b, "PAY_OK INV_NONE FEE_OK\nREF_MISSING DAY_CLOSED REF_PARTIAL INV_NONE");
    b.refunds[0].carried_in = true;
    CHECK_SAYS(&b, "PAY_OK INV_NONE FEE_OK\nREF_MISSING REF_PARTIAL INV_NONE");
}

/* Recorded and confirmed today, received on a day that is signed; and the same while nobody has confirmed it. */
Test(closed, a_bank_transfer_of_a_signed_day_is_told)
{
    static const struct row row = { "2026-11-20", NOON_S, NOON_S, "" };
    DEFER(books_free) struct books b = { 0 };
    paid_at(&b, &row);
    b.in.line_count = b.in.member_count = b.in.payment_count = 0;
    b.manuals[0] = (struct recon_manual){ .owner = SPAN("portal"),
                                          .order_no = SPAN("O1"),
                                          .number = 1,
                                          .confirmed = true,
                                          .attached = true,
                                          .amount_fen = 56000,
                                          .deposit_fen = 56000,
                                          .received_on = { 2026, 11, 20 },
                                          .recorded_on = { 2026, 11, 20 },
                                          .decided_on = { 2026, 11, 23 } };
    b.in.manual_count = 1;
    CHECK_SAYS(&b, "MAN_OK DAY_CLOSED INV_OK");
    b.in.closed_days = SPAN_LIT("2026-11-19");
    CHECK_SAYS(&b, "MAN_OK INV_OK");
}
