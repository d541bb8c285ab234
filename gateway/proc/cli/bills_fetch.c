/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "bill_host.h"
#include "bills_link.h"
#include "keyring.h"

#define TRIES_MAX    4 /* a link dies after 30 seconds, so each try asks for a new one */
#define MS_PER_HOUR  3600000
#define DETAIL_BYTES 160

/* How the last try went. */
struct outcome {
    enum err err;
    bool none;
    char code[64];
};

/* Worth another try at once: a dead link, a broken transfer, a keys process that is still starting. */
static bool
try_again(enum err err)
{
    return err == ERR_BILL_LINK || err == ERR_BILL_HASH || err == ERR_PROVIDER_NOT_SENT
           || err == ERR_PROVIDER_NO_ANSWER || err == ERR_KEYS_AWAY;
}

static const char *
outcome_of(const struct outcome *outcome, bool late)
{
    if (outcome->err == ERR_BILL_LINK) {
        return "link";
    }
    if (outcome->err == ERR_BILL_HASH) {
        return "hash";
    }
    if (outcome->err == ERR_BILL_NONE) {
        return "none"; /* final: the provider tells it from a bill that is still being made */
    }
    if (outcome->err == ERR_BILL_NOT_READY || outcome->none) {
        return late ? "none" : "not_ready";
    }
    bool refused = outcome->err == ERR_PROVIDER_CONTRACT || outcome->err == ERR_PROVIDER_REFUSED;
    return refused ? "refused" : "transfer";
}

static int64_t
account_hour(const struct cli *cli, const struct bills_target *target, enum config_setting setting)
{
    size_t count = config_count(cli->config, CONFIG_SECTION_account);
    for (size_t i = 0; i < count; i++) {
        const char *name = config_name(cli->config, CONFIG_SECTION_account, i);
        if (strcmp(name, target->account->name) == 0) {
            return config_int(cli->config, setting, i);
        }
    }
    return 0;
}

/* That hour of the day after the bill's. */
static struct wall_time
next_day_at(const struct bills_target *target, int64_t hour)
{
    struct wall_time midnight = day_start(day_add(target->day, 1), ZONE_CHINA_MIN);
    return wall_add_ms(midnight, hour * MS_PER_HOUR);
}

static enum err
record(struct cli *cli, const struct bills_target *target, const struct outcome *outcome, bool late)
{
    char detail[DETAIL_BYTES];
    (void)snprintf(detail, sizeof(detail), "%s%s%s", err_name(outcome->err),
                   outcome->code[0] == 0 ? "" : " ", outcome->code);
    const struct bills_try attempt = { .outcome = outcome_of(outcome, late), .detail = detail };
    return bills_record(cli, target, &attempt);
}

static int
say_not_ready(const struct cli *cli, const struct bills_target *target, bool late)
{
    struct day next = day_add(target->day, 1);
    int hour = (int)account_hour(cli, target, CONFIG_account_bill_ready_hour);
    if (late) {
        cli_say(cli,
                "渠道称没有这一天的账单。若当天有收款，请核对账号和签约；若确无收款，则无需处理",
                "the provider says there is no bill for this day; with payments on it see account "
                "and contract, without any nothing needs doing");
    } else {
        cli_say(cli, "账单尚未生成。请在 %04d-%02d-%02d %02d:00（北京时间）之后再获取",
                "the bill is not made yet; fetch it after %04d-%02d-%02d %02d:00 (China time)",
                next.year, next.month, next.mday, hour);
    }
    return EXIT_NO;
}

static int
say_failure(const struct cli *cli, const struct outcome *outcome)
{
    const char *reason = err_text(outcome->err, cli->language);
    switch ((int)outcome->err) {
    case ERR_BILL_LINK:
        cli_say(cli, "FILE_LINK_EXPIRED 试了 %d 次，下载链接都没有给出账单文件；稍后再试",
                "FILE_LINK_EXPIRED in %d tries no link gave a bill file; try again later",
                TRIES_MAX);
        break;
    case ERR_BILL_HASH:
        cli_say(
            cli, "FILE_HASH 试了 %d 次，%s；文件未被接受，稍后再试，仍如此请联系渠道",
            "FILE_HASH in %d tries: %s; the file was not taken, try again later and else ask the "
            "provider",
            TRIES_MAX, reason);
        break;
    case ERR_PROVIDER_CONTRACT:
    case ERR_PROVIDER_REFUSED:
        cli_say(cli, "FILE_AUTH 渠道拒绝提供账单（%s）：%s。核对应用权限、签约和本机时钟",
                "FILE_AUTH the provider refuses the bill (%s): %s; see the application's "
                "rights, the contract and this machine's clock",
                outcome->code, reason);
        break;
    case ERR_PROVIDER_BUSY:
        cli_say(cli, "渠道繁忙（%s）；请一分钟后再试",
                "the provider is busy (%s); try again in a minute", outcome->code);
        break;
    case ERR_KEYS_AWAY:
    case ERR_KEYS_UNKNOWN:
        cli_say(cli, "无法签名：%s。确认本用户可以读取该账号的私钥，原因见上面的日志",
                "could not sign: %s; see that this user may read the account's private key, the "
                "log above says why",
                reason);
        break;
    default:
        cli_say(cli, "无法获取账单：%s。检查网络和账号配置后再试",
                "could not fetch the bill: %s; see network and account, then try again", reason);
    }
    return EXIT_TROUBLE;
}

/* What the link leads to is proved by the hash in the signed answer, where there is one. */
static enum err
check_hash(const struct bills_target *target, const struct bills_link *link, struct buf *bytes)
{
    struct bill_file file = { .accepted = true };
    if (link->sha1[0] == 0) {
        return ERR_OK;
    }
    TRY(bill_file_check_hash(target->bill, buf_span(bytes), span_of(link->sha1), &file));
    if (!file.accepted) {
        buf_reset(bytes);
    }
    return file.accepted ? ERR_OK : ERR_BILL_HASH;
}

/* The answer brings the file, signed. */
static void
take_file(const struct cli *cli, struct provider_line *line, const struct bills_target *target,
          struct outcome *outcome, struct buf *bytes)
{
    struct bills_link said;
    cli_progress(cli, "正在请求账单文件……", "asking for the bill file ...");
    outcome->err = bills_line_file(line, target, &said, bytes);
    outcome->none = said.none;
    (void)snprintf(outcome->code, sizeof(outcome->code), "%s",
                   outcome->err == ERR_OK ? "" : said.code);
}

/* One link, one download. */
static void
try_once(const struct cli *cli, struct provider_line *line, const struct bills_target *target,
         struct outcome *outcome, struct buf *bytes)
{
    struct bills_link link;
    if (!bills_line_has_links(target)) {
        take_file(cli, line, target, outcome, bytes);
        return;
    }
    cli_progress(cli, "正在请求下载链接……", "asking for the link ...");
    outcome->err = bills_line_ask(line, target, &link);
    outcome->none = link.none;
    (void)snprintf(outcome->code, sizeof(outcome->code), "%s",
                   outcome->err == ERR_OK ? "" : link.code);
    if (outcome->err != ERR_OK) {
        return;
    }
    if (!bill_host_allowed(span_of(link.url), target->account, target->bill)) {
        cli_say(cli, "下载链接指向未允许的主机；如确属渠道，请加入 bill_hosts",
                "the link names a host that is not allowed; if it is the provider's, add it to "
                "bill_hosts");
        outcome->err = ERR_PROVIDER_PROTOCOL;
        return;
    }
    cli_progress(cli, "正在下载账单……", "downloading the bill ...");
    outcome->err = bills_line_download(line, target, &link, bytes);
    if (outcome->err == ERR_OK) {
        outcome->err = check_hash(target, &link, bytes);
    }
}

static int
fetch(struct cli *cli, struct provider_line *line, const struct bills_target *target,
      struct buf *bytes)
{
    struct outcome outcome = { .err = ERR_BILL_LINK };
    if (wall_ms_between(clock_wall(), next_day_at(target, 0)) > 0) {
        outcome.err = ERR_BILL_NOT_READY; /* the provider would call it a wrong argument */
        return record(cli, target, &outcome, false) == ERR_OK ? say_not_ready(cli, target, false)
                                                              : EXIT_TROUBLE;
    }
    struct wall_time give_up =
        next_day_at(target, account_hour(cli, target, CONFIG_account_bill_give_up_hour));
    for (int i = 0; i < TRIES_MAX && try_again(outcome.err); i++) {
        try_once(cli, line, target, &outcome, bytes);
        bool late = wall_ms_between(give_up, clock_wall()) >= 0;
        if (outcome.err != ERR_OK && record(cli, target, &outcome, late) != ERR_OK) {
            return EXIT_TROUBLE;
        }
    }
    if (outcome.err == ERR_BILL_NOT_READY || outcome.none) {
        bool late = outcome.err == ERR_BILL_NONE || wall_ms_between(give_up, clock_wall()) >= 0;
        return say_not_ready(cli, target, late);
    }
    return outcome.err == ERR_OK ? EXIT_YES : say_failure(cli, &outcome);
}

int
command_bills_fetch(struct cli *cli, int argc, char **argv)
{
    struct bills_target target;
    struct db_session *session = NULL;
    DEFER(provider_line_close) struct provider_line *line = NULL;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES);
    if (bills_target_read(cli, argc, argv, NULL, &target) != ERR_OK
        || cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = keyring_load(session, cli->accounts);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "读取渠道密钥", "read the providers' keys");
    }
    err = provider_line_open(cli->config_path, &line);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "启动密钥进程（tallygated 须与 tallygate 在同一目录）",
                           "start the keys process (tallygated must lie beside tallygate)");
    }
    int status = fetch(cli, line, &target, &bytes);
    provider_line_close(&line);
    return status == EXIT_YES ? bills_take(cli, &target, BILLS_FETCHED, buf_span(&bytes)) : status;
}
