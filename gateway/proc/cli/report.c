/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include "cli.h"
#include "day_request.h"
#include "report_ageing.h"
#include "report_keep.h"
#include "report_kept.h"
#include "report_pack.h"
#include "report_postings.h"

/* tallygate report: prints the sheet of a finished run and puts its files where finance looks, or packs a month. */

enum {
    OPTION_ACCOUNT,
    OPTION_DAY,
    OPTION_VERSION,
    OPTION_OUT,
    OPTION_MONTH,
    OPTION_PACK,
    OPTION_AGEING,
    OPTION_POSTINGS,
    OPTION_SETTLEMENT,
    OPTION_COUNT
};

/* A day; with `pack`, a month; with `ageing`, what waited at the end of that day; with `postings`, what was posted in that month. */
struct wish {
    const char *account;
    struct cli_report day;
    struct day month;
    const char *pack;
    bool ageing;
    bool postings;
};

static bool
take_month(const struct cli *cli, const char *text, struct day *out)
{
    if (report_pack_month(span_of(text), out) != ERR_OK) {
        cli_say(cli, "不是月份：%s。写法为 2026-11", "not a month: %s; write it as 2026-11", text);
        return false;
    }
    return true;
}

static bool
read_month(const struct cli *cli, const struct cli_option *options, struct wish *out)
{
    const char *text = options[OPTION_MONTH].value;
    out->pack = options[OPTION_PACK].value;
    if (text == NULL || out->pack == NULL || out->ageing || out->postings
        || options[OPTION_DAY].value != NULL || options[OPTION_VERSION].value != NULL
        || options[OPTION_OUT].value != NULL || options[OPTION_SETTLEMENT].value != NULL) {
        cli_say(cli, "请给 --day D、--ageing D、--postings M，或同时给 --month M 与 --pack FILE",
                "give --day D, or --ageing D, or --postings M, or both --month M and --pack FILE");
        return false;
    }
    return take_month(cli, text, &out->month);
}

/* But the account and `one`. */
static bool
nothing_else(const struct cli_option *options, int one)
{
    for (int i = OPTION_DAY; i < OPTION_COUNT; i++) {
        if (i != one && options[i].value != NULL) {
            return false;
        }
    }
    return true;
}

static bool
read_wish(struct cli *cli, int argc, char **argv, struct wish *out)
{
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_ACCOUNT] = { .name = "account", .required = true },
        [OPTION_DAY] = { .name = "day" },
        [OPTION_VERSION] = { .name = "version" },
        [OPTION_OUT] = { .name = "out" },
        [OPTION_MONTH] = { .name = "month" },
        [OPTION_PACK] = { .name = "pack" },
        [OPTION_AGEING] = { .name = "ageing" },
        [OPTION_POSTINGS] = { .name = "postings" },
        [OPTION_SETTLEMENT] = { .name = "settlement", .alone = true },
    };
    if (!cli_options(cli, argc, argv, options, OPTION_COUNT, NULL)) {
        return false;
    }
    out->account = options[OPTION_ACCOUNT].value;
    out->day.account = span_of(out->account);
    out->day.out = options[OPTION_OUT].value;
    out->day.settlement = options[OPTION_SETTLEMENT].value != NULL;
    out->ageing = options[OPTION_AGEING].value != NULL;
    out->postings = options[OPTION_POSTINGS].value != NULL;
    if (out->ageing && nothing_else(options, OPTION_AGEING)) {
        return cli_day(cli, options[OPTION_AGEING].value, &out->day.day) == ERR_OK;
    }
    if (out->postings && nothing_else(options, OPTION_POSTINGS)) {
        return take_month(cli, options[OPTION_POSTINGS].value, &out->month);
    }
    if (out->ageing || out->postings || options[OPTION_DAY].value == NULL
        || options[OPTION_MONTH].value != NULL || options[OPTION_PACK].value != NULL) {
        return read_month(cli, options, out);
    }
    return cli_day(cli, options[OPTION_DAY].value, &out->day.day) == ERR_OK
           && cli_version(cli, options[OPTION_VERSION].value, &out->day.version) == ERR_OK;
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
    enum err err = report_sheet_printed(report, cli->language, &text);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "生成核对表", "make the sheet");
    }
    return cli_put(cli, buf_span(&text));
}

static void
say_left_out(const struct cli *cli, const struct report *report)
{
    for (size_t i = 0; i < report_file_count(); i++) {
        if (report_file_left_out(report, i)) {
            cli_say(cli, "%s：%s", "%s: %s", report_file_name(i),
                    err_text(ERR_REPORT_SIZE, cli->language));
        }
    }
}

/* Where they lie is said on standard error: standard output is the sheet and nothing else. */
static int
write_files(const struct cli *cli, const struct report *report, const char *folder,
            struct buf *where)
{
    const char *path = NULL;
    struct report watched = *report;
    watched.progress = cli_watch(cli);
    enum err err = report_write(&watched, folder, where);
    if (err == ERR_OK) {
        err = buf_cstr(where, &path);
    }
    if (err != ERR_OK) {
        cli_say(cli, "无法把报告文件写到 %s：%s", "could not write the report's files to %s: %s",
                folder, err_text(err, cli->language));
        return EXIT_TROUBLE;
    }
    cli_say(cli, "报告文件位于 %s", "the report's files are in %s", path);
    say_left_out(cli, &watched);
    return EXIT_YES;
}

int
cli_report_give(const struct cli *cli, const struct report *report, const char *folder)
{
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    struct report_left_out left_out;
    struct report given = *report;
    given.left_out = &left_out;
    int printed = print_sheet(cli, report);
    int written = write_files(cli, &given, folder, &where);
    return printed != EXIT_YES ? printed : written;
}

/* What lies where finance looks is what the API gives. */
static int
give_and_keep(const struct cli *cli, struct db_session *session, const struct report *report,
              bool quiet)
{
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    struct report_left_out left_out;
    struct report given = *report;
    given.left_out = &left_out;
    int printed = quiet ? EXIT_YES : print_sheet(cli, report);
    int written =
        write_files(cli, &given, config_text(cli->config, CONFIG_archive_reports_dir, 0), &where);
    if (written == EXIT_YES) {
        enum err err = report_keep(session, config_text(cli->config, CONFIG_archive_dir, 0), &given,
                                   buf_span(&where));
        written = err == ERR_OK ? EXIT_YES
                                : cli_trouble(cli, err, "归档报告文件",
                                              "keep the report's files in the archive");
    }
    return printed != EXIT_YES ? printed : written;
}

static enum err
load(const struct cli *cli, struct db_session *session, const struct cli_report *wish,
     struct arena *arena, struct report *out)
{
    const struct report_run run = { .account = wish->account,
                                    .day = wish->day,
                                    .version = wish->version,
                                    .of_settlement = wish->settlement };
    return report_kept_run(session, config_text(cli->config, CONFIG_archive_dir, 0), &run, arena,
                           out);
}

int
cli_report(struct cli *cli, const struct cli_report *wish)
{
    struct db_session *session = NULL;
    struct report report;
    DEFER(arena_free) struct arena *arena = NULL;
    if (cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    progress_begin(cli_watch(cli), PROGRESS_LOAD_RUN, 0);
    enum err err = arena_new(day_request_memory(cli->config), &arena);
    if (err == ERR_OK) {
        err = load(cli, session, wish, arena, &report);
    }
    if (err == ERR_RUN_UNKNOWN) {
        return no_run(cli);
    }
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "无法读取对账结果", "could not read the run");
    }
    return wish->out != NULL ? cli_report_give(cli, &report, wish->out)
                             : give_and_keep(cli, session, &report, wish->quiet);
}

static int
give_pack(struct cli *cli, const struct wish *wish)
{
    struct db_session *session = NULL;
    struct report_packed packed = { .bills = 0 };
    if (cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    const struct report_pack pack = { .account = wish->day.account,
                                      .month = wish->month,
                                      .archive_dir =
                                          config_text(cli->config, CONFIG_archive_dir, 0),
                                      .path = wish->pack,
                                      .memory_max = day_request_memory(cli->config),
                                      .progress = cli_watch(cli) };
    enum err err = report_pack(session, &pack, &packed);
    if (err == ERR_RUN_UNKNOWN) {
        cli_say(cli, "该账号该月没有已发布的对账结果",
                "this account has no finished run in that month");
        return EXIT_NO;
    }
    if (err == ERR_FILE_WRITE) {
        cli_say(cli, "无法写入 %s：检查路径和权限",
                "could not write %s: see whether its folder is there and may be written",
                wish->pack);
        return EXIT_TROUBLE;
    }
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "打包", "make the pack");
    }
    cli_say(cli, "%s：账单 %zu 天，结算到账 %zu 天", "%s: %zu days of bills, %zu of settlement",
            wish->pack, packed.bills, packed.settlement);
    return EXIT_YES;
}

static int
give_ageing(struct cli *cli, const struct wish *wish)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(REPORT_MAX_BYTES);
    struct db_session *session = NULL;
    if (cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = report_ageing(session, wish->day.account, wish->day.day, cli->language, &text);
    if (err == ERR_TIME) {
        cli_say(cli, "该日尚未结束；当前的差异见 API",
                "that day is not over; the API has the "
                "differences of now");
        return EXIT_NO;
    }
    return err == ERR_OK ? cli_put(cli, buf_span(&text))
                         : cli_trouble(cli, err, "生成账龄表", "make the ageing list");
}

static int
give_postings(struct cli *cli, const struct wish *wish)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(REPORT_MAX_BYTES);
    struct db_session *session = NULL;
    if (cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = report_postings(session, wish->day.account, wish->month, cli->language, &text);
    if (err == ERR_TIME) {
        cli_say(
            cli, "该月尚未结束；当前的分录见 tallygate differences list 与 show",
            "that month is not over; tallygate differences list and show have the postings of now");
        return EXIT_NO;
    }
    return err == ERR_OK ? cli_put(cli, buf_span(&text))
                         : cli_trouble(cli, err, "生成分录表", "make the list of postings");
}

int
command_report(struct cli *cli, int argc, char **argv)
{
    struct wish wish = { .pack = NULL };
    if (!read_wish(cli, argc, argv, &wish) || cli_known_account(cli, wish.account) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    if (wish.ageing) {
        return give_ageing(cli, &wish);
    }
    if (wish.postings) {
        return give_postings(cli, &wish);
    }
    return wish.pack != NULL ? give_pack(cli, &wish) : cli_report(cli, &wish.day);
}
