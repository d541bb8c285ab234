/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_trail.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_MAX      16
#define SEEN_MAX      64
#define KEY_NAME_MAX  64
#define TEXT_MAX      ((size_t)1024)
#define HEADS_AT_ONCE 1024

struct trusted {
    struct crypto_public_key *key;
    enum crypto_scheme scheme;
    struct buf name;
};

struct seen {
    int64_t number;
    unsigned char hash[SHA256_BYTES];
    bool found;
};

struct audit_trail {
    audit_found found;
    void *context;
    struct audit_counts counts;
    struct trusted keys[KEYS_MAX];
    size_t key_count;
    struct seen seen[SEEN_MAX];
    size_t seen_count;
    int64_t last_number;
    unsigned char last_hash[SHA256_BYTES];

    struct audit_head *heads; /* of all checkpoints; sorted when the first event comes */
    size_t head_count;
    size_t head_room;
    size_t head_at; /* the first one that no event has met yet */
    bool sorted;

    /* The event before. */
    struct audit_head last;
    int64_t tail; /* events of its payment behind the last head */
};

static const struct {
    const char *code;
    const char *texts[LANGUAGE_COUNT];
} faults[AUDIT_FAULT_COUNT] = {
#define FAULT(name, word, zh, en) \
    [AUDIT_##name] = { .code = word, .texts = { [LANGUAGE_ZH] = zh, [LANGUAGE_EN] = en } },
#include "audit.def"
#undef FAULT
};

const char *
audit_fault_code(enum audit_fault fault)
{
    return faults[fault].code;
}

const char *
audit_fault_text(enum audit_fault fault, enum language language)
{
    return faults[fault].texts[language];
}

enum err
audit_trail_new(audit_found found, void *context, struct audit_trail **out)
{
    struct audit_trail *trail = calloc(1, sizeof(*trail));
    if (trail == NULL) {
        return ERR_NO_MEMORY;
    }
    trail->found = found;
    trail->context = context;
    *out = trail;
    return ERR_OK;
}

void
audit_trail_free(struct audit_trail **trail)
{
    if (trail == NULL || *trail == NULL) {
        return;
    }
    for (size_t i = 0; i < (*trail)->key_count; i++) {
        crypto_public_key_free(&(*trail)->keys[i].key);
        buf_fini(&(*trail)->keys[i].name);
    }
    free((*trail)->heads);
    free(*trail);
    *trail = NULL;
}

static void
tell(struct audit_trail *trail, enum audit_fault fault, struct audit_place place)
{
    trail->counts.faults++;
    trail->found(trail->context, fault, &place);
}

static void
tell_checkpoint(struct audit_trail *trail, enum audit_fault fault, int64_t number)
{
    tell(trail, fault, (struct audit_place){ .checkpoint = number });
}

static void
tell_event(struct audit_trail *trail, enum audit_fault fault, struct span payment_no, int64_t seq)
{
    tell(trail, fault, (struct audit_place){ .payment_no = payment_no, .seq = seq });
}

enum err
audit_trail_key(struct audit_trail *trail, struct crypto_public_key **key)
{
    enum crypto_scheme scheme = audit_scheme(*key);
    if (scheme == CRYPTO_SCHEME_NONE) {
        return ERR_KEY_PARSE;
    }
    if (trail->key_count == KEYS_MAX) {
        return ERR_NO_MEMORY;
    }
    struct trusted *trusted = &trail->keys[trail->key_count];
    *trusted = (struct trusted){ .scheme = scheme, .name = BUF_MAX(KEY_NAME_MAX) };
    TRY(crypto_public_key_name(*key, &trusted->name));
    trusted->key = *key;
    *key = NULL;
    trail->key_count++;
    return ERR_OK;
}

enum err
audit_trail_seen(struct audit_trail *trail, int64_t number, const unsigned char hash[SHA256_BYTES])
{
    if (trail->seen_count == SEEN_MAX) {
        return ERR_NO_MEMORY;
    }
    struct seen *seen = &trail->seen[trail->seen_count++];
    seen->number = number;
    memcpy(seen->hash, hash, SHA256_BYTES);
    return ERR_OK;
}

static void
judge_signature(struct audit_trail *trail, const struct audit_seal *seal, struct span text)
{
    for (size_t i = 0; i < trail->key_count; i++) {
        const struct trusted *trusted = &trail->keys[i];
        if (!span_eq(buf_span(&trusted->name), seal->key_name)) {
            continue;
        }
        if (crypto_verify(trusted->key, trusted->scheme, text, seal->signature) != ERR_OK) {
            tell_checkpoint(trail, AUDIT_CHECKPOINT_SIGNATURE, seal->number);
        }
        return;
    }
    tell_checkpoint(trail, AUDIT_CHECKPOINT_KEY, seal->number);
}

static enum err
judge_content(struct audit_trail *trail, const struct audit_seal *seal)
{
    unsigned char hash[SHA256_BYTES];
    struct audit_checkpoint said = { .number = seal->number, .sealed_at_us = seal->sealed_at_us };
    memcpy(said.previous, seal->previous, SHA256_BYTES);
    TRY(crypto_sha256(seal->heads, said.heads_digest));
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    TRY(audit_checkpoint_text(&said, &text));
    TRY(crypto_sha256(buf_span(&text), hash));
    if (memcmp(hash, seal->hash, SHA256_BYTES) != 0) {
        tell_checkpoint(trail, AUDIT_CHECKPOINT_HASH, seal->number);
    }
    judge_signature(trail, seal, buf_span(&text));
    return ERR_OK;
}

static void
judge_place(struct audit_trail *trail, const struct audit_seal *seal)
{
    if (seal->number != trail->last_number + 1) {
        tell_checkpoint(trail, AUDIT_CHECKPOINT_GAP, seal->number);
    } else if (memcmp(seal->previous, trail->last_hash, SHA256_BYTES) != 0) {
        tell_checkpoint(trail, AUDIT_CHECKPOINT_PREVIOUS, seal->number);
    }
    for (size_t i = 0; i < trail->seen_count; i++) {
        struct seen *seen = &trail->seen[i];
        seen->found =
            seen->found
            || (seen->number == seal->number && memcmp(seen->hash, seal->hash, SHA256_BYTES) == 0);
    }
}

enum err
audit_trail_head(struct audit_trail *trail, const struct audit_head *head)
{
    if (trail->head_count == trail->head_room) {
        size_t room = trail->head_room == 0 ? HEADS_AT_ONCE : trail->head_room * 2;
        struct audit_head *grown = reallocarray(trail->heads, room, sizeof(*grown));
        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        trail->heads = grown;
        trail->head_room = room;
    }
    trail->heads[trail->head_count++] = *head;
    return ERR_OK;
}

static enum err
add_heads(struct audit_trail *trail, struct span lines)
{
    while (!span_empty(lines)) {
        struct span line;
        struct audit_head head;
        if (!span_cut(&lines, '\n', &line)) {
            return ERR_FIELD_VALUE; /* each line ends */
        }
        TRY(audit_head_decode(line, &head));
        TRY(audit_trail_head(trail, &head));
    }
    return ERR_OK;
}

enum err
audit_trail_checkpoint(struct audit_trail *trail, const struct audit_seal *seal)
{
    trail->counts.checkpoints++;
    judge_place(trail, seal);
    TRY(judge_content(trail, seal));
    trail->last_number = seal->number;
    memcpy(trail->last_hash, seal->hash, SHA256_BYTES);
    return add_heads(trail, seal->heads);
}

static int
compare_heads(const void *a, const void *b)
{
    const struct audit_head *x = a;
    const struct audit_head *y = b;
    int order =
        x->slot != y->slot ? (x->slot < y->slot ? -1 : 1) : strcmp(x->payment_no, y->payment_no);
    return order != 0 ? order : (x->seq > y->seq) - (x->seq < y->seq);
}

/* Heads that lie before `here`, in the order of events, name events that did not come. */
static void
pass_heads(struct audit_trail *trail, const struct audit_head *here)
{
    if (!trail->sorted) {
        if (trail->head_count > 0) {
            qsort(trail->heads, trail->head_count, sizeof(*trail->heads), compare_heads);
        }
        trail->sorted = true;
    }
    while (trail->head_at < trail->head_count
           && (here == NULL || compare_heads(&trail->heads[trail->head_at], here) < 0)) {
        const struct audit_head *missed = &trail->heads[trail->head_at++];
        tell_event(trail, AUDIT_EVENT_CUT, span_of(missed->payment_no), missed->seq);
    }
}

/* One event may be named by several checkpoints. */
static void
meet_heads(struct audit_trail *trail, const struct audit_head *here)
{
    while (trail->head_at < trail->head_count
           && compare_heads(&trail->heads[trail->head_at], here) == 0) {
        if (memcmp(trail->heads[trail->head_at].hash, here->hash, SHA256_BYTES) != 0) {
            tell_event(trail, AUDIT_EVENT_OTHER, span_of(here->payment_no), here->seq);
        }
        trail->head_at++;
        trail->tail = 0;
    }
}

static bool
same_payment(const struct audit_head *a, const struct audit_head *b)
{
    return a->slot == b->slot && strcmp(a->payment_no, b->payment_no) == 0;
}

static enum err
judge_event(struct audit_trail *trail, const struct audit_event *event,
            const struct audit_head *here)
{
    unsigned char hash[SHA256_BYTES];
    bool goes_on = same_payment(&trail->last, here);
    int64_t expected = goes_on ? trail->last.seq + 1 : 1;
    if (trail->counts.events > 0 && compare_heads(here, &trail->last) <= 0) {
        tell_event(trail, AUDIT_EVENT_ORDER, event->payment_no, event->seq);
    } else if (event->seq != expected) {
        tell_event(trail, AUDIT_EVENT_GAP, event->payment_no, event->seq);
    }
    TRY(audit_event_hash(event, goes_on ? trail->last.hash : NULL, hash));
    if (memcmp(hash, event->hash, SHA256_BYTES) != 0) {
        tell_event(trail, AUDIT_EVENT_HASH, event->payment_no, event->seq);
    }
    return ERR_OK;
}

enum err
audit_trail_event(struct audit_trail *trail, const struct audit_event *event)
{
    struct audit_head here = { .slot = event->slot, .seq = event->seq };
    if (event->payment_no.len > AUDIT_PAYMENT_NO_MAX) {
        return ERR_FIELD_LENGTH;
    }
    memcpy(here.payment_no, event->payment_no.at, event->payment_no.len);
    memcpy(here.hash, event->hash, SHA256_BYTES);
    TRY(judge_event(trail, event, &here));
    if (!same_payment(&trail->last, &here)) {
        trail->counts.unsealed += trail->tail;
        trail->tail = 0;
    }
    trail->tail++;
    pass_heads(trail, &here);
    meet_heads(trail, &here);
    trail->last = here;
    trail->counts.events++;
    return ERR_OK;
}

enum err
audit_trail_end(struct audit_trail *trail, int64_t checkpoints, int64_t events,
                struct audit_counts *out)
{
    trail->counts.unsealed += trail->tail;
    trail->tail = 0;
    pass_heads(trail, NULL);
    if (checkpoints != trail->counts.checkpoints || events != trail->counts.events) {
        tell(trail, AUDIT_FILE_CUT, (struct audit_place){ .checkpoint = 0 });
    }
    for (size_t i = 0; i < trail->seen_count; i++) {
        if (!trail->seen[i].found) {
            tell_checkpoint(trail, AUDIT_CHECKPOINT_UNSEEN, trail->seen[i].number);
        }
    }
    *out = trail->counts;
    return ERR_OK;
}
