/* SPDX-License-Identifier: Apache-2.0 */
/* What does not agree in a folder of a run's files, which is written here by hand: the numbers are ours by decision and check digit, sums by
 * mental arithmetic, slots by sha256sum. */
#include "pack_differences.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "crypto.h"
#include "run_parts.h"

#define A1 "261123932000000001501"
#define A2 "261123681000000002601"
#define A3 "261123438000000003001"
#define A4 "261123998000000004001"
#define A5 "261123200000000005101"
#define A6 "261123222000000006301"

#define BILL_HEAD \
    "\xEF\xBB\xBF交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n"
#define BILL_ROW(minute, unit, number, yuan, fee)                                        \
    "`2026-11-23 12:" minute ":00,`wx1,`1900000109,`0,`,`T" unit ",`" number             \
    ",`o,`NATIVE,`SUCCESS,`OTHERS,`CNY,`" yuan ",`0.00,`0,`0,`0.00,`0.00,`,`,`x,`,`" fee \
    "000,`0.60%,`" yuan ",`0.00,`\r\n"
/* 280 + 270 + 100 + 200 + 200 = 1050; 1.68 + 1.62 + 0.60 + 1.21 + 1.21 = 6.32 */
#define BILL                                                                                                                                                      \
    BILL_HEAD BILL_ROW("00", "1", A1, "280.00", "1.68") BILL_ROW(                                                                                                 \
        "01", "2", A2, "270.00", "1.62") BILL_ROW("02", "3", A3, "100.00", "0.60")                                                                                \
        BILL_ROW("03", "5", A5, "200.00", "1.21") BILL_ROW(                                                                                                       \
            "04", "6", A6, "200.00",                                                                                                                              \
            "1.21") "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n" \
                    "`5,`1050.00,`0.00,`0.00,`6.32000,`1050.00,`0.00\r\n"

#define BOOKS_HEAD                                                                 \
    "attempt_no,provider_trade_no,owner,order_no,state,amount_fen,method,paid_at," \
    "created_at,counted,carried_in,denied\r\n"
#define BOOKS_ROW(number, unit, fen)                \
    number ",T" unit ",portal,A-" unit ",paid," fen \
           ",qr,2026-11-23T04:00:00.000000Z,2026-11-23T03:59:00.000000Z,true,false,false\r\n"
#define ORDERS_HEAD                                                                                \
    "owner,order_no,unit_name,status,stage,kind,amount_fen,unit_fee_fen,quantity,issued_quantity," \
    "title,tax_no,invoice_kind,said_kind,said_quantity,said_unit_fee_fen,said_amount_fen,"         \
    "said_refunded_fen,like_paid,invoiced_fen\r\n"
#define ORDERS_ROW(unit, kind, fen) \
    "portal,A-" unit ",\"甲, 公司\",paid,paid," kind "," fen "," fen ",1,0,,,,,0,0,0,0,false,0\r\n"
#define PAYMENTS_HEAD \
    "owner,order_no,attempt_no,account,provider,amount_fen,refunded_fen,refund_open,paid_at\r\n"

static const char *const lists[PACK_LIST_COUNT] = {
    [PACK_BOOKS] = BOOKS_HEAD BOOKS_ROW(A1, "1", "28000") BOOKS_ROW(A2, "2", "28000")
        BOOKS_ROW(A4, "4", "5000") BOOKS_ROW(A5, "5", "20000") BOOKS_ROW(A6, "6", "20000"),
    [PACK_REFUNDS] =
        "refund_no,attempt_no,owner,order_no,state,amount_fen,approved,sent_at,taken_at,"
        "counted,carried_in\r\n",
    [PACK_ORDERS] = ORDERS_HEAD ORDERS_ROW("1", "new", "28000") ORDERS_ROW("2", "new", "28000")
        ORDERS_ROW("4", "replacement", "5000") ORDERS_ROW("5", "renewal", "20000")
            ORDERS_ROW("6", "renewal", "20000"),
    [PACK_PAYMENTS] = PAYMENTS_HEAD,
    [PACK_INVOICES] =
        "owner,invoice_id,order_no,status,red,net_fen,tax_fen,total_fen,title,tax_no,asked_at,"
        "issued_at,kind,merged,reported_under,share_fen,red_reason,confirmation,"
        "confirmation_asked_at\r\n",
    [PACK_EARLY] =
        "number,refund,provider_trade_no,merchant_order_no,refund_no,fen,at,pending,raw\r\n",
    [PACK_MANUALS] = "owner,order_no,number,out,confirmed,self,attached,amount_fen,deposit_fen,"
                     "received_on,recorded_on,decided_on,voucher,payer_name\r\n",
};

static char dir[64];
static struct arena *arena;
static struct pack_sums sums;

static void
save(const char *name, struct span bytes, struct span *sha256)
{
    unsigned char digest[SHA256_BYTES];
    DEFER(buf_fini) struct buf hex = BUF_MAX(2 * SHA256_BYTES);
    CHECK_OK(pack_folder_save(dir, span_of(name), bytes));
    CHECK_OK(crypto_sha256(bytes, digest));
    CHECK_OK(crypto_hex_encode(span_make(digest, sizeof(digest)), &hex));
    CHECK_OK(arena_copy(arena, buf_span(&hex), sha256));
    sums.list[sums.count++] = (struct pack_sum){ .name = span_of(name), .sha256 = *sha256 };
}

static void
save_day(struct pack_day *day)
{
    static const struct recon_tariff tariffs[] = { { SPAN("new"), 28000 },
                                                   { SPAN("renewal"), 20000 },
                                                   { SPAN("replacement"), 5000 } };
    static struct adapter_account account = { .name = "main",
                                              .merchant = "1900000109",
                                              .application = "wx1",
                                              .other_numbers = "",
                                              .other_applications = "",
                                              .fee_rate_ppm = 6000,
                                              .fee_rounding_monthly_max = { .minor = 1 } };
    struct span ignored;
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    account.adapter = adapter_find(SPAN_LIT("wechatpay"));
    day->request = (struct recon_request){ .account = &account,
                                           .kind = SPAN_LIT("trade"),
                                           .day = { 2026, 11, 23 },
                                           .as_of = { INT64_C(1795489200) * 1000000 },
                                           .program = "0.1",
                                           .tariffs = tariffs,
                                           .tariff_count = 3,
                                           .manual_backdate_days = 7 };
    CHECK_OK(pack_day_write(day, &text));
    save(PACK_DAY_FILE, buf_span(&text), &ignored);
}

static void
make_folder(const char *bill)
{
    struct pack_day day = { .rules = RUN_RULES_VERSION,
                            .version = 1,
                            .input_hash = SPAN("01"),
                            .result_hash = SPAN("02") };
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    (void)snprintf(dir, sizeof(dir), "/tmp/pack_differences_%ld", (long)getpid());
    CHECK_OK(arena_new((size_t)64 * 1024 * 1024, &arena));
    CHECK_OK(pack_folder_make(dir));
    sums.count = 0;
    save("bill-trade", span_of(bill), &day.bill_sha256);
    for (int i = 0; i < PACK_LIST_COUNT; i++) {
        if (lists[i] != NULL) {
            save(pack_list_file((enum pack_list)i), span_of(lists[i]), &day.list_sha256[i]);
        }
    }
    save_day(&day);
    CHECK_OK(pack_folder_sums_text(&sums, &text));
    CHECK_OK(pack_folder_save(dir, SPAN_LIT(PACK_SUMS_FILE), buf_span(&text)));
    CHECK_OK(pack_folder_end(dir));
}

static void
drop_folder(void)
{
    if (dir[0] != 0) {
        pack_folder_discard(dir, &sums);
    }
    arena_free(&arena);
}

TestSuite(pack_differences, .fini = drop_folder);

static void
find(unsigned threads, struct pack_differences *out)
{
    enum err err = pack_differences(dir, threads, arena, NULL, out);
    cr_assert_eq(err, ERR_OK, "%s in %s, record %lld, column %s", err_name(err), out->where.file,
                 (long long)out->where.record, out->where.column);
}

static void
expect_one(const struct pack_difference *of, enum finding primary, const char *number, size_t line,
           int64_t delta_fen)
{
    cr_expect_eq(of->result.primary, primary, "%s", finding_name(of->result.primary));
    CHECK_TEXT(of->number, number);
    cr_expect_eq(of->line, line);
    cr_expect_eq(of->result.delta_fen, delta_fen);
}

Test(pack_differences, are_listed_in_the_order_of_a_run_and_the_sheet_adds_up)
{
    make_folder(BILL);
    for (unsigned threads = 1; threads <= 3; threads++) {
        DEFER(pack_differences_fini) struct pack_differences found = { .count = 0 };
        find(threads, &found);
        cr_assert(found.believed);
        cr_expect_eq(found.changed_count, 0);
        cr_assert_eq(found.count, 4);
        expect_one(&found.list[0], FINDING_AMT_BILL_LESS, A2, 3, -1000);
        expect_one(&found.list[1], FINDING_LONG_UNKNOWN, A3, 4, 10000);
        /* The second fen of rounding is beyond the month's limit of one. */
        expect_one(&found.list[2], FINDING_PAY_OK, A6, 6, 0);
        expect_one(&found.list[3], FINDING_SHORT_PAY, A4, 0, -5000);
        CHECK_TEXT(found.list[3].order_no, "A-4");
        cr_expect_eq(found.sheet.parsed.count, 5);
        cr_expect_eq(found.sheet.parsed.fen, 105000);
        cr_expect_eq(found.sheet.population.fen, 28000 + 28000 + 5000 + 20000 + 20000);
        cr_expect_eq(found.sheet.matched.fen, 28000 + 20000 + 20000);
    }
}

Test(pack_differences, as_csv_keep_ids_from_spreadsheets_and_say_what_long_and_short_are)
{
    DEFER(pack_differences_fini) struct pack_differences found = { .count = 0 };
    DEFER(buf_fini) struct buf csv = BUF_MAX(65536);
    const char *text = NULL;
    make_folder(BILL);
    find(2, &found);
    CHECK_OK(pack_differences_csv(&found, LANGUAGE_EN, &csv));
    CHECK_OK(buf_cstr(&csv, &text));
    cr_expect(span_starts(buf_span(&csv), SPAN_LIT("\xEF\xBB\xBF\"seq\",\"severity\",\"code\"")));
    cr_expect_not_null(strstr(text, "\r\n2,"));
    cr_expect_not_null(strstr(text, ",\"\t" A4 "\",\"\tT4\",\"\tA-4\"\r\n"));
    cr_expect_not_null(strstr(text, ",100.00,0.00,100.00,4,\"\t" A3 "\""));
    cr_expect_not_null(strstr(text, "FEE_AMOUNT"));
    cr_expect_null(strstr(text, "FEE_ROUNDING"));
}

Test(pack_differences, a_file_that_is_another_is_named_and_one_that_does_not_read_too)
{
    DEFER(pack_differences_fini) struct pack_differences found = { .count = 0 };
    char path[128];
    make_folder(BILL);
    (void)snprintf(path, sizeof(path), "%s/books.csv", dir);
    FILE *file = fopen(path, "ae");
    cr_assert_not_null(file);
    cr_assert_gt(fputs("\r\n", file), -1);
    cr_assert_eq(fclose(file), 0);
    find(2, &found);
    cr_assert_eq(found.changed_count, 1);
    cr_expect_str_eq(found.changed[0], "books.csv");
    cr_expect_eq(found.count, 4);
    file = fopen(path, "ae");
    cr_assert_not_null(file);
    cr_assert_gt(fputs("a,b\r\n", file), -1);
    cr_assert_eq(fclose(file), 0);
    struct pack_differences none = { .count = 0 };
    CHECK_ERR(pack_differences(dir, 2, arena, NULL, &none), ERR_IMPORT_CELLS);
    cr_expect_str_eq(none.where.file, "books.csv");
    cr_expect_eq(none.where.record, 7);
}

Test(pack_differences, a_bill_that_does_not_tie_gives_no_list)
{
    DEFER(pack_differences_fini) struct pack_differences found = { .count = 0 };
    make_folder(BILL_HEAD BILL_ROW("00", "1", A1, "280.00", "1.68"));
    find(2, &found);
    cr_expect_not(found.believed);
    cr_expect_eq(found.count, 0);
    cr_expect_gt(found.bill.fault_count, 0);
}

Test(pack_differences, a_folder_that_is_none_is_an_error)
{
    struct pack_differences found;
    CHECK_OK(arena_new((size_t)1024 * 1024, &arena));
    CHECK_ERR(pack_differences("/tmp/no/such/folder", 1, arena, NULL, &found), ERR_FILE_OPEN);
    cr_expect_str_eq(found.where.file, PACK_SUMS_FILE);
}
