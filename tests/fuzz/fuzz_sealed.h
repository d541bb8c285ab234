/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FUZZ_FUZZ_SEALED_H
#define TALLYGATE_TESTS_FUZZ_FUZZ_SEALED_H

/* What callbacks and answers share: the signed parts of a message, and its sealed parts. */

#include "fuzz_account.h"
#include "verify.h"

/* Every span of what was cut out, and its counts. */
void fuzz_sealed_touch(const struct adapter_signed *cut);

/* Does the tasks of the keys process: opens with the account's key. Nobody here holds a shared secret, so that
 * a signature made with one never compares. False when a task fails. */
bool fuzz_sealed_tasks(const struct fuzz_account *of, struct verify *verify);

/* Finds the sealed parts and gives out their ciphertexts as the plain bytes: the reader behind the seal
 * sees what the fuzzer wrote. False when the payload is refused. */
bool fuzz_sealed_pretend(const struct adapter *adapter, enum adapter_operation operation,
                         struct span payload, struct arena *arena, struct adapter_opened *out);

#endif
