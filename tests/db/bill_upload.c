/* SPDX-License-Identifier: Apache-2.0 */
/* Bills that people bring: two people, and which file of a day counts. */
#include <stdio.h>

#include "check.h"
#include "database.h"

#define DAY     ((struct day){ 2026, 3, 9 })
#define BROUGHT "abababababababababababababababababababababababababababababababab"
#define GIVEN   "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
#define SHA1    "0123456789abcdef0123456789abcdef01234567"

static struct database database;
static struct db_rows *rows;

static void
open_database(void)
{
    database_open(&database);
}

static void
close_database(void)
{
    db_rows_free(&rows);
    database_close(&database);
}

TestSuite(bill_upload, .init = open_database, .fini = close_database);

static struct wall_time
now(void)
{
    return (struct wall_time){ .us = INT64_C(1773108000000000) };
}

static void
run(enum statement statement, const struct db_params *params)
{
    db_rows_free(&rows);
    rows = NULL;
    enum err err = db_session_run(database.session, statement, params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
}

static void
bill(struct db_params *params)
{
    db_params_init(params, database.arena);
    db_cstr(params, "main");
    db_cstr(params, "trade");
    db_day(params, DAY);
}

/* A try that brought this content, or none and a hash. */
static void
fetched(const char *outcome, const char *sha256, const char *sha1)
{
    struct db_params params;
    if (sha256 != NULL) {
        bill(&params);
        db_cstr(&params, sha256);
        db_i64(&params, 9);
        db_time(&params, now());
        run(STATEMENT_bill_file_insert, &params);
    }
    bill(&params);
    db_time(&params, now());
    db_cstr(&params, outcome);
    db_cstr(&params, sha256);
    if (sha256 == NULL) {
        db_null(&params);
    } else {
        db_i64(&params, 9);
    }
    db_cstr(&params, "");
    db_cstr(&params, sha1);
    run(STATEMENT_bill_fetch_insert, &params);
}

#define CAME        "a,b,new"
#define READ_AS     "a,b,c"
#define CAME_SHA256 "a4f0eeb85902d81dcd90598c0328dbcb68d19fc88a4f6b5fb7969f0fae16e589"

static int64_t
expect_upload_of(const char *sha256, const char *came, const char *read_as, bool signed_hash,
                 const char *outcome, bool proved)
{
    struct db_params params;
    bill(&params);
    db_cstr(&params, sha256);
    db_i64(&params, 9);
    db_bool(&params, signed_hash);
    db_i64(&params, 1);
    db_i64(&params, 28000);
    db_i64(&params, 0);
    db_i64(&params, 0);
    db_cstr(&params, "r");
    db_cstr(&params, "maker");
    db_time(&params, now());
    db_cstr(&params, came);
    db_cstr(&params, read_as);
    run(STATEMENT_bill_upload_add, &params);
    CHECK_TEXT(db_row_text(rows, 0, "outcome"), outcome);
    cr_expect_eq(db_row_bool(rows, 0, "proved"), proved);
    return db_row_i64(rows, 0, "number");
}

static int64_t
expect_upload(const char *sha256, bool signed_hash, const char *outcome, bool proved)
{
    return expect_upload_of(sha256, NULL, NULL, signed_hash, outcome, proved);
}

static void
expect_decide_with(int64_t number, const char *state, const char *sha256, const char *actor,
                   const char *header_sha256, const char *outcome)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, number);
    db_cstr(&params, state);
    db_cstr(&params, sha256);
    db_cstr(&params, actor);
    db_time(&params, now());
    db_cstr(&params, header_sha256);
    run(STATEMENT_bill_upload_decide, &params);
    CHECK_TEXT(db_row_text(rows, 0, "outcome"), outcome);
}

static void
expect_decide(int64_t number, const char *state, const char *sha256, const char *actor,
              const char *outcome)
{
    expect_decide_with(number, state, sha256, actor, NULL, outcome);
}

/* Which content counts for the day; NULL: none. */
static void
expect_counts(const char *sha256, const char *origin, bool edited)
{
    struct db_params params;
    bill(&params);
    run(STATEMENT_bill_file_find, &params);
    cr_assert_eq(db_rows_count(rows) > 0, sha256 != NULL);
    if (sha256 != NULL) {
        CHECK_TEXT(db_row_text(rows, 0, "sha256"), sha256);
        CHECK_TEXT(db_row_text(rows, 0, "origin"), origin);
        cr_expect_eq(db_row_bool(rows, 0, "edited"), edited);
    }
}

Test(bill_upload, counts_from_the_approval_of_another_person_on)
{
    int64_t number = expect_upload(BROUGHT, false, "made", false);
    cr_expect_eq(expect_upload(BROUGHT, false, "waiting", false), number);
    expect_counts(NULL, NULL, false);
    expect_decide(number + 1, "approved", BROUGHT, "checker", "unknown");
    expect_decide(number, "approved", BROUGHT, "maker", "same_person");
    expect_decide(number, "approved", GIVEN, "checker", "changed");
    expect_counts(NULL, NULL, false);
    expect_decide(number, "approved", BROUGHT, "checker", "decided");
    expect_decide(number, "approved", BROUGHT, "checker", "decided");
    expect_decide(number, "rejected", NULL, "checker", "over");
    expect_decide(number, "approved", BROUGHT, "other", "over");
    expect_counts(BROUGHT, "upload", true);
}

Test(bill_upload, rejected_never_counts_and_may_be_brought_again)
{
    int64_t number = expect_upload(BROUGHT, false, "made", false);
    expect_decide(number, "rejected", NULL, "maker", "decided");
    expect_decide(number, "approved", BROUGHT, "checker", "over");
    expect_counts(NULL, NULL, false);
    int64_t again = expect_upload(BROUGHT, false, "made", false);
    cr_expect_neq(again, number);
    expect_decide(again, "approved", BROUGHT, "checker", "decided");
    expect_counts(BROUGHT, "upload", true);
}

Test(bill_upload, what_the_provider_gives_later_counts_before_it)
{
    fetched("stored", GIVEN, "");
    expect_decide(expect_upload(BROUGHT, false, "made", false), "approved", BROUGHT, "checker",
                  "decided");
    expect_counts(BROUGHT, "upload", true);
    fetched("known", GIVEN, "");
    expect_counts(GIVEN, "download", false);
    /* Brought once more, it counts again; and the provider's own copy of the same bytes has no mark. */
    expect_decide(expect_upload(BROUGHT, false, "made", false), "approved", BROUGHT, "checker",
                  "decided");
    expect_counts(BROUGHT, "upload", true);
    fetched("stored", BROUGHT, "");
    expect_counts(BROUGHT, "download", false);
}

Test(bill_upload, is_proved_by_the_provider_alone)
{
    struct db_params params;
    fetched("hash", NULL, "not a hash");
    bill(&params);
    run(STATEMENT_bill_hash_last, &params);
    cr_expect_eq(db_rows_count(rows), 0);
    fetched("hash", NULL, "0123456789ABCDEF0123456789abcdef01234567");
    fetched("not_ready", NULL, "");
    bill(&params);
    run(STATEMENT_bill_hash_last, &params);
    CHECK_TEXT(db_row_text(rows, 0, "provider_sha1"), SHA1);
    expect_decide(expect_upload(BROUGHT, true, "made", true), "approved", BROUGHT, "checker",
                  "decided");
    expect_counts(BROUGHT, "upload", false);
    fetched("stored", GIVEN, "");
    (void)expect_upload(GIVEN, false, "made", true);
}

Test(bill_upload, the_database_refuses_one_person_and_any_other_writer)
{
    (void)expect_upload(BROUGHT, false, "made", false);
    static const struct {
        const char *sql;
        const char *state;
    } tries[] = {
        { "UPDATE tallygate.bill_upload SET state = 'approved', decided_by = 'maker', decided_at = now(), after_fetch_id = 0",
          "23514" },
        { "UPDATE tallygate.bill_upload SET state = 'approved', after_fetch_id = 0", "23514" },
        { "UPDATE tallygate.bill_upload SET uploaded_by = 'other'", "42501" },
        { "UPDATE tallygate.bill_upload SET proved = true", "42501" },
        { "DELETE FROM tallygate.bill_upload", "42501" },
        { "INSERT INTO tallygate.bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
          " VALUES ('main', 'trade', '2026-03-09', repeat('0', 64), 1, 'download', now())",
          "42501" },
    };
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        cr_expect_str_eq(database_refusal(database.app, tries[i].sql), tries[i].state, "%zu", i);
    }
}

static void
expect_form(const char *account, const char *read_as)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_cstr(&params, account);
    run(STATEMENT_bill_form_list, &params);
    cr_assert_eq(db_rows_count(rows), read_as == NULL ? 0 : 1);
    if (read_as != NULL) {
        CHECK_TEXT(db_row_text(rows, 0, "kind"), "trade");
        CHECK_TEXT(db_row_text(rows, 0, "header_came"), CAME);
        CHECK_TEXT(db_row_text(rows, 0, "header_read_as"), read_as);
    }
}

Test(bill_upload, a_header_is_accepted_by_two_people_who_name_it)
{
    int64_t number = expect_upload_of(BROUGHT, CAME, READ_AS, false, "made", false);
    (void)expect_upload_of(BROUGHT, CAME, READ_AS, false, "waiting", false);
    (void)expect_upload_of(BROUGHT, CAME, "a,b,d", false, "other", false);
    (void)expect_upload(BROUGHT, false, "other", false);
    expect_form("main", NULL);
    expect_decide(number, "approved", BROUGHT, "checker", "changed");
    expect_decide_with(number, "approved", BROUGHT, "checker", GIVEN, "changed");
    expect_decide_with(number, "approved", BROUGHT, "maker", CAME_SHA256, "same_person");
    expect_form("main", NULL);
    expect_decide_with(number, "approved", BROUGHT, "checker", CAME_SHA256, "decided");
    expect_form("main", READ_AS);
    expect_form("other", NULL);
    /* A later word about the same header takes its place; one that was rejected does not. */
    number = expect_upload_of(GIVEN, CAME, "a,b,d", false, "made", false);
    expect_decide(number, "rejected", NULL, "checker", "decided");
    expect_form("main", READ_AS);
    number = expect_upload_of(GIVEN, CAME, "a,b,e", false, "made", false);
    expect_decide_with(number, "approved", GIVEN, "checker", CAME_SHA256, "decided");
    expect_form("main", "a,b,e");
}

static void
expect_days(const char *wanted)
{
    char sql[600];
    (void)snprintf(
        sql, sizeof(sql),
        "SELECT (string_agg(to_char(bill_day, 'DD') || ' ' || state || CASE WHEN next_at IS NULL THEN '' ELSE '!' END, ', '"
        " ORDER BY account, kind, bill_day) = '%s')::int FROM tallygate.recon_day",
        wanted);
    cr_expect_eq(database_number(&database, sql), 1, "the days are not %s", wanted);
}

/* The day of the bill, and with a header every day that one blocks; not those of others, and not one that waits for another bill. */
Test(bill_upload, the_night_takes_up_again_what_an_approval_may_free)
{
    database_sql(
        &database,
        "INSERT INTO tallygate.recon_day (account, kind, bill_day, state, codes, changed_at) VALUES"
        " ('main', 'trade', '2026-03-07', 'blocked', '{FILE_COLUMNS}', now()),"
        " ('main', 'trade', '2026-03-08', 'blocked', '{FILE_ZIP}', now()),"
        " ('main', 'trade', '2026-03-09', 'blocked', '{FILE_COLUMNS}', now()),"
        " ('main', 'trade', '2026-03-10', 'done', '{}', now()),"
        " ('other', 'trade', '2026-03-09', 'blocked', '{FILE_COLUMNS}', now())");
    int64_t number = expect_upload(BROUGHT, false, "made", false);
    expect_decide(number, "approved", GIVEN, "checker", "changed");
    expect_days("07 blocked, 08 blocked, 09 blocked, 10 done, 09 blocked");
    expect_decide(number, "approved", BROUGHT, "checker", "decided");
    expect_days("07 blocked, 08 blocked, 09 stale!, 10 done, 09 blocked");
    number = expect_upload_of(GIVEN, CAME, READ_AS, false, "made", false);
    expect_decide_with(number, "approved", GIVEN, "checker", CAME_SHA256, "decided");
    expect_days("07 stale!, 08 blocked, 09 stale!, 10 done, 09 blocked");
}
