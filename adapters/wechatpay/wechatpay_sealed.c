/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"
#include "wechatpay.h"

#define CIPHER_MAX ((size_t)1024 * 1024) /* 5.1 */

static bool
is_known(struct span algorithm)
{
    return span_eq_cstr(algorithm, "AEAD_AES_256_GCM") || span_eq_cstr(algorithm, "AEAD_SM4_GCM");
}

/* 5.1, resource, and 2.5, encrypt_certificate: the same members. associated_data may be missing. */
static enum err
add_part(const struct json_t *object, struct arena *arena, struct adapter_sealed_list *out)
{
    struct adapter_sealed part = { .algorithm = { .len = 0 } };
    struct span ciphertext;
    if (!json_node_is_object(object) || out->count == ADAPTER_SEALED_MAX
        || wechatpay_text(object, "algorithm", arena, &part.algorithm) != ERR_OK
        || wechatpay_text(object, "nonce", arena, &part.nonce) != ERR_OK
        || wechatpay_text(object, "associated_data", arena, &part.associated) != ERR_OK
        || json_get_string(object, "ciphertext", &ciphertext) != ERR_OK) {
        return ERR_PROVIDER_PROTOCOL;
    }
    DEFER(buf_fini) struct buf bytes = BUF_MAX(CIPHER_MAX);
    if (!is_known(part.algorithm) || part.nonce.len != WECHATPAY_NONCE_BYTES) {
        return ERR_PROVIDER_PROTOCOL;
    }
    TRY(err_told_as(crypto_base64_decode(ciphertext, &bytes), ERR_PROVIDER_PROTOCOL));
    if (bytes.len < CRYPTO_AEAD_TAG_BYTES) {
        return ERR_PROVIDER_PROTOCOL;
    }
    TRY(arena_copy(arena, buf_span(&bytes), &part.ciphertext));
    out->list[out->count++] = part;
    return ERR_OK;
}

static enum err
add_certificates(const struct json_t *root, struct arena *arena, struct adapter_sealed_list *out)
{
    struct json_t *data = json_member(root, "data");
    if (!json_node_is_array(data)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    for (size_t i = 0; i < json_count(data); i++) {
        TRY(add_part(json_member(json_element(data, i), "encrypt_certificate"), arena, out));
    }
    return ERR_OK;
}

/* Which bytes of a payload are JSON with sealed parts; none in all other answers. */
static enum err
text_of(enum adapter_operation operation, struct span payload, struct span *out)
{
    *out = (struct span){ .at = NULL, .len = 0 };
    if (operation == ADAPTER_OPERATION_NONE) {
        *out = payload;
    } else if (operation == ADAPTER_KEYS) {
        struct wechatpay_payload cut;
        TRY(wechatpay_payload_cut(payload, &cut));
        *out = cut.status == 200 ? cut.body : *out;
    }
    return ERR_OK;
}

enum err
wechatpay_sealed_find(enum adapter_operation operation, struct span payload, struct arena *arena,
                      struct adapter_sealed_list *out)
{
    struct adapter_sealed_list found = { .count = 0 };
    struct span text;
    TRY(text_of(operation, payload, &text));
    if (operation == ADAPTER_OPERATION_NONE || !span_empty(text)) {
        DEFER(json_free) struct json_t *root = NULL;
        if (json_parse_lenient(text, &root) != ERR_OK || !json_node_is_object(root)) {
            return ERR_PROVIDER_PROTOCOL;
        }
        TRY(operation == ADAPTER_KEYS ? add_certificates(root, arena, &found)
                                      : add_part(json_member(root, "resource"), arena, &found));
    }
    *out = found;
    return ERR_OK;
}
