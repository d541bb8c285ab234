/* SPDX-License-Identifier: Apache-2.0 */
/* Laws over 31 days in a row, across the ends of months and years and 29 February, for bills that end at midnight and for
 * those that end at 23:00: what one day carries out the next takes in, nothing is carried twice, and in the end every line and
 * every booking stands once. */
#include <stdio.h>

#include "check.h"
#include "engine.h"
#include "seed.h"

#define DAYS     31
#define MOST     1024
#define ROUNDS   6
#define SECOND   INT64_C(1000000)
#define DAY_US   (86400 * SECOND)
#define NUMBER   8
#define NOT_THEN INT64_MIN

/* Money as it truly moved: when the provider has it, and when our books have it, counted from the first day's first
 * instant; NOT_THEN: never. */
struct event {
    bool refund;
    bool sure; /* both have it, and its day's end is between the two or near: must end well */
    int64_t fen;
    int64_t billed_us;
    int64_t booked_us;
    bool carried; /* its booking to this day, by the day before; */
    bool early;   /* the same of its line */
    size_t carries;
    size_t lines;   /* that were told, */
    size_t settled; /* results that end it */
    enum finding first;
    enum finding last;
};

/* A stretch of days; the places of the last day of a month and of a year in it are by `date -d`. */
struct stretch {
    struct day first;
    int month_end;
    int year_end; /* -1: none */
};

static const struct stretch stretches[] = {
    { { 2026, 12, 17 }, 14, 14 },
    { { 2024, 2, 10 }, 19, -1 },
    { { 2025, 2, 10 }, 18, -1 },
    { { 2027, 4, 15 }, 15, -1 },
};

struct month {
    const struct stretch *stretch;
    int east_min;
    int64_t start_us;
    struct event events[MOST];
    size_t count;
    struct recon_sheet before; /* of the day before */
    int64_t b_fen; /* of results that end something, and of what is on its way after the */
    int64_t p_fen; /* last day */
};

static char attempts[MOST][NUMBER];
static char refunds[MOST][NUMBER];
static struct recon_line lines[MOST];
static struct recon_member members[MOST];
static struct recon_refund givings[MOST];
static size_t line_event[MOST];
static size_t member_event[MOST];
static size_t refund_event[MOST];
static struct month month;
static struct arena *arena;

static void
start(void)
{
    for (size_t i = 0; i < MOST; i++) {
        (void)snprintf(attempts[i], NUMBER, "A%04u", (unsigned)i % 10000);
        (void)snprintf(refunds[i], NUMBER, "R%04u", (unsigned)i % 10000);
    }
}

static void
finish(void)
{
    arena_free(&arena);
}

TestSuite(days, .init = start, .fini = finish);

static void
add_event(bool sure, int64_t billed_us, int64_t booked_us, uint64_t *state)
{
    cr_assert_lt(month.count, MOST);
    month.events[month.count++] = (struct event){ .refund = chance(state, 30),
                                                  .sure = sure,
                                                  .fen = (int64_t)(next(state) % 3) + 1,
                                                  .billed_us = billed_us,
                                                  .booked_us = booked_us };
}

/* Some at any hour, the same moment for both, some known to one alone, and those around the end of the day, where either clock may be
 * ahead of the other. */
static void
draw(uint64_t *state)
{
    month.count = 0;
    for (int day = 0; day < DAYS; day++) {
        int64_t end = (day + 1) * DAY_US;
        for (size_t i = next(state) % 6; i > 0; i--) {
            int64_t then = day * DAY_US + (int64_t)(next(state) % 86400) * SECOND;
            bool billed = !chance(state, 15);
            add_event(false, billed ? then : NOT_THEN,
                      billed && chance(state, 15) ? NOT_THEN : then, state);
        }
        add_event(true, end - SECOND, end - SECOND, state);
        add_event(true, end, end, state);
        add_event(true, end + SECOND, end + SECOND, state);
        add_event(true, end, end - SECOND, state);
        add_event(true, end + SECOND, end - SECOND, state);
        add_event(true, end + 60 * SECOND, end - 540 * SECOND, state);
        add_event(true, end - SECOND, end, state);
        add_event(true, end - SECOND, end + SECOND, state);
        add_event(true, end - 1800 * SECOND, end + 600 * SECOND, state);
        if (chance(state, 30)) {
            add_event(false, NOT_THEN, end - SECOND, state); /* waited for, in vain */
        }
    }
}

static bool
falls_on(int64_t us, int day)
{
    return us != NOT_THEN && us >= day * DAY_US && us < (day + 1) * DAY_US;
}

static struct wall_time
moment(int64_t us)
{
    return (struct wall_time){ month.start_us + us };
}

static void
put_line(struct recon_input *in, size_t i)
{
    const struct event *e = &month.events[i];
    int64_t fen = e->refund ? -e->fen : e->fen;
    line_event[in->line_count] = i;
    lines[in->line_count++] =
        (struct recon_line){ .number = i + 1,
                             .carried_in = e->early,
                             .kind = e->refund ? BILL_LINE_REFUND : BILL_LINE_PAY,
                             .merchant_order_no = span_of(attempts[i]),
                             .refund_no = e->refund ? span_of(refunds[i]) : SPAN_LIT(""),
                             .face_fen = fen,
                             .effective_fen = fen,
                             .at = moment(e->billed_us) };
}

/* As the snapshot of a run takes them: booked on this day, carried in, or named by a line of the bill. By the morning after the day, when its
 * bill comes, the books have the first hours of the next one. */
static void
put_booking(struct recon_input *in, size_t i, bool counted)
{
    const struct event *e = &month.events[i];
    if (e->refund) {
        refund_event[in->refund_count] = i;
        givings[in->refund_count++] = (struct recon_refund){ .refund_no = span_of(refunds[i]),
                                                             .attempt_no = span_of(attempts[i]),
                                                             .state = REFUND_SUCCEEDED,
                                                             .amount_fen = e->fen,
                                                             .approved = true,
                                                             .sent_at = moment(e->booked_us),
                                                             .taken_at = moment(e->booked_us),
                                                             .counted = counted,
                                                             .carried_in = e->carried };
        return;
    }
    member_event[in->member_count] = i;
    members[in->member_count++] = (struct recon_member){ .attempt_no = span_of(attempts[i]),
                                                         .state = ATTEMPT_PAID,
                                                         .amount_fen = e->fen,
                                                         .paid_at = moment(e->booked_us),
                                                         .created_at = moment(e->booked_us),
                                                         .counted = counted,
                                                         .carried_in = e->carried };
}

static bool
noted(const struct recon_result *result, enum finding finding)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        if (result->findings[i] == finding) {
            return true;
        }
    }
    return false;
}

static void
take(int day, const struct recon_result *r)
{
    size_t at = r->line != RECON_NONE     ? line_event[r->line]
                : r->member != RECON_NONE ? member_event[r->member]
                                          : refund_event[r->refund];
    struct event *e = &month.events[at];
    e->lines += r->line != RECON_NONE && !e->early ? 1 : 0;
    e->first = e->first == FINDING_NONE ? r->primary : e->first;
    e->last = r->primary;
    if (r->carry_out) {
        cr_assert_not(e->carried || e->early, "%s is carried a second time", attempts[at]);
        cr_assert_eq(noted(r, FINDING_DAY_MONTH_END), day == month.stretch->month_end);
        cr_assert_eq(noted(r, FINDING_DAY_YEAR_END), day == month.stretch->year_end);
        e->carries++;
    } else {
        e->settled++;
        month.b_fen += r->b_fen;
        month.p_fen += r->p_fen;
    }
    e->carried = r->carry_out && r->line == RECON_NONE;
    e->early = r->carry_out && r->line != RECON_NONE;
}

/* Both sides of what one day carries out are what the next one carries in: all lines, and the bookings that met one. */
static void
judge_carries(const struct recon_sheet *s)
{
    cr_assert_eq(s->early_in.count, month.before.early_out.count);
    cr_assert_eq(s->early_in.fen, month.before.early_out.fen);
    cr_assert_leq(s->carried_in.count, month.before.in_transit.count);
    month.before = *s;
}

static void
run_day(int day)
{
    struct recon_output out = { 0 };
    struct recon_input in = { .account = SPAN_LIT("main"),
                              .provider = SPAN_LIT("any"),
                              .day = day_add(month.stretch->first, day),
                              .cutoff_east_min = month.east_min,
                              .as_of = moment((day + 1) * DAY_US + 10 * 3600 * SECOND),
                              .lines = lines,
                              .members = members,
                              .refunds = givings };
    for (size_t i = 0; i < month.count; i++) {
        const struct event *e = &month.events[i];
        bool counted = e->carried || falls_on(e->booked_us, day);
        bool billed = e->early || falls_on(e->billed_us, day);
        if (billed) {
            put_line(&in, i);
        }
        if (counted || (billed && falls_on(e->booked_us, day + 1))) {
            put_booking(&in, i, counted);
        }
    }
    engine_run(&in, &arena, &out);
    judge_carries(&out.sheet);
    for (size_t i = 0; i < out.count; i++) {
        take(day, &out.results[i]);
    }
}

/* What is sure ends well: at most carried once, never short on one side and long on the other. */
static void
judge_event(const struct event *e, size_t i)
{
    int64_t whole = DAYS * DAY_US;
    bool billed = e->billed_us != NOT_THEN && e->billed_us < whole;
    bool booked = e->booked_us != NOT_THEN && e->booked_us < whole;
    bool both = billed && booked;
    cr_assert_leq(e->carries, 1, "%s", attempts[i]);
    cr_assert_eq(e->lines, billed ? 1 : 0, "%s", attempts[i]);
    if (e->carried || e->early) {
        cr_assert_eq(e->settled, 0, "%s is still on its way", attempts[i]);
        return;
    }
    cr_assert_eq(e->settled, billed || booked ? 1 : 0, "%s", attempts[i]);
    if (both) {
        enum finding well = e->refund ? FINDING_REF_OK : FINDING_PAY_OK;
        bool ahead = e->billed_us / DAY_US < e->booked_us / DAY_US;
        enum finding waits = ahead       ? FINDING_DAY_EARLY_BILL
                             : e->refund ? FINDING_REF_IN_TRANSIT
                                         : FINDING_DAY_IN_TRANSIT;
        cr_assert_eq(e->last, well, "%s: %s", attempts[i], finding_name(e->last));
        cr_assert_eq(e->first, e->carries > 0 ? waits : well, "%s: %s", attempts[i],
                     finding_name(e->first));
        cr_assert_eq(e->carries, e->billed_us / DAY_US != e->booked_us / DAY_US ? 1 : 0);
    } else if (booked) {
        cr_assert_eq(e->last, e->refund ? FINDING_REF_MISSING : FINDING_SHORT_NO_ORDER);
    } else if (billed) {
        cr_assert_eq(e->last, e->refund ? FINDING_REF_UNKNOWN : FINDING_LONG_UNKNOWN);
    }
}

static void
run_month(const struct stretch *stretch, int east_min, uint64_t *state)
{
    int64_t bill = 0;
    int64_t books = 0;
    month = (struct month){ .stretch = stretch, .east_min = east_min };
    month.start_us = day_start(stretch->first, east_min).us;
    draw(state);
    for (int day = 0; day < DAYS; day++) {
        run_day(day);
    }
    for (size_t i = 0; i < month.count; i++) {
        const struct event *e = &month.events[i];
        int64_t fen = e->refund ? -e->fen : e->fen;
        judge_event(e, i);
        bill += e->billed_us != NOT_THEN && e->billed_us < DAYS * DAY_US ? fen : 0;
        books += e->booked_us != NOT_THEN && e->booked_us < DAYS * DAY_US ? fen : 0;
        month.p_fen += e->carried ? fen : 0;
        month.b_fen += e->early ? fen : 0;
    }
    cr_assert_eq(month.b_fen, bill);
    cr_assert_eq(month.p_fen, books);
}

Test(days, of_a_month_hold_every_line_and_every_booking_once)
{
    static const int zones[] = { ZONE_CHINA_MIN, ZONE_CHINA_MIN + 60 };
    uint64_t state = seed_start(20);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < sizeof(stretches) / sizeof(stretches[0]); i++) {
            run_month(&stretches[i], zones[0], &state);
            run_month(&stretches[i], zones[1], &state);
        }
    }
}
