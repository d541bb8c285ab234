/* SPDX-License-Identifier: Apache-2.0 */
/* What two people decide to post of a difference: once, balanced, in an open day. */
#include "difference_people.h"

static void
open_house(void)
{
    difference_house_open();
    difference_day(
        1, 1,
        &(struct difference_unit){ .code = "SHORT_PAY", .attempt_no = ATTEMPT, .p_fen = 56000 });
    people_open();
}

TestSuite(difference_post, .init = open_house, .fini = people_close);

static void
approved_posting(const char *kind, int64_t delta_fen)
{
    int64_t fen = delta_fen < 0 ? -delta_fen : delta_fen;
    difference_sql("UPDATE tallygate.difference SET delta_fen = %lld", (long long)delta_fen);
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    CHECK_TEXT(propose(kind, fen, MAKER), "moved");
    CHECK_TEXT(decide("approve", kind, fen, CHECKER), "moved");
}

static int64_t
entries(const char *debit, const char *credit, int64_t fen)
{
    return difference_count(
        "adjustment_line d JOIN tallygate.adjustment_line c USING (difference_no, number)"
        " WHERE d.ledger = '%s' AND d.debit_fen = %lld AND c.ledger = '%s'"
        " AND c.credit_fen = %lld",
        debit, (long long)fen, credit, (long long)fen);
}

/* Short: the provider holds less than our books say. */
Test(difference_post, what_is_written_off_is_posted_once_by_many_at_once_and_balances)
{
    const char *arguments[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        arguments[i] = "'finance', '{}', now()";
    }
    approved_posting("write_off", -700);
    cr_expect_eq(people_race(STATEMENT_action_execute, arguments, CALLERS, "moved"), 1);
    CHECK_TEXT(execute(MAKER), "moved");
    cr_expect_eq(difference_count("adjustment WHERE posted_on = '" DAY "' AND account = 'main'"
                                  " AND maker = '" MAKER "' AND checker = '" CHECKER "'"),
                 1);
    cr_expect_eq(difference_count("adjustment_line"), 2);
    cr_expect_eq(entries("loss", "provider_receivable", 700), 1);
    cr_expect_eq(difference_count("difference WHERE state = 'resolved'"), 1);
    cr_expect_eq(difference_count("action_request WHERE state = 'done' AND kind = 'write_off'"), 1);
    cr_expect_eq(difference_count("refund"), 0);
    cr_expect_eq(difference_count("attempt WHERE refund_reserved_fen <> 0"), 0);
}

static void
reopen(void)
{
    CHECK_TEXT(move("close", MAKER, "{}", NULL), "moved");
    CHECK_TEXT(move("reopen", MAKER, "{}", NULL), "moved");
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
}

/* What the provider holds for us is corrected once; from then on it goes from ledger to ledger. */
Test(difference_post, what_is_carried_in_suspense_can_be_written_off_and_nothing_is_posted_twice)
{
    approved_posting("adjust", 700);
    CHECK_TEXT(execute(MAKER), "moved");
    cr_expect_eq(entries("provider_receivable", "suspense", 700), 1);
    reopen();
    CHECK_TEXT(propose("adjust", 700, MAKER), "posted");
    difference_sql("UPDATE tallygate.difference SET delta_fen = -700");
    CHECK_TEXT(propose("write_off", 700, MAKER), "posted");
    approved_posting("write_off", 700);
    CHECK_TEXT(execute(MAKER), "moved");
    cr_expect_eq(entries("suspense", "gain", 700), 1);
    cr_expect_eq(difference_count("adjustment_line WHERE ledger = 'provider_receivable'"), 1);
    reopen();
    CHECK_TEXT(propose("write_off", 700, MAKER), "posted");
}

Test(difference_post, all_of_a_difference_is_posted_or_nothing)
{
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    difference_sql("UPDATE tallygate.difference SET delta_fen = 0"); /* its money ties */
    CHECK_TEXT(propose("write_off", 1, MAKER), "action");
    difference_sql("UPDATE tallygate.difference SET delta_fen = -700");
    CHECK_TEXT(propose("write_off", 699, MAKER), "action");
    CHECK_TEXT(propose("adjust", 701, MAKER), "action");
    CHECK_TEXT(propose("write_off", 700, MAKER), "moved");
    CHECK_TEXT(decide("approve", "adjust", 700, CHECKER), "changed");
    CHECK_TEXT(decide("approve", "write_off", 700, MAKER), "same_person");
    CHECK_TEXT(decide("approve", "write_off", 700, CHECKER), "moved");
    difference_sql("UPDATE tallygate.difference SET delta_fen = -701");
    cr_expect_neq(span_eq_cstr(execute(MAKER), "moved"), true);
    cr_expect_eq(difference_count("adjustment"), 0);
}

static void
sign_the_day(void)
{
    difference_sql(
        "SET search_path = tallygate; INSERT INTO recon_current VALUES ('main', 'trade', '" DAY
        "', 1);"
        "INSERT INTO period_signoff VALUES ('main', 'trade', '" DAY
        "', 1, 1, 'x', sha256('x'), 'finance', now());"
        "INSERT INTO period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, decided_at)"
        " SELECT account, kind, bill_day, number, run_id, prepared_by, 'signed', 'checker', now() FROM period_signoff");
}

/* `now` is 2026-11-24 in China. */
Test(difference_post, of_a_signed_day_it_is_posted_in_the_day_on_which_it_is_done)
{
    approved_posting("write_off", 700); /* the provider holds too much */
    sign_the_day();
    CHECK_TEXT(execute(MAKER), "moved");
    cr_expect_eq(difference_count("adjustment WHERE posted_on = '2026-11-24'"), 1);
    cr_expect_eq(entries("provider_receivable", "gain", 700), 1);
    cr_expect_str_eq(
        database_refusal(database.superuser,
                         "INSERT INTO tallygate.adjustment SELECT difference_no, 9, account, kind,"
                         " '" DAY "', maker, checker, now() FROM tallygate.adjustment"),
        "23514");
}

/* Invariant 32, where no statement of ours looks. */
Test(difference_post, the_database_itself_wants_every_adjustment_to_balance)
{
    static const struct {
        const char *sql;
        const char *state;
    } refused[] = {
        { "UPDATE adjustment_line SET debit_fen = 1", "42501" },
        { "DELETE FROM adjustment", "42501" },
        { "INSERT INTO adjustment_line SELECT difference_no, number, 3, 'loss', 1, 0 FROM adjustment",
          "23514" },
        { "INSERT INTO adjustment_line SELECT difference_no, number, 3, 'loss', 1, 1 FROM adjustment",
          "23514" },
        { "INSERT INTO adjustment_line SELECT difference_no, number, 3, 'cash', 1, 0 FROM adjustment",
          "23514" },
    };
    approved_posting("adjust", -700);
    cr_expect_str_eq(
        database_refusal(
            database.app,
            "INSERT INTO adjustment SELECT difference_no, number, 'main', 'trade', '" DAY
            "', maker, checker, now() FROM action_request"),
        "23514", "one without entries");
    cr_expect_str_eq(
        database_refusal(
            database.app,
            "INSERT INTO adjustment SELECT difference_no, number, 'main', 'trade', '" DAY
            "', maker, maker, now() FROM action_request"),
        "23514", "one of one person");
    CHECK_TEXT(execute(MAKER), "moved");
    cr_expect_eq(entries("suspense", "provider_receivable", 700), 1);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        cr_expect_str_eq(database_refusal(database.app, refused[i].sql), refused[i].state, "%s",
                         refused[i].sql);
    }
}
