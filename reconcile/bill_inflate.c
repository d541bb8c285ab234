/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_inflate.h"

#include <limits.h>
#include <stdbool.h>

#define ZLIB_CONST /* so that its input may be const */
#include <zlib.h>

#include "bill_ahead.h"

#define WINDOW_BITS 15
#define AS_GZIP     16 /* added to the window bits: zlib's own convention */

/* The library copies its window of 32 KiB after each block. */
_Static_assert(BILL_AHEAD_BLOCK_BYTES >= (size_t)128 * 1024, "too small to copy a window after");
_Static_assert(BILL_AHEAD_BLOCK_BYTES <= UINT_MAX, "the library counts in unsigned");

struct inflating {
    z_stream *stream;
    size_t packed;
    size_t unpacked;
    const struct bill_inflate_limits *limits;
    enum bill_inflate_end end;
};

static void
stream_end(z_stream **stream)
{
    (void)inflateEnd(*stream);
}

static enum bill_inflate_end
limits_end(const struct bill_inflate_limits *limits, size_t unpacked, size_t packed)
{
    if (unpacked > limits->unpacked_max_bytes) {
        return BILL_INFLATE_SIZE;
    }
    bool thick = unpacked > limits->ratio_from_bytes && unpacked / limits->ratio_max >= packed;
    return thick ? BILL_INFLATE_RATIO : BILL_INFLATE_NONE;
}

/* What a return value of inflate means for the stream; NONE: there is more to come. */
static enum bill_inflate_end
step_end(const z_stream *stream, int status)
{
    if (status == Z_STREAM_END) {
        return stream->avail_in == 0 ? BILL_INFLATE_WHOLE : BILL_INFLATE_TRAILING;
    }
    /* BUF_ERROR: no progress, so the input has ended before the stream did. */
    return status == Z_OK ? BILL_INFLATE_NONE : BILL_INFLATE_DAMAGED;
}

/* The bytes that pass a limit are given to nobody. */
static enum err
make_block(void *context, unsigned char *at, size_t *len, bool *more)
{
    struct inflating *inflating = context;
    z_stream *stream = inflating->stream;
    stream->next_out = at;
    stream->avail_out = (unsigned)BILL_AHEAD_BLOCK_BYTES;
    int status = inflate(stream, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) {
        return ERR_NO_MEMORY;
    }
    size_t got = BILL_AHEAD_BLOCK_BYTES - stream->avail_out;
    inflating->unpacked += got;
    inflating->end = limits_end(inflating->limits, inflating->unpacked, inflating->packed);
    if (inflating->end == BILL_INFLATE_NONE) {
        *len = got;
        inflating->end = step_end(stream, status);
    }
    *more = inflating->end == BILL_INFLATE_NONE;
    return ERR_OK;
}

enum err
bill_inflate(enum bill_inflate_format format, struct span packed,
             const struct bill_inflate_limits *limits, bill_inflate_bytes give, void *context,
             enum bill_inflate_end *out)
{
    z_stream opened = { .next_in = NULL };
    if (packed.len > UINT_MAX) {
        *out = BILL_INFLATE_SIZE;
        return ERR_OK;
    }
    opened.next_in = packed.at;
    opened.avail_in = (unsigned)packed.len;
    int status =
        inflateInit2(&opened, format == BILL_INFLATE_GZIP ? WINDOW_BITS + AS_GZIP : WINDOW_BITS);
    if (status != Z_OK) {
        return status == Z_MEM_ERROR ? ERR_NO_MEMORY : ERR_SYSTEM;
    }
    DEFER(stream_end) z_stream *stream = &opened;
    struct inflating inflating = { .stream = stream, .packed = packed.len, .limits = limits };
    const struct bill_ahead_maker maker = { &inflating, make_block };
    const struct bill_ahead_user user = { context, give };
    TRY(bill_ahead(&maker, packed.len >= BILL_INFLATE_ASIDE_BYTES, &user));
    *out = inflating.end;
    return ERR_OK;
}
