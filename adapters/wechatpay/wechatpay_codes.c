/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay.h"

#define ADAPTER_ANY ADAPTER_OPERATION_NONE
#define CODE_MAX    64

static const struct {
    enum adapter_operation operation;
    const char *code;
    struct wechatpay_code meaning;
} codes[] = {
#define CODE(operation, code, handling, err, verdict) \
    { ADAPTER_##operation, code, { ADAPTER_##handling, ERR_##err, EVIDENCE_##verdict } },
#include "wechatpay_codes.def"
};

static const struct {
    enum adapter_operation operation;
    int status;
    struct wechatpay_code meaning;
} statuses[] = {
#define STATUS(operation, status, handling, err) \
    { ADAPTER_##operation, status, { ADAPTER_##handling, ERR_##err, EVIDENCE_VERDICT_NONE } },
#include "wechatpay_codes.def"
};

static const struct {
    const char *state;
    enum evidence_verdict verdict;
} trade_states[] = {
#define STATE(state, verdict) { state, EVIDENCE_##verdict },
#include "wechatpay_codes.def"
};

static const struct {
    const char *status;
    enum adapter_refund_state state;
} refund_states[] = {
#define REFUND_STATE(status, state) { status, ADAPTER_REFUND_##state },
#include "wechatpay_codes.def"
};

/* 4.8: the documents spell one code in several ways. */
static enum err
normalise(struct span code, struct buf *out)
{
    for (size_t i = 0; i < code.len; i++) {
        unsigned char c = code.at[i];
        if (c != '_') {
            TRY(buf_byte(out, c >= 'a' && c <= 'z' ? (unsigned char)(c - 'a' + 'A') : c));
        }
    }
    return ERR_OK;
}

static bool
applies(enum adapter_operation row, enum adapter_operation operation)
{
    return row == operation || row == ADAPTER_ANY;
}

struct wechatpay_code
wechatpay_code_find(enum adapter_operation operation, int status, struct span code)
{
    DEFER(buf_fini) struct buf plain = BUF_MAX(CODE_MAX);
    bool readable = normalise(code, &plain) == ERR_OK;
    for (size_t i = 0; readable && i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (applies(codes[i].operation, operation)
            && span_eq_cstr(buf_span(&plain), codes[i].code)) {
            return codes[i].meaning;
        }
    }
    for (size_t i = 0; span_empty(code) && i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (applies(statuses[i].operation, operation) && statuses[i].status == status) {
            return statuses[i].meaning;
        }
    }
    return (struct wechatpay_code){ ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL,
                                    EVIDENCE_VERDICT_NONE };
}

enum err
wechatpay_trade_state(struct span state, enum evidence_verdict *out)
{
    for (size_t i = 0; i < sizeof(trade_states) / sizeof(trade_states[0]); i++) {
        if (span_eq_cstr(state, trade_states[i].state)) {
            *out = trade_states[i].verdict;
            return ERR_OK;
        }
    }
    return ERR_PROVIDER_PROTOCOL;
}

enum err
wechatpay_refund_state(struct span state, enum adapter_refund_state *out)
{
    for (size_t i = 0; i < sizeof(refund_states) / sizeof(refund_states[0]); i++) {
        if (span_eq_cstr(state, refund_states[i].status)) {
            *out = refund_states[i].state;
            return ERR_OK;
        }
    }
    return ERR_PROVIDER_PROTOCOL;
}
