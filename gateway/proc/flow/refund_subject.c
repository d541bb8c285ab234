/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_subject.h"

#include "buf.h"
#include "crypto.h"

#define TEXT_MAX_BYTES 160

enum err
refund_request_key(struct span idempotency_key, struct span request_hash, struct arena *arena,
                   struct span *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX_BYTES);
    TRY(buf_append(&text, idempotency_key));
    TRY(buf_byte(&text, ' '));
    TRY(crypto_hex_encode(request_hash, &text));
    return arena_copy(arena, buf_span(&text), out);
}

enum err
refund_subject_write(const struct refund_subject *subject, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX_BYTES);
    TRY(buf_append(&text, subject->refund_no));
    TRY(buf_byte(&text, ' '));
    TRY(buf_append(&text, subject->client));
    return arena_copy(arena, buf_span(&text), out);
}

enum err
refund_subject_read(struct span text, struct refund_subject *out)
{
    struct span rest = text;
    struct span refund_no;
    if (!span_cut(&rest, ' ', &refund_no) || span_empty(refund_no) || span_empty(rest)) {
        return ERR_FIELD_VALUE;
    }
    *out = (struct refund_subject){ .refund_no = refund_no, .client = rest };
    return ERR_OK;
}

enum refund_event
refund_event_of_route(struct span route)
{
    static const struct {
        const char *route;
        enum refund_event event;
    } rows[] = {
        { "refund_confirm", REFUND_CONFIRM },
        { "refund_approve", REFUND_APPROVE },
        { "refund_reject", REFUND_REJECT },
        { "refund_withdraw", REFUND_WITHDRAW },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (span_eq_cstr(route, rows[i].route)) {
            return rows[i].event;
        }
    }
    return REFUND_EVENT_NONE;
}

struct span
refund_decided_by(const struct refund *refund, enum refund_event event)
{
    bool stands = event == REFUND_APPROVE   ? refund->state != REFUND_WITHDRAWN
                  : event == REFUND_CONFIRM ? refund->state == REFUND_REQUESTED
                                            : event != REFUND_EVENT_NONE;
    struct span by = event == REFUND_APPROVE    ? refund->approved_by
                     : event == REFUND_REJECT   ? refund->rejected_by
                     : event == REFUND_WITHDRAW ? refund->withdrawn_by
                                                : refund->requested_by;
    return stands ? by : SPAN_LIT("");
}
