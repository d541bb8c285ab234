/* SPDX-License-Identifier: Apache-2.0 */
/* Idempotency keys. */
#include "twin_internal.h"

static struct twin_row *
key_of(struct twin *twin, struct twin_args *args, struct twin_key key[3])
{
    key[0] = (struct twin_key)IS(idempotency, slot, twin_arg(args, TWIN_I64));
    key[1] = (struct twin_key)IS(idempotency, owner, twin_arg(args, TWIN_TEXT));
    key[2] = (struct twin_key)IS(idempotency, key, twin_arg(args, TWIN_TEXT));
    return twin_find(twin, TWIN_idempotency, key, 3);
}

struct key_wish {
    struct twin_key key[3];
    struct twin_value hash;
    struct twin_value now;
    struct twin_value lease_until;
    struct twin_value expires_at;
    struct twin_value route;
    struct twin_value subject;
    struct twin_value content_hash;
};

static void
take_key(struct twin *twin, const struct key_wish *wish, struct twin_row *row)
{
    if (row == NULL) {
        row = twin_insert(twin, TWIN_idempotency, wish->key, 3);
    }
    twin_set(twin, row, TWIN_COLUMN_idempotency_request_hash, wish->hash);
    twin_set(twin, row, TWIN_COLUMN_idempotency_state, twin_text("in_progress"));
    twin_set(twin, row, TWIN_COLUMN_idempotency_lease_until, wish->lease_until);
    twin_set(twin, row, TWIN_COLUMN_idempotency_created_at, wish->now);
    twin_set(twin, row, TWIN_COLUMN_idempotency_expires_at, wish->expires_at);
    twin_set(twin, row, TWIN_COLUMN_idempotency_route, wish->route);
    twin_set(twin, row, TWIN_COLUMN_idempotency_subject, wish->subject);
    twin_set(twin, row, TWIN_COLUMN_idempotency_content_hash, wish->content_hash);
    twin_set(twin, row, TWIN_COLUMN_idempotency_status, twin_text(NULL));
    twin_set(twin, row, TWIN_COLUMN_idempotency_body, twin_text(NULL));
}

static bool
is_free(const struct twin_row *row, const struct key_wish *wish)
{
    return row == NULL || OF(row, idempotency, expires_at).number <= wish->now.number
           || (twin_is(OF(row, idempotency, state), "in_progress")
               && OF(row, idempotency, lease_until).number <= wish->now.number
               && twin_eq(OF(row, idempotency, request_hash), wish->hash));
}

void
twin_run_idempotency_claim(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct key_wish wish;
    struct twin_row *row = key_of(twin, args, wish.key);
    wish.hash = twin_arg(args, TWIN_BYTES);
    wish.now = twin_arg(args, TWIN_TIME);
    wish.lease_until = twin_arg(args, TWIN_TIME);
    wish.expires_at = twin_arg(args, TWIN_TIME);
    wish.route = twin_arg(args, TWIN_TEXT);
    wish.subject = twin_arg(args, TWIN_TEXT);
    wish.content_hash = twin_arg(args, TWIN_BYTES);
    struct twin_value outcome = twin_text("claimed");
    struct twin_value status = twin_text(NULL);
    struct twin_value body = twin_text(NULL);
    if (is_free(row, &wish)) {
        take_key(twin, &wish, row);
    } else {
        bool other = !twin_eq(OF(row, idempotency, request_hash), wish.hash);
        outcome = other ? twin_text("other_request") : OF(row, idempotency, state);
        status = OF(row, idempotency, status);
        body = OF(row, idempotency, body);
    }
    twin_rows_begin(rows);
    twin_rows_put(rows, "outcome", outcome);
    twin_rows_put(rows, "status", status);
    twin_rows_put(rows, "body", body);
}

/* Whose lease it still is. */
static bool
is_held(const struct twin_row *row, struct twin_value lease)
{
    return row != NULL && twin_is(OF(row, idempotency, state), "in_progress")
           && twin_eq(OF(row, idempotency, lease_until), lease);
}

void
twin_run_idempotency_complete(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_key key[3];
    struct twin_row *row = key_of(twin, args, key);
    struct twin_value lease = twin_arg(args, TWIN_TIME);
    struct twin_value status = twin_arg(args, TWIN_I64);
    struct twin_value body = twin_arg(args, TWIN_TEXT);
    if (is_held(row, lease)) {
        twin_set(twin, row, TWIN_COLUMN_idempotency_state, twin_text("done"));
        twin_set(twin, row, TWIN_COLUMN_idempotency_status, status);
        twin_set(twin, row, TWIN_COLUMN_idempotency_body, body);
        rows->affected = 1;
    }
}

void
twin_run_idempotency_release(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_key key[3];
    struct twin_row *row = key_of(twin, args, key);
    if (is_held(row, twin_arg(args, TWIN_TIME))) {
        twin_delete(twin, row);
        rows->affected = 1;
    }
}

void
twin_run_idempotency_purge(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value now = twin_arg(args, TWIN_TIME);
    struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_idempotency, &at)) != NULL;) {
        if (OF(row, idempotency, expires_at).number <= now.number) {
            twin_delete(twin, row);
            rows->affected++;
        }
    }
}

static struct twin_row *
next_abandoned(struct twin *twin, struct twin_value now)
{
    struct twin_row *best = NULL;
    struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_idempotency, &at)) != NULL;) {
        int64_t lease = OF(row, idempotency, lease_until).number;
        if (twin_is(OF(row, idempotency, state), "in_progress") && lease <= now.number
            && OF(row, idempotency, expires_at).number > now.number
            && !twin_is(OF(row, idempotency, route), "")
            && (best == NULL || lease < OF(best, idempotency, lease_until).number)) {
            best = row;
        }
    }
    return best;
}

void
twin_run_idempotency_abandoned(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value now = twin_arg(args, TWIN_TIME);
    struct twin_value until = twin_arg(args, TWIN_TIME);
    int64_t most = twin_arg(args, TWIN_I64).number;
    struct twin_row *row;
    while (most-- > 0 && until.number > now.number && (row = next_abandoned(twin, now)) != NULL) {
        twin_set(twin, row, TWIN_COLUMN_idempotency_lease_until, until);
        twin_rows_begin(rows);
        twin_rows_put_row(rows, row);
    }
}
