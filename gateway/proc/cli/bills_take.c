/* SPDX-License-Identifier: Apache-2.0 */
#include "bills.h"

#define SHOWN_HASH_BYTES 12

enum err
bills_acquire(struct cli *cli, struct acquire *out)
{
    struct db_session *session = NULL;
    TRY(cli_session(cli, &session));
    *out =
        (struct acquire){ .session = session, .config = cli->config, .progress = cli_watch(cli) };
    return ERR_OK;
}

static void
say_kept(const struct cli *cli, const struct acquire_target *target,
         const struct acquire_kept *kept)
{
    if (kept->place == ACQUIRE_SAME) {
        cli_say(cli, "DUP_FILE 内容与已归档的相同（%.*s），没有新文件",
                "DUP_FILE the same content was kept before (%.*s); nothing new", SHOWN_HASH_BYTES,
                kept->sha256);
        return;
    }
    cli_say(cli, "%s %s 的账单已归档：%s", "the bill of %s %s is kept: %s", target->account->name,
            target->bill->kind, kept->sha256);
    if (kept->place == ACQUIRE_REISSUED) {
        cli_say(cli, "FILE_REISSUED 同一天已有不同内容；以最新为准，请重新对账",
                "FILE_REISSUED this day had other content before; the newest counts, reconcile it "
                "again");
    }
}

void
bills_say_totals(const struct cli *cli, const struct bill_file *file, const char *zh,
                 const char *en)
{
    const struct bill_totals *totals = &file->by_lines;
    cli_say(cli, "核验通过：收款 %lld 笔 %lld 分，退款 %lld 笔 %lld 分，手续费 %lld 分；%s%.0s",
            "accepted: %lld payments of %lld fen, %lld refunds of %lld fen, fee %lld fen; "
            "%.0s%s",
            (long long)totals->pay_count, (long long)totals->pay_fen,
            (long long)totals->refund_count, (long long)totals->refund_fen,
            (long long)totals->fee_fen, zh, en);
}

int
bills_say_trouble(const struct cli *cli, enum err err)
{
    if (err == ERR_FILE_OPEN || err == ERR_FILE_WRITE || err == ERR_ARCHIVE_DAMAGED) {
        return cli_trouble(cli, err, "归档账单（检查 archive.dir 的权限和空间）",
                           "keep the bill (see rights and room of archive.dir)");
    }
    return cli_trouble(cli, err, "核验账单并记入数据库（使用 tallygate_recon 角色）",
                       "check the bill and record it in the database (use the role "
                       "tallygate_recon)");
}

int
bills_take(struct cli *cli, const struct acquire_target *target, struct span bytes)
{
    struct acquire acquire;
    struct acquire_kept kept;
    if (bills_acquire(cli, &acquire) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = acquire_keep(&acquire, target, bytes, &kept);
    if (err != ERR_OK) {
        return bills_say_trouble(cli, err);
    }
    bills_say_faults(cli, &kept.file);
    say_kept(cli, target, &kept);
    if (!kept.file.accepted) {
        cli_say(cli, "账单核验未通过：%s。该日对账会被阻断，请重新获取或联系渠道",
                "the bill is refused: %s; the day is blocked by it, fetch it again or ask the "
                "provider",
                kept.codes);
        return EXIT_NO;
    }
    bills_say_totals(cli, &kept.file, "可以对账", "ready to reconcile");
    return EXIT_YES;
}
