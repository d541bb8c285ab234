/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/evp.h>

#include "crypto.h"
#include "crypto_internal.h"

#define BASE64_INPUT_MAX ((size_t)64 * 1024 * 1024) /* libcrypto counts in int */

enum err
crypto_base64_encode(struct span data, struct buf *out)
{
    if (data.len > BASE64_INPUT_MAX) {
        return ERR_BUF_FULL;
    }
    unsigned char *at = NULL;
    size_t len = (data.len + 2) / 3 * 4;
    /* EVP_EncodeBlock writes a NUL after the text; a buf always has one byte more than it counts. */
    TRY(buf_reserve(out, len, &at));
    if (data.len > 0) {
        (void)EVP_EncodeBlock(at, data.at, (int)data.len);
    }
    buf_grew(out, len);
    return ERR_OK;
}

static bool
is_base64(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+'
           || c == '/';
}

static size_t
padding(struct span text)
{
    if (span_ends(text, SPAN_LIT("=="))) {
        return 2;
    }
    return span_ends(text, SPAN_LIT("=")) ? 1 : 0;
}

/* EVP_DecodeBlock forgives blanks and line ends; the alphabet is checked first so that nothing is
 * left to forgive. */
static enum err
check_base64(struct span text)
{
    if (text.len % 4 != 0 || text.len > BASE64_INPUT_MAX) {
        return ERR_BASE64;
    }
    size_t letters = text.len - padding(text);
    for (size_t i = 0; i < letters; i++) {
        if (!is_base64(text.at[i])) {
            return ERR_BASE64;
        }
    }
    return ERR_OK;
}

enum err
crypto_base64_decode(struct span text, struct buf *out)
{
    TRY(check_base64(text));
    if (text.len == 0) {
        return ERR_OK;
    }
    /* The last block is decoded apart: with its padding it is longer than what it means. */
    struct span body = span_sub(text, 0, text.len - 4);
    size_t body_bytes = body.len / 4 * 3;
    unsigned char last[3];
    size_t last_bytes = sizeof(last) - padding(text);
    unsigned char *at = NULL;
    TRY(buf_reserve(out, body_bytes + last_bytes, &at));
    if ((body.len > 0 && EVP_DecodeBlock(at, body.at, (int)body.len) != (int)body_bytes)
        || EVP_DecodeBlock(last, text.at + body.len, 4) != (int)sizeof(last)) {
        return ERR_BASE64;
    }
    /* Bits that padding leaves unused must be zero, or two texts would mean the same bytes. */
    for (size_t i = last_bytes; i < sizeof(last); i++) {
        if (last[i] != 0) {
            return ERR_BASE64;
        }
    }
    memcpy(at + body_bytes, last, last_bytes);
    buf_grew(out, body_bytes + last_bytes);
    return ERR_OK;
}

enum err
crypto_base64_loose(struct span text, struct buf *out)
{
    DEFER(buf_fini) struct buf dense = BUF_MAX(text.len);
    for (size_t i = 0; i < text.len; i++) {
        if (strchr(" \t\r\n", text.at[i]) == NULL || text.at[i] == 0) {
            TRY(buf_byte(&dense, text.at[i]));
        }
    }
    return crypto_base64_decode(buf_span(&dense), out);
}

enum err
crypto_base64url_encode(struct span data, struct buf *out)
{
    size_t from = out->len;
    TRY(crypto_base64_encode(data, out));
    for (size_t i = from; i < out->len; i++) {
        if (out->at[i] == '+') {
            out->at[i] = '-';
        } else if (out->at[i] == '/') {
            out->at[i] = '_';
        }
    }
    while (out->len > from && out->at[out->len - 1] == '=') {
        out->len--;
    }
    return ERR_OK;
}

enum err
crypto_hex_encode(struct span data, struct buf *out)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char *at = NULL;
    TRY(buf_reserve(out, data.len * 2, &at));
    for (size_t i = 0; i < data.len; i++) {
        at[2 * i] = (unsigned char)digits[data.at[i] >> 4];
        at[2 * i + 1] = (unsigned char)digits[data.at[i] & 15];
    }
    buf_grew(out, data.len * 2);
    return ERR_OK;
}

static int
nibble(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum err
crypto_hex_decode(struct span text, struct buf *out)
{
    if (text.len % 2 != 0) {
        return ERR_HEX;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (nibble(text.at[i]) < 0) {
            return ERR_HEX;
        }
    }
    unsigned char *at = NULL;
    TRY(buf_reserve(out, text.len / 2, &at));
    for (size_t i = 0; i < text.len / 2; i++) {
        at[i] = (unsigned char)(nibble(text.at[2 * i]) * 16 + nibble(text.at[2 * i + 1]));
    }
    buf_grew(out, text.len / 2);
    return ERR_OK;
}
