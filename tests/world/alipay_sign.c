/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_sign.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CERTS_MAX    8
#define TEXT_MAX     (size_t)(256 * 1024)
#define SKEW_MAX_MS  INT64_C(1800000)
#define RSA_OID_ROOT "1.2.840.113549.1.1."

struct certificates {
    struct crypto_certificate *list[CERTS_MAX];
    size_t count;
};

static void
certificates_fini(struct certificates *certificates)
{
    for (size_t i = 0; i < certificates->count; i++) {
        crypto_certificate_free(&certificates->list[i]);
    }
}

static void
text_fini(char **text)
{
    free(*text);
}

static enum err
load_private(struct alipay *alipay, const char *file, struct crypto_private_key **out)
{
    DEFER(text_fini) char *text = NULL;
    DEFER(secret_free) struct secret *pem = NULL;
    TRY(world_read_key_file(alipay->world, file, &text));
    TRY(secret_new(span_of(text), &pem));
    return crypto_private_key_new(pem, out);
}

static enum err
load_certificates(struct alipay *alipay, const char *file, struct certificates *out)
{
    DEFER(text_fini) char *text = NULL;
    TRY(world_read_key_file(alipay->world, file, &text));
    return crypto_certificates_new(span_of(text), CERTS_MAX, out->list, &out->count);
}

/* 1.4: MD5 over the issuer's text and the decimal serial, nothing between them. */
static enum err
certificate_sn(const struct crypto_certificate *certificate, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(4096);
    unsigned char digest[MD5_BYTES];
    TRY(crypto_certificate_issuer(certificate, &text));
    TRY(crypto_certificate_serial_decimal(certificate, &text));
    TRY(crypto_md5(buf_span(&text), digest));
    return crypto_hex_encode(span_make(digest, sizeof(digest)), out);
}

static enum err
leaf_sn(const struct certificates *chain, char out[2 * MD5_BYTES + 1])
{
    DEFER(buf_fini) struct buf text = BUF_MAX(64);
    const char *hex;
    TRY(certificate_sn(chain->list[0], &text));
    TRY(buf_cstr(&text, &hex));
    memcpy(out, hex, 2 * MD5_BYTES + 1);
    return ERR_OK;
}

/* 1.4: only members that are themselves signed with RSA count, in the order of the file. */
static enum err
bundle_sn(const struct certificates *bundle, char **out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(512);
    for (size_t i = 0; i < bundle->count; i++) {
        DEFER(buf_fini) struct buf oid = BUF_MAX(128);
        TRY(crypto_certificate_signature_oid(bundle->list[i], &oid));
        if (!span_starts(buf_span(&oid), SPAN_LIT(RSA_OID_ROOT))) {
            continue;
        }
        TRY(buf_text(&text, text.len == 0 ? "" : "_"));
        TRY(certificate_sn(bundle->list[i], &text));
    }
    return alipay_copy(buf_span(&text), out);
}

static const struct {
    const char *key;
    const char *chain; /* NULL: a bare key */
} signers[ALIPAY_SIGNER_COUNT] = {
    [ALIPAY_SIGNER_PLAIN] = { "alipay-plain-provider.key", NULL },
    [ALIPAY_SIGNER_PRESENT] = { "alipay-provider.key", "alipay-provider-chain.crt" },
    [ALIPAY_SIGNER_NEXT] = { "alipay-provider-next.key", "alipay-provider-next-chain.crt" },
    [ALIPAY_SIGNER_FOREIGN] = { "alipay-foreign.key", "alipay-foreign-chain.crt" },
};

static enum err
load_signer(struct alipay *alipay, size_t index)
{
    struct alipay_signer *signer = &alipay->signers[index];
    DEFER(certificates_fini) struct certificates chain = { .count = 0 };
    TRY(load_private(alipay, signers[index].key, &signer->key));
    if (signers[index].chain == NULL) {
        return ERR_OK;
    }
    TRY(load_certificates(alipay, signers[index].chain, &chain));
    TRY(leaf_sn(&chain, signer->sn));
    return world_read_key_file(alipay->world, signers[index].chain, &signer->chain);
}

static enum err
load_plain(struct alipay *alipay, struct alipay_app *app)
{
    DEFER(text_fini) char *text = NULL;
    TRY(world_read_key_file(alipay->world, "alipay-plain-app.pub", &text));
    return crypto_public_key_new(span_of(text), &app->merchant_key);
}

static enum err
load_certified(struct alipay *alipay, struct alipay_app *app)
{
    DEFER(certificates_fini) struct certificates merchant = { .count = 0 };
    DEFER(certificates_fini) struct certificates roots = { .count = 0 };
    TRY(load_certificates(alipay, "alipay-app.crt", &merchant));
    TRY(load_certificates(alipay, "alipay-root-bundle.crt", &roots));
    TRY(crypto_certificate_public_key(merchant.list[0], &app->merchant_key));
    TRY(leaf_sn(&merchant, app->app_cert_sn));
    return bundle_sn(&roots, &app->root_cert_sn);
}

enum err
alipay_sign_load(struct alipay *alipay)
{
    alipay->apps[0] = (struct alipay_app){ .app_id = "2021000000000001",
                                           .seller_id = "2088000000000001",
                                           .signer = &alipay->signers[ALIPAY_SIGNER_PLAIN] };
    alipay->apps[1] = (struct alipay_app){ .app_id = "2021000000000002",
                                           .seller_id = "2088000000000002",
                                           .certificates = true,
                                           .signer = &alipay->signers[ALIPAY_SIGNER_PRESENT] };
    for (size_t i = 0; i < ALIPAY_SIGNER_COUNT; i++) {
        TRY(load_signer(alipay, i));
    }
    TRY(load_plain(alipay, &alipay->apps[0]));
    TRY(load_certified(alipay, &alipay->apps[1]));
    return load_private(alipay, "forger.key", &alipay->forger);
}

void
alipay_sign_unload(struct alipay *alipay)
{
    for (size_t i = 0; i < ALIPAY_APPS; i++) {
        crypto_public_key_free(&alipay->apps[i].merchant_key);
        free(alipay->apps[i].root_cert_sn);
    }
    for (size_t i = 0; i < ALIPAY_SIGNER_COUNT; i++) {
        crypto_private_key_free(&alipay->signers[i].key);
        free(alipay->signers[i].chain);
    }
    crypto_private_key_free(&alipay->forger);
}

void
alipay_sign_rotate(struct alipay *alipay)
{
    for (size_t i = 0; i < ALIPAY_APPS; i++) {
        if (alipay->apps[i].certificates) {
            alipay->apps[i].signer = &alipay->signers[ALIPAY_SIGNER_NEXT];
        }
    }
}

void
alipay_verdict_fini(struct alipay_verdict *verdict)
{
    buf_fini(&verdict->detail);
}

/* 1.2: what must be there, and the only values we take. */
static const struct {
    const char *name;
    const char *value; /* NULL: judged elsewhere */
    const char *missing;
    const char *invalid;
} common_rules[] = {
    { "app_id", NULL, "isv.missing-app-id", NULL },
    { "method", NULL, "isv.missing-method", NULL },
    { "sign_type", "RSA2", "isv.missing-signature-type", "isv.invalid-signature-type" },
    { "sign", NULL, "isv.missing-signature", NULL },
    { "charset", "utf-8", "isv.missing-charset", "isv.invalid-charset" },
    { "timestamp", NULL, "isv.missing-timestamp", NULL },
    { "version", "1.0", "isv.missing-version", "isv.invalid-version" },
};

static const struct alipay_app *
find_app(const struct alipay *alipay, const char *app_id)
{
    for (size_t i = 0; app_id != NULL && i < ALIPAY_APPS; i++) {
        if (strcmp(alipay->apps[i].app_id, app_id) == 0) {
            return &alipay->apps[i];
        }
    }
    return NULL;
}

static bool
refuse(struct alipay_verdict *verdict, const char *code, const char *sub_code)
{
    verdict->code = code;
    verdict->sub_code = sub_code;
    return false;
}

static bool
common_fits(const struct alipay_params *all, struct alipay_verdict *verdict)
{
    for (size_t i = 0; i < sizeof(common_rules) / sizeof(common_rules[0]); i++) {
        const char *value = alipay_form_get(all, common_rules[i].name);
        if (value == NULL || value[0] == '\0') {
            return refuse(verdict, "40001", common_rules[i].missing);
        }
        if (common_rules[i].value != NULL && strcasecmp(value, common_rules[i].value) != 0) {
            return refuse(verdict, "40002", common_rules[i].invalid);
        }
    }
    const char *format = alipay_form_get(all, "format");
    if (format != NULL && strcasecmp(format, "JSON") != 0) {
        return refuse(verdict, "40002", "isv.invalid-format");
    }
    return true;
}

static bool
timestamp_fits(const struct alipay *alipay, const struct alipay_params *all)
{
    struct span text = span_of(alipay_form_get(all, "timestamp"));
    struct wall_time at;
    if (text.len != strlen("yyyy-MM-dd HH:mm:ss")
        || wall_parse_civil(text, ZONE_CHINA_MIN, &at) != ERR_OK) {
        return false;
    }
    int64_t apart_ms = wall_ms_between(at, world_now(alipay->world));
    return apart_ms >= -SKEW_MAX_MS && apart_ms <= SKEW_MAX_MS;
}

static bool
text_is(const char *text, const char *expected)
{
    return text != NULL && strcmp(text, expected) == 0;
}

/* 1.4: certificate numbers belong to the certificate scheme and to no other. */
static bool
serials_fit(const struct alipay_params *all, struct alipay_verdict *verdict)
{
    const char *app_sn = alipay_form_get(all, "app_cert_sn");
    const char *root_sn = alipay_form_get(all, "alipay_root_cert_sn");
    const struct alipay_app *app = verdict->app;
    if (app->certificates ? !text_is(app_sn, app->app_cert_sn) : app_sn != NULL) {
        return refuse(verdict, "40002", "isv.app-cert-not-exist");
    }
    if (app->certificates ? !text_is(root_sn, app->root_cert_sn) : root_sn != NULL) {
        return refuse(verdict, "40002", "isv.invalid-alipay-root-cert-sn");
    }
    return true;
}

/* 2: a parameter that is sent empty makes the gateway refuse. */
static bool
has_empty(const struct alipay_params *all)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->list[i].value[0] == '\0' || all->list[i].name[0] == '\0') {
            return true;
        }
    }
    return false;
}

static bool
is_ascii(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static enum err
signature_fits(const struct alipay_params *all, const struct alipay_verdict *verdict)
{
    DEFER(buf_fini) struct buf signature = BUF_MAX(1024);
    const char *sign = alipay_form_get(all, "sign");
    if (crypto_base64_decode(span_of(sign), &signature) != ERR_OK) {
        return ERR_SIGNATURE;
    }
    return crypto_verify(verdict->app->merchant_key, CRYPTO_RSA_SHA256, buf_span(&verdict->detail),
                         buf_span(&signature));
}

enum err
alipay_sign_judge(struct alipay *alipay, const struct alipay_params *query,
                  const struct alipay_params *all, struct alipay_verdict *verdict)
{
    *verdict = (struct alipay_verdict){ .code = "10000" };
    buf_init(&verdict->detail, TEXT_MAX);
    verdict->app = find_app(alipay, alipay_form_get(all, "app_id"));
    if (!common_fits(all, verdict)) {
        return ERR_OK;
    }
    if (verdict->app == NULL) {
        (void)refuse(verdict, "40002", "isv.invalid-app-id");
        return ERR_OK;
    }
    if (!timestamp_fits(alipay, all)) {
        (void)refuse(verdict, "40002", "isv.invalid-timestamp");
        return ERR_OK;
    }
    if (!serials_fit(all, verdict)) {
        return ERR_OK;
    }
    TRY(alipay_form_signed_text(all, true, &verdict->detail));
    bool read_as_gbk = alipay_form_get(query, "charset") == NULL;
    enum err err = signature_fits(all, verdict);
    if (err != ERR_OK && err != ERR_SIGNATURE) {
        return err;
    }
    if (err != ERR_OK || has_empty(all) || (read_as_gbk && !is_ascii(buf_span(&verdict->detail)))) {
        (void)refuse(verdict, "40002", "isv.invalid-signature");
        return ERR_OK;
    }
    buf_reset(&verdict->detail);
    return ERR_OK;
}

enum err
alipay_sign_text(const struct crypto_private_key *key, struct span text, struct buf *out)
{
    DEFER(buf_fini) struct buf signature = BUF_MAX(1024);
    TRY(crypto_sign(key, CRYPTO_RSA_SHA256, text, &signature));
    return crypto_base64_encode(buf_span(&signature), out);
}

enum err
alipay_sign_params(const struct crypto_private_key *key, struct alipay_params *params)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf sign = BUF_MAX(1024);
    TRY(alipay_form_add_text(params, "sign_type", "RSA2"));
    TRY(alipay_form_signed_text(params, false, &text));
    TRY(alipay_sign_text(key, buf_span(&text), &sign));
    return alipay_form_add(params, "sign", buf_span(&sign));
}
