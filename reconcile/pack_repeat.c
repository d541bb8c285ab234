/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_repeat.h"

#include "progress.h"
#include "run_parts.h"

#define NAME_BYTES       64
#define BANK_FILE_DIGITS 16 /* of the hash, in the name of a file of the bank */

struct repeating {
    const char *dir;
    struct pack_sums sums;
    struct run run;
    struct progress *progress;
    struct pack_repeat *out;
    size_t files;                       /* that were read */
    struct span banked[PACK_FILES_MAX]; /* which of the bank's were */
    size_t banked_count;
};

static void
note_change(struct pack_repeat *out, const char *name)
{
    if (out->changed_count < PACK_FILES_MAX) {
        out->changed[out->changed_count++] = name;
    }
}

/* `name` must live as long as the arena. `want`: what day.json says; empty: day.json itself. */
static enum err
load(struct repeating *repeating, const char *name, struct span want, struct buf *bytes,
     struct span *sha256)
{
    bool same = false;
    repeating->out->where = (struct pack_place){ .file = name, .column = "" };
    TRY(pack_folder_load(repeating->dir, name, &repeating->sums, repeating->run.arena, bytes,
                         sha256, &same));
    if (!same || (!span_empty(want) && !span_eq(want, *sha256))) {
        note_change(repeating->out, name);
    }
    repeating->files++;
    return ERR_OK;
}

void
run_of_pack(struct run *run, const struct pack_day *day)
{
    run->request = &day->request;
    run->forms = day->forms;
    run->closed_days = day->closed_days;
    run->late_bills = day->late_bills;
    run->rounded_fen = day->rounded_fen;
    run->form = day->form;
    run->edited = day->edited;
    run->trend = day->trend;
    run->trend_count = day->trend_count;
}

static enum err
load_day(struct repeating *repeating)
{
    struct pack_repeat *out = repeating->out;
    struct span sha256;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(PACK_FILE_MAX_BYTES + 1);
    TRY(load(repeating, PACK_DAY_FILE, SPAN_LIT(""), &bytes, &sha256));
    TRY(pack_day_read(buf_span(&bytes), repeating->run.arena, &out->day, &out->where.column));
    bool known = out->day.rules == RUN_RULES_VERSION && out->day.form <= REPORT_FORM;
    return known ? ERR_OK : ERR_PACK_RULES;
}

static enum err
load_list(struct repeating *repeating, enum pack_list list, void **rows, size_t *count)
{
    struct run *run = &repeating->run;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(PACK_FILE_MAX_BYTES + 1);
    if (pack_list_may_lack(list) && span_empty(repeating->out->day.list_sha256[list])) {
        return ERR_OK;
    }
    TRY(load(repeating, pack_list_file(list), repeating->out->day.list_sha256[list], &bytes,
             &run->file_sha256[list]));
    struct span kept; /* what the rows point into */
    TRY(arena_copy(run->arena, buf_span(&bytes), &kept));
    return pack_list_read(list, kept, run->arena, rows, count, &repeating->out->where);
}

static enum err
load_lists(struct repeating *repeating)
{
    void *rows[PACK_EVERY_COUNT] = { NULL };
    size_t counts[PACK_EVERY_COUNT] = { 0 };
    int first = pack_day_first_list(repeating->out->day.request.kind);
    int end = pack_day_end_list(repeating->out->day.request.kind);
    progress_begin(repeating->progress, PROGRESS_READ_BOOKS, end - first);
    for (int i = first; i < end; i++) {
        TRY(load_list(repeating, (enum pack_list)i, &rows[i], &counts[i]));
        progress_add(repeating->progress, 1);
    }
    return run_take_lists(&repeating->run, rows, counts);
}

/* `want` empty: the run had no such bill. */
static enum err
load_bill(struct repeating *repeating, const struct adapter_bill *kind, struct span want,
          bill_file_line line, struct span *sha256, struct bill_file *out)
{
    struct run *run = &repeating->run;
    const struct recon_request *request = &repeating->out->day.request;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(PACK_FILE_MAX_BYTES + 1);
    DEFER(buf_fini) struct buf name = BUF_MAX(NAME_BYTES);
    const char *kept = NULL;
    *out = (struct bill_file){ .accepted = true };
    if (span_empty(want)) {
        return ERR_OK;
    }
    if (kind == NULL) {
        return ERR_FIELD_VALUE;
    }
    TRY(buf_printf(&name, "bill-%s", kind->kind));
    TRY(arena_cstr(run->arena, buf_span(&name), &kept));
    TRY(load(repeating, kept, want, &bytes, sha256));
    const struct bill_wish wish = { .bill = kind,
                                    .account = request->account,
                                    .day = request->day,
                                    .forms = &run->forms,
                                    .progress = repeating->progress };
    return bill_file_read_by(&wish, buf_span(&bytes), line, run, out);
}

static enum err
load_bills(struct repeating *repeating, struct bill_file *bill, struct bill_file *flow)
{
    struct run *run = &repeating->run;
    const struct pack_day *day = &repeating->out->day;
    const struct adapter *adapter = day->request.account->adapter;
    progress_begin(repeating->progress, PROGRESS_READ_BILL, 0);
    TRY(load_bill(repeating, bill_find(adapter, day->request.kind), day->bill_sha256, run_keep_line,
                  &run->sha256, bill));
    progress_begin(repeating->progress, PROGRESS_READ_FLOW, 0);
    run->flow.there = !span_empty(day->flow_sha256);
    run->flow.before_known = day->before_known;
    run->flow.before_fen = day->before_fen;
    return load_bill(repeating, bill_of_balance(adapter), day->flow_sha256, run_keep_movement,
                     &run->flow.sha256, flow);
}

static bool
was_read(const struct repeating *repeating, struct span sha256)
{
    bool found = false;
    for (size_t i = 0; i < repeating->banked_count && !found; i++) {
        found = span_eq(repeating->banked[i], sha256);
    }
    return found;
}

/* "bank-0123456789abcdef.csv", as the export names it: nothing of it is judged, but it is what finance handed in. */
static enum err
load_bank_file(struct repeating *repeating, struct span sha256)
{
    struct span got;
    const char *kept = NULL;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(PACK_FILE_MAX_BYTES + 1);
    DEFER(buf_fini) struct buf name = BUF_MAX(NAME_BYTES);
    if (repeating->banked_count == PACK_FILES_MAX) {
        return ERR_FIELD_LENGTH;
    }
    repeating->banked[repeating->banked_count++] = sha256;
    TRY(buf_printf(&name, "bank-%.*s.csv", SPAN_ARG(span_sub(sha256, 0, BANK_FILE_DIGITS))));
    TRY(arena_cstr(repeating->run.arena, buf_span(&name), &kept));
    return load(repeating, kept, sha256, &bytes, &got);
}

static enum err
load_bank_files(struct repeating *repeating)
{
    const struct deposit_input *in = &repeating->run.deposits;
    for (size_t i = 0; i < in->entry_count; i++) {
        struct span sha256 = in->entries[i].sha256;
        TRY(span_empty(sha256) || was_read(repeating, sha256) ? ERR_OK
                                                              : load_bank_file(repeating, sha256));
    }
    return ERR_OK;
}

static enum err
compare(struct repeating *repeating, const struct bill_file *bill)
{
    struct pack_repeat *out = repeating->out;
    struct span input;
    struct span result;
    TRY(run_hash_hex(&repeating->run, bill, &input, &result));
    out->same_input = span_eq(input, out->day.input_hash);
    out->same_result = span_eq(result, out->day.result_hash);
    return ERR_OK;
}

static enum err
match(struct repeating *repeating, struct bill_file *bill, struct bill_file *flow)
{
    struct run *run = &repeating->run;
    struct pack_repeat *out = repeating->out;
    TRY(run_put_early(run));
    run_input(run);
    run_input_flow(run, flow);
    out->believed = bill->accepted && flow->accepted;
    out->bill = bill->accepted ? *flow : *bill;
    if (!out->believed) {
        return ERR_OK;
    }
    progress_begin(repeating->progress, PROGRESS_MATCH, 0);
    TRY(recon_match(&run->input, run->arena, &run->output));
    TRY(compare(repeating, bill));
    return run_report(run, bill, out->day.version, &out->report);
}

static enum err
match_settlement(struct repeating *repeating, struct bill_file *bill)
{
    struct run *run = &repeating->run;
    struct pack_repeat *out = repeating->out;
    *bill = (struct bill_file){ .accepted = true };
    out->believed = true;
    progress_begin(repeating->progress, PROGRESS_MATCH, 0);
    run_settlement_frame(run);
    TRY(run_settlement_match(run));
    TRY(compare(repeating, bill));
    return run_settlement_report(run, out->day.version, &out->report);
}

static enum err
repeat(struct repeating *repeating)
{
    struct bill_file bill;
    struct bill_file flow;
    TRY(pack_folder_sums(repeating->dir, repeating->run.arena, &repeating->sums,
                         &repeating->out->where));
    TRY(load_day(repeating));
    repeating->out->day.request.progress = repeating->progress;
    run_of_pack(&repeating->run, &repeating->out->day);
    TRY(load_lists(repeating));
    bool settlement = run_is_settlement(&repeating->run);
    TRY(settlement ? load_bank_files(repeating) : load_bills(repeating, &bill, &flow));
    if (repeating->files != repeating->sums.count) {
        note_change(repeating->out, PACK_SUMS_FILE);
    }
    repeating->out->where = (struct pack_place){ .file = "", .column = "" };
    return settlement ? match_settlement(repeating, &bill) : match(repeating, &bill, &flow);
}

enum err
pack_repeat(const char *dir, struct arena *arena, struct progress *progress,
            struct pack_repeat *out)
{
    struct repeating repeating = {
        .dir = dir, .run = { .arena = arena }, .progress = progress, .out = out
    };
    *out = (struct pack_repeat){ .believed = false };
    enum err err = repeat(&repeating);
    run_lists_fini(&repeating.run);
    return err;
}
