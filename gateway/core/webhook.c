/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook.h"

#include "number.h"

#define MESSAGE_FRONT  "msg_"
#define DELIVERY_FRONT "whd_"
#define ENDPOINT_FRONT "we_"
#define MS_PER_S       INT64_C(1000)
#define MINUTE_MS      INT64_C(60000)
#define HOUR_MS        INT64_C(3600000)
#define PERMILLE       1000

static const char *const kinds[WEBHOOK_KIND_COUNT] = {
    [WEBHOOK_KIND_NONE] = "",
#define KIND(name, code, text) [WEBHOOK_##name] = (text),
#include "webhook_kinds.def"
#undef KIND
};

const char *
webhook_kind_code(enum webhook_kind kind)
{
    return kinds[kind];
}

enum err
webhook_kind_decode(struct span text, enum webhook_kind *out)
{
    for (int kind = WEBHOOK_KIND_NONE + 1; kind < WEBHOOK_KIND_COUNT; kind++) {
        if (span_eq_cstr(text, kinds[kind])) {
            *out = (enum webhook_kind)kind;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

static enum err
put_key(const char *front, const struct webhook_key *key, struct buf *out)
{
    if (key->kind <= WEBHOOK_KIND_NONE || key->kind >= WEBHOOK_KIND_COUNT) {
        return ERR_FIELD_VALUE;
    }
    return buf_printf(out, "%s%.*s_%lld_%d", front, SPAN_ARG(key->payment_no), (long long)key->seq,
                      (int)key->kind);
}

enum err
webhook_message_id(const struct webhook_key *key, struct buf *out)
{
    return put_key(MESSAGE_FRONT, key, out);
}

enum err
webhook_delivery_id(const struct webhook_key *key, struct span endpoint_id, struct buf *out)
{
    struct span hex = span_sub(endpoint_id, sizeof(ENDPOINT_FRONT) - 1, endpoint_id.len);
    DEFER(buf_fini) struct buf text = BUF_MAX(WEBHOOK_ID_MAX);
    TRY(put_key(DELIVERY_FRONT, key, &text));
    TRY(buf_byte(&text, '_'));
    TRY(buf_append(&text, hex));
    return buf_append(out, buf_span(&text));
}

static bool
is_hex(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
            return false;
        }
    }
    return true;
}

static bool
is_recon(enum webhook_kind kind)
{
    return kind == WEBHOOK_RECON_COMPLETED || kind == WEBHOOK_RECON_BLOCKED
           || kind == WEBHOOK_DIFFERENCE_OPENED;
}

/* A payment's number has its slot in it. */
static enum err
read_subject(struct span number, int *slot)
{
    if (span_eq(number, SPAN_LIT(WEBHOOK_RECON))) {
        *slot = WEBHOOK_RECON_SLOT;
        return ERR_OK;
    }
    return number_payment_check(number, slot);
}

/* The payment number, the event and the kind; *rest is what follows a further "_". */
static enum err
read_key(struct span id, const char *front, struct webhook_key *key, int *slot, struct span *rest,
         bool *more)
{
    struct span number;
    struct span seq;
    struct span kind;
    uint64_t seq_value = 0;
    uint64_t kind_value = 0;
    struct webhook_key out = { .seq = 0 };
    struct span text = span_sub(id, span_of(front).len, id.len);
    if (!span_starts(id, span_of(front)) || !span_cut(&text, '_', &number)
        || read_subject(number, slot) != ERR_OK || !span_cut(&text, '_', &seq)
        || span_to_u64(seq, 1, INT64_MAX, &seq_value) != ERR_OK || seq.at[0] == '0') {
        return ERR_WEBHOOK_UNKNOWN;
    }
    *more = span_cut(&text, '_', &kind);
    if (span_to_u64(kind, 1, WEBHOOK_KIND_COUNT - 1, &kind_value) != ERR_OK || kind.at[0] == '0') {
        return ERR_WEBHOOK_UNKNOWN;
    }
    out.payment_no = number;
    out.seq = (int64_t)seq_value;
    out.kind = (enum webhook_kind)kind_value;
    if (is_recon(out.kind) != (*slot == WEBHOOK_RECON_SLOT)) {
        return ERR_WEBHOOK_UNKNOWN;
    }
    *key = out;
    *rest = text;
    return ERR_OK;
}

enum err
webhook_message_id_read(struct span id, struct webhook_key *key, int *slot)
{
    struct webhook_key read;
    struct span rest;
    bool more = false;
    TRY(read_key(id, MESSAGE_FRONT, &read, slot, &rest, &more));
    if (more) {
        return ERR_WEBHOOK_UNKNOWN;
    }
    *key = read;
    return ERR_OK;
}

enum err
webhook_delivery_id_read(struct span id, struct webhook_key *key, int *slot,
                         struct span *endpoint_hex)
{
    struct webhook_key read;
    struct span rest;
    bool more = false;
    TRY(read_key(id, DELIVERY_FRONT, &read, slot, &rest, &more));
    if (!more || rest.len != WEBHOOK_ENDPOINT_HEX || !is_hex(rest)) {
        return ERR_WEBHOOK_UNKNOWN;
    }
    *key = read;
    *endpoint_hex = rest;
    return ERR_OK;
}

bool
webhook_endpoint_id_valid(struct span id)
{
    struct span hex = span_sub(id, sizeof(ENDPOINT_FRONT) - 1, id.len);
    return span_starts(id, SPAN_LIT(ENDPOINT_FRONT)) && hex.len == WEBHOOK_ENDPOINT_HEX
           && is_hex(hex);
}

/* Standard Webhooks' own example, its last wait longer: with every wait cut short by the jitter they are
 * still more than 75 hours. */
static const int64_t waits_ms[] = {
    5 * MS_PER_S, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS,  5 * HOUR_MS,
    10 * HOUR_MS, 14 * HOUR_MS,  20 * HOUR_MS,   28 * HOUR_MS,
};
#define WAITS ((int64_t)(sizeof(waits_ms) / sizeof(waits_ms[0])))

int64_t
webhook_wait_ms(int64_t failed, int jitter_permille)
{
    if (failed < 1 || failed > WAITS) {
        return 0;
    }
    int64_t wait_ms = waits_ms[failed - 1];
    return wait_ms + wait_ms / PERMILLE * jitter_permille;
}

int64_t
webhook_retry_after_ms(struct span value, struct wall_time now)
{
    struct wall_time until;
    uint64_t seconds = 0;
    int64_t wait_ms = 0;
    if (span_is_digits(value)) {
        enum err err = span_to_u64(value, 0, WEBHOOK_RETRY_AFTER_MAX_MS / MS_PER_S, &seconds);
        wait_ms = err == ERR_OK ? (int64_t)seconds * MS_PER_S : WEBHOOK_RETRY_AFTER_MAX_MS;
    } else if (wall_parse_http(value, &until) == ERR_OK) {
        wait_ms = wall_ms_between(now, until);
    }
    return wait_ms < 0                            ? 0
           : wait_ms > WEBHOOK_RETRY_AFTER_MAX_MS ? WEBHOOK_RETRY_AFTER_MAX_MS
                                                  : wait_ms;
}
