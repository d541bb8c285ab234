/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook_store.h"

#include <stddef.h>

/* Texts that are taken over as they are. */
static const struct {
    const char *column;
    size_t offset;
} texts[] = {
    { "payment_no", offsetof(struct webhook_message, key.payment_no) },
    { "order_no", offsetof(struct webhook_message, order_no) },
    { "payment_state", offsetof(struct webhook_message, payment_state) },
    { "attempt_no", offsetof(struct webhook_message, attempt_no) },
    { "provider", offsetof(struct webhook_message, provider) },
    { "method", offsetof(struct webhook_message, method) },
    { "evidence_digest", offsetof(struct webhook_message, evidence_digest) },
    { "source", offsetof(struct webhook_message, source) },
    { "provider_status", offsetof(struct webhook_message, provider_status) },
    { "provider_trade_no", offsetof(struct webhook_message, provider_trade_no) },
    { "difference", offsetof(struct webhook_message, difference) },
    { "refund_no", offsetof(struct webhook_message, refund_no) },
    { "refund_cause", offsetof(struct webhook_message, refund_cause) },
    { "reconciliation", offsetof(struct webhook_message, reconciliation) },
};

static enum err
take_money(const struct db_rows *rows, size_t row, const char *column, struct money *out)
{
    enum currency currency;
    if (currency_decode(db_row_text(rows, row, "currency"), &currency) != ERR_OK) {
        return ERR_DB_ROWS;
    }
    return money_make(db_row_i64(rows, row, column), currency, out);
}

enum err
webhook_message_row(const struct db_rows *rows, size_t row, struct arena *arena,
                    struct webhook_message *out)
{
    struct webhook_message message = { .slot = (int)db_row_i64(rows, row, "slot") };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct span *into = (struct span *)(void *)((char *)&message + texts[i].offset);
        TRY(arena_copy(arena, db_row_text(rows, row, texts[i].column), into));
    }
    if (webhook_kind_decode(db_row_text(rows, row, "kind"), &message.key.kind) != ERR_OK) {
        return ERR_DB_ROWS;
    }
    if (span_empty(message.reconciliation)) {
        TRY(take_money(rows, row, "amount_fen", &message.amount));
    }
    if (!span_empty(message.refund_no)) {
        TRY(take_money(rows, row, "refund_fen", &message.refund_amount));
    }
    message.key.seq = db_row_i64(rows, row, "seq");
    message.place = db_row_i64(rows, row, "place");
    message.at = db_row_time(rows, row, "at");
    message.duplicate = db_row_bool(rows, row, "duplicate");
    message.late = db_row_bool(rows, row, "late");
    message.mismatch = db_row_bool(rows, row, "mismatch");
    message.paid_at = db_row_time(rows, row, "paid_at");
    message.provider_time = db_row_time(rows, row, "stated_at");
    *out = message;
    return ERR_OK;
}

enum err
webhook_delivery_row(const struct db_rows *rows, size_t row, struct arena *arena,
                     struct webhook_delivery *out)
{
    struct webhook_delivery delivery = {
        .attempts = db_row_i64(rows, row, "attempts"),
        .generation = db_row_i64(rows, row, "generation"),
        .previous_generation = db_row_i64(rows, row, "previous_generation"),
    };
    TRY(webhook_message_row(rows, row, arena, &delivery.message));
    TRY(arena_copy(arena, db_row_text(rows, row, "endpoint_id"), &delivery.endpoint_id));
    TRY(arena_copy(arena, db_row_text(rows, row, "url"), &delivery.url));
    *out = delivery;
    return ERR_OK;
}

void
webhook_key_params(struct db_params *params, int slot, const struct webhook_key *key,
                   struct span endpoint_id)
{
    db_i64(params, slot);
    db_text(params, key->payment_no);
    db_i64(params, key->seq);
    db_cstr(params, webhook_kind_code(key->kind));
    db_text(params, endpoint_id);
}

void
webhook_record_params(struct db_params *params, const struct webhook_delivery *delivery,
                      const struct webhook_result *result, struct wall_time now)
{
    static const char *const states[WEBHOOK_OUTCOME_COUNT] = {
        [WEBHOOK_FAILED] = "waiting",
        [WEBHOOK_DELIVERED] = "delivered",
        [WEBHOOK_DEAD] = "dead",
    };
    webhook_key_params(params, delivery->message.slot, &delivery->message.key,
                       delivery->endpoint_id);
    db_cstr(params, states[result->outcome]);
    db_time(params, result->next_at);
    if (result->status > 0) {
        db_i64(params, result->status);
    } else {
        db_null(params);
    }
    db_cstr(params, result->error);
    db_time(params, now);
    db_bool(params, result->gone);
}
