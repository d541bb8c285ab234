/* SPDX-License-Identifier: Apache-2.0 */
#include "bills.h"
#include "day_request.h"

/* tallygate reconcile: one day of one account. Complete: the sheet and its files. Blocked: why, and
 * nothing is published. */

enum { OPTION_ACCOUNT, OPTION_DAY, OPTION_AS_OF, OPTION_COUNT };

static bool
read_wish(struct cli *cli, int argc, char **argv, struct day_request *out)
{
    struct day day;
    struct wall_time as_of;
    const struct adapter_account *account = NULL;
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_ACCOUNT] = { .name = "account", .required = true },
        [OPTION_DAY] = { .name = "day", .required = true },
        [OPTION_AS_OF] = { .name = "as-of" },
    };
    if (!cli_options(cli, argc, argv, options, OPTION_COUNT, NULL) || cli_config(cli) != ERR_OK
        || cli_account(cli, options[OPTION_ACCOUNT].value, &account) != ERR_OK
        || cli_day(cli, options[OPTION_DAY].value, &day) != ERR_OK || !cli_day_begun(cli, day)) {
        return false;
    }
    as_of = clock_wall();
    if (options[OPTION_AS_OF].value != NULL
        && cli_time(cli, options[OPTION_AS_OF].value, &as_of) != ERR_OK) {
        return false;
    }
    day_request_fill(cli->config, account, day, as_of, out);
    return true;
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
    if (outcome->none) {
        cli_say(cli, "FILE_NONE_OK 渠道称该日无账单，我方也无支付；该日平账为零",
                "FILE_NONE_OK the provider has no bill for the day and we have no payment: tied at "
                "zero");
    }
    if (outcome->edited) {
        cli_say(
            cli, "FILE_EDITED 账单由人工上传，没有渠道证明；每份报告均有标注",
            "FILE_EDITED the bill was brought by a person and nothing of the provider proves it; every "
            "report says so");
    }
    if (outcome->by_form) {
        cli_say(
            cli, "FILE_COLUMNS 账单表头与已知格式不同，按两人认可的列读取；每份报告均有标注",
            "FILE_COLUMNS the bill has another header than is known and was read as two people accepted; every report says so");
    }
    if (outcome->next_is_stale) {
        cli_say(
            cli, "次日的对账所依据的在途项或期末余额已变，将自动重新对账",
            "what the next day took over from this one (items or closing balance) has changed: it "
            "will be reconciled again");
    }
    if (!outcome->has_flow && bill_of_balance(request->account->adapter) != NULL) {
        cli_say(
            cli,
            "归档中没有当日的 %s 账单：余额和流水未经验证；夜间进程会继续获取，"
            "也可用 bills fetch --kind %s 获取后重新对账",
            "the archive has no %s bill of this day, so balances and movements are not proved; the night "
            "goes on asking for it, or get it with bills fetch --kind %s and reconcile again",
            bill_of_balance(request->account->adapter)->kind,
            bill_of_balance(request->account->adapter)->kind);
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

static int
day_closed(const struct cli *cli)
{
    cli_say(
        cli,
        "该日已由两人签字关账，而账单或账簿与签字时不同：原结果不变，未发布任何结果。"
        "账单仍存于归档，迟到数据应在未关账日处理",
        "the day is signed by two people, and its bill or books are others than then: its run stands and "
        "nothing was published. The bill stays in the archive; late data belongs to an open day");
    return EXIT_NO;
}

static void
tell_untied(const struct cli *cli, const struct recon_untied *untied)
{
    cli_say(
        cli, "%s 不成立，相差共 %lld 分；这是程序错误，请附此行报告",
        "%s does not hold, by %lld fen in all; this is a fault of the program, report it with this line",
        untied->equation, (long long)untied->fen);
    if (untied->order_no[0] != 0) {
        cli_say(cli, "首个没有发现项说明的订单：%s（%s）",
                "the first order that is off without a finding: %s (%s)", untied->order_no,
                untied->owner);
    }
}

int
command_reconcile(struct cli *cli, int argc, char **argv)
{
    struct db_session *session = NULL;
    struct day_request request;
    struct recon_outcome outcome = { .version = 0 };
    if (!read_wish(cli, argc, argv, &request) || cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    request.recon.progress = cli_watch(cli);
    enum err err = recon_run(session, &request.recon, &outcome);
    if (err == ERR_BILL_NOT_READY) {
        return no_bill(cli);
    }
    if (err == ERR_DAY_CLOSED) {
        return day_closed(cli);
    }
    if (err == ERR_SHEET_UNTIED) {
        tell_untied(cli, &outcome.untied);
    }
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "对账", "reconcile the day");
    }
    return conclude(cli, &request.recon, &outcome);
}
