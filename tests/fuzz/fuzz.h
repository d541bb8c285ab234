/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FUZZ_FUZZ_H
#define TALLYGATE_TESTS_FUZZ_FUZZ_H

/* What the fuzz targets share. A target is one function that feeds one decoder and demands something of
 * what comes out; libFuzzer calls it under ./dev fuzz, replay.c with the committed corpus under ./dev test.
 * A target is deterministic: it reads its input, its seeds and the test vectors, and moves the clock by
 * hand. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter.h"
#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"

#define FUZZ_ARENA_MAX   ((size_t)16 * 1024 * 1024)
#define FUZZ_FILE_MAX    ((size_t)4 * 1024 * 1024)
#define FUZZ_HEADERS_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process with a report when the condition does not hold. */
#define FUZZ_DEMAND(held) ((held) ? (void)0 : fuzz_fail(#held, __FILE__, __LINE__))
__attribute__((noreturn)) void fuzz_fail(const char *what, const char *file, int line);

/* Reads every byte, so that the address sanitizer judges where the span leads. */
void fuzz_touch(struct span s);

/* Fills storage with a pattern, and tells whether it is still there: an output that a failure left alone. */
void fuzz_fill(void *at, size_t size);
bool fuzz_untouched(const void *at, size_t size);

/* A new arena: what one input left behind is gone, and a span that leads there is caught. */
struct arena *fuzz_arena(void);

/* A file below tests/, whole; false when it is not there. *out is set up here. */
bool fuzz_file(const char *path, struct buf *out);

/* Visits the files of a folder below tests/ in the order of their names. */
void fuzz_files(const char *folder,
                void (*visit)(const char *path, const char *name, void *context), void *context);

/* A message as the corpus holds it: lines "name: value", an empty line, then the body. "status: 200"
 * gives the HTTP status of an answer. Without an empty line everything is body. */
struct fuzz_message {
    struct adapter_message message;
    struct adapter_field headers[FUZZ_HEADERS_MAX];
};
void fuzz_message(struct span input, struct fuzz_message *out);

#endif
