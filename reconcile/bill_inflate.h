/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_BILL_INFLATE_H
#define TALLYGATE_RECONCILE_BILL_INFLATE_H

/* One compressed stream, zlib (RFC 1950) or gzip (RFC 1952), to its bytes, with its check sum and
 * length compared. The only user of zlib. */

#include <stddef.h>

#include "err.h"
#include "span.h"

#define BILL_INFLATE_ASIDE_BYTES ((size_t)1024 * 1024) /* packed; for less no thread is worth it */

enum bill_inflate_format { BILL_INFLATE_ZLIB, BILL_INFLATE_GZIP };

/* How the stream came out. */
enum bill_inflate_end {
    BILL_INFLATE_NONE,
    BILL_INFLATE_WHOLE,
    BILL_INFLATE_DAMAGED,  /* it ends early, or is no such stream, or its check sum is wrong */
    BILL_INFLATE_TRAILING, /* bytes stand behind it */
    BILL_INFLATE_SIZE,     /* it grows past the limit */
    BILL_INFLATE_RATIO     /* it grows too much for its length */
};

struct bill_inflate_limits {
    size_t unpacked_max_bytes;
    size_t ratio_max;
    size_t ratio_from_bytes; /* less cannot hurt, whatever its ratio */
};

/* Called with the unpacked bytes, piece by piece. */
typedef enum err (*bill_inflate_bytes)(void *context, struct span bytes);

/* Bytes given before a bad end was seen are to be thrown away. `give` is called by the caller's thread alone; a long stream is
 * unpacked by another, which has ended when this returns. Errors: NO_MEMORY, SYSTEM and the
 * callback's own. */
MUST_USE enum err bill_inflate(enum bill_inflate_format format, struct span packed,
                               const struct bill_inflate_limits *limits, bill_inflate_bytes give,
                               void *context, enum bill_inflate_end *out);

#endif
