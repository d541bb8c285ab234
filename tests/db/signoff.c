/* SPDX-License-Identifier: Apache-2.0 */
/* A day is signed by two people, and from then on the database itself holds the run in its place. */
#include "signoff_house.h"

TestSuite(signoff, .init = open_database, .fini = close_database);

Test(signoff, text_holds_the_run_its_sums_and_every_difference_by_name)
{
    CHECK_TEXT(
        find("content"),
        "tallygate sign-off 1\naccount \"main\"\nkind \"trade\"\nday 2026-11-23\nversion 1\n"
        "input 0101010101010101010101010101010101010101010101010101010101010101\n"
        "bill abababababababababababababababababababababababababababababababab\n"
        "bill_total 2 8850\nbooks_total 1 8800\nlong 1 50\nshort 0 0\nunexplained 0\n"
        "difference aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa INV_TITLE 3 0 open [\"\", \"O-1\", \"5\", \"\", \"2026\", \"M\", \"\"]\n");
    CHECK_TEXT(find("state"), "open");
    CHECK_TEXT(find("hindrances"), "");
}

Test(signoff, two_people_sign_what_both_were_shown)
{
    struct span hash = content_hash();
    CHECK_TEXT(decide(STATEMENT_period_sign, hash, CHECKER), "nothing");
    CHECK_TEXT(decide(STATEMENT_period_prepare, SPAN_LIT("another"), MAKER), "changed");
    CHECK_TEXT(decide(STATEMENT_period_prepare, hash, MAKER), "prepared");
    CHECK_TEXT(decide(STATEMENT_period_prepare, hash, MAKER), "prepared");
    CHECK_TEXT(decide(STATEMENT_period_prepare, hash, "other"), "waiting");
    CHECK_TEXT(find("state"), "prepared");
    CHECK_TEXT(decide(STATEMENT_period_sign, hash, MAKER), "same_person");
    CHECK_TEXT(decide(STATEMENT_period_sign, SPAN_LIT("another"), CHECKER), "changed");
    CHECK_TEXT(decide(STATEMENT_period_sign, hash, CHECKER), "signed");
    CHECK_TEXT(decide(STATEMENT_period_sign, hash, CHECKER), "signed");
    CHECK_TEXT(decide(STATEMENT_period_sign, hash, "third"), "nothing");
    CHECK_TEXT(decide(STATEMENT_period_prepare, hash, MAKER), "signed");
    CHECK_TEXT(withdraw(MAKER), "signed");
    CHECK_TEXT(find("signed_by"), CHECKER);
    CHECK_TEXT(find("prepared_by"), MAKER);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM period_decision"), 1);
}

/* Whatever statement somebody writes. */
Test(signoff, the_database_refuses_the_same_person_and_a_second_signature)
{
    struct span hash = content_hash();
    CHECK_TEXT(decide(STATEMENT_period_prepare, hash, MAKER), "prepared");
    static const char insert[] =
        "INSERT INTO tallygate.period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, decided_at)"
        " VALUES ('main', 'trade', '2026-11-23', 1, 1, '%s', 'signed', '" MAKER "', now())";
    char sql[1024];
    (void)snprintf(sql, sizeof(sql), insert, MAKER);
    CHECK_TEXT(span_of(database_refusal(database.app, sql)), "23514"); /* two people */
    (void)snprintf(sql, sizeof(sql), insert, "somebody else");
    CHECK_TEXT(span_of(database_refusal(database.app, sql)), "23503"); /* nobody else prepared it */
    CHECK_TEXT(decide(STATEMENT_period_sign, hash, CHECKER), "signed");
    CHECK_TEXT(span_of(database_refusal(
                   database.app, "UPDATE tallygate.period_decision SET decision = 'withdrawn'")),
               "42501");
    CHECK_TEXT(span_of(database_refusal(database.app, "DELETE FROM tallygate.period_decision")),
               "42501");
    CHECK_TEXT(
        span_of(database_refusal(database.app, "UPDATE tallygate.period_signoff SET content = ''")),
        "42501");
}

/* Not even its owner moves the pointer. */
Test(signoff, the_run_of_a_signed_day_stands_whoever_tries)
{
    static const char move[] = "UPDATE tallygate.recon_current SET run_id = 2 WHERE " DAY;
    recon_house_run(2, "{}", "OUT_OF_SCOPE");
    sign_all();
    CHECK_TEXT(span_of(database_refusal(database.superuser, move)), "23503");
    CHECK_TEXT(span_of(database_refusal(database.superuser,
                                        "DELETE FROM tallygate.recon_current WHERE " DAY)),
               "23503");
    CHECK_TEXT(span_of(database_refusal(
                   database.superuser, "UPDATE tallygate.recon_current SET run_id = 1 WHERE " DAY)),
               ""); /* the same */
    cr_expect_eq(database_number(&database, "SELECT run_id FROM recon_current"), 1);
}

Test(signoff, an_open_day_moves_on_and_what_was_prepared_counts_for_nothing)
{
    struct span hash = content_hash();
    CHECK_TEXT(decide(STATEMENT_period_prepare, hash, MAKER), "prepared");
    recon_house_run(2, "{}", "OUT_OF_SCOPE");
    CHECK_TEXT(span_of(database_refusal(
                   database.superuser, "UPDATE tallygate.recon_current SET run_id = 2 WHERE " DAY)),
               "");
    CHECK_TEXT(find("state"), "open");
    CHECK_TEXT(decide(STATEMENT_period_sign, hash, CHECKER), "changed");
    struct span anew = content_hash();
    CHECK_TEXT(decide(STATEMENT_period_prepare, anew, MAKER), "prepared");
    CHECK_TEXT(decide(STATEMENT_period_sign, anew, CHECKER), "signed");
    cr_expect_eq(database_number(&database, "SELECT signed_run_id FROM period_decision"), 2);
}

Test(signoff, what_was_prepared_may_be_taken_back)
{
    struct span hash = content_hash();
    CHECK_TEXT(withdraw(MAKER), "nothing");
    CHECK_TEXT(decide(STATEMENT_period_prepare, hash, MAKER), "prepared");
    CHECK_TEXT(withdraw(CHECKER), "withdrawn");
    CHECK_TEXT(withdraw(CHECKER), "withdrawn");
    CHECK_TEXT(decide(STATEMENT_period_sign, hash, CHECKER), "nothing");
    CHECK_TEXT(find("state"), "open");
    sign_all();
    cr_expect_eq(
        database_number(&database, "SELECT number FROM period_decision WHERE decision = 'signed'"),
        2);
}

Test(signoff, what_hinders_is_named)
{
    differ('b', "ORD_PRICE", 1, "assigned", "finance");
    differ('c', "LONG_UNKNOWN", 2, "open", "");
    differ('d', "ORD_MISSING", 2, "assigned", "finance");
    CHECK_TEXT(find("hindrances"), "severe/ORD_PRICE unassigned/LONG_UNKNOWN");
    CHECK_TEXT(decide(STATEMENT_period_prepare, content_hash(), MAKER), "hindered");
    CHECK_TEXT(db_row_text(rows, 0, "hindrances"), "severe/ORD_PRICE unassigned/LONG_UNKNOWN");
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM period_signoff"), 0);
}

/* A loss of 7.00 is posted of what the run no longer shows: the books count the money twice, and whoever signs reads it. */
Test(signoff, a_posting_that_is_to_be_reversed_stands_with_its_difference)
{
    differ('b', "SHORT_PAY", 1, "resolved", "finance");
    database_sql(
        &database,
        "BEGIN; SET search_path = tallygate;"
        "INSERT INTO action_request (difference_no, number, kind, amount_fen, reason, maker, checker, state, idempotency_key, proposed_at,"
        " decided_at, executed_at) VALUES (repeat('b', 32), 1, 'write_off', 700, 'x', 'finance', 'checker', 'done', 'k', now(), now(), now());"
        "INSERT INTO adjustment (difference_no, number, account, kind, posted_on, maker, checker, posted_at)"
        " VALUES (repeat('b', 32), 1, 'main', 'trade', '2026-11-23', 'finance', 'checker', now());"
        "INSERT INTO adjustment_line VALUES (repeat('b', 32), 1, 1, 'provider_receivable', 0, 700),"
        " (repeat('b', 32), 1, 2, 'loss', 700, 0); COMMIT");
    CHECK_TEXT(find("hindrances"), "");
    cr_expect_eq(span_find(find("content"), SPAN_LIT("SHORT_PAY")), find("content").len);
    database_sql(&database, "UPDATE tallygate.difference SET state = 'open' WHERE severity = 1");
    CHECK_TEXT(find("hindrances"), "severe/SHORT_PAY");
    struct span content = find("content");
    cr_expect_lt(
        span_find(
            content,
            SPAN_LIT(
                "\ndifference bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb SHORT_PAY 1 0 open "
                "[\"finance\", \"O-1\", \"5\", \"\", \"2026\", \"M\", \"\"] to_reverse 1 700\n")),
        content.len, "%.*s", SPAN_ARG(content));
    database_sql(&database, "UPDATE tallygate.difference SET delta_fen = -700 WHERE severity = 1");
    content = find("content");
    cr_expect_eq(span_find(content, SPAN_LIT("to_reverse")), content.len);
}

/* What became of a difference in between shows in the text. */
Test(signoff, settled_and_assigned_differences_do_not_hinder)
{
    differ('b', "ORD_PRICE", 1, "closed", "finance");
    differ('c', "LONG_UNKNOWN", 2, "open", "");
    struct span before = content_hash();
    database_sql(
        &database,
        "UPDATE tallygate.difference SET state = 'assigned', assignee = 'finance' WHERE code = 'LONG_UNKNOWN'");
    CHECK_TEXT(find("hindrances"), "");
    CHECK_TEXT(decide(STATEMENT_period_prepare, before, MAKER), "changed");
    sign_all();
}

Test(signoff, a_day_without_a_run_cannot_be_signed)
{
    database_sql(&database, "DELETE FROM tallygate.recon_current");
    CHECK_TEXT(find("hindrances"), "no_run/");
    cr_expect(db_row_null(rows, 0, "content"));
    CHECK_TEXT(decide(STATEMENT_period_prepare, SPAN_LIT("x"), MAKER), "hindered");
}

/* It came between the two people. */
Test(signoff, a_bill_that_the_run_did_not_read_hinders)
{
    struct span hash = content_hash();
    CHECK_TEXT(decide(STATEMENT_period_prepare, hash, MAKER), "prepared");
    recon_house_bill("cd");
    CHECK_TEXT(find("hindrances"), "bill/");
    database_sql(
        &database,
        "INSERT INTO tallygate.recon_day (account, kind, bill_day, state, codes, next_at, changed_at)"
        " VALUES ('main', 'trade', '2026-11-23', 'blocked', '{FILE_TRAILER_SUM}', NULL, now())");
    CHECK_TEXT(find("hindrances"), "bill/ bill/FILE_TRAILER_SUM");
    CHECK_TEXT(decide(STATEMENT_period_sign, hash, CHECKER), "hindered");
    database_sql(&database,
                 "UPDATE tallygate.recon_day SET state = 'stale', codes = '{}', next_at = now()");
    CHECK_TEXT(find("hindrances"), "bill/ bill/DAY_STALE");
}

/* What a person brought counts when another one has approved it, and not before. */
Test(signoff, a_bill_that_waits_for_approval_hinders_nothing)
{
    database_sql(
        &database,
        "SET search_path = tallygate;"
        "INSERT INTO bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " VALUES ('main', 'trade', '2026-11-23', repeat('cd', 32), 9, 'upload', now());"
        "INSERT INTO bill_upload (file_id, proved, pay_count, pay_fen, refund_count, refund_fen, reason, state,"
        " uploaded_by, uploaded_at) SELECT file_id, false, 0, 0, 0, 0, 'r', 'waiting', 'finance', now()"
        " FROM bill_file WHERE origin = 'upload'");
    CHECK_TEXT(find("hindrances"), "");
    database_sql(
        &database,
        "UPDATE tallygate.bill_upload SET state = 'approved', decided_by = 'checker',"
        " decided_at = now(), after_fetch_id = (SELECT max(fetch_id) FROM tallygate.bill_fetch)");
    CHECK_TEXT(find("hindrances"), "bill/");
}

Test(signoff, a_signed_day_is_opened_by_two_people_who_were_shown_what_was_signed)
{
    CHECK_TEXT(ask_to_open(content_hash(), "the bill was wrong", MAKER), "open");
    CHECK_TEXT(decide(STATEMENT_period_open, content_hash(), CHECKER), "open");
    sign_all();
    struct span hash = signed_hash();
    CHECK_TEXT(decide(STATEMENT_period_open, hash, CHECKER), "nothing");
    CHECK_TEXT(ask_to_open(SPAN_LIT("another"), "the bill was wrong", MAKER), "changed");
    CHECK_TEXT(ask_to_open(hash, "the bill was wrong", MAKER), "asked");
    CHECK_TEXT(ask_to_open(hash, "the bill was wrong", MAKER), "asked");
    CHECK_TEXT(ask_to_open(hash, "another reason", "other"), "waiting");
    CHECK_TEXT(find("reopening_by"), MAKER);
    CHECK_TEXT(db_row_text(rows, 0, "reopening_reason"), "the bill was wrong");
    CHECK_TEXT(decide(STATEMENT_period_open, hash, MAKER), "same_person");
    CHECK_TEXT(decide(STATEMENT_period_open, SPAN_LIT("another"), CHECKER), "changed");
    CHECK_TEXT(find("state"), "signed");
    CHECK_TEXT(decide(STATEMENT_period_open, hash, CHECKER), "opened");
    CHECK_TEXT(decide(STATEMENT_period_open, hash, CHECKER), "opened");
    CHECK_TEXT(find("state"), "open");
    cr_expect(db_row_null(rows, 0, "signed_by") && db_row_null(rows, 0, "reopening_by"));
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM period_reopening"), 1);
}

Test(signoff, a_wish_to_open_may_be_taken_back)
{
    sign_all();
    struct span hash = signed_hash();
    CHECK_TEXT(ask_to_open(hash, "the bill was wrong", MAKER), "asked");
    CHECK_TEXT(withdraw(CHECKER), "withdrawn");
    CHECK_TEXT(withdraw(CHECKER), "withdrawn");
    CHECK_TEXT(decide(STATEMENT_period_open, hash, CHECKER), "nothing");
    CHECK_TEXT(withdraw(MAKER), "signed");
    CHECK_TEXT(find("state"), "signed");
    CHECK_TEXT(ask_to_open(hash, "the bill was wrong", MAKER), "asked");
    CHECK_TEXT(decide(STATEMENT_period_open, hash, CHECKER), "opened");
    cr_expect_eq(database_number(&database, "SELECT reopened_request FROM period_decision"), 2);
}

/* The pointer moves again, the old signature is told, and two people sign the new run. */
Test(signoff, a_day_that_was_opened_again_is_signed_again)
{
    sign_all();
    struct span hash = signed_hash();
    CHECK_TEXT(db_row_text(rows, 0, "reopened"), "[]");
    CHECK_TEXT(ask_to_open(hash, "the bill was wrong", MAKER), "asked");
    CHECK_TEXT(decide(STATEMENT_period_open, hash, CHECKER), "opened");
    CHECK_TEXT(find("state"), "open");
    struct span told = db_row_text(rows, 0, "reopened");
    static const char *const parts[] = { "\"version\" : 1",
                                         "\"prepared_by\" : \"finance\"",
                                         "\"signed_by\" : \"checker\"",
                                         "\"asked_by\" : \"finance\"",
                                         "\"opened_by\" : \"checker\"",
                                         "\"opened_at\" : \"2026-11-24T02:30:00.000Z\"",
                                         "\"reason\" : \"the bill was wrong\"" };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        cr_expect_lt(span_find(told, span_of(parts[i])), told.len, "%s", parts[i]);
    }
    CHECK_TEXT(withdraw(MAKER), "nothing");
    recon_house_run(2, "{}", "OUT_OF_SCOPE");
    database_sql(&database, "UPDATE tallygate.recon_current SET run_id = 2");
    sign_all();
    CHECK_TEXT(find("state"), "signed");
    cr_expect_eq(db_row_i64(rows, 0, "version"), 2);
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM period_decision WHERE decision = 'signed'"),
                 2);
    cr_expect_str_eq(database_refusal(database.superuser, "DELETE FROM tallygate.recon_current"),
                     "23503");
}

/* Where no statement of ours looks: who may not, what is not there, and what has an end already. */
Test(signoff, the_database_itself_wants_two_people_to_open_a_day)
{
    static const char end[] =
        "INSERT INTO tallygate.period_reopening_end (account, kind, bill_day, number, request, asked_by, outcome, ended_by, ended_at)"
        " VALUES ('main', 'trade', '2026-11-23', 1, 1, '%s', 'opened', '%s', now())";
    static const struct {
        const char *sql;
        const char *state;
    } refused[] = {
        { "UPDATE tallygate.period_decision SET decided_by = 'other'", "42501" },
        { "UPDATE tallygate.period_decision SET run_id = 1", "42501" },
        { "DELETE FROM tallygate.period_decision", "42501" },
        { "UPDATE tallygate.period_reopening SET asked_by = 'other'", "42501" },
        { "DELETE FROM tallygate.period_reopening_end", "42501" },
        { "UPDATE tallygate.period_decision SET reopened_request = 1", "23503" },
    };
    char sql[512];
    sign_all();
    struct span hash = signed_hash();
    CHECK_TEXT(ask_to_open(hash, "the bill was wrong", MAKER), "asked");
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        cr_expect_str_eq(database_refusal(database.app, refused[i].sql), refused[i].state, "%s",
                         refused[i].sql);
    }
    (void)snprintf(sql, sizeof(sql), end, MAKER, MAKER);
    cr_expect_str_eq(database_refusal(database.app, sql), "23514", "one person");
    (void)snprintf(sql, sizeof(sql), end, "nobody", CHECKER);
    cr_expect_str_eq(database_refusal(database.app, sql), "23503", "who never asked");
    CHECK_TEXT(decide(STATEMENT_period_open, hash, CHECKER), "opened");
    cr_expect_str_eq(
        database_refusal(database.superuser,
                         "UPDATE tallygate.period_decision SET reopened_request = NULL"),
        "23514", "what was taken back is not given back");
}
