/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "unionpay_notify.h"
#include "unionpay_txn.h"

#define CODE_LEN 2

/* The result a play wants a refund to have that has not been asked for yet. */
struct unionpay_wish {
    TAILQ_ENTRY(unionpay_wish) next;
    char order_id[UNIONPAY_ORDER_MAX + 1];
    char resp_code[CODE_LEN + 1];
};

static bool
is_success(const char *code)
{
    return strcmp(code, "00") == 0 || strcmp(code, "A6") == 0;
}

static bool
is_pending(const char *code)
{
    return strcmp(code, "03") == 0 || strcmp(code, "04") == 0 || strcmp(code, "05") == 0;
}

/* Both success and failure of a back transaction are told (4). */
static enum err
set_result(struct unionpay *unionpay, struct unionpay_txn *txn, const char *code)
{
    memcpy(txn->resp_code, code, CODE_LEN + 1);
    if (is_pending(code)) {
        return ERR_OK;
    }
    if (is_success(code)) {
        txn->status = UNIONPAY_DONE;
        txn->done = world_now(unionpay->world);
    } else {
        txn->status = UNIONPAY_FAILED;
        TRY(money_sub(txn->orig->given_back, txn->amount, &txn->orig->given_back));
    }
    return unionpay_notify_txn(unionpay, txn);
}

/* 3.4. */
static const char *
refusal(const struct unionpay *unionpay, const struct unionpay_order *order)
{
    const struct unionpay_txn *orig = order->orig;
    if (orig == NULL || !unionpay_txn_is_payment(orig) || orig->status != UNIONPAY_DONE) {
        return "35";
    }
    if (order->kind == UNIONPAY_REFUND) {
        if (money_eq(orig->given_back, orig->amount)) {
            return "45";
        }
        return order->amount.minor > orig->amount.minor - orig->given_back.minor ? "36" : "00";
    }
    if (unionpay_txn_is_bank(orig)) {
        return "32"; /* 3.2: company net-banks know no cancel */
    }
    if (orig->given_back.minor != 0) {
        return "45";
    }
    struct day today = unionpay_clearing_day(world_now(unionpay->world));
    if (day_cmp(unionpay_clearing_day(orig->done), today) != 0) {
        return "35";
    }
    return money_eq(orig->amount, order->amount) ? "00" : "36";
}

static struct unionpay_wish *
find_wish(const struct unionpay *unionpay, const char *order_id)
{
    struct unionpay_wish *wish;
    TAILQ_FOREACH(wish, &unionpay->wishes, next) {
        if (strcmp(wish->order_id, order_id) == 0) {
            return wish;
        }
    }
    return NULL;
}

enum err
unionpay_txn_give_back(struct unionpay *unionpay, const struct unionpay_order *order,
                       struct unionpay_txn **out, const char **code)
{
    if (unionpay_txn_find(unionpay, order->merchant, order->order_id, order->txn_time) != NULL) {
        *code = "12"; /* asked again, it is a repetition before it is anything else */
        return ERR_OK;
    }
    *code = refusal(unionpay, order);
    if (strcmp(*code, "00") != 0) {
        return ERR_OK;
    }
    TRY(unionpay_txn_place(unionpay, order, out, code));
    TRY(money_add(order->orig->given_back, order->amount, &order->orig->given_back));
    struct unionpay_wish *wish = find_wish(unionpay, order->order_id);
    char result[CODE_LEN + 1] = "00";
    if (wish != NULL) {
        memcpy(result, wish->resp_code, sizeof(result));
        TAILQ_REMOVE(&unionpay->wishes, wish, next);
        free(wish);
    }
    return set_result(unionpay, *out, result);
}

static enum err
keep_wish(struct unionpay *unionpay, const char *order_id, const char *resp_code)
{
    struct unionpay_wish *wish = find_wish(unionpay, order_id);
    if (wish == NULL) {
        wish = calloc(1, sizeof(*wish));
        if (wish == NULL) {
            return ERR_NO_MEMORY;
        }
        memcpy(wish->order_id, order_id, strlen(order_id) + 1);
        TAILQ_INSERT_TAIL(&unionpay->wishes, wish, next);
    }
    memcpy(wish->resp_code, resp_code, CODE_LEN + 1);
    return ERR_OK;
}

enum err
unionpay_txn_result(struct unionpay *unionpay, struct span order_id, struct span resp_code,
                    const char **code)
{
    char number[UNIONPAY_ORDER_MAX + 1] = "";
    char result[CODE_LEN + 1] = "";
    if (!span_is_alnum(order_id) || order_id.len > UNIONPAY_ORDER_MAX || !span_is_alnum(resp_code)
        || resp_code.len != CODE_LEN) {
        return ERR_FIELD_VALUE;
    }
    memcpy(number, order_id.at, order_id.len);
    memcpy(result, resp_code.at, resp_code.len);
    struct unionpay_txn *txn = unionpay_txn_find(unionpay, NULL, number, NULL);
    *code = "00";
    if (txn == NULL) {
        return keep_wish(unionpay, number, result);
    }
    if (unionpay_txn_is_payment(txn) || txn->status != UNIONPAY_WAIT) {
        *code = "35";
        return ERR_OK;
    }
    return set_result(unionpay, txn, result);
}

/* The provider's own refund: nobody asked for it and nobody is told; the file of its day shows it. */
static enum err
give_back_late(struct unionpay *unionpay, struct unionpay_txn *late)
{
    DEFER(buf_fini) struct buf number = BUF_MAX(UNIONPAY_ORDER_MAX);
    DEFER(buf_fini) struct buf time = BUF_MAX(UNIONPAY_TIME_LEN);
    struct unionpay_order order = { .merchant = late->merchant, .orig = late };
    struct unionpay_txn *txn = NULL;
    const char *code;
    order.kind = UNIONPAY_REFUND;
    order.biz_type = late->biz_type;
    order.channel_type = late->channel_type;
    order.encoding = late->encoding;
    TRY(money_sub(late->amount, late->given_back, &order.amount));
    TRY(unionpay_time_format(late->refund_due, &time));
    TRY(buf_cstr(&time, &order.txn_time));
    TRY(buf_printf(&number, "AR%s%s", order.txn_time, late->trace_no));
    TRY(buf_cstr(&number, &order.order_id));
    TRY(unionpay_txn_place(unionpay, &order, &txn, &code));
    if (txn == NULL) {
        return ERR_INTERNAL;
    }
    txn->automatic = true;
    txn->status = UNIONPAY_DONE;
    txn->done = late->refund_due;
    memcpy(txn->resp_code, "00", CODE_LEN + 1);
    late->refund_due = (struct wall_time){ 0 };
    return money_add(late->given_back, txn->amount, &late->given_back);
}

enum err
unionpay_txn_expire(struct unionpay *unionpay)
{
    struct wall_time now = world_now(unionpay->world);
    struct unionpay_txn *txn;
    TAILQ_FOREACH(txn, &unionpay->txns, next) {
        if (txn->refund_due.us == 0 || txn->refund_due.us > now.us) {
            continue;
        }
        if (money_eq(txn->given_back, txn->amount)) { /* the merchant was quicker */
            txn->refund_due = (struct wall_time){ 0 };
        } else {
            TRY(give_back_late(unionpay, txn));
        }
    }
    return ERR_OK;
}

void
unionpay_txn_forget_wishes(struct unionpay *unionpay)
{
    while (!TAILQ_EMPTY(&unionpay->wishes)) {
        struct unionpay_wish *wish = TAILQ_FIRST(&unionpay->wishes);
        TAILQ_REMOVE(&unionpay->wishes, wish, next);
        free(wish);
    }
}
