/* SPDX-License-Identifier: Apache-2.0 */
#include "certificate.h"

/* The adding-up sheet as equations. A matched line may have no counted attempt, so those of our books are of money alone. */

#define PARTS_MAX 5

static const struct {
    const char *formula;
    enum certificate_field left;
    bool carried; /* and the lines carried in */
    enum certificate_field right[PARTS_MAX];
    size_t parts;
    bool counted;
} equations[CERTIFICATE_PROOFS] = {
    { "A = B", CERTIFICATE_trailer, false, { CERTIFICATE_parsed }, 1, true },
    { "B = C + C' + D",
      CERTIFICATE_parsed,
      false,
      { CERTIFICATE_in_scope, CERTIFICATE_ineffective, CERTIFICATE_out_of_scope },
      3,
      true },
    { "C + M' = E + F + G + H + L'",
      CERTIFICATE_in_scope,
      true,
      { CERTIFICATE_matched, CERTIFICATE_amount_bill, CERTIFICATE_bill_only, CERTIFICATE_repeated,
        CERTIFICATE_early_out },
      5,
      true },
    { "C = pay + refund",
      CERTIFICATE_in_scope,
      false,
      { CERTIFICATE_pay, CERTIFICATE_refund },
      2,
      true },
    { "J = E + F' + K + L",
      CERTIFICATE_population,
      false,
      { CERTIFICATE_matched, CERTIFICATE_amount_books, CERTIFICATE_book_only,
        CERTIFICATE_in_transit },
      4,
      false },
    { "C + M' = J + long + short",
      CERTIFICATE_in_scope,
      true,
      { CERTIFICATE_population, CERTIFICATE_delta_long, CERTIFICATE_delta_short },
      3,
      false },
};

/* "[2,8850]" of a certificate that was read. */
static enum err
add_cell(const struct certificate *certificate, enum certificate_field field, int64_t *count,
         int64_t *fen)
{
    struct span text = certificate->values[field];
    struct span first;
    int64_t more_count = 0;
    int64_t more_fen = 0;
    text = span_sub(text, 1, text.len - 2);
    (void)span_cut(&text, ',', &first);
    TRY(span_to_i64(first, 0, INT64_MAX, &more_count));
    TRY(span_to_i64(text, INT64_MIN, INT64_MAX, &more_fen));
    bool over = __builtin_add_overflow(*count, more_count, count);
    over = __builtin_add_overflow(*fen, more_fen, fen) || over;
    return over ? ERR_AMOUNT_OVERFLOW : ERR_OK;
}

enum err
certificate_prove(const struct certificate *certificate,
                  struct certificate_proof out[CERTIFICATE_PROOFS])
{
    for (size_t i = 0; i < CERTIFICATE_PROOFS; i++) {
        struct certificate_proof proof = { .formula = equations[i].formula,
                                           .counted = equations[i].counted };
        TRY(add_cell(certificate, equations[i].left, &proof.left_count, &proof.left_fen));
        if (equations[i].carried) {
            TRY(add_cell(certificate, CERTIFICATE_early_in, &proof.left_count, &proof.left_fen));
        }
        for (size_t p = 0; p < equations[i].parts; p++) {
            TRY(add_cell(certificate, equations[i].right[p], &proof.right_count, &proof.right_fen));
        }
        proof.holds = proof.left_fen == proof.right_fen
                      && (!proof.counted || proof.left_count == proof.right_count);
        out[i] = proof;
    }
    return ERR_OK;
}

bool
certificate_ties(const struct certificate *certificate)
{
    struct certificate_proof proofs[CERTIFICATE_PROOFS];
    if (certificate_prove(certificate, proofs) != ERR_OK) {
        return false;
    }
    for (size_t i = 0; i < CERTIFICATE_PROOFS; i++) {
        if (!proofs[i].holds) {
            return false;
        }
    }
    return true;
}
