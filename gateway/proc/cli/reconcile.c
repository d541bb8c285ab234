/* SPDX-License-Identifier: Apache-2.0 */
#include "bills.h"
#include "order.h"
#include "run.h"

/* tallygate reconcile: one day of one account. Complete: the sheet and its files. Blocked: why, and
 * nothing is published. */

enum { OPTION_ACCOUNT, OPTION_DAY, OPTION_AS_OF, OPTION_COUNT };

static bool
read_wish(struct cli *cli, int argc, char **argv, struct recon_request *out)
{
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_ACCOUNT] = { .name = "account", .required = true },
        [OPTION_DAY] = { .name = "day", .required = true },
        [OPTION_AS_OF] = { .name = "as-of" },
    };
    if (!cli_options(cli, argc, argv, options, OPTION_COUNT, NULL) || cli_config(cli) != ERR_OK
        || cli_account(cli, options[OPTION_ACCOUNT].value, &out->account) != ERR_OK
        || cli_day(cli, options[OPTION_DAY].value, &out->day) != ERR_OK) {
        return false;
    }
    const struct adapter_bill *bill = bill_of_trades(out->account->adapter);
    out->kind = span_of(bill == NULL ? NULL : bill->kind);
    out->as_of = clock_wall();
    return options[OPTION_AS_OF].value == NULL
           || cli_time(cli, options[OPTION_AS_OF].value, &out->as_of) == ERR_OK;
}

static size_t
read_tariffs(const struct cli *cli, struct recon_tariff *out)
{
    size_t count = config_count(cli->config, CONFIG_SECTION_tariff);
    count = count < ORDER_KIND_COUNT ? count : ORDER_KIND_COUNT;
    for (size_t i = 0; i < count; i++) {
        out[i].kind = span_of(config_name(cli->config, CONFIG_SECTION_tariff, i));
        out[i].unit_fee_fen = config_int(cli->config, CONFIG_tariff_unit_fee, i);
    }
    return count;
}

static int
say_blocked(const struct cli *cli, const struct recon_outcome *outcome)
{
    bills_say_faults(cli, &outcome->bill);
    cli_say(
        cli,
        "对账被阻断（BLOCKED），未发布任何结果；请让渠道重新出具账单，再运行 bills fetch 和 reconcile",
        "the day is BLOCKED and nothing was published; have the provider issue the bill again, "
        "then run bills fetch and reconcile");
    return EXIT_NO;
}

static int
conclude(struct cli *cli, const struct recon_request *request, const struct recon_outcome *outcome)
{
    if (outcome->blocked) {
        return say_blocked(cli, outcome);
    }
    if (outcome->unchanged) {
        cli_say(cli, "输入未变，没有产生新版本；仍为第 %lld 版",
                "the inputs are the same, so there is no new version; version %lld stands",
                (long long)outcome->version);
    } else {
        cli_say(cli, "对账完成，第 %lld 版", "reconciled, version %lld",
                (long long)outcome->version);
    }
    const struct cli_report report = { .account = span_of(request->account->name),
                                       .day = request->day,
                                       .version = outcome->version };
    return cli_report(cli, &report);
}

static int
no_bill(const struct cli *cli)
{
    cli_say(cli, "归档中没有该账号该日的账单；请先运行 tallygate bills fetch 或 bills import",
            "the archive holds no bill of this account and day; run tallygate bills fetch or bills "
            "import first");
    return EXIT_NO;
}

int
command_reconcile(struct cli *cli, int argc, char **argv)
{
    struct db_session *session = NULL;
    struct recon_tariff tariffs[ORDER_KIND_COUNT];
    struct recon_request request = { .program = TALLYGATE_VERSION };
    struct recon_outcome outcome = { .version = 0 };
    if (!read_wish(cli, argc, argv, &request) || cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    request.archive_dir = config_text(cli->config, CONFIG_archive_dir, 0);
    request.tariffs = tariffs;
    request.tariff_count = read_tariffs(cli, tariffs);
    cli_progress(cli, "正在核对账单与账簿 …", "matching the bill with the books ...");
    enum err err = recon_run(session, &request, &outcome);
    if (err == ERR_BILL_NOT_READY) {
        return no_bill(cli);
    }
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "对账", "reconcile the day");
    }
    return conclude(cli, &request, &outcome);
}
