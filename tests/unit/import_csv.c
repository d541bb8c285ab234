/* SPDX-License-Identifier: Apache-2.0 */
/* CSV records become JSON lines; what cannot is named by record or column. */
#include "import_csv.h"

#include "check.h"

#define LINES_MAX  8
#define LINE_BYTES 1024

static struct import_csv *csv;
static struct {
    int64_t number;
    char text[LINE_BYTES];
    enum err wrong;
} lines[LINES_MAX];
static size_t line_count;
static enum err line_answer;

static enum err
take(void *context, int64_t number, struct span line, enum err wrong)
{
    (void)context;
    cr_assert_lt(line_count, LINES_MAX);
    cr_assert_lt(line.len, LINE_BYTES);
    memcpy(lines[line_count].text, line.at, line.len);
    lines[line_count].text[line.len] = 0;
    lines[line_count].number = number;
    lines[line_count].wrong = wrong;
    line_count++;
    return line_answer;
}

static void
set_up(void)
{
    line_count = 0;
    line_answer = ERR_OK;
    cr_assert_eq(import_csv_new(&import_orders, take, NULL, &csv), ERR_OK);
}

static void
invoices(void)
{
    import_csv_free(&csv);
    cr_assert_eq(import_csv_new(&import_invoices, take, NULL, &csv), ERR_OK);
}

static void
tear_down(void)
{
    import_csv_free(&csv);
}

TestSuite(import_csv, .init = set_up, .fini = tear_down);

/* Whole, or in pieces of that many bytes. */
static enum err
feed(const char *text, size_t piece)
{
    struct span rest = span_of(text);
    while (rest.len > 0) {
        size_t len = rest.len < piece ? rest.len : piece;
        TRY(import_csv_bytes(csv, span_sub(rest, 0, len)));
        rest = span_sub(rest, len, rest.len);
    }
    return import_csv_end(csv);
}

static const char two_records[] = "\xEF\xBB\xBForder_no,status,amount,title\r\n"
                                  "A-1,paid,28000,\"甲,\"\"乙\"\"公司\"\r\n"
                                  "A-2,draft,,丙\n";

static void
expect_two_records(void)
{
    cr_assert_eq(line_count, 2);
    cr_expect_eq(lines[0].number, 2);
    cr_expect_str_eq(lines[0].text,
                     "{\"order\":{\"order_no\":\"A-1\",\"amount\":28000,\"invoice\":{\"title\":"
                     "\"甲,\\\"乙\\\"公司\"}},\"status\":\"paid\"}");
    cr_expect_eq(lines[1].number, 3);
    cr_expect_str_eq(
        lines[1].text,
        "{\"order\":{\"order_no\":\"A-2\",\"invoice\":{\"title\":\"丙\"}},\"status\":\"draft\"}");
}

Test(import_csv, records_become_lines_by_the_names_of_their_columns)
{
    CHECK_OK(feed(two_records, sizeof(two_records)));
    expect_two_records();
}

Test(import_csv, it_does_not_matter_where_a_read_ends)
{
    CHECK_OK(feed(two_records, 1));
    expect_two_records();
}

Test(import_csv, the_last_record_needs_no_line_end)
{
    CHECK_OK(feed("order_no\nA-1\nA-2", 5));
    cr_assert_eq(line_count, 2);
    cr_expect_str_eq(lines[1].text, "{\"order\":{\"order_no\":\"A-2\"}}");
}

Test(import_csv, a_number_that_is_none_stays_a_text_for_the_reader_to_refuse)
{
    CHECK_OK(feed("amount\n280.00\n1e3\n", 64));
    cr_assert_eq(line_count, 2);
    cr_expect_str_eq(lines[0].text, "{\"order\":{\"amount\":\"280.00\"}}");
    cr_expect_str_eq(lines[1].text, "{\"order\":{\"amount\":\"1e3\"}}");
}

Test(import_csv, a_record_with_other_cells_than_the_header_is_the_only_one_refused)
{
    CHECK_OK(feed("order_no,status\nA-1\nA-2,paid,more\nA-3,paid\n", 64));
    cr_assert_eq(line_count, 3);
    cr_expect_eq(lines[0].wrong, ERR_IMPORT_CELLS);
    cr_expect_eq(lines[1].wrong, ERR_IMPORT_CELLS);
    cr_expect_eq(lines[2].wrong, ERR_OK);
    cr_expect_str_eq(lines[2].text, "{\"order\":{\"order_no\":\"A-3\"},\"status\":\"paid\"}");
}

Test(import_csv, bytes_that_are_no_utf8_are_the_records_fault)
{
    CHECK_OK(feed("order_no\n\xB1\xB1\nA-2\n", 64));
    cr_assert_eq(line_count, 2);
    cr_expect_eq(lines[0].wrong, ERR_ENCODING);
    cr_expect_eq(lines[1].wrong, ERR_OK);
}

Test(import_csv, an_unknown_column_refuses_the_file)
{
    CHECK_ERR(feed("order_no,colour\nA-1,red\n", 64), ERR_IMPORT_HEADER);
    cr_expect_str_eq(import_csv_column(csv), "colour");
    cr_expect_eq(line_count, 0);
}

Test(import_csv, a_column_that_is_there_twice_refuses_the_file)
{
    CHECK_ERR(feed("order_no,status,order_no\nA-1,paid,A-2\n", 64), ERR_IMPORT_HEADER);
    cr_expect_str_eq(import_csv_column(csv), "order_no");
    cr_expect_eq(line_count, 0);
}

Test(import_csv, a_file_without_a_header_is_empty_and_one_with_a_header_alone_has_no_lines)
{
    static const char *const empty[] = { "", "\xEF\xBB\xBF", "\r\n\n" };
    static const char *const header[] = { "order_no,status",
                                          "\xEF\xBB\xBForder_no,status\r\n\r\n" };
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        import_csv_free(&csv);
        CHECK_OK(import_csv_new(&import_orders, take, NULL, &csv));
        CHECK_ERR(feed(empty[i], 64), ERR_IMPORT_EMPTY);
    }
    for (size_t i = 0; i < sizeof(header) / sizeof(header[0]); i++) {
        import_csv_free(&csv);
        CHECK_OK(import_csv_new(&import_orders, take, NULL, &csv));
        CHECK_OK(feed(header[i], 64));
    }
    cr_expect_eq(line_count, 0);
}

Test(import_csv, a_quote_that_is_never_closed_is_found_at_the_end)
{
    CHECK_ERR(feed("order_no\nA-1\n\"A-2\nA-3\n", 64), ERR_IMPORT_CSV);
    cr_expect_eq(line_count, 1);
    cr_expect_eq(import_csv_record(csv), 3);
}

Test(import_csv, text_behind_a_closing_quote_is_refused)
{
    CHECK_ERR(feed("order_no\n\"A\"1\n", 64), ERR_IMPORT_CSV);
    cr_expect_eq(line_count, 0);
}

Test(import_csv, a_cell_without_end_does_not_fill_the_memory)
{
    static char filler[65536];
    memset(filler, 'x', sizeof(filler));
    CHECK_OK(import_csv_bytes(csv, SPAN_LIT("order_no\n\"")));
    enum err err = ERR_OK;
    int reads = 0;
    while (err == ERR_OK && reads < 64) {
        err = import_csv_bytes(csv, span_make(filler, sizeof(filler)));
        reads++;
    }
    cr_expect_eq(err, ERR_IMPORT_CSV);
    cr_expect_lt(reads, 32);
}

Test(import_csv, whoever_takes_the_lines_can_end_it)
{
    line_answer = ERR_DB_AWAY;
    CHECK_ERR(feed("order_no\nA-1\nA-2\n", 64), ERR_DB_AWAY);
    cr_expect_eq(line_count, 1);
}

#define PARTS_HEADER \
    "invoice_id,order_no,red,total,confirmation,allocation_order_no,allocation_amount\n"

Test(import_csv, a_record_without_key_adds_a_part_to_the_invoice_above)
{
    invoices();
    CHECK_OK(feed(PARTS_HEADER
                  "I-1,A-1,false,900,,A-1,300\n,,,,,A-2,600\nI-2,A-3,true,-5,in_request,,\n",
                  7));
    cr_assert_eq(line_count, 2);
    cr_expect_eq(lines[0].number, 2);
    cr_expect_str_eq(lines[0].text,
                     "{\"invoice_id\":\"I-1\",\"order_no\":\"A-1\",\"red\":false,\"total\":900,"
                     "\"allocations\":[{\"order_no\":\"A-1\",\"amount\":300},"
                     "{\"order_no\":\"A-2\",\"amount\":600}]}");
    cr_expect_eq(lines[1].number, 4);
    cr_expect_str_eq(lines[1].text, "{\"invoice_id\":\"I-2\",\"order_no\":\"A-3\",\"red\":true,"
                                    "\"total\":-5,\"confirmation\":{\"state\":\"in_request\"}}");
}

/* The two lists of a document grow beside each other, each by the records that have cells of it. */
Test(import_csv, records_below_an_invoice_have_its_items_and_its_parts)
{
    invoices();
    CHECK_OK(feed(
        "invoice_id,total,allocation_order_no,allocation_amount,item_name,item_rate_ppm,item_net\n"
        "I-1,900,A-1,300,证书,60000,100\n,,A-2,600,,,\n,,,,介质,x,5\nI-2,5,,,,,\n",
        16));
    cr_assert_eq(line_count, 2);
    cr_expect_str_eq(lines[0].text, "{\"invoice_id\":\"I-1\",\"total\":900,"
                                    "\"allocations\":[{\"order_no\":\"A-1\",\"amount\":300},"
                                    "{\"order_no\":\"A-2\",\"amount\":600}],"
                                    "\"items\":[{\"name\":\"证书\",\"rate_ppm\":60000,\"net\":100},"
                                    "{\"name\":\"介质\",\"rate_ppm\":\"x\",\"net\":5}]}");
    cr_expect_str_eq(lines[1].text, "{\"invoice_id\":\"I-2\",\"total\":5}");
}

Test(import_csv, a_part_that_cannot_be_read_refuses_its_whole_invoice)
{
    invoices();
    CHECK_OK(feed(PARTS_HEADER
                  "I-1,A-1,false,900,,A-1,900\n,,,,,A-2\n,,,,,A-3,1\nI-2,A-3,false,5,,\n"
                  "I-3,A-4,false,5,,,\n",
                  64));
    cr_assert_eq(line_count, 3);
    cr_expect_eq(lines[0].wrong, ERR_IMPORT_CELLS);
    cr_expect_eq(lines[0].number, 2);
    cr_expect_eq(lines[1].wrong, ERR_IMPORT_CELLS);
    cr_expect_eq(lines[1].number, 5);
    cr_expect_eq(lines[2].wrong, ERR_OK);
}

Test(import_csv, a_record_without_key_that_says_more_is_an_invoice_of_its_own)
{
    invoices();
    CHECK_OK(feed(PARTS_HEADER ",,,,,A-9,1\nI-1,A-1,no,900,,,\n,A-2,,,,A-2,600\n", 64));
    cr_assert_eq(line_count, 3);
    cr_expect_str_eq(lines[0].text, "{\"allocations\":[{\"order_no\":\"A-9\",\"amount\":1}]}");
    cr_expect_str_eq(lines[1].text, "{\"invoice_id\":\"I-1\",\"order_no\":\"A-1\",\"red\":\"no\","
                                    "\"total\":900}");
    cr_expect_str_eq(lines[2].text, "{\"order_no\":\"A-2\",\"allocations\":[{\"order_no\":\"A-2\","
                                    "\"amount\":600}]}");
}

Test(import_csv, parts_without_end_do_not_fill_the_memory)
{
    invoices();
    CHECK_OK(import_csv_bytes(csv, SPAN_LIT(PARTS_HEADER "I-1,A-1,false,900,,A-1,900\n")));
    for (int i = 0; i < 20000; i++) {
        CHECK_OK(import_csv_bytes(csv, SPAN_LIT(",,,,,A-2,1\n")));
    }
    CHECK_OK(import_csv_end(csv));
    cr_assert_eq(line_count, 1);
    cr_expect_eq(lines[0].wrong, ERR_BUF_FULL);
}

/* What was behind the quote may have belonged to it. */
Test(import_csv, an_invoice_before_unreadable_text_is_not_taken)
{
    invoices();
    CHECK_ERR(feed(PARTS_HEADER "I-1,A-1,false,900,,A-1,900\n,,,,,\"A-2,1\n", 64), ERR_IMPORT_CSV);
    cr_expect_eq(line_count, 0);
}
