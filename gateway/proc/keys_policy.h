/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_KEYS_POLICY_H
#define TALLYGATE_PROC_KEYS_POLICY_H

/* What the keys process signs at all. It trusts nobody who asks: the facts are read back from the
 * very fields that will be signed, so a captured worker can have nothing signed that policy forbids. */

#include <stdint.h>

#include "adapter.h"
#include "clock.h"
#include "err.h"

struct keys_limits {
    int64_t amount_max_fen; /* of one payment */
    int64_t refund_max_fen; /* of one refund; 0: no refund is signed */
};

/* What an operation gives back: of a cancel that names no amount the most that a payment on the account can
 * be; CURRENCY_NONE for everything that gives nothing back. */
struct money keys_policy_given_back(const struct adapter_account *account,
                                    const struct adapter_sign_facts *facts);

/* `named` is the operation that the request claims to be. A payment's amount lies in 1 to the smaller
 * of the limit and the account's own; a refund's in 1 to its limit, and so does a cancel's that names
 * one; every other operation moves no money. A payee must be the account's. The query of a refund may be
 * a query, where a provider has one message for both. Errors: KEYS_POLICY. */
MUST_USE enum err keys_policy_judge(const struct keys_limits *limits,
                                    const struct adapter_account *account,
                                    enum adapter_operation named,
                                    const struct adapter_sign_facts *facts);

/* Signatures per minute as a bucket: it holds one minute's worth and fills evenly. */
struct keys_rate {
    int64_t per_minute;
    int64_t level; /* in signatures x ms of a minute */
    struct mono_time at;
};

void keys_rate_init(struct keys_rate *rate, int64_t per_minute, struct mono_time now);

/* Takes one signature out. Errors: KEYS_RATE when the bucket is empty. */
MUST_USE enum err keys_rate_take(struct keys_rate *rate, struct mono_time now);

#endif
