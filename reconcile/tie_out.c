/* SPDX-License-Identifier: Apache-2.0 */
#include "tie_out.h"

#include <string.h>

#include "classify.h"
#include "movement.h"
#include "tie_orders.h"

/* A line with an effect, or one that never had a face, is money in scope. */
static bool
effective(const struct recon_line *line)
{
    return !classify_reversed(line);
}

static bool
has_order(const struct match *match, size_t member)
{
    const struct match_case *of = match_case_at(match, match->member_facts[member].number_case);
    return match_case_order(match, of) != NULL;
}

static void
sum_input(const struct match *match, struct recon_sheet *sheet)
{
    const struct recon_input *in = match->in;
    for (size_t i = 0; i < in->line_count; i++) {
        const struct recon_line *line = &in->lines[i];
        if (line->carried_in) {
            recon_cell_add(&sheet->early_in, line->effective_fen);
            continue;
        }
        recon_cell_add(&sheet->parsed, line->face_fen);
        if (match->line_facts[i].out_of_scope) {
            recon_cell_add(&sheet->out_of_scope, line->face_fen);
            continue;
        }
        if (effective(line)) {
            recon_cell_add(&sheet->in_scope, line->effective_fen);
            sheet->ineffective.fen += line->face_fen - line->effective_fen;
            recon_cell_add(line->kind == BILL_LINE_REFUND ? &sheet->refund : &sheet->pay,
                           line->effective_fen);
        } else {
            recon_cell_add(&sheet->ineffective, line->face_fen);
        }
        if (line->fee_fen != 0) {
            recon_cell_add(&sheet->fee, line->fee_fen);
        }
    }
    for (size_t i = 0; i < in->member_count; i++) {
        if (in->members[i].counted) {
            recon_cell_add(&sheet->population, in->members[i].amount_fen);
            if (!has_order(match, i)) {
                recon_cell_add(&sheet->books_no_order, in->members[i].amount_fen);
            }
        }
    }
    for (size_t i = 0; i < in->refund_count; i++) {
        if (in->refunds[i].counted) {
            recon_cell_add(&sheet->population, classify_refund_books(&in->refunds[i]));
            recon_cell_add(&sheet->books_refund, classify_refund_books(&in->refunds[i]));
        }
    }
}

static void
sum_bill_side(const struct recon_result *result, struct recon_sheet *sheet)
{
    if (result->carry_out) {
        recon_cell_add(&sheet->early_out, result->b_fen);
        return;
    }
    switch (finding_bucket(result->primary)) {
    case FINDING_BUCKET_MATCHED:
        recon_cell_add(&sheet->matched, result->b_fen);
        break;
    case FINDING_BUCKET_AMOUNT:
        recon_cell_add(&sheet->amount_bill, result->b_fen);
        break;
    case FINDING_BUCKET_DUP:
        recon_cell_add(&sheet->repeated, result->b_fen);
        break;
    case FINDING_BUCKET_SCOPE: /* counted from the inputs */
        break;
    case FINDING_BUCKET_FINDING:
    case FINDING_BUCKET_NOTHING:
    case FINDING_BUCKET_LONG:
    case FINDING_BUCKET_SHORT:
    case FINDING_BUCKET_TRANSIT:
    case FINDING_BUCKET_BLOCK:
    case FINDING_BUCKET_COUNT:
    default:
        recon_cell_add(&sheet->bill_only, result->b_fen);
        break;
    }
}

static void
sum_book_side(const struct recon_result *result, bool carried_in, struct recon_sheet *sheet,
              struct recon_cell *matched)
{
    enum finding_bucket bucket = finding_bucket(result->primary);
    bool agreed = bucket == FINDING_BUCKET_MATCHED;
    bool differs = bucket == FINDING_BUCKET_AMOUNT;
    if (agreed) {
        recon_cell_add(matched, result->p_fen);
    } else if (differs) {
        recon_cell_add(&sheet->amount_books, result->p_fen);
    } else if (result->carry_out) {
        recon_cell_add(&sheet->in_transit, result->p_fen);
    } else {
        recon_cell_add(&sheet->book_only, result->p_fen);
    }
    if (carried_in && (agreed || differs)) {
        recon_cell_add(&sheet->carried_in, result->p_fen);
    }
}

/* What the results add up to. */
static void
sum_results(const struct recon_input *in, const struct recon_output *out, struct recon_sheet *sheet,
            struct tie_sums *sums)
{
    for (size_t i = 0; i < out->count; i++) {
        const struct recon_result *result = &out->results[i];
        if (finding_bucket(result->primary) == FINDING_BUCKET_SCOPE) {
            recon_cell_add(&sums->scoped, result->face_fen);
        } else if (result->line != RECON_NONE && effective(&in->lines[result->line])) {
            sum_bill_side(result, sheet);
        }
        if (result->member != RECON_NONE && in->members[result->member].counted) {
            sum_book_side(result, in->members[result->member].carried_in, sheet, &sums->matched);
        }
        if (result->refund != RECON_NONE && in->refunds[result->refund].counted) {
            sum_book_side(result, in->refunds[result->refund].carried_in, sheet, &sums->matched);
        }
        if (result->primary == FINDING_ORD_FREE_OK) {
            recon_cell_add(&sheet->orders_free, 0);
        }
        if (result->delta_fen > 0) {
            recon_cell_add(&sheet->delta_long, result->delta_fen);
        } else if (result->delta_fen < 0) {
            recon_cell_add(&sheet->delta_short, result->delta_fen);
        }
    }
}

/* Each place of `seen` once, and no other. */
static bool
mark(unsigned char *seen, size_t count, size_t at)
{
    if (at == RECON_NONE) {
        return true;
    }
    if (at >= count || seen[at] != 0) {
        return false;
    }
    seen[at] = 1;
    return true;
}

static enum err
check_once(const struct match *match, const struct recon_output *out)
{
    const struct recon_input *in = match->in;
    void *memory = NULL;
    TRY(arena_array(match->arena, in->line_count + 1, 1, &memory));
    unsigned char *lines = memory;
    TRY(arena_array(match->arena, in->member_count + 1, 1, &memory));
    unsigned char *members = memory;
    TRY(arena_array(match->arena, in->refund_count + 1, 1, &memory));
    unsigned char *refunds = memory;
    TRY(arena_array(match->arena, in->movement_count + 1, 1, &memory));
    unsigned char *movements = memory;
    for (size_t i = 0; i < out->count; i++) {
        const struct recon_result *result = &out->results[i];
        if (!mark(lines, in->line_count, result->line)
            || !mark(members, in->member_count, result->member)
            || !mark(refunds, in->refund_count, result->refund)
            || !mark(movements, in->movement_count, result->movement)
            || finding_kind(result->primary) != FINDING_PRIMARY) {
            return ERR_INTERNAL;
        }
    }
    for (size_t i = 0; i < in->line_count; i++) {
        if (lines[i] == 0) {
            return ERR_INTERNAL;
        }
    }
    for (size_t i = 0; i < in->member_count; i++) {
        if (in->members[i].counted && members[i] == 0) {
            return ERR_INTERNAL;
        }
    }
    for (size_t i = 0; i < in->refund_count; i++) {
        if (in->refunds[i].counted && refunds[i] == 0) {
            return ERR_INTERNAL;
        }
    }
    for (size_t i = 0; i < in->movement_count; i++) {
        if ((movement_class(match, i) != FINDING_NONE) != (movements[i] != 0)) {
            return ERR_INTERNAL;
        }
    }
    return ERR_OK;
}

static int64_t
distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* Differences of fen are totalled without sign; one of counts alone weighs one fen, so that it cannot
 * pass for tied. */
static int64_t
gap(struct recon_cell a, const struct recon_cell *parts, size_t count)
{
    struct recon_cell sum = { 0 };
    for (size_t i = 0; i < count; i++) {
        sum.count += parts[i].count;
        sum.fen += parts[i].fen;
    }
    return distance(a.fen, sum.fen) + (a.count == sum.count ? 0 : 1);
}

struct equation {
    const char *says;
    int64_t gap;
};
#define OF_BILL  5
#define OF_BOOKS 7

static void
take_bill(const struct recon_sheet *s, const struct tie_sums *sums, struct equation out[OF_BILL])
{
    const struct recon_cell scope[] = { s->in_scope, s->ineffective, s->out_of_scope };
    const struct recon_cell bill[] = { s->matched, s->amount_bill, s->bill_only, s->repeated,
                                       s->early_out };
    const struct recon_cell lines = { s->in_scope.count + s->early_in.count,
                                      s->in_scope.fen + s->early_in.fen };
    const struct recon_cell kinds[] = { s->pay, s->refund };
    out[0] = (struct equation){ "B = C + C' + D", gap(s->parsed, scope, 3) };
    out[1] = (struct equation){ "C + M' = E+F+G+H+L'", gap(lines, bill, 5) };
    out[2] = (struct equation){ "C = pay + refund", gap(s->in_scope, kinds, 2) };
    out[3] = (struct equation){ "D", gap(s->out_of_scope, &sums->scoped, 1) };
    out[4] =
        (struct equation){ "C + M' - J = delta", distance(lines.fen - s->population.fen,
                                                          s->delta_long.fen + s->delta_short.fen) };
}

static void
take_books(const struct recon_sheet *s, const struct tie_sums *sums, struct equation out[OF_BOOKS])
{
    const struct recon_cell books[] = { sums->matched, s->amount_books, s->book_only,
                                        s->in_transit };
    const struct recon_cell orders[] = { s->paid_here, s->books_no_order, s->books_refund };
    int64_t paid = s->paid_here.fen + s->paid_apart.fen + s->transferred.fen + s->order_off.fen
                   + s->off_apart.fen;
    int64_t invoiced = s->invoiced_due.fen + s->invoice_off.fen;
    out[0] = (struct equation){ "J = E + F' + K + L", gap(s->population, books, 4) };
    out[1] = (struct equation){ "E", distance(s->matched.fen, sums->matched.fen) };
    out[2] = (struct equation){ "J = P1 + P6 + P7", gap(s->population, orders, 3) };
    out[3] = (struct equation){ "P4, Q2", sums->untold_fen };
    out[4] = (struct equation){ "P = P1+P2+P3+P4+P5", distance(s->orders_paid.fen, paid) };
    out[5] = (struct equation){ "Q = Q1 + Q2", distance(s->invoiced.fen, invoiced) };
    out[6] = (struct equation){ "N", movement_unexplained(s) };
}

enum err
tie_out_add(const struct match *match, const struct recon_output *out, struct recon_sheet *sheet,
            struct tie_sums *sums)
{
    TRY(check_once(match, out));
    sum_input(match, sheet);
    sum_results(match->in, out, sheet, sums);
    tie_orders_add(match, sheet, sums);
    if (match->in->has_flow) {
        movement_sum(match, sheet);
    }
    return ERR_OK;
}

static void
put_text(char out[RECON_UNTIED_MAX], struct span text)
{
    size_t len = text.len < RECON_UNTIED_MAX ? text.len : RECON_UNTIED_MAX - 1;
    if (len > 0) {
        memcpy(out, text.at, len);
    }
    out[len] = 0;
}

enum err
tie_out_close(struct recon_sheet *sheet, const struct tie_sums *sums, struct recon_untied *untied)
{
    struct equation all[OF_BILL + OF_BOOKS];
    const char *first = NULL;
    take_bill(sheet, sums, all);
    take_books(sheet, sums, all + OF_BILL);
    sheet->unexplained_fen = 0;
    for (size_t i = 0; i < OF_BILL + OF_BOOKS; i++) {
        sheet->unexplained_fen += all[i].gap;
        first = first == NULL && all[i].gap != 0 ? all[i].says : first;
    }
    if (first == NULL) {
        return ERR_OK;
    }
    if (untied != NULL) {
        untied->fen = sheet->unexplained_fen;
        put_text(untied->equation, span_of(first));
        put_text(untied->owner, sums->untold_owner);
        put_text(untied->order_no, sums->untold_order_no);
    }
    return ERR_SHEET_UNTIED;
}
