/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and chains made by the openssl program: tests/vectors/crypto/make.sh. */
#include "certificate_chain.h"
#include "check.h"
#include "crypto.h"
#include "vectors.h"

#define MAX 8

/* `date -d … +%s` */
#define Y2019 INT64_C(1546300800)
#define Y2025 INT64_C(1735689600)
#define Y2027 INT64_C(1798761600)

struct list {
    struct crypto_certificate *at[MAX];
    size_t count;
};

static void
list_fini(struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        crypto_certificate_free(&list->at[i]);
    }
}

static struct list
read_list(const char *path)
{
    DEFER(buf_fini) struct buf pem = BUF_MAX(0);
    struct list list = { .count = 0 };
    vectors_read(path, &pem);
    CHECK_OK(crypto_certificates_new(buf_span(&pem), MAX, list.at, &list.count));
    return list;
}

static struct wall_time
at_s(int64_t seconds)
{
    return (struct wall_time){ .us = seconds * 1000000 };
}

static enum err
verify(const char *chain_path, const char *roots_path, int64_t seconds)
{
    DEFER(list_fini) struct list chain = read_list(chain_path);
    DEFER(list_fini) struct list roots = read_list(roots_path);
    return crypto_chain_verify(chain.at, chain.count, roots.at, roots.count, at_s(seconds));
}

Test(certificate, chains_to_no_configured_root_are_refused)
{
    CHECK_ERR(verify("crypto/chain.crt", "crypto/other.crt", Y2025), ERR_CERT_UNTRUSTED);
    CHECK_ERR(verify("crypto/leaf.crt", "crypto/root.crt", Y2025), ERR_CERT_UNTRUSTED);
    CHECK_ERR(verify("crypto/leaf.crt", "crypto/middle.crt", Y2025), ERR_CERT_UNTRUSTED);
    CHECK_ERR(verify("crypto/chain.crt", "crypto/leaf.crt", Y2025), ERR_CERT_UNTRUSTED);
    CHECK_ERR(verify("crypto/other.crt", "crypto/root.crt", Y2025), ERR_CERT_UNTRUSTED);
}

Test(certificate, an_end_certificate_is_no_authority)
{
    DEFER(list_fini) struct list forged = read_list("crypto/forged.crt");
    DEFER(list_fini) struct list chain = read_list("crypto/chain.crt");
    DEFER(list_fini) struct list roots = read_list("crypto/root.crt");
    struct crypto_certificate *all[] = { forged.at[0], chain.at[0], chain.at[1] };
    CHECK_ERR(crypto_chain_verify(all, 3, roots.at, roots.count, at_s(Y2025)), ERR_CERT_UNTRUSTED);
    CHECK_ERR(crypto_chain_verify(all, 0, roots.at, roots.count, at_s(Y2025)), ERR_CERT_UNTRUSTED);
    CHECK_ERR(crypto_chain_verify(chain.at, 2, roots.at, 0, at_s(Y2025)), ERR_CERT_UNTRUSTED);
}

Test(certificate, a_chain_is_judged_at_the_time_given)
{
    CHECK_ERR(verify("crypto/chain.crt", "crypto/root.crt", Y2025 - 1), ERR_CERT_EXPIRED);
    CHECK_OK(verify("crypto/chain.crt", "crypto/root.crt", Y2025));
    CHECK_OK(verify("crypto/chain.crt", "crypto/root.crt", Y2027 - 1));
    CHECK_ERR(verify("crypto/chain.crt", "crypto/root.crt", Y2027 + 1), ERR_CERT_EXPIRED);
    CHECK_ERR(verify("crypto/chain.crt", "crypto/root.crt", Y2019), ERR_CERT_EXPIRED);
}

/* The bundle holds an SM2 root, a public key and plain text between its members. */
Test(certificate, members_we_cannot_use_do_not_spoil_a_bundle)
{
    CHECK_OK(verify("crypto/chain.crt", "crypto/bundle.crt", Y2025));
    DEFER(list_fini) struct list bundle = read_list("crypto/bundle.crt");
    cr_expect_eq(bundle.count, 3);
    DEFER(buf_fini) struct buf oid = BUF_MAX(64);
    CHECK_OK(crypto_certificate_signature_oid(bundle.at[0], &oid));
    CHECK_TEXT(buf_span(&oid), "1.2.156.10197.1.501"); /* SM2 with SM3, GM/T 0006 */
    buf_reset(&oid);
    CHECK_OK(crypto_certificate_signature_oid(bundle.at[1], &oid));
    CHECK_TEXT(buf_span(&oid), "1.2.840.10045.4.3.2"); /* ECDSA with SHA-256, RFC 5758 */
}

Test(certificate, names_and_numbers_are_those_the_openssl_program_prints)
{
    DEFER(buf_fini) struct buf want = BUF_MAX(0);
    DEFER(buf_fini) struct buf got = BUF_MAX(256);
    DEFER(list_fini) struct list chain = read_list("crypto/chain.crt");
    vectors_read("crypto/middle.issuer.txt", &want);
    CHECK_OK(crypto_certificate_issuer(chain.at[1], &got));
    cr_expect(span_eq(buf_span(&got), buf_span(&want)), "%.*s", SPAN_ARG(buf_span(&got)));
    buf_fini(&want);
    buf_reset(&got);
    vectors_read("crypto/leaf.serial.txt", &want);
    CHECK_OK(crypto_certificate_serial_decimal(chain.at[0], &got));
    cr_expect(span_eq(buf_span(&got), buf_span(&want)), "%.*s", SPAN_ARG(buf_span(&got)));
}

/* root.crt made middle.crt and itself. */
Test(certificate, an_authority_beside_its_own_work_is_no_second_leaf)
{
    DEFER(buf_fini) struct buf pem = BUF_MAX(0);
    DEFER(buf_fini) struct buf part = BUF_MAX(0);
    vectors_read("crypto/middle.crt", &pem);
    vectors_read("crypto/root.crt", &part);
    CHECK_OK(buf_append(&pem, buf_span(&part)));
    DEFER(certificate_chain_fini) struct certificate_chain chain = { .count = 0 };
    CHECK_OK(certificate_chain_load(buf_span(&pem), &chain));
    cr_assert_eq(chain.count, 2);
    cr_expect(certificate_chain_is_leaf(&chain, 0));
    cr_expect(!certificate_chain_is_leaf(&chain, 1));
    cr_expect(!certificate_chain_is_leaf(&chain, 2));
}

/* Two copies stand for an old and a new leaf. */
Test(certificate, two_works_of_one_issuer_are_two_leaves)
{
    DEFER(buf_fini) struct buf pem = BUF_MAX(0);
    DEFER(buf_fini) struct buf copy = BUF_MAX(0);
    vectors_read("crypto/leaf.crt", &pem);
    vectors_read("crypto/leaf.crt", &copy);
    CHECK_OK(buf_append(&pem, buf_span(&copy)));
    DEFER(certificate_chain_fini) struct certificate_chain chain = { .count = 0 };
    CHECK_OK(certificate_chain_load(buf_span(&pem), &chain));
    cr_expect(certificate_chain_is_leaf(&chain, 1));
}

Test(certificate, validity_and_key_are_read)
{
    DEFER(list_fini) struct list chain = read_list("crypto/chain.crt");
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    DEFER(buf_fini) struct buf signature = BUF_MAX(256);
    struct crypto_public_key *key = NULL;
    cr_expect_eq(crypto_certificate_not_before(chain.at[0]).us, Y2025 * 1000000);
    cr_expect_eq(crypto_certificate_not_after(chain.at[0]).us, Y2027 * 1000000);
    vectors_read("crypto/rsa_sha256.sig.b64", &text);
    CHECK_OK(crypto_base64_decode(buf_span(&text), &signature));
    CHECK_OK(crypto_certificate_public_key(chain.at[0], &key));
    CHECK_OK(crypto_verify(key, CRYPTO_RSA_SHA256, SPAN_LIT("pay 88.00 to the seller"),
                           buf_span(&signature)));
    crypto_public_key_free(&key);
}

static void
refuse(struct span pem, size_t max)
{
    struct crypto_certificate *list[MAX] = { NULL };
    size_t count = 77;
    CHECK_ERR(crypto_certificates_new(pem, max, list, &count), ERR_CERT_PARSE);
    cr_expect_eq(count, 77);
    for (size_t i = 0; i < MAX; i++) {
        cr_expect_null(list[i]);
    }
}

Test(certificate, texts_without_or_with_damaged_certificates_are_refused)
{
    DEFER(buf_fini) struct buf pem = BUF_MAX(0);
    refuse(span_of(NULL), MAX);
    refuse(SPAN_LIT("no certificate here"), MAX);
    refuse(SPAN_LIT("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), MAX);
    vectors_read("crypto/chain.crt", &pem);
    CHECK_OK(buf_text(&pem, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"));
    refuse(buf_span(&pem), MAX);
}

/* A root left out in silence would make a wrong root serial. */
Test(certificate, a_bundle_with_more_than_may_be_is_refused_whole)
{
    DEFER(buf_fini) struct buf pem = BUF_MAX(0);
    vectors_read("crypto/bundle.crt", &pem);
    refuse(buf_span(&pem), 2);
    struct list list = { .count = 0 };
    CHECK_OK(crypto_certificates_new(buf_span(&pem), 3, list.at, &list.count));
    cr_expect_eq(list.count, 3);
    list_fini(&list);
}

Test(certificate, an_encrypted_member_asks_nobody_for_a_passphrase)
{
    refuse(SPAN_LIT("-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
                    "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                    "AAAAAAAAAAAAAAAAAAAAAA==\n-----END CERTIFICATE-----\n"),
           MAX);
}

/* The authority signs with SHA-1 throughout, and its signers are marked for TLS clients. */
Test(certificate, sha1_chains_of_message_signers_are_judged_like_others)
{
    static const struct {
        const char *leaf;
        const char *middle;
        const char *root;
        const char *other_root;
        int64_t inside_s; /* `date -d … +%s` */
        int64_t outside_s;
    } rows[] = {
        { "unionpay/certs/acp_test_signer_2020-2025.cer", "unionpay/certs/acp_test_middle.cer",
          "unionpay/certs/acp_test_root.cer", "unionpay/certs/acp_prod_root.cer", 1704067200,
          INT64_C(1753924757) },
        { "unionpay/certs/acp_prod_verify_sign_2015-2020.cer", "unionpay/certs/acp_prod_middle.cer",
          "unionpay/certs/acp_prod_root.cer", "unionpay/certs/acp_test_root.cer", Y2019, Y2025 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(list_fini) struct list leaf = read_list(rows[i].leaf);
        DEFER(list_fini) struct list middle = read_list(rows[i].middle);
        DEFER(list_fini) struct list root = read_list(rows[i].root);
        DEFER(list_fini) struct list other = read_list(rows[i].other_root);
        DEFER(buf_fini) struct buf oid = BUF_MAX(64);
        struct crypto_certificate *chain[] = { leaf.at[0], middle.at[0] };
        CHECK_OK(crypto_certificate_signature_oid(leaf.at[0], &oid));
        CHECK_TEXT(buf_span(&oid), "1.2.840.113549.1.1.5"); /* sha1WithRSAEncryption, RFC 8017 */
        CHECK_OK(crypto_chain_verify(chain, 2, root.at, 1, at_s(rows[i].inside_s)));
        CHECK_ERR(crypto_chain_verify(chain, 2, root.at, 1, at_s(rows[i].outside_s)),
                  ERR_CERT_EXPIRED);
        CHECK_ERR(crypto_chain_verify(chain, 2, other.at, 1, at_s(rows[i].inside_s)),
                  ERR_CERT_UNTRUSTED);
        CHECK_ERR(crypto_chain_verify(chain, 1, root.at, 1, at_s(rows[i].inside_s)),
                  ERR_CERT_UNTRUSTED);
    }
}

/* As `openssl x509 -subject -nameopt utf8` prints them; TeletexString and UTF8String alike. */
Test(certificate, the_common_name_is_read_whole)
{
    static const struct {
        const char *path;
        const char *name;
    } rows[] = {
        { "unionpay/certs/acp_test_signer_2015-2017.cer", "041@Z12@00040000:SIGN@00000062" },
        { "unionpay/certs/acp_test_signer_2017-2020.cer", "041@Z2017-11-1@00040000:SIGN@00000001" },
        { "unionpay/certs/acp_test_signer_2020-2025.cer",
          "041@8310000000083040@中国银联股份有限公司@00016495" },
        { "unionpay/certs/acp_prod_verify_sign_2015-2020.cer",
          "041@8310000000083040@中国银联股份有限公司@00016493" },
        { "unionpay/certs/acp_test_enc_2015-2017.cer", "041@Z2014-11-11@00040000:SIGN@00000005" },
        { "unionpay/certs/acp_test_enc_2017-2020.cer", "041@Z2014-11-11@00040000:SIGN@00000006" },
        { "unionpay/certs/acp_prod_enc_2014-2019.cer",
          "041@Z1200040000:SIGN@00040000:SIGN@00000002" },
        { "unionpay/certs/acp_prod_enc_2018-2024.cer",
          "041@Z1200040000:SIGN@00040000:SIGN@00000002" },
        { "unionpay/certs/acp_test_middle.cer", "CFCA TEST OCA1" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(list_fini) struct list one = read_list(rows[i].path);
        DEFER(buf_fini) struct buf name = BUF_MAX(256);
        CHECK_OK(crypto_certificate_common_name(one.at[0], &name));
        CHECK_TEXT(buf_span(&name), rows[i].name);
    }
}

Test(certificate, a_subject_without_one_common_name_has_none)
{
    static const char *const paths[] = { "unionpay/certs/acp_prod_root.cer", "crypto/two_names.crt",
                                         "crypto/nul_name.crt" };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        DEFER(list_fini) struct list one = read_list(paths[i]);
        DEFER(buf_fini) struct buf name = BUF_MAX(256);
        CHECK_ERR(crypto_certificate_common_name(one.at[0], &name), ERR_CERT_PARSE);
        cr_expect_eq(name.len, 0);
    }
}
