/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report_parts.h"

static enum err
add(int64_t *sum, int64_t value)
{
    return __builtin_add_overflow(*sum, value, sum) ? ERR_AMOUNT_OVERFLOW : ERR_OK;
}

static enum err
cell_add(struct recon_cell *sum, struct recon_cell cell)
{
    TRY(add(&sum->count, cell.count));
    return add(&sum->fen, cell.fen);
}

enum err
report_cells_total(const struct recon_cell *cells, size_t count, struct recon_cell *out)
{
    struct recon_cell sum = { .count = 0, .fen = 0 };
    for (size_t i = 0; i < count; i++) {
        TRY(cell_add(&sum, cells[i]));
    }
    *out = sum;
    return ERR_OK;
}

#define TOTAL(cells, out) report_cells_total((cells), sizeof(cells) / sizeof((cells)[0]), (out))

/* clang-format off: a table. */
/* What the account's own bill adds, when there is one. */
static enum err
take_flow(const struct recon_flow *f, struct report_line out[REPORT_LINES_MAX], size_t *count)
{
    const struct recon_cell trade_of[] = { f->pay, f->refund, f->fee };
    struct recon_cell trade;
    TRY(TOTAL(trade_of, &trade));
    const struct report_line lines[] = {
        { "N1",
          { "资金账单期初余额", "account's bill: opening balance" },
          { 0, f->opening_fen },
          false,
          true },
        { "N2", { "交易类流水", "movements of trade" }, trade, true, false },
        { "", { "　付款", "  payments" }, f->pay, true, false },
        { "", { "　退款", "  refunds" }, f->refund, true, false },
        { "", { "　手续费", "  fees" }, f->fee, true, false },
        { "N3",
          { "其他流水（提现、转账等）", "other movements (withdrawals, ...)" },
          f->other,
          true,
          false },
        { "N4",
          { "资金账单期末余额", "account's bill: closing balance" },
          { 0, f->closing_fen },
          false,
          false },
        { "N5",
          { "免充值券（应结减订单）", "coupons: settled less sold" },
          { 0, f->coupon_fen },
          false,
          true },
        { "N6",
          { "非本业务（含手续费）", "other business, with its fees" },
          { 0, f->scope_fen },
          false,
          false },
        { "N7", { "有流水无交易", "movements without a line" }, f->only, true, false },
        { "N8", { "有交易无流水", "lines without a movement" }, f->missing, true, false },
        { "N9",
          { "手续费：流水减账单", "fees: moved less billed" },
          { 0, f->fee_off_fen },
          false,
          false },
    };
    _Static_assert(sizeof(lines) / sizeof(lines[0]) + 36 <= REPORT_LINES_MAX,
                   "room for every line");
    if (f->there) {
        memcpy(&out[*count], lines, sizeof(lines));
        *count += sizeof(lines) / sizeof(lines[0]);
    }
    return ERR_OK;
}

enum err
report_lines_take(const struct report *report, struct report_line out[REPORT_LINES_MAX],
                  size_t *count)
{
    if (report->of_settlement) {
        return report_settlement_take(report, out, count);
    }
    const struct recon_sheet *s = &report->sheet;
    const struct recon_cell net_of[] = { s->pay, s->refund, s->fee };
    struct recon_cell net;
    bool after_fees = report->form >= REPORT_FORM_NET;
    TRY(TOTAL(net_of, &net));
    const struct report_line lines[] = {
        { "A", { "账单自报合计", "bill total by its own trailer" }, report->trailer, true, false },
        { "B", { "账单逐行合计（票面）", "parsed lines, face amounts" }, s->parsed, true, false },
        { "C", { "本业务有效行", "in scope, effective" }, s->in_scope, true, true },
        { "C'",
          { "无效行（失败、已撤销）", "ineffective (failed, reversed)" },
          s->ineffective,
          true,
          false },
        { "D", { "非本业务", "out of scope" }, s->out_of_scope, true, false },
        { "E", { "平账", "matched" }, s->matched, true, true },
        { "F",
          { "金额不符（账单方）", "amount differs, the bill's part" },
          s->amount_bill,
          true,
          false },
        { "G", { "仅账单有", "on the bill only" }, s->bill_only, true, false },
        { "H", { "重复行", "repeated lines" }, s->repeated, true, false },
        { "L'",
          { "账单先到，转下日", "ahead of our books, carried out" },
          s->early_out,
          true,
          false },
        { "M'",
          { "上日账单转入", "lines carried in from the day before" },
          s->early_in,
          true,
          false },
        { "J", { "网关应有", "gateway population" }, s->population, true, true },
        { "F'",
          { "金额不符（账簿方）", "amount differs, our part" },
          s->amount_books,
          true,
          false },
        { "K", { "仅账簿有", "in our books only" }, s->book_only, true, false },
        { "L", { "在途，转下日", "in transit, carried out" }, s->in_transit, true, false },
        { "M", { "上日转入，本日已核", "carried in, now matched" }, s->carried_in, true, false },
        { "", { "长款合计（差额 > 0）", "long in all (delta > 0)" }, s->delta_long, true, true },
        { "", { "短款合计（差额 < 0）", "short in all (delta < 0)" }, s->delta_short, true, false },
        { "N",
          { after_fees ? "扣费后净额 = 付款 + 退款 + 手续费" : "账单净额 = 付款 + 退款 + 手续费",
            after_fees ? "net after fees: pay + refund + fee"
                       : "net of the bill: pay + refund + fee" },
          net,
          false,
          true },
        { "", { "　付款", "  payments" }, s->pay, true, false },
        { "", { "　退款", "  refunds" }, s->refund, true, false },
        { "", { "　手续费", "  fees" }, s->fee, true, false },
    };
    _Static_assert(sizeof(lines) / sizeof(lines[0]) + 24 <= REPORT_LINES_MAX,
                   "room for every line");
    memcpy(out, lines, sizeof(lines));
    *count = sizeof(lines) / sizeof(lines[0]);
    report_orders_take(report, out, count);
    return take_flow(&s->flow, out, count);
}
/* clang-format on */

/* What the list of results says of the bill and of delta, to be held against the sheet. */
static enum err
list_totals(const struct report *report, struct recon_cell *face, struct recon_cell *delta)
{
    struct recon_cell faces = { .count = 0, .fen = 0 };
    struct recon_cell deltas = { .count = 0, .fen = 0 };
    for (size_t i = 0; i < report->row_count; i++) {
        const struct report_row *row = &report->rows[i];
        if (row->line_no > 0) {
            TRY(cell_add(&faces, (struct recon_cell){ .count = 1, .fen = row->face_fen }));
        }
        if (row->delta_fen != 0) {
            TRY(cell_add(&deltas, (struct recon_cell){ .count = 1, .fen = row->delta_fen }));
        }
    }
    *face = faces;
    *delta = deltas;
    return ERR_OK;
}

/* The balance runs from opening to closing, and what moved by trade is what the bill of trades says. */
static enum err
prove_flow(const struct recon_sheet *s, struct report_proof out[REPORT_PROOFS_MAX], size_t *count)
{
    const struct recon_flow *f = &s->flow;
    const struct recon_cell opening = { 0, f->opening_fen };
    const struct recon_cell missing = { 0, -f->missing.fen };
    const struct recon_cell off = { 0, f->coupon_fen };
    const struct recon_cell scope = { 0, f->scope_fen };
    const struct recon_cell fee_off = { 0, f->fee_off_fen };
    const struct recon_cell balance_of[] = { opening, f->pay, f->refund, f->fee, f->other };
    const struct recon_cell trade_of[] = { f->pay, f->refund, f->fee };
    const struct recon_cell net_of[] = { s->pay, s->refund, s->fee,  off,
                                         scope,  f->only,   missing, fee_off };
    struct report_proof balance = { "N1 + N2 + N3 = N4", { 0, 0 }, { 0, f->closing_fen }, false };
    struct report_proof trade = { "N2 = N+N5+N6+N7-N8+N9", { 0, 0 }, { 0, 0 }, false };
    TRY(TOTAL(balance_of, &balance.left));
    TRY(TOTAL(trade_of, &trade.left));
    TRY(TOTAL(net_of, &trade.right));
    if (f->there && f->balanced) {
        out[(*count)++] = balance;
    }
    if (f->there) {
        out[(*count)++] = trade;
    }
    return ERR_OK;
}

enum err
report_lines_prove(const struct report *report, struct report_proof out[REPORT_PROOFS_MAX],
                   size_t *count)
{
    if (report->of_settlement) {
        return report_settlement_prove(report, out, count);
    }
    const struct recon_sheet *s = &report->sheet;
    const struct recon_cell b_parts[] = { s->in_scope, s->ineffective, s->out_of_scope };
    const struct recon_cell lines_of[] = { s->in_scope, s->early_in };
    const struct recon_cell c_parts[] = { s->matched, s->amount_bill, s->bill_only, s->repeated,
                                          s->early_out };
    const struct recon_cell j_parts[] = { s->matched, s->amount_books, s->book_only,
                                          s->in_transit };
    const struct recon_cell deltas[] = { s->delta_long, s->delta_short };
    /* A line may match what the day's books do not count, so J is proved in money alone. */
    struct report_proof proofs[] = {
        { "A = B", report->trailer, s->parsed, true },
        { "B = C + C' + D", s->parsed, { 0, 0 }, true },
        { "C + M' = E+F+G+H+L'", { 0, 0 }, { 0, 0 }, true },
        { "J = E + F' + K + L", s->population, { 0, 0 }, false },
        { "C + M' - J = ΣΔ", { 0, 0 }, { 0, 0 }, false },
        { "B = list", s->parsed, { 0, 0 }, true },
        { "ΣΔ = list", { 0, 0 }, { 0, 0 }, true },
    };
    TRY(TOTAL(b_parts, &proofs[1].right));
    TRY(TOTAL(lines_of, &proofs[2].left));
    TRY(TOTAL(c_parts, &proofs[2].right));
    TRY(TOTAL(j_parts, &proofs[3].right));
    TRY(TOTAL(deltas, &proofs[4].right));
    proofs[4].left = proofs[2].left;
    TRY(add(&proofs[4].left.fen, -s->population.fen));
    proofs[6].left = proofs[4].right;
    TRY(list_totals(report, &proofs[5].right, &proofs[6].right));
    memcpy(out, proofs, sizeof(proofs));
    *count = sizeof(proofs) / sizeof(proofs[0]);
    TRY(report_orders_prove(report, out, count));
    return prove_flow(s, out, count);
}

enum err
report_lines_tie(const struct report *report)
{
    struct report_proof proofs[REPORT_PROOFS_MAX];
    size_t count = 0;
    TRY(report_lines_prove(report, proofs, &count));
    for (size_t i = 0; i < count; i++) {
        const struct report_proof *p = &proofs[i];
        if (p->left.fen != p->right.fen || (p->counted && p->left.count != p->right.count)) {
            return ERR_INTERNAL;
        }
    }
    return report->sheet.unexplained_fen == 0 ? ERR_OK : ERR_INTERNAL;
}

enum err
report_lines_classes(const struct report *report, struct report_class out[FINDING_COUNT])
{
    memset(out, 0, sizeof(out[0]) * FINDING_COUNT);
    for (size_t i = 0; i < report->row_count; i++) {
        const struct report_row *row = &report->rows[i];
        if (row->primary <= FINDING_NONE || row->primary >= FINDING_COUNT) {
            return ERR_INTERNAL;
        }
        out[row->primary].primary_count++;
        TRY(add(&out[row->primary].delta_fen, row->delta_fen));
        for (size_t j = 0; j < row->finding_count && j < RECON_FINDINGS_MAX; j++) {
            if (row->findings[j] < FINDING_COUNT) {
                out[row->findings[j]].note_count++;
            }
        }
    }
    return ERR_OK;
}

static enum err
fees_add(struct report_fees *sum, const struct report_row *row)
{
    sum->count++;
    TRY(add(&sum->due_fen, row->fee_due_fen));
    return add(&sum->charged_fen, row->fee_fen);
}

enum err
report_lines_fees(const struct report *report, struct report_fees out[FINDING_COUNT],
                  struct report_fees *all)
{
    memset(out, 0, sizeof(out[0]) * FINDING_COUNT);
    *all = (struct report_fees){ .count = 0 };
    for (size_t i = 0; i < report->row_count; i++) {
        const struct report_row *row = &report->rows[i];
        if (!row->fee_judged) {
            continue;
        }
        TRY(fees_add(all, row));
        for (size_t j = 0; j < row->finding_count; j++) {
            if (span_starts(span_of(finding_name(row->findings[j])), SPAN_LIT("FEE_"))) {
                TRY(fees_add(&out[row->findings[j]], row));
            }
        }
    }
    return ERR_OK;
}
