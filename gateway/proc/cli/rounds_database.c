/* SPDX-License-Identifier: Apache-2.0 */
#include "clients.h"
#include "keyring.h"
#include "migrate.h"
#include "rounds.h"

#define ARENA_MAX_BYTES ((size_t)1024 * 1024)
#define MINUTE_S        INT64_C(60)
#define HOUR_S          INT64_C(3600)
#define DAY_S           INT64_C(86400)

static void
find_database(struct rounds *rounds, enum err err)
{
    struct doctor_finding finding;
    if (err == ERR_OK) {
        doctor_find(&finding, DOCTOR_DATABASE, "", DOCTOR_OK, "可用，结构相符",
                    "reached, and its schema fits");
    } else {
        doctor_find(&finding, DOCTOR_DATABASE, "", DOCTOR_FAIL, "%s%.0s", "%.0s%s",
                    err_text(err, LANGUAGE_ZH), err_text(err, LANGUAGE_EN));
    }
    rounds_print(rounds, &finding);
}

static enum err
reach(struct cli *cli)
{
    const char *conninfo = cli->conninfo == NULL
                               ? config_text(cli->config, CONFIG_database_conninfo, 0)
                               : cli->conninfo;
    TRY(db_session_open(conninfo, &cli->session));
    TRY(migrate_check(cli->session));
    return keyring_load(cli->session, cli->accounts);
}

void
rounds_reach_database(struct rounds *rounds)
{
    enum err err = reach(rounds->cli);
    rounds->has_database = err == ERR_OK;
    find_database(rounds, err);
}

static void
judge_rights(struct rounds *rounds, const struct db_rows *rows)
{
    struct doctor_finding finding;
    struct span role = db_row_text(rows, 0, "role");
    if (db_row_bool(rows, 0, "may_change")) {
        doctor_find(&finding, DOCTOR_RIGHTS, "", DOCTOR_FAIL, "角色 %.*s 能改动证据或事件",
                    "the role %.*s can change evidence or events", SPAN_ARG(role));
    } else {
        doctor_find(&finding, DOCTOR_RIGHTS, "", DOCTOR_OK, "角色 %.*s 不能改动证据和事件",
                    "the role %.*s cannot change evidence and events", SPAN_ARG(role));
    }
    rounds_print(rounds, &finding);
}

/* One kind of thing that waits, by the columns of its row. */
struct kind {
    enum doctor_check check;
    const char *count;
    const char *since;
    int64_t warn_s;
    int64_t fail_s;
};

static void
judge_waiting(struct rounds *rounds, const struct db_rows *rows, const struct kind *kinds,
              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct doctor_finding finding;
        const struct doctor_waiting waiting = { .count = db_row_i64(rows, 0, kinds[i].count),
                                                .oldest = db_row_time(rows, 0, kinds[i].since),
                                                .warn_s = kinds[i].warn_s,
                                                .fail_s = kinds[i].fail_s };
        doctor_judge_waiting(&finding, kinds[i].check, &waiting, rounds->now);
        rounds_print(rounds, &finding);
    }
}

/* What waits now, by a statement whose one row has all of `kinds`. */
static enum err
ask_waiting(struct rounds *rounds, struct arena *arena, enum statement statement,
            const struct kind *kinds, size_t count)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    db_params_init(&params, arena);
    db_time(&params, rounds->now);
    TRY(db_session_run(rounds->cli->session, statement, &params, &rows));
    judge_waiting(rounds, rows, kinds, count);
    return ERR_OK;
}

static enum err
look_at_waiting(struct rounds *rounds, struct arena *arena)
{
    int64_t late_s = config_int(rounds->cli->config, CONFIG_payment_unfinished_alarm_s, 0);
    const struct kind kinds[] = {
        { DOCTOR_WANTED_KEYS, "wanted", "wanted_since", -1, 0 },
        { DOCTOR_UNFINISHED, "unfinished", "unfinished_since", late_s, late_s + DAY_S },
        { DOCTOR_ORPHANS, "orphans", "orphans_since", -1, 0 },
        { DOCTOR_OUTBOX, "undelivered", "undelivered_since", HOUR_S, 0 },
        { DOCTOR_DEAD_LETTERS, "dead", "dead_since", -1, 0 },
        { DOCTOR_ENDPOINTS, "disabled", "disabled_since", -1, 0 },
    };
    return ask_waiting(rounds, arena, STATEMENT_doctor_waiting, kinds,
                       sizeof(kinds) / sizeof(kinds[0]));
}

/* Money that is to go back. */
static enum err
look_at_refunds(struct rounds *rounds, struct arena *arena)
{
    static const struct kind kinds[] = {
        { DOCTOR_REFUNDS, "stuck", "stuck_since", HOUR_S, DAY_S },
        { DOCTOR_DECISIONS, "waiting", "waiting_since", DAY_S, 0 },
    };
    return ask_waiting(rounds, arena, STATEMENT_doctor_refunds, kinds,
                       sizeof(kinds) / sizeof(kinds[0]));
}

/* Work that nobody does. */
static enum err
look_at_schedule(struct rounds *rounds, struct arena *arena)
{
    static const struct kind kinds[] = {
        { DOCTOR_GIVEN_UP, "given_up", "given_up_since", -1, 1 },
        { DOCTOR_SCHEDULE, "due", "due_since", 5 * MINUTE_S, 15 * MINUTE_S },
        { DOCTOR_STUCK_KEYS, "stuck", "stuck_since", 10 * MINUTE_S, 0 },
    };
    return ask_waiting(rounds, arena, STATEMENT_doctor_schedule, kinds,
                       sizeof(kinds) / sizeof(kinds[0]));
}

/* NULL is the day that is none. */
static enum err
day_in(const struct db_rows *rows, const char *column, struct day *out)
{
    *out = (struct day){ .year = 0 };
    return db_row_null(rows, 0, column) ? ERR_OK : day_parse(db_row_text(rows, 0, column), out);
}

static enum err
look_at_bill(struct rounds *rounds, size_t index, struct arena *arena)
{
    struct db_params params;
    struct doctor_finding finding;
    struct day newest;
    struct day first_paid;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    const char *name = accounts_at(rounds->cli->accounts, index)->name;
    db_params_init(&params, arena);
    db_cstr(&params, name);
    TRY(db_session_run(rounds->cli->session, STATEMENT_doctor_bill, &params, &rows));
    TRY(day_in(rows, "newest", &newest));
    TRY(day_in(rows, "first_paid", &first_paid));
    int hour = (int)config_int(rounds->cli->config, CONFIG_account_bill_give_up_hour, index);
    doctor_judge_bill(&finding, name, newest, first_paid, hour, rounds->now);
    rounds_print(rounds, &finding);
    return ERR_OK;
}

/* How many days somebody has to look at, and the oldest of them. */
static enum err
ask_days(struct rounds *rounds, struct arena *arena, enum statement statement,
         struct db_rows **rows, struct day *oldest)
{
    struct db_params params;
    db_params_init(&params, arena);
    TRY(db_session_run(rounds->cli->session, statement, &params, rows));
    return day_in(*rows, "oldest", oldest);
}

static enum err
look_at_days(struct rounds *rounds, struct arena *arena)
{
    struct doctor_finding finding;
    struct day oldest;
    DEFER(db_rows_free) struct db_rows *waiting = NULL;
    DEFER(db_rows_free) struct db_rows *reissued = NULL;
    DEFER(db_rows_free) struct db_rows *reports = NULL;
    TRY(ask_days(rounds, arena, STATEMENT_recon_day_count, &waiting, &oldest));
    doctor_judge_night(&finding, db_row_i64(waiting, 0, "late"), db_row_i64(waiting, 0, "blocked"),
                       oldest);
    rounds_print(rounds, &finding);
    TRY(day_in(waiting, "oldest_lacking", &oldest));
    doctor_judge_balances(&finding, db_row_i64(waiting, 0, "lacking"), oldest);
    rounds_print(rounds, &finding);
    TRY(ask_days(rounds, arena, STATEMENT_doctor_reissued, &reissued, &oldest));
    doctor_judge_reissued(&finding, db_row_i64(reissued, 0, "bills"), oldest);
    rounds_print(rounds, &finding);
    TRY(ask_days(rounds, arena, STATEMENT_doctor_reports, &reports, &oldest));
    doctor_judge_reports(&finding, db_row_i64(reports, 0, "runs"), oldest);
    rounds_print(rounds, &finding);
    return ERR_OK;
}

/* What the night reads there, where it does. */
static enum err
look_at_portal(struct rounds *rounds, struct arena *arena)
{
    static const struct kind kinds[] = { { DOCTOR_PORTAL, "failing", "failing_since", -1, DAY_S } };
    const struct config *config = rounds->cli->config;
    const char *name = config_text(config, CONFIG_portal_database_client, 0);
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    if (name[0] == 0) {
        return ERR_OK;
    }
    db_params_init(&params, arena);
    db_cstr(&params, clients_owner(config, name));
    TRY(db_session_run(rounds->cli->session, STATEMENT_doctor_portal, &params, &rows));
    judge_waiting(rounds, rows, kinds, 1);
    return ERR_OK;
}

static void
judge_trail(struct rounds *rounds, const struct db_rows *rows)
{
    struct doctor_finding finding;
    const struct config *config = rounds->cli->config;
    const struct doctor_trail trail = {
        .has_key = config_text(config, CONFIG_audit_signing_key, 0)[0] != 0,
        .number = db_row_i64(rows, 0, "number"),
        .whole = db_row_bool(rows, 0, "whole") && db_row_bool(rows, 0, "heads_hold"),
        .unsealed_since = db_row_time(rows, 0, "unsealed_since"),
        .seal_every_s = config_int(config, CONFIG_audit_seal_every_s, 0),
    };
    doctor_judge_trail(&finding, &trail, rounds->now);
    rounds_print(rounds, &finding);
}

static enum err
look(struct rounds *rounds, struct arena *arena)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rights = NULL;
    DEFER(db_rows_free) struct db_rows *trail = NULL;
    db_params_init(&params, arena);
    TRY(db_session_run(rounds->cli->session, STATEMENT_doctor_rights, &params, &rights));
    judge_rights(rounds, rights);
    TRY(look_at_waiting(rounds, arena));
    TRY(look_at_refunds(rounds, arena));
    TRY(look_at_schedule(rounds, arena));
    TRY(db_session_run(rounds->cli->session, STATEMENT_doctor_audit, &params, &trail));
    judge_trail(rounds, trail);
    TRY(look_at_days(rounds, arena));
    TRY(look_at_portal(rounds, arena));
    for (size_t i = 0; i < accounts_count(rounds->cli->accounts); i++) {
        TRY(look_at_bill(rounds, i, arena));
    }
    return ERR_OK;
}

void
rounds_look_into_database(struct rounds *rounds)
{
    DEFER(arena_free) struct arena *arena = NULL;
    enum err err = arena_new(ARENA_MAX_BYTES, &arena);
    if (err == ERR_OK) {
        err = look(rounds, arena);
    }
    if (err != ERR_OK) {
        find_database(rounds, err);
    }
}
