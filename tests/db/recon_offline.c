/* SPDX-License-Identifier: Apache-2.0 */
/* Random days, each reconciled with the database, exported, and repeated from the files alone: the same bytes come out, and whatever byte
 * of the files is another is noticed. Each day opens with the balance that the one before closed with. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bill_heads.h"
#include "bill_store.h"
#include "check.h"
#include "database.h"
#include "file.h"
#include "folder.h"
#include "folders.h"
#include "number.h"
#include "pack_export.h"
#include "pack_flip.h"
#include "pack_repeat.h"
#include "program.h"
#include "recon_rows.h"
#include "report.h"
#include "report_kept.h"
#include "report_pack.h"
#include "run.h"

#define DAYS      5
#define FIRST_DAY 10 /* of November 2026 */
#define UNITS_MAX 12
#define BALANCE   10000 /* fen, before the first day */

static struct database database;
static char dir[] = "/tmp/recon_offline_XXXXXX";
static uint64_t dice;
static int64_t balance_fen;

static void
open_house(void)
{
    database_open(&database);
    cr_assert_not_null(mkdtemp(dir));
    dice = 20261123;
    balance_fen = BALANCE;
}

static void
close_house(void)
{
    cr_expect_eq(folder_drop(dir), 0);
    database_close(&database);
}

TestSuite(recon_offline, .init = open_house, .fini = close_house);

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t
roll(uint64_t sides)
{
    uint64_t z = (dice += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (z ^ (z >> 31)) % sides;
}

static void sql(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void
sql(const char *format, ...)
{
    char text[2048];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    cr_assert(length > 0 && (size_t)length < sizeof(text));
    database_sql(&database, text);
}

/* A bill that grows line by line. */
struct bills {
    struct buf trade;
    struct buf flow;
    int64_t count;
    int64_t face_fen;
    int64_t fee_fen;
};

#define YUAN(fen) (long long)((fen) / 100), (long long)((fen) % 100)

static void
add_line(struct bills *bills, int mday, int unit, int hour, const char *attempt_no, int64_t fen)
{
    int64_t fee_fen = fen * 6 / 1000;
    int minute = unit * 5;
    CHECK_OK(buf_printf(
        &bills->trade,
        "`2026-11-%d %d:%02d:00,`wx1,`19000001,`0,`,`T%d-%d,`%s,`o,`NATIVE,`SUCCESS,`OTHERS,`CNY,"
        "`%lld.%02lld,`0.00,`0,`0,`0.00,`0.00,`,`,`x,`,`%lld.%02lld000,`0.60%%,`%lld.%02lld,`0.00,`\r\n",
        mday, hour, minute, mday, unit, attempt_no, YUAN(fen), YUAN(fee_fen), YUAN(fen)));
    balance_fen += fen;
    CHECK_OK(buf_printf(
        &bills->flow,
        "`2026-11-%d %d:%02d:00,`T%d-%d,`T%d-%d,`交易,`交易,`收入,`%lld.%02lld,`%lld.%02lld,`system,`,`%s\r\n",
        mday, hour, minute, mday, unit, mday, unit, YUAN(fen), YUAN(balance_fen), attempt_no));
    balance_fen -= fee_fen;
    CHECK_OK(buf_printf(
        &bills->flow,
        "`2026-11-%d %d:%02d:00,`T%d-%d,`T%d-%d,`扣除交易手续费,`扣除交易手续费,`支出,`%lld.%02lld,"
        "`%lld.%02lld,`system,`,`%s\r\n",
        mday, hour, minute, mday, unit, mday, unit, YUAN(fee_fen), YUAN(balance_fen), attempt_no));
    bills->count++;
    bills->face_fen += fen;
    bills->fee_fen += fee_fen;
}

/* On odd days a person brought the bill, on one of them only that of the account. */
static bool
is_brought(const char *kind, int mday)
{
    return mday % 2 == 1 && (mday != FIRST_DAY + 1 || strcmp(kind, "fundflow") == 0);
}

/* On the third and the fifth day the bill has a header that two people accepted on the third. */
static bool
is_drifted(int mday)
{
    return mday == FIRST_DAY + 2 || mday == FIRST_DAY + 4;
}

static void
store(const char *kind, int mday, struct span text)
{
    char name[BILL_STORE_NAME_BYTES];
    bool known = false;
    CHECK_OK(bill_store_put(dir, text, name, &known));
    sql("INSERT INTO tallygate.bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " VALUES ('main', '%s', '2026-11-%d', '%s', %zu, '%s', now())",
        kind, mday, name, text.len, is_brought(kind, mday) ? "upload" : "download");
    sql("INSERT INTO tallygate.bill_upload (file_id, proved, pay_count, pay_fen, refund_count, refund_fen, reason, state,"
        " uploaded_by, uploaded_at, decided_by, decided_at, after_fetch_id)"
        " SELECT file_id, false, 0, 0, 0, 0, 'r', 'approved', 'a', now(), 'b', now(), 0"
        "  FROM tallygate.bill_file WHERE origin = 'upload' AND sha256 = '%s'",
        name);
}

static void
store_bills(struct bills *bills, int mday)
{
    CHECK_OK(buf_printf(&bills->trade,
                        TRADE_SUMS
                        "`%lld,`%lld.%02lld,`0.00,`0.00,`%lld.%02lld000,`%lld.%02lld,`0.00\r\n",
                        (long long)bills->count, YUAN(bills->face_fen), YUAN(bills->fee_fen),
                        YUAN(bills->face_fen)));
    CHECK_OK(buf_printf(&bills->flow, FLOW_SUMS "`%lld,`%lld,`%lld.%02lld,`%lld,`%lld.%02lld\r\n",
                        (long long)(2 * bills->count), (long long)bills->count,
                        YUAN(bills->face_fen), (long long)bills->count, YUAN(bills->fee_fen)));
    store("trade", mday, buf_span(&bills->trade));
    store("fundflow", mday, buf_span(&bills->flow));
    buf_fini(&bills->trade);
    buf_fini(&bills->flow);
}

/* Papers of an order, or none. */
static void
add_papers(int mday, int unit, const char *order_no, const char *payment_no)
{
    if (roll(2) == 0) {
        sql("INSERT INTO tallygate.invoice (slot, owner, invoice_id, order_no, status, red, blue_invoice_id, number, code, title,"
            " tax_no, net_fen, tax_fen, total_fen, asked_at, issued_at, updated_at) VALUES (7, 'portal', 'I%s', '%s',"
            " '%s', false, '', '%d%02d', '', '甲\"公司, %d', '91X', 50000, %d, 50000 + %d, '2026-11-%d 04:00:00.1234Z',"
            " '2026-11-%d 05:00:00Z', now()); INSERT INTO tallygate.invoice_allocation VALUES (7, 'portal', 'I%s', '%s', 7, 56000)",
            order_no, order_no, roll(3) == 0 ? "asked" : "issued", mday, unit, unit, 6000, 6000,
            mday, mday, order_no, order_no);
    }
    if (mday
        != FIRST_DAY) { /* where there is an invoice, of every second order with a tax that is not that of the rate */
        sql("INSERT INTO tallygate.invoice_item (slot, owner, invoice_id, number, name, quantity, taxed, rate_ppm, net_fen,"
            " tax_fen, total_fen) SELECT slot, owner, invoice_id, n, '证\"书, 1', '1.5', 'by_rate', %d, 25000, 3000, 28000"
            "  FROM tallygate.invoice, generate_series(1, 2) n WHERE order_no = '%s'",
            unit % 2 == 0 ? 60000 : 120000, order_no);
    }
    if (roll(3) == 0) {
        sql("INSERT INTO tallygate.order_report VALUES (7, 'portal', '%s', 'new', 2, 28000, %d, 0, now())",
            order_no, roll(2) == 0 ? 56000 : 55000);
    }
    if (roll(4) == 0) {
        sql("INSERT INTO tallygate.manual_payment (slot, owner, order_no, number, direction, amount_fen, received_on, voucher,"
            " attachment_sha256, payer_name, reason, state, recorded_by, recorded_at) VALUES (7, 'portal', '%s', 1, 'in', 56000,"
            " '2026-11-%d', 'V%s', '', '乙', 'r', 'recorded', 'maker', '2026-11-%d 06:00:00Z')",
            order_no, mday, order_no, mday);
    }
    if (roll(4) == 0) {
        sql("INSERT INTO tallygate.refund (slot, refund_no, payment_no, attempt_no, owner, amount_fen, currency, total_fen, cause,"
            " reason, state, requested_by, approved_by, send_count, first_sent_at, created_at, decided_at, taken_at, bill_day)"
            " VALUES (7, '%s01R01', '%s', '%s01', 'portal', 100, 'CNY', 56000, 'asked', 'r', 'accepted', 'a', 'b', 1,"
            " '2026-11-%d 05:00:00Z', now(), now(), '2026-11-%d 05:00:01Z', '2026-11-%d')",
            payment_no, payment_no, payment_no, mday, mday, mday);
    }
}

/* What becomes of a unit: on both sides, ours alone (at noon or near to midnight), the bill's alone, another amount, the bill's a day early. */
static void
add_unit(struct bills *bills, int mday, int unit)
{
    const char *payment_no = NULL;
    char order_no[32];
    char attempt_no[40];
    static const char *const booked[] = { "04:00:00", "15:55:00", "16:00:30" };
    int kind = unit == 0 ? 0 : (int)roll(8);
    struct span number;
    struct wall_time start = day_start((struct day){ 2026, 11, mday }, ZONE_CHINA_MIN);
    CHECK_OK(number_payment(start, 7, unit + 1, database.arena, &number));
    CHECK_OK(arena_cstr(database.arena, number, &payment_no));
    (void)snprintf(order_no, sizeof(order_no), "A-%d-%d", mday, unit);
    (void)snprintf(attempt_no, sizeof(attempt_no), "%s01", payment_no);
    if (kind != 5) {
        database_payment(&database, 7, payment_no, order_no, 1);
        sql("UPDATE tallygate.attempt SET state = 'paid', provider = 'wechatpay', method = 'qr', provider_trade_no = 'T%d-%d',"
            " paid_at = '2026-11-%d %s.%06dZ', created_at = '2026-11-%d 03:00:00.000001Z', bill_day = '2026-11-%d'"
            " WHERE payment_no = '%s'",
            mday, unit, mday, booked[(kind == 3) + 2 * (kind == 7)], (int)roll(1000000), mday,
            kind == 7 ? mday + 1 : mday, payment_no);
        sql("UPDATE tallygate.ca_order SET status = '%s', created_at = '2026-11-%d 03:00:00Z' WHERE order_no = '%s'",
            roll(3) == 0 ? "draft" : "paid", mday, order_no);
        add_papers(mday, unit, order_no, payment_no);
    }
    if (kind != 3 && kind != 4) {
        add_line(bills, mday, unit, kind == 7 ? 23 : 12, attempt_no, kind == 6 ? 55000 : 56000);
    }
}

static void
make_day(int mday)
{
    struct bills bills = { .trade = BUF_MAX(65536), .flow = BUF_MAX(65536) };
    int units = 1 + (int)roll(UNITS_MAX);
    CHECK_OK(buf_text(&bills.trade, is_drifted(mday) ? BOM TRADE_DRIFTED "\r\n" : TRADE_HEAD));
    CHECK_OK(buf_text(&bills.flow, FLOW_HEAD));
    for (int i = 0; i < units; i++) {
        add_unit(&bills, mday, i);
    }
    store_bills(&bills, mday);
    if (mday == FIRST_DAY + 2) {
        sql("INSERT INTO tallygate.bill_upload (file_id, proved, pay_count, pay_fen, refund_count, refund_fen, reason, state,"
            " uploaded_by, uploaded_at, decided_by, decided_at, after_fetch_id, header_came, header_read_as)"
            " SELECT max(file_id), true, 0, 0, 0, 0, 'r', 'approved', 'a', now(), 'b', now(), 0, '%s', '%s'"
            "  FROM tallygate.bill_file WHERE kind = 'trade'",
            TRADE_DRIFTED, TRADE_KNOWN);
    }
}

static void
run_day(int mday, int64_t as_of_us)
{
    static const struct recon_tariff tariffs[] = { { SPAN("new"), 28000 } };
    const struct adapter_account account = {
        .name = "main",
        .adapter = adapter_find(SPAN_LIT("wechatpay")),
        .application = "wx1",
        .merchant = "19000001",
        .fee_rate_ppm = 6000,
        .fees = { { FEE_CARD_ANY, { 2026, 11, 12 }, { 0 }, 5000, 0, FEE_ROUND_HALF_UP } },
        .fee_count = 1,
    };
    const struct recon_request request = {
        .account = &account,
        .kind = SPAN_LIT("trade"),
        .day = { 2026, 11, mday },
        .as_of = { as_of_us },
        .archive_dir = dir,
        .program = "test",
        .tariffs = tariffs,
        .tariff_count = 1,
        .manual_backdate_days = 3,
    };
    struct recon_outcome outcome = { .version = 0 };
    int64_t before = recon_rows_money(&database);
    CHECK_OK(recon_run(database.session, &request, &outcome));
    cr_assert_not(outcome.blocked, "%s", outcome.bill.faults[0].detail);
    cr_assert(outcome.has_flow);
    cr_assert_eq(recon_rows_money(&database), before, "a run moves no money and changes no amount");
}

#define AS_OF_US INT64_C(1795573800123456)

static void
path_in(char out[128], const char *what, int mday)
{
    (void)snprintf(out, 128, "%s/%s%d", dir, what, mday);
}

static enum err
export_to(const char *folder, int mday)
{
    int64_t version = 0;
    const struct pack_export run = { .archive_dir = dir,
                                     .account = SPAN_LIT("main"),
                                     .day = { 2026, 11, mday } };
    return pack_export(database.session, &run, folder, &version);
}

/* The first day, made, reconciled and exported. */
static void
export_first(char pack[128])
{
    path_in(pack, "pack", 0);
    make_day(FIRST_DAY);
    run_day(FIRST_DAY, AS_OF_US);
    CHECK_OK(export_to(pack, FIRST_DAY));
}

static void
repeat(const char *folder, struct arena *arena, struct pack_repeat *out)
{
    enum err err = pack_repeat(folder, arena, NULL, out);
    cr_assert_eq(err, ERR_OK, "%s: %s %lld %s", err_name(err), out->where.file,
                 (long long)out->where.record, out->where.column);
}

static void
repeat_day(int mday)
{
    char pack[128];
    char online[128];
    char offline[128];
    struct report report;
    struct pack_repeat again;
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(buf_fini) struct buf left = BUF_MAX(REPORT_PATH_MAX);
    DEFER(buf_fini) struct buf right = BUF_MAX(REPORT_PATH_MAX);
    const char *a = NULL, *b = NULL;
    CHECK_OK(arena_new((size_t)256 * 1024 * 1024, &arena));
    path_in(pack, "pack", mday);
    path_in(online, "online", mday);
    path_in(offline, "offline", mday);
    CHECK_OK(export_to(pack, mday));
    repeat(pack, arena, &again);
    cr_expect(again.believed);
    cr_expect(again.same_input);
    cr_expect(again.same_result);
    cr_expect_eq(again.changed_count, 0);
    CHECK_OK(report_load(database.session, SPAN_LIT("main"), (struct day){ 2026, 11, mday }, 0,
                         arena, &report));
    CHECK_OK(report_kept_load(database.session, dir, arena, &report));
    cr_assert_eq(report.trend_count, (size_t)(mday - FIRST_DAY));
    cr_expect_eq(report.form, REPORT_FORM);
    cr_expect_eq(again.report.form, REPORT_FORM);
    cr_expect(mday == FIRST_DAY
              || report.trend[report.trend_count - 1].sheet.pay.fen
                     == database_number(&database,
                                        "SELECT pay_fen FROM tallygate.recon_run ORDER BY"
                                        " run_id DESC OFFSET 1 LIMIT 1"));
    cr_expect_eq(report.edited, mday % 2 == 1);
    cr_expect_eq(again.report.edited, report.edited);
    cr_expect_eq(report.by_form, is_drifted(mday));
    cr_expect_eq(again.report.by_form, report.by_form);
    CHECK_OK(report_write(&report, online, &left));
    CHECK_OK(report_write(&again.report, offline, &right));
    CHECK_OK(buf_cstr(&left, &a));
    CHECK_OK(buf_cstr(&right, &b));
    cr_expect_geq(folders_compare(a, b), 5);
}

/* Whatever becomes of the days before, a day is printed as it was: report_write refuses other bytes. */
static void
expect_trend_stays(int mday)
{
    char online[128];
    struct report report;
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    CHECK_OK(arena_new((size_t)256 * 1024 * 1024, &arena));
    path_in(online, "online", mday);
    sql("DELETE FROM tallygate.recon_current WHERE bill_day < '2026-11-%d'", mday);
    CHECK_OK(report_load(database.session, SPAN_LIT("main"), (struct day){ 2026, 11, mday }, 0,
                         arena, &report));
    CHECK_OK(report_kept_load(database.session, dir, arena, &report));
    CHECK_OK(report_write(&report, online, &where));
    report.trend_count--;
    buf_reset(&where);
    CHECK_ERR(report_write(&report, online, &where), ERR_REPORT_DIFFERS);
}

static void
expect_invoices(void)
{
    DEFER(buf_fini) struct buf codes = BUF_MAX(8192);
    const char *text = NULL;
    CHECK_OK(report_load_codes(&codes));
    CHECK_OK(buf_cstr(&codes, &text));
    recon_rows_check_invoices(&database, text);
}

Test(recon_offline, random_days_come_to_the_same_bytes_from_their_files)
{
    for (int mday = FIRST_DAY; mday < FIRST_DAY + DAYS; mday++) {
        make_day(mday);
        run_day(mday, AS_OF_US);
        repeat_day(mday);
    }
    cr_expect_eq(
        database_number(
            &database,
            "SELECT count(*) FROM tallygate.recon_file JOIN tallygate.recon_run"
            " USING (run_id) WHERE name = 'invoice_items.csv' AND bill_day = '2026-11-10'"),
        0, "a run without items has no file of them, as those of before");
    cr_expect_gt(database_number(&database, "SELECT count(*) FROM tallygate.recon_file WHERE name ="
                                            " 'invoice_items.csv'"),
                 0);
    cr_expect_gt(database_number(&database, "SELECT count(*) FROM tallygate.recon_result WHERE"
                                            " 'INV_TAX' = ANY (findings)"),
                 0);
    recon_rows_check_items(&database, 25000, 3000, 1415); /* 280.00 at 6 % hold 15.85 */
    expect_invoices();
    recon_rows_check_days(&database);
    expect_trend_stays(FIRST_DAY + DAYS - 1); /* takes away what counts */
    cr_expect_geq(recon_rows_classes(&database), 5, "the days are too much alike");
    cr_expect_gt(recon_rows_carried(&database), 0);
}

Test(recon_offline, the_same_run_is_exported_to_the_same_bytes_and_never_over_another)
{
    char first[128];
    char second[128];
    make_day(FIRST_DAY);
    run_day(FIRST_DAY, AS_OF_US);
    path_in(first, "first", 0);
    path_in(second, "second", 0);
    CHECK_OK(export_to(first, FIRST_DAY));
    run_day(FIRST_DAY, AS_OF_US + 1); /* at another time: the same inputs, and no other version */
    CHECK_OK(export_to(second, FIRST_DAY));
    cr_expect_eq(folders_compare(first, second), 11,
                 "two bills, seven lists, day.json, SHA256SUMS");
    CHECK_ERR(export_to(second, FIRST_DAY), ERR_FILE_WRITE);
    cr_expect_eq(folders_compare(first, second), 11);
}

Test(recon_offline, the_pack_of_the_month_has_what_the_day_is_repeated_from)
{
    char zip[128];
    char month[128];
    char inputs[256];
    char exported[128];
    struct report_packed packed = { .bills = 0 };
    make_day(FIRST_DAY);
    run_day(FIRST_DAY, AS_OF_US);
    path_in(zip, "zip", 0);
    path_in(month, "month", 0);
    path_in(exported, "pack", 0);
    (void)snprintf(inputs, sizeof(inputs), "%s/2026-11-%d/inputs", month, FIRST_DAY);
    const struct report_pack wish = {
        .account = SPAN_LIT("main"), .month = { 2026, 11, 1 }, .archive_dir = dir, .path = zip
    };
    CHECK_OK(report_pack(database.session, &wish, &packed));
    cr_assert_eq(program_run((const char *const[]){ "unzip", "-qq", zip, "-d", month, NULL }), 0);
    CHECK_OK(export_to(exported, FIRST_DAY));
    cr_expect_eq(folders_compare(exported, inputs), 11);
}

Test(recon_offline, a_flipped_byte_in_any_file_is_noticed)
{
    char pack[128];
    struct pack_repeat again;
    DEFER(arena_free) struct arena *arena = NULL;
    CHECK_OK(arena_new((size_t)256 * 1024 * 1024, &arena));
    export_first(pack);
    cr_expect_eq(pack_flip(pack), 11);
    repeat(pack, arena, &again);
    cr_expect(again.same_input && again.same_result && again.changed_count == 0);
}

/* `from` and `to` are of one length. */
static enum err
repeat_with(const char *folder, const char *name, const char *from, const char *to,
            struct arena *arena, struct pack_repeat *out)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(SIZE_MAX / 2);
    folders_load(folder, name, &bytes);
    size_t at = span_find(buf_span(&bytes), span_of(from));
    cr_assert_lt(at, bytes.len, "%s is not in %s", from, name);
    memcpy(bytes.at + at, to, strlen(to));
    folders_put(folder, name, buf_span(&bytes));
    enum err err = pack_repeat(folder, arena, NULL, out);
    memcpy(bytes.at + at, from, strlen(from));
    folders_put(folder, name, buf_span(&bytes));
    return err;
}

Test(recon_offline, what_does_not_read_is_named_by_file_record_and_column)
{
    char pack[128];
    struct pack_repeat again;
    DEFER(arena_free) struct arena *arena = NULL;
    CHECK_OK(arena_new((size_t)256 * 1024 * 1024, &arena));
    export_first(pack);
    CHECK_ERR(repeat_with(pack, "books.csv", ",56000,", ",5600x,", arena, &again), ERR_NUMBER);
    cr_expect_str_eq(again.where.file, "books.csv");
    cr_expect_eq(again.where.record, 2);
    cr_expect_str_eq(again.where.column, "amount_fen");
    CHECK_ERR(repeat_with(pack, "day.json", "\"version\"", "\"ver5ion\"", arena, &again),
              ERR_FIELD_MISSING);
    cr_expect_str_eq(again.where.file, "day.json");
    cr_expect_str_eq(again.where.column, "version");
    CHECK_ERR(repeat_with(pack, "day.json", "\"rules\": ", "\"rules\":-", arena, &again),
              ERR_PACK_RULES);
    char form[24];
    (void)snprintf(form, sizeof(form), "\"form\": %d", REPORT_FORM);
    CHECK_ERR(repeat_with(pack, "day.json", form, "\"form\": 9", arena, &again), ERR_PACK_RULES);
    CHECK_ERR(pack_repeat(dir, arena, NULL, &again), ERR_FILE_OPEN);
    cr_expect_str_eq(again.where.file, "SHA256SUMS");
}

Test(recon_offline, a_changed_amount_comes_to_another_result)
{
    char pack[128];
    struct pack_repeat again;
    DEFER(arena_free) struct arena *arena = NULL;
    CHECK_OK(arena_new((size_t)256 * 1024 * 1024, &arena));
    export_first(pack);
    CHECK_OK(repeat_with(pack, "books.csv", ",56000,", ",56001,", arena, &again));
    cr_expect_not(again.same_input);
    cr_expect_not(again.same_result);
    cr_assert_eq(again.changed_count, 1);
    cr_expect_str_eq(again.changed[0], "books.csv");
}

Test(recon_offline, what_is_not_there_is_not_exported)
{
    char pack[128];
    path_in(pack, "pack", 0);
    CHECK_ERR(export_to(pack, FIRST_DAY), ERR_RUN_UNKNOWN);
    make_day(FIRST_DAY);
    run_day(FIRST_DAY, AS_OF_US);
    sql("DELETE FROM tallygate.recon_file"); /* as a run of before has it */
    CHECK_ERR(export_to(pack, FIRST_DAY), ERR_RUN_FILES);
    cr_expect_eq(access(pack, F_OK), -1);
}

Test(recon_offline, a_file_that_the_archive_does_not_have_leaves_no_folder_behind)
{
    char pack[128];
    path_in(pack, "pack", 0);
    make_day(FIRST_DAY);
    run_day(FIRST_DAY, AS_OF_US);
    sql("UPDATE tallygate.recon_file SET sha256 = repeat('0', 64) WHERE name = 'refunds.csv'");
    CHECK_ERR(export_to(pack, FIRST_DAY), ERR_FILE_OPEN);
    cr_expect_eq(access(pack, F_OK), -1);
}
