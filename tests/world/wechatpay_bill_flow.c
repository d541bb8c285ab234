/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_daybill.h"

#define BOM         "\xEF\xBB\xBF"
#define LAST_COLUMN "业务凭证号"

static const char header[] =
    BOM "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,"
        "收支金额(元),账户结余(元),资金变更提交申请人,备注,";

static const char trailer_header[] = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";

/* The account as it runs down the file. */
struct account {
    struct money balance;
    struct money in;
    struct money out;
    int64_t in_count;
    int64_t out_count;
};

/* One row; `amount` is never negative (6.3). */
struct flow_row {
    const struct wechatpay_bill_line *line;
    const char *business;
    bool income;
    struct money amount;
    const char *applicant;
    struct span remark;
};

static enum err
book(struct account *account, const struct flow_row *row)
{
    if (row->income) {
        account->in_count++;
        TRY(money_add(account->in, row->amount, &account->in));
        return money_add(account->balance, row->amount, &account->balance);
    }
    account->out_count++;
    TRY(money_add(account->out, row->amount, &account->out));
    return money_sub(account->balance, row->amount, &account->balance);
}

static enum err
put_row(struct account *account, const struct flow_row *row, struct buf *out)
{
    const struct wechatpay_bill_line *line = row->line;
    TRY(book(account, row));
    TRY(wechatpay_bill_cell_time(out, line->booked));
    TRY(wechatpay_bill_cell_text(out, line->refund ? line->refund_id : line->transaction_id));
    TRY(wechatpay_bill_cell_text(out, line->transaction_id));
    TRY(wechatpay_bill_cell_text(out, row->business));
    TRY(wechatpay_bill_cell_text(out, row->business));
    TRY(wechatpay_bill_cell_text(out, row->income ? "收入" : "支出"));
    TRY(wechatpay_bill_cell_money(out, row->amount));
    TRY(wechatpay_bill_cell_money(out, account->balance));
    TRY(wechatpay_bill_cell_text(out, row->applicant));
    TRY(wechatpay_bill_cell(out, row->remark));
    TRY(wechatpay_bill_cell_text(out, line->refund ? line->out_refund_no : line->out_trade_no));
    return wechatpay_bill_row_end(out);
}

static enum err
put_withdrawal(struct account *account, const struct wechatpay_bill_line *line, struct buf *out)
{
    const struct flow_row row = {
        .line = line,
        .business = "提现",
        .amount = line->amount,
        .applicant = "system",
    };
    return put_row(account, &row, out);
}

static enum err
put_payment(struct account *account, const struct wechatpay_bill_line *line, struct buf *out)
{
    const struct flow_row payment = {
        .line = line,
        .business = "交易",
        .income = true,
        .amount = line->amount,
        .applicant = "system",
    };
    TRY(put_row(account, &payment, out));
    if (line->fee.minor == 0) {
        return ERR_OK;
    }
    const struct flow_row fee = {
        .line = line,
        .business = "扣除交易手续费",
        .amount = line->fee,
        .applicant = "system",
    };
    return put_row(account, &fee, out);
}

/* What leaves the account is the refund less the fee that comes back (6.3). */
static enum err
put_refund(const struct wechatpay_bill *bill, struct account *account,
           const struct wechatpay_bill_line *line, struct buf *out)
{
    DEFER(buf_fini) struct buf remark = BUF_MAX(256);
    DEFER(buf_fini) struct buf applicant = BUF_MAX(64);
    struct money fee;
    struct flow_row row = { .line = line, .business = "退款" };
    TRY(money_make(-line->fee.minor, line->fee.currency, &fee));
    TRY(money_sub(line->amount, fee, &row.amount));
    TRY(buf_text(&remark, "退款总金额"));
    TRY(money_format(line->amount, &remark));
    TRY(buf_text(&remark, "元;含手续费"));
    TRY(money_format(fee, &remark));
    TRY(buf_text(&remark, "元"));
    TRY(buf_printf(&applicant, "%sAPI", bill->merchant->mchid));
    TRY(buf_cstr(&applicant, &row.applicant));
    row.remark = buf_span(&remark);
    return put_row(account, &row, out);
}

static enum err
put_trailer(const struct wechatpay_bill *bill, const struct account *account, struct buf *out)
{
    struct money in;
    TRY(money_add(account->in, bill->more_sum, &in));
    TRY(buf_text(out, trailer_header));
    TRY(wechatpay_bill_row_end(out));
    TRY(wechatpay_bill_cell_count(out, account->in_count + account->out_count + bill->more_count));
    TRY(wechatpay_bill_cell_count(out, account->in_count));
    TRY(wechatpay_bill_cell_money(out, in));
    TRY(wechatpay_bill_cell_count(out, account->out_count));
    TRY(wechatpay_bill_cell_money(out, account->out));
    return wechatpay_bill_row_end(out);
}

enum err
wechatpay_bill_flow(const struct wechatpay_bill *bill, struct buf *out)
{
    const struct money zero = { .minor = 0, .currency = CURRENCY_CNY };
    struct account account = { .balance = bill->opening, .in = zero, .out = zero };
    TRY(buf_text(out, header));
    TRY(buf_text(out, bill->last_column == NULL ? LAST_COLUMN : bill->last_column));
    TRY(wechatpay_bill_row_end(out));
    for (size_t i = 0; i < bill->count; i++) {
        const struct wechatpay_bill_line *line = &bill->lines[i];
        TRY(line->withdrawal ? put_withdrawal(&account, line, out)
            : line->refund   ? put_refund(bill, &account, line, out)
                             : put_payment(&account, line, out));
    }
    return put_trailer(bill, &account, out);
}
