/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate bills import: a bill that a person brings. It waits until somebody else has approved it by API. */
#include <string.h>

#include "bills.h"
#include "crypto.h"
#include "signature.h"
#include "text_rule.h"

enum {
    OPTION_ACCOUNT,
    OPTION_DAY,
    OPTION_KIND,
    OPTION_BY,
    OPTION_REASON,
    OPTION_HEADER,
    OPTION_COUNT
};

#define REASON_MAX  500
#define ARENA_BYTES ((size_t)1024 * 1024)

/* Only finance answers for a bill. */
static bool
is_finance(const struct cli *cli, const char *client)
{
    for (size_t i = 0; i < config_count(cli->config, CONFIG_SECTION_client); i++) {
        if (strcmp(config_name(cli->config, CONFIG_SECTION_client, i), client) == 0) {
            enum http_role role;
            return http_role_decode(span_of(config_text(cli->config, CONFIG_client_role, i)), &role)
                       == ERR_OK
                   && (HTTP_ROLES_FINANCE & HTTP_ROLE_BIT(role)) != 0;
        }
    }
    return false;
}

static bool
may_bring(const struct cli *cli, const struct cli_option *options)
{
    const struct text_rule rule = { "reason", 1, REASON_MAX, TEXT_LINE };
    struct faults faults = { 0 };
    text_check(&rule, span_of(options[OPTION_REASON].value), "", &faults);
    if (faults.count > 0) {
        cli_say(cli, "--reason 须为 1 至 %d 字的一行文字",
                "--reason is to be one line of 1 to %d characters", REASON_MAX);
    } else if (!is_finance(cli, options[OPTION_BY].value)) {
        cli_say(cli, "--by %s 不是财务客户端（角色 finance-maker 或 finance-checker）",
                "--by %s is no client of finance (role finance-maker or finance-checker)",
                options[OPTION_BY].value);
    } else {
        return true;
    }
    return false;
}

static void
say_refused(const struct cli *cli, const struct acquire_waiting *waiting)
{
    static const char *const words[BILL_FORM_WHY_COUNT][LANGUAGE_COUNT] = {
        [BILL_FORM_NO_DRIFT] = { "表头没有未知的列",
                                 "no header of named columns has unknown ones" },
        [BILL_FORM_TOO_LONG] = { "表头过长", "the header is too long" },
        [BILL_FORM_REPEATED] = { "列名重复", "the column is there twice" },
        [BILL_FORM_NOT_SAID] = { "未说明该列是什么", "nothing says what this column is" },
        [BILL_FORM_SAID_TWICE] = { "同一列有两种说法",
                                   "two columns are said to be one, or one to be two" },
        [BILL_FORM_NOT_THERE] = { "表头没有这一未知列", "the header has no such unknown column" },
        [BILL_FORM_NO_COLUMN] = { "没有这样的已知列", "no column that is read has this name" },
        [BILL_FORM_NO_PASSING] = { "该表头的每一列都须读取", "every column of this header counts" },
        [BILL_FORM_MISSING] = { "缺少必需的列", "a column that must be there is missing" },
    };
    if (waiting->refused != BILL_FORM_FITS) {
        cli_say(cli, "--header 不能采用：%s%.0s %.*s", "--header cannot be taken: %.0s%s %.*s",
                words[waiting->refused][LANGUAGE_ZH], words[waiting->refused][LANGUAGE_EN],
                SPAN_ARG(waiting->about));
    }
}

/* What the second person has to name beside the hash of the file. */
static void
say_header(const struct cli *cli, const struct acquire_waiting *waiting)
{
    DEFER(buf_fini) struct buf hex = BUF_MAX((size_t)2 * SHA256_BYTES);
    unsigned char digest[SHA256_BYTES];
    if (!waiting->by_form || crypto_sha256(waiting->came, digest) != ERR_OK
        || crypto_hex_encode(span_make(digest, sizeof(digest)), &hex) != ERR_OK) {
        return;
    }
    cli_say(
        cli,
        "FILE_COLUMNS 表头（header_sha256 %.*s）将读作：%.*s；批准后该账号此类账单均如此读取，每份报告均有标注",
        "FILE_COLUMNS the header (header_sha256 %.*s) is read as: %.*s; once approved, so is every bill of this account and "
        "kind that has it, and every report says so",
        SPAN_ARG(buf_span(&hex)), SPAN_ARG(waiting->read_as));
}

static int
say_waiting(const struct cli *cli, const struct acquire_waiting *waiting, const char *client)
{
    const struct acquire_kept *kept = &waiting->kept;
    if (waiting->number == 0) {
        cli_say(cli, "DUP_FILE 渠道已提供相同内容，没有新文件",
                "DUP_FILE the provider gave the same content; nothing new");
        return EXIT_YES;
    }
    if (waiting->other) {
        cli_say(
            cli, "同一文件的上传 %lld 正在等待，但表头说法不同；请先驳回它",
            "upload %lld of the same file waits with another word about its header; have it rejected first",
            (long long)waiting->number);
        return EXIT_NO;
    }
    say_header(cli, waiting);
    if (waiting->proved) {
        cli_say(cli, "渠道签名或渠道下载的内容与此文件一致",
                "the provider's own word names these bytes");
    } else {
        cli_say(
            cli, "FILE_EDITED 文件没有渠道证明；据此的对账在每份报告上都有标注",
            "FILE_EDITED nothing of the provider proves this file; a run on it says so on every report");
    }
    bills_say_totals(cli, &kept->file, "尚未生效", "it does not count yet");
    cli_say(
        cli,
        "上传 %lld %s等待批准：须由 %s 以外的 finance-checker 客户端核对后 POST "
        "/v1/reconciliation/uploads/%lld/approve（sha256 %s）；夜间进程随后自动对账，也可运行 reconcile",
        "upload %lld %swaits: a client with the role finance-checker other than %s is to compare it and POST "
        "/v1/reconciliation/uploads/%lld/approve (sha256 %s); the night then makes the day again, or run reconcile",
        (long long)waiting->number,
        !waiting->before               ? ""
        : cli->language == LANGUAGE_EN ? "already "
                                       : "已在",
        client, (long long)waiting->number, kept->sha256);
    return EXIT_YES;
}

static int
bring(struct cli *cli, const struct acquire_target *target, const struct acquire_upload *upload)
{
    struct acquire acquire;
    struct acquire_waiting waiting;
    DEFER(arena_free) struct arena *arena = NULL;
    if (bills_acquire(cli, &acquire) != ERR_OK || arena_new(ARENA_BYTES, &arena) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = acquire_upload(&acquire, target, upload, arena, &waiting);
    if (err != ERR_OK) {
        return bills_say_trouble(cli, err);
    }
    bills_say_faults(cli, &waiting.kept.file);
    say_refused(cli, &waiting);
    if (!waiting.kept.file.accepted) {
        cli_say(cli, "文件被拒绝，没有导入：%s。请确认账号、日期和文件后重试",
                "the file is refused and was not taken in: %s; see account, day and file, then try "
                "again",
                waiting.kept.codes);
        return EXIT_NO;
    }
    return say_waiting(cli, &waiting, upload->client);
}

int
command_bills_import(struct cli *cli, int argc, char **argv)
{
    const char *path = NULL;
    struct acquire_target target;
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_ACCOUNT] = { .name = "account", .required = true },
        [OPTION_DAY] = { .name = "day", .required = true },
        [OPTION_KIND] = { .name = "kind" },
        [OPTION_BY] = { .name = "by", .required = true },
        [OPTION_REASON] = { .name = "reason", .required = true },
        [OPTION_HEADER] = { .name = "header" },
    };
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES * 2);
    if (!cli_options(cli, argc, argv, options, OPTION_COUNT, &path)
        || bills_target(cli, options[OPTION_ACCOUNT].value, options[OPTION_DAY].value,
                        options[OPTION_KIND].value, &target)
               != ERR_OK
        || !may_bring(cli, options) || bills_load(cli, path, &bytes) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    const struct acquire_upload upload = { .client = options[OPTION_BY].value,
                                           .reason = options[OPTION_REASON].value,
                                           .bytes = buf_span(&bytes),
                                           .header = options[OPTION_HEADER].value };
    return bring(cli, &target, &upload);
}
