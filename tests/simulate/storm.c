/* SPDX-License-Identifier: Apache-2.0 */
#include "storm.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "between.h"
#include "books.h"
#include "chance.h"
#include "clerk.h"
#include "front.h"
#include "history.h"
#include "loop.h"
#include "memory.h"
#include "outside.h"
#include "payer.h"
#include "portal.h"
#include "process.h"
#include "real_store.h"
#include "sweep.h"
#include "twin.h"
#include "weather.h"

#define US_PER_S    INT64_C(1000000)
#define START_US    INT64_C(1773108000000000) /* 2026-03-10T02:00:00Z */
#define WORLD_S     30                        /* how often the world looks what is due */
#define LOOK_S      30                        /* how often we look whether all is well */
#define REST_S      300                       /* all stays well that long */
#define PATIENCE_S  14400 /* after the storm: bounded, whatever happened in it */
#define FIXED_S     600   /* by then everybody has come who comes on the day of a sweep */
#define QUIET_S     900   /* whoever still waits then is forgotten */
#define DEADLINE_MS 5000
#define AGAIN_S     20 /* a process that died is started again within that */

static struct storm_result *result;
static struct twin *store;
static bool telling; /* broken claims are reported, not only counted */
static size_t broken;

static void
tell(const char *claim, const char *about)
{
    broken++;
    if (!telling) {
        return;
    }
    history_note("BROKEN: %s: %s", claim, about);
    if (result->broken++ == 0) {
        (void)snprintf(result->claim, sizeof(result->claim), "%s: %s", claim, about);
    }
}

static struct twin_chance
fate_of(void *context, enum statement statement)
{
    bool applies =
        statement == STATEMENT_payment_apply || statement == STATEMENT_payment_apply_many;
    (void)context;
    struct twin_chance chance = { .before_ms = chance_between(0, 4),
                                  .after_ms = chance_between(0, 4) };
    if (chance_permille(weather.store_away)) {
        chance.fate = TWIN_AWAY;
        chance.after_ms = chance_below(2) == 0 ? DEADLINE_MS : 1;
    } else if (chance_permille(weather.store_lost)) {
        chance.fate = TWIN_LOST;
        chance.after_ms = DEADLINE_MS;
    } else if (chance_permille(weather.store_unheard)) {
        chance.fate = TWIN_UNHEARD;
        chance.after_ms = chance_below(2) == 0 ? DEADLINE_MS : 1;
    } else if (applies && chance_permille(weather.store_overtaken)) {
        chance.fate = TWIN_OVERTAKEN;
    }
    if (sweep_strikes(SWEEP_STATEMENTS, statement_files[statement].name)) {
        static const enum twin_fate swept[SWEEP_WAYS] = {
            [SWEEP_REFUSED] = TWIN_AWAY, [SWEEP_LOST] = TWIN_LOST, [SWEEP_UNHEARD] = TWIN_UNHEARD
        };
        chance.fate = swept[sweep_way()];
        chance.after_ms = DEADLINE_MS;
    }
    if (chance.fate != TWIN_DONE) {
        static const char *const words[] = { "", "is away", "loses", "does, unheard,",
                                             "is overtaken at" };
        history_note("store %s %s", words[chance.fate], statement_files[statement].name);
    }
    return chance;
}

/* What the store keeps outlives whoever asked for it. */
static void
cross_border(bool inside)
{
    static int asker;
    if (inside) {
        asker = memory_owner(0);
    } else {
        (void)memory_owner(asker);
    }
}

static void
start_again(void *context)
{
    struct process *process = context;
    history_note("process %d starts again", process->number);
    process_start(process);
}

static void
crash_some(void *context)
{
    struct process *process = process_at((size_t)chance_below((int64_t)process_count()));
    (void)context;
    if (process->up && chance_permille(weather.crash)) {
        result->crashes++;
        process_crash(process);
        (void)loop_after(chance_between(0, AGAIN_S) * US_PER_S, 0, start_again, process);
    }
    /* Crashes fall between any two steps, not on whole seconds. */
    (void)loop_after(chance_between(1, 2 * US_PER_S), 0, crash_some, NULL);
}

static void
world_looks(void *context)
{
    static const char *const calls[] = { "/alipay/release", "/wechatpay/release",
                                         "/unionpay/release" };
    (void)context;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        DEFER(json_free) struct json_t *out = NULL;
        int status = outside_ask(calls[i], NULL, &out);
        assert(status == 200);
        (void)status;
    }
    (void)loop_after((weather_is_calm() ? 2 : 1) * WORLD_S * US_PER_S, 0, world_looks, NULL);
}

static size_t
judge(struct twin *ours, bool tells)
{
    telling = tells;
    broken = 0;
    real_store_read(ours);
    books_against_world(ours, tell);
    books_within(ours, tell);
    books_against_portal(ours, tell);
    books_refunds(ours, tell);
    clerk_judge(ours, tell);
    books_sealed(ours, tell);
    if (broken == 0 || tells) {
        books_trail(ours, tell);
    }
    if (tells) {
        books_checkpoints(ours, tell);
    }
    return broken;
}

/* Whoever is told that his statement has arrived does not come again: it must be stored by then. */
static void
acknowledged(struct span body)
{
    telling = true;
    real_store_read(store);
    books_acknowledged(store, body, tell);
}

static void
answered(const struct front_wish *wish, int status, struct span body)
{
    telling = true;
    if (wish->route == FRONT_CALLBACK) {
        books_callback_answer(status, tell);
    } else {
        books_answer(wish->errs, status, body, tell);
    }
}

static void
run_until(int64_t until_us)
{
    while (loop_step(until_us)) {
    }
}

static bool
is_quiet(void)
{
    return payer_quiet() && clerk_quiet() && front_quiet() && between_quiet() && process_all_idle();
}

static void
run_until_well(struct twin *ours, int64_t end_us)
{
    do {
        run_until(loop_now_us() + LOOK_S * US_PER_S);
    } while (loop_now_us() < end_us
             && (!payer_quiet() || !clerk_quiet() || judge(ours, false) > 0));
}

/* After the storm all must become well within bounded time, and stay so. */
static void
wait_for_calm(struct twin *ours, int64_t storm_us)
{
    int64_t end_us = storm_us + PATIENCE_S * US_PER_S;
    do {
        run_until_well(ours, end_us);
        run_until(loop_now_us() + REST_S * US_PER_S);
    } while (loop_now_us() < end_us && judge(ours, false) > 0);
    end_us = loop_now_us() + QUIET_S * US_PER_S;
    while (!is_quiet() && loop_step(end_us)) {
    }
    telling = true;
    if (!front_quiet()) {
        tell("whoever asks is answered", "a request");
    }
    if (!is_quiet()) {
        tell("every process comes to rest", "waiting");
    }
    (void)judge(ours, true);
}

/* What differs with the keys that were made, or by how PostgreSQL writes JSON. */
static bool
is_apart(const struct twin_value *value, enum twin_column column)
{
    return value->type == TWIN_BYTES || column == TWIN_COLUMN_ca_order_invoice_profile
           || column == TWIN_COLUMN_audit_checkpoint_heads
           || column == TWIN_COLUMN_audit_checkpoint_key_id;
}

static enum err
put_row(const struct twin_row *row, struct buf *line)
{
    enum twin_column first = twin_column_first(row->table);
    TRY(buf_text(line, twin_table_name(row->table)));
    for (size_t i = 0; i < twin_column_count(row->table); i++) {
        const struct twin_value *value = &row->values[i];
        if (!is_apart(value, (enum twin_column)(first + i))) {
            TRY(buf_printf(line, "|%lld%.*s", (long long)value->number, SPAN_ARG(value->bytes)));
        }
    }
    return ERR_OK;
}

static int
by_text(const void *a, const void *b)
{
    const struct buf *first = a;
    const struct buf *second = b;
    return span_cmp(buf_span(first), buf_span(second));
}

/* In an order that is the same for every store. */
static void
note_table(struct twin *ours, enum twin_table table)
{
    const struct twin_row *row;
    size_t count = 0;
    for (size_t at = 0; twin_next(ours, table, &at) != NULL;) {
        count++;
    }
    struct buf *lines = calloc(count + 1, sizeof(*lines));
    assert(lines != NULL);
    count = 0;
    for (size_t at = 0; (row = twin_next(ours, table, &at)) != NULL;) {
        buf_init(&lines[count], (size_t)1024 * 1024);
        enum err err = put_row(row, &lines[count++]);
        assert(err == ERR_OK);
        (void)err;
    }
    qsort(lines, count, sizeof(*lines), by_text);
    for (size_t i = 0; i < count; i++) {
        history_note("%.*s", SPAN_ARG(buf_span(&lines[i])));
        buf_fini(&lines[i]);
    }
    free(lines);
}

static void
note_rows(struct twin *ours)
{
    for (int table = 0; table < TWIN_TABLES; table++) {
        note_table(ours, (enum twin_table)table);
    }
}

static void
count_outcomes(struct twin *ours, struct storm_result *out)
{
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(ours, TWIN_attempt, &at)) != NULL;) {
        out->paid += twin_is(OF(row, attempt, state), "paid");
        out->late += twin_is(OF(row, attempt, state), "late_paid");
    }
    for (size_t at = 0; (row = twin_next(ours, TWIN_payment, &at)) != NULL;) {
        out->duplicates += OF(row, payment, duplicate).number != 0;
    }
    for (size_t at = 0; (row = twin_next(ours, TWIN_refund, &at)) != NULL;) {
        out->refunds += twin_is(OF(row, refund, state), "succeeded");
    }
}

static void
set_flaw(struct twin *twin, enum flaw flaw)
{
    static const enum twin_flaw of_store[FLAW_COUNT] = {
        [FLAW_TWICE] = TWIN_FLAW_TWICE,
        [FLAW_NO_EVIDENCE] = TWIN_FLAW_NO_EVIDENCE,
        [FLAW_NO_OUTBOX] = TWIN_FLAW_NO_OUTBOX,
        [FLAW_REGRESS] = TWIN_FLAW_REGRESS,
        [FLAW_SILENCE_CLOSES] = TWIN_FLAW_SILENCE_CLOSES,
        [FLAW_UNRESERVED] = TWIN_FLAW_UNRESERVED,
        [FLAW_UNAPPROVED] = TWIN_FLAW_UNAPPROVED,
        [FLAW_UNSEALED] = TWIN_FLAW_UNSEALED,
    };
    flaw_present = flaw;
    twin_flaw_set(twin, of_store[flaw]);
}

static void
open_all(struct twin *twin, const struct storm_options *options, int64_t storm_us)
{
    set_flaw(twin, options->flaw);
    twin_fates_set(twin, fate_of, NULL);
    twin_border_set(twin, cross_border);
    twin_offer(twin);
    store = twin;
    front_open(answered);
    between_open(acknowledged);
    portal_open();
    twin_endpoint_add(twin, PORTAL_ENDPOINT, "portal", PORTAL_URL);
    real_store_begin(twin);
    enum err err = outside_open(options->pki, between_notice);
    assert(err == ERR_OK);
    (void)err;
    process_open_all("twin", 2, 1);
    if (options->fixed) {
        payer_open_fixed(options->only_order);
    } else {
        payer_open(storm_us);
        clerk_open(storm_us);
    }
    world_looks(NULL);
    crash_some(NULL);
}

static void
close_all(struct twin **twin)
{
    for (size_t i = 0; i < process_count(); i++) {
        char about[32];
        (void)snprintf(about, sizeof(about), "process %zu", i + 1);
        telling = true;
        if (!process_end(process_at(i))) {
            tell("a process gives back all its memory", about);
        }
    }
    loop_close();
    payer_close();
    front_close();
    between_close();
    outside_close();
    twin_free(twin);
}

void
storm_play(uint64_t seed, const struct storm_options *options, struct storm_result *out)
{
    struct twin *twin = NULL;
    *out = (struct storm_result){ .broken = 0 };
    result = out;
    chance_open(seed);
    loop_open((struct wall_time){ .us = START_US });
    history_open(options->show);
    weather_draw();
    int64_t storm_us = chance_between(60, 600) * US_PER_S;
    if (options->fixed) {
        weather_calm();
        storm_us = FIXED_S * US_PER_S;
    }
    enum err err = twin_new(&twin);
    assert(err == ERR_OK);
    (void)err;
    open_all(twin, options, storm_us);
    run_until(storm_us);
    weather_calm();
    outside_be_honest();
    history_note("the storm is over");
    wait_for_calm(twin, storm_us);
    if (payer_complaint() != NULL) {
        telling = true;
        tell(payer_complaint(), "payer");
    }
    count_outcomes(twin, out);
    note_rows(twin);
    close_all(&twin);
    history_close(out->digest);
}
