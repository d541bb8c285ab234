/* SPDX-License-Identifier: Apache-2.0 */
#include "qr.h"

#include <errno.h>
#include <qrencode.h>
#include <string.h>

#define QUIET_MODULES 4
#define MODULE_DARK   1u

static void
code_free(QRcode **code)
{
    if (*code != NULL) {
        QRcode_free(*code);
        *code = NULL;
    }
}

/* One horizontal run of dark modules becomes one rectangle of the path. */
static enum err
draw_row(const QRcode *code, int y, struct buf *out)
{
    const unsigned char *row = code->data + (ptrdiff_t)y * code->width;
    for (int x = 0; x < code->width; x++) {
        int from = x;
        while (x < code->width && (row[x] & MODULE_DARK) != 0) {
            x++;
        }
        if (x > from) {
            TRY(buf_printf(out, "M%d %dh%dv1h-%dz", from + QUIET_MODULES, y + QUIET_MODULES,
                           x - from, x - from));
        }
    }
    return ERR_OK;
}

enum err
qr_svg(struct span text, struct buf *out)
{
    if (text.len == 0 || text.len > QR_TEXT_MAX_BYTES) {
        return ERR_FIELD_LENGTH;
    }
    if (memchr(text.at, 0, text.len) != NULL) {
        return ERR_FIELD_CHARACTERS;
    }
    DEFER(code_free)
    QRcode *code = QRcode_encodeData((int)text.len, text.at, 0, QR_ECLEVEL_M);
    if (code == NULL) {
        return errno == ENOMEM ? ERR_NO_MEMORY : ERR_FIELD_LENGTH;
    }
    int side = code->width + 2 * QUIET_MODULES;
    TRY(buf_printf(out,
                   "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                   "shape-rendering=\"crispEdges\" role=\"img\">"
                   "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path fill=\"#000\" d=\"",
                   side, side, side, side));
    for (int y = 0; y < code->width; y++) {
        TRY(draw_row(code, y, out));
    }
    return buf_text(out, "\"/></svg>");
}
