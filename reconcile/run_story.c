/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "run_parts.h"

/* What the orders of the differences went through, as report_story.sql reads it back: attempts and refunds of the snapshot, by order and
 * number in the order of bytes. */

struct order_key {
    struct span owner;
    struct span order_no;
};

static int
key_cmp(const void *a, const void *b)
{
    const struct order_key *left = a;
    const struct order_key *right = b;
    int owner = span_cmp(left->owner, right->owner);
    return owner != 0 ? owner : span_cmp(left->order_no, right->order_no);
}

static int
story_cmp(const void *a, const void *b)
{
    const struct report_story *left = a;
    const struct report_story *right = b;
    int differs = span_cmp(left->owner, right->owner);
    differs = differs != 0 ? differs : span_cmp(left->order_no, right->order_no);
    differs = differs != 0 ? differs : span_cmp(left->attempt_no, right->attempt_no);
    return differs != 0 ? differs : span_cmp(left->refund_no, right->refund_no);
}

/* Orders of the rows that somebody must look at, in order, each perhaps more than once. */
static enum err
concerned(const struct run *run, const struct report *report, struct order_key **out, size_t *count)
{
    void *room = NULL;
    TRY(run_room_for(run, report->row_count, sizeof(struct order_key), &room));
    struct order_key *keys = room;
    size_t found = 0;
    for (size_t i = 0; i < report->row_count; i++) {
        const struct report_row *row = &report->rows[i];
        if (!span_empty(row->order_no) && report_row_differs(row)) {
            keys[found++] = (struct order_key){ row->owner, row->order_no };
        }
    }
    qsort(keys, found, sizeof(keys[0]), key_cmp);
    *out = keys;
    *count = found;
    return ERR_OK;
}

static bool
is_concerned(const struct order_key *keys, size_t count, struct span owner, struct span order_no)
{
    const struct order_key key = { owner, order_no };
    return count > 0 && bsearch(&key, keys, count, sizeof(key), key_cmp) != NULL;
}

static struct report_story
of_member(const struct recon_member *member)
{
    return (struct report_story){ .owner = member->owner,
                                  .order_no = member->order_no,
                                  .attempt_no = member->attempt_no,
                                  .provider_trade_no = member->provider_trade_no,
                                  .state = span_of(attempt_state_code(member->state)),
                                  .amount_fen = member->amount_fen,
                                  .at = member->paid_at,
                                  .counted = member->counted,
                                  .carried_in = member->carried_in };
}

static struct report_story
of_refund(const struct recon_refund *refund)
{
    return (struct report_story){ .owner = refund->owner,
                                  .order_no = refund->order_no,
                                  .attempt_no = refund->attempt_no,
                                  .refund_no = refund->refund_no,
                                  .state = span_of(refund_state_code(refund->state)),
                                  .amount_fen = -refund->amount_fen,
                                  .at = refund->taken_at,
                                  .counted = refund->counted,
                                  .carried_in = refund->carried_in };
}

enum err
run_report_stories(const struct run *run, struct report *out)
{
    void *room = NULL;
    struct order_key *keys = NULL;
    size_t count = 0;
    size_t told = 0;
    TRY(concerned(run, out, &keys, &count));
    TRY(run_room_for(run, run->member_count + run->refund_count, sizeof(struct report_story),
                     &room));
    struct report_story *stories = room;
    for (size_t i = 0; i < run->member_count; i++) {
        const struct recon_member *member = &run->members[i];
        if (is_concerned(keys, count, member->owner, member->order_no)) {
            stories[told++] = of_member(member);
        }
    }
    for (size_t i = 0; i < run->refund_count; i++) {
        const struct recon_refund *refund = &run->refunds[i];
        if (is_concerned(keys, count, refund->owner, refund->order_no)) {
            stories[told++] = of_refund(refund);
        }
    }
    qsort(stories, told, sizeof(stories[0]), story_cmp);
    out->stories = stories;
    out->story_count = told;
    return ERR_OK;
}
