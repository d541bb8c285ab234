/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

static bool
private_v4(uint32_t host)
{
    static const struct {
        uint32_t net;
        uint32_t mask;
    } nets[] = {
        { 0x00000000u, 0xFF000000u }, { 0x0A000000u, 0xFF000000u }, { 0x64400000u, 0xFFC00000u },
        { 0x7F000000u, 0xFF000000u }, { 0xA9FE0000u, 0xFFFF0000u }, { 0xAC100000u, 0xFFF00000u },
        { 0xC0000000u, 0xFFFFFF00u }, { 0xC0000200u, 0xFFFFFF00u }, { 0xC0A80000u, 0xFFFF0000u },
        { 0xC6120000u, 0xFFFE0000u }, { 0xC0586300u, 0xFFFFFF00u }, { 0xC6336400u, 0xFFFFFF00u },
        { 0xCB007100u, 0xFFFFFF00u }, { 0xE0000000u, 0xF0000000u }, { 0xF0000000u, 0xF0000000u },
    };
    for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
        if ((host & nets[i].mask) == nets[i].net) {
            return true;
        }
    }
    return false;
}

/* Addresses that carry one of IPv4 are as private as that one: mapped, translated (RFC 6052) and
 * 6to4 (RFC 3056). */
static const struct {
    unsigned char prefix[12];
    size_t len;
    size_t v4_at;
} embeddings[] = {
    { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF }, 12, 12 },
    { { 0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0 }, 12, 12 },
    { { 0x20, 0x02 }, 2, 2 },
};

/* Of 2000::/3: protocol assignments with Teredo (RFC 2928), and what documents use (RFC 3849, 9637). */
static const struct {
    uint32_t net;
    uint32_t mask;
} reserved_v6[] = {
    { 0x20010000u, 0xFFFFFE00u },
    { 0x20010DB8u, 0xFFFFFFFFu },
    { 0x3FFF0000u, 0xFFFFF000u },
};

static bool
private_v6(const struct in6_addr *a)
{
    for (size_t i = 0; i < sizeof(embeddings) / sizeof(embeddings[0]); i++) {
        if (memcmp(a->s6_addr, embeddings[i].prefix, embeddings[i].len) == 0) {
            uint32_t v4;
            memcpy(&v4, a->s6_addr + embeddings[i].v4_at, sizeof(v4));
            return private_v4(ntohl(v4));
        }
    }
    uint32_t front;
    memcpy(&front, a->s6_addr, sizeof(front));
    front = ntohl(front);
    for (size_t i = 0; i < sizeof(reserved_v6) / sizeof(reserved_v6[0]); i++) {
        if ((front & reserved_v6[i].mask) == reserved_v6[i].net) {
            return true;
        }
    }
    /* Only global unicast, 2000::/3, is outside. */
    return (front & 0xE0000000u) != 0x20000000u;
}

bool
address_private(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof(v4));
        return private_v4(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof(v6));
        return private_v6(&v6.sin6_addr);
    }
    return true;
}
