/* SPDX-License-Identifier: Apache-2.0 */
#include "conserve.h"

#include <stdlib.h>

#include "check.h"

/* What is added up here, apart from the engine. */
struct sums {
    size_t lines[CONSERVE_MOST];
    size_t members[CONSERVE_MOST];
    size_t refunds[CONSERVE_MOST];
    size_t by_class[FINDING_COUNT];
    int64_t face, b, p;
    int64_t long_fen, short_fen;
    int64_t kind_fen[BILL_LINE_KIND_COUNT];   /* of the day's own bill */
    int64_t early_in_fen, early_out_fen;      /* lines */
    int64_t bucket_fen[FINDING_BUCKET_COUNT]; /* Δ */
    size_t scoped;
    int64_t scoped_fen;
};

static void
check_result(const struct recon_input *in, const struct recon_result *r, size_t i)
{
    enum finding_bucket bucket = finding_bucket(r->primary);
    cr_assert_eq(r->seq, i + 1);
    cr_assert(r->line == RECON_NONE || r->line < in->line_count);
    cr_assert(r->member == RECON_NONE || r->member < in->member_count);
    cr_assert(r->refund == RECON_NONE || r->refund < in->refund_count);
    cr_assert(r->order == RECON_NONE || r->order < in->order_count);
    cr_assert_eq(finding_kind(r->primary), FINDING_PRIMARY);
    cr_assert_eq(r->delta_fen, r->b_fen - r->p_fen);
    cr_assert(r->delta_fen == 0
              || (bucket != FINDING_BUCKET_MATCHED && bucket != FINDING_BUCKET_NOTHING
                  && bucket != FINDING_BUCKET_SCOPE));
    for (size_t k = 0; k < r->finding_count; k++) {
        cr_assert_eq(finding_kind(r->findings[k]), FINDING_NOTE);
        cr_assert(k == 0 || r->findings[k - 1] < r->findings[k]);
    }
}

static void
add_result(const struct recon_input *in, const struct recon_result *r, struct sums *sums)
{
    if (r->line != RECON_NONE) {
        sums->lines[r->line]++;
        const struct recon_line *line = &in->lines[r->line];
        sums->kind_fen[line->kind] += line->carried_in ? 0 : r->b_fen;
        sums->early_in_fen += line->carried_in ? r->b_fen : 0;
        sums->early_out_fen += r->carry_out ? r->b_fen : 0;
        cr_assert(!r->carry_out || !line->carried_in);
    }
    if (r->member != RECON_NONE) {
        sums->members[r->member]++;
    }
    if (r->refund != RECON_NONE) {
        sums->refunds[r->refund]++;
    }
    if (r->primary == FINDING_OUT_OF_SCOPE) {
        cr_assert_eq(r->b_fen, 0);
        sums->scoped++;
        sums->scoped_fen += r->face_fen;
    }
    sums->by_class[r->primary]++;
    sums->bucket_fen[finding_bucket(r->primary)] += r->delta_fen;
    sums->face += r->face_fen;
    sums->b += r->b_fen;
    sums->p += r->p_fen;
    sums->long_fen += r->delta_fen > 0 ? r->delta_fen : 0;
    sums->short_fen += r->delta_fen < 0 ? r->delta_fen : 0;
}

/* Laws 1 to 5: each once, and the sums of the inputs. */
static void
check_inputs(const struct recon_input *in, const struct recon_output *out, const struct sums *sums)
{
    int64_t bill = 0, money = 0, books = 0;
    for (size_t i = 0; i < in->line_count; i++) {
        cr_assert_eq(sums->lines[i], 1);
        bill += in->lines[i].carried_in ? 0 : in->lines[i].face_fen;
        money += in->lines[i].effective_fen;
    }
    for (size_t i = 0; i < out->count; i++) {
        const struct recon_result *r = &out->results[i];
        money -= r->primary == FINDING_OUT_OF_SCOPE ? in->lines[r->line].effective_fen : 0;
    }
    for (size_t i = 0; i < in->member_count; i++) {
        bool counted = in->members[i].counted;
        cr_assert(sums->members[i] == 1 || (sums->members[i] == 0 && !counted));
        books += counted ? in->members[i].amount_fen : 0;
    }
    for (size_t i = 0; i < in->refund_count; i++) {
        bool counted = in->refunds[i].counted;
        cr_assert(sums->refunds[i] == 1 || (sums->refunds[i] == 0 && !counted));
        books -= counted ? in->refunds[i].amount_fen : 0;
    }
    cr_assert_eq(sums->face, bill);
    cr_assert_eq(sums->b, money);
    cr_assert_eq(sums->p, books);
}

/* Laws 6 to 8: Δ in total, by bucket and by kind; classes; what is out of scope. */
static void
check_sheet(const struct recon_output *out, const struct sums *sums)
{
    const struct recon_sheet *s = &out->sheet;
    size_t classes = 0;
    int64_t deltas = 0;
    for (size_t i = 0; i < FINDING_COUNT; i++) {
        classes += sums->by_class[i];
    }
    for (size_t i = 0; i < FINDING_BUCKET_COUNT; i++) {
        deltas += sums->bucket_fen[i];
    }
    cr_assert_eq(classes, out->count);
    cr_assert_eq(deltas, sums->b - sums->p);
    cr_assert_eq(s->delta_long.fen, sums->long_fen);
    cr_assert_eq(s->delta_short.fen, sums->short_fen);
    cr_assert_eq(s->pay.fen, sums->kind_fen[BILL_LINE_PAY]);
    cr_assert_eq(s->refund.fen, sums->kind_fen[BILL_LINE_REFUND]);
    cr_assert_eq(s->amount_bill.fen - s->amount_books.fen, sums->bucket_fen[FINDING_BUCKET_AMOUNT]);
    cr_assert_eq(s->repeated.fen, sums->bucket_fen[FINDING_BUCKET_DUP]);
    cr_assert_eq((size_t)s->out_of_scope.count, sums->scoped);
    cr_assert_eq(s->out_of_scope.fen, sums->scoped_fen);
    cr_assert_eq(s->parsed.fen, sums->face);
    cr_assert_eq(s->in_scope.fen + s->ineffective.fen + s->out_of_scope.fen, sums->face);
    cr_assert_eq(s->early_in.fen, sums->early_in_fen);
    cr_assert_eq(s->early_out.fen, sums->early_out_fen);
    cr_assert_eq(s->in_scope.fen + s->early_in.fen, sums->b);
    cr_assert_eq(s->matched.fen + s->amount_bill.fen + s->bill_only.fen + s->repeated.fen
                     + s->early_out.fen,
                 sums->b);
    cr_assert_eq(s->matched.fen + s->amount_books.fen + s->book_only.fen + s->in_transit.fen,
                 sums->p);
    cr_assert_eq(s->matched.count + s->amount_books.count + s->book_only.count
                     + s->in_transit.count,
                 s->population.count);
    cr_assert_eq(s->unexplained_fen, 0);
}

static bool
names(struct span owner, struct span order_no, const struct recon_order *order)
{
    return span_eq(owner, order->owner) && span_eq(order_no, order->order_no);
}

/* What is added up of one order, from the inputs. */
struct order_sums {
    bool paid; /* has money of this day */
    int64_t here, transferred, blue_less_red;
};

static struct order_sums
sum_order(const struct recon_input *in, const struct recon_order *order)
{
    struct order_sums sums = { .paid = false };
    for (size_t i = 0; i < in->member_count; i++) {
        const struct recon_member *m = &in->members[i];
        if (m->counted && names(m->owner, m->order_no, order)) {
            sums.paid = true;
            sums.here += m->amount_fen;
        }
    }
    for (size_t i = 0; i < in->manual_count; i++) {
        const struct recon_manual *m = &in->manuals[i];
        if (m->confirmed && !m->out && names(m->owner, m->order_no, order)) {
            sums.paid |= day_cmp(m->received_on, in->day) == 0;
            sums.transferred += m->amount_fen;
        }
    }
    for (size_t i = 0; i < in->invoice_count; i++) {
        const struct recon_invoice *v = &in->invoices[i];
        if (span_eq_cstr(v->status, "issued") && names(v->owner, v->order_no, order)) {
            int64_t size = llabs(v->merged ? v->share_fen : v->total_fen);
            sums.blue_less_red += v->red ? -size : size;
        }
    }
    return sums;
}

/* P and Q: every order with money of the day, once. */
static void
check_orders(const struct recon_input *in, const struct recon_output *out)
{
    const struct recon_sheet *s = &out->sheet;
    struct order_sums all = { .paid = false };
    int64_t payable = 0, back = 0;
    for (size_t i = 0; i < in->order_count; i++) {
        struct order_sums one = sum_order(in, &in->orders[i]);
        if (one.paid) {
            payable += in->orders[i].amount_fen;
            all.here += one.here;
            all.transferred += one.transferred;
            all.blue_less_red += one.blue_less_red;
        }
    }
    for (size_t i = 0; i < in->refund_count; i++) {
        back -= in->refunds[i].counted ? in->refunds[i].amount_fen : 0;
    }
    cr_assert_eq(s->orders_paid.fen, payable);
    cr_assert_eq(s->paid_here.fen, all.here);
    cr_assert_eq(s->transferred.fen, all.transferred);
    cr_assert_eq(s->books_refund.fen, back);
    cr_assert_eq(s->population.fen - s->books_refund.fen - s->books_no_order.fen, all.here);
    cr_assert_eq(s->paid_here.fen + s->paid_apart.fen + s->transferred.fen + s->order_off.fen
                     + s->off_apart.fen,
                 payable);
    cr_assert_eq(s->invoiced.fen, all.blue_less_red);
    cr_assert_eq(s->invoiced_due.fen + s->invoice_off.fen, all.blue_less_red);
}

void
conserve_check(const struct recon_input *in, const struct recon_output *out)
{
    struct sums sums = { .face = 0 };
    cr_assert(in->line_count <= CONSERVE_MOST && in->member_count <= CONSERVE_MOST
              && in->refund_count <= CONSERVE_MOST);
    for (size_t i = 0; i < out->count; i++) {
        check_result(in, &out->results[i], i);
        add_result(in, &out->results[i], &sums);
    }
    check_inputs(in, out, &sums);
    check_sheet(out, &sums);
    check_orders(in, out);
}
