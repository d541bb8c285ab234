/* SPDX-License-Identifier: Apache-2.0 */
#include "report_parts.h"

/* What one side does not know of the other, by its sign. */
struct apart {
    struct recon_cell bill_in;   /* the provider has taken it, our books have not */
    struct recon_cell bill_out;  /* ... given it back */
    struct recon_cell amount;    /* amounts that differ: the bill's less ours */
    struct recon_cell repeated;  /* lines that stand twice: no money until the provider says so */
    struct recon_cell books_in;  /* our books have it, the provider not */
    struct recon_cell books_out; /* ... given it back */
};

static enum err
add(struct recon_cell *sum, int64_t fen)
{
    if (fen == 0) {
        return ERR_OK;
    }
    sum->count++;
    return __builtin_add_overflow(sum->fen, fen, &sum->fen) ? ERR_AMOUNT_OVERFLOW : ERR_OK;
}

static enum err
take_row(const struct report_row *row, struct apart *sum)
{
    enum finding_bucket bucket = finding_bucket(row->primary);
    if (bucket == FINDING_BUCKET_MATCHED || bucket == FINDING_BUCKET_SCOPE) {
        return ERR_OK;
    }
    if (bucket == FINDING_BUCKET_AMOUNT) {
        return add(&sum->amount, row->delta_fen);
    }
    TRY(add(row->p_fen > 0 ? &sum->books_in : &sum->books_out, row->p_fen));
    if (bucket == FINDING_BUCKET_DUP) {
        return add(&sum->repeated, row->b_fen);
    }
    return add(row->b_fen > 0 ? &sum->bill_in : &sum->bill_out, row->b_fen);
}

static enum err
take_apart(const struct report *report, struct apart *out)
{
    for (size_t i = 0; i < report->row_count; i++) {
        TRY(take_row(&report->rows[i], out));
    }
    return ERR_OK;
}

/* The lines as they come; the total of a side is the sum of what was put on it. */
struct balance {
    struct report_balance_line *lines;
    size_t count;
    int64_t sum_fen;
    int64_t form; /* of the report */
};

static enum err
put(struct balance *b, enum report_balance_side side, const char *zh, const char *en,
    struct recon_cell cell, bool counted)
{
    if (b->count == REPORT_BALANCE_MAX) {
        return ERR_INTERNAL;
    }
    b->lines[b->count++] = (struct report_balance_line){
        .side = side,
        .label = { zh, en },
        .count = cell.count,
        .fen = cell.fen,
        .counted = counted,
    };
    return __builtin_add_overflow(b->sum_fen, cell.fen, &b->sum_fen) ? ERR_AMOUNT_OVERFLOW : ERR_OK;
}

/* A sum that the other bill or the sheet has and this side lacks; nothing when it is nothing. */
static enum err
put_sum(struct balance *b, enum report_balance_side side, const char *zh, const char *en,
        struct recon_cell cell)
{
    return cell.fen != 0 ? put(b, side, zh, en, cell, cell.count > 0) : ERR_OK;
}

static enum err
put_total(struct balance *b, enum report_balance_side side)
{
    struct recon_cell sum = { 0, b->sum_fen };
    TRY(put(b, side, "调节后余额", "adjusted balance", sum, false));
    b->lines[b->count - 1].total = true;
    b->sum_fen = 0;
    return ERR_OK;
}

/* What a balance begins with is before fees, which are items of their own below it; N of the sheet is after them. */
enum opening { OPENING_BOOKS, OPENING_BOOKS_BALANCE, OPENING_BILL, OPENING_COUNT };

static enum err
put_opening(struct balance *b, enum report_balance_side side, enum opening opening, int64_t fen)
{
    static const char *const words[OPENING_COUNT][2][LANGUAGE_COUNT] = {
        [OPENING_BOOKS] = { { "账簿当日净额", "our books: net of the day" },
                            { "账簿当日收退净额（未扣手续费）",
                              "our books: net of refunds, before fees" } },
        [OPENING_BOOKS_BALANCE] = { { "账簿余额（期初加当日净额）",
                                      "our books: opening plus net of the day" },
                                    { "账簿余额（期初加当日收退净额，未扣手续费）",
                                      "our books: opening plus net before fees" } },
        [OPENING_BILL] = { { "渠道账单当日净额", "the provider's bill: net of the day" },
                           { "渠道账单当日收退净额（未扣手续费）",
                             "provider's bill: net of refunds, before fees" } },
    };
    const char *const *of = words[opening][b->form >= REPORT_FORM_NET];
    return put(b, side, of[LANGUAGE_ZH], of[LANGUAGE_EN], (struct recon_cell){ 0, fen }, false);
}

/* Our books: what the account opened with, and what we say has moved since. */
static enum err
put_books_balance(struct balance *b, const struct recon_sheet *s)
{
    const enum report_balance_side side = REPORT_BALANCE_BOOKS;
    const struct recon_flow *f = &s->flow;
    if (!f->balanced) {
        return put_opening(b, side, OPENING_BOOKS, s->population.fen);
    }
    int64_t balance = 0;
    if (__builtin_add_overflow(f->opening_fen, s->population.fen, &balance)) {
        return ERR_AMOUNT_OVERFLOW;
    }
    return put_opening(b, side, OPENING_BOOKS_BALANCE, balance);
}

/* What moved on the account beside our trade. Without the account's bill nobody knows. */
static enum err
put_flow(struct balance *b, const struct recon_sheet *s)
{
    const enum report_balance_side side = REPORT_BALANCE_BOOKS;
    const struct recon_flow *f = &s->flow;
    if (!f->balanced) {
        return ERR_OK;
    }
    TRY(put_sum(b, side, "手续费（账单）", "fees by the bill", s->fee));
    TRY(put_sum(b, side, "手续费：流水减账单", "fees: moved less billed",
                (struct recon_cell){ 0, f->fee_off_fen }));
    TRY(put_sum(b, side, "免充值券", "coupons", (struct recon_cell){ 0, f->coupon_fen }));
    TRY(put_sum(b, side, "非本业务", "other business", (struct recon_cell){ 0, f->scope_fen }));
    TRY(put_sum(b, side, "有流水无交易", "movements without a line", f->only));
    return put_sum(b, side, "其他流水（提现、转账等）", "other movements (withdrawals, ...)",
                   f->other);
}

/* On the account's balance since the day before. */
static enum err
put_early(struct balance *b, const struct recon_sheet *s)
{
    return put_sum(b, REPORT_BALANCE_BOOKS, "减：上日账单已计、我方本日记",
                   "less: on yesterday's bill, in our books today",
                   (struct recon_cell){ s->early_in.count, -s->early_in.fen });
}

static enum err
put_books(struct balance *b, const struct recon_sheet *s, const struct apart *apart)
{
    const enum report_balance_side side = REPORT_BALANCE_BOOKS;
    TRY(put_books_balance(b, s));
    TRY(put(b, side, "加：渠道已收、我方未记", "plus: taken by the provider, not in our books",
            apart->bill_in, true));
    TRY(put(b, side, "减：渠道已付、我方未记", "less: paid by the provider, not in our books",
            apart->bill_out, true));
    TRY(put(b, side, "金额不符（账单减账簿）", "amounts that differ (bill less books)",
            apart->amount, true));
    TRY(put_early(b, s));
    TRY(put_flow(b, s));
    return put_total(b, side);
}

static enum err
put_provider(struct balance *b, const struct recon_sheet *s, const struct apart *apart)
{
    const enum report_balance_side side = REPORT_BALANCE_PROVIDER;
    const struct recon_flow *f = &s->flow;
    TRY(f->balanced ? put(b, side, "渠道期末余额", "the provider: closing balance",
                          (struct recon_cell){ 0, f->closing_fen }, false)
                    : put_opening(b, side, OPENING_BILL, s->in_scope.fen));
    TRY(put(b, side, "加：我方已收、渠道未记", "plus: in our books, not taken by the provider",
            apart->books_in, true));
    TRY(put(b, side, "减：我方已付、渠道未记", "less: paid by our books, not by the provider",
            apart->books_out, true));
    TRY(put_sum(b, side, "减：账单重复行", "less: lines that stand twice",
                (struct recon_cell){ apart->repeated.count, -apart->repeated.fen }));
    if (f->balanced) {
        TRY(put_sum(b, side, "加：有交易无流水", "plus: lines without a movement", f->missing));
    }
    return put_total(b, side);
}

enum err
report_balance_take(const struct report *report, struct report_balance_line out[REPORT_BALANCE_MAX],
                    size_t *count)
{
    struct apart apart = { 0 };
    struct balance balance = { .lines = out, .form = report->form };
    TRY(take_apart(report, &apart));
    TRY(put_books(&balance, &report->sheet, &apart));
    size_t books = balance.count - 1;
    TRY(put_provider(&balance, &report->sheet, &apart));
    *count = balance.count;
    return out[books].fen == out[balance.count - 1].fen ? ERR_OK : ERR_INTERNAL;
}

const char *
report_balance_side(enum report_balance_side side, enum language language)
{
    if (side == REPORT_BALANCE_BOOKS) {
        return language == LANGUAGE_ZH ? "我方" : "books";
    }
    return language == LANGUAGE_ZH ? "渠道" : "provider";
}
