/* SPDX-License-Identifier: Apache-2.0 */
#include "payment_store.h"

#include "json.h"

struct text_column {
    const char *column;
    struct span *to;
};

static enum err
take_texts(const struct db_rows *rows, size_t row, struct arena *arena,
           const struct text_column *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TRY(arena_copy(arena, db_row_text(rows, row, columns[i].column), columns[i].to));
    }
    return ERR_OK;
}

static enum err
take_money(const struct db_rows *rows, size_t row, struct money *out)
{
    enum currency currency;
    TRY(currency_decode(db_row_text(rows, row, "currency"), &currency));
    return money_make(db_row_i64(rows, row, "amount_fen"), currency, out);
}

enum err
payment_row(const struct db_rows *rows, size_t row, struct arena *arena, struct payment *out)
{
    struct payment p = {
        .slot = (int)db_row_i64(rows, row, "slot"),
        .duplicate = db_row_bool(rows, row, "duplicate"),
        .late = db_row_bool(rows, row, "late"),
        .mismatch = db_row_bool(rows, row, "mismatch"),
        .attempt_count = db_row_i64(rows, row, "attempt_count"),
        .created_at = db_row_time(rows, row, "created_at"),
        .expires_at = db_row_time(rows, row, "expires_at"),
        .close_asked_at = db_row_time(rows, row, "close_asked_at"),
        .quantity = db_row_i64(rows, row, "quantity"),
    };
    const struct text_column texts[] = {
        { "payment_no", &p.payment_no }, { "owner", &p.owner },
        { "order_no", &p.order_no },     { "state", &p.state },
        { "return_url", &p.return_url }, { "checkout_token", &p.checkout_token },
    };
    TRY(take_texts(rows, row, arena, texts, sizeof(texts) / sizeof(texts[0])));
    TRY(take_money(rows, row, &p.amount));
    if (order_kind_decode(db_row_text(rows, row, "kind"), &p.kind) != ERR_OK
        || order_status_decode(db_row_text(rows, row, "order_status"), &p.order_status) != ERR_OK) {
        return ERR_DB_ROWS;
    }
    *out = p;
    return ERR_OK;
}

enum err
attempt_row(const struct db_rows *rows, size_t row, struct arena *arena, struct attempt *out)
{
    struct attempt a = {
        .slot = (int)db_row_i64(rows, row, "slot"),
        .paid_at = db_row_time(rows, row, "paid_at"),
        .expires_at = db_row_time(rows, row, "expires_at"),
        .last_answer_at = db_row_time(rows, row, "last_answer_at"),
        .query_lease_until = db_row_time(rows, row, "query_lease_until"),
        .query_count = db_row_i64(rows, row, "query_count"),
        .next_poll_at = db_row_time(rows, row, "next_poll_at"),
        .poll_count = db_row_i64(rows, row, "poll_count"),
        .noticed = !span_empty(db_row_text(rows, row, "notice")),
        .created_at = db_row_time(rows, row, "created_at"),
        .refundable_fen = db_row_i64(rows, row, "refundable_fen"),
        .refund_reserved_fen = db_row_i64(rows, row, "refund_reserved_fen"),
        .refunded_fen = db_row_i64(rows, row, "refunded_fen"),
    };
    const struct text_column texts[] = {
        { "attempt_no", &a.attempt_no },   { "payment_no", &a.payment_no },
        { "provider", &a.provider },       { "account", &a.account },
        { "application", &a.application }, { "merchant", &a.merchant },
        { "method", &a.method },           { "provider_trade_no", &a.provider_trade_no },
        { "qr_text", &a.qr_text },         { "query_trouble", &a.query_trouble },
    };
    TRY(take_texts(rows, row, arena, texts, sizeof(texts) / sizeof(texts[0])));
    TRY(take_money(rows, row, &a.amount));
    if (attempt_state_decode(db_row_text(rows, row, "state"), &a.state) != ERR_OK) {
        return ERR_DB_ROWS;
    }
    *out = a;
    return ERR_OK;
}

struct judge_books
attempt_books(const struct attempt *attempt)
{
    return (struct judge_books){
        .provider = attempt->provider,
        .account = attempt->account,
        .application = attempt->application,
        .merchant = attempt->merchant,
        .merchant_order_no = attempt->attempt_no,
        .provider_trade_no = attempt->provider_trade_no,
        .amount = attempt->amount,
    };
}

static void
amount_or_null(struct db_params *params, struct money amount)
{
    if (amount.currency == CURRENCY_NONE) {
        db_null(params);
    } else {
        db_i64(params, amount.minor);
    }
}

static const struct evidence_claim no_claim;

void
payment_apply_params(struct db_params *params, const struct payment_change *change)
{
    const struct evidence *evidence = change->evidence;
    const struct evidence_claim *claim = evidence == NULL ? &no_claim : evidence_claim(evidence);
    db_i64(params, change->slot);
    db_text(params, change->attempt_no);
    db_cstr(params, attempt_event_code(change->event));
    if (evidence == NULL) {
        for (int i = 0; i < 13; i++) {
            db_null(params);
        }
    } else {
        db_bytes(params, evidence_digest(evidence));
        db_cstr(params, evidence_source_code(claim->source));
        db_bytes(params, claim->raw);
        db_text(params, claim->signer);
        db_text(params, claim->provider_status);
        db_text(params, claim->provider_trade_no);
        amount_or_null(params, claim->amount);
        db_time(params, claim->paid_at);
        db_day(params, claim->bill_day);
        db_text(params, claim->trace);
        db_time(params, claim->stated_at);
        db_time(params, evidence_observed_at(evidence));
        db_cstr(params, change->mismatch);
    }
    db_time(params, change->now);
}

static enum err
put_hex(struct json_t *row, const char *name, struct span bytes)
{
    DEFER(buf_fini) struct buf hex = BUF_MAX(bytes.len * 2);
    TRY(crypto_hex_encode(bytes, &hex));
    return json_put_string(row, name, buf_span(&hex));
}

static enum err
put_time(struct json_t *row, const char *name, struct wall_time at)
{
    if (at.us == 0) {
        return json_put_null(row, name);
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(64);
    TRY(wall_format_civil(at, 0, &text));
    TRY(buf_printf(&text, ".%06lldZ", (long long)(at.us % 1000000)));
    return json_put_string(row, name, buf_span(&text));
}

static enum err
put_day(struct json_t *row, const char *name, struct day day)
{
    if (day.year == 0) {
        return json_put_null(row, name);
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(32);
    TRY(day_format(day, &text));
    return json_put_string(row, name, buf_span(&text));
}

static enum err
put_evidence(struct json_t *row, const struct payment_change *change)
{
    const struct evidence_claim *claim = evidence_claim(change->evidence);
    TRY(put_hex(row, "digest", evidence_digest(change->evidence)));
    TRY(json_put_text(row, "source", evidence_source_code(claim->source)));
    TRY(put_hex(row, "raw", claim->raw));
    TRY(json_put_string(row, "signer", claim->signer));
    TRY(json_put_string(row, "provider_status", claim->provider_status));
    TRY(json_put_string(row, "provider_trade_no", claim->provider_trade_no));
    if (claim->amount.currency != CURRENCY_NONE) {
        TRY(json_put_i64(row, "amount_fen", claim->amount.minor));
    }
    TRY(put_time(row, "paid_at", claim->paid_at));
    TRY(put_day(row, "bill_day", claim->bill_day));
    TRY(json_put_string(row, "trace", claim->trace));
    TRY(put_time(row, "stated_at", claim->stated_at));
    TRY(put_time(row, "observed_at", evidence_observed_at(change->evidence)));
    return change->mismatch == NULL ? ERR_OK : json_put_text(row, "mismatch", change->mismatch);
}

static enum err
put_change(struct json_t *list, const struct payment_change *change, size_t n)
{
    struct json_t *row = NULL;
    TRY(json_new_object(&row));
    TRY(json_put(list, NULL, row));
    TRY(json_put_i64(row, "n", (int64_t)n));
    TRY(json_put_i64(row, "slot", change->slot));
    TRY(json_put_string(row, "attempt_no", change->attempt_no));
    TRY(json_put_text(row, "event", attempt_event_code(change->event)));
    TRY(put_time(row, "now", change->now));
    return change->evidence == NULL ? ERR_OK : put_evidence(row, change);
}

#define BATCH_JSON_MAX ((size_t)48 * 1024 * 1024)

static enum err
encode_changes(const struct payment_change *const *changes, size_t count, struct buf *out)
{
    DEFER(json_free) struct json_t *list = NULL;
    TRY(json_new_array(&list));
    for (size_t i = 0; i < count; i++) {
        TRY(put_change(list, changes[i], i + 1));
    }
    return json_encode(list, out);
}

void
payment_apply_many_params(struct db_params *params, const struct payment_change *const *changes,
                          size_t count)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(BATCH_JSON_MAX);
    enum err err = encode_changes(changes, count, &text);
    if (err != ERR_OK && params->err == ERR_OK) {
        params->err = err;
    }
    db_text(params, buf_span(&text));
}

static const struct {
    const char *code;
    enum payment_outcome outcome;
} outcomes[] = {
    { "applied", PAYMENT_APPLIED },     { "repeated", PAYMENT_REPEATED },
    { "refused", PAYMENT_REFUSED },     { "unknown_attempt", PAYMENT_UNKNOWN_ATTEMPT },
    { "lost_race", PAYMENT_LOST_RACE }, { "deferred", PAYMENT_DEFERRED },
};

enum err
payment_apply_row(const struct db_rows *rows, size_t row, struct payment_change_result *out)
{
    struct payment_change_result result = { 0 };
    struct span code = db_row_text(rows, row, "outcome");
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (span_eq_cstr(code, outcomes[i].code)) {
            result.outcome = outcomes[i].outcome;
        }
    }
    if (result.outcome == PAYMENT_OUTCOME_NONE) {
        return ERR_DB_ROWS;
    }
    if (result.outcome != PAYMENT_UNKNOWN_ATTEMPT) {
        TRY(attempt_state_decode(db_row_text(rows, row, "from_state"), &result.from));
        TRY(attempt_state_decode(db_row_text(rows, row, "state"), &result.state));
    }
    if (result.outcome == PAYMENT_APPLIED) {
        TRY(attempt_effect_decode(db_row_text(rows, row, "effect"), &result.effect));
    }
    result.payment_paid = span_eq_cstr(db_row_text(rows, row, "payment_state"), "paid");
    result.duplicate = db_row_bool(rows, row, "duplicate");
    result.late = db_row_bool(rows, row, "late");
    result.mismatch = db_row_bool(rows, row, "mismatch");
    *out = result;
    return ERR_OK;
}
