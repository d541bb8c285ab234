/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"
#include "json.h"
#include "wechatpay.h"

#define ANSWER_TEXT_MAX ((size_t)512) /* code_url, h5_url (4.2) */
#define HASH_CHARS      40
#define HTTP_OK         200
#define HTTP_NO_CONTENT 204
#define HTTP_ACCEPTED   202

/* Everything that the readers of one answer need. */
struct reading {
    const struct adapter_order *order;
    const struct json_t *root;
    struct arena *arena;
};

/* A text that is drawn or opened: visible characters only. */
static enum err
visible_text(const struct reading *reading, const char *name, struct span *out)
{
    TRY(wechatpay_text(reading->root, name, reading->arena, out));
    for (size_t i = 0; i < out->len; i++) {
        if (out->at[i] <= ' ' || out->at[i] >= 0x7F) {
            return ERR_PROVIDER_PROTOCOL;
        }
    }
    return span_empty(*out) || out->len > ANSWER_TEXT_MAX ? ERR_PROVIDER_PROTOCOL : ERR_OK;
}

/* 4.2, H5: where the payer comes back to is appended to the address. */
static enum err
read_h5(const struct reading *reading, struct adapter_answer *out)
{
    struct span url;
    struct span back = reading->order->return_url;
    TRY(visible_text(reading, "h5_url", &url));
    if (!span_starts(url, SPAN_LIT("https://")) && !span_starts(url, SPAN_LIT("http://"))) {
        return ERR_PROVIDER_PROTOCOL;
    }
    if (span_empty(back)) {
        out->open_url = url;
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(WECHATPAY_URL_MAX * 4);
    TRY(buf_append(&text, url));
    TRY(buf_text(&text, span_index(url, '?') < url.len ? "&redirect_url=" : "?redirect_url="));
    TRY(form_escape(back, &text));
    return arena_copy(reading->arena, buf_span(&text), &out->open_url);
}

static enum err
read_pay(const struct reading *reading, struct adapter_answer *out)
{
    if (reading->order->method == ADAPTER_QR) {
        TRY(visible_text(reading, "code_url", &out->qr_text));
    } else if (reading->order->method == ADAPTER_WAP) {
        TRY(read_h5(reading, out));
    } else {
        TRY(visible_text(reading, "prepay_id", &out->prepared));
        TRY(wechatpay_check_text(out->prepared, "_-", 1, WECHATPAY_PREPARED_MAX) == ERR_OK
                ? ERR_OK
                : ERR_PROVIDER_PROTOCOL);
    }
    out->claim.verdict = EVIDENCE_SENT;
    return ERR_OK;
}

/* 4.4. An answer about another order than the one asked for is no answer to us. */
static enum err
read_query(const struct reading *reading, struct adapter_answer *out)
{
    TRY(wechatpay_transaction(reading->root, reading->arena, &out->claim));
    if (!span_eq(out->claim.merchant_order_no, reading->order->merchant_order_no)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    if (out->claim.verdict == EVIDENCE_VERDICT_NONE) {
        out->handling = ADAPTER_ASK_AGAIN;
        out->err = ERR_PROVIDER_PROTOCOL;
    }
    return ERR_OK;
}

/* 4.6. Accepted is not refunded: the state says what is so. */
static enum err
read_refund(const struct reading *reading, struct adapter_answer *out)
{
    struct wechatpay_refund refund = { .claim = out->claim };
    TRY(wechatpay_refund(reading->root, "status", reading->arena, &refund));
    const struct adapter_order *order = reading->order;
    if (!span_eq(refund.claim.merchant_order_no, order->merchant_order_no)
        || !span_eq(refund.claim.refund_no, order->refund_no)
        || !money_eq(refund.asked, order->amount)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    out->claim = refund.claim;
    out->refund = refund.state;
    out->refund_amount = refund.claim.refunded;
    return ERR_OK;
}

static bool
is_hash(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return text.len == HASH_CHARS;
}

static enum err
lower_hash(struct span text, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf lower = BUF_MAX(text.len);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        TRY(buf_byte(&lower, c >= 'A' && c <= 'F' ? (unsigned char)(c - 'A' + 'a') : c));
    }
    return arena_copy(arena, buf_span(&lower), out);
}

/* 4.7, step 3. Without a digest the unsigned file could not be checked at all. */
static enum err
read_bill_link(const struct reading *reading, struct adapter_answer *out)
{
    struct span type;
    struct span hash;
    struct span url;
    TRY(wechatpay_text(reading->root, "hash_type", reading->arena, &type));
    TRY(wechatpay_text(reading->root, "hash_value", reading->arena, &hash));
    TRY(wechatpay_text(reading->root, "download_url", reading->arena, &url));
    TRY(lower_hash(hash, reading->arena, &hash));
    if (!span_eq_cstr(type, "SHA1") || !is_hash(hash) || span_empty(url)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    out->bill_url = url;
    out->bill_hash = hash;
    return ERR_OK;
}

/* What is inside comes out through keys_read. */
static enum err
read_keys(const struct reading *reading, struct adapter_answer *out)
{
    (void)out;
    return json_node_is_array(json_member(reading->root, "data")) ? ERR_OK : ERR_PROVIDER_PROTOCOL;
}

static enum err (*const readers[ADAPTER_OPERATION_COUNT])(const struct reading *,
                                                          struct adapter_answer *) = {
    [ADAPTER_PAY] = read_pay,
    [ADAPTER_QUERY] = read_query,
    [ADAPTER_REFUND] = read_refund,
    [ADAPTER_REFUND_QUERY] = read_refund,
    [ADAPTER_BILL_LINK] = read_bill_link,
    [ADAPTER_KEYS] = read_keys,
};

/* An order that nobody knows can still come to be while our request is on its way; not any more when
 * nobody could pay it. */
static bool
may_still_be_paid(const struct adapter_order *order)
{
    return order->expires_at.us == 0
           || wall_ms_between(order->expires_at, order->now) < WECHATPAY_QR_GRACE_MS;
}

/* 2.6 and 4.8. Bodies of failures can be missing or anything at all. */
static enum err
read_failure(enum adapter_operation operation, const struct adapter_order *order,
             const struct wechatpay_payload *payload, bool verified, struct arena *arena,
             struct adapter_answer *out)
{
    DEFER(json_free) struct json_t *root = NULL;
    if (json_parse_lenient(payload->body, &root) == ERR_OK && json_node_is_object(root)) {
        TRY(wechatpay_text(root, "code", arena, &out->code));
        TRY(wechatpay_text(root, "message", arena, &out->message));
    }
    struct wechatpay_code row = wechatpay_code_find(operation, payload->status, out->code);
    out->handling = row.handling;
    out->err = row.err;
    out->bill_none = row.err == ERR_BILL_NONE;
    out->refund_absent = operation == ADAPTER_REFUND_QUERY && row.handling == ADAPTER_RETRY
                         && row.err == ERR_PROVIDER_REFUSED;
    if (!verified) {
        /* An unsigned "does not exist" or "never" proves nothing. */
        if (out->handling == ADAPTER_DONE || out->handling == ADAPTER_REFUSED) {
            out->handling = ADAPTER_ASK_AGAIN;
            out->err = row.verdict == EVIDENCE_UNPAID ? ERR_PROVIDER_TRADE_ABSENT
                                                      : ERR_PROVIDER_UNVERIFIED;
        }
        return ERR_OK;
    }
    out->claim.provider_status = out->code;
    out->claim.verdict = row.verdict;
    if (row.verdict == EVIDENCE_UNPAID && !may_still_be_paid(order)) {
        out->claim.verdict = EVIDENCE_UNPAID_FINAL;
    }
    return ERR_OK;
}

static enum err
read_success(enum adapter_operation operation, const struct adapter_order *order,
             const struct wechatpay_payload *payload, struct arena *arena,
             struct adapter_answer *out)
{
    if (operation == ADAPTER_CLOSE) { /* 4.5: 204 and nothing else */
        if (payload->status != HTTP_NO_CONTENT || !span_empty(payload->body)) {
            return ERR_PROVIDER_PROTOCOL;
        }
        out->claim.verdict = EVIDENCE_CLOSED;
        return ERR_OK;
    }
    DEFER(json_free) struct json_t *root = NULL;
    if (payload->status != HTTP_OK || readers[operation] == NULL
        || json_parse_lenient(payload->body, &root) != ERR_OK || !json_node_is_object(root)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    const struct reading reading = { .order = order, .root = root, .arena = arena };
    return readers[operation](&reading, out);
}

enum err
wechatpay_answer_read(const struct adapter_account *account, enum adapter_operation operation,
                      const struct adapter_order *order, struct span payload, bool verified,
                      struct arena *arena, struct adapter_answer *out)
{
    (void)account; /* whose application and merchant are named is judged with the claim */
    struct wechatpay_payload cut;
    TRY(wechatpay_payload_cut(payload, &cut));
    struct adapter_answer answer = { .claim = { .stated_at = cut.stated_at } };
    bool success = cut.status >= 200 && cut.status < 300;
    if (success && !verified) {
        return ERR_PROVIDER_UNVERIFIED;
    }
    if (success && cut.status != HTTP_ACCEPTED) {
        answer.handling = ADAPTER_DONE;
        TRY(read_success(operation, order, &cut, arena, &answer));
    } else {
        TRY(read_failure(operation, order, &cut, verified, arena, &answer));
    }
    *out = answer;
    return ERR_OK;
}
