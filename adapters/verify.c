/* SPDX-License-Identifier: Apache-2.0 */
#include "verify.h"

#include "evidence_seal.h"

#define RAW_MAX ((size_t)1024 * 1024)

struct verify {
    const struct adapter_account *account;
    enum adapter_operation operation; /* NONE: a callback */
    const struct adapter_order *order;
    const struct adapter_message *message;
    struct arena *arena;
    struct adapter_signed cut;
    bool genuine;        /* the signature is good, or will be once the task is done */
    bool check_due;      /* the keys process has still to compare the signature */
    struct span payload; /* what is read: the slice that belongs to the text that verified */
    struct span signer;
    struct adapter_sealed_list sealed;
    struct adapter_opened opened;
};

static bool
key_fits(const struct adapter_key *key, struct span serial)
{
    return span_empty(serial) || span_empty(key->serial) || span_eq(key->serial, serial);
}

/* Any one text. Which text it was decides what is read: only what was verified counts. Errors: SIGNATURE, NO_MEMORY. */
static enum err
key_made_it(struct verify *v, const struct adapter_key *key)
{
    const struct adapter_signed *cut = &v->cut;
    if (!key_fits(key, cut->serial) || !adapter_key_is_valid(key, clock_wall())) {
        return ERR_SIGNATURE;
    }
    bool fixed = v->account->scheme != CRYPTO_SM2_SM3; /* DER has no one length */
    if (fixed && cut->signature.len != crypto_public_key_signature_bytes(key->key)) {
        return ERR_SIGNATURE;
    }
    enum err err = ERR_SIGNATURE;
    for (size_t t = 0; t < cut->text_count && err == ERR_SIGNATURE; t++) {
        err =
            err_told_as(crypto_verify(key->key, v->account->scheme, cut->texts[t], cut->signature),
                        ERR_SIGNATURE);
        if (err == ERR_OK) {
            v->payload = cut->payloads[t];
            v->signer = key->serial;
        }
    }
    return err;
}

/* The signer's certificate came with the message: it must lead to our roots and be the provider's own. */
static enum err
sent_key(const struct verify *v, struct adapter_key *out)
{
    const struct adapter_account *account = v->account;
    DEFER(certificate_chain_fini) struct certificate_chain leaf = { .count = 0 };
    TRY(certificate_chain_load(v->cut.certificate, &leaf));
    if (leaf.count != 1 || account->adapter->signer_accept == NULL) {
        return ERR_CERT_UNTRUSTED;
    }
    struct certificate_chain chain = { .list = { leaf.list[0] }, .count = 1 }; /* borrowed */
    for (size_t i = 0; i < account->helpers.count && chain.count < CERTIFICATE_CHAIN_MAX; i++) {
        chain.list[chain.count++] = account->helpers.list[i];
    }
    TRY(certificate_chain_verify(&chain, 0, &account->roots, clock_wall()));
    TRY(account->adapter->signer_accept(account, leaf.list[0]));
    DEFER(buf_fini) struct buf serial = BUF_MAX(128);
    TRY(crypto_certificate_serial_decimal(leaf.list[0], &serial));
    struct adapter_key key = { .not_before = crypto_certificate_not_before(leaf.list[0]),
                               .not_after = crypto_certificate_not_after(leaf.list[0]) };
    TRY(arena_copy(v->arena, buf_span(&serial), &key.serial));
    TRY(crypto_certificate_public_key(leaf.list[0], &key.key));
    *out = key;
    return ERR_OK;
}

static enum err
sent_key_made_it(struct verify *v)
{
    struct adapter_key key;
    TRY(err_told_as(sent_key(v, &key), ERR_SIGNATURE));
    bool named = span_empty(v->cut.serial);
    v->cut.serial = key.serial;
    enum err err = named ? key_made_it(v, &key) : ERR_SIGNATURE;
    crypto_public_key_free(&key.key);
    return err;
}

static bool
is_fresh(const struct adapter_signed *cut)
{
    int64_t apart_ms = wall_ms_between(clock_wall(), cut->fresh_at);
    int64_t most_ms = (int64_t)ADAPTER_FRESH_S * 1000;
    return cut->fresh_at.us == 0 || (apart_ms <= most_ms && apart_ms >= -most_ms);
}

static bool
shares_a_secret(enum crypto_scheme scheme)
{
    return scheme == CRYPTO_KEYED_SHA256 || scheme == CRYPTO_KEYED_SM3;
}

/* How a message is signed is the account's choice and not the message's. Errors: SIGNATURE, NO_MEMORY. */
static enum err
check(struct verify *v)
{
    const struct adapter_account *account = v->account;
    if (!is_fresh(&v->cut) || v->cut.keyed != shares_a_secret(account->scheme)) {
        return ERR_SIGNATURE;
    }
    v->genuine = true;
    if (v->cut.keyed) {
        v->check_due = true;
        v->payload = v->cut.payloads[0];
        return ERR_OK;
    }
    if (v->cut.certificate.len > 0) {
        return sent_key_made_it(v);
    }
    enum err err = ERR_SIGNATURE;
    for (size_t k = 0; k < account->key_count && err == ERR_SIGNATURE; k++) {
        err = key_made_it(v, &account->keys[k]);
    }
    return err;
}

static enum err
find_sealed(struct verify *v)
{
    const struct adapter *adapter = v->account->adapter;
    return adapter->sealed_find == NULL
               ? ERR_OK
               : adapter->sealed_find(v->operation, v->payload, v->arena, &v->sealed);
}

static enum err
verify_new(const struct adapter_account *account, const struct adapter_message *message,
           struct arena *arena, struct verify **out)
{
    void *storage = NULL;
    TRY(arena_alloc(arena, sizeof(struct verify), &storage));
    struct verify *v = storage;
    *v = (struct verify){ .account = account, .message = message, .arena = arena };
    *out = v;
    return ERR_OK;
}

enum err
verify_answer_begin(const struct adapter_account *account, enum adapter_operation operation,
                    const struct adapter_order *order, const struct adapter_message *message,
                    struct arena *arena, struct verify **out)
{
    struct verify *v = NULL;
    TRY(verify_new(account, message, arena, &v));
    v->operation = operation;
    v->order = order;
    TRY(account->adapter->answer_split(operation, message, arena, &v->cut));
    v->payload = v->cut.payloads[0];
    bool may_bring_its_key = operation == ADAPTER_KEYS && v->cut.is_signed;
    if (v->cut.is_signed && check(v) != ERR_OK) {
        v->genuine = false;
        if (!may_bring_its_key || !is_fresh(&v->cut)) {
            return ERR_PROVIDER_UNVERIFIED;
        }
        v->payload = v->cut.payloads[0];
    }
    if (v->genuine || may_bring_its_key) {
        TRY(find_sealed(v));
    }
    *out = v;
    return ERR_OK;
}

enum err
verify_callback_begin(const struct adapter_account *account, const struct adapter_message *message,
                      struct arena *arena, struct verify **out)
{
    struct verify *v = NULL;
    TRY(verify_new(account, message, arena, &v));
    TRY(account->adapter->callback_split(message, arena, &v->cut));
    if (!v->cut.is_signed) {
        return ERR_SIGNATURE;
    }
    TRY(check(v));
    TRY(find_sealed(v));
    *out = v;
    return ERR_OK;
}

/* Which question an answer belongs to does not matter here; what it looks like may depend on it. */
static enum err
split_any(const struct adapter_account *account, const struct adapter_message *message,
          struct arena *arena, struct adapter_signed *out)
{
    if (message->status == 0) {
        return account->adapter->callback_split(message, arena, out);
    }
    enum err err = ERR_PROVIDER_PROTOCOL;
    for (int i = ADAPTER_PAY; i < ADAPTER_OPERATION_COUNT && err != ERR_OK; i++) {
        err = account->adapter->answer_split((enum adapter_operation)i, message, arena, out);
    }
    return err;
}

bool
verify_is_probe(const struct adapter_account *account, const struct adapter_message *message,
                struct arena *arena)
{
    struct adapter_signed cut = { 0 };
    return split_any(account, message, arena, &cut) == ERR_OK && cut.is_probe;
}

struct span
verify_unknown_serial(const struct adapter_account *account, const struct adapter_message *message,
                      struct arena *arena)
{
    struct adapter_signed cut = { 0 };
    if (split_any(account, message, arena, &cut) != ERR_OK || cut.is_probe || cut.keyed
        || cut.certificate.len > 0) {
        return SPAN_LIT("");
    }
    for (size_t i = 0; i < account->key_count; i++) {
        if (span_eq(account->keys[i].serial, cut.serial)) {
            return SPAN_LIT("");
        }
    }
    return cut.serial;
}

struct verify_task
verify_task(const struct verify *verify)
{
    if (verify->check_due) {
        return (struct verify_task){ .kind = VERIFY_TASK_CHECK,
                                     .fields = verify->cut.fields,
                                     .signature = verify->cut.signature };
    }
    if (verify->opened.count < verify->sealed.count) {
        return (struct verify_task){ .kind = VERIFY_TASK_OPEN,
                                     .sealed = &verify->sealed.list[verify->opened.count] };
    }
    return (struct verify_task){ .kind = VERIFY_TASK_NONE };
}

enum err
verify_task_done(struct verify *verify, enum err err, struct span plain)
{
    bool callback = verify->operation == ADAPTER_OPERATION_NONE;
    if (err == ERR_SIGNATURE) {
        return callback ? ERR_SIGNATURE : ERR_PROVIDER_UNVERIFIED;
    }
    TRY(err);
    if (verify->check_due) {
        verify->check_due = false;
        return ERR_OK;
    }
    TRY(arena_copy(verify->arena, plain, &verify->opened.list[verify->opened.count]));
    verify->opened.count++;
    return ERR_OK;
}

/* What is kept: the bytes that were verified, and what was sealed in them, so that the statement can
 * be read after the secret has changed. */
static enum err
raw_of(const struct verify *v, struct span *out)
{
    struct span message = v->cut.raw.len > 0 ? v->cut.raw : v->message->body;
    if (v->opened.count == 0) {
        *out = message;
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf raw = BUF_MAX(RAW_MAX);
    TRY(buf_append(&raw, message));
    for (size_t i = 0; i < v->opened.count; i++) {
        TRY(buf_byte(&raw, '\n'));
        TRY(buf_append(&raw, v->opened.list[i]));
    }
    return arena_copy(v->arena, buf_span(&raw), out);
}

static enum err
seal(const struct verify *v, struct evidence_claim *claim, enum evidence_source source,
     struct evidence **evidence)
{
    claim->source = source;
    claim->provider = span_of(v->account->adapter->name);
    claim->account = span_of(v->account->name);
    claim->signer = v->signer;
    TRY(raw_of(v, &claim->raw));
    return evidence_seal(claim, evidence);
}

static bool
says_something(const struct adapter_answer *answer)
{
    return answer->claim.verdict != EVIDENCE_VERDICT_NONE || answer->qr_text.len > 0
           || answer->open_url.len > 0 || answer->prepared.len > 0 || answer->bill_url.len > 0
           || answer->bill_file.len > 0
           || (answer->refund != ADAPTER_REFUND_NONE && answer->refund != ADAPTER_REFUND_ACCEPTED);
}

/* Without a signature an answer can only be a hint: it may drive a retry or an alarm, and nothing
 * that closes, fails or refunds. */
static enum err
read_hint(struct verify *v, struct adapter_answer *answer)
{
    struct adapter_answer hint = { 0 };
    TRY(v->account->adapter->answer_read(v->account, v->operation, v->order, v->payload, false,
                                         v->arena, &hint));
    if (hint.handling == ADAPTER_DONE || hint.handling == ADAPTER_REFUSED
        || says_something(&hint)) {
        return ERR_PROVIDER_UNVERIFIED;
    }
    *answer = hint;
    return ERR_OK;
}

/* What a provider says about a refund is kept whatever it says: it moves the refund, if not the attempt. */
static bool
is_kept(const struct verify *v, const struct adapter_answer *read)
{
    return read->claim.verdict != EVIDENCE_VERDICT_NONE || v->operation == ADAPTER_REFUND
           || v->operation == ADAPTER_REFUND_QUERY;
}

enum err
verify_answer_end(struct verify *v, struct adapter_answer *answer, struct evidence **evidence)
{
    if (verify_task(v).kind != VERIFY_TASK_NONE) {
        return ERR_KEYS_AWAY;
    }
    if (!v->genuine) {
        return v->cut.is_signed ? ERR_PROVIDER_UNVERIFIED : read_hint(v, answer);
    }
    struct adapter_answer read = { 0 };
    TRY(v->account->adapter->answer_read(v->account, v->operation, v->order, v->payload, true,
                                         v->arena, &read));
    if (says_something(&read) && v->account->serial_required && span_empty(v->cut.serial)) {
        return ERR_PROVIDER_UNVERIFIED;
    }
    if (is_kept(v, &read)) {
        TRY(seal(v, &read.claim, EVIDENCE_QUERY, evidence));
    }
    *answer = read;
    return ERR_OK;
}

enum err
verify_callback_end(struct verify *v, struct evidence **evidence)
{
    if (verify_task(v).kind != VERIFY_TASK_NONE) {
        return ERR_KEYS_AWAY;
    }
    struct evidence_claim claim = { 0 };
    TRY(v->account->adapter->callback_read(v->account, v->payload, &v->opened, v->arena, &claim));
    return seal(v, &claim, EVIDENCE_CALLBACK, evidence);
}

void
verify_keys_fini(struct verify_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        crypto_public_key_free(&keys->list[i].key);
    }
    keys->count = 0;
}

static bool
signed_by_offered(struct verify *v, const struct verify_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (key_made_it(v, &keys->list[i]) == ERR_OK) {
            return true;
        }
    }
    return false;
}

/* One that has ended is left out, so that it cannot keep us from its successors beside it. */
static enum err
accept_offered(const struct verify *v, const struct adapter_key_offer *offer,
               struct verify_keys *keys)
{
    enum err expired = ERR_OK;
    for (size_t i = 0; i < offer->count && i < ADAPTER_KEYS_MAX; i++) {
        enum err err = v->account->adapter->key_accept(v->account, offer->pem[i], clock_wall(),
                                                       v->arena, &keys->list[keys->count]);
        if (err == ERR_CERT_EXPIRED) {
            expired = err;
            continue;
        }
        TRY(err);
        keys->pem[keys->count++] = offer->pem[i];
    }
    return keys->count == 0 ? expired : ERR_OK;
}

/* A provider that is asked for one key by its name has to give that one. */
static bool
offers_what_was_asked(const struct verify *v, const struct verify_keys *keys)
{
    struct span asked = v->order->key_serial;
    bool by_name = v->account->adapter->keys_refresh_s == 0 && !span_empty(asked);
    for (size_t i = 0; by_name && i < keys->count; i++) {
        if (span_eq(keys->list[i].serial, asked)) {
            return true;
        }
    }
    return !by_name;
}

enum err
verify_keys_end(struct verify *v, struct verify_keys *out)
{
    const struct adapter *adapter = v->account->adapter;
    struct adapter_key_offer offer = { .count = 0 };
    DEFER(verify_keys_fini) struct verify_keys keys = { .count = 0 };
    if (verify_task(v).kind != VERIFY_TASK_NONE) {
        return ERR_KEYS_AWAY;
    }
    if (adapter->keys_read == NULL || adapter->key_accept == NULL || !v->cut.is_signed) {
        return ERR_PROVIDER_UNVERIFIED;
    }
    TRY(adapter->keys_read(v->payload, &v->opened, v->arena, &offer));
    TRY(accept_offered(v, &offer, &keys));
    if (!offers_what_was_asked(v, &keys)) {
        return ERR_CERT_UNTRUSTED;
    }
    if (!v->genuine && !signed_by_offered(v, &keys)) {
        return ERR_PROVIDER_UNVERIFIED;
    }
    *out = keys;
    keys.count = 0;
    return ERR_OK;
}

enum err
verify_answer(const struct adapter_account *account, enum adapter_operation operation,
              const struct adapter_order *order, const struct adapter_message *message,
              struct arena *arena, struct adapter_answer *answer, struct evidence **evidence)
{
    struct verify *v = NULL;
    TRY(verify_answer_begin(account, operation, order, message, arena, &v));
    return verify_answer_end(v, answer, evidence);
}

enum err
verify_callback(const struct adapter_account *account, const struct adapter_message *message,
                struct arena *arena, struct evidence **evidence)
{
    struct verify *v = NULL;
    TRY(verify_callback_begin(account, message, arena, &v));
    return verify_callback_end(v, evidence);
}
