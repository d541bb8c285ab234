/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses a client may have us call. */
#include "webhook_url.h"

#include <string.h>

#include "check.h"

static const struct webhook_url_rules production = { .allow_http = false, .allow_private = false };
static const struct webhook_url_rules in_house = { .allow_http = false, .allow_private = true };
static const struct webhook_url_rules development = { .allow_http = true, .allow_private = true };

static const struct {
    const char *url;
    enum err err;       /* in production */
    enum err err_house; /* where private addresses are allowed */
} rows[] = {
    { "https://portal.example.cn/hooks", ERR_OK, ERR_OK },
    { "https://portal.example.cn", ERR_OK, ERR_OK },
    { "https://portal.example.cn:8443/hooks?a=b%20c", ERR_OK, ERR_OK },
    { "https://portal.example.cn:443?x", ERR_OK, ERR_OK },
    { "https://xn--fiqs8s.example.cn/a", ERR_OK, ERR_OK },
    { "https://93.184.215.14/hooks", ERR_OK, ERR_OK },
    { "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:8443/a", ERR_OK, ERR_OK },
    /* schemes, users, fragments, odd bytes */
    { "http://portal.example.cn/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "ftp://portal.example.cn/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "file:///etc/passwd", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "HTTPS://portal.example.cn/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "portal.example.cn/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https:///hooks/and/more", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://user@portal.example.cn/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://user:word@portal.example.cn/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn@127.0.0.1/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn/#fragment", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn\\@127.0.0.1/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn/a b", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn/\xE8\xB4\xA2", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn/\r\nX: y", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://por_tal.example.cn/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://-portal.example.cn/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal..example.cn/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn./a", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal%2eexample.cn/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    /* ports */
    { "https://portal.example.cn:22/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn:80/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn:1023/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn:1024/", ERR_OK, ERR_OK },
    { "https://portal.example.cn:65535/", ERR_OK, ERR_OK },
    { "https://portal.example.cn:65536/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn:0/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn:08443/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn:/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn:+443/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.cn:443:443/", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    /* this machine and inner networks */
    { "https://127.0.0.1/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://127.8.9.10/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://0.0.0.0/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://169.254.169.254/latest/meta-data/", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://10.0.0.1/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://172.31.255.255/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://192.168.1.1/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://100.64.0.1/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://224.0.0.1/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://255.255.255.255/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://[::1]/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://[::]/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://[fc00::1]/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://[fd12:3456::1]/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://[fe80::1]/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://[::ffff:127.0.0.1]/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://[::ffff:7f00:1]/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://[64:ff9b::a00:1]/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://[2002:7f00:1::]/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://localhost/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://LocalHost:8443/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://portal.localhost/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://metadata.google.internal/", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://printer.local/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    { "https://intranet/hooks", ERR_WEBHOOK_ADDRESS, ERR_OK },
    /* other ways to write an address, which nobody needs */
    { "https://2130706433/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://0x7f000001/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://0x7f.0.0.0x1/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://0177.0.0.1/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://017700000001/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://127.1/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://127.0.0.01/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://1.2.3.256/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://portal.example.1/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://[::1%25lo]/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://[127.0.0.1]/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://[::1/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://[::1]x:443/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
    { "https://::1/hooks", ERR_WEBHOOK_URL, ERR_WEBHOOK_URL },
};

Test(webhook_url, every_row_is_judged_as_the_table_says)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum err got = webhook_url_check(span_of(rows[i].url), production);
        cr_expect_eq(got, rows[i].err, "%s: %s", rows[i].url, err_name(got));
        got = webhook_url_check(span_of(rows[i].url), in_house);
        cr_expect_eq(got, rows[i].err_house, "%s in house: %s", rows[i].url, err_name(got));
    }
}

Test(webhook_url, development_takes_plain_http_to_this_machine)
{
    CHECK_OK(webhook_url_check(SPAN_LIT("http://127.0.0.1:34567/hooks"), development));
    CHECK_OK(webhook_url_check(SPAN_LIT("http://127.0.0.1:80/hooks"), development));
    CHECK_ERR(webhook_url_check(SPAN_LIT("http://127.0.0.1:443/hooks"), development),
              ERR_WEBHOOK_URL);
    CHECK_ERR(webhook_url_check(SPAN_LIT("http://user@127.0.0.1/hooks"), development),
              ERR_WEBHOOK_URL);
}

Test(webhook_url, a_length_has_two_ends)
{
    char long_url[WEBHOOK_URL_MAX + 2];
    memset(long_url, 'a', sizeof(long_url));
    memcpy(long_url, "https://a.example.cn/", 21);
    CHECK_OK(webhook_url_check(span_make(long_url, WEBHOOK_URL_MAX), production));
    CHECK_ERR(webhook_url_check(span_make(long_url, WEBHOOK_URL_MAX + 1), production),
              ERR_FIELD_LENGTH);
    CHECK_ERR(webhook_url_check(SPAN_LIT("https://a.b"), production), ERR_FIELD_LENGTH);
    CHECK_ERR(webhook_url_check(SPAN_LIT(""), production), ERR_FIELD_LENGTH);
}
