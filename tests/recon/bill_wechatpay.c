/* SPDX-License-Identifier: Apache-2.0 */
/* WeChat Pay's bills: the published files, and one change of them at a time. */
#include "bill_play.h"
#include "wechatpay_bill.h"

#define BILLS    "wechatpay/bills/"
#define ALL      BILLS "constructed-all-2026-03-10.csv"
#define SUCCESS  BILLS "constructed-success-2026-03-10.csv"
#define REFUND   BILLS "constructed-refund-2026-03-10.csv"
#define FLOW     BILLS "constructed-fundflow-2026-03-10.csv"
#define TRIMMED  "upstream-fundflow-2021-02-01.csv"
#define MIB      ((size_t)1024 * 1024)
#define ROWS_MAX 64

TestSuite(bill_wechatpay, .init = play_start, .fini = play_finish);

static const struct adapter_bill *
kind(const char *name)
{
    return play_kind(wechatpay_bills, name);
}

/* The money of the constructed ALL bill, added up by hand from the document's example. */
static void
expect_all(const struct bill_file *file)
{
    play_accepted(file);
    const struct bill_totals *both[] = { &file->by_lines, &file->by_trailer };
    cr_expect_eq(file->rows, 4);
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(both[i]->pay_count, 2);
        cr_expect_eq(both[i]->refund_count, 2);
        cr_expect_eq(both[i]->pay_fen, 12800 + 6600);
        cr_expect_eq(both[i]->refund_fen, -2000 - 2800);
        cr_expect_eq(both[i]->fee_fen, -77 - 37 + 12 + 17);
    }
}

static void
expect_flow(const struct bill_file *file)
{
    play_accepted(file);
    cr_expect_eq(file->rows, 6);
    cr_expect(file->by_lines.is_flow && file->by_lines.has_balance);
    cr_expect_eq(file->by_lines.opening_fen, 106100 - 6100);
    cr_expect_eq(file->by_lines.closing_fen, 114015);
    cr_expect_eq(file->by_lines.in_fen, 6100 + 12800);
    cr_expect_eq(file->by_lines.out_fen, 37 + 77 + 1988 + 2783);
    cr_expect_eq(file->by_trailer.in_fen, 18900);
    cr_expect_eq(file->by_trailer.out_fen, 4885);
    cr_expect_eq(file->by_trailer.in_count, 2);
    cr_expect_eq(file->by_trailer.out_count, 4);
}

/* The first file of a type says which kind reads it besides "trade". */
static const struct adapter_bill *
kind_of_type(struct span type)
{
    static const struct {
        const char *type;
        const char *kind;
    } kinds[] = {
        { "tradebill/ALL", "all" },
        { "tradebill/SUCCESS", "success" },
        { "tradebill/REFUND", "refund" },
        { "fundflowbill/BASIC", "fundflow" },
    };
    const char *found = "";
    for (size_t i = 0; i < COUNT(kinds); i++) {
        found = span_eq_cstr(type, kinds[i].type) ? kinds[i].kind : found;
    }
    return kind(found);
}

static struct span
listed_file(const struct json_t *entry, const char *member)
{
    struct span name = vectors_text(entry, member);
    return play_file((const char *)play_print(BILLS "%.*s", SPAN_ARG(name)).at);
}

static void
check_listed(const struct json_t *entry)
{
    const struct adapter_bill *bill = kind_of_type(vectors_text(entry, "type"));
    struct span sha1 = vectors_text(entry, "sha1");
    struct span name = vectors_text(entry, "file");
    struct span bytes = listed_file(entry, "file");
    struct bill_file file = play_read(bill, bytes);
    if (span_eq(name, SPAN_LIT(TRIMMED))) {
        /* Upstream cut one row of three out of it. */
        play_only(&file, FINDING_FILE_TRAILER_COUNT, FINDING_FLOW_SUM);
        return;
    }
    play_accepted(&file);
    CHECK_OK(bill_file_check_hash(bill, bytes, sha1, &file));
    cr_expect(file.accepted, "%.*s", SPAN_ARG(name));
    if (!span_empty(vectors_text(entry, "gz_file"))) {
        struct span zipped = listed_file(entry, "gz_file");
        struct bill_file again = play_read(bill, zipped);
        play_accepted(&again);
        cr_expect_arr_eq(&again.by_lines, &file.by_lines, sizeof(file.by_lines));
        CHECK_OK(bill_file_check_hash(bill, zipped, sha1, &again));
        cr_expect(again.accepted, "%.*s", SPAN_ARG(name));
        CHECK_OK(bill_file_check_hash(bill, zipped, vectors_text(entry, "gz_sha1_NOT_hash_value"),
                                      &again));
        play_only(&again, FINDING_FILE_HASH, FINDING_NONE);
    }
}

Test(bill_wechatpay, every_published_file_is_read_and_has_its_hash)
{
    struct json_t *root = vectors_json(BILLS "manifest.json");
    struct json_t *files = json_member(root, "files");
    size_t count = json_count(files);
    cr_assert_eq(count, 9);
    for (size_t i = 0; i < count; i++) {
        check_listed(json_element(files, i));
    }
    json_free(&root);
}

/* The one file whose hash the provider itself has signed. */
Test(bill_wechatpay, a_hash_by_the_provider_is_that_of_the_unpacked_bytes)
{
    const struct adapter_bill *bill = kind("trade");
    struct span want = SPAN_LIT("DCD7CEB3D382A1181798368BB15D8437DE46C00F");
    struct span gz = play_file(BILLS "upstream-all-2021-01-28.csv.gz");
    struct bill_file file = play_read(bill, gz);
    CHECK_OK(bill_file_check_hash(bill, gz, want, &file));
    play_accepted(&file);
    static const char *const wrong[] = { "dcd7ceb3d382a1181798368bb15d8437de46c00e", "", "dcd7",
                                         "zzd7ceb3d382a1181798368bb15d8437de46c00f" };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        file = play_read(bill, gz);
        CHECK_OK(bill_file_check_hash(bill, gz, span_of(wrong[i]), &file));
        play_only(&file, FINDING_FILE_HASH, FINDING_NONE);
    }
}

Test(bill_wechatpay, every_truncation_is_refused)
{
    static const struct {
        const char *path;
        const char *kind;
    } files[] = {
        { ALL, "trade" },     { SUCCESS, "success" }, { REFUND, "refund" },
        { FLOW, "fundflow" }, { ALL ".gz", "all" },   { FLOW ".gz", "fundflow" },
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        struct span whole = play_file(files[i].path);
        for (size_t len = 0; len < whole.len; len++) {
            struct bill_file file = play_read(kind(files[i].kind), span_sub(whole, 0, len));
            cr_assert_not(file.accepted, "%s at %zu", files[i].path, len);
        }
    }
}

/* Without a hash a changed name of a product is nobody's to notice, but money is. */
Test(bill_wechatpay, a_changed_byte_is_refused_or_changes_no_money)
{
    const struct adapter_bill *bill = kind("all");
    struct span whole = play_file(ALL);
    struct bill_file good = play_read(bill, whole);
    DEFER(buf_fini) struct buf bytes = BUF_MAX(PLAY_TEXT_MAX);
    CHECK_OK(buf_append(&bytes, whole));
    static const unsigned char masks[] = { 0x01, 0x02, 0x10, 0x80 };
    for (size_t i = 0; i < bytes.len * COUNT(masks); i++) {
        unsigned char *at = &bytes.at[i / COUNT(masks)];
        *at ^= masks[i % COUNT(masks)];
        struct bill_file file = play_read(bill, buf_span(&bytes));
        if (file.accepted) {
            cr_expect_arr_eq(&file.by_lines, &good.by_lines, sizeof(file.by_lines));
            CHECK_OK(bill_file_check_hash(bill, buf_span(&bytes),
                                          SPAN_LIT("19acc6e6c75c8f75ecc4fcf5b1e0d80abae77cb7"),
                                          &file));
        }
        cr_assert_not(file.accepted, "byte %zu", i / COUNT(masks));
        *at ^= masks[i % COUNT(masks)];
    }
}

Test(bill_wechatpay, a_damaged_gzip_is_refused_by_its_check_sum)
{
    const struct adapter_bill *bill = kind("all");
    DEFER(buf_fini) struct buf bytes = BUF_MAX(PLAY_TEXT_MAX);
    CHECK_OK(buf_append(&bytes, play_file(ALL ".gz")));
    bytes.at[bytes.len - 8] ^= 1; /* CRC-32 */
    struct bill_file file = play_read(bill, buf_span(&bytes));
    play_only(&file, FINDING_FILE_TRUNCATED, FINDING_NONE);
    bytes.at[bytes.len - 8] ^= 1;
    bytes.at[bytes.len - 1] ^= 1; /* length */
    file = play_read(bill, buf_span(&bytes));
    play_only(&file, FINDING_FILE_TRUNCATED, FINDING_NONE);
    bytes.at[bytes.len - 1] ^= 1;
    CHECK_OK(buf_byte(&bytes, 'x'));
    file = play_read(bill, buf_span(&bytes));
    play_only(&file, FINDING_FILE_ZIP, FINDING_NONE);
}

Test(bill_wechatpay, a_gzip_bomb_is_refused)
{
    size_t len = (size_t)64 * 1024 * 1024;
    unsigned char *zeros = calloc(1, len);
    cr_assert_not_null(zeros);
    struct bill_file file = play_read(kind("all"), play_deflate(span_make(zeros, len), true));
    cr_expect(file.found[FINDING_FILE_ZIP]);
    cr_expect_not(file.accepted);
    free(zeros);
}

Test(bill_wechatpay, a_gzip_in_a_gzip_is_no_bill)
{
    struct span twice = play_deflate(play_file(ALL ".gz"), true);
    struct bill_file file = play_read(kind("all"), twice);
    play_only(&file, FINDING_FILE_ENCODING, FINDING_NONE);
}

struct change {
    const char *from;
    const char *to;
    enum finding one;
    enum finding two;
};

static void
check_changes(const char *path, const char *kind_name, const struct change *changes, size_t count)
{
    struct span text = play_file(path);
    for (size_t i = 0; i < count; i++) {
        struct span edited = play_edit(text, changes[i].from, changes[i].to);
        struct bill_file file = play_read(kind(kind_name), edited);
        cr_expect_not(file.accepted, "%s", changes[i].to);
        cr_expect(file.found[changes[i].one], "%s: %s", changes[i].to, file.faults[0].detail);
        cr_expect(changes[i].two == FINDING_NONE || file.found[changes[i].two], "%s",
                  changes[i].to);
        cr_expect_eq(file.faults[0].finding, changes[i].one, "%s: %s %s", changes[i].to,
                     finding_name(file.faults[0].finding), file.faults[0].detail);
    }
}

Test(bill_wechatpay, a_changed_sum_does_not_tie)
{
    static const char *const sums[] = { "`4,`189.00,`48.00,`0.00,`0.85000,`194.00,`48.00",
                                        "`3,`189.00,`48.00,`0.00,`0.85000,`194.00,`48.00",
                                        "`4,`189.01,`48.00,`0.00,`0.85000,`194.00,`48.00",
                                        "`4,`189.00,`47.00,`0.00,`0.85000,`194.00,`48.00",
                                        "`4,`189.00,`48.00,`0.01,`0.85000,`194.00,`48.00",
                                        "`4,`189.00,`48.00,`0.00,`0.85001,`194.00,`48.00",
                                        "`4,`189.00,`48.00,`0.00,`0.85000,`194.00001,`48.00",
                                        "`4,`189.00,`48.00,`0.00,`0.85000,`194.00,`-48.00" };
    static const enum finding says[COUNT(sums)] = { FINDING_NONE,
                                                    FINDING_FILE_TRAILER_COUNT,
                                                    FINDING_FILE_TRAILER_SUM,
                                                    FINDING_FILE_TRAILER_SUM,
                                                    FINDING_FILE_TRAILER_SUM,
                                                    FINDING_FEE_SUM,
                                                    FINDING_FILE_TRAILER_SUM,
                                                    FINDING_FILE_TRAILER_SUM };
    struct span text = play_file(ALL);
    struct bill_file file = play_read(kind("all"), text);
    expect_all(&file);
    for (size_t i = 1; i < COUNT(sums); i++) {
        file = play_read(kind("all"), play_edit(text, sums[0], sums[i]));
        play_only(&file, says[i], FINDING_NONE);
    }
    file = play_read(kind("all"),
                     play_edit(text, sums[0], "`4.0,`189.0,`48,`0,`0.85,`194.00000,`48.0"));
    expect_all(&file);
}

Test(bill_wechatpay, a_changed_field_is_that_finding)
{
    static const struct change changes[] = {
        { "`128.00", "`128.01", FINDING_FILE_TRAILER_SUM, FINDING_NONE },
        { "`128.00", "`128.001", FINDING_LINE_AMOUNT, FINDING_FILE_TRAILER_SUM },
        { "`128.00", "`1.28E2", FINDING_LINE_AMOUNT, FINDING_FILE_TRAILER_SUM },
        { "`128.00", "`NaN", FINDING_LINE_AMOUNT, FINDING_FILE_TRAILER_SUM },
        { "`128.00", "`99999999999999999999", FINDING_LINE_AMOUNT, FINDING_FILE_TRAILER_SUM },
        { "`128.00", "`-128.00", FINDING_AMT_SIGN, FINDING_FILE_TRAILER_SUM },
        { "`0.77000", "`0.770000", FINDING_LINE_AMOUNT, FINDING_FILE_TRAILER_SUM },
        { "`0.77000", "`99999999999999999999", FINDING_LINE_AMOUNT, FINDING_FILE_TRAILER_SUM },
        { "`0.77000", "`-0.77000", FINDING_AMT_SIGN, FINDING_FILE_TRAILER_SUM },
        { "`-0.12000", "`0.12000", FINDING_AMT_SIGN, FINDING_FILE_TRAILER_SUM },
        { "2026-03-10 09:12:45", "2026-03-10 09：12:45", FINDING_LINE_TIME,
          FINDING_FILE_TRAILER_COUNT },
        { "2026-03-10 09:12:45", "2026-03-10  9:12:45", FINDING_LINE_TIME,
          FINDING_FILE_TRAILER_COUNT },
        { "`NATIVE,`SUCCESS", "`NATIVE,`PAID", FINDING_LINE_STATUS, FINDING_FILE_TRAILER_COUNT },
        { "`ORIGINAL,`SUCCESS", "`ORIGINAL,`DONE", FINDING_LINE_STATUS,
          FINDING_FILE_TRAILER_COUNT },
        { "`ORIGINAL,`SUCCESS", "`ORIGINAL,`", FINDING_LINE_STATUS, FINDING_FILE_TRAILER_COUNT },
        { "`NATIVE,`SUCCESS", "`NATIVE,`REFUND", FINDING_LINE_STATUS, FINDING_FILE_TRAILER_COUNT },
        { "`NATIVE,`REFUND", "`NATIVE,`SUCCESS", FINDING_AMT_SIGN, FINDING_FILE_TRAILER_COUNT },
        { "`CNY", "`US1", FINDING_ST_UNKNOWN_VALUE, FINDING_FILE_TRAILER_COUNT },
        { "`CNY", "`RMBY", FINDING_ST_UNKNOWN_VALUE, FINDING_FILE_TRAILER_COUNT },
        { "`0.60%", "`0.60", FINDING_LINE_AMOUNT, FINDING_FILE_TRAILER_COUNT },
        { "`0.60%", "`-0.60%", FINDING_LINE_AMOUNT, FINDING_FILE_TRAILER_COUNT },
        { "`0.60%", "`100.01%", FINDING_LINE_AMOUNT, FINDING_FILE_TRAILER_COUNT },
        { "`4200002860202603100000000001", "`4.20000E+27", FINDING_KEY_SCIENTIFIC,
          FINDING_FILE_TRAILER_COUNT },
        { "`测试商品A,", "`测试,商品A,", FINDING_LINE_ESCAPE, FINDING_FILE_TRAILER_COUNT },
        { "`测试商品A,`", "`测试商品A,", FINDING_LINE_WIDTH, FINDING_FILE_TRAILER_COUNT },
        { "`测试商品A,", "`测试,`商品A,", FINDING_LINE_WIDTH, FINDING_FILE_TRAILER_COUNT },
        { "退款总金额,充值券", "退款合计,充值券", FINDING_FILE_COLUMNS, FINDING_FILE_TRUNCATED },
        { ",`0.85000", ",`0.8500O", FINDING_LINE_AMOUNT, FINDING_FILE_TRUNCATED },
        { "`4,`189.00", "`4.5,`189.00", FINDING_LINE_AMOUNT, FINDING_FILE_TRUNCATED },
        { "`4,`189.00", "`4`189.00", FINDING_LINE_WIDTH, FINDING_FILE_TRUNCATED },
        { "`0.85000,`194.00,`48.00\r\n", "`0.85000,`194.00,`48.00\r\n\r\n`1", FINDING_FILE_COLUMNS,
          FINDING_FILE_TRUNCATED },
    };
    check_changes(ALL, "all", changes, COUNT(changes));
}

Test(bill_wechatpay, every_renamed_column_is_named)
{
    static const char *const columns[] = { "交易时间,",  "公众账号ID", ",商户号",      "特约商户号",
                                           "微信订单号", "交易状态",   "应结订单金额", "退款状态",
                                           "手续费,",    "费率,",      "申请退款金额", "费率备注" };
    struct span text = play_file(ALL);
    for (size_t i = 0; i < COUNT(columns); i++) {
        struct bill_file file = play_read(kind("all"), play_edit(text, columns[i], "别的,列,"));
        play_only(&file, FINDING_FILE_COLUMNS, FINDING_NONE);
        cr_expect_eq(file.rows, 0);
        cr_expect_eq(file.faults[0].number, 1);
    }
}

Test(bill_wechatpay, legacy_layouts_are_refused_by_name)
{
    static const char *const headers[] = {
        "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,"
        "货币种类,总金额,企业红包金额,微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,"
        "商品名称,商户数据包,手续费,费率\r\n",
        "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,"
        "货币种类,总金额,企业红包金额,商品名称,商户数据包,手续费,费率\r\n",
    };
    for (size_t i = 0; i < COUNT(headers); i++) {
        struct bill_file file = play_read(kind("trade"), span_of(headers[i]));
        play_only(&file, FINDING_FILE_COLUMNS, FINDING_NONE);
        cr_expect_not_null(strstr(file.faults[0].detail, i == 0 ? "24 columns" : "18 columns"));
        cr_expect_not_null(strstr(file.faults[0].detail, "总金额"));
    }
}

Test(bill_wechatpay, a_kind_reads_its_own_layout_and_trade_reads_each)
{
    static const char *const paths[] = { ALL, SUCCESS, REFUND, FLOW };
    static const char *const kinds[] = { "all", "success", "refund", "fundflow" };
    for (size_t i = 0; i < COUNT(paths); i++) {
        for (size_t k = 0; k < COUNT(kinds); k++) {
            struct bill_file file = play_read(kind(kinds[k]), play_file(paths[i]));
            cr_expect_eq(file.accepted, i == k, "%s as %s", paths[i], kinds[k]);
            cr_expect(i == k || file.found[FINDING_FILE_COLUMNS]);
        }
        struct bill_file file = play_read(kind("trade"), play_file(paths[i]));
        cr_expect_eq(file.accepted, i < 3, "%s as trade", paths[i]);
    }
}

Test(bill_wechatpay, another_day_or_merchants_bill_is_refused)
{
    const struct adapter_account ours = { .merchant = "1900000109" };
    const struct adapter_account other = { .merchant = "1900000108" };
    const struct day day = { .year = 2026, .month = 3, .mday = 10 };
    const struct day next = { .year = 2026, .month = 3, .mday = 11 };
    static const char *const kinds[] = { "all", "success", "refund" };
    static const char *const paths[] = { ALL, SUCCESS, REFUND };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct span bytes = play_file(paths[i]);
        struct bill_file file = play_read_as(kind(kinds[i]), bytes, &ours, next);
        cr_expect(file.found[FINDING_FILE_WRONG_DAY]);
        file = play_read_as(kind(kinds[i]), bytes, &other, day);
        cr_expect(file.found[FINDING_FILE_WRONG_MERCHANT]);
        file = play_read_as(kind(kinds[i]), bytes, &ours, day);
        play_accepted(&file);
    }
}

Test(bill_wechatpay, rows_of_two_days_or_merchants_are_no_bill)
{
    struct span text = play_file(ALL);
    struct bill_file file =
        play_read(kind("all"), play_edit(text, "2026-03-10 23:58:30", "2026-03-11 00:00:00"));
    cr_expect_eq(file.faults[0].finding, FINDING_FILE_WRONG_DAY);
    file = play_read(kind("all"), play_edit_nth(text, 1, "`1900000109", "`1900000108"));
    cr_expect_eq(file.faults[0].finding, FINDING_FILE_WRONG_MERCHANT);
    file = play_read(kind("fundflow"),
                     play_edit(play_file(FLOW), "2026-03-10 23:58:30", "2026-03-09 23:58:30"));
    cr_expect_eq(file.faults[0].finding, FINDING_FILE_WRONG_DAY);
}

static struct bill_line seen[ROWS_MAX];
static size_t seen_count;

static enum err
keep_line(void *context, const struct bill_line *line)
{
    (void)context;
    cr_assert_lt(seen_count, ROWS_MAX);
    seen[seen_count] = *line;
    seen[seen_count].merchant_order_no = play_keep(line->merchant_order_no);
    seen[seen_count].provider_trade_no = play_keep(line->provider_trade_no);
    seen[seen_count].refund_no = play_keep(line->refund_no);
    seen[seen_count].status = play_keep(line->status);
    seen[seen_count].subject = play_keep(line->subject);
    seen_count++;
    return ERR_OK;
}

static void
read_lines(const char *kind_name, struct span bytes)
{
    struct bill_file file;
    seen_count = 0;
    CHECK_OK(bill_file_read(kind(kind_name), bytes, NULL, play_any_day, keep_line, NULL, &file));
    play_accepted(&file);
}

Test(bill_wechatpay, rows_are_read_as_they_are_printed)
{
    read_lines("all", play_file(ALL));
    cr_assert_eq(seen_count, 4);
    cr_expect_eq(seen[1].kind, BILL_LINE_PAY);
    CHECK_TEXT(seen[1].provider_trade_no, "4200002861202603100000000002");
    CHECK_TEXT(seen[1].merchant_order_no, "GW20260310000002");
    CHECK_TEXT(seen[1].refund_no, "");
    CHECK_TEXT(seen[1].subject, "茶杯\\ 红色\\n第二行");
    cr_expect_eq(seen[1].face.minor, 6600);
    cr_expect_eq(seen[1].fee.minor, -37);
    cr_expect_eq(seen[2].kind, BILL_LINE_REFUND);
    CHECK_TEXT(seen[2].refund_no, "RF20260310000002");
    CHECK_TEXT(seen[2].merchant_order_no, "GW20260301000009");
    CHECK_TEXT(seen[3].status, "PROCESSING");
    cr_expect_eq(seen[3].effective.minor, -2800);
    cr_expect_eq(seen[3].fee.minor, 17);
    /* 2026-03-10 09:12:45 in China, in microseconds since 1970. */
    cr_expect_eq(seen[0].at.us, INT64_C(1773105165) * 1000000);
}

/* The document's example: 61.00 settled of 66.00, both at 0.60 %, one by a debit card. */
Test(bill_wechatpay, what_a_row_says_beside_its_amount_is_read)
{
    read_lines("all", play_file(ALL));
    cr_expect_eq(seen[0].method, ADAPTER_QR);
    cr_expect_eq(seen[0].card, FEE_CARD_ANY);
    cr_expect_eq(seen[0].coupon_fen, 0);
    cr_expect_eq(seen[1].method, ADAPTER_JSAPI);
    cr_expect_eq(seen[1].card, FEE_CARD_DEBIT);
    cr_expect_eq(seen[1].coupon_fen, -500);
    cr_expect_eq(seen[2].coupon_fen, 0);
    for (size_t i = 0; i < seen_count; i++) {
        cr_expect_eq(seen[i].rate_ppm, 6000);
        cr_expect_not(seen[i].promoted || seen[i].other_route || seen[i].other_currency);
    }
    struct span text = play_edit(play_file(ALL), "`0.77000,`0.60%,`128.00,`0.00,`\r",
                                 "`0.77000,`0.6125%,`128.00,`0.00,`优惠费率\r");
    read_lines("all", play_edit(play_edit(text, "`NATIVE", "`APP"), "`OTHERS", "`CMB_CREDIT"));
    cr_expect_eq(seen[0].rate_ppm, 6125);
    cr_expect(seen[0].promoted);
    cr_expect_eq(seen[0].method, ADAPTER_METHOD_COUNT);
    cr_expect_eq(seen[0].card, FEE_CARD_CREDIT);
}

Test(bill_wechatpay, a_refund_to_the_balance_or_less_a_coupon_says_so)
{
    struct span text = play_edit(play_file(ALL), "`20.00,`0.00,`ORIGINAL", "`18.00,`0.00,`BALANCE");
    text = play_edit(text, "`189.00,`48.00,", "`189.00,`46.00,");
    read_lines("all", text);
    cr_expect(seen[2].other_route);
    cr_expect_eq(seen[2].effective.minor, -2000);
    cr_expect_eq(seen[2].coupon_fen, 200);
    cr_expect_not(seen[3].other_route);
}

Test(bill_wechatpay, a_row_in_another_currency_has_a_face_and_no_effect)
{
    read_lines("all", play_edit(play_file(ALL), "`CNY", "`USD"));
    cr_expect(seen[0].other_currency);
    cr_expect_eq(seen[0].face.minor, 12800);
    cr_expect_eq(seen[0].effective.minor, 0);
    cr_expect_eq(seen[0].coupon_fen, 0);
    cr_expect_not(seen[1].other_currency);
}

/* The day of a refund is that of its request, not that of the payment. */
Test(bill_wechatpay, a_refund_bill_stands_on_the_day_of_the_request)
{
    read_lines("refund", play_file(REFUND));
    cr_assert_eq(seen_count, 2);
    /* 2026-03-10 15:30:02 in China; the payment was on 2026-03-01. */
    cr_expect_eq(seen[0].at.us, INT64_C(1773127802) * 1000000);
}

Test(bill_wechatpay, a_refund_that_failed_and_a_reversed_row_have_a_face_and_no_effect)
{
    static const struct {
        const char *from;
        const char *to;
        size_t row;
        int64_t face;
        int64_t effective;
    } states[] = {
        { "`ORIGINAL,`SUCCESS", "`ORIGINAL,`FAIL", 2, -2000, 0 },
        { "`ORIGINAL,`SUCCESS", "`ORIGINAL,`CHANGE", 2, -2000, 0 },
        { "`ORIGINAL,`SUCCESS", "`ORIGINAL,`PROCESSING", 2, -2000, -2000 },
        { "`NATIVE,`SUCCESS", "`NATIVE,`REVOKED", 0, 12800, 0 },
        { "`NATIVE,`REFUND", "`NATIVE,`REVOKED", 2, -2000, 0 },
    };
    for (size_t i = 0; i < COUNT(states); i++) {
        read_lines("all", play_edit(play_file(ALL), states[i].from, states[i].to));
        cr_expect_eq(seen[states[i].row].face.minor, states[i].face, "%s", states[i].to);
        cr_expect_eq(seen[states[i].row].effective.minor, states[i].effective, "%s", states[i].to);
    }
}

/* The first column of header and rows moved behind the last. */
Test(bill_wechatpay, columns_are_found_by_name_and_not_by_place)
{
    struct span rest = play_file(ALL);
    struct span line;
    DEFER(buf_fini) struct buf moved = BUF_MAX(PLAY_TEXT_MAX);
    for (size_t i = 1; span_cut(&rest, '\n', &line); i++) {
        struct span tail = span_trim(line, "\r");
        struct span head;
        if (i <= 5) {
            tail = i == 1 ? span_sub(tail, 3, tail.len) : tail; /* without the mark */
            (void)span_cut(&tail, ',', &head);
            CHECK_OK(buf_printf(&moved, "%.*s,%.*s\n", SPAN_ARG(tail), SPAN_ARG(head)));
        } else {
            CHECK_OK(buf_printf(&moved, "%.*s\n", SPAN_ARG(tail)));
        }
    }
    struct bill_file file = play_read(kind("all"), buf_span(&moved));
    expect_all(&file);
    struct bill_file plain = play_read(kind("all"), play_file(ALL));
    cr_expect_arr_eq(&file.by_lines, &plain.by_lines, sizeof(plain.by_lines));
}

Test(bill_wechatpay, a_success_bill_may_have_four_sums)
{
    struct span text = play_file(SUCCESS);
    text = play_edit(
        text,
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,"
        "申请退款总金额\r\n`2,`189.00,`0.00,`0.00,`1.14000,`194.00,`0.00",
        "总交易单数,应结订单总金额,手续费总金额,订单总金额\r\n`2,`189.00,`1.14000,`194.00");
    struct bill_file file = play_read(kind("success"), text);
    play_accepted(&file);
    cr_expect_eq(file.by_trailer.pay_fen, 19400);
    file = play_read(kind("success"), play_edit(text, "`1.14000,`194.00", "`1.14000,`194.01"));
    play_only(&file, FINDING_FILE_TRAILER_SUM, FINDING_NONE);
}

Test(bill_wechatpay, a_changed_movement_is_that_finding)
{
    static const struct change changes[] = {
        { "`1060.63", "`1060.64", FINDING_FLOW_GAP, FINDING_NONE },
        { "`收入,`128.00", "`收入,`128.01", FINDING_FLOW_GAP, FINDING_FLOW_SUM },
        { "`收入,`128.00", "`支出,`128.00", FINDING_FLOW_GAP, FINDING_FILE_TRAILER_COUNT },
        { "`收入,`128.00", "`其他,`128.00", FINDING_LINE_TYPE, FINDING_FILE_TRAILER_COUNT },
        { "`收入,`128.00", "`收入,`-128.00", FINDING_AMT_SIGN, FINDING_FILE_TRAILER_COUNT },
        { "`收入,`128.00", "`收入,`1.28e2", FINDING_LINE_AMOUNT, FINDING_FILE_TRAILER_COUNT },
        { "`1060.63", "`1060.6300", FINDING_LINE_AMOUNT, FINDING_FILE_TRAILER_COUNT },
        { "`6,`2,`189.00", "`7,`2,`189.00", FINDING_FILE_TRAILER_COUNT, FINDING_NONE },
        { "`6,`2,`189.00", "`6,`3,`189.00", FINDING_FILE_TRAILER_COUNT, FINDING_NONE },
        { "`6,`2,`189.00", "`6,`2,`189.01", FINDING_FLOW_SUM, FINDING_NONE },
        { "`4,`48.85", "`4,`48.84", FINDING_FLOW_SUM, FINDING_NONE },
        { "账户结余(元)", "结余(元)", FINDING_FILE_COLUMNS, FINDING_NONE },
        { "2026-03-10 15:30:02", "15:30:02", FINDING_LINE_TIME, FINDING_FILE_TRAILER_COUNT },
    };
    check_changes(FLOW, "fundflow", changes, COUNT(changes));
}

Test(bill_wechatpay, the_fund_flow_is_read_with_brackets_of_either_width)
{
    struct span text = play_file(FLOW);
    struct bill_file file = play_read(kind("fundflow"), text);
    expect_flow(&file);
    text = play_edit(text, "收支金额(元),账户结余(元)", "收支金额（元）,账户结余（元）");
    text = play_edit(text, "`6,`2,`189.00", "`6.0,`2.0,`189.0");
    file = play_read(kind("fundflow"), text);
    expect_flow(&file);
}

Test(bill_wechatpay, what_is_no_bill_does_not_look_like_one)
{
    const struct adapter_bill *bill = kind("all");
    cr_expect_not(bill_file_looks_right(bill, SPAN_LIT("{\"code\":\"NO_AUTH\"}")));
    cr_expect_not(bill_file_looks_right(bill, SPAN_LIT("<html>")));
    cr_expect_not(bill_file_looks_right(bill, SPAN_LIT("")));
    cr_expect(bill_file_looks_right(bill, play_file(ALL)));
    cr_expect(bill_file_looks_right(bill, play_file(ALL ".gz")));
    struct bill_file file = play_read(bill, SPAN_LIT("<html>expired</html>\n"));
    play_only(&file, FINDING_FILE_COLUMNS, FINDING_NONE);
    file = play_read(bill, play_gb18030(play_edit(play_file(ALL), "\xEF\xBB\xBF", "")));
    play_only(&file, FINDING_FILE_ENCODING, FINDING_NONE);
}
