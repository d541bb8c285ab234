/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_TOLD_H
#define TALLYGATE_PROPERTY_TOLD_H

/* Results as texts, by what they are of and not by where that stands, so that two ways to reconcile a day can be compared. */

#include <stdbool.h>
#include <stddef.h>

#include "recon.h"

#define TOLD_BYTES 400
#define TOLD_MAX   200

struct told {
    char text[TOLD_MAX][TOLD_BYTES];
    bool plain[TOLD_MAX]; /* matched, and no finding beside it that has a severity */
    size_t count;
};

/* Adds one; `told` is a struct told. A large_result, and always ERR_OK. */
enum err told_add(void *told, const struct recon_input *in, const struct recon_result *result);

#endif
