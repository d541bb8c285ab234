/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_HTTP_SIGNATURE_VARIATIONS_H
#define TALLYGATE_HTTP_SIGNATURE_VARIATIONS_H

/* What signature_explain.c looks through: the known mistakes of signing, and those of digesting a body. */

#include "signature_base.h"
#include "signature_explain.h"

/* The first variation of `base` by which the signature verifies. *found is left alone when there is none. */
MUST_USE enum err signature_variations_try(const struct signature_attempt *attempt,
                                           const struct signature_input *input,
                                           const struct signature_base *base, bool *any,
                                           enum signature_difference *found);

/* The body of which this Content-Digest is right, or which rule it breaks. */
MUST_USE enum err signature_bodies_try(struct span field, struct span body,
                                       enum signature_difference *found);

#endif
