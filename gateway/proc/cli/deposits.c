/* SPDX-License-Identifier: Apache-2.0 */
#include "bills.h"
#include "deposit_file.h"
#include "finding.h"
#include "money.h"

/* tallygate deposits: what came to the bank, taken in and held against what the provider paid out. */

#define ARENA_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define PAGE_MAX_BYTES  ((size_t)16 * 1024 * 1024)

enum { LINE_ARENA_BYTES = 65536 };

/* One file being taken in. */
struct import {
    struct cli *cli;
    struct db_session *session;
    const struct adapter_account *account;
    struct day today;
    struct buf page;
    struct arena *arena; /* of the file's hash */
    struct span sha256;
    const char *path;
    bool refused;
    int64_t count; /* of records behind the header */
};

static void
import_fini(struct import *import)
{
    buf_fini(&import->page);
    arena_free(&import->arena);
}

/* A record is kept whole or not at all, whatever the others are. */
static enum err
take_record(void *context, int64_t number, enum deposit_verdict verdict,
            const struct deposit_entry *entry)
{
    struct import *import = context;
    DEFER(arena_free) struct arena *arena = NULL;
    progress_add(cli_watch(import->cli), 1);
    import->count++;
    TRY(arena_new(LINE_ARENA_BYTES, &arena));
    if (verdict == DEPOSIT_STORED) {
        struct deposit_entry kept = *entry;
        kept.sha256 = import->sha256;
        TRY(deposit_file_store(import->session, span_of(import->account->name), &kept, clock_wall(),
                               arena, &verdict));
    }
    bool taken = verdict == DEPOSIT_STORED || verdict == DEPOSIT_KNOWN;
    import->refused = import->refused || !taken;
    TRY(buf_printf(&import->page, "%lld\t%s%s\n", (long long)number,
                   taken ? "" : "refused:", deposit_verdict_code(verdict)));
    if (!taken) {
        cli_say(import->cli, "第 %lld 行：%s", "line %lld: %s", (long long)number,
                deposit_verdict_text(verdict, import->cli->language));
    }
    return ERR_OK;
}

/* Into the archive first: what the lines tell of is there. */
static enum err
take_file(struct import *import, struct span bytes, int64_t *record)
{
    TRY(deposit_file_check(bytes));
    TRY(arena_new(LINE_ARENA_BYTES, &import->arena));
    TRY(deposit_file_keep(import->session, span_of(import->account->name),
                          config_text(import->cli->config, CONFIG_archive_dir, 0), bytes,
                          clock_wall(), import->arena, &import->sha256));
    return deposit_file_read(bytes, import->today, take_record, import, record);
}

/* A file is read up to where it cannot be; what stands before that is kept. */
static int
tell_trouble(const struct import *import, enum err err, int64_t record)
{
    if (err == ERR_IMPORT_EMPTY) {
        return cli_empty(import->cli, import->path);
    }
    if (err == ERR_IMPORT_HEADER) {
        cli_say(import->cli, "第 1 行不是表头 %s", "line 1 is not the header %s",
                DEPOSIT_FILE_HEADER);
        return EXIT_TROUBLE;
    }
    if (err == ERR_IMPORT_CSV) {
        cli_say(import->cli, "第 %lld 行起无法读取：引号不配对",
                "from line %lld on the file cannot be read: its quotes do not fit",
                (long long)record);
        return EXIT_TROUBLE;
    }
    return cli_trouble(import->cli, err, "记入银行到账", "keep the deposits");
}

int
command_deposits_import(struct cli *cli, int argc, char **argv)
{
    struct cli_option options[] = { { .name = "account", .required = true } };
    DEFER(import_fini)
    struct import import = { .cli = cli,
                             .today = day_of(clock_wall(), ZONE_CHINA_MIN),
                             .page = BUF_MAX(PAGE_MAX_BYTES) };
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES);
    if (!cli_options(cli, argc, argv, options, 1, &import.path)
        || cli_account(cli, options[0].value, &import.account) != ERR_OK
        || bills_load(cli, import.path, &bytes) != ERR_OK
        || cli_session(cli, &import.session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    int64_t record = 0;
    progress_begin(cli_watch(cli), PROGRESS_DEPOSITS, 0);
    enum err err = take_file(&import, buf_span(&bytes), &record);
    int trouble = err == ERR_OK ? EXIT_YES : tell_trouble(&import, err, record);
    int status = cli_put(cli, buf_span(&import.page));
    if (trouble != EXIT_YES) {
        return trouble;
    }
    if (import.count == 0) {
        return cli_header_alone(cli, import.path);
    }
    return status == EXIT_YES && import.refused ? EXIT_NO : status;
}

static enum err
put_codes(const struct deposit_result *result, struct buf *out)
{
    return buf_printf(out, "%s%s%s%s\t", finding_name(result->primary),
                      result->merged ? " DEP_MERGED" : "", result->split ? " DEP_SPLIT" : "",
                      result->fee ? " DEP_FEE" : "");
}

/* code, day, number, settled, banked, delta, and the payout that an unknown deposit may be. */
static enum err
put_result(const struct deposit_input *in, const struct deposit_result *result, struct buf *out)
{
    bool payout = result->payout != DEPOSIT_NONE;
    struct span number =
        payout ? in->payouts[result->payout].reference : in->entries[result->entry].deposit_no;
    TRY(put_codes(result, out));
    TRY(day_format(payout ? in->payouts[result->payout].day : in->entries[result->entry].day, out));
    TRY(buf_printf(out, "\t%.*s\t", SPAN_ARG(number)));
    TRY(cli_yuan(result->settled_fen, out));
    TRY(buf_byte(out, '\t'));
    TRY(cli_yuan(result->banked_fen, out));
    TRY(buf_byte(out, '\t'));
    TRY(cli_yuan(result->delta_fen, out));
    struct span suggestion = result->suggestion == DEPOSIT_NONE
                                 ? SPAN_LIT("-")
                                 : in->payouts[result->suggestion].reference;
    return buf_printf(out, "\t%.*s\n", SPAN_ARG(suggestion));
}

static enum err
put_alloc(const struct deposit_input *in, const struct deposit_alloc *alloc, struct buf *out)
{
    TRY(buf_printf(out, "ALLOC\t%.*s\t%.*s\t", SPAN_ARG(in->entries[alloc->entry].deposit_no),
                   SPAN_ARG(in->payouts[alloc->payout].reference)));
    TRY(cli_yuan(alloc->fen, out));
    return buf_byte(out, '\n');
}

/* *open: a person must look at something. */
static enum err
put_all(const struct deposit_input *in, const struct deposit_output *made, struct buf *out,
        bool *open)
{
    for (size_t i = 0; i < made->count; i++) {
        const struct deposit_result *result = &made->results[i];
        int severity = finding_severity(result->primary);
        *open = *open || (severity > 0 && severity < 4) || result->fee;
        TRY(put_result(in, result, out));
    }
    for (size_t i = 0; i < made->alloc_count; i++) {
        TRY(put_alloc(in, &made->allocs[i], out));
    }
    TRY(buf_text(out, "TOTAL\t\t\t"));
    TRY(cli_yuan(made->settled_fen, out));
    TRY(buf_byte(out, '\t'));
    TRY(cli_yuan(made->banked_fen, out));
    TRY(buf_byte(out, '\t'));
    TRY(cli_yuan(made->delta_fen, out));
    return buf_text(out, "\t-\n");
}

static enum err
match_all(struct db_session *session, const struct adapter_account *account, struct day as_of,
          struct buf *out, bool *open)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct deposit_input in;
    struct deposit_output made;
    TRY(arena_new(ARENA_MAX_BYTES, &arena));
    TRY(deposit_file_load(session, span_of(account->name), arena, &in));
    in.as_of = as_of;
    in.term_days = account->settle_days;
    TRY(deposit_match(&in, arena, &made));
    return put_all(&in, &made, out, open);
}

int
command_deposits_match(struct cli *cli, int argc, char **argv)
{
    struct cli_option options[] = { { .name = "account", .required = true }, { .name = "as-of" } };
    const struct adapter_account *account = NULL;
    struct db_session *session = NULL;
    struct wall_time as_of = clock_wall();
    DEFER(buf_fini) struct buf page = BUF_MAX(PAGE_MAX_BYTES);
    bool open = false;
    if (!cli_options(cli, argc, argv, options, 2, NULL)
        || cli_account(cli, options[0].value, &account) != ERR_OK
        || (options[1].value != NULL && cli_time(cli, options[1].value, &as_of) != ERR_OK)
        || cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = match_all(session, account, day_of(as_of, ZONE_CHINA_MIN), &page, &open);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "核对银行到账", "match the deposits");
    }
    int status = cli_put(cli, buf_span(&page));
    return status == EXIT_YES && open ? EXIT_NO : status;
}
