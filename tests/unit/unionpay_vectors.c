/* SPDX-License-Identifier: Apache-2.0 */
/* Every published UnionPay message: requests are signed as published, genuine answers and notices are
 * taken, the old version and the forged ones are not. */
#include "form.h"
#include "json.h"
#include "unionpay_mock.h"

#define MESSAGES 20
#define REQUESTS 6

TestSuite(unionpay_vectors, .init = mock_start, .fini = mock_finish, .timeout = 240);

static struct span
wire_of(const struct json_t *message)
{
    return mock_file(
        mock_print("unionpay/messages/%.*s", SPAN_ARG(vectors_text(message, "wire_file"))));
}

static void
set_clock_to(const struct json_t *message)
{
    struct wall_time t = { .us = 0 };
    CHECK_OK(unionpay_time_parse(vectors_text(json_member(message, "fields"), "txnTime"), &t));
    clock_fake_set_wall(t);
}

/* The signers of test environments before 2020 belonged to another owner. */
static const char *
owner_of(const struct json_t *message)
{
    bool newer =
        span_eq_cstr(vectors_text(message, "verify_cert"), "acp_test_signer_2020-2025.cer");
    return newer ? "" : "00040000:SIGN";
}

static enum err
take_answer(const struct adapter_account *account, struct span body)
{
    const struct adapter_message message = { .status = 200, .body = body };
    const struct adapter_order order = { .now = clock_wall() };
    struct verify *verify = NULL;
    return verify_answer_begin(account, ADAPTER_QUERY, &order, &message, mock_arena, &verify);
}

static enum err
take_notice(const struct adapter_account *account, struct span body)
{
    const struct adapter_message message = { .body = body };
    struct verify *verify = NULL;
    return verify_callback_begin(account, &message, mock_arena, &verify);
}

static void
check_request(const struct json_t *message)
{
    struct adapter_fields fields;
    DEFER(buf_fini) struct buf text = BUF_MAX(128);
    DEFER(buf_fini) struct buf raw = BUF_MAX(512);
    DEFER(buf_fini) struct buf sign = BUF_MAX(512);
    DEFER(buf_fini) struct buf serial = BUF_MAX(64);
    DEFER(crypto_certificate_free) struct crypto_certificate *certificate = NULL;
    struct span key_file = vectors_text(message, "sign_key_from");
    DEFER(crypto_private_key_free)
    struct crypto_private_key *key =
        mock_open_key(mock_print("unionpay/certs/%.*s", SPAN_ARG(key_file)), &certificate);
    CHECK_OK(form_decode(wire_of(message), mock_arena, &fields));
    CHECK_OK(unionpay_sign_text(&fields, mock_arena, &text));
    cr_expect(span_eq(buf_span(&text), vectors_text(message, "tbs_digest_hex")));
    CHECK_OK(crypto_sign(key, CRYPTO_RSA_SHA256, buf_span(&text), &raw));
    CHECK_OK(crypto_base64_encode(buf_span(&raw), &sign));
    cr_expect(span_eq(buf_span(&sign), vectors_text(message, "signature_b64")), "%.*s",
              SPAN_ARG(vectors_text(message, "id")));
    CHECK_OK(crypto_certificate_serial_decimal(certificate, &serial));
    cr_expect(span_eq(buf_span(&serial), adapter_fields_get(&fields, "certId")));
}

static void
check_message(const struct json_t *message)
{
    bool raw = span_eq_cstr(vectors_text(message, "wire_encoding"), "raw");
    bool old = span_eq_cstr(vectors_text(message, "id"), "resp-query-v500-2016");
    struct span wire = wire_of(message);
    set_clock_to(message);
    struct adapter_account account = mock_account_of("certificate", "test", owner_of(message));
    enum err err = raw ? take_answer(&account, wire) : take_notice(&account, wire);
    cr_expect_eq(err, old ? ERR_PROVIDER_PROTOCOL : ERR_OK, "%.*s gave %s",
                 SPAN_ARG(vectors_text(message, "id")), err_name(err));
    mock_account_fini(&account);
}

Test(unionpay_vectors, requests_are_signed_and_messages_judged_as_published)
{
    struct json_t *messages = vectors_json("unionpay/messages/index.json");
    size_t requests = 0;
    cr_assert_eq(json_count(messages), MESSAGES);
    for (size_t i = 0; i < json_count(messages); i++) {
        const struct json_t *message = json_element(messages, i);
        if (span_starts(vectors_text(message, "kind"), SPAN_LIT("request"))) {
            check_request(message);
            requests++;
        } else {
            check_message(message);
        }
    }
    cr_expect_eq(requests, REQUESTS);
    json_free(&messages);
}

/* The bytes that are hashed, as they were published beside the messages. */
Test(unionpay_vectors, the_signed_bytes_are_the_published_ones)
{
    struct json_t *messages = vectors_json("unionpay/messages/index.json");
    size_t seen = 0;
    for (size_t i = 0; i < json_count(messages); i++) {
        const struct json_t *message = json_element(messages, i);
        struct adapter_fields fields = { .count = 0 };
        DEFER(buf_fini) struct buf got = BUF_MAX(128);
        DEFER(buf_fini) struct buf want = BUF_MAX(128);
        unsigned char digest[SHA256_BYTES];
        bool raw = span_eq_cstr(vectors_text(message, "wire_encoding"), "raw");
        struct span tbs = mock_file(
            mock_print("unionpay/messages/%.*s", SPAN_ARG(vectors_text(message, "tbs_file"))));
        CHECK_OK(raw ? unionpay_fields_split(wire_of(message), &fields)
                     : form_decode(wire_of(message), mock_arena, &fields));
        CHECK_OK(unionpay_sign_text(&fields, mock_arena, &got));
        CHECK_OK(crypto_sha256(tbs, digest));
        CHECK_OK(crypto_hex_encode(span_make(digest, sizeof(digest)), &want));
        cr_expect(span_eq(buf_span(&got), buf_span(&want)), "%.*s",
                  SPAN_ARG(vectors_text(message, "id")));
        seen++;
    }
    cr_expect_eq(seen, MESSAGES);
    json_free(&messages);
}

/* One of the forged ones has a good signature and a good chain: it is a merchant's. */
Test(unionpay_vectors, forged_and_altered_messages_are_refused)
{
    struct json_t *messages = vectors_json("unionpay/messages/negative.json");
    cr_assert_eq(json_count(messages), 9);
    clock_fake_set_wall(mock_time("2022-09-08T05:30:00Z"));
    struct adapter_account account = mock_account_of("certificate", "test", "");
    for (size_t i = 0; i < json_count(messages); i++) {
        const struct json_t *message = json_element(messages, i);
        bool late = span_eq_cstr(vectors_text(message, "id"), "neg-expired-now");
        struct span wire = wire_of(message);
        enum err err = take_notice(&account, wire);
        cr_expect_eq(err, late ? ERR_OK : ERR_SIGNATURE, "%.*s gave %s",
                     SPAN_ARG(vectors_text(message, "id")), err_name(err));
        if (late) {
            clock_fake_set_wall(mock_time("2025-07-31T01:19:15Z"));
            CHECK_OK(take_notice(&account, wire));
            clock_fake_set_wall(mock_time("2025-07-31T01:19:17Z"));
            CHECK_ERR(take_notice(&account, wire), ERR_SIGNATURE);
            clock_fake_set_wall(mock_time("2022-09-08T05:30:00Z"));
        }
    }
    mock_account_fini(&account);
    json_free(&messages);
}

static struct span
notice_2022(void)
{
    clock_fake_set_wall(mock_time("2022-09-08T05:30:00Z"));
    return mock_file("unionpay/messages/notify-consume-2022.wire");
}

Test(unionpay_vectors, the_production_roots_do_not_vouch_for_test_signers)
{
    struct span wire = notice_2022();
    struct adapter_account account = mock_account_of("certificate", "prod", "");
    CHECK_ERR(take_notice(&account, wire), ERR_SIGNATURE);
    mock_account_fini(&account);
}

Test(unionpay_vectors, a_notice_cut_at_any_byte_is_refused)
{
    struct span wire = notice_2022();
    struct adapter_account account = mock_account_of("certificate", "test", "");
    CHECK_OK(take_notice(&account, wire));
    struct arena *kept = mock_arena;
    CHECK_OK(arena_new(MOCK_ARENA_MAX, &mock_arena));
    for (size_t len = 0; len < wire.len; len++) {
        cr_assert_neq(take_notice(&account, span_sub(wire, 0, len)), ERR_OK, "%zu", len);
        arena_reset(mock_arena);
    }
    arena_free(&mock_arena);
    mock_arena = kept;
    mock_account_fini(&account);
}

Test(unionpay_vectors, an_altered_byte_of_a_notice_is_refused)
{
    struct span wire = notice_2022();
    struct adapter_account account = mock_account_of("certificate", "test", "");
    unsigned char *bytes = (unsigned char *)(uintptr_t)wire.at; /* the arena's, ours */
    struct arena *kept = mock_arena;
    CHECK_OK(arena_new(MOCK_ARENA_MAX, &mock_arena));
    for (size_t i = 0; i < wire.len; i += 3) {
        bytes[i] ^= 1;
        cr_assert_neq(take_notice(&account, wire), ERR_OK, "%zu", i);
        bytes[i] ^= 1;
        arena_reset(mock_arena);
    }
    CHECK_OK(take_notice(&account, wire));
    arena_free(&mock_arena);
    mock_arena = kept;
    mock_account_fini(&account);
}

/* What is cut before its signature is an unsigned hint, and nothing more than that. */
Test(unionpay_vectors, an_answer_cut_at_any_byte_says_nothing)
{
    clock_fake_set_wall(mock_time("2024-01-05T07:00:00Z"));
    struct adapter_account account = mock_account_of("certificate", "test", "");
    struct span wire = mock_file("unionpay/messages/resp-query-00-2024.wire");
    const struct adapter_order order = { .now = clock_wall(),
                                         .merchant_order_no = SPAN_LIT("pay20240105145046"),
                                         .made_at = mock_time("2024-01-05T06:50:46Z") };
    struct arena *arena = NULL;
    CHECK_OK(arena_new(MOCK_ARENA_MAX, &arena));
    for (size_t len = 0; len <= wire.len; len++) {
        struct adapter_answer answer = { 0 };
        struct evidence *evidence = NULL;
        const struct adapter_message message = { .status = 200, .body = span_sub(wire, 0, len) };
        enum err err =
            verify_answer(&account, ADAPTER_QUERY, &order, &message, arena, &answer, &evidence);
        bool whole = len == wire.len;
        cr_assert_eq(evidence != NULL, whole, "%zu", len);
        cr_assert_eq(err == ERR_OK && answer.handling == ADAPTER_DONE, whole, "%zu", len);
        evidence_free(&evidence);
        arena_reset(arena);
    }
    arena_free(&arena);
    mock_account_fini(&account);
}

Test(unionpay_vectors, an_altered_byte_of_an_answer_says_nothing)
{
    clock_fake_set_wall(mock_time("2024-01-05T07:00:00Z"));
    struct adapter_account account = mock_account_of("certificate", "test", "");
    struct span wire = mock_file("unionpay/messages/resp-query-00-2024.wire");
    unsigned char *bytes = (unsigned char *)(uintptr_t)wire.at;
    const struct adapter_order order = { .now = clock_wall(),
                                         .merchant_order_no = SPAN_LIT("pay20240105145046"),
                                         .made_at = mock_time("2024-01-05T06:50:46Z") };
    struct arena *arena = NULL;
    CHECK_OK(arena_new(MOCK_ARENA_MAX, &arena));
    for (size_t i = 0; i < wire.len; i += 3) {
        struct adapter_answer answer = { 0 };
        struct evidence *evidence = NULL;
        const struct adapter_message message = { .status = 200, .body = wire };
        bytes[i] ^= 1;
        enum err err =
            verify_answer(&account, ADAPTER_QUERY, &order, &message, arena, &answer, &evidence);
        bytes[i] ^= 1;
        cr_assert_null(evidence, "%zu", i);
        cr_assert(err != ERR_OK || answer.handling == ADAPTER_ASK_AGAIN, "%zu", i);
        arena_reset(arena);
    }
    arena_free(&arena);
    mock_account_fini(&account);
}

static void
check_keyed(const struct json_t *vector)
{
    struct adapter_fields fields = { .count = 0 };
    void *at = NULL;
    const char *name;
    struct json_t *value;
    DEFER(secret_free) struct secret *shared = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(1024);
    DEFER(buf_fini) struct buf sign = BUF_MAX(256);
    while (json_each(json_member(vector, "fields"), &at, &name, &value)) {
        struct span one;
        CHECK_OK(json_as_string(value, &one));
        CHECK_OK(adapter_fields_add(&fields, span_of(name), one));
    }
    bool sm3 = span_eq_cstr(adapter_fields_get(&fields, "signMethod"), "12");
    CHECK_OK(secret_new(vectors_text(vector, "secure_key"), &shared));
    CHECK_OK(unionpay_sign_text(&fields, mock_arena, &text));
    cr_expect(span_eq(buf_span(&text), vectors_text(vector, "tbs")));
    CHECK_OK(crypto_keyed_sign(shared, sm3 ? CRYPTO_KEYED_SM3 : CRYPTO_KEYED_SHA256,
                               buf_span(&text), &sign));
    cr_expect(span_eq(buf_span(&sign), vectors_text(vector, "signature")));
}

Test(unionpay_vectors, shared_keys_sign_as_computed_elsewhere)
{
    struct json_t *vectors = vectors_json("unionpay/messages/secret-key-sign.json");
    cr_assert_eq(json_count(vectors), 2);
    for (size_t i = 0; i < json_count(vectors); i++) {
        check_keyed(json_element(vectors, i));
    }
    json_free(&vectors);
}
