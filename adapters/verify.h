/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_VERIFY_H
#define TALLYGATE_ADAPTERS_VERIFY_H

/* The one place where a provider's bytes become evidence: split, check the signature against the
 * account's keys, read, seal. */

#include "adapter.h"

/* A key counts only within its validity. In the certificate scheme an answer must name the
 * certificate that signed it before anything it says counts. */

/* Takes the answer of an operation apart. Success (a claim with a verdict, a QR text, a bill link)
 * needs a genuine signature; an unsigned failure is a hint that may never close, fail or refund.
 * *evidence is made when the claim has a verdict, else it stays NULL.
 * Errors: PROVIDER_PROTOCOL, PROVIDER_UNVERIFIED (both class UNKNOWN), ARENA_FULL. */
MUST_USE enum err verify_answer(const struct adapter_account *account,
                                enum adapter_operation operation, const struct adapter_order *order,
                                const struct adapter_message *message, struct arena *arena,
                                struct adapter_answer *answer, struct evidence **evidence);

/* Errors: SIGNATURE when not genuine; FIELD_REPEATED, ENCODING, … when it cannot be one. */
MUST_USE enum err verify_callback(const struct adapter_account *account,
                                  const struct adapter_message *message, struct arena *arena,
                                  struct evidence **evidence);

#endif
