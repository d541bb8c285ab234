/* SPDX-License-Identifier: Apache-2.0 */
#include <iconv.h>

#include "unionpay_settle.h"

/* Widths in bytes of GBK (6.2, 6.3). A negative one is a column of amounts with a sign: its value stands
 * right, so that the sign of a zero amount is a blank. */
static const int zm[UNIONPAY_ZM_COLUMNS] = {
    3, 11, 11, 6,  10, 19, 12, 4, 2,  21, 2,   32,  2, 6,  10,  -13, -13, 4, 15, 2,  2,
    6, 2,  4,  32, 1,  21, 15, 1, 15, 32, -13, -13, 8, 32, -13, -13, -12, 2, 1,  32, 98,
};
static const int zme[UNIONPAY_ZME_COLUMNS] = {
    3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, -13, -13, 15, 15, 1, -12, 2, 135,
};

static enum err
convert(iconv_t gbk, struct span utf8, struct buf *out)
{
    DEFER(buf_fini) struct buf copy = BUF_MAX(UNIONPAY_FILE_MAX); /* iconv takes char ** */
    unsigned char *room;
    TRY(buf_append(&copy, utf8));
    TRY(buf_reserve(out, utf8.len, &room)); /* GBK is never longer than UTF-8 */
    char *from = (char *)copy.at;
    char *to = (char *)room;
    size_t from_left = copy.len;
    size_t to_left = utf8.len;
    if (iconv(gbk, &from, &from_left, &to, &to_left) == (size_t)-1) {
        return ERR_ENCODING;
    }
    buf_grew(out, utf8.len - to_left);
    return ERR_OK;
}

enum err
unionpay_settle_gbk(struct span utf8, struct buf *out)
{
    if (span_empty(utf8)) {
        return ERR_OK;
    }
    iconv_t gbk = iconv_open("GBK", "UTF-8");
    if (gbk == (iconv_t)-1) {
        return ERR_SYSTEM;
    }
    enum err err = convert(gbk, utf8, out);
    (void)iconv_close(gbk);
    return err;
}

static enum err
put_blanks(size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        TRY(buf_byte(out, ' '));
    }
    return ERR_OK;
}

static enum err
put_column(const char *value, int column, struct buf *out)
{
    DEFER(buf_fini) struct buf gbk = BUF_MAX(256);
    bool right = column < 0;
    size_t width = (size_t)(right ? -column : column);
    TRY(unionpay_settle_gbk(span_of(value), &gbk));
    if (gbk.len > width) {
        return ERR_FIELD_LENGTH;
    }
    TRY(put_blanks(right ? width - gbk.len : 0, out));
    TRY(buf_append(out, buf_span(&gbk)));
    return put_blanks(right ? 0 : width - gbk.len, out);
}

static enum err
put_line(const char *const *values, const int *columns, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        TRY(buf_text(out, i == 0 ? "" : " "));
        TRY(put_column(values[i], columns[i], out));
    }
    return buf_text(out, "\r\n");
}

enum err
unionpay_settle_zm(const char *const values[UNIONPAY_ZM_COLUMNS], struct buf *out)
{
    return put_line(values, zm, UNIONPAY_ZM_COLUMNS, out);
}

enum err
unionpay_settle_zme(const char *const values[UNIONPAY_ZME_COLUMNS], struct buf *out)
{
    return put_line(values, zme, UNIONPAY_ZME_COLUMNS, out);
}
