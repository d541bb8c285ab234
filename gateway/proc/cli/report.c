/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include "cli.h"

#define ARENA_MAX_BYTES ((size_t)1024 * 1024 * 1024)

/* tallygate report: prints the sheet of a finished run and puts its files where finance looks. */

enum { OPTION_ACCOUNT, OPTION_DAY, OPTION_VERSION, OPTION_OUT, OPTION_COUNT };

static enum err
read_version(const struct cli *cli, const char *text, int64_t *out)
{
    if (text == NULL) {
        *out = 0;
        return ERR_OK;
    }
    enum err err = span_to_i64(span_of(text), 1, INT32_MAX, out);
    if (err != ERR_OK) {
        cli_say(cli, "--version “%s” 不是版本号，请给 1 起的整数",
                "--version \"%s\" is no version; "
                "give a whole number from 1",
                text);
    }
    return err;
}

static bool
read_wish(struct cli *cli, int argc, char **argv, struct cli_report *out)
{
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_ACCOUNT] = { .name = "account", .required = true },
        [OPTION_DAY] = { .name = "day", .required = true },
        [OPTION_VERSION] = { .name = "version" },
        [OPTION_OUT] = { .name = "out" },
    };
    if (!cli_options(cli, argc, argv, options, OPTION_COUNT, NULL)) {
        return false;
    }
    out->account = span_of(options[OPTION_ACCOUNT].value);
    out->out = options[OPTION_OUT].value;
    return cli_day(cli, options[OPTION_DAY].value, &out->day) == ERR_OK
           && read_version(cli, options[OPTION_VERSION].value, &out->version) == ERR_OK;
}

static int
no_run(const struct cli *cli)
{
    cli_say(cli, "该账号该日没有此版本的对账结果；请先运行 tallygate reconcile",
            "this account and day have no finished run of that version; run tallygate reconcile "
            "first");
    return EXIT_NO;
}

static int
print_sheet(const struct cli *cli, const struct report *report)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(REPORT_MAX_BYTES);
    enum err err = report_sheet(report, cli->language, &text);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "生成核对表", "make the sheet");
    }
    return cli_put(cli, buf_span(&text));
}

/* Where it lies is said on standard error: standard output is the sheet and nothing else. */
static int
write_files(const struct cli *cli, const struct report *report, const char *folder)
{
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    const char *path = NULL;
    enum err err = report_write(report, folder, &where);
    if (err == ERR_OK) {
        err = buf_cstr(&where, &path);
    }
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "写入报告文件", "write the report's files");
    }
    cli_say(cli, "报告文件位于 %s", "the report's files are in %s", path);
    return EXIT_YES;
}

static int
give(struct cli *cli, const struct cli_report *wish, struct arena *arena)
{
    struct db_session *session = NULL;
    struct report report;
    if (cli_config(cli) != ERR_OK || cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = report_load(session, wish->account, wish->day, wish->version, arena, &report);
    if (err == ERR_RUN_UNKNOWN) {
        return no_run(cli);
    }
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "无法读取对账结果", "could not read the run");
    }
    const char *folder =
        wish->out != NULL ? wish->out : config_text(cli->config, CONFIG_archive_reports_dir, 0);
    int printed = print_sheet(cli, &report);
    int written = write_files(cli, &report, folder);
    return printed != EXIT_YES ? printed : written;
}

int
cli_report(struct cli *cli, const struct cli_report *wish)
{
    DEFER(arena_free) struct arena *arena = NULL;
    enum err err = arena_new(ARENA_MAX_BYTES, &arena);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "无法开始", "could not begin");
    }
    return give(cli, wish, arena);
}

int
command_report(struct cli *cli, int argc, char **argv)
{
    struct cli_report wish;
    return read_wish(cli, argc, argv, &wish) ? cli_report(cli, &wish) : EXIT_TROUBLE;
}
