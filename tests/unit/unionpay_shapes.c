/* SPDX-License-Identifier: Apache-2.0 */
/* Bills and certificates inside answers, the form of bodies, and how they may be signed. */
#include "unionpay_play.h"

TestSuite(unionpay_shapes, .init = play_start, .fini = play_finish);

static const struct mock_field bill[] = {
    { "merId", MOCK_MERCHANT },
    { "txnTime", "20240106100000" },
    { "settleDate", "0105" },
    { "respCode", "00" },
    { "txnType", "76" },
    { "txnSubType", "01" },
    { "fileName", MOCK_MERCHANT "_20240105.zip" },
    { "fileContent", "eJwLAAAAAA==" },
};

Test(unionpay_shapes, a_bill_comes_as_it_was_packed)
{
    CHECK_OK(TAKE(ADAPTER_BILL_FILE, bill, NULL, NULL));
    CHECK_TEXT(answer.bill_file, "eJwLAAAAAA==");
    cr_expect(!answer.bill_none);
    REFUSE(ADAPTER_BILL_FILE, bill, "fileContent", NULL);
    REFUSE(ADAPTER_BILL_FILE, bill, "merId", "777290058110048");
    REFUSE(ADAPTER_BILL_FILE, bill, "fileName", MOCK_MERCHANT "_20230105.zip");
    REFUSE(ADAPTER_BILL_FILE, bill, "fileName", "777290058110048_20240105.zip");
    CHECK_OK(TAKE(ADAPTER_BILL_FILE, bill, "fileName", "another form"));
    CHECK_OK(TAKE(ADAPTER_BILL_FILE, bill, "respCode", "98"));
    cr_expect(answer.bill_none);
    cr_expect_eq(answer.handling, ADAPTER_RETRY);
    cr_expect_eq(answer.err, ERR_BILL_NOT_READY);
    CHECK_TEXT(answer.bill_file, "");
    CHECK_OK(TAKE(ADAPTER_BILL_FILE, bill, "respCode", "99"));
    cr_expect(!answer.bill_none);
    cr_expect_eq(answer.err, ERR_PROVIDER_BUSY);
}

static struct adapter_message
as_message(const char *body)
{
    return (struct adapter_message){ .status = 200, .body = span_of(body) };
}

static enum err
take_keys(const char *pem, const char *number, struct verify_keys *keys)
{
    const struct mock_field fields[] = {
        { "merId", MOCK_MERCHANT }, { "orderId", number },        { "txnTime", TIME },
        { "txnType", "95" },        { "txnSubType", "00" },       { "respCode", "00" },
        { "certType", "01" },       { "encryptPubKeyCert", pem },
    };
    struct verify *verify = NULL;
    const struct adapter_message message = as_message(mock_answer(fields, MOCK_COUNT(fields)));
    CHECK_OK(
        verify_answer_begin(&mock_account, ADAPTER_KEYS, &order, &message, mock_arena, &verify));
    enum err err = verify_answer_end(verify, &answer, &evidence);
    return err == ERR_OK ? verify_keys_end(verify, keys) : err;
}

/* The published certificates have expired, and so has the mock signer by then: both are judged at the time
 * of the fake clock. */
Test(unionpay_shapes, an_encryption_certificate_is_taken_when_its_owner_and_time_are_right)
{
    struct verify_keys keys = { .count = 0 };
    const char *pem =
        mock_print("%.*s", SPAN_ARG(mock_file("unionpay/certs/acp_test_enc_2017-2020.cer")));
    CHECK_ERR(take_keys(pem, "0123456789abcdefghijKLMNOPQRSTUV", &keys), ERR_CERT_EXPIRED);
    CHECK_ERR(take_keys(pem, "0123456789abcdefghijKLMNOPQRSTUW", &keys), ERR_PROVIDER_PROTOCOL);
    CHECK_ERR(take_keys(mock_certificate, "0123456789abcdefghijKLMNOPQRSTUV", &keys),
              ERR_CERT_UNTRUSTED);
    CHECK_ERR(take_keys("", "0123456789abcdefghijKLMNOPQRSTUV", &keys), ERR_PROVIDER_PROTOCOL);
    cr_expect_eq(keys.count, 0);
    const char *signer =
        mock_print("%.*s", SPAN_ARG(mock_file("unionpay/certs/acp_test_signer_2020-2025.cer")));
    CHECK_OK(take_keys(signer, "0123456789abcdefghijKLMNOPQRSTUV", &keys));
    cr_expect_eq(keys.count, 1);
    CHECK_TEXT(keys.list[0].serial, "69678957876");
    verify_keys_fini(&keys);
}

Test(unionpay_shapes, an_unsigned_answer_is_a_hint_at_most)
{
    static const char *const bodies[] = {
        "respCode=00&origRespCode=00",
        "respCode=34&respMsg=not found[2600000]",
        "version=5.1.0&signMethod=01&respCode=60&signature=",
    };
    for (size_t i = 0; i < MOCK_COUNT(bodies); i++) {
        CHECK_OK(take_body(ADAPTER_QUERY, bodies[i]));
        cr_expect_eq(answer.handling, ADAPTER_ASK_AGAIN);
        cr_expect_eq(answer.err, ERR_PROVIDER_UNVERIFIED);
        cr_expect_null(evidence);
        CHECK_OK(take_body(ADAPTER_REFUND, bodies[i]));
        cr_expect_eq(answer.refund, ADAPTER_REFUND_NONE);
    }
}

Test(unionpay_shapes, bodies_that_are_no_answer_are_refused)
{
    static const char *const bodies[] = {
        "",         "<html><body>500</body></html>",
        "{}",       "a",
        "=1",       "a=1&&b=2",
        "a=1&a=2",  "a={1&b=2",
        "a=1}&b=2", "{a=1",
        "a b=1",    "&a=1",
        "a=1&",
    };
    for (size_t i = 0; i < MOCK_COUNT(bodies); i++) {
        cr_expect_eq(take_body(ADAPTER_QUERY, bodies[i]), ERR_PROVIDER_PROTOCOL, "%s", bodies[i]);
        expect_nothing();
    }
}

Test(unionpay_shapes, pairs_are_cut_outside_of_braces_and_at_the_first_equals_sign)
{
    struct adapter_fields fields = { .count = 0 };
    CHECK_OK(unionpay_fields_split(SPAN_LIT("a={b=1&c={d=2&e=3}}&f=[g&h]&i=j==&k="), &fields));
    cr_expect_eq(fields.count, 4);
    CHECK_TEXT(adapter_fields_get(&fields, "a"), "{b=1&c={d=2&e=3}}");
    CHECK_TEXT(adapter_fields_get(&fields, "f"), "[g&h]");
    CHECK_TEXT(adapter_fields_get(&fields, "i"), "j==");
    CHECK_TEXT(fields.list[3].name, "k");
    CHECK_OK(unionpay_fields_split(SPAN_LIT("{a=1&b={c=2}}"), &fields));
    CHECK_TEXT(adapter_fields_get(&fields, "b"), "{c=2}");
}

Test(unionpay_shapes, an_answer_in_outer_braces_is_read)
{
    const char *whole = mock_answer(paid, MOCK_COUNT(paid));
    CHECK_OK(take_body(ADAPTER_QUERY, mock_print("{%s}", whole)));
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_PAID);
}

/* A merchant chooses how messages are signed; a message does not. */
Test(unionpay_shapes, another_way_of_signing_is_refused)
{
    struct mock_field fields[MOCK_FIELDS_MAX];
    size_t count = mock_complete(paid, MOCK_COUNT(paid), fields);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].name, "signMethod") == 0) {
            fields[i].value = "11";
        }
    }
    const char *text = mock_join(fields, count, true);
    static const char hex[] = "5316db8e6ac0462cf0f216466ce677fa33cc11df44a527c000e99dde96f3071d";
    CHECK_ERR(take_body(ADAPTER_QUERY, mock_print("%s&signature=%s", text, hex)),
              ERR_PROVIDER_UNVERIFIED);
    mock_account.scheme = CRYPTO_KEYED_SHA256;
    CHECK_ERR(TAKE(ADAPTER_QUERY, paid, NULL, NULL), ERR_PROVIDER_UNVERIFIED);
    expect_nothing();
}

/* The keys process gets the fields and the signature as they came. */
Test(unionpay_shapes, a_signature_with_a_shared_secret_is_checked_elsewhere)
{
    struct mock_field fields[MOCK_COUNT(paid) + 3] = { { "version", "5.1.0" },
                                                       { "encoding", "UTF-8" },
                                                       { "signMethod", "12" } };
    memcpy(fields + 3, paid, sizeof(paid));
    const char *text = mock_join(fields, MOCK_COUNT(fields), true);
    static const char hex[] = "86658406b9bd3a4bfec9aa5d04844173a93beaf1a94c449d82149583af0f9737";
    const struct adapter_message message = as_message(mock_print("%s&signature=%s", text, hex));
    struct verify *verify = NULL;
    DEFER(buf_fini) struct buf got = BUF_MAX(MOCK_TEXT_MAX);
    mock_account.scheme = CRYPTO_KEYED_SM3;
    CHECK_OK(
        verify_answer_begin(&mock_account, ADAPTER_QUERY, &order, &message, mock_arena, &verify));
    struct verify_task task = verify_task(verify);
    cr_assert_eq(task.kind, VERIFY_TASK_CHECK);
    CHECK_TEXT(task.signature, hex);
    CHECK_OK(unionpay_sign_text(task.fields, mock_arena, &got));
    CHECK_TEXT(buf_span(&got), text);
    CHECK_ERR(verify_answer_end(verify, &answer, &evidence), ERR_KEYS_AWAY);
    CHECK_OK(verify_task_done(verify, ERR_OK, task.signature));
    CHECK_OK(verify_answer_end(verify, &answer, &evidence));
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_PAID);
    mock_account.scheme = CRYPTO_KEYED_SHA256;
    CHECK_OK(
        verify_answer_begin(&mock_account, ADAPTER_QUERY, &order, &message, mock_arena, &verify));
    CHECK_OK(verify_task_done(verify, ERR_OK, task.signature));
    evidence_free(&evidence);
    CHECK_ERR(verify_answer_end(verify, &answer, &evidence), ERR_PROVIDER_PROTOCOL);
}
