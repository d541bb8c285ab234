/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is edited, moved, removed or cut off in a history is found. Invariant 33. */
#include "difference_trail.h"

#include <string.h>

#include "clock_fake.h"
#include "difference_house.h"

TestSuite(difference_trail, .init = difference_house_open, .fini = difference_house_close);

#define SEEN_MAX 16

struct seen {
    enum audit_fault faults[SEEN_MAX];
    size_t count;
};

static void
found(void *context, enum audit_fault fault, const struct audit_place *place)
{
    struct seen *seen = context;
    (void)place;
    cr_assert_lt(seen->count, SEEN_MAX);
    seen->faults[seen->count++] = fault;
}

static struct difference_trail_counts
verify(struct seen *seen)
{
    struct difference_trail_counts counts = { 0 };
    *seen = (struct seen){ .count = 0 };
    CHECK_OK(difference_trail_verify(database.session, NULL, found, seen, &counts));
    cr_expect_eq(counts.faults, (int64_t)seen->count);
    return counts;
}

static bool
has(const struct seen *seen, enum audit_fault fault)
{
    for (size_t i = 0; i < seen->count; i++) {
        if (seen->faults[i] == fault) {
            return true;
        }
    }
    return false;
}

/* Three differences; the one of X-9 has four events: find, supersede, return, change. */
static void
make_histories(void)
{
    struct difference_unit unit = {
        .code = "LONG_UNKNOWN", .merchant_order_no = "X-9", .provider_trade_no = "T9", .b_fen = 50
    };
    difference_run(1, DAY, 1);
    difference_result(1, 1, &unit);
    difference_result(1, 2,
                      &(struct difference_unit){ .code = "SHORT_PAY",
                                                 .findings = "{ORD_PRICE}",
                                                 .attempt_no = ATTEMPT,
                                                 .p_fen = 56000 });
    difference_publish(1);
    difference_day(2, 2, NULL);
    difference_day(3, 3, &unit);
    unit.b_fen = 51;
    difference_day(4, 4, &unit);
}

Test(difference_trail, an_honest_history_is_whole)
{
    struct seen seen;
    cr_expect_eq(verify(&seen).differences, 0);
    make_histories();
    struct difference_trail_counts counts = verify(&seen);
    cr_expect_eq(seen.count, 0);
    cr_expect_eq(counts.differences, 3);
    cr_expect_eq(counts.events, 8);
}

#define EVENT_2                                                                                 \
    " WHERE seq = 2 AND difference_no = (SELECT difference_no FROM tallygate.difference WHERE " \
    "merchant_order_no = 'X-9')"
#define EVENT_4                                                                                 \
    " WHERE seq = 4 AND difference_no = (SELECT difference_no FROM tallygate.difference WHERE " \
    "merchant_order_no = 'X-9')"

Test(difference_trail, every_lie_about_it_is_found)
{
    static const struct {
        const char *lie;
        enum audit_fault fault;
    } rows[] = {
        { "UPDATE tallygate.difference_event SET detail = '{}'" EVENT_2, AUDIT_EVENT_HASH },
        { "UPDATE tallygate.difference_event SET actor = 'run:9'" EVENT_2, AUDIT_EVENT_HASH },
        { "UPDATE tallygate.difference_event SET at = at + interval '1 microsecond'" EVENT_2,
          AUDIT_EVENT_HASH },
        { "DELETE FROM tallygate.difference_event" EVENT_2, AUDIT_EVENT_GAP },
        { "DELETE FROM tallygate.difference_event" EVENT_4, AUDIT_EVENT_CUT },
        { "DELETE FROM tallygate.difference_event WHERE difference_no = (SELECT difference_no FROM "
          "tallygate.difference WHERE family = 'order')",
          AUDIT_EVENT_CUT },
        { "UPDATE tallygate.difference_event SET hash = sha256('x')" EVENT_4, AUDIT_EVENT_OTHER },
        { "UPDATE tallygate.difference_event SET seq = 9" EVENT_2, AUDIT_EVENT_GAP },
    };
    make_histories();
    difference_sql("CREATE TABLE public.kept AS SELECT * FROM tallygate.difference_event");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct seen seen;
        difference_sql("%s", rows[i].lie);
        (void)verify(&seen);
        cr_expect(has(&seen, rows[i].fault), "%zu: %s", i, rows[i].lie);
        difference_sql("DELETE FROM tallygate.difference_event;"
                       "INSERT INTO tallygate.difference_event SELECT * FROM public.kept");
        (void)verify(&seen);
        cr_expect_eq(seen.count, 0, "%zu: what was put back is whole", i);
    }
}

static void
found_slowly(void *context, enum audit_fault fault, const struct audit_place *place)
{
    found(context, fault, place);
    clock_fake_advance_ms(PROGRESS_LINE_MS);
}

static void
take_word(void *context, const struct progress *progress, struct span text)
{
    (void)text;
    CHECK_OK(buf_printf(context, "%s %lld/%lld, ", progress_code(progress),
                        (long long)progress->done, (long long)progress->total));
}

/* Time is lost at each event; the clock is looked at behind the first, which is the third, and behind each from then on. */
Test(difference_trail, it_says_how_many_events_it_has_verified)
{
    struct seen seen = { .count = 0 };
    struct progress progress;
    struct difference_trail_counts counts;
    DEFER(buf_fini) struct buf words = BUF_MAX(4096);
    make_histories();
    difference_sql("UPDATE tallygate.difference_event SET actor = 'run:9'");
    progress_open(&progress, -1, LANGUAGE_EN, take_word, &words);
    CHECK_OK(difference_trail_verify(database.session, &progress, found_slowly, &seen, &counts));
    progress_close(&progress);
    cr_expect_eq(counts.faults, 8);
    CHECK_TEXT(buf_span(&words), "histories 3/8, histories 4/8, histories 5/8, histories 6/8, "
                                 "histories 7/8, histories 8/8, ");
}

/* The whole history cut back, or written anew, with an end in the difference that fits: only a checkpoint knows better. */
Test(difference_trail, what_a_checkpoint_has_named_can_be_neither_cut_off_nor_written_anew)
{
    static const struct {
        const char *lie;
        enum audit_fault fault;
    } rows[] = {
        { "DELETE FROM difference_event e WHERE seq > 1; UPDATE difference d SET version = 1, chain = e.hash"
          " FROM difference_event e WHERE e.difference_no = d.difference_no",
          AUDIT_EVENT_CUT },
        { "UPDATE difference_event SET actor = 'run:9', hash = difference_hash(NULL, difference_no, 1, from_state, event, to_state,"
          " effect, 'run:9', detail, at) WHERE seq = 1; UPDATE difference d SET chain = e.hash FROM difference_event e"
          " WHERE e.difference_no = d.difference_no AND d.version = 1",
          AUDIT_EVENT_OTHER },
        { "DELETE FROM difference_shown; DELETE FROM difference_event; DELETE FROM difference",
          AUDIT_EVENT_CUT },
    };
    struct difference_unit unit = { .code = "SHORT_PAY", .attempt_no = ATTEMPT, .p_fen = 56000 };
    difference_day(1, 1, &unit);
    difference_sql(
        "INSERT INTO tallygate.audit_checkpoint SELECT 1, sha256('0'), '7 1 1 ' || repeat('0', 64) || E'\\n1000 '"
        " || difference_no || ' 1 ' || encode(chain, 'hex') || E'\\n', 2, now(), sha256('1'), 'k', 's'"
        " FROM tallygate.difference");
    difference_day(2, 2, NULL);
    difference_sql(
        "INSERT INTO tallygate.audit_checkpoint SELECT 2, sha256('1'), '1000 ' || difference_no || ' 2 '"
        " || encode(chain, 'hex') || E'\\n', 1, now(), sha256('2'), 'k', 's' FROM tallygate.difference");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct seen seen;
        struct difference_trail_counts counts = verify(&seen);
        cr_expect_eq(seen.count, 0);
        cr_expect_eq(counts.sealed, 2);
        difference_sql(
            "CREATE SCHEMA kept; CREATE TABLE kept.d AS SELECT * FROM tallygate.difference;"
            "CREATE TABLE kept.e AS SELECT * FROM tallygate.difference_event");
        difference_sql("SET search_path = tallygate; %s", rows[i].lie);
        (void)verify(&seen);
        cr_expect(has(&seen, rows[i].fault), "%zu: %s", i, rows[i].lie);
        difference_sql(
            "SET search_path = tallygate; DELETE FROM difference_shown; DELETE FROM difference_event;"
            "DELETE FROM difference; INSERT INTO difference SELECT * FROM kept.d;"
            "INSERT INTO difference_event SELECT * FROM kept.e; DROP SCHEMA kept CASCADE");
    }
}
