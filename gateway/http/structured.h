/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_HTTP_STRUCTURED_H
#define TALLYGATE_HTTP_STRUCTURED_H

/* The parts of RFC 8941 Structured Field Values that signatures use. Each reader takes its item off
 * the front of *at and leaves *at alone on failure. All errors are SIG_MALFORMED, except
 * ARENA_FULL. */

#include <stdbool.h>

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"

/* Skips SP. */
void structured_blank(struct span *at);

/* True, and taken, when the next byte is `c`. */
bool structured_take(struct span *at, unsigned char c);

/* 3.1.2 key: lower-case letters, digits, "_-.*"; begins with a letter or "*". */
MUST_USE enum err structured_key(struct span *at, struct span *out);

/* 3.3.3 string, unescaped. */
MUST_USE enum err structured_string(struct span *at, struct arena *arena, struct span *out);

/* 3.3.1 integer that is not negative, at most 15 digits. */
MUST_USE enum err structured_integer(struct span *at, int64_t *out);

/* 3.3.5 byte sequence, decoded. */
MUST_USE enum err structured_bytes(struct span *at, size_t max_bytes, struct arena *arena,
                                   struct span *out);

/* A string as it is written (4.1.6). Errors: BUF_FULL, NO_MEMORY. */
MUST_USE enum err structured_string_encode(struct span s, struct buf *out);

#endif
