/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts from their material, whose certificates are taken, and the provider's shortened times. */
#include "unionpay_mock.h"

TestSuite(unionpay_account, .init = mock_start, .fini = mock_finish);

static struct adapter_material
whole_material(void)
{
    return (struct adapter_material){
        .application_certificate = mock_file("unionpay/certs/acp_test_signer_2020-2025.cer"),
        .root_certificates = mock_file("unionpay/certs/acp_test_root.cer"),
        .middle_certificates = mock_file("unionpay/certs/acp_test_middle.cer"),
    };
}

static struct adapter_account
bare_account(const char *key_scheme)
{
    return (struct adapter_account){ .adapter = mock_account.adapter,
                                     .application = MOCK_MERCHANT,
                                     .merchant = MOCK_MERCHANT,
                                     .key_scheme = key_scheme,
                                     .application_serial = "",
                                     .payee = "",
                                     .signer_owner = "" };
}

static enum err
prepare(const struct adapter_material *material, struct adapter_account *account)
{
    return unionpay_account_prepare(material, clock_wall(), mock_arena, account);
}

static void
refuse(const struct adapter_material *material, struct adapter_account account, enum err want)
{
    enum err got = prepare(material, &account);
    cr_expect_eq(got, want, "%s", err_name(got));
    mock_account_fini(&account);
}

Test(unionpay_account, incomplete_and_wrong_material_is_refused)
{
    struct adapter_material material = whole_material();
    struct adapter_account account = bare_account("public-key");
    refuse(&material, account, ERR_CONFIG_VALUE);
    account = bare_account("certificate");
    account.application = "777290058167152";
    refuse(&material, account, ERR_CONFIG_VALUE);
    account.application = account.merchant = "7772900581671511";
    refuse(&material, account, ERR_CONFIG_VALUE);
    account.application = account.merchant = "77729005816715-";
    refuse(&material, account, ERR_CONFIG_VALUE);
    account = bare_account("certificate");
    material.application_certificate = SPAN_LIT("");
    refuse(&material, account, ERR_CONFIG_MISSING);
    account.application_serial = "0x1046900149";
    refuse(&material, account, ERR_CONFIG_VALUE);
    material = whole_material();
    material.root_certificates = SPAN_LIT("");
    refuse(&material, bare_account("certificate"), ERR_CONFIG_MISSING);
    material = whole_material();
    material.root_certificates = SPAN_LIT("no certificate");
    refuse(&material, bare_account("certificate"), ERR_CERT_PARSE);
    material = whole_material();
    material.root_certificates = mock_file("unionpay/certs/acp_prod_root.cer");
    refuse(&material, bare_account("certificate"), ERR_CERT_UNTRUSTED);
}

/* 69678957876 is 1039308534 in hexadecimal, which the openssl program prints. */
Test(unionpay_account, the_certificates_number_is_its_decimal_serial)
{
    struct adapter_material material = whole_material();
    struct adapter_account account = bare_account("certificate");
    CHECK_OK(prepare(&material, &account));
    CHECK_TEXT(span_of(account.application_serial), "69678957876");
    cr_expect_eq(account.scheme, CRYPTO_RSA_SHA256);
    cr_expect_eq(account.roots.count, 1);
    cr_expect_eq(account.helpers.count, 1);
    cr_expect_eq(account.key_count, 0);
    mock_account_fini(&account);
}

Test(unionpay_account, a_shared_secret_needs_no_certificates)
{
    const struct adapter_material none = { .root_certificates = SPAN_LIT("") };
    struct adapter_account account = bare_account("shared-sha256");
    account.application_serial = "1";
    CHECK_OK(prepare(&none, &account));
    cr_expect_eq(account.scheme, CRYPTO_KEYED_SHA256);
    CHECK_TEXT(span_of(account.application_serial), "");
    account = bare_account("shared-sm3");
    CHECK_OK(prepare(&none, &account));
    cr_expect_eq(account.scheme, CRYPTO_KEYED_SM3);
}

static enum err
accept_signer(const char *path, const char *owner)
{
    DEFER(certificate_chain_fini) struct certificate_chain chain = { .count = 0 };
    struct adapter_account account = bare_account("certificate");
    account.signer_owner = owner;
    CHECK_OK(certificate_chain_load(mock_file(path), &chain));
    return unionpay_signer_accept(&account, chain.list[0]);
}

/* The owner is the third part and nothing but it. */
Test(unionpay_account, only_the_providers_own_certificates_sign)
{
    static const struct {
        const char *path;
        const char *owner;
        enum err want;
    } rows[] = {
        { "acp_test_signer_2020-2025.cer", "", ERR_OK },
        { "acp_prod_verify_sign_2015-2020.cer", "", ERR_OK },
        { "acp_test_signer_2017-2020.cer", "", ERR_CERT_UNTRUSTED },
        { "acp_test_signer_2015-2017.cer", "", ERR_CERT_UNTRUSTED },
        { "acp_prod_enc_2018-2024.cer", "", ERR_CERT_UNTRUSTED },
        { "acp_test_middle.cer", "", ERR_CERT_UNTRUSTED },
        { "acp_prod_root.cer", "", ERR_CERT_UNTRUSTED },
        { "acp_test_signer_2017-2020.cer", "00040000:SIGN", ERR_OK },
        { "acp_test_signer_2017-2020.cer", "00040000", ERR_CERT_UNTRUSTED },
        { "acp_test_signer_2017-2020.cer", "00040000:SIGN@00000001", ERR_CERT_UNTRUSTED },
        { "acp_test_signer_2017-2020.cer", "Z2017-11-1", ERR_CERT_UNTRUSTED },
        { "acp_test_signer_2020-2025.cer", "00040000:SIGN", ERR_CERT_UNTRUSTED },
        { "acp_test_signer_2020-2025.cer", "中国银联", ERR_CERT_UNTRUSTED },
    };
    for (size_t i = 0; i < MOCK_COUNT(rows); i++) {
        enum err got = accept_signer(mock_print("unionpay/certs/%s", rows[i].path), rows[i].owner);
        cr_expect_eq(got, rows[i].want, "%s %s: %s", rows[i].path, rows[i].owner, err_name(got));
    }
}

static enum err
accept_key(const char *path, const char *at, struct adapter_key *key)
{
    return unionpay_key_accept(&mock_account, mock_file(path), mock_time(at), mock_arena, key);
}

/* 69026275926 is 1012496256 in hexadecimal, which the openssl program prints. */
Test(unionpay_account, encryption_certificates_have_an_owner_of_their_own)
{
    struct adapter_key key = { .key = NULL };
    CHECK_ERR(accept_key("unionpay/certs/acp_prod_enc_2018-2024.cer", "2019-01-01T00:00:00Z", &key),
              ERR_CERT_UNTRUSTED);
    CHECK_ERR(accept_key("unionpay/certs/acp_test_enc_2017-2020.cer", MOCK_NOW, &key),
              ERR_CERT_EXPIRED);
    CHECK_ERR(accept_key("unionpay/certs/acp_test_middle.cer", "2019-01-01T00:00:00Z", &key),
              ERR_CERT_UNTRUSTED);
    const char *two =
        mock_print("%.*s\n%.*s", SPAN_ARG(mock_file("unionpay/certs/acp_test_enc_2017-2020.cer")),
                   SPAN_ARG(mock_file("unionpay/certs/acp_test_enc_2015-2017.cer")));
    CHECK_ERR(unionpay_key_accept(&mock_account, span_of(two), mock_time("2017-11-02T00:00:00Z"),
                                  mock_arena, &key),
              ERR_CERT_UNTRUSTED);
    CHECK_ERR(unionpay_key_accept(&mock_account, span_of(mock_certificate), clock_wall(),
                                  mock_arena, &key),
              ERR_CERT_UNTRUSTED);
    cr_expect_null(key.key);
    CHECK_OK(accept_key("unionpay/certs/acp_test_enc_2017-2020.cer", "2019-01-01T00:00:00Z", &key));
    CHECK_TEXT(key.serial, "69026275926");
    crypto_public_key_free(&key.key);
}

static void
expect_time(const char *text, const char *near, const char *want)
{
    struct wall_time t = { .us = 7 };
    enum err err = unionpay_time_near(span_of(text), mock_time(near), &t);
    cr_expect_eq(err, want == NULL ? ERR_TIME : ERR_OK, "%s near %s", text, near);
    cr_expect_eq(t.us, want == NULL ? 7 : mock_time(want).us, "%s near %s", text, near);
}

/* Beijing is eight hours ahead; the year is the nearest one. */
Test(unionpay_account, times_without_a_year_take_the_nearest_one)
{
    expect_time("1231235959", "2024-01-01T00:00:00Z", "2023-12-31T15:59:59Z");
    expect_time("0101000000", "2023-12-31T15:00:00Z", "2023-12-31T16:00:00Z");
    expect_time("0105145046", "2024-01-05T06:50:46Z", "2024-01-05T06:50:46Z");
    expect_time("0229120000", "2024-03-01T00:00:00Z", "2024-02-29T04:00:00Z");
    expect_time("0229120000", "2025-01-01T00:00:00Z", "2024-02-29T04:00:00Z");
    expect_time("0229120000", "2026-07-01T00:00:00Z", NULL);
    expect_time("1301000000", "2024-01-01T00:00:00Z", NULL);
    expect_time("0101240000", "2024-01-01T00:00:00Z", NULL);
    expect_time("010100000", "2024-01-01T00:00:00Z", NULL);
    expect_time("01010000 0", "2024-01-01T00:00:00Z", NULL);
    expect_time("", "2024-01-01T00:00:00Z", NULL);
}

Test(unionpay_account, clearing_days_take_the_nearest_year)
{
    static const struct {
        const char *text;
        const char *near;
        int year;
    } rows[] = {
        { "0101", "2023-12-31T15:30:00Z", 2024 }, { "1231", "2024-01-01T02:00:00Z", 2023 },
        { "1231", "2023-12-31T15:59:59Z", 2023 }, { "0108", "2024-01-05T06:50:46Z", 2024 },
        { "0229", "2024-02-29T06:00:00Z", 2024 },
    };
    for (size_t i = 0; i < MOCK_COUNT(rows); i++) {
        struct day day = { .year = 0 };
        CHECK_OK(unionpay_day_near(span_of(rows[i].text), mock_time(rows[i].near), &day));
        cr_expect_eq(day.year, rows[i].year, "%s", rows[i].text);
        CHECK_TEXT(span_of(mock_print("%02d%02d", day.month, day.mday)), rows[i].text);
    }
    struct day day = { .year = 0 };
    CHECK_ERR(unionpay_day_near(SPAN_LIT("0230"), mock_time(MOCK_NOW), &day), ERR_TIME);
    CHECK_ERR(unionpay_day_near(SPAN_LIT("229"), mock_time(MOCK_NOW), &day), ERR_TIME);
    CHECK_ERR(unionpay_day_near(SPAN_LIT("20240105"), mock_time(MOCK_NOW), &day), ERR_TIME);
}

Test(unionpay_account, full_times_are_beijings)
{
    struct wall_time t = { .us = 0 };
    struct span text;
    CHECK_OK(unionpay_time_parse(SPAN_LIT("20240105145046"), &t));
    cr_expect_eq(t.us, mock_time("2024-01-05T06:50:46Z").us);
    CHECK_OK(unionpay_time_format(mock_time("2023-12-31T16:00:00.999Z"), mock_arena, &text));
    CHECK_TEXT(text, "20240101000000");
    CHECK_ERR(unionpay_time_parse(SPAN_LIT("2024010514504"), &t), ERR_TIME);
    CHECK_ERR(unionpay_time_parse(SPAN_LIT("2024010514504x"), &t), ERR_TIME);
    CHECK_ERR(unionpay_time_parse(SPAN_LIT("20240230000000"), &t), ERR_TIME);
}
