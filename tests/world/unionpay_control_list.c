/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay_control_list.h"

#include <string.h>

#include "unionpay_notify.h"
#include "unionpay_txn.h"

static enum err
put_wall(struct json_t *out, const char *name, struct wall_time t)
{
    if (t.us == 0) {
        return json_put_null(out, name);
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(64);
    TRY(wall_format(t, &text));
    return json_put_string(out, name, buf_span(&text));
}

static enum err
put_yuan(struct json_t *out, const char *name, struct money amount)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(32);
    TRY(money_format(amount, &text));
    return json_put_string(out, name, buf_span(&text));
}

static enum err
put_clearing_day(struct json_t *out, const struct unionpay_txn *txn)
{
    if (txn->done.us == 0) {
        return json_put_null(out, "settle_day");
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(16);
    TRY(day_format(unionpay_clearing_day(txn->done), &text));
    return json_put_string(out, "settle_day", buf_span(&text));
}

enum err
unionpay_list_scanned(const struct unionpay_txn *txn, struct json_t **out)
{
    TRY(json_new_object(out));
    TRY(json_put_text(*out, "out_trade_no", txn->order_id));
    TRY(json_put_text(*out, "trade_no", txn->query_id));
    return put_yuan(*out, "total_amount", txn->amount);
}

enum err
unionpay_list_paid(const struct unionpay_txn *txn, struct json_t **out)
{
    TRY(json_new_object(out));
    TRY(json_put_text(*out, "trade_no", txn->query_id));
    TRY(json_put_text(*out, "resp_code", txn->resp_code));
    TRY(put_clearing_day(*out, txn));
    return put_wall(*out, "gmt_payment", txn->done);
}

static const char *
status_name(const struct unionpay *unionpay, const struct unionpay_txn *txn)
{
    static const char *const names[UNIONPAY_STATUS_COUNT] = {
        [UNIONPAY_WAIT] = "WAIT",
        [UNIONPAY_DONE] = "SUCCESS",
        [UNIONPAY_FAILED] = "FAILED",
        [UNIONPAY_LATE] = "LATE",
    };
    bool over = strcmp(unionpay_txn_code(unionpay, txn), "69") == 0;
    return over ? "EXPIRED" : names[txn->status];
}

static enum err
put_common(const struct unionpay *unionpay, const struct unionpay_txn *txn, struct json_t *object)
{
    TRY(json_put_text(object, "mer_id", txn->merchant->mer_id));
    TRY(json_put_text(object, "txn_time", txn->txn_time));
    TRY(json_put_text(object, "trade_no", txn->query_id));
    TRY(json_put_text(object, "trace_no", txn->trace_no));
    TRY(json_put_text(object, "trace_time", txn->trace_time));
    TRY(json_put_text(object, "status", status_name(unionpay, txn)));
    TRY(json_put_text(object, "resp_code", unionpay_txn_code(unionpay, txn)));
    return put_clearing_day(object, txn);
}

static enum err
put_trade(const struct unionpay *unionpay, const struct unionpay_txn *txn, struct json_t *list)
{
    struct json_t *object;
    TRY(json_new_object(&object));
    TRY(json_put(list, NULL, object));
    TRY(json_put_text(object, "out_trade_no", txn->order_id));
    TRY(put_common(unionpay, txn, object));
    TRY(put_yuan(object, "total_amount", txn->amount));
    return put_wall(object, "gmt_payment", txn->done);
}

static enum err
put_refund(const struct unionpay *unionpay, const struct unionpay_txn *txn, struct json_t *list)
{
    struct json_t *object;
    TRY(json_new_object(&object));
    TRY(json_put(list, NULL, object));
    TRY(json_put_text(object, "out_refund_no", txn->order_id));
    TRY(json_put_text(object, "out_trade_no", txn->orig->order_id));
    TRY(json_put_text(object, "txn_type", unionpay_txn_type(txn)));
    TRY(put_common(unionpay, txn, object));
    TRY(put_yuan(object, "refund_amount", txn->amount));
    TRY(json_put_bool(object, "automatic", txn->automatic));
    return put_wall(object, "gmt_refund", txn->done);
}

static enum err
new_list(const char *name, struct json_t **out, struct json_t **list)
{
    TRY(json_new_object(out));
    TRY(json_new_array(list));
    return json_put(*out, name, *list);
}

enum err
unionpay_list_trades(struct unionpay *unionpay, struct json_t **out)
{
    struct json_t *list;
    const struct unionpay_txn *txn;
    TRY(unionpay_txn_expire(unionpay));
    TRY(new_list("trades", out, &list));
    TAILQ_FOREACH(txn, &unionpay->txns, next) {
        if (unionpay_txn_is_payment(txn)) {
            TRY(put_trade(unionpay, txn, list));
        }
    }
    return ERR_OK;
}

enum err
unionpay_list_refunds(struct unionpay *unionpay, struct json_t **out)
{
    struct json_t *list;
    const struct unionpay_txn *txn;
    TRY(unionpay_txn_expire(unionpay));
    TRY(new_list("refunds", out, &list));
    TAILQ_FOREACH(txn, &unionpay->txns, next) {
        if (!unionpay_txn_is_payment(txn)) {
            TRY(put_refund(unionpay, txn, list));
        }
    }
    return ERR_OK;
}

enum err
unionpay_list_deliveries(const struct unionpay *unionpay, struct json_t **out)
{
    struct json_t *list;
    TRY(new_list("deliveries", out, &list));
    return unionpay_notify_list(unionpay, list);
}
