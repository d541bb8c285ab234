/* SPDX-License-Identifier: Apache-2.0 */
/* Every published Alipay vector: certificate, encrypted text and SM2 signature. */
#include "alipay_vectors.h"

#include "alipay.h"

#define CHAIN_MAX 8

typedef enum err (*certificate_text)(const struct crypto_certificate *, struct buf *);

static void
expect_text(const struct crypto_certificate *certificate, certificate_text read,
            struct json_t *vector, const char *name)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(VECTORS_TEXT_MAX);
    struct span want = vectors_text(vector, name);
    cr_assert_not(span_empty(want));
    CHECK_OK(read(certificate, &text));
    cr_expect(span_eq(buf_span(&text), want), "%s: got %.*s, want %.*s", name,
              SPAN_ARG(buf_span(&text)), SPAN_ARG(want));
}

/* The SM2 root's serial is no part of ours, since our requests are signed with RSA: it is that of
 * the member whose signature is SM2 with SM3, and stands nowhere in the other. */
static void
check_sm2_root(struct json_t *vector, struct crypto_certificate **chain, size_t count)
{
    struct json_t *certs = json_member(vector, "certs");
    struct span want = vectors_text(vector, "expected_root_sn_sm2");
    size_t members = 0;
    for (size_t i = 0; i < count; i++) {
        DEFER(buf_fini) struct buf oid = BUF_MAX(64);
        CHECK_OK(crypto_certificate_signature_oid(chain[i], &oid));
        if (span_eq_cstr(buf_span(&oid), "1.2.156.10197.1.501")) {
            expect_text(chain[i], alipay_serial, vector, "expected_root_sn_sm2");
            cr_expect(span_eq(vectors_text(json_element(certs, i), "sn"), want));
            members++;
        }
    }
    cr_expect_eq(members, span_empty(want) ? 0 : 1);
    struct span rsa = vectors_text(vector, "expected_root_sn_rsa");
    cr_expect(span_empty(want) || span_find(rsa, want) == rsa.len);
}

static void
check_serials(struct json_t *vector, struct crypto_certificate **chain, size_t count)
{
    struct json_t *certs = json_member(vector, "certs");
    cr_assert_eq(json_count(certs), count);
    for (size_t i = 0; i < count; i++) {
        struct json_t *want = json_element(certs, i);
        cr_assert_eq(vectors_text(want, "sn").len, ALIPAY_SERIAL_CHARS);
        expect_text(chain[i], alipay_serial, want, "sn");
        expect_text(chain[i], crypto_certificate_issuer, want, "issuer_dn");
        expect_text(chain[i], crypto_certificate_serial_decimal, want, "serial_decimal");
        expect_text(chain[i], crypto_certificate_signature_oid, want, "sigalg_oid");
    }
    /* One of the two is given for all but root bundles: of a chain the leaf counts. */
    struct span leaf_sn = vectors_text(vector, "expected_sn");
    if (span_empty(leaf_sn)) {
        leaf_sn = vectors_text(vector, "sn_with_plain_openssl_rfc2253");
    }
    struct span root_sn = vectors_text(vector, "expected_root_sn_rsa");
    cr_assert_neq(span_empty(leaf_sn), span_empty(root_sn));
    if (!span_empty(leaf_sn)) {
        DEFER(buf_fini) struct buf sn = BUF_MAX(64);
        cr_assert_eq(alipay_serial(chain[0], &sn), ERR_OK);
        cr_expect(span_eq(buf_span(&sn), leaf_sn));
    }
    if (!span_empty(root_sn)) {
        DEFER(buf_fini) struct buf sn = BUF_MAX(512);
        cr_assert_eq(alipay_root_serial(chain, count, &sn), ERR_OK);
        cr_expect(span_eq(buf_span(&sn), root_sn));
    }
}

Test(alipay_vectors, certificate_serials_are_the_published_ones)
{
    struct arena *arena = new_arena();
    EACH("alipay/cert_sn.json", 24, root, vector)
    {
        DEFER(buf_fini) struct buf pem = BUF_MAX(0);
        struct crypto_certificate *chain[CHAIN_MAX] = { NULL };
        size_t count = 0;
        vectors_read(path_of(arena, vectors_text(vector, "file")), &pem);
        cr_assert_eq(crypto_certificates_new(buf_span(&pem), CHAIN_MAX, chain, &count), ERR_OK);
        check_serials(vector, chain, count);
        check_sm2_root(vector, chain, count);
        for (size_t i = 0; i < count; i++) {
            crypto_certificate_free(&chain[i]);
        }
    }
    json_free(&root);
    arena_free(&arena);
}

Test(alipay_vectors, aes_agrees_both_ways)
{
    EACH("alipay/aes.json", 4, root, vector)
    {
        DEFER(buf_fini) struct buf key_bytes = BUF_MAX(0);
        DEFER(buf_fini) struct buf plain = BUF_MAX(65536);
        DEFER(buf_fini) struct buf text = BUF_MAX(65536);
        DEFER(secret_free) struct secret *key = NULL;
        vectors_bytes(vector, "aes_key_b64", &key_bytes);
        cr_assert_eq(secret_new(buf_span(&key_bytes), &key), ERR_OK);
        cr_assert_eq(alipay_decrypt(key, vectors_text(vector, "ciphertext_b64"), &plain), ERR_OK);
        cr_expect(span_eq(buf_span(&plain), vectors_text(vector, "plaintext")));
        cr_assert_eq(alipay_encrypt(key, buf_span(&plain), &text), ERR_OK);
        cr_expect(span_eq(buf_span(&text), vectors_text(vector, "ciphertext_b64")));
        struct span whole = vectors_text(vector, "ciphertext_b64");
        for (size_t len = 0; len < whole.len; len++) {
            DEFER(buf_fini) struct buf part = BUF_MAX(65536);
            bool same = alipay_decrypt(key, span_sub(whole, 0, len), &part) == ERR_OK
                        && span_eq(buf_span(&part), buf_span(&plain));
            cr_expect_not(same, "%zu characters of %zu", len, whole.len);
        }
    }
    json_free(&root);
}

/* The mode has no seal of its own (the signature is checked first), so a changed text may open, but
 * never as what it was; and what is no base64 does not open. */
Test(alipay_vectors, an_altered_encrypted_text_does_not_open_as_it_was)
{
    EACH("alipay/aes.json", 4, root, vector)
    {
        DEFER(buf_fini) struct buf key_bytes = BUF_MAX(0);
        DEFER(buf_fini) struct buf text = BUF_MAX(VECTORS_TEXT_MAX);
        DEFER(secret_free) struct secret *key = NULL;
        vectors_bytes(vector, "aes_key_b64", &key_bytes);
        CHECK_OK(secret_new(buf_span(&key_bytes), &key));
        CHECK_OK(buf_append(&text, vectors_text(vector, "ciphertext_b64")));
        for (size_t i = 0; i < text.len; i++) {
            DEFER(buf_fini) struct buf changed = BUF_MAX(VECTORS_TEXT_MAX);
            unsigned char kept = text.at[i];
            text.at[i] ^= VECTORS_FLIP;
            bool opens = alipay_decrypt(key, buf_span(&text), &changed) == ERR_OK;
            bool same = opens && span_eq(buf_span(&changed), vectors_text(vector, "plaintext"));
            text.at[i] = '*';
            bool strange = alipay_decrypt(key, buf_span(&text), &changed) == ERR_OK;
            text.at[i] = kept;
            if (same || strange) {
                cr_expect(false, "character %zu of %zu", i, text.len);
            }
        }
    }
    json_free(&root);
}

Test(alipay_vectors, sm2_signatures_verify_and_altered_ones_do_not)
{
    struct arena *arena = new_arena();
    EACH("alipay/sm2.json", 2, root, vector)
    {
        DEFER(buf_fini) struct buf sign = BUF_MAX(0);
        DEFER(crypto_public_key_free)
        struct crypto_public_key *key =
            vectors_public_key(path_of(arena, vectors_text(vector, "public_key")));
        vectors_bytes(vector, "sign", &sign);
        struct span content = vectors_text(vector, "content");
        cr_expect_eq(crypto_verify(key, CRYPTO_SM2_SM3, content, buf_span(&sign)), ERR_OK);
        for (size_t i = 0; i < sign.len; i++) {
            struct span cut = span_sub(buf_span(&sign), 0, i);
            cr_expect_eq(crypto_verify(key, CRYPTO_SM2_SM3, content, cut), ERR_SIGNATURE);
            sign.at[i] ^= 0x04;
            cr_expect_eq(crypto_verify(key, CRYPTO_SM2_SM3, content, buf_span(&sign)),
                         ERR_SIGNATURE, "byte %zu of the signature", i);
            sign.at[i] ^= 0x04;
        }
        struct span copy;
        cr_assert_eq(arena_copy(arena, content, &copy), ERR_OK);
        unsigned char *at = (unsigned char *)(uintptr_t)copy.at;
        for (size_t i = 0; i < copy.len; i++) {
            at[i] ^= 0x04;
            cr_expect_eq(crypto_verify(key, CRYPTO_SM2_SM3, copy, buf_span(&sign)), ERR_SIGNATURE,
                         "byte %zu of the text", i);
            at[i] ^= 0x04;
        }
    }
    json_free(&root);
    arena_free(&arena);
}
