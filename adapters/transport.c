/* SPDX-License-Identifier: Apache-2.0 */
#include "transport.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>
#include <event2/event.h>

#include "address.h"
#include "buf.h"
#include "progress.h"

#define HEADER_VALUE_MAX  128
#define CONTENT_TYPE_MAX  160
#define HEADERS_MAX_BYTES ((size_t)16 * 1024)
#define HEADER_LINE_MAX   ((size_t)4096)
#define CONNECTION_AGE_S  110L /* providers drop idle connections at two minutes */

struct transport_call {
    LIST_ENTRY(transport_call) next;
    struct transport *transport;
    CURL *easy;
    struct curl_slist *headers;
    struct buf request_body;
    struct buf body;
    struct arena *header_bytes; /* of the answer; begun anew when the provider answers twice */
    struct adapter_field answer_headers[TRANSPORT_HEADERS_MAX];
    size_t answer_header_count;
    bool allow_private_address;
    bool tell_private;
    bool refused; /* an address, and none was connected to since */
    bool drop_rest;
    struct progress *progress;
    bool headers_ended; /* libcurl takes a connection that closes within them for an answer */
    char date[HEADER_VALUE_MAX];
    char trace_id[HEADER_VALUE_MAX];
    transport_done done;
    void *context;
};

LIST_HEAD(call_list, transport_call);

struct transport {
    struct event_base *base;
    CURLM *multi;
    struct event *timer;
    struct call_list calls;
    size_t running;
};

/* One watched socket; libcurl hands it back with every change. */
struct watch {
    struct event *event;
};

/* Sees the resolved address: the place to refuse what a name was bent to. */
static curl_socket_t
open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transport_call *call = context;
    (void)purpose;
    if (!call->allow_private_address && address_private(&address->addr)) {
        call->refused = true;
        return CURL_SOCKET_BAD;
    }
    call->refused = false;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* How many there are to be is what the server says, and nothing hangs on it. */
static void
count_bytes(struct transport_call *call, size_t len)
{
    curl_off_t whole = 0;
    bool first = call->body.len == 0;
    if (call->progress != NULL && first
        && curl_easy_getinfo(call->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &whole) == CURLE_OK
        && whole > 0) {
        progress_expect(call->progress, (int64_t)whole);
    }
    progress_add(call->progress, (int64_t)len);
}

static size_t
take_body(char *at, size_t size, size_t count, void *context)
{
    struct transport_call *call = context;
    size_t len = size * count;
    struct span taken = span_make(at, len);
    count_bytes(call, len);
    if (call->drop_rest) {
        taken = span_sub(taken, 0, call->body.max - call->body.len);
    }
    /* Short of len tells libcurl to stop: the cap is ours, since Content-Length may lie. */
    return buf_append(&call->body, taken) == ERR_OK ? len : 0;
}

static void
keep_header(struct span line, const char *name, char out[HEADER_VALUE_MAX])
{
    size_t len = strlen(name);
    if (line.len <= len || strncasecmp((const char *)line.at, name, len) != 0) {
        return;
    }
    struct span value = span_trim(span_sub(line, len, line.len), " \t\r\n");
    value = span_sub(value, 0, HEADER_VALUE_MAX - 1);
    memcpy(out, value.at, value.len);
    out[value.len] = 0;
}

/* A status line begins an answer, also the one after "100 Continue". */
static enum err
keep_any(struct transport_call *call, struct span line)
{
    struct span value = span_trim(line, "\r\n");
    struct span name;
    if (span_starts(line, SPAN_LIT("HTTP/"))) {
        arena_reset(call->header_bytes);
        call->answer_header_count = 0;
        return ERR_OK;
    }
    if (!span_cut(&value, ':', &name) || call->answer_header_count == TRANSPORT_HEADERS_MAX) {
        return ERR_OK;
    }
    struct adapter_field *field = &call->answer_headers[call->answer_header_count];
    void *storage = NULL;
    TRY(arena_alloc(call->header_bytes, name.len + 1, &storage));
    unsigned char *lower = storage;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = name.at[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
    }
    field->name = span_make(lower, name.len);
    TRY(arena_copy(call->header_bytes, span_trim(value, " \t"), &field->value));
    call->answer_header_count++;
    return ERR_OK;
}

static size_t
take_header(char *at, size_t size, size_t count, void *context)
{
    struct transport_call *call = context;
    struct span line = span_make(at, size * count);
    if (span_starts(line, SPAN_LIT("HTTP/"))) {
        call->headers_ended = false;
    } else if (span_empty(span_trim(line, "\r\n"))) {
        call->headers_ended = true;
    }
    keep_header(line, "date:", call->date);
    keep_header(line, "trace_id:", call->trace_id);
    return keep_any(call, line) == ERR_OK ? line.len : 0;
}

static void
call_free(struct transport_call *call)
{
    if (call->easy != NULL) {
        (void)curl_multi_remove_handle(call->transport->multi, call->easy);
        curl_easy_cleanup(call->easy);
    }
    curl_slist_free_all(call->headers);
    arena_free(&call->header_bytes);
    buf_fini(&call->request_body);
    buf_fini(&call->body);
    free(call);
}

/* Failures after which nothing can have reached the provider. Everything else may have. */
static bool
before_sending(CURLcode code)
{
    switch ((int)code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_OPERATION_TIMEDOUT:
        return true;
    default:
        return false;
    }
}

/* libcurl tries again by itself when a kept connection turns out dead, and may then fail to connect:
 * what it counts as sent is the only proof that nothing was. */
static enum err
outcome_of(CURL *easy, CURLcode code)
{
    long sent_bytes = 1;
    (void)curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
    return before_sending(code) && sent_bytes == 0 ? ERR_PROVIDER_NOT_SENT : ERR_PROVIDER_NO_ANSWER;
}

static enum err
failure_of(const struct transport_call *call, CURLcode code)
{
    enum err err = outcome_of(call->easy, code);
    return err == ERR_PROVIDER_NOT_SENT && call->refused && call->tell_private ? ERR_WEBHOOK_ADDRESS
                                                                               : err;
}

static void
finish(struct transport_call *call, CURLcode code)
{
    long status = 0;
    char *content_type = NULL;
    (void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(call->easy, CURLINFO_CONTENT_TYPE, &content_type);
    LIST_REMOVE(call, next);
    call->transport->running--;
    if (code == CURLE_OK && !call->headers_ended) {
        call->done(call->context, ERR_PROVIDER_NO_ANSWER, NULL);
    } else if (code == CURLE_OK) {
        struct transport_answer answer = {
            .status = (int)status,
            .content_type = span_of(content_type),
            .body = buf_span(&call->body),
            .date = span_of(call->date),
            .trace_id = span_of(call->trace_id),
            .headers = call->answer_headers,
            .header_count = call->answer_header_count,
        };
        call->done(call->context, ERR_OK, &answer);
    } else {
        call->done(call->context, failure_of(call, code), NULL);
    }
    call_free(call);
}

static void
collect(struct transport *transport)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(transport->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        struct transport_call *call = NULL;
        CURLcode code = message->data.result;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        finish(call, code);
    }
}

static void
on_socket(evutil_socket_t fd, short what, void *context)
{
    struct transport *transport = context;
    int action = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0)
                 | ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    int running;
    (void)curl_multi_socket_action(transport->multi, fd, action, &running);
    collect(transport);
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
    struct transport *transport = context;
    int running;
    (void)fd;
    (void)what;
    (void)curl_multi_socket_action(transport->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(transport);
}

static int
set_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct transport *transport = context;
    (void)multi;
    if (timeout_ms < 0) {
        (void)event_del(transport->timer);
        return 0;
    }
    struct timeval wait = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };
    return event_add(transport->timer, &wait);
}

static void
watch_free(struct watch *watch)
{
    if (watch != NULL) {
        if (watch->event != NULL) {
            event_free(watch->event);
        }
        free(watch);
    }
}

static int
watch_set(struct transport *transport, curl_socket_t fd, int what, struct watch *watch)
{
    if (watch == NULL) {
        watch = calloc(1, sizeof(*watch));
        if (watch == NULL) {
            return -1;
        }
        (void)curl_multi_assign(transport->multi, fd, watch);
    }
    if (watch->event != NULL) {
        event_free(watch->event);
    }
    int flags = EV_PERSIST | ((what & CURL_POLL_IN) != 0 ? EV_READ : 0)
                | ((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0);
    watch->event = event_new(transport->base, fd, (short)flags, on_socket, transport);
    return watch->event == NULL ? -1 : event_add(watch->event, NULL);
}

static int
set_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context)
{
    struct transport *transport = context;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        watch_free(socket_context);
        return 0;
    }
    return watch_set(transport, fd, what, socket_context);
}

enum err
transport_new(struct event_base *base, struct transport **out)
{
    struct transport *transport = calloc(1, sizeof(*transport));
    if (transport == NULL) {
        return ERR_NO_MEMORY;
    }
    transport->base = base;
    LIST_INIT(&transport->calls);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        transport->multi = curl_multi_init();
    }
    transport->timer = event_new(base, -1, 0, on_timer, transport);
    if (transport->multi == NULL || transport->timer == NULL) {
        transport_free(&transport);
        return ERR_NO_MEMORY;
    }
    (void)curl_multi_setopt(transport->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    (void)curl_multi_setopt(transport->multi, CURLMOPT_SOCKETDATA, transport);
    (void)curl_multi_setopt(transport->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    (void)curl_multi_setopt(transport->multi, CURLMOPT_TIMERDATA, transport);
    *out = transport;
    return ERR_OK;
}

void
transport_free(struct transport **transport)
{
    if (transport == NULL || *transport == NULL) {
        return;
    }
    struct transport *t = *transport;
    while (!LIST_EMPTY(&t->calls)) {
        struct transport_call *call = LIST_FIRST(&t->calls);
        LIST_REMOVE(call, next);
        call_free(call);
    }
    if (t->multi != NULL) {
        (void)curl_multi_cleanup(t->multi);
    }
    if (t->timer != NULL) {
        event_free(t->timer);
    }
    free(t);
    *transport = NULL;
}

static void
set_limits(CURL *easy, const struct transport_request *request)
{
    int total_ms = request->total_ms == 0 ? TRANSPORT_TOTAL_MS : request->total_ms;
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                           request->allow_http ? "http,https" : "https");
    (void)curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "");
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* the path may be signed as it stands */
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    /* The system's roots cost 35 ms of CPU a connection, and are not whom we trust. */
    (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    (void)curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
    (void)curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, CONNECTION_AGE_S);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)TRANSPORT_CONNECT_MS);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)total_ms);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "tallygate/" TALLYGATE_VERSION);
}

static void
set_sinks(struct transport_call *call)
{
    (void)curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
    (void)curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
    (void)curl_easy_setopt(call->easy, CURLOPT_HEADERFUNCTION, take_header);
    (void)curl_easy_setopt(call->easy, CURLOPT_HEADERDATA, call);
    (void)curl_easy_setopt(call->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    (void)curl_easy_setopt(call->easy, CURLOPT_OPENSOCKETDATA, call);
}

static enum err
add_header(struct transport_call *call, const char *line)
{
    struct curl_slist *longer = curl_slist_append(call->headers, line);
    if (longer == NULL) {
        return ERR_NO_MEMORY;
    }
    call->headers = longer;
    return ERR_OK;
}

static enum err
add_field(struct transport_call *call, const struct adapter_field *field)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(HEADER_LINE_MAX);
    const char *line = NULL;
    TRY(buf_append(&text, field->name));
    TRY(buf_text(&text, ": "));
    TRY(buf_append(&text, field->value));
    TRY(buf_cstr(&text, &line));
    return add_header(call, line);
}

static enum err
set_request(struct transport_call *call, const struct transport_request *request)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(request->url.len + CONTENT_TYPE_MAX);
    const char *line = NULL;
    TRY(buf_append(&text, request->url));
    TRY(buf_cstr(&text, &line));
    if (curl_easy_setopt(call->easy, CURLOPT_URL, line) != CURLE_OK) {
        return ERR_NO_MEMORY;
    }
    TRY(add_header(call, "Expect:"));
    for (size_t i = 0; i < request->header_count; i++) {
        TRY(add_field(call, &request->headers[i]));
    }
    if (!request->post) {
        return ERR_OK;
    }
    buf_reset(&text);
    TRY(buf_text(&text, "Content-Type: "));
    TRY(buf_append(&text, request->content_type));
    TRY(buf_cstr(&text, &line));
    TRY(add_header(call, line));
    buf_init(&call->request_body, request->body.len);
    TRY(buf_append(&call->request_body, request->body));
    (void)curl_easy_setopt(call->easy, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                           (curl_off_t)call->request_body.len);
    const char *body = NULL;
    TRY(buf_cstr(&call->request_body, &body));
    (void)curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, body);
    return ERR_OK;
}

static enum err
start(struct transport_call *call, const struct transport_request *request)
{
    call->easy = curl_easy_init();
    if (call->easy == NULL) {
        return ERR_NO_MEMORY;
    }
    buf_init(&call->body,
             request->body_max_bytes == 0 ? TRANSPORT_BODY_MAX : request->body_max_bytes);
    call->allow_private_address = request->allow_private_address;
    call->tell_private = request->tell_private;
    call->drop_rest = request->drop_rest;
    call->progress = request->progress;
    TRY(arena_new(HEADERS_MAX_BYTES, &call->header_bytes));
    set_limits(call->easy, request);
    set_sinks(call);
    TRY(set_request(call, request));
    (void)curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
    return curl_multi_add_handle(call->transport->multi, call->easy) == CURLM_OK ? ERR_OK
                                                                                 : ERR_NO_MEMORY;
}

enum err
transport_start(struct transport *transport, const struct transport_request *request,
                transport_done done, void *context, struct transport_call **out)
{
    if (transport->running >= TRANSPORT_CALLS_MAX) {
        return ERR_OVERLOADED;
    }
    struct transport_call *call = calloc(1, sizeof(*call));
    if (call == NULL) {
        return ERR_NO_MEMORY;
    }
    call->transport = transport;
    call->done = done;
    call->context = context;
    enum err err = start(call, request);
    if (err != ERR_OK) {
        call_free(call);
        return err;
    }
    LIST_INSERT_HEAD(&transport->calls, call, next);
    transport->running++;
    if (out != NULL) {
        *out = call;
    }
    return ERR_OK;
}

void
transport_cancel(struct transport_call **call)
{
    if (call == NULL || *call == NULL) {
        return;
    }
    LIST_REMOVE(*call, next);
    (*call)->transport->running--;
    call_free(*call);
    *call = NULL;
}

size_t
transport_running(const struct transport *transport)
{
    return transport->running;
}
