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
static struct span hear_plain; /* what the keys process opens of a notice */

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

/* What the keys process reads out of the request before it signs. */
static inline enum err
hear_judge(struct buf *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(4096);
    struct adapter_fields fields = { 0 };
    struct adapter_sign_facts facts = { .operation = ADAPTER_OPERATION_NONE };
    const struct adapter *adapter = hear_account->adapter;
    TRY(arena_new(HEAR_ARENA_MAX, &arena));
    TRY(adapter->request_build(hear_account, hear_operation, hear_order, hear_order->now, arena,
                               &fields));
    TRY(adapter->sign_facts(&fields, arena, &facts));
    TRY(buf_printf(&text, "%d %lld %.*s %.*s %.*s", (int)facts.operation,
                   (long long)facts.amount.minor, SPAN_ARG(facts.application),
                   SPAN_ARG(facts.merchant_order_no), SPAN_ARG(facts.refund_no)));
    return buf_append(out, buf_span(&text));
}

static inline enum err
hear_tell(const struct evidence *believed, struct buf *out)
{
    const struct evidence_claim *claim = evidence_claim(believed);
    DEFER(buf_fini) struct buf text = BUF_MAX(4096);
    TRY(buf_printf(&text, "%d %lld %.*s %.*s", (int)claim->verdict, (long long)claim->amount.minor,
                   SPAN_ARG(claim->merchant_order_no), SPAN_ARG(claim->provider_trade_no)));
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
    return believed == NULL ? ERR_PROVIDER_UNVERIFIED : hear_tell(believed, out);
}

/* A callback, with what the keys process does for it. */
static inline enum err
hear_notice(struct buf *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(evidence_free) struct evidence *believed = NULL;
    struct verify *verify = NULL;
    TRY(arena_new(HEAR_ARENA_MAX, &arena));
    TRY(verify_callback_begin(hear_account, hear_message, arena, &verify));
    while (verify_task(verify).kind != VERIFY_TASK_NONE) {
        TRY(verify_task_done(verify, ERR_OK, hear_plain));
    }
    TRY(verify_callback_end(verify, &believed));
    return hear_tell(believed, out);
}

#endif
