/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "match.h"

static const struct span nothing;

static struct match_line *
facts_of(struct match *match, const struct recon_line *line)
{
    return &match->line_facts[line - match->in->lines];
}

static int
by_amount(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Everything but the number of the line. One that is carried in repeats none of this bill. */
static int
content_cmp(const struct recon_line *x, const struct recon_line *y)
{
    const int parts[] = {
        span_cmp(x->provider_trade_no, y->provider_trade_no),
        span_cmp(x->merchant_order_no, y->merchant_order_no),
        span_cmp(x->refund_no, y->refund_no),
        by_amount(x->kind, y->kind),
        by_amount(x->face_fen, y->face_fen),
        by_amount(x->effective_fen, y->effective_fen),
        by_amount(x->fee_fen, y->fee_fen),
        by_amount(x->at.us, y->at.us),
        by_amount(x->pending, y->pending),
        by_amount(x->coupon_fen, y->coupon_fen),
        span_cmp(x->application, y->application),
        by_amount(x->rate_ppm, y->rate_ppm),
        by_amount(x->promoted, y->promoted),
        by_amount(x->card, y->card),
        by_amount(x->method, y->method),
        by_amount(x->other_currency, y->other_currency),
        by_amount(x->other_route, y->other_route),
        by_amount(x->dispute, y->dispute),
        by_amount(x->carried_in, y->carried_in),
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i] != 0) {
            return parts[i];
        }
    }
    return 0;
}

static int
line_cmp(const void *a, const void *b)
{
    const struct recon_line *const *x = a;
    const struct recon_line *const *y = b;
    int content = content_cmp(*x, *y);
    return content != 0 ? content : ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

/* Lines that share both numbers with another one; only those can be equal. */
static enum err
find_alike(struct match *match, const struct recon_line **out, size_t *count)
{
    struct index ix;
    *count = 0;
    TRY(index_init(&ix, match->arena, match->in->line_count));
    for (size_t i = 0; i < match->in->line_count; i++) {
        const struct recon_line *line = match->lines[i];
        TRY(index_add(&ix, line->merchant_order_no, line->provider_trade_no, i));
    }
    for (size_t entry = 0; entry < ix.count; entry++) {
        size_t at = index_heads_many(&ix, entry) ? entry : INDEX_NONE;
        for (; at != INDEX_NONE; at = index_next(&ix, at)) {
            out[(*count)++] = match->lines[index_value(&ix, at)];
        }
    }
    return ERR_OK;
}

/* Sorted by content, equal lines are neighbours: the first in the file stays, the others repeat it. */
static enum err
find_repeated(struct match *match)
{
    size_t count = match->in->line_count;
    void *memory = NULL;
    TRY(arena_array(match->arena, count + 1, sizeof(void *), &memory));
    const struct recon_line **sorted = memory;
    for (size_t i = 0; i < count; i++) {
        match->line_facts[i] = (struct match_line){ .member = RECON_NONE,
                                                    .refund = RECON_NONE,
                                                    .number_case = RECON_NONE };
    }
    TRY(find_alike(match, sorted, &count));
    qsort(sorted, count, sizeof(sorted[0]), line_cmp);
    for (size_t i = 1; i < count; i++) {
        facts_of(match, sorted[i])->repeated = content_cmp(sorted[i - 1], sorted[i]) == 0;
    }
    return ERR_OK;
}

/* True for a line that can be the money of an attempt. */
static bool
pays(struct match *match, const struct recon_line *line)
{
    return line->kind == BILL_LINE_PAY && !facts_of(match, line)->repeated;
}

static enum err
find_shared_keys(struct match *match)
{
    struct index ix;
    TRY(index_init(&ix, match->arena, match->in->line_count));
    for (size_t i = 0; i < match->in->line_count; i++) {
        const struct recon_line *line = match->lines[i];
        if (!pays(match, line) || span_empty(line->provider_trade_no)) {
            continue;
        }
        size_t first = index_first(&ix, line->provider_trade_no, nothing);
        if (first != INDEX_NONE) {
            match->line_facts[index_value(&ix, first)].shared_key = true;
            facts_of(match, line)->shared_key = true;
        }
        TRY(index_add(&ix, line->provider_trade_no, nothing, (size_t)(line - match->in->lines)));
    }
    return ERR_OK;
}

static void
join(struct match *match, const struct recon_line *line, size_t member)
{
    struct match_line *facts = facts_of(match, line);
    facts->member = member;
    facts->number_case = match->member_facts[member].number_case;
    match->member_facts[member].line = (size_t)(line - match->in->lines);
}

static bool
trade_differs(const struct match *match, const struct recon_line *line, size_t member)
{
    struct span ours = match->in->members[member].provider_trade_no;
    return !span_empty(ours) && !span_empty(line->provider_trade_no)
           && !span_eq(ours, line->provider_trade_no);
}

/* By merchant order number, which is our attempt number. The first round takes lines whose provider
 * number agrees too, so that of two lines with one merchant number the right one wins. */
static void
join_by_merchant(struct match *match, bool trade_must_agree)
{
    for (size_t i = 0; i < match->in->line_count; i++) {
        const struct recon_line *line = match->lines[i];
        struct match_line *facts = facts_of(match, line);
        if (!pays(match, line) || facts->member != RECON_NONE) {
            continue;
        }
        size_t at = index_find(&match->member_by_attempt, line->merchant_order_no, nothing);
        if (at == INDEX_NONE) {
            continue;
        }
        struct span ours = match->in->members[at].provider_trade_no;
        bool agrees = !span_empty(ours) && span_eq(ours, line->provider_trade_no);
        if (agrees || !trade_must_agree) {
            facts->trade_differs = trade_differs(match, line, at);
            facts->number_case = match->member_facts[at].number_case;
            if (match->member_facts[at].line == RECON_NONE) {
                join(match, line, at);
            }
        }
    }
}

/* A line of a payment whose number we never gave out. */
static bool
is_stray(struct match *match, const struct recon_line *line)
{
    return pays(match, line) && facts_of(match, line)->member == RECON_NONE
           && index_find(&match->member_by_attempt, line->merchant_order_no, nothing) == INDEX_NONE;
}

static enum err
find_strays(struct match *match, const struct recon_line ***out, size_t *count)
{
    void *memory = NULL;
    *count = 0;
    TRY(arena_array(match->arena, match->in->line_count + 1, sizeof(void *), &memory));
    *out = memory;
    for (size_t i = 0; i < match->in->line_count; i++) {
        if (is_stray(match, match->lines[i])) {
            (*out)[(*count)++] = match->lines[i];
        }
    }
    return ERR_OK;
}

/* By numbers that are equal once both are tidied, for lines that no exact number found. */
static enum err
join_by_tidied(struct match *match, const struct recon_line **strays, size_t count)
{
    struct index ix;
    struct span number;
    TRY(index_init(&ix, match->arena, match->in->member_count));
    for (size_t i = 0; i < match->in->member_count; i++) {
        size_t at = (size_t)(match->members[i] - match->in->members);
        TRY(match_tidy(match->arena, match->members[i]->attempt_no, &number));
        TRY(index_add(&ix, number, nothing, at));
    }
    for (size_t i = 0; i < count; i++) {
        struct match_line *facts = facts_of(match, strays[i]);
        TRY(match_tidy(match->arena, strays[i]->merchant_order_no, &number));
        size_t first = index_first(&ix, number, nothing);
        if (first == INDEX_NONE || index_next(&ix, first) != INDEX_NONE
            || match->member_facts[index_value(&ix, first)].line != RECON_NONE) {
            continue;
        }
        facts->tidied = true;
        facts->trade_differs = trade_differs(match, strays[i], index_value(&ix, first));
        join(match, strays[i], index_value(&ix, first));
    }
    return ERR_OK;
}

/* By provider number. With several candidates nothing is guessed. */
static enum err
join_by_trade(struct match *match, const struct recon_line **strays, size_t count)
{
    struct index ix;
    TRY(index_init(&ix, match->arena, match->in->member_count));
    for (size_t i = 0; i < match->in->member_count; i++) {
        const struct recon_member *member = match->members[i];
        size_t at = (size_t)(member - match->in->members);
        if (!span_empty(member->provider_trade_no) && match->member_facts[at].line == RECON_NONE) {
            TRY(index_add(&ix, member->provider_trade_no, nothing, at));
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct match_line *facts = facts_of(match, strays[i]);
        size_t first = index_first(&ix, strays[i]->provider_trade_no, nothing);
        if (facts->member != RECON_NONE || first == INDEX_NONE) {
            continue;
        }
        facts->ambiguous = index_next(&ix, first) != INDEX_NONE;
        if (!facts->ambiguous && match->member_facts[index_value(&ix, first)].line == RECON_NONE) {
            facts->by_trade_no = true;
            join(match, strays[i], index_value(&ix, first));
        }
    }
    return ERR_OK;
}

/* Most days have none, and then no index of the books is made for them. */
static enum err
join_strays(struct match *match)
{
    const struct recon_line **strays = NULL;
    size_t count = 0;
    TRY(find_strays(match, &strays, &count));
    if (count == 0) {
        return ERR_OK;
    }
    TRY(join_by_tidied(match, strays, count));
    return join_by_trade(match, strays, count);
}

/* By our own refund number, and by nothing else: both order numbers of a refund's line are the payment's. */
static void
join_refunds(struct match *match)
{
    for (size_t i = 0; i < match->in->line_count; i++) {
        const struct recon_line *line = match->lines[i];
        struct match_line *facts = facts_of(match, line);
        if (line->kind != BILL_LINE_REFUND || facts->repeated || span_empty(line->refund_no)) {
            continue;
        }
        size_t at = index_find(&match->refund_by_no, line->refund_no, nothing);
        if (at == INDEX_NONE) {
            continue;
        }
        facts->number_case = match->refund_facts[at].number_case;
        facts->refund_taken = match->refund_facts[at].line != RECON_NONE;
        if (!facts->refund_taken) {
            facts->refund = at;
            match->refund_facts[at].line = (size_t)(line - match->in->lines);
        }
    }
}

/* Where a line without an attempt here belongs: an attempt of another account, or an order whose own
 * number stands on the bill because somebody went past the gateway. */
static void
place(struct match *match, const struct recon_line *line)
{
    struct match_line *facts = facts_of(match, line);
    struct span number = line->merchant_order_no;
    if (span_empty(number)) {
        return;
    }
    size_t at = index_find(&match->member_by_attempt, number, nothing);
    size_t paid = index_find(&match->payment_by_attempt, number, nothing);
    if (at != INDEX_NONE) {
        facts->number_case = match->member_facts[at].number_case;
    } else if (paid != INDEX_NONE) {
        const struct recon_payment *payment = &match->gathered[paid];
        facts->number_case = index_find(&match->case_by_order, payment->owner, payment->order_no);
        facts->other_provider = !span_eq(payment->provider, match->in->provider);
        facts->other_account =
            !facts->other_provider && !span_eq(payment->account, match->in->account);
    } else {
        size_t first = index_first(&match->case_by_number, number, nothing);
        if (first != INDEX_NONE && index_next(&match->case_by_number, first) == INDEX_NONE) {
            facts->number_case = index_value(&match->case_by_number, first);
        }
        facts->ambiguous =
            facts->ambiguous || (first != INDEX_NONE && facts->number_case == RECON_NONE);
    }
}

/* True when a blank-separated word of `words` is `text` or, with `begins`, its beginning. */
static bool
has_word(struct span words, struct span text, bool begins)
{
    bool more = words.len > 0;
    while (more) {
        struct span word;
        more = span_cut(&words, ' ', &word);
        if (word.len > 0 && (begins ? span_starts(text, word) : span_eq(text, word))) {
            return true;
        }
    }
    return false;
}

/* By the account's rule, and never where the line names something of ours, as one that is carried in did. What another account of ours took by
 * an application of the rule is of its bill: two accounts that share a merchant number have one bill, and each line counts in one of them. */
static void
judge_scope(struct match *match, const struct recon_line *line)
{
    struct match_line *facts = facts_of(match, line);
    bool here = line->carried_in || facts->refund_taken;
    bool apart = !here && has_word(match->in->other_applications, line->application, false);
    if (apart && facts->other_account) {
        facts->number_case = RECON_NONE;
    }
    facts->out_of_scope =
        !here && facts->number_case == RECON_NONE
        && (apart || has_word(match->in->other_numbers, line->merchant_order_no, true));
}

static void
sum_refunds(struct match *match)
{
    for (size_t i = 0; i < match->in->line_count; i++) {
        const struct recon_line *line = match->lines[i];
        size_t at = index_find(&match->member_by_attempt, line->merchant_order_no, nothing);
        if (line->kind == BILL_LINE_REFUND && !facts_of(match, line)->repeated
            && at != INDEX_NONE) {
            match->member_facts[at].refunded_fen -= line->effective_fen;
        }
    }
}

/* A success that is on no line although its provider number is on the bill for another success. */
static enum err
find_booked_twice(struct match *match)
{
    struct index ix;
    size_t count = match->in->member_count;
    size_t alone = 0;
    for (size_t i = 0; i < count; i++) {
        alone += match->member_facts[i].line == RECON_NONE ? 1 : 0;
    }
    TRY(index_init(&ix, match->arena, alone));
    for (size_t i = 0; i < count; i++) {
        if (match->member_facts[i].line == RECON_NONE) {
            TRY(index_add(&ix, match->in->members[i].provider_trade_no, nothing, i));
        }
    }
    for (size_t i = 0; i < count && alone > 0; i++) {
        const struct recon_member *member = &match->in->members[i];
        bool booked = match_paid(member) && match->member_facts[i].line != RECON_NONE
                      && !span_empty(member->provider_trade_no);
        size_t at = booked ? index_first(&ix, member->provider_trade_no, nothing) : INDEX_NONE;
        for (; at != INDEX_NONE; at = index_next(&ix, at)) {
            match->member_facts[index_value(&ix, at)].trade_taken = true;
        }
    }
    return ERR_OK;
}

enum err
match_pair(struct match *match)
{
    TRY(find_repeated(match));
    TRY(find_shared_keys(match));
    join_by_merchant(match, true);
    join_by_merchant(match, false);
    TRY(join_strays(match));
    join_refunds(match);
    for (size_t i = 0; i < match->in->line_count; i++) {
        if (match->line_facts[i].member == RECON_NONE
            && match->line_facts[i].refund == RECON_NONE) {
            place(match, &match->in->lines[i]);
            judge_scope(match, &match->in->lines[i]);
        }
    }
    sum_refunds(match);
    return find_booked_twice(match);
}
