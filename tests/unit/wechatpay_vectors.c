/* SPDX-License-Identifier: Apache-2.0 */
/* Every vector of tests/vectors/wechatpay but the bills: signed texts, answers, sealed parts, platform
 * certificates, sensitive fields, SM mode, notices. */
#include <criterion/criterion.h>

#include "wechatpay_mock.h"

TestSuite(wechatpay_vectors, .init = mock_start, .fini = mock_finish);

#define EACH(file, root, vector)                                                    \
    struct json_t *root = vectors_json(file);                                       \
    struct json_t *list_of_##root = json_member(root, "cases");                     \
    cr_assert_gt(json_count(list_of_##root), 0);                                    \
    for (size_t index_of_##root = 0; index_of_##root < json_count(list_of_##root);  \
         index_of_##root++)                                                         \
        for (struct json_t *vector = json_element(list_of_##root, index_of_##root); \
             vector != NULL; vector = NULL)

static bool
has(const struct json_t *vector, const char *name)
{
    return json_member(vector, name) != NULL;
}

static const char *
text(const struct json_t *vector, const char *name)
{
    const char *kept = NULL;
    CHECK_OK(arena_cstr(mock_arena, vectors_text(vector, name), &kept));
    return kept;
}

static const char *
key_path(const char *file)
{
    return mock_print("wechatpay/keys/%s", file);
}

static bool
is(const struct json_t *vector, const char *name, const char *want)
{
    return span_eq_cstr(vectors_text(vector, name), want);
}

static void
put(struct adapter_fields *fields, const char *name, struct span value)
{
    CHECK_OK(adapter_fields_add(fields, span_of(name), value));
}

/* The adapter's text over the vector's parts; false for vectors that are bytes only. */
static bool
canonical(const struct json_t *vector, struct buf *out)
{
    struct adapter_fields fields = { .count = 0 };
    if (has(vector, "method")) {
        put(&fields, "method", vectors_text(vector, "method"));
        put(&fields, "url", vectors_text(vector, "url"));
        put(&fields, "timestamp", vectors_text(vector, "timestamp"));
        put(&fields, "nonce_str", vectors_text(vector, "nonce"));
        put(&fields, "body", vectors_text(vector, "body"));
    } else if (is(vector, "kind", "jsapi-pay-sign")) {
        static const char *const names[] = { "appId", "timeStamp", "nonceStr", "package" };
        struct span rest = vectors_text(vector, "message");
        for (size_t i = 0; i < 4; i++) {
            struct span line;
            cr_assert(span_cut(&rest, '\n', &line));
            put(&fields, names[i], line);
        }
    } else {
        return false;
    }
    CHECK_OK(wechatpay_sign_text(&fields, mock_arena, out));
    return true;
}

Test(wechatpay_vectors, requests_are_signed_as_published)
{
    size_t built = 0;
    size_t signed_alike = 0;
    EACH("wechatpay/rsa-signing.json", root, vector)
    {
        DEFER(buf_fini) struct buf message = BUF_MAX(MOCK_TEXT_MAX);
        const char *id = text(vector, "id");
        if (canonical(vector, &message)) {
            cr_expect(span_eq(buf_span(&message), vectors_text(vector, "message")), "%s", id);
            built++;
        }
        if (has(vector, "private_key")) {
            cr_expect_str_eq(mock_sign(key_path(text(vector, "private_key")), CRYPTO_RSA_SHA256,
                                       text(vector, "message")),
                             text(vector, "signature"), "%s", id);
            signed_alike++;
        }
    }
    json_free(&root);
    cr_expect_eq(built, 8);
    cr_expect_eq(signed_alike, 10);
}

/* A documented sample without a serial gets one: the signature does not cover it. */
static void
take_headers(const struct json_t *vector, const char *serial, struct mock_message *out)
{
    void *at = NULL;
    const char *name;
    struct json_t *value;
    *out = (struct mock_message){ .message = { .body = vectors_text(vector, "body") } };
    while (json_each(json_member(vector, "headers"), &at, &name, &value)) {
        DEFER(buf_fini) struct buf lower = BUF_MAX(64);
        const char *kept = NULL;
        struct span said;
        for (const char *c = name; *c != 0; c++) {
            CHECK_OK(buf_byte(&lower, (unsigned char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c)));
        }
        CHECK_OK(arena_cstr(mock_arena, buf_span(&lower), &kept));
        CHECK_OK(json_as_string(value, &said));
        mock_header(out, kept, mock_print("%.*s", SPAN_ARG(said)));
    }
    if (serial != NULL && !has(json_member(vector, "headers"), "Wechatpay-Serial")) {
        mock_header(out, "wechatpay-serial", serial);
    }
}

/* The vector's key under the serial that its message names, valid without limit: the clocks of some
 * vectors stand after the end of their certificates. */
static void
trust(const struct json_t *vector, const char *serial, const char *scheme)
{
    const char *file =
        has(vector, "public_key") ? text(vector, "public_key") : text(vector, "certificate");
    mock_drop_account();
    mock_account = (struct adapter_account){
        .adapter = adapter_find(SPAN_LIT("wechatpay")),
        .name = "main",
        .application = MOCK_APP,
        .merchant = MOCK_MERCHANT,
        .key_scheme = scheme,
        .serial_required = true,
        .scheme = strcmp(scheme, "sm") == 0 ? CRYPTO_SM2_SM3 : CRYPTO_RSA_SHA256,
        .key_count = 1,
    };
    CHECK_OK(wechatpay_serial(span_of(serial), mock_arena, &mock_account.keys[0].serial));
    mock_account.keys[0].key = vectors_public_key(key_path(file));
}

static const char *
serial_said(const struct json_t *vector)
{
    const struct json_t *headers = json_member(vector, "headers");
    return has(headers, "Wechatpay-Serial") ? text(headers, "Wechatpay-Serial") : MOCK_PUBLIC_KEY;
}

static void
set_clock(const char *seconds)
{
    int64_t at = 0;
    CHECK_OK(span_to_i64(span_of(seconds), 1, INT64_C(4102444800), &at));
    clock_fake_set_wall((struct wall_time){ .us = at * 1000000 });
}

static enum err
take_answer(const struct json_t *vector, struct adapter_answer *answer)
{
    struct mock_message m;
    DEFER(evidence_free) struct evidence *evidence = NULL;
    bool closed = is(vector, "id", "constructed-204-empty-body-cert-mode");
    take_headers(vector, MOCK_PUBLIC_KEY, &m);
    m.message.status = closed ? 204 : 200;
    const struct adapter_order order = { .now = clock_wall(),
                                         .method = ADAPTER_QR,
                                         .merchant_order_no = SPAN_LIT(MOCK_ORDER) };
    return verify_answer(&mock_account, closed ? ADAPTER_CLOSE : ADAPTER_PAY, &order,
                         mock_message(&m), mock_arena, answer, &evidence);
}

Test(wechatpay_vectors, answers_are_judged_as_published)
{
    size_t valid = 0;
    size_t invalid = 0;
    EACH("wechatpay/rsa-response-verification.json", root, vector)
    {
        struct adapter_answer answer = { 0 };
        const char *id = text(vector, "id");
        const char *seconds = text(json_member(vector, "headers"), "Wechatpay-Timestamp");
        trust(vector, serial_said(vector), "public-key");
        set_clock(seconds);
        enum err err = take_answer(vector, &answer);
        if (span_starts(vectors_text(vector, "expect"), SPAN_LIT("invalid"))) {
            cr_expect_eq(err, ERR_PROVIDER_UNVERIFIED, "%s gave %s", id, err_name(err));
            invalid++;
            continue;
        }
        cr_expect_eq(err, ERR_OK, "%s gave %s", id, err_name(err));
        cr_expect_eq(answer.handling, ADAPTER_DONE, "%s", id);
        valid++;
        clock_fake_advance_ms(301000);
        cr_expect_eq(take_answer(vector, &answer), ERR_PROVIDER_UNVERIFIED, "%s, stale", id);
    }
    json_free(&root);
    cr_expect_eq(valid, 3);
    cr_expect_eq(invalid, 1);
}

static enum err
open_part(enum crypto_aead aead, struct span secret_text, const struct json_t *part,
          struct buf *plain)
{
    DEFER(secret_free) struct secret *secret = NULL;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(MOCK_TEXT_MAX);
    unsigned char digest[SM3_BYTES];
    CHECK_OK(crypto_sm3(secret_text, digest));
    CHECK_OK(
        secret_new(aead == CRYPTO_AEAD_SM4_GCM ? span_make(digest, 16) : secret_text, &secret));
    TRY(crypto_base64_decode(vectors_text(part, "ciphertext"), &bytes));
    return crypto_aead_open(aead, secret, vectors_text(part, "nonce"),
                            vectors_text(part, "associated_data"), buf_span(&bytes), plain);
}

/* One published sample uses a secret of 16 bytes, which means another cipher: it is refused (9.14). */
Test(wechatpay_vectors, sealed_parts_open_as_published_or_not_at_all)
{
    size_t opened = 0;
    EACH("wechatpay/aead-aes-256-gcm.json", root, vector)
    {
        DEFER(buf_fini) struct buf plain = BUF_MAX(MOCK_TEXT_MAX);
        const char *id = text(vector, "id");
        struct span key = vectors_text(vector, "key");
        enum err err = open_part(CRYPTO_AEAD_AES_256_GCM, key, vector, &plain);
        if (key.len != 32) {
            cr_expect_eq(err, ERR_CRYPTO, "%s", id);
        } else if (!has(vector, "plaintext")) {
            cr_expect_eq(err, ERR_SEALED, "%s", id);
            cr_expect_eq(plain.len, 0);
        } else {
            cr_expect_eq(err, ERR_OK, "%s", id);
            cr_expect(span_eq(buf_span(&plain), vectors_text(vector, "plaintext")), "%s", id);
            opened++;
        }
    }
    json_free(&root);
    cr_expect_eq(opened, 4);
}

/* The answer of the vector, signed by nobody yet: the parts open, and each key has the name it is
 * announced under. */
Test(wechatpay_vectors, downloaded_certificates_are_those_announced)
{
    EACH("wechatpay/platform-certificates.json", root, vector)
    {
        DEFER(buf_fini) struct buf body = BUF_MAX(MOCK_TEXT_MAX);
        DEFER(buf_fini) struct buf plain = BUF_MAX(MOCK_TEXT_MAX);
        struct adapter_sealed_list list = { .count = 0 };
        struct adapter_opened opened = { .count = 1 };
        struct adapter_key_offer offer = { .count = 0 };
        struct adapter_key key = { .key = NULL };
        CHECK_OK(json_encode(json_member(vector, "response"), &body));
        struct span payload = span_of(mock_print("200 0\n%.*s", SPAN_ARG(buf_span(&body))));
        CHECK_OK(wechatpay_sealed_find(ADAPTER_KEYS, payload, mock_arena, &list));
        cr_assert_eq(list.count, 1);
        const struct json_t *part =
            json_member(json_element(json_member(json_member(vector, "response"), "data"), 0),
                        "encrypt_certificate");
        enum err err =
            open_part(CRYPTO_AEAD_AES_256_GCM, vectors_text(vector, "apiv3_key"), part, &plain);
        if (vectors_text(vector, "apiv3_key").len != 32) {
            cr_expect_eq(err, ERR_CRYPTO);
            continue;
        }
        CHECK_OK(err);
        opened.list[0] = buf_span(&plain);
        CHECK_OK(wechatpay_keys_read(payload, &opened, mock_arena, &offer));
        CHECK_OK(wechatpay_key_accept(&mock_account, offer.pem[0], clock_wall(), mock_arena, &key));
        cr_expect(span_eq(key.serial, vectors_text(vector, "expect_serial")));
        cr_expect_eq(key.not_after.us, mock_time("2028-09-17T15:15:58Z").us);
        crypto_public_key_free(&key.key);
        CHECK_ERR(wechatpay_key_accept(&mock_account, offer.pem[0],
                                       mock_time("2028-09-17T15:15:59Z"), mock_arena, &key),
                  ERR_CERT_EXPIRED);
    }
    json_free(&root);
}

static struct crypto_private_key *
private_key(const char *file)
{
    DEFER(secret_free) struct secret *pem = NULL;
    struct crypto_private_key *key = NULL;
    CHECK_OK(secret_new(mock_file(key_path(file)), &pem));
    CHECK_OK(crypto_private_key_new(pem, &key));
    return key;
}

static void
decrypt_field(const struct json_t *vector, bool readable)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(0);
    DEFER(buf_fini) struct buf plain = BUF_MAX(1024);
    DEFER(crypto_private_key_free)
    struct crypto_private_key *key = private_key(text(vector, "private_key"));
    vectors_bytes(vector, "ciphertext", &bytes);
    enum err err = crypto_decrypt(key, buf_span(&bytes), &plain);
    cr_expect_eq(err, readable ? ERR_OK : ERR_SEALED, "%s", text(vector, "id"));
    cr_expect(!readable || span_eq(buf_span(&plain), vectors_text(vector, "plaintext")));
}

/* "limit" is tried where the function is: tests/unit/crypto_sealed.c. */
Test(wechatpay_vectors, sensitive_fields_are_read_with_oaep_only)
{
    size_t seen = 0;
    EACH("wechatpay/rsa-oaep.json", root, vector)
    {
        if (has(vector, "ciphertext")) {
            decrypt_field(vector, !has(vector, "padding"));
            seen++;
        }
    }
    json_free(&root);
    cr_expect_eq(seen, 3);
}

static void
verify_sm2(const struct json_t *vector)
{
    DEFER(buf_fini) struct buf signature = BUF_MAX(0);
    DEFER(crypto_public_key_free)
    struct crypto_public_key *key = vectors_public_key(key_path(text(vector, "certificate")));
    vectors_bytes(vector, "signature", &signature);
    CHECK_OK(
        crypto_verify(key, CRYPTO_SM2_SM3, vectors_text(vector, "message"), buf_span(&signature)));
    CHECK_ERR(crypto_verify(key, CRYPTO_SM2_SM3, SPAN_LIT("false-message"), buf_span(&signature)),
              ERR_SIGNATURE);
}

static void
digest_sm3(const char *message, const char *want)
{
    unsigned char digest[SM3_BYTES];
    DEFER(buf_fini) struct buf hex = BUF_MAX(64);
    CHECK_OK(crypto_sm3(span_of(message), digest));
    CHECK_OK(crypto_hex_encode(span_make(digest, sizeof(digest)), &hex));
    CHECK_TEXT(buf_span(&hex), want);
}

static void
open_sm4(const struct json_t *vector)
{
    DEFER(buf_fini) struct buf plain = BUF_MAX(MOCK_TEXT_MAX);
    enum err err =
        open_part(CRYPTO_AEAD_SM4_GCM, vectors_text(vector, "apiv3_key"), vector, &plain);
    bool readable = has(vector, "plaintext");
    cr_expect_eq(err, readable ? ERR_OK : ERR_SEALED, "%s", text(vector, "id"));
    cr_expect(span_eq(buf_span(&plain), vectors_text(vector, "plaintext")));
}

/* Our header has the form of the published sample. */
static void
compare_form(const struct json_t *vector)
{
    struct adapter_fields fields;
    struct adapter_request request;
    clock_fake_set_wall(mock_time("2023-01-01T00:00:00Z"));
    mock_use_sm();
    const struct adapter_order order = { .nonce = SPAN_LIT("fixednonce"),
                                         .merchant_order_no = SPAN_LIT(MOCK_ORDER) };
    CHECK_OK(wechatpay_request_build(&mock_account, ADAPTER_QUERY, &order,
                                     mock_time("2021-11-11T08:48:56Z"), mock_arena, &fields));
    CHECK_OK(wechatpay_request_encode(&mock_account, ADAPTER_QUERY, &order, &fields,
                                      SPAN_LIT("signature"), mock_arena, &request));
    CHECK_TEXT(request.headers[0].name, "Authorization");
    CHECK_TEXT(request.headers[0].value,
               "WECHATPAY2-SM2-WITH-SM3 mchid=\"1900000109\",nonce_str=\"fixednonce\","
               "signature=\"c2lnbmF0dXJl\",timestamp=\"1636620536\","
               "serial_no=\"54E7F59ED8DF4570CFB14780EA8152D45A675EE6\"");
    cr_expect(span_starts(
        vectors_text(vector, "authorization"),
        SPAN_LIT("WECHATPAY2-SM2-WITH-SM3 mchid=\"2480467911\",nonce_str=\"fixednonce\",")));
}

Test(wechatpay_vectors, sm_mode_is_as_published)
{
    size_t seen = 0;
    EACH("wechatpay/sm.json", root, vector)
    {
        seen++;
        if (is(vector, "kind", "sm2-verify")) {
            verify_sm2(vector);
        } else if (is(vector, "kind", "sm2-decrypt")) {
            decrypt_field(vector, true);
        } else if (is(vector, "kind", "sm3")) {
            digest_sm3(text(vector, "message"), text(vector, "digest_hex"));
        } else if (is(vector, "kind", "sm4-key")) {
            digest_sm3(text(vector, "apiv3_key"), text(vector, "sm3_hex"));
            cr_expect(
                span_starts(vectors_text(vector, "sm3_hex"), vectors_text(vector, "sm4_key_hex")));
        } else if (is(vector, "kind", "sm4-gcm-decrypt")) {
            open_sm4(vector);
        } else {
            cr_expect(is(vector, "kind", "unverifiable"));
            compare_form(vector);
        }
    }
    json_free(&root);
    cr_expect_eq(seen, 11);
}

static void
expect_claim(const struct json_t *vector, const struct evidence *evidence)
{
    const struct evidence_claim *claim = evidence_claim(evidence);
    const char *id = text(vector, "id");
    bool refund = span_find(span_of(id), SPAN_LIT("refund")) < strlen(id);
    bool refunded = strcmp(id, "constructed-refund-success") == 0;
    CHECK_TEXT(claim->merchant, "1900000109");
    CHECK_TEXT(claim->application, refund ? "" : "wxd678efh567hg6787");
    CHECK_TEXT(claim->merchant_order_no, MOCK_ORDER);
    CHECK_TEXT(claim->provider_trade_no, "4200002860202603100000000001");
    CHECK_TEXT(claim->refund_no, refund ? MOCK_REFUND : "");
    cr_expect(money_eq(claim->amount, (struct money){ 12800, CURRENCY_CNY }), "%s", id);
    cr_expect_eq(claim->verdict, refunded ? EVIDENCE_REFUNDED : EVIDENCE_PAID, "%s", id);
    cr_expect_eq(claim->refunded.minor, refunded ? 2800 : 0, "%s", id);
    if (!refund) {
        cr_expect_eq(claim->paid_at.us, mock_time("2026-03-10T03:59:58Z").us);
        cr_expect_eq(day_cmp(claim->bill_day, (struct day){ 2026, 3, 10 }), 0);
        cr_expect_eq(claim->stated_at.us, mock_time("2026-03-10T04:00:00Z").us);
    }
}

/* The sample whose secret has 16 bytes is judged in its genuine part, and is no notice about money. */
static void
take_foreign_notice(const struct json_t *vector, const struct adapter_message *message)
{
    struct verify *v = NULL;
    DEFER(evidence_free) struct evidence *evidence = NULL;
    CHECK_OK(verify_callback_begin(&mock_account, message, mock_arena, &v));
    cr_assert_eq(verify_task(v).kind, VERIFY_TASK_OPEN);
    CHECK_OK(verify_task_done(v, ERR_OK, vectors_text(vector, "plaintext")));
    CHECK_ERR(verify_callback_end(v, &evidence), ERR_PROVIDER_PROTOCOL);
}

static void
take_notice(const struct json_t *vector)
{
    struct mock_message m;
    DEFER(evidence_free) struct evidence *evidence = NULL;
    const char *id = text(vector, "id");
    take_headers(vector, NULL, &m);
    if (strcmp(id, "go-notify-full") == 0) {
        take_foreign_notice(vector, mock_message(&m));
        return;
    }
    enum err err = mock_take_notice(mock_message(&m), &evidence);
    if (!is(vector, "expect", "accept")) {
        cr_expect_eq(err, ERR_SIGNATURE, "%s gave %s", id, err_name(err));
        bool probe = span_find(span_of(id), SPAN_LIT("signtest")) < strlen(id);
        cr_expect_eq(verify_is_probe(&mock_account, mock_message(&m), mock_arena), probe, "%s", id);
        return;
    }
    cr_assert_eq(err, ERR_OK, "%s gave %s", id, err_name(err));
    expect_claim(vector, evidence);
}

Test(wechatpay_vectors, notices_are_judged_as_published)
{
    size_t seen = 0;
    EACH("wechatpay/notifications.json", root, vector)
    {
        int64_t clock = 1773115200;
        const struct json_t *headers = json_member(vector, "headers");
        bool sm = is(headers, "Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3");
        if (has(vector, "clock")) {
            CHECK_OK(json_get_i64(vector, "clock", &clock));
        } else if (has(headers, "Wechatpay-Timestamp")) {
            CHECK_OK(span_to_i64(vectors_text(headers, "Wechatpay-Timestamp"), 1,
                                 INT64_C(4102444800), &clock));
        }
        clock_fake_set_wall((struct wall_time){ .us = clock * 1000000 });
        if (has(vector, "public_key") || has(vector, "certificate")) {
            bool foreign = is(vector, "id", "negative-unknown-serial");
            trust(vector, foreign ? MOCK_SERIAL : serial_said(vector), sm ? "sm" : "public-key");
        }
        take_notice(vector);
        seen++;
    }
    json_free(&root);
    cr_expect_eq(seen, 14);
}

/* The certificate of this notice had ended when its clock stands: with its dates it counts no more. */
Test(wechatpay_vectors, a_notice_under_an_expired_certificate_is_refused)
{
    size_t seen = 0;
    mock_use("platform-certificate");
    EACH("wechatpay/notifications.json", root, vector)
    {
        if (is(vector, "id", "constructed-pay-success-cert")) {
            struct mock_message m;
            DEFER(evidence_free) struct evidence *evidence = NULL;
            clock_fake_set_wall(mock_time("2026-03-10T04:00:00Z"));
            take_headers(vector, NULL, &m);
            CHECK_ERR(mock_take_notice(mock_message(&m), &evidence), ERR_SIGNATURE);
            seen++;
        }
    }
    json_free(&root);
    cr_expect_eq(seen, 1);
}
