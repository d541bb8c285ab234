/* SPDX-License-Identifier: Apache-2.0 */
#include "close.h"

#include <stdlib.h>

#include "apply.h"
#include "ask.h"
#include "payment_read.h"

#define CLOSE_ARENA_MAX ((size_t)1024 * 1024)

/* What is done with each attempt, in this order; a step is left out where the state makes it so. */
enum step { STEP_QUERY_BEFORE, STEP_ASK_CLOSING, STEP_CLOSE, STEP_QUERY_AFTER, STEP_COUNT };

struct close {
    struct services *services;
    struct arena *arena;
    int slot;
    struct span payment_no;
    struct attempt *attempts;
    size_t count;
    size_t at;
    enum step step;
    enum query_by by;
    struct payment_change change;
    enum err trouble; /* the first one; the rest goes on */
    close_done done;
    void *context;
};

static void next(struct close *close);

static void
end(struct close *close, enum err err)
{
    close_done done = close->done;
    void *context = close->context;
    arena_free(&close->arena);
    free(close);
    done(context, err);
}

static void
settled(void *context, const struct db_answer *answer)
{
    struct close *close = context;
    end(close, answer->err != ERR_OK ? answer->err : close->trouble);
}

static void
settle(struct close *close)
{
    struct db_params params;
    db_params_init(&params, close->arena);
    db_i64(&params, close->slot);
    db_text(&params, close->payment_no);
    db_time(&params, clock_wall());
    db_run(close->services->db, STATEMENT_payment_close_settle, &params, settled, close);
}

static void
advance(struct close *close, enum attempt_state state, enum err err)
{
    struct attempt *attempt = &close->attempts[close->at];
    attempt->state = state;
    if (err != ERR_OK && close->trouble == ERR_OK) {
        close->trouble = err;
    }
    close->step = (enum step)((int)close->step + 1);
    if (close->step == STEP_COUNT || attempt_state_final(state)) {
        close->step = STEP_QUERY_BEFORE;
        close->at++;
    }
    next(close);
}

static void
asked(void *context, const struct ask_result *result)
{
    advance(context, result->state, result->err);
}

static void
closing_applied(void *context, enum err err, const struct payment_change_result *result)
{
    struct close *close = context;
    enum attempt_state before = close->attempts[close->at].state;
    advance(close, err == ERR_OK ? result->state : before, err);
}

static void
ask_closing(struct close *close)
{
    close->change = (struct payment_change){
        .slot = close->slot,
        .attempt_no = close->attempts[close->at].attempt_no,
        .event = ATTEMPT_CLOSE_ASKED,
        .now = clock_wall(),
    };
    apply_submit(close->services->apply, &close->change, closing_applied, close);
}

static void
next(struct close *close)
{
    while (close->at < close->count && attempt_state_final(close->attempts[close->at].state)) {
        close->at++;
    }
    if (close->at == close->count) {
        settle(close);
        return;
    }
    const struct attempt *attempt = &close->attempts[close->at];
    if (close->step == STEP_QUERY_BEFORE && attempt->state == ATTEMPT_CREATED) {
        close->step = STEP_ASK_CLOSING; /* nothing left this house: nothing to ask about */
    }
    if (close->step == STEP_ASK_CLOSING) {
        ask_closing(close);
    } else {
        ask_provider(close->services, attempt,
                     close->step == STEP_CLOSE ? ADAPTER_CLOSE : ADAPTER_QUERY, close->by, asked,
                     close);
    }
}

static void
loaded(void *context, enum err err, const struct payment *payment, const struct attempt *attempts,
       size_t count)
{
    struct close *close = context;
    void *storage = NULL;
    (void)payment;
    if (err == ERR_OK) {
        err = arena_array(close->arena, count, sizeof(struct attempt), &storage);
    }
    if (err != ERR_OK) {
        end(close, err);
        return;
    }
    close->attempts = storage;
    close->count = count;
    for (size_t i = 0; i < count; i++) {
        close->attempts[i] = attempts[i];
    }
    next(close);
}

static void
close_asked(void *context, const struct db_answer *answer)
{
    struct close *close = context;
    if (answer->err != ERR_OK) {
        end(close, answer->err);
        return;
    }
    payment_read(close->services, close->arena, close->slot, close->payment_no, loaded, close);
}

void
close_payment(struct services *services, int slot, struct span payment_no, enum query_by by,
              close_done done, void *context)
{
    struct close *close = calloc(1, sizeof(*close));
    if (close == NULL) {
        done(context, ERR_NO_MEMORY);
        return;
    }
    *close = (struct close){
        .services = services, .slot = slot, .by = by, .done = done, .context = context
    };
    enum err err = arena_new(CLOSE_ARENA_MAX, &close->arena);
    if (err == ERR_OK) {
        err = arena_copy(close->arena, payment_no, &close->payment_no);
    }
    if (err != ERR_OK) {
        end(close, err);
        return;
    }
    struct db_params params;
    db_params_init(&params, close->arena);
    db_i64(&params, slot);
    db_text(&params, payment_no);
    db_time(&params, clock_wall());
    db_run(services->db, STATEMENT_payment_close_ask, &params, close_asked, close);
}
