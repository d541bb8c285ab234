/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_ALIPAY_FORM_H
#define TALLYGATE_WORLD_ALIPAY_FORM_H

/* Named values as they travel in a query or a form, and the text that is signed over them. */

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"
#include "span.h"

#define ALIPAY_PARAMS_MAX 64

struct alipay_param {
    char *name;
    char *value;
};

struct alipay_params {
    struct alipay_param list[ALIPAY_PARAMS_MAX];
    size_t count;
};

void alipay_form_fini(struct alipay_params *params);

/* Adds the pairs of a percent-encoded text; each is split first and decoded once (5.4). Errors:
 * FIELD_REPEATED, ENCODING, BUF_FULL, NO_MEMORY. */
MUST_USE enum err alipay_form_parse(struct span text, struct alipay_params *params);

/* Errors: FIELD_REPEATED, BUF_FULL, NO_MEMORY. */
MUST_USE enum err alipay_form_add(struct alipay_params *params, const char *name,
                                  struct span value);

/* Adds nothing for a value that is NULL or "". */
MUST_USE enum err alipay_form_add_text(struct alipay_params *params, const char *name,
                                       const char *value);

const char *alipay_form_get(const struct alipay_params *params, const char *name); /* or NULL */

/* Sorted `name=value` joined by `&`, raw, without `sign` (2), and without `sign_type` for notices
 * and returns (5.4, 5.8). */
MUST_USE enum err alipay_form_signed_text(const struct alipay_params *params, bool with_sign_type,
                                          struct buf *out);

/* application/x-www-form-urlencoded, in the order of adding. */
MUST_USE enum err alipay_form_encode(const struct alipay_params *params, struct buf *out);

#endif
