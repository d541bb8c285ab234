/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay.h"

static const struct {
    const char *name;
    enum crypto_scheme scheme;
} schemes[] = {
    { "platform-certificate", CRYPTO_RSA_SHA256 },
    { "public-key", CRYPTO_RSA_SHA256 },
    { "sm", CRYPTO_SM2_SM3 },
};

static bool
is_hex(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return text.len > 0;
}

static enum err
upper(struct span text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        TRY(buf_byte(out, c >= 'a' && c <= 'f' ? (unsigned char)(c - 'a' + 'A') : c));
    }
    return ERR_OK;
}

/* 2.2, key lookup. */
enum err
wechatpay_serial(struct span printed, struct arena *arena, struct span *out)
{
    if (span_starts(printed, SPAN_LIT(WECHATPAY_PUBLIC_KEY)) || !is_hex(printed)) {
        return arena_copy(arena, printed, out);
    }
    while (printed.len > 1 && printed.at[0] == '0') {
        printed = span_sub(printed, 1, printed.len);
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(printed.len);
    TRY(upper(printed, &text));
    return arena_copy(arena, buf_span(&text), out);
}

/* Paths are signed as they go over the wire, so the address may not bring one of its own. */
static bool
is_origin(const char *url)
{
    struct span rest = span_of(url);
    size_t at = span_find(rest, SPAN_LIT("://"));
    rest = span_sub(rest, at + 3, rest.len);
    size_t slash = span_index(rest, '/');
    return rest.len > 0 && slash + 1 >= rest.len;
}

static enum err
certificate_serial(const struct crypto_certificate *certificate, struct arena *arena,
                   const char **out)
{
    DEFER(buf_fini) struct buf serial = BUF_MAX(WECHATPAY_SERIAL_MAX);
    TRY(crypto_certificate_serial_hex(certificate, &serial));
    return arena_cstr(arena, buf_span(&serial), out);
}

/* Serial and private key belong together (1.3): one that contradicts the certificate is a mistake. */
static enum err
prepare_application(const struct adapter_material *material, struct arena *arena,
                    struct adapter_account *account)
{
    struct span set = span_of(account->application_serial);
    if (!span_empty(set) && !is_hex(set)) {
        return ERR_CONFIG_VALUE;
    }
    if (span_empty(material->application_certificate)) {
        DEFER(buf_fini) struct buf text = BUF_MAX(WECHATPAY_SERIAL_MAX);
        TRY(upper(set, &text));
        TRY(arena_cstr(arena, buf_span(&text), &account->application_serial));
        return span_empty(set) ? ERR_CONFIG_MISSING : ERR_OK;
    }
    DEFER(certificate_chain_fini) struct certificate_chain own = { .count = 0 };
    TRY(certificate_chain_load(material->application_certificate, &own));
    TRY(certificate_serial(own.list[0], arena, &account->application_serial));
    struct span ours;
    struct span theirs;
    TRY(wechatpay_serial(set, arena, &ours));
    TRY(wechatpay_serial(span_of(account->application_serial), arena, &theirs));
    return span_empty(set) || span_eq(ours, theirs) ? ERR_OK : ERR_CONFIG_VALUE;
}

static enum err
prepare_public_key(const struct adapter_material *material, struct arena *arena,
                   struct adapter_account *account)
{
    struct span id = material->provider_public_key_id;
    struct span start = SPAN_LIT(WECHATPAY_PUBLIC_KEY);
    if (span_empty(material->provider_public_key) || span_empty(id)) {
        return ERR_CONFIG_MISSING;
    }
    if (!span_starts(id, start) || !span_is_digits(span_sub(id, start.len, id.len))) {
        return ERR_CONFIG_VALUE;
    }
    struct adapter_key *key = &account->keys[account->key_count];
    TRY(arena_copy(arena, id, &key->serial));
    TRY(crypto_public_key_new(material->provider_public_key, &key->key));
    account->key_count++;
    return crypto_public_key_fits(key->key, account->scheme) ? ERR_OK : ERR_KEY_PARSE;
}

static enum err
take_certificate(const struct crypto_certificate *certificate, struct arena *arena,
                 struct adapter_account *account)
{
    struct adapter_key *key = &account->keys[account->key_count];
    if (account->key_count == ADAPTER_KEYS_MAX) {
        return ERR_CERT_PARSE;
    }
    const char *serial = NULL;
    TRY(certificate_serial(certificate, arena, &serial));
    TRY(wechatpay_serial(span_of(serial), arena, &key->serial));
    key->not_before = crypto_certificate_not_before(certificate);
    key->not_after = crypto_certificate_not_after(certificate);
    TRY(crypto_certificate_public_key(certificate, &key->key));
    account->key_count++;
    return crypto_public_key_fits(key->key, account->scheme) ? ERR_OK : ERR_CERT_PARSE;
}

/* The file may hold several leaves during a change. One that has ended is left out and stops nothing:
 * the present ones come by download. */
static enum err
prepare_certificates(const struct adapter_material *material, struct wall_time now,
                     struct arena *arena, struct adapter_account *account)
{
    DEFER(certificate_chain_fini) struct certificate_chain provider = { .count = 0 };
    TRY(certificate_chain_load(material->provider_certificate, &provider));
    for (size_t i = 0; i < provider.count; i++) {
        if (!certificate_chain_is_leaf(&provider, i)
            || crypto_certificate_not_after(provider.list[i]).us < now.us) {
            continue;
        }
        if (account->roots.count > 0) {
            TRY(certificate_chain_verify(&provider, i, &account->roots, now));
        }
        TRY(take_certificate(provider.list[i], arena, account));
    }
    return ERR_OK;
}

static enum err
prepare_scheme(const struct adapter_material *material, struct adapter_account *account)
{
    account->scheme = CRYPTO_SCHEME_NONE;
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (span_eq_cstr(span_of(account->key_scheme), schemes[i].name)) {
            account->scheme = schemes[i].scheme;
        }
    }
    bool roots = !span_empty(material->root_certificates);
    if (account->scheme == CRYPTO_SCHEME_NONE || !is_origin(account->gateway_url)
        || (roots && account->scheme == CRYPTO_SM2_SM3)
        || !span_is_digits(span_of(account->merchant))) {
        return ERR_CONFIG_VALUE;
    }
    return roots ? certificate_chain_load(material->root_certificates, &account->roots) : ERR_OK;
}

static enum err
prefer(struct wall_time now, struct arena *arena, struct adapter_account *account)
{
    return arena_cstr(arena, wechatpay_wanted_serial(account, now), &account->preferred_serial);
}

enum err
wechatpay_account_prepare(const struct adapter_material *material, struct wall_time now,
                          struct arena *arena, struct adapter_account *account)
{
    account->serial_required = true;
    account->root_serial = "";
    account->preferred_serial = "";
    TRY(prepare_scheme(material, account));
    TRY(prepare_application(material, arena, account));
    bool by_public_key = span_eq_cstr(span_of(account->key_scheme), "public-key");
    if (by_public_key || !span_empty(material->provider_public_key)) {
        TRY(prepare_public_key(material, arena, account));
    }
    if (!span_empty(material->provider_certificate)) {
        TRY(prepare_certificates(material, now, arena, account));
    }
    return prefer(now, arena, account);
}

/* 1.4: in public-key mode it selects the key that signs the answer. 2.5: of several certificates the
 * one that ends last. */
struct span
wechatpay_wanted_serial(const struct adapter_account *account, struct wall_time now)
{
    bool by_public_key = span_eq_cstr(span_of(account->key_scheme), "public-key");
    struct span wanted = span_of(account->preferred_serial);
    int64_t last = 0;
    for (size_t i = 0; i < account->key_count; i++) {
        const struct adapter_key *key = &account->keys[i];
        if (key->not_after.us == 0) {
            if (by_public_key) {
                return key->serial;
            }
            continue;
        }
        bool valid = key->not_before.us <= now.us && now.us <= key->not_after.us;
        if (!by_public_key && valid && key->not_after.us > last) {
            last = key->not_after.us;
            wanted = key->serial;
        }
    }
    return wanted;
}
