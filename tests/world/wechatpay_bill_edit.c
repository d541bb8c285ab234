/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "wechatpay_daybill.h"

#define EDITS_MAX 1000

enum edit_kind {
    EDIT_OMIT,
    EDIT_AMOUNT,
    EDIT_ADD,
    EDIT_WITHDRAW,
    EDIT_REPEAT,
    EDIT_FEE,
    EDIT_TRAILER_COUNT,
    EDIT_TRAILER_SUM,
    EDIT_COLUMN,
    EDIT_CUT,
    EDIT_NOT_READY,
    EDIT_EMPTY,
    EDIT_HASH,
    EDIT_NOT_GZIP,
    EDIT_COUNT
};

struct edit {
    enum edit_kind kind;
    char out_trade_no[WECHATPAY_NUMBER_MAX + 1];
    char out_refund_no[WECHATPAY_NUMBER_MAX + 1]; /* "": the payment */
    char transaction_id[WECHATPAY_NUMBER_MAX + 1];
    char column[WECHATPAY_NUMBER_MAX + 1];
    struct money money;
    struct wall_time at;
    int64_t by;
};

struct wechatpay_edits {
    TAILQ_ENTRY(wechatpay_edits) next;
    struct day day;
    char mchid[33]; /* "": every merchant's bill */
    bool flow;      /* of the fund flow, not of the trades */
    size_t count;
    struct edit list[]; /* as many as the play gave */
};

/* What an edit of each kind reads. */
static const struct edit_rule {
    const char *name;
    bool number;       /* out_trade_no, out_refund_no? */
    bool line;         /* transaction_id, at */
    const char *money; /* its member, NULL: none */
} rules[EDIT_COUNT] = {
    [EDIT_OMIT] = { "omit", true, false, NULL },
    [EDIT_AMOUNT] = { "amount", true, false, "total" },
    [EDIT_ADD] = { "add", true, true, "total" },
    [EDIT_WITHDRAW] = { "withdraw", true, true, "total" },
    [EDIT_REPEAT] = { "repeat", true, false, NULL },
    [EDIT_FEE] = { "fee", true, false, "fee" },
    [EDIT_TRAILER_COUNT] = { "trailer_count", false, false, NULL },
    [EDIT_TRAILER_SUM] = { "trailer_sum", false, false, "by" },
    [EDIT_COLUMN] = { "column", false, false, NULL },
    [EDIT_CUT] = { "cut", false, false, NULL },
    [EDIT_NOT_READY] = { "not_ready", false, false, NULL },
    [EDIT_EMPTY] = { "empty", false, false, NULL },
    [EDIT_HASH] = { "hash", false, false, NULL },
    [EDIT_NOT_GZIP] = { "not_gzip", false, false, NULL },
};

static enum err
read_text(const struct json_t *in, const char *name, char *out, size_t size)
{
    struct span text;
    TRY(json_get_string(in, name, &text));
    if (span_empty(text) || text.len >= size) {
        return ERR_FIELD_LENGTH;
    }
    memcpy(out, text.at, text.len);
    out[text.len] = '\0';
    return ERR_OK;
}

static enum err
read_kind(const struct json_t *in, enum edit_kind *out)
{
    struct span kind;
    TRY(json_get_string(in, "kind", &kind));
    for (size_t i = 0; i < EDIT_COUNT; i++) {
        if (span_eq_cstr(kind, rules[i].name)) {
            *out = (enum edit_kind)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

static enum err
read_edit(const struct json_t *in, struct edit *out)
{
    TRY(read_kind(in, &out->kind));
    const struct edit_rule *rule = &rules[out->kind];
    struct span text;
    if (rule->number) {
        TRY(read_text(in, "out_trade_no", out->out_trade_no, sizeof(out->out_trade_no)));
    }
    if (rule->number && json_member(in, "out_refund_no") != NULL) {
        TRY(read_text(in, "out_refund_no", out->out_refund_no, sizeof(out->out_refund_no)));
    }
    if (rule->line) {
        TRY(read_text(in, "transaction_id", out->transaction_id, sizeof(out->transaction_id)));
        TRY(json_get_string(in, "at", &text));
        TRY(wall_parse(text, &out->at));
    }
    if (rule->money != NULL) {
        TRY(json_get_string(in, rule->money, &text));
        TRY(money_parse_signed(text, CURRENCY_CNY, &out->money));
    }
    if (out->kind == EDIT_COLUMN) {
        TRY(read_text(in, "name", out->column, sizeof(out->column)));
    }
    return out->kind == EDIT_TRAILER_COUNT ? json_get_i64(in, "by", &out->by) : ERR_OK;
}

/* Which of the two bills: "trade" unless "fundflow" is said. */
static enum err
read_bill(const struct json_t *in, bool *flow)
{
    struct span bill;
    if (json_member(in, "bill") == NULL) {
        return ERR_OK;
    }
    TRY(json_get_string(in, "bill", &bill));
    *flow = span_eq_cstr(bill, "fundflow");
    return *flow || span_eq_cstr(bill, "trade") ? ERR_OK : ERR_FIELD_VALUE;
}

static enum err
read_edits(const struct json_t *in, const struct json_t *list, struct wechatpay_edits *out)
{
    struct span text;
    TRY(json_get_string(in, "day", &text));
    TRY(day_parse(text, &out->day));
    if (json_member(in, "mchid") != NULL) {
        TRY(read_text(in, "mchid", out->mchid, sizeof(out->mchid)));
    }
    TRY(read_bill(in, &out->flow));
    for (size_t i = 0; i < json_count(list); i++) {
        TRY(read_edit(json_element(list, i), &out->list[i]));
        out->count++;
    }
    return ERR_OK;
}

static void
replace(struct wechatpay *wechatpay, struct wechatpay_edits *edits)
{
    struct wechatpay_edits *old = TAILQ_FIRST(&wechatpay->edits);
    while (old != NULL) {
        struct wechatpay_edits *after = TAILQ_NEXT(old, next);
        if (day_cmp(old->day, edits->day) == 0 && strcmp(old->mchid, edits->mchid) == 0
            && old->flow == edits->flow) {
            TAILQ_REMOVE(&wechatpay->edits, old, next);
            free(old);
        }
        old = after;
    }
    TAILQ_INSERT_TAIL(&wechatpay->edits, edits, next);
}

enum err
wechatpay_bill_edit(struct wechatpay *wechatpay, const struct json_t *in)
{
    const struct json_t *list = json_member(in, "edits");
    if (!json_node_is_array(list) || json_count(list) > EDITS_MAX) {
        return ERR_FIELD_VALUE;
    }
    size_t bytes = sizeof(struct wechatpay_edits) + json_count(list) * sizeof(struct edit);
    struct wechatpay_edits *edits = calloc(1, bytes);
    if (edits == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = read_edits(in, list, edits);
    if (err != ERR_OK) {
        free(edits);
        return err;
    }
    replace(wechatpay, edits);
    return ERR_OK;
}

/* A payment, or a refund when its number is given; a number without a line leaves the bill as it
 * is. */
static struct wechatpay_bill_line *
find_line(const struct wechatpay_bill *bill, const struct edit *edit)
{
    for (size_t i = 0; i < bill->count; i++) {
        if (strcmp(bill->lines[i].out_trade_no, edit->out_trade_no) == 0
            && strcmp(bill->lines[i].out_refund_no, edit->out_refund_no) == 0) {
            return &bill->lines[i];
        }
    }
    return NULL;
}

static void
omit(struct wechatpay_bill *bill, struct wechatpay_bill_line *line)
{
    size_t after = bill->count - (size_t)(line - bill->lines) - 1;
    memmove(line, line + 1, after * sizeof(*line));
    bill->count--;
}

/* A line nobody knows is a payment, and so has no place in a bill of refunds. */
static enum err
add_stranger(struct wechatpay_bill *bill, const struct edit *edit)
{
    struct wechatpay_bill_line line = {
        .trade_type = "NATIVE",
        .openid = WECHATPAY_OPENID,
        .description = "他处交易",
        .attach = "",
        .status = "",
        .booked = edit->at,
        .paid = edit->at,
        .amount = edit->money,
    };
    if (bill->kind == WECHATPAY_BILL_REFUND) {
        return ERR_OK;
    }
    memcpy(line.out_trade_no, edit->out_trade_no, sizeof(line.out_trade_no));
    memcpy(line.transaction_id, edit->transaction_id, sizeof(line.transaction_id));
    TRY(wechatpay_bill_fee(line.amount, false, &line.fee));
    return wechatpay_bill_add(bill, &line);
}

/* Money that the merchant takes to its bank: on the fund flow alone, and without a fee. */
static enum err
add_withdrawal(struct wechatpay_bill *bill, const struct edit *edit)
{
    struct wechatpay_bill_line line = {
        .withdrawal = true,
        .booked = edit->at,
        .amount = edit->money,
    };
    if (bill->kind != WECHATPAY_BILL_FLOW) {
        return ERR_OK;
    }
    memcpy(line.out_trade_no, edit->out_trade_no, sizeof(line.out_trade_no));
    memcpy(line.transaction_id, edit->transaction_id, sizeof(line.transaction_id));
    return wechatpay_bill_add(bill, &line);
}

static enum err
apply_to_line(struct wechatpay_bill *bill, const struct edit *edit)
{
    struct wechatpay_bill_line *line = find_line(bill, edit);
    if (line == NULL) {
        return ERR_OK;
    }
    if (edit->kind == EDIT_OMIT) {
        omit(bill, line);
    } else if (edit->kind == EDIT_FEE) {
        line->fee = edit->money;
    } else if (edit->kind == EDIT_AMOUNT) {
        line->amount = edit->money;
        /* a consistent lie: the fee follows */
        return wechatpay_bill_fee(line->amount, line->refund, &line->fee);
    } else {
        const struct wechatpay_bill_line again = *line; /* adding may move the lines */
        return wechatpay_bill_add(bill, &again);
    }
    return ERR_OK;
}

static enum err
set_column(struct wechatpay_bill *bill, const char *name)
{
    free(bill->last_column);
    bill->last_column = NULL;
    return wechatpay_copy(span_of(name), &bill->last_column);
}

static enum err
apply(struct wechatpay_bill *bill, const struct edit *edit)
{
    switch (edit->kind) {
    case EDIT_OMIT:
    case EDIT_AMOUNT:
    case EDIT_REPEAT:
    case EDIT_FEE:
        return apply_to_line(bill, edit);
    case EDIT_ADD:
        return add_stranger(bill, edit);
    case EDIT_WITHDRAW:
        return add_withdrawal(bill, edit);
    case EDIT_TRAILER_COUNT:
        bill->more_count += edit->by;
        return ERR_OK;
    case EDIT_TRAILER_SUM:
        return money_add(bill->more_sum, edit->money, &bill->more_sum);
    case EDIT_COLUMN:
        return set_column(bill, edit->column);
    case EDIT_CUT:
        bill->cut = true;
        return ERR_OK;
    case EDIT_NOT_READY:
        bill->not_ready = true;
        return ERR_OK;
    case EDIT_EMPTY:
        bill->empty = true;
        return ERR_OK;
    case EDIT_HASH:
        bill->wrong_hash = true;
        return ERR_OK;
    case EDIT_NOT_GZIP:
        bill->not_gzip = true;
        return ERR_OK;
    case EDIT_COUNT:
    default:
        return ERR_INTERNAL;
    }
}

enum err
wechatpay_bill_edit_apply(const struct wechatpay *wechatpay, struct wechatpay_bill *bill)
{
    const struct wechatpay_edits *edits;
    TAILQ_FOREACH(edits, &wechatpay->edits, next) {
        bool ours = (edits->mchid[0] == '\0' || strcmp(edits->mchid, bill->merchant->mchid) == 0)
                    && edits->flow == (bill->kind == WECHATPAY_BILL_FLOW);
        for (size_t i = 0; ours && day_cmp(edits->day, bill->day) == 0 && i < edits->count; i++) {
            TRY(apply(bill, &edits->list[i]));
        }
    }
    return ERR_OK;
}

void
wechatpay_bill_edit_free_all(struct wechatpay *wechatpay)
{
    while (!TAILQ_EMPTY(&wechatpay->edits)) {
        struct wechatpay_edits *edits = TAILQ_FIRST(&wechatpay->edits);
        TAILQ_REMOVE(&wechatpay->edits, edits, next);
        free(edits);
    }
}
