/* SPDX-License-Identifier: Apache-2.0 */
/* The published Alipay bill files: names in the archives, the archives' members, the two encodings
 * of each plain file, and every field of every line of money. */
#include <stdio.h>

#include "bill_file_parts.h"
#include "check.h"
#include "vectors.h"

#define BILLS     "alipay/bills/"
#define TEXT_MAX  ((size_t)1024 * 1024)
#define LINES_MAX 64
#define MEMBERS   2
#define HEADER    4 /* places of lines in the file, from 0 */
#define FIRST_ROW 5
#define ROWS      5

static const struct {
    const char *zip;
    const char *names[MEMBERS]; /* in expected.json */
    const char *files[MEMBERS]; /* what each holds */
} archives[] = {
    { BILLS "20880000000000010156_20240505_trade.csv.zip",
      { "trade_summary", "trade_detail" },
      { BILLS "trade_summary.gbk.csv", BILLS "trade_detail.gbk.csv" } },
    { BILLS "20880000000000010156_20240505_signcustomer.csv.zip",
      { "signcustomer_detail", "signcustomer_summary" },
      { BILLS "signcustomer_detail.gbk.csv", BILLS "signcustomer_summary.gbk.csv" } },
};

static size_t
number_at(struct span bytes, size_t at, size_t width)
{
    size_t value = 0;
    for (size_t i = width; i > 0; i--) {
        value = value * 256 + bytes.at[at + i - 1];
    }
    return value;
}

/* The directory at the end of a ZIP, by the places of the format's description (APPNOTE 4.3.12 and
 * 4.3.16); these files have no comment. Names are raw GBK, which flag 11 would call UTF-8. */
static void
check_names(struct span zip, const char *const *names, struct json_t *want)
{
    size_t end = zip.len - 22;
    size_t at = number_at(zip, end + 16, 4);
    cr_assert(span_starts(span_sub(zip, end, 4), SPAN_LIT("PK\5\6")));
    cr_assert_eq(number_at(zip, end + 10, 2), MEMBERS);
    for (size_t i = 0; i < MEMBERS; i++) {
        DEFER(buf_fini) struct buf hex = BUF_MAX(1024);
        size_t len = number_at(zip, at + 28, 2);
        cr_assert(span_starts(span_sub(zip, at, 4), SPAN_LIT("PK\1\2")));
        cr_expect_eq(number_at(zip, at + 8, 2) & 0x800U, 0);
        CHECK_OK(crypto_hex_encode(span_sub(zip, at + 46, len), &hex));
        cr_expect(span_eq(buf_span(&hex), vectors_text(want, names[i])), "%s: %.*s", names[i],
                  SPAN_ARG(buf_span(&hex)));
        at += 46 + len + number_at(zip, at + 30, 2) + number_at(zip, at + 32, 2);
    }
}

Test(bill_vectors, archives_name_their_members_in_raw_gbk)
{
    struct json_t *root = vectors_json(BILLS "expected.json");
    struct json_t *want = json_member(root, "zip_entry_name_bytes_hex");
    for (size_t i = 0; i < sizeof(archives) / sizeof(archives[0]); i++) {
        DEFER(buf_fini) struct buf zip = BUF_MAX(0);
        vectors_read(archives[i].zip, &zip);
        check_names(buf_span(&zip), archives[i].names, want);
    }
    json_free(&root);
}

/* What bill_file_members gives, member by member. */
struct members {
    struct buf content[MEMBERS];
    size_t count;
};

static enum err
member_begin(void *context, struct span name, size_t size)
{
    (void)size;
    struct members *members = context;
    (void)name; /* compared above, in its own bytes */
    cr_assert_lt(members->count, MEMBERS);
    buf_init(&members->content[members->count], TEXT_MAX);
    return ERR_OK;
}

static enum err
member_bytes(void *context, struct span bytes)
{
    struct members *members = context;
    return buf_append(&members->content[members->count], bytes);
}

static enum err
member_end(void *context, bool whole)
{
    struct members *members = context;
    cr_expect(whole);
    members->count++;
    return ERR_OK;
}

Test(bill_vectors, archives_hold_the_plain_files)
{
    for (size_t i = 0; i < sizeof(archives) / sizeof(archives[0]); i++) {
        struct members members = { .count = 0 };
        const struct member_sink sink = { &members, member_begin, member_bytes, member_end };
        struct bill_file out = { .accepted = false };
        DEFER(buf_fini) struct buf zip = BUF_MAX(0);
        vectors_read(archives[i].zip, &zip);
        CHECK_OK(bill_file_members(BILL_ZIP, buf_span(&zip), &bill_file_limits, &sink, &out));
        cr_expect_eq(out.faults_seen, 0);
        cr_assert_eq(members.count, MEMBERS);
        for (size_t k = 0; k < MEMBERS; k++) {
            DEFER(buf_fini) struct buf plain = BUF_MAX(0);
            vectors_read(archives[i].files[k], &plain);
            cr_expect(span_eq(buf_span(&members.content[k]), buf_span(&plain)), "%s",
                      archives[i].files[k]);
            buf_fini(&members.content[k]);
        }
    }
}

/* The lines of a text, decoded. */
struct lines {
    struct text_decoder decoder;
    struct buf text[LINES_MAX];
    size_t count;
};

static enum err
keep_line(void *context, struct span line, size_t number, bool ended, bool overlong)
{
    struct lines *lines = context;
    struct span text;
    cr_assert_eq(number, lines->count + 1);
    cr_assert(ended && !overlong && lines->count < LINES_MAX);
    CHECK_OK(text_decode(&lines->decoder, line, &text));
    buf_init(&lines->text[lines->count], TEXT_MAX);
    return buf_append(&lines->text[lines->count++], text);
}

static void
lines_of(const char *path, enum bill_encoding encoding, struct lines *out)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(0);
    *out = (struct lines){ .count = 0 };
    struct text_lines split = { .context = out, .line = keep_line };
    buf_init(&split.partial, TEXT_MAX);
    vectors_read(path, &bytes);
    CHECK_OK(text_decoder_open(&out->decoder, encoding));
    CHECK_OK(text_lines_bytes(&split, buf_span(&bytes)));
    CHECK_OK(text_lines_end(&split));
    buf_fini(&split.partial);
}

static void
lines_fini(struct lines *lines)
{
    text_decoder_fini(&lines->decoder);
    for (size_t i = 0; i < lines->count; i++) {
        buf_fini(&lines->text[i]);
    }
}

Test(bill_vectors, both_encodings_of_a_file_say_the_same)
{
    static const char *const files[][2] = {
        { BILLS "trade_detail.gbk.csv", BILLS "trade_detail.utf8.csv" },
        { BILLS "trade_summary.gbk.csv", BILLS "trade_summary.utf8.csv" },
    };
    for (size_t i = 0; i < 2; i++) {
        DEFER(lines_fini) struct lines gbk;
        DEFER(lines_fini) struct lines utf8;
        lines_of(files[i][0], BILL_GB18030, &gbk);
        lines_of(files[i][1], BILL_UTF8, &utf8);
        cr_assert_gt(gbk.count, HEADER);
        cr_assert_eq(gbk.count, utf8.count);
        for (size_t k = 0; k < gbk.count; k++) {
            cr_expect(span_eq(buf_span(&gbk.text[k]), buf_span(&utf8.text[k])), "%s, line %zu",
                      files[i][0], k + 1);
        }
    }
}

/* The published UTF-8 file and how far it has been compared. */
struct compared {
    struct lines file;
    size_t rows;
};

/* The field under a column's name, as it is printed, without what pads it. */
static struct span
column(const struct compared *compared, const char *name)
{
    struct span names = buf_span(&compared->file.text[HEADER]);
    struct span row = buf_span(&compared->file.text[FIRST_ROW + compared->rows]);
    struct span head = { 0 };
    struct span field = { 0 };
    bool more = true;
    while (more && !span_eq_cstr(head, name)) {
        more = span_cut(&names, ',', &head);
        (void)span_cut(&row, ',', &field);
    }
    cr_assert(span_eq_cstr(head, name), "no column %s", name);
    return span_trim(field, "\t `");
}

static void
expect_amount(const struct compared *compared, const char *name, struct money amount)
{
    char text[32];
    long long fen = amount.minor;
    long long size = fen < 0 ? -fen : fen;
    (void)snprintf(text, sizeof(text), "%s%lld.%02lld", fen < 0 ? "-" : "", size / 100, size % 100);
    cr_expect(span_eq_cstr(column(compared, name), text), "%s: %s", name, text);
}

static enum err
compare_line(void *context, const struct bill_line *line)
{
    struct compared *compared = context;
    DEFER(buf_fini) struct buf at = BUF_MAX(64);
    cr_assert_lt(compared->rows, ROWS);
    cr_expect(span_eq(line->raw, buf_span(&compared->file.text[FIRST_ROW + compared->rows])));
    cr_expect(span_eq(line->provider_trade_no, column(compared, "支付宝交易号")));
    cr_expect(span_eq(line->merchant_order_no, column(compared, "商户订单号")));
    cr_expect(span_eq(line->refund_no, column(compared, "退款批次号/请求号")));
    cr_expect(span_eq(line->subject, column(compared, "商品名称")));
    bool pays = span_eq_cstr(column(compared, "业务类型"), "交易");
    cr_expect_eq(line->kind, pays ? BILL_LINE_PAY : BILL_LINE_REFUND);
    CHECK_OK(wall_format_civil(line->at, ZONE_CHINA_MIN, &at));
    cr_expect(span_eq(buf_span(&at), column(compared, "完成时间")));
    expect_amount(compared, "订单金额（元）", line->order_amount);
    expect_amount(compared, "商家实收（元）", line->face);
    expect_amount(compared, "服务费（元）", line->fee);
    compared->rows++;
    return ERR_OK;
}

Test(bill_vectors, every_field_is_what_the_plain_file_prints)
{
    DEFER(buf_fini) struct buf zip = BUF_MAX(0);
    struct compared compared = { .rows = 0 };
    struct bill_file out;
    const struct day day = { 2024, 5, 5 };
    const struct adapter_account account = { .name = "main", .merchant = "2088000000000001" };
    const struct adapter_bill *bill =
        bill_find(adapter_find(SPAN_LIT("alipay")), SPAN_LIT("trade"));
    lines_of(BILLS "trade_detail.utf8.csv", BILL_UTF8, &compared.file);
    vectors_read(archives[0].zip, &zip);
    CHECK_OK(bill_file_read(bill, buf_span(&zip), &account, day, compare_line, &compared, &out));
    cr_expect(out.accepted);
    cr_expect_eq(compared.rows, ROWS);
    lines_fini(&compared.file);
}
