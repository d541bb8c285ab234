/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FUZZ_FUZZ_GENUINE_H
#define TALLYGATE_TESTS_FUZZ_FUZZ_GENUINE_H

/* The statements of the seeds named PROVIDER_genuine_…: each must verify, and nothing that a fuzzer makes of
 * them may verify and say something else. */

#include "adapter.h"
#include "buf.h"

/* Appends what the provider says in that message; false when it does not verify or says nothing. The
 * operation is NONE for callbacks. */
typedef bool (*fuzz_genuine_reader)(const struct adapter *adapter, enum adapter_operation operation,
                                    struct span input, struct buf *statement);

/* Reads the seeds of the target's folder once; each has to say something to one operation at least. */
void fuzz_genuine_load(const char *folder, fuzz_genuine_reader read);

/* Demands that the statement is one of the seeds'. */
void fuzz_genuine_demand(const struct adapter *adapter, struct span statement);

#endif
