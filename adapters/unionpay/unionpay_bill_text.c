/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <iconv.h>

#include "unionpay_bill.h"

#define GROWTH 2 /* two bytes of GBK become at most three of UTF-8 */

static void
converter_close(iconv_t *converter)
{
    (void)iconv_close(*converter);
}

enum err
unionpay_bill_text(struct span bytes, struct buf *out)
{
    iconv_t opened = iconv_open("UTF-8", "GB18030");
    if (opened == (iconv_t)-1) {
        return ERR_SYSTEM;
    }
    DEFER(converter_close) iconv_t converter = opened;
    unsigned char *room = NULL;
    size_t size = bytes.len * GROWTH + 1;
    TRY(buf_reserve(out, size, &room));
    /* iconv's input is not const by an old mistake of its interface; it is not written to. */
    union {
        const unsigned char *read;
        char *asked;
    } in = { .read = bytes.at };
    char *to = (char *)room;
    size_t in_left = bytes.len;
    size_t out_left = size;
    bool whole = iconv(converter, &in.asked, &in_left, &to, &out_left) != (size_t)-1;
    if (!whole && (errno != EINVAL || out_left == 0)) {
        return ERR_ENCODING;
    }
    struct span text = span_make(room, size - out_left);
    if (!span_is_utf8(text)) {
        return ERR_ENCODING; /* a NUL: no bill has one */
    }
    buf_grew(out, text.len);
    return whole ? ERR_OK : buf_byte(out, '?');
}
