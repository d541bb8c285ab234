/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_HTTP_BODY_H
#define TALLYGATE_HTTP_BODY_H

/* Strict reading of a request's JSON object. Every field is asked for by name; what nobody asked for
 * is refused as FIELD_UNKNOWN. All faults are collected under their dotted path, so that a client
 * corrects them in one go (one 422); broken JSON is a 400 at once.
 *
 *     DEFER(body_close) struct body body = { 0 };
 *     TRY(body_open(request, &body, faults));
 *     struct body_object *order = body_object(&body.root, "order");
 *     body_string(order, "order_no", 1, 64, &out->order_no);
 *     body_i64(order, "quantity", 1, ORDER_QUANTITY_MAX, &out->quantity);
 *     body_optional_string(&body.root, "provider", 1, 20, &provider);
 *     TRY(body_verdict(&body));
 *
 * Read everything first, then ask for the verdict. Strings live in the request's arena. An output is
 * written only when its field is present and good. null counts as absent. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "fault.h"
#include "http.h"
#include "json.h"
#include "span.h"

#define BODY_FIELDS_MAX  24
#define BODY_OBJECTS_MAX 8
#define BODY_LISTS_MAX   2 /* arrays of objects in one body */

struct body;

struct body_object {
    struct body *body;
    struct json_t *node;        /* borrowed; NULL when absent: then nothing is read */
    bool optional;              /* absent without fault */
    char path[FAULT_FIELD_MAX]; /* "" at the root, "order.invoice" below */
    const char *asked[BODY_FIELDS_MAX];
    size_t asked_count;
};

struct body {
    struct arena *arena; /* where strings go */
    struct faults *faults;
    struct json_t *tree; /* owned */
    struct body_object root;
    struct body_object objects[BODY_OBJECTS_MAX];
    size_t object_count;
    struct {
        struct body_object *at; /* in the arena */
        size_t count;
    } lists[BODY_LISTS_MAX];
    size_t list_count;
    enum err err; /* the first failure that is nobody's field: ARENA_FULL, INTERNAL */
};

/* Parses the request's body; it must be one object. `faults` collects until the verdict and outlives
 * the body. Errors: JSON, JSON_DEPTH, ENCODING. */
MUST_USE enum err body_open(struct http_request *request, struct body *out, struct faults *faults);

/* The same for an object that came otherwise: a line of a batch. Strings are copied into the arena. */
MUST_USE enum err body_open_text(struct span text, struct arena *arena, struct body *out,
                                 struct faults *faults);

/* The same as body_open, but an empty body reads as an empty object. */
MUST_USE enum err body_open_optional(struct http_request *request, struct body *out,
                                     struct faults *faults);

/* ERR_OK, or VALIDATION when any fault was collected (unknown fields are found here), or the first
 * failure that is nobody's field (ARENA_FULL). */
MUST_USE enum err body_verdict(struct body *body);
void body_close(struct body *body); /* accepts a zeroed body */

/* An object inside; owned by the body. Faults: FIELD_MISSING, FIELD_TYPE. From an absent object
 * nothing is read, so its fields are not reported missing one by one. */
struct body_object *body_object(struct body_object *parent, const char *name);
struct body_object *body_optional_object(struct body_object *parent, const char *name);
bool body_present(const struct body_object *object);

/* An array of 1 to `max` objects, "allocations.0", "allocations.1" and so on; *list borrows from the
 * body's arena. Returns how many; 0 and *list untouched when absent or wrong. Faults: FIELD_TYPE, FIELD_LENGTH. */
size_t body_optional_objects(struct body_object *parent, const char *name, size_t max,
                             struct body_object **list);

/* Faults: FIELD_MISSING, FIELD_TYPE, FIELD_LENGTH (bytes outside [min, max]). */
void body_string(struct body_object *object, const char *name, size_t min, size_t max,
                 struct span *out);
void body_optional_string(struct body_object *object, const char *name, size_t min, size_t max,
                          struct span *out);

/* An array of 1 to `max` strings into the caller's list. Faults: FIELD_TYPE, FIELD_LENGTH. */
void body_optional_strings(struct body_object *object, const char *name, struct span *list,
                           size_t max, size_t *count);

/* Faults: FIELD_MISSING, FIELD_TYPE, FIELD_VALUE (outside [min, max]). */
void body_i64(struct body_object *object, const char *name, int64_t min, int64_t max, int64_t *out);
void body_optional_i64(struct body_object *object, const char *name, int64_t min, int64_t max,
                       int64_t *out);

/* Faults: FIELD_MISSING, FIELD_TYPE. */
void body_bool(struct body_object *object, const char *name, bool *out);
void body_optional_bool(struct body_object *object, const char *name, bool *out);

/* RFC 3339. Faults: FIELD_MISSING, FIELD_TYPE, FIELD_VALUE. */
void body_time(struct body_object *object, const char *name, struct wall_time *out);
void body_optional_time(struct body_object *object, const char *name, struct wall_time *out);

/* Names a fault of the caller's own rules under the object's path: a value that is no code of ours.
 * ERR_OK adds nothing. */
void body_fault(struct body_object *object, const char *name, enum err err);

#endif
