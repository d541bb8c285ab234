/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_host.h"

#include <criterion/criterion.h>

static const struct adapter_bill trade = { .kind = "trade", .download_host = "bills.example" };

static bool
allowed(const char *hosts, const char *url)
{
    const struct adapter_account account = { .bill_hosts = hosts,
                                             .gateway_url = "https://gateway.example/gateway.do" };
    return bill_host_allowed(span_of(url), &account, &trade);
}

Test(bill_host, other_hosts_are_refused)
{
    static const char *const refused[] = {
        "",
        "bills.example",
        "//bills.example/x",
        "ftp://bills.example/x",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "http://evil.example/x",
        "http://evil.example/bills.example",
        "http://evil.example?bills.example",
        "http://evil.example#bills.example",
        "http://bills.example.evil.example/x",
        "http://xbills.example/x",
        "http://bills.example@evil.example/x",
        "http://evil.example\\@bills.example/x",
        "http://bills.example:8080/x",
        "http://bills.example:443/x",
        "https://bills.example:80/x",
        "http://bills.example:80:80/x",
        "http://bills.example /x",
        "http://bills.example/x\r\nHost: evil",
        "http://bills.example%2eevil.example/x",
        "http://[::1]/x",
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        cr_expect_not(allowed("", refused[i]), "%s", refused[i]);
        cr_expect_not(allowed("bills.example gateway.example", refused[i]), "%s", refused[i]);
    }
}

Test(bill_host, without_a_list_the_gateway_and_the_documented_host_are_allowed)
{
    cr_expect(allowed("", "http://bills.example/downloadBillFile.resource?token=1"));
    cr_expect(allowed("", "https://bills.example:443/x"));
    cr_expect(allowed("", "http://BILLS.example:80/x"));
    cr_expect(allowed("  ", "https://gateway.example/x"));
    cr_expect(allowed("", "http://bills.example?x"));
}

Test(bill_host, a_list_stands_for_nothing_but_itself)
{
    cr_expect(allowed("other.example  127.0.0.1:8080", "http://127.0.0.1:8080/x"));
    cr_expect(allowed("other.example 127.0.0.1:8080", "https://other.example/x"));
    cr_expect_not(allowed("other.example 127.0.0.1:8080", "http://127.0.0.1/x"));
    cr_expect_not(allowed("other.example 127.0.0.1:8080", "http://127.0.0.1:808/x"));
    cr_expect_not(allowed("other.example", "http://bills.example/x"));
    cr_expect_not(allowed("other.example", "https://gateway.example/x"));
}
