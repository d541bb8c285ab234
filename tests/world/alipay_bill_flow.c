/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_daybill.h"

#define TEXT_MAX  (2 * ALIPAY_BILL_MAX)
#define GUARD     "\t" /* 6.2: stands behind text columns against spreadsheets */
#define COLLECTOR "支付宝(中国)网络技术有限公司"

static const char header[] =
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,"
    "收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注\r\n";

static const char summary_header[] =
    "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）\r\n";

static const struct money zero = { .minor = 0, .currency = CURRENCY_CNY };

enum flow_kind { FLOW_PAYMENT, FLOW_REFUND, FLOW_FEE, FLOW_KIND_COUNT };

static const char *const kind_names[FLOW_KIND_COUNT] = {
    [FLOW_PAYMENT] = "在线支付",
    [FLOW_REFUND] = "交易退款",
    [FLOW_FEE] = "收费",
};

struct sums {
    int64_t in_count;
    int64_t out_count;
    struct money in;
    struct money out; /* zero or negative */
};

/* The account as it runs down the file. */
struct account {
    struct money balance;
    struct sums all;
    struct sums kinds[FLOW_KIND_COUNT];
    int64_t movements;
};

/* One row; negative leaves the account. */
struct movement {
    const struct alipay_bill_line *line;
    enum flow_kind kind;
    struct money amount;
    const char *counterparty;
    const char *remark;
};

static struct account
account_of(const struct alipay_bill *bill)
{
    struct account account = { .balance = bill->opening, .all = { .in = zero, .out = zero } };
    for (size_t i = 0; i < FLOW_KIND_COUNT; i++) {
        account.kinds[i] = account.all;
    }
    return account;
}

static enum err
add_up(struct sums *sums, struct money amount)
{
    struct money *sum = amount.minor < 0 ? &sums->out : &sums->in;
    *(amount.minor < 0 ? &sums->out_count : &sums->in_count) += 1;
    return money_add(*sum, amount, sum);
}

static enum err
book(struct account *account, const struct movement *movement)
{
    account->movements++;
    TRY(money_add(account->balance, movement->amount, &account->balance));
    TRY(add_up(&account->all, movement->amount));
    return add_up(&account->kinds[movement->kind], movement->amount);
}

static enum err
put_row(const struct alipay_bill *bill, const struct account *account,
        const struct movement *movement, struct buf *out)
{
    const struct alipay_bill_line *line = movement->line;
    struct day day = bill->day;
    bool in = movement->amount.minor >= 0;
    TRY(buf_printf(out, "%04d%02d%02d%010lld" GUARD ",", day.year, day.month, day.mday,
                   (long long)account->movements));
    TRY(buf_printf(out, "%s" GUARD ",%s" GUARD ",", line->trade_no, line->out_trade_no));
    TRY(alipay_bill_put_text(out, line->subject));
    TRY(wall_format_civil(line->finished, ZONE_CHINA_MIN, out));
    TRY(buf_printf(out, ",%s" GUARD ",", movement->counterparty));
    TRY(alipay_bill_put_amount(out, in ? movement->amount : zero, ","));
    TRY(alipay_bill_put_amount(out, in ? zero : movement->amount, ","));
    TRY(alipay_bill_put_amount(out, account->balance, ",支付宝,"));
    return buf_printf(out, "%s,%s\r\n", kind_names[movement->kind], movement->remark);
}

/* `out` NULL: only booked. */
static enum err
move(const struct alipay_bill *bill, struct account *account, const struct movement *movement,
     struct buf *out)
{
    TRY(book(account, movement));
    return out == NULL ? ERR_OK : put_row(bill, account, movement, out);
}

/* A payment comes in whole, and its fee leaves at the same time; a refund brings no fee back. */
static enum err
move_line(const struct alipay_bill *bill, const struct alipay_bill_line *line,
          struct account *account, struct buf *out)
{
    const struct movement whole = {
        .line = line,
        .kind = line->refund ? FLOW_REFUND : FLOW_PAYMENT,
        .amount = line->amount,
        .counterparty = ALIPAY_BUYER_ACCOUNT,
        .remark = line->refund ? "退款" : "",
    };
    const struct movement fee = {
        .line = line,
        .kind = FLOW_FEE,
        .amount = line->fee,
        .counterparty = COLLECTOR,
        .remark = "服务费",
    };
    TRY(move(bill, account, &whole, out));
    return line->fee.minor == 0 ? ERR_OK : move(bill, account, &fee, out);
}

static enum err
move_all(const struct alipay_bill *bill, struct account *account, struct buf *out)
{
    for (size_t i = 0; i < bill->count; i++) {
        TRY(move_line(bill, &bill->lines[i], account, out));
    }
    return ERR_OK;
}

static enum err
put_footer(const struct alipay_bill *bill, const struct account *account, struct buf *out)
{
    const struct sums *all = &account->all;
    TRY(buf_printf(out, "#支出合计：%lld笔，共", (long long)all->out_count));
    TRY(alipay_bill_put_amount(out, all->out, "元\r\n"));
    TRY(buf_printf(out, "#收入合计：%lld笔，共", (long long)all->in_count));
    TRY(alipay_bill_put_amount(out, all->in, "元\r\n"));
    return alipay_bill_export_time(bill, out);
}

static enum err
detail_text(const struct alipay_bill *bill, struct buf *out)
{
    struct account account = account_of(bill);
    TRY(alipay_bill_head(bill, "支付宝账务明细查询", out));
    TRY(alipay_bill_marker(out, 41, "账务明细列表", 40));
    TRY(buf_text(out, header));
    TRY(move_all(bill, &account, out));
    TRY(alipay_bill_marker(out, 40, "账务明细列表结束", 37));
    return put_footer(bill, &account, out);
}

static enum err
put_sums(const char *name, const struct sums *sums, struct buf *out)
{
    struct money net;
    TRY(money_add(sums->in, sums->out, &net));
    TRY(buf_printf(out, "%s,%lld,", name, (long long)sums->in_count));
    TRY(alipay_bill_put_amount(out, sums->in, ","));
    TRY(buf_printf(out, "%lld,", (long long)sums->out_count));
    TRY(alipay_bill_put_amount(out, sums->out, ","));
    return alipay_bill_put_amount(out, net, "\r\n");
}

static enum err
summary_text(const struct alipay_bill *bill, struct buf *out)
{
    struct account account = account_of(bill);
    TRY(move_all(bill, &account, NULL));
    TRY(alipay_bill_head(bill, "支付宝账务汇总查询", out));
    TRY(alipay_bill_marker(out, 41, "账务汇总列表", 40));
    TRY(buf_text(out, summary_header));
    for (size_t i = 0; i < FLOW_KIND_COUNT; i++) {
        const struct sums *sums = &account.kinds[i];
        if (sums->in_count + sums->out_count > 0) {
            TRY(put_sums(kind_names[i], sums, out));
        }
    }
    TRY(put_sums("合计", &account.all, out));
    TRY(alipay_bill_marker(out, 40, "账务汇总列表结束", 37));
    return alipay_bill_export_time(bill, out);
}

enum err
alipay_bill_flow_detail(const struct alipay_bill *bill, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    TRY(detail_text(bill, &text));
    return alipay_bill_gbk(buf_span(&text), out);
}

enum err
alipay_bill_flow_summary(const struct alipay_bill *bill, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    TRY(summary_text(bill, &text));
    return alipay_bill_gbk(buf_span(&text), out);
}
