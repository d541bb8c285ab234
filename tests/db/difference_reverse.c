/* SPDX-License-Identifier: Apache-2.0 */
/* A posting is taken back by another one, once, by two people; and what is posted of a difference and what runs show of it do not go apart
 * unseen. */
#include "difference_people.h"
#include "difference_trail.h"

/* A run of the day, of which it is the one that counts: 7.00, or what `p_fen` says, are not on the bill; 0: it ties. */
static void
counts(int64_t run_id, int64_t p_fen)
{
    difference_day(run_id, (int)run_id,
                   p_fen == 0 ? NULL
                              : &(struct difference_unit){
                                  .code = "SHORT_PAY", .attempt_no = ATTEMPT, .p_fen = p_fen });
    difference_sql("INSERT INTO tallygate.recon_current VALUES ('main', 'trade', '" DAY "', %lld)"
                   " ON CONFLICT (account, kind, bill_day) DO UPDATE SET run_id = excluded.run_id",
                   (long long)run_id);
}

static void
open_house(void)
{
    difference_house_open();
    counts(1, 700);
    people_open();
}

TestSuite(difference_reverse, .init = open_house, .fini = people_close);

static void
assigned(void)
{
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
}

static void
posted(const char *kind, int64_t fen)
{
    CHECK_TEXT(propose(kind, fen, MAKER), "moved");
    CHECK_TEXT(decide("approve", kind, fen, CHECKER), "moved");
    CHECK_TEXT(execute(MAKER), "moved");
}

static void
approved_reversal(int64_t fen, int64_t reverses)
{
    CHECK_TEXT(propose_of("reverse", fen, NULL, reverses, MAKER), "moved");
    CHECK_TEXT(decide_of("approve", "reverse", fen, NULL, reverses, CHECKER), "moved");
}

static void
reversed(int64_t fen, int64_t reverses)
{
    approved_reversal(fen, reverses);
    CHECK_TEXT(execute(MAKER), "moved");
}

static void
reopened(void)
{
    CHECK_TEXT(move("close", MAKER, "{}", NULL), "moved");
    CHECK_TEXT(move("reopen", MAKER, "{\"reason\":\"by mistake\"}", NULL), "moved");
    assigned();
}

static void
written_off(void)
{
    assigned();
    posted("write_off", 700);
}

static void
is(const char *state, int64_t delta_fen)
{
    cr_expect_eq(difference_count("difference WHERE state = '%s' AND delta_fen = %lld", state,
                                  (long long)delta_fen),
                 1, "%s %lld", state, (long long)delta_fen);
}

/* Debit less credit of a ledger over all that was ever posted. */
static int64_t
balance(const char *ledger)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT coalesce(sum(debit_fen - credit_fen), 0)::bigint FROM adjustment_line"
                   " WHERE ledger = '%s'",
                   ledger);
    return database_number(&database, sql);
}

static void
fault(void *context, enum audit_fault fault, const struct audit_place *place)
{
    (void)context;
    cr_expect_fail("#%lld: %s", (long long)place->seq, audit_fault_code(fault));
}

static void
histories_hold(void)
{
    struct difference_trail_counts seen;
    CHECK_OK(difference_trail_verify(database.session, NULL, fault, NULL, &seen));
    cr_expect_gt(seen.events, 0);
}

Test(difference_reverse, what_was_posted_by_mistake_is_taken_back_and_posted_anew)
{
    written_off();
    cr_expect_eq(balance("loss"), 700);
    reopened();
    reversed(700, 1);
    is("assigned", -700);
    cr_expect_eq(balance("loss"), 0);
    cr_expect_eq(balance("provider_receivable"), 0);
    cr_expect_eq(difference_count("adjustment_line WHERE number = 2 AND line_no = 1"
                                  " AND ledger = 'provider_receivable' AND debit_fen = 700"),
                 1);
    cr_expect_eq(difference_count("adjustment_line WHERE number = 2 AND line_no = 2"
                                  " AND ledger = 'loss' AND credit_fen = 700"),
                 1);
    cr_expect_eq(
        difference_count("adjustment WHERE number = 2 AND reverses = 1 AND posted_on = '" DAY
                         "' AND maker = '" MAKER "' AND checker = '" CHECKER "'"),
        1);
    cr_expect_eq(difference_count("action_request WHERE number = 2 AND state = 'done'"), 1);
    cr_expect_eq(difference_count("difference_event WHERE event = 'reverse'"), 1);
    posted("adjust", 700);
    is("resolved", -700);
    cr_expect_eq(balance("suspense"), 700);
    cr_expect_eq(balance("provider_receivable"), -700);
    histories_hold();
}

/* The money turned up. */
Test(difference_reverse, what_no_run_shows_any_longer_is_open_until_it_is_taken_back)
{
    written_off();
    counts(2, 0);
    is("open", 0);
    cr_expect_eq(
        difference_count(
            "difference_event WHERE event = 'unsettle' AND actor = 'run:2' AND detail::jsonb = '"
            "{\"run_version\": 2, \"code\": \"SHORT_PAY\", \"codes\": [\"SHORT_PAY\"], \"severity\": 1,"
            " \"delta_fen\": 0, \"bill_day\": \"" DAY "\", \"posting\": 1}'"),
        1);
    assigned();
    CHECK_TEXT(propose("accept", 0, MAKER), "posted");
    CHECK_TEXT(propose("write_off", 700, MAKER), "posted");
    CHECK_TEXT(propose("adjust", 700, MAKER), "posted");
    counts(3, 0);
    is("assigned", 0);
    cr_expect_eq(difference_count("difference WHERE assignee = '" MAKER "'"), 1);
    reversed(700, 1);
    is("superseded", 0);
    cr_expect_eq(difference_count("difference_event WHERE event = 'lapse'"), 1);
    cr_expect_eq(balance("provider_receivable"), 0);
    counts(4, 0);
    is("superseded", 0);
    counts(5, 700);
    is("open", -700);
    written_off();
    cr_expect_eq(balance("loss"), 700);
    histories_hold();
}

Test(difference_reverse, of_which_a_run_shows_another_amount_is_open_until_it_is_posted_anew)
{
    written_off();
    counts(2, 600);
    is("open", -600);
    assigned();
    CHECK_TEXT(propose("write_off", 600, MAKER), "posted");
    CHECK_TEXT(propose_of("reverse", 600, NULL, 1, MAKER), "action");
    reversed(700, 1);
    is("assigned", -600);
    posted("write_off", 600);
    cr_expect_eq(balance("loss"), 600);
    counts(3, 600);
    is("resolved", -600);
}

/* What was closed comes back as well, and what people look after stays until nothing is posted of it. */
Test(difference_reverse, no_run_takes_leave_of_one_of_which_a_posting_stands)
{
    written_off();
    CHECK_TEXT(move("close", MAKER, "{}", NULL), "moved");
    counts(2, 0);
    is("open", 0);
    counts(3, 700);
    is("open", -700);
    assigned();
    CHECK_TEXT(propose("accept", 0, MAKER), "moved");
    CHECK_TEXT(decide("approve", "accept", 0, CHECKER), "moved");
    counts(4, 0);
    is("assigned", 0);
    cr_expect_eq(difference_count("action_request WHERE state = 'void'"), 1);
    counts(5, 0);
    is("assigned", 0);
    cr_expect_eq(difference_count("difference_event WHERE event = 'change'"), 3);
    cr_expect_eq(difference_count("difference_event WHERE event IN ('heal', 'supersede')"), 0);
}

/* Superseded, as it could be before postings could be taken back; or closed after a refund, with nothing else than the run before it shows. */
Test(difference_reverse, one_that_was_left_with_a_posting_is_found_again)
{
    written_off();
    difference_sql("UPDATE tallygate.difference SET state = 'superseded'");
    counts(2, 0);
    is("open", 0);
    difference_sql("UPDATE tallygate.difference SET state = 'closed'");
    counts(3, 0);
    is("open", 0);
}

/* Posted and shown alike: nobody touches it. */
Test(difference_reverse, what_is_posted_and_shown_alike_stays_settled)
{
    written_off();
    counts(2, 700);
    is("resolved", -700);
    cr_expect_eq(difference_count("difference_event WHERE actor = 'run:2'"), 0);
    reopened();
    posted("accept", 0);
    is("resolved", -700);
}

/* Nothing is posted of it: it stays settled, as before. */
Test(difference_reverse, what_was_only_accepted_stays_settled)
{
    assigned();
    posted("accept", 0);
    counts(2, 600);
    is("resolved", -600);
    counts(3, 0);
    is("resolved", -600);
}

Test(difference_reverse, names_the_newest_posting_that_stands_and_all_of_it)
{
    assigned();
    CHECK_TEXT(propose_of("reverse", 700, NULL, 1, MAKER), "posting"); /* nothing is posted */
    CHECK_TEXT(propose_of("reverse", 700, NULL, 0, MAKER), "posting");
    CHECK_TEXT(propose("write_off", 700, MAKER), "moved");
    CHECK_TEXT(decide("reject", "", 0, CHECKER), "moved");
    posted("write_off", 700); /* number 2 */
    CHECK_TEXT(propose_of("reverse", 700, NULL, 2, MAKER), "state");
    reopened();
    CHECK_TEXT(propose_of("reverse", 700, NULL, 1, MAKER), "posting"); /* it was rejected */
    CHECK_TEXT(propose_of("reverse", 700, NULL, 9, MAKER), "posting");
    CHECK_TEXT(propose_of("reverse", 699, NULL, 2, MAKER), "action");
    CHECK_TEXT(propose_of("reverse", 700, NULL, 2, MAKER), "moved");
    CHECK_TEXT(propose_of("reverse", 700, NULL, 2, MAKER), "moved"); /* the very same */
    CHECK_TEXT(propose_of("reverse", 700, NULL, 1, MAKER), "state");
    CHECK_TEXT(decide_of("approve", "reverse", 700, NULL, 2, MAKER), "same_person");
    CHECK_TEXT(decide_of("approve", "reverse", 700, NULL, 1, CHECKER), "changed");
    CHECK_TEXT(decide_of("approve", "reverse", 699, NULL, 2, CHECKER), "changed");
    CHECK_TEXT(decide_of("approve", "reverse", 700, NULL, 2, CHECKER), "moved");
    CHECK_TEXT(execute(CHECKER), "moved");
    CHECK_TEXT(propose_of("reverse", 700, NULL, 2, MAKER), "posting"); /* it is reversed */
    CHECK_TEXT(propose_of("reverse", 700, NULL, 3, MAKER), "posting"); /* it is a reversal */
    cr_expect_eq(difference_count("action_request WHERE kind = 'reverse'"), 1);
}

/* Carried in suspense, then lost: one after the other, from behind. */
static void
post_two(void)
{
    assigned();
    posted("adjust", 700);
    reopened();
    posted("write_off", 700);
    reopened();
}

Test(difference_reverse, what_another_posting_stands_on_is_taken_back_after_it)
{
    post_two();
    CHECK_TEXT(propose_of("reverse", 700, NULL, 1, MAKER), "posting");
    reversed(700, 2);
    is("assigned", -700);
    cr_expect_eq(balance("loss"), 0);
    cr_expect_eq(balance("suspense"), 700);
    posted("write_off", 700); /* out of suspense once more */
    cr_expect_eq(balance("suspense"), 0);
    cr_expect_eq(balance("loss"), 700);
    cr_expect_eq(balance("provider_receivable"), -700);
}

Test(difference_reverse, what_is_shown_no_longer_ends_when_all_of_it_is_taken_back)
{
    post_two();
    counts(2, 0);
    is("assigned", 0);
    reversed(700, 2);
    is("assigned", 0);
    reversed(700, 1);
    is("superseded", 0);
    cr_expect_eq(balance("loss"), 0);
    cr_expect_eq(balance("suspense"), 0);
    cr_expect_eq(balance("provider_receivable"), 0);
}

Test(difference_reverse, is_approved_and_executed_once_by_many_at_once)
{
    static const char *const approvals[] = {
        "'approve', 'reverse', 700, 'checker', now(), '{}', NULL, 1",
        "'approve', 'reverse', 700, 'other', now(), '{}', NULL, 1"
    };
    const char *arguments[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        arguments[i] = "'finance', '{}', now()";
    }
    written_off();
    reopened();
    CHECK_TEXT(propose_of("reverse", 700, NULL, 1, MAKER), "moved");
    cr_expect_eq(people_race(STATEMENT_action_decide, approvals, 2, "moved"), 1);
    cr_expect_eq(people_race(STATEMENT_action_execute, arguments, CALLERS, "moved"), 1);
    CHECK_TEXT(execute(MAKER), "moved");
    cr_expect_eq(difference_count("adjustment"), 2);
    cr_expect_eq(difference_count("adjustment_line"), 4);
    cr_expect_eq(difference_count("difference_event WHERE event = 'reverse'"), 1);
    cr_expect_eq(balance("loss"), 0);
}

static void
sign_the_day(void)
{
    difference_sql(
        "SET search_path = tallygate;"
        "INSERT INTO period_signoff SELECT 'main', 'trade', '" DAY
        "', 1, run_id, 'x', sha256('x'), 'finance', now() FROM recon_current;"
        "INSERT INTO period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, decided_at)"
        " SELECT account, kind, bill_day, number, run_id, prepared_by, 'signed', 'checker', now() FROM period_signoff");
}

/* `now` is 2026-11-24 in China. */
Test(difference_reverse, of_a_signed_day_is_posted_in_the_day_on_which_it_is_done)
{
    written_off();
    sign_the_day();
    reopened();
    approved_reversal(700, 1);
    cr_expect_str_eq(
        database_refusal(
            database.superuser,
            "INSERT INTO tallygate.adjustment (difference_no, number, account, kind, posted_on, maker, checker, posted_at, reverses)"
            " SELECT difference_no, 2, account, kind, '" DAY
            "', maker, checker, now(), 1 FROM tallygate.adjustment"),
        "23514");
    CHECK_TEXT(execute(MAKER), "moved");
    cr_expect_eq(difference_count("adjustment WHERE number = 1 AND posted_on = '" DAY "'"), 1);
    cr_expect_eq(difference_count("adjustment WHERE number = 2 AND posted_on = '2026-11-24'"), 1);
    is("assigned", -700);
}

/* 7.00 were missing on a day that was signed, and stand on the bill of the day after (decision 0033): short there and long here are nothing together. */
Test(difference_reverse, what_came_on_the_bill_of_a_later_day_is_taken_back_there)
{
    written_off();
    sign_the_day();
    difference_sql("UPDATE tallygate.attempt SET state = 'paid', paid_at = '" DAY "T04:00:00Z',"
                   " provider_trade_no = 'T1', bill_day = '" DAY "'");
    difference_run(2, "2026-11-24", 1);
    difference_result(2, 1,
                      &(struct difference_unit){ .code = "LONG_UNKNOWN",
                                                 .findings = "{DAY_CLOSED}",
                                                 .attempt_no = ATTEMPT,
                                                 .merchant_order_no = ATTEMPT,
                                                 .b_fen = 700 });
    difference_publish(2);
    difference_sql("INSERT INTO tallygate.recon_current VALUES ('main', 'trade', '2026-11-24', 2)");
    cr_expect_eq(difference_count("difference"), 1);
    cr_expect_eq(difference_count("difference_event WHERE event = 'unsettle'"), 1);
    is("open", 700);
    assigned();
    CHECK_TEXT(propose("accept", 0, MAKER), "posted");
    reversed(700, 1);
    cr_expect_eq(difference_count("adjustment WHERE number = 2 AND posted_on = '2026-11-24'"), 1);
    cr_expect_eq(balance("provider_receivable"), 0);
    is("assigned", 700);
    posted("accept", 0);
    difference_publish(2);
    is("resolved", 700);
}

/* A reversal stands in no earlier day than what it takes back: the day was signed when that was posted, and opened again since. */
Test(difference_reverse, stands_in_no_earlier_day_than_what_it_takes_back)
{
    sign_the_day();
    written_off();
    cr_expect_eq(difference_count("adjustment WHERE number = 1 AND posted_on = '2026-11-24'"), 1);
    difference_sql("SET search_path = tallygate;"
                   "INSERT INTO period_reopening VALUES ('main', 'trade', '" DAY
                   "', 1, 1, 'x', 'a', now());"
                   "INSERT INTO period_reopening_end VALUES ('main', 'trade', '" DAY
                   "', 1, 1, 'a', 'opened', 'b', NULL, now());"
                   "UPDATE period_decision SET reopened_request = 1");
    reopened();
    reversed(700, 1);
    cr_expect_eq(difference_count("adjustment WHERE number = 2 AND posted_on = '2026-11-24'"), 1);
}

Test(difference_reverse, a_fee_that_was_accepted_is_taken_back_as_well)
{
    difference_sql("UPDATE tallygate.difference SET family = 'fee', code = 'FEE_AMOUNT',"
                   " codes = '{FEE_AMOUNT}', fee_fen = -25, delta_fen = 0");
    assigned();
    CHECK_TEXT(propose_by("accept_fee", 25, "contract 7", MAKER), "moved");
    CHECK_TEXT(decide_by("approve", "accept_fee", 25, "contract 7", CHECKER), "moved");
    CHECK_TEXT(execute(MAKER), "moved");
    cr_expect_eq(balance("fee"), 25);
    reopened();
    CHECK_TEXT(propose_by("accept_fee", 25, "contract 7", MAKER), "posted");
    reversed(25, 1);
    cr_expect_eq(balance("fee"), 0);
    cr_expect_eq(balance("provider_receivable"), 0);
    CHECK_TEXT(propose_by("accept_fee", 25, "contract 8", MAKER), "moved");
}

#define POST                                                                                                        \
    "INSERT INTO adjustment (difference_no, number, account, kind, posted_on, maker, checker, posted_at, reverses)" \
    " SELECT difference_no, 3, account, kind, posted_on, maker, "
#define ENTER "INSERT INTO adjustment_line SELECT difference_no, 3, line_no, ledger, "

/* Where no statement of ours looks. */
Test(difference_reverse, the_database_itself_wants_it_whole_once_and_by_two_people)
{
    static const struct {
        const char *sql;
        const char *state;
    } refused[] = {
        { POST
          "checker, now(), 1 FROM adjustment; " ENTER
          "credit_fen - sign(credit_fen)::int, debit_fen - sign(debit_fen)::int FROM adjustment_line",
          "23514" }, /* another amount */
        { POST "checker, now(), 1 FROM adjustment; " ENTER
               "debit_fen, credit_fen FROM adjustment_line",
          "23514" }, /* the same sides */
        { POST
          "checker, now(), 1 FROM adjustment; INSERT INTO adjustment_line SELECT difference_no, 3, line_no, replace(ledger, 'loss', 'fee'),"
          " credit_fen, debit_fen FROM adjustment_line",
          "23514" },                                           /* another ledger */
        { POST "checker, now(), 1 FROM adjustment", "23514" }, /* without entries */
        { POST "maker, now(), 1 FROM adjustment", "23514" },   /* one person */
        { POST "checker, now(), 3 FROM adjustment", "23503" }, /* itself */
        { POST "checker, now(), 7 FROM adjustment", "23503" }, /* none */
    };
    static const char *const asked[] = {
        "UPDATE action_request SET reverses = NULL WHERE number = 3",
        "UPDATE action_request SET reverses = 1 WHERE number = 1",
        "UPDATE action_request SET amount_fen = NULL WHERE number = 3",
        "UPDATE action_request SET checker = maker WHERE number = 3",
    };
    written_off();
    reopened();
    CHECK_TEXT(propose("accept", 0, MAKER), "moved");
    CHECK_TEXT(decide("reject", "", 0, CHECKER), "moved"); /* number 2 */
    approved_reversal(700, 1);
    cr_expect_str_eq(
        database_refusal(
            database.app,
            "INSERT INTO adjustment (difference_no, number, account, kind, posted_on, maker, checker, posted_at, reverses)"
            " SELECT difference_no, 2, account, kind, posted_on, maker, checker, now(), 1 FROM adjustment;"
            "INSERT INTO adjustment_line SELECT difference_no, 2, line_no, ledger, credit_fen, debit_fen FROM adjustment_line"),
        "23503", "what nobody proposed");
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        cr_expect_str_eq(database_refusal(database.app, refused[i].sql), refused[i].state, "%s",
                         refused[i].sql);
    }
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        char sql[256];
        (void)snprintf(sql, sizeof(sql), "SET search_path = tallygate; %s", asked[i]);
        cr_expect_str_eq(database_refusal(database.superuser, sql), "23514", "%s", asked[i]);
    }
    CHECK_TEXT(execute(MAKER), "moved");
}

/* Once, and never a reversal, whatever the requests say. */
Test(difference_reverse, the_database_itself_lets_no_posting_be_reversed_twice_nor_a_reversal)
{
    written_off();
    reopened();
    reversed(700, 1);
    cr_expect_str_eq(
        database_refusal(
            database.superuser,
            "SET search_path = tallygate; INSERT INTO action_request SELECT (jsonb_populate_record(a,"
            " '{\"number\": 3, \"idempotency_key\": \"again\"}')).* FROM action_request a WHERE number = 2;"
            "INSERT INTO adjustment (difference_no, number, account, kind, posted_on, maker, checker, posted_at, reverses)"
            " SELECT difference_no, 3, account, kind, posted_on, maker, checker, posted_at, 1 FROM adjustment WHERE number = 2"),
        "23505");
    cr_expect_str_eq(
        database_refusal(
            database.superuser,
            "SET search_path = tallygate; INSERT INTO action_request SELECT (jsonb_populate_record(a,"
            " '{\"number\": 3, \"reverses\": 2, \"idempotency_key\": \"back\"}')).* FROM action_request a WHERE number = 2"),
        "23503");
    cr_expect_str_eq(
        database_refusal(
            database.app,
            "INSERT INTO adjustment_line SELECT difference_no, number, line_no + 2, ledger, debit_fen, credit_fen"
            " FROM adjustment_line WHERE number = 1"),
        "23514", "to what is reversed nothing is added");
}
