/* SPDX-License-Identifier: Apache-2.0 */
/* The primary class of everything, by precedence: scope, repeated, dispute, key, account, currency, presence, status,
 * amount. */
#include "check.h"
#include "twin.h"
#include "twin_case.h"

#define DAY_MS  INT64_C(86400000)
#define NEAR_MS INT64_C(600000)

enum { ORDER_NONE, ORDER_UNPAID, ORDER_PAID, ORDER_CLOSED, ORDERS };

/* The columns of 2.1 where the bill has money that the books do not count. */
static const enum finding without_books[ORDERS] = { FINDING_LONG_UNKNOWN, FINDING_LONG_ORDER_UNPAID,
                                                    FINDING_LONG_ORDER_PAID,
                                                    FINDING_LONG_ORDER_CLOSED };
static const enum finding with_open_books[ORDERS] = { FINDING_ST_LATE_NO_ORDER,
                                                      FINDING_ST_LATE_SUCCESS,
                                                      FINDING_ST_LATE_ORDER_AHEAD,
                                                      FINDING_ST_PAID_AFTER_CLOSE };
static const enum finding without_bill[ORDERS] = { FINDING_SHORT_NO_ORDER,
                                                   FINDING_SHORT_ORDER_UNPAID, FINDING_SHORT_PAY,
                                                   FINDING_SHORT_ORDER_CLOSED };

/* 2.5: what the bill says of a refund, and where it stands in our books. */
enum { SAYS_DONE, SAYS_UNDER_WAY, SAYS_FAILED, SAYS };
enum { HAVE_NONE, HAVE_PENDING, HAVE_DONE, HAVE_OVER, HAVES };
static const enum finding refunds[SAYS][HAVES] = {
    { FINDING_REF_UNKNOWN, FINDING_REF_LATE_SUCCESS, FINDING_REF_OK, FINDING_REF_FAIL_BUT_PAID },
    { FINDING_REF_UNKNOWN_PENDING, FINDING_REF_IN_PROGRESS, FINDING_REF_OK_STALE,
      FINDING_REF_CLOSED_LATER },
    { FINDING_REF_UNKNOWN_FAIL, FINDING_REF_ABNORMAL, FINDING_REF_FALSE_SUCCESS,
      FINDING_REF_FAIL_OK },
};

static int
order_column(const struct twin *twin, size_t of)
{
    if (of == RECON_NONE || twin->cases[of].order == RECON_NONE) {
        return ORDER_NONE;
    }
    enum recon_order_stage stage = twin->in->orders[twin->cases[of].order].stage;
    return stage == RECON_ORDER_PAID     ? ORDER_PAID
           : stage == RECON_ORDER_CLOSED ? ORDER_CLOSED
                                         : ORDER_UNPAID;
}

static bool
near(const struct twin *twin, struct wall_time t)
{
    int64_t ms = wall_ms_between(t, twin->day_end);
    return ms >= -NEAR_MS && ms <= NEAR_MS;
}

static bool
reversed(const struct recon_line *line)
{
    return line->effective_fen == 0 && line->face_fen != 0 && !line->carried_in;
}

/* Our books have the money of a line of this bill just after the day's end. */
static bool
is_early(const struct twin *twin, const struct recon_line *line, struct wall_time booked)
{
    return booked.us >= twin->day_end.us && near(twin, booked) && !line->carried_in;
}

static enum finding
refund_line(const struct twin *twin, size_t i, int64_t p)
{
    const struct recon_line *line = &twin->in->lines[i];
    int says = reversed(line) ? SAYS_FAILED : line->pending ? SAYS_UNDER_WAY : SAYS_DONE;
    if (twin->lines[i].refund == RECON_NONE) {
        return refunds[says][HAVE_NONE];
    }
    const struct recon_refund *refund = &twin->in->refunds[twin->lines[i].refund];
    bool over = refund->state == REFUND_FAILED || refund->state == REFUND_REJECTED
                || refund->state == REFUND_WITHDRAWN;
    if (p != 0 && says != SAYS_FAILED && line->effective_fen != p) {
        return line->effective_fen < p ? FINDING_REF_AMT_MORE : FINDING_REF_AMT_LESS;
    }
    if (!over && !refund->counted && says != SAYS_FAILED
        && is_early(twin, line, refund->taken_at)) {
        return FINDING_DAY_EARLY_BILL;
    }
    int have = over                                      ? HAVE_OVER
               : !refund->counted && says != SAYS_FAILED ? HAVE_NONE /* another day's money */
               : refund->state == REFUND_SUCCEEDED       ? HAVE_DONE
                                                         : HAVE_PENDING;
    return refunds[says][have];
}

static enum finding
payment_line(const struct twin *twin, size_t i, int64_t p)
{
    const struct recon_line *line = &twin->in->lines[i];
    const struct twin_line *facts = &twin->lines[i];
    int column = order_column(twin, facts->belongs);
    if (facts->member == RECON_NONE) {
        return without_books[column];
    }
    const struct recon_member *member = &twin->in->members[facts->member];
    if (reversed(line) && twin_paid(member)) {
        return FINDING_ST_REVOKED;
    }
    if (!member->counted && twin_paid(member)) {
        return is_early(twin, line, member->paid_at) ? FINDING_DAY_EARLY_BILL
                                                     : without_books[column];
    }
    if (!member->counted) {
        return reversed(line) ? FINDING_ST_REVOKED_OK : with_open_books[column];
    }
    return line->effective_fen > p   ? FINDING_AMT_BILL_MORE
           : line->effective_fen < p ? FINDING_AMT_BILL_LESS
                                     : FINDING_PAY_OK;
}

static enum finding
line_class(const struct twin *twin, size_t i, int64_t p)
{
    const struct recon_line *line = &twin->in->lines[i];
    const struct twin_line *facts = &twin->lines[i];
    bool payment = line->kind == BILL_LINE_PAY;
    return facts->scoped     ? FINDING_OUT_OF_SCOPE
           : facts->repeated ? FINDING_DUP_BILL_LINE
           : line->dispute   ? (line->effective_fen > 0 ? FINDING_CB_RETURNED : FINDING_CB_DEDUCTED)
           : payment && facts->by_trade_no   ? FINDING_KEY_ORDER_NO
           : payment && facts->other_account ? FINDING_ACC_MERCHANT
           : line->other_currency            ? FINDING_AMT_CURRENCY
           : payment                         ? payment_line(twin, i, p)
                                             : refund_line(twin, i, p);
}

/* Writes the row, and what it says of the money of its order. */
static void
put(struct twin *twin, struct twin_row *rows, size_t *count, struct twin_row row, size_t of)
{
    row.order = of == RECON_NONE ? RECON_NONE : twin->cases[of].order;
    rows[(*count)++] = row;
}

static const struct twin_row blank = { .line = RECON_NONE,
                                       .member = RECON_NONE,
                                       .refund = RECON_NONE,
                                       .order = RECON_NONE,
                                       .invoice = RECON_NONE };

static void
put_lines(struct twin *twin, struct twin_row *rows, size_t *count)
{
    for (size_t i = 0; i < twin->in->line_count; i++) {
        const struct twin_line *facts = &twin->lines[i];
        const struct recon_member *member =
            facts->member == RECON_NONE ? NULL : &twin->in->members[facts->member];
        const struct recon_refund *refund =
            facts->refund == RECON_NONE ? NULL : &twin->in->refunds[facts->refund];
        int64_t b = facts->scoped ? 0 : twin->in->lines[i].effective_fen;
        int64_t p = member != NULL && member->counted   ? member->amount_fen
                    : refund != NULL && refund->counted ? -refund->amount_fen
                                                        : 0;
        struct twin_row row = blank;
        row.line = i;
        row.member = facts->member;
        row.refund = facts->refund;
        row.primary = line_class(twin, i, p);
        row.delta_fen = b - p;
        put(twin, rows, count, row, facts->belongs);
        if (facts->belongs == RECON_NONE) {
            continue;
        }
        struct twin_case *of = &twin->cases[facts->belongs];
        bool booked = member != NULL && twin_paid(member);
        of->money |= b > 0 && !booked && finding_bucket(row.primary) == FINDING_BUCKET_LONG;
        of->refund |= b < 0;
    }
}

/* An order that somebody takes for paid, by its status or a document, and nobody has money of. */
static enum finding
moneyless(const struct twin *twin, const struct twin_case *of)
{
    if (of == NULL || of->order == RECON_NONE || of->told || of->money) {
        return FINDING_NONE;
    }
    const struct recon_order *order = &twin->in->orders[of->order];
    if (order->stage != RECON_ORDER_PAID && of->invoiced_fen <= 0) {
        return FINDING_NONE;
    }
    for (size_t i = 0; i < twin->in->tariff_count && order->amount_fen == 0; i++) {
        const struct recon_tariff *tariff = &twin->in->tariffs[i];
        if (tariff->unit_fee_fen == 0 && span_eq(tariff->kind, order->kind)) {
            return FINDING_ORD_FREE_OK;
        }
    }
    return FINDING_ORD_PAID_NO_MONEY;
}

static enum finding
missing(const struct twin *twin, size_t i, size_t of)
{
    const struct recon_member *member = &twin->in->members[i];
    bool may_come = near(twin, member->paid_at) && !member->carried_in;
    return twin->member_doubled[i] ? FINDING_DUP_GATEWAY
           : member->denied        ? FINDING_ST_FALSE_SUCCESS
           : may_come              ? FINDING_DAY_IN_TRANSIT
                                   : without_bill[order_column(twin, of)];
}

static enum finding
attempt(struct twin *twin, const struct recon_member *member, struct twin_case *of, int column)
{
    bool old = wall_ms_between(member->created_at, twin->in->as_of) > DAY_MS;
    if (moneyless(twin, of) == FINDING_ORD_PAID_NO_MONEY) {
        of->told = true;
        return FINDING_ORD_PAID_NO_SUCCESS;
    }
    if (member->state == ATTEMPT_CLOSED) {
        return FINDING_NONE;
    }
    return column == ORDER_NONE            ? FINDING_PEND_NO_ORDER
           : column == ORDER_UNPAID && old ? FINDING_PEND_AGED
                                           : FINDING_NONE;
}

static void
put_members(struct twin *twin, struct twin_row *rows, size_t *count, const size_t *sorted)
{
    for (size_t k = 0; k < twin->in->member_count; k++) {
        size_t i = sorted[k];
        const struct recon_member *member = &twin->in->members[i];
        size_t of = twin_case_of(twin, member->owner, member->order_no);
        struct twin_row row = blank;
        row.member = i;
        if (twin->member_line[i] != RECON_NONE) {
            continue;
        }
        if (member->counted) {
            row.primary = missing(twin, i, of);
            row.delta_fen = -member->amount_fen;
        } else if (!twin_paid(member)) {
            row.primary = attempt(twin, member, &twin->cases[of], order_column(twin, of));
        }
        if (row.primary != FINDING_NONE) {
            put(twin, rows, count, row, of);
        }
    }
}

static void
put_refunds(struct twin *twin, struct twin_row *rows, size_t *count)
{
    for (size_t i = 0; i < twin->in->refund_count; i++) {
        const struct recon_refund *refund = &twin->in->refunds[i];
        bool may_come = near(twin, refund->taken_at) && !refund->carried_in;
        bool asked = refund->state == REFUND_SENT || refund->state == REFUND_UNKNOWN;
        bool old =
            refund->sent_at.us != 0 && wall_ms_between(refund->sent_at, twin->in->as_of) > DAY_MS;
        struct twin_row row = blank;
        row.refund = i;
        row.primary = refund->counted ? (may_come ? FINDING_REF_IN_TRANSIT : FINDING_REF_MISSING)
                      : asked && old  ? FINDING_REF_PENDING_AGED
                                      : FINDING_NONE;
        row.delta_fen = refund->counted ? refund->amount_fen : 0;
        if (twin->refund_line[i] == RECON_NONE && row.primary != FINDING_NONE) {
            put(twin, rows, count, row, twin_case_of(twin, refund->owner, refund->order_no));
        }
    }
}

static void
put_orders(struct twin *twin, struct twin_row *rows, size_t *count)
{
    for (size_t i = 0; i < twin->case_count; i++) {
        const struct twin_case *of = &twin->cases[i];
        struct twin_row row = blank;
        row.primary = moneyless(twin, of);
        if (row.primary == FINDING_NONE && of->order != RECON_NONE && !of->refund
            && twin->in->orders[of->order].said_refunded_fen > 0) {
            row.primary = FINDING_ORD_REFUNDED_NO_MONEY;
        }
        if (row.primary != FINDING_NONE) {
            put(twin, rows, count, row, i);
        }
    }
    for (size_t i = 0; i < twin->in->invoice_count; i++) {
        const struct recon_invoice *invoice = &twin->in->invoices[i];
        size_t of = twin_case_of(twin, invoice->owner, invoice->order_no);
        bool known = of != RECON_NONE && twin->cases[of].order != RECON_NONE;
        struct twin_row row = blank;
        row.invoice = i;
        row.primary = FINDING_INV_ORPHAN;
        if (!known
            && (span_eq_cstr(invoice->status, "asked")
                || span_eq_cstr(invoice->status, "issued"))) {
            put(twin, rows, count, row, RECON_NONE);
        }
    }
}

int
twin_row_cmp(const void *a, const void *b)
{
    const struct twin_row *x = a;
    const struct twin_row *y = b;
    const size_t left[] = { x->line, x->member, x->refund, x->order, x->invoice };
    const size_t right[] = { y->line, y->member, y->refund, y->order, y->invoice };
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}

size_t
twin_classify(struct twin *twin, struct twin_row *rows)
{
    size_t
        sorted[TWIN_MOST]; /* attempts by number: the first of an order tells its lack of money */
    for (size_t i = 0; i < twin->in->member_count; i++) {
        size_t k = i;
        for (; k > 0
               && span_cmp(twin->in->members[sorted[k - 1]].attempt_no,
                           twin->in->members[i].attempt_no)
                      > 0;
             k--) {
            sorted[k] = sorted[k - 1];
        }
        sorted[k] = i;
    }
    size_t count = 0;
    twin_case_build(twin);
    put_lines(twin, rows, &count);
    put_members(twin, rows, &count, sorted);
    put_refunds(twin, rows, &count);
    put_orders(twin, rows, &count);
    return count;
}
