/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "day_request.h"

/* tallygate deposits reconcile: a day of settlement, what was paid out against what came to the bank. Each day takes in what the one
 * before left open, so those days before and after that know something else now are made as well, in their order. */

enum { OPTION_ACCOUNT, OPTION_DAY, OPTION_COUNT };

static bool
read_wish(struct cli *cli, int argc, char **argv, struct day_request *out)
{
    struct day day;
    const struct adapter_account *account = NULL;
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_ACCOUNT] = { .name = "account", .required = true },
        [OPTION_DAY] = { .name = "day", .required = true },
    };
    if (!cli_options(cli, argc, argv, options, OPTION_COUNT, NULL) || cli_config(cli) != ERR_OK
        || cli_account(cli, options[OPTION_ACCOUNT].value, &account) != ERR_OK
        || cli_day(cli, options[OPTION_DAY].value, &day) != ERR_OK) {
        return false;
    }
    if (!cli_day_begun(cli, day)) {
        return false;
    }
    day_request_fill(cli->config, account, day, clock_wall(), out);
    out->recon.kind = SPAN_LIT(RECON_SETTLEMENT);
    out->recon.progress = cli_watch(cli);
    return true;
}

static int
trouble(const struct cli *cli, enum err err)
{
    if (err == ERR_DAY_CLOSED) {
        cli_say(
            cli, "一个已由两人签字的日子的提现或银行行与签字时不同：原结果不变，其后各日未重做",
            "a day that is signed by two people has other payouts or lines of the bank now: its "
            "run stands, and the days after it were not made again");
        return EXIT_NO;
    }
    return cli_trouble(cli, err, "核对结算到账", "reconcile the settlement");
}

static enum err
make_days(struct db_session *session, struct day_request *request, struct day first,
          struct day last)
{
    const struct day wished = request->recon.day;
    enum err err = ERR_OK;
    for (struct day day = first; err == ERR_OK && day_cmp(day, last) <= 0; day = day_add(day, 1)) {
        struct recon_outcome outcome = { .version = 0 };
        request->recon.day = day;
        err = recon_run(session, &request->recon, &outcome);
    }
    request->recon.day = wished;
    return err;
}

/* Of the other days that were made the files alone, then the day that was asked for. */
static int
give_days(struct cli *cli, const struct recon_request *wished,
          const struct recon_settlement_plan *plan)
{
    int status = EXIT_YES;
    struct cli_report report = { .account = span_of(wished->account->name),
                                 .settlement = true,
                                 .quiet = true };
    for (report.day = plan->first; status == EXIT_YES && day_cmp(report.day, plan->last) <= 0;
         report.day = day_add(report.day, 1)) {
        status = day_cmp(report.day, wished->day) == 0 ? EXIT_YES : cli_report(cli, &report);
    }
    report.day = wished->day;
    report.quiet = false;
    int given = cli_report(cli, &report);
    return given != EXIT_YES ? given : status;
}

int
command_deposits_reconcile(struct cli *cli, int argc, char **argv)
{
    struct db_session *session = NULL;
    struct day_request request;
    struct recon_settlement_plan plan;
    if (!read_wish(cli, argc, argv, &request) || cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = recon_settlement_plan(session, request.recon.account, request.recon.day, &plan);
    if (err == ERR_OK && plan.none) { /* transfers may have been recorded since */
        plan.first = request.recon.day;
    }
    if (err == ERR_OK) {
        err = make_days(session, &request, plan.first, plan.last);
    }
    if (err != ERR_OK) {
        return trouble(cli, err);
    }
    return give_days(cli, &request.recon, &plan);
}
