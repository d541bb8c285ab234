/* SPDX-License-Identifier: Apache-2.0 */
/* What the keys process refuses to sign for Alipay, judged by the fields alone: one change at a
 * time to a request that passes. */
#include <criterion/criterion.h>

#include "alipay_mock.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct adapter_fields fields;

static void
start(void)
{
    CHECK_OK(arena_new(MOCK_ARENA_MAX, &mock_arena));
}

static void
finish(void)
{
    arena_free(&mock_arena);
}

TestSuite(alipay_sign_facts, .init = start, .fini = finish);

/* A refund as we make it; `name` NULL changes nothing, `value` NULL leaves the field out. */
static void
refund_but(const char *name, const char *value)
{
    static const char *const plain[][2] = {
        { "app_id", MOCK_APP },
        { "method", "alipay.trade.refund" },
        { "format", "JSON" },
        { "charset", "utf-8" },
        { "sign_type", "RSA2" },
        { "timestamp", "2027-01-15 10:00:00" },
        { "version", "1.0" },
        { "biz_content",
          "{\"out_trade_no\":\"T1\",\"refund_amount\":\"8.80\",\"out_request_no\":\"R1\"}" },
    };
    bool used = name == NULL;
    fields.count = 0;
    for (size_t i = 0; i < COUNT(plain); i++) {
        bool changed = name != NULL && strcmp(plain[i][0], name) == 0;
        const char *kept = changed ? value : plain[i][1];
        used = used || changed;
        if (kept != NULL) {
            CHECK_OK(adapter_fields_add(&fields, span_of(plain[i][0]), span_of(kept)));
        }
    }
    if (!used && value != NULL) {
        CHECK_OK(adapter_fields_add(&fields, span_of(name), span_of(value)));
    }
}

static enum err
judge(struct adapter_sign_facts *facts)
{
    return alipay_sign_facts(&fields, mock_arena, facts);
}

static void
expect_refused(const char *name, const char *value)
{
    struct adapter_sign_facts facts = { .operation = ADAPTER_OPERATION_NONE };
    refund_but(name, value);
    enum err err = judge(&facts);
    cr_expect_eq(err, ERR_KEYS_POLICY, "%s=%s gave %s", name, value == NULL ? "(none)" : value,
                 err_name(err));
    cr_expect_eq(facts.operation, ADAPTER_OPERATION_NONE);
}

Test(alipay_sign_facts, a_plain_refund_is_read)
{
    struct adapter_sign_facts facts = { .operation = ADAPTER_OPERATION_NONE };
    refund_but(NULL, NULL);
    CHECK_OK(judge(&facts));
    cr_expect_eq(facts.operation, ADAPTER_REFUND);
    cr_expect_eq(facts.amount.minor, 880);
    CHECK_TEXT(facts.refund_no, "R1");
    CHECK_TEXT(facts.merchant_order_no, "T1");
    refund_but("notify_url", "https://pay.example.cn/n?a=1");
    CHECK_OK(judge(&facts));
}

Test(alipay_sign_facts, a_field_that_is_not_ours_is_refused)
{
    static const char *const changes[][2] = {
        { "method", "alipay.fund.trans.uni.transfer" },
        { "method", NULL },
        { "format", "XML" },
        { "charset", "GBK" },
        { "sign_type", "RSA" },
        { "sign_type", NULL },
        { "version", "2.0" },
        { "app_auth_token", "202405BB" },
        { "notify_url", "https://pay.example.cn/n&method=alipay.fund.trans.uni.transfer" },
        { "timestamp", "2027-01-15 10:00:00&version=1.0" },
    };
    for (size_t i = 0; i < COUNT(changes); i++) {
        expect_refused(changes[i][0], changes[i][1]);
    }
}

Test(alipay_sign_facts, a_field_given_twice_is_refused)
{
    struct adapter_sign_facts facts = { .operation = ADAPTER_OPERATION_NONE };
    refund_but(NULL, NULL);
    size_t count = fields.count;
    for (size_t i = 0; i < count; i++) {
        fields.count = count;
        CHECK_OK(adapter_fields_add(&fields, fields.list[i].name, fields.list[i].value));
        CHECK_ERR(judge(&facts), ERR_KEYS_POLICY);
    }
}

Test(alipay_sign_facts, a_content_that_is_not_ours_is_refused)
{
    static const char *const contents[] = {
        "",
        "[]",
        "no JSON",
        "{\"out_trade_no\":\"T1\"}",
        "{\"refund_amount\":\"8.80\"}",
        "{\"out_trade_no\":1,\"refund_amount\":\"8.80\"}",
        "{\"out_trade_no\":\"T1\",\"refund_amount\":8.80}",
        "{\"out_trade_no\":\"T1\",\"refund_amount\":\"-8.80\"}",
        "{\"out_trade_no\":\"T1\",\"refund_amount\":\"8.800\"}",
        "{\"out_trade_no\":\"T1\",\"refund_amount\":\"8.80\",\"refund_amount\":\"9.80\"}",
        "{\"out_trade_no\":\"T1\",\"refund_amount\":\"8.80\",\"refund_royalty_parameters\":[]}",
        "{\"out_trade_no\":\"T1\",\"refund_amount\":\"8.80\",\"trade_no\":\"2024\"}",
    };
    for (size_t i = 0; i < COUNT(contents); i++) {
        expect_refused("biz_content", contents[i]);
    }
    expect_refused("biz_content", NULL);
}
