/* SPDX-License-Identifier: Apache-2.0 */
/* The chore that asks about differences, over a real database and with another in the provider's place: `refund_ask` and `ask_provider`
 * are wrapped by the linker. */
#include <event2/event.h>

#include "ask.h"
#include "chores.h"
#include "clock_fake.h"
#include "difference_refund.h"
#include "refund_ask.h"

#define GUARD_S 20

void __wrap_refund_ask(struct services *services, const struct refund *refund,
                       struct wall_time lease_until, refund_ask_done done, void *context);
void __wrap_ask_provider(struct services *services, const struct attempt *attempt,
                         enum adapter_operation operation, enum query_by by, ask_done done,
                         void *context);

static struct services services;
static size_t refunds_asked;
static size_t attempts_asked;
static bool answers; /* the provider does */

/* As from the provider: the statement is stored and known by its digest. */
void
__wrap_refund_ask(struct services *by, const struct refund *refund, struct wall_time lease_until,
                  refund_ask_done done, void *context)
{
    struct refund_ask_result result = { .err = answers ? ERR_OK : ERR_PROVIDER_NO_ANSWER,
                                        .state = refund->state,
                                        .told = answers };
    cr_expect_eq(by, &services);
    CHECK_TEXT(refund->refund_no, REFUND);
    CHECK_TEXT(refund->attempt_no, ATTEMPT);
    CHECK_TEXT(refund->account, "main");
    cr_expect_eq(refund->slot, 7);
    cr_expect_eq(refund->amount.minor, 100);
    cr_expect_eq(wall_ms_between(clock_wall(), lease_until), REFUND_LEASE_MS);
    refunds_asked++;
    if (answers) {
        refund_said(REFUND_SUCCEED);
        CHECK_OK(crypto_sha256(span_of(refund_event_code(REFUND_SUCCEED)), result.digest));
    }
    done(context, &result);
}

void
__wrap_ask_provider(struct services *by, const struct attempt *attempt,
                    enum adapter_operation operation, enum query_by share, ask_done done,
                    void *context)
{
    const struct ask_result result = { .err = ERR_PROVIDER_NO_ANSWER, .state = attempt->state };
    cr_expect_eq(by, &services);
    CHECK_TEXT(attempt->attempt_no, ATTEMPT);
    cr_expect_eq(operation, ADAPTER_QUERY);
    cr_expect_eq(share, QUERY_BY_SCHEDULE);
    attempts_asked++;
    done(context, &result);
}

static void
open_house(void)
{
    difference_house_open();
    services.base = event_base_new();
    CHECK_OK(db_open(services.base, database.app, 2, 20000, &services.db));
    CHECK_OK(db_session_open(database.app, &app));
}

static void
close_house(void)
{
    db_close(&services.db);
    event_base_free(services.base);
    people_close();
}

TestSuite(difference_chore, .init = open_house, .fini = close_house);

static void
give_up(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    cr_assert_fail("the chore does not end");
}

/* The only difference that there is. */
static void
ask_about_all(void)
{
    struct timeval wait = { .tv_sec = GUARD_S };
    struct event *guard = event_new(services.base, -1, 0, give_up, NULL);
    cr_assert_eq(event_add(guard, &wait), 0);
    people_open();
    chore_difference_asks(&services);
    while (!db_idle(services.db)) {
        cr_assert_geq(event_base_loop(services.base, EVLOOP_ONCE), 0);
    }
    event_free(guard);
}

Test(difference_chore, a_refund_is_taken_asked_about_and_its_answer_kept)
{
    answers = true;
    refund_is("sent");
    refund_day(1, "sent", "REF_PENDING_AGED", 0);
    ask_about_all();
    cr_expect_eq(refunds_asked, 1);
    cr_expect_eq(attempts_asked, 0, "it is about the refund");
    cr_expect_eq(difference_count("difference_event v JOIN tallygate.evidence e"
                                  " ON e.digest = v.evidence_digest AND e.refund_no = '" REFUND
                                  "' WHERE v.event = 'answer' AND v.actor = 'query:" REFUND "'"),
                 1);
    cr_expect_eq(difference_count("difference_ask WHERE news"), 1);
    ask_about_all();
    cr_expect_eq(refunds_asked, 1, "it is not due");
}

Test(difference_chore, silence_about_a_refund_is_no_event_and_the_schedule_asks_again)
{
    refund_is("sent");
    refund_day(1, "sent", "REF_PENDING_AGED", 0);
    ask_about_all();
    cr_expect_eq(refunds_asked, 1);
    cr_expect_eq(difference_count("difference_event WHERE event = 'answer'"), 0);
    cr_expect_eq(difference_count("difference WHERE state = 'checking'"), 1);
    clock_fake_advance_ms(2 * MINUTE_MS);
    answers = true;
    ask_about_all();
    cr_expect_eq(refunds_asked, 2);
    cr_expect_eq(difference_count("difference_event WHERE event = 'answer'"), 1);
}

Test(difference_chore, a_refund_that_somebody_is_asking_about_is_left_to_them)
{
    struct db_params params;
    refund_is("sent");
    refund_day(1, "sent", "REF_PENDING_AGED", 0);
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, REFUND);
    db_time(&params, clock_wall());
    db_time(&params, wall_add_ms(clock_wall(), MINUTE_MS));
    db_bool(&params, true);
    CHECK_OK(db_session_run(app, STATEMENT_refund_take, &params, &rows));
    cr_assert_eq(db_rows_count(rows), 1);
    ask_about_all();
    cr_expect_eq(refunds_asked, 0);
    cr_expect_eq(difference_count("difference_event WHERE event = 'answer'"), 0);
    clock_fake_advance_ms(2 * MINUTE_MS);
    ask_about_all();
    cr_expect_eq(refunds_asked, 1, "its lease has ended");
}

Test(difference_chore, an_attempt_is_asked_about_as_such)
{
    difference_day(
        1, 1,
        &(struct difference_unit){ .code = "SHORT_PAY", .attempt_no = ATTEMPT, .p_fen = 56000 });
    ask_about_all();
    cr_expect_eq(attempts_asked, 1);
    cr_expect_eq(refunds_asked, 0);
    cr_expect_eq(difference_count("difference_event WHERE event = 'answer'"), 0);
}
