/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_PARTS_AGREE_H
#define TALLYGATE_PROPERTY_PARTS_AGREE_H

/* Demands that the day in parts of about `size` items gives what the whole day gives: the same results in the same order, the
 * same movements, the same sheet. */

#include "recon.h"

void parts_agree(const struct recon_input *in, size_t size);

#endif
