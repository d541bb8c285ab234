/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_SECRET_H
#define TALLYGATE_BASE_SECRET_H

/* Bytes that must not leak: kept in memfd_secret memory, or locked and left out of dumps and forks
 * where the kernel lacks it; wiped on free; compared in constant time. There is no way to print one.
 * A fork does not inherit a secret: it may free it, and aborts when it asks for the bytes. */

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "span.h"

struct secret;

MUST_USE enum err secret_new(struct span bytes, struct secret **out);

/* Reads a whole file of at most max_bytes; refuses one that group-write or others can read
 * (FILE_MODE). A final newline is dropped. Errors: FILE_OPEN, FILE_READ, FILE_MODE, BUF_FULL. */
MUST_USE enum err secret_load(const char *path, size_t max_bytes, struct secret **out);
/* The same with every byte kept, for binary files. */
MUST_USE enum err secret_load_binary(const char *path, size_t max_bytes, struct secret **out);
/* Other bytes in the place of those before, which are wiped: for where no memory can be mapped any more. Errors:
 * BUF_FULL for more than the pages of the first ones hold. */
MUST_USE enum err secret_replace(struct secret *secret, struct span bytes);
void secret_free(struct secret **secret);

/* Borrowed; for the cryptographic call that needs them, and nothing else. */
struct span secret_bytes(const struct secret *secret);
bool secret_eq(const struct secret *secret, struct span candidate);

/* Constant-time comparison of two public-length values, e.g. MACs. */
bool secret_eq_bytes(struct span a, struct span b);

#endif
