/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_EVIDENCE_SEAL_H
#define TALLYGATE_BASE_EVIDENCE_SEAL_H

/* The one constructor of evidence. Only adapters/verify.c and tests may include this header; a
 * meta-test keeps it so. */

#include "evidence.h"

/* Copies everything the claim points to. Errors: NO_MEMORY, CRYPTO. */
MUST_USE enum err evidence_seal(const struct evidence_claim *claim, struct evidence **out);

#endif
