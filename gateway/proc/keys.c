/* SPDX-License-Identifier: Apache-2.0 */
/* The keys process: the only one that holds private keys and shared secrets. It answers typed requests
 * on inherited sockets with a signature, with whether a signature is right, with the plain bytes of what a
 * provider sealed for us, or with an error, and with nothing else. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "account.h"
#include "child.h"
#include "keys_house.h"
#include "keys_message.h"
#include "keys_policy.h"
#include "keys_refunds.h"
#include "keys_webhook.h"
#include "log.h"
#include "metrics.h"

#define KEY_FILE_MAX_BYTES ((size_t)16 * 1024)
#define KEYS_ARENA_MAX     ((size_t)1024 * 1024)
#define KEYS_BATCH         16
#define SEALING_MAX        2
#define LOG_EVERY_MS       100 /* a captured worker must not be able to flood the log */

/* A secret that the provider seals with: AES takes it as it is, SM4 the first half of its SM3 digest. */
struct sealing {
    struct secret *secret;
    struct secret *sm4;
};

struct signer {
    const struct adapter_account *account;
    struct crypto_private_key *key;      /* NULL in a scheme with a shared secret */
    struct secret *shared;               /* NULL in a scheme with key pairs */
    struct sealing sealing[SEALING_MAX]; /* the present one, and the other during a change */
    size_t sealing_count;
    struct keys_rate rate;
    struct keys_refunds *refunds; /* signed today */
};

/* One batch's storage; the buffers are as large as a message may be. */
struct batch {
    struct mmsghdr in[KEYS_BATCH];
    struct mmsghdr out[KEYS_BATCH];
    struct iovec in_parts[KEYS_BATCH];
    struct iovec out_parts[KEYS_BATCH];
    unsigned char bytes[KEYS_BATCH][KEYS_MESSAGE_MAX];
    struct buf replies[KEYS_BATCH];
};

struct keys {
    const struct child_plan *plan;
    struct config *config;
    struct accounts *accounts;
    struct keys_limits limits;
    struct keys_house house;
    struct signer *signers;
    size_t signer_count;
    struct keys_webhook webhook;
    struct arena *arena; /* of one request */
    struct batch *batch;
    int epoll_fd;
    int signal_fd;
    size_t open_count;
    struct mono_time logged_at;
};

static struct signer *
find_signer(struct keys *keys, struct span account)
{
    for (size_t i = 0; i < keys->signer_count; i++) {
        if (span_eq_cstr(account, keys->signers[i].account->name)) {
            return &keys->signers[i];
        }
    }
    return NULL;
}

static bool
is_keyed(const struct signer *signer)
{
    return signer->shared != NULL;
}

/* The text over the fields, signed. */
static enum err
sign_fields(struct keys *keys, const struct signer *signer, const struct adapter_fields *fields,
            struct buf *signature)
{
    const struct adapter_account *account = signer->account;
    DEFER(buf_fini) struct buf text = BUF_MAX(KEYS_MESSAGE_MAX);
    if (account->adapter->sign_text(fields, keys->arena, &text) != ERR_OK) {
        return ERR_KEYS_POLICY;
    }
    enum err err =
        is_keyed(signer)
            ? crypto_keyed_sign(signer->shared, account->scheme, buf_span(&text), signature)
            : crypto_sign(signer->key, account->scheme, buf_span(&text), signature);
    return err == ERR_OK ? ERR_OK : ERR_CRYPTO;
}

/* The adapter reads the facts back and builds the text from the same fields, so that what is judged
 * is what is signed. */
static enum err
sign(struct keys *keys, struct signer *signer, const struct keys_request *request,
     struct buf *signature)
{
    const struct adapter_account *account = signer->account;
    struct adapter_sign_facts facts = { .operation = ADAPTER_OPERATION_NONE };
    if (account->adapter->sign_facts(&request->fields, keys->arena, &facts) != ERR_OK) {
        return ERR_KEYS_POLICY;
    }
    TRY(keys_policy_judge(&keys->limits, account, request->operation, &facts));
    TRY(keys_rate_take(&signer->rate, clock_mono()));
    TRY(keys_refunds_judge(signer->refunds, account, &facts, clock_wall()));
    return sign_fields(keys, signer, &request->fields, signature);
}

/* Says whether the signature is right, and never what would be: a captured worker learns nothing that it
 * could send to the provider. */
static enum err
check(struct keys *keys, struct signer *signer, const struct keys_request *request, struct buf *out)
{
    if (!is_keyed(signer)) {
        return ERR_KEYS_POLICY;
    }
    TRY(keys_rate_take(&signer->rate, clock_mono()));
    DEFER(buf_fini) struct buf right = BUF_MAX(KEYS_MESSAGE_SIGNATURE_MAX);
    TRY(sign_fields(keys, signer, &request->fields, &right));
    return secret_eq_bytes(buf_span(&right), request->signature)
               ? buf_append(out, request->signature)
               : ERR_SIGNATURE;
}

static enum crypto_aead
aead_of(struct span algorithm)
{
    static const struct {
        const char *name;
        enum crypto_aead aead;
    } rows[] = {
        { "AEAD_AES_256_GCM", CRYPTO_AEAD_AES_256_GCM },
        { "AEAD_SM4_GCM", CRYPTO_AEAD_SM4_GCM },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (span_eq_cstr(algorithm, rows[i].name)) {
            return rows[i].aead;
        }
    }
    return CRYPTO_AEAD_NONE;
}

static enum err
open_with(const struct sealing *sealing, const struct adapter_fields *fields, struct buf *out)
{
    enum crypto_aead aead = aead_of(adapter_fields_get(fields, "algorithm"));
    const struct secret *key = aead == CRYPTO_AEAD_SM4_GCM ? sealing->sm4 : sealing->secret;
    return crypto_aead_open(aead, key, adapter_fields_get(fields, "nonce"),
                            adapter_fields_get(fields, "associated"),
                            adapter_fields_get(fields, "ciphertext"), out);
}

/* While a secret is changed the provider may still use the other one: whichever fits. */
static enum err
open_sealed(struct signer *signer, const struct keys_request *request, struct buf *out)
{
    const struct adapter_fields *fields = &request->fields;
    if (signer->sealing_count == 0
        || aead_of(adapter_fields_get(fields, "algorithm")) == CRYPTO_AEAD_NONE) {
        return ERR_KEYS_POLICY;
    }
    TRY(keys_rate_take(&signer->rate, clock_mono()));
    for (size_t i = 0; i < signer->sealing_count; i++) {
        enum err err = open_with(&signer->sealing[i], fields, out);
        if (err != ERR_SEALED) {
            return err == ERR_OK && out->len == 0 ? ERR_SEALED
                   : err == ERR_OK                ? ERR_OK
                                                  : ERR_CRYPTO;
        }
    }
    return ERR_SEALED;
}

static enum err
perform(struct keys *keys, const struct keys_request *request, struct buf *out)
{
    if (keys_house_concerns(request->task)) {
        return keys_house_do(&keys->house, request, out);
    }
    if (keys_webhook_concerns(request->task)) {
        return keys_webhook_perform(&keys->webhook, request, clock_wall(), out);
    }
    struct signer *signer = find_signer(keys, request->account);
    if (signer == NULL) {
        return ERR_KEYS_UNKNOWN;
    }
    switch (request->task) {
    case KEYS_SIGN:
        return sign(keys, signer, request, out);
    case KEYS_CHECK:
        return check(keys, signer, request, out);
    case KEYS_OPEN:
        return open_sealed(signer, request, out);
    case KEYS_SEAL:
    case KEYS_WEBHOOK_SIGN:
    case KEYS_WEBHOOK_TELL:
    case KEYS_TASK_COUNT:
        break;
    }
    return ERR_KEYS_POLICY;
}

static void
log_refusal(struct keys *keys, const struct keys_request *request, enum err err)
{
    metrics_add(METRIC_SIGNATURES_REFUSED_TOTAL, 1);
    if (clock_mono_ms_since(keys->logged_at) < LOG_EVERY_MS) {
        return;
    }
    keys->logged_at = clock_mono();
    log_event(LOG_KEYS_REFUSED, LOG_ERR(err), LOG_SPAN("account", request->account),
              LOG_I64("operation", request->operation));
}

static bool
signs(enum keys_task task)
{
    return task == KEYS_SIGN || task == KEYS_WEBHOOK_SIGN;
}

static struct keys_reply
judge_and_do(struct keys *keys, const struct keys_request *request, struct buf *bytes)
{
    struct keys_reply reply = { .number = request->number, .err = ERR_KEYS_UNKNOWN };
    if (request->task == KEYS_SIGN && span_empty(request->account)) { /* are we here? */
        return reply;
    }
    reply.err = perform(keys, request, bytes);
    if (reply.err == ERR_OK) {
        reply.bytes = buf_span(bytes);
        metrics_add(signs(request->task) ? METRIC_SIGNATURES_TOTAL : METRIC_KEYS_TASKS_TOTAL, 1);
    } else {
        log_refusal(keys, request, reply.err);
    }
    arena_reset(keys->arena);
    return reply;
}

/* Bytes that are no request have no number to answer to: they get no answer at all. */
static enum err
answer(struct keys *keys, struct span message, struct buf *out)
{
    struct keys_request request;
    enum err err = keys_request_decode(message, &request);
    if (err != ERR_OK) {
        request = (struct keys_request){ .number = 0 };
        log_refusal(keys, &request, err);
        return err;
    }
    DEFER(buf_fini) struct buf bytes = BUF_MAX(KEYS_MESSAGE_MAX - KEYS_MESSAGE_SIGNATURE_MAX);
    struct keys_reply reply = judge_and_do(keys, &request, &bytes);
    return keys_reply_encode(&reply, out);
}

/* A peer that does not read its answers loses them; nobody else waits for it. */
static void
send_replies(int fd, struct batch *batch, unsigned count)
{
    unsigned sent = 0;
    while (sent < count) {
        int n = sendmmsg(fd, batch->out + sent, count - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n <= 0) {
            return;
        }
        sent += (unsigned)n;
    }
}

static void
forget(struct keys *keys, int fd)
{
    (void)epoll_ctl(keys->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    (void)close(fd);
    keys->open_count--;
}

/* False at the end of the stream. */
static bool
answer_batch(struct keys *keys, int fd, unsigned got)
{
    struct batch *batch = keys->batch;
    unsigned count = 0;
    bool ended = false;
    for (unsigned i = 0; i < got; i++) {
        struct span message = span_make(batch->bytes[i], batch->in[i].msg_len);
        struct buf *reply = &batch->replies[count];
        buf_reset(reply);
        ended = ended || message.len == 0;
        bool whole = (batch->in[i].msg_hdr.msg_flags & MSG_TRUNC) == 0 && message.len > 0;
        if (whole && answer(keys, message, reply) == ERR_OK) {
            batch->out_parts[count] =
                (struct iovec){ .iov_base = reply->at, .iov_len = reply->len };
            count++;
        }
    }
    send_replies(fd, batch, count);
    metrics_add(METRIC_SIGNATURE_BATCHES_TOTAL, 1);
    return !ended;
}

static void
serve_socket(struct keys *keys, int fd)
{
    int got = recvmmsg(fd, keys->batch->in, KEYS_BATCH, MSG_DONTWAIT, NULL);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0 || !answer_batch(keys, fd, (unsigned)got)) {
        forget(keys, fd);
    }
}

/* Until SIGTERM, or until nobody is left who could ask. */
static void
serve(struct keys *keys)
{
    struct epoll_event events[KEYS_BATCH];
    while (keys->open_count > 0) {
        int count = epoll_wait(keys->epoll_fd, events, KEYS_BATCH, -1);
        if (count < 0 && errno != EINTR) {
            return;
        }
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == keys->signal_fd) {
                log_event(LOG_STOPPING, LOG_TEXT("signal", "TERM"));
                return;
            }
            serve_socket(keys, events[i].data.fd);
        }
    }
}

static enum err
batch_new(struct batch **out)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (batch == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < KEYS_BATCH; i++) {
        buf_init(&batch->replies[i], KEYS_REPLY_MAX);
        batch->in_parts[i] =
            (struct iovec){ .iov_base = batch->bytes[i], .iov_len = sizeof(batch->bytes[i]) };
        batch->in[i].msg_hdr = (struct msghdr){ .msg_iov = &batch->in_parts[i], .msg_iovlen = 1 };
        batch->out[i].msg_hdr = (struct msghdr){ .msg_iov = &batch->out_parts[i], .msg_iovlen = 1 };
    }
    *out = batch;
    return ERR_OK;
}

/* Signs once, so that a key that does not fit its scheme is found at start, and so that the library
 * has fetched everything it needs before the sandbox closes. */
static enum err
try_key(const struct signer *signer)
{
    DEFER(buf_fini) struct buf signature = BUF_MAX(KEYS_MESSAGE_SIGNATURE_MAX);
    enum crypto_scheme scheme = signer->account->scheme;
    return is_keyed(signer)
               ? crypto_keyed_sign(signer->shared, scheme, SPAN_LIT("start"), &signature)
               : crypto_sign(signer->key, scheme, SPAN_LIT("start"), &signature);
}

static enum err
load_sealing_key(const char *path, struct sealing *out)
{
    unsigned char digest[SM3_BYTES];
    TRY(secret_load(path, KEY_FILE_MAX_BYTES, &out->secret));
    TRY(crypto_sm3(secret_bytes(out->secret), digest));
    enum err err = secret_new(span_make(digest, SM3_BYTES / 2), &out->sm4);
    explicit_bzero(digest, sizeof(digest));
    return err;
}

static enum err
load_sealing(struct keys *keys, struct signer *signer, size_t index)
{
    static const enum config_setting settings[SEALING_MAX] = { CONFIG_account_sealing_key,
                                                               CONFIG_account_sealing_key_other };
    for (size_t i = 0; i < SEALING_MAX; i++) {
        const char *path = config_text(keys->config, settings[i], index);
        if (path[0] != 0) {
            TRY(load_sealing_key(path, &signer->sealing[signer->sealing_count]));
            signer->sealing_count++;
        }
    }
    return ERR_OK;
}

static bool
shares_a_secret(enum crypto_scheme scheme)
{
    return scheme == CRYPTO_KEYED_SHA256 || scheme == CRYPTO_KEYED_SM3;
}

#define DER_SEQUENCE 0x30 /* no text that is a key begins with it */

static enum err
load_pkcs12(struct keys *keys, struct signer *signer, size_t index)
{
    const char *password_path =
        config_text(keys->config, CONFIG_account_private_key_password, index);
    DEFER(secret_free) struct secret *file = NULL;
    DEFER(secret_free) struct secret *password = NULL;
    DEFER(crypto_certificate_free) struct crypto_certificate *certificate = NULL;
    TRY(secret_load_binary(config_text(keys->config, CONFIG_account_private_key, index),
                           KEY_FILE_MAX_BYTES, &file));
    if (password_path[0] != 0) {
        TRY(secret_load(password_path, KEY_FILE_MAX_BYTES, &password));
    }
    return crypto_pkcs12_open(file, password, &signer->key, &certificate);
}

static enum err
load_private_key(struct keys *keys, struct signer *signer, size_t index)
{
    const char *path = config_text(keys->config, CONFIG_account_private_key, index);
    DEFER(secret_free) struct secret *text = NULL;
    TRY(secret_load(path, KEY_FILE_MAX_BYTES, &text));
    struct span bytes = secret_bytes(text);
    return bytes.len > 0 && bytes.at[0] == DER_SEQUENCE
               ? load_pkcs12(keys, signer, index)
               : crypto_private_key_new(text, &signer->key);
}

static enum err
load_signer(struct keys *keys, size_t index)
{
    struct signer *signer = &keys->signers[index];
    signer->account = accounts_at(keys->accounts, index);
    keys_rate_init(&signer->rate, config_int(keys->config, CONFIG_keys_rate_per_minute, 0),
                   clock_mono());
    const char *path = config_text(keys->config, CONFIG_account_private_key, index);
    TRY(keys_refunds_new(&signer->refunds));
    TRY(load_sealing(keys, signer, index));
    if (shares_a_secret(signer->account->scheme)) {
        TRY(secret_load(path, KEY_FILE_MAX_BYTES, &signer->shared));
        return try_key(signer);
    }
    TRY(load_private_key(keys, signer, index));
    return try_key(signer);
}

static enum err
load_signers(struct keys *keys)
{
    struct config_fault fault = { .line = 0 };
    enum err err = accounts_load(keys->config, clock_wall(), &keys->accounts, &fault);
    size_t count = err == ERR_OK ? accounts_count(keys->accounts) : 0;
    keys->signers = calloc(count + 1, sizeof(*keys->signers));
    if (keys->signers == NULL) {
        return ERR_NO_MEMORY;
    }
    for (; err == ERR_OK && keys->signer_count < count; keys->signer_count++) {
        err = load_signer(keys, keys->signer_count);
    }
    if (err != ERR_OK) {
        const char *what = fault.setting[0] != 0 ? fault.setting : "private_key";
        log_event(LOG_CONFIG_REFUSED, LOG_ERR(err), LOG_TEXT("setting", what),
                  LOG_TEXT("message", err_text(err, LANGUAGE_EN)));
    }
    return err;
}

static enum err
load_house(struct keys *keys)
{
    const char *setting = "";
    enum err err = keys_house_load(keys->config, &keys->house, &setting);
    if (err == ERR_OK) {
        setting = "master_secret";
        err = keys_webhook_load(keys->config, &keys->webhook);
    }
    if (err != ERR_OK) {
        log_event(LOG_CONFIG_REFUSED, LOG_ERR(err), LOG_TEXT("setting", setting),
                  LOG_TEXT("message", err_text(err, LANGUAGE_EN)));
    }
    return err;
}

static enum err
watch(struct keys *keys, int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
    return epoll_ctl(keys->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? ERR_OK : ERR_SYSTEM;
}

static enum err
open_sockets(struct keys *keys)
{
    sigset_t stop;
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &stop, NULL) != 0) {
        return ERR_SYSTEM;
    }
    keys->signal_fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
    keys->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (keys->signal_fd < 0 || keys->epoll_fd < 0) {
        return ERR_SYSTEM;
    }
    TRY(watch(keys, keys->signal_fd));
    for (; keys->open_count < keys->plan->keys_count; keys->open_count++) {
        TRY(watch(keys, keys->plan->keys_fds[keys->open_count]));
    }
    return ERR_OK;
}

static enum err
start(struct keys *keys)
{
    TRY(child_open(keys->plan, &keys->config));
    keys->limits = (struct keys_limits){
        .amount_max_fen = config_int(keys->config, CONFIG_keys_amount_max, 0),
        .refund_max_fen = config_int(keys->config, CONFIG_keys_refund_max, 0),
    };
    TRY(arena_new(KEYS_ARENA_MAX, &keys->arena));
    TRY(batch_new(&keys->batch));
    TRY(crypto_lock_keys());
    TRY(load_signers(keys));
    TRY(load_house(keys));
    TRY(open_sockets(keys));
    return child_confine(keys->plan, keys->config);
}

static void
finish(struct keys *keys)
{
    for (size_t i = 0; keys->signers != NULL && i <= keys->signer_count; i++) {
        struct signer *signer = &keys->signers[i]; /* the last one may be half-loaded */
        crypto_private_key_free(&signer->key);
        secret_free(&signer->shared);
        keys_refunds_free(&signer->refunds);
        for (size_t s = 0; s < SEALING_MAX; s++) {
            secret_free(&signer->sealing[s].secret);
            secret_free(&signer->sealing[s].sm4);
        }
    }
    free(keys->signers);
    keys_house_fini(&keys->house);
    keys_webhook_fini(&keys->webhook);
    for (size_t i = 0; keys->batch != NULL && i < KEYS_BATCH; i++) {
        buf_fini(&keys->batch->replies[i]);
    }
    free(keys->batch);
    arena_free(&keys->arena);
    accounts_free(&keys->accounts);
    config_free(&keys->config);
}

int
keys_main(const struct child_plan *plan)
{
    struct keys keys = { .plan = plan, .epoll_fd = -1, .signal_fd = -1 };
    enum err err = start(&keys);
    if (err == ERR_OK) {
        log_event(LOG_STARTED, LOG_I64("accounts", (int64_t)keys.signer_count));
        ipc_ready(plan);
        serve(&keys);
        log_event(LOG_STOPPED, LOG_I64("accounts", (int64_t)keys.signer_count));
    }
    finish(&keys);
    return err == ERR_OK ? EXIT_YES : EXIT_TROUBLE;
}
