/* SPDX-License-Identifier: Apache-2.0 */
/* Random records, printed here as each provider's document says, come back from the readers as they were.
 * Seeded: the same seed makes the same files. */
#include "alipay.h"
#include "bill_play.h"

/* Each provider has a reader of its own under the same name, so their headers do not go together. */
extern const struct adapter_bill wechatpay_bills[];
extern const struct adapter_bill unionpay_bills[];

#define SEEDS       40
#define RECORDS_MAX 40
#define MIDNIGHT    INT64_C(1773072000) /* 2026-03-10 00:00:00 in China, in seconds since 1970 */
#define MERCHANT    "802310099990001"
#define AMOUNT_MAX  100000000

struct record {
    bool refund; /* of movements: an outgo */
    bool effective;
    int64_t fen;     /* unsigned */
    int64_t fee_fen; /* unsigned */
    int64_t balance_fen;
    int64_t second; /* of the day */
    unsigned long long number;
    const char *subject;
    const char *status;
};

static struct record records[RECORDS_MAX];
static size_t record_count;
static size_t records_seen;
static uint64_t state;
static struct buf text;

static uint64_t
next_random(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static void
start(void)
{
    play_start();
    buf_init(&text, PLAY_TEXT_MAX);
}

static void
finish(void)
{
    buf_fini(&text);
    play_finish();
}

TestSuite(bill_round_trip, .init = start, .fini = finish);

static void
draw(struct record *r, int64_t *balance)
{
    static const char *const subjects[] = { "CA证书", "电子签章 延期续费", "a\\ b\\\"c", "",
                                            "龘鎔" };
    static const char *const states[] = { "SUCCESS", "PROCESSING", "FAIL", "CHANGE" };
    *r = (struct record){
        .refund = next_random(3) == 0,
        .fen = (int64_t)next_random(4) == 0 ? 1 : (int64_t)next_random(AMOUNT_MAX) + 1,
        .second = (int64_t)next_random(86400),
        .number = next_random(UINT64_C(1000000000000)),
        .subject = subjects[next_random(COUNT(subjects))],
        .status = states[next_random(COUNT(states))],
    };
    r->fee_fen = r->fen * 6 / 1000;
    r->effective =
        !r->refund || strcmp(r->status, "SUCCESS") == 0 || strcmp(r->status, "PROCESSING") == 0;
    *balance += r->refund ? -r->fen : r->fen;
    r->balance_fen = *balance;
}

static void
draw_all(uint64_t seed)
{
    int64_t balance = (int64_t)AMOUNT_MAX * RECORDS_MAX;
    state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    record_count = next_random(RECORDS_MAX + 1);
    records_seen = 0;
    buf_reset(&text);
    for (size_t i = 0; i < record_count; i++) {
        draw(&records[i], &balance);
    }
}

/* Keeps only payments, or only refunds. */
static void
keep_only(bool refunds)
{
    size_t kept = 0;
    for (size_t i = 0; i < record_count; i++) {
        if (records[i].refund == refunds) {
            records[kept++] = records[i];
        }
    }
    record_count = kept;
}

struct sums {
    int64_t count[2]; /* payments, refunds */
    int64_t fen[2];
    int64_t fee[2];
};

static struct sums
sums_of(void)
{
    struct sums sums = { .count = { 0 } };
    for (size_t i = 0; i < record_count; i++) {
        size_t which = records[i].refund ? 1 : 0;
        sums.count[which]++;
        sums.fen[which] += records[i].fen;
        sums.fee[which] += records[i].fee_fen;
    }
    return sums;
}

#define YUAN(fen)     ((fen) < 0 ? "-" : ""), llabs(fen) / 100, llabs(fen) % 100
#define YUAN_FORM     "%s%lld.%02lld"
#define CLOCK(second) (int)((second) / 3600), (int)((second) / 60 % 60), (int)((second) % 60)
#define CLOCK_FORM    "%02d:%02d:%02d"
#define PUT(...)      CHECK_OK(buf_printf(&text, __VA_ARGS__))

static void
expect_number(struct span got, const char *letter, const struct record *r)
{
    char want[40];
    (void)snprintf(want, sizeof(want), "%s%012llu", letter, r->number);
    CHECK_TEXT(got, want);
}

/* context: whether the bill prints fees, states and subjects as the record has them. */
struct expectation {
    bool fees;
    bool refund_fees;
    bool states;
    bool flow;
};

static enum err
compare(void *context, const struct bill_line *line)
{
    const struct expectation *want = context;
    cr_assert_lt(records_seen, record_count);
    const struct record *r = &records[records_seen++];
    int64_t signed_fen = r->refund ? -r->fen : r->fen;
    enum bill_line_kind kind = r->refund ? BILL_LINE_REFUND : BILL_LINE_PAY;
    cr_expect_eq(line->kind, want->flow ? BILL_LINE_FLOW : kind);
    cr_expect_eq(line->face.minor, signed_fen);
    bool effective = !want->states || r->effective;
    cr_expect_eq(line->effective.minor, effective ? signed_fen : 0);
    int64_t fee = r->refund ? (want->refund_fees ? r->fee_fen : 0) : -r->fee_fen;
    cr_expect_eq(line->fee.minor, want->fees ? fee : 0);
    cr_expect_eq(line->at.us, (MIDNIGHT + r->second) * 1000000);
    cr_expect(!want->flow || line->balance_fen == r->balance_fen);
    expect_number(line->provider_trade_no, "4", r);
    expect_number(line->merchant_order_no, "P", r);
    if (!want->flow && r->refund) {
        expect_number(line->refund_no, "R", r);
    }
    return ERR_OK;
}

static void
read_back(const struct adapter_bill *bill, struct span bytes, const struct expectation *want)
{
    struct bill_file file;
    struct sums sums = sums_of();
    CHECK_OK(
        bill_file_read(bill, bytes, NULL, play_any_day, compare, (void *)(uintptr_t)want, &file));
    play_accepted(&file);
    cr_expect_eq(records_seen, record_count);
    const struct bill_totals *totals = &file.by_lines;
    if (want->flow) {
        cr_expect_eq(totals->in_fen, sums.fen[0]);
        cr_expect_eq(totals->out_fen, sums.fen[1]);
        cr_expect(record_count == 0
                  || totals->closing_fen == records[record_count - 1].balance_fen);
    } else {
        cr_expect_eq(totals->pay_count, sums.count[0]);
        cr_expect_eq(totals->refund_count, sums.count[1]);
        cr_expect_eq(totals->pay_fen, sums.fen[0]);
        cr_expect_eq(totals->refund_fen, -sums.fen[1]);
    }
}

static void
put_alipay_head(const char *what)
{
    PUT("#支付宝%s查询\r\n#账号：[20880000000000010156]\r\n"
        "#起始日期：[2026年03月10日 00:00:00]   终止日期：[2026年03月11日 00:00:00]\r\n"
        "#---------%s列表--------\r\n",
        what, what);
}

static struct span
alipay_archive(void)
{
    const struct play_member member = { "bill.csv", play_gb18030(buf_span(&text)) };
    return play_zip(&member, 1);
}

/* No fee is given back on refunds (6.3). */
Test(bill_round_trip, alipay_trades)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        draw_all(seed);
        put_alipay_head("业务明细");
        PUT("支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,订单金额（元）,商家实收（元）,"
            "退款批次号/请求号,服务费（元）,备注\r\n");
        for (size_t i = 0; i < record_count; i++) {
            const struct record *r = &records[i];
            int64_t fen = r->refund ? -r->fen : r->fen;
            PUT("4%012llu\t,P%012llu\t,%s\t,%s,2026-03-09 00:00:00,2026-03-10 " CLOCK_FORM
                "," YUAN_FORM "," YUAN_FORM ",",
                r->number, r->number, r->refund ? "退款" : "交易", r->subject, CLOCK(r->second),
                YUAN(fen), YUAN(fen));
            if (r->refund) {
                PUT("R%012llu,", r->number);
            } else {
                PUT("\t,");
            }
            PUT(YUAN_FORM ",\r\n", YUAN(r->refund ? INT64_C(0) : -r->fee_fen));
        }
        struct sums sums = sums_of();
        PUT("#---------业务明细列表结束--------\r\n#交易合计：%lld笔，商家实收共" YUAN_FORM
            "元，商家优惠共0.00元\r\n",
            (long long)sums.count[0], YUAN(sums.fen[0]));
        PUT("#退款合计：%lld笔，商家实收退款共" YUAN_FORM "元\r\n#导出时间：[x]\r\n",
            (long long)sums.count[1], YUAN(-sums.fen[1]));
        const struct expectation want = { .fees = true };
        read_back(play_kind(alipay_bills, "trade"), alipay_archive(), &want);
    }
}

Test(bill_round_trip, alipay_movements)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        draw_all(seed);
        put_alipay_head("账务明细");
        PUT("账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
            "账户余额（元）,交易渠道,业务类型,备注\r\n");
        for (size_t i = 0; i < record_count; i++) {
            const struct record *r = &records[i];
            PUT("%zu\t,4%012llu\t,P%012llu\t,%s\t,2026-03-10 " CLOCK_FORM ",x\t," YUAN_FORM
                "," YUAN_FORM "," YUAN_FORM ",支付宝,%s,\r\n",
                i, r->number, r->number, r->subject, CLOCK(r->second),
                YUAN(r->refund ? INT64_C(0) : r->fen), YUAN(r->refund ? -r->fen : INT64_C(0)),
                YUAN(r->balance_fen), r->refund ? "交易退款" : "在线支付");
        }
        struct sums sums = sums_of();
        PUT("#---------账务明细列表结束--------\r\n#支出合计：%lld笔，共" YUAN_FORM "元\r\n",
            (long long)sums.count[1], YUAN(-sums.fen[1]));
        PUT("#收入合计：%lld笔，共" YUAN_FORM "元\r\n#导出时间：[x]\r\n", (long long)sums.count[0],
            YUAN(sums.fen[0]));
        const struct expectation want = { .flow = true };
        read_back(play_kind(alipay_bills, "signcustomer"), alipay_archive(), &want);
    }
}

#define WECHAT_HEAD                                                                                                                          \
    "\xEF\xBB\xBF交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型," \
    "交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
#define WECHAT_REFUND "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
#define WECHAT_TAIL   "商品名称,商户数据包,手续费,费率,订单金额,"

static void
put_wechat_row(const struct record *r, bool has_refunds, bool refund_bill)
{
    int64_t paid = r->refund ? 0 : r->fen;
    int64_t asked = r->refund ? r->fen : 0;
    int64_t fee = r->refund ? -r->fee_fen : r->fee_fen;
    /* In the bill of refunds the first column is the payment's time, some other day. */
    PUT("`2026-03-%s " CLOCK_FORM
        ",`wx1,`1900000109,`0,`,`4%012llu,`P%012llu,`o,`NATIVE,`%s,`OTHERS,"
        "`CNY,`" YUAN_FORM ",`0.00",
        refund_bill ? "01" : "10", CLOCK(r->second), r->number, r->number,
        r->refund ? "REFUND" : "SUCCESS", YUAN(paid));
    if (refund_bill) {
        PUT(",`2026-03-10 " CLOCK_FORM ",`", CLOCK(r->second));
    }
    if (has_refunds && r->refund) {
        PUT(",`5%012llu,`R%012llu,`" YUAN_FORM ",`0.00,`ORIGINAL,`%s", r->number, r->number,
            YUAN(asked), r->status);
    } else if (has_refunds) {
        PUT(",`0,`0,`0.00,`0.00,`,`");
    }
    PUT(",`%s,`,`" YUAN_FORM "000,`0.60%%,`" YUAN_FORM, r->subject, YUAN(fee), YUAN(paid));
    if (has_refunds) {
        PUT(",`" YUAN_FORM, YUAN(asked));
    }
    PUT(",`\r\n");
}

static void
put_wechat(bool has_refunds, bool refund_bill)
{
    PUT(WECHAT_HEAD "%s%s" WECHAT_TAIL "%s费率备注\r\n",
        refund_bill ? "退款申请时间,退款成功时间," : "", has_refunds ? WECHAT_REFUND : "",
        has_refunds ? "申请退款金额," : "");
    for (size_t i = 0; i < record_count; i++) {
        put_wechat_row(&records[i], has_refunds, refund_bill);
    }
    struct sums sums = sums_of();
    PUT("总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"
        "`%zu.0,`" YUAN_FORM ",`" YUAN_FORM ",`0.0,",
        record_count, YUAN(sums.fen[0]), YUAN(sums.fen[1]));
    PUT("`" YUAN_FORM "000,`" YUAN_FORM ",`" YUAN_FORM "\r\n", YUAN(sums.fee[0] - sums.fee[1]),
        YUAN(sums.fen[0]), YUAN(sums.fen[1]));
}

static void
read_wechat(const char *kind)
{
    const struct expectation want = { .fees = true, .refund_fees = true, .states = true };
    read_back(play_kind(wechatpay_bills, kind), buf_span(&text), &want);
    records_seen = 0;
    read_back(play_kind(wechatpay_bills, "trade"), play_deflate(buf_span(&text), true), &want);
}

Test(bill_round_trip, wechatpay_trades)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        draw_all(seed);
        put_wechat(true, false);
        read_wechat("all");
        draw_all(seed);
        keep_only(false);
        put_wechat(false, false);
        read_wechat("success");
        draw_all(seed);
        keep_only(true);
        put_wechat(true, true);
        read_wechat("refund");
    }
}

Test(bill_round_trip, wechatpay_movements)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        draw_all(seed);
        PUT("记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
            "资金变更提交申请人,备注,业务凭证号\r\n");
        for (size_t i = 0; i < record_count; i++) {
            const struct record *r = &records[i];
            PUT("`2026-03-10 " CLOCK_FORM ",`4%012llu,`%zu,`%s,`交易,`%s,`" YUAN_FORM ",`" YUAN_FORM
                ",`system,`,`P%012llu\r\n",
                CLOCK(r->second), r->number, i, r->subject, r->refund ? "支出" : "收入",
                YUAN(r->fen), YUAN(r->balance_fen), r->number);
        }
        struct sums sums = sums_of();
        PUT("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n`%zu,`%lld,`" YUAN_FORM
            ",`%lld,`" YUAN_FORM "\r\n",
            record_count, (long long)sums.count[0], YUAN(sums.fen[0]), (long long)sums.count[1],
            YUAN(sums.fen[1]));
        const struct expectation want = { .flow = true };
        read_back(play_kind(wechatpay_bills, "fundflow"), buf_span(&text), &want);
    }
}

/* `bytes` put at a place of a row of blanks. */
static void
put_at(unsigned char *row, size_t at, struct span bytes)
{
    if (bytes.len > 0) {
        memcpy(row + at, bytes.at, bytes.len);
    }
}

static struct span
signed_amount(int64_t fen)
{
    return play_print("%c%012lld", fen < 0 ? 'D' : fen > 0 ? 'C' : ' ', llabs(fen));
}

static void
put_zm_row(const struct record *r)
{
    unsigned char row[607];
    memset(row, ' ', sizeof(row));
    int64_t fee = r->refund ? 0 : -r->fee_fen;
    put_at(row, 0, SPAN_LIT("S56"));
    put_at(row, 35, play_print("0310%02d%02d%02d", CLOCK(r->second)));
    put_at(row, 66, play_print("%012lld", (long long)r->fen));
    put_at(row, r->refund ? 271 : 87, play_print("4%012llu", r->number));
    put_at(row, 112, play_print("%s%012llu", r->refund ? "R" : "P", r->number));
    put_at(row, 166, signed_amount(fee));
    put_at(row, 180, signed_amount(r->refund ? -r->fen : r->fen + fee));
    put_at(row, 215, r->refund ? SPAN_LIT("04") : SPAN_LIT("01"));
    put_at(row, 293, SPAN_LIT(MERCHANT));
    put_at(row, 327, span_sub(play_gb18030(span_of(r->subject)), 0, 32));
    if (r->refund) {
        put_at(row, 476, play_print("P%012llu", r->number));
    }
    CHECK_OK(buf_append(&text, span_make(row, sizeof(row))));
    CHECK_OK(buf_text(&text, "\r\n"));
}

/* The report of the same rows, made of sums and not of them. */
static struct span
report_of(const struct sums *sums)
{
    int64_t settled = sums->fen[0] - sums->fee[0] - sums->fen[1];
    return play_gb18030(play_print("商户清算报表\r\n笔数  交易金额  手续费  清算金额\r\n"
                                   "合计 %zu " YUAN_FORM " " YUAN_FORM " " YUAN_FORM "\r\n",
                                   record_count, YUAN(sums->fen[0] - sums->fen[1]),
                                   YUAN(sums->fee[0]), YUAN(settled)));
}

Test(bill_round_trip, unionpay_settlement)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        draw_all(seed);
        for (size_t i = 0; i < record_count; i++) {
            put_zm_row(&records[i]);
        }
        struct sums sums = sums_of();
        const struct play_member members[] = {
            { "INN26031088ZM_" MERCHANT, buf_span(&text) },
            { "RD201026031001_" MERCHANT, report_of(&sums) },
        };
        struct span zip = play_zip(members, 2);
        const struct expectation want = { .fees = true };
        read_back(play_kind(unionpay_bills, "settlement"), zip, &want);
        records_seen = 0;
        read_back(play_kind(unionpay_bills, "settlement"), play_base64(play_deflate(zip, false)),
                  &want);
    }
}

#define KINDS_MAX 6

/* A summary of random rows: sums of rows on the last one. */
Test(bill_round_trip, alipay_summary_of_movements)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        draw_all(seed);
        size_t kinds = record_count < KINDS_MAX ? record_count : KINDS_MAX;
        int64_t in = 0;
        int64_t out = 0;
        put_alipay_head("账务汇总");
        PUT("类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）\r\n");
        for (size_t i = 0; i < kinds; i++) {
            PUT("类%zu,%zu," YUAN_FORM ",%zu," YUAN_FORM "," YUAN_FORM "\r\n", i, i,
                YUAN(records[i].fen), i + 1, YUAN(-records[i].fee_fen),
                YUAN(records[i].fen - records[i].fee_fen));
            in += records[i].fen;
            out += records[i].fee_fen;
        }
        PUT("合计,%zu," YUAN_FORM ",%zu," YUAN_FORM "," YUAN_FORM "\r\n",
            kinds * (kinds - (kinds > 0)) / 2, YUAN(in), kinds * (kinds + 1) / 2, YUAN(-out),
            YUAN(in - out));
        PUT("#-----账务汇总列表结束-----\r\n#导出时间：[x]\r\n");
        struct bill_file file =
            play_read(play_kind(alipay_bills, "signcustomer-summary"), alipay_archive());
        play_accepted(&file);
        cr_expect_eq(file.rows, (int64_t)kinds);
        cr_expect_eq(file.by_lines.in_fen, in);
        cr_expect_eq(file.by_lines.out_fen, out);
    }
}

/* One row for each store; the amounts of a store are what this bill prints for it. */
Test(bill_round_trip, alipay_summary_of_trades)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        draw_all(seed);
        size_t stores = record_count < KINDS_MAX ? record_count : KINDS_MAX;
        struct sums sums = { .count = { 7, 3 }, .fen = { 12345 }, .fee = { 67 } };
        put_alipay_head("业务汇总");
        PUT("门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,服务费（元）\r\n");
        for (size_t i = 0; i < stores; i++) {
            const struct record *r = &records[i];
            sums = i == 0 ? (struct sums){ .count = { 0 } } : sums;
            PUT("%zu\t,%s\t,%zu,%zu," YUAN_FORM "," YUAN_FORM "," YUAN_FORM "\r\n", i, r->subject,
                i + 2, i, YUAN(r->fen), YUAN(r->fen), YUAN(-r->fee_fen));
            sums.count[0] += (int64_t)i + 2;
            sums.count[1] += (int64_t)i;
            sums.fen[0] += r->fen;
            sums.fee[0] += r->fee_fen;
        }
        PUT("合计,,%lld,%lld,0.00," YUAN_FORM "," YUAN_FORM "\r\n", (long long)sums.count[0],
            (long long)sums.count[1], YUAN(sums.fen[0]), YUAN(-sums.fee[0]));
        PUT("#-----业务汇总列表结束-----\r\n#导出时间：[x]\r\n");
        struct bill_file file =
            play_read(play_kind(alipay_bills, "trade-summary"), alipay_archive());
        play_accepted(&file);
        cr_expect_eq(file.rows, (int64_t)stores);
        cr_expect_eq(file.by_lines.pay_count, sums.count[0]);
        cr_expect_eq(file.by_lines.refund_count, sums.count[1]);
        cr_expect_eq(file.by_lines.pay_fen, sums.fen[0]);
        cr_expect_eq(file.by_lines.fee_fen, -sums.fee[0]);
    }
}
