/* SPDX-License-Identifier: Apache-2.0 */
/* A header that drifted is read as a known one by what is said of its columns, and refused where that says too little. */
#include "bill_form.h"

#include "alipay.h"
#include "bill_play.h"
#include "wechatpay.h"

#define WECHATPAY "wechatpay/bills/constructed-all-2026-03-10.csv"
#define ALIPAY    "alipay/bills/trade_detail.utf8.csv"

TestSuite(bill_form, .init = play_start, .fini = play_finish);

static struct bill_file
read_with(const struct adapter_bill *bill, struct span bytes, struct bill_forms *forms)
{
    struct bill_file out;
    const struct bill_wish wish = { .bill = bill, .forms = forms };
    CHECK_OK(bill_file_read_by(&wish, bytes, NULL, NULL, &out));
    return out;
}

static enum bill_form_why
make(const struct adapter_bill *bill, struct span bytes, const char *said, struct bill_form *out,
     struct span *about)
{
    enum bill_form_why why = BILL_FORM_WHY_COUNT;
    struct bill_file file = play_read(bill, bytes);
    CHECK_OK(bill_form_make(bill, &file.drift, span_of(said), play_arena, out, &why, about));
    return why;
}

static bool
same_totals(const struct bill_totals *a, const struct bill_totals *b)
{
    return a->pay_count == b->pay_count && a->pay_fen == b->pay_fen
           && a->refund_count == b->refund_count && a->refund_fen == b->refund_fen
           && a->fee_fen == b->fee_fen;
}

static void
expect_read(const struct adapter_bill *bill, struct span known, struct span drifted,
            const char *said)
{
    struct span about;
    struct bill_forms forms = { .count = 1 };
    struct bill_file before = play_read(bill, known);
    play_accepted(&before);
    cr_expect_not(play_read(bill, drifted).accepted);
    cr_assert_eq(make(bill, drifted, said, &forms.list[0], &about), BILL_FORM_FITS);
    struct bill_file after = read_with(bill, drifted, &forms);
    play_accepted(&after);
    cr_expect(bill_form_any_used(&forms));
    cr_expect_eq(after.rows, before.rows);
    cr_expect(same_totals(&after.by_lines, &before.by_lines));
}

static const struct adapter_bill *
all(void)
{
    return play_kind(wechatpay_bills, "all");
}

Test(bill_form, a_renamed_column_gives_the_same_records)
{
    struct span known = play_file(WECHATPAY);
    expect_read(all(), known, play_edit(known, ",退款金额,", ",退款总额,"), "退款总额=退款金额");
    /* The byte order mark is no part of the header. */
    expect_read(all(), known,
                play_edit(play_edit(known, ",退款金额,", ",退款总额,"), ",手续费,", ",服务费,"),
                "退款总额=退款金额,服务费=手续费");
}

Test(bill_form, alipays_packed_and_padded_bill_gives_the_same_records)
{
    struct span text = play_file(ALIPAY);
    struct span drifted = play_edit(text, "商户订单号", "商家订单号");
    const struct play_member before[] = { { "detail.csv", play_gb18030(text) } };
    const struct play_member after[] = { { "detail.csv", play_gb18030(drifted) } };
    expect_read(play_kind(alipay_bills, "trade"), play_zip(before, 1), play_zip(after, 1),
                "商家订单号=商户订单号");
}

Test(bill_form, another_header_is_read_by_no_form)
{
    struct span about;
    struct bill_forms forms = { .count = 1 };
    struct span known = play_file(WECHATPAY);
    struct span first = play_edit(known, ",退款金额,", ",退款总额,");
    struct span second = play_edit(known, ",退款金额,", ",退款总额2,");
    cr_assert_eq(make(all(), first, "退款总额=退款金额", &forms.list[0], &about), BILL_FORM_FITS);
    struct bill_file file = read_with(all(), second, &forms);
    cr_expect(file.found[FINDING_FILE_COLUMNS]);
    cr_expect_not(bill_form_any_used(&forms));
    forms.list[0].kind = SPAN_LIT("fundflow"); /* nor is the same header of another kind of bill */
    file = read_with(all(), first, &forms);
    cr_expect(file.found[FINDING_FILE_COLUMNS]);
    cr_expect_not(bill_form_any_used(&forms));
}

/* The amounts are changed over: the names fit, and the trailer's sums do not. */
Test(bill_form, columns_said_to_be_each_other_do_not_tie)
{
    struct span about;
    struct bill_forms forms = { .count = 1 };
    struct span drifted =
        play_edit(play_edit(play_file(WECHATPAY), ",退款金额,", ",甲,"), ",手续费,", ",乙,");
    cr_assert_eq(make(all(), drifted, "甲=手续费,乙=退款金额", &forms.list[0], &about),
                 BILL_FORM_FITS);
    cr_expect_not(read_with(all(), drifted, &forms).accepted);
}

Test(bill_form, what_is_not_said_clearly_is_refused_with_the_reason)
{
    static const struct {
        const char *from;
        const char *to;
        const char *said;
        enum bill_form_why why;
        const char *about;
    } cases[] = {
        { ",退款金额,", ",退款金额,", "", BILL_FORM_NO_DRIFT, "" },
        { ",退款金额,", ",退款总额,", "", BILL_FORM_NOT_SAID, "退款总额" },
        { ",退款金额,", ",退款总额,", "退款总额=", BILL_FORM_MISSING, "退款金额" },
        { ",退款金额,", ",退款总额,", "退款总额=利润", BILL_FORM_NO_COLUMN, "利润" },
        { ",退款金额,", ",退款总额,", "退款总额=设备号", BILL_FORM_NO_COLUMN, "设备号" },
        { ",退款金额,", ",退款总额,", "退款总额=手续费", BILL_FORM_SAID_TWICE, "手续费" },
        { ",退款金额,", ",退款总额,", "退款总额=退款金额,退款总额=", BILL_FORM_SAID_TWICE,
          "退款总额" },
        { ",退款金额,", ",退款总额,", "退款总额=退款金额,设备号=", BILL_FORM_NOT_THERE, "设备号" },
        { ",退款金额,", ",商户号,", "", BILL_FORM_REPEATED, "商户号" },
        { ",退款金额,", ",新,新,", "新=退款金额", BILL_FORM_REPEATED, "新" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bill_form form;
        struct span about;
        struct span bytes = play_edit(play_file(WECHATPAY), cases[i].from, cases[i].to);
        cr_expect_eq(make(all(), bytes, cases[i].said, &form, &about), cases[i].why, "%zu", i);
        cr_expect(span_eq_cstr(about, cases[i].about), "%zu: %.*s", i, SPAN_ARG(about));
    }
}

/* Each sum of the trailer is needed, so nothing can be passed over there. */
Test(bill_form, a_further_sum_cannot_be_passed_over)
{
    struct bill_form form;
    struct span about;
    struct span bytes = play_edit(play_file(WECHATPAY), "总交易单数,", "总交易单数,新,");
    cr_expect_eq(make(all(), bytes, "新=", &form, &about), BILL_FORM_NO_PASSING);
    CHECK_TEXT(about, "新");
}
