/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_UNIONPAY_FORM_H
#define TALLYGATE_WORLD_UNIONPAY_FORM_H

/* The named values of a message: how they travel and the text that is signed over them (1, 2.1). */

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"
#include "span.h"

#define UNIONPAY_FIELDS_MAX 64
#define UNIONPAY_VALUE_MAX  ((size_t)24 * 1024 * 1024) /* fileContent */

struct unionpay_field {
    char *name;
    char *value;
};

struct unionpay_fields {
    struct unionpay_field list[UNIONPAY_FIELDS_MAX];
    size_t count;
};

void unionpay_form_fini(struct unionpay_fields *fields);

/* Adds the pairs of a percent-encoded text; each is split first and decoded once. Hexadecimal digits
 * are upper case (1). Errors: FIELD_REPEATED, ENCODING, BUF_FULL, NO_MEMORY. */
MUST_USE enum err unionpay_form_parse(struct span text, struct unionpay_fields *fields);

/* Errors: FIELD_REPEATED, BUF_FULL, NO_MEMORY. */
MUST_USE enum err unionpay_form_add(struct unionpay_fields *fields, const char *name,
                                    struct span value);

/* Adds nothing for a value that is NULL or "". */
MUST_USE enum err unionpay_form_add_text(struct unionpay_fields *fields, const char *name,
                                         const char *value);

/* The same field of `from`, when it is there. */
MUST_USE enum err unionpay_form_echo(struct unionpay_fields *fields, const char *name,
                                     const struct unionpay_fields *from);

const char *unionpay_form_get(const struct unionpay_fields *fields, const char *name); /* or NULL */

/* `name=value` in byte order of the names, joined by `&`, raw, without `signature` (2.1). */
MUST_USE enum err unionpay_form_signed_text(const struct unionpay_fields *fields, struct buf *out);

/* A synchronous answer: raw, sorted, but version, signPubKeyCert and signature last (1). */
MUST_USE enum err unionpay_form_encode_raw(const struct unionpay_fields *fields, struct buf *out);

/* A notification: application/x-www-form-urlencoded, sorted (4). */
MUST_USE enum err unionpay_form_encode_url(const struct unionpay_fields *fields, struct buf *out);

#endif
