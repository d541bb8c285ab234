/* SPDX-License-Identifier: Apache-2.0 */
/* Events: numbered without a gap, chained, each attempt's a way through the machine that never goes back from paid,
 * each success once and with evidence, each final transition told once. */
#include <assert.h>

#include "books.h"
#include "crypto.h"

struct judge {
    struct twin *ours;
    books_tell tell;
    char about[BOOKS_ABOUT];
};

static void
name(struct judge *judge, struct twin_value number, int64_t seq)
{
    books_about(judge->about, number.bytes, seq);
}

static void
claim(const struct judge *judge, bool holds, const char *what)
{
    if (!holds) {
        judge->tell(what, judge->about);
    }
}

static bool
is_paid_state(struct twin_value state)
{
    return twin_is(state, "paid") || twin_is(state, "late_paid");
}

static bool
is_move_to_paid(const struct twin_row *event)
{
    return twin_is(OF(event, event, machine), "attempt")
           && is_paid_state(OF(event, event, to_state))
           && !is_paid_state(OF(event, event, from_state));
}

static struct twin_row *
event_of(const struct judge *judge, const struct twin_row *payment, int64_t seq)
{
    return TWIN_FIND(judge->ours, event, IS(event, payment_no, OF(payment, payment, payment_no)),
                     IS(event, seq, twin_i64(seq)));
}

/* docs/decisions/0014: written a second time, from the record alone. */
static enum err
put_line(const struct twin_row *event, struct buf *out)
{
    const struct twin_value texts[] = {
        OF(event, event, attempt_no), OF(event, event, refund_no), OF(event, event, machine),
        OF(event, event, from_state), OF(event, event, event),     OF(event, event, to_state),
        OF(event, event, effect),
    };
    struct span evidence = OF(event, event, evidence_digest).bytes;
    TRY(buf_printf(out, "%lld|%.*s|%lld|", (long long)OF(event, event, slot).number,
                   SPAN_ARG(OF(event, event, payment_no).bytes),
                   (long long)OF(event, event, seq).number));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TRY(buf_append(out, texts[i].bytes));
        TRY(buf_byte(out, '|'));
    }
    for (size_t i = 0; i < evidence.len; i++) {
        TRY(buf_printf(out, "%02x", evidence.at[i]));
    }
    return buf_printf(out, "|%.*s|%lld", SPAN_ARG(OF(event, event, actor).bytes),
                      (long long)OF(event, event, at).number);
}

static void
hash(const struct twin_row *event, struct span before, unsigned char out[SHA256_BYTES])
{
    DEFER(buf_fini) struct buf line = BUF_MAX((size_t)4096);
    enum err err = buf_append(&line, before);
    assert(err == ERR_OK);
    err = put_line(event, &line);
    assert(err == ERR_OK);
    err = crypto_sha256(buf_span(&line), out);
    assert(err == ERR_OK);
    (void)err;
}

static void
judge_chain(struct judge *judge, const struct twin_row *payment)
{
    unsigned char link[SHA256_BYTES];
    size_t linked = 0;
    int64_t version = OF(payment, payment, version).number;
    for (int64_t seq = 1; seq <= version; seq++) {
        const struct twin_row *event = event_of(judge, payment, seq);
        name(judge, OF(payment, payment, payment_no), seq);
        claim(judge, event != NULL, "events are numbered without a gap");
        if (event == NULL) {
            return;
        }
        hash(event, span_make(link, linked), link);
        linked = sizeof(link);
        claim(judge, span_eq(OF(event, event, hash).bytes, span_make(link, linked)),
              "every event is chained to the one before it");
    }
    claim(judge, event_of(judge, payment, version + 1) == NULL,
          "no event stands behind the newest");
    claim(judge, span_eq(OF(payment, payment, chain).bytes, span_make(link, linked)),
          "the payment names the end of its chain");
}

static bool
has_evidence(const struct judge *judge, const struct twin_row *event)
{
    return TWIN_FIND(judge->ours, evidence, IS(evidence, attempt_no, OF(event, event, attempt_no)),
                     IS(evidence, digest, OF(event, event, evidence_digest)))
           != NULL;
}

static int64_t
notices_of(const struct judge *judge, const struct twin_row *event, const char *kind)
{
    int64_t count = 0;
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(judge->ours, TWIN_outbox, &at)) != NULL;) {
        count += twin_eq(OF(row, outbox, payment_no), OF(event, event, payment_no))
                 && twin_eq(OF(row, outbox, seq), OF(event, event, seq))
                 && twin_is(OF(row, outbox, kind), kind);
    }
    return count;
}

static void
judge_notices(const struct judge *judge, const struct twin_row *event)
{
    int64_t paid = notices_of(judge, event, "payment.paid");
    int64_t late = notices_of(judge, event, "payment.late_paid");
    int64_t again = notices_of(judge, event, "payment.duplicate_paid");
    bool success = is_move_to_paid(event);
    bool is_late = success && twin_is(OF(event, event, to_state), "late_paid");
    bool closed = twin_is(OF(event, event, machine), "payment");
    claim(judge, late == is_late, "late money is told once");
    claim(judge, success ? paid + again >= 1 - late && paid <= 1 && again <= 1 : paid + again == 0,
          "a success is told, and nothing else is told as one");
    claim(judge, notices_of(judge, event, "payment.closed") == closed, "a closing is told once");
    claim(judge,
          notices_of(judge, event, "payment.mismatch")
              == (twin_is(OF(event, event, machine), "attempt")
                  && twin_is(OF(event, event, event), "mismatch")),
          "a mismatch is told once");
}

/* Silence closes nothing; nor do we, once something may have left the house. */
static bool
is_unfounded_closing(const struct twin_row *event)
{
    return twin_is(OF(event, event, to_state), "closed")
           && !twin_is(OF(event, event, from_state), "closed")
           && twin_is(OF(event, event, machine), "attempt")
           && !twin_some(OF(event, event, evidence_digest))
           && !(twin_is(OF(event, event, event), "close_asked")
                && twin_is(OF(event, event, from_state), "created"));
}

/* The way of one attempt through its machine. */
static void
judge_attempt(struct judge *judge, const struct twin_row *attempt)
{
    const struct twin_row *event;
    struct twin_value state = twin_text("created");
    int64_t successes = 0;
    for (size_t at = 0; (event = twin_next(judge->ours, TWIN_event, &at)) != NULL;) {
        if (!twin_eq(OF(event, event, attempt_no), OF(attempt, attempt, attempt_no))
            || !twin_is(OF(event, event, machine), "attempt")) {
            continue;
        }
        name(judge, OF(attempt, attempt, attempt_no), OF(event, event, seq).number);
        claim(judge, twin_eq(OF(event, event, from_state), state),
              "an event begins where the one before it ended");
        claim(judge, !is_paid_state(state) || is_paid_state(OF(event, event, to_state)),
              "what is paid stays paid");
        claim(judge, !is_move_to_paid(event) || has_evidence(judge, event),
              "nothing is paid without a stored statement of the provider");
        claim(judge, !is_move_to_paid(event) || twin_is(OF(event, event, event), "paid"),
              "only a statement that it is paid makes it paid");
        claim(judge, !is_unfounded_closing(event),
              "only a statement, or our own wish before sending, closes");
        successes += is_move_to_paid(event);
        state = OF(event, event, to_state);
    }
    name(judge, OF(attempt, attempt, attempt_no), 0);
    claim(judge, twin_eq(state, OF(attempt, attempt, state)), "the last event says the state");
    claim(judge, successes == is_paid_state(OF(attempt, attempt, state)),
          "each success has exactly one event");
}

void
books_trail(struct twin *ours, books_tell tell)
{
    struct judge judge = { .ours = ours, .tell = tell };
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(ours, TWIN_payment, &at)) != NULL;) {
        judge_chain(&judge, row);
    }
    for (size_t at = 0; (row = twin_next(ours, TWIN_attempt, &at)) != NULL;) {
        judge_attempt(&judge, row);
    }
    for (size_t at = 0; (row = twin_next(ours, TWIN_event, &at)) != NULL;) {
        name(&judge, OF(row, event, payment_no), OF(row, event, seq).number);
        judge_notices(&judge, row);
    }
}
