/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_CRYPTO_H
#define TALLYGATE_BASE_CRYPTO_H

/* The only door to libcrypto outside certs/ and tls.c. Keys and certificates are parsed once and kept
 * decoded. Signing functions return raw bytes; text forms are made by the encoders below. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "clock.h"
#include "err.h"
#include "secret.h"
#include "span.h"

#define SHA256_BYTES 32
#define SHA512_BYTES 64
#define SHA1_BYTES   20
#define MD5_BYTES    16
#define SM3_BYTES    32

/* Digests into caller's storage. Errors: CRYPTO. */
MUST_USE enum err crypto_sha256(struct span data, unsigned char out[SHA256_BYTES]);
MUST_USE enum err crypto_sha512(struct span data, unsigned char out[SHA512_BYTES]);
MUST_USE enum err crypto_sha1(struct span data, unsigned char out[SHA1_BYTES]);
MUST_USE enum err crypto_md5(struct span data, unsigned char out[MD5_BYTES]);
MUST_USE enum err crypto_sm3(struct span data, unsigned char out[SM3_BYTES]);
MUST_USE enum err crypto_hmac_sha256(const struct secret *key, struct span data,
                                     unsigned char out[SHA256_BYTES]);

/* A running digest for what comes in pieces. Closing frees it in any case and writes SHA256_BYTES or SHA1_BYTES. Errors: CRYPTO, NO_MEMORY. */
struct crypto_stream;
MUST_USE enum err crypto_sha256_open(struct crypto_stream **out);
MUST_USE enum err crypto_sha1_open(struct crypto_stream **out);
MUST_USE enum err crypto_stream_update(struct crypto_stream *s, struct span data);
MUST_USE enum err crypto_stream_close(struct crypto_stream **s, unsigned char *out);
/* Writes the digest and begins the next, for many short ones; without closing it is freed by crypto_stream_free. */
MUST_USE enum err crypto_stream_next(struct crypto_stream *s, unsigned char *out);
void crypto_stream_free(struct crypto_stream **s);

/* Cryptographically strong bytes. Errors: CRYPTO. */
MUST_USE enum err crypto_random(unsigned char *out, size_t len);

/* Strict standard base64 with padding and no line breaks (RFC 4648 4); hex is lower case. Decoding
 * refuses every other character: BASE64, HEX. */
MUST_USE enum err crypto_base64_encode(struct span data, struct buf *out);
MUST_USE enum err crypto_base64_decode(struct span text, struct buf *out);
MUST_USE enum err crypto_base64url_encode(struct span data, struct buf *out); /* no padding */
MUST_USE enum err crypto_hex_encode(struct span data, struct buf *out);
MUST_USE enum err crypto_hex_decode(struct span text, struct buf *out);

/* Keys. A private key is made only from a secret and never printed. */
struct crypto_private_key;
struct crypto_public_key;

/* Keeps the numbers of private keys read from now on in memory that is locked where the limit allows
 * and never dumped; wiped when freed. Once a process, for the one that holds keys. Errors: CRYPTO. */
MUST_USE enum err crypto_lock_keys(void);

/* PEM (PKCS#1, PKCS#8, SEC1) or bare base64 of PKCS#1/PKCS#8 DER, as merchants pass them around.
 * Errors: KEY_PARSE. */
MUST_USE enum err crypto_private_key_new(const struct secret *pem, struct crypto_private_key **out);
void crypto_private_key_free(struct crypto_private_key **key);

/* PEM SubjectPublicKeyInfo or PKCS#1, or bare base64 of SubjectPublicKeyInfo. Errors: KEY_PARSE. */
MUST_USE enum err crypto_public_key_new(struct span pem, struct crypto_public_key **out);
MUST_USE enum err crypto_public_key_of(const struct crypto_private_key *key,
                                       struct crypto_public_key **out);
void crypto_public_key_free(struct crypto_public_key **key);

/* A name for the key: hex of the first eight bytes of the SHA-256 of its SubjectPublicKeyInfo. Errors: CRYPTO,
 * BUF_FULL. */
MUST_USE enum err crypto_public_key_name(const struct crypto_public_key *key, struct buf *out);

/* Signature length in bytes (256 for RSA 2048, 64 for Ed25519). */
size_t crypto_public_key_signature_bytes(const struct crypto_public_key *key);

enum crypto_scheme {
    CRYPTO_SCHEME_NONE,
    CRYPTO_RSA_SHA256, /* RSASSA-PKCS1-v1_5 with SHA-256 */
    CRYPTO_RSA_SHA1,   /* verification of legacy material only; signing refuses */
    CRYPTO_ED25519,
    CRYPTO_SM2_SM3, /* user id 1234567812345678, DER */
    /* With a secret that both sides hold, over text + "&" + hex(H(secret)); the signature is lower-case
     * hex. crypto_keyed_sign only. */
    CRYPTO_KEYED_SHA256,
    CRYPTO_KEYED_SM3,
    CRYPTO_SCHEME_COUNT
};

/* Errors: CRYPTO when key and scheme do not fit, NO_MEMORY. */
MUST_USE enum err crypto_sign(const struct crypto_private_key *key, enum crypto_scheme scheme,
                              struct span data, struct buf *signature);

/* Errors: SIGNATURE when not genuine (or of the wrong length), CRYPTO, NO_MEMORY. */
MUST_USE enum err crypto_verify(const struct crypto_public_key *key, enum crypto_scheme scheme,
                                struct span data, struct span signature);

/* Whether keys of this type sign in that scheme. */
bool crypto_public_key_fits(const struct crypto_public_key *key, enum crypto_scheme scheme);

/* Errors: CRYPTO when the scheme is none with a shared secret. */
MUST_USE enum err crypto_keyed_sign(const struct secret *shared, enum crypto_scheme scheme,
                                    struct span data, struct buf *hex);

/* Authenticated encryption; the tag stands at the end of the sealed bytes. Nonces of 1 to 16 bytes.
 * Errors: CRYPTO when key and algorithm do not fit; open: SEALED when tag, key, nonce or associated
 * data are not those it was sealed with. */
enum crypto_aead {
    CRYPTO_AEAD_NONE,
    CRYPTO_AEAD_AES_256_GCM, /* key of 32 bytes */
    CRYPTO_AEAD_SM4_GCM,     /* key of 16 bytes */
    CRYPTO_AEAD_COUNT
};
#define CRYPTO_AEAD_TAG_BYTES 16
MUST_USE enum err crypto_aead_seal(enum crypto_aead aead, const struct secret *key,
                                   struct span nonce, struct span associated, struct span plain,
                                   struct buf *out);
MUST_USE enum err crypto_aead_open(enum crypto_aead aead, const struct secret *key,
                                   struct span nonce, struct span associated, struct span sealed,
                                   struct buf *out);

/* Single fields that only the holder of the private key may read, raw bytes: RSAES-OAEP with SHA-1 and
 * MGF1-SHA-1 and an empty label under an RSA key, the DER form (x, y, C3, C2) under an SM2 key. Errors:
 * CRYPTO, also for no bytes and for more than the key takes (214 under RSA 2048); decrypt: SEALED when
 * it was not made for this key in that way. */
MUST_USE enum err crypto_encrypt(const struct crypto_public_key *key, struct span plain,
                                 struct buf *out);
MUST_USE enum err crypto_decrypt(const struct crypto_private_key *key, struct span sealed,
                                 struct buf *out);

/* AES-CBC with PKCS#7 padding; key of 16, 24 or 32 bytes, iv of 16. Errors: CRYPTO. */
MUST_USE enum err crypto_aes_cbc_encrypt(const struct secret *key, struct span iv,
                                         struct span plain, struct buf *out);
MUST_USE enum err crypto_aes_cbc_decrypt(const struct secret *key, struct span iv,
                                         struct span cipher, struct buf *out);

/* RSA with PKCS#1 v1.5 padding, for sensitive fields of providers that ask for it. Errors: CRYPTO when
 * the key is not RSA or the input cannot be one. Decryption does not tell whether the padding was right:
 * what was not encrypted for the key gives bytes that look like any other plain text, the same for the
 * same input, so that nobody can learn from our answers. */
MUST_USE enum err crypto_rsa_encrypt(const struct crypto_public_key *key, struct span plain,
                                     struct buf *out);
MUST_USE enum err crypto_rsa_decrypt(const struct crypto_private_key *key, struct span sealed,
                                     struct buf *out);

/* Certificates. */
struct crypto_certificate;

/* A PKCS#12 file (.pfx, .p12): its private key and the certificate that belongs to that key, whatever
 * else is in it. Old files are encrypted with RC2: the first call loads what reads them, so it has to
 * come before a sandbox closes. Errors: KEY_PASSWORD, KEY_PARSE when it is no such file or holds no
 * key, CERT_PARSE when no certificate belongs to it, CRYPTO when it is encrypted in an unknown way. */
MUST_USE enum err crypto_pkcs12_open(const struct secret *file, const struct secret *password,
                                     struct crypto_private_key **key,
                                     struct crypto_certificate **certificate);

/* Every certificate of a PEM text, in file order; other blocks and text are stepped over. A text
 * with more than `max`, with none or with a damaged one is refused whole. Errors: CERT_PARSE. */
MUST_USE enum err crypto_certificates_new(struct span pem, size_t max,
                                          struct crypto_certificate **out, size_t *count);
void crypto_certificate_free(struct crypto_certificate **certificate);
MUST_USE enum err crypto_certificate_public_key(const struct crypto_certificate *certificate,
                                                struct crypto_public_key **out);

/* RFC 2253 issuer text, UTF-8 kept; serial as an unpadded decimal, or as whole bytes in upper-case hex,
 * as the openssl program prints it; OID of its own signature
 * algorithm in dotted form. */
MUST_USE enum err crypto_certificate_issuer(const struct crypto_certificate *certificate,
                                            struct buf *out);
/* The subject's common name in UTF-8, whatever its type. Errors: CERT_PARSE when there is not exactly
 * one, or a NUL in it. */
MUST_USE enum err crypto_certificate_common_name(const struct crypto_certificate *certificate,
                                                 struct buf *out);
MUST_USE enum err crypto_certificate_serial_decimal(const struct crypto_certificate *certificate,
                                                    struct buf *out);
MUST_USE enum err crypto_certificate_serial_hex(const struct crypto_certificate *certificate,
                                                struct buf *out);
MUST_USE enum err crypto_certificate_signature_oid(const struct crypto_certificate *certificate,
                                                   struct buf *out);
/* Whether it may issue others: basicConstraints, or an old root that has none (X509_check_ca). */
bool crypto_certificate_is_authority(const struct crypto_certificate *certificate);
struct wall_time crypto_certificate_not_before(const struct crypto_certificate *certificate);
struct wall_time crypto_certificate_not_after(const struct crypto_certificate *certificate);

/* chain[0] is the leaf; roots are trust anchors; `at` is the time of judgement (from the clock
 * module, so tests judge old vectors in their own time). SHA-1 signatures and any key usage count: the
 * providers' own authorities sign so, and these certificates sign messages, not TLS. Errors:
 * CERT_UNTRUSTED, CERT_EXPIRED. */
MUST_USE enum err crypto_chain_verify(struct crypto_certificate *const *chain, size_t chain_count,
                                      struct crypto_certificate *const *roots, size_t root_count,
                                      struct wall_time at);

#endif
