/* SPDX-License-Identifier: Apache-2.0 */
#include "classify.h"

/* What fees a line is judged by. */
struct terms {
    struct fee_contract contract;
    struct day day;
    int64_t whole_fen; /* of the payment that a refund gives back; 0: not known, or no refund */
};

/* A refund gives back the fee of its payment, by the contract of that day. */
static struct terms
terms_of(const struct match *match, const struct recon_line *line)
{
    const struct recon_input *in = match->in;
    struct terms terms = { .day = in->day };
    struct wall_time paid_at = { 0 };
    if (line->kind == BILL_LINE_REFUND) {
        terms.whole_fen = classify_refund_original(match, line, &paid_at);
    }
    if (paid_at.us != 0) {
        terms.day = day_of(paid_at, in->cutoff_east_min);
    }
    const struct fee_contract *found =
        fee_contract_find(in->fees, in->fee_count, line->card, terms.day);
    terms.contract = found != NULL ? *found : (struct fee_contract){ .rate_ppm = in->fee_rate_ppm };
    return terms;
}

/* A part of a capped fee; halving both sides keeps the ratio where the product has no room. */
static int64_t
share(int64_t fee, int64_t part, int64_t whole)
{
    int64_t product = 0;
    while (__builtin_mul_overflow(fee, part, &product)) {
        part /= 2;
        whole /= 2;
    }
    return product / whole + (product % whole >= whole - whole / 2 ? 1 : 0);
}

static int64_t
expected_fee(const struct fee_contract *contract, int64_t settled_fen, int64_t whole_fen)
{
    int64_t size = settled_fen < 0 ? -settled_fen : settled_fen;
    bool part = contract->cap_fen > 0 && whole_fen > 0 && size < whole_fen;
    return part ? share(fee_contract_fee(contract, whole_fen), size, whole_fen)
                : fee_contract_fee(contract, size);
}

/* The fee that is due by `contract`, as the bill signs it. */
static int64_t
due(const struct recon_line *line, const struct terms *terms, const struct fee_contract *contract)
{
    int64_t expected =
        expected_fee(contract, line->effective_fen + line->coupon_fen, terms->whole_fen);
    return line->kind == BILL_LINE_REFUND ? expected : -expected;
}

/* What the line's fee is more than `contract` has it, with the line's sign. */
static int64_t
off_by(const struct recon_line *line, const struct terms *terms,
       const struct fee_contract *contract)
{
    return line->fee_fen - due(line, terms, contract);
}

/* True when another kind of card's contract, or this one without its cap, has just this fee. */
static bool
is_other_card(const struct recon_input *in, const struct recon_line *line,
              const struct terms *terms)
{
    struct fee_contract uncapped = terms->contract;
    uncapped.cap_fen = 0;
    if (terms->contract.cap_fen > 0 && off_by(line, terms, &uncapped) == 0) {
        return true;
    }
    for (int card = FEE_CARD_DEBIT; card < FEE_CARD_COUNT; card++) {
        const struct fee_contract *other =
            fee_contract_find(in->fees, in->fee_count, (enum fee_card)card, terms->day);
        if (other != NULL && other->card == (enum fee_card)card
            && off_by(line, terms, other) == 0) {
            return true;
        }
    }
    return false;
}

static enum finding
fee_finding(const struct recon_input *in, const struct recon_line *line, const struct terms *terms)
{
    bool refund = line->kind == BILL_LINE_REFUND;
    int64_t off = off_by(line, terms, &terms->contract);
    if (off == 0 && line->fee_fen == 0) {
        bool due = terms->contract.rate_ppm != 0 && line->effective_fen != 0;
        return due ? FINDING_FEE_SMALL_ZERO : FINDING_FEE_OK;
    }
    if (off == 0) {
        return FINDING_FEE_OK;
    }
    if (line->fee_fen == 0) {
        return refund ? FINDING_FEE_REFUND_NOT_RETURNED : FINDING_FEE_MISSING;
    }
    if (off == 1 || off == -1) {
        return FINDING_FEE_ROUNDING;
    }
    if (is_other_card(in, line, terms)) {
        return FINDING_FEE_CARD;
    }
    return refund ? FINDING_FEE_REFUND_DIFF : FINDING_FEE_AMOUNT;
}

/* A printed rate that is not the contract's. A remark explains a lower one, and then the fee is judged by
 * what is printed; true when the fee is explained by the rate alone. */
static bool
note_rate(const struct recon_line *line, struct terms *terms, struct classify_notes *notes)
{
    classify_note(notes, line->promoted ? FINDING_FEE_PROMO : FINDING_NONE);
    if (line->rate_ppm == 0 || line->rate_ppm == terms->contract.rate_ppm) {
        return false;
    }
    struct fee_contract printed = terms->contract;
    printed.rate_ppm = line->rate_ppm;
    if (line->promoted && line->rate_ppm < terms->contract.rate_ppm) {
        terms->contract = printed;
        return false;
    }
    classify_note(notes, FINDING_FEE_RATE);
    return off_by(line, terms, &printed) == 0;
}

void
classify_fee(const struct match *match, const struct recon_line *line, struct classify_notes *notes)
{
    bool nothing = line->effective_fen == 0 && line->fee_fen == 0;
    if (nothing || line->other_currency || line->dispute) {
        return; /* nothing to judge, or nothing that a contract speaks of */
    }
    struct terms terms = terms_of(match, line);
    if (!note_rate(line, &terms, notes)) {
        classify_note(notes, fee_finding(match->in, line, &terms));
    }
    notes->fee_judged = true;
    notes->fee_due_fen = due(line, &terms, &terms.contract);
}

/* Takes one finding for another; they stand in the order of the registry. */
static void
replace(struct recon_result *result, enum finding old, enum finding new)
{
    struct classify_notes notes = { .fee_judged = result->fee_judged,
                                    .fee_due_fen = result->fee_due_fen };
    for (size_t i = 0; i < result->finding_count; i++) {
        classify_note(&notes, result->findings[i] == old ? new : result->findings[i]);
    }
    classify_notes_store(&notes, result);
}

static bool
has(const struct recon_result *result, enum finding finding)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        if (result->findings[i] == finding) {
            return true;
        }
    }
    return false;
}

void
classify_fee_limit(const struct recon_input *in, struct recon_result *results, size_t count)
{
    int64_t rounded_fen = in->fee_rounding_before_fen;
    for (size_t i = 0; i < count; i++) {
        if (!has(&results[i], FINDING_FEE_ROUNDING)) {
            continue;
        }
        rounded_fen++;
        if (rounded_fen > in->fee_rounding_max_fen) {
            replace(&results[i], FINDING_FEE_ROUNDING, FINDING_FEE_AMOUNT);
        }
    }
}
