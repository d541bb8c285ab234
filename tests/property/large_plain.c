/* SPDX-License-Identifier: Apache-2.0 */
/* What agrees in all is counted without the engine, and nothing else is: days of payments that agree, of which some rows are changed at
 * random - each field of each row, rows left out, doubled, and others added - give the sheet of the whole day, and every result of
 * the whole day but matched ones with nothing beside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "large.h"
#include "match.h"
#include "seed.h"
#include "spilled.h"
#include "told.h"

#define DAYS        6000
#define ORDERS      9
#define ROWS_MAX    (ORDERS + 8)
#define SLOTS       3
#define CHANGES_MAX 4
#define NOON_US     (INT64_C(1790049600) * 1000000) /* 2026-09-22 12:00 in China */
#define FEN         56000
#define FEE_FEN     336 /* 0.60 % */
#define MINUTE_US   (INT64_C(60) * 1000000)
#define HOUR_US     (60 * MINUTE_US)

static const struct day the_day = { 2026, 9, 22 };

/* Texts of the rows that agree, by order. */
static char attempts[ROWS_MAX][16];
static char trades[ROWS_MAX][16];
static char numbers[ROWS_MAX][16];

struct orderly {
    struct recon_line lines[ROWS_MAX];
    struct recon_member members[ROWS_MAX];
    struct recon_order orders[ROWS_MAX];
    struct recon_payment payments[ROWS_MAX];
    struct recon_refund refunds[2];
    struct recon_invoice invoices[2];
    struct recon_manual manuals[2];
    struct recon_input in;
};

static bool
digit_slot(struct span number, size_t *slot)
{
    *slot = number.len == 0 ? 0 : (size_t)number.at[number.len - 1] % SLOTS;
    return number.len > 1 && (number.at[0] == '1' || number.at[0] == 'R');
}

static enum err
order_slot(struct crypto_stream *sha256, struct span owner, struct span order_no, size_t *slot)
{
    (void)sha256;
    (void)owner;
    *slot = order_no.len == 0 ? 0 : (size_t)order_no.at[order_no.len - 1] % SLOTS;
    return ERR_OK;
}

static const struct large_routes routes = { SLOTS, digit_slot, order_slot };

static void
agree(struct orderly *day, size_t i)
{
    struct span attempt = span_of(attempts[i]);
    struct span trade = span_of(trades[i]);
    struct span number = span_of(numbers[i]);
    struct wall_time at = { NOON_US + (int64_t)i * MINUTE_US };
    day->lines[i] = (struct recon_line){ .number = i + 2,
                                         .kind = BILL_LINE_PAY,
                                         .provider_trade_no = trade,
                                         .merchant_order_no = attempt,
                                         .application = SPAN("app"),
                                         .face_fen = FEN,
                                         .effective_fen = FEN,
                                         .fee_fen = -FEE_FEN,
                                         .rate_ppm = 6000,
                                         .method = ADAPTER_QR,
                                         .at = at };
    day->members[i] = (struct recon_member){ .attempt_no = attempt,
                                             .provider_trade_no = trade,
                                             .owner = SPAN("portal"),
                                             .order_no = number,
                                             .state = ATTEMPT_PAID,
                                             .amount_fen = FEN,
                                             .method = ADAPTER_QR,
                                             .paid_at = at,
                                             .created_at = { at.us - MINUTE_US },
                                             .counted = true };
    day->orders[i] = (struct recon_order){ .owner = SPAN("portal"),
                                           .order_no = number,
                                           .unit_name = SPAN("某某单位"),
                                           .status = SPAN("paid"),
                                           .stage = RECON_ORDER_PAID,
                                           .kind = SPAN("new"),
                                           .amount_fen = FEN,
                                           .unit_fee_fen = FEN / 2,
                                           .quantity = 2 };
    day->payments[i] = (struct recon_payment){ .owner = SPAN("portal"),
                                               .order_no = number,
                                               .attempt_no = attempt,
                                               .account = SPAN("main"),
                                               .provider = SPAN("wechatpay"),
                                               .amount_fen = FEN,
                                               .paid_at = at };
}

static void
make_orderly(struct orderly *day, int east_min)
{
    static const struct recon_tariff tariffs[] = { { SPAN("new"), FEN / 2 },
                                                   { SPAN("renewal"), FEN } };
    memset(day, 0, sizeof(*day));
    for (size_t i = 0; i < ROWS_MAX; i++) {
        (void)snprintf(attempts[i], sizeof(attempts[i]), "1%03zu", i);
        (void)snprintf(trades[i], sizeof(trades[i]), "T%03zu", i);
        (void)snprintf(numbers[i], sizeof(numbers[i]), "CA-%03zu", i);
    }
    for (size_t i = 0; i < ORDERS; i++) {
        agree(day, i);
    }
    day->in = (struct recon_input){ .account = SPAN("main"),
                                    .provider = SPAN("wechatpay"),
                                    .application = SPAN("app"),
                                    .day = the_day,
                                    .cutoff_east_min = east_min,
                                    .as_of = { NOON_US + 24 * HOUR_US },
                                    .closed_days = SPAN("2026-09-21"),
                                    .fee_rate_ppm = 6000,
                                    .fee_rounding_max_fen = INT64_MAX,
                                    .lines = day->lines,
                                    .line_count = ORDERS,
                                    .members = day->members,
                                    .member_count = ORDERS,
                                    .orders = day->orders,
                                    .order_count = ORDERS,
                                    .payments = day->payments,
                                    .payment_count = ORDERS,
                                    .refunds = day->refunds,
                                    .invoices = day->invoices,
                                    .manuals = day->manuals,
                                    .tariffs = tariffs,
                                    .tariff_count = 2,
                                    .manual_backdate_days = 3 };
}

typedef void (*change)(struct orderly *day, size_t row);

#define JOIN_TWO(a, b) a##b
#define JOIN(a, b)     JOIN_TWO(a, b)
#define FIELD(row_of, member, ...)                                                        \
    static void JOIN(change_, __LINE__)(struct orderly * day, size_t row)                 \
    {                                                                                     \
        day->row_of##s[row].member = (__typeof__(day->row_of##s[row].member))__VA_ARGS__; \
    }
#include "large_plain.def"
#undef FIELD

static const change fields[] = {
#define FIELD(row_of, member, ...) JOIN(change_, __LINE__),
#include "large_plain.def"
#undef FIELD
};

/* A line, and again a row of each list, is gone. */
#define LEAVE_OUT(list, count)                                             \
    static void leave_out_##list(struct orderly *day, size_t row)          \
    {                                                                      \
        if (day->in.count > 1) {                                           \
            day->list[row % day->in.count] = day->list[day->in.count - 1]; \
            day->in.count--;                                               \
        }                                                                  \
    }
LEAVE_OUT(lines, line_count)
LEAVE_OUT(members, member_count)
LEAVE_OUT(orders, order_count)
LEAVE_OUT(payments, payment_count)
#undef LEAVE_OUT

static void
double_line(struct orderly *day, size_t row)
{
    if (day->in.line_count < ROWS_MAX) {
        struct recon_line *line = &day->lines[day->in.line_count++];
        *line = day->lines[row];
        line->number = 50 + day->in.line_count;
    }
}

/* Another attempt at the same order, paid and on the bill. */
static void
pay_twice(struct orderly *day, size_t row)
{
    size_t line = day->in.line_count;
    size_t member = day->in.member_count;
    if (line < ROWS_MAX && member < ROWS_MAX) {
        day->lines[line] = day->lines[row];
        day->members[member] = day->members[row];
        day->lines[line].number = 50 + line;
        day->lines[line].merchant_order_no = day->members[member].attempt_no =
            span_of(attempts[member]);
        day->lines[line].provider_trade_no = day->members[member].provider_trade_no =
            span_of(trades[member]);
        day->in.line_count++;
        day->in.member_count++;
    }
}

static void
add_refund(struct orderly *day, size_t row)
{
    const struct recon_member *member = &day->members[row];
    day->refunds[0] = (struct recon_refund){ .refund_no = SPAN("R1000"),
                                             .attempt_no = member->attempt_no,
                                             .owner = member->owner,
                                             .order_no = member->order_no,
                                             .state = REFUND_REQUESTED,
                                             .amount_fen = 100 };
    day->in.refund_count = 1;
}

static void
add_invoice(struct orderly *day, size_t row)
{
    const struct recon_order *order = &day->orders[row];
    day->invoices[0] = (struct recon_invoice){ .owner = order->owner,
                                               .invoice_id = SPAN("I1"),
                                               .order_no = order->order_no,
                                               .status = SPAN("issued"),
                                               .net_fen = FEN + 100,
                                               .total_fen = FEN + 100,
                                               .issued_at = { NOON_US } };
    day->in.invoice_count = 1;
}

static void
add_manual(struct orderly *day, size_t row)
{
    const struct recon_order *order = &day->orders[row];
    day->manuals[0] = (struct recon_manual){ .owner = order->owner,
                                             .order_no = order->order_no,
                                             .number = 1,
                                             .confirmed = true,
                                             .amount_fen = 100,
                                             .deposit_fen = 100,
                                             .received_on = the_day,
                                             .recorded_on = the_day,
                                             .decided_on = the_day };
    day->in.manual_count = 1;
}

/* An order of twice as many, priced rightly. */
static void
order_more(struct orderly *day, size_t row)
{
    day->orders[row].quantity *= 2;
    day->orders[row].amount_fen *= 2;
}

/* More on the bill than was asked for, with the fee that belongs to it. */
static void
bill_more(struct orderly *day, size_t row)
{
    day->lines[row].face_fen = day->lines[row].effective_fen = 2 * FEN;
    day->lines[row].fee_fen = -2 * FEE_FEN;
}

/* Nothing was bought, and nothing paid. */
static void
pay_nothing(struct orderly *day, size_t row)
{
    day->lines[row].face_fen = day->lines[row].effective_fen = day->lines[row].fee_fen = 0;
    day->members[row].amount_fen = day->payments[row].amount_fen = 0;
    day->orders[row].quantity = day->orders[row].amount_fen = 0;
}

static void
pay_at(struct orderly *day, size_t row, int64_t us)
{
    day->lines[row].at.us = day->members[row].paid_at.us = day->payments[row].paid_at.us = us;
}

static void
pay_yesterday(struct orderly *day, size_t row)
{
    pay_at(day, row, NOON_US - 24 * HOUR_US);
}

/* After a cut-off at 23:00, and of the next day there. */
static void
pay_late(struct orderly *day, size_t row)
{
    pay_at(day, row, NOON_US + 11 * HOUR_US + 30 * MINUTE_US);
}

/* Of the day by such a cut-off, and of the evening before by the calendar. */
static void
pay_before_midnight(struct orderly *day, size_t row)
{
    pay_at(day, row, NOON_US - 12 * HOUR_US - 30 * MINUTE_US);
}

static const change others[] = { leave_out_lines,    leave_out_members, leave_out_orders,
                                 leave_out_payments, double_line,       pay_twice,
                                 add_refund,         add_invoice,       add_manual,
                                 order_more,         bill_more,         pay_nothing,
                                 pay_yesterday,      pay_late,          pay_before_midnight };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void
change_at_random(struct orderly *day, uint64_t *state)
{
    size_t row = next(state) % ORDERS;
    if (chance(state, 75)) {
        fields[next(state) % COUNT(fields)](day, row);
    } else {
        others[next(state) % COUNT(others)](day, row);
    }
}

/* False when the engine refuses the day. */
static bool
solve_whole(const struct recon_input *in, struct told *told, struct recon_sheet *sheet)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct recon_output out = { 0 };
    CHECK_OK(arena_new((size_t)16 * 1024 * 1024, &arena));
    if (match_in_parts(in, SIZE_MAX, arena, &out) != ERR_OK) {
        return false;
    }
    told->count = 0;
    for (size_t i = 0; i < out.count; i++) {
        CHECK_OK(told_add(told, in, &out.results[i]));
    }
    *sheet = out.sheet;
    return true;
}

/* False when two lines have one number, which is refused at once. */
static bool
put_all(struct large *large, struct orderly *day)
{
    struct large_feed *feed = NULL;
    const struct recon_input *in = &day->in;
    CHECK_OK(large_feed_new(large, &feed));
    qsort(day->lines, in->line_count, sizeof(day->lines[0]), spilled_line_cmp);
    for (size_t i = 0; i < in->line_count; i++) {
        if (large_put_line(feed, &day->lines[i]) != ERR_OK) {
            return false;
        }
    }
    spilled_put_rows(feed, in);
    return true;
}

static bool
solve_spilled(struct orderly *day, struct told *told, struct recon_sheet *sheet)
{
    DEFER(large_free) struct large *large = NULL;
    const struct large_wish wish = {
        .threads = 1, .plain_unwanted = true, .result = told_add, .context = told
    };
    told->count = 0;
    CHECK_OK(large_new(&day->in, "/tmp", &routes, &large));
    return put_all(large, day) && large_solve(large, &wish, sheet) == ERR_OK;
}

/* What the one says and the other does not is plain; how many those are. */
static size_t
check_results(const struct told *whole, const struct told *spilled)
{
    size_t found = 0;
    size_t left_out = 0;
    for (size_t i = 0; i < whole->count; i++) {
        bool there = false;
        for (size_t k = 0; k < spilled->count && !there; k++) {
            there = strcmp(whole->text[i], spilled->text[k]) == 0;
        }
        cr_assert(there || whole->plain[i], "left out: %s", whole->text[i]);
        found += there ? 1 : 0;
        left_out += there ? 0 : 1;
    }
    cr_assert_eq(found, spilled->count);
    return left_out;
}

Test(large_plain, what_agrees_is_counted_and_nothing_else_is)
{
    static struct told whole;
    static struct told spilled;
    static struct orderly day;
    uint64_t state = seed_start(47);
    size_t aside = 0;
    size_t refused = 0;
    for (int i = 0; i < DAYS; i++) {
        struct recon_sheet sheets[2] = { 0 };
        make_orderly(&day, i % 5 == 0 ? ZONE_CHINA_MIN + 60 : ZONE_CHINA_MIN);
        for (uint64_t k = next(&state) % (CHANGES_MAX + 1); k > 0; k--) {
            change_at_random(&day, &state);
        }
        bool taken = solve_whole(&day.in, &whole, &sheets[0]);
        cr_assert_eq(solve_spilled(&day, &spilled, &sheets[1]), taken);
        if (!taken) {
            refused++;
            continue;
        }
        aside += check_results(&whole, &spilled);
        cr_assert_eq(memcmp(&sheets[0], &sheets[1], offsetof(struct recon_sheet, flow)), 0);
    }
    cr_assert_gt(aside, (size_t)DAYS * ORDERS / 2, "%zu", aside);
    cr_assert_lt(refused, (size_t)DAYS / 3, "%zu", refused);
}

Test(large_plain, a_day_on_which_all_agrees_gives_no_result)
{
    static struct told spilled;
    static struct orderly day;
    struct recon_sheet sheet;
    make_orderly(&day, ZONE_CHINA_MIN);
    cr_assert(solve_spilled(&day, &spilled, &sheet));
    cr_assert_eq(spilled.count, 0);
    cr_assert_eq(sheet.matched.count, ORDERS);
    cr_assert_eq(sheet.matched.fen, (int64_t)ORDERS * FEN);
    cr_assert_eq(sheet.fee.fen, -(int64_t)ORDERS * FEE_FEN);
}

/* More numbers than the lists that usually have the most of them let expect. */
Test(large_plain, a_slot_of_nothing_but_transfers_is_done)
{
    static struct recon_manual manuals[100];
    static char orders[100][16];
    static struct told spilled;
    static struct orderly day;
    struct recon_sheet sheet;
    make_orderly(&day, ZONE_CHINA_MIN);
    for (size_t i = 0; i < 100; i++) {
        (void)snprintf(orders[i], sizeof(orders[i]), "CA-%03zu0", i);
        manuals[i] = (struct recon_manual){ .owner = SPAN("portal"),
                                            .order_no = span_of(orders[i]),
                                            .number = 1,
                                            .confirmed = true,
                                            .attached = true,
                                            .amount_fen = 100,
                                            .deposit_fen = 100,
                                            .received_on = the_day,
                                            .recorded_on = the_day,
                                            .decided_on = the_day };
    }
    day.in.manuals = manuals;
    day.in.manual_count = 100;
    day.in.line_count = day.in.member_count = day.in.order_count = day.in.payment_count = 0;
    cr_assert(solve_spilled(&day, &spilled, &sheet));
    cr_assert_eq(spilled.count, 100);
    cr_assert_eq(sheet.matched.count, 0);
}
