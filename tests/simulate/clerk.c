/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "chance.h"
#include "front.h"
#include "history.h"
#include "json.h"
#include "loop.h"

#define US_PER_S    INT64_C(1000000)
#define CALLS_MAX   256
#define TRIES_MAX   8
#define LOOKS_MIN   3
#define LOOKS_MAX   8
#define AFTERWARDS  900 /* seconds after the storm in which they still look */
#define ID_MAX      64
#define BODY_MAX    256
#define ABOVE_LIMIT 300001 /* a fen more than keys.refund_max of house.conf.in */

/* A request, asked again under the same key until its answer is one that lasts. */
struct call {
    int number; /* its key */
    enum front_route route;
    enum front_client client;
    char about[ID_MAX]; /* payment or refund */
    char body[BODY_MAX];
    int64_t fen;
    bool wrong; /* it approves another amount than was asked for */
    bool vague; /* it names no attempt, though more than one may be paid */
    int tries;
    int status; /* 0: no answer that lasts was heard */
    struct wall_time answered_at;
    char refund[ID_MAX];
};

static struct call calls[CALLS_MAX];
static size_t call_count;
static size_t planned;
static const char *complaint;

static void
complain(const char *what)
{
    complaint = complaint == NULL ? what : complaint;
}

static void
plan(int64_t after_us, loop_fn fn, void *context)
{
    planned++;
    (void)loop_after(after_us, 0, fn, context);
}

static void press(void *context);

/* Nobody knows what became of it, or it may be sent again as it stands. */
static bool
is_worth_another(int status, const struct json_t *answer)
{
    bool retryable = false;
    return status == 0 || status >= 500
           || (status >= 400 && json_get_bool(answer, "retryable", &retryable) == ERR_OK
               && retryable);
}

static void
keep_id(char out[ID_MAX], struct span id)
{
    assert(id.len < ID_MAX);
    memcpy(out, id.at, id.len);
    out[id.len] = 0;
}

static void
keep_refund(struct call *call, const struct json_t *view)
{
    struct span id = SPAN("");
    if (json_get_string(view, "id", &id) != ERR_OK || id.len >= ID_MAX) {
        complain("an answer about a refund names none");
    } else if (call->refund[0] != 0 && !span_eq_cstr(id, call->refund)) {
        complain("one request is answered with two refunds");
    } else {
        keep_id(call->refund, id);
    }
}

/* A refusal whose key could not be completed is not remembered: the same call may be granted later. */
static void
keep_answer(struct call *call, int status, const struct json_t *view)
{
    if (call->status != 0 && call->status < 300 && status >= 300) {
        complain("what was granted is refused afterwards");
    }
    call->status = status;
    call->answered_at = clock_wall();
    if (status < 300) {
        keep_refund(call, view);
    }
}

static void
answered(void *context, int status, struct span body)
{
    struct call *call = context;
    DEFER(json_free) struct json_t *view = NULL;
    planned--;
    history_note("%s, call %d about %s is answered with %d", front_client_name(call->client),
                 call->number, call->about, status);
    if (status != 0 && json_parse(body, &view) != ERR_OK) {
        complain("an answer about a refund is no JSON");
    } else if (!is_worth_another(status, view)) {
        keep_answer(call, status, view);
    } else if (call->tries < TRIES_MAX) {
        plan(chance_between(1, 20) * US_PER_S, press, call);
    }
}

/* More than anybody may ask for or for nobody knows which attempt, another amount than was asked for, or perhaps the same person twice. */
static bool
errs(const struct call *call)
{
    return call->route == FRONT_REFUND_CREATE ? call->vague || call->fen >= ABOVE_LIMIT
                                              : call->wrong || call->route == FRONT_REFUND_APPROVE;
}

static void
press(void *context)
{
    struct call *call = context;
    struct process *worker = process_some_worker();
    char key[32];
    planned--;
    call->tries++;
    if (worker == NULL) {
        plan(chance_between(1, 20) * US_PER_S, press, call);
        return;
    }
    (void)snprintf(key, sizeof(key), "refund-%d", call->number);
    const struct outside_header headers[] = { { SPAN("idempotency-key"), span_of(key) },
                                              { SPAN("content-type"), SPAN("application/json") } };
    const struct front_wish wish = { .route = call->route,
                                     .client = call->client,
                                     .errs = errs(call),
                                     .captures = { span_of(call->about) },
                                     .headers = headers,
                                     .header_count = 2,
                                     .body = span_of(call->body) };
    planned++;
    front_knock(worker, &wish, answered, call);
}

/* Whoever gets no answer at once presses again, though the first may be under way. */
static void
begin(struct call call, int64_t after_us)
{
    if (call_count == CALLS_MAX) {
        return;
    }
    struct call *kept = &calls[call_count];
    *kept = call;
    kept->number = (int)call_count++;
    plan(after_us, press, kept);
    if (chance_permille(200)) {
        plan(after_us + chance_below(2 * US_PER_S), press, kept);
    }
}

static int64_t
some_amount(int64_t fen)
{
    int64_t which = chance_below(10);
    return which < 4    ? chance_between(1, fen - 1)
           : which < 7  ? fen
           : which == 7 ? fen + 1
           : which == 8 ? 2 * fen
                        : ABOVE_LIMIT;
}

void
clerk_ask(const char *payment_id, const char *attempt_no, int64_t fen)
{
    static const enum front_client askers[] = { FRONT_PORTAL, FRONT_MAKER, FRONT_CHECKER };
    struct call call = { .route = FRONT_REFUND_CREATE,
                         .client = askers[chance_below(3)],
                         .fen = some_amount(fen) };
    call.vague = attempt_no[0] == 0;
    keep_id(call.about, span_of(payment_id));
    (void)snprintf(call.body, sizeof(call.body),
                   "{\"amount\":%lld,\"currency\":\"CNY\",\"reason\":\"用户申请退款\"%s%s%s}",
                   (long long)call.fen, attempt_no[0] == 0 ? "" : ",\"attempt_no\":\"", attempt_no,
                   attempt_no[0] == 0 ? "" : "\"");
    begin(call, 0);
}

static void
decide(struct span id, enum front_route route, enum front_client client, int64_t fen)
{
    struct call call = { .route = route, .client = client, .fen = fen };
    call.wrong = client == FRONT_THIRD_CHECKER;
    keep_id(call.about, id);
    if (route == FRONT_REFUND_APPROVE) {
        (void)snprintf(call.body, sizeof(call.body), "{\"amount\":%lld,\"currency\":\"CNY\"}",
                       (long long)(call.wrong ? fen + 1 : fen));
    }
    begin(call, chance_between(0, 30) * US_PER_S);
}

static void
decide_on_proposal(struct span id, int64_t fen)
{
    int64_t which = chance_below(8);
    if (which < 5) {
        decide(id, FRONT_REFUND_CONFIRM, which < 3 ? FRONT_MAKER : FRONT_CHECKER, fen);
    } else if (which == 5) {
        decide(id, FRONT_REFUND_REJECT, FRONT_CHECKER, fen);
    }
}

static void
decide_on_request(struct span id, int64_t fen)
{
    int64_t which = chance_below(10);
    if (which < 6 || which == 8) {
        decide(id, FRONT_REFUND_APPROVE, which < 4 ? FRONT_CHECKER : FRONT_SECOND_CHECKER, fen);
    }
    if (which == 6) {
        decide(id, FRONT_REFUND_APPROVE, FRONT_THIRD_CHECKER, fen);
    }
    if (which == 7 || which == 8) {
        decide(id, FRONT_REFUND_REJECT, FRONT_CHECKER, fen);
    }
}

static void
consider(const struct json_t *one)
{
    struct span id;
    struct span state;
    int64_t fen = 0;
    if (json_get_string(one, "id", &id) != ERR_OK || json_get_string(one, "state", &state) != ERR_OK
        || json_get_i64(one, "amount", &fen) != ERR_OK) {
        complain("what waits for people is not told in full");
    } else if (span_eq_cstr(state, "proposed")) {
        decide_on_proposal(id, fen);
    } else if (span_eq_cstr(state, "requested")) {
        decide_on_request(id, fen);
    } else {
        complain("what waits for people is proposed or requested");
    }
}

static void
seen(void *context, int status, struct span body)
{
    DEFER(json_free) struct json_t *view = NULL;
    (void)context;
    planned--;
    history_note("what waits for people is told with %d", status);
    if (status != 200 || json_parse(body, &view) != ERR_OK) {
        return;
    }
    const struct json_t *list = json_member(view, "refunds");
    for (size_t i = 0; i < json_count(list); i++) {
        consider(json_element(list, i));
    }
}

static void
look(void *context)
{
    struct process *worker = process_some_worker();
    (void)context;
    planned--;
    if (worker != NULL) {
        const struct front_wish wish = { .route = FRONT_REFUND_WAITING, .client = FRONT_CHECKER };
        planned++;
        front_knock(worker, &wish, seen, NULL);
    }
}

void
clerk_open(int64_t storm_us)
{
    call_count = 0;
    planned = 0;
    complaint = NULL;
    for (int64_t i = chance_between(LOOKS_MIN, LOOKS_MAX); i > 0; i--) {
        plan(chance_below(storm_us + AFTERWARDS * US_PER_S), look, NULL);
    }
}

bool
clerk_quiet(void)
{
    return planned == 0;
}

static const struct twin_row *
row_of(struct twin *ours, const char *id)
{
    return TWIN_FIND(ours, refund, IS(refund, refund_no, twin_text(id + strlen("rfd_"))));
}

/* By the key under which it was asked for; NULL: none was made. */
static const struct twin_row *
row_of_key(struct twin *ours, const struct call *call)
{
    char key[32];
    const struct twin_row *row;
    (void)snprintf(key, sizeof(key), "refund-%d ", call->number);
    for (size_t at = 0; (row = twin_next(ours, TWIN_refund, &at)) != NULL;) {
        if (span_starts(OF(row, refund, request_key).bytes, span_of(key))) {
            return row;
        }
    }
    return NULL;
}

static bool
says(const struct call *call, struct twin_value person)
{
    return twin_is(person, front_client_name(call->client));
}

static void
judge_request(struct twin *ours, const struct call *call, books_tell tell)
{
    const struct twin_row *row = row_of_key(ours, call);
    if (call->status >= 400 && row != NULL
        && OF(row, refund, created_at).number < call->answered_at.us) {
        tell("a refund that was refused is not in our books", call->about);
    }
    if (call->status != 201) {
        return;
    }
    if (row == NULL || row != row_of(ours, call->refund)
        || OF(row, refund, amount_fen).number != call->fen
        || (!says(call, OF(row, refund, requested_by)))) {
        tell("a refund is what was asked for, and by whom", call->refund);
    }
}

static void
judge_decision(struct twin *ours, const struct call *call, books_tell tell)
{
    const struct twin_row *row = row_of(ours, call->about);
    struct twin_value approved = OF(row, refund, approved_by);
    struct twin_value rejected = OF(row, refund, rejected_by);
    bool done = call->status == 200;
    if (done && call->route == FRONT_REFUND_APPROVE && !says(call, approved)) {
        tell("who is told that he has approved has done so", call->about);
    }
    if (done && call->route == FRONT_REFUND_REJECT
        && !(says(call, rejected) && twin_is(OF(row, refund, state), "rejected"))) {
        tell("who is told that he has rejected has done so", call->about);
    }
    if (call->wrong && (done || says(call, approved))) {
        tell("nobody approves another amount than was asked for", call->about);
    }
}

void
clerk_judge(struct twin *ours, books_tell tell)
{
    for (size_t i = 0; i < call_count; i++) {
        if (calls[i].route == FRONT_REFUND_CREATE) {
            judge_request(ours, &calls[i], tell);
        } else {
            judge_decision(ours, &calls[i], tell);
        }
    }
    if (complaint != NULL) {
        tell(complaint, "people");
    }
}
