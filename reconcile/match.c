/* SPDX-License-Identifier: Apache-2.0 */
#include "match.h"

#include "classify.h"
#include "movement.h"
#include "part.h"
#include "progress.h"
#include "tie_out.h"

#define PART_ITEMS ((size_t)16 * 1024)

int
match_day_offset(const struct match *match, struct wall_time t)
{
    int offset = -2;
    while (offset < 2 && t.us >= match->days[offset + 2].us) {
        offset++;
    }
    return offset;
}

static bool
names_refunds(const struct recon_input *in)
{
    for (size_t i = 0; i < in->movement_count; i++) {
        if (!span_empty(in->movements[i].refund_no)) {
            return true;
        }
    }
    return false;
}

struct match
match_of(const struct recon_input *in, struct arena *arena)
{
    struct match match = { .in = in,
                           .arena = arena,
                           .day_end = day_start(day_add(in->day, 1), in->cutoff_east_min) };
    for (int i = 0; i < MATCH_DAYS; i++) {
        match.days[i] = day_start(day_add(in->day, i - 1), in->cutoff_east_min);
    }
    match.by_refund_no = names_refunds(in);
    return match;
}

enum err
match_solve(struct match *match, struct recon_output *out, struct recon_sheet *sheet,
            struct tie_sums *sums)
{
    TRY(match_payments(match));
    TRY(match_case_build(match));
    TRY(match_pair(match));
    TRY(movement_match(match));
    TRY(classify(match, out));
    return tie_out_add(match, out, sheet, sums);
}

size_t
match_items(const struct recon_input *in)
{
    return in->line_count + in->member_count + in->refund_count + in->order_count
           + in->invoice_count + in->movement_count + in->manual_count + in->payment_count;
}

static enum err
in_one(struct match *match, struct recon_output *out)
{
    struct tie_sums sums = { 0 };
    TRY(match_solve(match, out, &out->sheet, &sums));
    classify_fee_limit(match->in, out->results, out->count);
    return tie_out_close(&out->sheet, &sums, match->in->untied);
}

enum err
match_in_parts(const struct recon_input *input, size_t size, struct arena *arena,
               struct recon_output *out)
{
    struct match match = match_of(input, arena);
    struct recon_output made = { 0 };
    size_t items = match_items(input);
    progress_expect(input->progress, (int64_t)items);
    TRY(match_sort(&match));
    TRY(items <= size ? in_one(&match, &made) : part_solve(&match, size, &made));
    *out = made;
    return ERR_OK;
}

enum err
recon_match(const struct recon_input *input, struct arena *arena, struct recon_output *out)
{
    return match_in_parts(input, PART_ITEMS, arena, out);
}
