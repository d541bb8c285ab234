/* SPDX-License-Identifier: Apache-2.0 */
#include "classify.h"

#define PPM INT64_C(1000000)

int64_t
classify_fee_expected(int64_t fen, int64_t rate_ppm)
{
    int64_t size = fen < 0 ? -fen : fen;
    /* Whole millions and the rest apart, so that nothing overflows for a rate of at most PPM. */
    return size / PPM * rate_ppm + (size % PPM * rate_ppm + PPM / 2) / PPM;
}

static enum finding
fee_finding(const struct recon_line *line, int64_t rate_ppm)
{
    bool refund = line->kind == BILL_LINE_REFUND;
    int64_t expected = classify_fee_expected(line->effective_fen, rate_ppm);
    int64_t off = line->fee_fen - (refund ? expected : -expected);
    if (line->fee_fen == 0 && expected == 0) {
        bool due = rate_ppm != 0 && line->effective_fen != 0;
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
    return refund ? FINDING_FEE_REFUND_DIFF : FINDING_FEE_AMOUNT;
}

void
classify_fee(const struct match *match, const struct recon_line *line, struct classify_notes *notes)
{
    if (line->effective_fen != 0 || line->fee_fen != 0) {
        classify_note(notes, fee_finding(line, match->in->fee_rate_ppm));
    }
}
