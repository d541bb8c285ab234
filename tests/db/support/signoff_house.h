/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_SIGNOFF_HOUSE_H
#define TALLYGATE_TESTS_DB_SUPPORT_SIGNOFF_HOUSE_H

/* A day that people sign, or open again, by the statements of the API and with the rights of the service. */
#include <string.h>

#include "crypto.h"
#include "recon_house.h"

#define MAKER   "finance"
#define CHECKER "checker"
#define DAY     "account = 'main' AND kind = 'trade' AND bill_day = '2026-11-23'"

static struct db_rows *rows;
static struct db_session *app; /* with the rights of the service */
static int mday;               /* the day that is asked about */

static const struct wall_time now = { .us = INT64_C(1795487400000000) };

/* A difference of the day, in the form that a run would have opened it in. */
static inline void
differ(char digit, const char *code, int severity, const char *state, const char *assignee)
{
    char sql[1024];
    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO tallygate.difference VALUES (repeat('%c', 32), 'main', 'alipay', 'trade', '2026-11-23', '2026-11-23', 'money',"
        " 'payment', '5', '', '2026', 'M', 'portal', 'O-1', '', '%s', ARRAY['%s'], %d, 'person', 0, '%s', nullif('%s', ''), now(),"
        " now(), 1, sha256('x'))",
        digit, code, code, severity, state, assignee);
    database_sql(&database, sql);
}

/* Version 1 counts, with one difference of severity 3. */
static inline void
open_database(void)
{
    database_open(&database);
    recon_house_bill("ab");
    recon_house_run(1, "{INV_TITLE}", "OUT_OF_SCOPE");
    CHECK_OK(db_session_open(database.app, &app));
    mday = 23;
    database_sql(&database,
                 "INSERT INTO tallygate.recon_current VALUES ('main', 'trade', '2026-11-23', 1)");
    differ('a', "INV_TITLE", 3, "open", "");
}

static inline void
close_database(void)
{
    db_rows_free(&rows);
    db_session_close(&app);
    database_close(&database);
}

static inline void
put_day(struct db_params *params)
{
    db_params_init(params, database.arena);
    db_cstr(params, "main");
    db_cstr(params, "trade");
    db_day(params, (struct day){ 2026, 11, mday });
}

static inline void
ask(enum statement statement, const struct db_params *params)
{
    db_rows_free(&rows);
    rows = NULL;
    enum err err = db_session_run(app, statement, params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(app));
    cr_assert_eq(db_rows_count(rows), 1);
}

static inline struct span
find(const char *column)
{
    struct db_params params;
    put_day(&params);
    ask(STATEMENT_period_find, &params);
    return db_row_text(rows, 0, column);
}

static inline struct span
content_hash(void)
{
    struct span hash;
    struct span text = find("content");
    unsigned char digest[SHA256_BYTES];
    DEFER(buf_fini) struct buf hex = BUF_MAX(SHA256_BYTES * 2);
    CHECK_OK(crypto_sha256(text, digest));
    CHECK_OK(crypto_hex_encode(span_make(digest, sizeof(digest)), &hex));
    cr_expect(span_eq(db_row_text(rows, 0, "content_hash"), buf_span(&hex)));
    CHECK_OK(arena_copy(database.arena, span_make(digest, sizeof(digest)), &hash));
    return hash;
}

static inline struct span
decide(enum statement statement, struct span hash, const char *actor)
{
    struct db_params params;
    put_day(&params);
    db_bytes(&params, hash);
    db_cstr(&params, actor);
    db_time(&params, now);
    ask(statement, &params);
    return db_row_text(rows, 0, "outcome");
}

static inline struct span
withdraw(const char *actor)
{
    struct db_params params;
    put_day(&params);
    db_cstr(&params, "another look");
    db_cstr(&params, actor);
    db_time(&params, now);
    ask(STATEMENT_period_withdraw, &params);
    return db_row_text(rows, 0, "outcome");
}

static inline void
sign_all(void)
{
    struct span hash = content_hash();
    CHECK_TEXT(decide(STATEMENT_period_prepare, hash, MAKER), "prepared");
    CHECK_TEXT(decide(STATEMENT_period_sign, hash, CHECKER), "signed");
}

static inline struct span
ask_to_open(struct span hash, const char *reason, const char *actor)
{
    struct db_params params;
    put_day(&params);
    db_bytes(&params, hash);
    db_cstr(&params, actor);
    db_time(&params, now);
    db_cstr(&params, reason);
    ask(STATEMENT_period_reopen, &params);
    return db_row_text(rows, 0, "outcome");
}

static inline struct span
signed_hash(void)
{
    struct span hash = content_hash();
    CHECK_TEXT(db_row_text(rows, 0, "state"), "signed");
    return hash;
}

#endif
