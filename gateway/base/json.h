/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_JSON_H
#define TALLYGATE_BASE_JSON_H

/* The only file that knows jansson. Duplicate names, reals, non-UTF-8 text, excess depth and
 * trailing data are refused while parsing. A node returned by a getter is borrowed from its parent. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "fault.h"
#include "span.h"

struct json_t; /* jansson's node */

#define JSON_DEPTH_MAX 16

/* Size is checked by the caller's transport limit. Errors: JSON, JSON_DEPTH, NO_MEMORY. The root may be an
 * object or an array. */
MUST_USE enum err json_parse(struct span text, struct json_t **out);

/* For provider answers only: as json_parse, but reals are let in, since providers may print numbers
 * we do not use. No getter returns one: they are FIELD_TYPE. */
MUST_USE enum err json_parse_lenient(struct span text, struct json_t **out);

/* For requests: as json_parse_lenient, and a failure adds a fault under the dotted path of the member
 * at which reading stopped. Errors: JSON, JSON_DEPTH, ENCODING, NO_MEMORY. */
MUST_USE enum err json_parse_named(struct span text, struct json_t **out, struct faults *faults);

/* json_path.c: the dotted path of the member that is open at the end of `read`, which is the readable
 * beginning of a JSON text; "" at the top. A path that is too long is cut. */
void json_path(struct span read, char out[FAULT_FIELD_MAX]);

void json_free(struct json_t **node); /* takes and clears */

bool json_node_is_object(const struct json_t *node);
bool json_node_is_array(const struct json_t *node);
size_t json_count(const struct json_t *node); /* members or elements */
struct json_t *json_member(const struct json_t *object,
                           const char *name); /* NULL if absent or null */
struct json_t *json_element(const struct json_t *array, size_t index);

/* Visits members in their order of appearance; start with *at = NULL. False after the last. */
bool json_each(struct json_t *object, void **at, const char **name, struct json_t **value);

/* Errors: FIELD_MISSING when absent or null, FIELD_TYPE. */
MUST_USE enum err json_get_string(const struct json_t *object, const char *name, struct span *out);
MUST_USE enum err json_get_i64(const struct json_t *object, const char *name, int64_t *out);
MUST_USE enum err json_get_bool(const struct json_t *object, const char *name, bool *out);

/* The value itself. Errors: FIELD_TYPE. */
MUST_USE enum err json_as_string(const struct json_t *node, struct span *out);
MUST_USE enum err json_as_i64(const struct json_t *node, int64_t *out);

/* Building. The `_put` functions add a member (object) or element (array, name NULL); json_put takes
 * `value` over even on failure. Errors: NO_MEMORY, ENCODING. */
MUST_USE enum err json_new_object(struct json_t **out);
MUST_USE enum err json_new_array(struct json_t **out);
MUST_USE enum err json_put(struct json_t *parent, const char *name, struct json_t *value);
MUST_USE enum err json_put_string(struct json_t *parent, const char *name, struct span value);
MUST_USE enum err json_put_text(struct json_t *parent, const char *name, const char *value);
MUST_USE enum err json_put_i64(struct json_t *parent, const char *name, int64_t value);
MUST_USE enum err json_put_bool(struct json_t *parent, const char *name, bool value);
MUST_USE enum err json_put_null(struct json_t *parent, const char *name);
/* null stands for the empty text. */
MUST_USE enum err json_put_string_or_null(struct json_t *parent, const char *name,
                                          struct span value);

/* Compact text, members in order of insertion. json_encode_ascii escapes everything above 0x7F as
 * \uXXXX; json_encode_pretty indents by two for files people read. */
MUST_USE enum err json_encode(const struct json_t *node, struct buf *out);
MUST_USE enum err json_encode_ascii(const struct json_t *node, struct buf *out);
MUST_USE enum err json_encode_pretty(const struct json_t *node, struct buf *out);

#endif
