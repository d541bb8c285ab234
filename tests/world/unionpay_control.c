/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay_control.h"

#include <stdlib.h>
#include <string.h>

#include "unionpay_control_list.h"
#include "unionpay_fault.h"
#include "unionpay_notify.h"
#include "unionpay_settle.h"
#include "unionpay_txn.h"

#define REFUND_AFTER_MAX_S INT64_C(31536000) /* a year */

static void
text_fini(char **text)
{
    free(*text);
}

/* Ends a call: what was built, or why it could not be. Takes `out` over. */
static void
finish(struct control_call *call, enum err err, struct json_t *out)
{
    if (err == ERR_OK) {
        control_answer(call, out);
        return;
    }
    json_free(&out);
    control_refuse(call, 400, err_name(err), err_text(err, LANGUAGE_EN));
}

/* The same for a call that the provider's rules may refuse. */
static void
finish_judged(struct control_call *call, enum err err, const char *code, struct json_t *out)
{
    if (err == ERR_OK && strcmp(code, "00") != 0) {
        json_free(&out);
        control_refuse(call, 409, code, unionpay_notice_message(code));
        return;
    }
    finish(call, err, out);
}

/* An absent member leaves *out as it is. */
static enum err
optional_text(const struct json_t *in, const char *name, struct span *out)
{
    return json_member(in, name) == NULL ? ERR_OK : json_get_string(in, name, out);
}

static enum err
find_txn(struct unionpay *unionpay, const struct json_t *in, struct unionpay_txn **out)
{
    DEFER(text_fini) char *number = NULL;
    struct span text;
    TRY(json_get_string(in, "out_trade_no", &text));
    TRY(unionpay_copy(text, &number));
    struct unionpay_txn *txn = unionpay_txn_find(unionpay, NULL, number, NULL);
    if (txn == NULL) {
        return ERR_FIELD_VALUE;
    }
    *out = txn;
    return ERR_OK;
}

static enum err
scan_code(struct unionpay *unionpay, const struct json_t *in, const char **code,
          struct json_t **out)
{
    DEFER(text_fini) char *qr_code = NULL;
    struct span text;
    TRY(json_get_string(in, "qr_text", &text));
    TRY(unionpay_copy(text, &qr_code));
    struct unionpay_txn *txn = unionpay_txn_by_code(unionpay, qr_code);
    if (txn == NULL) {
        return ERR_FIELD_VALUE;
    }
    *code = txn->status == UNIONPAY_WAIT ? "00" : "86";
    txn->scanned = true;
    return unionpay_list_scanned(txn, out);
}

static void
scan(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    const char *code = "00";
    enum err err = scan_code(self, in, &code, &out);
    finish_judged(call, err, code, out);
}

/* A respCode is two letters or digits. */
static enum err
read_code(const struct json_t *in, const char *name, char out[3])
{
    struct span text = SPAN("");
    TRY(optional_text(in, name, &text));
    if (span_empty(text)) {
        return ERR_OK;
    }
    if (text.len != 2 || !span_is_alnum(text)) {
        return ERR_FIELD_VALUE;
    }
    memcpy(out, text.at, 2);
    return ERR_OK;
}

static enum err
read_payment(const struct json_t *in, struct unionpay_payment *how)
{
    struct span at = SPAN("");
    int64_t after_s = UNIONPAY_REFUND_AFTER_MS / 1000;
    TRY(optional_text(in, "at", &at));
    if (!span_empty(at)) {
        TRY(wall_parse(at, &how->at));
    }
    if (json_member(in, "refund_after_s") != NULL) {
        TRY(json_get_i64(in, "refund_after_s", &after_s));
    }
    if (after_s < 0 || after_s > REFUND_AFTER_MAX_S) {
        return ERR_FIELD_VALUE;
    }
    how->refund_after_ms = after_s * 1000;
    return ERR_OK;
}

static enum err
pay_known(struct unionpay *unionpay, const struct json_t *in, const char **code,
          struct json_t **out)
{
    struct unionpay_txn *txn;
    char resp_code[3] = "00";
    char late_as[3] = "42";
    struct unionpay_payment how = { .resp_code = resp_code, .late_as = late_as };
    TRY(find_txn(unionpay, in, &txn));
    TRY(read_payment(in, &how));
    TRY(read_code(in, "resp_code", resp_code));
    TRY(read_code(in, "late_as", late_as));
    if (strcmp(late_as, "42") != 0 && strcmp(late_as, "00") != 0) {
        return ERR_FIELD_VALUE;
    }
    TRY(unionpay_txn_pay(unionpay, txn, &how, code));
    return unionpay_list_paid(txn, out);
}

static void
pay(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    const char *code = "00";
    enum err err = pay_known(self, in, &code, &out);
    finish_judged(call, err, code, out);
}

static enum err
read_result(struct unionpay *unionpay, const struct json_t *in, const char **code)
{
    struct span number;
    struct span resp_code;
    TRY(json_get_string(in, "out_refund_no", &number));
    TRY(json_get_string(in, "resp_code", &resp_code));
    return unionpay_txn_result(unionpay, number, resp_code, code);
}

static void
refund_result(void *self, struct control_call *call, const struct json_t *in)
{
    const char *code = "00";
    enum err err = read_result(self, in, &code);
    finish_judged(call, err, code, NULL);
}

static void
trades(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    (void)in;
    enum err err = unionpay_list_trades(self, &out);
    finish(call, err, out);
}

static void
refunds(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    (void)in;
    enum err err = unionpay_list_refunds(self, &out);
    finish(call, err, out);
}

static void
deliveries(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    (void)in;
    enum err err = unionpay_list_deliveries(self, &out);
    finish(call, err, out);
}

static enum err
read_seal(const struct json_t *in, enum unionpay_seal *out)
{
    static const char *const names[UNIONPAY_SEAL_COUNT] = {
        [UNIONPAY_SEAL_TRUE] = "",
        [UNIONPAY_SEAL_KEY] = "key",
        [UNIONPAY_SEAL_FOREIGN] = "selfsigned",
        [UNIONPAY_SEAL_MERCHANT] = "merchant-cert",
        [UNIONPAY_SEAL_EXPIRED] = "expired",
    };
    struct span text = SPAN("");
    TRY(optional_text(in, "forged", &text));
    for (size_t i = 0; i < UNIONPAY_SEAL_COUNT; i++) {
        if (span_eq_cstr(text, names[i])) {
            *out = (enum unionpay_seal)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

static enum err
notify_known(struct unionpay *unionpay, struct control_call *call, const struct json_t *in)
{
    struct unionpay_txn *txn;
    struct unionpay_notice_wish wish = { .txn = NULL };
    struct span amount_text = SPAN("");
    struct money amount;
    TRY(find_txn(unionpay, in, &txn));
    TRY(read_seal(in, &wish.seal));
    if (json_member(in, "resend") != NULL) {
        TRY(json_get_bool(in, "resend", &wish.resend));
    }
    TRY(optional_text(in, "total_amount", &amount_text));
    if (!span_empty(amount_text)) {
        TRY(money_parse(amount_text, CURRENCY_CNY, &amount));
        wish.amount = &amount;
    }
    wish.txn = txn;
    return unionpay_notify_now(unionpay, &wish, call);
}

static void
notify(void *self, struct control_call *call, const struct json_t *in)
{
    enum err err = notify_known(self, call, in);
    if (err != ERR_OK) { /* else the receiver's reply answers it */
        finish(call, err, NULL);
    }
}

static enum err
release_due(struct unionpay *unionpay, struct json_t **out)
{
    TRY(unionpay_txn_expire(unionpay));
    TRY(json_new_object(out));
    return json_put_i64(*out, "sent", (int64_t)unionpay_notify_release(unionpay));
}

static void
release(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    (void)in;
    enum err err = release_due(self, &out);
    finish(call, err, out);
}

static void
idle(void *self, struct control_call *call, const struct json_t *in)
{
    (void)in;
    enum err err = unionpay_notify_idle(self, call);
    if (err != ERR_OK) {
        finish(call, err, NULL);
    }
}

static enum err
read_fault(struct unionpay *unionpay, const struct json_t *in)
{
    struct span kind;
    struct span number = SPAN("");
    int64_t times = 1;
    TRY(json_get_string(in, "kind", &kind));
    TRY(optional_text(in, "out_trade_no", &number));
    if (json_member(in, "times") != NULL) {
        TRY(json_get_i64(in, "times", &times));
    }
    return unionpay_fault_add(unionpay, kind, number, times);
}

static void
faults(void *self, struct control_call *call, const struct json_t *in)
{
    finish(call, read_fault(self, in), NULL);
}

static void
clear_faults(void *self, struct control_call *call, const struct json_t *in)
{
    (void)in;
    unionpay_fault_clear(self);
    finish(call, ERR_OK, NULL);
}

static void
bill_edits(void *self, struct control_call *call, const struct json_t *in)
{
    finish(call, unionpay_settle_edit(self, in), NULL);
}

/* 2.5: signer certificates change without notice. */
static void
rotate(void *self, struct control_call *call, const struct json_t *in)
{
    struct unionpay *unionpay = self;
    (void)in;
    unionpay->keys.current = UNIONPAY_SIGNER_NEXT;
    finish(call, ERR_OK, NULL);
}

void
unionpay_control_add(struct unionpay *unionpay)
{
    static const struct {
        enum evhttp_cmd_type method;
        const char *path;
        control_fn fn;
    } calls[] = {
        { EVHTTP_REQ_POST, "/unionpay/scan", scan },
        { EVHTTP_REQ_POST, "/unionpay/pay", pay },
        { EVHTTP_REQ_GET, "/unionpay/trades", trades },
        { EVHTTP_REQ_GET, "/unionpay/refunds", refunds },
        { EVHTTP_REQ_POST, "/unionpay/refund-result", refund_result },
        { EVHTTP_REQ_GET, "/unionpay/deliveries", deliveries },
        { EVHTTP_REQ_POST, "/unionpay/notify", notify },
        { EVHTTP_REQ_POST, "/unionpay/release", release },
        { EVHTTP_REQ_POST, "/unionpay/idle", idle },
        { EVHTTP_REQ_POST, "/unionpay/faults", faults },
        { EVHTTP_REQ_POST, "/unionpay/faults/clear", clear_faults },
        { EVHTTP_REQ_POST, "/unionpay/bill-edits", bill_edits },
        { EVHTTP_REQ_POST, "/unionpay/rotate", rotate },
    };
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        control_add(unionpay->world, calls[i].method, calls[i].path, calls[i].fn, unionpay);
    }
}
