/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"
#include "form.h"

#define SIGN_BYTES_MAX 1024

static bool
is_outside_text(struct span name)
{
    return span_eq_cstr(name, "sign") || span_eq_cstr(name, "sign_type")
           || span_eq_cstr(name, "alipay_cert_sn");
}

/* Asynchronous notification, verification steps 1 to 3. */
static enum err
signed_text(const struct adapter_fields *sorted, bool with_empty, struct arena *arena,
            struct span *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(ALIPAY_TEXT_MAX);
    for (size_t i = 0; i < sorted->count; i++) {
        const struct adapter_field *field = &sorted->list[i];
        if (is_outside_text(field->name) || (span_empty(field->value) && !with_empty)) {
            continue;
        }
        if (text.len > 0) {
            TRY(buf_byte(&text, '&'));
        }
        TRY(buf_append(&text, field->name));
        TRY(buf_byte(&text, '='));
        TRY(buf_append(&text, field->value));
    }
    return arena_copy(arena, buf_span(&text), out);
}

static enum err
decode_sign(const struct adapter_fields *fields, struct arena *arena, struct adapter_signed *out)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(SIGN_BYTES_MAX);
    TRY(err_told_as(crypto_base64_decode(adapter_fields_get(fields, "sign"), &bytes),
                    ERR_SIGNATURE));
    return arena_copy(arena, buf_span(&bytes), &out->signature);
}

/* SDKs disagree on whether empty values are in the signed text: dropped first, then kept. Both read
 * the same fields, and an empty value counts as absent everywhere. */
enum err
alipay_callback_split(const struct adapter_message *message, struct arena *arena,
                      struct adapter_signed *out)
{
    void *storage = NULL;
    TRY(arena_alloc(arena, sizeof(struct adapter_fields), &storage));
    struct adapter_fields *fields = storage;
    TRY(form_decode(message->body, arena, fields));
    struct adapter_signed cut = { .serial = adapter_fields_get(fields, "alipay_cert_sn") };
    if (span_empty(adapter_fields_get(fields, "sign"))) {
        *out = cut;
        return ERR_OK;
    }
    cut.is_signed = true;
    TRY(decode_sign(fields, arena, &cut));
    form_sort(fields);
    for (size_t i = 0; i < 2; i++) {
        TRY(signed_text(fields, i == 1, arena, &cut.texts[i]));
        cut.payloads[i] = message->body;
        cut.text_count++;
    }
    *out = cut;
    return ERR_OK;
}

static enum err
text_of(const struct adapter_fields *fields, const char *name, struct arena *arena,
        struct span *out)
{
    struct span raw = adapter_fields_get(fields, name);
    return err_told_as(alipay_utf8(raw, arena, out), ERR_PROVIDER_PROTOCOL);
}

static enum err
time_of(const struct adapter_fields *fields, const char *name, struct wall_time *out)
{
    struct span text = adapter_fields_get(fields, name);
    if (span_empty(text)) {
        return ERR_OK;
    }
    return err_told_as(wall_parse_civil(text, ALIPAY_ZONE_MIN, out), ERR_PROVIDER_PROTOCOL);
}

/* What is read here. */
static const char *const fields_read[] = {
    "notify_type",  "app_id",      "seller_id",     "out_trade_no", "trade_no",
    "trade_status", "gmt_payment", "notify_time",   "gmt_refund",   "refund_fee",
    "total_amount", "out_biz_no",  "send_back_fee",
};

static bool
is_read(struct span name)
{
    for (size_t i = 0; i < sizeof(fields_read) / sizeof(fields_read[0]); i++) {
        if (span_eq_cstr(name, fields_read[i])) {
            return true;
        }
    }
    return false;
}

/* A value that holds "&name=" reads the same in the signed text as two fields: a genuine notice with
 * a field glued to its neighbour would hide what it says. Nothing we send comes back like that. */
static bool
is_spliced(struct span value)
{
    struct span rest = value;
    struct span head;
    while (span_cut(&rest, '&', &head)) {
        size_t end = span_index(rest, '=');
        if (end < rest.len && is_read(span_sub(rest, 0, end))) {
            return true;
        }
    }
    return false;
}

static bool
any_spliced(const struct adapter_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (is_spliced(fields->list[i].value)) {
            return true;
        }
    }
    return false;
}

static bool
names_what_it_is_about(const struct evidence_claim *claim)
{
    return !span_empty(claim->application) && !span_empty(claim->merchant_order_no)
           && !span_empty(claim->provider_trade_no);
}

/* "refund_fee" or "gmt_refund": money has gone back, so it had come. */
static bool
says_refunded(const struct adapter_fields *fields)
{
    struct money refunded;
    bool amount =
        money_parse(adapter_fields_get(fields, "refund_fee"), CURRENCY_CNY, &refunded) == ERR_OK
        && refunded.minor > 0;
    return amount || !span_empty(adapter_fields_get(fields, "gmt_refund"));
}

/* A notice given by a refund names it in "out_biz_no". "send_back_fee" is what of it has moved;
 * "refund_fee" is the trade's running total and never one refund's amount. */
static enum err
read_refund(const struct adapter_fields *fields, struct arena *arena, struct evidence_claim *claim)
{
    struct span moved = adapter_fields_get(fields, "send_back_fee");
    TRY(text_of(fields, "out_biz_no", arena, &claim->refund_no));
    if (span_empty(claim->refund_no) || span_empty(moved)) {
        return ERR_OK;
    }
    return money_parse(moved, CURRENCY_CNY, &claim->refunded) == ERR_OK ? ERR_OK
                                                                        : ERR_PROVIDER_PROTOCOL;
}

static enum err
read_claim(const struct adapter_fields *fields, struct arena *arena, struct evidence_claim *claim)
{
    TRY(text_of(fields, "app_id", arena, &claim->application));
    TRY(text_of(fields, "seller_id", arena, &claim->merchant));
    TRY(text_of(fields, "out_trade_no", arena, &claim->merchant_order_no));
    TRY(text_of(fields, "trade_no", arena, &claim->provider_trade_no));
    TRY(text_of(fields, "trade_status", arena, &claim->provider_status));
    TRY(time_of(fields, "gmt_payment", &claim->paid_at));
    TRY(time_of(fields, "notify_time", &claim->stated_at));
    if (claim->paid_at.us != 0) {
        claim->bill_day = day_of(claim->paid_at, ALIPAY_ZONE_MIN);
    }
    TRY(read_refund(fields, arena, claim));
    struct span amount = adapter_fields_get(fields, "total_amount");
    if (money_parse(amount, CURRENCY_CNY, &claim->amount) != ERR_OK) {
        return ERR_PROVIDER_PROTOCOL;
    }
    return ERR_OK;
}

/* Only payment notices are read; other message families keep sign_type in their text and never get
 * this far with a good signature. */
enum err
alipay_callback_read(const struct adapter_account *account, struct span payload,
                     const struct adapter_opened *opened, struct arena *arena,
                     struct evidence_claim *out)
{
    (void)account;
    (void)opened;
    void *storage = NULL;
    TRY(arena_alloc(arena, sizeof(struct adapter_fields), &storage));
    struct adapter_fields *fields = storage;
    TRY(form_decode(payload, arena, fields));
    if (any_spliced(fields)) {
        return ERR_SIGNATURE;
    }
    if (!span_eq_cstr(adapter_fields_get(fields, "notify_type"), "trade_status_sync")) {
        return ERR_PROVIDER_PROTOCOL;
    }
    struct evidence_claim claim = { 0 };
    TRY(read_claim(fields, arena, &claim));
    if (!names_what_it_is_about(&claim)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    bool was_paid = claim.paid_at.us != 0 || says_refunded(fields);
    TRY(alipay_status(claim.provider_status, was_paid, &claim.verdict));
    *out = claim;
    return ERR_OK;
}
