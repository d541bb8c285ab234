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
#include "keys_signer.h"
#include "keys_webhook.h"
#include "log.h"
#include "metrics.h"

#define KEYS_ARENA_MAX ((size_t)1024 * 1024)
#define KEYS_BATCH     16
#define LOG_EVERY_MS   100 /* a captured worker must not be able to flood the log */

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
    struct keys_refunds *refunds;
    struct keys_signer *signers;
    size_t signer_count;
    struct keys_webhook webhook;
    struct arena *arena; /* of one request */
    struct batch *batch;
    int epoll_fd;
    int signal_fd;
    size_t open_count;
    struct mono_time logged_at;
};

static struct keys_signer *
find_signer(struct keys *keys, struct span account)
{
    for (size_t i = 0; i < keys->signer_count; i++) {
        if (span_eq_cstr(account, keys->signers[i].account->name)) {
            return &keys->signers[i];
        }
    }
    return NULL;
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
    struct keys_signer *signer = find_signer(keys, request->account);
    return signer == NULL ? ERR_KEYS_UNKNOWN
                          : keys_signer_perform(signer, &keys->limits, request, keys->arena, out);
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
        err = keys_signer_load(keys->config, keys->accounts, keys->signer_count, keys->refunds,
                               &keys->signers[keys->signer_count]);
    }
    if (err != ERR_OK) {
        const char *what = fault.setting[0] != 0 ? fault.setting : "private_key";
        log_event(LOG_CONFIG_REFUSED, LOG_ERR(err), LOG_TEXT("setting", what),
                  LOG_TEXT("message", err_text(err, LANGUAGE_EN)));
    }
    return err;
}

/* Who only tries the keys out makes no journal, and so signs no refund where the service has not run yet. */
static enum err
open_refunds(struct keys *keys, bool make)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(KEYS_REFUNDS_PATH_MAX);
    const char *path = "";
    enum err trouble = ERR_OK;
    TRY(keys_refunds_path(keys->config, &text, &path));
    TRY(keys_refunds_new(path, make, &keys->refunds, &trouble));
    if (trouble != ERR_OK && make) {
        log_event(LOG_REFUNDS_STOPPED, LOG_ERR(trouble), LOG_TEXT("file", path));
    }
    return ERR_OK;
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
    TRY(open_refunds(keys, keys->plan->metrics_fd >= 0));
    TRY(load_signers(keys));
    TRY(load_house(keys));
    TRY(open_sockets(keys));
    return child_confine(keys->plan, keys->config);
}

static void
finish(struct keys *keys)
{
    for (size_t i = 0; keys->signers != NULL && i <= keys->signer_count; i++) {
        keys_signer_fini(&keys->signers[i]); /* the last one may be half-loaded */
    }
    free(keys->signers);
    keys_refunds_free(&keys->refunds);
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
