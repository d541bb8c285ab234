/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_UNIT_UNIONPAY_MOCK_H
#define TALLYGATE_TESTS_UNIT_UNIONPAY_MOCK_H

/* Plays the provider. Its key is the published merchant's test key, whose certificate leads to the same
 * roots: the mock account is told to take that owner for the provider. The signed text is put together
 * here and not by the adapter. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "clock_fake.h"
#include "secret.h"
#include "unionpay.h"
#include "vectors.h"
#include "verify.h"

#define MOCK_OWNER      "700000000000001:SIGN" /* of the merchant's certificate */
#define MOCK_SERIAL     "69903319369"
#define MOCK_MERCHANT   "777290058167151"
#define MOCK_NOW        "2024-01-05T07:00:00Z" /* inside the certificates' validity */
#define MOCK_ARENA_MAX  ((size_t)32 * 1024 * 1024)
#define MOCK_TEXT_MAX   ((size_t)64 * 1024)
#define MOCK_FIELDS_MAX 48
#define MOCK_COUNT(a)   (sizeof(a) / sizeof((a)[0]))

static struct arena *mock_arena;
static struct adapter_account mock_account;
static struct crypto_private_key *mock_key;
static const char *mock_certificate; /* PEM with CRLF and no line end after its last line */

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

static inline struct crypto_private_key *
mock_open_key(const char *path, struct crypto_certificate **certificate)
{
    DEFER(secret_free) struct secret *file = NULL;
    DEFER(secret_free) struct secret *word = NULL;
    struct crypto_private_key *key = NULL;
    CHECK_OK(secret_new(mock_file(path), &file));
    CHECK_OK(secret_new(SPAN_LIT("000000"), &word));
    CHECK_OK(crypto_pkcs12_open(file, word, &key, certificate));
    return key;
}

static inline struct adapter_account
mock_account_of(const char *key_scheme, const char *environment, const char *owner)
{
    const struct adapter_material material = {
        .root_certificates = mock_file(mock_print("unionpay/certs/acp_%s_root.cer", environment)),
        .middle_certificates =
            mock_file(mock_print("unionpay/certs/acp_%s_middle.cer", environment)),
    };
    struct adapter_account account = {
        .adapter = adapter_find(SPAN_LIT("unionpay")),
        .name = "main",
        .application = MOCK_MERCHANT,
        .merchant = MOCK_MERCHANT,
        .gateway_url = "https://gateway.test.95516.com",
        .files_url = "https://filedownload.test.95516.com/",
        .key_scheme = key_scheme,
        .application_serial = MOCK_SERIAL,
        .root_serial = "",
        .preferred_serial = "",
        .payee = "",
        .signer_owner = owner,
        .methods = "page wap qr b2b",
    };
    cr_assert_not_null(account.adapter);
    CHECK_OK(account.adapter->account_prepare(&material, clock_wall(), mock_arena, &account));
    return account;
}

static inline void
mock_account_fini(struct adapter_account *account)
{
    certificate_chain_fini(&account->roots);
    certificate_chain_fini(&account->helpers);
}

/* The certificate's text out of a forged message made with the same key: PEM with CRLF. */
static inline const char *
mock_read_certificate(void)
{
    struct json_t *all = vectors_json("unionpay/messages/negative.json");
    const char *pem = NULL;
    for (size_t i = 0; i < json_count(all); i++) {
        const struct json_t *one = json_element(all, i);
        if (span_eq_cstr(vectors_text(one, "id"), "neg-forged-merchant-cert")) {
            CHECK_OK(arena_cstr(mock_arena,
                                vectors_text(json_member(one, "fields"), "signPubKeyCert"), &pem));
        }
    }
    json_free(&all);
    cr_assert_not_null(pem);
    return pem;
}

static inline void
mock_start(void)
{
    CHECK_OK(arena_new(MOCK_ARENA_MAX, &mock_arena));
    clock_fake_set_wall(mock_time(MOCK_NOW));
    mock_account = mock_account_of("certificate", "test", MOCK_OWNER);
    DEFER(crypto_certificate_free) struct crypto_certificate *certificate = NULL;
    mock_key = mock_open_key("unionpay/certs/acp_test_sign_2021-2026.pfx", &certificate);
    mock_certificate = mock_read_certificate();
}

static inline void
mock_finish(void)
{
    mock_account_fini(&mock_account);
    crypto_private_key_free(&mock_key);
    arena_free(&mock_arena);
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

/* name=value joined by "&", in the order given or sorted. */
static inline const char *
mock_join(const struct mock_field *fields, size_t count, bool sorted)
{
    struct mock_field list[MOCK_FIELDS_MAX];
    const char *text = "";
    cr_assert_leq(count, MOCK_FIELDS_MAX);
    memcpy(list, fields, count * sizeof(fields[0]));
    if (sorted) {
        qsort(list, count, sizeof(list[0]), mock_by_name);
    }
    for (size_t i = 0; i < count; i++) {
        if (list[i].value != NULL) {
            text =
                mock_print("%s%s%s=%s", text, text[0] == 0 ? "" : "&", list[i].name, list[i].value);
        }
    }
    return text;
}

/* base64 of the signature over the hexadecimal digest of the text. */
static inline const char *
mock_sign(const char *text)
{
    unsigned char digest[SHA256_BYTES];
    DEFER(buf_fini) struct buf hex = BUF_MAX(128);
    DEFER(buf_fini) struct buf raw = BUF_MAX(1024);
    DEFER(buf_fini) struct buf sign = BUF_MAX(2048);
    CHECK_OK(crypto_sha256(span_of(text), digest));
    CHECK_OK(crypto_hex_encode(span_make(digest, sizeof(digest)), &hex));
    CHECK_OK(crypto_sign(mock_key, CRYPTO_RSA_SHA256, buf_span(&hex), &raw));
    CHECK_OK(crypto_base64_encode(buf_span(&raw), &sign));
    return mock_print("%.*s", SPAN_ARG(buf_span(&sign)));
}

/* `fields` with the parts that every message has, and how many there are then. */
static inline size_t
mock_complete(const struct mock_field *fields, size_t count, struct mock_field *out)
{
    const struct mock_field common[] = {
        { "version", "5.1.0" },
        { "encoding", "UTF-8" },
        { "signMethod", "01" },
        { "signPubKeyCert", mock_certificate },
    };
    size_t total = 0;
    for (size_t i = 0; i < MOCK_COUNT(common); i++) {
        bool own = false;
        for (size_t k = 0; k < count; k++) {
            own = own || strcmp(fields[k].name, common[i].name) == 0;
        }
        if (!own) {
            out[total++] = common[i];
        }
    }
    cr_assert_leq(total + count + 1, MOCK_FIELDS_MAX);
    memcpy(out + total, fields, count * sizeof(fields[0]));
    return total + count;
}

/* A body as the provider answers: raw, sorted, the signature at its end. */
static inline const char *
mock_answer(const struct mock_field *fields, size_t count)
{
    struct mock_field all[MOCK_FIELDS_MAX];
    size_t total = mock_complete(fields, count, all);
    const char *text = mock_join(all, total, true);
    return mock_print("%s&signature=%s", text, mock_sign(text));
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

/* The fields as a form, signed over `text`. */
static inline const char *
mock_form(const struct mock_field *fields, size_t count, const char *text)
{
    struct mock_field escaped[MOCK_FIELDS_MAX];
    for (size_t i = 0; i < count; i++) {
        escaped[i].name = fields[i].name;
        escaped[i].value = fields[i].value == NULL ? NULL : mock_escape(fields[i].value);
    }
    return mock_print("%s&signature=%s", mock_join(escaped, count, false),
                      mock_escape(mock_sign(text)));
}

static inline const char *
mock_notice(const struct mock_field *fields, size_t count)
{
    struct mock_field all[MOCK_FIELDS_MAX];
    size_t total = mock_complete(fields, count, all);
    return mock_form(all, total, mock_join(all, total, true));
}

#endif
