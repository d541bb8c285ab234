/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FUZZ_FUZZ_ACCOUNT_H
#define TALLYGATE_TESTS_FUZZ_FUZZ_ACCOUNT_H

/* One account of each provider, with the keys that signed its seeds, as tests/fuzz/accounts/NAME tells
 * it: lines "word value". A provider without such a file has an account without keys, at which nothing
 * verifies. */

#include "adapter.h"
#include "clock.h"
#include "fuzz.h"

struct fuzz_account {
    struct adapter_account account;
    struct adapter_order order; /* what answers are about */
    struct wall_time now;
    struct secret *aead_key; /* opens sealed parts with AES-256-GCM; NULL: nothing opens */
};

/* Accounts are read once and live until the process ends. The clock is set to the account's time. */
const struct fuzz_account *fuzz_account(const struct adapter *adapter);

/* Sets the clock to what a header "now: …" of the message says, for providers whose signatures age. */
void fuzz_account_clock(const struct fuzz_account *of, const struct fuzz_message *text);

/* What a provider says, as one text: two statements are the same when their texts are. */
void fuzz_account_claim(const struct evidence_claim *claim, struct buf *out);

#endif
