/* SPDX-License-Identifier: Apache-2.0 */
#include "settlement.h"

int64_t
settlement_line_fen(const struct deposit_entry *entry)
{
    int64_t whole = entry->fen + entry->fee_fen;
    return entry->returned ? -whole : whole;
}

int64_t
settlement_open_fen(const struct deposit_payout *payout)
{
    return payout->fen - payout->moved_fen - payout->banked_fen;
}

static void
sum_input(const struct deposit_input *in, struct settlement *out, struct recon_sheet *sheet)
{
    for (size_t i = 0; i < in->payout_count; i++) {
        const struct deposit_payout *payout = &in->payouts[i];
        if (settlement_open_fen(payout) != 0) {
            recon_cell_add(&out->opening, settlement_open_fen(payout));
        }
        if (payout->moved) {
            recon_cell_add(&out->paid, payout->moved_fen);
        }
    }
    for (size_t i = 0; i < in->entry_count; i++) {
        const struct deposit_entry *entry = &in->entries[i];
        int64_t fen = settlement_line_fen(entry);
        recon_cell_add(&sheet->parsed, fen);
        recon_cell_add(entry->returned ? &sheet->refund : &sheet->pay, fen);
        recon_cell_add(entry->carried_in ? &out->loose_in : &out->lines, fen);
        if (!entry->carried_in && entry->fee_fen > 0) {
            recon_cell_add(&out->fee, entry->fee_fen);
            recon_cell_add(&sheet->fee, -entry->fee_fen);
        }
    }
    sheet->in_scope = sheet->parsed;
}

/* Where the bank's side of a class is summed. */
static struct recon_cell *
bank_cell(enum finding primary, struct recon_sheet *sheet)
{
    enum finding_bucket bucket = finding_bucket(primary);
    return bucket == FINDING_BUCKET_MATCHED  ? &sheet->matched
           : bucket == FINDING_BUCKET_AMOUNT ? &sheet->amount_bill
                                             : &sheet->bill_only;
}

static void
sum_sides(const struct deposit_result *result, bool carried_in, struct recon_sheet *sheet)
{
    enum finding_bucket bucket = finding_bucket(result->primary);
    bank_cell(result->primary, sheet)->fen += result->banked_fen;
    if (bucket == FINDING_BUCKET_AMOUNT) {
        recon_cell_add(&sheet->amount_books, result->settled_fen);
    } else if (bucket != FINDING_BUCKET_MATCHED) {
        recon_cell_add(&sheet->in_transit, result->settled_fen);
    } else if (carried_in) {
        recon_cell_add(&sheet->carried_in, result->settled_fen);
    }
    recon_cell_add(&sheet->population, result->settled_fen);
}

static void
sum_result(const struct deposit_input *in, const struct deposit_result *result,
           struct settlement *out, struct recon_sheet *sheet)
{
    bool payout = result->payout != DEPOSIT_NONE;
    sum_sides(result,
              payout ? settlement_open_fen(&in->payouts[result->payout]) != 0
                     : in->entries[result->entry].carried_in,
              sheet);
    if (payout && result->delta_fen != 0) {
        recon_cell_add(&out->closing, -result->delta_fen);
    } else if (!payout) {
        recon_cell_add(result->delta_fen == 0 ? &out->transfers : &out->loose_out,
                       result->banked_fen);
    }
    if (result->delta_fen != 0) {
        recon_cell_add(result->delta_fen > 0 ? &sheet->delta_long : &sheet->delta_short,
                       result->delta_fen);
    }
}

/* Each line counts once: where the first payout stands that it is for, or it itself. */
static enum err
count_lines(const struct deposit_input *in, const struct deposit_output *made, struct arena *arena,
            struct recon_sheet *sheet)
{
    void *memory = NULL;
    TRY(arena_array(arena, in->payout_count + 1, sizeof(enum finding), &memory));
    enum finding *classes = memory;
    TRY(arena_array(arena, in->entry_count + 1, 1, &memory));
    unsigned char *counted = memory;
    for (size_t i = 0; i < made->count; i++) {
        const struct deposit_result *result = &made->results[i];
        if (result->payout != DEPOSIT_NONE) {
            classes[result->payout] = result->primary;
        } else {
            bank_cell(result->primary, sheet)->count++;
        }
    }
    for (size_t i = 0; i < made->alloc_count; i++) {
        const struct deposit_alloc *part = &made->allocs[i];
        if (counted[part->entry] == 0) {
            counted[part->entry] = 1;
            bank_cell(classes[part->payout], sheet)->count++;
        }
    }
    return ERR_OK;
}

/* What the parts and the results of their own say of each line and each payout must be just that. */
static enum err
check_once(const struct deposit_input *in, const struct deposit_output *made, struct arena *arena)
{
    void *memory = NULL;
    TRY(arena_array(arena, in->entry_count + 1, sizeof(int64_t), &memory));
    int64_t *lines = memory;
    TRY(arena_array(arena, in->payout_count + 1, sizeof(int64_t), &memory));
    int64_t *payouts = memory;
    TRY(arena_array(arena, in->payout_count + 1, 1, &memory));
    unsigned char *judged = memory;
    for (size_t i = 0; i < made->alloc_count; i++) {
        lines[made->allocs[i].entry] += made->allocs[i].fen;
        payouts[made->allocs[i].payout] += made->allocs[i].fen;
    }
    for (size_t i = 0; i < made->count; i++) {
        const struct deposit_result *result = &made->results[i];
        bool payout = result->payout != DEPOSIT_NONE;
        if (payout
            && (judged[result->payout]++ != 0 || result->banked_fen != payouts[result->payout])) {
            return ERR_INTERNAL;
        }
        if (!payout) {
            lines[result->entry] += result->banked_fen;
        }
    }
    for (size_t i = 0; i < in->payout_count; i++) {
        if (judged[i] != 1) {
            return ERR_INTERNAL;
        }
    }
    for (size_t i = 0; i < in->entry_count; i++) {
        if (lines[i] != settlement_line_fen(&in->entries[i])) {
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

enum err
settlement_sum(const struct deposit_input *in, const struct deposit_output *made,
               struct arena *arena, struct settlement *out, struct recon_sheet *sheet)
{
    struct settlement sum = { .opening = { 0, 0 } };
    struct recon_sheet cells = { .unexplained_fen = 0 };
    TRY(check_once(in, made, arena));
    sum_input(in, &sum, &cells);
    for (size_t i = 0; i < made->alloc_count; i++) {
        recon_cell_add(&sum.banked, made->allocs[i].fen);
    }
    for (size_t i = 0; i < made->count; i++) {
        sum_result(in, &made->results[i], &sum, &cells);
    }
    TRY(count_lines(in, made, arena, &cells));
    cells.unexplained_fen =
        distance(sum.opening.fen + sum.paid.fen, sum.banked.fen + sum.closing.fen)
        + distance(sum.loose_in.fen + sum.lines.fen,
                   sum.banked.fen + sum.transfers.fen + sum.loose_out.fen)
        + distance(cells.in_scope.fen - cells.population.fen,
                   cells.delta_long.fen + cells.delta_short.fen);
    *out = sum;
    *sheet = cells;
    return cells.unexplained_fen == 0 ? ERR_OK : ERR_INTERNAL;
}
