/* SPDX-License-Identifier: Apache-2.0 */
#include "close.h"

#include <stdlib.h>

#include "apply.h"
#include "ask_shared.h"
#include "payment_read.h"
#include "poll_schedule.h"
#include "provider_call.h"

#define CLOSE_ARENA_MAX ((size_t)1024 * 1024)

/* What is done with each attempt, in this order; a step is left out where the state makes it so. */
enum step {
    STEP_QUERY_BEFORE,
    STEP_ASK_CLOSING,
    STEP_MAKE, /* what never arrived there cannot be closed: it is sent once more, for nobody to pay */
    STEP_CLOSE,
    STEP_QUERY_AFTER,
    STEP_HURRY, /* what has not ended now is looked at again soon */
    STEP_COUNT
};

struct close {
    struct services *services;
    struct arena *arena;
    int slot;
    struct span payment_no;
    struct attempt *attempts;
    size_t count;
    size_t at;
    enum step step;
    bool told;   /* the provider has said that it closed this attempt */
    bool absent; /* it has said, unsigned, that it knows no such trade */
    enum query_by by;
    struct payment_change change;
    enum err trouble; /* the first one; the rest goes on */
    int64_t wait_ms;  /* REFRESH_BUDGET: nobody is asked any more, the schedule will */
    close_done done;
    ask_done attempt_done; /* instead of `done`, for one attempt */
    void *context;
};

static void next(struct close *close);

static void
end(struct close *close, enum err err)
{
    close_done done = close->done;
    ask_done attempt_done = close->attempt_done;
    void *context = close->context;
    struct ask_result result = { .err = err, .wait_ms = close->wait_ms };
    result.state = attempt_done == NULL ? ATTEMPT_CREATED : close->attempts[0].state;
    arena_free(&close->arena);
    free(close);
    if (attempt_done != NULL) {
        attempt_done(context, &result);
    } else {
        done(context, err);
    }
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
    next(close);
}

static void
close_said(void *context, const struct ask_result *result)
{
    struct close *close = context;
    close->wait_ms = result->err == ERR_REFRESH_BUDGET ? result->wait_ms : 0;
    close->told = result->err == ERR_OK;
    advance(close, result->state, result->err);
}

static void
query_said(void *context, const struct ask_shared_result *result)
{
    struct close *close = context;
    if (result->err == ERR_REFRESH_BUDGET) {
        close->wait_ms = result->wait_ms;
    }
    close->absent = result->err == ERR_PROVIDER_TRADE_ABSENT;
    /* Then the next steps tell how far closing comes. */
    bool goes_on = close->absent && close->step == STEP_QUERY_BEFORE;
    advance(close, result->state, goes_on ? ERR_OK : result->err);
}

/* Also when it was refused: the trade may have arrived meanwhile. */
static void
make_said(void *context, const struct ask_result *result)
{
    struct close *close = context;
    close->wait_ms = result->err == ERR_REFRESH_BUDGET ? result->wait_ms : 0;
    advance(close, result->state, ERR_OK);
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
hurried(void *context, const struct db_answer *answer)
{
    struct close *close = context;
    advance(close, close->attempts[close->at].state, answer->err);
}

static void
hurry(struct close *close)
{
    const struct attempt *attempt = &close->attempts[close->at];
    struct db_params params;
    db_params_init(&params, close->arena);
    db_i64(&params, attempt->slot);
    db_text(&params, attempt->attempt_no);
    db_time(&params, wall_add_ms(clock_wall(), poll_schedule_first_ms(NULL)));
    db_run(close->services->db, STATEMENT_attempt_poll_next, &params, hurried, close);
}

static bool
closes(const struct close *close, const struct attempt *attempt)
{
    const struct adapter_account *account =
        accounts_find(close->services->accounts, attempt->account);
    return account != NULL && provider_call_offered(account, ADAPTER_CLOSE);
}

/* Steps that say nothing new are left out: nothing has left this house, closing was asked for before, the
 * provider closes by time alone, the budget is used up, or the schedule itself closes. */
static bool
is_idle(const struct close *close, const struct attempt *attempt)
{
    switch (close->step) {
    case STEP_QUERY_BEFORE:
        return attempt->state == ATTEMPT_CREATED || close->wait_ms > 0;
    case STEP_ASK_CLOSING:
        return attempt->state == ATTEMPT_CLOSING;
    case STEP_MAKE:
        return !close->absent || close->wait_ms > 0 || !closes(close, attempt);
    case STEP_CLOSE:
    case STEP_QUERY_AFTER:
        return close->wait_ms > 0 || !closes(close, attempt);
    case STEP_HURRY:
        return close->attempt_done != NULL;
    case STEP_COUNT:
        break;
    }
    return false;
}

static void
do_step(struct close *close, const struct attempt *attempt)
{
    if (close->step == STEP_ASK_CLOSING) {
        ask_closing(close);
    } else if (close->step == STEP_HURRY) {
        hurry(close);
    } else if (close->step == STEP_MAKE) {
        ask_provider(close->services, attempt, ADAPTER_PAY, close->by, make_said, close);
    } else if (close->step == STEP_CLOSE) {
        ask_provider(close->services, attempt, ADAPTER_CLOSE, close->by, close_said, close);
    } else {
        ask_shared(close->services, attempt, close->by, ASK_LEASE_MS, query_said, close);
    }
}

/* Money may cross the closing, so also what the provider has closed is asked about once more. */
static bool
is_over(const struct close *close, const struct attempt *attempt)
{
    bool ask_after = close->told && close->step == STEP_QUERY_AFTER;
    return close->step == STEP_COUNT
           || (attempt_state_final(attempt->state)
               && !(ask_after && attempt->state == ATTEMPT_CLOSED));
}

static void
next(struct close *close)
{
    while (close->at < close->count) {
        const struct attempt *attempt = &close->attempts[close->at];
        if (is_over(close, attempt)) {
            close->step = STEP_QUERY_BEFORE;
            close->told = false;
            close->absent = false;
            close->at++;
        } else if (is_idle(close, attempt)) {
            close->step = (enum step)((int)close->step + 1);
        } else {
            do_step(close, attempt);
            return;
        }
    }
    settle(close);
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

static enum err
close_new(struct services *services, int slot, struct span payment_no, enum query_by by,
          struct close **out)
{
    struct close *close = calloc(1, sizeof(*close));
    if (close == NULL) {
        return ERR_NO_MEMORY;
    }
    *close = (struct close){ .services = services, .slot = slot, .by = by };
    enum err err = arena_new(CLOSE_ARENA_MAX, &close->arena);
    if (err == ERR_OK) {
        err = arena_copy(close->arena, payment_no, &close->payment_no);
    }
    if (err != ERR_OK) {
        arena_free(&close->arena);
        free(close);
        return err;
    }
    *out = close;
    return ERR_OK;
}

void
close_payment(struct services *services, int slot, struct span payment_no, enum query_by by,
              close_done done, void *context)
{
    struct close *close = NULL;
    enum err err = close_new(services, slot, payment_no, by, &close);
    if (err != ERR_OK) {
        done(context, err);
        return;
    }
    close->done = done;
    close->context = context;
    struct db_params params;
    db_params_init(&params, close->arena);
    db_i64(&params, slot);
    db_text(&params, payment_no);
    db_time(&params, clock_wall());
    db_run(services->db, STATEMENT_payment_close_ask, &params, close_asked, close);
}

void
close_attempt(struct services *services, struct attempt *attempt, enum query_by by, ask_done done,
              void *context)
{
    struct close *close = NULL;
    enum err err = close_new(services, attempt->slot, attempt->payment_no, by, &close);
    if (err != ERR_OK) {
        done(context, &(struct ask_result){ .err = err, .state = attempt->state });
        return;
    }
    close->attempt_done = done;
    close->context = context;
    close->attempts = attempt;
    close->count = 1;
    next(close);
}
