/* SPDX-License-Identifier: Apache-2.0 */
/* When keys and certificates end, as the gauges say it. */
#include "expiry.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

#define NOW "2027-01-15T02:00:00Z"

static char folder[64];
static char path[128];
static char source[256];
static struct config *config;
static struct accounts *accounts;

static void
start(void)
{
    (void)snprintf(folder, sizeof(folder), "/tmp/tallygate-expiry-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_not_null(getcwd(source, sizeof(source)));
    (void)snprintf(path, sizeof(path), "%s/tallygate.conf", folder);
}

static void
finish(void)
{
    accounts_free(&accounts);
    config_free(&config);
    (void)unlink(path);
    (void)rmdir(folder);
}

TestSuite(expiry, .init = start, .fini = finish);

static struct wall_time
at(const char *text)
{
    struct wall_time t = { 0 };
    CHECK_OK(wall_parse(span_of(text), &t));
    return t;
}

#define ACCOUNT                                                                       \
    "provider = alipay\ngateway_url = https://openapi.alipay.com/gateway.do\n"        \
    "ca_file = ca.pem\napplication = 2021000000000001\nmerchant = 2088000000000001\n" \
    "private_key = app.pem\n"

/* One account whose key has no end, one with certificates; `listen` is text of that section. */
static void
load(const char *listen)
{
    struct config_fault fault;
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    (void)fprintf(file,
                  "[server]\nmode = development\nrun_dir = run\n[database]\nconninfo = dbname=x\n"
                  "[portal]\nreturn_hosts = portal.example.cn\n[archive]\ndir = bills\n"
                  "reports_dir = reports\n[listen]\n%s"
                  "[account plain]\n" ACCOUNT "provider_public_key = %s/tests/vectors/alipay/keys/"
                  "mock_alipay_public.pem\n[account cert]\n" ACCOUNT "key_scheme = certificate\n",
                  listen, source);
    (void)fprintf(file,
                  "application_certificate = %s/tests/vectors/alipay/certs/mock_app.crt\n"
                  "provider_certificate = %s/tests/vectors/alipay/certs/mock_alipay_chain.crt\n"
                  "root_certificates = %s/tests/vectors/alipay/certs/mock_root_bundle.crt\n",
                  source, source, source);
    cr_assert_eq(fclose(file), 0);
    CHECK_OK(config_load(path, &config, &fault));
    CHECK_OK(accounts_load(config, at(NOW), &accounts, &fault));
}

static void
has_line(const struct buf *text, const char *line)
{
    cr_expect_lt(span_find(buf_span(text), span_of(line)), text->len, "no %s in\n%.*s", line,
                 SPAN_ARG(buf_span(text)));
}

/* Both certificates end at 2126-10-29T07:28:21Z (openssl), which is 4948932501 by `date -u -d ... +%s`;
 * NOW is 1799978400. */
Test(expiry, what_ends_is_counted_down_and_what_has_no_end_is_absent)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    load("");
    CHECK_OK(expiry_encode(accounts, at("2027-01-15T03:00:00Z"), at(NOW), &text));
    has_line(&text, "\ntallygate_provider_keys{account=\"plain\"} 1\n");
    has_line(&text, "\ntallygate_provider_keys{account=\"cert\"} 1\n");
    has_line(&text, "\ntallygate_provider_key_expires_seconds{account=\"cert\",serial=\""
                    "78e4a6f52b78ff201686bb32589eebc4\"} 3148954101\n");
    has_line(&text, "\ntallygate_own_certificate_expires_seconds{account=\"cert\"} 3148954101\n");
    has_line(&text, "\ntallygate_tls_certificate_expires_seconds 3600\n");
    cr_expect_eq(span_find(buf_span(&text), SPAN_LIT("key_expires_seconds{account=\"plain\"")),
                 text.len);
    cr_expect_eq(
        span_find(buf_span(&text), SPAN_LIT("certificate_expires_seconds{account=\"plain\"")),
        text.len);
}

Test(expiry, what_has_ended_counts_on_below_zero_and_is_no_key_any_more)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    load("");
    CHECK_OK(
        expiry_encode(accounts, at("2027-01-15T03:00:00Z"), at("2126-10-29T07:29:21Z"), &text));
    has_line(&text, "\ntallygate_provider_keys{account=\"plain\"} 1\n");
    has_line(&text, "\ntallygate_provider_keys{account=\"cert\"} 0\n");
    has_line(&text, "\ntallygate_own_certificate_expires_seconds{account=\"cert\"} -60\n");
}

Test(expiry, without_tls_its_gauge_has_no_value)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    struct wall_time end = { .us = 1 };
    load("");
    CHECK_OK(expiry_tls(config, &end));
    cr_expect_eq(end.us, 0);
    CHECK_OK(expiry_encode(accounts, end, at(NOW), &text));
    cr_expect(span_ends(buf_span(&text),
                        SPAN_LIT("# TYPE tallygate_tls_certificate_expires_seconds gauge\n")));
}

/* The leaf of chain.crt ends at 2027-01-01T00:00:00Z (openssl). */
Test(expiry, the_end_of_the_tls_certificate_is_that_of_its_leaf)
{
    char listen[512];
    struct wall_time end = { .us = 0 };
    (void)snprintf(listen, sizeof(listen),
                   "tls_certificate = %s/tests/vectors/crypto/chain.crt\ntls_key = key.pem\n",
                   source);
    load(listen);
    CHECK_OK(expiry_tls(config, &end));
    cr_expect_eq(end.us, at("2027-01-01T00:00:00Z").us);
}

Test(expiry, a_tls_certificate_that_is_none_is_said)
{
    struct wall_time end = { .us = 1 };
    load("tls_certificate = /nonexistent\ntls_key = key.pem\n");
    CHECK_ERR(expiry_tls(config, &end), ERR_FILE_OPEN);
    cr_expect_eq(end.us, 1);
}
