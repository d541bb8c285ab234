/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "webhook_store.h"
#include "webhook_view.h"

/* tallygate webhooks: what the portal's endpoints were not told, and telling them again. Lines have tabs between
 * their columns. */

#define ARENA_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define LIST_MAX_BYTES  ((size_t)1024 * 1024)
#define LIST_MAX        1000
#define ENDPOINT_ID_MAX 48

/* One statement for whoever owns it; the rows are the caller's. Says what went wrong. */
static enum err
ask(struct cli *cli, enum statement statement, const struct db_params *params,
    struct db_rows **rows)
{
    struct db_session *session = NULL;
    TRY(cli_session(cli, &session));
    enum err err = db_session_run(session, statement, params, rows);
    if (err != ERR_OK) {
        (void)cli_trouble(cli, err, "读写推送记录", "read or write what is pushed");
    }
    return err;
}

static enum err
put_time(struct wall_time t, struct buf *out)
{
    return t.us == 0 ? buf_text(out, "-") : wall_format(t, out);
}

static struct span
or_dash(struct span text)
{
    return span_empty(text) ? SPAN_LIT("-") : text;
}

static enum err
put_endpoint(const struct db_rows *rows, size_t row, struct buf *out)
{
    struct span reason = db_row_text(rows, row, "disabled_reason");
    struct span kinds = db_row_text(rows, row, "kinds");
    TRY(buf_printf(out, "%.*s\t%.*s\t%.*s\t", SPAN_ARG(db_row_text(rows, row, "id")),
                   SPAN_ARG(db_row_text(rows, row, "owner")),
                   SPAN_ARG(span_empty(reason) ? SPAN_LIT("enabled") : reason)));
    TRY(buf_printf(out, "%lld\t%lld\t", (long long)db_row_i64(rows, row, "waiting"),
                   (long long)db_row_i64(rows, row, "dead")));
    return buf_printf(out, "%.*s\t%.*s\n", SPAN_ARG(span_empty(kinds) ? SPAN_LIT("all") : kinds),
                      SPAN_ARG(db_row_text(rows, row, "url")));
}

static enum err
put_delivery(const struct db_rows *rows, size_t row, struct buf *out)
{
    DEFER(buf_fini) struct buf delivery = BUF_MAX(WEBHOOK_ID_MAX);
    DEFER(buf_fini) struct buf message = BUF_MAX(WEBHOOK_ID_MAX);
    TRY(webhook_view_ids(rows, row, &delivery, &message));
    TRY(buf_append(out, buf_span(&delivery)));
    TRY(buf_printf(out, "\t%.*s\t%lld\t", SPAN_ARG(db_row_text(rows, row, "kind")),
                   (long long)db_row_i64(rows, row, "attempts")));
    TRY(buf_printf(out, "%.*s\t%.*s\t", SPAN_ARG(or_dash(db_row_text(rows, row, "last_status"))),
                   SPAN_ARG(or_dash(db_row_text(rows, row, "last_error")))));
    TRY(put_time(db_row_time(rows, row, "last_at"), out));
    return buf_printf(out, "\t%.*s\n", SPAN_ARG(db_row_text(rows, row, "url")));
}

typedef enum err (*put_row)(const struct db_rows *rows, size_t row, struct buf *out);

static int
print(struct cli *cli, enum statement statement, const struct db_params *params, put_row put)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(LIST_MAX_BYTES);
    if (ask(cli, statement, params, &rows) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < db_rows_count(rows); i++) {
        err = put(rows, i, &text);
    }
    return err == ERR_OK ? cli_put(cli, buf_span(&text))
                         : cli_trouble(cli, err, "列出推送记录", "list what is pushed");
}

static int
no_memory(const struct cli *cli, enum err err)
{
    return cli_trouble(cli, err, "无法开始", "could not begin");
}

int
command_webhooks_list(struct cli *cli, int argc, char **argv)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct db_params params;
    enum err err = arena_new(ARENA_MAX_BYTES, &arena);
    if (err != ERR_OK) {
        return no_memory(cli, err);
    }
    if (!cli_options(cli, argc, argv, NULL, 0, NULL)) {
        return EXIT_TROUBLE;
    }
    db_params_init(&params, arena);
    db_cstr(&params, "");
    db_cstr(&params, "");
    return print(cli, STATEMENT_webhook_endpoint_list, &params, put_endpoint);
}

int
command_webhooks_dead(struct cli *cli, int argc, char **argv)
{
    struct cli_option options[] = { { .name = "endpoint" } };
    DEFER(arena_free) struct arena *arena = NULL;
    struct db_params params;
    enum err err = arena_new(ARENA_MAX_BYTES, &arena);
    if (err != ERR_OK) {
        return no_memory(cli, err);
    }
    if (!cli_options(cli, argc, argv, options, 1, NULL)) {
        return EXIT_TROUBLE;
    }
    db_params_init(&params, arena);
    db_cstr(&params, "");
    db_cstr(&params, cli_value(&options[0]));
    db_cstr(&params, "dead");
    db_i64(&params, LIST_MAX);
    return print(cli, STATEMENT_webhook_delivery_list, &params, put_delivery);
}

static int
refuse(const struct cli *cli, enum err err)
{
    cli_say(cli, "%s%.0s", "%.0s%s", err_text(err, LANGUAGE_ZH), err_text(err, LANGUAGE_EN));
    return EXIT_NO;
}

static enum err
resend_params(const char *id, struct db_params *params)
{
    struct webhook_key key;
    struct span hex;
    int slot = 0;
    DEFER(buf_fini) struct buf endpoint = BUF_MAX(ENDPOINT_ID_MAX);
    TRY(webhook_delivery_id_read(span_of(id), &key, &slot, &hex));
    TRY(buf_text(&endpoint, "we_"));
    TRY(buf_append(&endpoint, hex));
    webhook_key_params(params, slot, &key, buf_span(&endpoint));
    db_cstr(params, "");
    db_time(params, clock_wall());
    return ERR_OK;
}

int
command_webhooks_resend(struct cli *cli, int argc, char **argv)
{
    struct cli_option options[] = { { .name = "delivery", .required = true } };
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    enum err err = arena_new(ARENA_MAX_BYTES, &arena);
    if (err != ERR_OK) {
        return no_memory(cli, err);
    }
    if (!cli_options(cli, argc, argv, options, 1, NULL) || cli_config(cli) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    db_params_init(&params, arena);
    err = resend_params(options[0].value, &params);
    if (err != ERR_OK) {
        return refuse(cli, err);
    }
    if (ask(cli, STATEMENT_webhook_resend, &params, &rows) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    if (db_row_i64(rows, 0, "sent") == 0) {
        return refuse(cli, db_row_i64(rows, 0, "found") == 0 ? ERR_WEBHOOK_UNKNOWN
                                                             : ERR_WEBHOOK_DISABLED);
    }
    cli_say(cli, "已重新排队，chores 进程会立即发送",
            "queued; the chores process sends it at once");
    return EXIT_YES;
}

enum { OPTION_ENDPOINT, OPTION_FROM, OPTION_TO, OPTION_COUNT };

static int
replay(struct cli *cli, const struct cli_option *options, struct arena *arena)
{
    struct wall_time from;
    struct wall_time to;
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    if (cli_config(cli) != ERR_OK || cli_time(cli, options[OPTION_FROM].value, &from) != ERR_OK
        || cli_time(cli, options[OPTION_TO].value, &to) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    db_params_init(&params, arena);
    db_cstr(&params, options[OPTION_ENDPOINT].value);
    db_cstr(&params, "");
    db_time(&params, from);
    db_time(&params, to);
    db_time(&params, clock_wall());
    db_i64(&params, WEBHOOK_REPLAY_MAX);
    if (ask(cli, STATEMENT_webhook_replay, &params, &rows) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    if (db_row_i64(rows, 0, "found") == 0 || !db_row_bool(rows, 0, "enabled")) {
        return refuse(cli, db_row_i64(rows, 0, "found") == 0 ? ERR_WEBHOOK_UNKNOWN
                                                             : ERR_WEBHOOK_DISABLED);
    }
    long long count = (long long)db_row_i64(rows, 0, "replayed");
    cli_say(cli, "%lld 条消息已重新排队", "%lld messages are queued again", count);
    return EXIT_YES;
}

int
command_webhooks_replay(struct cli *cli, int argc, char **argv)
{
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_ENDPOINT] = { .name = "endpoint", .required = true },
        [OPTION_FROM] = { .name = "from", .required = true },
        [OPTION_TO] = { .name = "to", .required = true },
    };
    DEFER(arena_free) struct arena *arena = NULL;
    enum err err = arena_new(ARENA_MAX_BYTES, &arena);
    if (err != ERR_OK) {
        return no_memory(cli, err);
    }
    return cli_options(cli, argc, argv, options, OPTION_COUNT, NULL) ? replay(cli, options, arena)
                                                                     : EXIT_TROUBLE;
}
