/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of the trade bill, over the vector's file and one change of it at a time. */
#include <criterion/criterion.h>

#include "alipay_mock.h"
#include "bill.h"

#define COUNT(list)     (sizeof(list) / sizeof((list)[0]))
#define LINES_MAX       64
#define KEPT_FAULTS_MAX 16
#define FIELDS          25
#define HEADER          4 /* places of lines in the file, from 0 */
#define FIRST_ROW       5
#define ROWS            5
#define END_OF_ROWS     10
#define TOTAL_PAY       11
#define TOTAL_REFUND    12
#define EXPORTED        13
#define FILE_LINES      14
#define COLUMN_KIND     2
#define COLUMN_TIME     5
#define COLUMN_ORDER    11
#define COLUMN_FACE     12
#define COLUMN_DISCOUNT 16
#define COLUMN_FEE      22

static const struct adapter_bill *bill;
static struct adapter_account account;
static const struct day day = { 2024, 5, 5 };

static const char *lines[LINES_MAX]; /* the file; NULL: the line is left out */
static size_t line_count;

static struct bill_line rows[LINES_MAX]; /* what came of it */
static size_t row_count;
static struct bill_fault faults[KEPT_FAULTS_MAX];
static size_t fault_count;
static struct bill_totals by_lines;
static struct bill_totals by_trailer;

static void
start(void)
{
    CHECK_OK(arena_new(MOCK_ARENA_MAX, &mock_arena));
    bill = bill_find(adapter_find(SPAN_LIT("alipay")), SPAN_LIT("trade"));
    cr_assert_not_null(bill);
    account = (struct adapter_account){ .name = "main", .merchant = "2088000000000001" };
    struct span rest = mock_file("alipay/bills/trade_detail.utf8.csv");
    struct span head;
    while (span_cut(&rest, '\n', &head)) {
        cr_assert_lt(line_count, LINES_MAX);
        lines[line_count++] = mock_print("%.*s", SPAN_ARG(span_trim(head, "\r")));
    }
    cr_assert_eq(line_count, FILE_LINES);
}

static void
finish(void)
{
    arena_free(&mock_arena);
}

TestSuite(alipay_bill, .init = start, .fini = finish);

static void
keep(enum bill_step step, const struct bill_line *line, const struct bill_fault *fault)
{
    if (step == BILL_STEP_LINE) {
        rows[row_count++] = *line;
    } else if (step == BILL_STEP_FAULT) {
        cr_assert_lt(fault_count, KEPT_FAULTS_MAX);
        faults[fault_count++] = *fault;
    }
}

static void
read_end(struct bill_reader *reader)
{
    struct bill_fault fault = { .number = 0 };
    enum bill_step step = BILL_STEP_FAULT;
    while (step == BILL_STEP_FAULT) {
        CHECK_OK(bill->reader_end(reader, &step, &fault, &by_lines, &by_trailer));
        keep(step, NULL, &fault);
    }
}

/* The whole file; `last_ended` false: its last line has no line end. */
static void
read_as(const struct adapter_account *whose, struct day of, bool last_ended)
{
    struct bill_reader *reader = NULL;
    row_count = 0;
    fault_count = 0;
    CHECK_OK(bill->reader_new(whose, of, &reader));
    for (size_t i = 0; i < line_count; i++) {
        struct bill_line line = { .number = 0 };
        struct bill_fault fault = { .number = 0 };
        enum bill_step step = BILL_STEP_NOTHING;
        if (lines[i] != NULL) {
            bool ended = last_ended || i + 1 < line_count;
            CHECK_OK(
                bill->reader_line(reader, span_of(lines[i]), i + 1, ended, &step, &line, &fault));
            keep(step, &line, &fault);
        }
    }
    read_end(reader);
    bill->reader_free(&reader);
    cr_expect_null(reader);
}

static void
read_all(void)
{
    read_as(&account, day, true);
}

static bool
has_fault(enum finding finding, size_t number)
{
    for (size_t i = 0; i < fault_count; i++) {
        if (faults[i].finding == finding && faults[i].number == number) {
            cr_expect_gt(strlen(faults[i].detail), 5);
            return true;
        }
    }
    return false;
}

static void
expect_fault(enum finding finding, size_t number)
{
    read_all();
    cr_expect(has_fault(finding, number), "no %s at %zu; %zu others, first %s",
              finding_name(finding), number, fault_count,
              fault_count > 0 ? finding_name(faults[0].finding) : "none");
}

/* The line with its n-th field replaced. */
static const char *
with_field(const char *line, size_t n, const char *value)
{
    struct span rest = span_of(line);
    const char *out = "";
    bool more = true;
    for (size_t i = 0; more; i++) {
        struct span field;
        more = span_cut(&rest, ',', &field);
        const char *kept = i == n ? value : mock_print("%.*s", SPAN_ARG(field));
        out = mock_print("%s%s%s", out, i == 0 ? "" : ",", kept);
    }
    return out;
}

/* The line with the first `from` replaced. */
static const char *
with_text(const char *line, const char *from, const char *to)
{
    const char *at = strstr(line, from);
    cr_assert_not_null(at, "'%s' is not in '%s'", from, line);
    return mock_print("%.*s%s%s", (int)(at - line), line, to, at + strlen(from));
}

static int64_t
fen(const struct json_t *object, const char *name)
{
    struct span text;
    struct money money;
    CHECK_OK(json_get_string(object, name, &text));
    CHECK_OK(money_parse_signed(text, CURRENCY_CNY, &money));
    return money.minor;
}

Test(alipay_bill, the_vectors_file_gives_the_published_totals)
{
    struct json_t *root = vectors_json("alipay/bills/expected.json");
    struct json_t *want = json_member(root, "trade");
    int64_t payments = 0;
    int64_t refunds = 0;
    CHECK_OK(json_get_i64(want, "payments", &payments));
    CHECK_OK(json_get_i64(want, "refunds", &refunds));
    read_all();
    cr_assert_eq(fault_count, 0, "%s", faults[0].detail);
    const struct bill_totals *both[] = { &by_lines, &by_trailer };
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(both[i]->pay_count, payments);
        cr_expect_eq(both[i]->refund_count, refunds);
        cr_expect_eq(both[i]->pay_fen, fen(want, "payments_received"));
        cr_expect_eq(both[i]->refund_fen, fen(want, "refunds_received"));
        cr_expect_eq(both[i]->fee_fen, fen(want, "service_fee"));
    }
    json_free(&root);
}

Test(alipay_bill, the_vectors_lines_are_read_as_they_are_printed)
{
    static const struct {
        enum bill_line_kind kind;
        const char *trade_no;
        const char *order_no;
        const char *refund_no;
        const char *subject;
        const char *at; /* China time less eight hours */
        int64_t face;
        int64_t fee;
    } want[ROWS] = {
        { BILL_LINE_PAY, "2024050522001400000000000001", "T20240505_0001", "", "测试商品",
          "2024-05-05T02:00:10Z", 8888, -53 },
        { BILL_LINE_PAY, "2024050522001400000000000002", "T20240505_0002", "", "会员月卡",
          "2024-05-05T03:30:21Z", 1000, -6 },
        { BILL_LINE_REFUND, "2024050522001400000000000001", "T20240505_0001", "R20240505_0001",
          "测试商品", "2024-05-05T04:15:40Z", -880, 0 },
        { BILL_LINE_PAY, "2024050522001400000000000003", "T20240505_0003", "", "一分钱测试",
          "2024-05-05T12:00:05Z", 1, 0 },
        { BILL_LINE_REFUND, "2024050522001400000000000003", "T20240505_0003", "R20240505_0003",
          "一分钱测试", "2024-05-05T12:05:00Z", -1, 0 },
    };
    read_all();
    cr_assert_eq(row_count, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        cr_expect_eq(rows[i].kind, want[i].kind);
        cr_expect_eq(rows[i].number, FIRST_ROW + 1 + i);
        CHECK_TEXT(rows[i].provider_trade_no, want[i].trade_no);
        CHECK_TEXT(rows[i].merchant_order_no, want[i].order_no);
        CHECK_TEXT(rows[i].refund_no, want[i].refund_no);
        CHECK_TEXT(rows[i].subject, want[i].subject);
        CHECK_TEXT(rows[i].raw, lines[FIRST_ROW + i]);
        cr_expect_eq(rows[i].at.us, mock_time(want[i].at).us);
        cr_expect_eq(rows[i].face.minor, want[i].face);
        cr_expect_eq(rows[i].effective.minor, want[i].face);
        cr_expect_eq(rows[i].order_amount.minor, want[i].face);
        cr_expect_eq(rows[i].fee.minor, want[i].fee);
    }
}

Test(alipay_bill, the_detail_and_its_summary_are_wanted_and_no_other_member)
{
    cr_expect_eq(bill->member_role(SPAN_LIT(""), span_of(lines[0])), BILL_MEMBER_MAIN);
    cr_expect_eq(bill->member_role(SPAN_LIT(""), span_of(mock_print("\xEF\xBB\xBF%s", lines[0]))),
                 BILL_MEMBER_MAIN);
    cr_expect_eq(bill->member_role(SPAN_LIT(""), SPAN_LIT("#支付宝业务汇总查询")),
                 BILL_MEMBER_SECOND);
    cr_expect_eq(bill->member_role(SPAN_LIT(""), SPAN_LIT("#支付宝账务明细查询")),
                 BILL_MEMBER_OTHER);
    cr_expect_eq(bill->member_role(SPAN_LIT(""), SPAN_LIT("")), BILL_MEMBER_OTHER);
}

Test(alipay_bill, every_renamed_column_is_noticed)
{
    const char *header = lines[HEADER];
    for (size_t i = 0; i < FIELDS; i++) {
        lines[HEADER] = with_field(header, i, "别的列");
        expect_fault(FINDING_FILE_COLUMNS, HEADER + 1);
        lines[HEADER] = with_field(header, i, "");
        expect_fault(FINDING_FILE_COLUMNS, HEADER + 1);
        cr_expect_eq(row_count, 0, "rows under an unknown header mean nothing");
    }
}

Test(alipay_bill, a_column_named_twice_is_noticed)
{
    lines[HEADER] = with_field(lines[HEADER], 24, "商家实收（元）");
    expect_fault(FINDING_FILE_COLUMNS, HEADER + 1);
}

/* Columns are found by name: order, brackets and the second name of a batch number do not matter. */
Test(alipay_bill, columns_are_found_by_name_and_not_by_place)
{
    for (size_t i = HEADER; i < END_OF_ROWS; i++) {
        const char *comma = strchr(lines[i], ',');
        lines[i] = mock_print("%s,%.*s", comma + 1, (int)(comma - lines[i]), lines[i]);
    }
    lines[HEADER] = with_text(lines[HEADER], "商家实收（元）", "商家实收(元)");
    lines[HEADER] = with_text(lines[HEADER], "退款批次号/请求号", "退款批次号");
    read_all();
    cr_expect_eq(fault_count, 0, "%s", faults[0].detail);
    cr_assert_eq(row_count, ROWS);
    CHECK_TEXT(rows[2].provider_trade_no, "2024050522001400000000000001");
    CHECK_TEXT(rows[2].refund_no, "R20240505_0001");
}

Test(alipay_bill, a_trailer_that_does_not_tie_is_noticed)
{
    static const struct {
        size_t at;
        const char *from;
        const char *to;
        enum finding finding;
    } changes[] = {
        { TOTAL_PAY, "3笔", "4笔", FINDING_FILE_TRAILER_COUNT },
        { TOTAL_PAY, "98.89", "98.90", FINDING_FILE_TRAILER_SUM },
        { TOTAL_PAY, "98.89", "-98.89", FINDING_FILE_TRAILER_SUM },
        { TOTAL_REFUND, "2笔", "0笔", FINDING_FILE_TRAILER_COUNT },
        { TOTAL_REFUND, "-8.81", "8.81", FINDING_FILE_TRAILER_SUM },
        { TOTAL_REFUND, "-8.81", "-8.80", FINDING_FILE_TRAILER_SUM },
    };
    for (size_t i = 0; i < COUNT(changes); i++) {
        const char *kept = lines[changes[i].at];
        lines[changes[i].at] = with_text(kept, changes[i].from, changes[i].to);
        expect_fault(changes[i].finding, 0);
        cr_expect_eq(fault_count, 1);
        lines[changes[i].at] = kept;
    }
}

Test(alipay_bill, a_lost_or_doubled_row_is_noticed_by_the_trailer)
{
    const char *kept = lines[FIRST_ROW + 1];
    lines[FIRST_ROW + 1] = NULL;
    expect_fault(FINDING_FILE_TRAILER_COUNT, 0);
    expect_fault(FINDING_FILE_TRAILER_SUM, 0);
    lines[FIRST_ROW + 1] = kept;
    lines[FIRST_ROW + 2] = kept;
    expect_fault(FINDING_FILE_TRAILER_COUNT, 0);
}

Test(alipay_bill, a_trailer_that_cannot_be_read_is_noticed)
{
    static const struct {
        size_t at;
        const char *from;
        const char *to;
    } changes[] = {
        { TOTAL_PAY, "3笔", "3.0笔" },       { TOTAL_PAY, "98.89", "98.890" },
        { TOTAL_PAY, "98.89元", "98.89" },   { TOTAL_PAY, "商家实收共", "共" },
        { TOTAL_REFUND, "-8.81", "-8.8E0" },
    };
    for (size_t i = 0; i < COUNT(changes); i++) {
        const char *kept = lines[changes[i].at];
        lines[changes[i].at] = with_text(kept, changes[i].from, changes[i].to);
        expect_fault(FINDING_FILE_COLUMNS, changes[i].at + 1);
        cr_expect(has_fault(FINDING_FILE_TRUNCATED, 0));
        lines[changes[i].at] = kept;
    }
}

Test(alipay_bill, every_missing_line_of_the_frame_is_noticed)
{
    static const size_t frame[] = { 1, 2, END_OF_ROWS, TOTAL_PAY, TOTAL_REFUND, EXPORTED };
    for (size_t i = 0; i < COUNT(frame); i++) {
        const char *kept = lines[frame[i]];
        lines[frame[i]] = NULL;
        expect_fault(FINDING_FILE_TRUNCATED, 0);
        lines[frame[i]] = kept;
    }
}

Test(alipay_bill, a_file_that_stops_anywhere_is_noticed)
{
    for (size_t count = 0; count < FILE_LINES; count++) {
        line_count = count;
        expect_fault(FINDING_FILE_TRUNCATED, 0);
    }
    line_count = FILE_LINES;
    read_as(&account, day, false);
    cr_expect(has_fault(FINDING_FILE_TRUNCATED, 0), "the last line was cut");
}

Test(alipay_bill, a_line_after_the_end_or_out_of_place_is_noticed)
{
    lines[line_count++] = lines[TOTAL_PAY];
    expect_fault(FINDING_FILE_COLUMNS, FILE_LINES + 1);
    lines[FILE_LINES] = lines[FIRST_ROW];
    expect_fault(FINDING_FILE_COLUMNS, FILE_LINES + 1);
    line_count = FILE_LINES;
    const char *kept = lines[EXPORTED];
    lines[EXPORTED] = lines[TOTAL_PAY];
    expect_fault(FINDING_FILE_COLUMNS, EXPORTED + 1);
    lines[EXPORTED] = kept;
    lines[1] = "2024050522001400000000000001";
    expect_fault(FINDING_FILE_COLUMNS, 2);
}

Test(alipay_bill, another_days_file_is_noticed)
{
    static const struct day days[] = { { 2024, 5, 4 }, { 2024, 5, 6 }, { 2023, 5, 5 } };
    for (size_t i = 0; i < COUNT(days); i++) {
        read_as(&account, days[i], true);
        cr_expect(has_fault(FINDING_FILE_WRONG_DAY, 3));
    }
    lines[2] = with_text(lines[2], "2024年05月06日", "2024年05月07日");
    expect_fault(FINDING_FILE_WRONG_DAY, 3);
    lines[2] = with_text(lines[2], "2024年05月05日", "2024年13月05日");
    expect_fault(FINDING_FILE_COLUMNS, 3);
}

Test(alipay_bill, another_merchants_file_is_noticed)
{
    account.merchant = "2088000000000002";
    expect_fault(FINDING_FILE_WRONG_MERCHANT, 2);
    account.merchant = "208800000000000";
    expect_fault(FINDING_FILE_WRONG_MERCHANT, 2);
    account.merchant = "2088000000000001";
    lines[1] = "#账号：20880000000000010156";
    expect_fault(FINDING_FILE_COLUMNS, 2);
}

Test(alipay_bill, without_account_and_day_neither_is_checked)
{
    read_as(NULL, (struct day){ .year = 0 }, true);
    cr_expect_eq(fault_count, 0);
    cr_expect_eq(row_count, ROWS);
}

Test(alipay_bill, amounts_that_are_not_plain_are_noticed)
{
    static const char *const amounts[] = { "88.888", "8.888E1", "88.88元", "1,0", "+88.88",      "",
                                           "88.",    ".88",     "８８",    "--1", "100000000.01" };
    static const size_t columns[] = { COLUMN_ORDER, COLUMN_FACE, COLUMN_FEE };
    const char *row = lines[FIRST_ROW];
    for (size_t i = 0; i < COUNT(amounts); i++) {
        for (size_t k = 0; k < COUNT(columns); k++) {
            bool comma = strchr(amounts[i], ',') != NULL;
            lines[FIRST_ROW] = with_field(row, columns[k], amounts[i]);
            expect_fault(comma ? FINDING_LINE_WIDTH : FINDING_LINE_AMOUNT, FIRST_ROW + 1);
            cr_expect_eq(row_count, ROWS - 1);
        }
    }
}

/* The largest amount there is, on either side of nothing. */
Test(alipay_bill, amounts_reach_to_the_limit)
{
    lines[FIRST_ROW] = with_field(lines[FIRST_ROW], COLUMN_FACE, "100000000.00");
    lines[FIRST_ROW] = with_field(lines[FIRST_ROW], COLUMN_FEE, "-100000000.00");
    read_all();
    cr_assert_eq(row_count, ROWS);
    cr_expect_eq(rows[0].face.minor, MONEY_MAX_MINOR);
    cr_expect_eq(rows[0].fee.minor, -MONEY_MAX_MINOR);
    lines[FIRST_ROW] = with_field(lines[FIRST_ROW], COLUMN_FEE, "-100000000.01");
    expect_fault(FINDING_LINE_AMOUNT, FIRST_ROW + 1);
}

/* What is 88.88 was sold for 88.88 although a coupon of the merchant's took 8.88 off; where the columns do not add
 * up, only what was received counts. */
Test(alipay_bill, a_coupon_of_the_merchants_lowers_what_is_settled)
{
    static const struct {
        const char *discount;
        int64_t effective_fen;
        int64_t coupon_fen;
    } cases[] = { { "8.88", 8888, -888 }, { "-8.88", 8888, -888 }, { "8.87", 8000, 0 } };
    const char *row = with_field(lines[FIRST_ROW], COLUMN_FACE, "80.00");
    for (size_t i = 0; i < COUNT(cases); i++) {
        lines[FIRST_ROW] = with_field(row, COLUMN_DISCOUNT, cases[i].discount);
        read_all();
        cr_assert_eq(row_count, ROWS);
        cr_expect_eq(rows[0].face.minor, 8000);
        cr_expect_eq(rows[0].effective.minor, cases[i].effective_fen);
        cr_expect_eq(rows[0].coupon_fen, cases[i].coupon_fen);
    }
    lines[FIRST_ROW] = with_field(row, COLUMN_DISCOUNT, "8.8.8");
    expect_fault(FINDING_LINE_AMOUNT, FIRST_ROW + 1);
}

Test(alipay_bill, a_row_that_is_not_understood_is_noticed)
{
    static const struct {
        size_t column;
        const char *value;
        enum finding finding;
    } changes[] = {
        { COLUMN_KIND, "转账\t", FINDING_LINE_TYPE },
        { COLUMN_KIND, "", FINDING_LINE_TYPE },
        { COLUMN_KIND, "退款\t", FINDING_AMT_SIGN },
        { COLUMN_FACE, "-88.88", FINDING_AMT_SIGN },
        { COLUMN_ORDER, "-88.88", FINDING_AMT_SIGN },
        { COLUMN_TIME, "2024-05-05", FINDING_LINE_TIME },
        { COLUMN_TIME, "2024-02-30 10:00:00", FINDING_LINE_TIME },
        { COLUMN_TIME, "", FINDING_LINE_TIME },
        { 0, "2.02405E+27\t", FINDING_KEY_SCIENTIFIC },
        { 1, "2.02405E+13", FINDING_KEY_SCIENTIFIC },
        { 3, "a,b", FINDING_LINE_WIDTH },
    };
    const char *row = lines[FIRST_ROW];
    for (size_t i = 0; i < COUNT(changes); i++) {
        lines[FIRST_ROW] = with_field(row, changes[i].column, changes[i].value);
        expect_fault(changes[i].finding, FIRST_ROW + 1);
        cr_expect_eq(row_count, ROWS - 1);
    }
    lines[FIRST_ROW] = "2024050522001400000000000001";
    expect_fault(FINDING_LINE_WIDTH, FIRST_ROW + 1);
}

Test(alipay_bill, a_byte_order_mark_and_tabs_are_no_part_of_the_text)
{
    lines[0] = mock_print("\xEF\xBB\xBF%s", lines[0]);
    lines[FIRST_ROW] = with_field(lines[FIRST_ROW], 1, "`T20240505_0001\t ");
    read_all();
    cr_expect_eq(fault_count, 0, "%s", faults[0].detail);
    CHECK_TEXT(rows[0].merchant_order_no, "T20240505_0001");
}

/* A detail is for people and for a column of the database: it must stay UTF-8 when it is cut. */
Test(alipay_bill, details_are_whole_characters)
{
    const char *text = "";
    for (size_t i = 0; i < 100; i++) {
        text = mock_print("%s版", text);
    }
    for (size_t shift = 0; shift < 3; shift++) {
        lines[FIRST_ROW] = mock_print("%.*s%s", (int)shift, "xxx", text);
        expect_fault(FINDING_LINE_WIDTH, FIRST_ROW + 1);
        cr_expect(span_is_utf8(span_of(faults[0].detail)));
    }
}
