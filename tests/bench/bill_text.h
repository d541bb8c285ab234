/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_BILL_TEXT_H
#define TALLYGATE_TESTS_BENCH_BILL_TEXT_H

/* The lines of a made bill, cut by hand: for programs that are not the product. */

#include "buf.h"
#include "err.h"
#include "span.h"

struct bill_text {
    struct buf bytes;
    struct span rest;
    int64_t number; /* of the last line; the header is 1 */
};

struct bill_text_line {
    struct span raw;
    struct span paid; /* "yyyy-MM-dd HH:mm:ss" */
    struct span trade_no;
    struct span order_no;
    int64_t fen;
    int64_t fee_fen;
};

/* Reads the file whole. Errors: FILE_OPEN, FILE_READ. */
MUST_USE enum err bill_text_open(struct bill_text *text, const char *dir);
void bill_text_close(struct bill_text *text);

/* False at the end. */
bool bill_text_next(struct bill_text *text, struct bill_text_line *out);

#endif
