/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of a run as CSV files, against files written here by hand; what does not read is named by file, record and column. */
#include "pack.h"

#include <string.h>

#include "check.h"
#include "fee_contract.h"
#include "pack_day.h"
#include "recon.h"

static struct arena *arena;
static struct pack_place where;

static void
open_arena(void)
{
    CHECK_OK(arena_new((size_t)64 * 1024 * 1024, &arena));
}

static void
close_arena(void)
{
    arena_free(&arena);
}

TestSuite(pack, .init = open_arena, .fini = close_arena);

#define BOOKS_HEAD                                                                 \
    "attempt_no,provider_trade_no,owner,order_no,state,amount_fen,method,paid_at," \
    "created_at,counted,carried_in,denied\r\n"
#define BOOKS_ROWS                                                                                        \
    "261123007000000001101,T1,portal,A-1,paid,28000,qr,2026-11-23T04:00:00.123456Z,"                      \
    "2026-11-23T03:59:00.000001Z,true,false,false\r\n"                                                    \
    "261123007000000002901,,portal,\"A 2,\"\"x\"\"\",created,-1,page,,2026-11-23T05:00:00.000000Z,false," \
    "false,true\r\n"

/* date -u -d 2026-11-23T04:00:00Z +%s */
#define NOON_US (INT64_C(1795406400) * 1000000)

static const struct recon_member members[] = {
    { .attempt_no = SPAN("261123007000000001101"),
      .provider_trade_no = SPAN("T1"),
      .owner = SPAN("portal"),
      .order_no = SPAN("A-1"),
      .state = ATTEMPT_PAID,
      .amount_fen = 28000,
      .method = ADAPTER_QR,
      .paid_at = { NOON_US + 123456 },
      .created_at = { NOON_US - 59999999 },
      .counted = true },
    { .attempt_no = SPAN("261123007000000002901"),
      .owner = SPAN("portal"),
      .order_no = SPAN("A 2,\"x\""),
      .state = ATTEMPT_CREATED,
      .amount_fen = -1,
      .method = ADAPTER_PAGE,
      .created_at = { NOON_US + INT64_C(3600000000) },
      .denied = true },
};

static enum err
read_list(enum pack_list list, const char *text, void **rows, size_t *count)
{
    return pack_list_read(list, span_of(text), arena, rows, count, &where);
}

Test(pack, books_are_written_as_documented)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    CHECK_OK(pack_list_write(PACK_BOOKS, members, 2, &text));
    CHECK_TEXT(buf_span(&text), BOOKS_HEAD BOOKS_ROWS);
}

Test(pack, books_are_read_as_they_were)
{
    void *rows = NULL;
    size_t count = 0;
    CHECK_OK(read_list(PACK_BOOKS, BOOKS_HEAD BOOKS_ROWS, &rows, &count));
    cr_assert_eq(count, 2);
    const struct recon_member *got = rows;
    for (size_t i = 0; i < 2; i++) {
        cr_expect(span_eq(got[i].attempt_no, members[i].attempt_no));
        cr_expect(span_eq(got[i].provider_trade_no, members[i].provider_trade_no));
        cr_expect(span_eq(got[i].order_no, members[i].order_no));
        cr_expect_eq(got[i].state, members[i].state);
        cr_expect_eq(got[i].amount_fen, members[i].amount_fen);
        cr_expect_eq(got[i].method, members[i].method);
        cr_expect_eq(got[i].paid_at.us, members[i].paid_at.us);
        cr_expect_eq(got[i].created_at.us, members[i].created_at.us);
        cr_expect_eq(got[i].counted, members[i].counted);
        cr_expect_eq(got[i].denied, members[i].denied);
    }
}

/* One row of each other list, every cell of it said. */
static const char *const whole[PACK_EVERY_COUNT] = {
    [PACK_BOOKS] = BOOKS_HEAD BOOKS_ROWS,
    [PACK_REFUNDS] =
        "refund_no,attempt_no,owner,order_no,state,amount_fen,approved,sent_at,taken_at,counted,carried_in\r\n"
        "R1,N1,portal,A-1,succeeded,100,true,2026-11-23T04:00:00.000000Z,2026-11-23T04:00:01.000000Z,true,true\r\n",
    [PACK_ORDERS] =
        "owner,order_no,unit_name,status,stage,kind,amount_fen,unit_fee_fen,quantity,issued_quantity,title,tax_no,"
        "invoice_kind,said_kind,said_quantity,said_unit_fee_fen,said_amount_fen,said_refunded_fen,like_paid,"
        "invoiced_fen\r\n"
        "portal,A-1,甲公司,issued,paid,new,28000,14000,2,2,\"甲\r\n公司\",91X,special,change,1,2,3,4,true,28000\r\n",
    [PACK_PAYMENTS] =
        "owner,order_no,attempt_no,account,provider,amount_fen,refunded_fen,refund_open,paid_at\r\n"
        "portal,A-1,N1,main,alipay,28000,100,true,2026-11-23T04:00:00.000000Z\r\n",
    [PACK_INVOICES] =
        "owner,invoice_id,order_no,status,red,net_fen,tax_fen,total_fen,title,tax_no,asked_at,issued_at,kind,merged,"
        "reported_under,share_fen,red_reason,confirmation,confirmation_asked_at\r\n"
        "portal,I1,A-1,issued,true,-2,-1,-3,甲,91X,2026-11-23T04:00:00.000000Z,2026-11-23T04:00:01.000000Z,ordinary,"
        "true,A-0,-3,allowance,buyer_to_confirm,2026-11-23T04:00:02.000000Z\r\n",
    [PACK_MANUALS] =
        "owner,order_no,number,out,confirmed,self,attached,amount_fen,deposit_fen,received_on,recorded_on,decided_on,"
        "voucher,payer_name\r\n"
        "portal,A-1,1,true,true,true,true,28000,27999,2026-11-22,2026-11-23,2026-11-24,V1,甲\r\n",
    [PACK_INVOICE_ITEMS] =
        "owner,invoice_id,reported_under,number,name,quantity,taxed,rate_ppm,net_fen,tax_fen,total_fen\r\n"
        "portal,I1,A-0,1,数字证书,1.5,by_rate,60000,-2,-1,-3\r\n",
    [PACK_EARLY] =
        "number,refund,provider_trade_no,merchant_order_no,refund_no,fen,at,pending,raw\r\n"
        "7,true,T1,N1,N1R01,-100,2026-11-22T15:59:59.000000Z,true,\"`a,`\"\"b\"\"\"\r\n",
    [PACK_PAYOUTS] = "reference,day,fen,banked_fen,moved,moved_fen,returned\r\n"
                     "W1,2026-11-22,10000,-5,true,9995,true\r\n",
    [PACK_DEPOSITS] =
        "deposit_no,day,fen,fee_fen,returned,transfer,references,carried_in,sha256\r\n"
        "B1,2026-11-23,9990,10,true,true,\"W1 W2\",true,00ab\r\n",
    [PACK_TRANSFERS] = "voucher,fen\r\nB2,28000\r\n",
};

Test(pack, what_is_read_of_any_list_is_written_the_same)
{
    for (int i = 0; i < PACK_EVERY_COUNT; i++) {
        void *rows = NULL;
        size_t count = 0;
        DEFER(buf_fini) struct buf text = BUF_MAX(65536);
        CHECK_OK(read_list((enum pack_list)i, whole[i], &rows, &count));
        cr_expect_geq(count, 1);
        CHECK_OK(pack_list_write((enum pack_list)i, rows, count, &text));
        CHECK_TEXT(buf_span(&text), whole[i]);
    }
}

static void
expect_place(const char *text, enum err want, int64_t record, const char *column)
{
    void *rows = NULL;
    size_t count = 0;
    CHECK_ERR(read_list(PACK_BOOKS, text, &rows, &count), want);
    cr_expect_str_eq(where.file, "books.csv");
    cr_expect_eq(where.record, record, "%lld", (long long)where.record);
    cr_expect_str_eq(where.column, column);
}

Test(pack, a_cell_that_is_none_is_named_by_record_and_column)
{
    expect_place(BOOKS_HEAD BOOKS_ROWS "1,,o,1,paid,1.5,qr,,,true,true,true\r\n", ERR_NUMBER, 4,
                 "amount_fen");
    expect_place(BOOKS_HEAD "1,,o,1,paid,15,qr,soon,,true,true,true\r\n", ERR_TIME, 2, "paid_at");
    expect_place(BOOKS_HEAD "1,,o,1,paid,15,qr,,,maybe,true,true\r\n", ERR_FIELD_VALUE, 2,
                 "counted");
    expect_place(BOOKS_HEAD "1,,o,1,paid,15,cash,,,true,true,true\r\n", ERR_METHOD_UNKNOWN, 2,
                 "method");
    expect_place(BOOKS_HEAD "1,,o,\xFF,paid,15,qr,,,true,true,true\r\n", ERR_ENCODING, 2,
                 "order_no");
}

Test(pack, a_record_of_other_cells_and_quotes_that_do_not_fit_are_named_by_record)
{
    expect_place(BOOKS_HEAD BOOKS_ROWS "1,2\r\n", ERR_IMPORT_CELLS, 4, "");
    expect_place(BOOKS_HEAD "1,\"2\r\n", ERR_IMPORT_CSV, 2, "");
}

Test(pack, other_columns_are_refused_by_name)
{
    expect_place("attempt_no,provider,owner\r\n", ERR_IMPORT_HEADER, 1, "provider_trade_no");
    expect_place("", ERR_IMPORT_HEADER, 0, "");
}

/* An account with two contracts, of which one has no end. */
static struct adapter_account account = {
    .name = "main",
    .merchant = "190",
    .application = "wx1",
    .other_numbers = "X Y",
    .other_applications = "",
    .fee_rate_ppm = 6000,
    .fees = { { FEE_CARD_DEBIT, { 2026, 1, 1 }, { 2026, 6, 30 }, 5000, 2000, FEE_ROUND_DOWN },
              { FEE_CARD_ANY, { 2026, 7, 1 }, { 0 }, 6000, 0, FEE_ROUND_HALF_UP } },
    .fee_count = 2,
    .fee_rounding_monthly_max = { .minor = 100 },
};

Test(pack, the_day_is_read_as_it_was_written)
{
    static const struct recon_tariff tariffs[] = { { SPAN("new"), 14000 }, { SPAN("change"), 0 } };
    static const struct trend_day trend[] = {
        { .day = { 2026, 11, 1 },
          .version = 2,
          .sheet = { .matched = { 1, 2 }, .delta_short = { 3, -4 } } },
        { .day = { 2026, 11, 22 }, .version = 1, .sheet = { .fee = { 5, -6 } } },
    };
    struct pack_day day = {
        .rules = 9,
        .form = 1,
        .trend = trend,
        .trend_count = 2,
        .version = 3,
        .closed_days = SPAN("2026-11-20 2026-11-22"),
        .late_bills = SPAN("2026-11-20 ab,2026-11-22 cd"),
        .rounded_fen = 4,
        .before_known = true,
        .before_fen = -5,
        .edited = true,
        .forms = { .list = { { SPAN("trade"), SPAN("a,b"), SPAN("a,c"), true },
                             { SPAN("trade"), SPAN("d"), SPAN("e"), false } },
                   .count = 2 },
        .bill_sha256 = SPAN("ab"),
        .input_hash = SPAN("01"),
        .result_hash = SPAN("02"),
    };
    struct pack_day got;
    const char *member = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    DEFER(buf_fini) struct buf again = BUF_MAX(65536);
    account.adapter = adapter_find(SPAN_LIT("wechatpay"));
    day.request = (struct recon_request){ .account = &account,
                                          .kind = SPAN_LIT("trade"),
                                          .day = { 2026, 11, 23 },
                                          .as_of = { NOON_US + 1 },
                                          .program = "0.1",
                                          .tariffs = tariffs,
                                          .tariff_count = 2,
                                          .manual_backdate_days = 7 };
    for (int i = 0; i < PACK_LIST_COUNT; i++) {
        day.list_sha256[i] = SPAN_LIT("cd");
    }
    CHECK_OK(pack_day_write(&day, &text));
    CHECK_OK(pack_day_read(buf_span(&text), arena, &got, &member));
    cr_expect_eq(got.request.as_of.us, NOON_US + 1);
    cr_expect_eq(got.form, 1);
    cr_expect_eq(got.before_fen, -5);
    cr_expect(got.edited);
    cr_assert_eq(got.forms.count, 1, "of those that a bill had");
    CHECK_TEXT(got.forms.list[0].read_as, "a,c");
    cr_expect(span_empty(got.flow_sha256));
    cr_expect(span_eq_cstr(got.closed_days, "2026-11-20 2026-11-22"));
    cr_expect(span_eq_cstr(got.late_bills, "2026-11-20 ab,2026-11-22 cd"));
    cr_assert_eq(got.trend_count, 2);
    cr_expect_eq(got.trend[0].sheet.delta_short.fen, -4);
    cr_expect_eq(got.trend[1].day.mday, 22);
    cr_assert_eq(got.request.account->fee_count, 2);
    cr_expect_eq(got.request.account->fees[0].cap_fen, 2000);
    cr_expect_eq(got.request.account->fees[0].until.month, 6);
    cr_expect_eq(got.request.account->fees[1].until.year, 0);
    cr_expect_eq(got.request.tariffs[0].unit_fee_fen, 14000);
    got.forms.list[0].used = true;
    CHECK_OK(pack_day_write(&got, &again));
    cr_expect(span_eq(buf_span(&again), buf_span(&text)));
}

/* No more than a run of settlement takes is told of it. */
Test(pack, a_day_of_settlement_has_its_own_members_and_lists)
{
    static const char *const strangers[] = { "fees", "tariffs", "bill_sha256", "books.csv",
                                             "matched_fen" };
    static const struct trend_day before = { .day = { 2026, 11, 22 },
                                             .version = 4,
                                             .sheet = { .matched = { 7, 8 } },
                                             .settlement = { .paid = { 1, 2 },
                                                             .lines = { 3, -4 },
                                                             .closing = { 5, 6 },
                                                             .loose_out = { 7, 8 },
                                                             .fee = { 9, 10 } } };
    static struct adapter_account one = { .name = "main", .settle_days = 3 };
    struct pack_day day = {
        .rules = 14, .version = 2, .input_hash = SPAN("01"), .trend = &before, .trend_count = 1
    };
    struct pack_day got;
    const char *member = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    DEFER(buf_fini) struct buf again = BUF_MAX(65536);
    one.adapter = adapter_find(SPAN_LIT("alipay"));
    day.request = (struct recon_request){ .account = &one,
                                          .kind = SPAN_LIT(RECON_SETTLEMENT),
                                          .day = { 2026, 11, 23 },
                                          .as_of = { NOON_US },
                                          .program = "0.1" };
    day.list_sha256[PACK_PAYOUTS] = SPAN_LIT("aa");
    day.list_sha256[PACK_TRANSFERS] = SPAN_LIT("bb");
    CHECK_OK(pack_day_write(&day, &text));
    struct span written = buf_span(&text);
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        cr_expect_eq(span_find(written, span_of(strangers[i])), written.len, "%s", strangers[i]);
    }
    CHECK_OK(pack_day_read(written, arena, &got, &member));
    cr_expect_eq(got.request.account->settle_days, 3);
    cr_assert_eq(got.trend_count, 1);
    cr_expect_eq(got.trend[0].day.mday, 22);
    cr_expect_eq(got.trend[0].version, 4);
    cr_expect_eq(got.trend[0].settlement.paid.count, 1);
    cr_expect_eq(got.trend[0].settlement.lines.fen, -4);
    cr_expect_eq(got.trend[0].settlement.closing.fen, 6);
    cr_expect_eq(got.trend[0].settlement.loose_out.count, 7);
    cr_expect_eq(got.trend[0].settlement.fee.fen, 10);
    cr_expect_eq(got.trend[0].sheet.matched.count, 0, "that is no cell of settlement");
    cr_expect_eq(got.request.day.mday, 23);
    cr_expect_eq(got.version, 2);
    CHECK_TEXT(got.list_sha256[PACK_PAYOUTS], "aa");
    CHECK_TEXT(got.list_sha256[PACK_TRANSFERS], "bb");
    cr_expect(span_empty(got.list_sha256[PACK_BOOKS]));
    CHECK_OK(pack_day_write(&got, &again));
    cr_expect(span_eq(buf_span(&again), written));
    size_t at = span_find(written, SPAN_LIT("settle_days"));
    text.at[at] = 'S';
    CHECK_ERR(pack_day_read(written, arena, &got, &member), ERR_FIELD_MISSING);
    cr_expect_str_eq(member, "settle_days");
}

/* A file of before it was kept has none: that is the first form. */
Test(pack, the_form_of_the_papers_may_be_absent_and_is_a_number_from_0)
{
    static const struct {
        const char *text;
        enum err wanted;
        int64_t form;
    } cases[] = {
        { "{}", ERR_OK, 0 },
        { "{\"form\":0}", ERR_OK, 0 },
        { "{\"form\":7}", ERR_OK, 7 },
        { "{\"form\":-1}", ERR_FIELD_VALUE, 5 },
        { "{\"form\":\"1\"}", ERR_FIELD_TYPE, 5 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        DEFER(json_free) struct json_t *object = NULL;
        int64_t form = 5;
        CHECK_OK(json_parse(span_of(cases[i].text), &object));
        CHECK_ERR(pack_day_form(object, &form), cases[i].wanted);
        cr_expect_eq(form, cases[i].form, "case %zu", i);
    }
    struct pack_day got;
    const char *member = NULL;
    CHECK_ERR(pack_day_read(SPAN_LIT("{\"rules\":14,\"form\":-1}"), arena, &got, &member),
              ERR_FIELD_VALUE);
    cr_expect_str_eq(member, "form");
}

/* As every run of before invoices had items. */
Test(pack, a_day_without_items_names_no_file_of_them)
{
    static struct adapter_account one = { .name = "main" };
    struct pack_day day = { .rules = 13, .version = 1 };
    struct pack_day got = { .list_sha256[PACK_INVOICE_ITEMS] = SPAN("cd") };
    const char *member = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    one.adapter = adapter_find(SPAN_LIT("wechatpay"));
    day.request = (struct recon_request){ .account = &one,
                                          .kind = SPAN_LIT("trade"),
                                          .day = { 2026, 11, 23 },
                                          .as_of = { NOON_US },
                                          .program = "0.1" };
    for (int i = 0; i < PACK_LIST_COUNT; i++) {
        day.list_sha256[i] = i == PACK_INVOICE_ITEMS ? SPAN_LIT("") : SPAN_LIT("cd");
    }
    CHECK_OK(pack_day_write(&day, &text));
    struct span written = buf_span(&text);
    cr_expect_eq(span_find(written, SPAN_LIT("invoice_items.csv")), written.len);
    CHECK_OK(pack_day_read(written, arena, &got, &member));
    cr_expect(span_empty(got.list_sha256[PACK_INVOICE_ITEMS]));
    CHECK_TEXT(got.list_sha256[PACK_MANUALS], "cd");
}

Test(pack, a_member_of_the_day_that_is_missing_or_none_is_named)
{
    struct pack_day got;
    const char *member = NULL;
    CHECK_ERR(pack_day_read(SPAN_LIT("{}"), arena, &got, &member), ERR_FIELD_MISSING);
    cr_expect_str_eq(member, "rules");
    CHECK_ERR(pack_day_read(SPAN_LIT("{\"rules\":\"9\"}"), arena, &got, &member), ERR_FIELD_TYPE);
    CHECK_ERR(pack_day_read(SPAN_LIT("{"), arena, &got, &member), ERR_JSON);
    cr_expect_str_eq(member, "");
}

/* A file of before the trend was kept has none; one that is not what it should be is refused. */
Test(pack, the_trend_of_a_day_may_be_absent_and_is_bounded)
{
    static const struct {
        const char *text;
        enum err wanted;
    } cases[] = {
        { "{}", ERR_OK },
        { "{\"trend\":[]}", ERR_OK },
        { "{\"trend\":{}}", ERR_FIELD_TYPE },
        { "{\"trend\":[{}]}", ERR_FIELD_MISSING },
        { "{\"trend\":[{\"day\":\"2026-02-30\"}]}", ERR_TIME },
    };
    for (size_t i = 0; i <= sizeof(cases) / sizeof(cases[0]); i++) {
        DEFER(json_free) struct json_t *object = NULL;
        DEFER(buf_fini) struct buf many = BUF_MAX(1024);
        const struct trend_day *days = NULL;
        size_t count = 7;
        bool last = i == sizeof(cases) / sizeof(cases[0]);
        CHECK_OK(buf_text(&many, "{\"trend\":[0"));
        for (int k = 0; k < TREND_DAYS_MAX; k++) {
            CHECK_OK(buf_text(&many, ",0"));
        }
        CHECK_OK(buf_text(&many, "]}"));
        CHECK_OK(json_parse(last ? buf_span(&many) : span_of(cases[i].text), &object));
        CHECK_ERR(trend_get(object, i % 2 == 1, arena, &days, &count),
                  last ? ERR_FIELD_LENGTH : cases[i].wanted);
        cr_expect_eq(count, i < 2 ? 0 : 7, "case %zu", i);
    }
}
