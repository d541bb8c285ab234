/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report_parts.h"

/* The sheet of a run of settlement: payouts above, lines of the bank below, and what both know between them. */

/* clang-format off: a table. */
enum err
report_settlement_take(const struct report *report, struct report_line out[REPORT_LINES_MAX],
                       size_t *count)
{
    const struct settlement *s = &report->settlement;
    const struct recon_sheet *cells = &report->sheet;
    const struct report_line lines[] = {
        { "S1",
          { "上日转入的提现（未到账）", "payouts taken in, not at the bank" },
          s->opening,
          true,
          true },
        { "S2", { "本日提现", "paid out on the day" }, s->paid, true, false },
        { "S3",
          { "提现到账（含银行扣费）", "came for payouts, with fees" },
          s->banked,
          true,
          false },
        { "S4", { "转下日的提现（未到账）", "payouts carried out" }, s->closing, true, false },
        { "B1",
          { "上日转入的银行行（未明）", "lines taken in, not explained" },
          s->loose_in,
          true,
          true },
        { "B2",
          { "本日银行行（含银行扣费）", "lines of the day, with fees" },
          s->lines,
          true,
          false },
        { "", { "　其中银行扣费", "  of it the bank's fees" }, s->fee, true, false },
        { "B3",
          { "付款人转账，已记录", "transfers that are recorded" },
          s->transfers,
          true,
          false },
        { "B4", { "转下日的银行行（未明）", "lines carried out" }, s->loose_out, true, false },
        { "",
          { "长款合计（差额 > 0）", "long in all (delta > 0)" },
          cells->delta_long,
          true,
          true },
        { "",
          { "短款合计（差额 < 0）", "short in all (delta < 0)" },
          cells->delta_short,
          true,
          false },
    };
    memcpy(out, lines, sizeof(lines));
    *count = sizeof(lines) / sizeof(lines[0]);
    return ERR_OK;
}
/* clang-format on */

static enum err
add(struct recon_cell *sum, int64_t fen)
{
    sum->count++;
    return __builtin_add_overflow(sum->fen, fen, &sum->fen) ? ERR_AMOUNT_OVERFLOW : ERR_OK;
}

/* What the list of results says of the same. */
struct listed {
    struct recon_cell banked;
    struct recon_cell closing;
    struct recon_cell transfers;
    struct recon_cell loose_out;
    struct recon_cell delta;
};

static enum err
list_row(const struct report_row *row, struct listed *out)
{
    if (row->delta_fen != 0) {
        TRY(add(&out->delta, row->delta_fen));
    }
    if (row->payout_no.len > 0) {
        TRY(add(&out->banked, row->b_fen));
        return row->delta_fen != 0 ? add(&out->closing, -row->delta_fen) : ERR_OK;
    }
    return add(row->delta_fen != 0 ? &out->loose_out : &out->transfers, row->b_fen);
}

static enum err
two(struct recon_cell a, struct recon_cell b, struct recon_cell *out)
{
    *out = a;
    out->count += b.count;
    return __builtin_add_overflow(out->fen, b.fen, &out->fen) ? ERR_AMOUNT_OVERFLOW : ERR_OK;
}

enum err
report_settlement_prove(const struct report *report, struct report_proof out[REPORT_PROOFS_MAX],
                        size_t *count)
{
    const struct settlement *s = &report->settlement;
    struct listed listed = { .delta = { 0, 0 } };
    struct recon_cell loose;
    for (size_t i = 0; i < report->row_count; i++) {
        TRY(list_row(&report->rows[i], &listed));
    }
    TRY(two(s->transfers, s->loose_out, &loose));
    struct report_proof proofs[] = {
        { "S1 + S2 = S3 + S4", { 0, 0 }, { 0, 0 }, false },
        { "B1 + B2 = S3 + B3 + B4", { 0, 0 }, { 0, 0 }, false },
        { "S3 = list", s->banked, listed.banked, false },
        { "S4 = list", s->closing, listed.closing, true },
        { "B3 = list", s->transfers, listed.transfers, true },
        { "B4 = list", s->loose_out, listed.loose_out, true },
        { "ΣΔ = list", { 0, 0 }, listed.delta, true },
    };
    TRY(two(s->opening, s->paid, &proofs[0].left));
    TRY(two(s->banked, s->closing, &proofs[0].right));
    TRY(two(s->loose_in, s->lines, &proofs[1].left));
    TRY(two(s->banked, loose, &proofs[1].right));
    TRY(two(report->sheet.delta_long, report->sheet.delta_short, &proofs[6].left));
    memcpy(out, proofs, sizeof(proofs));
    *count = sizeof(proofs) / sizeof(proofs[0]);
    return ERR_OK;
}
