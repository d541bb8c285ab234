/* SPDX-License-Identifier: Apache-2.0 */
/* base64, base64url and hex. */
#include "check.h"
#include "crypto.h"

/* RFC 4648 10. */
static const struct {
    const char *bytes;
    const char *base64;
    const char *base64url;
    const char *hex;
} rows[] = {
    { "", "", "", "" },
    { "f", "Zg==", "Zg", "66" },
    { "fo", "Zm8=", "Zm8", "666f" },
    { "foo", "Zm9v", "Zm9v", "666f6f" },
    { "foob", "Zm9vYg==", "Zm9vYg", "666f6f62" },
    { "fooba", "Zm9vYmE=", "Zm9vYmE", "666f6f6261" },
    { "foobar", "Zm9vYmFy", "Zm9vYmFy", "666f6f626172" },
    { "\xfb\xff\xfe", "+//+", "-__-", "fbfffe" },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

Test(crypto_text, base64_refuses_every_other_text)
{
    static const char *const bad[] = {
        "Zg",    "Zg=",        "Zg===", "=",    "====",  "Z===",    "Zg==Zg==", "Zm9v\n", "Zm 9v",
        " Zm9v", "Zm9v ",      "Zm-v",  "Zm_v", "Zm9vA", "Zm9\xff", "Zh==", /* unused bits */
        "Zm9=",  "Zg==\n\n\n", "Z=g=",  "=Zg=",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        DEFER(buf_fini) struct buf out = BUF_MAX(64);
        CHECK_ERR(crypto_base64_decode(span_of(bad[i]), &out), ERR_BASE64);
        cr_expect_eq(out.len, 0, "%s", bad[i]);
    }
    DEFER(buf_fini) struct buf out = BUF_MAX(64);
    CHECK_ERR(crypto_base64_decode(span_make("Zm9\0", 4), &out), ERR_BASE64);
}

Test(crypto_text, hex_refuses_every_other_text)
{
    static const char *const bad[] = { "6", "6g", "66 ", "0x66", "6F", "FF", "6\n", "-1" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        DEFER(buf_fini) struct buf out = BUF_MAX(64);
        CHECK_ERR(crypto_hex_decode(span_of(bad[i]), &out), ERR_HEX);
        cr_expect_eq(out.len, 0, "%s", bad[i]);
    }
}

Test(crypto_text, forms_are_those_of_rfc_4648)
{
    for (size_t i = 0; i < ROWS; i++) {
        DEFER(buf_fini) struct buf base64 = BUF_MAX(64);
        DEFER(buf_fini) struct buf base64url = BUF_MAX(64);
        DEFER(buf_fini) struct buf hex = BUF_MAX(64);
        CHECK_OK(crypto_base64_encode(span_of(rows[i].bytes), &base64));
        CHECK_OK(crypto_base64url_encode(span_of(rows[i].bytes), &base64url));
        CHECK_OK(crypto_hex_encode(span_of(rows[i].bytes), &hex));
        CHECK_TEXT(buf_span(&base64), rows[i].base64);
        CHECK_TEXT(buf_span(&base64url), rows[i].base64url);
        CHECK_TEXT(buf_span(&hex), rows[i].hex);
    }
}

Test(crypto_text, texts_read_back_as_the_bytes)
{
    for (size_t i = 0; i < ROWS; i++) {
        DEFER(buf_fini) struct buf bytes = BUF_MAX(64);
        CHECK_OK(crypto_base64_decode(span_of(rows[i].base64), &bytes));
        CHECK_TEXT(buf_span(&bytes), rows[i].bytes);
        buf_reset(&bytes);
        CHECK_OK(crypto_hex_decode(span_of(rows[i].hex), &bytes));
        CHECK_TEXT(buf_span(&bytes), rows[i].bytes);
    }
}

Test(crypto_text, a_buffer_of_exactly_the_size_is_enough)
{
    for (size_t i = 1; i < ROWS; i++) {
        size_t bytes = span_of(rows[i].bytes).len;
        size_t text = span_of(rows[i].base64).len;
        DEFER(buf_fini) struct buf plain = BUF_MAX(bytes);
        DEFER(buf_fini) struct buf base64 = BUF_MAX(text);
        DEFER(buf_fini) struct buf small = BUF_MAX(bytes - 1);
        DEFER(buf_fini) struct buf tight = BUF_MAX(text - 1);
        CHECK_OK(crypto_base64_decode(span_of(rows[i].base64), &plain));
        CHECK_OK(crypto_base64_encode(span_of(rows[i].bytes), &base64));
        CHECK_ERR(crypto_base64_decode(span_of(rows[i].base64), &small), ERR_BUF_FULL);
        CHECK_ERR(crypto_base64_encode(span_of(rows[i].bytes), &tight), ERR_BUF_FULL);
    }
}

Test(crypto_text, encoders_add_to_what_is_there)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(64);
    CHECK_OK(buf_text(&out, "+/="));
    CHECK_OK(crypto_base64url_encode(SPAN_LIT("\xfb\xff"), &out));
    CHECK_TEXT(buf_span(&out), "+/=-_8");
}
