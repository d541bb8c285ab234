/* SPDX-License-Identifier: Apache-2.0 */
/* Callbacks of every provider. Whatever verifies says what a genuine seed says: no change of a message
 * keeps its signature and changes its meaning. */
#include "fuzz.h"
#include "fuzz_account.h"
#include "fuzz_genuine.h"
#include "fuzz_sealed.h"
#include "verify.h"

#define FOLDER        "fuzz/corpus/callback"
#define STATEMENT_MAX ((size_t)64 * 1024)

static bool
verified(const struct adapter *adapter, enum adapter_operation operation, struct span input,
         struct buf *statement)
{
    if (operation != ADAPTER_OPERATION_NONE) {
        return false;
    }
    const struct fuzz_account *of = fuzz_account(adapter);
    struct fuzz_message text;
    struct verify *verify = NULL;
    DEFER(arena_free) struct arena *arena = fuzz_arena();
    DEFER(evidence_free) struct evidence *evidence = NULL;
    fuzz_message(input, &text);
    fuzz_account_clock(of, &text);
    if (verify_callback_begin(&of->account, &text.message, arena, &verify) != ERR_OK
        || !fuzz_sealed_tasks(of, verify) || verify_callback_end(verify, &evidence) != ERR_OK) {
        FUZZ_DEMAND(evidence == NULL);
        return false;
    }
    FUZZ_DEMAND(evidence_claim(evidence)->source == EVIDENCE_CALLBACK);
    FUZZ_DEMAND(span_eq_cstr(evidence_claim(evidence)->provider, adapter->name));
    fuzz_account_claim(evidence_claim(evidence), statement);
    return true;
}

static void
touch_claim(const struct evidence_claim *claim)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(STATEMENT_MAX);
    FUZZ_DEMAND(claim->verdict < EVIDENCE_VERDICT_COUNT);
    FUZZ_DEMAND(claim->amount.minor >= 0 && claim->refunded.minor >= 0);
    fuzz_account_claim(claim, &text);
}

static void
read_payload(const struct fuzz_account *of, struct span payload, struct arena *arena)
{
    const struct adapter *adapter = of->account.adapter;
    struct adapter_opened opened;
    struct evidence_claim claim;
    fuzz_fill(&claim, sizeof(claim));
    if (!fuzz_sealed_pretend(adapter, ADAPTER_OPERATION_NONE, payload, arena, &opened)) {
        return;
    }
    if (adapter->callback_read(&of->account, payload, &opened, arena, &claim) == ERR_OK) {
        touch_claim(&claim);
    } else {
        FUZZ_DEMAND(fuzz_untouched(&claim, sizeof(claim)));
    }
}

/* What is behind the signature is fed as well, as if it had been right. */
static void
split_and_read(const struct fuzz_account *of, struct span input)
{
    struct fuzz_message text;
    struct adapter_signed cut;
    DEFER(arena_free) struct arena *arena = fuzz_arena();
    fuzz_message(input, &text);
    fuzz_account_clock(of, &text);
    fuzz_fill(&cut, sizeof(cut));
    if (of->account.adapter->callback_split(&text.message, arena, &cut) != ERR_OK) {
        FUZZ_DEMAND(fuzz_untouched(&cut, sizeof(cut)));
        read_payload(of, text.message.body, arena);
        return;
    }
    fuzz_sealed_touch(&cut);
    for (size_t i = 0; i < cut.text_count; i++) {
        read_payload(of, cut.payloads[i], arena);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make(data, size);
    fuzz_genuine_load(FOLDER, verified);
    for (size_t i = 0; i < adapter_registry_count; i++) {
        const struct adapter *adapter = adapter_registry[i];
        DEFER(buf_fini) struct buf statement = BUF_MAX(STATEMENT_MAX);
        if (adapter->callback_split == NULL) {
            continue;
        }
        split_and_read(fuzz_account(adapter), input);
        if (verified(adapter, ADAPTER_OPERATION_NONE, input, &statement)) {
            fuzz_genuine_demand(adapter, buf_span(&statement));
        }
    }
    return 0;
}
