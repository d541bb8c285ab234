/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "alipay_daybill.h"

#define EDITS_MAX 1000

enum edit_kind {
    EDIT_OMIT,
    EDIT_AMOUNT,
    EDIT_ADD,
    EDIT_REPEAT,
    EDIT_FEE,
    EDIT_TRAILER_COUNT,
    EDIT_TRAILER_SUM,
    EDIT_COLUMN,
    EDIT_CUT,
    EDIT_NOT_READY,
    EDIT_EMPTY,
    EDIT_REISSUE,
    EDIT_GZIP,
    EDIT_COUNT
};

struct edit {
    enum edit_kind kind;
    char out_trade_no[ALIPAY_NUMBER_MAX + 1];
    char trade_no[ALIPAY_NUMBER_MAX + 1];
    char column[ALIPAY_NUMBER_MAX + 1];
    struct money money;
    struct wall_time at;
    int64_t by;
};

struct alipay_edits {
    TAILQ_ENTRY(alipay_edits) next;
    struct day day;
    char app_id[33]; /* "": every application's bill */
    size_t count;
    struct edit list[]; /* as many as the play gave */
};

/* What an edit of each kind reads. */
static const struct edit_rule {
    const char *name;
    bool number;       /* out_trade_no */
    bool line;         /* trade_no, at */
    const char *money; /* its member, NULL: none */
} rules[EDIT_COUNT] = {
    [EDIT_OMIT] = { "omit", true, false, NULL },
    [EDIT_AMOUNT] = { "amount", true, false, "total_amount" },
    [EDIT_ADD] = { "add", true, true, "total_amount" },
    [EDIT_REPEAT] = { "repeat", true, false, NULL },
    [EDIT_FEE] = { "fee", true, false, "fee" },
    [EDIT_TRAILER_COUNT] = { "trailer_count", false, false, NULL },
    [EDIT_TRAILER_SUM] = { "trailer_sum", false, false, "by" },
    [EDIT_COLUMN] = { "column", false, false, NULL },
    [EDIT_CUT] = { "cut", false, false, NULL },
    [EDIT_NOT_READY] = { "not_ready", false, false, NULL },
    [EDIT_EMPTY] = { "empty", false, false, NULL },
    [EDIT_REISSUE] = { "reissue", false, false, NULL },
    [EDIT_GZIP] = { "gzip", false, false, NULL },
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
    if (rule->line) {
        TRY(read_text(in, "trade_no", out->trade_no, sizeof(out->trade_no)));
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
    bool counts = out->kind == EDIT_TRAILER_COUNT || out->kind == EDIT_REISSUE;
    return counts ? json_get_i64(in, "by", &out->by) : ERR_OK;
}

static enum err
read_edits(const struct json_t *in, const struct json_t *list, struct alipay_edits *out)
{
    struct span text;
    TRY(json_get_string(in, "day", &text));
    TRY(day_parse(text, &out->day));
    if (json_member(in, "app_id") != NULL) {
        TRY(read_text(in, "app_id", out->app_id, sizeof(out->app_id)));
    }
    for (size_t i = 0; i < json_count(list); i++) {
        TRY(read_edit(json_element(list, i), &out->list[i]));
        out->count++;
    }
    return ERR_OK;
}

static void
replace(struct alipay *alipay, struct alipay_edits *edits)
{
    struct alipay_edits *old = TAILQ_FIRST(&alipay->edits);
    while (old != NULL) {
        struct alipay_edits *after = TAILQ_NEXT(old, next);
        if (day_cmp(old->day, edits->day) == 0 && strcmp(old->app_id, edits->app_id) == 0) {
            TAILQ_REMOVE(&alipay->edits, old, next);
            free(old);
        }
        old = after;
    }
    TAILQ_INSERT_TAIL(&alipay->edits, edits, next);
}

enum err
alipay_bill_edit(struct alipay *alipay, const struct json_t *in)
{
    const struct json_t *list = json_member(in, "edits");
    if (!json_node_is_array(list) || json_count(list) > EDITS_MAX) {
        return ERR_FIELD_VALUE;
    }
    size_t bytes = sizeof(struct alipay_edits) + json_count(list) * sizeof(struct edit);
    struct alipay_edits *edits = calloc(1, bytes);
    if (edits == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = read_edits(in, list, edits);
    if (err != ERR_OK) {
        free(edits);
        return err;
    }
    replace(alipay, edits);
    return ERR_OK;
}

/* Edits speak of payments; a number without one leaves the bill as it is. */
static struct alipay_bill_line *
find_payment(const struct alipay_bill *bill, const char *out_trade_no)
{
    for (size_t i = 0; i < bill->count; i++) {
        if (!bill->lines[i].refund && strcmp(bill->lines[i].out_trade_no, out_trade_no) == 0) {
            return &bill->lines[i];
        }
    }
    return NULL;
}

static void
omit(struct alipay_bill *bill, struct alipay_bill_line *line)
{
    size_t after = bill->count - (size_t)(line - bill->lines) - 1;
    memmove(line, line + 1, after * sizeof(*line));
    bill->count--;
}

static enum err
add_stranger(struct alipay_bill *bill, const struct edit *edit)
{
    struct alipay_bill_line line = { .subject = "他处交易", .remark = "他处交易" };
    memcpy(line.out_trade_no, edit->out_trade_no, sizeof(line.out_trade_no));
    memcpy(line.trade_no, edit->trade_no, sizeof(line.trade_no));
    line.created = edit->at;
    line.finished = edit->at;
    line.amount = edit->money;
    TRY(alipay_bill_fee(line.amount, &line.fee));
    return alipay_bill_add(bill, &line);
}

static enum err
apply_to_line(struct alipay_bill *bill, const struct edit *edit)
{
    struct alipay_bill_line *line = find_payment(bill, edit->out_trade_no);
    if (line == NULL) {
        return ERR_OK;
    }
    if (edit->kind == EDIT_OMIT) {
        omit(bill, line);
    } else if (edit->kind == EDIT_FEE) {
        line->fee = edit->money;
    } else if (edit->kind == EDIT_AMOUNT) {
        line->amount = edit->money;
        return alipay_bill_fee(line->amount, &line->fee); /* a consistent lie: the fee follows */
    } else {
        const struct alipay_bill_line again = *line; /* adding may move the lines */
        return alipay_bill_add(bill, &again);
    }
    return ERR_OK;
}

static enum err
set_column(struct alipay_bill *bill, const char *name)
{
    free(bill->last_column);
    bill->last_column = NULL;
    return alipay_copy(span_of(name), &bill->last_column);
}

static enum err
apply(struct alipay_bill *bill, const struct edit *edit)
{
    switch (edit->kind) {
    case EDIT_OMIT:
    case EDIT_AMOUNT:
    case EDIT_REPEAT:
    case EDIT_FEE:
        return apply_to_line(bill, edit);
    case EDIT_ADD:
        return add_stranger(bill, edit);
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
        bill->count = 0;
        return ERR_OK;
    case EDIT_REISSUE:
        bill->exported = wall_add_ms(bill->exported, edit->by * 60 * 1000);
        return ERR_OK;
    case EDIT_GZIP:
        bill->gzip = true;
        return ERR_OK;
    case EDIT_COUNT:
    default:
        return ERR_INTERNAL;
    }
}

enum err
alipay_bill_edit_apply(const struct alipay *alipay, struct alipay_bill *bill)
{
    const struct alipay_edits *edits;
    TAILQ_FOREACH(edits, &alipay->edits, next) {
        bool ours = edits->app_id[0] == '\0' || strcmp(edits->app_id, bill->app->app_id) == 0;
        for (size_t i = 0; ours && day_cmp(edits->day, bill->day) == 0 && i < edits->count; i++) {
            TRY(apply(bill, &edits->list[i]));
        }
    }
    return ERR_OK;
}

void
alipay_bill_edit_free_all(struct alipay *alipay)
{
    while (!TAILQ_EMPTY(&alipay->edits)) {
        struct alipay_edits *edits = TAILQ_FIRST(&alipay->edits);
        TAILQ_REMOVE(&alipay->edits, edits, next);
        free(edits);
    }
}
