/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate says comes from the rows of its run alone. */
#include "recon_house.h"

static struct db_rows *rows;

static void
open_database(void)
{
    database_open(&database);
    recon_house_bill("ab");
    recon_house_run(1, "{INV_TITLE}", "OUT_OF_SCOPE");
    database_sql(&database,
                 "INSERT INTO tallygate.recon_current VALUES ('main', 'trade', '2026-11-23', 1)");
}

static void
close_database(void)
{
    db_rows_free(&rows);
    database_close(&database);
}

TestSuite(certificate, .init = open_database, .fini = close_database);

static size_t
load(int64_t version)
{
    struct db_params params;
    db_rows_free(&rows);
    rows = NULL;
    db_params_init(&params, database.arena);
    db_cstr(&params, "main");
    db_cstr(&params, "trade");
    db_day(&params, (struct day){ 2026, 11, 23 });
    db_i64(&params, version);
    enum err err = db_session_run(database.session, STATEMENT_certificate_run, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    return db_rows_count(rows);
}

/* The hashes were made by another program over the rows as tallygate(8) describes them. */
Test(certificate, each_hash_is_that_of_the_rows_as_they_are_documented)
{
    cr_assert_eq(load(0), 1);
    CHECK_TEXT(db_row_text(rows, 0, "lines_sha256"),
               "51325d0d363b24f226808dbc153e4b7603e9011a56067b2f3090e895a3caff35");
    CHECK_TEXT(db_row_text(rows, 0, "population_sha256"),
               "8593cd495c30566f18b42532c8aab0be51efdf4ac26d8c6385568b0f7c23a061");
    CHECK_TEXT(db_row_text(rows, 0, "refunds_sha256"),
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_TEXT(db_row_text(rows, 0, "results_sha256"),
               "6269000e802b802cd0d57a838372270bfd71e31ae276642e0d4c3693a76eddc3");
    CHECK_TEXT(db_row_text(rows, 0, "trailer"), "[2,8850]");
    CHECK_TEXT(db_row_text(rows, 0, "bill_origin"), "download");
    cr_expect(db_row_null(rows, 0, "signed_by"));
}

Test(certificate, names_a_bill_that_a_person_brought_and_nothing_proves)
{
    database_sql(&database, "UPDATE tallygate.recon_run SET codes = '{FILE_EDITED}'"
                            " WHERE bill_day = '2026-11-23' AND state = 'complete'");
    cr_assert_eq(load(0), 1);
    CHECK_TEXT(db_row_text(rows, 0, "bill_origin"), "FILE_EDITED");
}

Test(certificate, a_later_run_changes_nothing_in_that_of_an_earlier_version)
{
    recon_house_run(2, "{}", "LONG_UNKNOWN");
    database_sql(&database, "UPDATE tallygate.recon_current SET run_id = 2");
    cr_assert_eq(load(1), 1);
    CHECK_TEXT(db_row_text(rows, 0, "results_sha256"),
               "6269000e802b802cd0d57a838372270bfd71e31ae276642e0d4c3693a76eddc3");
    cr_assert_eq(load(0), 1);
    cr_expect_eq(db_row_i64(rows, 0, "version"), 2);
    cr_expect_not(span_eq_cstr(db_row_text(rows, 0, "results_sha256"),
                               "6269000e802b802cd0d57a838372270bfd71e31ae276642e0d4c3693a76eddc3"));
    cr_expect_eq(load(3), 0);
}

Test(certificate, the_two_people_stand_on_that_of_the_signed_run)
{
    database_sql(&database,
                 "SET search_path = tallygate;"
                 "INSERT INTO period_signoff SELECT account, kind, bill_day, 1, run_id, 'x', "
                 "sha256('x'), 'finance', now() FROM recon_current;"
                 "INSERT INTO period_decision (account, kind, bill_day, number, run_id, "
                 "prepared_by, decision, decided_by, decided_at) SELECT account, kind, bill_day, "
                 "1, run_id, 'finance', 'signed', 'checker', now() FROM recon_current");
    recon_house_run(2, "{}", "LONG_UNKNOWN");
    cr_assert_eq(load(1), 1);
    CHECK_TEXT(db_row_text(rows, 0, "prepared_by"), "finance");
    CHECK_TEXT(db_row_text(rows, 0, "signed_by"), "checker");
    cr_expect(db_row_null(rows, 0, "reopened_at"));
    cr_assert_eq(load(2), 1);
    cr_expect(db_row_null(rows, 0, "signed_by"));
}

/* The same text byte for byte, so that what was signed is given again; beside it stands that it was superseded. */
Test(certificate, of_a_signature_that_was_taken_back_says_what_it_said)
{
    database_sql(
        &database,
        "SET search_path = tallygate;"
        "INSERT INTO period_signoff SELECT account, kind, bill_day, 1, run_id, 'x', sha256('x'), 'finance', now() FROM recon_current;"
        "INSERT INTO period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, decided_at)"
        " SELECT account, kind, bill_day, 1, run_id, 'finance', 'signed', 'checker', '2026-11-24T04:00:00Z' FROM recon_current;"
        "INSERT INTO period_reopening SELECT account, kind, bill_day, 1, 1, 'r', 'finance', now() FROM recon_current;"
        "INSERT INTO period_reopening_end (account, kind, bill_day, number, request, asked_by, outcome, ended_by, ended_at)"
        " SELECT account, kind, bill_day, 1, 1, 'finance', 'opened', 'checker', '2026-11-25T04:00:00Z' FROM recon_current;"
        "UPDATE period_decision SET reopened_request = 1");
    recon_house_run(2, "{}", "LONG_UNKNOWN");
    database_sql(&database, "UPDATE tallygate.recon_current SET run_id = 2");
    cr_assert_eq(load(1), 1);
    CHECK_TEXT(db_row_text(rows, 0, "prepared_by"), "finance");
    CHECK_TEXT(db_row_text(rows, 0, "signed_by"), "checker");
    cr_expect_eq(db_row_time(rows, 0, "signed_at").us, INT64_C(1795492800000000));
    cr_expect_eq(db_row_time(rows, 0, "reopened_at").us, INT64_C(1795579200000000));
    cr_assert_eq(load(0), 1);
    cr_expect_eq(db_row_i64(rows, 0, "version"), 2);
    cr_expect(db_row_null(rows, 0, "signed_by"), "the new run is signed by nobody");
}

/* What was signed is kept, and nobody of the service changes it. */
Test(certificate, what_was_signed_is_not_changed)
{
    CHECK_TEXT(span_of(database_refusal(
                   database.app, "INSERT INTO tallygate.certificate VALUES (1, sha256('y'), 'k', "
                                 "'s', 'x', now())")),
               "23514");
    CHECK_TEXT(span_of(database_refusal(
                   database.app, "INSERT INTO tallygate.certificate VALUES (1, sha256('x'), 'k', "
                                 "'s', 'x', now())")),
               "");
    CHECK_TEXT(
        span_of(database_refusal(database.app, "UPDATE tallygate.certificate SET signature = 't'")),
        "42501");
    CHECK_TEXT(span_of(database_refusal(database.app, "DELETE FROM tallygate.certificate")),
               "42501");
}
