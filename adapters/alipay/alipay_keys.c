/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"
#include "certificate_chain.h"
#include "json.h"

#define CHAIN_MAX ((size_t)64 * 1024)

/* alipay.open.app.alipaycert.download, answer: base64 of a PEM chain, its leaf first. */
static enum err
read_chain(const struct json_t *root, struct arena *arena, struct span *out)
{
    struct span code;
    struct span content;
    DEFER(buf_fini) struct buf pem = BUF_MAX(CHAIN_MAX);
    if (json_get_string(root, "code", &code) != ERR_OK || !span_eq_cstr(code, "10000")
        || json_get_string(root, "alipay_cert_content", &content) != ERR_OK
        || crypto_base64_decode(content, &pem) != ERR_OK || pem.len == 0) {
        return ERR_PROVIDER_PROTOCOL;
    }
    return arena_copy(arena, buf_span(&pem), out);
}

enum err
alipay_keys_read(struct span payload, const struct adapter_opened *opened, struct arena *arena,
                 struct adapter_key_offer *out)
{
    (void)opened;
    struct span text;
    DEFER(json_free) struct json_t *root = NULL;
    if (alipay_utf8(payload, arena, &text) != ERR_OK || json_parse_lenient(text, &root) != ERR_OK
        || !json_node_is_object(root)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    struct adapter_key_offer offer = { .count = 1 };
    TRY(read_chain(root, arena, &offer.pem[0]));
    *out = offer;
    return ERR_OK;
}

/* The authority that certifies Alipay certifies every application too: whose certificate it is, says
 * the common name, which stays while certificates come and go. */
static enum err
check_owner(const struct adapter_account *account, const struct crypto_certificate *certificate)
{
    DEFER(buf_fini) struct buf owner = BUF_MAX(ALIPAY_OWNER_MAX);
    TRY(crypto_certificate_common_name(certificate, &owner));
    return span_eq_cstr(buf_span(&owner), account->signer_owner) ? ERR_OK : ERR_CERT_UNTRUSTED;
}

/* Only the configured bundle is a root; one that comes along is no more than a helper. */
enum err
alipay_key_accept(const struct adapter_account *account, struct span pem, struct wall_time now,
                  struct arena *arena, struct adapter_key *out)
{
    DEFER(certificate_chain_fini) struct certificate_chain chain = { .count = 0 };
    if (account->roots.count == 0) {
        return ERR_CERT_UNTRUSTED; /* the public-key scheme knows no certificates */
    }
    TRY(certificate_chain_load(pem, &chain));
    TRY(certificate_chain_verify(&chain, 0, &account->roots, now));
    TRY(check_owner(account, chain.list[0]));
    return alipay_certificate_key(chain.list[0], arena, out);
}
