/* SPDX-License-Identifier: Apache-2.0 */
/* Alipay changes its certificate: which one is taken in its place, and which is not. */
#include <criterion/criterion.h>

#include "alipay_mock.h"

#define FOLDER   "alipay/rotation/"
#define NEXT_KEY FOLDER "next.key"
#define ROOT     "alipay_open_app_alipaycert_download_response"

static struct adapter_order order;
static struct verify_keys keys;

/* The serials that openssl and md5sum give. */
static struct span
serial_of(const char *name)
{
    struct span rest = mock_file(FOLDER "serials.txt");
    struct span line;
    struct span wanted = span_of(mock_print("%s ", name));
    bool more = true;
    while (more) {
        more = span_cut(&rest, '\n', &line);
        if (span_starts(line, wanted)) {
            return span_sub(line, wanted.len, line.len);
        }
    }
    cr_assert_fail("%s has no serial", name);
    return rest;
}

static void
start(void)
{
    mock_start();
    mock_forget_keys();
    const struct adapter_material material = {
        .application_certificate = mock_file("alipay/certs/mock_app.crt"),
        .provider_certificate = mock_file(FOLDER "present.crt"),
        .root_certificates = mock_file(FOLDER "root.crt"),
    };
    mock_account.key_count = 0;
    mock_account.signer_owner = "";
    CHECK_OK(alipay_account_prepare(&material, clock_wall(), mock_arena, &mock_account));
    order = (struct adapter_order){ .now = clock_wall(), .key_serial = serial_of("next") };
}

static void
finish(void)
{
    verify_keys_fini(&keys);
    mock_finish();
}

TestSuite(alipay_keys, .init = start, .fini = finish);

/* What the download answers: that certificate, signed by its key under that serial. */
static const char *
offer(struct span pem, struct span serial)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(MOCK_TEXT_MAX);
    CHECK_OK(crypto_base64_encode(pem, &text));
    const char *root =
        mock_print("{\"code\":\"10000\",\"msg\":\"Success\",\"alipay_cert_content\":\"%.*s\"}",
                   SPAN_ARG(buf_span(&text)));
    return mock_print("{\"" ROOT "\":%s,\"alipay_cert_sn\":\"%.*s\",\"sign\":\"%.*s\"}", root,
                      SPAN_ARG(serial), SPAN_ARG(mock_sign_by(NEXT_KEY, span_of(root))));
}

static const char *
offer_of(const char *name)
{
    return offer(mock_file(mock_print(FOLDER "%s.crt", name)), serial_of(name));
}

static enum err
take(const char *body)
{
    struct adapter_message message = { .status = 200, .body = span_of(body) };
    struct verify *verify = NULL;
    verify_keys_fini(&keys);
    TRY(verify_answer_begin(&mock_account, ADAPTER_KEYS, &order, &message, mock_arena, &verify));
    return verify_keys_end(verify, &keys);
}

static void
refuse(const char *body, enum err want)
{
    enum err got = take(body);
    cr_expect_eq(got, want, "%s gave %s", body, err_name(got));
    cr_expect_eq(keys.count, 0);
}

Test(alipay_keys, the_certificate_that_was_asked_for_is_taken_with_its_serial_and_validity)
{
    CHECK_OK(take(offer_of("next")));
    cr_assert_eq(keys.count, 1);
    cr_expect(span_eq(keys.list[0].serial, serial_of("next")));
    cr_expect_eq(keys.list[0].not_before.us, mock_time("2026-01-01T00:00:00Z").us);
    cr_expect_eq(keys.list[0].not_after.us, mock_time("2126-01-01T00:00:00Z").us);
    /* It is judged again from its row by whoever loads it. */
    struct adapter_key again = { .key = NULL };
    CHECK_OK(alipay_key_accept(&mock_account, keys.pem[0], clock_wall(), mock_arena, &again));
    cr_expect(span_eq(again.serial, serial_of("next")));
    crypto_public_key_free(&again.key);
}

Test(alipay_keys, a_chain_may_bring_its_helpers)
{
    struct span leaf = mock_file(FOLDER "next.crt");
    struct span root = mock_file(FOLDER "root.crt");
    const char *both = mock_print("%.*s%.*s", SPAN_ARG(leaf), SPAN_ARG(root));
    CHECK_OK(take(offer(span_of(both), serial_of("next"))));
    cr_expect_eq(keys.count, 1);
}

Test(alipay_keys, another_roots_certificate_is_refused_even_when_its_root_comes_along)
{
    order.key_serial = serial_of("foreign");
    refuse(offer_of("foreign"), ERR_CERT_UNTRUSTED);
    struct span leaf = mock_file(FOLDER "foreign.crt");
    struct span root = mock_file(FOLDER "foreign_root.crt");
    const char *both = mock_print("%.*s%.*s", SPAN_ARG(leaf), SPAN_ARG(root));
    refuse(offer(span_of(both), serial_of("foreign")), ERR_CERT_UNTRUSTED);
}

Test(alipay_keys, a_certificate_outside_its_validity_is_refused)
{
    order.key_serial = serial_of("expired");
    refuse(offer_of("expired"), ERR_CERT_EXPIRED);
    order.key_serial = serial_of("early");
    refuse(offer_of("early"), ERR_CERT_EXPIRED);
}

/* The same authority certifies applications, and Alipay's side of every seller. */
Test(alipay_keys, a_certificate_of_somebody_else_is_refused)
{
    order.key_serial = serial_of("application");
    refuse(offer_of("application"), ERR_CERT_UNTRUSTED);
    order.key_serial = serial_of("other_seller");
    refuse(offer_of("other_seller"), ERR_CERT_UNTRUSTED);
}

Test(alipay_keys, another_certificate_than_the_one_asked_for_is_refused)
{
    order.key_serial = serial_of("present");
    refuse(offer_of("next"), ERR_CERT_UNTRUSTED);
}

Test(alipay_keys, the_answer_must_be_signed_by_what_it_brings_or_by_what_we_had)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(MOCK_TEXT_MAX);
    CHECK_OK(crypto_base64_encode(mock_file(FOLDER "next.crt"), &text));
    const char *root = mock_print("{\"code\":\"10000\",\"alipay_cert_content\":\"%.*s\"}",
                                  SPAN_ARG(buf_span(&text)));
    struct span forged = mock_sign(span_of(root)); /* a key that no certificate here has */
    refuse(mock_print("{\"" ROOT "\":%s,\"alipay_cert_sn\":\"%.*s\",\"sign\":\"%.*s\"}", root,
                      SPAN_ARG(serial_of("next")), SPAN_ARG(forged)),
           ERR_PROVIDER_UNVERIFIED);
    refuse(mock_print("{\"" ROOT "\":%s,\"alipay_cert_sn\":\"%.*s\"}", root,
                      SPAN_ARG(serial_of("next"))),
           ERR_PROVIDER_UNVERIFIED);
}

Test(alipay_keys, what_is_no_offer_is_not_understood)
{
    static const char *const offers[] = {
        "{\"code\":\"40004\",\"sub_code\":\"isv.unknown\"}",
        "{\"code\":\"10000\"}",
        "{\"code\":\"10000\",\"alipay_cert_content\":\"\"}",
        "{\"code\":\"10000\",\"alipay_cert_content\":\"%%%\"}",
        "{\"code\":\"10000\",\"alipay_cert_content\":7}",
        "[]",
    };
    for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
        struct adapter_key_offer out = { .count = 0 };
        enum err err = alipay_keys_read(span_of(offers[i]), NULL, mock_arena, &out);
        cr_expect_eq(err, ERR_PROVIDER_PROTOCOL, "%s gave %s", offers[i], err_name(err));
        cr_expect_eq(out.count, 0);
    }
    refuse(offer(SPAN_LIT("no certificate"), serial_of("next")), ERR_CERT_PARSE);
}

Test(alipay_keys, the_public_key_scheme_takes_no_certificates)
{
    struct adapter_key key = { .key = NULL };
    struct span pem = mock_file(FOLDER "next.crt");
    mock_key_scheme(false);
    CHECK_ERR(alipay_key_accept(&mock_account, pem, clock_wall(), mock_arena, &key),
              ERR_CERT_UNTRUSTED);
    struct adapter_fields fields = { .count = 0 };
    CHECK_ERR(alipay_request_build(&mock_account, ADAPTER_KEYS, &order, clock_wall(), mock_arena,
                                   &fields),
              ERR_METHOD_UNKNOWN);
}

#define NAMED "{\"%s\":{\"code\":\"10000\"},\"alipay_cert_sn\":\"%.*s\",\"sign\":\"AAAA\"}"

Test(alipay_keys, the_serial_of_an_unverified_message_is_told_only_when_nobody_has_it)
{
    static const char *const roots[] = { "alipay_trade_query_response",
                                         "alipay_trade_precreate_response", "error_response" };
    for (size_t i = 0; i < 3; i++) {
        struct span next = serial_of("next");
        struct span present = serial_of("present");
        struct adapter_message message = { .status = 200 };
        message.body = span_of(mock_print(NAMED, roots[i], SPAN_ARG(next)));
        cr_expect(span_eq(verify_unknown_serial(&mock_account, &message, mock_arena), next));
        message.body = span_of(mock_print(NAMED, roots[i], SPAN_ARG(present)));
        cr_expect(span_empty(verify_unknown_serial(&mock_account, &message, mock_arena)));
    }
}

/* A serial came from outside, and a forger may write anything there. */
Test(alipay_keys, only_a_serial_is_asked_for)
{
    static const struct {
        const char *serial;
        enum err err;
    } rows[] = {
        { "", ERR_FIELD_LENGTH },
        { "78e4a6f52b78ff201686bb32589eebc", ERR_FIELD_LENGTH },
        { "78e4a6f52b78ff201686bb32589eebc4a", ERR_FIELD_LENGTH },
        { "78e4a6f52b78ff201686bb32589eebcz", ERR_FIELD_CHARACTERS },
        { "78e4a6f52b78ff201686bb32589eebc4", ERR_OK },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct adapter_fields fields = { .count = 0 };
        order.key_serial = span_of(rows[i].serial);
        CHECK_ERR(alipay_request_build(&mock_account, ADAPTER_KEYS, &order, clock_wall(),
                                       mock_arena, &fields),
                  rows[i].err);
    }
}
