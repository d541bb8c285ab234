/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_differences.h"

#include <stdlib.h>

#include "classify.h"
#include "large_files.h"
#include "run_parts.h"

#define NAME_BYTES 64
#define LOOKED_AT  3 /* findings up to this severity are for somebody; 4 is a note, 0 none */
#define LIST_FIRST 64

struct finding_out {
    struct arena *arena;
    struct pack_differences *out;
    size_t room;
};

static bool
is_difference(const struct recon_result *result)
{
    if (finding_bucket(result->primary) != FINDING_BUCKET_MATCHED) {
        return true;
    }
    for (size_t i = 0; i < result->finding_count; i++) {
        int severity = finding_severity(result->findings[i]);
        if (severity > 0 && severity <= LOOKED_AT) {
            return true;
        }
    }
    return false;
}

static bool
is_rounded(const struct recon_result *result)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        if (result->findings[i] == FINDING_FEE_ROUNDING) {
            return true;
        }
    }
    return false;
}

/* The month's limit may still make a difference of what is rounded. */
static bool
is_wanted(const struct recon_result *result)
{
    return is_difference(result) || is_rounded(result);
}

static struct pack_difference
difference_of(const struct recon_input *in, const struct recon_result *result)
{
    struct pack_difference made = { .result = *result };
    if (result->manual != RECON_NONE) {
        made.number = made.order_no = in->manuals[result->manual].order_no;
    }
    if (result->invoice != RECON_NONE) {
        made.number = in->invoices[result->invoice].invoice_id;
        made.order_no = in->invoices[result->invoice].order_no;
    }
    if (result->order != RECON_NONE) {
        made.number = made.order_no = in->orders[result->order].order_no;
    }
    if (result->refund != RECON_NONE) {
        made.number = in->refunds[result->refund].refund_no;
        made.order_no = in->refunds[result->refund].order_no;
    }
    if (result->member != RECON_NONE) {
        made.number = in->members[result->member].attempt_no;
        made.trade_no = in->members[result->member].provider_trade_no;
        made.order_no = in->members[result->member].order_no;
    }
    if (result->line != RECON_NONE) {
        made.line = in->lines[result->line].number;
        made.carried_in = in->lines[result->line].carried_in;
        made.number = in->lines[result->line].merchant_order_no;
        made.trade_no = in->lines[result->line].provider_trade_no;
    }
    return made;
}

static enum err
take_result(void *context, const struct recon_input *in, const struct recon_result *result)
{
    struct finding_out *to = context;
    if (to->out->count == to->room) {
        size_t room = to->room == 0 ? LIST_FIRST : 2 * to->room;
        TRY(run_grow((void **)&to->out->list, room, sizeof(*to->out->list)));
        to->room = room;
    }
    struct pack_difference made = difference_of(in, result);
    TRY(arena_copy(to->arena, made.number, &made.number));
    TRY(arena_copy(to->arena, made.trade_no, &made.trade_no));
    TRY(arena_copy(to->arena, made.order_no, &made.order_no));
    to->out->list[to->out->count++] = made;
    return ERR_OK;
}

/* Lines, then attempts, refunds, orders, invoices, bank transfers: the order of recon_output. */
static int
rank(const struct pack_difference *of)
{
    const size_t places[] = { of->result.line, of->result.member, of->result.refund,
                              of->result.order, of->result.invoice };
    int at = 0;
    while (at < 5 && places[at] == RECON_NONE) {
        at++;
    }
    /* What is of an invoice or a transfer names its order beside. */
    return at == 3 && of->result.invoice != RECON_NONE  ? 4
           : at == 3 && of->result.manual != RECON_NONE ? 5
                                                        : at;
}

static int
difference_cmp(const void *a, const void *b)
{
    const struct pack_difference *x = a;
    const struct pack_difference *y = b;
    int order = (rank(x) > rank(y)) - (rank(x) < rank(y));
    order = order != 0 ? order : x->carried_in - y->carried_in;
    order = order != 0 ? order : (x->line > y->line) - (x->line < y->line);
    order = order != 0 ? order : span_cmp(x->number, y->number);
    order = order != 0 ? order : span_cmp(x->order_no, y->order_no);
    return order != 0 ? order : (x->result.seq > y->result.seq) - (x->result.seq < y->result.seq);
}

/* The limit, line after line; then what is merely rounded is no difference. */
static void
finish(const struct recon_input *frame, struct pack_differences *out)
{
    struct recon_input so_far = *frame;
    size_t kept = 0;
    if (out->count > 0) {
        qsort(out->list, out->count, sizeof(out->list[0]), difference_cmp);
    }
    for (size_t i = 0; i < out->count; i++) {
        struct pack_difference *of = &out->list[i];
        bool rounded = is_rounded(&of->result);
        classify_fee_limit(&so_far, &of->result, 1);
        so_far.fee_rounding_before_fen += rounded ? 1 : 0;
        if (is_difference(&of->result)) {
            out->list[kept] = *of;
            out->list[kept].result.seq = kept + 1;
            kept++;
        }
    }
    out->count = kept;
}

static enum err
check_file(const char *dir, const char *name, const struct pack_sums *sums, struct span want,
           struct arena *arena, struct pack_differences *out)
{
    struct span sha256;
    bool same = false;
    out->where = (struct pack_place){ .file = name, .column = "" };
    if (span_empty(want)) {
        return ERR_OK;
    }
    TRY(pack_folder_hash(dir, name, sums, arena, &sha256, &same));
    if ((!same || !span_eq(want, sha256)) && out->changed_count < PACK_FILES_MAX) {
        out->changed[out->changed_count++] = name;
    }
    return ERR_OK;
}

static enum err
bill_name(const struct adapter_bill *bill, struct arena *arena, const char **out)
{
    DEFER(buf_fini) struct buf name = BUF_MAX(NAME_BYTES);
    if (bill == NULL) {
        return ERR_FIELD_VALUE;
    }
    TRY(buf_printf(&name, "bill-%s", bill->kind));
    return arena_cstr(arena, buf_span(&name), out);
}

static enum err
load_day(const char *dir, struct arena *arena, struct pack_sums *sums, struct pack_differences *out)
{
    struct span sha256;
    bool same = false;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(PACK_FILE_MAX_BYTES + 1);
    TRY(pack_folder_sums(dir, arena, sums, &out->where));
    out->where = (struct pack_place){ .file = PACK_DAY_FILE, .column = "" };
    TRY(pack_folder_load(dir, PACK_DAY_FILE, sums, arena, &bytes, &sha256, &same));
    if (!same) {
        out->changed[out->changed_count++] = PACK_DAY_FILE;
    }
    TRY(pack_day_read(buf_span(&bytes), arena, &out->day, &out->where.column));
    return out->day.rules == RUN_RULES_VERSION ? ERR_OK : ERR_PACK_RULES;
}

static enum err
check_files(const char *dir, const struct pack_sums *sums, const char *bill, struct arena *arena,
            struct pack_differences *out)
{
    const char *flow = NULL;
    TRY(check_file(dir, bill, sums, out->day.bill_sha256, arena, out));
    for (int i = 0; i < PACK_LIST_COUNT; i++) {
        TRY(check_file(dir, pack_list_file((enum pack_list)i), sums, out->day.list_sha256[i], arena,
                       out));
    }
    if (span_empty(out->day.flow_sha256)) {
        return ERR_OK;
    }
    TRY(bill_name(bill_of_balance(out->day.request.account->adapter), arena, &flow));
    return check_file(dir, flow, sums, out->day.flow_sha256, arena, out);
}

/* A run without a bill has its books alone. */
static enum err
read_files(struct large *large, struct large_files *files, struct pack_differences *out)
{
    files->without_bill = span_empty(out->day.bill_sha256);
    TRY(large_files_read(large, files, &out->bill, &out->where));
    out->believed = files->without_bill || out->bill.accepted;
    return ERR_OK;
}

static enum err
find(const char *dir, unsigned threads, struct arena *arena, struct progress *progress,
     struct pack_differences *out)
{
    struct pack_sums sums;
    struct run run = { .arena = arena };
    struct finding_out to = { arena, out, 0 };
    struct large_files files = { .dir = dir, .threads = threads };
    const struct large_wish wish = { .threads = threads,
                                     .wanted = is_wanted,
                                     .plain_unwanted = true,
                                     .where = &out->where,
                                     .result = take_result,
                                     .context = &to,
                                     .progress = progress };
    DEFER(large_free) struct large *large = NULL;
    TRY(load_day(dir, arena, &sums, out));
    run_of_pack(&run, &out->day);
    run_input(&run);
    files.wish =
        (struct bill_wish){ .bill = bill_find(run.request->account->adapter, run.request->kind),
                            .account = run.request->account,
                            .day = run.request->day,
                            .forms = &run.forms };
    out->where.column = "kind"; /* what is wrong when there is no such bill */
    TRY(bill_name(files.wish.bill, arena, &files.bill));
    progress_begin(progress, PROGRESS_READ_BILL, 0);
    TRY(check_files(dir, &sums, files.bill, arena, out));
    TRY(large_new(&run.input, dir, &large_routes_ours, &large));
    TRY(read_files(large, &files, out));
    if (!out->believed) {
        return ERR_OK;
    }
    out->where = (struct pack_place){ .file = "", .column = "" };
    TRY(large_solve(large, &wish, &out->sheet));
    finish(&run.input, out);
    return ERR_OK;
}

enum err
pack_differences(const char *dir, unsigned threads, struct arena *arena, struct progress *progress,
                 struct pack_differences *out)
{
    *out = (struct pack_differences){ .believed = false };
    enum err err = find(dir, threads, arena, progress, out);
    if (err != ERR_OK) {
        pack_differences_fini(out);
    }
    return err;
}

void
pack_differences_fini(struct pack_differences *differences)
{
    free(differences->list);
    differences->list = NULL;
    differences->count = 0;
}
