/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_UNIT_ALIPAY_MOCK_H
#define TALLYGATE_TESTS_UNIT_ALIPAY_MOCK_H

/* Plays the provider: accounts with the vectors' mock keys, signed answers and notices. Signing goes
 * through the vectors' private key and a text put together here, not by the adapter. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alipay.h"
#include "check.h"
#include "clock_fake.h"
#include "secret.h"
#include "vectors.h"
#include "verify.h"

#define MOCK_SERIAL     "78e4a6f52b78ff201686bb32589eebc4" /* cert_sn.json */
#define MOCK_APP        "2021000000000001"
#define MOCK_MERCHANT   "2088000000000001"
#define MOCK_ORDER      "T20240506_0001"
#define MOCK_NOW        "2027-01-15T02:00:00Z" /* inside the mock certificates' validity */
#define MOCK_ARENA_MAX  ((size_t)16 * 1024 * 1024)
#define MOCK_TEXT_MAX   ((size_t)32 * 1024)
#define MOCK_FIELDS_MAX 40

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
mock_prepare(bool certificate_scheme)
{
    const struct adapter_material material = {
        .provider_public_key = mock_file("alipay/keys/mock_alipay_public.pem"),
        .application_certificate = mock_file("alipay/certs/mock_app.crt"),
        .provider_certificate = mock_file("alipay/certs/mock_alipay_chain.crt"),
        .root_certificates = mock_file("alipay/certs/mock_root_bundle.crt"),
    };
    mock_account = (struct adapter_account){
        .adapter = adapter_find(SPAN_LIT("alipay")),
        .name = "main",
        .application = MOCK_APP,
        .merchant = MOCK_MERCHANT,
        .gateway_url = "https://openapi.alipay.com/gateway.do",
        .key_scheme = certificate_scheme ? "certificate" : "public-key",
        .methods = "page wap qr",
    };
    cr_assert_not_null(mock_account.adapter);
    CHECK_OK(
        mock_account.adapter->account_prepare(&material, clock_wall(), mock_arena, &mock_account));
}

static inline void
mock_start(void)
{
    CHECK_OK(arena_new(MOCK_ARENA_MAX, &mock_arena));
    clock_fake_set_wall(mock_time(MOCK_NOW));
    mock_prepare(true);
}

static inline void
mock_forget_keys(void)
{
    for (size_t i = 0; i < mock_account.key_count; i++) {
        crypto_public_key_free(&mock_account.keys[i].key);
    }
    certificate_chain_fini(&mock_account.roots);
}

static inline void
mock_finish(void)
{
    mock_forget_keys();
    arena_free(&mock_arena);
}

static inline void
mock_key_scheme(bool certificate_scheme)
{
    mock_forget_keys();
    mock_prepare(certificate_scheme);
}

/* base64 of a signature by that key. */
static inline struct span
mock_sign_by(const char *key_file, struct span text)
{
    DEFER(buf_fini) struct buf raw = BUF_MAX(1024);
    DEFER(buf_fini) struct buf sign = BUF_MAX(2048);
    DEFER(secret_free) struct secret *pem = NULL;
    DEFER(crypto_private_key_free) struct crypto_private_key *key = NULL;
    struct span kept;
    CHECK_OK(secret_new(mock_file(key_file), &pem));
    CHECK_OK(crypto_private_key_new(pem, &key));
    CHECK_OK(crypto_sign(key, CRYPTO_RSA_SHA256, text, &raw));
    CHECK_OK(crypto_base64_encode(buf_span(&raw), &sign));
    CHECK_OK(arena_copy(mock_arena, buf_span(&sign), &kept));
    return kept;
}

static inline struct span
mock_sign(struct span text)
{
    return mock_sign_by("alipay/keys/mock_alipay_private.pem", text);
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

/* {"NAME_response":ROOT,"alipay_cert_sn":"…","sign":"…"}; serial NULL leaves the second out. */
static inline const char *
mock_answer_by(const char *name, const char *root, const char *serial)
{
    const char *by = serial == NULL ? "" : mock_print(",\"alipay_cert_sn\":\"%s\"", serial);
    return mock_print("{\"%s\":%s%s,\"sign\":\"%.*s\"}", name, root, by,
                      SPAN_ARG(mock_sign(span_of(root))));
}

static inline const char *
mock_answer(const char *name, const char *root)
{
    return mock_answer_by(name, root, MOCK_SERIAL);
}

struct mock_field {
    const char *name;
    const char *value; /* NULL: the field is left out */
};

static inline int
mock_by_name(const void *a, const void *b)
{
    const struct mock_field *left = a;
    const struct mock_field *right = b;
    return strcmp(left->name, right->name);
}

/* What a notice's signature covers: the filled fields, sorted, as name=value joined by "&". */
static inline const char *
mock_notice_text(const struct mock_field *fields, size_t count)
{
    struct mock_field sorted[MOCK_FIELDS_MAX];
    const char *text = "";
    cr_assert_leq(count, MOCK_FIELDS_MAX);
    memcpy(sorted, fields, count * sizeof(fields[0]));
    qsort(sorted, count, sizeof(sorted[0]), mock_by_name);
    for (size_t i = 0; i < count; i++) {
        if (sorted[i].value != NULL && sorted[i].value[0] != 0) {
            text = mock_print("%s%s%s=%s", text, text[0] == 0 ? "" : "&", sorted[i].name,
                              sorted[i].value);
        }
    }
    return text;
}

/* Every byte escaped: the longest spelling of a value is as good as the shortest. */
static inline const char *
mock_escape(const char *value)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(MOCK_TEXT_MAX);
    const char *kept = NULL;
    for (; *value != 0; value++) {
        CHECK_OK(buf_printf(&text, "%%%02x", (unsigned)(unsigned char)*value));
    }
    CHECK_OK(arena_cstr(mock_arena, buf_span(&text), &kept));
    return kept;
}

static inline const char *
mock_form(const struct mock_field *fields, size_t count)
{
    const char *body = "";
    for (size_t i = 0; i < count; i++) {
        if (fields[i].value != NULL) {
            body = mock_print("%s%s%s=%s", body, body[0] == 0 ? "" : "&", fields[i].name,
                              mock_escape(fields[i].value));
        }
    }
    return body;
}

/* The fields as a form, with sign_type and the signature over `text`. */
static inline const char *
mock_notice_signed(const struct mock_field *fields, size_t count, const char *text)
{
    struct span sign = mock_sign(span_of(text));
    return mock_print("%s&sign_type=RSA2&sign=%s", mock_form(fields, count),
                      mock_escape(mock_print("%.*s", SPAN_ARG(sign))));
}

static inline const char *
mock_notice(const struct mock_field *fields, size_t count)
{
    return mock_notice_signed(fields, count, mock_notice_text(fields, count));
}

#endif
