/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_TANGLE_H
#define TALLYGATE_PROPERTY_TANGLE_H

/* A small day whose keys are in each other's way: numbers that are equal, empty, nearly equal, of other accounts, of
 * two owners, lines that stand twice. */

#include "recon.h"

#define TANGLE_MOST 12 /* of each list */

struct tangle {
    struct recon_line lines[2 * TANGLE_MOST];
    struct recon_member members[TANGLE_MOST];
    struct recon_refund refunds[TANGLE_MOST];
    struct recon_order orders[TANGLE_MOST];
    struct recon_payment payments[TANGLE_MOST];
    struct recon_invoice invoices[TANGLE_MOST];
    struct recon_tariff tariffs[2];
    struct recon_input in;
};

void tangle_make(struct tangle *t, uint64_t *state);

/* Points the input at this day's own lists, as after a copy. */
void tangle_tie(struct tangle *t);

/* Takes away row after row, as long as `wanted` stays true, until none can be spared. */
void tangle_shrink(struct tangle *t, bool (*wanted)(const struct tangle *t));

size_t tangle_size(const struct tangle *t);

/* Every row with its keys, on stderr. */
void tangle_print(const struct tangle *t);

#endif
