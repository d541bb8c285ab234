/* SPDX-License-Identifier: Apache-2.0 */
/* UnionPay's settlement file: the example's archive, bare members, the report, and one change at a time. */
#include "bill_play.h"
#include "unionpay_bill.h"

#define FOLDER   "unionpay/settlement/"
#define NAME     "802310099990001_20260113.synthetic"
#define ZM_NAME  "INN26011388ZM_802310099990001"
#define ZME_NAME "INN26011388ZME_802310099990001"
#define RD_NAME  "RD201026011301_802310099990001"
#define ROW      609 /* bytes of a row of ZM with its end */
#define ROWS     4
#define MIB      ((size_t)1024 * 1024)

TestSuite(bill_unionpay, .init = play_start, .fini = play_finish);

static const struct adapter_bill *
kind(const char *name)
{
    return play_kind(unionpay_bills, name);
}

static struct span
zm_text(void)
{
    return play_file(FOLDER ZM_NAME);
}

/* The four rows' sums, from the published list of their fields. */
static struct unionpay_sums
published(void)
{
    struct unionpay_sums sums = { .pay_count = 0 };
    struct json_t *root = vectors_json(FOLDER "expected.json");
    struct json_t *rows = json_member(json_member(root, "synthetic"), "zm_rows");
    cr_assert_eq(json_count(rows), ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        const struct json_t *row = json_element(rows, i);
        int64_t amount = 0;
        int64_t fee = 0;
        struct span fee_text = vectors_text(row, "merFee");
        bool pay = span_eq_cstr(vectors_text(row, "txnType"), "01");
        CHECK_OK(span_to_i64(vectors_text(row, "txnAmt"), 0, INT64_MAX, &amount));
        CHECK_OK(span_to_i64(span_sub(fee_text, 1, 12), 0, INT64_MAX, &fee));
        *(pay ? &sums.pay_count : &sums.refund_count) += 1;
        *(pay ? &sums.pay_fen : &sums.refund_fen) += amount;
        sums.fee_fen += fee_text.at[0] == 'D' ? -fee : fee;
    }
    json_free(&root);
    return sums;
}

static void
expect_zm(const struct bill_file *file)
{
    struct unionpay_sums want = published();
    play_accepted(file);
    cr_expect_eq(file->rows, ROWS);
    cr_expect_eq(file->by_lines.pay_count, want.pay_count);
    cr_expect_eq(file->by_lines.refund_count, want.refund_count);
    cr_expect_eq(file->by_lines.pay_fen, want.pay_fen);
    cr_expect_eq(file->by_lines.refund_fen, -want.refund_fen);
    cr_expect_eq(file->by_lines.fee_fen, want.fee_fen);
}

#define DISPUTE 6600 /* the one row of ZME takes this back */

static void
expect_archive(const struct bill_file *file)
{
    struct unionpay_sums want = published();
    play_accepted(file);
    cr_expect_eq(file->rows, ROWS + 1);
    cr_expect_eq(file->by_lines.pay_fen, want.pay_fen);
    cr_expect_eq(file->by_lines.refund_count, want.refund_count + 1);
    cr_expect_eq(file->by_lines.refund_fen, -want.refund_fen - DISPUTE);
    cr_expect_eq(file->by_lines.fee_fen, want.fee_fen);
}

/* An archive of these contents; those that are empty are left out. */
static struct span
archive_of(struct span zm, struct span zme, struct span report)
{
    const struct play_member all[] = {
        { RD_NAME, report },
        { ZM_NAME, zm },
        { ZME_NAME, zme },
    };
    struct play_member some[3];
    size_t count = 0;
    for (size_t i = 0; i < 3; i++) {
        if (all[i].content.len > 0) {
            some[count++] = all[i];
        }
    }
    return play_zip(some, count);
}

static struct span
report_of(const char *text)
{
    return play_gb18030(span_of(text));
}

static struct bill_file
judge_report(const char *text)
{
    struct span zme = play_file(FOLDER ZME_NAME);
    return play_read(kind("settlement"), archive_of(zm_text(), zme, report_of(text)));
}

/* Row `row` of ZM with bytes replaced from a column's place on. */
static struct span
zm_with(size_t row, size_t at, const char *bytes)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(MIB);
    CHECK_OK(buf_append(&text, zm_text()));
    memcpy(text.at + row * ROW + at, bytes, strlen(bytes));
    return play_keep(buf_span(&text));
}

Test(bill_unionpay, the_example_is_read_from_archive_and_from_content)
{
    struct span zip = play_file(FOLDER NAME ".zip");
    struct bill_file file = play_read(kind("settlement"), zip);
    expect_archive(&file);
    file = play_read(kind("settlement"), play_file(FOLDER NAME ".fileContent.b64"));
    expect_archive(&file);
    file = play_read(kind("settlement"), play_base64(play_deflate(zip, false)));
    expect_archive(&file);
    cr_expect(bill_file_looks_right(kind("settlement"), zip));
    cr_expect(bill_file_looks_right(kind("settlement"), play_file(FOLDER NAME ".fileContent.b64")));
    cr_expect_not(bill_file_looks_right(kind("settlement"), SPAN_LIT("<html>")));
}

static enum err
collect_number(void *context, const struct bill_line *line)
{
    struct buf *numbers = context;
    TRY(buf_i64(numbers, (int64_t)line->number));
    return buf_text(numbers, " ");
}

Test(bill_unionpay, rows_of_both_members_have_numbers_of_their_own)
{
    struct bill_file file;
    DEFER(buf_fini) struct buf numbers = BUF_MAX(MIB);
    CHECK_OK(bill_file_read(kind("settlement"), play_file(FOLDER NAME ".zip"), NULL,
                            (struct day){ .year = 0 }, collect_number, &numbers, &file));
    CHECK_TEXT(buf_span(&numbers), "1 2 3 4 5 ");
}

Test(bill_unionpay, every_truncation_of_archive_and_content_is_refused)
{
    static const char *const paths[] = { FOLDER NAME ".zip", FOLDER NAME ".fileContent.b64" };
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct span whole = span_trim(play_file(paths[i]), "\n");
        for (size_t len = 0; len < whole.len; len++) {
            struct bill_file file = play_read(kind("settlement"), span_sub(whole, 0, len));
            cr_assert_not(file.accepted, "%s at %zu", paths[i], len);
            cr_assert(file.found[FINDING_FILE_TRUNCATED] || file.found[FINDING_FILE_ZIP]);
        }
    }
}

/* A bare member has no trailer, so only a cut inside a row can be seen. */
Test(bill_unionpay, every_truncation_inside_a_row_is_refused)
{
    struct span whole = zm_text();
    cr_assert_eq(whole.len, ROWS * ROW);
    for (size_t len = 0; len < whole.len; len++) {
        struct bill_file file = play_read(kind("zm"), span_sub(whole, 0, len));
        cr_assert_eq(file.accepted, len > 0 && len % ROW == 0, "at %zu", len);
    }
}

Test(bill_unionpay, a_changed_byte_of_the_content_is_refused)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(MIB);
    CHECK_OK(buf_append(&text, play_file(FOLDER NAME ".fileContent.b64")));
    for (size_t i = 0; i < text.len * 8; i++) {
        text.at[i / 8] ^= (unsigned char)(1U << i % 8);
        struct bill_file file = play_read(kind("settlement"), buf_span(&text));
        if (file.accepted) {
            expect_archive(&file);
        }
        text.at[i / 8] ^= (unsigned char)(1U << i % 8);
    }
    text.at[100] = text.at[100] == 'A' ? 'B' : 'A';
    struct bill_file file = play_read(kind("settlement"), buf_span(&text));
    cr_expect_not(file.accepted);
}

Test(bill_unionpay, a_bomb_in_the_content_is_refused)
{
    unsigned char *zeros = calloc(1, 32 * MIB);
    cr_assert_not_null(zeros);
    struct span bomb = play_base64(play_deflate(span_make(zeros, 32 * MIB), false));
    struct bill_file file = play_read(kind("settlement"), bomb);
    play_only(&file, FINDING_FILE_ZIP, FINDING_NONE);
    free(zeros);
}

Test(bill_unionpay, what_is_neither_archive_nor_content_is_refused)
{
    struct bill_file file = play_read(kind("settlement"), SPAN_LIT("<html>"));
    play_only(&file, FINDING_FILE_ZIP, FINDING_NONE);
    file = play_read(kind("settlement"), play_base64(SPAN_LIT("no zlib stream")));
    play_only(&file, FINDING_FILE_TRUNCATED, FINDING_NONE);
    file = play_read(kind("settlement"), play_base64(play_deflate(SPAN_LIT("no ZIP"), false)));
    play_only(&file, FINDING_FILE_ZIP, FINDING_NONE);
    file = play_read(kind("settlement"), zm_text());
    cr_expect_not(file.accepted);
}

Test(bill_unionpay, the_published_layout_is_ours)
{
    static const struct {
        const char *member;
        const char *kind;
        const char *file;
        size_t blanks; /* columns that a blank must stand before */
    } members[] = { { "zm", "zm", ZM_NAME, 41 }, { "zme", "zme", ZME_NAME, 21 } };
    struct json_t *root = vectors_json(FOLDER "layout.json");
    for (size_t i = 0; i < COUNT(members); i++) {
        struct json_t *columns = json_member(root, members[i].member);
        DEFER(buf_fini) struct buf text = BUF_MAX(MIB);
        vectors_read((const char *)play_print(FOLDER "%s", members[i].file).at, &text);
        for (size_t k = 1; k < members[i].blanks; k++) {
            int64_t at = 0;
            CHECK_OK(json_get_i64(json_element(columns, k), "offset", &at));
            text.at[at - 1] = 'x';
            struct bill_file file = play_read(kind(members[i].kind), buf_span(&text));
            play_only(&file, FINDING_LINE_WIDTH, FINDING_NONE);
            cr_expect_eq(file.faults[0].number, 1);
            text.at[at - 1] = ' ';
        }
        struct bill_file file = play_read(kind(members[i].kind), buf_span(&text));
        play_accepted(&file);
    }
    json_free(&root);
}

Test(bill_unionpay, a_changed_field_is_that_finding)
{
    static const struct {
        size_t row;
        size_t at;
        const char *bytes;
        enum finding finding;
    } changes[] = {
        { 0, 66, "000001250001", FINDING_LINE_AMOUNT }, /* no longer fee and settled */
        { 0, 66, "00000125000X", FINDING_LINE_AMOUNT },
        { 0, 66, "     1250000", FINDING_LINE_AMOUNT },
        { 0, 66, "990001250000", FINDING_LINE_AMOUNT },
        { 0, 166, "D000000007501", FINDING_LINE_AMOUNT },
        { 0, 166, "E000000007500", FINDING_LINE_AMOUNT },
        { 0, 166, " 000000007500", FINDING_LINE_AMOUNT }, /* a blank is for zero only */
        { 0, 180, "D000001242500", FINDING_AMT_SIGN },
        { 2, 180, "C000000250000", FINDING_AMT_SIGN },
        { 0, 215, "02", FINDING_LINE_TYPE },
        { 0, 215, "  ", FINDING_LINE_TYPE },
        { 0, 215, "04", FINDING_AMT_SIGN },
        { 0, 35, "1313101500", FINDING_LINE_TIME },
        { 0, 35, "0113246000", FINDING_LINE_TIME },
        { 0, 35, "011310150 ", FINDING_LINE_TIME },
        { 1, 293, "802310099990002", FINDING_FILE_WRONG_MERCHANT },
        { 0, 327, "\xFF\xFF", FINDING_FILE_ENCODING },
    };
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct span text = zm_with(changes[i].row, changes[i].at, changes[i].bytes);
        struct bill_file file = play_read(kind("zm"), text);
        play_only(&file, changes[i].finding, FINDING_NONE);
        cr_expect_eq(file.faults[0].number, changes[i].row + 1);
        struct bill_file packed =
            play_read(kind("settlement"), archive_of(text, span_of(""), span_of("")));
        cr_expect(packed.found[changes[i].finding], "%zu", i);
    }
}

Test(bill_unionpay, a_changed_field_of_an_adjustment_is_that_finding)
{
    static const struct {
        size_t at;
        const char *bytes;
        enum finding finding;
    } changes[] = {
        { 66, "00000000660X", FINDING_LINE_AMOUNT },
        { 126, "X000000000000", FINDING_LINE_AMOUNT },
        { 140, " 000000006600", FINDING_LINE_AMOUNT },
        { 35, "0132093000", FINDING_LINE_TIME },
        { 0, "\xFF\xFF\xFF", FINDING_FILE_ENCODING },
    };
    for (size_t i = 0; i < COUNT(changes); i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(MIB);
        CHECK_OK(buf_append(&text, play_file(FOLDER ZME_NAME)));
        memcpy(text.at + changes[i].at, changes[i].bytes, strlen(changes[i].bytes));
        struct bill_file file = play_read(kind("zme"), buf_span(&text));
        play_only(&file, changes[i].finding, FINDING_NONE);
        file = play_read(kind("settlement"), archive_of(zm_text(), buf_span(&text), span_of("")));
        play_only(&file, changes[i].finding, FINDING_NONE);
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(MIB);
    CHECK_OK(buf_append(&text, play_file(FOLDER ZME_NAME)));
    memcpy(text.at + 170, "802310099990002", 15);
    struct bill_file file =
        play_read(kind("settlement"), archive_of(zm_text(), buf_span(&text), span_of("")));
    play_only(&file, FINDING_FILE_WRONG_MERCHANT, FINDING_NONE);
    memcpy(text.at + 170, "802310099990001", 15);
    text.at[140] = 'C'; /* what is credited counts as coming in */
    file = play_read(kind("zme"), buf_span(&text));
    play_accepted(&file);
    cr_expect_eq(file.by_lines.pay_fen, DISPUTE);
}

/* Behind the documented columns anything may stand, and nothing must (6.2). */
Test(bill_unionpay, rows_may_be_shorter_or_longer_than_the_sample)
{
    struct span rest = zm_text();
    struct span line;
    DEFER(buf_fini) struct buf shorter = BUF_MAX(MIB);
    DEFER(buf_fini) struct buf longer = BUF_MAX(MIB);
    DEFER(buf_fini) struct buf cut = BUF_MAX(MIB);
    while (span_cut(&rest, '\n', &line)) {
        CHECK_OK(buf_printf(&shorter, "%.508s\r\n", (const char *)line.at));
        CHECK_OK(buf_printf(&longer, "%.607sxyz 1\r\n", (const char *)line.at));
        CHECK_OK(buf_printf(&cut, "%.507s\r\n", (const char *)line.at));
    }
    struct bill_file file = play_read(kind("zm"), buf_span(&shorter));
    expect_zm(&file);
    file = play_read(kind("zm"), buf_span(&longer));
    expect_zm(&file);
    file = play_read(kind("zm"), buf_span(&cut));
    play_only(&file, FINDING_LINE_WIDTH, FINDING_NONE);
}

static struct bill_line seen[8];
static size_t seen_count;

static enum err
keep_line(void *context, const struct bill_line *line)
{
    (void)context;
    cr_assert_lt(seen_count, COUNT(seen));
    struct bill_line *to = &seen[seen_count++];
    *to = *line;
    to->provider_trade_no = play_keep(line->provider_trade_no);
    to->merchant_order_no = play_keep(line->merchant_order_no);
    to->refund_no = play_keep(line->refund_no);
    to->subject = play_keep(line->subject);
    cr_expect(span_is_utf8(line->raw));
    cr_expect_geq(line->raw.len, 300);
    return ERR_OK;
}

static void
read_lines(struct span bytes)
{
    struct bill_file file;
    seen_count = 0;
    CHECK_OK(bill_file_read(kind("settlement"), bytes, NULL, play_any_day, keep_line, NULL, &file));
    play_accepted(&file);
}

/* 2026-01-13 00:00:00 in China, in seconds since 1970. */
#define MIDNIGHT INT64_C(1768233600)

Test(bill_unionpay, rows_are_read_as_they_are_printed)
{
    read_lines(play_file(FOLDER NAME ".zip"));
    cr_assert_eq(seen_count, ROWS + 1);
    CHECK_TEXT(seen[0].provider_trade_no, "452601131015003100018");
    CHECK_TEXT(seen[0].merchant_order_no, "PO2026011300001");
    CHECK_TEXT(seen[0].refund_no, "");
    cr_expect_eq(seen[0].at.us, (MIDNIGHT + 10 * 3600 + 15 * 60) * 1000000);
    cr_expect_eq(seen[0].face.minor, 1250000);
    cr_expect_eq(seen[0].fee.minor, -7500);
    CHECK_TEXT(seen[1].subject, "华东分销有限公司"); /* characters that would shift columns */
    cr_expect_eq(seen[1].fee.minor, -1000);
    cr_expect_eq(seen[2].kind, BILL_LINE_REFUND);
    CHECK_TEXT(seen[2].provider_trade_no, "452601131015003100018");
    CHECK_TEXT(seen[2].merchant_order_no, "PO2026011300001");
    CHECK_TEXT(seen[2].refund_no, "RF2026011300001");
    cr_expect_eq(seen[2].effective.minor, -250000);
    cr_expect_eq(seen[0].card, FEE_CARD_DEBIT);
    cr_expect_eq(seen[0].method, ADAPTER_PAGE);
    cr_expect_eq(seen[1].card, FEE_CARD_ANY);
    cr_expect_eq(seen[1].method, ADAPTER_B2B);
    cr_expect_not(seen[3].dispute);
    cr_expect(seen[4].dispute);
    cr_expect_eq(seen[3].kind, BILL_LINE_REFUND); /* a cancellation */
    cr_expect_eq(seen[3].fee.minor, 53);
    CHECK_TEXT(seen[4].provider_trade_no, "310777 0105101010");
    cr_expect_eq(seen[4].face.minor, -DISPUTE);
}

/* A name that its column has cut inside a character must not take the blank behind it along. */
Test(bill_unionpay, a_character_cut_by_its_column_is_shown_as_such)
{
    struct span text = zm_with(1, 327, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xBB");
    read_lines(archive_of(text, span_of(""), span_of("")));
    CHECK_TEXT(seen[1].subject, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?");
}

/* The file of 1 January holds rows of the last evening of the year before, and the other way round. */
Test(bill_unionpay, the_year_is_that_next_to_the_files_day)
{
    struct play_member member = { "INN26010188ZM_802310099990001", zm_with(0, 35, "1231230500") };
    read_lines(play_zip(&member, 1));
    cr_expect_eq(seen[0].at.us, (MIDNIGHT - 13 * 86400 + 23 * 3600 + 5 * 60) * 1000000);
    cr_expect_eq(seen[1].at.us, (MIDNIGHT + 14 * 3600 + 22 * 60 + 33) * 1000000);
    member = (struct play_member){ "INN25123188ZM_802310099990001", zm_with(0, 35, "0101000500") };
    read_lines(play_zip(&member, 1));
    cr_expect_eq(seen[0].at.us, (MIDNIGHT - 12 * 86400 + 5 * 60) * 1000000);
}

Test(bill_unionpay, another_day_or_merchants_archive_is_refused)
{
    const struct adapter_account ours = { .merchant = "802310099990001" };
    const struct adapter_account other = { .merchant = "802310099990002" };
    const struct day day = { .year = 2026, .month = 1, .mday = 13 };
    const struct day next = { .year = 2026, .month = 1, .mday = 14 };
    struct span zip = play_file(FOLDER NAME ".zip");
    struct bill_file file = play_read_as(kind("settlement"), zip, &ours, next);
    play_only(&file, FINDING_FILE_WRONG_DAY, FINDING_NONE);
    file = play_read_as(kind("settlement"), zip, &other, day);
    play_only(&file, FINDING_FILE_WRONG_MERCHANT, FINDING_NONE);
    file = play_read_as(kind("settlement"), zip, &ours, day);
    expect_archive(&file);
    file = play_read_as(kind("zm"), zm_text(), &other, play_any_day);
    play_only(&file, FINDING_FILE_WRONG_MERCHANT, FINDING_NONE);
}

Test(bill_unionpay, members_of_two_days_are_no_archive)
{
    const struct play_member members[] = {
        { ZM_NAME, zm_text() },
        { "INN26011488ZME_802310099990001", play_file(FOLDER ZME_NAME) },
    };
    struct bill_file file = play_read(kind("settlement"), play_zip(members, 2));
    play_only(&file, FINDING_FILE_WRONG_DAY, FINDING_NONE);
}

Test(bill_unionpay, an_archive_without_transactions_is_no_bill_and_an_empty_one_is)
{
    struct span zme = play_file(FOLDER ZME_NAME);
    const struct play_member alone = { ZME_NAME, zme };
    struct bill_file file = play_read(kind("settlement"), play_zip(&alone, 1));
    play_only(&file, FINDING_FILE_ZIP, FINDING_NONE);
    const struct play_member twice[] = { { ZM_NAME, zm_text() }, { ZM_NAME, zm_text() } };
    file = play_read(kind("settlement"), play_zip(twice, 2));
    cr_expect(file.found[FINDING_FILE_ZIP]);
    const struct play_member adjusted[] = { { ZM_NAME, zm_text() },
                                            { ZME_NAME, zme },
                                            { ZME_NAME, zme } };
    file = play_read(kind("settlement"), play_zip(adjusted, 3));
    play_only(&file, FINDING_FILE_ZIP, FINDING_NONE);
    const struct play_member none[] = { { "x/" ZM_NAME, span_of("") }, { ZME_NAME, zme } };
    file = play_read(kind("settlement"), play_zip(none, 2));
    play_accepted(&file);
    cr_expect_eq(file.rows, 1);
    const struct play_member other[] = { { "INN26011301PED_802310099990001", SPAN_LIT("x\n") },
                                         { ZM_NAME, zm_text() } };
    file = play_read(kind("settlement"), play_zip(other, 2));
    expect_zm(&file);
}

#define TABLE_HEAD                                                           \
    "商户清算日报 商户号 802310099990001 清算日期 20260113\r\n" \
    "交易类型   笔数   交易金额   商户手续费   清算金额\r\n"
#define TABLE_ROWS                                  \
    "消费  2  112,388.00  -85.00  112,303.00\r\n" \
    "退货  2  2,588.00  0.53  -2,587.47\r\n"

/* Sums of the four rows: 12500.00 + 99888.00 in, 2500.00 + 88.00 out, fee -75.00 - 10.00 + 0.53, so
 * 12425.00 + 99878.00 - 2500.00 - 87.47 settled. */
Test(bill_unionpay, a_report_that_agrees_is_accepted)
{
    static const char *const reports[] = {
        TABLE_HEAD TABLE_ROWS "合计  4  109800.00  84.47  109715.53\r\n",
        TABLE_HEAD TABLE_ROWS "合计  4  114,976.00  -84.47  109,715.53",
        TABLE_HEAD TABLE_ROWS,
        "总笔数：4 笔\r\n交易金额：112388.00 元，手续费：84.47 元\r\n清算金额：109715.53 元\r\n",
        "笔数 4\r\n",
    };
    for (size_t i = 0; i < COUNT(reports); i++) {
        struct bill_file file = judge_report(reports[i]);
        expect_archive(&file);
    }
}

Test(bill_unionpay, a_report_that_disagrees_is_noticed)
{
    static const struct {
        const char *text;
        enum finding finding;
    } reports[] = {
        { TABLE_HEAD TABLE_ROWS "合计  5  109800.00  84.47  109715.53\r\n",
          FINDING_FILE_TRAILER_COUNT },
        { TABLE_HEAD TABLE_ROWS "合计  4  109800.01  84.47  109715.53\r\n",
          FINDING_FILE_TRAILER_SUM },
        { TABLE_HEAD TABLE_ROWS "合计  4  109800.00  84.48  109715.53\r\n", FINDING_FEE_SUM },
        { TABLE_HEAD TABLE_ROWS "合计  4  109800.00  84.47  109715.52\r\n",
          FINDING_FILE_TRAILER_SUM },
        { TABLE_HEAD "消费  3  112,388.00  -85.00  112,303.00\r\n"
                     "退货  2  2,588.00  0.53  -2,587.47\r\n",
          FINDING_FILE_TRAILER_COUNT },
        { "总笔数：3\r\n", FINDING_FILE_TRAILER_COUNT },
        { "总笔数：4\r\n清算金额：109715.50\r\n", FINDING_FILE_TRAILER_SUM },
        { "今日无话\r\n", FINDING_FILE_COLUMNS },
        { "2026-01-13 10:15:00 12500.00\r\n", FINDING_FILE_COLUMNS },
    };
    for (size_t i = 0; i < COUNT(reports); i++) {
        struct bill_file file = judge_report(reports[i].text);
        play_only(&file, reports[i].finding, FINDING_NONE);
    }
}

/* A row that is gone is gone from the sums of the report. */
Test(bill_unionpay, a_lost_row_is_noticed_by_the_report)
{
    struct span report =
        report_of(TABLE_HEAD TABLE_ROWS "合计  4  109800.00  84.47  109715.53\r\n");
    struct span rest = zm_text();
    struct span line;
    for (size_t i = 1; i <= ROWS; i++) {
        cr_assert(span_cut(&rest, '\n', &line));
        bool fee = !span_eq(span_sub(line, 167, 12), SPAN_LIT("000000000000"));
        struct span zm = play_drop_line(zm_text(), i);
        struct bill_file file = play_read(kind("settlement"), archive_of(zm, span_of(""), report));
        cr_expect_eq(file.found[FINDING_FEE_SUM], fee);
        file.found[FINDING_FEE_SUM] = false;
        play_only(&file, FINDING_FILE_TRAILER_COUNT, FINDING_FILE_TRAILER_SUM);
    }
}

Test(bill_unionpay, a_report_in_another_encoding_is_noticed)
{
    struct span report = SPAN_LIT("\xFF\xFE\xFF\xFE\r\n");
    struct bill_file file =
        play_read(kind("settlement"), archive_of(zm_text(), span_of(""), report));
    cr_expect(file.found[FINDING_FILE_ENCODING]);
}
