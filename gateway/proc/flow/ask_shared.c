/* SPDX-License-Identifier: Apache-2.0 */
#include "ask_shared.h"

#include <stdlib.h>

#include "timer.h"

#define LOOK_AGAIN_MS   50
#define ROW_ARENA_BYTES ((size_t)64 * 1024)

struct shared {
    struct services *services;
    struct arena *arena;
    struct arena *row; /* what the last look found */
    struct attempt attempt;
    enum query_by by;
    struct mono_time began;
    int64_t max_ms;
    struct timer *look;
    ask_shared_done done;
    void *context;
};

static void
end(struct shared *shared, const struct ask_shared_result *result)
{
    ask_shared_done done = shared->done;
    void *context = shared->context;
    const struct ask_shared_result said = *result;
    timer_free(&shared->look);
    arena_free(&shared->row);
    arena_free(&shared->arena);
    free(shared);
    done(context, &said);
}

static void
end_shared(struct shared *shared, enum err err, enum attempt_state state)
{
    end(shared, &(struct ask_shared_result){ .err = err, .state = state, .shared = true });
}

/* Nothing was asked, and nothing has changed. */
static void
end_unasked(struct shared *shared, enum err err)
{
    end(shared, &(struct ask_shared_result){ .err = err, .state = shared->attempt.state });
}

/* A code that this release does not know is of another one. */
static enum err
err_of(struct span code)
{
    for (int i = 0; i < ERR_COUNT; i++) {
        if (span_eq_cstr(code, err_code((enum err)i))) {
            return (enum err)i;
        }
    }
    return ERR_PROVIDER_NO_ANSWER;
}

static void look_again(struct shared *shared);
static void ask(struct shared *shared);

/* Its count, not its time, tells that a query has ended: clocks of nodes differ. */
static void
judge_look(struct shared *shared, const struct attempt *now)
{
    if (now->query_count > shared->attempt.query_count) {
        end_shared(shared, span_empty(now->query_trouble) ? ERR_OK : err_of(now->query_trouble),
                   now->state);
    } else if (attempt_state_final(now->state)) {
        end_shared(shared, ERR_OK, now->state);
    } else if (clock_mono_ms_since(shared->began) > shared->max_ms) {
        end_shared(shared, ERR_PROVIDER_NO_ANSWER, now->state);
    } else if (now->query_lease_until.us <= clock_wall().us) {
        ask(shared); /* who held it died, or had no budget */
    } else {
        look_again(shared);
    }
}

static void
looked(void *context, const struct db_answer *db)
{
    struct shared *shared = context;
    struct attempt now;
    enum err err = db->err;
    if (err == ERR_OK) {
        err = db_rows_count(db->rows) == 1 ? attempt_row(db->rows, 0, shared->row, &now)
                                           : ERR_DB_ROWS;
    }
    if (err != ERR_OK) {
        end_unasked(shared, err);
    } else {
        judge_look(shared, &now);
    }
}

static void
on_look(void *context)
{
    struct shared *shared = context;
    struct db_params params;
    arena_reset(shared->row);
    db_params_init(&params, shared->row);
    db_i64(&params, shared->attempt.slot);
    db_text(&params, shared->attempt.attempt_no);
    db_run(shared->services->db, STATEMENT_attempt_find, &params, looked, shared);
}

static void
look_again(struct shared *shared)
{
    enum err err = shared->look == NULL
                       ? timer_new(shared->services->base, on_look, shared, &shared->look)
                       : ERR_OK;
    if (err == ERR_OK) {
        err = timer_arm(shared->look, LOOK_AGAIN_MS);
    }
    if (err != ERR_OK) {
        end_unasked(shared, err);
    }
}

static void
asked(void *context, const struct ask_result *result)
{
    struct shared *shared = context;
    if (result->err == ERR_LOST_RACE) {
        look_again(shared);
    } else {
        end(shared, &(struct ask_shared_result){
                        .err = result->err, .state = result->state, .wait_ms = result->wait_ms });
    }
}

static void
ask(struct shared *shared)
{
    ask_provider(shared->services, &shared->attempt, ADAPTER_QUERY, shared->by, asked, shared);
}

void
ask_shared(struct services *services, const struct attempt *attempt, enum query_by by,
           int64_t max_ms, ask_shared_done done, void *context)
{
    struct shared *shared = calloc(1, sizeof(*shared));
    if (shared == NULL) {
        done(context, &(struct ask_shared_result){ .err = ERR_NO_MEMORY, .state = attempt->state });
        return;
    }
    *shared = (struct shared){ .services = services,
                               .by = by,
                               .began = clock_mono(),
                               .max_ms = max_ms,
                               .done = done,
                               .context = context };
    enum err err = arena_new(ROW_ARENA_BYTES, &shared->arena);
    if (err == ERR_OK) {
        err = arena_new(ROW_ARENA_BYTES, &shared->row);
    }
    if (err == ERR_OK) {
        err = ask_copy_attempt(attempt, shared->arena, &shared->attempt);
    }
    if (err != ERR_OK) {
        end_unasked(shared, err);
        return;
    }
    ask(shared);
}
