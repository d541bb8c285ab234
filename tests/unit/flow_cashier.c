/* SPDX-License-Identifier: Apache-2.0 */
#include "cashier.h"
#include "check.h"

static void
expect_origins(const char *url, const char *want)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(512);
    CHECK_OK(cashier_form_origins(span_of(url), &out));
    CHECK_TEXT(buf_span(&out), want);
}

Test(cashier, a_form_may_go_to_the_gateway_and_its_siblings)
{
    expect_origins("https://openapi.alipay.com/gateway.do",
                   "https://openapi.alipay.com https://*.alipay.com");
    expect_origins("https://gateway.test.95516.com:8443/gateway/api/frontTransReq.do",
                   "https://gateway.test.95516.com:8443 https://*.test.95516.com:8443");
}

Test(cashier, no_wildcard_stands_for_an_address_or_a_whole_top_level_domain)
{
    expect_origins("https://127.0.0.1:8443/gateway.do", "https://127.0.0.1:8443");
    expect_origins("https://localhost:8443/gateway.do", "https://localhost:8443");
    expect_origins("https://alipay.com/gateway.do", "https://alipay.com");
    expect_origins("https://[::1]:8443/gateway.do", "https://[::1]:8443");
}

Test(cashier, what_is_no_address_is_refused)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(512);
    CHECK_ERR(cashier_form_origins(SPAN_LIT("/gateway.do"), &out), ERR_FIELD_VALUE);
    CHECK_ERR(cashier_form_origins(SPAN_LIT("javascript:alert(1)"), &out), ERR_FIELD_VALUE);
    CHECK_ERR(cashier_form_origins(SPAN_LIT(""), &out), ERR_FIELD_VALUE);
}
