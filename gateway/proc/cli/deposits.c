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
    bool refused;
};

static void
import_fini(struct import *import)
{
    buf_fini(&import->page);
}

/* A line is kept whole or not at all, whatever the others are. */
static enum err
take_line(struct import *import, struct span line, size_t number)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct deposit_entry entry;
    enum deposit_verdict verdict = deposit_file_line(line, import->today, &entry);
    TRY(arena_new(LINE_ARENA_BYTES, &arena));
    if (verdict == DEPOSIT_STORED) {
        TRY(deposit_file_store(import->session, span_of(import->account->name), &entry,
                               clock_wall(), arena, &verdict));
    }
    bool taken = verdict == DEPOSIT_STORED || verdict == DEPOSIT_KNOWN;
    import->refused = import->refused || !taken;
    return buf_printf(&import->page, "%zu\t%s%s\n", number,
                      taken ? "" : "refused:", deposit_verdict_code(verdict));
}

static enum err
take_file(struct import *import, struct span rest)
{
    struct span line;
    struct progress *progress = cli_watch(import->cli);
    progress_begin(progress, PROGRESS_IMPORT, (int64_t)rest.len);
    bool more = span_cut(&rest, '\n', &line);
    if (!deposit_file_is_header(span_trim(line, "\r"))) {
        cli_say(import->cli, "第 1 行不是表头 %s", "line 1 is not the header %s",
                DEPOSIT_FILE_HEADER);
        return ERR_FIELD_VALUE;
    }
    for (size_t number = 2; more; number++) {
        more = span_cut(&rest, '\n', &line);
        progress_add(progress, (int64_t)line.len + 1);
        line = span_trim(line, "\r");
        if (line.len > 0) {
            TRY(take_line(import, line, number));
        }
    }
    return ERR_OK;
}

int
command_deposits_import(struct cli *cli, int argc, char **argv)
{
    const char *path = NULL;
    struct cli_option options[] = { { .name = "account", .required = true } };
    DEFER(import_fini)
    struct import import = { .cli = cli,
                             .today = day_of(clock_wall(), ZONE_CHINA_MIN),
                             .page = BUF_MAX(PAGE_MAX_BYTES) };
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES);
    if (!cli_options(cli, argc, argv, options, 1, &path)
        || cli_account(cli, options[0].value, &import.account) != ERR_OK
        || bills_load(cli, path, &bytes) != ERR_OK || cli_session(cli, &import.session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = take_file(&import, buf_span(&bytes));
    if (err != ERR_OK) {
        return err == ERR_FIELD_VALUE ? EXIT_NO
                                      : cli_trouble(cli, err, "记入银行到账", "keep the deposits");
    }
    int status = cli_put(cli, buf_span(&import.page));
    return status == EXIT_YES && import.refused ? EXIT_NO : status;
}

static enum err
put_yuan(struct buf *out, int64_t fen)
{
    return money_format((struct money){ fen, CURRENCY_CNY }, out);
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
    TRY(put_yuan(out, result->settled_fen));
    TRY(buf_byte(out, '\t'));
    TRY(put_yuan(out, result->banked_fen));
    TRY(buf_byte(out, '\t'));
    TRY(put_yuan(out, result->delta_fen));
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
    TRY(put_yuan(out, alloc->fen));
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
    TRY(put_yuan(out, made->settled_fen));
    TRY(buf_byte(out, '\t'));
    TRY(put_yuan(out, made->banked_fen));
    TRY(buf_byte(out, '\t'));
    TRY(put_yuan(out, made->delta_fen));
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
