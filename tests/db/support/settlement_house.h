/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_SETTLEMENT_HOUSE_H
#define TALLYGATE_TESTS_DB_SUPPORT_SETTLEMENT_HOUSE_H

/* Days of settlement on a real database: what runs of the account's own bill say was paid out, the bank's lines, and what is carried from
 * day to day. The movements are put beside runs of bills that are only there to count. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "check.h"
#include "database.h"
#include "deposit_file.h"
#include "folder.h"
#include "run.h"

#define MONTH "2026-11-"

static struct database database;
static char dir[] = "/tmp/settlement_XXXXXX";
static enum err (*step)(void *context, enum recon_step step);

static inline void
open_house(void)
{
    database_open(&database);
    cr_assert_not_null(mkdtemp(dir));
}

static inline void
close_house(void)
{
    database_close(&database);
    cr_expect_eq(folder_drop(dir), 0);
}

static inline int64_t
number(const char *sql)
{
    return database_number(&database, sql);
}

/* A payout of the day, by a run of a bill that counts; `fen` below zero: it came back to the account. */
static inline void
paid_out(int mday, const char *name, int64_t fen)
{
    char sql[4096];
    int len = snprintf(
        sql, sizeof(sql),
        "SET search_path = tallygate;"
        "INSERT INTO bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " SELECT 'main', 'fundflow', '" MONTH
        "%02d', encode(sha256('%d'), 'hex'), 1, 'download', now()"
        " ON CONFLICT DO NOTHING;"
        "INSERT INTO recon_run OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::recon_run,"
        " (SELECT jsonb_object_agg(column_name, 0) FROM information_schema.columns"
        "   WHERE table_schema = 'tallygate' AND table_name = 'recon_run' AND data_type = 'bigint')"
        " || jsonb_build_object('run_id', 1000 + %d, 'account', 'main', 'provider', 'wechatpay', 'kind', 'trade',"
        "  'bill_day', '" MONTH
        "%02d', 'version', 1, 'input_hash', '\\x' || repeat('00', 32), 'state', 'complete',"
        "  'codes', '{FILE_NONE_OK}'::text[], 'as_of', now(), 'cutoff_east_min', 480, 'program', 'test', 'rules', 1,"
        "  'file_id', NULL))).* ON CONFLICT DO NOTHING;"
        "INSERT INTO recon_current VALUES ('main', 'trade', '" MONTH
        "%02d', 1000 + %d) ON CONFLICT DO NOTHING;"
        "INSERT INTO recon_flow SELECT 1000 + %d, file_id, NULL, NULL, false, 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0 FROM bill_file"
        "  WHERE bill_day = '" MONTH "%02d' ON CONFLICT DO NOTHING;"
        "INSERT INTO flow_line SELECT 1000 + %d, 1 + count(*), 'withdraw', '%s', '', '', %lld, 0, 0, now(), 'FLOW_WITHDRAW', NULL,"
        " 'x' FROM flow_line WHERE run_id = 1000 + %d",
        mday, mday, mday, mday, mday, mday, mday, mday, mday, name, (long long)-fen, mday);
    cr_assert(len > 0 && (size_t)len < sizeof(sql));
    database_sql(&database, sql);
}

/* The file that the next line is of; empty: none. */
static struct span file;

/* The bank's file that the lines from here on are of, as finance hands it in. */
static inline void
hand_in(struct span text)
{
    const struct wall_time now = { .us = INT64_C(1795573800000000) };
    CHECK_OK(deposit_file_keep(database.session, SPAN_LIT("main"), dir, text, now, database.arena,
                               &file));
}

static inline enum err
keep_record(void *context, int64_t at, enum deposit_verdict verdict,
            const struct deposit_entry *entry)
{
    enum deposit_verdict *got = context;
    DEFER(arena_free) struct arena *arena = NULL;
    cr_assert(at == 2 && verdict == DEPOSIT_STORED, "%s", deposit_verdict_code(verdict));
    CHECK_OK(arena_new((size_t)64 * 1024, &arena));
    struct deposit_entry kept = *entry;
    kept.sha256 = file;
    return deposit_file_store(database.session, SPAN_LIT("main"), &kept,
                              (struct wall_time){ .us = INT64_C(1795573800000000) }, arena, got);
}

static inline void
came(const char *line)
{
    char text[256];
    int64_t record = 0;
    enum deposit_verdict got = DEPOSIT_VERDICT_COUNT;
    const struct day today = { 2026, 11, 30 };
    (void)snprintf(text, sizeof(text), "%s\n%s\n", DEPOSIT_FILE_HEADER, line);
    CHECK_OK(deposit_file_read(span_of(text), today, keep_record, &got, &record));
    cr_assert_eq(got, DEPOSIT_STORED, "%s", line);
}

static inline enum err
try_day(int mday, struct recon_outcome *outcome)
{
    const struct adapter_account account = { .name = "main",
                                             .adapter = adapter_find(SPAN_LIT("wechatpay")),
                                             .settle_days = 2 };
    const struct recon_request request = { .account = &account,
                                           .kind = SPAN_LIT(RECON_SETTLEMENT),
                                           .day = { 2026, 11, mday },
                                           .as_of = { .us = INT64_C(1795573800000000) },
                                           .archive_dir = dir,
                                           .program = "test",
                                           .step = step };
    *outcome = (struct recon_outcome){ .version = 0 };
    return recon_run(database.session, &request, outcome);
}

static inline int64_t
make(int mday)
{
    struct recon_outcome outcome;
    enum err err = try_day(mday, &outcome);
    cr_assert_eq(err, ERR_OK, "%d: %s %s", mday, err_name(err),
                 db_session_trouble(database.session));
    return outcome.version;
}

/* Every day that the plan has for what is known up to that day. */
static inline int
make_all(int mday)
{
    const struct adapter_account account = { .name = "main" };
    struct recon_settlement_plan plan;
    int made = 0;
    CHECK_OK(
        recon_settlement_plan(database.session, &account, (struct day){ 2026, 11, mday }, &plan));
    for (int day = plan.none ? 32 : plan.first.mday; day <= plan.last.mday; day++) {
        cr_expect_geq(make(day), 1);
        made++;
    }
    return made;
}

/* "W1 DEP_OK 0, B2 DEP_UNKNOWN 500": what the run that counts says of a day. */
static inline const char *
says(int mday)
{
    static char text[1024];
    char sql[512];
    PGconn *conn = PQconnectdb(database.superuser);
    (void)snprintf(
        sql, sizeof(sql),
        "SELECT coalesce(string_agg(concat_ws(' ', coalesce(payout_no, deposit_no), primary_code,"
        " nullif(array_to_string(findings, ' '), ''), delta_fen), ', ' ORDER BY seq), '')"
        " FROM tallygate.recon_current c JOIN tallygate.recon_result r USING (run_id)"
        " WHERE kind = 'deposits' AND bill_day = '" MONTH "%02d'",
        mday);
    PGresult *result = PQexec(conn, sql);
    cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s", PQerrorMessage(conn));
    (void)snprintf(text, sizeof(text), "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    PQfinish(conn);
    return text;
}

#define CHECK_SAYS(mday, want)                                        \
    do {                                                              \
        const char *says_ = says(mday);                               \
        cr_expect_str_eq(says_, (want), "%d: got %s", (mday), says_); \
    } while (0)

static inline void
wipe(void)
{
    database_sql(
        &database,
        "SET search_path = tallygate; DELETE FROM recon_current WHERE kind = 'deposits';"
        "TRUNCATE difference CASCADE; DELETE FROM recon_deposit_part;"
        "DELETE FROM recon_result WHERE coalesce(payout_no, deposit_no) IS NOT NULL;"
        "DELETE FROM recon_payout; DELETE FROM recon_deposit; DELETE FROM recon_settlement;"
        "DELETE FROM recon_file; DELETE FROM recon_run WHERE kind = 'deposits'");
}

#endif
