/* SPDX-License-Identifier: Apache-2.0 */
/* CSV files become records of cells, as RFC 4180 has them. */
#include "csv_read.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "check.h"

#define MARK "\xEF\xBB\xBF" /* of byte order */

static struct buf said = BUF_MAX(65536);
static size_t last_count;

static enum err
take(void *context, int64_t number, const struct span *cells, size_t count)
{
    (void)context;
    last_count = count;
    TRY(buf_printf(&said, "%lld", (long long)number));
    for (size_t i = 0; i < count && i < 4; i++) {
        TRY(buf_printf(&said, "|%.*s", SPAN_ARG(cells[i])));
    }
    return buf_byte(&said, ';');
}

static enum err
read_text(const char *text)
{
    DEFER(csv_read_free) struct csv_read *csv = NULL;
    TRY(csv_read_new(take, NULL, &csv));
    TRY(csv_read_bytes(csv, span_of(text)));
    return csv_read_end(csv);
}

/* Byte by byte no record ever ends in the bytes at hand, so that libcsv reads all of it. */
static enum err
read_bytewise(const char *text)
{
    DEFER(csv_read_free) struct csv_read *csv = NULL;
    TRY(csv_read_new(take, NULL, &csv));
    for (size_t i = 0; i < strlen(text); i++) {
        TRY(csv_read_bytes(csv, span_make(text + i, 1)));
    }
    return csv_read_end(csv);
}

static void
expect_read(enum err (*read)(const char *text), const char *text, const char *want)
{
    const char *got = NULL;
    buf_reset(&said);
    CHECK_OK(read(text));
    CHECK_OK(buf_cstr(&said, &got));
    cr_expect_str_eq(got, want);
    buf_fini(&said);
}

static void
expect(const char *text, const char *want)
{
    expect_read(read_text, text, want);
}

static void
expect_bytewise(const char *text, const char *want)
{
    expect_read(read_bytewise, text, want);
}

Test(csv_read, a_quoted_cell_keeps_its_line_ends_commas_quotes_and_blanks)
{
    expect("a,b\r\n\"1,\r\n\"\"2\"\"\",\" x \"\r\n", "1|a|b;2|1,\r\n\"2\"| x ;");
}

Test(csv_read, blanks_around_a_bare_cell_are_not_part_of_it)
{
    expect(" a ,\tb\n", "1|a|b;");
}

Test(csv_read, the_byte_order_mark_is_no_part_of_the_first_cell_and_only_of_that)
{
    expect("\xEF\xBB\xBF"
           "a\n\xEF\xBB\xBF"
           "b\n",
           "1|a;2|\xEF\xBB\xBF"
           "b;");
}

/* In whatever pieces it comes, also where a quote stands behind it; part of a mark is none. */
Test(csv_read, the_byte_order_mark_is_taken_off_before_the_first_cell_whatever_that_is)
{
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {
        { MARK "\"a\",b\r\n\"c\"\r\n", "1|a|b;2|c;" },
        { MARK "\"a\"\"\n\",b\n", "1|a\"\n|b;" },
        { MARK " \"a\",b\n", "1|a|b;" },
        { MARK ",b\n", "1||b;" },
        { MARK "\n\"a\"\n", "1|a;" },
        { MARK MARK "a\n", "1|" MARK "a;" },
        { "a,\"" MARK "b\"\n", "1|a|" MARK "b;" },
        { "\n" MARK "a\n", "1|" MARK "a;" },
        { MARK, "" },
        { MARK "a", "1|a;" },
        { MARK "\"a\"", "1|a;" },
        { "\xEF\xBB"
          "a\n",
          "1|\xEF\xBB"
          "a;" },
        { "\xEF", "1|\xEF;" },
        { "\xEF\xEF\xBB\xBF\n", "1|\xEF\xEF\xBB\xBF;" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expect(cases[i].text, cases[i].want);
        expect_bytewise(cases[i].text, cases[i].want);
    }
}

Test(csv_read, a_record_without_a_byte_is_passed_over)
{
    expect("a\n\n\r\nb", "1|a;2|b;");
}

Test(csv_read, cells_beyond_the_limit_are_counted)
{
    buf_reset(&said);
    DEFER(buf_fini) struct buf text = BUF_MAX(1024);
    const char *wide = NULL;
    for (int i = 0; i < CSV_READ_CELLS_MAX + 6; i++) {
        CHECK_OK(buf_text(&text, "x,"));
    }
    CHECK_OK(buf_cstr(&text, &wide));
    CHECK_OK(read_text(wide));
    cr_expect_eq(last_count, CSV_READ_CELLS_MAX + 7);
    buf_fini(&said);
}

Test(csv_read, a_record_of_more_than_4_MiB_is_refused)
{
    DEFER(csv_read_free) struct csv_read *csv = NULL;
    static char filler[512 * 1024];
    enum err err = ERR_OK;
    memset(filler, 'x', sizeof(filler));
    filler[sizeof(filler) - 1] = ',';
    CHECK_OK(csv_read_new(take, NULL, &csv));
    int cells = 0;
    while (err == ERR_OK && cells < 20) {
        err = csv_read_bytes(csv, span_make(filler, sizeof(filler)));
        cells++;
    }
    cr_expect_eq(err, ERR_BUF_FULL);
    cr_expect_eq(cells, 9); /* 8 of them are 4 MiB less 8 bytes */
    CHECK_ERR(csv_read_bytes(csv, SPAN_LIT("\n")), ERR_BUF_FULL);
}

Test(csv_read, whatever_the_text_a_whole_file_is_read_as_libcsv_reads_it)
{
    static const char *const pieces[] = { "a",    "bc", " ",  "\t", ",",    ",",
                                          "\r\n", "\n", "\r", "\"", "\"\"", "\"x,\"" };
    DEFER(buf_fini) struct buf made = BUF_MAX(200);
    const char *text = NULL;
    DEFER(buf_fini) struct buf kept = BUF_MAX(65536);
    uint64_t dice = 20261126;
    for (int round = 0; round < 20000; round++) {
        buf_reset(&made);
        CHECK_OK(buf_text(&made, round % 4 == 0 ? MARK : ""));
        for (int i = 0; i < 24; i++) {
            dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            size_t which = (size_t)(dice >> 33) % (sizeof(pieces) / sizeof(pieces[0]));
            if (which < 9 || round % 3 == 0) {
                CHECK_OK(buf_text(&made, pieces[which]));
            }
        }
        CHECK_OK(buf_cstr(&made, &text));
        buf_reset(&said);
        enum err bytewise = read_bytewise(text);
        buf_reset(&kept);
        CHECK_OK(buf_append(&kept, buf_span(&said)));
        buf_reset(&said);
        enum err whole = read_text(text);
        cr_assert_eq(whole, bytewise, "%s", text);
        cr_assert(span_eq(buf_span(&said), buf_span(&kept)), "%s", text);
    }
    buf_fini(&said);
}

Test(csv_read, a_cell_longer_than_a_block_of_bytes_and_one_at_its_end_are_whole)
{
    char text[800];
    char want[800];
    for (int len = 55; len < 140; len++) {
        (void)snprintf(text, sizeof(text), "%0*d,b\r\nc,%0*d\r\n", len, 7, 2 * len, 8);
        (void)snprintf(want, sizeof(want), "1|%0*d|b;2|c|%0*d;", len, 7, 2 * len, 8);
        expect(text, want);
    }
}
