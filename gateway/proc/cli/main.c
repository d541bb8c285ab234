/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate: the operator's program. Reads what stands before the command and runs it. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

#define CONFIG_DEFAULT    "/etc/tallygate/tallygate.conf"
#define CLOCK_SHIFT_MAX_S 2592000

/* In parts: a literal may have 4095 bytes. */
static const char commands_zh[] =
    "用法：tallygate [-c 文件] [--lang zh|en] [--database 连接串] [--no-progress]\n"
    "                [--clock-shift-s N] 命令 [参数]\n"
    "\n"
    "  migrate                                   建立或升级数据库结构\n"
    "  check-config                              检查配置、证书和账号\n"
    "  bills fetch --account A --day D           向渠道获取一天的账单，归档并核验\n"
    "  bills import 文件 --account A --day D --by C --reason R\n"
    "                                            人工上传账单，待另一人批准\n"
    "  bills check --provider P --kind K 文件    只核验账单文件，结果为 JSON\n"
    "  deposits import 文件 --account A          记入银行到账（CSV），逐行给出结果\n"
    "  deposits match --account A                核对提现与银行到账；--as-of 时间\n"
    "  deposits reconcile --account A --day D    按银行日核对结算到账，发布带版本的结果\n"
    "  doctor [--json]                           检查密钥、证书、渠道、时钟、数据库与积压\n"
    "  explain --client K --method M --url U …   门户请求的待签名文本；给出签名则指出何处不同\n"
    "  invoices import 文件 --client C           导入门户发票，选项同 orders import\n"
    "  keys list                                 列出各账号的密钥与证书；--account A\n"
    "  keys rehearse --account A [--private-key 文件] [--provider-public-key 文件] …\n"
    "                                            用无害查询证明新密钥可用，见 tallygate(8)\n"
    "  orders import 文件 --client C             导入门户订单，每行一个 JSON；--csv；或 --portal\n"
    "                                            直接读取门户数据库，--since 时间\n"
    "  reconcile --account A --day D             对账；--as-of 时间 可指定“现在”\n"
    "  reconcile --export --account A --day D --out 目录\n"
    "                                            导出一次对账的全部输入；--version N，--settlement\n"
    "  reconcile --offline --from 目录 --out 目录\n"
    "                                            仅凭导出的文件重做该次对账并比对，无需数据库与配置\n";

static const char commands_zh_more[] =
    "  reconcile --list                          列出各次对账；--account A，--kind K，--from D，--to D，\n"
    "                                            --state S\n"
    "  reconcile --differences --from 目录       仅列出导出文件中不相符之处（CSV），内存占用有界\n"
    "  report --account A --day D                重新输出对账报告；--version N，--out 目录；\n"
    "                                            --settlement 结算到账\n"
    "  report --account A --ageing D             输出该日终时未了差异的账龄（CSV）\n"
    "  report --account A --postings M           输出该月差异处置的分录与科目合计（CSV）\n"
    "  report --account A --month M --pack 文件  将该月全部报告与账单打成一个 ZIP\n"
    "  differences list                          列出未了结的差异；--state S，--severity N，--day D，\n"
    "                                            --account A，--kind K，--assignee C，--age 类\n"
    "  differences show 差异号                   显示一条差异及其经过\n"
    "  differences verify                        核验全部差异经过的哈希链\n"
    "  audit export                              导出审计链（事件与检查点），每行一个 JSON\n"
    "  audit verify 文件 --key 公钥              离线核验导出的审计链；--seen 编号:哈希\n"
    "  certificate export --account A --day D    出具该日已签名的对账证明；--version N\n"
    "  certificate verify 文件 --key 公钥        离线核验对账证明；--bill 账单文件\n"
    "  webhooks list                             列出推送地址与积压\n"
    "  webhooks dead                             列出放弃推送的消息；--endpoint E\n"
    "  webhooks resend --delivery D              重新推送一条消息\n"
    "  webhooks replay --endpoint E --from T --to T\n"
    "                                            重新推送一段时间内的消息\n"
    "  version                                   显示版本\n"
    "  help                                      显示本说明\n";

static const char options_zh[] =
    "\n"
    "  -c 文件             配置文件（默认 " CONFIG_DEFAULT "）\n"
    "  --lang zh|en        消息语言（默认中文）\n"
    "  --database 连接串   代替 database.conninfo，例如以库所有者身份 migrate\n"
    "  --no-progress       不显示进度\n"
    "  --clock-shift-s N   仅开发模式：时钟加 N 秒\n"
    "\n"
    "退出码：0 是；1 答案为否；2 出错。详见 tallygate(8)。\n";

static const char commands_en[] =
    "usage: tallygate [-c FILE] [--lang zh|en] [--database CONNINFO] [--no-progress]\n"
    "                 [--clock-shift-s N] COMMAND [ARGUMENTS]\n"
    "\n"
    "  migrate                                   make or upgrade the database schema\n"
    "  check-config                              check configuration, certificates and accounts\n"
    "  bills fetch --account A --day D           get a day's bill from the provider and check it\n"
    "  bills import FILE --account A --day D --by C --reason R\n"
    "                                            bring a bill by hand; another person approves it\n"
    "  bills check --provider P --kind K FILE    only check a bill file; the answer is JSON\n"
    "  deposits import FILE --account A          take in lines of the bank's statement (CSV)\n"
    "  deposits match --account A                hold payouts against deposits; --as-of TIME\n"
    "  deposits reconcile --account A --day D    reconcile what came to the bank\n"
    "  doctor [--json]                           check keys, certificates, providers, clock,\n"
    "                                            database and what waits\n"
    "  explain --client K --method M --url U ... the text a portal request is signed over, and\n"
    "                                            what differs in a signature\n"
    "  invoices import FILE --client C           take in the portal's invoices likewise\n"
    "  keys list                                 list keys and certificates; --account A\n"
    "  keys rehearse --account A [--private-key FILE] [--provider-public-key FILE] ...\n"
    "                                            prove by a harmless query that a new key works\n"
    "  orders import FILE --client C             take in the portal's orders, JSON lines; --csv;\n"
    "                                            or --portal from its database, --since TIME\n"
    "  reconcile --account A --day D             reconcile; --as-of TIME says what now is\n"
    "  reconcile --export --account A --day D --out DIR\n"
    "                                            write out all that a run read; --version N,\n"
    "                                            --settlement\n"
    "  reconcile --offline --from DIR --out DIR  repeat that run from the files alone and compare\n";

static const char commands_en_more[] =
    "  reconcile --list                          list the runs, the newest first; --account A, --kind K,\n"
    "                                            --from D, --to D, --state S\n"
    "  reconcile --differences --from DIR        list what does not agree in those files (CSV), in\n"
    "                                            bounded memory\n"
    "  report --account A --day D                write the reports again; --version N, --out DIR,\n"
    "                                            --settlement\n"
    "  report --account A --ageing D             list what waited when that day ended (CSV); --postings M, a month's postings\n"
    "  report --account A --month M --pack FILE  put the month's reports and bills into one ZIP\n"
    "  differences list                          list the differences that have not ended; --state S,\n"
    "                                            --severity N, --day D, --account A, --kind K,\n"
    "                                            --assignee C, --age CLASS\n"
    "  differences show ID                       show one difference and its history\n"
    "  differences verify                        verify the chains of all histories\n"
    "  audit export                              write the audit trail, a JSON object a line\n"
    "  audit verify FILE --key PUBLIC_KEY        verify an exported trail offline;\n"
    "                                            --seen NUMBER:HASH\n"
    "  certificate export --account A --day D    write the signed tie-out certificate of a day; --version N\n"
    "  certificate verify FILE --key PUBLIC_KEY  verify a certificate offline; --bill FILE\n"
    "  webhooks list                             list the endpoints and what waits for them\n"
    "  webhooks dead                             list messages that were given up; --endpoint E\n"
    "  webhooks resend --delivery D              send one message again\n"
    "  webhooks replay --endpoint E --from T --to T\n"
    "                                            send the messages of a span of time again\n"
    "  version                                   print the version\n"
    "  help                                      print this text\n";

static const char options_en[] =
    "\n"
    "  -c FILE             configuration file (default " CONFIG_DEFAULT ")\n"
    "  --lang zh|en        language of messages (default Chinese)\n"
    "  --database CONNINFO in place of database.conninfo, e.g. to migrate as the owner\n"
    "  --no-progress       do not show how far long work is\n"
    "  --clock-shift-s N   development mode only: add N seconds to the clock\n"
    "\n"
    "Exit status: 0 yes, 1 the answer is no, 2 trouble. See tallygate(8).\n";

static int
say_usage(const struct cli *cli, FILE *where, int status)
{
    bool english = cli->language == LANGUAGE_EN;
    (void)fputs(english ? commands_en : commands_zh, where);
    (void)fputs(english ? commands_en_more : commands_zh_more, where);
    (void)fputs(english ? options_en : options_zh, where);
    return status;
}

static int
command_help(struct cli *cli, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return say_usage(cli, stdout, EXIT_YES);
}

static int
command_version(struct cli *cli, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return cli_put(cli, SPAN_LIT("tallygate " TALLYGATE_VERSION "\n"));
}

/* One or two words name a command. */
static const struct {
    const char *word;
    const char *second; /* NULL: one word is enough */
    int (*run)(struct cli *cli, int argc, char **argv);
} commands[] = {
    /* clang-format off */
    { "migrate", NULL, command_migrate },
    { "check-config", NULL, command_check_config },
    { "bills", "fetch", command_bills_fetch },
    { "bills", "import", command_bills_import },
    { "bills", "check", command_bills_check },
    { "deposits", "import", command_deposits_import },
    { "deposits", "match", command_deposits_match },
    { "deposits", "reconcile", command_deposits_reconcile },
    { "doctor", NULL, command_doctor },
    { "differences", "list", command_differences_list },
    { "differences", "show", command_differences_show },
    { "differences", "verify", command_differences_verify },
    { "audit", "export", command_audit_export },
    { "audit", "verify", command_audit_verify },
    { "certificate", "export", command_certificate_export },
    { "certificate", "verify", command_certificate_verify },
    { "explain", NULL, command_explain },
    { "keys", "list", command_keys_list },
    { "keys", "rehearse", command_keys_rehearse },
    { "invoices", "import", command_invoices_import },
    { "orders", "import", command_orders_import },
    { "reconcile", "--differences", command_reconcile_differences },
    { "reconcile", "--export", command_reconcile_export },
    { "reconcile", "--list", command_reconcile_list },
    { "reconcile", "--offline", command_reconcile_offline },
    { "reconcile", NULL, command_reconcile },
    { "report", NULL, command_report },
    { "webhooks", "list", command_webhooks_list },
    { "webhooks", "dead", command_webhooks_dead },
    { "webhooks", "resend", command_webhooks_resend },
    { "webhooks", "replay", command_webhooks_replay },
    { "version", NULL, command_version },
    { "help", NULL, command_help },
    /* clang-format on */
};

static int
run_command(struct cli *cli, int argc, char **argv)
{
    for (size_t i = 0; argc > 0 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[0], commands[i].word) != 0) {
            continue;
        }
        if (commands[i].second == NULL) {
            return commands[i].run(cli, argc, argv);
        }
        if (argc > 1 && strcmp(argv[1], commands[i].second) == 0) {
            return commands[i].run(cli, argc - 1, argv + 1);
        }
    }
    if (argc > 0) {
        cli_say(cli, "没有这个命令：%s%s%s", "no such command: %s%s%s", argv[0],
                argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
    }
    return say_usage(cli, stderr, EXIT_TROUBLE);
}

static bool
set_language(struct cli *cli, const char *code)
{
    bool english = strcmp(code, "en") == 0;
    cli->language = english ? LANGUAGE_EN : LANGUAGE_ZH;
    return english || strcmp(code, "zh") == 0;
}

static bool
set_shift(struct cli *cli, const char *text)
{
    cli->shift_given = true;
    return span_to_i64(span_of(text), -CLOCK_SHIFT_MAX_S, CLOCK_SHIFT_MAX_S, &cli->clock_shift_s)
           == ERR_OK;
}

/* What stands before the command; false when it is not understood. */
static bool
read_globals(struct cli *cli, int argc, char **argv, bool *help, bool *version)
{
    static const struct option options[] = {
        { "lang", required_argument, NULL, 'l' },
        { "clock-shift-s", required_argument, NULL, 's' },
        { "database", required_argument, NULL, 'd' },
        { "no-progress", no_argument, NULL, 'n' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'V' },
        { NULL, 0, NULL, 0 },
    };
    bool understood = true;
    int letter;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread */
    while ((letter = getopt_long(argc, argv, "+c:h", options, NULL)) != -1) {
        switch (letter) {
        case 'c':
            cli->config_path = optarg;
            break;
        case 'd':
            cli->conninfo = optarg;
            break;
        case 'l':
            understood = set_language(cli, optarg) && understood;
            break;
        case 's':
            understood = set_shift(cli, optarg) && understood;
            break;
        case 'n':
            cli->no_progress = true;
            break;
        case 'h':
            *help = true;
            break;
        case 'V':
            *version = true;
            break;
        default:
            understood = false;
        }
    }
    return understood;
}

int
main(int argc, char **argv)
{
    struct cli cli = { .config_path = CONFIG_DEFAULT, .language = LANGUAGE_ZH };
    bool help = false;
    bool version = false;
    if (!read_globals(&cli, argc, argv, &help, &version)) {
        return say_usage(&cli, stderr, EXIT_TROUBLE);
    }
    int status;
    if (help) {
        status = command_help(&cli, 0, NULL);
    } else if (version) {
        status = command_version(&cli, 0, NULL);
    } else {
        status = run_command(&cli, argc - optind, argv + optind);
    }
    cli_fini(&cli);
    return status;
}
