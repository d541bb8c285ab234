/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay.h"

#define HEADER_MAX      2048
#define SIGNATURE_MAX   1024
#define STATUS_LINE_MAX 32
#define TEXT_EXTRA_MAX  4096
#define RAW_EXTRA_MAX   ((size_t)5 * (HEADER_MAX + 64))
#define FIRST_SECOND    1 /* 0 would read as "the signature covers no time" */
#define LAST_SECOND     INT64_C(253402300799)
#define US_PER_S        INT64_C(1000000)
#define DOWNLOADED      200

enum { TIMESTAMP, NONCE, SERIAL, SIGNATURE, TYPE, HEADERS };

/* 2.1 */
static const char *const names[HEADERS] = {
    [TIMESTAMP] = "wechatpay-timestamp", [NONCE] = "wechatpay-nonce",
    [SERIAL] = "wechatpay-serial",       [SIGNATURE] = "wechatpay-signature",
    [TYPE] = "wechatpay-signature-type",
};

struct envelope {
    struct span values[HEADERS];
    bool is_odd; /* a header twice, too long or with control characters: nothing of it can count */
};

static bool
is_plain(struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < ' ' || value.at[i] >= 0x7F) {
            return false;
        }
    }
    return value.len <= HEADER_MAX;
}

static void
read_headers(const struct adapter_message *message, struct envelope *out)
{
    *out = (struct envelope){ .is_odd = false };
    for (size_t i = 0; i < message->header_count; i++) {
        for (size_t k = 0; k < HEADERS; k++) {
            if (!span_eq_cstr(message->headers[i].name, names[k])) {
                continue;
            }
            struct span value = span_trim(message->headers[i].value, " \t");
            out->is_odd = out->is_odd || !span_empty(out->values[k]) || !is_plain(value);
            out->values[k] = value;
        }
    }
}

static bool
is_known_type(struct span type)
{
    return span_empty(type) || span_eq_cstr(type, WECHATPAY_RSA)
           || span_eq_cstr(type, WECHATPAY_SM);
}

/* 2.2: TIMESTAMP LF NONCE LF BODY LF. */
static enum err
signed_text(const struct envelope *envelope, struct span body, struct arena *arena,
            struct span *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(body.len + TEXT_EXTRA_MAX + HEADER_MAX);
    TRY(buf_append(&text, envelope->values[TIMESTAMP]));
    TRY(buf_byte(&text, '\n'));
    TRY(buf_append(&text, envelope->values[NONCE]));
    TRY(buf_byte(&text, '\n'));
    TRY(buf_append(&text, body));
    TRY(buf_byte(&text, '\n'));
    return arena_copy(arena, buf_span(&text), out);
}

/* What is kept as evidence: everything that is needed to verify the body again. */
static enum err
raw_of(const struct envelope *envelope, struct span body, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf raw = BUF_MAX(body.len + RAW_EXTRA_MAX);
    for (size_t i = 0; i < HEADERS; i++) {
        if (!span_empty(envelope->values[i])) {
            TRY(buf_printf(&raw, "%s: %.*s\n", names[i], SPAN_ARG(envelope->values[i])));
        }
    }
    TRY(buf_byte(&raw, '\n'));
    TRY(buf_append(&raw, body));
    return arena_copy(arena, buf_span(&raw), out);
}

static enum err
decode_signature(struct span text, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(SIGNATURE_MAX);
    TRY(crypto_base64_decode(text, &bytes));
    return arena_copy(arena, buf_span(&bytes), out);
}

static bool
can_count(const struct envelope *envelope)
{
    return !envelope->is_odd && !span_empty(envelope->values[NONCE])
           && !span_empty(envelope->values[SERIAL]) && is_known_type(envelope->values[TYPE]);
}

/* A message that claims a signature but cannot have a good one keeps no text to verify: it fails like
 * one with a wrong signature. That is also what a probe needs, whose signature is no base64 (2.4). */
static enum err
cut_signature(const struct adapter_message *message, struct arena *arena,
              struct adapter_signed *out)
{
    struct envelope envelope;
    int64_t seconds = 0;
    read_headers(message, &envelope);
    out->is_signed = !span_empty(envelope.values[SIGNATURE]);
    out->is_probe = span_starts(envelope.values[SIGNATURE], SPAN_LIT(WECHATPAY_PROBE));
    if (!out->is_signed || !can_count(&envelope)
        || span_to_i64(envelope.values[TIMESTAMP], FIRST_SECOND, LAST_SECOND, &seconds) != ERR_OK) {
        return ERR_OK;
    }
    enum err err = decode_signature(envelope.values[SIGNATURE], arena, &out->signature);
    if (err != ERR_OK) {
        return err_told_as(err, ERR_OK);
    }
    out->fresh_at.us = seconds * US_PER_S;
    TRY(wechatpay_serial(envelope.values[SERIAL], arena, &out->serial));
    TRY(raw_of(&envelope, message->body, arena, &out->raw));
    TRY(signed_text(&envelope, message->body, arena, &out->texts[0]));
    out->text_count = 1;
    return ERR_OK;
}

static enum err
payload_of(int status, struct wall_time at, struct span body, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf payload = BUF_MAX(body.len + STATUS_LINE_MAX);
    TRY(buf_i64(&payload, status));
    TRY(buf_byte(&payload, ' '));
    TRY(buf_i64(&payload, at.us / US_PER_S));
    TRY(buf_byte(&payload, '\n'));
    TRY(buf_append(&payload, body));
    return arena_copy(arena, buf_span(&payload), out);
}

enum err
wechatpay_answer_split(enum adapter_operation operation, const struct adapter_message *message,
                       struct arena *arena, struct adapter_signed *out)
{
    struct adapter_signed cut = { .is_signed = false };
    bool file = operation == ADAPTER_BILL_FILE;
    struct span body = message->body;
    if (file && message->status == DOWNLOADED) {
        body = span_sub(body, 0, 0);
    }
    if (!file) {
        TRY(cut_signature(message, arena, &cut));
    }
    TRY(payload_of(message->status, cut.fresh_at, body, arena, &cut.payloads[0]));
    *out = cut;
    return ERR_OK;
}

enum err
wechatpay_callback_split(const struct adapter_message *message, struct arena *arena,
                         struct adapter_signed *out)
{
    struct adapter_signed cut = { .is_signed = false };
    TRY(cut_signature(message, arena, &cut));
    cut.payloads[0] = message->body;
    *out = cut;
    return ERR_OK;
}

enum err
wechatpay_payload_cut(struct span payload, struct wechatpay_payload *out)
{
    struct span line;
    struct span status;
    int64_t code = 0;
    int64_t seconds = 0;
    if (!span_cut(&payload, '\n', &line) || !span_cut(&line, ' ', &status)
        || span_to_i64(status, 0, 999, &code) != ERR_OK
        || span_to_i64(line, 0, LAST_SECOND, &seconds) != ERR_OK) {
        return ERR_PROVIDER_PROTOCOL;
    }
    *out = (struct wechatpay_payload){ .status = (int)code,
                                       .stated_at = { .us = seconds * US_PER_S },
                                       .body = payload };
    return ERR_OK;
}
