/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_DIFFERENCE_HOUSE_H
#define TALLYGATE_TESTS_DB_SUPPORT_DIFFERENCE_HOUSE_H

/* Runs made by hand and their differences. A run has the results it is given and nothing else; what makes it tie is tried
 * elsewhere (recon_sheet.c). */

#include <stdarg.h>
#include <stdio.h>

#include "check.h"
#include "database.h"
#include "evidence_seal.h"
#include "payment_store.h"
#include "run_parts.h"

#define DAY     "2026-11-23"
#define PAYMENT "2611230070000000011"
#define ATTEMPT PAYMENT "01"

static struct database database;

static inline void difference_sql(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline int64_t difference_count(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static inline void
difference_sql(const char *format, ...)
{
    char sql[4096];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(sql, sizeof(sql), format, values);
    va_end(values);
    cr_assert(length > 0 && (size_t)length < sizeof(sql));
    database_sql(&database, sql);
}

/* SELECT count(*) FROM … */
static inline int64_t
difference_count(const char *format, ...)
{
    char sql[2048] = "SELECT count(*) FROM ";
    va_list values;
    va_start(values, format);
    int length = vsnprintf(sql + strlen(sql), sizeof(sql) - strlen(sql), format, values);
    va_end(values);
    cr_assert(length > 0 && (size_t)length < sizeof(sql) - 32);
    return database_number(&database, sql);
}

/* A payment of slot 7 whose attempt is what the differences are about. */
static inline void
difference_house_open(void)
{
    database_open(&database);
    database_payment(&database, 7, PAYMENT, "A-1", 2);
    difference_sql(
        "INSERT INTO tallygate.bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " VALUES ('main', 'trade', '" DAY "', repeat('ab', 32), 9, 'download', now())");
}

static inline void
difference_house_close(void)
{
    database_close(&database);
}

/* A complete run of that day without results. */
static inline void
difference_run(int64_t run_id, const char *day, int version)
{
    difference_sql(
        "SET search_path = tallygate;"
        "INSERT INTO recon_run OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::recon_run,"
        " (SELECT jsonb_object_agg(column_name, 0) FROM information_schema.columns"
        "   WHERE table_schema = 'tallygate' AND table_name = 'recon_run'"
        "     AND (column_name LIKE '%%\\_count' OR column_name LIKE '%%\\_fen'))"
        " || jsonb_build_object('account', 'main', 'provider', 'alipay', 'kind', 'trade', 'bill_day', '%s',"
        "  'version', %d, 'run_id', %lld, 'input_hash', '\\x' || lpad(to_hex(%lld), 64, '0'), 'file_id', 1,"
        "  'state', 'complete', 'codes', '{}'::text[], 'as_of', '2026-11-24T02:30:00Z', 'cutoff_east_min', 480,"
        "  'program', 'test'))).*",
        day, version, (long long)run_id, (long long)run_id);
}

struct difference_unit {
    const char *code;
    const char *findings;          /* "{A,B}"; NULL: none */
    const char *attempt_no;        /* NULL: none */
    const char *merchant_order_no; /* of the line; NULL: there is no line */
    const char *provider_trade_no;
    int64_t b_fen;
    int64_t p_fen;
    bool carried_in;
};

/* The next result of the run: a payment, or an order without money when it has neither line nor attempt. */
static inline void
difference_result(int64_t run_id, int seq, const struct difference_unit *unit)
{
    const char *trade_no = unit->provider_trade_no == NULL ? "" : unit->provider_trade_no;
    char line[32] = "NULL";
    char attempt[64] = "NULL";
    if (unit->merchant_order_no != NULL) {
        (void)snprintf(line, sizeof(line), "%d", seq + 5);
        difference_sql(
            "INSERT INTO tallygate.bill_line VALUES (%lld, %s, 'pay', '%s', '%s', '', %lld, %lld, 0, NULL)",
            (long long)run_id, line, trade_no, unit->merchant_order_no, (long long)unit->b_fen,
            (long long)unit->b_fen);
    }
    if (unit->attempt_no != NULL) {
        (void)snprintf(attempt, sizeof(attempt), "'%s'", unit->attempt_no);
        difference_sql(
            "INSERT INTO tallygate.recon_population VALUES (%lld, %s, '%s', 'portal', 'A-1', 'paid', %lld, NULL, true, %s)",
            (long long)run_id, attempt, trade_no, (long long)unit->p_fen,
            unit->carried_in ? "true" : "false");
    }
    int64_t delta = unit->b_fen - unit->p_fen;
    const char *bucket = delta == 0 ? "matched" : delta > 0 ? "long" : "short";
    difference_sql(
        "INSERT INTO tallygate.recon_result VALUES (%lld, %d, %s, %s, '%s', '%s', 'portal', 'A-1', 'new', 'paid', 0,"
        " '', '', 0, '%s', '%s', '%s', %lld, %lld, %lld, %lld, 0, NULL, NULL, false)",
        (long long)run_id, seq, line, attempt, trade_no,
        unit->merchant_order_no == NULL ? "" : unit->merchant_order_no, unit->code,
        unit->findings == NULL ? "{}" : unit->findings, bucket, (long long)unit->b_fen,
        (long long)unit->b_fen, (long long)unit->p_fen, (long long)delta);
}

/* The provider's answer about the attempt, as the usual path takes it in, a minute from now. */
static inline void
difference_provider_says(enum attempt_event event, enum evidence_verdict verdict)
{
    struct evidence_claim claim = {
        .source = EVIDENCE_QUERY,
        .verdict = verdict,
        .provider_trade_no = SPAN_LIT("T1"),
        .amount = { 56000, CURRENCY_CNY },
        .raw = span_of(attempt_event_code(event)),
    };
    DEFER(evidence_free) struct evidence *evidence = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    if (verdict == EVIDENCE_PAID) {
        claim.paid_at = (struct wall_time){ .us = INT64_C(1795400000000000) };
    }
    CHECK_OK(evidence_seal(&claim, &evidence));
    struct payment_change change = { .slot = 7,
                                     .attempt_no = SPAN_LIT(ATTEMPT),
                                     .event = event,
                                     .evidence = evidence,
                                     .now = wall_add_ms(clock_wall(), 60000) };
    struct db_params params;
    db_params_init(&params, database.arena);
    payment_apply_params(&params, &change);
    CHECK_OK(db_session_run(database.session, STATEMENT_payment_apply, &params, &rows));
    CHECK_TEXT(db_row_text(rows, 0, "outcome"), "applied");
}

/* As the night does it. */
static inline void
difference_publish(int64_t run_id)
{
    struct run run = { .session = database.session, .arena = database.arena };
    enum err err = run_publish_differences(&run, run_id);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
}

/* The usual run: of one unit. */
static inline void
difference_day(int64_t run_id, int version, const struct difference_unit *unit)
{
    difference_run(run_id, DAY, version);
    if (unit != NULL) {
        difference_result(run_id, 1, unit);
    }
    difference_publish(run_id);
}

#endif
