/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_fault.h"

#include <stdlib.h>
#include <string.h>

struct alipay_fault {
    TAILQ_ENTRY(alipay_fault) next;
    enum alipay_fault_kind kind;
    char out_trade_no[ALIPAY_NUMBER_MAX + 1]; /* "": any */
    int64_t left;                             /* 0: for ever */
};

static const char *const kind_names[ALIPAY_FAULT_COUNT] = {
    [ALIPAY_NOTIFY_DROP] = "notify_drop",       [ALIPAY_NOTIFY_HOLD] = "notify_hold",
    [ALIPAY_NOTIFY_TWICE] = "notify_twice",     [ALIPAY_ANSWER_HANG] = "answer_hang",
    [ALIPAY_ANSWER_ERROR] = "answer_error",     [ALIPAY_ANSWER_HTML] = "answer_html",
    [ALIPAY_ANSWER_CUT] = "answer_cut",         [ALIPAY_ANSWER_FORGED] = "answer_forged",
    [ALIPAY_ANSWER_UNPAID] = "answer_unpaid",   [ALIPAY_ANSWER_SERIAL] = "answer_serial",
    [ALIPAY_ANSWER_SLOW] = "answer_slow",       [ALIPAY_ANSWER_RATE] = "answer_rate",
    [ALIPAY_ANSWER_SKEW] = "answer_skew",       [ALIPAY_ANSWER_AMOUNT] = "answer_amount",
    [ALIPAY_ANSWER_FOREIGN] = "answer_foreign", [ALIPAY_ANSWER_GZIP] = "answer_gzip",
    [ALIPAY_ANSWER_DRIP] = "answer_drip",
};

enum err
alipay_fault_add(struct alipay *alipay, struct span kind, struct span out_trade_no, int64_t times)
{
    size_t found = 0;
    while (found < ALIPAY_FAULT_COUNT && !span_eq_cstr(kind, kind_names[found])) {
        found++;
    }
    if (found == ALIPAY_FAULT_COUNT || out_trade_no.len > ALIPAY_NUMBER_MAX || times < 0) {
        return ERR_FIELD_VALUE;
    }
    struct alipay_fault *fault = calloc(1, sizeof(*fault));
    if (fault == NULL) {
        return ERR_NO_MEMORY;
    }
    fault->kind = (enum alipay_fault_kind)found;
    fault->left = times;
    if (!span_empty(out_trade_no)) {
        memcpy(fault->out_trade_no, out_trade_no.at, out_trade_no.len);
    }
    TAILQ_INSERT_TAIL(&alipay->faults, fault, next);
    return ERR_OK;
}

static bool
fits(const struct alipay_fault *fault, enum alipay_fault_kind kind, const char *out_trade_no)
{
    if (fault->kind != kind) {
        return false;
    }
    return fault->out_trade_no[0] == '\0'
           || (out_trade_no != NULL && strcmp(fault->out_trade_no, out_trade_no) == 0);
}

static void
use_up(struct alipay *alipay, struct alipay_fault *fault)
{
    if (fault->left == 0) {
        return;
    }
    fault->left--;
    if (fault->left == 0) {
        TAILQ_REMOVE(&alipay->faults, fault, next);
        free(fault);
    }
}

bool
alipay_fault_take(struct alipay *alipay, enum alipay_fault_kind kind, const char *out_trade_no)
{
    struct alipay_fault *fault;
    TAILQ_FOREACH(fault, &alipay->faults, next) {
        if (fits(fault, kind, out_trade_no)) {
            use_up(alipay, fault);
            return true;
        }
    }
    return false;
}

void
alipay_fault_clear(struct alipay *alipay)
{
    while (!TAILQ_EMPTY(&alipay->faults)) {
        struct alipay_fault *fault = TAILQ_FIRST(&alipay->faults);
        TAILQ_REMOVE(&alipay->faults, fault, next);
        free(fault);
    }
}
