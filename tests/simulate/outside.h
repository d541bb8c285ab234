/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_OUTSIDE_H
#define TALLYGATE_SIMULATE_OUTSIDE_H

/* The outside world of tests/world inside this program: its own providers with their own signatures and books,
 * called as functions. Only its sockets are replaced. It knows nothing of faults. */

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "span.h"

#define OUTSIDE_HEADERS_MAX 32

struct outside_header {
    struct span name;
    struct span value;
};

/* What somebody asks a provider over HTTP. */
struct outside_request {
    bool post;
    struct span url; /* of a port that outside_port gave */
    struct span content_type;
    const struct outside_header *headers;
    size_t header_count;
    struct span body;
};

/* Its answer; the caller's to end with outside_reply_fini. */
struct outside_reply {
    int status;      /* 0: none came */
    struct buf text; /* of headers: name NUL value NUL … */
    size_t header_count;
    struct buf body;
};

/* A callback on its way to us. Told exactly once what became of it: status 0 when nobody answered. */
struct outside_notice;
typedef void (*outside_send)(struct outside_notice *notice);
struct span outside_notice_path(const struct outside_notice *notice);
const struct outside_header *outside_notice_headers(const struct outside_notice *notice,
                                                    size_t *count);
struct span outside_notice_body(const struct outside_notice *notice);
void outside_told(struct outside_notice *notice, int status, struct span body);

MUST_USE enum err outside_open(const char *pki, outside_send send);
void outside_close(void);
void outside_forget_keys(void); /* after the last run */

void outside_exchange(const struct outside_request *request, struct outside_reply *out);
struct span outside_reply_header(const struct outside_reply *reply, const char *name);
void outside_reply_fini(struct outside_reply *reply);

/* The next answer of whoever is at that address is false: wrong under a true signature, or under a false one. */
void outside_lie(struct span url, int64_t which);
void outside_be_honest(void); /* lies that nobody heard are taken back */
#define OUTSIDE_LIES 5

/* A control call of tests/world/README.md. The answer is the caller's; the status tells whether it was granted. */
int outside_ask(const char *path, const struct json_t *in, struct json_t **out);

#endif
