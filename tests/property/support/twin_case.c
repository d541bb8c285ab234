/* SPDX-License-Identifier: Apache-2.0 */
/* Which order each thing belongs to, and what is known of each order's money and documents. */
#include "twin_case.h"

#include <stdlib.h>

#include "check.h"

static int
case_cmp(const void *a, const void *b)
{
    const struct twin_case *x = a;
    const struct twin_case *y = b;
    int number = span_cmp(x->order_no, y->order_no);
    return number != 0 ? number : span_cmp(x->owner, y->owner);
}

size_t
twin_case_of(const struct twin *twin, struct span owner, struct span order_no)
{
    for (size_t i = 0; i < twin->case_count; i++) {
        if (span_eq(twin->cases[i].order_no, order_no) && span_eq(twin->cases[i].owner, owner)) {
            return i;
        }
    }
    return RECON_NONE;
}

static void
add_case(struct twin *twin, struct span owner, struct span order_no, size_t order)
{
    if (!span_empty(order_no)) {
        cr_assert_lt(twin->case_count, sizeof(twin->cases) / sizeof(twin->cases[0]));
        twin->cases[twin->case_count++] =
            (struct twin_case){ .owner = owner, .order_no = order_no, .order = order };
    }
}

/* Every order that anything names, sorted; what is named twice becomes one. */
static void
list_cases(struct twin *twin)
{
    const struct recon_input *in = twin->in;
    for (size_t i = 0; i < in->order_count; i++) {
        add_case(twin, in->orders[i].owner, in->orders[i].order_no, i);
    }
    for (size_t i = 0; i < in->member_count; i++) {
        add_case(twin, in->members[i].owner, in->members[i].order_no, RECON_NONE);
    }
    for (size_t i = 0; i < in->refund_count; i++) {
        add_case(twin, in->refunds[i].owner, in->refunds[i].order_no, RECON_NONE);
    }
    for (size_t i = 0; i < in->payment_count; i++) {
        add_case(twin, in->payments[i].owner, in->payments[i].order_no, RECON_NONE);
    }
    for (size_t i = 0; i < in->invoice_count; i++) {
        add_case(twin, in->invoices[i].owner, in->invoices[i].order_no, RECON_NONE);
    }
    qsort(twin->cases, twin->case_count, sizeof(twin->cases[0]), case_cmp);
    size_t kept = 0;
    for (size_t i = 0; i < twin->case_count; i++) {
        if (kept > 0 && case_cmp(&twin->cases[kept - 1], &twin->cases[i]) == 0) {
            if (twin->cases[i].order != RECON_NONE) {
                twin->cases[kept - 1].order = twin->cases[i].order;
            }
        } else {
            twin->cases[kept++] = twin->cases[i];
        }
    }
    twin->case_count = kept;
}

/* Money that is stated or booked, of any account; refunds of any state but those that came to nothing. */
static void
add_money(struct twin *twin)
{
    const struct recon_input *in = twin->in;
    for (size_t i = 0; i < in->payment_count; i++) {
        const struct recon_payment *payment = &in->payments[i];
        struct twin_case *of = &twin->cases[twin_case_of(twin, payment->owner, payment->order_no)];
        of->money = true;
        of->refund = of->refund || payment->refunded_fen > 0 || payment->refund_open;
    }
    for (size_t i = 0; i < in->member_count; i++) {
        const struct recon_member *member = &in->members[i];
        if (twin_paid(member)) {
            twin->cases[twin_case_of(twin, member->owner, member->order_no)].money = true;
        }
    }
    for (size_t i = 0; i < in->refund_count; i++) {
        const struct recon_refund *refund = &in->refunds[i];
        if (refund->state != REFUND_FAILED && refund->state != REFUND_REJECTED
            && refund->state != REFUND_WITHDRAWN) {
            twin->cases[twin_case_of(twin, refund->owner, refund->order_no)].refund = true;
        }
    }
    for (size_t i = 0; i < in->invoice_count; i++) {
        const struct recon_invoice *invoice = &in->invoices[i];
        size_t at = twin_case_of(twin, invoice->owner, invoice->order_no);
        if (at != RECON_NONE && span_eq_cstr(invoice->status, "issued")) {
            twin->cases[at].invoiced_fen +=
                invoice->red ? -llabs(invoice->total_fen) : llabs(invoice->total_fen);
        }
    }
}

/* The payment of another account of ours that the number names. */
static const struct recon_payment *
payment_named(const struct twin *twin, struct span number)
{
    for (size_t i = 0; i < twin->in->payment_count; i++) {
        if (span_eq(twin->in->payments[i].attempt_no, number)) {
            return &twin->in->payments[i];
        }
    }
    return NULL;
}

static const struct recon_member *
member_named(const struct twin *twin, struct span number)
{
    for (size_t i = 0; i < twin->in->member_count; i++) {
        if (span_eq(twin->in->members[i].attempt_no, number)) {
            return &twin->in->members[i];
        }
    }
    return NULL;
}

/* An order's own number on the bill, where somebody went past the gateway; of two owners none is guessed. */
static size_t
case_numbered(const struct twin *twin, struct span number)
{
    size_t found = RECON_NONE;
    size_t count = 0;
    for (size_t i = 0; i < twin->case_count; i++) {
        if (span_eq(twin->cases[i].order_no, number)) {
            found = i;
            count++;
        }
    }
    return count == 1 ? found : RECON_NONE;
}

static void
place_by_number(struct twin *twin, size_t i)
{
    struct span number = twin->in->lines[i].merchant_order_no;
    struct twin_line *facts = &twin->lines[i];
    if (span_empty(number)) {
        return;
    }
    const struct recon_member *member = member_named(twin, number);
    const struct recon_payment *payment = payment_named(twin, number);
    if (member != NULL) {
        facts->belongs = twin_case_of(twin, member->owner, member->order_no);
    } else if (payment != NULL) {
        facts->belongs = twin_case_of(twin, payment->owner, payment->order_no);
        facts->other_account = span_eq(payment->provider, twin->in->provider)
                               && !span_eq(payment->account, twin->in->account);
    } else if (case_numbered(twin, number) != RECON_NONE) {
        facts->belongs = case_numbered(twin, number);
    }
}

/* The refund of ours that a line names, whether it is its own or another line's. */
static size_t
refund_named(const struct twin *twin, size_t i)
{
    const struct recon_line *line = &twin->in->lines[i];
    for (size_t k = 0; k < twin->in->refund_count; k++) {
        if (line->kind == BILL_LINE_REFUND && !twin->lines[i].repeated
            && span_eq(twin->in->refunds[k].refund_no, line->refund_no)) {
            return k;
        }
    }
    return RECON_NONE;
}

static bool
begins_or_is(struct span words, struct span text, bool begins)
{
    struct span word = { 0 };
    for (bool more = true; more;) {
        more = span_cut(&words, ' ', &word);
        if (!span_empty(word) && (begins ? span_starts(text, word) : span_eq(text, word))) {
            return true;
        }
    }
    return false;
}

static void
place(struct twin *twin, size_t i)
{
    const struct recon_input *in = twin->in;
    struct twin_line *facts = &twin->lines[i];
    size_t named = refund_named(twin, i);
    if (named != RECON_NONE) {
        const struct recon_refund *refund = &in->refunds[named];
        facts->belongs = twin_case_of(twin, refund->owner, refund->order_no);
    }
    if (facts->member != RECON_NONE) {
        const struct recon_member *member = &in->members[facts->member];
        facts->belongs = twin_case_of(twin, member->owner, member->order_no);
    } else if (facts->refund == RECON_NONE) {
        place_by_number(twin, i);
        bool could = named == RECON_NONE && !in->lines[i].carried_in;
        bool elsewhere =
            could && begins_or_is(in->other_applications, in->lines[i].application, false);
        if (elsewhere && facts->other_account) {
            facts->belongs = RECON_NONE;
        }
        facts->scoped =
            could && facts->belongs == RECON_NONE
            && (elsewhere || begins_or_is(in->other_numbers, in->lines[i].merchant_order_no, true));
    }
}

void
twin_case_build(struct twin *twin)
{
    list_cases(twin);
    add_money(twin);
    for (size_t i = 0; i < twin->in->line_count; i++) {
        place(twin, i);
    }
}
