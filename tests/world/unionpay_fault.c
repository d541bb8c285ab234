/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay_fault.h"

#include <stdlib.h>
#include <string.h>

struct unionpay_fault {
    TAILQ_ENTRY(unionpay_fault) next;
    enum unionpay_fault_kind kind;
    char order_id[UNIONPAY_ORDER_MAX + 1]; /* "": any */
    int64_t left;                          /* 0: for ever */
};

static const char *const kind_names[UNIONPAY_FAULT_COUNT] = {
    [UNIONPAY_NOTIFY_DROP] = "notify_drop",
    [UNIONPAY_NOTIFY_HOLD] = "notify_hold",
    [UNIONPAY_NOTIFY_TWICE] = "notify_twice",
    [UNIONPAY_ANSWER_HANG] = "answer_hang",
    [UNIONPAY_ANSWER_SLOW] = "answer_slow",
    [UNIONPAY_ANSWER_ERROR] = "answer_error",
    [UNIONPAY_ANSWER_500] = "answer_500",
    [UNIONPAY_ANSWER_HTML] = "answer_html",
    [UNIONPAY_ANSWER_CUT] = "answer_cut",
    [UNIONPAY_ANSWER_FORGED] = "answer_forged",
    [UNIONPAY_ANSWER_FOREIGN] = "answer_foreign",
    [UNIONPAY_ANSWER_MERCHANT] = "answer_merchant",
    [UNIONPAY_ANSWER_EXPIRED] = "answer_expired",
    [UNIONPAY_ANSWER_UNPAID] = "answer_unpaid",
    [UNIONPAY_ANSWER_ORIG_MISSING] = "answer_orig_missing",
    [UNIONPAY_ANSWER_AMOUNT] = "answer_amount",
    [UNIONPAY_ANSWER_RATE] = "answer_rate",
};

enum err
unionpay_fault_add(struct unionpay *unionpay, struct span kind, struct span order_id, int64_t times)
{
    size_t found = 0;
    while (found < UNIONPAY_FAULT_COUNT && !span_eq_cstr(kind, kind_names[found])) {
        found++;
    }
    if (found == UNIONPAY_FAULT_COUNT || order_id.len > UNIONPAY_ORDER_MAX || times < 0) {
        return ERR_FIELD_VALUE;
    }
    struct unionpay_fault *fault = calloc(1, sizeof(*fault));
    if (fault == NULL) {
        return ERR_NO_MEMORY;
    }
    fault->kind = (enum unionpay_fault_kind)found;
    fault->left = times;
    if (!span_empty(order_id)) {
        memcpy(fault->order_id, order_id.at, order_id.len);
    }
    TAILQ_INSERT_TAIL(&unionpay->faults, fault, next);
    return ERR_OK;
}

static bool
fits(const struct unionpay_fault *fault, enum unionpay_fault_kind kind, const char *order_id)
{
    if (fault->kind != kind) {
        return false;
    }
    return fault->order_id[0] == '\0'
           || (order_id != NULL && strcmp(fault->order_id, order_id) == 0);
}

static void
use_up(struct unionpay *unionpay, struct unionpay_fault *fault)
{
    if (fault->left == 0) {
        return;
    }
    fault->left--;
    if (fault->left == 0) {
        TAILQ_REMOVE(&unionpay->faults, fault, next);
        free(fault);
    }
}

bool
unionpay_fault_take(struct unionpay *unionpay, enum unionpay_fault_kind kind, const char *order_id)
{
    struct unionpay_fault *fault;
    TAILQ_FOREACH(fault, &unionpay->faults, next) {
        if (fits(fault, kind, order_id)) {
            use_up(unionpay, fault);
            return true;
        }
    }
    return false;
}

void
unionpay_fault_clear(struct unionpay *unionpay)
{
    while (!TAILQ_EMPTY(&unionpay->faults)) {
        struct unionpay_fault *fault = TAILQ_FIRST(&unionpay->faults);
        TAILQ_REMOVE(&unionpay->faults, fault, next);
        free(fault);
    }
}
