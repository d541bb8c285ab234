/* SPDX-License-Identifier: Apache-2.0 */
/* Where a call may go at all, and that nothing is sent where it may not. */
#include "address.h"
#include "transport_house.h"

TestSuite(transport_address, .init = start, .fini = finish);

static const struct {
    int family;
    const char *text;
    bool is_private;
} addresses[] = {
    { AF_INET, "0.0.0.0", true },
    { AF_INET, "0.1.2.3", true },
    { AF_INET, "10.0.0.1", true },
    { AF_INET, "9.255.255.255", false },
    { AF_INET, "11.0.0.0", false },
    { AF_INET, "100.64.0.1", true },
    { AF_INET, "100.127.255.255", true },
    { AF_INET, "100.63.255.255", false },
    { AF_INET, "100.128.0.0", false },
    { AF_INET, "127.0.0.1", true },
    { AF_INET, "127.255.255.254", true },
    { AF_INET, "128.0.0.1", false },
    { AF_INET, "169.254.169.254", true }, /* where clouds keep their secrets */
    { AF_INET, "169.253.255.255", false },
    { AF_INET, "172.16.0.1", true },
    { AF_INET, "172.31.255.255", true },
    { AF_INET, "172.15.255.255", false },
    { AF_INET, "172.32.0.0", false },
    { AF_INET, "192.0.0.8", true },
    { AF_INET, "192.0.2.1", true },
    { AF_INET, "192.88.99.1", true },
    { AF_INET, "192.168.1.1", true },
    { AF_INET, "192.169.0.1", false },
    { AF_INET, "198.18.0.1", true },
    { AF_INET, "198.19.255.255", true },
    { AF_INET, "198.20.0.1", false },
    { AF_INET, "198.51.100.7", true },
    { AF_INET, "203.0.113.9", true },
    { AF_INET, "203.209.250.1", false },
    { AF_INET, "110.75.143.1", false },
    { AF_INET, "223.255.255.255", false },
    { AF_INET, "224.0.0.1", true },
    { AF_INET, "239.255.255.255", true },
    { AF_INET, "240.0.0.1", true },
    { AF_INET, "255.255.255.255", true },
    { AF_INET6, "::", true },
    { AF_INET6, "::1", true },
    { AF_INET6, "fe80::1", true },
    { AF_INET6, "fec0::1", true },
    { AF_INET6, "fc00::1", true },
    { AF_INET6, "fd12:3456::1", true },
    { AF_INET6, "ff02::1", true },
    { AF_INET6, "100::1", true },
    { AF_INET6, "2001:db8::1", true },
    { AF_INET6, "3fff::1", true },
    { AF_INET6, "2001::1", true }, /* Teredo */
    { AF_INET6, "4000::1", true },
    { AF_INET6, "2400:3200::1", false },
    { AF_INET6, "2001:4860:4860::8888", false },
    /* Those that carry one of IPv4. */
    { AF_INET6, "::ffff:127.0.0.1", true },
    { AF_INET6, "::ffff:10.1.2.3", true },
    { AF_INET6, "::ffff:169.254.169.254", true },
    { AF_INET6, "::ffff:110.75.143.1", false },
    { AF_INET6, "64:ff9b::10.0.0.1", true },
    { AF_INET6, "64:ff9b::192.168.0.1", true },
    { AF_INET6, "64:ff9b::110.75.143.1", false },
    { AF_INET6, "64:ff9b:1::110.75.143.1", true }, /* for local use, RFC 8215 */
    { AF_INET6, "2002:7f00:1::1", true },
    { AF_INET6, "2002:a00:1::1", true },
    { AF_INET6, "2002:6e4b:8f01::1", false },
    { AF_INET6, "::127.0.0.1", true },
    { AF_INET6, "::110.75.143.1", true },
};

Test(transport_address, addresses_that_are_not_of_the_open_internet_are_private)
{
    for (size_t i = 0; i < COUNT(addresses); i++) {
        struct sockaddr_storage address = { .ss_family = (sa_family_t)addresses[i].family };
        void *to = addresses[i].family == AF_INET
                       ? (void *)&((struct sockaddr_in *)&address)->sin_addr
                       : (void *)&((struct sockaddr_in6 *)&address)->sin6_addr;
        cr_assert_eq(inet_pton(addresses[i].family, addresses[i].text, to), 1, "%s",
                     addresses[i].text);
        cr_expect_eq(address_private((const struct sockaddr *)&address), addresses[i].is_private,
                     "%s", addresses[i].text);
    }
    const struct sockaddr local = { .sa_family = AF_UNIX };
    cr_expect(address_private(&local));
}

Test(transport_address, a_private_address_is_reached_only_when_allowed)
{
    static const char *const hosts[] = { "127.0.0.1", "localhost",  "[::1]",  "[::ffff:127.0.0.1]",
                                         "0.0.0.0",   "2130706433", "0x7f.1", "127.1" };
    for (size_t i = 0; i < COUNT(hosts); i++) {
        char url[128];
        struct transport_request request = get("/answer", port);
        (void)snprintf(url, sizeof(url), "http://%s:%u/answer", hosts[i], port);
        request.url = span_of(url);
        request.allow_private_address = false;
        expect_end(&request, ERR_PROVIDER_NOT_SENT);
    }
    cr_expect_eq(asked, 0);
}

/* A name that is bent to the inside when it is called, whatever it was before. */
Test(transport_address, a_name_that_leads_to_a_private_address_may_be_told_as_such)
{
    char url[128];
    struct transport_request request = get("/answer", port);
    (void)snprintf(url, sizeof(url), "http://localhost:%u/answer", port);
    request.url = span_of(url);
    request.allow_private_address = false;
    request.tell_private = true;
    expect_end(&request, ERR_WEBHOOK_ADDRESS);
    cr_expect_eq(asked, 0);
    request = get("/answer", port);
    request.tell_private = true;
    expect_end(&request, ERR_OK);
    cr_expect_eq(asked, 1);
}

/* A port that was just given up: nobody listens there. */
Test(transport_address, a_refused_connection_was_not_sent)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = loopback(0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    struct transport_request request = get("/answer", port_of(fd));
    expect_end(&request, ERR_PROVIDER_NOT_SENT);
    (void)close(fd);
}

Test(transport_address, addresses_that_are_none_were_not_sent)
{
    static const char *const urls[] = { "", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://",
                                        "http://127.0.0.1:99999/" };
    for (size_t i = 0; i < COUNT(urls); i++) {
        struct transport_request request = get("/answer", port);
        request.url = span_of(urls[i]);
        expect_end(&request, ERR_PROVIDER_NOT_SENT);
    }
}

Test(transport_address, plain_http_is_used_only_when_allowed)
{
    struct transport_request request = get("/answer", port);
    request.allow_http = false;
    expect_end(&request, ERR_PROVIDER_NOT_SENT);
    cr_expect_eq(asked, 0);
}

Test(transport_address, a_server_that_speaks_no_tls_was_not_sent_anything)
{
    char url[64];
    struct transport_request request = get("/answer", port);
    (void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/answer", port);
    request.url = span_of(url);
    expect_end(&request, ERR_PROVIDER_NOT_SENT);
    cr_expect_eq(asked, 0);
}
