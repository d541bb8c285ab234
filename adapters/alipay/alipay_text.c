/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <iconv.h>

#include "alipay.h"

#define GB18030_GROWTH 2 /* two GBK bytes become at most three or four of UTF-8 */

static void
converter_close(iconv_t *converter)
{
    (void)iconv_close(*converter);
}

static enum err
from_gb18030(struct span bytes, struct arena *arena, struct span *out)
{
    iconv_t opened = iconv_open("UTF-8", "GB18030");
    if (opened == (iconv_t)-1) {
        return ERR_SYSTEM;
    }
    DEFER(converter_close) iconv_t converter = opened;
    size_t room = bytes.len * GB18030_GROWTH;
    void *storage = NULL;
    struct span copy;
    TRY(arena_alloc(arena, room, &storage));
    TRY(arena_copy(arena, bytes, &copy));
    /* iconv wants writable input; the copy is ours. */
    char *in = (char *)(uintptr_t)copy.at;
    char *to = storage;
    size_t in_left = bytes.len;
    size_t out_left = room;
    if (iconv(converter, &in, &in_left, &to, &out_left) == (size_t)-1 || in_left != 0) {
        return ERR_ENCODING;
    }
    *out = span_make(storage, room - out_left);
    return ERR_OK;
}

enum err
alipay_utf8(struct span bytes, struct arena *arena, struct span *out)
{
    if (span_is_utf8(bytes)) {
        *out = bytes;
        return ERR_OK;
    }
    return from_gb18030(bytes, arena, out);
}
