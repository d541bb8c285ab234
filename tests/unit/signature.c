/* SPDX-License-Identifier: Apache-2.0 */
#include "signature.h"

#include <criterion/criterion.h>

/* The request and the keys of RFC 9421 appendix B. */
#define RFC_BODY "{\"hello\": \"world\"}"
#define RFC_DIGEST                                                                          \
    "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwE" \
    "mTHWXvJwew==:"
#define RFC_SECRET \
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
#define RFC_PUBLIC_KEY                                               \
    "-----BEGIN PUBLIC KEY-----\n"                                   \
    "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n" \
    "-----END PUBLIC KEY-----\n"
#define RFC_CREATED_S 1618884473
#define US            INT64_C(1000000)

#define HMAC_INPUT                                                           \
    "sig-b25=(\"date\" \"@authority\" \"content-type\");created=1618884473;" \
    "keyid=\"test-shared-secret\""
#define HMAC_SIGNATURE "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:"
#define ED_INPUT                                                               \
    "sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" " \
    "\"content-length\");created=1618884473;keyid=\"test-key-ed25519\""
#define ED_SIGNATURE                                                                            \
    "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WP" \
    "pBKRCw==:"

/* What the portal sends; the signature is made here with a key of our own. */
#define OUR_COMPONENTS "(\"@method\" \"@target-uri\" \"content-digest\")"
#define OUR_PARAMETERS ";created=1618884473;nonce=\"n-1\";keyid=\"k-1\""

static struct http_header headers[8];
static struct http_request request;
static struct signature_key key;

static void
set_up(void)
{
    cr_assert_eq(arena_new(65536, &request.arena), ERR_OK);
    request.method = HTTP_POST;
    request.method_text = SPAN_LIT("POST");
    request.target = SPAN_LIT("/foo?param=Value&Pet=dog");
    request.path = SPAN_LIT("/foo");
    request.query = SPAN_LIT("param=Value&Pet=dog");
    request.body = SPAN_LIT(RFC_BODY);
    request.headers = headers;
    request.header_count = 8;
    headers[0] = (struct http_header){ SPAN("host"), SPAN("example.com") };
    headers[1] = (struct http_header){ SPAN("date"), SPAN("Tue, 20 Apr 2021 02:07:55 GMT") };
    headers[2] = (struct http_header){ SPAN("content-type"), SPAN("application/json") };
    headers[3] = (struct http_header){ SPAN("content-digest"), SPAN(RFC_DIGEST) };
    headers[4] = (struct http_header){ SPAN("content-length"), SPAN("18") };
    headers[5] = (struct http_header){ SPAN("signature-input"), SPAN("") };
    headers[6] = (struct http_header){ SPAN("signature"), SPAN("") };
    headers[7] = (struct http_header){ SPAN("idempotency-key"), SPAN("i-1") };
}

static void
tear_down(void)
{
    arena_free(&request.arena);
    secret_free(&key.shared);
    crypto_public_key_free(&key.public_key);
}

TestSuite(signature, .init = set_up, .fini = tear_down);

static void
carry(const char *input, const char *signature)
{
    headers[5].value = span_of(input);
    headers[6].value = span_of(signature);
}

static void
use_hmac_key(void)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(128);
    cr_assert_eq(crypto_base64_decode(SPAN_LIT(RFC_SECRET), &bytes), ERR_OK);
    key.keyid = "test-shared-secret";
    key.algorithm = SIGNATURE_HMAC_SHA256;
    cr_assert_eq(secret_new(buf_span(&bytes), &key.shared), ERR_OK);
}

static void
use_ed_key(void)
{
    key.keyid = "test-key-ed25519";
    key.algorithm = SIGNATURE_ED25519;
    cr_assert_eq(crypto_public_key_new(SPAN_LIT(RFC_PUBLIC_KEY), &key.public_key), ERR_OK);
}

static enum err
parse(struct signature_input *out)
{
    return signature_parse(&request, SPAN_LIT("https"), SPAN_LIT("example.com"), out);
}

static enum err
read(struct signature_input *out)
{
    return signature_read(&request, SPAN_LIT("https"), SPAN_LIT("example.com"), out);
}

static enum err
read_only(const char *input, const char *signature)
{
    struct signature_input out;
    carry(input, signature);
    return read(&out);
}

static enum err
check_at(const struct signature_input *input, int64_t now_s)
{
    return signature_check(input, &key, (struct wall_time){ now_s * US }, 300);
}

/* An HMAC over a text written out here, so that the base under test is not its own witness. */
static struct span
sign(const char *base, struct buf *out)
{
    unsigned char mac[SHA256_BYTES];
    cr_assert_eq(crypto_hmac_sha256(key.shared, span_of(base), mac), ERR_OK);
    cr_assert_eq(buf_text(out, "s=:"), ERR_OK);
    cr_assert_eq(crypto_base64_encode(span_make(mac, sizeof(mac)), out), ERR_OK);
    cr_assert_eq(buf_text(out, ":"), ERR_OK);
    return buf_span(out);
}

#define OUR_BASE                                                     \
    "\"@method\": POST\n"                                            \
    "\"@target-uri\": https://example.com/foo?param=Value&Pet=dog\n" \
    "\"content-digest\": " RFC_DIGEST "\n"                           \
    "\"@signature-params\": " OUR_COMPONENTS OUR_PARAMETERS

static void
sign_ours(struct buf *storage)
{
    use_hmac_key();
    carry("s=" OUR_COMPONENTS OUR_PARAMETERS, "");
    headers[6].value = sign(OUR_BASE, storage);
}

Test(signature, rfc_b25_hmac_verifies)
{
    struct signature_input input;
    use_hmac_key();
    carry(HMAC_INPUT, HMAC_SIGNATURE);
    cr_assert_eq(parse(&input), ERR_OK);
    cr_assert(span_eq_cstr(input.label, "sig-b25"));
    cr_assert(span_eq_cstr(input.keyid, "test-shared-secret"));
    cr_assert(span_eq_cstr(input.base,
                           "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@authority\": example.com\n"
                           "\"content-type\": application/json\n\"@signature-params\": (\"date\" "
                           "\"@authority\" \"content-type\");created=1618884473;"
                           "keyid=\"test-shared-secret\""));
    cr_assert_eq(check_at(&input, RFC_CREATED_S), ERR_OK);
}

Test(signature, rfc_b26_ed25519_verifies)
{
    struct signature_input input;
    use_ed_key();
    carry(ED_INPUT, ED_SIGNATURE);
    cr_assert_eq(parse(&input), ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S), ERR_OK);
}

Test(signature, rfc_b26_refuses_another_path)
{
    struct signature_input input;
    use_ed_key();
    carry(ED_INPUT, ED_SIGNATURE);
    request.path = SPAN_LIT("/fooo");
    cr_assert_eq(parse(&input), ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S), ERR_SIGNATURE);
}

Test(signature, rfc_b25_refuses_another_header)
{
    struct signature_input input;
    use_hmac_key();
    carry(HMAC_INPUT, HMAC_SIGNATURE);
    headers[1].value = SPAN_LIT("Tue, 20 Apr 2021 02:07:56 GMT");
    cr_assert_eq(parse(&input), ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S), ERR_SIGNATURE);
}

Test(signature, ours_verifies_and_tells_who)
{
    DEFER(buf_fini) struct buf storage = BUF_MAX(128);
    struct signature_input input;
    sign_ours(&storage);
    cr_assert_eq(read(&input), ERR_OK);
    cr_assert(span_eq_cstr(input.keyid, "k-1"));
    cr_assert(span_eq_cstr(input.nonce, "n-1"));
    cr_assert_eq(input.created.us, RFC_CREATED_S * US);
    cr_assert_eq(check_at(&input, RFC_CREATED_S + 300), ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S - 300), ERR_OK);
}

Test(signature, odd_blanks_are_signed_in_their_canonical_form)
{
    DEFER(buf_fini) struct buf storage = BUF_MAX(128);
    struct signature_input input;
    sign_ours(&storage);
    headers[5].value = SPAN_LIT("s=(  \"@method\"  \"@target-uri\" \"content-digest\" ); "
                                "created=1618884473; nonce=\"n-1\";keyid=\"k-1\"");
    cr_assert_eq(read(&input), ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S), ERR_OK);
}

Test(signature, path_and_query_serve_instead_of_target_uri)
{
    DEFER(buf_fini) struct buf storage = BUF_MAX(128);
    struct signature_input input;
    use_hmac_key();
    carry(
        "s=(\"@method\" \"@path\" \"@query\" \"content-digest\" \"idempotency-key\")" OUR_PARAMETERS,
        "");
    headers[6].value =
        sign("\"@method\": POST\n\"@path\": /foo\n\"@query\": ?param=Value&Pet=dog\n"
             "\"content-digest\": " RFC_DIGEST "\n\"idempotency-key\": i-1\n"
             "\"@signature-params\": (\"@method\" \"@path\" \"@query\" \"content-digest\" "
             "\"idempotency-key\")" OUR_PARAMETERS,
             &storage);
    cr_assert_eq(read(&input), ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S), ERR_OK);
}

Test(signature, authority_is_lower_case_without_its_own_port)
{
    struct signature_input input;
    carry(HMAC_INPUT, HMAC_SIGNATURE);
    use_hmac_key();
    cr_assert_eq(signature_parse(&request, SPAN_LIT("https"), SPAN_LIT("EXAMPLE.com:443"), &input),
                 ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S), ERR_OK);
    cr_assert_eq(signature_parse(&request, SPAN_LIT("http"), SPAN_LIT("example.com:443"), &input),
                 ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S), ERR_SIGNATURE);
}

Test(signature, altered_body_is_refused)
{
    DEFER(buf_fini) struct buf storage = BUF_MAX(128);
    struct signature_input input;
    sign_ours(&storage);
    request.body = SPAN_LIT("{\"hello\": \"World\"}");
    cr_assert_eq(read(&input), ERR_SIG_DIGEST);
}

Test(signature, altered_target_is_refused)
{
    DEFER(buf_fini) struct buf storage = BUF_MAX(128);
    struct signature_input input;
    sign_ours(&storage);
    request.target = SPAN_LIT("/foo?param=Value&Pet=cat");
    cr_assert_eq(read(&input), ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S), ERR_SIGNATURE);
}

Test(signature, altered_digest_and_body_together_are_refused)
{
    DEFER(buf_fini) struct buf storage = BUF_MAX(128);
    DEFER(buf_fini) struct buf digest = BUF_MAX(128);
    struct signature_input input;
    sign_ours(&storage);
    request.body = SPAN_LIT("{\"hello\": \"World\"}");
    cr_assert_eq(signature_digest(request.body, &digest), ERR_OK);
    headers[3].value = buf_span(&digest);
    cr_assert_eq(read(&input), ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S), ERR_SIGNATURE);
}

Test(signature, a_truncated_signature_is_refused)
{
    struct signature_input input;
    use_hmac_key();
    carry("s=" OUR_COMPONENTS OUR_PARAMETERS, "s=:pxcQw6G3AjtMBQjwo8XzkQ==:");
    cr_assert_eq(read(&input), ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S), ERR_SIGNATURE);
}

Test(signature, old_and_future_signatures_are_refused)
{
    DEFER(buf_fini) struct buf storage = BUF_MAX(128);
    struct signature_input input;
    sign_ours(&storage);
    cr_assert_eq(read(&input), ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S + 301), ERR_SIG_TIME);
    cr_assert_eq(check_at(&input, RFC_CREATED_S - 301), ERR_SIG_TIME);
}

Test(signature, an_expired_signature_is_refused)
{
    struct signature_input input;
    use_hmac_key();
    carry("s=" OUR_COMPONENTS OUR_PARAMETERS ";expires=1618884480", "s=:AAAA:");
    cr_assert_eq(read(&input), ERR_OK);
    cr_assert_eq(check_at(&input, RFC_CREATED_S + 8), ERR_SIG_TIME);
}

Test(signature, an_algorithm_that_is_not_the_keys_is_refused)
{
    struct signature_input input;
    use_hmac_key();
    static const char *const wrong[] = { "ed25519", "rsa-pss-sha512", "none" };
    for (size_t i = 0; i < 3; i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(256);
        const char *at = NULL;
        cr_assert_eq(
            buf_printf(&text, "s=%s%s;alg=\"%s\"", OUR_COMPONENTS, OUR_PARAMETERS, wrong[i]),
            ERR_OK);
        cr_assert_eq(buf_cstr(&text, &at), ERR_OK);
        carry(at, "s=:AAAA:");
        cr_assert_eq(read(&input), ERR_OK);
        cr_assert_eq(check_at(&input, RFC_CREATED_S), ERR_SIG_ALGORITHM);
    }
}

Test(signature, an_unsigned_request_is_refused)
{
    cr_assert_eq(read_only("", ""), ERR_SIG_MISSING);
    cr_assert_eq(read_only("s=" OUR_COMPONENTS OUR_PARAMETERS, ""), ERR_SIG_MISSING);
    cr_assert_eq(read_only("", "s=:AAAA:"), ERR_SIG_MISSING);
}

Test(signature, each_required_component_and_parameter_is_required)
{
    static const char *const inputs[] = {
        "s=(\"@target-uri\" \"content-digest\")" OUR_PARAMETERS,
        "s=(\"@method\" \"content-digest\")" OUR_PARAMETERS,
        "s=(\"@method\" \"@path\" \"content-digest\")" OUR_PARAMETERS,
        "s=(\"@method\" \"@query\" \"content-digest\")" OUR_PARAMETERS,
        "s=(\"@method\" \"@target-uri\")" OUR_PARAMETERS,
        "s=()" OUR_PARAMETERS,
        "s=" OUR_COMPONENTS ";nonce=\"n\";keyid=\"k\"",
        "s=" OUR_COMPONENTS ";created=1618884473;keyid=\"k\"",
        "s=" OUR_COMPONENTS ";created=1618884473;nonce=\"n\"",
        "s=" OUR_COMPONENTS ";created=1618884473;nonce=\"\";keyid=\"k\"",
        "s=(\"@method\" \"@target-uri\" \"content-digest\" \"x-absent\")" OUR_PARAMETERS,
        "s=(\"@method\" \"@target-uri\" \"content-digest\" \"@status\")" OUR_PARAMETERS,
    };
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        cr_assert_eq(read_only(inputs[i], "s=:AAAA:"), ERR_SIG_COMPONENTS, "%s", inputs[i]);
    }
}

Test(signature, malformed_fields_are_refused)
{
    static const char *const inputs[] = {
        "s",
        "s=",
        "s=;created=1",
        "=" OUR_COMPONENTS,
        "S=" OUR_COMPONENTS OUR_PARAMETERS,
        " s=" OUR_COMPONENTS OUR_PARAMETERS,
        "s=\"@method\"" OUR_PARAMETERS,
        "s=(\"@method\"" OUR_PARAMETERS,
        "s=(\"@method\"\"@path\")" OUR_PARAMETERS,
        "s=(\"@method\",\"@path\")" OUR_PARAMETERS,
        "s=(@method)" OUR_PARAMETERS,
        "s=(\"@method\" \"@method\")" OUR_PARAMETERS,
        "s=(\"@method\" \"\")" OUR_PARAMETERS,
        "s=(\"content-digest\";sf \"@method\" \"@target-uri\")" OUR_PARAMETERS,
        "s=(\"content-digest\";bs \"@method\" \"@target-uri\")" OUR_PARAMETERS,
        "s=(\"@method\";req \"@target-uri\" \"content-digest\")" OUR_PARAMETERS,
        "s=" OUR_COMPONENTS OUR_PARAMETERS ";keyid=\"k-2\"",
        "s=" OUR_COMPONENTS OUR_PARAMETERS ";created=1618884473",
        "s=" OUR_COMPONENTS OUR_PARAMETERS ";unknown=1",
        "s=" OUR_COMPONENTS OUR_PARAMETERS ";tag",
        "s=" OUR_COMPONENTS OUR_PARAMETERS ";",
        "s=" OUR_COMPONENTS OUR_PARAMETERS " ",
        "s=" OUR_COMPONENTS ";created=\"1618884473\";nonce=\"n\";keyid=\"k\"",
        "s=" OUR_COMPONENTS ";created=16188844.5;nonce=\"n\";keyid=\"k\"",
        "s=" OUR_COMPONENTS ";created=-1;nonce=\"n\";keyid=\"k\"",
        "s=" OUR_COMPONENTS ";created=0;nonce=\"n\";keyid=\"k\"",
        "s=" OUR_COMPONENTS ";created=1234567890123456;nonce=\"n\";keyid=\"k\"",
        "s=" OUR_COMPONENTS ";created=1618884473;nonce=n;keyid=\"k\"",
        "s=" OUR_COMPONENTS ";created=1618884473;nonce=\"n;keyid=\"k\"",
        "s=" OUR_COMPONENTS ";created=1618884473;nonce=\"\\n\";keyid=\"k\"",
        "s=" OUR_COMPONENTS ";created=1618884473;nonce=\"\xC3\xA9\";keyid=\"k\"",
        "s=" OUR_COMPONENTS OUR_PARAMETERS ", t=" OUR_COMPONENTS OUR_PARAMETERS,
        "s=" OUR_COMPONENTS ";created=1618884473;keyid=\"k\";nonce=\""
        "0123456789012345678901234567890123456789012345678901234567890123x\"",
    };
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        cr_assert_eq(read_only(inputs[i], "s=:AAAA:"), ERR_SIG_MALFORMED, "%s", inputs[i]);
    }
    static const char *const signatures[] = {
        "s",
        "s=",
        "s=AAAA",
        "s=:AAAA",
        "s=:AAA:",
        "s=:A A=:",
        "t=:AAAA:",
        ":AAAA:",
        "s=:AAAA:;a=1",
        "s=\"AAAA\"",
        "s=:AA_-:",
        "s=:AAAA: ,",
        "s=:AAAA:, t=:AAAA:",
    };
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        cr_assert_eq(read_only("s=" OUR_COMPONENTS OUR_PARAMETERS, signatures[i]),
                     ERR_SIG_MALFORMED, "%s", signatures[i]);
    }
}

Test(signature, a_request_without_body_needs_no_digest)
{
    request.body = SPAN_LIT("");
    headers[3].name = SPAN_LIT("x-other");
    cr_assert_eq(read_only("s=(\"@method\" \"@target-uri\")" OUR_PARAMETERS, "s=:AAAA:"), ERR_OK);
}

Test(signature, a_body_without_digest_is_refused)
{
    headers[3].name = SPAN_LIT("x-other");
    cr_assert_eq(read_only("s=" OUR_COMPONENTS OUR_PARAMETERS, "s=:AAAA:"), ERR_SIG_COMPONENTS);
}

Test(signature, a_digest_is_checked_even_where_none_is_needed)
{
    request.body = SPAN_LIT("");
    cr_assert_eq(read_only("s=(\"@method\" \"@target-uri\")" OUR_PARAMETERS, "s=:AAAA:"),
                 ERR_SIG_DIGEST);
}

/* RFC 9530 appendix A and D: digests of {"hello": "world"} with and without a newline. */
Test(signature, digests_of_the_rfc_hold)
{
    struct span body = SPAN_LIT(RFC_BODY);
    const char *sha256 = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
    cr_assert_eq(signature_digest_check(SPAN_LIT(RFC_DIGEST), body), ERR_OK);
    cr_assert_eq(signature_digest_check(span_of(sha256), body), ERR_OK);
    DEFER(buf_fini) struct buf made = BUF_MAX(128);
    cr_assert_eq(signature_digest(body, &made), ERR_OK);
    cr_assert(span_eq_cstr(buf_span(&made), sha256));
}

Test(signature, wrong_digests_are_refused)
{
    static const char *const fields[] = {
        "",
        "sha-256",
        "md5=:AAAA:",
        "sha-256=:AAAA:",
        "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:,",
        "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, sha-512=:AAAA:",
        "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPF=:",
        "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=: x",
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        cr_assert_eq(signature_digest_check(span_of(fields[i]), SPAN_LIT(RFC_BODY)), ERR_SIG_DIGEST,
                     "%s", fields[i]);
    }
}

Test(signature, names_decode)
{
    enum http_role role;
    enum signature_algorithm algorithm;
    cr_assert_eq(http_role_decode(SPAN_LIT("finance-maker"), &role), ERR_OK);
    cr_assert_eq(role, HTTP_ROLE_FINANCE_MAKER);
    cr_assert_eq(http_role_decode(SPAN_LIT("Portal"), &role), ERR_ROLE);
    cr_assert_eq(signature_algorithm_decode(SPAN_LIT("ed25519"), &algorithm), ERR_OK);
    cr_assert_eq(algorithm, SIGNATURE_ED25519);
    cr_assert_eq(signature_algorithm_decode(SPAN_LIT("rsa-v1_5-sha256"), &algorithm),
                 ERR_SIG_ALGORITHM);
}
