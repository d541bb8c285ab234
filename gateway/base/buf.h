/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_BUF_H
#define TALLYGATE_BASE_BUF_H

/* A growing byte buffer with a ceiling. Storage is the buffer's own; buf_fini wipes and frees it.
 *
 *     DEFER(buf_fini) struct buf body = BUF_MAX(65536);
 */

#include <stddef.h>

#include "err.h"
#include "span.h"

struct buf {
    unsigned char *at;
    size_t len;
    size_t cap;
    size_t max; /* ceiling in bytes; 0 refuses everything */
};

#define BUF_MAX(limit)                                 \
    {                                                  \
        .at = NULL, .len = 0, .cap = 0, .max = (limit) \
    }

void buf_init(struct buf *b, size_t max_bytes);
void buf_fini(struct buf *b);  /* accepts a zeroed buf */
void buf_reset(struct buf *b); /* length 0, storage kept */
struct span buf_span(const struct buf *b);

/* All appends: errors BUF_FULL, NO_MEMORY; the content is unchanged on failure. */
MUST_USE enum err buf_append(struct buf *b, struct span s);
MUST_USE enum err buf_byte(struct buf *b, unsigned char c);
MUST_USE enum err buf_text(struct buf *b, const char *text);
MUST_USE enum err buf_i64(struct buf *b, int64_t value);
MUST_USE enum err buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes room for `len` more bytes and returns where to write them; buf_grew then takes them in. */
MUST_USE enum err buf_reserve(struct buf *b, size_t len, unsigned char **out);
void buf_grew(struct buf *b, size_t len);

/* The content as a C string: a NUL is kept after it and not counted. Valid until the next change. */
MUST_USE enum err buf_cstr(struct buf *b, const char **out);

#endif
