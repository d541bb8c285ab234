/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_HTTP_SCANNER_H
#define TALLYGATE_HTTP_SCANNER_H

/* Watches the raw bytes of a request's header block before evhttp reads them, because evhttp lets
 * pass what cannot be seen any more afterwards: NUL bytes that cut a line short, lone line feeds,
 * folded lines, and trailers that it files among the headers. */

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "span.h"

struct scanner {
    size_t bytes;      /* of the header block so far */
    size_t line_bytes; /* of the current line, without its end */
    size_t lines;      /* complete lines: the request line and one per header field */
    bool after_cr;
    bool ended; /* the empty line was seen */
    enum err err;
};

/* Takes in new bytes; what follows the end of the block is not looked at. A zeroed scanner is ready.
 * scanner->err tells the first violation: HTTP_MALFORMED, HTTP_HEADERS. */
void scanner_feed(struct scanner *scanner, struct span bytes);

#endif
