/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_BILL_FILE_PARTS_H
#define TALLYGATE_RECONCILE_BILL_FILE_PARTS_H

/* Between the parts of the bill file reader: bill_file_member.c opens the container and gives the bytes
 * of each member, bill_file_text.c makes lines and UTF-8 of them, bill_file.c reads. */

#include <iconv.h>

#include "bill_file.h"
#include "buf.h"

/* Notes one fault: keeps the first ones whole, counts all. `got` is cut to what fits. */
void bill_file_fault(struct bill_file *out, enum finding finding, size_t number,
                     const char *expected, struct span got);

/* The bytes of the members, one after the other. */
struct member_sink {
    void *context;
    /* `name` is empty without a container; `size` is what the container says of it, not to be relied on, or 0. */
    enum err (*begin)(void *context, struct span name, size_t size);
    enum err (*bytes)(void *context, struct span bytes);
    enum err (*end)(void *context, bool whole); /* false: the member is damaged */
};

/* What is wrong with the container goes to `out`. Errors: NO_MEMORY and the sink's own. */
MUST_USE enum err bill_file_members(enum bill_container container, struct span bytes,
                                    const struct bill_file_limits *limits,
                                    const struct member_sink *sink, struct bill_file *out);

/* Splits bytes into lines: LF ends one and a CR before it is not part of it. No byte of a GB18030
 * character can be either, so this comes before decoding. */
struct text_lines {
    struct buf partial;
    bool overlong; /* the present line passed BILL_FILE_LINE_MAX; its rest is dropped */
    size_t number; /* of the last line given */
    void *context;
    enum err (*line)(void *context, struct span line, size_t number, bool ended, bool overlong);
};

MUST_USE enum err text_lines_bytes(struct text_lines *lines, struct span bytes);
MUST_USE enum err
text_lines_end(struct text_lines *lines); /* gives what stands after the last LF */

/* GB18030 or UTF-8 to UTF-8; BILL_BYTES are left as they are. */
struct text_decoder {
    enum bill_encoding encoding;
    bool opened;
    iconv_t converter;
    struct buf text;
};

MUST_USE enum err text_decoder_open(struct text_decoder *decoder, enum bill_encoding encoding);
void text_decoder_fini(struct text_decoder *decoder);

/* *out lives until the next call. Errors: ENCODING, NO_MEMORY. */
MUST_USE enum err text_decode(struct text_decoder *decoder, struct span line, struct span *out);

#endif
