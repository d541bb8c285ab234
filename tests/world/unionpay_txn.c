/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay_txn.h"

#include <stdlib.h>
#include <string.h>

#include "unionpay_notify.h"

#define TRACE_FIRST 310000
#define TRACE_LIMIT 1000000

static const struct {
    const char *txn_type;
    const char *sub_type;
} types[UNIONPAY_KIND_COUNT] = {
    [UNIONPAY_FRONT] = { "01", "01" },
    [UNIONPAY_QR] = { "01", "07" },
    [UNIONPAY_REFUND] = { "04", "00" },
    [UNIONPAY_CANCEL] = { "31", "00" },
};

const char *
unionpay_txn_type(const struct unionpay_txn *txn)
{
    return types[txn->kind].txn_type;
}

const char *
unionpay_txn_sub_type(const struct unionpay_txn *txn)
{
    return types[txn->kind].sub_type;
}

bool
unionpay_txn_is_payment(const struct unionpay_txn *txn)
{
    return txn->kind == UNIONPAY_FRONT || txn->kind == UNIONPAY_QR;
}

bool
unionpay_txn_is_bank(const struct unionpay_txn *txn)
{
    return strcmp(txn->biz_type, "000202") == 0;
}

struct unionpay_txn *
unionpay_txn_find(struct unionpay *unionpay, const struct unionpay_merchant *merchant,
                  const char *order_id, const char *txn_time)
{
    struct unionpay_txn *found = NULL;
    struct unionpay_txn *txn;
    TAILQ_FOREACH(txn, &unionpay->txns, next) {
        if ((merchant == NULL || txn->merchant == merchant) && strcmp(txn->order_id, order_id) == 0
            && (txn_time == NULL || strcmp(txn->txn_time, txn_time) == 0)) {
            found = txn;
        }
    }
    return found;
}

struct unionpay_txn *
unionpay_txn_by_query_id(struct unionpay *unionpay, const struct unionpay_merchant *merchant,
                         const char *query_id)
{
    struct unionpay_txn *txn;
    TAILQ_FOREACH(txn, &unionpay->txns, next) {
        if (txn->merchant == merchant && strcmp(txn->query_id, query_id) == 0) {
            return txn;
        }
    }
    return NULL;
}

struct unionpay_txn *
unionpay_txn_by_code(struct unionpay *unionpay, const char *qr_code)
{
    struct unionpay_txn *txn;
    TAILQ_FOREACH(txn, &unionpay->txns, next) {
        if (txn->kind == UNIONPAY_QR && strcmp(txn->qr_code, qr_code) == 0) {
            return txn;
        }
    }
    return NULL;
}

struct unionpay_txn *
unionpay_txn_by_cashier(struct unionpay *unionpay, const char *cashier)
{
    struct unionpay_txn *txn;
    TAILQ_FOREACH(txn, &unionpay->txns, next) {
        if (strcmp(txn->cashier, cashier) == 0) {
            return txn;
        }
    }
    return NULL;
}

/* 3.1: what is unpaid at payTimeout has failed; what the bank declined keeps the bank's reason. */
const char *
unionpay_txn_code(const struct unionpay *unionpay, const struct unionpay_txn *txn)
{
    bool over = txn->pay_timeout.us != 0 && world_now(unionpay->world).us > txn->pay_timeout.us;
    if (txn->status == UNIONPAY_WAIT && over && strcmp(txn->resp_code, "05") == 0) {
        return "69";
    }
    return txn->resp_code;
}

static void
txn_free(struct unionpay_txn *txn)
{
    free(txn->back_url);
    free(txn->front_url);
    free(txn->front_fail_url);
    free(txn->req_reserved);
    free(txn);
}

void
unionpay_txn_free_all(struct unionpay *unionpay)
{
    while (!TAILQ_EMPTY(&unionpay->txns)) {
        struct unionpay_txn *txn = TAILQ_FIRST(&unionpay->txns);
        TAILQ_REMOVE(&unionpay->txns, txn, next);
        txn_free(txn);
    }
}

static enum err
keep(const char *text, char *out, size_t size)
{
    size_t len = text == NULL ? 0 : strlen(text);
    if (len >= size) {
        return ERR_FIELD_LENGTH;
    }
    if (len != 0) {
        memcpy(out, text, len);
    }
    out[len] = '\0';
    return ERR_OK;
}

static enum err
keep_buf(struct buf *text, char *out, size_t size)
{
    const char *cstr;
    TRY(buf_cstr(text, &cstr));
    return keep(cstr, out, size);
}

static enum err
copy_text(const char *text, char **out)
{
    return text == NULL ? ERR_OK : unionpay_copy(span_of(text), out);
}

/* 1.1: two digits, the time without its century, the trace number and one more digit. */
static enum err
make_numbers(struct unionpay *unionpay, struct unionpay_txn *txn)
{
    DEFER(buf_fini) struct buf trace = BUF_MAX(sizeof(txn->trace_no));
    DEFER(buf_fini) struct buf query = BUF_MAX(sizeof(txn->query_id));
    uint32_t number = unionpay->trace < TRACE_FIRST ? TRACE_FIRST : unionpay->trace;
    number = (number + 1) % TRACE_LIMIT;
    TRY(buf_printf(&trace, "%06u", (unsigned)number));
    TRY(keep_buf(&trace, txn->trace_no, sizeof(txn->trace_no)));
    TRY(buf_printf(&query, "%02u%s%s8", (unsigned)(number % 90 + 10), txn->txn_time + 2,
                   txn->trace_no));
    TRY(keep_buf(&query, txn->query_id, sizeof(txn->query_id)));
    unionpay->trace = number;
    return keep(txn->txn_time + 4, txn->trace_time, sizeof(txn->trace_time));
}

static enum err
make_addresses(struct unionpay_txn *txn)
{
    DEFER(buf_fini) struct buf hex = BUF_MAX(64);
    DEFER(buf_fini) struct buf code = BUF_MAX(sizeof(txn->qr_code));
    unsigned char random[16];
    TRY(crypto_random(random, sizeof(random)));
    TRY(crypto_hex_encode(span_make(random, sizeof(random)), &hex));
    TRY(keep_buf(&hex, txn->cashier, sizeof(txn->cashier)));
    if (txn->kind != UNIONPAY_QR) {
        return ERR_OK;
    }
    TRY(buf_printf(&code, "https://qr.95516.com/00010000/%s", txn->cashier));
    return keep_buf(&code, txn->qr_code, sizeof(txn->qr_code));
}

static enum err
fill(struct unionpay *unionpay, struct unionpay_txn *txn, const struct unionpay_order *order)
{
    txn->merchant = order->merchant;
    txn->orig = order->orig;
    txn->kind = order->kind;
    txn->amount = order->amount;
    txn->given_back = (struct money){ .minor = 0, .currency = order->amount.currency };
    txn->pay_timeout = order->pay_timeout;
    TRY(keep(order->order_id, txn->order_id, sizeof(txn->order_id)));
    TRY(keep(order->txn_time, txn->txn_time, sizeof(txn->txn_time)));
    TRY(keep(order->biz_type, txn->biz_type, sizeof(txn->biz_type)));
    TRY(keep(order->channel_type, txn->channel_type, sizeof(txn->channel_type)));
    TRY(keep(order->encoding, txn->encoding, sizeof(txn->encoding)));
    TRY(keep("05", txn->resp_code, sizeof(txn->resp_code)));
    TRY(copy_text(order->back_url, &txn->back_url));
    TRY(copy_text(order->front_url, &txn->front_url));
    TRY(copy_text(order->front_fail_url, &txn->front_fail_url));
    TRY(copy_text(order->req_reserved, &txn->req_reserved));
    TRY(make_addresses(txn));
    return make_numbers(unionpay, txn);
}

enum err
unionpay_txn_place(struct unionpay *unionpay, const struct unionpay_order *order,
                   struct unionpay_txn **out, const char **code)
{
    if (unionpay_txn_find(unionpay, order->merchant, order->order_id, order->txn_time) != NULL) {
        *code = "12";
        return ERR_OK;
    }
    struct unionpay_txn *txn = calloc(1, sizeof(*txn));
    if (txn == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = fill(unionpay, txn, order);
    if (err != ERR_OK) {
        txn_free(txn);
        return err;
    }
    TAILQ_INSERT_TAIL(&unionpay->txns, txn, next);
    *out = txn;
    *code = "00";
    return ERR_OK;
}

/* "00" when this payer may pay now. */
static const char *
pay_refusal(const struct unionpay_txn *txn, bool late)
{
    if (!unionpay_txn_is_payment(txn) || txn->status != UNIONPAY_WAIT) {
        return "35";
    }
    if (txn->kind == UNIONPAY_QR && !txn->scanned) {
        return "86";
    }
    return late && !unionpay_txn_is_bank(txn) ? "69" : "00"; /* 3.1: only net-banks pay late */
}

/* A payment that a play moves before its own request moves the request's stamp along. */
static enum err
move_trace_time(struct unionpay_txn *txn)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(UNIONPAY_TIME_LEN + 1);
    struct wall_time asked;
    TRY(unionpay_time_parse(span_of(txn->txn_time), &asked));
    if (txn->done.us >= asked.us) {
        return ERR_OK;
    }
    const char *cstr;
    TRY(unionpay_time_format(txn->done, &text));
    TRY(buf_cstr(&text, &cstr));
    return keep(cstr + 4, txn->trace_time, sizeof(txn->trace_time));
}

static enum err
complete(struct unionpay *unionpay, struct unionpay_txn *txn, struct wall_time at)
{
    txn->done = at;
    TRY(move_trace_time(txn));
    /* 4: a front transaction tells success only, so money that reads as 42 is told by a query. */
    return txn->status == UNIONPAY_DONE ? unionpay_notify_txn(unionpay, txn) : ERR_OK;
}

enum err
unionpay_txn_pay(struct unionpay *unionpay, struct unionpay_txn *txn,
                 const struct unionpay_payment *how, const char **code)
{
    struct wall_time at = how->at.us == 0 ? world_now(unionpay->world) : how->at;
    bool late = txn->pay_timeout.us != 0 && at.us > txn->pay_timeout.us;
    *code = pay_refusal(txn, late);
    if (strcmp(*code, "00") != 0) {
        return ERR_OK;
    }
    bool good = strcmp(how->resp_code, "00") == 0 || strcmp(how->resp_code, "A6") == 0;
    TRY(keep(late && good ? how->late_as : how->resp_code, txn->resp_code, sizeof(txn->resp_code)));
    if (!good) {
        return ERR_OK; /* declined: the payer may try again */
    }
    txn->status = strcmp(txn->resp_code, "42") == 0 ? UNIONPAY_LATE : UNIONPAY_DONE;
    if (late) {
        txn->refund_due = wall_add_ms(at, how->refund_after_ms);
    }
    return complete(unionpay, txn, at);
}
