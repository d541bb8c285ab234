/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"

#define CHAIN_MAX       8
#define SERIAL_TEXT_MAX 4096
#define ROOT_SERIAL_MAX 512
#define RSA_SIGNATURES  "1.2.840.113549.1.1." /* PKCS#1 signature algorithms */

struct chain {
    struct crypto_certificate *list[CHAIN_MAX];
    size_t count;
};

static void
chain_fini(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        crypto_certificate_free(&chain->list[i]);
    }
}

/* Access by certificate, "how to compute the SN": issuer DN, then the decimal serial, no separator. */
enum err
alipay_serial(const struct crypto_certificate *certificate, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SERIAL_TEXT_MAX);
    TRY(crypto_certificate_issuer(certificate, &text));
    TRY(crypto_certificate_serial_decimal(certificate, &text));
    unsigned char digest[MD5_BYTES];
    TRY(crypto_md5(buf_span(&text), digest));
    return crypto_hex_encode(span_make(digest, sizeof(digest)), out);
}

/* Only members whose own signature is RSA count for sign_type RSA2. */
enum err
alipay_root_serial(struct crypto_certificate *const *roots, size_t count, struct buf *out)
{
    size_t before = out->len;
    for (size_t i = 0; i < count; i++) {
        DEFER(buf_fini) struct buf oid = BUF_MAX(SERIAL_TEXT_MAX);
        TRY(crypto_certificate_signature_oid(roots[i], &oid));
        if (!span_starts(buf_span(&oid), SPAN_LIT(RSA_SIGNATURES))) {
            continue;
        }
        if (out->len > before) {
            TRY(buf_byte(out, '_'));
        }
        TRY(alipay_serial(roots[i], out));
    }
    return out->len == before ? ERR_CERT_PARSE : ERR_OK;
}

static enum err
serial_text(const struct crypto_certificate *certificate, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf serial = BUF_MAX(ALIPAY_SERIAL_CHARS);
    TRY(alipay_serial(certificate, &serial));
    return arena_copy(arena, buf_span(&serial), out);
}

static enum err
prepare_public_key(const struct adapter_material *material, struct adapter_account *account)
{
    if (span_empty(material->provider_public_key)) {
        return ERR_CONFIG_MISSING;
    }
    account->application_serial = "";
    account->root_serial = "";
    TRY(crypto_public_key_new(material->provider_public_key, &account->keys[0].key));
    account->key_count = 1;
    return ERR_OK;
}

static enum err
prepare_application(const struct adapter_material *material, const struct chain *roots,
                    struct arena *arena, struct adapter_account *account)
{
    DEFER(chain_fini) struct chain own = { .count = 0 };
    TRY(crypto_certificates_new(material->application_certificate, CHAIN_MAX, own.list,
                                &own.count));
    struct span serial;
    TRY(serial_text(own.list[0], arena, &serial));
    TRY(arena_cstr(arena, serial, &account->application_serial));
    DEFER(buf_fini) struct buf joined = BUF_MAX(ROOT_SERIAL_MAX);
    TRY(alipay_root_serial(roots->list, roots->count, &joined));
    return arena_cstr(arena, buf_span(&joined), &account->root_serial);
}

/* The provider's key is the first block of its file, and counts only when the chain leads to the
 * configured roots now. */
static enum err
prepare_provider(const struct adapter_material *material, const struct chain *roots,
                 struct wall_time now, struct arena *arena, struct adapter_account *account)
{
    DEFER(chain_fini) struct chain provider = { .count = 0 };
    TRY(crypto_certificates_new(material->provider_certificate, CHAIN_MAX, provider.list,
                                &provider.count));
    TRY(crypto_chain_verify(provider.list, provider.count, roots->list, roots->count, now));
    struct adapter_key *key = &account->keys[0];
    TRY(serial_text(provider.list[0], arena, &key->serial));
    key->not_before = crypto_certificate_not_before(provider.list[0]);
    key->not_after = crypto_certificate_not_after(provider.list[0]);
    TRY(crypto_certificate_public_key(provider.list[0], &key->key));
    account->key_count = 1;
    return ERR_OK;
}

enum err
alipay_account_prepare(const struct adapter_material *material, struct wall_time now,
                       struct arena *arena, struct adapter_account *account)
{
    account->scheme = CRYPTO_RSA_SHA256;
    if (!account->certificate_scheme) {
        return prepare_public_key(material, account);
    }
    if (span_empty(material->application_certificate) || span_empty(material->provider_certificate)
        || span_empty(material->root_certificates)) {
        return ERR_CONFIG_MISSING;
    }
    DEFER(chain_fini) struct chain roots = { .count = 0 };
    TRY(crypto_certificates_new(material->root_certificates, CHAIN_MAX, roots.list, &roots.count));
    TRY(prepare_application(material, &roots, arena, account));
    return prepare_provider(material, &roots, now, arena, account);
}
