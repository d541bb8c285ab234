/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"
#include "certificate_chain.h"

#define SERIAL_TEXT_MAX 4096
#define ROOT_SERIAL_MAX 512
#define RSA_SIGNATURES  "1.2.840.113549.1.1." /* PKCS#1 signature algorithms */

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
prepare_application(const struct adapter_material *material, const struct certificate_chain *roots,
                    struct arena *arena, struct adapter_account *account)
{
    DEFER(certificate_chain_fini) struct certificate_chain own = { .count = 0 };
    TRY(certificate_chain_load(material->application_certificate, &own));
    struct span serial;
    TRY(serial_text(own.list[0], arena, &serial));
    TRY(arena_cstr(arena, serial, &account->application_serial));
    DEFER(buf_fini) struct buf joined = BUF_MAX(ROOT_SERIAL_MAX);
    TRY(alipay_root_serial(roots->list, roots->count, &joined));
    return arena_cstr(arena, buf_span(&joined), &account->root_serial);
}

enum err
alipay_certificate_key(const struct crypto_certificate *certificate, struct arena *arena,
                       struct adapter_key *out)
{
    struct adapter_key key = { .not_before = crypto_certificate_not_before(certificate),
                               .not_after = crypto_certificate_not_after(certificate) };
    TRY(serial_text(certificate, arena, &key.serial));
    TRY(crypto_certificate_public_key(certificate, &key.key));
    *out = key;
    return ERR_OK;
}

static enum err
take_key(const struct crypto_certificate *certificate, struct arena *arena,
         struct adapter_account *account)
{
    TRY(alipay_certificate_key(certificate, arena, &account->keys[account->key_count]));
    account->key_count++;
    return ERR_OK;
}

/* Applications are certified by the same authorities, so a later certificate has to bear the name of
 * the configured one. */
static enum err
take_owner(const struct crypto_certificate *certificate, struct arena *arena,
           struct adapter_account *account)
{
    DEFER(buf_fini) struct buf owner = BUF_MAX(ALIPAY_OWNER_MAX);
    TRY(crypto_certificate_common_name(certificate, &owner));
    return arena_cstr(arena, buf_span(&owner), &account->signer_owner);
}

/* The provider's key is the first block of its file; during a change of certificates the file holds
 * the old leaf and the new one. A leaf counts only when it leads to the configured roots now. */
static enum err
prepare_provider(const struct adapter_material *material, const struct certificate_chain *roots,
                 struct wall_time now, struct arena *arena, struct adapter_account *account)
{
    DEFER(certificate_chain_fini) struct certificate_chain provider = { .count = 0 };
    TRY(certificate_chain_load(material->provider_certificate, &provider));
    TRY(take_owner(provider.list[0], arena, account));
    for (size_t i = 0; i < provider.count; i++) {
        if (!certificate_chain_is_leaf(&provider, i)) {
            continue;
        }
        enum err err = certificate_chain_verify(&provider, i, roots, now);
        if (err == ERR_CERT_EXPIRED) {
            continue;
        }
        TRY(err);
        TRY(take_key(provider.list[i], arena, account));
    }
    return account->key_count == 0 ? ERR_CERT_EXPIRED : ERR_OK;
}

enum err
alipay_account_prepare(const struct adapter_material *material, struct wall_time now,
                       struct arena *arena, struct adapter_account *account)
{
    account->scheme = CRYPTO_RSA_SHA256;
    if (span_eq_cstr(span_of(account->key_scheme), "public-key")) {
        return prepare_public_key(material, account);
    }
    if (!span_eq_cstr(span_of(account->key_scheme), "certificate")) {
        return ERR_CONFIG_VALUE;
    }
    account->serial_required = true;
    if (span_empty(material->application_certificate) || span_empty(material->provider_certificate)
        || span_empty(material->root_certificates)) {
        return ERR_CONFIG_MISSING;
    }
    TRY(certificate_chain_load(material->root_certificates, &account->roots));
    TRY(prepare_application(material, &account->roots, arena, account));
    return prepare_provider(material, &account->roots, now, arena, account);
}
