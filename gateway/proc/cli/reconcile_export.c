/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "pack_export.h"

/* tallygate reconcile --export: all that a published run read, in a new folder. */

enum { OPTION_ACCOUNT, OPTION_DAY, OPTION_VERSION, OPTION_OUT, OPTION_SETTLEMENT, OPTION_COUNT };

struct wish {
    const char *account;
    struct pack_export run;
    const char *out;
};

static bool
read_wish(struct cli *cli, int argc, char **argv, struct wish *out)
{
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_ACCOUNT] = { .name = "account", .required = true },
        [OPTION_DAY] = { .name = "day", .required = true },
        [OPTION_VERSION] = { .name = "version" },
        [OPTION_OUT] = { .name = "out", .required = true },
        [OPTION_SETTLEMENT] = { .name = "settlement", .alone = true },
    };
    if (!cli_options(cli, argc, argv, options, OPTION_COUNT, NULL)) {
        return false;
    }
    out->account = options[OPTION_ACCOUNT].value;
    out->run.account = span_of(out->account);
    out->run.of_settlement = options[OPTION_SETTLEMENT].value != NULL;
    out->out = options[OPTION_OUT].value;
    return cli_day(cli, options[OPTION_DAY].value, &out->run.day) == ERR_OK
           && cli_version(cli, options[OPTION_VERSION].value, &out->run.version) == ERR_OK;
}

int
command_reconcile_export(struct cli *cli, int argc, char **argv)
{
    struct wish wish;
    struct db_session *session = NULL;
    int64_t version = 0;
    if (!read_wish(cli, argc, argv, &wish) || cli_known_account(cli, wish.account) != ERR_OK
        || cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    wish.run.progress = cli_watch(cli);
    wish.run.archive_dir = config_text(cli->config, CONFIG_archive_dir, 0);
    enum err err = pack_export(session, &wish.run, wish.out, &version);
    if (err == ERR_RUN_UNKNOWN || err == ERR_RUN_FILES) {
        cli_say(cli, "%s", "%s", err_text(err, cli->language));
        return EXIT_NO;
    }
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "导出（目录须是新的；检查归档 archive.dir）",
                           "export the run (the folder must be a new one; see archive.dir)");
    }
    cli_say(cli, "第 %lld 版的输入位于 %s；可用 sha256sum -c SHA256SUMS 核对",
            "what version %lld read is in %s; sha256sum -c SHA256SUMS checks it",
            (long long)version, wish.out);
    return EXIT_YES;
}
