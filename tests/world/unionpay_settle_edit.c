/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "unionpay_settle.h"
#include "unionpay_txn.h"

#define EDITS_MAX 1000

enum edit_kind {
    EDIT_OMIT,
    EDIT_AMOUNT,
    EDIT_ADD,
    EDIT_REPEAT,
    EDIT_FEE,
    EDIT_ZME_ADD,
    EDIT_RD_COUNT,
    EDIT_RD_SUM,
    EDIT_CUT,
    EDIT_WIDTH,
    EDIT_NOT_READY,
    EDIT_EMPTY,
    EDIT_WRONG_DAY,
    EDIT_WRONG_MERCHANT,
    EDIT_COUNT
};

struct edit {
    enum edit_kind kind;
    char order_id[UNIONPAY_ORDER_MAX + 1];
    char query_id[22];
    struct money money;
    struct wall_time at;
    int64_t by;
};

struct unionpay_edits {
    TAILQ_ENTRY(unionpay_edits) next;
    struct day day;
    char mer_id[16]; /* "": every merchant's file */
    size_t count;
    struct edit list[]; /* as many as the play gave */
};

/* What an edit of each kind reads. */
static const struct edit_rule {
    const char *name;
    bool number;       /* out_trade_no */
    bool row;          /* trade_no, at */
    const char *money; /* its member, NULL: none */
} rules[EDIT_COUNT] = {
    [EDIT_OMIT] = { "omit", true, false, NULL },
    [EDIT_AMOUNT] = { "amount", true, false, "total_amount" },
    [EDIT_ADD] = { "add", true, true, "total_amount" },
    [EDIT_REPEAT] = { "repeat", true, false, NULL },
    [EDIT_FEE] = { "fee", true, false, "fee" },
    [EDIT_ZME_ADD] = { "zme_add", true, false, "total_amount" },
    [EDIT_RD_COUNT] = { "rd_count", false, false, NULL },
    [EDIT_RD_SUM] = { "rd_sum", false, false, "by" },
    [EDIT_CUT] = { "cut", false, false, NULL },
    [EDIT_WIDTH] = { "width", false, false, NULL },
    [EDIT_NOT_READY] = { "not_ready", false, false, NULL },
    [EDIT_EMPTY] = { "empty", false, false, NULL },
    [EDIT_WRONG_DAY] = { "wrong_day", false, false, NULL },
    [EDIT_WRONG_MERCHANT] = { "wrong_merchant", false, false, NULL },
};

static enum err
read_text(const struct json_t *in, const char *name, char *out, size_t size)
{
    struct span text;
    TRY(json_get_string(in, name, &text));
    if (!span_is_alnum(text) || text.len >= size) {
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

/* Only a fee and the report's sum may be below nothing. */
static enum err
read_money(const struct json_t *in, const struct edit_rule *rule, struct money *out)
{
    struct span text;
    TRY(json_get_string(in, rule->money, &text));
    return rule == &rules[EDIT_FEE] || rule == &rules[EDIT_RD_SUM]
               ? money_parse_signed(text, CURRENCY_CNY, out)
               : money_parse(text, CURRENCY_CNY, out);
}

static enum err
read_edit(const struct json_t *in, struct edit *out)
{
    TRY(read_kind(in, &out->kind));
    const struct edit_rule *rule = &rules[out->kind];
    struct span text;
    if (rule->number) {
        TRY(read_text(in, "out_trade_no", out->order_id, sizeof(out->order_id)));
    }
    if (rule->row) {
        TRY(read_text(in, "trade_no", out->query_id, sizeof(out->query_id)));
        TRY(json_get_string(in, "at", &text));
        TRY(wall_parse(text, &out->at));
    }
    if (rule->money != NULL) {
        TRY(read_money(in, rule, &out->money));
    }
    return out->kind == EDIT_RD_COUNT ? json_get_i64(in, "by", &out->by) : ERR_OK;
}

static enum err
read_edits(const struct json_t *in, const struct json_t *list, struct unionpay_edits *out)
{
    struct span text;
    TRY(json_get_string(in, "day", &text));
    TRY(day_parse(text, &out->day));
    if (json_member(in, "mer_id") != NULL) {
        TRY(read_text(in, "mer_id", out->mer_id, sizeof(out->mer_id)));
    }
    for (size_t i = 0; i < json_count(list); i++) {
        TRY(read_edit(json_element(list, i), &out->list[i]));
        out->count++;
    }
    return ERR_OK;
}

static void
replace(struct unionpay *unionpay, struct unionpay_edits *edits)
{
    struct unionpay_edits *old = TAILQ_FIRST(&unionpay->edits);
    while (old != NULL) {
        struct unionpay_edits *after = TAILQ_NEXT(old, next);
        if (day_cmp(old->day, edits->day) == 0 && strcmp(old->mer_id, edits->mer_id) == 0) {
            TAILQ_REMOVE(&unionpay->edits, old, next);
            free(old);
        }
        old = after;
    }
    TAILQ_INSERT_TAIL(&unionpay->edits, edits, next);
}

enum err
unionpay_settle_edit(struct unionpay *unionpay, const struct json_t *in)
{
    const struct json_t *list = json_member(in, "edits");
    if (!json_node_is_array(list) || json_count(list) > EDITS_MAX) {
        return ERR_FIELD_VALUE;
    }
    size_t bytes = sizeof(struct unionpay_edits) + json_count(list) * sizeof(struct edit);
    struct unionpay_edits *edits = calloc(1, bytes);
    if (edits == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = read_edits(in, list, edits);
    if (err != ERR_OK) {
        free(edits);
        return err;
    }
    replace(unionpay, edits);
    return ERR_OK;
}

static struct unionpay_row *
find_row(const struct unionpay_file *file, const char *order_id)
{
    for (size_t i = 0; i < file->count; i++) {
        if (strcmp(file->rows[i].order_id, order_id) == 0) {
            return &file->rows[i];
        }
    }
    return NULL;
}

static enum err
add_stranger(struct unionpay_file *file, const struct edit *edit)
{
    DEFER(buf_fini) struct buf time = BUF_MAX(UNIONPAY_TIME_LEN);
    struct unionpay_row row = {
        .kind = UNIONPAY_FRONT, .done = edit->at, .trace_no = "999999", .amount = edit->money
    };
    memcpy(row.order_id, edit->order_id, sizeof(row.order_id));
    memcpy(row.query_id, edit->query_id, sizeof(row.query_id));
    TRY(unionpay_time_format(edit->at, &time));
    memcpy(row.trace_time, time.at + 4, sizeof(row.trace_time) - 1);
    TRY(unionpay_settle_reckon(&row));
    return unionpay_settle_add(file, &row);
}

/* The money that stays follows the fee. */
static enum err
set_fee(struct unionpay_row *row, struct money fee)
{
    struct money gross;
    TRY(money_sub(row->settle, row->fee, &gross));
    row->fee = fee;
    return money_add(gross, fee, &row->settle);
}

/* A number without a row leaves the file as it is. */
static enum err
apply_to_row(struct unionpay_file *file, const struct edit *edit)
{
    struct unionpay_row *row = find_row(file, edit->order_id);
    if (row == NULL) {
        return ERR_OK;
    }
    if (edit->kind == EDIT_FEE) {
        return set_fee(row, edit->money);
    }
    if (edit->kind == EDIT_AMOUNT) {
        row->amount = edit->money;
        return unionpay_settle_reckon(row); /* a consistent lie: the fee follows */
    }
    if (edit->kind == EDIT_REPEAT) {
        const struct unionpay_row again = *row; /* adding may move the rows */
        return unionpay_settle_add(file, &again);
    }
    size_t after = file->count - (size_t)(row - file->rows) - 1;
    memmove(row, row + 1, after * sizeof(*row));
    file->count--;
    return ERR_OK;
}

/* A dispute is about a payment, of whatever day. */
static enum err
add_dispute(struct unionpay *unionpay, struct unionpay_file *file, const struct edit *edit)
{
    const struct unionpay_txn *txn =
        unionpay_txn_find(unionpay, file->merchant, edit->order_id, NULL);
    return txn == NULL || txn->done.us == 0 ? ERR_OK
                                            : unionpay_settle_dispute(file, txn, edit->money);
}

static enum err
apply(struct unionpay *unionpay, struct unionpay_file *file, const struct edit *edit)
{
    switch (edit->kind) {
    case EDIT_OMIT:
    case EDIT_AMOUNT:
    case EDIT_REPEAT:
    case EDIT_FEE:
        return apply_to_row(file, edit);
    case EDIT_ADD:
        return add_stranger(file, edit);
    case EDIT_ZME_ADD:
        return add_dispute(unionpay, file, edit);
    case EDIT_RD_COUNT:
        file->more_count += edit->by;
        return ERR_OK;
    case EDIT_RD_SUM:
        return money_add(file->more_sum, edit->money, &file->more_sum);
    case EDIT_CUT:
        file->cut = true;
        return ERR_OK;
    case EDIT_WIDTH:
        file->width = true;
        return ERR_OK;
    case EDIT_NOT_READY:
        file->not_ready = true;
        return ERR_OK;
    case EDIT_EMPTY:
        file->empty = true;
        file->count = 0;
        return ERR_OK;
    case EDIT_WRONG_DAY:
        file->wrong_day = true;
        return ERR_OK;
    case EDIT_WRONG_MERCHANT:
        file->wrong_merchant = true;
        return ERR_OK;
    case EDIT_COUNT:
    default:
        return ERR_INTERNAL;
    }
}

enum err
unionpay_settle_edit_apply(struct unionpay *unionpay, struct unionpay_file *file)
{
    const struct unionpay_edits *edits;
    TAILQ_FOREACH(edits, &unionpay->edits, next) {
        bool ours = edits->mer_id[0] == '\0' || strcmp(edits->mer_id, file->merchant->mer_id) == 0;
        for (size_t i = 0; ours && day_cmp(edits->day, file->day) == 0 && i < edits->count; i++) {
            TRY(apply(unionpay, file, &edits->list[i]));
        }
    }
    return ERR_OK;
}

void
unionpay_settle_edit_free_all(struct unionpay *unionpay)
{
    while (!TAILQ_EMPTY(&unionpay->edits)) {
        struct unionpay_edits *edits = TAILQ_FIRST(&unionpay->edits);
        TAILQ_REMOVE(&unionpay->edits, edits, next);
        free(edits);
    }
}
