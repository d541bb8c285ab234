/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "bills.h"
#include "keyring.h"
#include "provider_line.h"

static int
say_not_ready(const struct cli *cli, const struct acquire_target *target, bool late)
{
    struct day next = day_add(target->day, 1);
    int hour = (int)acquire_ready_hour(cli->config, target->account, target->bill);
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
say_failure(const struct cli *cli, const struct acquire_word *word)
{
    const char *reason = err_text(word->err, cli->language);
    if (word->foreign_host) {
        cli_say(cli, "下载链接指向未允许的主机；如确属渠道，请加入 bill_hosts",
                "the link names a host that is not allowed; if it is the provider's, add it to "
                "bill_hosts");
    }
    switch ((int)word->err) {
    case ERR_BILL_LINK:
        cli_say(cli, "FILE_LINK_EXPIRED 试了 %d 次，下载链接都没有给出账单文件；稍后再试",
                "FILE_LINK_EXPIRED in %d tries no link gave a bill file; try again later",
                ACQUIRE_TRIES_MAX);
        break;
    case ERR_BILL_HASH:
        cli_say(
            cli, "FILE_HASH 试了 %d 次，%s；文件未被接受，稍后再试，仍如此请联系渠道",
            "FILE_HASH in %d tries: %s; the file was not taken, try again later and else ask the "
            "provider",
            ACQUIRE_TRIES_MAX, reason);
        break;
    case ERR_PROVIDER_CONTRACT:
    case ERR_PROVIDER_REFUSED:
        cli_say(cli, "FILE_AUTH 渠道拒绝提供账单（%s）：%s。核对应用权限、签约和本机时钟",
                "FILE_AUTH the provider refuses the bill (%s): %s; see the application's "
                "rights, the contract and this machine's clock",
                word->code, reason);
        break;
    case ERR_PROVIDER_BUSY:
        cli_say(cli, "渠道繁忙（%s）；请一分钟后再试",
                "the provider is busy (%s); try again in a minute", word->code);
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

static int
fetch(struct cli *cli, struct provider_line *line, const struct acquire_target *target,
      struct buf *bytes)
{
    struct acquire acquire;
    struct acquire_word word;
    enum err err = bills_acquire(cli, &acquire);
    if (err == ERR_OK) {
        err = acquire_fetch(&acquire, line, target, &word, bytes);
    }
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "把这次获取记入数据库（使用 tallygate_recon 角色）",
                           "record this try in the database (use the role tallygate_recon)");
    }
    if (word.err == ERR_BILL_NONE || word.err == ERR_BILL_NOT_READY || word.none) {
        return say_not_ready(cli, target, strcmp(word.outcome, "none") == 0);
    }
    return word.err == ERR_OK ? EXIT_YES : say_failure(cli, &word);
}

int
command_bills_fetch(struct cli *cli, int argc, char **argv)
{
    struct acquire_target target;
    struct cli_option options[] = {
        { .name = "account", .required = true },
        { .name = "day", .required = true },
        { .name = "kind", .required = false },
    };
    struct db_session *session = NULL;
    DEFER(provider_line_close) struct provider_line *line = NULL;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES);
    if (!cli_options(cli, argc, argv, options, 3, NULL)
        || bills_target(cli, options[0].value, options[1].value, options[2].value, &target)
               != ERR_OK
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
    return status == EXIT_YES ? bills_take(cli, &target, buf_span(&bytes)) : status;
}
