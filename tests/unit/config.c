/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "config_row.h"

/* The smallest file that is right, by section, so that a test can change one line of it. */
#define REQUIRED                                                  \
    "[server]\nmode = development\nrun_dir = run\n"               \
    "[database]\nconninfo = dbname=tallygate\n"                   \
    "[portal]\nreturn_hosts = portal.example.cn 127.0.0.1:8080\n" \
    "[archive]\ndir = bills\nreports_dir = /var/reports\n"
#define ACCOUNT(name)                                                                              \
    "[account " name "]\nprovider = alipay\ngateway_url = https://openapi.alipay.com/gateway.do\n" \
    "ca_file = ca.pem\napplication = 2021\nmerchant = 2088\nprivate_key = keys/app.pem\n"
#define CLIENT(name) "[client " name "]\nalgorithm = hmac-sha256\nkey_file = " name ".key\n"

static char folder[64];
static char path[96];
static struct config_fault fault;

static void
start(void)
{
    (void)snprintf(folder, sizeof(folder), "/tmp/tallygate-config-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/tallygate.conf", folder);
}

static void
finish(void)
{
    (void)unlink(path);
    (void)rmdir(folder);
}

TestSuite(config, .init = start, .fini = finish);

static enum err
load_bytes(const void *bytes, size_t len, struct config **out)
{
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes, 1, len, file), len);
    cr_assert_eq(fclose(file), 0);
    return config_load(path, out, &fault);
}

static enum err
load(const char *text, struct config **out)
{
    return load_bytes(text, strlen(text), out);
}

static void
refuse(const char *text, enum err err, int line, const char *setting)
{
    struct config *config = NULL;
    CHECK_ERR(load(text, &config), err);
    cr_assert_null(config);
    cr_expect_eq(fault.line, line, "line %d: %s", fault.line, fault.message);
    cr_expect_str_eq(fault.setting, setting);
    cr_expect_str_eq(fault.file, path);
    cr_expect_gt(strlen(fault.message), 5);
    cr_expect(fault.message[strlen(fault.message) - 1] != '.');
}

Test(config, unknown_and_repeated_settings_refuse_to_start)
{
    refuse(REQUIRED "[listen]\nport = 80\n", ERR_CONFIG_UNKNOWN, 12, "port");
    refuse(REQUIRED "[listen]\nworkers = 1\n", ERR_CONFIG_UNKNOWN, 12, "workers");
    refuse(REQUIRED "[keys]\nrate_per_minute = 1\nrate_per_minute = 1\n", ERR_CONFIG_DUPLICATE, 13,
           "rate_per_minute");
    refuse(REQUIRED "[kez]\n", ERR_CONFIG_UNKNOWN, 11, "");
    refuse(REQUIRED "[server]\n", ERR_CONFIG_DUPLICATE, 11, "server");
    refuse(REQUIRED CLIENT("a") CLIENT("a"), ERR_CONFIG_DUPLICATE, 14, "client");
}

Test(config, lines_that_are_not_understood_are_named)
{
    refuse("mode = development\n", ERR_CONFIG_SYNTAX, 1, "");
    refuse("\n# note\n[server\n", ERR_CONFIG_SYNTAX, 3, "");
    refuse("[server]\nmode\n", ERR_CONFIG_SYNTAX, 2, "");
    refuse("[]\n", ERR_CONFIG_SYNTAX, 1, "");
    refuse("[server]\nuser = \xff\n", ERR_CONFIG_SYNTAX, 2, "");
    refuse("[server one]\n", ERR_CONFIG_SYNTAX, 1, "server");
    refuse("[server one two!]\n", ERR_CONFIG_SYNTAX, 1, "server");
    refuse("[client]\n", ERR_CONFIG_SYNTAX, 1, "client");
    refuse("[client a/b]\n", ERR_CONFIG_SYNTAX, 1, "client");
    struct config *config = NULL;
    CHECK_ERR(load_bytes("[server]\nuser = a\0b\n", 19, &config), ERR_CONFIG_SYNTAX);
}

Test(config, a_section_name_of_any_length_stays_inside_its_place)
{
    static char text[100000];
    memset(text, '!', sizeof(text) - 1);
    memcpy(text, "[server ", 8);
    text[sizeof(text) - 2] = ']';
    refuse(text, ERR_CONFIG_SYNTAX, 1, "server");
    memset(text, 'a', sizeof(text) - 1);
    memcpy(text, "[client ", 8);
    text[sizeof(text) - 2] = ']';
    refuse(text, ERR_CONFIG_SYNTAX, 1, "client");
}

Test(config, missing_settings_are_named_with_their_section)
{
    refuse("[server]\nmode = development\n", ERR_CONFIG_MISSING, 0, "run_dir");
    refuse(REQUIRED "[account main]\nprovider = alipay\n", ERR_CONFIG_MISSING, 0, "gateway_url");
    cr_expect_not_null(strstr(fault.message, "[account main]"), "%s", fault.message);
}

Test(config, values_outside_their_limits_are_refused)
{
    static const struct {
        const char *line;
        const char *setting;
    } rows[] = {
        { "[server]\nworkers = 65\n", "workers" },
        { "[server]\nworkers = -1\n", "workers" },
        { "[server]\nworkers = two\n", "workers" },
        { "[server]\nworkers =\n", "workers" },
        { "[listen]\napi = 127.0.0.1\n", "api" },
        { "[listen]\napi = :80\n", "api" },
        { "[listen]\napi = 127.0.0.1:65536\n", "api" },
        { "[listen]\napi = 127.0.0.1:http\n", "api" },
        { "[listen]\napi = ::1:80\n", "api" },
        { "[listen]\napi = [::1:80\n", "api" },
        { "[listen]\npublic_checkout_url = ftp://a\n", "public_checkout_url" },
        { "[listen]\npublic_checkout_url = https://a/\n", "public_checkout_url" },
        { "[listen]\npublic_checkout_url = https://\n", "public_checkout_url" },
        { "[listen]\npublic_checkout_url = https://a b\n", "public_checkout_url" },
        { "[listen]\npublic_checkout_url = https://a\tb\n", "public_checkout_url" },
        { "[keys]\namount_max = 1.234\n", "amount_max" },
        { "[keys]\namount_max = 0.00\n", "amount_max" },
        { "[keys]\namount_max = 100000000.01\n", "amount_max" },
        { "[account a]\nallow_private_address = true\n", "allow_private_address" },
        { "[account a]\nbalance_ready_hour = 24\n", "balance_ready_hour" },
        { "[account a]\nbalance_give_up_hour = -1\n", "balance_give_up_hour" },
        { "[account a]\nprovider =\n", "provider" },
        { "[account a]\nprovider = 123456789012345678901\n", "provider" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        refuse(rows[i].line, ERR_CONFIG_VALUE, 2, rows[i].setting);
    }
    refuse("[server]\nworkers = 65\n", ERR_CONFIG_VALUE, 2, "workers");
    cr_expect_not_null(strstr(fault.message, "0 to 64"), "%s", fault.message);
}

Test(config, addresses_longer_than_their_row_allows_are_refused)
{
    static char text[400];
    (void)snprintf(text, sizeof(text), "[listen]\npublic_callback_url = https://%0200d\n", 1);
    refuse(text, ERR_CONFIG_VALUE, 2, "public_callback_url");
    (void)snprintf(text, sizeof(text), "[listen]\napi = %0200d:80\n", 1);
    refuse(text, ERR_CONFIG_VALUE, 2, "api");
}

/* A production file that is right; each refusal changes one thing. */
#define PRODUCTION(server, account)                                                            \
    "[server]\nuser = tallygate\nrun_dir = run\n" server                                       \
    "[listen]\ntls_certificate = a.pem\ntls_key = a.key\npublic_checkout_url = https://a.cn\n" \
    "public_callback_url = https://b.cn\n"                                                     \
    "[database]\nconninfo = dbname=x\n[portal]\nreturn_hosts = a.cn\n"                         \
    "[archive]\ndir = bills\nreports_dir = reports\n" ACCOUNT("main") account

Test(config, production_forbids_what_is_for_development)
{
    struct config *config = NULL;
    CHECK_OK(load(PRODUCTION("", ""), &config));
    cr_expect_str_eq(config_text(config, CONFIG_server_mode, 0), "production");
    config_free(&config);
    refuse(PRODUCTION("clock_shift_s = 1\n", ""), ERR_CONFIG_VALUE, 0, "clock_shift_s");
    refuse(PRODUCTION("", "allow_private_address = yes\n"), ERR_CONFIG_VALUE, 0,
           "allow_private_address");
    refuse(PRODUCTION("mode = prodution\n", ""), ERR_CONFIG_VALUE, 0, "mode");
}

Test(config, production_needs_tls_everywhere)
{
    static const char *const needed[] = { "user", "tls_certificate", "tls_key",
                                          "public_checkout_url", "public_callback_url" };
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        char text[] = PRODUCTION("", "");
        char *line = strstr(text, needed[i]);
        cr_assert_not_null(line);
        line[0] = '#'; /* a comment from here to the line's end */
        refuse(text, ERR_CONFIG_MISSING, 0, needed[i]);
    }
    static const struct {
        const char *address;
        const char *setting;
    } plain[] = { { "https://a.cn", "public_checkout_url" },
                  { "https://b.cn", "public_callback_url" },
                  { "https://openapi", "gateway_url" } };
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        char text[] = PRODUCTION("", "");
        char *s = strstr(text, plain[i].address) + strlen("http");
        memmove(s, s + 1, strlen(s)); /* http:// */
        refuse(text, ERR_CONFIG_VALUE, 0, plain[i].setting);
    }
}

Test(config, a_file_that_is_not_there_is_named)
{
    struct config *config = NULL;
    CHECK_ERR(config_load("/nowhere/tallygate.conf", &config, &fault), ERR_FILE_OPEN);
    cr_expect_str_eq(fault.file, "/nowhere/tallygate.conf");
    cr_expect_gt(strlen(fault.message), 5);
    CHECK_ERR(config_load(folder, &config, &fault), ERR_FILE_READ);
    cr_expect_null(config);
}

Test(config, defaults_hold_where_the_file_says_nothing)
{
    struct config *config = NULL;
    CHECK_OK(load(REQUIRED ACCOUNT("main"), &config));
    cr_expect_eq(config_int(config, CONFIG_listen_connections_max, 0), 2000);
    cr_expect_eq(config_int(config, CONFIG_keys_amount_max, 0), 100000000, "yuan are kept as fen");
    cr_expect_eq(config_int(config, CONFIG_account_fee_rate_ppm, 0), 6000);
    cr_expect_eq(config_int(config, CONFIG_account_balance_ready_hour, 0), 10);
    cr_expect_eq(config_int(config, CONFIG_account_balance_give_up_hour, 0), 16);
    cr_expect_str_eq(config_text(config, CONFIG_listen_tls_key, 0), "");
    cr_expect_not(config_bool(config, CONFIG_account_allow_private_address, 0));
    config_free(&config);
    config_free(&config);
}

Test(config, relative_paths_stand_in_the_files_own_folder)
{
    struct config *config = NULL;
    char want[128];
    CHECK_OK(load(REQUIRED ACCOUNT("main"), &config));
    (void)snprintf(want, sizeof(want), "%s/keys/app.pem", folder);
    cr_expect_str_eq(config_text(config, CONFIG_account_private_key, 0), want);
    (void)snprintf(want, sizeof(want), "%s/bills", folder);
    cr_expect_str_eq(config_text(config, CONFIG_archive_dir, 0), want);
    cr_expect_str_eq(config_text(config, CONFIG_archive_reports_dir, 0), "/var/reports");
    config_free(&config);
}

Test(config, repeated_sections_keep_their_order_and_names)
{
    struct config *config = NULL;
    CHECK_OK(load(REQUIRED CLIENT("zeta") "role = auditor\n" ACCOUNT("main") CLIENT(
                      "alpha") "[tariff new]\nunit_fee = 280\n[tariff renewal]\nunit_fee = 88.5\n",
                  &config));
    cr_expect_eq(config_count(config, CONFIG_SECTION_client), 2);
    cr_expect_eq(config_count(config, CONFIG_SECTION_server), 1);
    cr_expect_str_eq(config_name(config, CONFIG_SECTION_client, 0), "zeta");
    cr_expect_str_eq(config_name(config, CONFIG_SECTION_client, 1), "alpha");
    cr_expect_str_eq(config_name(config, CONFIG_SECTION_client, 2), "");
    cr_expect_str_eq(config_text(config, CONFIG_client_role, 0), "auditor");
    cr_expect_str_eq(config_text(config, CONFIG_client_role, 1), "portal");
    cr_expect_eq(config_int(config, CONFIG_tariff_unit_fee, 0), 28000);
    cr_expect_eq(config_int(config, CONFIG_tariff_unit_fee, 1), 8850);
    config_free(&config);
}

Test(config, words_are_whole_words)
{
    struct config *config = NULL;
    CHECK_OK(load(REQUIRED, &config));
    cr_expect(config_has_word(config, CONFIG_portal_return_hosts, 0, "127.0.0.1:8080"));
    cr_expect(config_has_word(config, CONFIG_portal_return_hosts, 0, "portal.example.cn"));
    cr_expect_not(config_has_word(config, CONFIG_portal_return_hosts, 0, "example.cn"));
    cr_expect_not(config_has_word(config, CONFIG_portal_return_hosts, 0, "127.0.0.1"));
    cr_expect_not(config_has_word(config, CONFIG_portal_return_hosts, 0, ""));
    config_free(&config);
}

Test(config, blanks_comments_and_line_ends_do_not_matter)
{
    struct config *config = NULL;
    CHECK_OK(load("# first\r\n\r\n  [ server ]\r\n\tmode=development\r\nrun_dir =\t/r  \r\n"
                  "[database]\nconninfo = host=/run dbname=a # b\n"
                  "[portal]\nreturn_hosts = a\n[archive]\ndir = /d\nreports_dir = /r",
                  &config));
    cr_expect_str_eq(config_text(config, CONFIG_server_run_dir, 0), "/r");
    cr_expect_str_eq(config_text(config, CONFIG_database_conninfo, 0), "host=/run dbname=a # b",
                     "a comment takes a whole line");
    config_free(&config);
}

Test(config, what_is_printed_reads_back_the_same)
{
    struct config *config = NULL;
    DEFER(buf_fini) struct buf first = BUF_MAX(65536);
    DEFER(buf_fini) struct buf second = BUF_MAX(65536);
    CHECK_OK(load(REQUIRED ACCOUNT("main") ACCOUNT("spare")
                      CLIENT("ca") "[fee main]\naccount = main\n"
                                   "from = 2026-01-01\nrate_ppm = 6000\n",
                  &config));
    CHECK_OK(config_print(config, &first));
    config_free(&config);
    CHECK_OK(load_bytes(first.at, first.len, &config));
    CHECK_OK(config_print(config, &second));
    config_free(&config);
    cr_expect(span_eq(buf_span(&first), buf_span(&second)));
    for (int i = 0; i < CONFIG_SETTING_COUNT; i++) {
        const struct config_row *row = config_row((enum config_setting)i);
        char line[80];
        (void)snprintf(line, sizeof(line), "\n%s = ", row->name);
        cr_expect(row->section == CONFIG_SECTION_tariff
                      || span_find(buf_span(&first), span_of(line)) < first.len,
                  "%s is not printed", row->name);
    }
}

Test(config, every_row_has_a_meaning_and_a_default_inside_its_limits)
{
    for (int i = 0; i < CONFIG_SETTING_COUNT; i++) {
        const struct config_row *row = config_row((enum config_setting)i);
        const char *why = "";
        enum config_setting found = CONFIG_SETTING_COUNT;
        cr_expect(row->meaning[0] != 0 && row->min <= row->max, "%s", row->name);
        cr_assert(config_row_find(row->section, span_of(row->name), &found));
        cr_expect_eq((int)found, i, "%s stands twice", row->name);
        if (row->fallback != NULL) {
            cr_expect_eq(config_row_check(row, span_of(row->fallback), &why), ERR_OK, "%s %s",
                         row->name, why);
        }
    }
}

Test(config, asking_for_the_wrong_type_aborts, .signal = SIGABRT)
{
    struct config *config = NULL;
    CHECK_OK(load(REQUIRED, &config));
    (void)config_text(config, CONFIG_server_workers, 0);
}

Test(config, asking_for_a_section_that_is_not_there_aborts, .signal = SIGABRT)
{
    struct config *config = NULL;
    CHECK_OK(load(REQUIRED, &config));
    (void)config_text(config, CONFIG_account_provider, 0);
}

Test(config, a_value_that_does_not_fit_is_not_put_in_place)
{
    DEFER(config_free) struct config *config = NULL;
    CHECK_OK(load(REQUIRED ACCOUNT("main"), &config));
    CHECK_ERR(config_set(config, CONFIG_account_gateway_url, 0, "ftp://x"), ERR_CONFIG_VALUE);
    CHECK_ERR(config_set(config, CONFIG_account_private_key, 0, ""), ERR_CONFIG_VALUE);
    CHECK_ERR(config_set(config, CONFIG_account_private_key, 1, "/a"), ERR_CONFIG_VALUE);
    CHECK_ERR(config_set(config, CONFIG_account_application_serial, 0, "a\n[server]"),
              ERR_CONFIG_VALUE);
    cr_expect_str_eq(config_text(config, CONFIG_account_gateway_url, 0),
                     "https://openapi.alipay.com/gateway.do");
}

Test(config, what_was_put_in_place_is_printed_and_can_be_loaded)
{
    DEFER(config_free) struct config *config = NULL;
    DEFER(config_free) struct config *again = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    CHECK_OK(load(REQUIRED ACCOUNT("first") ACCOUNT("main"), &config));
    CHECK_OK(config_set(config, CONFIG_account_private_key, 1, "/new/app.pem"));
    CHECK_OK(config_set(config, CONFIG_account_application_serial, 1, "5157F09EFDC096DE"));
    CHECK_OK(config_print(config, &text));
    CHECK_OK(load_bytes(text.at, text.len, &again));
    cr_expect_str_eq(config_text(again, CONFIG_account_private_key, 1), "/new/app.pem");
    cr_expect_str_eq(config_text(again, CONFIG_account_application_serial, 1), "5157F09EFDC096DE");
    cr_expect_str_eq(config_text(again, CONFIG_account_private_key, 0),
                     config_text(config, CONFIG_account_private_key, 0));
}
