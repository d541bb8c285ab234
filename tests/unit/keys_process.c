/* SPDX-License-Identifier: Apache-2.0 */
/* The real keys process and its client, over a real socket. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "check.h"
#include "clock_fake.h"
#include "ipc.h"
#include "keys_client.h"

#define PATH_TEXT 512
#define TEXT_MAX  8192

static const char settings_pkcs12[] =
    "[server]\nmode = development\nrun_dir = .\n"
    "[database]\nconninfo = host=127.0.0.1\n"
    "[portal]\nreturn_hosts = 127.0.0.1\n"
    "[archive]\ndir = .\nreports_dir = .\n"
    "[account main]\nprovider = alipay\n"
    "gateway_url = http://127.0.0.1:1\nca_file = public.pem\n"
    "application = 2021000000000001\nmerchant = 2088000000000001\n"
    "private_key = private.pem\nprivate_key_password = password\n"
    "provider_public_key = public.pem\n";

static const char settings[] = "[server]\nmode = development\nrun_dir = .\n"
                               "[database]\nconninfo = host=127.0.0.1\n"
                               "[keys]\namount_max = 500.00\nrate_per_minute = 4\n"
                               "[portal]\nreturn_hosts = 127.0.0.1\n"
                               "[archive]\ndir = .\nreports_dir = .\n"
                               "[account main]\nprovider = alipay\n"
                               "gateway_url = http://127.0.0.1:1\nca_file = public.pem\n"
                               "application = 2021000000000001\nmerchant = 2088000000000001\n"
                               "private_key = private.pem\nprovider_public_key = public.pem\n"
                               "sealing_key = sealing.secret\n"
                               "[audit]\nsigning_key = audit.pem\n"
                               "[webhooks]\nmaster_secret = sealing.secret\n";

struct asked {
    bool done;
    enum err err;
    struct buf signature;
};

static char folder[PATH_TEXT];
static struct event_base *base;
static struct keys_client *client;
static pid_t child;
static int captured; /* the end of a worker that somebody else took over */

static void
path_in(const char *where, const char *name, char out[PATH_TEXT])
{
    int len = snprintf(out, PATH_TEXT, "%s/%s", where, name);
    cr_assert(len > 0 && len < PATH_TEXT);
}

static void
read_vector(const char *name, struct buf *out)
{
    char path[PATH_TEXT];
    path_in(getenv("TALLYGATE_SOURCE_DIR"), name, path);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file, "%s", path);
    unsigned char *at = NULL;
    CHECK_OK(buf_reserve(out, TEXT_MAX, &at));
    buf_grew(out, fread(at, 1, TEXT_MAX, file));
    cr_assert_eq(fclose(file), 0);
}

static void
write_file(const char *name, struct span text)
{
    char path[PATH_TEXT];
    path_in(folder, name, path);
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(text.at, 1, text.len, file), text.len);
    cr_assert_eq(fclose(file), 0);
    cr_assert_eq(chmod(path, 0600), 0);
}

static void
copy_key(const char *from, const char *to)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX + 1);
    read_vector(from, &text);
    write_file(to, buf_span(&text));
}

static void
start_with(const char *configuration, const char *key)
{
    path_in("/tmp", "tallygate-keys.XXXXXX", folder);
    cr_assert_not_null(mkdtemp(folder));
    write_file("tallygate.conf", span_of(configuration));
    write_file("password", SPAN_LIT("000000\n"));
    copy_key(key, "private.pem");
    copy_key("tests/vectors/alipay/keys/mock_alipay_public.pem", "public.pem");
    copy_key("tests/vectors/audit/private.pem", "audit.pem");
    write_file("sealing.secret", SPAN_LIT("a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"));
    int pair[2];
    CHECK_OK(ipc_pair(pair));
    char config[PATH_TEXT];
    char program[PATH_TEXT];
    path_in(folder, "tallygate.conf", config);
    path_in(getenv("TALLYGATE_BINARY_DIR"), "tallygated", program);
    struct child_plan plan;
    child_plan_init(&plan, CHILD_KEYS, config);
    int second[2];
    CHECK_OK(ipc_pair(second));
    plan.keys_fds[plan.keys_count++] = pair[1];
    plan.keys_fds[plan.keys_count++] = second[1];
    CHECK_OK(ipc_start(program, &plan, &child));
    (void)close(pair[1]);
    (void)close(second[1]);
    captured = second[0];
    base = event_base_new();
    CHECK_OK(keys_client_new(base, pair[0], &client));
}

static void
start(void)
{
    start_with(settings, "tests/vectors/alipay/keys/mock_app_private.pem");
}

static void
stop(void)
{
    static const char *const names[] = { "tallygate.conf", "private.pem", "public.pem",
                                         "sealing.secret", "password",    "audit.pem" };
    keys_client_free(&client);
    (void)close(captured);
    event_base_free(base);
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[PATH_TEXT];
        path_in(folder, names[i], path);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static void
on_done(void *context, enum err err, struct span signature)
{
    struct asked *asked = context;
    cr_assert(!asked->done, "done came twice");
    asked->done = true;
    asked->err = err;
    if (err == ERR_OK) {
        CHECK_OK(buf_append(&asked->signature, signature));
    }
}

static enum err
add(struct adapter_fields *fields, const char *name, const char *value)
{
    return adapter_fields_add(fields, span_of(name), span_of(value));
}

static void
fill(struct adapter_fields *fields, const char *application, const char *method, const char *biz)
{
    fields->count = 0;
    CHECK_OK(add(fields, "app_id", application));
    CHECK_OK(add(fields, "method", method));
    CHECK_OK(add(fields, "format", "JSON"));
    CHECK_OK(add(fields, "charset", "utf-8"));
    CHECK_OK(add(fields, "sign_type", "RSA2"));
    CHECK_OK(add(fields, "timestamp", "2026-03-10 10:00:00"));
    CHECK_OK(add(fields, "version", "1.0"));
    CHECK_OK(add(fields, "biz_content", biz));
}

static enum err
ask(const char *account, enum adapter_operation operation, const struct adapter_fields *fields,
    struct buf *signature)
{
    struct asked asked = { .signature = BUF_MAX(TEXT_MAX) };
    keys_client_sign(client, span_of(account), operation, fields, on_done, &asked);
    cr_assert(!asked.done, "done came from inside the call");
    while (!asked.done) {
        cr_assert_geq(event_base_loop(base, EVLOOP_ONCE), 0);
    }
    if (signature != NULL) {
        CHECK_OK(buf_append(signature, buf_span(&asked.signature)));
    }
    buf_fini(&asked.signature);
    return asked.err;
}

#define APPLICATION "2021000000000001"
#define QUERY       "alipay.trade.query"
#define PRECREATE   "alipay.trade.precreate"

static enum err
ask_for(const char *account, const char *application, enum adapter_operation operation,
        const char *method, const char *biz)
{
    struct adapter_fields fields;
    fill(&fields, application, method, biz);
    return ask(account, operation, &fields, NULL);
}

TestSuite(keys_process, .init = start, .fini = stop, .timeout = 60);

Test(keys_process, what_policy_forbids_is_not_signed)
{
    CHECK_ERR(ask_for("other", APPLICATION, ADAPTER_QUERY, QUERY, "{\"out_trade_no\":\"T1\"}"),
              ERR_KEYS_UNKNOWN);
    CHECK_ERR(
        ask_for("main", "2021000000000002", ADAPTER_QUERY, QUERY, "{\"out_trade_no\":\"T1\"}"),
        ERR_KEYS_POLICY);
    CHECK_ERR(ask_for("main", APPLICATION, ADAPTER_QUERY, PRECREATE,
                      "{\"out_trade_no\":\"T1\",\"total_amount\":\"1.00\"}"),
              ERR_KEYS_POLICY);
    CHECK_ERR(ask_for("main", APPLICATION, ADAPTER_PAY, PRECREATE,
                      "{\"out_trade_no\":\"T1\",\"total_amount\":\"500.01\"}"),
              ERR_KEYS_POLICY);
    CHECK_ERR(ask_for("main", APPLICATION, ADAPTER_REFUND, "alipay.trade.refund",
                      "{\"out_trade_no\":\"T1\",\"refund_amount\":\"0.01\","
                      "\"out_request_no\":\"R1\"}"),
              ERR_KEYS_POLICY);
    CHECK_ERR(ask_for("main", APPLICATION, ADAPTER_QUERY, QUERY, "no JSON"), ERR_KEYS_POLICY);
}

Test(keys_process, no_more_than_the_rate_is_signed)
{
    for (int i = 0; i < 4; i++) {
        CHECK_OK(ask_for("main", APPLICATION, ADAPTER_QUERY, QUERY, "{\"out_trade_no\":\"T1\"}"));
    }
    CHECK_ERR(ask_for("main", APPLICATION, ADAPTER_QUERY, QUERY, "{\"out_trade_no\":\"T1\"}"),
              ERR_KEYS_RATE);
}

Test(keys_process, fields_larger_than_a_message_are_refused_by_the_client)
{
    static unsigned char large[40000];
    memset(large, 'x', sizeof(large));
    struct adapter_fields fields;
    fill(&fields, APPLICATION, QUERY, "{}");
    CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("one"), span_make(large, sizeof(large))));
    CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("two"), span_make(large, sizeof(large))));
    CHECK_ERR(ask("main", ADAPTER_QUERY, &fields, NULL), ERR_BUF_FULL);
}

/* The test's clock stands still, so the deadline is reached by moving it. */
static void
on_late(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    clock_fake_advance_ms(KEYS_TIMEOUT_MS);
}

Test(keys_process, a_dead_process_is_told_as_away)
{
    CHECK_OK(ask_for("main", APPLICATION, ADAPTER_QUERY, QUERY, "{\"out_trade_no\":\"T1\"}"));
    cr_assert(keys_client_answering(client));
    cr_assert_eq(kill(child, SIGKILL), 0);
    CHECK_ERR(ask_for("main", APPLICATION, ADAPTER_QUERY, QUERY, "{\"out_trade_no\":\"T1\"}"),
              ERR_KEYS_AWAY);
    cr_assert(!keys_client_answering(client));
}

Test(keys_process, a_process_that_hangs_is_told_as_away_after_the_deadline)
{
    CHECK_OK(ask_for("main", APPLICATION, ADAPTER_QUERY, QUERY, "{\"out_trade_no\":\"T1\"}"));
    cr_assert_eq(kill(child, SIGSTOP), 0);
    struct event *late = event_new(base, -1, 0, on_late, NULL);
    struct timeval soon = { .tv_sec = 0, .tv_usec = 10000 };
    cr_assert_eq(event_add(late, &soon), 0);
    CHECK_ERR(ask_for("main", APPLICATION, ADAPTER_QUERY, QUERY, "{\"out_trade_no\":\"T1\"}"),
              ERR_KEYS_AWAY);
    event_free(late);
    cr_assert_eq(kill(child, SIGCONT), 0);
}

/* A captured worker writes what it likes: it gets no answer, and the next asker still does. */
Test(keys_process, bytes_that_are_no_request_are_not_answered)
{
    char byte;
    cr_assert_eq(send(captured, "no request", 10, 0), 10);
    CHECK_OK(ask_for("main", APPLICATION, ADAPTER_QUERY, QUERY, "{\"out_trade_no\":\"T1\"}"));
    cr_assert_eq(recv(captured, &byte, 1, 0), -1);
    cr_assert_eq(errno, EAGAIN);
}

/* The text is written out here as the provider's document says; the public half was published with
 * the private one. */
Test(keys_process, the_signature_is_that_of_the_canonical_text)
{
    static const char text[] = "app_id=2021000000000001"
                               "&biz_content={\"out_trade_no\":\"T1\",\"total_amount\":\"500.00\"}"
                               "&charset=utf-8&format=JSON&method=alipay.trade.precreate"
                               "&sign_type=RSA2&timestamp=2026-03-10 10:00:00&version=1.0";
    struct adapter_fields fields;
    fill(&fields, APPLICATION, PRECREATE, "{\"out_trade_no\":\"T1\",\"total_amount\":\"500.00\"}");
    DEFER(buf_fini) struct buf signature = BUF_MAX(TEXT_MAX);
    CHECK_OK(ask("main", ADAPTER_PAY, &fields, &signature));
    DEFER(buf_fini) struct buf pem = BUF_MAX(TEXT_MAX + 1);
    read_vector("tests/vectors/alipay/keys/mock_app_public.pem", &pem);
    DEFER(crypto_public_key_free) struct crypto_public_key *key = NULL;
    CHECK_OK(crypto_public_key_new(buf_span(&pem), &key));
    CHECK_OK(crypto_verify(key, CRYPTO_RSA_SHA256, span_of(text), buf_span(&signature)));
}

static void
wait_for(struct asked *asked)
{
    while (!asked->done) {
        cr_assert_geq(event_base_loop(base, EVLOOP_ONCE), 0);
    }
}

#define ENDPOINT "we_000102030405060708090a0b0c0d0e0f"
#define MESSAGE  "msg_2603100070000000019_3_1"

/* What the secret that was told gives, over the text as the standard says. */
static void
expect_signed(struct span told, const char *text, struct span signature)
{
    unsigned char mac[SHA256_BYTES];
    DEFER(buf_fini) struct buf key = BUF_MAX(64);
    DEFER(buf_fini) struct buf wanted = BUF_MAX(64);
    DEFER(secret_free) struct secret *secret = NULL;
    cr_assert(span_starts(told, SPAN_LIT("whsec_")));
    CHECK_OK(crypto_base64_decode(span_sub(told, 6, told.len), &key));
    cr_assert_eq(key.len, 32);
    CHECK_OK(secret_new(buf_span(&key), &secret));
    CHECK_OK(crypto_hmac_sha256(secret, span_of(text), mac));
    CHECK_OK(buf_text(&wanted, "v1,"));
    CHECK_OK(crypto_base64_encode(span_make(mac, sizeof(mac)), &wanted));
    cr_expect(span_eq(buf_span(&wanted), signature), "%.*s", SPAN_ARG(signature));
}

/* The real process, behind its sandbox where there is one: no memory for secrets can be mapped there. */
Test(keys_process, a_webhook_is_signed_with_the_secret_that_was_told)
{
    char text[128];
    struct asked told = { .signature = BUF_MAX(TEXT_MAX) };
    struct asked signature = { .signature = BUF_MAX(TEXT_MAX) };
    int64_t now_s = (int64_t)time(NULL);
    const struct keys_webhook_message message = { .endpoint_id = SPAN(ENDPOINT),
                                                  .generation = now_s,
                                                  .id = SPAN(MESSAGE),
                                                  .timestamp_s = now_s,
                                                  .body = SPAN("{\"type\":\"payment.paid\"}") };
    keys_client_tell_webhook(client, SPAN_LIT(ENDPOINT), now_s, on_done, &told);
    wait_for(&told);
    keys_client_sign_webhook(client, &message, on_done, &signature);
    wait_for(&signature);
    CHECK_OK(told.err);
    CHECK_OK(signature.err);
    (void)snprintf(text, sizeof(text), MESSAGE ".%lld.{\"type\":\"payment.paid\"}",
                   (long long)now_s);
    expect_signed(buf_span(&told.signature), text, buf_span(&signature.signature));
    buf_fini(&told.signature);
    buf_fini(&signature.signature);
    struct asked late = { .signature = BUF_MAX(TEXT_MAX) };
    keys_client_tell_webhook(client, SPAN_LIT(ENDPOINT), now_s - 400, on_done, &late);
    wait_for(&late);
    CHECK_ERR(late.err, ERR_KEYS_POLICY);
}

static enum err
seal(const struct audit_checkpoint *checkpoint, struct buf *bytes)
{
    struct asked asked = { .signature = BUF_MAX(TEXT_MAX) };
    keys_client_seal(client, checkpoint, on_done, &asked);
    while (!asked.done) {
        cr_assert_geq(event_base_loop(base, EVLOOP_ONCE), 0);
    }
    CHECK_OK(buf_append(bytes, buf_span(&asked.signature)));
    buf_fini(&asked.signature);
    return asked.err;
}

/* The real process lives in real time. */
static struct audit_checkpoint
checkpoint_of_now(int64_t number, int64_t later_s)
{
    return (struct audit_checkpoint){ .number = number,
                                      .previous = { 0xAB },
                                      .heads_digest = { 0xCD },
                                      .sealed_at_us = ((int64_t)time(NULL) + later_s) * 1000000 };
}

/* The text is written out here as docs/decisions/0014 says. */
Test(keys_process, a_checkpoint_is_signed_with_the_key_of_the_trail)
{
    struct audit_checkpoint checkpoint = checkpoint_of_now(12, 0);
    DEFER(buf_fini) struct buf bytes = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf pem = BUF_MAX(TEXT_MAX + 1);
    DEFER(crypto_public_key_free) struct crypto_public_key *key = NULL;
    CHECK_OK(seal(&checkpoint, &bytes));
    CHECK_TEXT(span_sub(buf_span(&bytes), 0, 16), "d1e40bbd01f3dfc6");
    CHECK_OK(buf_printf(&text, "tallygate checkpoint|12|ab%062d|%lld|cd%062d", 0,
                        (long long)checkpoint.sealed_at_us, 0));
    read_vector("tests/vectors/audit/public.pem", &pem);
    CHECK_OK(crypto_public_key_new(buf_span(&pem), &key));
    CHECK_OK(crypto_verify(key, CRYPTO_ED25519, buf_span(&text),
                           span_sub(buf_span(&bytes), 16, bytes.len)));
}

/* The key of the trail signs no other text, nothing that is no checkpoint, and no past. */
Test(keys_process, what_is_no_checkpoint_of_now_is_not_sealed)
{
    const struct {
        struct audit_checkpoint checkpoint;
        enum err err;
    } rows[] = {
        { checkpoint_of_now(0, 0), ERR_KEYS_POLICY },
        { checkpoint_of_now(5, -400), ERR_KEYS_POLICY },
        { checkpoint_of_now(5, 400), ERR_KEYS_POLICY },
        { checkpoint_of_now(5, -200), ERR_OK },
        { checkpoint_of_now(4, 0), ERR_KEYS_POLICY },
        { checkpoint_of_now(5, 0), ERR_OK },
        { checkpoint_of_now(7, 0), ERR_OK },
        { checkpoint_of_now(6, 0), ERR_KEYS_POLICY },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(buf_fini) struct buf bytes = BUF_MAX(TEXT_MAX);
        enum err err = seal(&rows[i].checkpoint, &bytes);
        cr_expect_eq(err, rows[i].err, "row %zu: %s", i, err_name(err));
    }
    CHECK_ERR(ask_for("audit", APPLICATION, ADAPTER_QUERY, QUERY, "{\"out_trade_no\":\"T1\"}"),
              ERR_KEYS_UNKNOWN);
}

static enum err
certify(struct span text, struct buf *bytes)
{
    struct asked asked = { .signature = BUF_MAX(TEXT_MAX) };
    keys_client_certify(client, text, on_done, &asked);
    while (!asked.done) {
        cr_assert_geq(event_base_loop(base, EVLOOP_ONCE), 0);
    }
    CHECK_OK(buf_append(bytes, buf_span(&asked.signature)));
    buf_fini(&asked.signature);
    return asked.err;
}

/* The openssl program made the same signature (tests/vectors/certificate/make.py): Ed25519 has only one. */
Test(keys_process, a_certificate_is_signed_as_another_program_signs_it)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX + 1);
    DEFER(buf_fini) struct buf file = BUF_MAX(TEXT_MAX + 1);
    DEFER(buf_fini) struct buf bytes = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf hex = BUF_MAX(TEXT_MAX);
    read_vector("tests/vectors/certificate/signed.txt", &text);
    read_vector("tests/vectors/certificate/ed25519.json", &file);
    CHECK_OK(certify(buf_span(&text), &bytes));
    CHECK_TEXT(span_sub(buf_span(&bytes), 0, 16), "d1e40bbd01f3dfc6");
    CHECK_OK(crypto_hex_encode(span_sub(buf_span(&bytes), 16, bytes.len), &hex));
    cr_expect_eq(hex.len, 128);
    cr_expect_lt(span_find(buf_span(&file), buf_span(&hex)), file.len);
}

/* A captured worker has nothing signed that is no certificate, does not tie, or says that one person signed alone. */
Test(keys_process, what_is_no_certificate_that_ties_is_not_signed)
{
    static const struct {
        const char *from;
        const char *to; /* as long */
    } rows[] = {
        { "tallygate tie-out certificate 1", "tallygate tie-out certificate 2" },
        { "[2,8850]", "[2,8851]" },
        { "\"delta_long\":[1,50]", "\"delta_long\":[1,51]" },
        { "\"unexplained\":0", "\"unexplained\":1" },
        { "\"signed_by\":\"checker\"", "\"signed_by\":\"finance\"" },
        { "\"rules\":2", "\"rulez\":2" },
        { "\"version\":2", "\"version\":X" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX + 1);
        DEFER(buf_fini) struct buf bytes = BUF_MAX(TEXT_MAX);
        read_vector("tests/vectors/certificate/signed.txt", &text);
        size_t at = span_find(buf_span(&text), span_of(rows[i].from));
        cr_assert_lt(at, text.len, "%s", rows[i].from);
        memcpy(text.at + at, rows[i].to, strlen(rows[i].to));
        CHECK_ERR(certify(buf_span(&text), &bytes), ERR_KEYS_POLICY);
        cr_expect_eq(bytes.len, 0);
    }
    DEFER(buf_fini) struct buf bytes = BUF_MAX(TEXT_MAX);
    CHECK_ERR(certify(SPAN_LIT("tallygate checkpoint|1|"), &bytes), ERR_KEYS_POLICY);
    CHECK_ERR(certify(SPAN_LIT(""), &bytes), ERR_KEYS_POLICY);
}

static enum err
open_part(const char *algorithm, const char *nonce, const char *ciphertext, struct buf *plain)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(TEXT_MAX);
    CHECK_OK(crypto_base64_decode(span_of(ciphertext), &bytes));
    const struct adapter_sealed sealed = { .algorithm = span_of(algorithm),
                                           .nonce = span_of(nonce),
                                           .associated = SPAN_LIT("associatedData"),
                                           .ciphertext = buf_span(&bytes) };
    const struct verify_task task = { .kind = VERIFY_TASK_OPEN, .sealed = &sealed };
    struct asked asked = { .signature = BUF_MAX(TEXT_MAX) };
    keys_client_verify(client, SPAN_LIT("main"), &task, on_done, &asked);
    while (!asked.done) {
        cr_assert_geq(event_base_loop(base, EVLOOP_ONCE), 0);
    }
    CHECK_OK(buf_append(plain, buf_span(&asked.signature)));
    buf_fini(&asked.signature);
    return asked.err;
}

/* The vectors of tests/vectors/wechatpay: one secret, used as it is for AES and digested for SM4. */
Test(keys_process, what_a_provider_sealed_is_opened_inside_the_sandbox_by_either_algorithm)
{
    static const char nonce[] = "uluk4a9R25RW";
    static const char aes[] = "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=";
    static const char sm4[] = "+lcLNfkZQQx+iQm20Apa3x9Mb/5L7PgZ7w==";
    DEFER(buf_fini) struct buf plain = BUF_MAX(TEXT_MAX);
    CHECK_ERR(open_part("AEAD_UNHEARD_OF", nonce, sm4, &plain), ERR_KEYS_POLICY);
    CHECK_ERR(open_part("AEAD_SM4_GCM", nonce, aes, &plain), ERR_SEALED);
    CHECK_ERR(open_part("AEAD_AES_256_GCM", nonce, sm4, &plain), ERR_SEALED);
    cr_expect_eq(plain.len, 0);
    CHECK_OK(open_part("AEAD_SM4_GCM", nonce, sm4, &plain));
    CHECK_TEXT(buf_span(&plain), "plaintext");
    buf_reset(&plain);
    CHECK_OK(open_part("AEAD_AES_256_GCM", nonce, aes, &plain));
    CHECK_TEXT(buf_span(&plain), "message");
}

/* The file is encrypted with RC2, so that what reads it must have been loaded before the sandbox closed;
 * the certificate of the key is the one the file holds. */
Test(keys_pkcs12, a_key_in_a_pkcs12_file_signs, .fini = stop, .timeout = 60)
{
    static const char text[] = "app_id=2021000000000001&biz_content={\"out_trade_no\":\"T1\"}"
                               "&charset=utf-8&format=JSON&method=alipay.trade.query"
                               "&sign_type=RSA2&timestamp=2026-03-10 10:00:00&version=1.0";
    struct adapter_fields fields;
    DEFER(buf_fini) struct buf signature = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf file = BUF_MAX(TEXT_MAX + 1);
    DEFER(secret_free) struct secret *pfx = NULL;
    DEFER(secret_free) struct secret *password = NULL;
    DEFER(crypto_private_key_free) struct crypto_private_key *own = NULL;
    DEFER(crypto_certificate_free) struct crypto_certificate *certificate = NULL;
    DEFER(crypto_public_key_free) struct crypto_public_key *key = NULL;
    start_with(settings_pkcs12, "tests/vectors/unionpay/certs/acp_test_sign_2015-2018_rc2.pfx");
    fill(&fields, APPLICATION, QUERY, "{\"out_trade_no\":\"T1\"}");
    CHECK_OK(ask("main", ADAPTER_QUERY, &fields, &signature));
    read_vector("tests/vectors/unionpay/certs/acp_test_sign_2015-2018_rc2.pfx", &file);
    CHECK_OK(secret_new(buf_span(&file), &pfx));
    CHECK_OK(secret_new(SPAN_LIT("000000"), &password));
    CHECK_OK(crypto_pkcs12_open(pfx, password, &own, &certificate));
    CHECK_OK(crypto_certificate_public_key(certificate, &key));
    CHECK_OK(crypto_verify(key, CRYPTO_RSA_SHA256, span_of(text), buf_span(&signature)));
}

Test(keys_pkcs12, a_wrong_password_keeps_the_process_from_starting, .fini = stop, .timeout = 60)
{
    start_with(settings_pkcs12, "tests/vectors/crypto/key.pfx");
    CHECK_ERR(ask_for("main", APPLICATION, ADAPTER_QUERY, QUERY, "{\"out_trade_no\":\"T1\"}"),
              ERR_KEYS_AWAY);
}
