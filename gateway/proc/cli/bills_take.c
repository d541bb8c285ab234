/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "bills.h"

#define ARENA_BYTES      ((size_t)64 * 1024)
#define CODES_MAX_BYTES  1024
#define SHOWN_HASH_BYTES 12

static enum err
insert_fetch(struct db_session *session, const struct bills_target *target,
             const struct bills_try *attempt, struct arena *arena)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_cstr(&params, target->account->name);
    db_cstr(&params, target->bill->kind);
    db_day(&params, target->day);
    db_time(&params, clock_wall());
    db_cstr(&params, attempt->outcome);
    db_cstr(&params, attempt->sha256);
    if (attempt->sha256 == NULL) {
        db_null(&params);
    } else {
        db_i64(&params, (int64_t)attempt->bytes);
    }
    db_cstr(&params, attempt->detail);
    return db_session_run(session, STATEMENT_bill_fetch_insert, &params, NULL);
}

enum err
bills_record(struct cli *cli, const struct bills_target *target, const struct bills_try *attempt)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct db_session *session = NULL;
    TRY(cli_session(cli, &session));
    enum err err = arena_new(ARENA_BYTES, &arena);
    if (err == ERR_OK) {
        err = insert_fetch(session, target, attempt, arena);
    }
    if (err != ERR_OK) {
        (void)cli_trouble(cli, err, "把这次获取记入数据库（使用 tallygate_recon 角色）",
                          "record this try in the database (use the role tallygate_recon)");
    }
    return err;
}

static enum err
join_codes(const struct bill_file *file, struct buf *out)
{
    for (size_t i = 0; i < FINDING_COUNT; i++) {
        if (file->found[i]) {
            TRY(buf_text(out, out->len == 0 ? "" : " "));
            TRY(buf_text(out, finding_name((enum finding)i)));
        }
    }
    return ERR_OK;
}

/* How a content stands to what counted before. */
enum place { PLACE_FIRST, PLACE_SAME, PLACE_REISSUED };

static enum err
insert_file(struct db_session *session, const struct bills_target *target, enum bills_source source,
            const char *sha256, size_t bytes, struct arena *arena, bool *inserted)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    db_params_init(&params, arena);
    db_cstr(&params, target->account->name);
    db_cstr(&params, target->bill->kind);
    db_day(&params, target->day);
    db_cstr(&params, sha256);
    db_i64(&params, (int64_t)bytes);
    db_cstr(&params, source == BILLS_FETCHED ? "download" : "upload");
    db_time(&params, clock_wall());
    TRY(db_session_run(session, STATEMENT_bill_file_insert, &params, &rows));
    *inserted = db_rows_count(rows) == 1;
    return ERR_OK;
}

static enum err
find_place(struct db_session *session, const struct bills_target *target, const char *sha256,
           struct arena *arena, enum place *out)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    db_params_init(&params, arena);
    db_cstr(&params, target->account->name);
    db_cstr(&params, target->bill->kind);
    db_day(&params, target->day);
    TRY(db_session_run(session, STATEMENT_bill_file_find, &params, &rows));
    if (db_rows_count(rows) == 0) {
        *out = PLACE_FIRST;
    } else {
        bool same = span_eq_cstr(db_row_text(rows, 0, "sha256"), sha256);
        *out = same ? PLACE_SAME : PLACE_REISSUED;
    }
    return ERR_OK;
}

static enum err
keep_file(struct db_session *session, const struct bills_target *target, enum bills_source source,
          const char *sha256, size_t bytes, bool *inserted, enum place *place)
{
    DEFER(arena_free) struct arena *arena = NULL;
    TRY(arena_new(ARENA_BYTES, &arena));
    TRY(find_place(session, target, sha256, arena, place));
    return insert_file(session, target, source, sha256, bytes, arena, inserted);
}

static void
say_kept(const struct cli *cli, const struct bills_target *target, enum bills_source source,
         enum place place, const char *sha256)
{
    if (place == PLACE_SAME) {
        cli_say(cli, "DUP_FILE 内容与已归档的相同（%.*s），没有新文件",
                "DUP_FILE the same content was kept before (%.*s); nothing new", SHOWN_HASH_BYTES,
                sha256);
        return;
    }
    cli_say(cli, "%s %s 的账单已归档：%s", "the bill of %s %s is kept: %s", target->account->name,
            target->bill->kind, sha256);
    if (place == PLACE_REISSUED) {
        cli_say(cli, "FILE_REISSUED 同一天已有不同内容；以最新为准，请重新对账",
                "FILE_REISSUED this day had other content before; the newest counts, reconcile it "
                "again");
    }
    if (source == BILLS_IMPORTED) {
        cli_say(
            cli, "FILE_EDITED 人工导入的文件没有渠道证明，请由另一人与渠道网站核对",
            "FILE_EDITED a file taken in by hand carries no proof of the provider; let a second "
            "person compare it with the provider's site");
    }
}

static void
say_totals(const struct cli *cli, const struct bill_file *file)
{
    const struct bill_totals *totals = &file->by_lines;
    cli_say(cli, "核验通过：收款 %lld 笔 %lld 分，退款 %lld 笔 %lld 分，手续费 %lld 分；可以对账",
            "accepted: %lld payments of %lld fen, %lld refunds of %lld fen, fee %lld fen; "
            "ready to reconcile",
            (long long)totals->pay_count, (long long)totals->pay_fen,
            (long long)totals->refund_count, (long long)totals->refund_fen,
            (long long)totals->fee_fen);
}

/* A wrong upload must not stand in the way of the right one, so it is recorded and not kept. */
static int
turn_away(struct cli *cli, const struct bills_target *target, const char *codes)
{
    const struct bills_try attempt = { .outcome = "refused", .detail = codes };
    if (bills_record(cli, target, &attempt) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    cli_say(cli, "文件被拒绝，没有导入：%s。请确认账号、日期和文件后重试",
            "the file is refused and was not taken in: %s; see account, day and file, then try "
            "again",
            codes);
    return EXIT_NO;
}

/* What the provider gave is kept whatever it is: a day whose bill is wrong is blocked by it. */
static int
keep(struct cli *cli, const struct bills_target *target, enum bills_source source,
     struct span bytes, const char *codes)
{
    char sha256[BILL_STORE_NAME_BYTES];
    bool known = false;
    bool inserted = false;
    enum place place = PLACE_FIRST;
    struct db_session *session = NULL;
    if (cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err =
        bill_store_put(config_text(cli->config, CONFIG_archive_dir, 0), bytes, sha256, &known);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "归档账单（检查 archive.dir 的权限和空间）",
                           "keep the bill (see rights and room of archive.dir)");
    }
    err = keep_file(session, target, source, sha256, bytes.len, &inserted, &place);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "把账单记入数据库（使用 tallygate_recon 角色）",
                           "record the bill in the database (use the role tallygate_recon)");
    }
    const struct bills_try attempt = { .outcome = inserted ? "stored" : "known",
                                       .sha256 = sha256,
                                       .bytes = bytes.len,
                                       .detail = codes };
    if (bills_record(cli, target, &attempt) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    say_kept(cli, target, source, place, sha256);
    return EXIT_YES;
}

int
bills_take(struct cli *cli, const struct bills_target *target, enum bills_source source,
           struct span bytes)
{
    struct bill_file file;
    const char *codes = NULL;
    DEFER(buf_fini) struct buf joined = BUF_MAX(CODES_MAX_BYTES);
    cli_progress(cli, "正在核验账单……", "checking the bill ...");
    enum err err =
        bill_file_read(target->bill, bytes, target->account, target->day, NULL, NULL, &file);
    if (err == ERR_OK) {
        err = join_codes(&file, &joined);
    }
    if (err == ERR_OK) {
        err = buf_cstr(&joined, &codes);
    }
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "核验账单", "check the bill");
    }
    bills_say_faults(cli, &file);
    if (!file.accepted && source == BILLS_IMPORTED) {
        return turn_away(cli, target, codes);
    }
    int status = keep(cli, target, source, bytes, codes);
    if (status != EXIT_YES) {
        return status;
    }
    if (!file.accepted) {
        cli_say(cli, "账单核验未通过：%s。该日对账会被阻断，请重新获取或联系渠道",
                "the bill is refused: %s; the day is blocked by it, fetch it again or ask the "
                "provider",
                codes);
        return EXIT_NO;
    }
    say_totals(cli, &file);
    return EXIT_YES;
}
