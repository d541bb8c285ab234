/* SPDX-License-Identifier: Apache-2.0 */
#include "testpay.h"

static const struct {
    enum adapter_operation operation;
    const char *code;
    enum adapter_handling handling;
    enum err err;
    enum evidence_verdict verdict;
} codes[] = {
#define ADAPTER_ANY ADAPTER_OPERATION_NONE
#define CODE(operation, code, handling, err, verdict) \
    { ADAPTER_##operation, code, ADAPTER_##handling, ERR_##err, EVIDENCE_##verdict },
#include "testpay_codes.def"
#undef CODE
};

static const struct {
    const char *state;
    enum evidence_verdict verdict;
} states[] = {
    { "open", EVIDENCE_UNPAID },          { "paid", EVIDENCE_PAID },
    { "expired", EVIDENCE_UNPAID_FINAL }, { "closed", EVIDENCE_CLOSED },
    { "refunded", EVIDENCE_REFUNDED },
};

static enum err
read_state(struct span state, enum evidence_verdict *out)
{
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (span_eq_cstr(state, states[i].state)) {
            *out = states[i].verdict;
            return ERR_OK;
        }
    }
    return ERR_PROVIDER_PROTOCOL;
}

/* testpay(7), statements: the same fields in an answer to "query" and in a callback. */
static enum err
read_trade(const struct adapter_fields *fields, struct evidence_claim *claim)
{
    claim->application = adapter_fields_get(fields, "app");
    claim->merchant = adapter_fields_get(fields, "shop");
    claim->merchant_order_no = adapter_fields_get(fields, "order_no");
    claim->provider_trade_no = adapter_fields_get(fields, "trade_no");
    claim->provider_status = adapter_fields_get(fields, "state");
    TRY(testpay_amount(fields, "amount", &claim->amount));
    TRY(testpay_time(fields, "paid_at", &claim->paid_at));
    TRY(testpay_time(fields, "at", &claim->stated_at));
    TRY(read_state(claim->provider_status, &claim->verdict));
    if (span_empty(claim->application) || span_empty(claim->merchant_order_no)
        || claim->amount.currency == CURRENCY_NONE
        || (claim->verdict == EVIDENCE_PAID && claim->paid_at.us == 0)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    if (claim->paid_at.us != 0) {
        claim->bill_day = day_of(claim->paid_at, ZONE_CHINA_MIN);
    }
    return ERR_OK;
}

static enum err
read_query(const struct adapter_fields *fields, const struct adapter_order *order,
           struct adapter_answer *out)
{
    (void)order;
    return read_trade(fields, &out->claim);
}

static enum err
read_pay(const struct adapter_fields *fields, const struct adapter_order *order,
         struct adapter_answer *out)
{
    (void)order;
    out->qr_text = adapter_fields_get(fields, "qr");
    out->claim.verdict = EVIDENCE_SENT;
    return span_empty(out->qr_text) ? ERR_PROVIDER_PROTOCOL : ERR_OK;
}

static enum err
read_close(const struct adapter_fields *fields, const struct adapter_order *order,
           struct adapter_answer *out)
{
    (void)fields;
    (void)order;
    out->claim.verdict = EVIDENCE_CLOSED;
    return ERR_OK;
}

/* testpay(7), refunds: "state" is that of the refund. */
static enum err
read_refund(const struct adapter_fields *fields, const struct adapter_order *order,
            struct adapter_answer *out)
{
    static const struct {
        const char *state;
        enum adapter_refund_state refund;
    } refunds[] = {
        { "waiting", ADAPTER_REFUND_ACCEPTED },
        { "refunded", ADAPTER_REFUND_SUCCEEDED },
        { "failed", ADAPTER_REFUND_FAILED },
    };
    struct span state = adapter_fields_get(fields, "state");
    for (size_t i = 0; i < sizeof(refunds) / sizeof(refunds[0]); i++) {
        if (span_eq_cstr(state, refunds[i].state)) {
            out->refund = refunds[i].refund;
        }
    }
    TRY(testpay_amount(fields, "amount", &out->refund_amount));
    if (out->refund == ADAPTER_REFUND_NONE
        || !span_eq(adapter_fields_get(fields, "refund_no"), order->refund_no)
        || !money_eq(out->refund_amount, order->amount)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    out->claim.provider_status = state;
    out->claim.refund_no = order->refund_no;
    if (out->refund == ADAPTER_REFUND_SUCCEEDED) {
        out->claim.verdict = EVIDENCE_REFUNDED;
        out->claim.refunded = out->refund_amount;
    }
    return ERR_OK;
}

static enum err
read_bill_link(const struct adapter_fields *fields, const struct adapter_order *order,
               struct adapter_answer *out)
{
    (void)order;
    out->bill_url = adapter_fields_get(fields, "url");
    return span_empty(out->bill_url) ? ERR_PROVIDER_PROTOCOL : ERR_OK;
}

static enum err (*const readers[ADAPTER_OPERATION_COUNT])(const struct adapter_fields *,
                                                          const struct adapter_order *,
                                                          struct adapter_answer *) = {
    [ADAPTER_PAY] = read_pay,
    [ADAPTER_QUERY] = read_query,
    [ADAPTER_CLOSE] = read_close,
    [ADAPTER_REFUND] = read_refund,
    [ADAPTER_BILL_LINK] = read_bill_link,
    [ADAPTER_REFUND_QUERY] = read_refund,
};

/* A signature proves who said it; nonce, word and number prove that it answers this request. */
static bool
answers_this(const struct adapter_fields *fields, enum adapter_operation operation,
             const struct adapter_order *order)
{
    bool numbered = operation != ADAPTER_BILL_LINK;
    return span_eq_cstr(adapter_fields_get(fields, "do"), testpay_word(operation))
           && span_eq(adapter_fields_get(fields, "nonce"), order->nonce)
           && (!numbered
               || span_eq(adapter_fields_get(fields, "order_no"), order->merchant_order_no));
}

static void
read_failure(enum adapter_operation operation, struct adapter_answer *out)
{
    out->handling = ADAPTER_ASK_AGAIN;
    out->err = ERR_PROVIDER_PROTOCOL;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        bool applies = codes[i].operation == operation || codes[i].operation == ADAPTER_ANY;
        if (applies && span_eq_cstr(out->code, codes[i].code)) {
            out->handling = codes[i].handling;
            out->err = codes[i].err;
            out->claim.verdict = codes[i].verdict;
            return;
        }
    }
}

enum err
testpay_answer_split(enum adapter_operation operation, const struct adapter_message *message,
                     struct arena *arena, struct adapter_signed *out)
{
    (void)operation;
    return testpay_lines_split(message->body, arena, out);
}

/* Without a signature only "busy" and the like may be heard. */
static enum err
read_unsigned(enum adapter_operation operation, struct adapter_answer *answer)
{
    read_failure(operation, answer);
    if (answer->handling == ADAPTER_DONE || answer->handling == ADAPTER_REFUSED) {
        answer->handling = ADAPTER_ASK_AGAIN;
        answer->err = ERR_PROVIDER_UNVERIFIED;
    }
    answer->claim.verdict = EVIDENCE_VERDICT_NONE;
    return ERR_OK;
}

enum err
testpay_answer_read(const struct adapter_account *account, enum adapter_operation operation,
                    const struct adapter_order *order, struct span payload, bool verified,
                    struct arena *arena, struct adapter_answer *out)
{
    (void)account;
    (void)arena;
    struct adapter_fields fields;
    TRY(testpay_lines_decode(payload, &fields));
    struct adapter_answer answer = { .handling = ADAPTER_DONE,
                                     .code = adapter_fields_get(&fields, "code"),
                                     .message = adapter_fields_get(&fields, "message") };
    bool done = span_eq_cstr(answer.code, "done");
    if (!verified) {
        TRY(done ? ERR_PROVIDER_UNVERIFIED : read_unsigned(operation, &answer));
        *out = answer;
        return ERR_OK;
    }
    if (readers[operation] == NULL || !answers_this(&fields, operation, order)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    answer.claim.merchant_order_no = order->merchant_order_no;
    if (done) {
        TRY(readers[operation](&fields, order, &answer));
    } else {
        answer.claim.provider_status = answer.code;
        read_failure(operation, &answer);
    }
    *out = answer;
    return ERR_OK;
}

/* Its signature covers the time at which it was sent, so an old one sent again by anybody is refused. */
enum err
testpay_callback_split(const struct adapter_message *message, struct arena *arena,
                       struct adapter_signed *out)
{
    struct adapter_fields fields;
    struct adapter_signed cut = { .is_signed = false };
    if (testpay_lines_split(message->body, arena, &cut) != ERR_OK
        || testpay_lines_decode(cut.payloads[0], &fields) != ERR_OK
        || testpay_time(&fields, "at", &cut.fresh_at) != ERR_OK || cut.fresh_at.us == 0) {
        return ERR_SIGNATURE;
    }
    *out = cut;
    return ERR_OK;
}

enum err
testpay_callback_read(const struct adapter_account *account, struct span payload,
                      const struct adapter_opened *opened, struct arena *arena,
                      struct evidence_claim *out)
{
    (void)account;
    (void)opened;
    (void)arena;
    struct adapter_fields fields;
    struct evidence_claim claim = { .source = EVIDENCE_NONE };
    TRY(testpay_lines_decode(payload, &fields));
    if (!span_eq_cstr(adapter_fields_get(&fields, "event"), "trade")) {
        return ERR_PROVIDER_PROTOCOL;
    }
    TRY(read_trade(&fields, &claim));
    *out = claim;
    return ERR_OK;
}
