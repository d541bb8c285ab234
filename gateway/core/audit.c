/* SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

#include <string.h>

#define EVENT_TEXT_MAX ((size_t)4096)

static enum err
put_cell(struct buf *out, struct span value)
{
    TRY(buf_append(out, value));
    return buf_byte(out, '|');
}

static enum err
put_number(struct buf *out, int64_t value)
{
    TRY(buf_i64(out, value));
    return buf_byte(out, '|');
}

static enum err
put_event(const struct audit_event *event, struct buf *out)
{
    const struct span cells[] = { event->attempt_no, event->refund_no,       event->machine,
                                  event->from_state, event->event,           event->to_state,
                                  event->effect,     event->evidence_digest, event->actor };
    TRY(put_number(out, event->slot == AUDIT_SLOT_DIFFERENCES ? 0 : event->slot));
    TRY(put_cell(out, event->payment_no));
    TRY(put_number(out, event->seq));
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        TRY(put_cell(out, cells[i]));
    }
    return buf_i64(out, event->at_us);
}

enum err
audit_event_hash(const struct audit_event *event, const unsigned char *previous,
                 unsigned char out[SHA256_BYTES])
{
    DEFER(buf_fini) struct buf text = BUF_MAX(EVENT_TEXT_MAX);
    if (previous != NULL) {
        TRY(buf_append(&text, span_make(previous, SHA256_BYTES)));
    }
    TRY(put_event(event, &text));
    return crypto_sha256(buf_span(&text), out);
}

enum err
audit_checkpoint_text(const struct audit_checkpoint *checkpoint, struct buf *out)
{
    TRY(buf_append(out, SPAN_LIT("tallygate checkpoint|")));
    TRY(put_number(out, checkpoint->number));
    TRY(crypto_hex_encode(span_make(checkpoint->previous, SHA256_BYTES), out));
    TRY(buf_byte(out, '|'));
    TRY(put_number(out, checkpoint->sealed_at_us));
    return crypto_hex_encode(span_make(checkpoint->heads_digest, SHA256_BYTES), out);
}

enum err
audit_head_encode(const struct audit_head *head, struct buf *out)
{
    TRY(buf_i64(out, head->slot));
    TRY(buf_byte(out, ' '));
    TRY(buf_append(out, span_of(head->payment_no)));
    TRY(buf_byte(out, ' '));
    TRY(buf_i64(out, head->seq));
    TRY(buf_byte(out, ' '));
    TRY(crypto_hex_encode(span_make(head->hash, SHA256_BYTES), out));
    return buf_byte(out, '\n');
}

enum err
audit_head_decode(struct span line, struct audit_head *out)
{
    struct span cells[3];
    struct audit_head head = { .slot = 0 };
    int64_t slot;
    for (size_t i = 0; i < 3; i++) {
        if (!span_cut(&line, ' ', &cells[i])) {
            return ERR_FIELD_VALUE;
        }
    }
    DEFER(buf_fini) struct buf hash = BUF_MAX(SHA256_BYTES);
    TRY(span_to_i64(cells[0], 0, AUDIT_SLOT_DIFFERENCES, &slot));
    TRY(span_to_i64(cells[2], 1, INT64_MAX, &head.seq));
    TRY(crypto_hex_decode(line, &hash));
    if (hash.len != SHA256_BYTES || cells[1].len == 0 || cells[1].len > AUDIT_PAYMENT_NO_MAX) {
        return ERR_FIELD_VALUE;
    }
    head.slot = (int)slot;
    memcpy(head.payment_no, cells[1].at, cells[1].len);
    memcpy(head.hash, hash.at, SHA256_BYTES);
    *out = head;
    return ERR_OK;
}

enum crypto_scheme
audit_scheme(const struct crypto_public_key *key)
{
    static const enum crypto_scheme schemes[] = { CRYPTO_ED25519, CRYPTO_SM2_SM3 };
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (crypto_public_key_fits(key, schemes[i])) {
            return schemes[i];
        }
    }
    return CRYPTO_SCHEME_NONE;
}
