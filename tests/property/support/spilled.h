/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_SPILLED_H
#define TALLYGATE_PROPERTY_SPILLED_H

/* The lists of a day, put into one that is spilled by slot. */

#include "large.h"

/* By their numbers, in whose order lines are put; for qsort. */
int spilled_line_cmp(const void *a, const void *b);

/* Everything but lines and items of invoices. */
void spilled_put_rows(struct large_feed *feed, const struct recon_input *in);

#endif
