/* SPDX-License-Identifier: Apache-2.0 */
#include "deposit_file.h"
#include "report_parts.h"
#include "run_parts.h"

#define LINES_MAX ((size_t)16 * 1024 * 1024) /* of one payout, as text */

/* What people are given of a run of settlement, made from the run itself: its results with the bank's lines that stand for each, as
 * result_columns.part tells them. */

/* The bank's lines of each payout: those of payout i are in `entries` from first[i] to before first[i + 1]. */
struct named {
    size_t *first;
    size_t *entries;
};

static enum err
put_line(const struct deposit_entry *entry, struct buf *out)
{
    TRY(buf_text(out, out->len > 0 ? "; " : ""));
    TRY(buf_append(out, entry->deposit_no));
    TRY(buf_byte(out, ','));
    TRY(day_format(entry->day, out));
    TRY(buf_byte(out, ','));
    TRY(report_text_fen(out, entry->fen));
    TRY(buf_byte(out, ','));
    TRY(report_text_fen(out, entry->fee_fen));
    TRY(buf_printf(out, ",%s,", deposit_file_kind(entry)));
    return buf_append(out, entry->references);
}

/* Parts stand in the order of their lines, so each payout has its lines in that order. */
static enum err
sort_parts(const struct run *run, struct named *out)
{
    const struct deposit_output *made = &run->allocated;
    size_t payouts = run->deposits.payout_count;
    void *room = NULL;
    TRY(run_room_for(run, payouts + 2, sizeof(size_t), &room));
    size_t *first = room;
    TRY(run_room_for(run, made->alloc_count, sizeof(size_t), &room));
    *out = (struct named){ .first = first, .entries = room };
    for (size_t i = 0; i < made->alloc_count; i++) {
        first[made->allocs[i].payout + 2]++;
    }
    for (size_t i = 2; i < payouts + 2; i++) {
        first[i] += first[i - 1];
    }
    for (size_t i = 0; i < made->alloc_count; i++) { /* first[i + 1] moves on to where i ends */
        out->entries[first[made->allocs[i].payout + 1]++] = made->allocs[i].entry;
    }
    return ERR_OK;
}

static enum err
tell_lines(const struct run *run, const struct named *named, const struct deposit_result *result,
           struct span *raw)
{
    const struct deposit_entry *entries = run->deposits.entries;
    DEFER(buf_fini) struct buf text = BUF_MAX(LINES_MAX);
    if (result->payout == DEPOSIT_NONE) {
        TRY(put_line(&entries[result->entry], &text));
        return arena_copy(run->arena, buf_span(&text), raw);
    }
    for (size_t i = named->first[result->payout]; i < named->first[result->payout + 1]; i++) {
        TRY(put_line(&entries[named->entries[i]], &text));
    }
    return arena_copy(run->arena, buf_span(&text), raw);
}

enum err
run_settlement_report(const struct run *run, int64_t version, struct report *out)
{
    const struct recon_sheet *sheet = &run->output.sheet;
    struct named named;
    struct report report = run_report_head(run, version);
    TRY(sort_parts(run, &named));
    for (size_t i = 0; i < run->allocated.count; i++) {
        TRY(tell_lines(run, &named, &run->allocated.results[i], &run->settled[i].raw));
    }
    report.rows = run->settled;
    report.row_count = run->allocated.count;
    report.trailer = (struct recon_cell){ sheet->pay.count + sheet->refund.count,
                                          sheet->pay.fen + sheet->refund.fen };
    *out = report;
    return ERR_OK;
}
