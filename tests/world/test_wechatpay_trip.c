/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/keyvalq_struct.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include "check.h"
#include "clock_fake.h"
#include "control.h"
#include "crypto.h"
#include "record.h"

/* A payment from the order to the bill, seen by a merchant who trusts nothing but signatures. Its
 * side is written here with OpenSSL, apart from the world's own functions. */

#define TEXT_MAX (size_t)65536
#define MCHID    "1900000001"
#define NUMBER   "TRIP0001"

/* What came back for a call, or came in as a callback. */
struct message {
    int status;
    bool arrived;
    char timestamp[32];
    char nonce[64];
    char signature[512];
    char body[TEXT_MAX];
};

static struct world world;
static char pki[512];
static char serial[64];
static char api_key[33];
static uint16_t receiver_port;
static SSL_CTX *tls;
static struct evhttp *receiver;
static struct crypto_private_key *merchant;
static struct crypto_public_key *platform;
static struct message answer;
static struct message callback;

static void
take(struct evhttp_request *req, struct message *out)
{
    static const char *const names[] = { "Wechatpay-Timestamp", "Wechatpay-Nonce",
                                         "Wechatpay-Signature" };
    char *const places[] = { out->timestamp, out->nonce, out->signature };
    const size_t sizes[] = { sizeof(out->timestamp), sizeof(out->nonce), sizeof(out->signature) };
    struct evbuffer *input = evhttp_request_get_input_buffer(req);
    size_t len = evbuffer_get_length(input);
    memset(out, 0, sizeof(*out));
    cr_assert_lt(len, sizeof(out->body));
    (void)evbuffer_copyout(input, out->body, len);
    for (size_t i = 0; i < 3; i++) {
        const char *value = evhttp_find_header(evhttp_request_get_input_headers(req), names[i]);
        struct span text = span_of(value);
        cr_assert_lt(text.len, sizes[i]);
        memcpy(places[i], text.len == 0 ? "" : (const char *)text.at, text.len);
    }
    out->status = evhttp_request_get_response_code(req);
    out->arrived = true;
}

static void
answered(struct evhttp_request *req, void *ctx)
{
    (void)ctx;
    cr_assert(req != NULL, "the world hung up");
    take(req, &answer);
}

static void
called_back(struct evhttp_request *req, void *ctx)
{
    (void)ctx;
    take(req, &callback);
    evhttp_send_reply(req, 200, "OK", NULL);
}

static void
wait_for(const bool *flag)
{
    while (!*flag) {
        cr_assert_eq(event_base_loop(world.base, EVLOOP_ONCE), 0);
    }
}

/* ts, nonce, body, each with its line feed, under the platform's key. */
static void
check_genuine(const struct message *message)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf raw = BUF_MAX(1024);
    CHECK_OK(buf_printf(&text, "%s\n%s\n%s\n", message->timestamp, message->nonce, message->body));
    CHECK_OK(crypto_base64_decode(span_of(message->signature), &raw));
    CHECK_OK(crypto_verify(platform, CRYPTO_RSA_SHA256, buf_span(&text), buf_span(&raw)));
}

static void
authorize(const char *method, const char *url, const char *body, struct buf *out)
{
    static const char nonce[] = "593BEC0C930BF1AFEB40B4A08C8FB242";
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf raw = BUF_MAX(1024);
    DEFER(buf_fini) struct buf sign = BUF_MAX(1024);
    long long now_s = (long long)(clock_wall().us / 1000000);
    CHECK_OK(buf_printf(&text, "%s\n%s\n%lld\n%s\n%s\n", method, url, now_s, nonce, body));
    CHECK_OK(crypto_sign(merchant, CRYPTO_RSA_SHA256, buf_span(&text), &raw));
    CHECK_OK(crypto_base64_encode(buf_span(&raw), &sign));
    CHECK_OK(
        buf_printf(out,
                   "WECHATPAY2-SHA256-RSA2048 mchid=\"%s\",nonce_str=\"%s\",signature=\"%.*s\","
                   "timestamp=\"%lld\",serial_no=\"%s\"",
                   MCHID, nonce, SPAN_ARG(buf_span(&sign)), now_s, serial));
}

/* One call of the API; `body` NULL asks, else it tells. */
static void
ask(const char *url, const char *body, int status)
{
    DEFER(buf_fini) struct buf header = BUF_MAX(4096);
    const char *authorization;
    SSL *ssl = SSL_new(tls);
    struct bufferevent *bev = bufferevent_openssl_socket_new(
        world.base, -1, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    struct evhttp_connection *connection = evhttp_connection_base_bufferevent_new(
        world.base, NULL, bev, "127.0.0.1", wechatpay_port(world.wechatpay));
    struct evhttp_request *req = evhttp_request_new(answered, NULL);
    cr_assert(ssl != NULL && bev != NULL && connection != NULL && req != NULL);
    struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
    authorize(body == NULL ? "GET" : "POST", url, body == NULL ? "" : body, &header);
    CHECK_OK(buf_cstr(&header, &authorization));
    (void)evhttp_add_header(headers, "Host", "127.0.0.1");
    (void)evhttp_add_header(headers, "Accept", "application/json");
    (void)evhttp_add_header(headers, "User-Agent", "trip");
    (void)evhttp_add_header(headers, "Content-Type", "application/json");
    (void)evhttp_add_header(headers, "Authorization", authorization);
    if (body != NULL) {
        (void)evbuffer_add(evhttp_request_get_output_buffer(req), body, strlen(body));
    }
    answer.arrived = false;
    cr_assert_eq(
        evhttp_make_request(connection, req, body == NULL ? EVHTTP_REQ_GET : EVHTTP_REQ_POST, url),
        0);
    wait_for(&answer.arrived);
    evhttp_connection_free(connection);
    cr_assert_eq(answer.status, status, "%s: %d %s", url, answer.status, answer.body);
}

/* As ask, and the answer is genuine. */
static void
ask_genuine(const char *url, const char *body)
{
    ask(url, body, 200);
    check_genuine(&answer);
}

static bool told;

static void
control_answered(void *ctx, const struct http_answer *reply)
{
    (void)ctx;
    cr_assert_eq(reply->status, 200, "%.*s", SPAN_ARG(reply->body));
    told = true;
}

static void
tell(const char *path, const char *body)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(256);
    struct http_call call = { .method = EVHTTP_REQ_POST,
                              .body = span_of(body),
                              .timeout_ms = 10000 };
    CHECK_OK(buf_printf(&url, "http://127.0.0.1:%u%s", control_port(world.control), path));
    CHECK_OK(buf_cstr(&url, &call.url));
    told = false;
    CHECK_OK(http_send(&world, &call, control_answered, NULL));
    wait_for(&told);
}

static void
member(const char *text, const char *name, char *out, size_t size)
{
    DEFER(json_free) struct json_t *root = NULL;
    struct span value;
    CHECK_OK(json_parse(span_of(text), &root));
    CHECK_OK(json_get_string(root, name, &value));
    cr_assert_lt(value.len, size);
    memcpy(out, value.at, value.len);
    out[value.len] = '\0';
}

/* AES-256-GCM with the tag at the end, by OpenSSL. */
static void
unseal(struct span nonce, struct span associated_data, struct span sealed, struct buf *out)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    unsigned char *room;
    int len = 0;
    int more = 0;
    cr_assert(sealed.len > 16 && context != NULL);
    struct span cipher = span_sub(sealed, 0, sealed.len - 16);
    struct span tag = span_sub(sealed, sealed.len - 16, 16);
    CHECK_OK(buf_reserve(out, sealed.len, &room));
    unsigned char tag_bytes[16];
    memcpy(tag_bytes, tag.at, sizeof(tag_bytes));
    cr_assert_eq(EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL,
                                    (const unsigned char *)api_key, nonce.at),
                 1);
    cr_assert_eq(
        EVP_DecryptUpdate(context, NULL, &len, associated_data.at, (int)associated_data.len), 1);
    cr_assert_eq(EVP_DecryptUpdate(context, room, &len, cipher.at, (int)cipher.len), 1);
    cr_assert_eq(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, 16, tag_bytes), 1);
    cr_assert_eq(EVP_DecryptFinal_ex(context, room + len, &more), 1, "the tag does not fit");
    buf_grew(out, (size_t)(len + more));
    EVP_CIPHER_CTX_free(context);
}

/* Waits for the next callback, which is genuine, and opens it. */
static void
expect_callback(const char *event, struct json_t **plain)
{
    DEFER(json_free) struct json_t *root = NULL;
    DEFER(buf_fini) struct buf sealed = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    struct span got;
    wait_for(&callback.arrived);
    check_genuine(&callback);
    CHECK_OK(json_parse(span_of(callback.body), &root));
    CHECK_OK(json_get_string(root, "event_type", &got));
    CHECK_TEXT(got, event);
    const struct json_t *resource = json_member(root, "resource");
    struct span nonce;
    struct span associated_data;
    CHECK_OK(json_get_string(resource, "ciphertext", &got));
    CHECK_OK(crypto_base64_decode(got, &sealed));
    CHECK_OK(json_get_string(resource, "nonce", &nonce));
    CHECK_OK(json_get_string(resource, "associated_data", &associated_data));
    unseal(nonce, associated_data, buf_span(&sealed), &text);
    CHECK_OK(json_parse(buf_span(&text), plain));
    callback.arrived = false;
}

static void
expect_number(const struct json_t *object, const char *name, int64_t want)
{
    int64_t got;
    CHECK_OK(json_get_i64(json_member(object, "amount"), name, &got));
    cr_assert_eq(got, want);
}

static void
read_keys(void)
{
    char *text = NULL;
    struct crypto_certificate *certificate = NULL;
    struct secret *pem = NULL;
    size_t count;
    CHECK_OK(world_read_key_file(&world, "wechatpay-cert-merchant.key", &text));
    CHECK_OK(secret_new(span_of(text), &pem));
    CHECK_OK(crypto_private_key_new(pem, &merchant));
    secret_free(&pem);
    free(text);
    CHECK_OK(world_read_key_file(&world, "wechatpay-platform.crt", &text));
    CHECK_OK(crypto_certificates_new(span_of(text), 1, &certificate, &count));
    CHECK_OK(crypto_certificate_public_key(certificate, &platform));
    crypto_certificate_free(&certificate);
    free(text);
    CHECK_OK(world_read_key_file(&world, "wechatpay-cert.apiv3", &text));
    cr_assert_eq(strlen(text), 32);
    memcpy(api_key, text, sizeof(api_key));
    free(text);
}

/* The serial as the openssl program prints it: "serial=…". */
static void
read_serial(void)
{
    char path[640];
    char line[64] = "";
    int ends[2];
    int status;
    (void)snprintf(path, sizeof(path), "%s/wechatpay-cert-merchant.crt", pki);
    cr_assert_eq(pipe(ends), 0);
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)execlp("openssl", "openssl", "x509", "-in", path, "-noout", "-serial", (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    cr_assert_gt(read(ends[0], line, sizeof(line) - 1), 7);
    (void)close(ends[0]);
    cr_assert(waitpid(pid, &status, 0) == pid && status == 0);
    line[strcspn(line, "\n")] = '\0';
    memcpy(serial, line + 7, strlen(line + 7) + 1);
}

static void
start(void)
{
    const char *binary = getenv("TALLYGATE_BINARY_DIR");
    char root[640];
    cr_assert(binary != NULL);
    (void)snprintf(pki, sizeof(pki), "%s/tests/world/pki", binary); /* a fixture of ctest */
    world = (struct world){ .pki = pki, .base = event_base_new() };
    cr_assert(world.base != NULL);
    read_keys();
    read_serial();
    CHECK_OK(control_new(&world, &world.control));
    CHECK_OK(record_new(&world, &world.record));
    CHECK_OK(wechatpay_new(&world, &world.wechatpay));
    receiver = evhttp_new(world.base);
    cr_assert(receiver != NULL);
    evhttp_set_gencb(receiver, called_back, NULL);
    receiver_port = control_bind(receiver);
    (void)snprintf(root, sizeof(root), "%s/tls-root.crt", pki);
    tls = SSL_CTX_new(TLS_client_method());
    cr_assert_eq(SSL_CTX_load_verify_locations(tls, root, NULL), 1);
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
}

static void
stop(void)
{
    http_end(&world);
    wechatpay_free(&world.wechatpay);
    control_free(&world.control);
    record_free(&world.record);
    evhttp_free(receiver);
    (void)event_base_loop(world.base, EVLOOP_NONBLOCK); /* connections that end later */
    event_base_free(world.base);
    SSL_CTX_free(tls);
    crypto_private_key_free(&merchant);
    crypto_public_key_free(&platform);
}

static void
pay(void)
{
    static const char query[] = "/v3/pay/transactions/out-trade-no/" NUMBER "?mchid=" MCHID;
    char body[512];
    char code[128];
    char order[256];
    DEFER(json_free) struct json_t *paid = NULL;
    struct span state;
    (void)snprintf(body, sizeof(body),
                   "{\"appid\":\"wx0000000000000001\",\"mchid\":\"" MCHID
                   "\",\"description\":\"one\",\"out_trade_no\":\"" NUMBER
                   "\",\"notify_url\":\"http://127.0.0.1:%u/x\",\"amount\":{\"total\":12800}}",
                   (unsigned)receiver_port);
    ask(query, NULL, 404);
    ask_genuine("/v3/pay/transactions/native", body);
    member(answer.body, "code_url", code, sizeof(code));
    ask_genuine(query, NULL);
    cr_assert(strstr(answer.body, "\"NOTPAY\"") != NULL);
    (void)snprintf(order, sizeof(order), "{\"qr_text\":\"%s\"}", code);
    tell("/wechatpay/scan", order);
    tell("/wechatpay/pay", "{\"out_trade_no\":\"" NUMBER "\"}");
    expect_callback("TRANSACTION.SUCCESS", &paid);
    CHECK_OK(json_get_string(paid, "trade_state", &state));
    CHECK_TEXT(state, "SUCCESS");
    expect_number(paid, "total", 12800);
    ask_genuine(query, NULL);
    cr_assert(strstr(answer.body, "\"SUCCESS\"") != NULL);
}

static void
give_back(void)
{
    char body[512];
    DEFER(json_free) struct json_t *refunded = NULL;
    (void)snprintf(body, sizeof(body),
                   "{\"out_trade_no\":\"" NUMBER "\",\"out_refund_no\":\"BACK\","
                   "\"notify_url\":\"http://127.0.0.1:%u/y\","
                   "\"amount\":{\"refund\":2800,\"total\":12800,\"currency\":\"CNY\"}}",
                   (unsigned)receiver_port);
    ask_genuine("/v3/refund/domestic/refunds", body);
    cr_assert(strstr(answer.body, "\"PROCESSING\"") != NULL);
    tell("/wechatpay/refund-result", "{\"out_refund_no\":\"BACK\",\"status\":\"SUCCESS\"}");
    expect_callback("REFUND.SUCCESS", &refunded);
    expect_number(refunded, "refund", 2800);
    ask_genuine("/v3/refund/domestic/refunds/BACK", NULL);
    cr_assert(strstr(answer.body, "\"SUCCESS\"") != NULL);
}

/* The clock starts on 2026-03-10 at 10:00 in China, and so is the bill there a day later. */
static void
read_bill(void)
{
    static const char link[] = "/v3/bill/tradebill?bill_date=2026-03-10&bill_type=ALL";
    char hash[64];
    char url[512];
    unsigned char digest[EVP_MAX_MD_SIZE];
    DEFER(buf_fini) struct buf hex = BUF_MAX(64);
    ask(link, NULL, 400);
    clock_fake_advance_ms(INT64_C(24) * 60 * 60 * 1000);
    ask_genuine(link, NULL);
    member(answer.body, "hash_value", hash, sizeof(hash));
    member(answer.body, "download_url", url, sizeof(url));
    const char *path = strstr(url, "/v3/billdownload/file?");
    cr_assert(path != NULL);
    ask(path, NULL, 200);
    cr_assert_eq(answer.signature[0], '\0');
    unsigned int len = 0;
    cr_assert_eq(EVP_Digest(answer.body, strlen(answer.body), digest, &len, EVP_sha1(), NULL), 1);
    CHECK_OK(crypto_hex_encode(span_make(digest, len), &hex));
    CHECK_TEXT(buf_span(&hex), hash);
    cr_assert(strstr(answer.body, "\r\n`2,`128.00,`28.00,`0.00,`0.60000,`128.00,`28.00\r\n")
                  != NULL,
              "%s", answer.body);
}

Test(wechatpay_trip, a_payment_goes_from_order_to_bill_under_genuine_signatures)
{
    start();
    pay();
    give_back();
    read_bill();
    stop();
}

Test(wechatpay_trip, a_request_under_another_serial_is_refused_unsigned)
{
    start();
    serial[0] = serial[0] == '5' ? '6' : '5';
    ask("/v3/certificates", NULL, 401);
    cr_assert_eq(answer.signature[0], '\0');
    cr_assert(strstr(answer.body, "\"SIGN_ERROR\"") != NULL);
    stop();
}
