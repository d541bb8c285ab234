/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_WEBHOOK_HOUSE_H
#define TALLYGATE_TESTS_DB_SUPPORT_WEBHOOK_HOUSE_H

/* A database with a payment, and what the tests of webhooks do with it, with the rights of the service. */

#include <stdio.h>

#include <criterion/criterion.h>

#include "database.h"
#include "evidence_seal.h"
#include "payment_store.h"
#include "webhook_body.h"
#include "webhook_judge.h"

#define A      "2603100070000000019"
#define ALL    "we_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define CLOSED "we_cccccccccccccccccccccccccccccccc"
#define OTHER  "we_0000000000000000000000000000000f"
#define NOW_US INT64_C(1773108000000000)
#define HOUR_S INT64_C(3600)

static struct database database;
static struct db_session *early;
static struct db_session *late;

static inline void
open_house(void)
{
    database_open(&database);
    cr_assert_eq(db_session_open(database.app, &early), ERR_OK);
    cr_assert_eq(db_session_open(database.app, &late), ERR_OK);
    database_payment(&database, 7, A, "A-1", 2);
}

static inline void
close_house(void)
{
    db_session_close(&early);
    db_session_close(&late);
    database_close(&database);
}

static inline struct wall_time
second(int64_t s)
{
    return (struct wall_time){ .us = NOW_US + s * 1000000 };
}

static inline struct db_rows *
run(struct db_session *session, enum statement statement, const struct db_params *params)
{
    struct db_rows *rows = NULL;
    enum err err = db_session_run(session, statement, params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(session));
    return rows;
}

static inline struct db_params
params_of(void)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    return params;
}

static inline int64_t
number(const char *sql)
{
    return database_number(&database, sql);
}

/* An endpoint of an owner; NULL kinds are all. */
static inline void
endpoint(const char *id, const char *owner, const char *kinds)
{
    struct db_params params = params_of();
    db_cstr(&params, id);
    db_cstr(&params, owner);
    db_cstr(&params, "https://portal.example.cn/hooks");
    db_cstr(&params, kinds);
    db_i64(&params, NOW_US / 1000000);
    db_time(&params, second(0));
    db_i64(&params, 10);
    DEFER(db_rows_free) struct db_rows *rows = run(early, STATEMENT_webhook_endpoint_add, &params);
    cr_assert_eq(db_rows_count(rows), 1);
}

static inline void
apply(const char *attempt_no, enum attempt_event event, const char *raw, int64_t at_s)
{
    struct evidence_claim claim = {
        .source = EVIDENCE_CALLBACK,
        .verdict = EVIDENCE_PAID,
        .provider_trade_no = SPAN_LIT("T1"),
        .provider_status = SPAN_LIT("TRADE_SUCCESS"),
        .amount = { 56000, CURRENCY_CNY },
        .paid_at = second(at_s - 1),
        .raw = span_of(raw),
    };
    DEFER(evidence_free) struct evidence *evidence = NULL;
    cr_assert_eq(evidence_seal(&claim, &evidence), ERR_OK);
    struct payment_change change = { .slot = 7,
                                     .attempt_no = span_of(attempt_no),
                                     .event = event,
                                     .evidence = evidence,
                                     .mismatch = event == ATTEMPT_MISMATCH ? "amount" : NULL,
                                     .now = second(at_s) };
    struct db_params params = params_of();
    payment_apply_params(&params, &change);
    DEFER(db_rows_free) struct db_rows *rows = run(early, STATEMENT_payment_apply, &params);
    cr_assert(span_eq_cstr(db_row_text(rows, 0, "outcome"), "applied"));
}

static inline int64_t
fan_out_by(struct db_session *session, int64_t now_s, const char *column)
{
    struct db_params params = params_of();
    db_time(&params, second(now_s));
    db_i64(&params, 500);
    DEFER(db_rows_free) struct db_rows *rows = run(session, STATEMENT_webhook_fan_out, &params);
    return db_row_i64(rows, 0, column);
}

static inline int64_t
fan_out(int64_t now_s)
{
    return fan_out_by(early, now_s, "deliveries");
}

static inline struct db_rows *
claim(struct db_session *session, int64_t now_s, int64_t most, int64_t most_of_one)
{
    struct db_params params = params_of();
    db_time(&params, second(now_s));
    db_time(&params, second(now_s + 60));
    db_i64(&params, most);
    db_i64(&params, most_of_one);
    return run(session, STATEMENT_webhook_claim, &params);
}

static inline size_t
claimed(struct db_session *session, int64_t now_s)
{
    DEFER(db_rows_free) struct db_rows *rows = claim(session, now_s, 50, 10);
    return db_rows_count(rows);
}

static inline struct webhook_delivery
delivery_of(const struct db_rows *rows, size_t row)
{
    struct webhook_delivery delivery;
    cr_assert_eq(webhook_delivery_row(rows, row, database.arena, &delivery), ERR_OK);
    return delivery;
}

static inline struct db_rows *
record(const struct webhook_delivery *delivery, const struct webhook_result *result, int64_t now_s)
{
    struct db_params params = params_of();
    webhook_record_params(&params, delivery, result, second(now_s));
    return run(early, STATEMENT_webhook_record, &params);
}

static inline void
record_status(const struct webhook_delivery *delivery, int status, int64_t now_s)
{
    const struct webhook_try tried = { .status = status,
                                       .failed = delivery->attempts,
                                       .now = second(now_s) };
    struct webhook_result result = webhook_judge(&tried);
    DEFER(db_rows_free) struct db_rows *rows = record(delivery, &result, now_s);
    cr_assert_eq(db_row_i64(rows, 0, "recorded"), 1);
}

/* Many payments, one message each. */
static inline void
messages(int count)
{
    char sql[2048];
    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO ca_order (slot, owner, order_no, kind, applicant, unit_name, uscc, quantity, "
        "unit_fee_fen, amount_fen, currency, invoice_profile, content_hash, status_at, created_at) "
        "SELECT 8, 'portal', 'M-' || n, 'new', 'supplier', 'u', 'c', 1, 1, 1, 'CNY', '{}', '\\x00', "
        "now(), now() FROM generate_series(1, %d) n; "
        "INSERT INTO payment (slot, payment_no, owner, order_no, amount_fen, currency, return_url, "
        "checkout_token, created_at, expires_at) SELECT 8, lpad(n::text, 19, '9'), 'portal', "
        "'M-' || n, 1, 'CNY', '', 't' || n, now(), now() FROM generate_series(1, %d) n",
        count, count);
    database_sql(&database, sql);
    database_sql(&database,
                 "UPDATE payment p SET version = 1, state = 'closed', chain = event_hash(NULL, "
                 "p.slot, p.payment_no, 1, NULL, NULL, 'payment', 'open', 'closed', 'closed', "
                 "'move', NULL, NULL, '2026-03-10T02:00:00Z') WHERE p.slot = 8; "
                 "INSERT INTO event (slot, payment_no, seq, machine, from_state, event, to_state, "
                 "effect, at, hash) SELECT slot, payment_no, 1, 'payment', 'open', 'closed', "
                 "'closed', 'move', '2026-03-10T02:00:00Z', chain FROM payment WHERE slot = 8; "
                 "INSERT INTO outbox (slot, payment_no, seq, kind, at) SELECT slot, payment_no, 1, "
                 "'payment.closed', '2026-03-10T02:00:00Z' FROM payment WHERE slot = 8");
}

#endif
