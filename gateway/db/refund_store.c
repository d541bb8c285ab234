/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_store.h"

struct text_column {
    const char *column;
    struct span *to;
};

static enum err
take_texts(const struct db_rows *rows, size_t row, struct arena *arena, struct refund *r)
{
    const struct text_column columns[] = {
        { "refund_no", &r->refund_no },
        { "payment_no", &r->payment_no },
        { "attempt_no", &r->attempt_no },
        { "owner", &r->owner },
        { "cause", &r->cause },
        { "reason", &r->reason },
        { "requested_by", &r->requested_by },
        { "approved_by", &r->approved_by },
        { "rejected_by", &r->rejected_by },
        { "withdrawn_by", &r->withdrawn_by },
        { "withdrawn_reason", &r->withdrawn_reason },
        { "provider_code", &r->provider_code },
        { "provider", &r->provider },
        { "account", &r->account },
        { "application", &r->application },
        { "merchant", &r->merchant },
        { "method", &r->method },
        { "provider_trade_no", &r->provider_trade_no },
    };
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        TRY(arena_copy(arena, db_row_text(rows, row, columns[i].column), columns[i].to));
    }
    return ERR_OK;
}

enum err
refund_row(const struct db_rows *rows, size_t row, struct arena *arena, struct refund *out)
{
    struct refund r = {
        .slot = (int)db_row_i64(rows, row, "slot"),
        .succeeded_at = db_row_time(rows, row, "succeeded_at"),
        .first_sent_at = db_row_time(rows, row, "first_sent_at"),
        .last_sent_at = db_row_time(rows, row, "last_sent_at"),
        .send_count = db_row_i64(rows, row, "send_count"),
        .version = db_row_i64(rows, row, "version"),
        .last_answer_at = db_row_time(rows, row, "last_answer_at"),
        .poll_count = db_row_i64(rows, row, "poll_count"),
        .created_at = db_row_time(rows, row, "created_at"),
        .decided_at = db_row_time(rows, row, "decided_at"),
    };
    enum currency currency;
    TRY(take_texts(rows, row, arena, &r));
    TRY(currency_decode(db_row_text(rows, row, "currency"), &currency));
    TRY(money_make(db_row_i64(rows, row, "amount_fen"), currency, &r.amount));
    TRY(money_make(db_row_i64(rows, row, "total_fen"), currency, &r.total));
    if (refund_state_decode(db_row_text(rows, row, "state"), &r.state) != ERR_OK) {
        return ERR_DB_ROWS;
    }
    *out = r;
    return ERR_OK;
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

/* digest, source, raw, signer, provider_status, provider_trade_no, refunded_fen, stated_at, observed_at. */
static void
evidence_params(struct db_params *params, const struct evidence *evidence)
{
    const struct evidence_claim *claim = evidence_claim(evidence);
    db_bytes(params, evidence_digest(evidence));
    db_cstr(params, evidence_source_code(claim->source));
    db_bytes(params, claim->raw);
    db_text(params, claim->signer);
    db_text(params, claim->provider_status);
    db_text(params, claim->provider_trade_no);
    amount_or_null(params, claim->refunded);
    db_time(params, claim->stated_at);
    db_time(params, evidence_observed_at(evidence));
}

#define EVIDENCE_PARAMS 9

void
refund_apply_params(struct db_params *params, const struct refund_change *change)
{
    db_i64(params, change->slot);
    db_text(params, change->refund_no);
    db_cstr(params, refund_event_code(change->event));
    db_text_or_null(params, change->actor);
    if (change->version == REFUND_ANY_VERSION) {
        db_null(params);
    } else {
        db_i64(params, change->version);
    }
    if (change->evidence != NULL) {
        evidence_params(params, change->evidence);
    }
    for (int i = 0; change->evidence == NULL && i < EVIDENCE_PARAMS; i++) {
        db_null(params);
    }
    db_cstr(params, change->mismatch);
    db_text_or_null(params, change->provider_code);
    db_time(params, change->next_poll_at);
    db_time(params, change->now);
    db_text_or_null(params, change->reason);
    db_day(params, change->evidence == NULL ? (struct day){ .year = 0 }
                                            : evidence_claim(change->evidence)->bill_day);
}

static const struct {
    const char *code;
    enum refund_outcome outcome;
    enum err err;
} outcomes[] = {
    { "applied", REFUND_APPLIED, ERR_OK },
    { "repeated", REFUND_REPEATED, ERR_OK },
    { "refused", REFUND_REFUSED, ERR_EDGE },
    { "refund_unknown", REFUND_OUTCOME_UNKNOWN, ERR_REFUND_UNKNOWN },
    { "same_person", REFUND_SAME_PERSON, ERR_REFUND_SAME_PERSON },
    { "lost_race", REFUND_LOST_RACE, ERR_LOST_RACE },
};
#define OUTCOMES (sizeof(outcomes) / sizeof(outcomes[0]))

enum err
refund_outcome_err(enum refund_outcome outcome)
{
    for (size_t i = 0; i < OUTCOMES; i++) {
        if (outcomes[i].outcome == outcome) {
            return outcomes[i].err;
        }
    }
    return ERR_DB_ROWS;
}

enum err
refund_apply_row(const struct db_rows *rows, struct refund_change_result *out)
{
    struct refund_change_result result = { .outcome = REFUND_OUTCOME_NONE };
    struct span code = db_row_text(rows, 0, "outcome");
    for (size_t i = 0; i < OUTCOMES; i++) {
        if (span_eq_cstr(code, outcomes[i].code)) {
            result.outcome = outcomes[i].outcome;
        }
    }
    if (result.outcome == REFUND_OUTCOME_NONE) {
        return ERR_DB_ROWS;
    }
    if (result.outcome != REFUND_OUTCOME_UNKNOWN) {
        TRY(refund_state_decode(db_row_text(rows, 0, "from_state"), &result.from));
        TRY(refund_state_decode(db_row_text(rows, 0, "state"), &result.state));
    }
    if (result.outcome == REFUND_APPLIED) {
        TRY(attempt_effect_decode(db_row_text(rows, 0, "effect"), &result.effect));
    }
    *out = result;
    return ERR_OK;
}

void
refund_notice_params(struct db_params *params, int slot, const struct evidence *evidence,
                     const char *mismatch)
{
    db_i64(params, slot);
    db_text(params, evidence_claim(evidence)->refund_no);
    evidence_params(params, evidence);
    db_cstr(params, mismatch);
}
