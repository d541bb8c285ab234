/* SPDX-License-Identifier: Apache-2.0 */
/* What goes back: never more than came in, each time once and the same at the provider, by two people or inside the policy's
 * limit; and every refund comes to an end or waits for people. */
#include <stdio.h>
#include <string.h>

#include "books.h"

#define THERE_MAX 512

struct judge {
    struct twin *ours;
    books_tell tell;
    char about[BOOKS_ABOUT];
};

static void
name(struct judge *judge, struct twin_value number)
{
    books_about(judge->about, number.bytes, 0);
}

static void
claim(const struct judge *judge, bool holds, const char *what)
{
    if (!holds) {
        judge->tell(what, judge->about);
    }
}

struct sums {
    int64_t reserved; /* neither rejected, withdrawn nor failed */
    int64_t moved;
};

static bool
is_given_up(struct twin_value state)
{
    return twin_is(state, "failed") || twin_is(state, "rejected") || twin_is(state, "withdrawn");
}

static bool
may_rest(struct twin_value state)
{
    return twin_is(state, "succeeded") || is_given_up(state) || twin_is(state, "proposed")
           || twin_is(state, "requested");
}

static struct sums
sums_of(struct twin *ours, struct twin_value attempt_no)
{
    struct sums sums = { .reserved = 0 };
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(ours, TWIN_refund, &at)) != NULL;) {
        struct twin_value state = OF(row, refund, state);
        if (twin_eq(OF(row, refund, attempt_no), attempt_no)) {
            sums.reserved += is_given_up(state) ? 0 : OF(row, refund, amount_fen).number;
            sums.moved += twin_is(state, "succeeded") ? OF(row, refund, amount_fen).number : 0;
        }
    }
    return sums;
}

static void
judge_attempt(struct judge *judge, const struct twin_row *attempt)
{
    struct sums sums = sums_of(judge->ours, OF(attempt, attempt, attempt_no));
    name(judge, OF(attempt, attempt, attempt_no));
    claim(judge,
          sums.reserved == OF(attempt, attempt, refund_reserved_fen).number
              && sums.moved == OF(attempt, attempt, refunded_fen).number,
          "an attempt reserves and counts its refunds");
    claim(judge, sums.reserved <= OF(attempt, attempt, refundable_fen).number,
          "no more goes back than came in");
}

/* The providers' side: each of theirs is one of ours, and there are as many. */
static void
judge_there(struct judge *judge)
{
    static struct books_refund_there there[THERE_MAX];
    size_t count = books_refunds_there(there, THERE_MAX);
    size_t here = 0;
    const struct twin_row *row;
    for (size_t i = 0; i < count; i++) {
        row = TWIN_FIND(judge->ours, refund, IS(refund, refund_no, twin_text(there[i].refund_no)));
        name(judge, twin_text(there[i].refund_no));
        claim(judge,
              row != NULL && twin_is(OF(row, refund, state), "succeeded")
                  && twin_is(OF(row, refund, attempt_no), there[i].attempt_no)
                  && OF(row, refund, amount_fen).number == there[i].fen,
              "what a provider gave back is a refund of ours, to the fen");
        for (size_t j = 0; j < i; j++) {
            claim(judge, strcmp(there[i].refund_no, there[j].refund_no) != 0,
                  "nothing is given back twice");
        }
    }
    for (size_t at = 0; (row = twin_next(judge->ours, TWIN_refund, &at)) != NULL;) {
        here += twin_is(OF(row, refund, state), "succeeded");
    }
    (void)snprintf(judge->about, sizeof(judge->about), "%zu there, %zu here", count, here);
    claim(judge, count == here, "as many refunds are given back as our books say");
}

/* One event of a refund's way: where it began, what people did, what went out. */
struct way {
    struct twin_value state;
    bool approved;
    int64_t successes;
};

static int64_t
notices_of(const struct judge *judge, const struct twin_row *event, const char *kind)
{
    return TWIN_FIND(judge->ours, outbox, IS(outbox, payment_no, OF(event, event, payment_no)),
                     IS(outbox, seq, OF(event, event, seq)), IS(outbox, kind, twin_text(kind)))
           != NULL;
}

static void
judge_step(const struct judge *judge, const struct twin_row *refund, const struct twin_row *event,
           struct way *way)
{
    struct twin_value to = OF(event, event, to_state);
    struct twin_value actor = OF(event, event, actor);
    bool moves = !twin_eq(OF(event, event, from_state), to);
    bool by_policy = twin_is(OF(refund, refund, approved_by), "policy:limit");
    claim(judge, twin_eq(OF(event, event, from_state), way->state),
          "an event of a refund begins where the one before it ended");
    if (twin_is(OF(event, event, event), "approve")) {
        claim(judge,
              by_policy
                  || (twin_some(actor) && twin_eq(actor, OF(refund, refund, approved_by))
                      && !twin_eq(actor, OF(refund, refund, requested_by))),
              "who approves is not who asked");
        way->approved = true;
    }
    claim(judge, !twin_is(OF(event, event, event), "send") || way->approved,
          "nothing is sent before it is approved");
    claim(judge, !twin_is(to, "succeeded") || twin_some(OF(event, event, evidence_digest)),
          "no refund succeeds without a provider's word");
    claim(judge,
          notices_of(judge, event, "refund.succeeded") == (moves && twin_is(to, "succeeded")),
          "a refund that succeeds is told once");
    claim(judge, notices_of(judge, event, "refund.failed") == (moves && twin_is(to, "failed")),
          "a refund that fails is told once");
    way->successes += moves && twin_is(to, "succeeded");
    way->state = to;
}

static void
judge_refund(struct judge *judge, const struct twin_row *refund)
{
    struct way way = { .state = twin_text("none") };
    const struct twin_row *event;
    struct twin_value state = OF(refund, refund, state);
    name(judge, OF(refund, refund, refund_no));
    for (size_t at = 0; (event = twin_next(judge->ours, TWIN_event, &at)) != NULL;) {
        if (twin_eq(OF(event, event, refund_no), OF(refund, refund, refund_no))) {
            judge_step(judge, refund, event, &way);
        }
    }
    claim(judge, twin_eq(way.state, state), "a refund's last event says its state");
    claim(judge, way.successes == twin_is(state, "succeeded"),
          "each refund that succeeded has exactly one event of it");
    claim(judge, may_rest(state), "every refund comes to an end, or waits for people");
}

void
books_refunds(struct twin *ours, books_tell tell)
{
    struct judge judge = { .ours = ours, .tell = tell };
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(ours, TWIN_attempt, &at)) != NULL;) {
        judge_attempt(&judge, row);
    }
    for (size_t at = 0; (row = twin_next(ours, TWIN_refund, &at)) != NULL;) {
        judge_refund(&judge, row);
    }
    judge_there(&judge);
    for (size_t at = 0; (row = twin_next(ours, TWIN_surplus, &at)) != NULL;) {
        name(&judge, OF(row, surplus, attempt_no));
        claim(&judge, twin_some(OF(row, surplus, decision)),
              "money that nobody expected is decided on");
    }
}
