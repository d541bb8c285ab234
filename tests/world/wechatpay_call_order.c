/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wechatpay_fault.h"
#include "wechatpay_gateway.h"
#include "wechatpay_order.h"

/* A query may lie as the play wants it to, under a true signature. */
static enum err
answer_order(struct wechatpay_call *call, const struct wechatpay_order *order)
{
    if (order == NULL) {
        return wechatpay_call_refuse(call, "ORDER_NOT_EXIST", NULL, NULL);
    }
    struct wechatpay_transaction_facts facts = { .order = order,
                                                 .total = order->total,
                                                 .paid = order->paid };
    facts.unpaid = order->state == WECHATPAY_PAID
                   && wechatpay_fault_take(call->wechatpay, WECHATPAY_ANSWER_UNPAID, call->number);
    if (wechatpay_fault_take(call->wechatpay, WECHATPAY_ANSWER_AMOUNT, call->number)) {
        const struct money fen = { .minor = 1, .currency = CURRENCY_CNY };
        TRY(money_add(facts.total, fen, &facts.total));
    }
    return wechatpay_transaction_put(&facts, call->out);
}

/* 4.4. */
enum err
wechatpay_call_query(struct wechatpay_call *call)
{
    return answer_order(call, wechatpay_order_find(call->wechatpay, call->merchant, call->key));
}

enum err
wechatpay_call_query_id(struct wechatpay_call *call)
{
    return answer_order(call,
                        wechatpay_order_by_transaction(call->wechatpay, call->merchant, call->key));
}

/* 4.5. */
enum err
wechatpay_call_close(struct wechatpay_call *call)
{
    const char *refusal;
    if (!wechatpay_fields_fit(call, WECHATPAY_FORM_CLOSE)) {
        return ERR_OK;
    }
    if (!span_eq_cstr(wechatpay_call_text(call->body, "mchid"), call->merchant->mchid)) {
        return wechatpay_call_refuse(call, "PARAM_ERROR", "/mchid", "商户号与签名商户号不一致");
    }
    struct wechatpay_order *order =
        wechatpay_order_find(call->wechatpay, call->merchant, call->key);
    if (order == NULL) {
        return wechatpay_call_refuse(call, "ORDER_NOT_EXIST", NULL, NULL);
    }
    wechatpay_order_close(order, &refusal);
    call->empty = true;
    return refusal == NULL ? ERR_OK : wechatpay_call_refuse(call, refusal, NULL, NULL);
}

static enum err
put_certificate(const struct wechatpay_call *call, const struct wechatpay_signer *signer,
                struct json_t *data)
{
    static const char associated_data[] = "certificate";
    const struct wechatpay_seal_key *key = &call->merchant->seal;
    DEFER(buf_fini) struct buf nonce = BUF_MAX(WECHATPAY_SEAL_NONCE_BYTES);
    DEFER(buf_fini) struct buf sealed = BUF_MAX(WECHATPAY_BODY_MAX);
    struct json_t *element;
    struct json_t *box;
    TRY(wechatpay_nonce(WECHATPAY_SEAL_NONCE_BYTES, &nonce));
    TRY(wechatpay_seal(key, buf_span(&nonce), span_of(associated_data),
                       span_of(signer->certificate), &sealed));
    TRY(json_new_object(&element));
    TRY(json_put(data, NULL, element));
    TRY(json_put_text(element, "serial_no", signer->serial));
    TRY(wechatpay_put_time(element, "effective_time", signer->not_before));
    TRY(wechatpay_put_time(element, "expire_time", signer->not_after));
    TRY(json_new_object(&box));
    TRY(json_put(element, "encrypt_certificate", box));
    TRY(json_put_text(box, "algorithm", wechatpay_seal_name(key)));
    TRY(json_put_string(box, "nonce", buf_span(&nonce)));
    TRY(json_put_text(box, "associated_data", associated_data));
    return json_put_string(box, "ciphertext", buf_span(&sealed));
}

/* 2.5, 3: which certificates `wish` asks for; RSA is the default. */
static bool
is_wished(const struct wechatpay_call *call, const char *wish)
{
    if (wish != NULL && strcmp(wish, "ALL") == 0) {
        return true;
    }
    bool sm2 = wish != NULL && strcmp(wish, "SM2") == 0;
    return sm2 == (call->merchant->family == WECHATPAY_SM);
}

enum err
wechatpay_call_certificates(struct wechatpay_call *call)
{
    const struct wechatpay *wechatpay = call->wechatpay;
    const char *wish = wechatpay_call_query_value(call, "algorithm_type");
    struct json_t *data;
    if (wish != NULL && strcmp(wish, "RSA") != 0 && strcmp(wish, "SM2") != 0
        && strcmp(wish, "ALL") != 0) {
        return wechatpay_call_refuse(call, "PARAM_ERROR", "algorithm_type", "算法类型不正确");
    }
    if (call->merchant->family == WECHATPAY_PUBKEY || !is_wished(call, wish)) {
        return wechatpay_call_refuse(call, "RESOURCE_NOT_EXISTS", NULL, NULL);
    }
    TRY(json_new_array(&data));
    TRY(json_put(call->out, "data", data));
    if (call->merchant->family == WECHATPAY_SM) {
        return put_certificate(call, &wechatpay->signers[WECHATPAY_SIGNER_SM], data);
    }
    TRY(put_certificate(call, &wechatpay->signers[WECHATPAY_SIGNER_PLATFORM], data));
    return wechatpay->next_listed
               ? put_certificate(call, &wechatpay->signers[WECHATPAY_SIGNER_PLATFORM_NEXT], data)
               : ERR_OK;
}
