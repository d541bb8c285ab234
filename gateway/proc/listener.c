/* SPDX-License-Identifier: Apache-2.0 */
#include "listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "span.h"

#define BACKLOG       1024
#define HOST_MAX      64
#define PORT_MAX      8
#define ADDRESS_PARTS 80

static enum err
bind_to(const struct addrinfo *info, int *out)
{
    int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return ERR_SYSTEM;
    }
    int yes = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0
        || bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        (void)close(fd);
        return ERR_SYSTEM;
    }
    *out = fd;
    return ERR_OK;
}

/* Splits at the last colon; the brackets of an IPv6 host are dropped. */
static enum err
split(struct span address, struct buf *host, struct buf *port)
{
    size_t colon = address.len;
    while (colon > 0 && address.at[colon - 1] != ':') {
        colon--;
    }
    if (colon == 0) {
        return ERR_CONFIG_VALUE;
    }
    TRY(buf_append(host, span_trim(span_sub(address, 0, colon - 1), "[]")));
    return buf_append(port, span_sub(address, colon, address.len));
}

enum err
listener_open(const char *address, int *out)
{
    DEFER(buf_fini) struct buf host = BUF_MAX(ADDRESS_PARTS);
    DEFER(buf_fini) struct buf port = BUF_MAX(ADDRESS_PARTS);
    const char *host_text = NULL;
    const char *port_text = NULL;
    TRY(split(span_of(address), &host, &port));
    TRY(buf_cstr(&host, &host_text));
    TRY(buf_cstr(&port, &port_text));
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                              .ai_socktype = SOCK_STREAM };
    struct addrinfo *info = NULL;
    if (getaddrinfo(host_text, port_text, &hints, &info) != 0) {
        return ERR_CONFIG_VALUE;
    }
    enum err err = bind_to(info, out);
    freeaddrinfo(info);
    return err;
}

enum err
listener_url(int fd, bool secure, struct buf *out)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    char host[HOST_MAX];
    char port[PORT_MAX];
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0
        || getnameinfo((const struct sockaddr *)&address, len, host, sizeof(host), port,
                       sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV)
               != 0) {
        return ERR_SYSTEM;
    }
    const char *shown = strcmp(host, "0.0.0.0") == 0 ? "127.0.0.1"
                        : strcmp(host, "::") == 0    ? "::1"
                                                     : host;
    const char *scheme = secure ? "https" : "http";
    return buf_printf(out, strchr(shown, ':') != NULL ? "%s://[%s]:%s" : "%s://%s:%s", scheme,
                      shown, port);
}
