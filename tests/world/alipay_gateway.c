/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_gateway.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "alipay_fault.h"
#include "alipay_sign.h"
#include "alipay_trade.h"
#include "record.h"

#define ANSWER_TYPE "text/html;charset=utf-8" /* what the gateway calls its JSON */

static const struct method {
    const char *name;
    alipay_call_fn fn; /* NULL: answered with a page */
    enum alipay_product product;
    const char *record; /* what the call is in the record */
} methods[] = {
    { "alipay.trade.page.pay", NULL, ALIPAY_PAGE, "pay" },
    { "alipay.trade.wap.pay", NULL, ALIPAY_WAP, "pay" },
    { "alipay.trade.precreate", alipay_call_precreate, ALIPAY_QR, "pay" },
    { "alipay.trade.query", alipay_call_query, ALIPAY_QR, "query" },
    { "alipay.trade.close", alipay_call_close, ALIPAY_QR, "close" },
    { "alipay.trade.cancel", alipay_call_cancel, ALIPAY_QR, "cancel" },
    { "alipay.trade.refund", alipay_call_refund, ALIPAY_QR, "refund" },
    { "alipay.trade.fastpay.refund.query", alipay_call_refund_query, ALIPAY_QR, "refund-query" },
    { "alipay.data.dataservice.bill.downloadurl.query", alipay_call_bill, ALIPAY_QR, "bill" },
    { "alipay.open.app.alipaycert.download", alipay_call_cert, ALIPAY_QR, "certificate" },
};

/* One answer on its way out. */
struct answer {
    const struct alipay_app *app; /* NULL: nobody to sign for */
    const char *method;           /* NULL: error_response */
    struct buf node;              /* the root's value, byte for byte */
    bool forged;
    bool foreign;
    bool strange_serial;
    bool cut;
    bool gzip; /* and no header says so */
    bool slow;
    bool drip;
};

static const struct method *
find_method(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(methods[i].name, name) == 0) {
            return &methods[i];
        }
    }
    return NULL;
}

/* 4.4: slashes are escaped, and the signature covers them as they stand. */
static enum err
escape_slashes(struct span text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        TRY(buf_text(out, text.at[i] == '/' ? "\\" : ""));
        TRY(buf_byte(out, text.at[i]));
    }
    return ERR_OK;
}

static enum err
encode_root(const char *method, struct buf *out)
{
    if (method == NULL) {
        return buf_text(out, "error_response");
    }
    for (const char *at = method; *at != '\0'; at++) {
        TRY(buf_byte(out, *at == '.' ? '_' : (unsigned char)*at));
    }
    return buf_text(out, "_response");
}

static enum err
encode_signature(const struct alipay *alipay, struct answer *answer, struct buf *out)
{
    if (answer->app == NULL) {
        return ERR_OK;
    }
    const struct alipay_signer *signer =
        answer->foreign ? &alipay->signers[ALIPAY_SIGNER_FOREIGN] : answer->app->signer;
    if (answer->app->certificates) {
        const char *serial =
            answer->strange_serial ? "0123456789abcdef0123456789abcdef" : signer->sn;
        TRY(buf_printf(out, ",\"alipay_cert_sn\":\"%s\"", serial));
    }
    DEFER(buf_fini) struct buf sign = BUF_MAX(1024);
    const struct crypto_private_key *key = answer->forged ? alipay->forger : signer->key;
    TRY(alipay_sign_text(key, buf_span(&answer->node), &sign));
    TRY(buf_text(out, ",\"sign\":\""));
    TRY(escape_slashes(buf_span(&sign), out));
    return buf_byte(out, '"');
}

/* 4.1. */
static enum err
encode_answer(const struct alipay *alipay, struct answer *answer, struct buf *out)
{
    TRY(buf_text(out, "{\""));
    TRY(encode_root(answer->method, out));
    TRY(buf_text(out, "\":"));
    TRY(buf_append(out, buf_span(&answer->node)));
    TRY(encode_signature(alipay, answer, out));
    return buf_byte(out, '}');
}

static const char *
msg_of(const char *code)
{
    static const char *const msgs[][2] = {
        { "10000", "Success" },
        { "20000", "Service Currently Unavailable" },
        { "40001", "Missing Required Arguments" },
        { "40002", "Invalid Arguments" },
        { "40004", "Business Failed" },
        { "40005", "Call Limited" },
    };
    for (size_t i = 0; i < sizeof(msgs) / sizeof(msgs[0]); i++) {
        if (strcmp(msgs[i][0], code) == 0) {
            return msgs[i][1];
        }
    }
    return "";
}

/* code, msg, sub_code, sub_msg, then what the call gave. */
static enum err
encode_node(const char *code, const char *sub_code, const char *sub_msg, struct json_t *more,
            struct buf *node)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(ALIPAY_BODY_MAX);
    DEFER(json_free) struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put_text(object, "code", code));
    TRY(json_put_text(object, "msg", msg_of(code)));
    if (sub_code != NULL) {
        TRY(json_put_text(object, "sub_code", sub_code));
        TRY(json_put_text(object, "sub_msg", sub_msg));
    }
    TRY(json_encode(object, &text));
    if (json_count(more) != 0) {
        DEFER(buf_fini) struct buf rest = BUF_MAX(ALIPAY_BODY_MAX);
        TRY(json_encode(more, &rest));
        text.len--; /* the two objects become one */
        TRY(buf_byte(&text, ','));
        TRY(buf_append(&text, span_sub(buf_span(&rest), 1, rest.len)));
    }
    return escape_slashes(buf_span(&text), node);
}

static enum err
send_answer(struct alipay *alipay, struct evhttp_request *req, struct answer *answer)
{
    DEFER(buf_fini) struct buf body = BUF_MAX(ALIPAY_BODY_MAX);
    DEFER(buf_fini) struct buf packed = BUF_MAX(ALIPAY_BODY_MAX);
    TRY(encode_answer(alipay, answer, &body));
    struct span shown = buf_span(&body);
    if (answer->cut) {
        shown = span_sub(shown, 0, shown.len / 2);
    }
    if (answer->gzip) {
        TRY(alipay_gzip(shown, &packed));
        shown = buf_span(&packed);
    }
    if (answer->slow) {
        return alipay_late_answer(alipay, req, ANSWER_TYPE, shown);
    }
    if (answer->drip) {
        return alipay_late_drip(alipay, req, ANSWER_TYPE, shown);
    }
    alipay_reply(req, HTTP_OK, ANSWER_TYPE, shown);
    return ERR_OK;
}

/* 2: the text that was verified is repeated, HTML-escaped. */
static enum err
judge_msg(const struct alipay_verdict *verdict, struct buf *out)
{
    if (verdict->detail.len == 0 || strcmp(verdict->sub_code, "isv.invalid-signature") != 0) {
        return buf_text(out, alipay_sub_msg(verdict->sub_code));
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(ALIPAY_BODY_MAX);
    const char *verified;
    TRY(buf_append(&text, buf_span(&verdict->detail)));
    TRY(buf_cstr(&text, &verified));
    TRY(buf_text(out, "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，"
                      "网关生成的验签字符串为："));
    return alipay_html(out, verified);
}

static enum err
refuse(struct alipay *alipay, struct evhttp_request *req, const struct alipay_verdict *verdict,
       const struct method *method)
{
    DEFER(buf_fini) struct buf msg = BUF_MAX(ALIPAY_BODY_MAX);
    const char *sub_msg;
    TRY(judge_msg(verdict, &msg));
    TRY(buf_cstr(&msg, &sub_msg));
    if (method != NULL && method->fn == NULL) {
        alipay_reply_page(req, HTTP_OK, verdict->sub_code, sub_msg);
        return ERR_OK;
    }
    struct answer answer = { .app = verdict->app, .method = method == NULL ? NULL : method->name };
    buf_init(&answer.node, ALIPAY_BODY_MAX);
    enum err err = encode_node(verdict->code, verdict->sub_code, sub_msg, NULL, &answer.node);
    if (err == ERR_OK) {
        err = send_answer(alipay, req, &answer);
    }
    buf_fini(&answer.node);
    return err;
}

static enum err
send_call(struct alipay_call *call, struct evhttp_request *req, const struct method *method,
          const char *number)
{
    struct alipay *alipay = call->alipay;
    if (alipay_fault_take(alipay, ALIPAY_ANSWER_HANG, number)) {
        return alipay_late_never(alipay, req);
    }
    if (alipay_fault_take(alipay, ALIPAY_ANSWER_HTML, number)) {
        alipay_reply_page(req, 502, "502 Bad Gateway", "nginx");
        return ERR_OK;
    }
    struct answer answer = { .app = call->app, .method = method->name };
    answer.forged = alipay_fault_take(alipay, ALIPAY_ANSWER_FORGED, number);
    answer.foreign = alipay_fault_take(alipay, ALIPAY_ANSWER_FOREIGN, number);
    answer.cut = alipay_fault_take(alipay, ALIPAY_ANSWER_CUT, number);
    answer.gzip = alipay_fault_take(alipay, ALIPAY_ANSWER_GZIP, number);
    answer.slow = alipay_fault_take(alipay, ALIPAY_ANSWER_SLOW, number);
    answer.drip = alipay_fault_take(alipay, ALIPAY_ANSWER_DRIP, number);
    answer.strange_serial =
        call->app->certificates && alipay_fault_take(alipay, ALIPAY_ANSWER_SERIAL, number);
    buf_init(&answer.node, ALIPAY_BODY_MAX);
    const char *sub = call->sub_code;
    const char *code = call->code != NULL             ? call->code
                       : sub == NULL                  ? "10000"
                       : strncmp(sub, "aop.", 4) == 0 ? "20000"
                                                      : "40004";
    enum err err =
        encode_node(code, sub, sub == NULL ? "" : alipay_sub_msg(sub), call->out, &answer.node);
    if (err == ERR_OK) {
        err = send_answer(alipay, req, &answer);
    }
    buf_fini(&answer.node);
    return err;
}

/* 3.9: refused before anything is done. */
static bool
refused_by_fault(struct alipay_call *call, const char *number)
{
    static const struct {
        enum alipay_fault_kind kind;
        const char *code;
        const char *sub_code;
    } refusals[] = {
        { ALIPAY_ANSWER_ERROR, NULL, "aop.ACQ.SYSTEM_ERROR" },
        { ALIPAY_ANSWER_RATE, "40005", NULL },
        { ALIPAY_ANSWER_SKEW, "40002", "isv.invalid-timestamp" },
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (alipay_fault_take(call->alipay, refusals[i].kind, number)) {
            call->code = refusals[i].code;
            call->sub_code = refusals[i].sub_code;
            return true;
        }
    }
    return false;
}

static enum err
run_call(struct alipay *alipay, struct evhttp_request *req, const struct method *method,
         const struct alipay_app *app, const struct alipay_params *params)
{
    DEFER(json_free) struct json_t *biz = NULL;
    DEFER(json_free) struct json_t *out = NULL;
    DEFER(buf_fini) struct buf number = BUF_MAX(ALIPAY_BODY_MAX);
    TRY(json_new_object(&out));
    struct alipay_call call = { .alipay = alipay, .app = app, .params = params, .out = out };
    const char *biz_content = alipay_form_get(params, "biz_content");
    if (biz_content == NULL || json_parse(span_of(biz_content), &biz) != ERR_OK
        || !json_node_is_object(biz)) {
        call.sub_code = "ACQ.INVALID_PARAMETER";
        return send_call(&call, req, method, NULL);
    }
    call.biz = biz;
    const char *text;
    TRY(buf_append(&number, alipay_call_text(&call, "out_trade_no")));
    TRY(buf_cstr(&number, &text));
    record_add(alipay->world, "alipay", method->record, span_of(text));
    if (!refused_by_fault(&call, text)) {
        TRY(method->fn(&call));
    }
    return send_call(&call, req, method, text);
}

static enum err
serve(struct alipay *alipay, struct evhttp_request *req, const struct alipay_params *query,
      const struct alipay_params *all)
{
    const struct method *method = find_method(alipay_form_get(all, "method"));
    DEFER(alipay_verdict_fini) struct alipay_verdict verdict = { .code = NULL };
    TRY(alipay_sign_judge(alipay, query, all, &verdict));
    if (verdict.sub_code == NULL && method == NULL) {
        verdict.code = "40002";
        verdict.sub_code = "isv.invalid-method";
    }
    if (verdict.sub_code != NULL) {
        return refuse(alipay, req, &verdict, method);
    }
    if (method->fn == NULL) {
        alipay_page_show(alipay, req, verdict.app, all, method->product);
        return ERR_OK;
    }
    return run_call(alipay, req, method, verdict.app, all);
}

void
alipay_gateway_serve(struct alipay *alipay, struct evhttp_request *req)
{
    DEFER(alipay_form_fini) struct alipay_params query = { .count = 0 };
    DEFER(alipay_form_fini) struct alipay_params all = { .count = 0 };
    enum err err = alipay_request_params(req, &query, &all);
    if (err == ERR_FIELD_REPEATED || err == ERR_ENCODING || err == ERR_BUF_FULL) {
        alipay_reply_page(req, HTTP_BADREQUEST, "isv.invalid-parameter", err_name(err));
        return;
    }
    if (err == ERR_OK) {
        err = serve(alipay, req, &query, &all);
    }
    if (err != ERR_OK) { /* nothing was answered yet: answering is each path's last step */
        alipay_reply_page(req, HTTP_INTERNAL, "world", err_name(err));
    }
}
