/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_UNIT_WECHATPAY_MOCK_H
#define TALLYGATE_TESTS_UNIT_WECHATPAY_MOCK_H

/* Plays the provider with the keys of tests/vectors/wechatpay: accounts of each scheme, signed answers
 * and notices. Texts to sign are put together here, not by the adapter; what the keys process does, the
 * mock does with the published secret. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "clock_fake.h"
#include "secret.h"
#include "vectors.h"
#include "verify.h"
#include "wechatpay.h"

#define MOCK_APP        "wxd678efh567hg6787"
#define MOCK_MERCHANT   "1900000109"
#define MOCK_ORDER      "GW20260310000001"
#define MOCK_REFUND     "RF20260310000001"
#define MOCK_PUBLIC_KEY "PUB_KEY_ID_0114232134912410000000000000000001"
#define MOCK_SERIAL     "440024045C4A427599D09BB4E3DE0279F2E813FD" /* openssl x509 -serial */
#define MOCK_OUR_SERIAL "5F1C72E2A8931B72A2E13AF8DEE92471EB397115"
#define MOCK_SECRET     "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"
#define MOCK_SM4_KEY    "fa2028801e86d45f5638cadafb5db2e9" /* openssl dgst -sm3, first half */
#define MOCK_NONCE      "593BEC0C930BF1AFEB40B4A08C8FB242"
#define MOCK_NOW        "2024-08-05T09:33:41Z" /* inside the certificates' validity */
#define MOCK_NOW_S      "1722850421"           /* date -d MOCK_NOW +%s */
#define MOCK_ARENA_MAX  ((size_t)64 * 1024 * 1024)
#define MOCK_TEXT_MAX   ((size_t)32 * 1024)

static struct arena *mock_arena;
static struct adapter_account mock_account;

static inline struct span
mock_file(const char *path)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    struct span kept;
    vectors_read(path, &text);
    CHECK_OK(arena_copy(mock_arena, buf_span(&text), &kept));
    return kept;
}

static inline struct wall_time
mock_time(const char *text)
{
    struct wall_time t = { 0 };
    CHECK_OK(wall_parse(span_of(text), &t));
    return t;
}

static inline void
mock_drop_account(void)
{
    for (size_t i = 0; i < ADAPTER_KEYS_MAX; i++) {
        crypto_public_key_free(&mock_account.keys[i].key);
    }
    certificate_chain_fini(&mock_account.roots);
    mock_account = (struct adapter_account){ .key_count = 0 };
}

static inline enum err
mock_prepare(const char *scheme, const struct adapter_material *material, const char *serial)
{
    mock_drop_account();
    mock_account = (struct adapter_account){
        .adapter = adapter_find(SPAN_LIT("wechatpay")),
        .name = "main",
        .application = MOCK_APP,
        .merchant = MOCK_MERCHANT,
        .gateway_url = "https://api.mch.weixin.qq.com",
        .files_url = "",
        .key_scheme = scheme,
        .application_serial = serial,
        .methods = "qr wap jsapi",
        .bill_hosts = "",
        .amount_max = { .minor = 10000000, .currency = CURRENCY_CNY },
    };
    cr_assert_not_null(mock_account.adapter);
    return mock_account.adapter->account_prepare(material, clock_wall(), mock_arena, &mock_account);
}

/* Both tables side by side, as during a change from one to the other. */
static inline void
mock_use(const char *scheme)
{
    const struct adapter_material material = {
        .provider_public_key = mock_file("wechatpay/keys/java-wechat-pay-public-key.pem"),
        .provider_public_key_id = SPAN_LIT(MOCK_PUBLIC_KEY),
        .application_certificate = mock_file("wechatpay/keys/java-merchant-certificate.pem"),
        .provider_certificate = mock_file("wechatpay/keys/java-wechat-pay-certificate.pem"),
    };
    CHECK_OK(mock_prepare(scheme, &material, ""));
}

/* The published SM2 keys of the merchant play the platform too: its own private half is secret. */
static inline void
mock_use_sm(void)
{
    const struct adapter_material material = {
        .application_certificate = mock_file("wechatpay/keys/sm-merchant-certificate.pem"),
        .provider_certificate = mock_file("wechatpay/keys/sm-merchant-certificate.pem"),
    };
    CHECK_OK(mock_prepare("sm", &material, ""));
}

static inline void
mock_start(void)
{
    CHECK_OK(arena_new(MOCK_ARENA_MAX, &mock_arena));
    clock_fake_set_wall(mock_time(MOCK_NOW));
    mock_use("public-key");
}

static inline void
mock_finish(void)
{
    mock_drop_account();
    arena_free(&mock_arena);
}

/* A text of the arena, put together as printf does. */
__attribute__((format(printf, 1, 2))) static inline const char *
mock_print(const char *format, ...)
{
    char text[MOCK_TEXT_MAX];
    const char *kept = NULL;
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    cr_assert(len >= 0 && (size_t)len < sizeof(text));
    CHECK_OK(arena_cstr(mock_arena, span_make(text, (size_t)len), &kept));
    return kept;
}

static inline const char *
mock_base64(struct span bytes)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(MOCK_TEXT_MAX);
    const char *kept = NULL;
    CHECK_OK(crypto_base64_encode(bytes, &text));
    CHECK_OK(arena_cstr(mock_arena, buf_span(&text), &kept));
    return kept;
}

/* base64 of a signature with one of the vectors' private keys. */
static inline const char *
mock_sign(const char *key_file, enum crypto_scheme scheme, const char *text)
{
    DEFER(buf_fini) struct buf raw = BUF_MAX(1024);
    DEFER(secret_free) struct secret *pem = NULL;
    DEFER(crypto_private_key_free) struct crypto_private_key *key = NULL;
    CHECK_OK(secret_new(mock_file(key_file), &pem));
    CHECK_OK(crypto_private_key_new(pem, &key));
    CHECK_OK(crypto_sign(key, scheme, span_of(text), &raw));
    return mock_base64(buf_span(&raw));
}

/* One message with its headers, for a test to spoil. */
struct mock_message {
    struct adapter_message message;
    struct adapter_field headers[8];
};

static inline void
mock_header(struct mock_message *m, const char *name, const char *value)
{
    cr_assert_lt(m->message.header_count, 8);
    m->headers[m->message.header_count++] =
        (struct adapter_field){ .name = span_of(name), .value = span_of(value) };
    m->message.headers = m->headers;
}

static inline void
mock_replace(struct mock_message *m, const char *name, const char *value)
{
    for (size_t i = 0; i < m->message.header_count; i++) {
        if (span_eq_cstr(m->headers[i].name, name)) {
            m->headers[i].value = span_of(value);
        }
    }
}

/* status 0: a callback. `serial` may be any: the signature does not cover it. */
static inline struct mock_message
mock_signed_at(int status, const char *body, const char *serial, const char *seconds)
{
    struct mock_message m = { .message = { .status = status, .body = span_of(body) } };
    bool sm = mock_account.scheme == CRYPTO_SM2_SM3;
    const char *text = mock_print("%s\nq1w2e3r4t5y6u7i8\n%s\n", seconds, body);
    mock_header(&m, "content-type", "application/json");
    mock_header(&m, "wechatpay-timestamp", seconds);
    mock_header(&m, "wechatpay-nonce", "q1w2e3r4t5y6u7i8");
    mock_header(&m, "wechatpay-serial", serial);
    mock_header(&m, "wechatpay-signature",
                mock_sign(sm ? "wechatpay/keys/sm-merchant-private-key.pem"
                             : "wechatpay/keys/java-wechat-pay-private-key.pem",
                          mock_account.scheme, text));
    mock_header(&m, "wechatpay-signature-type",
                sm ? "WECHATPAY2-SM2-WITH-SM3" : "WECHATPAY2-SHA256-RSA2048");
    m.message.headers = NULL; /* set by who receives it: the struct is copied on its way */
    return m;
}

static inline struct mock_message
mock_signed(int status, const char *body)
{
    return mock_signed_at(status, body, MOCK_PUBLIC_KEY, MOCK_NOW_S);
}

static inline struct mock_message
mock_unsigned(int status, const char *body)
{
    struct mock_message m = { .message = { .status = status, .body = span_of(body) } };
    mock_header(&m, "content-type", "application/json");
    return m;
}

static inline const struct adapter_message *
mock_message(struct mock_message *m)
{
    m->message.headers = m->headers;
    return &m->message;
}

static inline struct secret *
mock_secret(enum crypto_aead aead)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(64);
    struct secret *secret = NULL;
    if (aead == CRYPTO_AEAD_SM4_GCM) {
        CHECK_OK(crypto_hex_decode(SPAN_LIT(MOCK_SM4_KEY), &bytes));
    } else {
        CHECK_OK(buf_text(&bytes, MOCK_SECRET));
    }
    CHECK_OK(secret_new(buf_span(&bytes), &secret));
    return secret;
}

/* "resource" of a notice, or "encrypt_certificate". */
static inline const char *
mock_seal(enum crypto_aead aead, const char *original, const char *associated, const char *plain)
{
    DEFER(buf_fini) struct buf sealed = BUF_MAX(MOCK_TEXT_MAX);
    DEFER(secret_free) struct secret *key = mock_secret(aead);
    CHECK_OK(crypto_aead_seal(aead, key, SPAN_LIT("fdasflkja484"), span_of(associated),
                              span_of(plain), &sealed));
    return mock_print("{\"original_type\":\"%s\",\"algorithm\":\"%s\",\"ciphertext\":\"%s\","
                      "\"associated_data\":\"%s\",\"nonce\":\"fdasflkja484\"}",
                      original, aead == CRYPTO_AEAD_SM4_GCM ? "AEAD_SM4_GCM" : "AEAD_AES_256_GCM",
                      mock_base64(buf_span(&sealed)), associated);
}

/* The tasks that are the keys process's, done with the published secret. */
static inline enum err
mock_do_tasks(struct verify *v)
{
    for (;;) {
        struct verify_task task = verify_task(v);
        if (task.kind == VERIFY_TASK_NONE) {
            return ERR_OK;
        }
        cr_assert_eq(task.kind, VERIFY_TASK_OPEN);
        enum crypto_aead aead = span_eq_cstr(task.sealed->algorithm, "AEAD_SM4_GCM")
                                    ? CRYPTO_AEAD_SM4_GCM
                                    : CRYPTO_AEAD_AES_256_GCM;
        DEFER(secret_free) struct secret *key = mock_secret(aead);
        DEFER(buf_fini) struct buf plain = BUF_MAX(MOCK_TEXT_MAX);
        enum err err = crypto_aead_open(aead, key, task.sealed->nonce, task.sealed->associated,
                                        task.sealed->ciphertext, &plain);
        TRY(verify_task_done(v, err, buf_span(&plain)));
    }
}

static inline enum err
mock_take_notice(const struct adapter_message *message, struct evidence **evidence)
{
    struct verify *v = NULL;
    TRY(verify_callback_begin(&mock_account, message, mock_arena, &v));
    TRY(mock_do_tasks(v));
    return verify_callback_end(v, evidence);
}

#endif
