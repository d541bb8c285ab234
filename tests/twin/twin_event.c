/* SPDX-License-Identifier: Apache-2.0 */
/* Events and the evidence behind them. */
#include <assert.h>

#include "crypto.h"
#include "twin_internal.h"

#define LINE_MAX ((size_t)1024)

/* The function event_hash of sql/migrations: the text of the event behind the hash of the one before it. */
static enum err
line_of(const struct twin_row *payment, int64_t seq, const struct twin_event *event,
        struct buf *out)
{
    TRY(buf_append(out, OF(payment, payment, chain).bytes));
    TRY(buf_printf(
        out, "%lld|%.*s|%lld|%.*s|%.*s|%s|", (long long)OF(payment, payment, slot).number,
        SPAN_ARG(OF(payment, payment, payment_no).bytes), (long long)seq,
        SPAN_ARG(event->attempt_no.bytes), SPAN_ARG(event->refund_no.bytes), event->machine));
    TRY(buf_printf(out, "%.*s|%.*s|%s|%s|", SPAN_ARG(event->from_state.bytes),
                   SPAN_ARG(event->event.bytes), event->to_state, event->effect));
    TRY(crypto_hex_encode(event->digest.bytes, out));
    return buf_printf(out, "|%.*s|%lld", SPAN_ARG(event->actor.bytes), (long long)event->at.number);
}

static void
hash_event(const struct twin_row *payment, int64_t seq, const struct twin_event *event,
           unsigned char hash[SHA256_BYTES])
{
    DEFER(buf_fini) struct buf line = BUF_MAX(LINE_MAX);
    enum err err = line_of(payment, seq, event, &line);
    assert(err == ERR_OK);
    err = crypto_sha256(buf_span(&line), hash);
    assert(err == ERR_OK);
    (void)err;
}

int64_t
twin_event_add(struct twin *twin, struct twin_row *payment, const struct twin_event *event)
{
    unsigned char hash[SHA256_BYTES];
    int64_t seq = OF(payment, payment, version).number + 1;
    hash_event(payment, seq, event, hash);
    struct twin_value link = twin_bytes(hash, sizeof(hash));
    twin_set(twin, payment, TWIN_COLUMN_payment_version, twin_i64(seq));
    twin_set(twin, payment, TWIN_COLUMN_payment_chain, link);
    (void)TWIN_INSERT(
        twin, event, IS(event, slot, OF(payment, payment, slot)),
        IS(event, payment_no, OF(payment, payment, payment_no)), IS(event, seq, twin_i64(seq)),
        IS(event, attempt_no, event->attempt_no), IS(event, machine, twin_text(event->machine)),
        IS(event, from_state, event->from_state), IS(event, event, event->event),
        IS(event, to_state, twin_text(event->to_state)),
        IS(event, effect, twin_text(event->effect)), IS(event, evidence_digest, event->digest),
        IS(event, at, event->at), IS(event, refund_no, event->refund_no),
        IS(event, actor, event->actor), IS(event, hash, link));
    return seq;
}

static struct twin_row *
evidence_of(struct twin *twin, const struct twin_row *event)
{
    return TWIN_FIND(twin, evidence, IS(evidence, slot, OF(event, event, slot)),
                     IS(evidence, attempt_no, OF(event, event, attempt_no)),
                     IS(evidence, digest, OF(event, event, evidence_digest)));
}

static bool
is_paying(const struct twin_row *event)
{
    return twin_is(OF(event, event, event), "paid") && twin_is(OF(event, event, effect), "move");
}

/* The paying statement first, then the newest. */
static bool
speaks_more(const struct twin_row *event, const struct twin_row *than)
{
    if (than == NULL || is_paying(event) != is_paying(than)) {
        return than == NULL || is_paying(event);
    }
    return OF(event, event, seq).number > OF(than, event, seq).number;
}

static void
put(const struct twin_row *event, const struct twin_row *evidence, struct db_rows *rows)
{
    twin_rows_begin(rows);
    twin_rows_put(rows, "digest", OF(evidence, evidence, digest));
    twin_rows_put(rows, "source", OF(evidence, evidence, source));
    twin_rows_put(rows, "paid_at", OF(evidence, evidence, paid_at));
    twin_rows_put(rows, "stated_at", OF(evidence, evidence, stated_at));
    twin_rows_put(rows, "observed_at", OF(evidence, evidence, observed_at));
    twin_rows_put(rows, "provider_status", OF(evidence, evidence, provider_status));
    twin_rows_put(rows, "attempt_no", OF(event, event, attempt_no));
    twin_rows_put(rows, "to_state", OF(event, event, to_state));
}

void
twin_run_evidence_latest(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value payment_no = twin_arg(args, TWIN_TEXT);
    const struct twin_row *best = NULL;
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_event, &at)) != NULL;) {
        if (twin_eq(OF(row, event, slot), slot) && twin_eq(OF(row, event, payment_no), payment_no)
            && !twin_is(OF(row, event, event), "mismatch") && evidence_of(twin, row) != NULL
            && speaks_more(row, best)) {
            best = row;
        }
    }
    if (best != NULL) {
        put(best, evidence_of(twin, best), rows);
    }
}
