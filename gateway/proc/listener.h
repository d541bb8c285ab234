/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_LISTENER_H
#define TALLYGATE_PROC_LISTENER_H

/* The doors: bound once by the parent, inherited by every worker, so that a restart resets no
 * connection that waits in the queue. */

#include <stdbool.h>

#include "buf.h"
#include "err.h"

/* "host:port", numeric host, "[::1]:0" for IPv6; port 0 takes a free one. Close-on-exec and
 * non-blocking. Errors: SYSTEM, CONFIG_VALUE for a host that is not an address. */
MUST_USE enum err listener_open(const char *address, int *out);

/* "http://127.0.0.1:1234" without a final slash; a wildcard address is shown as loopback. Errors:
 * SYSTEM, BUF_FULL. */
MUST_USE enum err listener_url(int fd, bool secure, struct buf *out);

#endif
