/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts from configuration: what refuses to start, and which account a payment goes to. */
#include "account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "clock_fake.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define VECTORS     "tests/vectors/alipay/"
#define INSIDE      "2027-01-15T02:00:00Z" /* of the mock certificates' validity */

#define SERVER                                      \
    "[server]\nmode = development\nrun_dir = run\n" \
    "[database]\nconninfo = dbname=tallygate\n"     \
    "[portal]\nreturn_hosts = portal.example.cn\n"  \
    "[archive]\ndir = bills\nreports_dir = /var/reports\n"
#define ACCOUNT(name, provider)                                                 \
    "[account " name "]\nprovider = " provider                                  \
    "\ngateway_url = https://openapi.alipay.com/gateway.do\nca_file = ca.pem\n" \
    "application = 2021000000000001\nmerchant = 2088000000000001\nprivate_key = app.pem\n"
#define PLAIN(name) ACCOUNT(name, "alipay") "provider_public_key = %s/" VECTORS MOCK_PUBLIC "\n"
#define MOCK_PUBLIC "keys/mock_alipay_public.pem"

static char folder[64];
static char source[256];
static struct config *config;
static struct accounts *accounts;
static struct config_fault fault;

static void
start(void)
{
    (void)snprintf(folder, sizeof(folder), "/tmp/tallygate-account-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_not_null(getcwd(source, sizeof(source)));
}

static void
remove_file(const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    (void)unlink(path);
}

static void
finish(void)
{
    accounts_free(&accounts);
    config_free(&config);
    remove_file("tallygate.conf");
    remove_file("material.pem");
    (void)rmdir(folder);
}

TestSuite(account, .init = start, .fini = finish);

static const char *
write_file(const char *name, const void *bytes, size_t len)
{
    static char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes, 1, len, file), len);
    cr_assert_eq(fclose(file), 0);
    return path;
}

static struct wall_time
at(const char *text)
{
    struct wall_time t = { 0 };
    CHECK_OK(wall_parse(span_of(text), &t));
    return t;
}

static enum err
load_at(const char *sections, const char *now)
{
    char text[8192];
    int len = snprintf(text, sizeof(text), "%s%s", SERVER, sections);
    cr_assert(len > 0 && (size_t)len < sizeof(text));
    accounts_free(&accounts);
    config_free(&config);
    const char *path = write_file("tallygate.conf", text, (size_t)len);
    enum err err = config_load(path, &config, &fault);
    cr_assert_eq(err, ERR_OK, "line %d: %s %s", fault.line, fault.setting, fault.message);
    fault = (struct config_fault){ .line = 1 };
    return accounts_load(config, at(now), &accounts, &fault);
}

/* "%s" in the sections stands for the source folder, at most four times. */
static const char *
placed(const char *sections)
{
    static char text[8192];
    size_t len = 0;
    for (const char *c = sections; *c != 0; c++) {
        bool mark = c[0] == '%' && c[1] == 's';
        int grew =
            snprintf(text + len, sizeof(text) - len, mark ? "%s" : "%.1s", mark ? source : c);
        cr_assert(grew > 0 && (size_t)grew < sizeof(text) - len);
        len += (size_t)grew;
        c += mark ? 1 : 0;
    }
    return text;
}

static void
refuse_at(const char *sections, const char *now, enum err want)
{
    enum err got = load_at(placed(sections), now);
    cr_expect_eq(got, want, "%s gave %s", sections, err_name(got));
    cr_expect_null(accounts);
    cr_expect_str_eq(fault.setting, "account main");
    cr_expect_eq(fault.line, 0);
    cr_expect_str_eq(fault.message, err_text(want, LANGUAGE_EN));
}

static void
refuse(const char *sections, enum err want)
{
    refuse_at(sections, INSIDE, want);
}

Test(account, an_unknown_provider_refuses_to_start)
{
    refuse(ACCOUNT("main", "alipai"), ERR_PROVIDER_UNKNOWN);
    refuse(ACCOUNT("main", "ALIPAY"), ERR_PROVIDER_UNKNOWN);
}

Test(account, an_unknown_scheme_or_method_refuses_to_start)
{
    refuse(PLAIN("main") "key_scheme = certificates\n", ERR_CONFIG_VALUE);
    refuse(PLAIN("main") "key_scheme = public_key\n", ERR_CONFIG_VALUE);
    refuse(PLAIN("main") "methods = page fax\n", ERR_CONFIG_VALUE);
    refuse(PLAIN("main") "methods = page,qr\n", ERR_CONFIG_VALUE);
    refuse(PLAIN("main") "methods = PAGE\n", ERR_CONFIG_VALUE);
}

#define KEY_FILE(path) ACCOUNT("main", "alipay") "provider_public_key = " path "\n"

Test(account, the_public_key_scheme_needs_a_public_key_that_can_be_read)
{
    refuse(ACCOUNT("main", "alipay"), ERR_CONFIG_MISSING);
    refuse(KEY_FILE("/nonexistent/key.pem"), ERR_FILE_OPEN);
    refuse(KEY_FILE("%s"), ERR_FILE_READ); /* a folder */
    refuse(KEY_FILE("%s/tests/vectors/alipay/README.md"), ERR_KEY_PARSE);
    refuse(KEY_FILE("%s/tests/vectors/alipay/keys/mock_app_private.pem"), ERR_KEY_PARSE);
    refuse(KEY_FILE("/dev/null"), ERR_CONFIG_MISSING);
}

Test(account, a_key_file_without_end_is_not_read_whole)
{
    static char bytes[64 * 1024 + 1];
    char section[1024];
    memset(bytes, 'x', sizeof(bytes));
    const char *path = write_file("material.pem", bytes, sizeof(bytes));
    (void)snprintf(section, sizeof(section), ACCOUNT("main", "alipay") "provider_public_key = %s\n",
                   path);
    refuse(section, ERR_FILE_READ);
    refuse(KEY_FILE("/dev/zero"), ERR_FILE_READ);
}

#define CERTS "%s/tests/vectors/alipay/certs/"
#define CERTIFIED(own, provider, roots)                        \
    ACCOUNT("main", "alipay")                                  \
    "key_scheme = certificate\napplication_certificate = " own \
    "\nprovider_certificate = " provider "\nroot_certificates = " roots "\n"
#define OWN      CERTS "mock_app.crt"
#define PROVIDER CERTS "mock_alipay_chain.crt"
#define ROOTS    CERTS "mock_root_bundle.crt"

Test(account, the_certificate_scheme_needs_all_three_files)
{
    refuse(CERTIFIED("", PROVIDER, ROOTS), ERR_CONFIG_MISSING);
    refuse(CERTIFIED(OWN, "", ROOTS), ERR_CONFIG_MISSING);
    refuse(CERTIFIED(OWN, PROVIDER, ""), ERR_CONFIG_MISSING);
    refuse(CERTIFIED("/nonexistent", PROVIDER, ROOTS), ERR_FILE_OPEN);
    refuse(CERTIFIED(OWN, "/nonexistent", ROOTS), ERR_FILE_OPEN);
    refuse(CERTIFIED(OWN, PROVIDER, "/nonexistent"), ERR_FILE_OPEN);
    /* A public key alone does not make up for them. */
    refuse(PLAIN("main") "key_scheme = certificate\n", ERR_CONFIG_MISSING);
}

Test(account, certificates_that_are_none_are_refused)
{
    refuse(CERTIFIED("%s/tests/vectors/alipay/README.md", PROVIDER, ROOTS), ERR_CERT_PARSE);
    refuse(CERTIFIED(OWN, "%s/" VECTORS MOCK_PUBLIC, ROOTS), ERR_CERT_PARSE);
    refuse(CERTIFIED(OWN, PROVIDER, "%s/" VECTORS MOCK_PUBLIC), ERR_CERT_PARSE);
}

Test(account, a_provider_certificate_must_lead_to_the_roots)
{
    refuse(CERTIFIED(OWN, PROVIDER, CERTS "alipay_root_bundle.crt"), ERR_CERT_UNTRUSTED);
    refuse(CERTIFIED(OWN, CERTS "yansongda_alipay_chain.crt", ROOTS), ERR_CERT_UNTRUSTED);
}

/* The mock provider's certificate begins at 2026-11-22T07:28:21Z; its root is the first of the chain
 * to end, at 2126-10-29T07:28:18Z. */
Test(account, a_provider_certificate_must_be_valid_now)
{
    refuse_at(CERTIFIED(OWN, PROVIDER, ROOTS), "2126-10-29T07:28:19Z", ERR_CERT_EXPIRED);
    refuse_at(CERTIFIED(OWN, PROVIDER, ROOTS), "2026-11-22T07:28:20Z", ERR_CERT_EXPIRED);
    CHECK_OK(load_at(placed(CERTIFIED(OWN, PROVIDER, ROOTS)), "2126-10-29T07:28:17Z"));
    CHECK_OK(load_at(placed(CERTIFIED(OWN, PROVIDER, ROOTS)), "2026-11-22T07:28:21Z"));
}

Test(account, the_certificate_scheme_takes_serials_and_validity_from_the_files)
{
    CHECK_OK(load_at(placed(CERTIFIED(OWN, PROVIDER, ROOTS)), INSIDE));
    const struct adapter_account *account = accounts_at(accounts, 0);
    cr_assert_not_null(account);
    cr_expect(account->serial_required);
    cr_expect_eq(account->key_count, 1);
    CHECK_TEXT(account->keys[0].serial, "78e4a6f52b78ff201686bb32589eebc4"); /* cert_sn.json */
    cr_expect_eq(account->keys[0].not_before.us, at("2026-11-22T07:28:21Z").us);
    cr_expect_eq(account->keys[0].not_after.us, at("2126-10-29T07:28:21Z").us);
    cr_expect_eq(strlen(account->application_serial), 32);
    cr_expect_gt(strlen(account->root_serial), 0);
}

/* `openssl x509 -noout -dates` of the file. */
Test(account, the_dates_of_our_own_certificate_are_known_in_every_scheme)
{
    CHECK_OK(load_at(placed(CERTIFIED(OWN, PROVIDER, ROOTS)), INSIDE));
    cr_expect_eq(accounts_at(accounts, 0)->application_not_before.us,
                 at("2026-11-22T07:28:21Z").us);
    cr_expect_eq(accounts_at(accounts, 0)->application_not_after.us, at("2126-10-29T07:28:21Z").us);
    CHECK_OK(load_at(placed(PLAIN("main") "application_certificate = " OWN "\n"), INSIDE));
    cr_expect_eq(accounts_at(accounts, 0)->application_not_after.us, at("2126-10-29T07:28:21Z").us);
    CHECK_OK(load_at(placed(PLAIN("main")), INSIDE));
    cr_expect_eq(accounts_at(accounts, 0)->application_not_after.us, 0);
}

Test(account, a_key_counts_from_its_first_instant_to_its_last)
{
    const struct adapter_key key = { .not_before = at("2026-11-22T07:28:21Z"),
                                     .not_after = at("2027-11-22T07:28:21Z") };
    cr_expect_not(adapter_key_is_valid(&key, at("2026-11-22T07:28:20Z")));
    cr_expect(adapter_key_is_valid(&key, at("2026-11-22T07:28:21Z")));
    cr_expect(adapter_key_is_valid(&key, at("2027-11-22T07:28:21Z")));
    cr_expect_not(adapter_key_is_valid(&key, at("2027-11-22T07:28:22Z")));
    const struct adapter_key endless = { .key = NULL };
    cr_expect(adapter_key_is_valid(&endless, at("2099-01-01T00:00:00Z")));
}

Test(account, settings_reach_the_account_as_they_stand)
{
    CHECK_OK(load_at(placed(PLAIN("main") "amount_max = 1234.56\nfee_rate_ppm = 3800\n"
                                          "bill_hosts = bills.example.cn\n"),
                     INSIDE));
    cr_assert_eq(accounts_count(accounts), 1);
    const struct adapter_account *account = accounts_find(accounts, SPAN_LIT("main"));
    cr_assert_not_null(account);
    cr_expect_eq(account, accounts_at(accounts, 0));
    cr_expect_str_eq(account->adapter->name, "alipay");
    cr_expect_str_eq(account->application, "2021000000000001");
    cr_expect_str_eq(account->merchant, "2088000000000001");
    cr_expect_str_eq(account->gateway_url, "https://openapi.alipay.com/gateway.do");
    cr_expect_str_eq(account->bill_hosts, "bills.example.cn");
    cr_expect_str_eq(account->application_serial, "");
    cr_expect_eq(account->amount_max.minor, 123456);
    cr_expect_eq(account->amount_max.currency, CURRENCY_CNY);
    cr_expect_eq(account->fee_rate_ppm, 3800);
    cr_expect_not(account->allow_private_address);
    cr_expect_not(account->serial_required);
    cr_expect_eq(account->key_count, 1);
    cr_expect_null(accounts_at(accounts, 1));
    cr_expect_null(accounts_find(accounts, SPAN_LIT("Main")));
    cr_expect_null(accounts_find(accounts, SPAN_LIT("")));
}

#define FEE(name, account, rest) "[fee " name "]\naccount = " account "\n" rest "\n"

Test(account, contracts_of_fees_reach_their_account)
{
    CHECK_OK(load_at(placed(PLAIN("main") PLAIN("other") FEE(
                         "old", "main", "from = 2026-01-01\nuntil = 2026-06-30\nrate_ppm = 6000")
                                FEE("new", "main",
                                    "from = 2026-07-01\nrate_ppm = 3800\n"
                                    "rounding = down") FEE("debit", "main",
                                                           "card = debit\nfrom = 2026-01-01\n"
                                                           "rate_ppm = 4000\ncap = 20.00")),
                     INSIDE));
    const struct adapter_account *account = accounts_find(accounts, SPAN_LIT("main"));
    cr_assert_eq(account->fee_count, 3);
    cr_expect_eq(accounts_find(accounts, SPAN_LIT("other"))->fee_count, 0);
    const struct day june = { 2026, 6, 30 };
    const struct day july = { 2026, 7, 1 };
    const struct day before = { 2025, 12, 31 };
    cr_expect_eq(fee_contract_find(account->fees, 3, FEE_CARD_CREDIT, june)->rate_ppm, 6000);
    cr_expect_eq(fee_contract_find(account->fees, 3, FEE_CARD_ANY, july)->rate_ppm, 3800);
    cr_expect_eq(fee_contract_find(account->fees, 3, FEE_CARD_ANY, july)->rounding, FEE_ROUND_DOWN);
    cr_expect_eq(fee_contract_find(account->fees, 3, FEE_CARD_DEBIT, july)->cap_fen, 2000);
    cr_expect_null(fee_contract_find(account->fees, 3, FEE_CARD_DEBIT, before));
}

static void
refuse_fee(const char *sections)
{
    enum err got = load_at(placed(sections), INSIDE);
    cr_expect_eq(got, ERR_CONFIG_VALUE, "%s gave %s", sections, err_name(got));
    cr_expect_null(accounts);
    cr_expect(span_starts(span_of(fault.setting), SPAN_LIT("fee ")), "%s", fault.setting);
}

Test(account, a_contract_of_fees_that_cannot_hold_is_refused)
{
#define JANUARY "from = 2026-01-01\nrate_ppm = 6000\n"
    refuse_fee(PLAIN("main") FEE("x", "nobody", JANUARY));
    refuse_fee(PLAIN("main") FEE("x", "main", JANUARY "card = gold"));
    refuse_fee(PLAIN("main") FEE("x", "main", JANUARY "rounding = nearest"));
    refuse_fee(PLAIN("main") FEE("x", "main", JANUARY "until = 2025-12-31"));
    refuse_fee(PLAIN("main") FEE("x", "main", "from = 2026-02-30\nrate_ppm = 1"));
    refuse_fee(PLAIN("main") FEE("x", "main", JANUARY) FEE("y", "main", JANUARY));
    refuse_fee(PLAIN("main") FEE("x", "main", JANUARY "until = 2026-03-31")
                   FEE("y", "main", "from = 2026-03-31\nrate_ppm = 1"));
    CHECK_OK(load_at(placed(PLAIN("main") FEE("x", "main", JANUARY "until = 2026-03-31")
                                FEE("y", "main", "from = 2026-04-01\nrate_ppm = 1")),
                     INSIDE));
}

Test(account, one_bad_account_among_good_ones_refuses_all)
{
    refuse(PLAIN("first") ACCOUNT("main", "nobody"), ERR_PROVIDER_UNKNOWN);
}

Test(account, without_accounts_nothing_is_found)
{
    CHECK_OK(load_at("", INSIDE));
    cr_expect_eq(accounts_count(accounts), 0);
    cr_expect_null(accounts_at(accounts, 0));
    cr_expect_null(accounts_choose(accounts, SPAN_LIT("alipay"), ADAPTER_PAGE,
                                   (struct money){ 1, CURRENCY_CNY }));
}

Test(account, the_first_account_that_offers_the_method_and_takes_the_amount_is_chosen)
{
    static const struct {
        const char *provider;
        enum adapter_method method;
        struct money amount;
        const char *name; /* NULL: none */
    } rows[] = {
        { "alipay", ADAPTER_PAGE, { 10000, CURRENCY_CNY }, "small" },
        { "alipay", ADAPTER_PAGE, { 10001, CURRENCY_CNY }, "large" },
        { "alipay", ADAPTER_PAGE, { 500000, CURRENCY_CNY }, "large" },
        { "alipay", ADAPTER_PAGE, { 500001, CURRENCY_CNY }, NULL },
        { "alipay", ADAPTER_QR, { 1, CURRENCY_CNY }, "large" },
        { "alipay", ADAPTER_WAP, { 1, CURRENCY_CNY }, "small" },
        { "alipay", ADAPTER_WAP, { 10001, CURRENCY_CNY }, NULL },
        { "alipay", ADAPTER_B2B, { 1, CURRENCY_CNY }, NULL },
        { "alipay", ADAPTER_METHOD_NONE, { 1, CURRENCY_CNY }, NULL },
        { "alipay", ADAPTER_PAGE, { 1, CURRENCY_NONE }, NULL },
        { "wechat", ADAPTER_PAGE, { 1, CURRENCY_CNY }, NULL },
        { "", ADAPTER_PAGE, { 1, CURRENCY_CNY }, NULL },
    };
    CHECK_OK(load_at(placed(PLAIN("small") "methods = page  wap\namount_max = 100.00\n" PLAIN(
                         "large") "methods = qr page\namount_max = 5000.00\n"),
                     INSIDE));
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct adapter_account *got =
            accounts_choose(accounts, span_of(rows[i].provider), rows[i].method, rows[i].amount);
        cr_expect_eq(got == NULL, rows[i].name == NULL, "row %zu", i);
        if (got != NULL && rows[i].name != NULL) {
            cr_expect_str_eq(got->name, rows[i].name, "row %zu", i);
        }
    }
}

Test(account, a_method_is_offered_when_its_whole_word_is_listed)
{
    const struct adapter_account account = { .methods = " page  qr " };
    cr_expect(account_offers(&account, ADAPTER_PAGE));
    cr_expect(account_offers(&account, ADAPTER_QR));
    cr_expect_not(account_offers(&account, ADAPTER_WAP));
    cr_expect_not(account_offers(&account, ADAPTER_METHOD_NONE));
    const struct adapter_account none = { .methods = "" };
    cr_expect_not(account_offers(&none, ADAPTER_PAGE));
    const struct adapter_account joined = { .methods = "pageqr" };
    cr_expect_not(account_offers(&joined, ADAPTER_PAGE));
}
