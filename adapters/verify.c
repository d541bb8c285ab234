/* SPDX-License-Identifier: Apache-2.0 */
#include "verify.h"

#include "evidence_seal.h"

static bool
key_fits(const struct adapter_key *key, struct span serial)
{
    return span_empty(serial) || span_empty(key->serial) || span_eq(key->serial, serial);
}

static bool
key_is_valid(const struct adapter_key *key, struct wall_time now)
{
    return (key->not_before.us == 0 || key->not_before.us <= now.us)
           && (key->not_after.us == 0 || now.us <= key->not_after.us);
}

/* Any one text with any one fitting key. Which text it was decides what is read: only what was
 * verified counts. */
static enum err
check(const struct adapter_account *account, const struct adapter_signed *cut, struct span *payload,
      struct span *signer)
{
    struct wall_time now = clock_wall();
    for (size_t k = 0; k < account->key_count; k++) {
        const struct adapter_key *key = &account->keys[k];
        if (!key_fits(key, cut->serial) || !key_is_valid(key, now)
            || cut->signature.len != crypto_public_key_signature_bytes(key->key)) {
            continue;
        }
        for (size_t t = 0; t < cut->text_count; t++) {
            if (crypto_verify(key->key, account->scheme, cut->texts[t], cut->signature) == ERR_OK) {
                *payload = cut->payloads[t];
                *signer = key->serial;
                return ERR_OK;
            }
        }
    }
    return ERR_SIGNATURE;
}

static enum err
seal(const struct adapter_account *account, struct evidence_claim *claim,
     enum evidence_source source, struct span raw, struct span signer, struct evidence **evidence)
{
    claim->source = source;
    claim->provider = span_of(account->adapter->name);
    claim->account = span_of(account->name);
    claim->raw = raw;
    claim->signer = signer;
    return evidence_seal(claim, evidence);
}

static bool
says_something(const struct adapter_answer *answer)
{
    return answer->claim.verdict != EVIDENCE_VERDICT_NONE || answer->qr_text.len > 0
           || answer->bill_url.len > 0;
}

/* Without a signature an answer can only be a hint: it may drive a retry or an alarm, and nothing
 * that closes, fails or refunds. */
static enum err
read_hint(const struct adapter_account *account, enum adapter_operation operation,
          const struct adapter_order *order, struct span payload, struct arena *arena,
          struct adapter_answer *answer)
{
    struct adapter_answer hint = { 0 };
    TRY(account->adapter->answer_read(account, operation, order, payload, false, arena, &hint));
    if (hint.handling == ADAPTER_DONE || hint.handling == ADAPTER_REFUSED
        || says_something(&hint)) {
        return ERR_PROVIDER_UNVERIFIED;
    }
    *answer = hint;
    return ERR_OK;
}

enum err
verify_answer(const struct adapter_account *account, enum adapter_operation operation,
              const struct adapter_order *order, const struct adapter_message *message,
              struct arena *arena, struct adapter_answer *answer, struct evidence **evidence)
{
    struct adapter_signed cut = { 0 };
    TRY(account->adapter->answer_split(operation, message, arena, &cut));
    if (!cut.is_signed) {
        return read_hint(account, operation, order, cut.payloads[0], arena, answer);
    }
    struct span payload;
    struct span signer;
    if (check(account, &cut, &payload, &signer) != ERR_OK) {
        return ERR_PROVIDER_UNVERIFIED;
    }
    struct adapter_answer read = { 0 };
    TRY(account->adapter->answer_read(account, operation, order, payload, true, arena, &read));
    if (says_something(&read) && account->certificate_scheme && span_empty(cut.serial)) {
        return ERR_PROVIDER_UNVERIFIED;
    }
    if (read.claim.verdict != EVIDENCE_VERDICT_NONE) {
        TRY(seal(account, &read.claim, EVIDENCE_QUERY, message->body, signer, evidence));
    }
    *answer = read;
    return ERR_OK;
}

enum err
verify_callback(const struct adapter_account *account, const struct adapter_message *message,
                struct arena *arena, struct evidence **evidence)
{
    struct adapter_signed cut = { 0 };
    TRY(account->adapter->callback_split(message, arena, &cut));
    if (!cut.is_signed) {
        return ERR_SIGNATURE;
    }
    struct span payload;
    struct span signer;
    TRY(check(account, &cut, &payload, &signer));
    struct evidence_claim claim = { 0 };
    TRY(account->adapter->callback_read(account, payload, arena, &claim));
    return seal(account, &claim, EVIDENCE_CALLBACK, message->body, signer, evidence);
}
