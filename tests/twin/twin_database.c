/* SPDX-License-Identifier: Apache-2.0 */
/* tests/db/support/database.h over a twin of the test's own. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "crypto.h"
#include "database.h"
#include "twin_internal.h"

#define HOUR_MS INT64_C(3600000)

static void
commit(void)
{
    const char *constraint = "";
    enum err err = twin_commit(twin_offered(), &constraint);
    if (err != ERR_OK) {
        (void)fprintf(stderr, "database: %s\n", constraint);
    }
    assert(err == ERR_OK);
}

void
database_open(struct database *database)
{
    struct twin *twin = NULL;
    enum err err = twin_new(&twin);
    assert(err == ERR_OK);
    twin_offer(twin);
    (void)snprintf(database->app, sizeof(database->app), "twin");
    err = arena_new((size_t)16 * 1024 * 1024, &database->arena);
    assert(err == ERR_OK);
    err = db_session_open(database->app, &database->session);
    assert(err == ERR_OK);
    (void)err;
}

void
database_close(struct database *database)
{
    struct twin *twin = twin_offered();
    db_session_close(&database->session);
    arena_free(&database->arena);
    twin_free(&twin);
}

/* Bytes are written as PostgreSQL prints them: "\x" and hexadecimal. */
static struct twin_value
decoded(struct database *database, enum twin_column column, const char *text)
{
    struct twin_value value = { .type = TWIN_NULL };
    DEFER(buf_fini) struct buf bytes = BUF_MAX(4096);
    struct span given = span_of(text);
    if (text == NULL) {
        return value;
    }
    enum err err = ERR_OK;
    if (span_starts(given, SPAN_LIT("\\x"))) {
        err = crypto_hex_decode(span_sub(given, 2, given.len), &bytes);
        assert(err == ERR_OK);
        given = buf_span(&bytes);
    }
    err = twin_decode(given, twin_column_type(column), database->arena, &value);
    assert(err == ERR_OK);
    (void)err;
    return value;
}

int64_t
database_count(struct database *database, const char *table, const char *column, const char *value)
{
    enum twin_table which = twin_table_named(table);
    const struct twin_row *row;
    int64_t count = 0;
    assert(which != TWIN_TABLES);
    for (size_t at = 0; (row = twin_next(twin_offered(), which, &at)) != NULL;) {
        if (column == NULL) {
            count++;
            continue;
        }
        enum twin_column in = twin_column_named(which, column);
        count += twin_same(*twin_at(row, in), decoded(database, in, value));
    }
    return count;
}

int64_t
database_value(struct database *database, const char *table, const char *column)
{
    enum twin_table which = twin_table_named(table);
    size_t at = 0;
    assert(database_count(database, table, NULL, NULL) == 1);
    return twin_at(twin_next(twin_offered(), which, &at), twin_column_named(which, column))->number;
}

void
database_set(struct database *database, const char *table, const char *column, const char *value,
             const char *key, const char *of)
{
    enum twin_table which = twin_table_named(table);
    enum twin_column to = twin_column_named(which, column);
    struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin_offered(), which, &at)) != NULL;) {
        enum twin_column by = twin_column_named(which, key == NULL ? column : key);
        if (key == NULL || twin_same(*twin_at(row, by), decoded(database, by, of))) {
            twin_set(twin_offered(), row, to, decoded(database, to, value));
        }
    }
    commit();
}

void
database_attempts(struct database *database, const char *state)
{
    bool paid = strcmp(state, "paid") == 0 || strcmp(state, "late_paid") == 0;
    enum twin_column paid_at = TWIN_COLUMN_attempt_paid_at;
    enum twin_column bill_day = TWIN_COLUMN_attempt_bill_day;
    struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin_offered(), TWIN_attempt, &at)) != NULL;) {
        twin_set(twin_offered(), row, TWIN_COLUMN_attempt_state, twin_text(state));
        twin_set(twin_offered(), row, paid_at,
                 decoded(database, paid_at, paid ? "2026-03-10 02:00:00Z" : NULL));
        twin_set(twin_offered(), row, bill_day,
                 decoded(database, bill_day, paid ? "2026-03-10" : NULL));
    }
    commit();
}

static void
add_order(struct twin *twin, int slot, const char *order_no)
{
    struct twin_value now = twin_time(clock_wall());
    if (TWIN_FIND(twin, ca_order, IS(ca_order, slot, twin_i64(slot)),
                  IS(ca_order, order_no, twin_text(order_no)))
        != NULL) {
        return;
    }
    (void)TWIN_INSERT(
        twin, ca_order, IS(ca_order, slot, twin_i64(slot)),
        IS(ca_order, owner, twin_text("portal")), IS(ca_order, order_no, twin_text(order_no)),
        IS(ca_order, kind, twin_text("new")), IS(ca_order, applicant, twin_text("supplier")),
        IS(ca_order, unit_name, twin_text("u")), IS(ca_order, uscc, twin_text("c")),
        IS(ca_order, quantity, twin_i64(2)), IS(ca_order, unit_fee_fen, twin_i64(28000)),
        IS(ca_order, amount_fen, twin_i64(56000)), IS(ca_order, currency, twin_text("CNY")),
        IS(ca_order, invoice_profile, twin_text("{}")),
        IS(ca_order, content_hash, twin_bytes((const unsigned char *)"", 1)),
        IS(ca_order, status, twin_text("draft")), IS(ca_order, status_at, now),
        IS(ca_order, issued_quantity, twin_i64(0)), IS(ca_order, success_count, twin_i64(0)),
        IS(ca_order, created_at, now));
}

static void
add_payment(struct twin *twin, int slot, const char *payment_no, const char *order_no, int attempts)
{
    struct wall_time now = clock_wall();
    (void)TWIN_INSERT(
        twin, payment, IS(payment, slot, twin_i64(slot)),
        IS(payment, payment_no, twin_text(payment_no)), IS(payment, owner, twin_text("portal")),
        IS(payment, order_no, twin_text(order_no)), IS(payment, state, twin_text("open")),
        IS(payment, duplicate, twin_bool(false)), IS(payment, late, twin_bool(false)),
        IS(payment, mismatch, twin_bool(false)), IS(payment, amount_fen, twin_i64(56000)),
        IS(payment, currency, twin_text("CNY")), IS(payment, return_url, twin_text("")),
        IS(payment, checkout_token, twin_text(payment_no)),
        IS(payment, attempt_count, twin_i64(attempts)), IS(payment, version, twin_i64(0)),
        IS(payment, sealed_version, twin_i64(0)), IS(payment, created_at, twin_time(now)),
        IS(payment, expires_at, twin_time(wall_add_ms(now, HOUR_MS))));
}

static void
add_attempt(struct twin *twin, int slot, const char *payment_no, int number)
{
    char attempt_no[32];
    struct wall_time now = clock_wall();
    (void)snprintf(attempt_no, sizeof(attempt_no), "%s%02d", payment_no, number);
    (void)TWIN_INSERT(
        twin, attempt, IS(attempt, slot, twin_i64(slot)),
        IS(attempt, attempt_no, twin_text(attempt_no)),
        IS(attempt, payment_no, twin_text(payment_no)), IS(attempt, provider, twin_text("alipay")),
        IS(attempt, account, twin_text("main")), IS(attempt, application, twin_text("app")),
        IS(attempt, merchant, twin_text("mer")), IS(attempt, method, twin_text("page")),
        IS(attempt, state, twin_text("created")), IS(attempt, amount_fen, twin_i64(56000)),
        IS(attempt, currency, twin_text("CNY")),
        IS(attempt, expires_at, twin_time(wall_add_ms(now, HOUR_MS))),
        IS(attempt, version, twin_i64(0)), IS(attempt, poll_count, twin_i64(0)),
        IS(attempt, query_count, twin_i64(0)), IS(attempt, refundable_fen, twin_i64(0)),
        IS(attempt, refund_reserved_fen, twin_i64(0)), IS(attempt, refunded_fen, twin_i64(0)),
        IS(attempt, refund_count, twin_i64(0)), IS(attempt, created_at, twin_time(now)));
}

void
database_endpoint(struct database *database, const char *id, const char *owner)
{
    (void)database;
    twin_endpoint_add(twin_offered(), id, owner, "https://portal.example.cn/hooks");
}

void
database_payment(struct database *database, int slot, const char *payment_no, const char *order_no,
                 int attempts)
{
    struct twin *twin = twin_offered();
    (void)database;
    add_order(twin, slot, order_no);
    add_payment(twin, slot, payment_no, order_no, attempts);
    for (int i = 1; i <= attempts; i++) {
        add_attempt(twin, slot, payment_no, i);
    }
    commit();
}
