/* SPDX-License-Identifier: Apache-2.0 */
#include "parts_agree.h"

#include <string.h>

#include "check.h"
#include "match.h"

/* Both outputs, field by field: padding holds anything. */
static void
same_results(const struct recon_output *x, const struct recon_output *y)
{
    cr_assert_eq(x->count, y->count, "%zu and %zu results", x->count, y->count);
    for (size_t i = 0; i < x->count; i++) {
        const struct recon_result *a = &x->results[i];
        const struct recon_result *b = &y->results[i];
        cr_assert(a->seq == b->seq && a->line == b->line && a->member == b->member
                      && a->refund == b->refund && a->order == b->order && a->invoice == b->invoice
                      && a->movement == b->movement && a->manual == b->manual,
                  "result %zu is of something else", i);
        cr_assert(a->primary == b->primary && a->face_fen == b->face_fen && a->b_fen == b->b_fen
                      && a->p_fen == b->p_fen && a->delta_fen == b->delta_fen
                      && a->fee_judged == b->fee_judged && a->fee_due_fen == b->fee_due_fen
                      && a->carry_out == b->carry_out,
                  "result %zu: %s and %s", i, finding_name(a->primary), finding_name(b->primary));
        cr_assert_eq(a->finding_count, b->finding_count, "result %zu", i);
        for (size_t k = 0; k < a->finding_count; k++) {
            cr_assert_eq(a->findings[k], b->findings[k], "result %zu: %s and %s", i,
                         finding_name(a->findings[k]), finding_name(b->findings[k]));
        }
    }
}

static void
same_sheets(const struct recon_input *in, const struct recon_output *x,
            const struct recon_output *y)
{
    cr_assert_eq(memcmp(&x->sheet, &y->sheet, offsetof(struct recon_sheet, flow)), 0);
    const struct recon_flow *a = &x->sheet.flow;
    const struct recon_flow *b = &y->sheet.flow;
    cr_assert_eq(a->there, b->there);
    cr_assert_eq(a->balanced, b->balanced);
    cr_assert_eq(memcmp(&a->opening_fen, &b->opening_fen,
                        sizeof(*a) - offsetof(struct recon_flow, opening_fen)),
                 0);
    for (size_t i = 0; i < in->movement_count; i++) {
        cr_assert_eq(x->moved[i].code, y->moved[i].code);
        cr_assert_eq(x->moved[i].line, y->moved[i].line);
    }
}

void
parts_agree(const struct recon_input *in, size_t size)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct recon_output whole = { 0 };
    struct recon_output parts = { 0 };
    CHECK_OK(arena_new(64 * 1024 * 1024, &arena));
    CHECK_OK(match_in_parts(in, SIZE_MAX, arena, &whole));
    CHECK_OK(match_in_parts(in, size, arena, &parts));
    same_results(&whole, &parts);
    same_sheets(in, &whole, &parts);
}
