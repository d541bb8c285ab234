/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints of the audit trail. */
#include "audit.h"
#include "twin_internal.h"

static const unsigned char zeros[SHA256_BYTES];

static const struct twin_row *
last_checkpoint(struct twin *twin)
{
    const struct twin_row *last = NULL;
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_audit_checkpoint, &at)) != NULL;) {
        if (last == NULL
            || OF(row, audit_checkpoint, number).number
                   > OF(last, audit_checkpoint, number).number) {
            last = row;
        }
    }
    return last;
}

static bool
is_before(const struct twin_row *a, const struct twin_row *b)
{
    int64_t apart = OF(a, payment, slot).number - OF(b, payment, slot).number;
    return apart != 0
               ? apart < 0
               : span_cmp(OF(a, payment, payment_no).bytes, OF(b, payment, payment_no).bytes) < 0;
}

/* The first behind `after` whose chain no checkpoint names to its end; NULL: the very first. */
static const struct twin_row *
next_unsealed(struct twin *twin, const struct twin_row *after)
{
    const struct twin_row *best = NULL;
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_payment, &at)) != NULL;) {
        bool waits = OF(row, payment, sealed_version).number < OF(row, payment, version).number;
        if (waits && (after == NULL || is_before(after, row))
            && (best == NULL || is_before(row, best))) {
            best = row;
        }
    }
    return best;
}

void
twin_run_audit_heads(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value not_newer = twin_arg(args, TWIN_TIME);
    int64_t most = twin_arg(args, TWIN_I64).number;
    const struct twin_row *last = last_checkpoint(twin);
    const struct twin_row *row = NULL;
    int64_t number = last == NULL ? 1 : OF(last, audit_checkpoint, number).number + 1;
    struct twin_value previous =
        last == NULL ? twin_bytes(zeros, sizeof(zeros)) : OF(last, audit_checkpoint, hash);
    if (last != NULL && OF(last, audit_checkpoint, sealed_at).number > not_newer.number
        && OF(last, audit_checkpoint, head_count).number != most) {
        return;
    }
    while (most-- > 0 && (row = next_unsealed(twin, row)) != NULL) {
        twin_rows_begin(rows);
        twin_rows_put(rows, "number", twin_i64(number));
        twin_rows_put(rows, "previous", previous);
        twin_rows_put(rows, "slot", OF(row, payment, slot));
        twin_rows_put(rows, "payment_no", OF(row, payment, payment_no));
        twin_rows_put(rows, "version", OF(row, payment, version));
        twin_rows_put(rows, "chain", OF(row, payment, chain));
    }
}

/* Marks the payments that the lines name, unless they are sealed further. */
static int64_t
mark(struct twin *twin, struct twin_args *args, struct span lines)
{
    int64_t marked = 0;
    while (lines.len > 0) {
        struct span line;
        struct span slot;
        struct span number;
        struct span seq;
        int64_t slot_number = 0;
        int64_t seq_number = 0;
        (void)span_cut(&lines, '\n', &line);
        if (!span_cut(&line, ' ', &slot) || !span_cut(&line, ' ', &number)
            || !span_cut(&line, ' ', &seq)
            || span_to_i64(slot, 0, INT32_MAX, &slot_number) != ERR_OK
            || span_to_i64(seq, INT64_MIN, INT64_MAX, &seq_number) != ERR_OK) {
            args->err = ERR_DB_STATEMENT;
            return 0;
        }
        struct twin_row *row = TWIN_FIND(twin, payment, IS(payment, slot, twin_i64(slot_number)),
                                         IS(payment, payment_no, twin_span(number)));
        if (row != NULL && OF(row, payment, sealed_version).number < seq_number) {
            twin_set(twin, row, TWIN_COLUMN_payment_sealed_version, twin_i64(seq_number));
            marked++;
        }
    }
    return marked;
}

static bool
may_follow(struct twin *twin, struct twin_value number, struct twin_value previous,
           struct twin_value hash)
{
    bool taken = TWIN_FIND(twin, audit_checkpoint, IS(audit_checkpoint, number, number)) != NULL
                 || TWIN_FIND(twin, audit_checkpoint, IS(audit_checkpoint, hash, hash)) != NULL;
    bool follows = number.number == 1
                   || TWIN_FIND(twin, audit_checkpoint,
                                IS(audit_checkpoint, number, twin_i64(number.number - 1)),
                                IS(audit_checkpoint, hash, previous))
                          != NULL;
    return follows && !taken;
}

void
twin_run_audit_seal(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value number = twin_arg(args, TWIN_I64);
    struct twin_value previous = twin_arg(args, TWIN_BYTES);
    struct twin_value heads = twin_arg(args, TWIN_TEXT);
    struct twin_value head_count = twin_arg(args, TWIN_I64);
    struct twin_value sealed_at = twin_arg(args, TWIN_TIME);
    struct twin_value hash = twin_arg(args, TWIN_BYTES);
    struct twin_value key_id = twin_arg(args, TWIN_TEXT);
    struct twin_value signature = twin_arg(args, TWIN_BYTES);
    bool made = may_follow(twin, number, previous, hash);
    if (made && twin->flaw != TWIN_FLAW_UNSEALED) {
        (void)TWIN_INSERT(
            twin, audit_checkpoint, IS(audit_checkpoint, number, number),
            IS(audit_checkpoint, previous, previous), IS(audit_checkpoint, heads, heads),
            IS(audit_checkpoint, head_count, head_count),
            IS(audit_checkpoint, sealed_at, sealed_at), IS(audit_checkpoint, hash, hash),
            IS(audit_checkpoint, key_id, key_id), IS(audit_checkpoint, signature, signature));
    }
    int64_t marked = made ? mark(twin, args, heads.bytes) : 0;
    twin_rows_begin(rows);
    twin_rows_put(rows, "made", twin_bool(made));
    twin_rows_put(rows, "marked", twin_i64(marked));
}
