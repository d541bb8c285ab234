/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay_sign.h"

#include <string.h>

#include <openssl/evp.h>

#define DIGEST_BYTES  32
#define SIGNATURE_MAX 1024

static enum err
hex_digest(const char *name, struct span data, struct buf *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t len = 0;
    if (EVP_Q_digest(NULL, name, NULL, data.at, data.len, digest, &len) != 1
        || len != DIGEST_BYTES) {
        return ERR_CRYPTO;
    }
    return crypto_hex_encode(span_make(digest, len), out);
}

/* 2.2: what the RSA step signs is the 64 letters of the digest, not its bytes. */
static enum err
rsa_input(const struct unionpay_fields *fields, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(2 * UNIONPAY_VALUE_MAX);
    TRY(unionpay_form_signed_text(fields, &text));
    return hex_digest("SHA256", buf_span(&text), out);
}

enum err
unionpay_sign_rsa(const struct crypto_private_key *key, const struct unionpay_fields *fields,
                  struct buf *out)
{
    DEFER(buf_fini) struct buf input = BUF_MAX(2 * DIGEST_BYTES);
    DEFER(buf_fini) struct buf raw = BUF_MAX(SIGNATURE_MAX);
    TRY(rsa_input(fields, &input));
    TRY(crypto_sign(key, CRYPTO_RSA_SHA256, buf_span(&input), &raw));
    return crypto_base64_encode(buf_span(&raw), out);
}

static enum err
given_signature(const struct unionpay_fields *fields, struct span *out)
{
    const char *signature = unionpay_form_get(fields, "signature");
    if (signature == NULL) {
        return ERR_SIGNATURE;
    }
    *out = span_of(signature);
    return ERR_OK;
}

enum err
unionpay_sign_rsa_check(const struct crypto_public_key *key, const struct unionpay_fields *fields)
{
    DEFER(buf_fini) struct buf input = BUF_MAX(2 * DIGEST_BYTES);
    DEFER(buf_fini) struct buf raw = BUF_MAX(SIGNATURE_MAX);
    struct span given;
    TRY(given_signature(fields, &given));
    TRY(crypto_base64_decode(given, &raw));
    TRY(rsa_input(fields, &input));
    return crypto_verify(key, CRYPTO_RSA_SHA256, buf_span(&input), buf_span(&raw));
}

enum err
unionpay_sign_shared(const char *method, struct span key, const struct unionpay_fields *fields,
                     struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(2 * UNIONPAY_VALUE_MAX);
    const char *digest = strcmp(method, "12") == 0 ? "SM3" : "SHA256";
    TRY(unionpay_form_signed_text(fields, &text));
    TRY(buf_byte(&text, '&'));
    TRY(hex_digest(digest, key, &text));
    return hex_digest(digest, buf_span(&text), out);
}

enum err
unionpay_sign_shared_check(const char *method, struct span key,
                           const struct unionpay_fields *fields)
{
    DEFER(buf_fini) struct buf want = BUF_MAX(2 * DIGEST_BYTES);
    struct span given;
    TRY(given_signature(fields, &given));
    TRY(unionpay_sign_shared(method, key, fields, &want));
    return secret_eq_bytes(given, buf_span(&want)) ? ERR_OK : ERR_SIGNATURE;
}

enum err
unionpay_sign_pem(struct span pem, struct buf *out)
{
    struct span left = span_trim(pem, "\r\n ");
    bool more = !span_empty(left);
    while (more) {
        struct span line;
        more = span_cut(&left, '\n', &line);
        TRY(buf_append(out, span_trim(line, "\r")));
        TRY(buf_text(out, more ? "\r\n" : ""));
    }
    return ERR_OK;
}
