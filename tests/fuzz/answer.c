/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of every provider to every operation it offers. A header "order-no: …" says which order was
 * asked about. Without a good signature an answer is a hint at most; with one it says what a genuine
 * seed says, and of our order only. */
#include "fuzz.h"
#include "fuzz_account.h"
#include "fuzz_genuine.h"
#include "fuzz_sealed.h"
#include "verify.h"

#define FOLDER        "fuzz/corpus/answer"
#define STATEMENT_MAX ((size_t)64 * 1024)

static struct adapter_order
order_of(const struct fuzz_account *of, const struct fuzz_message *text)
{
    struct adapter_order order = of->order;
    order.now = clock_wall();
    for (size_t i = 0; i < text->message.header_count; i++) {
        if (span_eq_cstr(text->headers[i].name, "order-no")) {
            order.merchant_order_no = text->headers[i].value;
        }
    }
    return order;
}

static bool
is_hint(const struct adapter_answer *answer)
{
    return answer->handling != ADAPTER_DONE && answer->handling != ADAPTER_REFUSED
           && answer->claim.verdict == EVIDENCE_VERDICT_NONE && span_empty(answer->qr_text)
           && span_empty(answer->open_url) && span_empty(answer->prepared)
           && span_empty(answer->bill_url) && span_empty(answer->bill_file)
           && answer->refund != ADAPTER_REFUND_SUCCEEDED && answer->refund != ADAPTER_REFUND_FAILED
           && answer->refund != ADAPTER_REFUND_ABNORMAL;
}

static void
put_answer(enum adapter_operation operation, const struct adapter_answer *answer, struct buf *out)
{
    const struct span spans[] = { answer->qr_text,  answer->open_url,  answer->prepared,
                                  answer->bill_url, answer->bill_hash, answer->bill_file };
    FUZZ_DEMAND(answer->handling > ADAPTER_HANDLING_NONE
                && answer->handling < ADAPTER_HANDLING_COUNT);
    FUZZ_DEMAND((answer->handling == ADAPTER_DONE) == (answer->err == ERR_OK));
    FUZZ_DEMAND(buf_printf(out, "%d %d %d %lld ", (int)operation, (int)answer->handling,
                           (int)answer->refund, (long long)answer->refund_amount.minor)
                == ERR_OK);
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        fuzz_touch(spans[i]);
        FUZZ_DEMAND(buf_printf(out, "%zu:", spans[i].len) == ERR_OK);
        FUZZ_DEMAND(buf_append(out, spans[i]) == ERR_OK);
    }
    fuzz_touch(answer->code);
    fuzz_touch(answer->message);
    fuzz_account_claim(&answer->claim, out);
}

static bool
offers(const struct adapter *adapter, enum adapter_operation operation)
{
    return operation != ADAPTER_OPERATION_NONE && operation != ADAPTER_INVOKE
           && (adapter->operations & ADAPTER_OFFERS(operation)) != 0;
}

static bool
verified(const struct adapter *adapter, enum adapter_operation operation, struct span input,
         struct buf *statement)
{
    if (!offers(adapter, operation) || operation == ADAPTER_KEYS) {
        return false;
    }
    const struct fuzz_account *of = fuzz_account(adapter);
    struct fuzz_message text;
    struct verify *verify = NULL;
    struct adapter_answer answer = { .handling = ADAPTER_HANDLING_NONE };
    DEFER(arena_free) struct arena *arena = fuzz_arena();
    DEFER(evidence_free) struct evidence *evidence = NULL;
    fuzz_message(input, &text);
    fuzz_account_clock(of, &text);
    struct adapter_order order = order_of(of, &text);
    if (verify_answer_begin(&of->account, operation, &order, &text.message, arena, &verify)
            != ERR_OK
        || !fuzz_sealed_tasks(of, verify)
        || verify_answer_end(verify, &answer, &evidence) != ERR_OK) {
        FUZZ_DEMAND(evidence == NULL && answer.handling == ADAPTER_HANDLING_NONE);
        return false;
    }
    /* A verdict needs evidence; without one only what is genuine about a refund is kept. */
    bool states = answer.claim.verdict != EVIDENCE_VERDICT_NONE;
    bool about_refund = operation == ADAPTER_REFUND || operation == ADAPTER_REFUND_QUERY;
    FUZZ_DEMAND(evidence != NULL || !states);
    FUZZ_DEMAND(evidence == NULL || states || about_refund);
    FUZZ_DEMAND(span_empty(answer.claim.merchant_order_no)
                || span_eq(answer.claim.merchant_order_no, order.merchant_order_no));
    put_answer(operation, &answer, statement);
    return !is_hint(&answer);
}

static void
read_payload(const struct fuzz_account *of, enum adapter_operation operation,
             const struct adapter_order *order, struct span payload, bool signed_,
             struct arena *arena)
{
    struct adapter_answer answer;
    DEFER(buf_fini) struct buf text = BUF_MAX(STATEMENT_MAX);
    fuzz_fill(&answer, sizeof(answer));
    if (of->account.adapter->answer_read(&of->account, operation, order, payload, signed_, arena,
                                         &answer)
        != ERR_OK) {
        FUZZ_DEMAND(fuzz_untouched(&answer, sizeof(answer)));
        return;
    }
    FUZZ_DEMAND(signed_ || is_hint(&answer));
    FUZZ_DEMAND(span_empty(answer.claim.merchant_order_no)
                || span_eq(answer.claim.merchant_order_no, order->merchant_order_no));
    put_answer(operation, &answer, &text);
}

static void
read_keys(const struct fuzz_account *of, struct span payload, struct arena *arena)
{
    const struct adapter *adapter = of->account.adapter;
    struct adapter_opened opened;
    struct adapter_key_offer offer = { .count = 0 };
    if (adapter->keys_read == NULL
        || !fuzz_sealed_pretend(adapter, ADAPTER_KEYS, payload, arena, &opened)
        || adapter->keys_read(payload, &opened, arena, &offer) != ERR_OK) {
        return;
    }
    FUZZ_DEMAND(offer.count <= ADAPTER_KEYS_MAX);
    for (size_t i = 0; i < offer.count; i++) {
        struct adapter_key key = { .key = NULL };
        fuzz_touch(offer.pem[i]);
        if (adapter->key_accept != NULL
            && adapter->key_accept(&of->account, offer.pem[i], of->now, arena, &key) == ERR_OK) {
            fuzz_touch(key.serial);
            crypto_public_key_free(&key.key);
        }
    }
}

/* What is behind the signature is fed as well, as if it had been right and as if there were none. */
static void
split_and_read(const struct fuzz_account *of, enum adapter_operation operation, struct span input)
{
    struct fuzz_message text;
    struct adapter_signed cut;
    DEFER(arena_free) struct arena *arena = fuzz_arena();
    fuzz_message(input, &text);
    fuzz_account_clock(of, &text);
    struct adapter_order order = order_of(of, &text);
    fuzz_fill(&cut, sizeof(cut));
    if (of->account.adapter->answer_split(operation, &text.message, arena, &cut) != ERR_OK) {
        FUZZ_DEMAND(fuzz_untouched(&cut, sizeof(cut)));
        return;
    }
    fuzz_sealed_touch(&cut);
    if (operation == ADAPTER_KEYS) {
        read_keys(of, cut.payloads[0], arena);
        return;
    }
    read_payload(of, operation, &order, cut.payloads[0], false, arena);
    for (size_t i = 0; i < cut.text_count; i++) {
        read_payload(of, operation, &order, cut.payloads[i], true, arena);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make(data, size);
    fuzz_genuine_load(FOLDER, verified);
    for (size_t i = 0; i < adapter_registry_count; i++) {
        const struct adapter *adapter = adapter_registry[i];
        for (int at = ADAPTER_OPERATION_NONE; at < ADAPTER_OPERATION_COUNT; at++) {
            enum adapter_operation operation = (enum adapter_operation)at;
            DEFER(buf_fini) struct buf statement = BUF_MAX(STATEMENT_MAX);
            if (offers(adapter, operation)) {
                split_and_read(fuzz_account(adapter), operation, input);
            }
            if (verified(adapter, operation, input, &statement)) {
                fuzz_genuine_demand(adapter, buf_span(&statement));
            }
        }
    }
    return 0;
}
