/* SPDX-License-Identifier: Apache-2.0 */
/* A header that drifted is held against what is known, position by position. */
#include "bill_drift.h"

#include "alipay.h"
#include "bill_play.h"
#include "unionpay.h"
#include "wechatpay.h"

#define WECHATPAY "wechatpay/bills/constructed-all-2026-03-10.csv"
#define ALIPAY    "alipay/bills/trade_detail.utf8.csv"

TestSuite(bill_drift, .init = play_start, .fini = play_finish);

static size_t
columns_of(const struct bill_file *file, struct bill_drift_column out[BILL_DRIFT_COLUMNS_MAX])
{
    return bill_drift_columns(&file->drift, out);
}

static void
expect_column(const struct bill_drift_column *column, enum bill_drift_what what, size_t position,
              const char *came, const char *known)
{
    cr_expect_eq(column->what, what);
    cr_expect_eq(column->position, position);
    CHECK_TEXT(column->came, came);
    CHECK_TEXT(span_of(column->known), known);
}

/* The columns were counted in the file: 27, the fourth known and not read, the seventeenth 退款金额. */
static struct bill_file
wechatpay(const char *from, const char *to)
{
    return play_read(play_kind(wechatpay_bills, "all"), play_edit(play_file(WECHATPAY), from, to));
}

Test(bill_drift, a_renamed_column_is_unknown_and_the_old_name_missing)
{
    struct bill_drift_column columns[BILL_DRIFT_COLUMNS_MAX];
    struct bill_file file = wechatpay(",退款金额,", ",退款总额,");
    cr_assert(file.found[FINDING_FILE_COLUMNS]);
    cr_assert_eq(columns_of(&file, columns), 28);
    cr_expect_eq(file.drift.number, 1);
    expect_column(&columns[0], BILL_DRIFT_KNOWN, 1, "交易时间", "交易时间");
    expect_column(&columns[3], BILL_DRIFT_PASSED_OVER, 4, "特约商户号", "特约商户号");
    expect_column(&columns[16], BILL_DRIFT_UNKNOWN, 17, "退款总额", "");
    expect_column(&columns[26], BILL_DRIFT_KNOWN, 27, "费率备注", "费率备注");
    expect_column(&columns[27], BILL_DRIFT_MISSING, 0, "", "退款金额");
}

Test(bill_drift, a_further_column_is_unknown_and_nothing_is_missing)
{
    struct bill_drift_column columns[BILL_DRIFT_COLUMNS_MAX];
    struct bill_file file = wechatpay(",费率备注\r\n", ",费率备注,新列\r\n");
    cr_assert_eq(columns_of(&file, columns), 28);
    expect_column(&columns[27], BILL_DRIFT_UNKNOWN, 28, "新列", "");
}

Test(bill_drift, a_column_that_is_there_twice_is_told_and_what_it_replaced_is_not_missing)
{
    struct bill_drift_column columns[BILL_DRIFT_COLUMNS_MAX];
    struct bill_file file = wechatpay(",设备号,", ",商户号,"); /* one that is not read */
    cr_assert_eq(columns_of(&file, columns), 27);
    expect_column(&columns[2], BILL_DRIFT_KNOWN, 3, "商户号", "商户号");
    expect_column(&columns[4], BILL_DRIFT_REPEATED, 5, "商户号", "商户号");
}

Test(bill_drift, alipays_padded_header_is_read_alike)
{
    struct bill_drift_column columns[BILL_DRIFT_COLUMNS_MAX];
    struct span detail = play_edit(play_file(ALIPAY), "商户订单号", "商家订单号");
    const struct play_member members[] = { { "detail.csv", play_gb18030(detail) } };
    struct bill_file file =
        play_read(play_kind(alipay_bills, "trade"), play_zip(members, COUNT(members)));
    cr_assert(file.found[FINDING_FILE_COLUMNS]);
    size_t count = columns_of(&file, columns);
    cr_expect_eq(file.drift.number, 5);
    cr_assert_gt(count, 2);
    expect_column(&columns[1], BILL_DRIFT_UNKNOWN, 2, "商家订单号", "");
    expect_column(&columns[count - 1], BILL_DRIFT_MISSING, 0, "", "商户订单号");
}

Test(bill_drift, a_known_header_and_a_bill_of_fixed_places_have_none)
{
    struct bill_drift_column columns[BILL_DRIFT_COLUMNS_MAX];
    struct bill_file file = wechatpay("退款金额", "退款金额");
    cr_expect_not(file.found[FINDING_FILE_COLUMNS]);
    cr_expect_eq(columns_of(&file, columns), 0);
    file = play_read(play_kind(unionpay_bills, "zm"), SPAN_LIT("S22 short\r\n"));
    cr_expect_not(file.accepted);
    cr_expect_eq(columns_of(&file, columns), 0);
}
