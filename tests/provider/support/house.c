/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "check.h"
#include "form.h"
#include "house_internal.h"
#include "keys_spawn.h"

#define ARENA_MAX ((size_t)64 * 1024 * 1024)
#define BODY_MAX  ((size_t)1024 * 1024)
#define WAIT_S    30
#define HTTP_OK   200

struct house house;

static struct keys_spawn *spawn;
static struct config *config;
static bool too_late;

void
house_open(void)
{
    char path[HOUSE_PATH_MAX];
    struct config_fault fault = { .line = 0 };
    int fd = -1;
    CHECK_OK(arena_new(ARENA_MAX, &house.arena));
    house_world_open();
    house_world_join(house_world.pki, "tls-root.crt", house.roots);
    house_config_write(path);
    enum err err = config_load(path, &config, &fault);
    cr_assert_eq(err, ERR_OK, "%s: %s", fault.setting, fault.message);
    err = accounts_load(config, clock_wall(), &house.accounts, &fault);
    cr_assert_eq(err, ERR_OK, "%s: %s: %s", fault.setting, fault.message, err_name(err));
    house.base = event_base_new();
    cr_assert_not_null(house.base);
    CHECK_OK(transport_new(house.base, &house.transport));
    CHECK_OK(keys_spawn_open(path, &spawn, &fd));
    CHECK_OK(keys_client_new(house.base, fd, &house.keys));
}

void
house_close(void)
{
    keys_client_free(&house.keys);
    keys_spawn_close(&spawn);
    transport_free(&house.transport);
    event_base_free(house.base);
    accounts_free(&house.accounts);
    config_free(&config);
    house_world_close();
    arena_free(&house.arena);
}

static void
give_up(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    too_late = true;
}

void
house_wait(const bool *done)
{
    struct event *guard = event_new(house.base, -1, 0, give_up, NULL);
    const struct timeval wait = { .tv_sec = WAIT_S };
    cr_assert_not_null(guard);
    cr_assert_eq(event_add(guard, &wait), 0);
    while (!*done && !too_late) {
        cr_assert_geq(event_base_loop(house.base, EVLOOP_ONCE), 0);
    }
    event_free(guard);
    cr_assert(*done, "nothing came in %d s", WAIT_S);
}

/* One exchange that is waited for. */
struct exchange {
    bool done;
    enum err err;
    int status;
    struct span body;
};

static void
exchanged(void *context, enum err err, const struct transport_answer *answer)
{
    struct exchange *exchange = context;
    exchange->done = true;
    exchange->err = err;
    if (err == ERR_OK) {
        exchange->status = answer->status;
        CHECK_OK(arena_copy(house.arena, answer->body, &exchange->body));
    }
}

static struct exchange
exchange_of(const struct transport_request *request)
{
    struct exchange exchange = { .done = false };
    CHECK_OK(transport_start(house.transport, request, exchanged, &exchange, NULL));
    house_wait(&exchange.done);
    CHECK_OK(exchange.err);
    return exchange;
}

static struct span
url_of(const char *path)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(1024);
    struct span kept;
    CHECK_OK(buf_printf(&url, "%s%s", house_world_address("control"), path));
    CHECK_OK(arena_copy(house.arena, buf_span(&url), &kept));
    return kept;
}

int
house_control_status(const char *path, const struct json_t *body, struct json_t **out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(BODY_MAX);
    if (body != NULL) {
        CHECK_OK(json_encode(body, &text));
    }
    const struct transport_request request = {
        .post = body != NULL,
        .url = url_of(path),
        .content_type = body != NULL ? SPAN_LIT("application/json") : SPAN_LIT(""),
        .body = buf_span(&text),
        .allow_private_address = true,
        .allow_http = true,
    };
    struct exchange exchange = exchange_of(&request);
    CHECK_OK(json_parse(exchange.body, out));
    return exchange.status;
}

struct json_t *
house_control(const char *path, const struct json_t *body)
{
    struct json_t *out = NULL;
    DEFER(buf_fini) struct buf said = BUF_MAX(BODY_MAX);
    int status = house_control_status(path, body, &out);
    CHECK_OK(json_encode(out, &said));
    cr_assert_eq(status, HTTP_OK, "%s gave %d: %.*s", path, status, SPAN_ARG(buf_span(&said)));
    return out;
}

void
house_do(const char *path, const char *one, struct span first, const char *two, const char *second)
{
    DEFER(json_free) struct json_t *body = NULL;
    CHECK_OK(json_new_object(&body));
    if (one != NULL) {
        CHECK_OK(json_put_string(body, one, first));
    }
    if (two != NULL) {
        CHECK_OK(json_put_text(body, two, second));
    }
    struct json_t *answer = house_control(path, body);
    json_free(&answer);
}

void
house_pass(int64_t seconds)
{
    DEFER(json_free) struct json_t *body = NULL;
    house_world.shift_s += seconds;
    CHECK_OK(json_new_object(&body));
    CHECK_OK(json_put_i64(body, "shift_s", house_world.shift_s));
    struct json_t *answer = house_control("/clock", body);
    json_free(&answer);
    clock_wall_shift(house_world.shift_s);
}

void
house_browse(const struct adapter_request *form)
{
    DEFER(buf_fini) struct buf body = BUF_MAX(BODY_MAX);
    CHECK_OK(form_encode(&form->fields, &body));
    const struct transport_request request = {
        .post = true,
        .url = form->url,
        .content_type = form->content_type,
        .body = buf_span(&body),
        .ca_file = house.roots,
        .allow_private_address = true,
    };
    struct exchange exchange = exchange_of(&request);
    cr_assert(exchange.status == HTTP_OK || exchange.status / 100 == 3, "the page gave %d: %.*s",
              exchange.status, SPAN_ARG(exchange.body));
}

struct span
house_download(struct span url, const struct adapter_account *account)
{
    const struct transport_request request = {
        .url = url,
        .ca_file = account->ca_file,
        .allow_private_address = true,
        .allow_http = span_starts(url, SPAN_LIT("http://")),
    };
    struct exchange exchange = exchange_of(&request);
    cr_assert_eq(exchange.status, HTTP_OK);
    return exchange.body;
}
