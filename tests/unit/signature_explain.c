/* SPDX-License-Identifier: Apache-2.0 */
/* Each known mistake of signing is made here by hand, over a text written out in full, and must come back by its name. */
#include "signature_explain.h"

#include <string.h>

#include "check.h"

#define BODY     "{\"a\": 1}"
#define HASH     "+dhgKMbg1k4iUYb5astpM4ssWXZN95FiEH9cS7NNExA="
#define HASH_HEX "f9d86028c6e0d64e225186f96acb69338b2c59764df79162107f5c4bb34d1310"
#define HASH_SHA512 \
    "d40Wd/kO5kTxJU4PxXt24vmWRmSIuRpkJyZE9eNipxNM+VEM21awl/7ObVo7rXiNEe3RFiocYgjqvz8HmBXLXA=="
#define HASH_EMPTY "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define CREATED_S  1773108000
#define US         INT64_C(1000000)
/* Itself base64 and hexadecimal, so that it can be mistaken for either. */
#define SECRET "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

#define LIST   "(\"@method\" \"@target-uri\" \"content-digest\")"
#define PARAMS ";created=1773108000;nonce=\"n-1\";keyid=\"portal\""
#define LAST   "\"@signature-params\": "
#define TARGET "https://pay.example.cn:8443/v1/a%20b?order_no=A-1"
#define DIGEST "sha-256=:" HASH ":"

static struct http_header headers[5];
static struct http_request request;
static struct signature_key key;
static struct span authority;
static struct span scheme;

static void
set_up(void)
{
    CHECK_OK(arena_new((size_t)1024 * 1024, &request.arena));
    CHECK_OK(secret_new(SPAN_LIT(SECRET), &key.shared));
    key.keyid = "portal";
    key.algorithm = SIGNATURE_HMAC_SHA256;
    scheme = SPAN_LIT("https");
    authority = SPAN_LIT("pay.example.cn:8443");
    request.method = HTTP_POST;
    request.method_text = SPAN_LIT("POST");
    request.target = SPAN_LIT("/v1/a%20b?order_no=A-1");
    request.path = SPAN_LIT("/v1/a%20b");
    request.query = SPAN_LIT("order_no=A-1");
    request.body = SPAN_LIT(BODY);
    request.headers = headers;
    request.header_count = 5;
    headers[0] = (struct http_header){ SPAN("host"), authority };
    headers[1] = (struct http_header){ SPAN("content-digest"), SPAN(DIGEST) };
    headers[2] = (struct http_header){ SPAN("signature-input"), SPAN("") };
    headers[3] = (struct http_header){ SPAN("signature"), SPAN("") };
    headers[4] = (struct http_header){ SPAN("content-type"), SPAN("application/json") };
}

static void
tear_down(void)
{
    arena_free(&request.arena);
    secret_free(&key.shared);
    crypto_public_key_free(&key.public_key);
}

TestSuite(signature_explain, .init = set_up, .fini = tear_down);

/* How the bytes of a wrong signature come about. */
enum making { PLAIN, OF_HASH, IN_HEX, TWICE, KEY_NEWLINE, KEY_BASE64, KEY_HEX };

static void
make_secret(enum making making, struct secret **out)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(256);
    if (making == KEY_BASE64) {
        CHECK_OK(crypto_base64_decode(SPAN_LIT(SECRET), &bytes));
    } else if (making == KEY_HEX) {
        CHECK_OK(crypto_hex_decode(SPAN_LIT(SECRET), &bytes));
    } else {
        CHECK_OK(buf_text(&bytes, making == KEY_NEWLINE ? SECRET "\n" : SECRET));
    }
    CHECK_OK(secret_new(buf_span(&bytes), out));
}

static void
sign(const char *text, enum making making)
{
    unsigned char mac[SHA256_BYTES];
    unsigned char hash[SHA256_BYTES];
    DEFER(secret_free) struct secret *secret = NULL;
    DEFER(buf_fini) struct buf raw = BUF_MAX(256);
    DEFER(buf_fini) struct buf field = BUF_MAX(512);
    make_secret(making, &secret);
    CHECK_OK(crypto_sha256(span_of(text), hash));
    CHECK_OK(crypto_hmac_sha256(
        secret, making == OF_HASH ? span_make(hash, sizeof(hash)) : span_of(text), mac));
    if (making == IN_HEX) {
        CHECK_OK(crypto_hex_encode(span_make(mac, sizeof(mac)), &raw));
    } else if (making == TWICE) {
        CHECK_OK(crypto_base64_encode(span_make(mac, sizeof(mac)), &raw));
    } else {
        CHECK_OK(buf_append(&raw, span_make(mac, sizeof(mac))));
    }
    CHECK_OK(buf_text(&field, "sig=:"));
    CHECK_OK(crypto_base64_encode(buf_span(&raw), &field));
    CHECK_OK(buf_byte(&field, ':'));
    CHECK_OK(arena_copy(request.arena, buf_span(&field), &headers[3].value));
}

static struct signature_attempt
attempt_of(enum err refusal)
{
    return (struct signature_attempt){
        .request = &request,
        .scheme = scheme,
        .authority = authority,
        .key = &key,
        .now = { .us = CREATED_S * US },
        .age_max_s = 300,
        .refusal = refusal,
    };
}

/* What the gateway says to the request as it stands. */
static enum err
refusal_of(void)
{
    struct signature_input input;
    struct wall_time now = { .us = CREATED_S * US };
    TRY(signature_read(&request, scheme, authority, &input));
    return signature_check(&input, &key, now, 300);
}

static struct signature_explanation
explained(enum err refusal)
{
    struct signature_attempt attempt = attempt_of(refusal);
    struct signature_explanation explanation = { .count = 0 };
    CHECK_ERR(refusal_of(), refusal);
    CHECK_OK(signature_explain(&attempt, &explanation));
    return explanation;
}

static void
expect_found(enum err refusal, const char *component, const char *code)
{
    struct signature_explanation explanation = explained(refusal);
    cr_assert_geq(explanation.count, 1, "%s", code);
    cr_expect_str_eq(signature_difference_code(explanation.findings[0].what), code);
    CHECK_TEXT(explanation.findings[0].component, component);
}

static const struct mistake {
    const char *code;
    const char *component;
    const char *input; /* NULL: LIST PARAMS */
    const char *text;
    enum making making;
} mistakes[] = {
    { "method_lower_case", "@method", NULL,
      "\"@method\": post\n\"@target-uri\": " TARGET "\n\"content-digest\": " DIGEST
      "\n" LAST LIST PARAMS,
      PLAIN },
    { "target_without_query", "@target-uri", NULL,
      "\"@method\": POST\n\"@target-uri\": https://pay.example.cn:8443/v1/a%20b\n\"content-digest\": " DIGEST
      "\n" LAST LIST PARAMS,
      PLAIN },
    { "target_scheme", "@target-uri", NULL,
      "\"@method\": POST\n\"@target-uri\": http://pay.example.cn:8443/v1/a%20b?order_no=A-1\n\"content-digest\": " DIGEST
      "\n" LAST LIST PARAMS,
      PLAIN },
    { "target_without_port", "@target-uri", NULL,
      "\"@method\": POST\n\"@target-uri\": https://pay.example.cn/v1/a%20b?order_no=A-1\n\"content-digest\": " DIGEST
      "\n" LAST LIST PARAMS,
      PLAIN },
    { "target_scheme_and_port", "@target-uri", NULL,
      "\"@method\": POST\n\"@target-uri\": http://pay.example.cn/v1/a%20b?order_no=A-1\n\"content-digest\": " DIGEST
      "\n" LAST LIST PARAMS,
      PLAIN },
    { "target_without_host", "@target-uri", NULL,
      "\"@method\": POST\n\"@target-uri\": /v1/a%20b?order_no=A-1\n\"content-digest\": " DIGEST
      "\n" LAST LIST PARAMS,
      PLAIN },
    { "target_slash", "@target-uri", NULL,
      "\"@method\": POST\n\"@target-uri\": https://pay.example.cn:8443/v1/a%20b/?order_no=A-1\n\"content-digest\": " DIGEST
      "\n" LAST LIST PARAMS,
      PLAIN },
    { "target_decoded", "@target-uri", NULL,
      "\"@method\": POST\n\"@target-uri\": https://pay.example.cn:8443/v1/a b?order_no=A-1\n\"content-digest\": " DIGEST
      "\n" LAST LIST PARAMS,
      PLAIN },
    { "authority_without_port", "@authority",
      "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\")" PARAMS,
      "\"@method\": POST\n\"@authority\": pay.example.cn\n\"@path\": /v1/a%20b\n\"@query\": ?order_no=A-1\n"
      "\"content-digest\": " DIGEST "\n" LAST
      "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\")" PARAMS,
      PLAIN },
#define BY_PATH "(\"@method\" \"@path\" \"@query\" \"content-digest\")" PARAMS
    { "path_with_query", "@path", BY_PATH,
      "\"@method\": POST\n\"@path\": /v1/a%20b?order_no=A-1\n\"@query\": ?order_no=A-1\n\"content-digest\": " DIGEST
      "\n" LAST BY_PATH,
      PLAIN },
    { "path_slash", "@path", BY_PATH,
      "\"@method\": POST\n\"@path\": /v1/a%20b/\n\"@query\": ?order_no=A-1\n\"content-digest\": " DIGEST
      "\n" LAST BY_PATH,
      PLAIN },
    { "path_decoded", "@path", BY_PATH,
      "\"@method\": POST\n\"@path\": /v1/a b\n\"@query\": ?order_no=A-1\n\"content-digest\": " DIGEST
      "\n" LAST BY_PATH,
      PLAIN },
    { "query_without_mark", "@query", BY_PATH,
      "\"@method\": POST\n\"@path\": /v1/a%20b\n\"@query\": order_no=A-1\n\"content-digest\": " DIGEST
      "\n" LAST BY_PATH,
      PLAIN },
    { "digest_of_empty_body", "content-digest", NULL,
      "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"content-digest\": sha-256=:" HASH_EMPTY
      ":\n" LAST LIST PARAMS,
      PLAIN },
    { "digest_without_name", "content-digest", NULL,
      "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"content-digest\": " HASH
      "\n" LAST LIST PARAMS,
      PLAIN },
    { "digest_hexadecimal", "content-digest", NULL,
      "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"content-digest\": " HASH_HEX
      "\n" LAST LIST PARAMS,
      PLAIN },
    { "names_without_quotes", "signature base", NULL,
      "@method: POST\n@target-uri: " TARGET "\ncontent-digest: " DIGEST
      "\n@signature-params: " LIST PARAMS,
      PLAIN },
    { "names_in_capitals", "signature base", NULL,
      "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"Content-Digest\": " DIGEST
      "\n" LAST LIST PARAMS,
      PLAIN },
    { "no_blank_after_colon", "signature base", NULL,
      "\"@method\":POST\n\"@target-uri\":" TARGET "\n\"content-digest\":" DIGEST
      "\n\"@signature-params\":" LIST PARAMS,
      PLAIN },
    { "line_ends_crlf", "signature base", NULL,
      "\"@method\": POST\r\n\"@target-uri\": " TARGET "\r\n\"content-digest\": " DIGEST
      "\r\n" LAST LIST PARAMS,
      PLAIN },
    { "final_newline", "signature base", NULL,
      "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"content-digest\": " DIGEST
      "\n" LAST LIST PARAMS "\n",
      PLAIN },
#define UNSORTED "(\"content-digest\" \"@target-uri\" \"@method\")" PARAMS
    { "order_sorted", "signature base", UNSORTED,
      "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"content-digest\": " DIGEST
      "\n" LAST UNSORTED,
      PLAIN },
    { "order_reversed", "signature base", NULL,
      "\"content-digest\": " DIGEST "\n\"@target-uri\": " TARGET
      "\n\"@method\": POST\n" LAST LIST PARAMS,
      PLAIN },
    { "params_absent", "@signature-params", NULL,
      "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"content-digest\": " DIGEST, PLAIN },
#define BLANKS \
    "( \"@method\"  \"@target-uri\" \"content-digest\" ); created=1773108000; nonce=\"n-1\"; keyid=\"portal\""
    { "params_as_sent", "@signature-params", BLANKS,
      "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"content-digest\": " DIGEST
      "\n" LAST BLANKS,
      PLAIN },
    { "params_with_label", "@signature-params", NULL,
      "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"content-digest\": " DIGEST "\n" LAST
      "sig=" LIST PARAMS,
      PLAIN },
    { "params_sorted", "@signature-params", NULL,
      "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"content-digest\": " DIGEST "\n" LAST LIST
      ";created=1773108000;keyid=\"portal\";nonce=\"n-1\"",
      PLAIN },
    { "created_quoted", "@signature-params", NULL,
      "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"content-digest\": " DIGEST "\n" LAST LIST
      ";created=\"1773108000\";nonce=\"n-1\";keyid=\"portal\"",
      PLAIN },
    { "params_without_list", "@signature-params", NULL,
      "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"content-digest\": " DIGEST "\n" LAST
      "created=1773108000;nonce=\"n-1\";keyid=\"portal\"",
      PLAIN },
#define RIGHT                                                                     \
    "\"@method\": POST\n\"@target-uri\": " TARGET "\n\"content-digest\": " DIGEST \
    "\n" LAST LIST PARAMS
    { "signed_the_hash", "signature base", NULL, RIGHT, OF_HASH },
    { "signature_hexadecimal", "signature", NULL, RIGHT, IN_HEX },
    { "signature_base64_twice", "signature", NULL, RIGHT, TWICE },
    { "key_with_newline", "key", NULL, RIGHT, KEY_NEWLINE },
    { "key_decoded_base64", "key", NULL, RIGHT, KEY_BASE64 },
    { "key_decoded_hex", "key", NULL, RIGHT, KEY_HEX },
    { "no_usual_difference", "signature base", NULL, "\"@method\": POST\nsomething else altogether",
      PLAIN },
};
#define MISTAKES (sizeof(mistakes) / sizeof(mistakes[0]))

static void
carry(const char *input)
{
    DEFER(buf_fini) struct buf field = BUF_MAX(1024);
    CHECK_OK(buf_text(&field, "sig="));
    CHECK_OK(buf_text(&field, input == NULL ? LIST PARAMS : input));
    CHECK_OK(arena_copy(request.arena, buf_span(&field), &headers[2].value));
}

Test(signature_explain, the_right_text_is_not_refused)
{
    carry(NULL);
    sign(RIGHT, PLAIN);
    CHECK_OK(refusal_of());
    struct signature_explanation explanation = explained(ERR_OK);
    CHECK_TEXT(explanation.base, RIGHT);
    CHECK_TEXT(explanation.digest, DIGEST);
    cr_expect_eq(explanation.count, 0);
}

Test(signature_explain, each_mistake_is_told_by_its_name)
{
    for (size_t i = 0; i < MISTAKES; i++) {
        carry(mistakes[i].input);
        sign(mistakes[i].text, mistakes[i].making);
        expect_found(ERR_SIGNATURE, mistakes[i].component, mistakes[i].code);
    }
}

/* Two more that need another request. */
Test(signature_explain, a_default_port_and_another_digest_are_told)
{
    authority = SPAN_LIT("pay.example.cn");
    carry(NULL);
    sign(
        "\"@method\": POST\n\"@target-uri\": https://pay.example.cn:443/v1/a%20b?order_no=A-1\n\"content-digest\": " DIGEST
        "\n" LAST LIST PARAMS,
        PLAIN);
    expect_found(ERR_SIGNATURE, "@target-uri", "target_default_port");
    authority = SPAN_LIT("pay.example.cn:8443");
    headers[1].value = SPAN_LIT("sha-512=:" HASH_SHA512 ":");
    sign(RIGHT, PLAIN);
    expect_found(ERR_SIGNATURE, "content-digest", "digest_as_sha256");
}

Test(signature_explain, every_variation_is_one_of_these_tests)
{
    static const char *const others[] = { "target_default_port", "digest_as_sha256" };
    for (enum signature_difference what = 0; what < SIGNATURE_BODY_EMPTY; what++) {
        bool tried = false;
        for (size_t i = 0; i < MISTAKES; i++) {
            tried = tried || strcmp(mistakes[i].code, signature_difference_code(what)) == 0;
        }
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
            tried = tried || strcmp(others[i], signature_difference_code(what)) == 0;
        }
        cr_expect(tried, "%s", signature_difference_code(what));
    }
}

Test(signature_explain, the_body_that_was_digested_is_told)
{
    static const struct {
        const char *code;
        const char *body; /* that we receive */
        const char *digest;
    } rows[] = {
        { "digest_of_empty_body", BODY, "sha-256=:" HASH_EMPTY ":" },
        { "body_final_newline_more", BODY "\n", DIGEST },
        { "body_final_newline_more", BODY "\r\n", DIGEST },
        { "body_final_newline_less", BODY,
          "sha-256=:6MYo7cmWjvDGaPVOC6JjazVQM1frGsoN3IKK6s5DL2c=:" },
        { "body_lines_lf", "{\"a\":\n1}",
          "sha-256=:oi1hRVqQityECkxKqLNnLrwcYzHT6W0qPWwmTLjihGA=:" },
        { "body_lines_crlf", "{\"a\":\r\n1}",
          "sha-256=:wd4uw+lVbTSZt3VvH7PnfBukPe0W4rwGXmrWa/kcgh4=:" },
        { "digest_of_hex", BODY,
          "sha-256=:ZjlkODYwMjhjNmUwZDY0ZTIyNTE4NmY5NmFjYjY5MzM4YjJjNTk3NjRkZjc5MTYyMTA3ZjVjNGJiMzRkMTMxMA==:" },
        { "digest_form", BODY, HASH },
        { "digest_form", BODY, "md5=:AAAA:" },
        { "digest_of_another_body", BODY "x", DIGEST },
    };
    carry(NULL);
    sign(RIGHT, PLAIN);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        request.body = span_of(rows[i].body);
        headers[1].value = span_of(rows[i].digest);
        expect_found(ERR_SIG_DIGEST, "content-digest", rows[i].code);
    }
}

Test(signature_explain, rules_that_are_broken_are_named)
{
    sign(RIGHT, PLAIN);
    carry("(\"@method\" \"@target-uri\")" PARAMS);
    expect_found(ERR_SIG_COMPONENTS, "content-digest", "component_not_signed");
    carry("(\"@target-uri\" \"content-digest\")" PARAMS);
    expect_found(ERR_SIG_COMPONENTS, "@method", "component_not_signed");
    carry("(\"@method\" \"content-digest\")" PARAMS);
    expect_found(ERR_SIG_COMPONENTS, "@target-uri", "component_not_signed");
    carry("(\"@method\" \"@path\" \"content-digest\")" PARAMS);
    expect_found(ERR_SIG_COMPONENTS, "@query", "component_not_signed");
    carry("(\"@method\" \"@query\" \"content-digest\")" PARAMS);
    expect_found(ERR_SIG_COMPONENTS, "@path", "component_not_signed");
    carry("(\"@method\" \"@target-uri\" \"content-digest\" \"date\")" PARAMS);
    expect_found(ERR_SIG_COMPONENTS, "date", "component_absent");
    carry(LIST ";nonce=\"n-1\";keyid=\"portal\"");
    expect_found(ERR_SIG_COMPONENTS, "created", "parameter_missing");
    carry(LIST ";created=1773108000;keyid=\"portal\"");
    expect_found(ERR_SIG_COMPONENTS, "nonce", "parameter_missing");
    carry(LIST PARAMS ";alg=\"ed25519\"");
    expect_found(ERR_SIG_ALGORITHM, "alg", "algorithm_not_the_keys");
    carry(LIST ";created=1773107699;nonce=\"n-1\";keyid=\"portal\"");
    expect_found(ERR_SIG_TIME, "created", "created_out_of_range");
    carry(LIST PARAMS ";expires=1773107999");
    expect_found(ERR_SIG_TIME, "expires", "expires_passed");
}

Test(signature_explain, nothing_is_said_of_what_cannot_be_read)
{
    struct signature_attempt attempt = attempt_of(ERR_SIG_MALFORMED);
    struct signature_explanation explanation = { .count = 77 };
    carry("(\"@method\"" PARAMS);
    sign(RIGHT, PLAIN);
    CHECK_ERR(signature_explain(&attempt, &explanation), ERR_SIG_MALFORMED);
    headers[3].value = SPAN_LIT("");
    CHECK_ERR(signature_explain(&attempt, &explanation), ERR_SIG_MISSING);
    cr_expect_eq(explanation.count, 77);
}

static void
view(enum err refusal, enum language language, struct buf *out)
{
    struct signature_attempt attempt = attempt_of(refusal);
    struct signature_explanation explanation;
    DEFER(json_free) struct json_t *tree = NULL;
    CHECK_OK(signature_explain(&attempt, &explanation));
    CHECK_OK(signature_explanation_view(&attempt, &explanation, language, &tree));
    CHECK_OK(json_encode(tree, out));
}

static bool
shows(const struct buf *text, const char *part)
{
    return span_find(buf_span(text), span_of(part)) < text->len;
}

/* Also not the signature that would have been right: whoever has the request must not get one. */
Test(signature_explain, the_view_shows_the_text_and_no_secret)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    carry(NULL);
    sign(RIGHT, PLAIN);
    struct span right = span_sub(headers[3].value, 5, 44);
    sign(RIGHT, KEY_NEWLINE);
    view(ERR_SIGNATURE, LANGUAGE_EN, &text);
    cr_expect(shows(&text, "\"code\":\"key_with_newline\""));
    cr_expect(shows(&text, "\\n\\\"@target-uri\\\": " TARGET "\\n"));
    cr_expect(shows(&text, "\"algorithm\":\"hmac-sha256\""));
    cr_expect(shows(&text, "\"created\":\"2026-03-10T02:00:00.000Z\""));
    cr_expect(shows(&text, "\"content_digest\":\"" DIGEST "\""));
    cr_expect(shows(&text, "\"body_bytes\":8"));
    cr_expect(shows(&text, "used with the newline"));
    cr_expect_not(shows(&text, SECRET));
    cr_expect_geq(span_find(buf_span(&text), right), text.len);
    buf_reset(&text);
    view(ERR_SIGNATURE, LANGUAGE_ZH, &text);
    cr_expect(shows(&text, "密钥带有文件末尾的换行"));
}

/* The private half signs here; the gateway has the public one. RFC 9421 B.1.4. */
Test(signature_explain, mistakes_under_ed25519_are_told_too)
{
    static const char pem[] = "-----BEGIN PRIVATE" /* a published test key */ " KEY-----\n"
                              "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n"
                              "-----END PRIVATE"
                              " KEY-----\n";
    static const char pub[] = "-----BEGIN PUBLIC KEY-----\n"
                              "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n"
                              "-----END PUBLIC KEY-----\n";
    static const char text[] = "\"@method\": POST\n\"@target-uri\": " TARGET
                               "\n\"content-digest\": " DIGEST "\n" LAST LIST PARAMS "\n";
    DEFER(secret_free) struct secret *secret = NULL;
    DEFER(crypto_private_key_free) struct crypto_private_key *private_key = NULL;
    DEFER(buf_fini) struct buf raw = BUF_MAX(128);
    DEFER(buf_fini) struct buf field = BUF_MAX(256);
    secret_free(&key.shared);
    key.algorithm = SIGNATURE_ED25519;
    CHECK_OK(crypto_public_key_new(span_of(pub), &key.public_key));
    CHECK_OK(secret_new(span_of(pem), &secret));
    CHECK_OK(crypto_private_key_new(secret, &private_key));
    CHECK_OK(crypto_sign(private_key, CRYPTO_ED25519, span_of(text), &raw));
    CHECK_OK(buf_text(&field, "sig=:"));
    CHECK_OK(crypto_base64_encode(buf_span(&raw), &field));
    CHECK_OK(buf_byte(&field, ':'));
    carry(NULL);
    headers[3].value = buf_span(&field);
    expect_found(ERR_SIGNATURE, "signature base", "final_newline");
    raw.at[0] ^= 1;
    buf_reset(&field);
    CHECK_OK(buf_text(&field, "sig=:"));
    CHECK_OK(crypto_base64_encode(buf_span(&raw), &field));
    CHECK_OK(buf_byte(&field, ':'));
    headers[3].value = buf_span(&field);
    expect_found(ERR_SIGNATURE, "signature base", "no_usual_difference");
}
