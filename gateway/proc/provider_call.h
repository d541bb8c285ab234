/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_PROVIDER_CALL_H
#define TALLYGATE_PROC_PROVIDER_CALL_H

/* One operation at one provider, from the request to the verified answer: built by the adapter, signed
 * by the keys process, sent by the transport, verified step by step. Holds no database connection and
 * changes no state of ours. */

#include "adapter.h"
#include "keys_client.h"
#include "transport.h"
#include "verify.h"

struct provider_call;

/* PROVIDER_NOT_SENT and KEYS_* mean that nothing left this machine; class UNKNOWN that the provider may
 * have acted. With ERR_OK `answer`, `evidence`, `keys` or `form` of the call are set. What they point to
 * lies in the arena; only the file from a bill's link is gone when the function returns. */
typedef void (*provider_call_done)(void *context, enum err err);

struct provider_call {
    /* By the caller. The order's nonce is made here; everything must live until `done`. */
    struct keys_client *keys_client;
    struct transport *transport;
    const struct adapter_account *account;
    enum adapter_operation operation;
    struct adapter_order order;
    struct arena *arena;
    size_t body_max_bytes;     /* 0: the transport's own limit */
    int total_ms;              /* 0: likewise */
    struct progress *progress; /* as of a transport_request */
    provider_call_done done;
    /* Where set: called once the request is signed and before any byte leaves, so that what is about to be
     * done can be written down first. The caller goes on with provider_call_send, or lets the call be: then
     * nothing left this machine and `done` is never called. */
    void (*ready)(void *context);
    void *context;

    /* What came. */
    bool sent;             /* bytes may have left this machine */
    struct wall_time date; /* the provider's clock, as its answer says; 0: it did not */
    bool is_form;          /* nothing was asked: the payer's browser takes `request` there */
    struct adapter_request request;
    struct adapter_fields invoked; /* INVOKE: what the payer's client needs */
    struct adapter_answer answer;
    struct evidence *evidence; /* the caller's, who frees it; NULL when the answer has no verdict */
    struct verify_keys keys;   /* ADAPTER_KEYS: the caller's */
    struct span
        unknown_serial; /* an answer that did not verify names a key we do not have; in the arena */

    /* Between the steps. */
    struct adapter_fields fields;
    struct adapter_message message;
    struct verify *verify;
};

/* `done` is called once, later, or at once when nothing could even be begun. */
void provider_call_start(struct provider_call *call);

/* Goes on after `ready`, once. `done` is called as of provider_call_start. */
void provider_call_send(struct provider_call *call);

/* True when the account offers the operation at all. */
bool provider_call_offered(const struct adapter_account *account, enum adapter_operation operation);

/* Random letters and digits for `nonce` of an order. Errors: CRYPTO, ARENA_FULL. */
MUST_USE enum err provider_call_nonce(struct arena *arena, struct span *out);

#endif
