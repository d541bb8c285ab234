/* SPDX-License-Identifier: Apache-2.0 */
#include "history.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loop.h"
#include "memory.h"

#define LINE_MAX 512

static struct crypto_stream *stream;
static bool shown;

void
history_open(bool show)
{
    enum err err = crypto_sha256_open(&stream);
    assert(err == ERR_OK);
    (void)err;
    shown = show;
}

void
history_note(const char *format, ...)
{
    char line[LINE_MAX];
    long long now_ms = loop_now_us() / 1000;
    int asker = memory_owner(0);
    int head = snprintf(line, sizeof(line), "%6lld.%03lld ", now_ms / 1000, now_ms % 1000);
    va_list values;
    va_start(values, format);
    (void)vsnprintf(line + head, sizeof(line) - (size_t)head, format, values);
    va_end(values);
    enum err err = crypto_stream_update(stream, span_of(line));
    assert(err == ERR_OK);
    (void)err;
    if (shown) {
        (void)puts(line);
    }
    (void)memory_owner(asker);
}

void
history_close(unsigned char digest[SHA256_BYTES])
{
    enum err err = crypto_stream_close(&stream, digest);
    assert(err == ERR_OK);
    (void)err;
}
