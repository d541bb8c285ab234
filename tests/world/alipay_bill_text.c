/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <iconv.h>

#include "alipay_daybill.h"

#define GUARD "\t" /* 6.2: stands behind text columns against spreadsheets */

static const char *const header = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,"
                                  "门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
                                  "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,"
                                  "商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
                                  "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,";

static const char *const summary_header =
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,"
    "支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）";

/* Counts and sums of one bill. */
struct totals {
    int64_t payments;
    int64_t refunds;
    struct money paid;
    struct money refunded; /* zero or negative */
    struct money fee;      /* zero or negative */
};

static const struct money zero = { .minor = 0, .currency = CURRENCY_CNY };

static enum err
add_up(const struct alipay_bill *bill, struct totals *out)
{
    *out = (struct totals){ .paid = zero, .refunded = zero, .fee = zero };
    for (size_t i = 0; i < bill->count; i++) {
        const struct alipay_bill_line *line = &bill->lines[i];
        struct money *sum = line->refund ? &out->refunded : &out->paid;
        TRY(money_add(*sum, line->amount, sum));
        TRY(money_add(out->fee, line->fee, &out->fee));
        *(line->refund ? &out->refunds : &out->payments) += 1;
    }
    return ERR_OK;
}

static enum err
dashes(struct buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TRY(buf_byte(out, '-'));
    }
    return ERR_OK;
}

enum err
alipay_bill_marker(struct buf *out, size_t before, const char *name, size_t after)
{
    TRY(buf_byte(out, '#'));
    TRY(dashes(out, before));
    TRY(buf_text(out, name));
    TRY(dashes(out, after));
    return buf_text(out, "\r\n");
}

static enum err
put_day(struct buf *out, struct day day)
{
    return buf_printf(out, "[%04d年%02d月%02d日 00:00:00]", day.year, day.month, day.mday);
}

enum err
alipay_bill_head(const struct alipay_bill *bill, const char *title, struct buf *out)
{
    TRY(buf_printf(out, "#%s\r\n#账号：[%s0156]\r\n#起始日期：", title, bill->app->seller_id));
    TRY(put_day(out, bill->day));
    TRY(buf_text(out, "   终止日期："));
    TRY(put_day(out, day_add(bill->day, 1)));
    return buf_text(out, "\r\n");
}

enum err
alipay_bill_export_time(const struct alipay_bill *bill, struct buf *out)
{
    DEFER(buf_fini) struct buf civil = BUF_MAX(32);
    struct day day = day_of(bill->exported, ZONE_CHINA_MIN);
    TRY(wall_format_civil(bill->exported, ZONE_CHINA_MIN, &civil));
    TRY(buf_printf(out, "#导出时间：[%04d年%02d月%02d日", day.year, day.month, day.mday));
    TRY(buf_append(out, span_sub(buf_span(&civil), 10, civil.len)));
    return buf_text(out, "]\r\n");
}

/* Fields are not quoted, so what would break the line becomes a blank; commas stay, as they do at
 * the provider. */
enum err
alipay_bill_put_text(struct buf *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        TRY(buf_byte(out, (unsigned char)*at < ' ' ? ' ' : (unsigned char)*at));
    }
    return buf_byte(out, ',');
}

enum err
alipay_bill_put_amount(struct buf *out, struct money amount, const char *after)
{
    TRY(money_format(amount, out));
    return buf_text(out, after);
}

/* Columns 1 to 11. */
static enum err
put_identity(const struct alipay_bill_line *line, struct buf *out)
{
    TRY(buf_printf(out, "%s" GUARD ",%s" GUARD ",", line->trade_no, line->out_trade_no));
    TRY(buf_text(out, line->refund ? "退款" GUARD "," : "交易" GUARD ","));
    TRY(alipay_bill_put_text(out, line->subject));
    TRY(wall_format_civil(line->created, ZONE_CHINA_MIN, out));
    TRY(buf_byte(out, ','));
    TRY(wall_format_civil(line->finished, ZONE_CHINA_MIN, out));
    TRY(buf_text(out, "," GUARD "," GUARD "," GUARD "," GUARD ","));
    return buf_text(out, ALIPAY_BUYER_ACCOUNT GUARD ",");
}

/* Columns 12 to 25. */
static enum err
put_amounts(const struct alipay_bill_line *line, struct buf *out)
{
    TRY(alipay_bill_put_amount(out, line->amount, ","));
    TRY(alipay_bill_put_amount(out, line->amount, ","));
    TRY(buf_text(out, "0.00,0.00,0.00,0.00,0.00,,0.00" GUARD ",0.00,"));
    TRY(line->refund ? alipay_bill_put_text(out, line->request_no) : buf_text(out, GUARD ","));
    TRY(alipay_bill_put_amount(out, line->fee, ",0.00,"));
    TRY(alipay_bill_put_text(out, line->remark));
    out->len--; /* the last field has no comma behind it */
    return buf_text(out, "\r\n");
}

static enum err
put_footer(const struct alipay_bill *bill, struct buf *out)
{
    struct totals totals;
    struct money paid;
    TRY(add_up(bill, &totals));
    TRY(money_add(totals.paid, bill->more_sum, &paid));
    TRY(buf_printf(out, "#交易合计：%lld笔，商家实收共",
                   (long long)(totals.payments + bill->more_count)));
    TRY(alipay_bill_put_amount(out, paid, "元，商家优惠共0.00元\r\n"));
    TRY(buf_printf(out, "#退款合计：%lld笔，商家实收退款共", (long long)totals.refunds));
    TRY(alipay_bill_put_amount(out, totals.refunded, "元，商家优惠退款共0.00元\r\n"));
    return alipay_bill_export_time(bill, out);
}

static enum err
detail_text(const struct alipay_bill *bill, struct buf *out)
{
    TRY(alipay_bill_head(bill, "支付宝业务明细查询", out));
    TRY(alipay_bill_marker(out, 41, "业务明细列表", 40));
    TRY(buf_text(out, header));
    TRY(buf_text(out, bill->last_column == NULL ? "备注" : bill->last_column));
    TRY(buf_text(out, "\r\n"));
    for (size_t i = 0; i < bill->count; i++) {
        TRY(put_identity(&bill->lines[i], out));
        TRY(put_amounts(&bill->lines[i], out));
    }
    TRY(alipay_bill_marker(out, 41, "业务明细列表结束", 36));
    return put_footer(bill, out);
}

static enum err
summary_text(const struct alipay_bill *bill, struct buf *out)
{
    struct totals totals;
    struct money amount;
    struct money net;
    TRY(add_up(bill, &totals));
    TRY(money_add(totals.paid, totals.refunded, &amount));
    TRY(money_add(amount, totals.fee, &net));
    TRY(alipay_bill_head(bill, "支付宝业务汇总查询", out));
    TRY(alipay_bill_marker(out, 41, "业务汇总列表", 40));
    TRY(buf_printf(out, "%s\r\n合计,,%lld,%lld,", summary_header, (long long)totals.payments,
                   (long long)totals.refunds));
    TRY(alipay_bill_put_amount(out, amount, ","));
    TRY(alipay_bill_put_amount(out, amount, ",0.00,0.00,0.00,"));
    TRY(alipay_bill_put_amount(out, totals.fee, ",0.00,"));
    TRY(alipay_bill_put_amount(out, net, "\r\n"));
    TRY(alipay_bill_marker(out, 40, "业务汇总列表结束", 37));
    return alipay_bill_export_time(bill, out);
}

/* One step over a character that GBK lacks. */
static enum err
step_over(char **at, size_t *left, struct buf *out)
{
    size_t bytes = 1;
    while (bytes < *left && ((unsigned char)(*at)[bytes] & 0xC0) == 0x80) {
        bytes++;
    }
    *at += bytes;
    *left -= bytes;
    return buf_byte(out, '?');
}

static enum err
convert(iconv_t gbk, struct span utf8, struct buf *out)
{
    DEFER(buf_fini) struct buf copy = BUF_MAX(2 * ALIPAY_BILL_MAX); /* iconv takes char ** */
    TRY(buf_append(&copy, utf8));
    char *at = (char *)copy.at;
    size_t left = copy.len;
    while (left > 0) {
        unsigned char *room;
        TRY(buf_reserve(out, left, &room)); /* GBK is never longer than UTF-8 */
        char *to = (char *)room;
        size_t to_left = left;
        size_t from_left = left;
        bool done = iconv(gbk, &at, &left, &to, &to_left) != (size_t)-1;
        buf_grew(out, from_left - to_left);
        if (!done) {
            if (errno != EILSEQ) {
                return ERR_ENCODING;
            }
            TRY(step_over(&at, &left, out));
        }
    }
    return ERR_OK;
}

enum err
alipay_bill_gbk(struct span utf8, struct buf *out)
{
    iconv_t gbk = iconv_open("GBK", "UTF-8");
    if (gbk == (iconv_t)-1) {
        return ERR_SYSTEM;
    }
    enum err err = convert(gbk, utf8, out);
    (void)iconv_close(gbk);
    return err;
}

enum err
alipay_bill_detail(const struct alipay_bill *bill, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(2 * ALIPAY_BILL_MAX);
    TRY(detail_text(bill, &text));
    return alipay_bill_gbk(buf_span(&text), out);
}

enum err
alipay_bill_summary(const struct alipay_bill *bill, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    TRY(summary_text(bill, &text));
    return alipay_bill_gbk(buf_span(&text), out);
}
