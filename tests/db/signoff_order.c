/* SPDX-License-Identifier: Apache-2.0 */
/* Days of an account are signed in their order (decision 0045). */
#include "signoff_house.h"

TestSuite(signoff_order, .init = open_database, .fini = close_database);

/* A run of another day, of that kind of bill, that counts and ties at nothing. */
static void
run_of(int day, const char *account, const char *kind)
{
    char sql[1024];
    (void)snprintf(
        sql, sizeof(sql),
        "SET search_path = tallygate;"
        "INSERT INTO recon_run OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::recon_run,"
        " (SELECT jsonb_object_agg(column_name, 0) FROM information_schema.columns"
        "   WHERE table_schema = 'tallygate' AND table_name = 'recon_run' AND data_type = 'bigint')"
        " || jsonb_build_object('account', '%s', 'provider', 'alipay', 'kind', '%s', 'bill_day', '2026-11-%d', 'version', 1,"
        "  'run_id', (SELECT 100 + count(*) FROM recon_run), 'input_hash', '\\x' || repeat('00', 32), 'file_id', NULL, 'state', 'complete',"
        "  'codes', CASE '%s' WHEN 'deposits' THEN '{}' ELSE '{FILE_NONE_OK}' END::text[], 'as_of', now(), 'cutoff_east_min', 480, 'program', 'test'))).*;"
        "INSERT INTO recon_current SELECT account, kind, bill_day, run_id FROM recon_run ORDER BY run_id DESC LIMIT 1",
        account, kind, day, kind);
    database_sql(&database, sql);
}

static void
sign_day(int day)
{
    mday = day;
    sign_all();
}

Test(signoff_order, days_are_signed_in_their_order)
{
    run_of(22, "main", "trade");
    run_of(20, "main", "trade");
    CHECK_TEXT(find("hindrances"), "earlier/2026-11-20");
    CHECK_TEXT(decide(STATEMENT_period_prepare, content_hash(), MAKER), "hindered");
    CHECK_TEXT(db_row_text(rows, 0, "hindrances"), "earlier/2026-11-20");
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM period_signoff"), 0);
    sign_day(20);
    mday = 23;
    CHECK_TEXT(find("hindrances"), "earlier/2026-11-22");
    sign_day(22);
    sign_day(23);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM period_decision"), 3);
}

/* Its bill did not come, or was not believed: it is not passed over. */
Test(signoff_order, a_day_that_was_due_is_waited_for)
{
    static const char *const states[] = { "'waiting', '{}', now()", "'waiting', '{}', NULL",
                                          "'blocked', '{FILE_ENCODING}', NULL" };
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        char sql[256];
        (void)snprintf(
            sql, sizeof(sql),
            "DELETE FROM tallygate.recon_day;"
            "INSERT INTO tallygate.recon_day (account, kind, bill_day, state, codes, next_at, changed_at)"
            " VALUES ('main', 'trade', '2026-11-21', %s, now())",
            states[i]);
        database_sql(&database, sql);
        CHECK_TEXT(find("hindrances"), "earlier/2026-11-21");
    }
    mday = 21;
    CHECK_TEXT(find("hindrances"), "no_run/ bill/FILE_ENCODING");
    run_of(21, "main", "trade");
    database_sql(&database, "UPDATE tallygate.recon_day SET state = 'done', codes = '{}'");
    sign_all();
    sign_day(23);
}

/* It came between the two people. */
Test(signoff_order, an_earlier_day_that_comes_up_stops_whoever_signs)
{
    struct span hash = content_hash();
    CHECK_TEXT(decide(STATEMENT_period_prepare, hash, MAKER), "prepared");
    run_of(22, "main", "trade");
    CHECK_TEXT(decide(STATEMENT_period_sign, hash, CHECKER), "hindered");
    CHECK_TEXT(db_row_text(rows, 0, "hindrances"), "earlier/2026-11-22");
    sign_day(22);
    mday = 23;
    CHECK_TEXT(decide(STATEMENT_period_sign, hash, CHECKER), "signed");
}

Test(signoff_order, other_accounts_days_of_the_bank_and_later_days_hold_up_nothing)
{
    run_of(22, "other", "trade");
    run_of(22, "main", "deposits");
    run_of(24, "main", "trade");
    CHECK_TEXT(find("hindrances"), "");
    sign_all();
}

/* What was signed behind it stays, and it is signed once more; until then nothing new is. */
Test(signoff_order, a_day_that_was_opened_again_holds_up_those_that_are_not_signed_yet)
{
    run_of(22, "main", "trade");
    run_of(24, "main", "trade");
    sign_day(22);
    sign_day(23);
    mday = 22;
    struct span hash = signed_hash();
    CHECK_TEXT(ask_to_open(hash, "the bill was wrong", MAKER), "asked");
    CHECK_TEXT(decide(STATEMENT_period_open, hash, CHECKER), "opened");
    mday = 24;
    CHECK_TEXT(find("hindrances"), "earlier/2026-11-22");
    mday = 23;
    CHECK_TEXT(find("state"), "signed");
    sign_day(22);
    sign_day(24);
}
