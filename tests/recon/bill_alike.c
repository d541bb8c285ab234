/* SPDX-License-Identifier: Apache-2.0 */
/* A row says the same whatever rows stand before it: each row of bills whose rows are mostly alike, beside the same row read
 * alone. */
#include "bill_play.h"
#include "seed.h"
#include "wechatpay_bill.h"

#define BILLS      150
#define ROWS       120
#define ROW_MAX    2048
#define SAME_ROWS  12 /* at first */
#define FIELDS_MAX 32
#define SAID_MAX   4096

TestSuite(bill_alike, .init = play_start, .fini = play_finish);

/* The header of a bill, and one row of it cut at its commas, in another order of columns. */
struct form {
    struct span header;
    struct span fields[FIELDS_MAX];
    bool own[FIELDS_MAX]; /* each row has another one */
    size_t width;
};

static size_t
cut(struct span line, struct span fields[FIELDS_MAX])
{
    size_t width = 0;
    for (bool more = true; more; width++) {
        cr_assert_lt(width, FIELDS_MAX);
        more = span_cut(&line, ',', &fields[width]);
    }
    return width;
}

static bool
is_own(struct span name)
{
    static const char *const names[] = { "微信订单号", "商户订单号", "用户标识", "商品名称",
                                         "商户数据包", "特约商户号", "设备号",   "代金券金额" };
    for (size_t i = 0; i < COUNT(names); i++) {
        if (span_eq_cstr(name, names[i])) {
            return true;
        }
    }
    return false;
}

static void
form_of(const char *path, size_t row, uint64_t *state, struct form *out)
{
    struct span names[FIELDS_MAX];
    struct span values[FIELDS_MAX];
    struct span line = { 0 };
    struct span rest = play_file(path);
    rest = span_sub(rest, strlen("\xEF\xBB\xBF"), rest.len);
    DEFER(buf_fini) struct buf header = BUF_MAX(ROW_MAX);
    cr_assert(span_cut(&rest, '\n', &line));
    *out = (struct form){ .width = cut(span_trim(line, "\r"), names) };
    for (size_t i = 0; i <= row; i++) {
        cr_assert(span_cut(&rest, '\n', &line));
    }
    cr_assert_eq(cut(span_trim(line, "\r"), values), out->width);
    size_t order[FIELDS_MAX];
    for (size_t i = 0; i < out->width; i++) {
        size_t k = next(state) % (i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    for (size_t i = 0; i < out->width; i++) {
        out->fields[i] = values[order[i]];
        out->own[i] = is_own(names[order[i]]);
        CHECK_OK(buf_printf(&header, "%s%.*s", i == 0 ? "" : ",", SPAN_ARG(names[order[i]])));
    }
    out->header = play_keep(buf_span(&header));
}

/* A value of the column with another in its place: what columns of bills say, and what none should. */
static const char *
other_value(uint64_t *state)
{
    static const char *const values[] = {
        "`",
        "`0",
        "`0.00",
        "`128.00",
        "`66.00",
        "`-1.00",
        "`1.234",
        "`SUCCESS",
        "`REFUND",
        "`REVOKED",
        "`USD",
        "`CNYX",
        "`JSAPI",
        "`NATIVE ",
        "`CMB_DEBIT",
        "`OTHERS",
        "`0.60%",
        "`0.6%",
        "`PROCESSING",
        "`ORIGINAL",
        "`a,b",
        "`1.2E+27",
        "`1900000109",
        "`1900000108",
        "``",
        "`remark",
        "`2026-03-11 00:00:00",
        "`2026-03-10 23:59:59",
        "",
        "`50302002602026031000000000002",
    };
    static const char *const telling[] = { "`0.01", "`CMB_DEBIT",
                                           "`1.2E+27" }; /* in most columns */
    return chance(state, 50) ? telling[next(state) % COUNT(telling)]
                             : values[next(state) % COUNT(values)];
}

/* Most rows differ in their numbers alone, the first ones all. */
static void
put_row(const struct form *form, bool calm, uint64_t *state, struct buf *out)
{
    size_t odd = !calm && chance(state, 60) ? next(state) % form->width : form->width;
    size_t width = !calm && chance(state, 2) ? form->width - 1 : form->width;
    for (size_t i = 0; i < width; i++) {
        CHECK_OK(buf_text(out, i == 0 ? "" : ","));
        CHECK_OK(buf_append(out, i == odd ? span_of(other_value(state)) : form->fields[i]));
        CHECK_OK(form->own[i] ? buf_printf(out, "%u", (unsigned)(next(state) % 1000)) : ERR_OK);
    }
    CHECK_OK(buf_text(out, calm || chance(state, 98) ? "" : chance(state, 50) ? ",`" : "0"));
}

/* What the reader makes of a line; true when it is one of money. */
static bool
say(struct bill_reader *reader, struct span line, size_t number, struct buf *out)
{
    enum bill_step step = BILL_STEP_NOTHING;
    struct bill_line got;
    struct bill_fault fault = { .finding = FINDING_NONE };
    memset(&got, 0xAA, sizeof(got));
    buf_reset(out);
    CHECK_OK(wechatpay_bills[0].reader_line(reader, line, number, true, &step, &got, &fault));
    if (step != BILL_STEP_LINE) {
        CHECK_OK(buf_printf(out, "%d %d %zu %s", (int)step, (int)fault.finding, fault.number,
                            fault.detail));
        return false;
    }
    CHECK_OK(buf_printf(out, "%zu %d|%.*s|%.*s|%.*s|%.*s|", got.number, (int)got.kind,
                        SPAN_ARG(got.provider_trade_no), SPAN_ARG(got.merchant_order_no),
                        SPAN_ARG(got.refund_no), SPAN_ARG(got.subject)));
    CHECK_OK(buf_printf(out, "%lld|%lld|%lld|%lld|%lld|%lld|%lld|",
                        (long long)got.order_amount.minor, (long long)got.face.minor,
                        (long long)got.effective.minor, (long long)got.fee.minor,
                        (long long)got.coupon_fen, (long long)got.rate_ppm, (long long)got.at.us));
    CHECK_OK(buf_printf(out, "%d%d%d%d%d|%d|%d|%.*s|%.*s|%.*s|%d|%lld|%.*s", got.promoted,
                        got.other_currency, got.dispute, got.other_route, got.pending,
                        (int)got.card, (int)got.method, SPAN_ARG(got.application),
                        SPAN_ARG(got.merchant), SPAN_ARG(got.status), (int)got.flow,
                        (long long)got.balance_fen, SPAN_ARG(got.raw)));
    return true;
}

static struct bill_reader *
reader_of(const struct form *form, struct buf *said)
{
    struct bill_reader *reader = NULL;
    const struct adapter_account account = { .merchant = "1900000109" };
    CHECK_OK(wechatpay_bills[0].reader_new(&account, (struct day){ 2026, 3, 10 }, &reader));
    (void)say(reader, form->header, 1, said);
    return reader;
}

static void
drop_reader(struct bill_reader **reader)
{
    wechatpay_bills[0].reader_free(reader);
}

/* Lines of their own bytes, which are gone when the next is read. */
static size_t
check_bill(const struct form *form, uint64_t *state)
{
    size_t lines = 0;
    DEFER(buf_fini) struct buf said = BUF_MAX(SAID_MAX);
    DEFER(buf_fini) struct buf alone = BUF_MAX(SAID_MAX);
    DEFER(drop_reader) struct bill_reader *reader = reader_of(form, &said);
    for (size_t number = 2; number < ROWS + 2; number++) {
        DEFER(buf_fini) struct buf row = BUF_MAX(ROW_MAX);
        DEFER(drop_reader) struct bill_reader *fresh = reader_of(form, &alone);
        put_row(form, number < SAME_ROWS, state, &row);
        bool line = say(reader, buf_span(&row), number, &said);
        cr_assert_eq(say(fresh, buf_span(&row), number, &alone), line);
        cr_assert(span_eq(buf_span(&said), buf_span(&alone)), "%.*s:\n%.*s\nalone\n%.*s",
                  SPAN_ARG(buf_span(&row)), SPAN_ARG(buf_span(&said)), SPAN_ARG(buf_span(&alone)));
        lines += line ? 1 : 0;
    }
    return lines;
}

Test(bill_alike, a_row_says_the_same_whatever_rows_stand_before_it)
{
    static const struct {
        const char *path;
        size_t row;
    } forms[] = {
        { "wechatpay/bills/constructed-all-2026-03-10.csv", 0 },
        { "wechatpay/bills/constructed-all-2026-03-10.csv", 2 },
        { "wechatpay/bills/constructed-success-2026-03-10.csv", 0 },
        { "wechatpay/bills/constructed-refund-2026-03-10.csv", 0 },
    };
    uint64_t state = seed_start(61);
    size_t lines = 0;
    for (int i = 0; i < BILLS; i++) {
        struct form form;
        size_t which = next(&state) % COUNT(forms);
        form_of(forms[which].path, forms[which].row, &state, &form);
        lines += check_bill(&form, &state);
    }
    cr_assert(lines > BILLS * ROWS / 3 && lines < BILLS * (ROWS - 3), "%zu", lines);
}
