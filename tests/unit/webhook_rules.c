/* SPDX-License-Identifier: Apache-2.0 */
/* Ids of messages, endpoints and deliveries; the schedule; Retry-After. */
#include "check.h"
#include "webhook.h"

#define NUMBER   "2603100070000000019"
#define ENDPOINT "we_000102030405060708090a0b0c0d0e0f"
#define HOUR_MS  INT64_C(3600000)

static const struct webhook_key key = { .payment_no = SPAN(NUMBER),
                                        .seq = 3,
                                        .kind = WEBHOOK_PAYMENT_LATE_PAID };

Test(webhook, a_message_has_one_id_without_a_full_stop)
{
    DEFER(buf_fini) struct buf id = BUF_MAX(WEBHOOK_ID_MAX);
    CHECK_OK(webhook_message_id(&key, &id));
    CHECK_TEXT(buf_span(&id), "msg_" NUMBER "_3_3");
    const struct webhook_key none = { .payment_no = SPAN(NUMBER), .seq = 3 };
    CHECK_ERR(webhook_message_id(&none, &id), ERR_FIELD_VALUE);
}

Test(webhook, ids_are_read_back)
{
    DEFER(buf_fini) struct buf id = BUF_MAX(WEBHOOK_ID_MAX);
    struct webhook_key read;
    struct span hex;
    int slot = -1;
    CHECK_OK(webhook_delivery_id(&key, SPAN_LIT(ENDPOINT), &id));
    CHECK_TEXT(buf_span(&id), "whd_" NUMBER "_3_3_000102030405060708090a0b0c0d0e0f");
    CHECK_OK(webhook_delivery_id_read(buf_span(&id), &read, &slot, &hex));
    CHECK_TEXT(read.payment_no, NUMBER);
    cr_expect_eq(read.seq, 3);
    cr_expect_eq(read.kind, WEBHOOK_PAYMENT_LATE_PAID);
    cr_expect_eq(slot, 7);
    CHECK_TEXT(hex, "000102030405060708090a0b0c0d0e0f");
    CHECK_OK(webhook_message_id_read(SPAN_LIT("msg_recon_12_11"), &read, &slot));
    cr_expect_eq(slot, WEBHOOK_RECON_SLOT);
    cr_expect_eq(read.kind, WEBHOOK_RECON_BLOCKED);
    CHECK_OK(webhook_message_id_read(SPAN_LIT("msg_" NUMBER "_12_7"), &read, &slot));
    cr_expect_eq(read.seq, 12);
    cr_expect_eq(read.kind, WEBHOOK_REFUND_FAILED);
}

Test(webhook, what_is_no_id_of_ours_names_nothing)
{
    static const char *const messages[] = {
        "",
        "msg_",
        "msg_" NUMBER,
        "msg_" NUMBER "_3",
        "msg_" NUMBER "_0_3",
        "msg_" NUMBER "_3_0",
        "msg_" NUMBER "_3_99",
        "msg_" NUMBER "_03_3",
        "msg_" NUMBER "_3_03",
        "msg_" NUMBER "_3_3_",
        "msg_2603100070000000010_3_3", /* another check digit */
        "whd_" NUMBER "_3_3",
        "msg_" NUMBER "_-3_3",
        "msg_" NUMBER "_3.0_3",
        "msg_recon_3_3",       /* a kind of payments */
        "msg_" NUMBER "_3_10", /* of reconciliations */
    };
    static const char *const deliveries[] = {
        "whd_" NUMBER "_3_3",
        "whd_" NUMBER "_3_3_",
        "whd_" NUMBER "_3_3_000102030405060708090A0B0C0D0E0F",
        "whd_" NUMBER "_3_3_000102030405060708090a0b0c0d0e0f0",
        "msg_" NUMBER "_3_3_000102030405060708090a0b0c0d0e0f",
    };
    struct webhook_key read;
    struct span hex;
    int slot;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        cr_expect_eq(webhook_message_id_read(span_of(messages[i]), &read, &slot),
                     ERR_WEBHOOK_UNKNOWN, "%s", messages[i]);
    }
    for (size_t i = 0; i < sizeof(deliveries) / sizeof(deliveries[0]); i++) {
        cr_expect_eq(webhook_delivery_id_read(span_of(deliveries[i]), &read, &slot, &hex),
                     ERR_WEBHOOK_UNKNOWN, "%s", deliveries[i]);
    }
}

Test(webhook, an_endpoint_id_is_a_front_and_32_digits)
{
    cr_expect(webhook_endpoint_id_valid(SPAN_LIT(ENDPOINT)));
    cr_expect_not(webhook_endpoint_id_valid(SPAN_LIT("we_000102030405060708090a0b0c0d0e0")));
    cr_expect_not(webhook_endpoint_id_valid(SPAN_LIT("we_000102030405060708090a0b0c0d0e0g")));
    cr_expect_not(webhook_endpoint_id_valid(SPAN_LIT("xx_000102030405060708090a0b0c0d0e0f")));
    cr_expect_not(webhook_endpoint_id_valid(SPAN_LIT("")));
}

Test(webhook, every_kind_is_read_back)
{
    for (int i = WEBHOOK_KIND_NONE + 1; i < WEBHOOK_KIND_COUNT; i++) {
        enum webhook_kind kind = WEBHOOK_KIND_NONE;
        const char *code = webhook_kind_code((enum webhook_kind)i);
        CHECK_OK(webhook_kind_decode(span_of(code), &kind));
        cr_expect_eq((int)kind, i, "%s", code);
    }
    enum webhook_kind kind = WEBHOOK_PAYMENT_PAID;
    CHECK_ERR(webhook_kind_decode(SPAN_LIT(""), &kind), ERR_FIELD_VALUE);
    CHECK_ERR(webhook_kind_decode(SPAN_LIT("payment"), &kind), ERR_FIELD_VALUE);
    cr_expect_eq(kind, WEBHOOK_PAYMENT_PAID);
}

static int64_t
total_ms(int jitter_permille, int64_t *tries)
{
    int64_t total = 0;
    *tries = 0;
    for (int64_t failed = 1; webhook_wait_ms(failed, jitter_permille) > 0; failed++) {
        total += webhook_wait_ms(failed, jitter_permille);
        (*tries)++;
    }
    return total;
}

Test(webhook, the_schedule_lasts_75_hours_however_its_waits_are_cut)
{
    int64_t tries = 0;
    cr_expect_geq(total_ms(-WEBHOOK_JITTER_PERMILLE, &tries), 75 * HOUR_MS);
    cr_expect_eq(tries, 9);
    /* 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 28 h */
    cr_expect_eq(total_ms(0, &tries), 79 * HOUR_MS + 35 * 60000 + 5000);
    cr_expect_leq(total_ms(WEBHOOK_JITTER_PERMILLE, &tries), 84 * HOUR_MS);
}

Test(webhook, waits_grow_and_the_jitter_is_a_twentieth)
{
    cr_expect_eq(webhook_wait_ms(1, 0), 5000);
    cr_expect_eq(webhook_wait_ms(1, 50), 5250);
    cr_expect_eq(webhook_wait_ms(1, -50), 4750);
    cr_expect_eq(webhook_wait_ms(9, 0), 28 * HOUR_MS);
    cr_expect_eq(webhook_wait_ms(0, 0), 0);
    cr_expect_eq(webhook_wait_ms(10, 50), 0);
    for (int64_t failed = 2; failed <= 9; failed++) {
        cr_expect_gt(webhook_wait_ms(failed, -50), webhook_wait_ms(failed - 1, 50));
    }
}

Test(webhook, retry_after_is_seconds_or_a_date_and_at_most_a_day)
{
    /* 1994-11-06T08:49:37Z, the example of RFC 9110 */
    const struct wall_time now = { .us = INT64_C(784111777000000) };
    static const struct {
        const char *value;
        int64_t wait_ms;
    } rows[] = {
        { "", 0 },
        { "0", 0 },
        { "120", 120000 },
        { "86400", 86400000 },
        { "86401", 86400000 },
        { "99999999999999999999", 86400000 },
        { "Sun, 06 Nov 1994 08:50:37 GMT", 60000 },
        { "Sun, 06 Nov 1994 08:49:36 GMT", 0 },
        { "Sun, 06 Nov 2094 08:49:37 GMT", 86400000 },
        { "-5", 0 },
        { "5 s", 0 },
        { "1.5", 0 },
        { "tomorrow", 0 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect_eq(webhook_retry_after_ms(span_of(rows[i].value), now), rows[i].wait_ms, "'%s'",
                     rows[i].value);
    }
}
