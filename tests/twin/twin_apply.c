/* SPDX-License-Identifier: Apache-2.0 */
/* payment_apply: the only statement that writes money state. All changes of a batch are judged by what was
 * there before the first of them. */
#include <stddef.h>

#include "attempt.h"
#include "crypto.h"
#include "json.h"
#include "twin_internal.h"

#define BATCH_MAX      64
#define NOTICE_WAIT_US INT64_C(60000000)

struct change {
    int64_t n;
    struct twin_value slot, attempt_no, event, digest, source, raw, signer, status, trade_no;
    struct twin_value amount, paid_at, bill_day, trace, stated_at, observed_at, mismatch, now;
    struct twin_row *attempt;
    struct twin_row *payment;
    struct twin_value from_state;
    const char *to_state; /* NULL: no edge */
    const char *effect;
    bool known;
    bool news;
    bool late_turn; /* an earlier change of the batch concerns the same order */
    bool moved;
    bool again; /* the order had been paid before */
};

/* Where a machine with a wrong edge leads, on purpose; NULL: this edge is right. */
static const char *
wrong_edge(enum twin_flaw flaw, enum attempt_state from, enum attempt_event event,
           enum attempt_effect effect)
{
    if (flaw == TWIN_FLAW_REGRESS && from == ATTEMPT_PAID && event != ATTEMPT_EVENT_PAID
        && effect == ATTEMPT_KEEP) {
        return "unknown";
    }
    bool silent = event == ATTEMPT_NO_ANSWER && effect == ATTEMPT_MOVE;
    return flaw == TWIN_FLAW_SILENCE_CLOSES && silent ? "closed" : NULL;
}

bool
twin_edge(const struct twin *twin, struct span from, struct span event, const char **to,
          const char **effect)
{
    enum attempt_state state;
    enum attempt_event what;
    struct attempt_edge edge;
    if (attempt_state_decode(from, &state) != ERR_OK || attempt_event_decode(event, &what) != ERR_OK
        || attempt_next(state, what, &edge) != ERR_OK) {
        return false;
    }
    const char *wrong = wrong_edge(twin->flaw, state, what, edge.effect);
    *to = wrong != NULL ? wrong : attempt_state_code(edge.to);
    *effect = wrong != NULL ? "move" : attempt_effect_code(edge.effect);
    return true;
}

static bool
same_order(const struct change *a, const struct change *b)
{
    return twin_eq(a->slot, b->slot) && a->payment != NULL && b->payment != NULL
           && twin_eq(OF(a->payment, payment, owner), OF(b->payment, payment, owner))
           && twin_eq(OF(a->payment, payment, order_no), OF(b->payment, payment, order_no));
}

static void
judge(struct twin *twin, struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct change *c = &changes[i];
        c->attempt = TWIN_FIND(twin, attempt, IS(attempt, slot, c->slot),
                               IS(attempt, attempt_no, c->attempt_no));
        if (c->attempt == NULL) {
            continue;
        }
        c->from_state = OF(c->attempt, attempt, state);
        c->payment = TWIN_FIND(twin, payment, IS(payment, slot, c->slot),
                               IS(payment, payment_no, OF(c->attempt, attempt, payment_no)));
        if (!twin_edge(twin, c->from_state.bytes, c->event.bytes, &c->to_state, &c->effect)) {
            c->to_state = NULL;
        }
        c->known =
            twin_some(c->digest) && twin->flaw != TWIN_FLAW_TWICE
            && TWIN_FIND(twin, evidence, IS(evidence, slot, c->slot),
                         IS(evidence, attempt_no, c->attempt_no), IS(evidence, digest, c->digest))
                   != NULL;
        c->news = twin_is(c->source, "query") && c->to_state != NULL && c->effect[0] == 'm';
        for (size_t j = 0; j < i; j++) {
            c->late_turn = c->late_turn || same_order(c, &changes[j]);
        }
    }
}

static bool
is_paid(const char *state)
{
    return state[0] == 'p' && state[1] == 'a' ? true : state[0] == 'l';
}

static struct twin_value
unless_empty(struct twin_value text)
{
    return twin_is(text, "") ? twin_text(NULL) : text;
}

/* A statement that money came in of another amount than our books say. */
static bool
is_unagreed(const struct change *c)
{
    return twin_is(c->event, "mismatch") && twin_is(c->mismatch, "amount") && twin_some(c->paid_at);
}

/* What came in can go back. */
static void
set_refundable(struct twin *twin, const struct change *c)
{
    struct twin_row *row = c->attempt;
    int64_t now = OF(row, attempt, refundable_fen).number;
    int64_t reserved = OF(row, attempt, refund_reserved_fen).number;
    if (is_paid(c->to_state)) {
        int64_t amount = OF(row, attempt, amount_fen).number;
        now = amount > reserved ? amount : reserved;
    } else if (is_unagreed(c) && c->amount.number > now) {
        now = c->amount.number;
    }
    twin_set(twin, row, TWIN_COLUMN_attempt_refundable_fen, twin_i64(now));
}

/* Final states are not polled any more, but for a notice that waits for its answer. */
static void
schedule(struct twin *twin, const struct change *c)
{
    struct twin_row *row = c->attempt;
    struct twin_value asked_later = c->now;
    asked_later.number += NOTICE_WAIT_US;
    if (twin_is(c->event, "noticed") && !is_paid(c->to_state)) {
        twin_set(twin, row, TWIN_COLUMN_attempt_notice, twin_text("heard"));
        twin_set(twin, row, TWIN_COLUMN_attempt_next_poll_at,
                 twin_either(OF(row, attempt, next_poll_at), asked_later));
    } else if (is_paid(c->to_state)) {
        twin_set(twin, row, TWIN_COLUMN_attempt_notice, twin_text(NULL));
        twin_set(twin, row, TWIN_COLUMN_attempt_next_poll_at, twin_text(NULL));
    } else if (twin_is(twin_text(c->to_state), "closed") && !twin_some(OF(row, attempt, notice))) {
        twin_set(twin, row, TWIN_COLUMN_attempt_next_poll_at, twin_text(NULL));
    }
}

/* What was paid keeps what it was first paid as. */
static void
move_attempt(struct twin *twin, const struct change *c)
{
    struct twin_row *row = c->attempt;
    bool mismatch = twin_is(c->event, "mismatch");
    if (is_paid(c->to_state)) {
        struct twin_value paid_at =
            twin_either(OF(row, attempt, paid_at), twin_either(c->paid_at, c->observed_at));
        twin_set(twin, row, TWIN_COLUMN_attempt_paid_at, paid_at);
        twin_set(twin, row, TWIN_COLUMN_attempt_bill_day,
                 twin_either(OF(row, attempt, bill_day),
                             twin_either(c->bill_day, twin_day_in_china(paid_at))));
    } else if (twin->flaw == TWIN_FLAW_REGRESS) {
        twin_set(twin, row, TWIN_COLUMN_attempt_paid_at, twin_text(NULL));
        twin_set(twin, row, TWIN_COLUMN_attempt_bill_day, twin_text(NULL));
    }
    if (!mismatch) {
        twin_set(twin, row, TWIN_COLUMN_attempt_provider_trade_no,
                 twin_either(OF(row, attempt, provider_trade_no), unless_empty(c->trade_no)));
        twin_set(twin, row, TWIN_COLUMN_attempt_trace,
                 twin_either(OF(row, attempt, trace), unless_empty(c->trace)));
    }
    if (twin_some(c->digest)) {
        twin_set(twin, row, TWIN_COLUMN_attempt_last_answer_at, c->now);
    }
    schedule(twin, c);
    set_refundable(twin, c);
    twin_set(twin, row, TWIN_COLUMN_attempt_state, twin_text(c->to_state));
    twin_set(twin, row, TWIN_COLUMN_attempt_version,
             twin_i64(OF(row, attempt, version).number + 1));
}

static void
count_success(struct twin *twin, struct change *c)
{
    struct twin_row *order = TWIN_FIND(twin, ca_order, IS(ca_order, slot, c->slot),
                                       IS(ca_order, owner, OF(c->payment, payment, owner)),
                                       IS(ca_order, order_no, OF(c->payment, payment, order_no)));
    int64_t count = OF(order, ca_order, success_count).number + 1;
    twin_set(twin, order, TWIN_COLUMN_ca_order_success_count, twin_i64(count));
    twin_set(twin, order, TWIN_COLUMN_ca_order_first_success_attempt,
             twin_either(OF(order, ca_order, first_success_attempt), c->attempt_no));
    c->again = count > 1;
}

static void
settle_payment(struct twin *twin, const struct change *c, bool newly_paid)
{
    struct twin_row *row = c->payment;
    if (newly_paid) {
        twin_set(twin, row, TWIN_COLUMN_payment_state, twin_text("paid"));
    }
    if (newly_paid && c->again) {
        twin_set(twin, row, TWIN_COLUMN_payment_duplicate, twin_bool(true));
    }
    if (newly_paid && twin_is(twin_text(c->to_state), "late_paid")) {
        twin_set(twin, row, TWIN_COLUMN_payment_late, twin_bool(true));
    }
    if (twin_is(c->event, "mismatch")) {
        twin_set(twin, row, TWIN_COLUMN_payment_mismatch, twin_bool(true));
    }
}

static void
store_evidence(struct twin *twin, const struct change *c)
{
    if (!twin_some(c->digest) || c->known || twin->flaw == TWIN_FLAW_NO_EVIDENCE) {
        return;
    }
    if (twin->flaw == TWIN_FLAW_TWICE
        && TWIN_FIND(twin, evidence, IS(evidence, slot, c->slot),
                     IS(evidence, attempt_no, c->attempt_no), IS(evidence, digest, c->digest))
               != NULL) {
        return;
    }
    (void)TWIN_INSERT(
        twin, evidence, IS(evidence, slot, c->slot), IS(evidence, attempt_no, c->attempt_no),
        IS(evidence, digest, c->digest), IS(evidence, source, c->source), IS(evidence, raw, c->raw),
        IS(evidence, signer, c->signer), IS(evidence, provider_status, c->status),
        IS(evidence, provider_trade_no, twin_either(c->trade_no, twin_text(""))),
        IS(evidence, amount_fen, c->amount), IS(evidence, paid_at, c->paid_at),
        IS(evidence, stated_at, c->stated_at), IS(evidence, observed_at, c->observed_at),
        IS(evidence, mismatch, c->mismatch));
}

static void
tell(struct twin *twin, const struct change *c, int64_t seq, bool newly_paid)
{
    bool late = twin_is(twin_text(c->to_state), "late_paid");
    const struct {
        const char *kind;
        bool due;
    } kinds[] = {
        { "payment.paid", newly_paid && !late && !c->again },
        { "payment.late_paid", newly_paid && late },
        { "payment.duplicate_paid", newly_paid && c->again },
        { "payment.mismatch", twin_is(c->event, "mismatch") },
    };
    for (size_t i = 0; i < 4 && twin->flaw != TWIN_FLAW_NO_OUTBOX; i++) {
        if (kinds[i].due) {
            (void)TWIN_INSERT(twin, outbox, IS(outbox, slot, c->slot),
                              IS(outbox, payment_no, OF(c->payment, payment, payment_no)),
                              IS(outbox, seq, twin_i64(seq)),
                              IS(outbox, kind, twin_text(kinds[i].kind)),
                              IS(outbox, attempt_no, c->attempt_no), IS(outbox, at, c->now));
        }
    }
}

/* Money that nobody expected, for the policy to decide on. */
static void
find_surplus(struct twin *twin, const struct change *c, bool newly_paid)
{
    bool late = newly_paid && twin_is(twin_text(c->to_state), "late_paid");
    struct twin_value amount = OF(c->attempt, attempt, refundable_fen);
    bool unagreed = is_unagreed(c) && !twin_some(OF(c->attempt, attempt, paid_at));
    struct twin_value cause = twin_text(!newly_paid ? "mismatch" : c->again ? "duplicate" : "late");
    bool found = (newly_paid && (c->again || late)) || (unagreed && amount.number > 0);
    if (found
        && TWIN_FIND(twin, surplus, IS(surplus, slot, c->slot),
                     IS(surplus, attempt_no, c->attempt_no), IS(surplus, cause, cause))
               == NULL) {
        (void)TWIN_INSERT(
            twin, surplus, IS(surplus, slot, c->slot), IS(surplus, attempt_no, c->attempt_no),
            IS(surplus, cause, cause), IS(surplus, payment_no, OF(c->payment, payment, payment_no)),
            IS(surplus, account, OF(c->attempt, attempt, account)), IS(surplus, amount_fen, amount),
            IS(surplus, found_at, c->now), IS(surplus, due_at, c->now));
    }
}

static void
move(struct twin *twin, struct change *c)
{
    const struct twin_event event = { .attempt_no = c->attempt_no,
                                      .machine = "attempt",
                                      .from_state = c->from_state,
                                      .event = c->event,
                                      .to_state = c->to_state,
                                      .effect = c->effect,
                                      .digest = c->digest,
                                      .at = c->now };
    bool newly_paid = is_paid(c->to_state)
                      && (twin->flaw == TWIN_FLAW_TWICE || !twin_is(c->from_state, "paid"))
                      && !twin_is(c->from_state, "late_paid");
    c->moved = true;
    move_attempt(twin, c);
    if (newly_paid) {
        count_success(twin, c);
    }
    settle_payment(twin, c, newly_paid);
    store_evidence(twin, c);
    find_surplus(twin, c, newly_paid);
    tell(twin, c, twin_event_add(twin, c->payment, &event), newly_paid);
}

static void
put_result(const struct change *c, struct db_rows *rows, bool overtaken)
{
    const char *outcome = c->attempt == NULL     ? "unknown_attempt"
                          : c->known && !c->news ? "repeated"
                          : c->to_state == NULL  ? "refused"
                          : c->late_turn         ? "deferred"
                          : overtaken            ? "lost_race"
                                                 : "applied";
    static const struct twin_value none;
    twin_rows_begin(rows);
    twin_rows_put(rows, "n", twin_i64(c->n));
    twin_rows_put(rows, "outcome", twin_text(outcome));
    twin_rows_put(rows, "from_state", c->from_state);
    twin_rows_put(rows, "state", c->moved ? twin_text(c->to_state) : c->from_state);
    twin_rows_put(rows, "effect", c->moved ? twin_text(c->effect) : none);
    twin_rows_put(rows, "payment_state", c->moved ? OF(c->payment, payment, state) : none);
    twin_rows_put(rows, "duplicate",
                  c->moved ? OF(c->payment, payment, duplicate) : twin_bool(false));
    twin_rows_put(rows, "late", c->moved ? OF(c->payment, payment, late) : twin_bool(false));
    twin_rows_put(rows, "mismatch",
                  c->moved ? OF(c->payment, payment, mismatch) : twin_bool(false));
}

static void
apply(struct twin *twin, struct change *changes, size_t count, struct db_rows *rows)
{
    judge(twin, changes, count);
    for (size_t i = 0; i < count; i++) {
        struct change *c = &changes[i];
        bool takes = c->attempt != NULL && c->to_state != NULL && (!c->known || c->news)
                     && !c->late_turn && !twin->overtaken;
        if (takes) {
            move(twin, c);
        }
    }
    for (size_t i = 0; i < count; i++) {
        put_result(&changes[i], rows, twin->overtaken);
    }
}

/* The columns of `input`, by the order of the parameters. */
static const struct {
    const char *name;
    enum twin_type type;
    size_t offset;
} inputs[] = {
#define INPUT(name, type, field)                          \
    {                                                     \
        name, TWIN_##type, offsetof(struct change, field) \
    }
    INPUT("slot", I64, slot),
    INPUT("attempt_no", TEXT, attempt_no),
    INPUT("event", TEXT, event),
    INPUT("digest", BYTES, digest),
    INPUT("source", TEXT, source),
    INPUT("raw", BYTES, raw),
    INPUT("signer", TEXT, signer),
    INPUT("provider_status", TEXT, status),
    INPUT("provider_trade_no", TEXT, trade_no),
    INPUT("amount_fen", I64, amount),
    INPUT("paid_at", TIME, paid_at),
    INPUT("bill_day", DAY, bill_day),
    INPUT("trace", TEXT, trace),
    INPUT("stated_at", TIME, stated_at),
    INPUT("observed_at", TIME, observed_at),
    INPUT("mismatch", TEXT, mismatch),
    INPUT("now", TIME, now),
#undef INPUT
};
#define INPUTS (sizeof(inputs) / sizeof(inputs[0]))

static struct twin_value *
field(struct change *change, size_t input)
{
    return (struct twin_value *)(void *)((unsigned char *)change + inputs[input].offset);
}

void
twin_run_payment_apply(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct change change = { .n = 1 };
    for (size_t i = 0; i < INPUTS; i++) {
        *field(&change, i) = twin_arg(args, inputs[i].type);
    }
    if (args->err == ERR_OK) {
        apply(twin, &change, 1, rows);
    }
}

static enum err
read_member(const struct json_t *member, enum twin_type type, struct arena *arena,
            struct twin_value *out)
{
    struct span text;
    DEFER(buf_fini) struct buf bytes = BUF_MAX((size_t)16 * 1024 * 1024);
    if (type == TWIN_I64) {
        out->type = TWIN_I64;
        return json_as_i64(member, &out->number);
    }
    TRY(json_as_string(member, &text));
    if (type == TWIN_BYTES) {
        TRY(crypto_hex_decode(text, &bytes));
        text = buf_span(&bytes);
    }
    return twin_decode(text, type, arena, out);
}

static enum err
read_change(const struct json_t *row, struct arena *arena, struct change *out)
{
    TRY(json_get_i64(row, "n", &out->n));
    for (size_t i = 0; i < INPUTS; i++) {
        const struct json_t *member = json_member(row, inputs[i].name);
        struct twin_value *to = field(out, i);
        if (member != NULL && read_member(member, inputs[i].type, arena, to) != ERR_OK) {
            to->type = TWIN_NULL; /* a JSON null */
        }
    }
    return ERR_OK;
}

void
twin_run_payment_apply_many(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct change changes[BATCH_MAX];
    DEFER(json_free) struct json_t *list = NULL;
    struct twin_value text = twin_arg(args, TWIN_TEXT);
    if (args->err != ERR_OK || json_parse(text.bytes, &list) != ERR_OK
        || json_count(list) > BATCH_MAX) {
        args->err = ERR_DB_STATEMENT;
        return;
    }
    size_t count = json_count(list);
    for (size_t i = 0; i < count; i++) {
        changes[i] = (struct change){ .n = 0 };
        if (read_change(json_element(list, i), args->arena, &changes[i]) != ERR_OK) {
            args->err = ERR_DB_STATEMENT;
            return;
        }
    }
    apply(twin, changes, count, rows);
}
