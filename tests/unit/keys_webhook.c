/* SPDX-License-Identifier: Apache-2.0 */
/* The keys process's part of webhooks. The expected values come from openssl(1) and from Python's hmac. */
#include "keys_webhook.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#define MASTER           "0123456789abcdef0123456789abcdef"
#define ENDPOINT         "we_000102030405060708090a0b0c0d0e0f"
#define MESSAGE          "msg_2603100070000000019_3_1"
#define BODY             "{\"type\":\"payment.paid\"}"
#define SECOND           "1773108000"
#define NOW_US           INT64_C(1773108000000000)
#define SECRET           "whsec_xwcglucCyTpL5TGzycKZQIZQSialWzjPlMVU5Hh0IoQ="
#define SIGNATURE        "v1,bzzOki/hZkhjB2TYUV+PEpZbL+dqVbpGdlFOp+ohklc="
#define DAY_BEFORE       "1773021600"
#define SIGNATURE_BEFORE "v1,SeL/ZCeDvq+X23n4E2zxJMH+QDCq8W8d+FJ91WiLaV4="

static struct keys_webhook webhook;

static void
set_up(void)
{
    keys_rate_init(&webhook.rate, 1000, clock_mono());
    CHECK_OK(secret_new(SPAN_LIT(MASTER), &webhook.master));
    CHECK_OK(secret_new(SPAN_LIT(""), &webhook.endpoint));
}

static void
tear_down(void)
{
    keys_webhook_fini(&webhook);
}

TestSuite(keys_webhook, .init = set_up, .fini = tear_down);

static void
add(struct keys_request *request, const char *name, const char *value)
{
    CHECK_OK(adapter_fields_add(&request->fields, span_of(name), span_of(value)));
}

static struct keys_request
signing(const char *id, const char *timestamp, const char *body)
{
    struct keys_request request = { .task = KEYS_WEBHOOK_SIGN, .account = SPAN(ENDPOINT) };
    add(&request, "id", id);
    add(&request, "timestamp", timestamp);
    add(&request, "body", body);
    add(&request, "generation", SECOND);
    return request;
}

static enum err
perform(const struct keys_request *request, int64_t now_us, struct buf *out)
{
    return keys_webhook_perform(&webhook, request, (struct wall_time){ .us = now_us }, out);
}

Test(keys_webhook, a_message_is_signed_as_the_standard_says)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(512);
    struct keys_request request = signing(MESSAGE, SECOND, BODY);
    CHECK_OK(perform(&request, NOW_US, &out));
    CHECK_TEXT(buf_span(&out), SIGNATURE);
}

Test(keys_webhook, during_a_rotation_both_secrets_sign)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(512);
    struct keys_request request = signing(MESSAGE, SECOND, BODY);
    add(&request, "previous", DAY_BEFORE);
    CHECK_OK(perform(&request, NOW_US, &out));
    CHECK_TEXT(buf_span(&out), SIGNATURE " " SIGNATURE_BEFORE);
}

Test(keys_webhook, nothing_but_a_message_of_ours_is_signed)
{
    static const struct {
        const char *id;
        const char *timestamp;
        const char *body;
    } rows[] = {
        { "msg_1", SECOND, BODY },
        { MESSAGE ".1", SECOND, BODY },
        { "msg_2603100070000000019_3_2", SECOND, BODY }, /* the id of another kind */
        { MESSAGE, SECOND, "" },
        { MESSAGE, SECOND, "no JSON" },
        { MESSAGE, SECOND, "[]" },
        { MESSAGE, SECOND, "{\"type\":\"payment.closed\"}" },
        { MESSAGE, SECOND, "{\"type\":1}" },
        { MESSAGE, SECOND, BODY "x" },
        { MESSAGE, "", BODY },
        { MESSAGE, "0" SECOND, BODY },
        { MESSAGE, "1773107699", BODY }, /* 301 seconds ago */
        { MESSAGE, "1773108301", BODY },
        { MESSAGE, "99999999999999", BODY },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(buf_fini) struct buf out = BUF_MAX(512);
        struct keys_request request = signing(rows[i].id, rows[i].timestamp, rows[i].body);
        enum err err = perform(&request, NOW_US, &out);
        cr_expect_eq(err, ERR_KEYS_POLICY, "row %zu: %s", i, err_name(err));
    }
    DEFER(buf_fini) struct buf out = BUF_MAX(512);
    struct keys_request request = signing(MESSAGE, SECOND, BODY);
    request.account = SPAN_LIT("main");
    CHECK_ERR(perform(&request, NOW_US, &out), ERR_KEYS_POLICY);
    request = signing(MESSAGE, SECOND, BODY);
    add(&request, "previous", "-1");
    CHECK_ERR(perform(&request, NOW_US, &out), ERR_KEYS_POLICY);
}

static enum err
tell(const char *generation, int64_t now_us, struct buf *out)
{
    struct keys_request request = { .task = KEYS_WEBHOOK_TELL, .account = SPAN(ENDPOINT) };
    add(&request, "generation", generation);
    return perform(&request, now_us, out);
}

Test(keys_webhook, a_secret_is_told_only_while_it_is_new)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(512);
    CHECK_ERR(tell(SECOND, NOW_US + INT64_C(301000000), &out), ERR_KEYS_POLICY);
    CHECK_ERR(tell(SECOND, NOW_US - INT64_C(301000000), &out), ERR_KEYS_POLICY);
    CHECK_ERR(tell("", NOW_US, &out), ERR_KEYS_POLICY);
    CHECK_ERR(tell("0", NOW_US, &out), ERR_KEYS_POLICY);
    cr_expect_eq(out.len, 0);
    CHECK_OK(tell(SECOND, NOW_US + INT64_C(299000000), &out));
    CHECK_TEXT(buf_span(&out), SECRET);
}

Test(keys_webhook, without_a_master_secret_there_is_nothing)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(512);
    secret_free(&webhook.master);
    CHECK_ERR(tell(SECOND, NOW_US, &out), ERR_KEYS_UNKNOWN);
}

Test(keys_webhook, no_more_than_the_rate_is_signed)
{
    keys_rate_init(&webhook.rate, 1, clock_mono());
    DEFER(buf_fini) struct buf out = BUF_MAX(512);
    struct keys_request request = signing(MESSAGE, SECOND, BODY);
    CHECK_OK(perform(&request, NOW_US, &out));
    CHECK_ERR(perform(&request, NOW_US, &out), ERR_KEYS_RATE);
}

#define SETTINGS                                                                             \
    "[server]\nmode = development\nrun_dir = run\n[database]\nconninfo = dbname=tallygate\n" \
    "[portal]\nreturn_hosts = portal.example.cn\n[archive]\ndir = a\nreports_dir = b\n"

static void
write_file(const char *folder, const char *name, const char *text, char out[96])
{
    (void)snprintf(out, 96, "%s/%s", folder, name);
    FILE *file = fopen(out, "we");
    cr_assert_not_null(file);
    cr_assert_geq(fputs(text, file), 0);
    cr_assert_eq(fclose(file), 0);
    cr_assert_eq(chmod(out, 0600), 0);
}

/* What a configuration and a file of a secret come to. */
static enum err
load(const char *settings, const char *master, struct keys_webhook *out)
{
    char folder[] = "/tmp/tallygate-webhook-XXXXXX";
    char path[96];
    char secret[96];
    struct config_fault fault;
    DEFER(config_free) struct config *config = NULL;
    cr_assert_not_null(mkdtemp(folder));
    write_file(folder, "tallygate.conf", settings, path);
    write_file(folder, "master", master, secret);
    cr_assert_eq(config_load(path, &config, &fault), ERR_OK, "%s", fault.message);
    enum err err = keys_webhook_load(config, out);
    (void)unlink(path);
    (void)unlink(secret);
    (void)rmdir(folder);
    return err;
}

Test(keys_webhook, a_master_secret_is_read_from_its_file_and_may_not_be_short)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(512);
    struct keys_webhook loaded = { .master = NULL };
    CHECK_OK(load(SETTINGS, MASTER, &loaded));
    cr_expect_null(loaded.master, "it is not configured");
    CHECK_ERR(load(SETTINGS "[webhooks]\nmaster_secret = master\n",
                   "0123456789abcdef0123456789abcde\n", &loaded),
              ERR_CONFIG_VALUE);
    keys_webhook_fini(&loaded);
    CHECK_ERR(load(SETTINGS "[webhooks]\nmaster_secret = nowhere\n", MASTER, &loaded),
              ERR_FILE_OPEN);
    keys_webhook_fini(&loaded);
    CHECK_OK(load(SETTINGS "[webhooks]\nmaster_secret = master\n", MASTER "\n", &loaded));
    keys_webhook_fini(&webhook);
    webhook = loaded;
    CHECK_OK(tell(SECOND, NOW_US, &out));
    CHECK_TEXT(buf_span(&out), SECRET);
}
