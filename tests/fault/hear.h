/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FAULT_HEAR_H
#define TALLYGATE_TESTS_FAULT_HEAR_H

/* What an adapter sends and believes, as paths for nth_sweep. */

#include "nth.h"
#include "verify.h"

#define HEAR_ARENA_MAX ((size_t)64 * 1024 * 1024)

static const struct adapter_account *hear_account;
static const struct adapter_order *hear_order;
static const struct adapter_message *hear_message;
static enum adapter_operation hear_operation;

/* The request as it leaves this house, but for its signature, which is the keys process's. */
static inline enum err
hear_send(struct buf *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX((size_t)64 * 1024);
    struct adapter_fields fields = { 0 };
    struct adapter_request request = { 0 };
    const struct adapter *adapter = hear_account->adapter;
    TRY(arena_new(HEAR_ARENA_MAX, &arena));
    TRY(adapter->request_build(hear_account, hear_operation, hear_order, hear_order->now, arena,
                               &fields));
    TRY(adapter->sign_text(&fields, arena, &text));
    TRY(adapter->request_encode(hear_account, hear_operation, hear_order, &fields,
                                SPAN_LIT("c2lnbmF0dXJl"), arena, &request));
    TRY(buf_append(&text, request.url));
    TRY(buf_append(&text, request.body));
    return buf_append(out, buf_span(&text));
}

/* An answer, and what was believed of it. */
static inline enum err
hear_answer(struct buf *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(evidence_free) struct evidence *believed = NULL;
    struct adapter_answer heard = { 0 };
    TRY(arena_new(HEAR_ARENA_MAX, &arena));
    TRY(verify_answer(hear_account, hear_operation, hear_order, hear_message, arena, &heard,
                      &believed));
    if (believed == NULL) {
        return ERR_PROVIDER_UNVERIFIED;
    }
    const struct evidence_claim *claim = evidence_claim(believed);
    DEFER(buf_fini) struct buf text = BUF_MAX(4096);
    TRY(buf_printf(&text, "%d %lld %.*s %.*s", (int)claim->verdict, (long long)claim->amount.minor,
                   SPAN_ARG(claim->merchant_order_no), SPAN_ARG(claim->provider_trade_no)));
    return buf_append(out, buf_span(&text));
}

#endif
