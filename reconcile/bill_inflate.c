/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_inflate.h"

#include <limits.h>
#include <stdbool.h>

#define ZLIB_CONST /* so that its input may be const */
#include <zlib.h>

#include "buf.h"

#define CHUNK_BYTES ((unsigned)256 * 1024) /* the library copies its window of 32 KiB after each */
#define WINDOW_BITS 15
#define AS_GZIP     16 /* added to the window bits: zlib's own convention */

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

static enum err
run(z_stream *stream, size_t packed, const struct bill_inflate_limits *limits,
    bill_inflate_bytes give, void *context, enum bill_inflate_end *out)
{
    DEFER(buf_fini) struct buf room = BUF_MAX(CHUNK_BYTES);
    unsigned char *chunk = NULL;
    TRY(buf_reserve(&room, CHUNK_BYTES, &chunk));
    size_t unpacked = 0;
    enum bill_inflate_end end = BILL_INFLATE_NONE;
    while (end == BILL_INFLATE_NONE) {
        stream->next_out = chunk;
        stream->avail_out = CHUNK_BYTES;
        int status = inflate(stream, Z_NO_FLUSH);
        if (status == Z_MEM_ERROR) {
            return ERR_NO_MEMORY;
        }
        size_t got = CHUNK_BYTES - stream->avail_out;
        unpacked += got;
        end = limits_end(limits, unpacked, packed);
        if (end != BILL_INFLATE_NONE) {
            break;
        }
        if (got > 0) {
            TRY(give(context, span_make(chunk, got)));
        }
        end = step_end(stream, status);
    }
    *out = end;
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
    return run(stream, packed.len, limits, give, context, out);
}
