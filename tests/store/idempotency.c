/* SPDX-License-Identifier: Apache-2.0 */
/* Idempotency keys at every point at which their owner may die: who may take, complete and give back which key. */
#include "check.h"
#include "database.h"

#define A      "2603100070000000011"
#define B      "2603100070000000029"
#define NOW_US INT64_C(1773108000000000)

static struct database database;
static struct db_session *worker;
static struct db_session *chores;

static void
open_house(void)
{
    database_open(&database);
    cr_assert_eq(db_session_open(database.app, &worker), ERR_OK);
    cr_assert_eq(db_session_open(database.app, &chores), ERR_OK);
}

static void
close_house(void)
{
    db_session_close(&worker);
    db_session_close(&chores);
    database_close(&database);
}

TestSuite(idempotency, .init = open_house, .fini = close_house);

static struct wall_time
second(int64_t s)
{
    return (struct wall_time){ .us = NOW_US + s * 1000000 };
}

static struct db_rows *
run(struct db_session *session, enum statement statement, const struct db_params *params)
{
    struct db_rows *rows = NULL;
    enum err err = db_session_run(session, statement, params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(session));
    return rows;
}

struct claim {
    const char *key;
    const char *hash; /* 32 characters */
    const char *route;
    const char *subject;
    int64_t at_s;
    int64_t kept_s;
};

#define HASH  "0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210"

static struct claim
create_at(const char *key, int64_t at_s)
{
    return (struct claim){ key, HASH, "payment_create", "A-1", at_s, 1000 };
}

/* The outcome; a lease is of 30 seconds. */
static struct span
take(struct db_session *session, struct claim claim)
{
    struct db_params params;
    struct span outcome = SPAN("");
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, "portal");
    db_cstr(&params, claim.key);
    db_bytes(&params, span_of(claim.hash));
    db_time(&params, second(claim.at_s));
    db_time(&params, second(claim.at_s + 30));
    db_time(&params, second(claim.at_s + claim.kept_s));
    db_cstr(&params, claim.route);
    db_cstr(&params, claim.subject);
    db_bytes(&params, span_of("content"));
    DEFER(db_rows_free)
    struct db_rows *rows = run(session, STATEMENT_idempotency_claim, &params);
    CHECK_OK(arena_copy(database.arena, db_row_text(rows, 0, "outcome"), &outcome));
    return outcome;
}

static size_t
finish(struct db_session *session, enum statement statement, const char *key, int64_t lease_s)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, "portal");
    db_cstr(&params, key);
    db_time(&params, second(lease_s));
    if (statement == STATEMENT_idempotency_complete) {
        db_i64(&params, 201);
        db_cstr(&params, "{}");
    }
    DEFER(db_rows_free) struct db_rows *rows = run(session, statement, &params);
    return db_rows_affected(rows);
}

static struct db_rows *
abandoned(struct db_session *session, int64_t now_s, int64_t at_most)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_time(&params, second(now_s));
    db_time(&params, second(now_s + 30));
    db_i64(&params, at_most);
    return run(session, STATEMENT_idempotency_abandoned, &params);
}

static size_t
abandoned_count(struct db_session *session, int64_t now_s)
{
    DEFER(db_rows_free) struct db_rows *rows = abandoned(session, now_s, 50);
    return db_rows_count(rows);
}

Test(idempotency, a_key_is_taken_once_and_answers_what_it_holds)
{
    CHECK_TEXT(take(worker, create_at("k", 0)), "claimed");
    CHECK_TEXT(take(chores, create_at("k", 1)), "in_progress");
    struct claim other = create_at("k", 1);
    other.hash = OTHER;
    CHECK_TEXT(take(chores, other), "other_request");
    cr_expect_eq(finish(worker, STATEMENT_idempotency_complete, "k", 30), 1);
    CHECK_TEXT(take(chores, create_at("k", 2)), "done");
    CHECK_TEXT(take(chores, other), "other_request");
    cr_expect_eq(abandoned_count(chores, 500), 0, "what is done is nobody's to complete");
}

Test(idempotency, a_living_owners_key_is_not_abandoned)
{
    CHECK_TEXT(take(worker, create_at("k", 0)), "claimed");
    cr_expect_eq(abandoned_count(chores, 29), 0);
    cr_expect_eq(abandoned_count(chores, 30), 1);
    cr_expect_eq(abandoned_count(chores, 31), 0, "the first look took the lease");
    cr_expect_eq(abandoned_count(chores, 60), 1, "a completer may die as well");
}

Test(idempotency, a_late_owner_touches_nothing_of_the_next_ones)
{
    CHECK_TEXT(take(worker, create_at("k", 0)), "claimed");
    CHECK_TEXT(take(chores, create_at("k", 31)), "claimed");
    cr_expect_eq(finish(worker, STATEMENT_idempotency_release, "k", 30), 0);
    cr_expect_eq(finish(worker, STATEMENT_idempotency_complete, "k", 30), 0);
    CHECK_TEXT(take(worker, create_at("k", 32)), "in_progress");
    cr_expect_eq(finish(chores, STATEMENT_idempotency_complete, "k", 61), 1);
    CHECK_TEXT(take(worker, create_at("k", 62)), "done");
}

Test(idempotency, a_key_that_is_being_completed_is_not_taken_by_a_request)
{
    CHECK_TEXT(take(worker, create_at("k", 0)), "claimed");
    DEFER(db_rows_free) struct db_rows *rows = abandoned(chores, 40, 50);
    cr_assert_eq(db_rows_count(rows), 1);
    CHECK_TEXT(db_row_text(rows, 0, "route"), "payment_create");
    CHECK_TEXT(db_row_text(rows, 0, "subject"), "A-1");
    cr_expect_eq(db_row_time(rows, 0, "created_at").us, second(0).us);
    cr_expect_eq(db_row_time(rows, 0, "lease_until").us, second(70).us);
    CHECK_TEXT(take(worker, create_at("k", 41)), "in_progress");
    cr_expect_eq(finish(worker, STATEMENT_idempotency_release, "k", 30), 0, "it lost its lease");
    cr_expect_eq(finish(chores, STATEMENT_idempotency_release, "k", 70), 1);
    CHECK_TEXT(take(worker, create_at("k", 42)), "claimed");
}

Test(idempotency, keys_of_other_calls_wait_for_their_request)
{
    struct claim claim = create_at("k", 0);
    claim.route = "";
    CHECK_TEXT(take(worker, claim), "claimed");
    cr_expect_eq(abandoned_count(chores, 40), 0);
    CHECK_TEXT(take(worker, create_at("k", 41)), "claimed");
    cr_expect_eq(abandoned_count(chores, 71), 1, "what a key is about is that of its owner");
}

Test(idempotency, a_key_past_its_time_is_forgotten_and_not_completed)
{
    struct claim claim = create_at("k", 0);
    claim.kept_s = 100;
    CHECK_TEXT(take(worker, claim), "claimed");
    cr_expect_eq(abandoned_count(chores, 100), 0);
    struct claim other = create_at("k", 100);
    other.hash = OTHER;
    CHECK_TEXT(take(worker, other), "claimed");
}

static size_t
made_since(const char *owner, const char *order_no, const char *content, int64_t since_s)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, owner);
    db_cstr(&params, order_no);
    db_bytes(&params, span_make(content, 1));
    db_time(&params, second(since_s));
    DEFER(db_rows_free)
    struct db_rows *rows = run(chores, STATEMENT_payment_made_since, &params);
    if (db_rows_count(rows) == 1) {
        CHECK_TEXT(db_row_text(rows, 0, "payment_no"), A);
    }
    return db_rows_count(rows);
}

Test(idempotency, the_payment_of_a_key_is_the_one_made_since_for_the_same_order)
{
    database_payment(&database, 7, A, "A-1", 0);
    database_set(&database, "payment", "created_at", "2026-03-10 02:00:10Z", NULL, NULL);
    database_set(&database, "payment", "state", "closed", NULL, NULL);
    cr_expect_eq(made_since("portal", "A-1", "\0", 0), 1);
    cr_expect_eq(made_since("portal", "A-1", "\0", 10), 1, "in the same moment");
    cr_expect_eq(made_since("portal", "A-1", "\0", 11), 0, "it was there before");
    cr_expect_eq(made_since("portal", "A-1", "x", 0), 0, "the order was another one");
    cr_expect_eq(made_since("portal", "A-2", "\0", 0), 0);
    cr_expect_eq(made_since("finance", "A-1", "\0", 0), 0);
    database_payment(&database, 7, B, "A-1", 0);
    database_set(&database, "payment", "created_at", "2026-03-10 02:00:20Z", "payment_no", B);
    cr_expect_eq(made_since("portal", "A-1", "\0", 0), 1, "the first one since");
}
