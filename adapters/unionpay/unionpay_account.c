/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay.h"

#define MERCHANT_CHARS_MAX 15
#define SERIAL_MAX         128
#define NAME_MAX           512
#define OWNER_PART         2 /* counted from 0, between "@" */

static enum err
check_merchant(const struct adapter_account *account)
{
    struct span merchant = span_of(account->merchant);
    bool same = span_eq_cstr(merchant, account->application); /* there is no other application */
    return same && span_is_alnum(merchant) && merchant.len <= MERCHANT_CHARS_MAX ? ERR_OK
                                                                                 : ERR_CONFIG_VALUE;
}

/* "certId": the decimal serial of our own certificate. */
static enum err
prepare_serial(const struct adapter_material *material, struct arena *arena,
               struct adapter_account *account)
{
    if (span_empty(material->application_certificate)) {
        struct span given = span_of(account->application_serial);
        return span_empty(given)       ? ERR_CONFIG_MISSING
               : span_is_digits(given) ? ERR_OK
                                       : ERR_CONFIG_VALUE;
    }
    DEFER(certificate_chain_fini) struct certificate_chain own = { .count = 0 };
    DEFER(buf_fini) struct buf serial = BUF_MAX(SERIAL_MAX);
    TRY(certificate_chain_load(material->application_certificate, &own));
    TRY(crypto_certificate_serial_decimal(own.list[0], &serial));
    return arena_cstr(arena, buf_span(&serial), &account->application_serial);
}

/* Also a test whether this host can judge the chain at all: a policy that forbids SHA-1 must be found
 * at start and not at the first notice. */
static enum err
check_helpers(const struct adapter_account *account, struct wall_time now)
{
    for (size_t i = 0; i < account->helpers.count; i++) {
        enum err err = certificate_chain_verify(&account->helpers, i, &account->roots, now);
        if (err != ERR_OK) {
            return err;
        }
    }
    return ERR_OK;
}

static enum err
prepare_certificates(const struct adapter_material *material, struct wall_time now,
                     struct arena *arena, struct adapter_account *account)
{
    if (span_empty(material->root_certificates)) {
        return ERR_CONFIG_MISSING;
    }
    TRY(prepare_serial(material, arena, account));
    TRY(certificate_chain_load(material->root_certificates, &account->roots));
    if (!span_empty(material->middle_certificates)) {
        TRY(certificate_chain_load(material->middle_certificates, &account->helpers));
    }
    return check_helpers(account, now);
}

enum err
unionpay_account_prepare(const struct adapter_material *material, struct wall_time now,
                         struct arena *arena, struct adapter_account *account)
{
    static const struct {
        const char *word;
        enum crypto_scheme scheme;
    } schemes[] = {
        { "certificate", CRYPTO_RSA_SHA256 },
        { "shared-sha256", CRYPTO_KEYED_SHA256 },
        { "shared-sm3", CRYPTO_KEYED_SM3 },
    };
    struct span word = span_of(account->key_scheme);
    account->scheme = CRYPTO_SCHEME_NONE;
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (span_eq_cstr(word, schemes[i].word)) {
            account->scheme = schemes[i].scheme;
        }
    }
    TRY(check_merchant(account));
    if (account->scheme == CRYPTO_SCHEME_NONE) {
        return ERR_CONFIG_VALUE;
    }
    if (account->scheme == CRYPTO_RSA_SHA256) {
        return prepare_certificates(material, now, arena, account);
    }
    account->application_serial = "";
    return ERR_OK;
}

/* The whole part counts: merchants of the same authority carry their number in its place. */
static bool
belongs_to(const struct crypto_certificate *certificate, const char *owner)
{
    DEFER(buf_fini) struct buf name = BUF_MAX(NAME_MAX);
    if (crypto_certificate_common_name(certificate, &name) != ERR_OK) {
        return false;
    }
    struct span rest = buf_span(&name);
    struct span part = { .at = NULL, .len = 0 };
    for (int i = 0; i <= OWNER_PART; i++) {
        bool more = span_cut(&rest, '@', &part);
        if (!more && i < OWNER_PART) {
            return false;
        }
    }
    return span_eq_cstr(part, owner);
}

enum err
unionpay_signer_accept(const struct adapter_account *account,
                       const struct crypto_certificate *certificate)
{
    bool configured = !span_empty(span_of(account->signer_owner));
    return belongs_to(certificate, configured ? account->signer_owner : UNIONPAY_OWNER)
               ? ERR_OK
               : ERR_CERT_UNTRUSTED;
}

static enum err
take_key(const struct crypto_certificate *certificate, struct arena *arena, struct adapter_key *out)
{
    DEFER(buf_fini) struct buf serial = BUF_MAX(SERIAL_MAX);
    struct adapter_key key = { .not_before = crypto_certificate_not_before(certificate),
                               .not_after = crypto_certificate_not_after(certificate) };
    TRY(crypto_certificate_serial_decimal(certificate, &serial));
    TRY(arena_copy(arena, buf_span(&serial), &key.serial));
    TRY(crypto_certificate_public_key(certificate, &key.key));
    *out = key;
    return ERR_OK;
}

/* "encryptPubKeyCert": its owner part is another than that of signers, in test and in production. */
enum err
unionpay_key_accept(const struct adapter_account *account, struct span pem, struct wall_time now,
                    struct arena *arena, struct adapter_key *out)
{
    DEFER(certificate_chain_fini) struct certificate_chain leaf = { .count = 0 };
    TRY(certificate_chain_load(pem, &leaf));
    if (leaf.count != 1 || account->roots.count == 0) {
        return ERR_CERT_UNTRUSTED;
    }
    struct certificate_chain chain = { .list = { leaf.list[0] }, .count = 1 }; /* borrowed */
    for (size_t i = 0; i < account->helpers.count && chain.count < CERTIFICATE_CHAIN_MAX; i++) {
        chain.list[chain.count++] = account->helpers.list[i];
    }
    TRY(certificate_chain_verify(&chain, 0, &account->roots, now));
    if (!belongs_to(leaf.list[0], UNIONPAY_ENC_OWNER)
        && !belongs_to(leaf.list[0], UNIONPAY_OWNER)) {
        return ERR_CERT_UNTRUSTED;
    }
    return take_key(leaf.list[0], arena, out);
}
