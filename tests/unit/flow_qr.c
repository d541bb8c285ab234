/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "check.h"
#include "qr.h"

/* Version 1 has 21 modules a side; with the quiet zone of four on both sides 29 (ISO/IEC 18004). */

static bool
has(const struct buf *text, const char *needle)
{
    return span_find(buf_span(text), span_of(needle)) < text->len;
}

Test(qr, a_short_text_is_the_smallest_code_with_its_quiet_zone)
{
    DEFER(buf_fini) struct buf svg = BUF_MAX(QR_SVG_MAX_BYTES);
    CHECK_OK(qr_svg(SPAN_LIT("A"), &svg));
    cr_expect(has(&svg, "viewBox=\"0 0 29 29\""), "%.*s", SPAN_ARG(buf_span(&svg)));
    cr_expect(has(&svg, "M4 4h7"), "the finder pattern begins behind the quiet zone");
    cr_expect(has(&svg, "M18 4h7"), "and stands at the right too");
    cr_expect_not(has(&svg, "<script"));
}

Test(qr, another_text_is_another_code)
{
    DEFER(buf_fini) struct buf a = BUF_MAX(QR_SVG_MAX_BYTES);
    DEFER(buf_fini) struct buf b = BUF_MAX(QR_SVG_MAX_BYTES);
    CHECK_OK(qr_svg(SPAN_LIT("https://qr.alipay.com/bax00000000000000001"), &a));
    CHECK_OK(qr_svg(SPAN_LIT("https://qr.alipay.com/bax00000000000000002"), &b));
    cr_expect_not(span_eq(buf_span(&a), buf_span(&b)));
}

Test(qr, too_long_and_nul_are_refused)
{
    char text[QR_TEXT_MAX_BYTES + 1];
    DEFER(buf_fini) struct buf svg = BUF_MAX(QR_SVG_MAX_BYTES);
    memset(text, 'x', sizeof(text));
    CHECK_OK(qr_svg(span_make(text, QR_TEXT_MAX_BYTES), &svg));
    buf_reset(&svg);
    CHECK_ERR(qr_svg(span_make(text, sizeof(text)), &svg), ERR_FIELD_LENGTH);
    CHECK_ERR(qr_svg(span_make("a\0b", 3), &svg), ERR_FIELD_CHARACTERS);
    CHECK_ERR(qr_svg(SPAN_LIT(""), &svg), ERR_FIELD_LENGTH);
}
