/* SPDX-License-Identifier: Apache-2.0 */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST_BYTES 256

void
buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf)BUF_MAX(max_bytes);
}

static void
wipe(unsigned char *at, size_t len)
{
    if (at != NULL) {
        explicit_bzero(at, len);
    }
}

void
buf_fini(struct buf *b)
{
    if (b == NULL) {
        return;
    }
    wipe(b->at, b->cap);
    free(b->at);
    b->at = NULL;
    b->len = 0;
    b->cap = 0;
}

void
buf_reset(struct buf *b)
{
    wipe(b->at, b->len);
    b->len = 0;
}

struct span
buf_span(const struct buf *b)
{
    return (struct span){ .at = b->at, .len = b->len };
}

/* Room for `more` bytes and one NUL beyond them, which buf_cstr writes. Old storage is wiped: it may
 * have held a secret. */
static enum err
grow(struct buf *b, size_t more)
{
    size_t need;
    if (__builtin_add_overflow(b->len, more, &need) || need > b->max) {
        return ERR_BUF_FULL;
    }
    if (need < b->cap) {
        return ERR_OK;
    }
    size_t cap = b->cap < BUF_FIRST_BYTES ? BUF_FIRST_BYTES : b->cap;
    while (cap <= need) {
        if (__builtin_mul_overflow(cap, (size_t)2, &cap)) {
            return ERR_BUF_FULL;
        }
    }
    unsigned char *at = malloc(cap);
    if (at == NULL) {
        return ERR_NO_MEMORY;
    }
    if (b->len > 0) {
        memcpy(at, b->at, b->len);
    }
    wipe(b->at, b->cap);
    free(b->at);
    b->at = at;
    b->cap = cap;
    return ERR_OK;
}

enum err
buf_append(struct buf *b, struct span s)
{
    TRY(grow(b, s.len));
    if (s.len > 0) {
        memcpy(b->at + b->len, s.at, s.len);
        b->len += s.len;
    }
    return ERR_OK;
}

enum err
buf_byte(struct buf *b, unsigned char c)
{
    return buf_append(b, span_make(&c, 1));
}

enum err
buf_text(struct buf *b, const char *text)
{
    return buf_append(b, span_of(text));
}

enum err
buf_i64(struct buf *b, int64_t value)
{
    return buf_printf(b, "%lld", (long long)value);
}

enum err
buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    enum err err = len < 0 ? ERR_ENCODING : grow(b, (size_t)len);
    if (err == ERR_OK) {
        (void)vsnprintf((char *)b->at + b->len, (size_t)len + 1, format, again);
        b->len += (size_t)len;
    }
    va_end(again);
    return err;
}

enum err
buf_reserve(struct buf *b, size_t len, unsigned char **out)
{
    TRY(grow(b, len));
    *out = b->at + b->len;
    return ERR_OK;
}

void
buf_grew(struct buf *b, size_t len)
{
    b->len += len;
}

enum err
buf_cstr(struct buf *b, const char **out)
{
    TRY(grow(b, 0));
    b->at[b->len] = 0;
    *out = (const char *)b->at;
    return ERR_OK;
}
