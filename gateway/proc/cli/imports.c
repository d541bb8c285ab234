/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate orders import, tallygate invoices import: what the portal says of them, from a file or from its own database. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "clients.h"
#include "import_feed.h"

#define LINE_MAX_BYTES  ((size_t)16 * 1024)
#define WHERE_MAX_BYTES 128

enum { OPTION_CLIENT, OPTION_CSV, OPTION_PORTAL, OPTION_SINCE, OPTION_COUNT };

struct import {
    struct cli *cli;
    struct import_feed feed;
    struct buf where;
    const char *path; /* NULL: no file */
};

static enum err
put_verdict(const struct import_batch *batch, const struct import_line *line,
            enum language language)
{
    DEFER(json_free) struct json_t *view = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(LINE_MAX_BYTES);
    TRY(import_line_view(batch, line, language, &view));
    TRY(json_encode(view, &text));
    TRY(buf_text(&text, "\n"));
    return fwrite(text.at, 1, text.len, stdout) == text.len ? ERR_OK : ERR_SYSTEM;
}

static enum err
tell(void *context, const struct import_batch *batch)
{
    const struct import *import = context;
    progress_hide(import->feed.progress); /* verdicts may go to the same terminal */
    for (size_t i = 0; i < batch->count; i++) {
        TRY(put_verdict(batch, &batch->lines[i], import->cli->language));
    }
    return ERR_OK;
}

static int
say_trouble(const struct import *import, enum err err)
{
    const struct cli *cli = import->cli;
    struct span where = buf_span(&import->where);
    if (err == ERR_IMPORT_EMPTY) {
        return cli_empty(cli, import->path);
    }
    if (err == ERR_IMPORT_HEADER) {
        cli_say(
            cli, "表头的列“%.*s”未知或重复，见 tallygate(8)；没有导入任何行",
            "the header's column \"%.*s\" is unknown or there twice, see tallygate(8); nothing was taken",
            SPAN_ARG(where));
        return EXIT_TROUBLE;
    }
    if (err == ERR_IMPORT_CSV) {
        cli_say(
            cli, "第 %.*s 条记录起引号不配对，其后未读；已输出结论的行已导入",
            "from record %.*s on the quotes do not fit and nothing more was read; lines with a verdict above are done",
            SPAN_ARG(where));
        return EXIT_TROUBLE;
    }
    return cli_trouble(
        cli, err, "导入；已输出结论的行已导入，可整份重来",
        "import; lines with a verdict above are done, and all of it may be sent again");
}

static int
say_sum(const struct import *import)
{
    const int64_t *tallies = import->feed.tallies;
    if (import->path != NULL && import_feed_count(&import->feed) == 0) {
        return cli_header_alone(import->cli, import->path);
    }
    cli_say(import->cli, "新建 %lld，更新 %lld，未变 %lld，拒绝 %lld",
            "created %lld, updated %lld, unchanged %lld, refused %lld",
            (long long)tallies[IMPORT_CREATED], (long long)tallies[IMPORT_UPDATED],
            (long long)tallies[IMPORT_UNCHANGED], (long long)tallies[IMPORT_REFUSED]);
    return tallies[IMPORT_REFUSED] == 0 ? EXIT_YES : EXIT_NO;
}

static enum err
read_source(struct import *import, const struct cli_option *options, FILE *file,
            struct wall_time since)
{
    struct progress *progress = cli_watch(import->cli);
    TRY(import_feed_open(&import->feed));
    import->feed.progress = progress;
    if (options[OPTION_PORTAL].value != NULL) {
        progress_begin(progress, PROGRESS_PORTAL, 0);
        struct import_view view = { .since = since };
        return import_feed_view(&import->feed, &view);
    }
    progress_begin(progress, PROGRESS_IMPORT, cli_file_bytes(file));
    return options[OPTION_CSV].value != NULL ? import_feed_csv(&import->feed, file, &import->where)
                                             : import_feed_lines(&import->feed, file);
}

static int
run(struct import *import, const struct cli_option *options)
{
    struct cli *cli = import->cli;
    struct wall_time since = { .us = 1 };
    FILE *file = stdin;
    if (cli_session(cli, &import->feed.session) != ERR_OK
        || (options[OPTION_SINCE].value != NULL
            && cli_time(cli, options[OPTION_SINCE].value, &since) != ERR_OK)) {
        return EXIT_TROUBLE;
    }
    if (import->path != NULL && strcmp(import->path, "-") != 0) {
        file = fopen(import->path, "rbe");
    }
    if (file == NULL) {
        return cli_unreadable(cli, import->path, ERR_FILE_OPEN);
    }
    enum err err = read_source(import, options, file, since);
    if (err == ERR_OK && fflush(stdout) != 0) {
        err = ERR_SYSTEM;
    }
    if (file != stdin) {
        (void)fclose(file);
    }
    return err == ERR_OK ? say_sum(import) : say_trouble(import, err);
}

/* Whose the orders and invoices of that client are; NULL after saying that there is none. */
static const char *
owner_of(struct cli *cli, const char *name)
{
    if (cli_config(cli) != ERR_OK) {
        return NULL;
    }
    const char *owner = clients_owner(cli->config, name);
    if (owner == NULL) {
        cli_say(cli, "配置中没有客户端 %s", "the configuration has no client %s", name);
    }
    return owner;
}

static bool
has_flag(int argc, char **argv, const char *flag)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], flag) == 0) {
            return true;
        }
    }
    return false;
}

static int
command(struct cli *cli, int argc, char **argv, const struct import_kind *kind)
{
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_CLIENT] = { .name = "client", .required = true },
        [OPTION_CSV] = { .name = "csv", .alone = true },
        [OPTION_PORTAL] = { .name = "portal", .alone = true },
        [OPTION_SINCE] = { .name = "since" },
    };
    bool portal = has_flag(argc, argv, "--portal");
    struct import import = {
        .cli = cli,
        .feed = { .kind = kind, .told = tell },
    };
    buf_init(&import.where, WHERE_MAX_BYTES);
    if (!cli_options(cli, argc, argv, options, OPTION_COUNT, portal ? NULL : &import.path)) {
        return EXIT_TROUBLE;
    }
    const char *owner = owner_of(cli, options[OPTION_CLIENT].value);
    if (owner == NULL) {
        return EXIT_TROUBLE;
    }
    import.feed.owner = span_of(owner);
    import.feed.context = &import;
    int status = run(&import, options);
    import_feed_close(&import.feed);
    buf_fini(&import.where);
    return status;
}

int
command_orders_import(struct cli *cli, int argc, char **argv)
{
    return command(cli, argc, argv, &import_orders);
}

int
command_invoices_import(struct cli *cli, int argc, char **argv)
{
    return command(cli, argc, argv, &import_invoices);
}
