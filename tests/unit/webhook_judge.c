/* SPDX-License-Identifier: Apache-2.0 */
/* What an endpoint's answer means. */
#include "webhook_judge.h"

#include "check.h"

/* 1994-11-06T08:49:37Z, the example of RFC 9110 */
#define NOW_US INT64_C(784111777000000)

static const struct {
    enum err err;
    int status;
    const char *retry_after;
    int64_t failed; /* before */
    enum webhook_outcome outcome;
    int64_t wait_ms;
    const char *error;
    bool gone;
} rows[] = {
    { ERR_OK, 200, "", 0, WEBHOOK_DELIVERED, 0, NULL, false },
    { ERR_OK, 204, "", 8, WEBHOOK_DELIVERED, 0, NULL, false },
    { ERR_OK, 202, "60", 9, WEBHOOK_DELIVERED, 0, NULL, false },
    { ERR_OK, 199, "", 0, WEBHOOK_FAILED, 5000, "status", false },
    { ERR_OK, 301, "", 0, WEBHOOK_FAILED, 5000, "redirect", false },
    { ERR_OK, 307, "", 1, WEBHOOK_FAILED, 300000, "redirect", false },
    { ERR_OK, 400, "", 2, WEBHOOK_FAILED, 1800000, "status", false },
    { ERR_OK, 404, "", 0, WEBHOOK_FAILED, 5000, "status", false },
    { ERR_OK, 500, "3600", 0, WEBHOOK_FAILED, 5000, "status", false },
    { ERR_OK, 429, "3600", 0, WEBHOOK_FAILED, 3600000, "status", false },
    { ERR_OK, 503, "3600", 0, WEBHOOK_FAILED, 3600000, "status", false },
    { ERR_OK, 503, "Sun, 06 Nov 1994 08:59:37 GMT", 0, WEBHOOK_FAILED, 600000, "status", false },
    { ERR_OK, 503, "1", 1, WEBHOOK_FAILED, 300000, "status", false },
    { ERR_OK, 503, "999999", 0, WEBHOOK_FAILED, 86400000, "status", false },
    { ERR_OK, 503, "soon", 0, WEBHOOK_FAILED, 5000, "status", false },
    { ERR_OK, 410, "", 0, WEBHOOK_DEAD, 0, "gone", true },
    { ERR_OK, 500, "", 8, WEBHOOK_FAILED, 100800000, "status", false },
    { ERR_OK, 500, "", 9, WEBHOOK_DEAD, 0, "status", false },
    { ERR_OK, 429, "60", 9, WEBHOOK_DEAD, 0, "status", false },
    { ERR_PROVIDER_NOT_SENT, 0, "", 0, WEBHOOK_FAILED, 5000, "not_sent", false },
    { ERR_PROVIDER_NO_ANSWER, 0, "", 0, WEBHOOK_FAILED, 5000, "no_answer", false },
    { ERR_PROVIDER_NO_ANSWER, 0, "", 9, WEBHOOK_DEAD, 0, "no_answer", false },
    { ERR_WEBHOOK_ADDRESS, 0, "", 0, WEBHOOK_FAILED, 5000, "address", false },
    { ERR_WEBHOOK_URL, 0, "", 0, WEBHOOK_FAILED, 5000, "address", false },
};

Test(webhook_judge, every_row_is_judged_as_the_table_says)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct webhook_try tried = { .err = rows[i].err,
                                           .status = rows[i].status,
                                           .retry_after = span_of(rows[i].retry_after),
                                           .failed = rows[i].failed,
                                           .now = { .us = NOW_US } };
        struct webhook_result result = webhook_judge(&tried);
        int64_t wait_ms = result.next_at.us == 0 ? 0 : wall_ms_between(tried.now, result.next_at);
        cr_expect_eq(result.outcome, rows[i].outcome, "row %zu", i);
        cr_expect_eq(wait_ms, rows[i].wait_ms, "row %zu: %lld", i, (long long)wait_ms);
        cr_expect_eq(result.gone, rows[i].gone, "row %zu", i);
        cr_expect_eq(result.status, rows[i].status, "row %zu", i);
        cr_expect(span_eq(span_of(result.error), span_of(rows[i].error)), "row %zu", i);
    }
}

Test(webhook_judge, the_jitter_moves_the_schedule_but_not_what_was_asked_for)
{
    struct webhook_try tried = { .status = 503, .jitter_permille = -50, .now = { .us = NOW_US } };
    cr_expect_eq(wall_ms_between(tried.now, webhook_judge(&tried).next_at), 4750);
    tried.retry_after = SPAN_LIT("60");
    cr_expect_eq(wall_ms_between(tried.now, webhook_judge(&tried).next_at), 60000);
}
