/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FAKE_VECTORS_H
#define TALLYGATE_TESTS_FAKE_VECTORS_H

/* Reads published test vectors from tests/vectors. Every function aborts the test when the data is
 * not there: a vector that cannot be read must not pass. */

#include "buf.h"
#include "crypto.h"
#include "json.h"

/* `path` is relative to tests/vectors. */
void vectors_read(const char *path, struct buf *out);
struct json_t *vectors_json(const char *path);

/* A string member; the empty span when absent. */
struct span vectors_text(const struct json_t *vector, const char *name);

/* The bytes of a base64 member. */
void vectors_bytes(const struct json_t *vector, const char *name, struct buf *out);

/* A public key from a PEM key file or from the first certificate of a PEM certificate file. */
struct crypto_public_key *vectors_public_key(const char *path);

#endif
