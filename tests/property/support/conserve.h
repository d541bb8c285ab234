/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_CONSERVE_H
#define TALLYGATE_PROPERTY_CONSERVE_H

/* Laws 1 to 8 of a reconciled day: every line and every counted booking is in one result, every sum is what the inputs
 * add up to, and the sheet says so. */

#include "recon.h"

#define CONSERVE_MOST 128 /* rows of one list */

/* Fails the test that calls it. */
void conserve_check(const struct recon_input *in, const struct recon_output *out);

#endif
