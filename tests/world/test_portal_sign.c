/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "portal_sign.h"

/* RFC 9421, appendix B.2.5 (hmac-sha256) and B.2.6 (ed25519) with the keys of B.1. */

#define SHARED_BASE64 \
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
#define ED25519_KEY                                                      \
    "-----BEGIN PRIVATE "                                                \
    "KEY-----\n"                                                         \
    "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n" \
    "-----END PRIVATE "                                                  \
    "KEY-----\n"

static void
expect(const struct portal_key *key, const struct portal_component *components, size_t count,
       const char *parameters, const char *input_want, const char *signature_want)
{
    DEFER(buf_fini) struct buf input = BUF_MAX(1024);
    DEFER(buf_fini) struct buf base = BUF_MAX(4096);
    DEFER(buf_fini) struct buf raw = BUF_MAX(1024);
    DEFER(buf_fini) struct buf text = BUF_MAX(1024);
    CHECK_OK(portal_signature_base(components, count, parameters, &input, &base));
    CHECK_TEXT(buf_span(&input), input_want);
    CHECK_OK(portal_key_sign(key, buf_span(&base), &raw));
    CHECK_OK(crypto_base64_encode(buf_span(&raw), &text));
    CHECK_TEXT(buf_span(&text), signature_want);
}

Test(portal_sign, hmac_agrees_with_the_rfc)
{
    DEFER(portal_key_fini) struct portal_key key = { NULL, NULL };
    DEFER(buf_fini) struct buf shared = BUF_MAX(256);
    static const struct portal_component components[] = {
        { "date", SPAN("Tue, 20 Apr 2021 02:07:55 GMT") },
        { "@authority", SPAN("example.com") },
        { "content-type", SPAN("application/json") },
    };
    CHECK_OK(crypto_base64_decode(SPAN_LIT(SHARED_BASE64), &shared));
    CHECK_OK(secret_new(buf_span(&shared), &key.shared));
    expect(&key, components, 3, ";created=1618884473;keyid=\"test-shared-secret\"",
           "(\"date\" \"@authority\" \"content-type\");created=1618884473;"
           "keyid=\"test-shared-secret\"",
           "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
}

Test(portal_sign, ed25519_agrees_with_the_rfc)
{
    DEFER(portal_key_fini) struct portal_key key = { NULL, NULL };
    static const struct portal_component components[] = {
        { "date", SPAN("Tue, 20 Apr 2021 02:07:55 GMT") },
        { "@method", SPAN("POST") },
        { "@path", SPAN("/foo") },
        { "@authority", SPAN("example.com") },
        { "content-type", SPAN("application/json") },
        { "content-length", SPAN("18") },
    };
    CHECK_OK(secret_new(SPAN_LIT(ED25519_KEY), &key.shared));
    CHECK_OK(crypto_private_key_new(key.shared, &key.ed25519));
    expect(
        &key, components, 6, ";created=1618884473;keyid=\"test-key-ed25519\"",
        "(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\")"
        ";created=1618884473;keyid=\"test-key-ed25519\"",
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==");
}

Test(portal_sign, the_digest_of_an_empty_body_is_that_of_no_bytes)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(256);
    CHECK_OK(portal_digest(SPAN_LIT(""), &text));
    /* printf '' | openssl dgst -sha256 -binary | base64 */
    CHECK_TEXT(buf_span(&text), "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
}
