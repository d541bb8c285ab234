/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "check.h"
#include "vectors.h"

#define BILLS    "alipay/bills/"
#define ZIP_FILE BILLS "20880000000000010156_20240505_trade.csv.zip"
#define MERCHANT "2088000000000001"
#define MIB      ((size_t)1024 * 1024)
#define TEXT_MAX MIB

static const struct day any_day = { .year = 0 };

static const struct adapter_bill *
trade_bill(void)
{
    const struct adapter_bill *bill =
        bill_find(adapter_find(SPAN_LIT("alipay")), SPAN_LIT("trade"));
    cr_assert_not_null(bill);
    return bill;
}

/* A limit that is small enough to be passed in a test. */
static const struct bill_file_limits small = { .packed_max_bytes = 4 * MIB,
                                               .unpacked_max_bytes = 4 * MIB };

static struct bill_file
judge_within(const struct bill_file_limits *limits, struct span bytes)
{
    struct bill_file out;
    const struct bill_wish wish = { .bill = trade_bill(), .day = any_day, .limits = limits };
    CHECK_OK(bill_file_read_by(&wish, bytes, NULL, NULL, &out));
    cr_assert_eq(out.accepted, out.faults_seen == 0);
    return out;
}

static struct bill_file
judge(struct span bytes)
{
    return judge_within(&bill_file_limits, bytes);
}

/* Exactly this finding and no other. */
static void
expect_only(const struct bill_file *file, enum finding finding)
{
    cr_assert_not(file->accepted);
    for (size_t i = 0; i < FINDING_COUNT; i++) {
        cr_expect_eq(file->found[i], i == (size_t)finding, "%s: %s", finding_name((enum finding)i),
                     file->faults[0].detail);
    }
}

static void
expect_example(const struct bill_file *file)
{
    cr_assert(file->accepted, "%s", file->faults[0].detail);
    cr_expect_eq(file->rows, 5);
    cr_expect_eq(file->by_lines.pay_count, 3);
    cr_expect_eq(file->by_lines.refund_count, 2);
    cr_expect_eq(file->by_lines.pay_fen, 9889);
    cr_expect_eq(file->by_lines.refund_fen, -881);
    cr_expect_eq(file->by_lines.fee_fen, -59);
}

/* A ZIP being packed in memory. */
struct pack {
    struct archive *archive;
    unsigned char *storage;
    size_t size;
    size_t used;
};

static void
pack_open(struct pack *pack, size_t size)
{
    *pack = (struct pack){ .archive = archive_write_new(), .storage = malloc(size), .size = size };
    cr_assert_not_null(pack->storage);
    cr_assert_eq(archive_write_set_format_zip(pack->archive), ARCHIVE_OK);
    cr_assert_eq(archive_write_set_bytes_in_last_block(pack->archive, 1), ARCHIVE_OK);
    cr_assert_eq(archive_write_open_memory(pack->archive, pack->storage, size, &pack->used),
                 ARCHIVE_OK);
}

static void
pack_add(struct pack *pack, const char *name, struct span content)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, (la_int64_t)content.len);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    cr_assert_eq(archive_write_header(pack->archive, entry), ARCHIVE_OK);
    cr_assert_eq(archive_write_data(pack->archive, content.at, content.len),
                 (la_ssize_t)content.len);
    archive_entry_free(entry);
}

static struct span
pack_close(struct pack *pack)
{
    cr_assert_eq(archive_write_free(pack->archive), ARCHIVE_OK);
    return span_make(pack->storage, pack->used);
}

static struct bill_file
judge_member_within(const struct bill_file_limits *limits, const char *name, struct span content)
{
    struct pack pack;
    pack_open(&pack, content.len + TEXT_MAX);
    pack_add(&pack, name, content);
    struct bill_file file = judge_within(limits, pack_close(&pack));
    free(pack.storage);
    return file;
}

static struct bill_file
judge_member(const char *name, struct span content)
{
    return judge_member_within(&bill_file_limits, name, content);
}

/* The example's detail file with `from` replaced once by `to`, both in UTF-8 and plain ASCII there. */
static void
edited(const char *from, const char *to, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    vectors_read(BILLS "trade_detail.gbk.csv", &text);
    struct span whole = buf_span(&text);
    size_t at = span_find(whole, span_of(from));
    cr_assert_lt(at, whole.len, "the example has no %s", from);
    CHECK_OK(buf_append(out, span_sub(whole, 0, at)));
    CHECK_OK(buf_text(out, to));
    CHECK_OK(buf_append(out, span_sub(whole, at + strlen(from), whole.len)));
}

static struct bill_file
judge_edited(const char *from, const char *to)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    edited(from, to, &text);
    return judge_member("bill.csv", buf_span(&text));
}

Test(bill_file, nothing_is_refused)
{
    struct bill_file file = judge(SPAN_LIT(""));
    expect_only(&file, FINDING_FILE_TRUNCATED);
}

Test(bill_file, a_page_is_no_bill)
{
    struct span page = SPAN_LIT("<html><body>下载超时,请重新下载</body></html>");
    struct bill_file file = judge(page);
    expect_only(&file, FINDING_FILE_ZIP);
    cr_expect_not(bill_file_looks_right(trade_bill(), page));
    cr_expect(bill_file_looks_right(trade_bill(), SPAN_LIT("PK\x03\x04rest")));
}

Test(bill_file, every_truncation_of_the_archive_is_refused)
{
    DEFER(buf_fini) struct buf zip = BUF_MAX(TEXT_MAX);
    vectors_read(ZIP_FILE, &zip);
    for (size_t len = 0; len < zip.len; len++) {
        struct bill_file file = judge(span_sub(buf_span(&zip), 0, len));
        cr_assert_not(file.accepted, "%zu bytes", len);
        cr_assert(file.found[FINDING_FILE_TRUNCATED], "%zu bytes", len);
    }
}

Test(bill_file, every_truncation_of_the_text_is_refused)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    vectors_read(BILLS "trade_detail.gbk.csv", &text);
    for (size_t len = 0; len < text.len; len++) {
        struct bill_file file = judge_member("bill.csv", span_sub(buf_span(&text), 0, len));
        cr_assert_not(file.accepted, "%zu bytes", len);
    }
}

Test(bill_file, a_missing_last_line_end_is_a_truncation)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    vectors_read(BILLS "trade_detail.gbk.csv", &text);
    for (size_t cut = 1; cut <= 2; cut++) {
        struct span less = span_sub(buf_span(&text), 0, text.len - cut);
        struct bill_file file = judge_member("bill.csv", less);
        expect_only(&file, FINDING_FILE_TRUNCATED);
    }
}

/* The archive carries names and times that nobody checks, but a flipped bit never changes money. */
Test(bill_file, no_flipped_bit_changes_the_money)
{
    DEFER(buf_fini) struct buf zip = BUF_MAX(TEXT_MAX);
    vectors_read(ZIP_FILE, &zip);
    for (size_t i = 0; i < zip.len * 8; i++) {
        unsigned char mask = (unsigned char)(1U << i % 8);
        zip.at[i / 8] ^= mask;
        struct bill_file file = judge(buf_span(&zip));
        if (file.accepted) {
            expect_example(&file);
        }
        zip.at[i / 8] ^= mask;
    }
}

Test(bill_file, a_count_off_by_one_does_not_tie)
{
    struct bill_file file = judge_edited("3\xB1\xCA", "4\xB1\xCA"); /* 3笔 */
    expect_only(&file, FINDING_FILE_TRAILER_COUNT);
    file = judge_edited("2\xB1\xCA", "1\xB1\xCA");
    expect_only(&file, FINDING_FILE_TRAILER_COUNT);
}

Test(bill_file, a_sum_off_by_one_fen_does_not_tie)
{
    struct bill_file file = judge_edited("98.89\xD4\xAA", "98.90\xD4\xAA"); /* 98.89元 */
    expect_only(&file, FINDING_FILE_TRAILER_SUM);
    file = judge_edited("-8.81\xD4\xAA", "-8.80\xD4\xAA");
    expect_only(&file, FINDING_FILE_TRAILER_SUM);
}

Test(bill_file, a_missing_line_ties_neither_count_nor_sum)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf less = BUF_MAX(TEXT_MAX);
    vectors_read(BILLS "trade_detail.gbk.csv", &text);
    struct span rest = buf_span(&text);
    struct span line;
    for (size_t number = 1; span_cut(&rest, '\n', &line); number++) {
        if (number != 7) { /* the payment of 10.00 */
            CHECK_OK(buf_append(&less, line));
            CHECK_OK(buf_byte(&less, '\n'));
        }
    }
    struct bill_file file = judge_member("bill.csv", buf_span(&less));
    cr_expect(file.found[FINDING_FILE_TRAILER_COUNT]);
    cr_expect(file.found[FINDING_FILE_TRAILER_SUM]);
    cr_expect_eq(file.by_lines.pay_fen, 8889);
    cr_expect_eq(file.by_trailer.pay_fen, 9889);
}

Test(bill_file, a_broken_amount_or_time_names_its_line)
{
    struct bill_file file = judge_edited("88.88,88.88", "88.88,8.888E1");
    cr_expect(file.found[FINDING_LINE_AMOUNT]);
    cr_expect_eq(file.faults[0].number, 6);
    file = judge_edited("2024-05-05 10:00:10", "2024-05-05 25:00:10");
    cr_expect(file.found[FINDING_LINE_TIME]);
    cr_expect_eq(file.faults[0].number, 6);
}

Test(bill_file, bytes_outside_the_encoding_name_their_line)
{
    struct bill_file file = judge_edited("T20240505_0002", "T20240505_\xFF\xFF\xFF\xFF");
    cr_expect(file.found[FINDING_FILE_ENCODING]);
    cr_expect_eq(file.faults[0].number, 7);
}

Test(bill_file, text_that_an_editor_converted_is_an_encoding_error)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    vectors_read(BILLS "trade_detail.utf8.csv", &text);
    struct bill_file file = judge_member("bill.csv", buf_span(&text));
    expect_only(&file, FINDING_FILE_ENCODING);
}

Test(bill_file, another_bill_is_not_read)
{
    DEFER(buf_fini) struct buf zip = BUF_MAX(TEXT_MAX);
    vectors_read(BILLS "20880000000000010156_20240505_signcustomer.csv.zip", &zip);
    struct bill_file file = judge(buf_span(&zip));
    expect_only(&file, FINDING_FILE_ZIP);
}

Test(bill_file, two_bills_in_one_archive_are_refused)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    struct pack pack;
    vectors_read(BILLS "trade_detail.gbk.csv", &text);
    pack_open(&pack, TEXT_MAX);
    pack_add(&pack, "one.csv", buf_span(&text));
    pack_add(&pack, "two.csv", buf_span(&text));
    struct bill_file file = judge(pack_close(&pack));
    expect_only(&file, FINDING_FILE_ZIP);
    free(pack.storage);
}

static struct bill_file
judge_with_fillers(size_t fillers)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    struct pack pack;
    vectors_read(BILLS "trade_detail.gbk.csv", &text);
    pack_open(&pack, TEXT_MAX);
    for (size_t i = 0; i < fillers; i++) {
        pack_add(&pack, "filler.csv", SPAN_LIT("nothing\r\n"));
    }
    pack_add(&pack, "bill.csv", buf_span(&text));
    struct bill_file file = judge(pack_close(&pack));
    free(pack.storage);
    return file;
}

Test(bill_file, more_members_than_the_limit_are_refused)
{
    struct bill_file file = judge_with_fillers(BILL_FILE_MEMBERS_MAX);
    expect_only(&file, FINDING_FILE_ZIP);
    file = judge_with_fillers(BILL_FILE_MEMBERS_MAX - 1);
    expect_example(&file);
}

Test(bill_file, a_bomb_is_refused_by_its_ratio)
{
    unsigned char *zeros = calloc(1, 32 * MIB);
    cr_assert_not_null(zeros);
    struct bill_file file = judge_member("bill.csv", span_make(zeros, 32 * MIB));
    expect_only(&file, FINDING_FILE_ZIP);
    free(zeros);
}

Test(bill_file, a_member_over_the_limit_is_refused_by_its_size)
{
    /* Two random-looking letters a byte: about one bit each, so the ratio is harmless. */
    size_t len = 4 * MIB + 1;
    unsigned char *letters = malloc(len);
    cr_assert_not_null(letters);
    uint64_t state = 88172645463325252U;
    for (size_t i = 0; i < len; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        letters[i] = (state & 1) == 0 ? 'a' : 'b';
    }
    struct bill_file file = judge_member_within(&small, "bill.csv", span_make(letters, len));
    cr_expect(file.found[FINDING_FILE_SIZE]);
    file = judge_within(&small, span_make(letters, len));
    expect_only(&file, FINDING_FILE_SIZE);
    free(letters);
}

Test(bill_file, a_line_without_end_is_refused)
{
    unsigned char *padding = malloc(2 * BILL_FILE_LINE_MAX + 1);
    cr_assert_not_null(padding);
    memset(padding, 'x', 2 * BILL_FILE_LINE_MAX);
    padding[2 * BILL_FILE_LINE_MAX] = 0;
    struct bill_file file = judge_edited("T20240505_0002", (const char *)padding);
    cr_expect(file.found[FINDING_LINE_WIDTH]);
    cr_expect_eq(file.faults[0].number, 7);
    free(padding);
}

Test(bill_file, another_day_or_merchant_is_refused)
{
    DEFER(buf_fini) struct buf zip = BUF_MAX(TEXT_MAX);
    vectors_read(ZIP_FILE, &zip);
    const struct adapter_account ours = { .merchant = MERCHANT };
    const struct adapter_account other = { .merchant = "2088000000000002" };
    const struct day day = { .year = 2024, .month = 5, .mday = 5 };
    const struct day next = { .year = 2024, .month = 5, .mday = 6 };
    const struct adapter_bill *bill = trade_bill();
    struct bill_file file;
    CHECK_OK(bill_file_read(bill, buf_span(&zip), &ours, next, NULL, NULL, &file));
    expect_only(&file, FINDING_FILE_WRONG_DAY);
    CHECK_OK(bill_file_read(bill, buf_span(&zip), &other, day, NULL, NULL, &file));
    expect_only(&file, FINDING_FILE_WRONG_MERCHANT);
    CHECK_OK(bill_file_read(bill, buf_span(&zip), &ours, day, NULL, NULL, &file));
    expect_example(&file);
}

struct seen {
    size_t lines;
    size_t numbers;
    int64_t face;
    int64_t fee;
};

static enum err
count_line(void *context, const struct bill_line *line)
{
    struct seen *seen = context;
    seen->lines++;
    seen->numbers = seen->numbers * 100 + line->number;
    seen->face += line->face.minor;
    seen->fee += line->fee.minor;
    cr_expect(span_is_utf8(line->raw));
    return ERR_OK;
}

Test(bill_file, the_example_is_read_line_by_line)
{
    DEFER(buf_fini) struct buf zip = BUF_MAX(TEXT_MAX);
    vectors_read(ZIP_FILE, &zip);
    struct seen seen = { .lines = 0 };
    struct bill_file file;
    CHECK_OK(bill_file_read(trade_bill(), buf_span(&zip), NULL, any_day, count_line, &seen, &file));
    expect_example(&file);
    cr_expect_eq(seen.lines, 5);
    cr_expect_eq(seen.numbers, 607080910); /* lines 6 to 10 */
    cr_expect_eq(seen.face, 9889 - 881);
    cr_expect_eq(seen.fee, -59);
}

Test(bill_file, the_names_of_members_are_ignored)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    vectors_read(BILLS "trade_detail.gbk.csv", &text);
    struct bill_file file = judge_member("../../../etc/passwd", buf_span(&text));
    expect_example(&file);
}

static enum err
refuse_line(void *context, const struct bill_line *line)
{
    (void)line;
    *(int *)context += 1;
    return ERR_OVERLOADED;
}

Test(bill_file, a_failing_reader_of_lines_stops_the_reading)
{
    DEFER(buf_fini) struct buf zip = BUF_MAX(TEXT_MAX);
    vectors_read(ZIP_FILE, &zip);
    int calls = 0;
    struct bill_file file;
    CHECK_ERR(
        bill_file_read(trade_bill(), buf_span(&zip), NULL, any_day, refuse_line, &calls, &file),
        ERR_OVERLOADED);
    cr_expect_eq(calls, 1);
}
