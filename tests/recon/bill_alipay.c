/* SPDX-License-Identifier: Apache-2.0 */
/* Alipay's movements and both summaries, and the detail against the summary beside it. */
#include "alipay.h"
#include "bill_play.h"

#define BILLS        "alipay/bills/"
#define TRADE_ZIP    BILLS "20880000000000010156_20240505_trade.csv.zip"
#define FLOW_ZIP     BILLS "20880000000000010156_20240505_signcustomer.csv.zip"
#define FLOW_HEADER  5 /* lines of the file, from 1 */
#define FLOW_FIRST   6
#define FLOW_LINES   17
#define SUMMARY_LAST 9

TestSuite(bill_alipay, .init = play_start, .fini = play_finish);

static const struct adapter_bill *
kind(const char *name)
{
    return play_kind(alipay_bills, name);
}

static struct span
text_of(const char *member)
{
    return play_file(member);
}

/* A detail and a summary in UTF-8, packed as the provider does; either may be empty. */
static struct span
packed(struct span detail, struct span summary)
{
    const struct play_member members[] = {
        { "detail.csv", play_gb18030(detail) },
        { "summary.csv", play_gb18030(summary) },
    };
    return summary.len == 0 ? play_zip(members, 1) : play_zip(members, 2);
}

static struct bill_file
judge(const char *name, struct span text)
{
    return play_read(kind(name), packed(text, span_of("")));
}

static void
expect_flow(const struct bill_file *file)
{
    struct json_t *root = vectors_json(BILLS "expected.json");
    struct json_t *want = json_member(root, "signcustomer");
    int64_t in_rows = 0;
    int64_t out_rows = 0;
    CHECK_OK(json_get_i64(want, "income_rows", &in_rows));
    CHECK_OK(json_get_i64(want, "outgo_rows", &out_rows));
    play_accepted(file);
    const struct bill_totals *both[] = { &file->by_lines, &file->by_trailer };
    for (size_t i = 0; i < 2; i++) {
        cr_expect(both[i]->is_flow);
        cr_expect_eq(both[i]->in_count, in_rows);
        cr_expect_eq(both[i]->out_count, out_rows);
        cr_expect_eq(both[i]->in_fen, play_fen(want, "income"));
        cr_expect_eq(both[i]->out_fen, -play_fen(want, "outgo"));
    }
    json_free(&root);
}

static void
expect_balances(const struct bill_file *file)
{
    struct json_t *root = vectors_json(BILLS "expected.json");
    struct json_t *want = json_member(root, "signcustomer");
    cr_expect_eq(file->rows, 7);
    cr_expect(file->by_lines.has_balance);
    cr_expect_eq(file->by_lines.opening_fen, play_fen(want, "opening_balance"));
    cr_expect_eq(file->by_lines.closing_fen, play_fen(want, "closing_balance"));
    json_free(&root);
}

Test(bill_alipay, every_truncation_of_the_movements_is_refused)
{
    struct span text = text_of(BILLS "signcustomer_detail.gbk.csv");
    for (size_t len = 0; len < text.len; len++) {
        const struct play_member member = { "a.csv", span_sub(text, 0, len) };
        struct bill_file file = play_read(kind("signcustomer"), play_zip(&member, 1));
        cr_assert_not(file.accepted, "%zu bytes", len);
    }
}

/* Nobody can know that a name was changed, but no change moves money. */
Test(bill_alipay, a_changed_byte_of_the_movements_is_refused_or_changes_no_money)
{
    struct bill_file good = play_read(kind("signcustomer"), play_file(FLOW_ZIP));
    DEFER(buf_fini) struct buf text = BUF_MAX(PLAY_TEXT_MAX);
    CHECK_OK(buf_append(&text, text_of(BILLS "signcustomer_detail.gbk.csv")));
    for (size_t i = 0; i < text.len; i++) {
        text.at[i] ^= 1;
        const struct play_member member = { "a.csv", buf_span(&text) };
        struct bill_file file = play_read(kind("signcustomer"), play_zip(&member, 1));
        if (file.accepted) {
            cr_assert_arr_eq(&file.by_lines, &good.by_lines, sizeof(good.by_lines));
        }
        text.at[i] ^= 1;
    }
}

Test(bill_alipay, a_changed_balance_is_a_gap)
{
    struct span text = text_of(BILLS "signcustomer_detail.utf8.csv");
    struct bill_file file = judge("signcustomer", play_edit(text, ",1098.35,", ",1098.36,"));
    play_only(&file, FINDING_FLOW_GAP, FINDING_NONE);
    cr_expect_eq(file.faults[0].number, FLOW_FIRST + 2);
}

Test(bill_alipay, a_lost_movement_is_a_gap_and_ties_no_more)
{
    struct span text = text_of(BILLS "signcustomer_detail.utf8.csv");
    struct bill_file file = judge("signcustomer", play_drop_line(text, FLOW_FIRST + 2));
    cr_expect(file.found[FINDING_FLOW_GAP]);
    cr_expect(file.found[FINDING_FILE_TRAILER_COUNT]);
    cr_expect(file.found[FINDING_FLOW_SUM]);
}

Test(bill_alipay, a_changed_field_of_the_movements_is_that_finding)
{
    static const struct {
        const char *from;
        const char *to;
        enum finding one;
        enum finding two;
    } changes[] = {
        { "收入合计：3笔", "收入合计：4笔", FINDING_FILE_TRAILER_COUNT, FINDING_NONE },
        { "支出合计：4笔", "支出合计：3笔", FINDING_FILE_TRAILER_COUNT, FINDING_NONE },
        { "共98.89元", "共98.88元", FINDING_FLOW_SUM, FINDING_NONE },
        { "共-9.40元", "共-9.41元", FINDING_FLOW_SUM, FINDING_NONE },
        { "-8.80", "-8.8E0", FINDING_LINE_AMOUNT, FINDING_FILE_TRAILER_COUNT },
        { "88.88,0.00", "88.88,-0.01", FINDING_AMT_SIGN, FINDING_FILE_TRAILER_COUNT },
        { "2024-05-05 11:30:21", "2024-05-05 11:3０:21", FINDING_LINE_TIME,
          FINDING_FILE_TRAILER_COUNT },
        { "100000000000000003\t", "1.00000E+17", FINDING_KEY_SCIENTIFIC,
          FINDING_FILE_TRAILER_COUNT },
        { "测试商品\t,2024", "测,试商品\t,2024", FINDING_LINE_WIDTH, FINDING_FILE_TRAILER_COUNT },
        { "账户余额（元）", "余额（元）", FINDING_FILE_COLUMNS, FINDING_FILE_COLUMNS },
        { "交易渠道", "渠道", FINDING_FILE_COLUMNS, FINDING_FILE_COLUMNS },
        { "05月06日 00:00:00]", "05月07日 00:00:00]", FINDING_FILE_WRONG_DAY, FINDING_NONE },
    };
    struct span text = text_of(BILLS "signcustomer_detail.utf8.csv");
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct bill_file file =
            judge("signcustomer", play_edit(text, changes[i].from, changes[i].to));
        cr_expect_not(file.accepted, "%s", changes[i].to);
        cr_expect(file.found[changes[i].one], "%s", changes[i].to);
        cr_expect(changes[i].two == FINDING_NONE || file.found[changes[i].two], "%s",
                  changes[i].to);
        cr_expect_eq(file.faults[0].finding, changes[i].one, "%s: %s", changes[i].to,
                     file.faults[0].detail);
    }
}

Test(bill_alipay, the_movements_are_the_published_ones)
{
    struct bill_file file = play_read(kind("signcustomer"), play_file(FLOW_ZIP));
    expect_flow(&file);
    expect_balances(&file);
    file = judge("signcustomer", text_of(BILLS "signcustomer_detail.utf8.csv"));
    expect_balances(&file);
}

Test(bill_alipay, outgoes_may_be_printed_without_sign_and_brackets_in_half_width)
{
    struct span text = text_of(BILLS "signcustomer_detail.utf8.csv");
    text = play_edit(text, "收入金额（+元）,支出金额（-元）", "收入金额(+元),支出金额(-元)");
    text = play_edit(text, "0.00,-0.53", "0.00,0.53");
    text = play_edit(text, "共-9.40元", "共9.40元");
    struct bill_file file = judge("signcustomer", text);
    expect_flow(&file);
    expect_balances(&file);
}

/* The variant that moves two columns behind 备注 (6.5), and one with four further columns. */
Test(bill_alipay, columns_of_the_movements_are_found_by_name)
{
    struct span text = text_of(BILLS "signcustomer_detail.utf8.csv");
    struct span rest = text;
    struct span line;
    DEFER(buf_fini) struct buf moved = BUF_MAX(PLAY_TEXT_MAX);
    for (size_t i = 1; span_cut(&rest, '\n', &line); i++) {
        bool row = i >= FLOW_HEADER && i < FLOW_FIRST + 7;
        struct span tail = span_trim(line, "\r");
        struct span head = span_of("");
        if (row) {
            (void)span_cut(&tail, ',', &head);
            CHECK_OK(buf_printf(&moved, "%.*s,x\t,%.*s\r\n", SPAN_ARG(tail), SPAN_ARG(head)));
        } else {
            CHECK_OK(buf_printf(&moved, "%.*s\r\n", SPAN_ARG(tail)));
        }
    }
    struct span whole = play_edit(buf_span(&moved), ",x\t,", ",业务描述,");
    struct bill_file file = judge("signcustomer", whole);
    expect_flow(&file);
    expect_balances(&file);
}

Test(bill_alipay, another_day_or_merchants_movements_are_refused)
{
    const struct adapter_account ours = { .merchant = "2088000000000001" };
    const struct adapter_account other = { .merchant = "2088000000000002" };
    const struct day day = { .year = 2024, .month = 5, .mday = 5 };
    const struct day next = { .year = 2024, .month = 5, .mday = 6 };
    struct span zip = play_file(FLOW_ZIP);
    struct bill_file file = play_read_as(kind("signcustomer"), zip, &ours, next);
    play_only(&file, FINDING_FILE_WRONG_DAY, FINDING_NONE);
    file = play_read_as(kind("signcustomer"), zip, &other, day);
    play_only(&file, FINDING_FILE_WRONG_MERCHANT, FINDING_NONE);
    file = play_read_as(kind("signcustomer"), zip, &ours, day);
    expect_flow(&file);
}

Test(bill_alipay, a_kind_does_not_read_another_kinds_archive)
{
    struct bill_file file = play_read(kind("signcustomer"), play_file(TRADE_ZIP));
    play_only(&file, FINDING_FILE_ZIP, FINDING_NONE);
    file = play_read(kind("trade-summary"), play_file(FLOW_ZIP));
    play_only(&file, FINDING_FILE_ZIP, FINDING_NONE);
    file = play_read(kind("signcustomer-summary"), play_file(TRADE_ZIP));
    play_only(&file, FINDING_FILE_ZIP, FINDING_NONE);
}

Test(bill_alipay, the_summary_of_movements_ties_to_its_own_row_of_sums)
{
    static const struct {
        const char *from;
        const char *to;
        enum finding finding;
    } changes[] = {
        { "合计,3,", "合计,4,", FINDING_FILE_TRAILER_COUNT },
        { "收费,0,0.00,2,", "收费,0,0.00,1,", FINDING_FILE_TRAILER_COUNT },
        { "合计,3,98.89,4,-9.40,89.49", "合计,3,98.90,4,-9.40,89.50", FINDING_FLOW_SUM },
        { "收费,0,0.00,2,-0.59,-0.59", "收费,0,0.00,2,-0.58,-0.58", FINDING_FLOW_SUM },
        { "-0.59,-0.59", "-0.59,-0.58", FINDING_LINE_AMOUNT },
        { "合计,3,98.89", "合计,3.5,98.89", FINDING_LINE_AMOUNT },
        { "合计,3,98.89", "合计,3,9.889E1", FINDING_LINE_AMOUNT },
        { "合计,3", "总计,3", FINDING_FILE_TRUNCATED },
        { "总金额（元）", "总额（元）", FINDING_FILE_COLUMNS },
    };
    struct span text = text_of(BILLS "signcustomer_summary.utf8.csv");
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct bill_file file =
            judge("signcustomer-summary", play_edit(text, changes[i].from, changes[i].to));
        cr_expect(file.found[changes[i].finding], "%s: %s", changes[i].to, file.faults[0].detail);
    }
    struct bill_file file = play_read(kind("signcustomer-summary"), play_file(FLOW_ZIP));
    expect_flow(&file);
    cr_expect_eq(file.rows, 3);
    cr_expect_not(file.by_lines.has_balance);
}

Test(bill_alipay, a_row_behind_the_sums_is_out_of_place)
{
    struct span text = text_of(BILLS "signcustomer_summary.utf8.csv");
    text = play_edit(text, "合计,3,98.89,4,-9.40,89.49\n",
                     "合计,3,98.89,4,-9.40,89.49\n转账,0,0.00,0,0.00,0.00\n");
    struct bill_file file = judge("signcustomer-summary", text);
    play_only(&file, FINDING_FILE_COLUMNS, FINDING_NONE);
    cr_expect_eq(file.faults[0].number, SUMMARY_LAST + 1);
}

static void
expect_trade_summary(const struct bill_file *file)
{
    struct json_t *root = vectors_json(BILLS "expected.json");
    struct json_t *want = json_member(root, "trade");
    int64_t payments = 0;
    int64_t refunds = 0;
    CHECK_OK(json_get_i64(want, "payments", &payments));
    CHECK_OK(json_get_i64(want, "refunds", &refunds));
    play_accepted(file);
    cr_expect_eq(file->by_lines.pay_count, payments);
    cr_expect_eq(file->by_lines.refund_count, refunds);
    cr_expect_eq(file->by_lines.pay_fen,
                 play_fen(want, "payments_received") + play_fen(want, "refunds_received"));
    cr_expect_eq(file->by_lines.fee_fen, play_fen(want, "service_fee"));
    json_free(&root);
}

Test(bill_alipay, the_trade_summary_is_read_with_and_without_stores)
{
    struct bill_file file = play_read(kind("trade-summary"), play_file(TRADE_ZIP));
    expect_trade_summary(&file);
    cr_expect_eq(file.rows, 0);
    struct span text = text_of(BILLS "trade_summary.utf8.csv");
    struct span stores =
        play_edit(text, "合计,,",
                  "001,甲,2,1,80.08,80.08,0.00,0.00,0.00,-0.53,0.00,79.55\r\n"
                  "002,乙,1,1,10.00,10.00,0.00,0.00,0.00,-0.06,0.00,9.94\r\n合计,,");
    file = judge("trade-summary", stores);
    expect_trade_summary(&file);
    cr_expect_eq(file.rows, 2);
    file = judge("trade-summary", play_edit(stores, "甲,2,", "甲,3,"));
    play_only(&file, FINDING_FILE_TRAILER_COUNT, FINDING_NONE);
    file = judge("trade-summary", play_edit(stores, "10.00,10.00", "10.00,10.01"));
    play_only(&file, FINDING_FILE_TRAILER_SUM, FINDING_NONE);
}

Test(bill_alipay, a_detail_is_compared_with_the_summary_beside_it)
{
    static const struct {
        const char *from;
        const char *to;
        enum finding finding;
    } changes[] = {
        { "合计,,3,2", "合计,,4,2", FINDING_FILE_TRAILER_COUNT },
        { "合计,,3,2", "合计,,3,1", FINDING_FILE_TRAILER_COUNT },
        { "90.08,90.08", "90.08,90.07", FINDING_FILE_TRAILER_SUM },
        { "-0.59", "-0.60", FINDING_FEE_SUM },
    };
    struct span detail = text_of(BILLS "trade_detail.utf8.csv");
    struct span summary = text_of(BILLS "trade_summary.utf8.csv");
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct span edited = play_edit(summary, changes[i].from, changes[i].to);
        struct bill_file file = play_read(kind("trade"), packed(detail, edited));
        play_only(&file, changes[i].finding, FINDING_NONE);
    }
    /* Amounts before refunds are the other reading of the document. */
    struct span gross = play_edit(summary, "90.08,90.08", "98.89,98.89");
    struct bill_file file = play_read(kind("trade"), packed(detail, gross));
    play_accepted(&file);
    cr_expect_eq(file.rows, 5);
}

/* Each number by which a line is found, that of a refund too. */
Test(bill_alipay, a_number_of_a_trade_that_a_spreadsheet_rewrote_is_found)
{
    static const struct {
        const char *from;
        const char *to;
    } changes[] = {
        { "2024050522001400000000000002", "2.02405E+27" },
        { "T20240505_0003", "2.02405E+11" },
        { "R20240505_0001", "2.02405E+11" },
    };
    struct span detail = text_of(BILLS "trade_detail.utf8.csv");
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct bill_file file = judge("trade", play_edit(detail, changes[i].from, changes[i].to));
        cr_expect_not(file.accepted, "%s", changes[i].from);
        cr_expect_eq(file.faults[0].finding, FINDING_KEY_SCIENTIFIC, "%s", changes[i].from);
    }
}

Test(bill_alipay, a_summary_that_ends_early_or_is_there_twice_is_refused)
{
    struct span detail = text_of(BILLS "trade_detail.utf8.csv");
    struct span summary = text_of(BILLS "trade_summary.utf8.csv");
    struct bill_file file =
        play_read(kind("trade"), packed(detail, span_sub(summary, 0, summary.len - 2)));
    play_only(&file, FINDING_FILE_TRUNCATED, FINDING_NONE);
    const struct play_member members[] = {
        { "1.csv", play_gb18030(summary) },
        { "2.csv", play_gb18030(summary) },
        { "3.csv", play_gb18030(detail) },
    };
    file = play_read(kind("trade"), play_zip(members, 3));
    cr_expect(file.found[FINDING_FILE_ZIP]);
    file = play_read(kind("trade"), play_zip(members + 1, 2));
    play_accepted(&file);
}

Test(bill_alipay, movements_are_compared_with_the_summary_beside_them)
{
    struct span detail = text_of(BILLS "signcustomer_detail.utf8.csv");
    struct span summary = text_of(BILLS "signcustomer_summary.utf8.csv");
    struct span edited =
        play_edit(summary, "在线支付,3,98.89,0,0.00,98.89", "在线支付,3,98.88,0,0.00,98.88");
    edited = play_edit(edited, "合计,3,98.89,4,-9.40,89.49", "合计,3,98.88,4,-9.40,89.48");
    struct bill_file file = play_read(kind("signcustomer"), packed(detail, edited));
    play_only(&file, FINDING_FLOW_SUM, FINDING_NONE);
    file = play_read(kind("signcustomer"), packed(detail, summary));
    expect_flow(&file);
}
