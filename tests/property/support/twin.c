/* SPDX-License-Identifier: Apache-2.0 */
#include "twin.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "check.h"
#include "twin_key.h"

#define CONTENTS_MAX ((size_t)256 * 1024)

bool
twin_paid(const struct recon_member *member)
{
    return member->state == ATTEMPT_PAID || member->state == ATTEMPT_LATE_PAID;
}

/* Every field of a line but its number, as bytes: what a file would show twice. */
static void
put_content(const struct recon_line *line, struct buf *out)
{
    CHECK_OK(buf_printf(
        out, "%.*s|%.*s|%.*s|%.*s|%d %lld %lld %lld %lld %lld %d%d%d%d%d%d%d%d %lld",
        SPAN_ARG(line->provider_trade_no), SPAN_ARG(line->merchant_order_no),
        SPAN_ARG(line->refund_no), SPAN_ARG(line->application), (int)line->kind,
        (long long)line->face_fen, (long long)line->effective_fen, (long long)line->fee_fen,
        (long long)line->coupon_fen, (long long)line->rate_ppm, line->promoted, (int)line->card,
        (int)line->method, line->other_currency, line->other_route, line->dispute, line->pending,
        line->carried_in, (long long)line->at.us));
}

static void
find_repeated(struct twin *twin)
{
    size_t ends[TWIN_MOST];
    struct twin_keys keys = { .count = 0 };
    DEFER(buf_fini) struct buf contents = BUF_MAX(CONTENTS_MAX);
    for (size_t i = 0; i < twin->in->line_count; i++) {
        put_content(&twin->in->lines[i], &contents);
        ends[i] = contents.len;
    }
    for (size_t i = 0; i < twin->in->line_count; i++) {
        size_t from = i == 0 ? 0 : ends[i - 1];
        struct span content = span_make(contents.at + from, ends[i] - from);
        twin_key_add(&keys, content, twin->in->lines[i].number, i);
    }
    twin_keys_sort(&keys);
    for (size_t i = 1; i < keys.count; i++) {
        twin->lines[keys.keys[i].at].repeated = span_eq(keys.keys[i - 1].text, keys.keys[i].text);
    }
}

/* Which of two lines comes first: one of the bill before one of the bill of the day before. */
static size_t
rank_of(const struct recon_line *line)
{
    return line->number + (line->carried_in ? SIZE_MAX / 2 : 0);
}

static bool
seeks_member(const struct twin *twin, size_t i)
{
    return twin->in->lines[i].kind == BILL_LINE_PAY && !twin->lines[i].repeated
           && twin->lines[i].member == RECON_NONE;
}

static void
pair(struct twin *twin, size_t line, size_t member)
{
    twin->lines[line].member = member;
    twin->member_line[member] = line;
}

/* One attempt, and the lines that name it: the one whose provider number agrees, else the first. */
static void
meet_exact(struct twin *twin, struct twin_group lines, struct twin_group members)
{
    size_t member = members.keys[0].at;
    size_t taken = lines.keys[0].at;
    struct span ours = twin->in->members[member].provider_trade_no;
    for (size_t i = lines.count; i > 0 && !span_empty(ours); i--) {
        size_t line = lines.keys[i - 1].at;
        taken = span_eq(twin->in->lines[line].provider_trade_no, ours) ? line : taken;
    }
    pair(twin, taken, member);
}

/* What is equal only once tidied is taken where it is the only one, and by the first line. */
static void
meet_tidied(struct twin *twin, struct twin_group lines, struct twin_group members)
{
    if (members.count == 1 && twin->member_line[members.keys[0].at] == RECON_NONE) {
        pair(twin, lines.keys[0].at, members.keys[0].at);
    }
}

static void
meet_by_trade(struct twin *twin, struct twin_group lines, struct twin_group members)
{
    if (members.count == 1) {
        pair(twin, lines.keys[0].at, members.keys[0].at);
        twin->lines[lines.keys[0].at].by_trade_no = true;
    }
}

static void
meet_refund(struct twin *twin, struct twin_group lines, struct twin_group refunds)
{
    twin->lines[lines.keys[0].at].refund = refunds.keys[0].at;
    twin->refund_line[refunds.keys[0].at] = lines.keys[0].at;
}

static struct twin_keys
attempts(const struct twin *twin)
{
    struct twin_keys keys = { .count = 0 };
    for (size_t i = 0; i < twin->in->member_count; i++) {
        twin_key_add(&keys, twin->in->members[i].attempt_no, i, i);
    }
    twin_keys_sort(&keys);
    return keys;
}

static void
pair_exact(struct twin *twin)
{
    struct twin_keys lines = { .count = 0 };
    struct twin_keys members = attempts(twin);
    for (size_t i = 0; i < twin->in->line_count; i++) {
        if (seeks_member(twin, i)) {
            const struct recon_line *line = &twin->in->lines[i];
            twin_key_add(&lines, line->merchant_order_no, rank_of(line), i);
        }
    }
    twin_keys_merge(twin, &lines, &members, meet_exact);
}

/* The weaker keys are for lines whose number is none of ours. */
static void
pair_weaker(struct twin *twin, bool tidied)
{
    static char rooms[2][TWIN_MOST][TWIN_KEY_MAX];
    struct twin_keys lines = { .count = 0 };
    struct twin_keys members = { .count = 0 };
    struct twin_keys exact = attempts(twin);
    for (size_t i = 0; i < twin->in->line_count; i++) {
        const struct recon_line *line = &twin->in->lines[i];
        if (!seeks_member(twin, i) || twin_keys_have(&exact, line->merchant_order_no)) {
            continue;
        }
        struct span key =
            tidied ? twin_key_tidy(line->merchant_order_no, rooms[0][i]) : line->provider_trade_no;
        if (tidied || !span_empty(key)) {
            twin_key_add(&lines, key, rank_of(line), i);
        }
    }
    for (size_t i = 0; i < twin->in->member_count; i++) {
        const struct recon_member *member = &twin->in->members[i];
        if (tidied) {
            twin_key_add(&members, twin_key_tidy(member->attempt_no, rooms[1][i]), i, i);
        } else if (twin->member_line[i] == RECON_NONE) {
            twin_key_add(&members, member->provider_trade_no, i, i);
        }
    }
    twin_keys_sort(&members);
    twin_keys_merge(twin, &lines, &members, tidied ? meet_tidied : meet_by_trade);
}

static void
pair_refunds(struct twin *twin)
{
    struct twin_keys lines = { .count = 0 };
    struct twin_keys refunds = { .count = 0 };
    for (size_t i = 0; i < twin->in->line_count; i++) {
        const struct recon_line *line = &twin->in->lines[i];
        if (line->kind == BILL_LINE_REFUND && !twin->lines[i].repeated) {
            twin_key_add(&lines, line->refund_no, rank_of(line), i);
        }
    }
    for (size_t i = 0; i < twin->in->refund_count; i++) {
        twin_key_add(&refunds, twin->in->refunds[i].refund_no, i, i);
    }
    twin_keys_sort(&refunds);
    twin_keys_merge(twin, &lines, &refunds, meet_refund);
}

/* Of the successes with one provider number one is on the bill: the others were booked a second time. */
static void
find_doubled(struct twin *twin)
{
    struct twin_keys billed = { .count = 0 };
    for (size_t i = 0; i < twin->in->member_count; i++) {
        const struct recon_member *member = &twin->in->members[i];
        if (twin_paid(member) && twin->member_line[i] != RECON_NONE
            && !span_empty(member->provider_trade_no)) {
            twin_key_add(&billed, member->provider_trade_no, i, i);
        }
    }
    twin_keys_sort(&billed);
    for (size_t i = 0; i < twin->in->member_count; i++) {
        twin->member_doubled[i] =
            twin->member_line[i] == RECON_NONE
            && twin_keys_have(&billed, twin->in->members[i].provider_trade_no);
    }
}

size_t
twin_match(const struct recon_input *in, struct twin_row *rows)
{
    static struct twin twin;
    memset(&twin, 0, sizeof(twin));
    cr_assert(in->line_count <= TWIN_MOST && in->member_count <= TWIN_MOST
              && in->refund_count <= TWIN_MOST && in->order_count <= TWIN_MOST
              && in->payment_count <= TWIN_MOST && in->invoice_count <= TWIN_MOST
              && in->manual_count == 0 && in->movement_count == 0);
    twin.in = in;
    twin.day_end = day_start(day_add(in->day, 1), in->cutoff_east_min);
    for (size_t i = 0; i < TWIN_MOST; i++) {
        twin.lines[i] =
            (struct twin_line){ .member = RECON_NONE, .refund = RECON_NONE, .belongs = RECON_NONE };
        twin.member_line[i] = twin.refund_line[i] = RECON_NONE;
    }
    find_repeated(&twin);
    pair_exact(&twin);
    pair_weaker(&twin, true);
    pair_weaker(&twin, false);
    pair_refunds(&twin);
    find_doubled(&twin);
    size_t count = twin_classify(&twin, rows);
    qsort(rows, count, sizeof(rows[0]), twin_row_cmp);
    return count;
}
