/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_REFUND_ASK_H
#define TALLYGATE_PROC_FLOW_REFUND_ASK_H

/* Takes a refund one step on: sends one that is approved, asks about one that was sent, and sends it again,
 * under the same number, when the provider says that nothing is there. That it is sent is written down before
 * any byte leaves. */

#include "refund_store.h"
#include "services.h"

/* Longer than asking and sending together can take, so that a lease ends by itself only after its owner
 * died. */
#define REFUND_LEASE_MS 60000

struct refund_ask_result {
    enum err
        err; /* ERR_OK: what the provider said is stored; LOST_RACE: another refund of the payment is under
                   * way, or somebody else came first; PROVIDER_*, KEYS_*, DB_*: why not */
    enum refund_state state; /* afterwards, as far as we know */
    bool
        told; /* a genuine answer about the refund, or that there is none, is stored: the evidence has this digest */
    unsigned char digest[SHA256_BYTES];
};

typedef void (*refund_ask_done)(void *context, const struct refund_ask_result *result);

/* `refund` was taken with the lease `lease_until`, which is given back together with the time when the
 * schedule comes again; it and what it points to live until `done`, which is called once, later or at once. */
void refund_ask(struct services *services, const struct refund *refund,
                struct wall_time lease_until, refund_ask_done done, void *context);

#endif
