/* SPDX-License-Identifier: Apache-2.0 */
/* What a try to get a bill was, and when a day's bill is asked for. */
#include "acquire.h"

#include "check.h"

/* wechatpay.md: NO_STATEMENT_EXIST is final, STATEMENT_CREATING is not; alipay.md, unionpay.md: one code for
 * "not yet" and for "none", told apart by the hour. */
Test(acquire, none_is_said_for_good_or_after_the_give_up_hour)
{
    static const struct {
        enum err err;
        bool none;
        bool late;
        const char *outcome;
    } rows[] = {
        { ERR_BILL_NONE, true, false, "none" },
        { ERR_BILL_NONE, true, true, "none" },
        { ERR_BILL_NOT_READY, true, false, "not_ready" },
        { ERR_BILL_NOT_READY, true, true, "none" },
        { ERR_BILL_NOT_READY, false, false, "not_ready" },
        { ERR_BILL_NOT_READY, false, true, "not_ready" },
        { ERR_BILL_LINK, false, true, "link" },
        { ERR_BILL_HASH, false, false, "hash" },
        { ERR_PROVIDER_CONTRACT, false, true, "refused" },
        { ERR_PROVIDER_REFUSED, false, false, "refused" },
        { ERR_PROVIDER_BUSY, false, true, "transfer" },
        { ERR_PROVIDER_NO_ANSWER, false, false, "transfer" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect_str_eq(acquire_outcome(rows[i].err, rows[i].none, rows[i].late), rows[i].outcome,
                         "row %zu", i);
    }
}

/* What the reports and webhooks say of a day whose bill did not come. */
Test(acquire, what_ended_the_last_try_stands_in_the_way_of_the_day)
{
    static const struct {
        enum err err;
        enum finding finding;
    } rows[] = {
        { ERR_BILL_NOT_READY, FINDING_FILE_NOT_READY },
        { ERR_PROVIDER_BUSY, FINDING_FILE_NOT_READY },
        { ERR_PROVIDER_NO_ANSWER, FINDING_FILE_NOT_READY },
        { ERR_BILL_LINK, FINDING_FILE_LINK_EXPIRED },
        { ERR_BILL_HASH, FINDING_FILE_HASH },
        { ERR_PROVIDER_CONTRACT, FINDING_FILE_AUTH },
        { ERR_PROVIDER_REFUSED, FINDING_FILE_AUTH },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum finding found = acquire_finding(acquire_outcome(rows[i].err, false, true));
        cr_expect_eq(found, rows[i].finding, "row %zu: %s", i, finding_name(found));
    }
}

Test(acquire, the_hour_is_that_of_the_next_day_in_china)
{
    static const struct {
        struct day day;
        int64_t hour;
        const char *at; /* as date(1) has it: TZ=UTC date -d '2027-01-01 10:00 +0800' */
    } rows[] = {
        { { 2026, 12, 31 }, 10, "2027-01-01T02:00:00.000Z" },
        { { 2028, 2, 28 }, 10, "2028-02-29T02:00:00.000Z" },
        { { 2028, 2, 29 }, 0, "2028-02-29T16:00:00.000Z" },
        { { 2027, 2, 28 }, 16, "2027-03-01T08:00:00.000Z" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(64);
        CHECK_OK(wall_format(acquire_next_day_at(rows[i].day, rows[i].hour), &text));
        cr_expect(span_eq_cstr(buf_span(&text), rows[i].at), "row %zu", i);
    }
}
