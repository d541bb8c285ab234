/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_sign.h"

#include <string.h>
#include <strings.h>

#include <event2/keyvalq_struct.h>

#define SKEW_MAX_MS    (INT64_C(5) * 60 * 1000)
#define NONCE_MAX      32
#define SIGNATURE_MAX  (size_t)1024
#define PROBE_PREFIX   "WECHATPAY/SIGNTEST/"
#define PROBE_TAIL     336 /* 2.4: a real probe has 355 characters */
#define STRANGE_SERIAL "5A17E0000000000000000000000000000000DEAD"

const char *
wechatpay_sign_scheme_name(enum crypto_scheme scheme)
{
    return scheme == CRYPTO_SM2_SM3 ? "WECHATPAY2-SM2-WITH-SM3" : "WECHATPAY2-SHA256-RSA2048";
}

enum crypto_scheme
wechatpay_sign_scheme_of(const struct wechatpay_merchant *merchant)
{
    return merchant->family == WECHATPAY_SM ? CRYPTO_SM2_SM3 : CRYPTO_RSA_SHA256;
}

static enum err
put_line(struct buf *out, struct span line)
{
    TRY(buf_append(out, line));
    return buf_byte(out, '\n');
}

enum err
wechatpay_sign_request_text(const struct wechatpay_request_text *request, struct buf *out)
{
    TRY(put_line(out, request->method));
    TRY(put_line(out, request->url));
    TRY(put_line(out, request->timestamp));
    TRY(put_line(out, request->nonce));
    return put_line(out, request->body);
}

enum err
wechatpay_sign_answer_text(struct span timestamp, struct span nonce, struct span body,
                           struct buf *out)
{
    TRY(put_line(out, timestamp));
    TRY(put_line(out, nonce));
    return put_line(out, body);
}

enum err
wechatpay_sign_text(const struct crypto_private_key *key, enum crypto_scheme scheme,
                    struct span text, struct buf *out)
{
    DEFER(buf_fini) struct buf signature = BUF_MAX(SIGNATURE_MAX);
    TRY(crypto_sign(key, scheme, text, &signature));
    return crypto_base64_encode(buf_span(&signature), out);
}

enum err
wechatpay_sign_verify(const struct wechatpay_merchant *merchant, struct span text,
                      struct span signature)
{
    DEFER(buf_fini) struct buf raw = BUF_MAX(SIGNATURE_MAX);
    if (crypto_base64_decode(signature, &raw) != ERR_OK) {
        return ERR_SIGNATURE;
    }
    return crypto_verify(merchant->key, wechatpay_sign_scheme_of(merchant), text, buf_span(&raw));
}

/* 2.5: in public-key mode a request that does not ask for the public key gets a signature of the
 * platform certificate, which that merchant cannot have. */
const struct wechatpay_signer *
wechatpay_sign_choose(const struct wechatpay *wechatpay, const struct wechatpay_merchant *merchant,
                      const char *wish, bool callback)
{
    if (merchant->family == WECHATPAY_SM) {
        return &wechatpay->signers[WECHATPAY_SIGNER_SM];
    }
    bool asked = wish != NULL && strcmp(wish, WECHATPAY_PUBKEY_ID) == 0;
    if (merchant->family == WECHATPAY_PUBKEY && (callback || asked)) {
        return &wechatpay->signers[WECHATPAY_SIGNER_PUBKEY];
    }
    return &wechatpay->signers[wechatpay->next_signs ? WECHATPAY_SIGNER_PLATFORM_NEXT
                                                     : WECHATPAY_SIGNER_PLATFORM];
}

static enum err
probe(struct buf *out)
{
    TRY(buf_text(out, PROBE_PREFIX));
    return wechatpay_nonce(PROBE_TAIL, out);
}

static enum err
sign_stamp(const struct wechatpay *wechatpay, const struct wechatpay_signer *signer,
           enum wechatpay_sign_lie lie, struct span body, struct wechatpay_stamp *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(2 * WECHATPAY_BODY_MAX);
    DEFER(buf_fini) struct buf signature = BUF_MAX(sizeof(out->signature) - 1);
    const struct wechatpay_signer *hand =
        lie == WECHATPAY_FORGED ? &wechatpay->signers[WECHATPAY_SIGNER_FORGER] : signer;
    TRY(wechatpay_sign_answer_text(span_of(out->timestamp), span_of(out->nonce), body, &text));
    TRY(lie == WECHATPAY_PROBE
            ? probe(&signature)
            : wechatpay_sign_text(hand->key, hand->scheme, buf_span(&text), &signature));
    return wechatpay_print(buf_span(&signature), out->signature, sizeof(out->signature));
}

enum err
wechatpay_sign_stamp(const struct wechatpay *wechatpay, const struct wechatpay_signer *signer,
                     enum wechatpay_sign_lie lie, struct span body, struct wechatpay_stamp *out)
{
    DEFER(buf_fini) struct buf timestamp = BUF_MAX(24);
    DEFER(buf_fini) struct buf nonce = BUF_MAX(NONCE_MAX);
    int64_t now_s = world_now(wechatpay->world).us / 1000000;
    const char *serial = lie == WECHATPAY_SERIAL ? STRANGE_SERIAL : signer->serial;
    struct wechatpay_stamp stamp = { .type = wechatpay_sign_scheme_name(signer->scheme) };
    TRY(buf_i64(&timestamp, lie == WECHATPAY_SKEW ? now_s - 600 : now_s));
    TRY(wechatpay_nonce(NONCE_MAX, &nonce));
    TRY(wechatpay_print(buf_span(&timestamp), stamp.timestamp, sizeof(stamp.timestamp)));
    TRY(wechatpay_print(buf_span(&nonce), stamp.nonce, sizeof(stamp.nonce)));
    TRY(wechatpay_print(span_of(serial), stamp.serial, sizeof(stamp.serial)));
    TRY(sign_stamp(wechatpay, signer, lie, body, &stamp));
    *out = stamp;
    return ERR_OK;
}

/* The five parameters of an Authorization header (1.3), borrowed from it. */
enum parameter { MCHID, NONCE_STR, SIGNATURE, TIMESTAMP, SERIAL_NO, PARAMETER_COUNT };

static const char *const parameter_names[PARAMETER_COUNT] = {
    [MCHID] = "mchid",         [NONCE_STR] = "nonce_str", [SIGNATURE] = "signature",
    [TIMESTAMP] = "timestamp", [SERIAL_NO] = "serial_no",
};

struct authorization {
    struct span scheme;
    struct span values[PARAMETER_COUNT];
};

/* name="value" */
static bool
parse_parameter(struct span text, struct authorization *out)
{
    struct span name;
    if (!span_cut(&text, '=', &name) || text.len < 3 || text.at[0] != '"'
        || text.at[text.len - 1] != '"') {
        return false;
    }
    struct span value = span_sub(text, 1, text.len - 2);
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        if (span_eq_cstr(name, parameter_names[i])) {
            bool first = span_empty(out->values[i]);
            out->values[i] = value;
            return first && span_index(value, '"') == value.len;
        }
    }
    return false;
}

static bool
parse_authorization(const char *header, struct authorization *out)
{
    struct span rest = span_of(header);
    struct span pair;
    if (!span_cut(&rest, ' ', &out->scheme)) {
        return false;
    }
    bool more = true;
    while (more) {
        more = span_cut(&rest, ',', &pair);
        if (!parse_parameter(pair, out)) {
            return false;
        }
    }
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        if (span_empty(out->values[i])) {
            return false;
        }
    }
    return true;
}

static bool
is_fresh(const struct wechatpay *wechatpay, struct span timestamp)
{
    int64_t at_s;
    if (!span_is_digits(timestamp) || span_to_i64(timestamp, 0, INT64_C(9999999999), &at_s)) {
        return false;
    }
    struct wall_time at = { .us = at_s * 1000000 };
    int64_t apart_ms = wall_ms_between(at, world_now(wechatpay->world));
    return apart_ms >= -SKEW_MAX_MS && apart_ms <= SKEW_MAX_MS;
}

static const struct wechatpay_merchant *
find_merchant(const struct wechatpay *wechatpay, struct span mchid)
{
    for (size_t i = 0; i < WECHATPAY_MERCHANTS; i++) {
        if (span_eq_cstr(mchid, wechatpay->merchants[i].mchid)) {
            return &wechatpay->merchants[i];
        }
    }
    return NULL;
}

/* The serial is a number: a leading zero does not change it. */
static bool
same_serial(struct span given, const char *own)
{
    while (given.len > 0 && given.at[0] == '0') {
        given = span_sub(given, 1, given.len);
    }
    return span_eq_cstr(given, own + strspn(own, "0"));
}

static const char *
method_name(struct evhttp_request *req)
{
    return evhttp_request_get_command(req) == EVHTTP_REQ_POST ? "POST" : "GET";
}

static enum err
signature_fits(struct evhttp_request *req, const struct authorization *authorization,
               const struct wechatpay_merchant *merchant)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(2 * WECHATPAY_BODY_MAX);
    const struct wechatpay_request_text request = {
        .method = span_of(method_name(req)),
        .url = span_of(evhttp_request_get_uri(req)),
        .timestamp = authorization->values[TIMESTAMP],
        .nonce = authorization->values[NONCE_STR],
        .body = wechatpay_request_body(req),
    };
    TRY(wechatpay_sign_request_text(&request, &text));
    return wechatpay_sign_verify(merchant, buf_span(&text), authorization->values[SIGNATURE]);
}

/* 1.2: the clock is looked at before the signature. */
static const char *
judge_parts(const struct wechatpay *wechatpay, const struct authorization *authorization,
            const struct wechatpay_merchant *merchant)
{
    if (authorization->values[NONCE_STR].len > NONCE_MAX) {
        return "Http头Authorization值格式错误，随机串过长";
    }
    if (!is_fresh(wechatpay, authorization->values[TIMESTAMP])) {
        return "Http头Authorization值格式错误，时间戳与服务器时间相差过大";
    }
    if (merchant == NULL) {
        return "商户号不存在";
    }
    if (!span_eq_cstr(authorization->scheme,
                      wechatpay_sign_scheme_name(wechatpay_sign_scheme_of(merchant)))) {
        return "Http头Authorization认证类型不正确";
    }
    return same_serial(authorization->values[SERIAL_NO], merchant->serial)
               ? NULL
               : "商户证书序列号有误。请使用签名私钥匹配的证书序列号";
}

enum err
wechatpay_sign_judge(struct wechatpay *wechatpay, struct evhttp_request *req,
                     const struct wechatpay_merchant **out, const char **why)
{
    const char *header = evhttp_find_header(evhttp_request_get_input_headers(req), "Authorization");
    struct authorization authorization = { .scheme = SPAN("") };
    if (header == NULL || !parse_authorization(header, &authorization)) {
        *why = "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》";
        return ERR_OK;
    }
    const struct wechatpay_merchant *merchant =
        find_merchant(wechatpay, authorization.values[MCHID]);
    *why = judge_parts(wechatpay, &authorization, merchant);
    if (*why != NULL) {
        return ERR_OK;
    }
    enum err err = signature_fits(req, &authorization, merchant);
    if (err == ERR_SIGNATURE) {
        *why = "错误的签名，验签失败";
        return ERR_OK;
    }
    TRY(err);
    *out = merchant;
    return ERR_OK;
}
