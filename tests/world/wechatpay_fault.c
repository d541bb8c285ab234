/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_fault.h"

#include <stdlib.h>
#include <string.h>

struct wechatpay_fault {
    TAILQ_ENTRY(wechatpay_fault) next;
    enum wechatpay_fault_kind kind;
    char out_trade_no[WECHATPAY_NUMBER_MAX + 1]; /* "": any */
    int64_t left;                                /* 0: for ever */
};

static const char *const kind_names[WECHATPAY_FAULT_COUNT] = {
    [WECHATPAY_NOTIFY_DROP] = "notify_drop",       [WECHATPAY_NOTIFY_HOLD] = "notify_hold",
    [WECHATPAY_NOTIFY_TWICE] = "notify_twice",     [WECHATPAY_NOTIFY_PROBE] = "notify_probe",
    [WECHATPAY_ANSWER_HANG] = "answer_hang",       [WECHATPAY_ANSWER_ERROR] = "answer_error",
    [WECHATPAY_ANSWER_HTML] = "answer_html",       [WECHATPAY_ANSWER_CUT] = "answer_cut",
    [WECHATPAY_ANSWER_FORGED] = "answer_forged",   [WECHATPAY_ANSWER_UNPAID] = "answer_unpaid",
    [WECHATPAY_ANSWER_SERIAL] = "answer_serial",   [WECHATPAY_ANSWER_PROBE] = "answer_probe",
    [WECHATPAY_ANSWER_RATE] = "answer_rate",       [WECHATPAY_ANSWER_AMOUNT] = "answer_amount",
    [WECHATPAY_ANSWER_SKEW] = "answer_skew",       [WECHATPAY_ANSWER_SLOW] = "answer_slow",
    [WECHATPAY_REFUND_POOR] = "refund_not_enough", [WECHATPAY_REFUND_HOLD] = "refund_hold",
};

enum err
wechatpay_fault_add(struct wechatpay *wechatpay, struct span kind, struct span out_trade_no,
                    int64_t times)
{
    size_t found = 0;
    while (found < WECHATPAY_FAULT_COUNT && !span_eq_cstr(kind, kind_names[found])) {
        found++;
    }
    if (found == WECHATPAY_FAULT_COUNT || out_trade_no.len > WECHATPAY_NUMBER_MAX || times < 0) {
        return ERR_FIELD_VALUE;
    }
    struct wechatpay_fault *fault = calloc(1, sizeof(*fault));
    if (fault == NULL) {
        return ERR_NO_MEMORY;
    }
    fault->kind = (enum wechatpay_fault_kind)found;
    fault->left = times;
    if (!span_empty(out_trade_no)) {
        memcpy(fault->out_trade_no, out_trade_no.at, out_trade_no.len);
    }
    TAILQ_INSERT_TAIL(&wechatpay->faults, fault, next);
    return ERR_OK;
}

static bool
fits(const struct wechatpay_fault *fault, enum wechatpay_fault_kind kind, const char *out_trade_no)
{
    if (fault->kind != kind) {
        return false;
    }
    return fault->out_trade_no[0] == '\0'
           || (out_trade_no != NULL && strcmp(fault->out_trade_no, out_trade_no) == 0);
}

static void
use_up(struct wechatpay *wechatpay, struct wechatpay_fault *fault)
{
    if (fault->left == 0) {
        return;
    }
    fault->left--;
    if (fault->left == 0) {
        TAILQ_REMOVE(&wechatpay->faults, fault, next);
        free(fault);
    }
}

bool
wechatpay_fault_take(struct wechatpay *wechatpay, enum wechatpay_fault_kind kind,
                     const char *out_trade_no)
{
    struct wechatpay_fault *fault;
    TAILQ_FOREACH(fault, &wechatpay->faults, next) {
        if (fits(fault, kind, out_trade_no)) {
            use_up(wechatpay, fault);
            return true;
        }
    }
    return false;
}

void
wechatpay_fault_clear(struct wechatpay *wechatpay)
{
    while (!TAILQ_EMPTY(&wechatpay->faults)) {
        struct wechatpay_fault *fault = TAILQ_FIRST(&wechatpay->faults);
        TAILQ_REMOVE(&wechatpay->faults, fault, next);
        free(fault);
    }
}
