/* SPDX-License-Identifier: Apache-2.0 */
/* Laws of differences over seeded days: runs that show now these and now those, and people who do whatever comes to their minds
 * between them, allowed or not. */
#include <string.h>

#include "difference_people.h"
#include "difference_trail.h"

#define DAYS  4
#define RUNS  5
#define UNITS 6
#define ACTS  5
#define STEPS 7
#define DRAWS 3

TestSuite(difference_laws, .init = difference_house_open, .fini = difference_house_close,
          .timeout = 280);

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t
next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static bool
chance(uint64_t *state, uint64_t of_hundred)
{
    return next(state) % 100 < of_hundred;
}

/* Unit 0 and 1 are attempts of ours, the others are unknown lines; each in most runs, seldom of another amount. */
static void
add_unit(int64_t run_id, int seq, size_t unit, uint64_t *state)
{
    static const char *const attempts[] = { ATTEMPT, PAYMENT "02" };
    static const char *const lines[] = { "X-2", "X-3", "X-4", "X-5" };
    int64_t fen = chance(state, 15) ? 70 : 50;
    if (unit < 2) {
        difference_result(run_id, seq,
                          &(struct difference_unit){
                              .code = chance(state, 80) ? "SHORT_PAY" : "SHORT_ORDER_UNPAID",
                              .findings = chance(state, 50) ? "{ORD_PRICE}" : NULL,
                              .attempt_no = attempts[unit],
                              .p_fen = fen });
    } else {
        difference_result(run_id, seq,
                          &(struct difference_unit){ .code = "LONG_UNKNOWN",
                                                     .merchant_order_no = lines[unit - 2],
                                                     .b_fen = fen });
    }
}

/* How many proposals about it there were up to the newest posting that stands. */
static int64_t
posted(void)
{
    return difference_count(
        "(SELECT generate_series(1, number) FROM difference_posted WHERE difference_no = '%s') n",
        number);
}

/* Which difference: any, by the order of their numbers, but rather one of which something is posted. */
static bool
choose(uint64_t *state)
{
    DEFER(db_rows_free) struct db_rows *heads = NULL;
    struct db_params params;
    db_params_init(&params, database.arena);
    db_cstr(&params, "");
    db_i64(&params, 1000);
    CHECK_OK(db_session_run(database.session, STATEMENT_difference_heads, &params, &heads));
    if (db_rows_count(heads) == 0) {
        return false;
    }
    for (int draw = 0; draw < DRAWS && (draw == 0 || posted() == 0); draw++) {
        struct span chosen =
            db_row_text(heads, next(state) % db_rows_count(heads), "difference_no");
        memcpy(number, chosen.at, chosen.len);
        number[chosen.len] = 0;
    }
    return true;
}

struct wish {
    const char *kind;
    int64_t fen;      /* 0: none */
    int64_t reverses; /* 0: none */
};

/* Something that may fit the difference; mostly that what is posted of it is taken back. */
static struct wish
wish_for(uint64_t *state)
{
    static const char *const kinds[] = { "accept", "refund", "adjust", "write_off" };
    int64_t newest = posted();
    if (newest > 0 && chance(state, 60)) {
        return (struct wish){ "reverse", chance(state, 80) ? 50 : 70,
                              chance(state, 80) ? newest : 1 };
    }
    const char *kind = kinds[next(state) % (sizeof(kinds) / sizeof(kinds[0]))];
    int64_t fen = chance(state, 80) ? 50 : 70;
    if (strcmp(kind, "accept") == 0) {
        fen = 0;
    } else if (strcmp(kind, "refund") == 0) {
        fen = (int64_t)(next(state) % 3) + 1;
    }
    return (struct wish){ kind, fen, 0 };
}

/* Somebody who may or may not be the right one does the next step, or forgets it. */
static void
work_on_one(uint64_t *state)
{
    static const char *const people[] = { MAKER, CHECKER, "third" };
    if (!choose(state)) {
        return;
    }
    struct wish wish = wish_for(state);
    for (int step = 0; step < STEPS; step++) {
        const char *actor = people[next(state) % 3];
        if (chance(state, 10)) {
            (void)decide("reject", "", 0, actor);
        }
        if (chance(state, 15)) {
            continue;
        }
        switch (step) {
        case 0:
            (void)move("assign", actor, "{}", people[next(state) % 3]);
            break;
        case 1:
            (void)propose_of(wish.kind, wish.fen, NULL, wish.reverses, actor);
            break;
        case 2:
            (void)decide_of("approve", wish.kind, wish.fen, NULL, wish.reverses, actor);
            break;
        case 3:
        case 4:
            (void)execute(actor);
            break;
        case 5:
            (void)move(chance(state, 50) ? "close" : "comment", actor, "{}", NULL);
            break;
        default:
            (void)move(chance(state, 80) ? "comment" : "reopen", actor, "{}", NULL);
        }
    }
}

/* Law 26: what both runs show alike, nobody touched. */
static void
publish_and_compare(int64_t run_id)
{
    difference_sql(
        "DROP TABLE IF EXISTS public.was; CREATE TABLE public.was AS SELECT * FROM tallygate.difference");
    difference_publish(run_id);
    difference_sql("SET search_path = tallygate; INSERT INTO recon_current"
                   " SELECT account, kind, bill_day, run_id FROM recon_run WHERE run_id = %lld"
                   " ON CONFLICT (account, kind, bill_day) DO UPDATE SET run_id = excluded.run_id",
                   (long long)run_id);
    cr_expect_eq(
        difference_count(
            "difference d JOIN public.was w USING (difference_no) JOIN difference_shown s ON s.difference_no = d.difference_no"
            " AND s.run_id = %lld WHERE w.state NOT IN ('superseded', 'auto_closed') AND (w.code, w.codes, w.severity, w.delta_fen)"
            " = (d.code, d.codes, d.severity, d.delta_fen) AND w IS DISTINCT FROM d",
            (long long)run_id),
        0);
    cr_expect_eq(
        difference_count(
            "public.was w LEFT JOIN difference d USING (difference_no) WHERE d.difference_no IS NULL"
            " OR d.assignee IS DISTINCT FROM w.assignee"),
        0, "none goes away, and each keeps who looks after it");
    cr_expect_eq(
        difference_count(
            "difference d JOIN recon_run r ON r.bill_day = d.bill_day AND r.run_id = %lld"
            " WHERE d.state IN ('checking', 'open', 'assigned', 'proposed', 'approved') AND NOT EXISTS (SELECT 1 FROM difference_shown s WHERE s.difference_no = d.difference_no AND s.run_id = r.run_id)"
            " AND (SELECT coalesce(sum(debit_fen - credit_fen), 0) FROM adjustment_line l WHERE l.difference_no = d.difference_no"
            "       AND ledger = 'provider_receivable') = 0",
            (long long)run_id),
        0, "what is neither shown nor posted waits for nobody");
    cr_expect_eq(
        difference_count(
            "difference d JOIN recon_run r ON r.bill_day = d.bill_day AND r.run_id = %lld"
            " LEFT JOIN difference_shown s ON s.difference_no = d.difference_no AND s.run_id = r.run_id"
            " LEFT JOIN recon_result x ON x.run_id = s.run_id AND x.seq = s.seq AND d.family = 'money'"
            " CROSS JOIN LATERAL (SELECT sum(debit_fen - credit_fen) AS fen FROM adjustment_line l"
            "                     WHERE l.difference_no = d.difference_no AND ledger = 'provider_receivable') p"
            " WHERE p.fen <> 0 AND p.fen <> coalesce(x.delta_fen, 0)"
            "   AND d.state IN ('resolved', 'closed', 'superseded', 'auto_closed')",
            (long long)run_id),
        0, "nothing is settled of which another amount is posted than the run shows");
}

static void
found(void *context, enum audit_fault fault, const struct audit_place *place)
{
    (void)context;
    cr_expect_fail("%.*s #%lld: %s", SPAN_ARG(place->payment_no), (long long)place->seq,
                   audit_fault_code(fault));
}

/* Laws 29, 30 and 33, and that states follow each other. */
static void
judge_laws(void)
{
    struct difference_trail_counts counts;
    CHECK_OK(difference_trail_verify(database.session, NULL, found, NULL, &counts));
    cr_expect_eq(
        difference_count("action_request WHERE state IN ('approved', 'executing', 'done', 'failed')"
                         " AND (checker IS NULL OR checker = maker)"),
        0);
    cr_expect_eq(
        difference_count(
            "(SELECT difference_no FROM difference_event WHERE event IN ('execute', 'settle', 'reverse', 'lapse')"
            " EXCEPT ALL SELECT difference_no FROM difference_event WHERE event = 'approve') x"),
        0, "executed more often than approved");
    cr_expect_eq(
        difference_count("(SELECT difference_no, ledger, abs(sum(debit_fen - credit_fen)) AS fen"
                         " FROM adjustment_line GROUP BY 1, 2) l WHERE fen NOT IN (0, 50, 70)"),
        0, "nothing is posted twice");
    cr_expect_eq(
        difference_count(
            "difference d JOIN recon_current c ON c.bill_day = d.bill_day JOIN difference_shown s"
            " ON s.difference_no = d.difference_no AND s.run_id = c.run_id WHERE d.state IN ('superseded', 'auto_closed')"),
        0, "what the run that counts shows is not left");
    cr_expect_eq(
        difference_count("adjustment"),
        difference_count(
            "action_request WHERE kind IN ('adjust', 'write_off', 'reverse') AND state = 'done'"));
    cr_expect_eq(
        difference_count("refund"),
        difference_count("action_request WHERE kind = 'refund' AND executed_at IS NOT NULL"));
    cr_expect_eq(
        difference_count(
            "attempt a WHERE refund_reserved_fen <> (SELECT coalesce(sum(amount_fen), 0) FROM refund r"
            " WHERE r.attempt_no = a.attempt_no)"),
        0);
    cr_expect_eq(
        difference_count(
            "difference d JOIN difference_event e ON e.difference_no = d.difference_no AND e.seq = d.version"
            " WHERE e.to_state <> d.state"),
        0);
    cr_expect_eq(
        difference_count(
            "(SELECT from_state, lag(to_state, 1, 'none') OVER (PARTITION BY difference_no ORDER BY seq) AS before"
            " FROM difference_event) e WHERE from_state <> before"),
        0);
    cr_expect_eq(
        difference_count(
            "action_request a JOIN difference d USING (difference_no) WHERE (a.state IN ('proposed', 'approved',"
            " 'executing')) <> (d.state = a.state) AND a.number = (SELECT max(number) FROM action_request b"
            " WHERE b.difference_no = a.difference_no)"),
        0, "a proposal stands exactly as its difference does");
}

Test(difference_laws, hold_whatever_runs_show_and_people_do)
{
    uint64_t state = 3;
    int64_t run_id = 0;
    difference_sql("UPDATE tallygate.attempt SET refundable_fen = 4");
    for (int day = 0; day < DAYS; day++) {
        for (int version = 1; version <= RUNS; version++) {
            char date[16];
            int seq = 0;
            (void)snprintf(date, sizeof(date), "2026-11-%02d", 20 + day);
            difference_run(++run_id, date, version);
            for (size_t unit = 0; unit < UNITS; unit++) {
                if (chance(&state, 75)) {
                    add_unit(run_id, ++seq, unit, &state);
                }
            }
            publish_and_compare(run_id);
            for (int i = 0; i < ACTS; i++) {
                work_on_one(&state);
            }
        }
    }
    judge_laws();
    cr_expect_gt(difference_count("difference"), 10);
    cr_expect_gt(difference_count("refund"), 0, "the seed comes that far");
    cr_expect_gt(difference_count("difference_event WHERE event = 'settle'"), 0);
    cr_expect_gt(difference_count("difference_event WHERE event = 'unsettle'"), 0);
    cr_expect_gt(difference_count("adjustment WHERE reverses IS NOT NULL"), 0);
}
