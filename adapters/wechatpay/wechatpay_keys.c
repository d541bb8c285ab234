/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"
#include "wechatpay.h"

static enum err
serial_of(const struct crypto_certificate *certificate, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf serial = BUF_MAX(WECHATPAY_SERIAL_MAX);
    TRY(crypto_certificate_serial_hex(certificate, &serial));
    return wechatpay_serial(buf_span(&serial), arena, out);
}

/* The name beside a sealed certificate is not sealed: it must be that of what was inside. */
static bool
is_named(struct span pem, const struct json_t *entry, struct arena *arena)
{
    DEFER(certificate_chain_fini) struct certificate_chain chain = { .count = 0 };
    struct span printed;
    struct span said;
    struct span real;
    return json_get_string(entry, "serial_no", &printed) == ERR_OK
           && certificate_chain_load(pem, &chain) == ERR_OK
           && serial_of(chain.list[0], arena, &real) == ERR_OK
           && wechatpay_serial(printed, arena, &said) == ERR_OK && span_eq(said, real);
}

/* GET /v3/certificates (2.5). */
enum err
wechatpay_keys_read(struct span payload, const struct adapter_opened *opened, struct arena *arena,
                    struct adapter_key_offer *out)
{
    struct wechatpay_payload cut;
    DEFER(json_free) struct json_t *root = NULL;
    if (wechatpay_payload_cut(payload, &cut) != ERR_OK || cut.status != 200
        || json_parse_lenient(cut.body, &root) != ERR_OK || !json_node_is_object(root)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    struct json_t *data = json_member(root, "data");
    size_t count = json_count(data);
    if (!json_node_is_array(data) || count == 0 || count != opened->count
        || count > ADAPTER_KEYS_MAX) {
        return ERR_PROVIDER_PROTOCOL;
    }
    struct adapter_key_offer offer = { .count = count };
    for (size_t i = 0; i < count; i++) {
        if (!is_named(opened->list[i], json_element(data, i), arena)) {
            return ERR_PROVIDER_PROTOCOL;
        }
        offer.pem[i] = opened->list[i];
    }
    *out = offer;
    return ERR_OK;
}

/* It came sealed with our own secret, which is what makes it the provider's; with configured roots it
 * must lead to them as well. One that is not valid yet is taken: it is there to be held beside the
 * present one, and counts from its first day on. */
enum err
wechatpay_key_accept(const struct adapter_account *account, struct span pem, struct wall_time now,
                     struct arena *arena, struct adapter_key *out)
{
    DEFER(certificate_chain_fini) struct certificate_chain chain = { .count = 0 };
    TRY(certificate_chain_load(pem, &chain));
    const struct crypto_certificate *leaf = chain.list[0];
    struct adapter_key key = { .not_before = crypto_certificate_not_before(leaf),
                               .not_after = crypto_certificate_not_after(leaf) };
    if (key.not_after.us < now.us) {
        return ERR_CERT_EXPIRED;
    }
    if (account->roots.count > 0) {
        TRY(certificate_chain_verify(&chain, 0, &account->roots,
                                     key.not_before.us > now.us ? key.not_before : now));
    }
    TRY(serial_of(leaf, arena, &key.serial));
    TRY(crypto_certificate_public_key(leaf, &key.key));
    if (!crypto_public_key_fits(key.key, account->scheme)) {
        crypto_public_key_free(&key.key);
        return ERR_CERT_UNTRUSTED;
    }
    *out = key;
    return ERR_OK;
}
