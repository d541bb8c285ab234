/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "alipay_world.h"

#define GZIP_WINDOW (15 + 16) /* the widest window, with gzip's head and tail */
#define GZIP_MEMORY 8

enum err
alipay_gzip(struct span data, struct buf *out)
{
    z_stream stream = { .zalloc = NULL };
    unsigned char *at = NULL;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                     Z_DEFAULT_STRATEGY)
        != Z_OK) {
        return ERR_SYSTEM;
    }
    size_t room = deflateBound(&stream, data.len);
    enum err err = buf_reserve(out, room, &at);
    if (err == ERR_OK) {
        stream.next_in = (unsigned char *)(uintptr_t)data.at; /* zlib only reads it */
        stream.avail_in = (uInt)data.len;
        stream.next_out = at;
        stream.avail_out = (uInt)room;
        err = deflate(&stream, Z_FINISH) == Z_STREAM_END ? ERR_OK : ERR_SYSTEM;
        buf_grew(out, err == ERR_OK ? stream.total_out : 0);
    }
    (void)deflateEnd(&stream);
    return err;
}
