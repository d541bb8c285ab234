/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "control.h"
#include "door.h"
#include "record.h"

#define PATH_MAX_BYTES 512

static const char usage[] =
    "usage: tallygate-world --pki DIR --endpoints FILE [--shift-s N]\n"
    "The outside world for development and tests: Alipay, WeChat Pay, UnionPay, a payer and the "
    "portal.\n"
    "  --pki DIR         keys and certificates made by certs/dev/make-pki\n"
    "  --endpoints FILE  where the addresses are written once all listeners are open\n"
    "  --shift-s N       seconds added to the machine's clock\n";

static enum err
put_url(struct json_t *out, const char *name, const char *scheme, uint16_t port, const char *path)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(128);
    TRY(buf_printf(&url, "%s://127.0.0.1:%u%s", scheme, port, path));
    return json_put_string(out, name, buf_span(&url));
}

static enum err
describe(const struct world *world, struct buf *text)
{
    DEFER(json_free) struct json_t *out = NULL;
    TRY(json_new_object(&out));
    TRY(put_url(out, "alipay", "https", alipay_gateway_port(world->alipay), "/gateway.do"));
    TRY(put_url(out, "alipay_bills", "http", alipay_bill_port(world->alipay), ""));
    TRY(put_url(out, "wechatpay", "https", wechatpay_port(world->wechatpay), ""));
    TRY(put_url(out, "unionpay", "https", unionpay_gateway_port(world->unionpay), ""));
    TRY(put_url(out, "unionpay_files", "https", unionpay_files_port(world->unionpay), "/"));
    TRY(put_url(out, "portal", "http", portal_port(world->portal), ""));
    TRY(put_url(out, "control", "http", control_port(world->control), ""));
    TRY(json_put_i64(out, "pid", getpid()));
    TRY(json_encode_pretty(out, text));
    return buf_byte(text, '\n');
}

/* Whoever waits for the file finds it whole. */
static enum err
write_endpoints(const struct world *world, const char *path)
{
    char beside[PATH_MAX_BYTES];
    DEFER(buf_fini) struct buf text = BUF_MAX(4096);
    int len = snprintf(beside, sizeof(beside), "%s.new", path);
    if (len < 0 || (size_t)len >= sizeof(beside)) {
        return ERR_FILE_OPEN;
    }
    TRY(describe(world, &text));
    FILE *file = fopen(beside, "we");
    if (file == NULL) {
        return ERR_FILE_OPEN;
    }
    bool good = fwrite(text.at, 1, text.len, file) == text.len;
    good = fclose(file) == 0 && good;
    return good && rename(beside, path) == 0 ? ERR_OK : ERR_FILE_WRITE;
}

static void
stop(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)event_base_loopbreak(context);
}

static enum err
serve(struct world *world, const char *endpoints)
{
    TRY(control_new(world, &world->control));
    TRY(record_new(world, &world->record));
    door_add(world);
    TRY(alipay_new(world, &world->alipay));
    TRY(wechatpay_new(world, &world->wechatpay));
    TRY(unionpay_new(world, &world->unionpay));
    TRY(portal_new(world, &world->portal));
    struct event *ends[2] = { evsignal_new(world->base, SIGTERM, stop, world->base),
                              evsignal_new(world->base, SIGINT, stop, world->base) };
    enum err err = ends[0] == NULL || ends[1] == NULL || event_add(ends[0], NULL) != 0
                           || event_add(ends[1], NULL) != 0
                       ? ERR_SYSTEM
                       : write_endpoints(world, endpoints);
    if (err == ERR_OK && event_base_dispatch(world->base) < 0) {
        err = ERR_SYSTEM;
    }
    for (size_t i = 0; i < 2; i++) {
        if (ends[i] != NULL) {
            event_free(ends[i]);
        }
    }
    return err;
}

static bool
read_options(int argc, char **argv, struct world *world, const char **endpoints)
{
    static const struct option options[] = {
        { "pki", required_argument, NULL, 'p' },
        { "endpoints", required_argument, NULL, 'e' },
        { "shift-s", required_argument, NULL, 's' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option = 0;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'p') {
            world->pki = optarg;
        } else if (option == 'e') {
            *endpoints = optarg;
        } else if (option == 's') {
            if (span_to_i64(span_of(optarg), -WORLD_SHIFT_MAX_S, WORLD_SHIFT_MAX_S, &world->shift_s)
                != ERR_OK) {
                return false;
            }
        } else {
            (void)fputs(usage, option == 'h' ? stdout : stderr);
            exit(option == 'h' ? 0 : 2);
        }
    }
    return optind == argc && world->pki != NULL && *endpoints != NULL;
}

int
main(int argc, char **argv)
{
    struct world world = { .shift_s = 0 };
    const char *endpoints = NULL;
    if (!read_options(argc, argv, &world, &endpoints)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    world.base = event_base_new();
    enum err err = world.base == NULL ? ERR_NO_MEMORY : serve(&world, endpoints);
    if (err != ERR_OK) {
        (void)fprintf(stderr, "tallygate-world: could not serve: %s\n", err_text(err, LANGUAGE_EN));
    }
    http_end(&world);
    portal_free(&world.portal);
    alipay_free(&world.alipay);
    wechatpay_free(&world.wechatpay);
    unionpay_free(&world.unionpay);
    control_free(&world.control);
    record_free(&world.record);
    if (world.base != NULL) {
        event_base_free(world.base);
    }
    return err == ERR_OK ? 0 : 2;
}
