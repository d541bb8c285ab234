/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_FEE_CONTRACT_H
#define TALLYGATE_ADAPTERS_FEE_CONTRACT_H

/* What a provider may take for a payment: the contracts of an account, each for one kind of card and some days.
 * Pure but for fee_contract_load, which reads the sections [fee NAME] of the configuration. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "config.h"
#include "err.h"
#include "span.h"

#define FEE_CONTRACTS_MAX 32      /* of one account */
#define FEE_RATE_MAX_PPM  1000000 /* the whole amount */

enum fee_card { FEE_CARD_ANY, FEE_CARD_DEBIT, FEE_CARD_CREDIT, FEE_CARD_COUNT };

/* What becomes of the part of a fee below one fen. */
enum fee_rounding { FEE_ROUND_HALF_UP, FEE_ROUND_DOWN, FEE_ROUND_UP, FEE_ROUND_COUNT };

struct fee_contract {
    enum fee_card card;
    struct day from;  /* the first day */
    struct day until; /* the last day; year 0: no end */
    int64_t rate_ppm; /* of the amount that is settled */
    int64_t cap_fen;  /* the most for one payment; 0: no limit */
    enum fee_rounding rounding;
};

/* "any", "debit", "credit"; "half-up", "down", "up". Errors: FIELD_VALUE. */
const char *fee_contract_card_code(enum fee_card card);
const char *fee_contract_rounding_code(enum fee_rounding rounding);
MUST_USE enum err fee_contract_card_decode(struct span word, enum fee_card *out);
MUST_USE enum err fee_contract_rounding_decode(struct span word, enum fee_rounding *out);

/* The fee of an amount, without sign, for a rate of 0..FEE_RATE_MAX_PPM. */
int64_t fee_contract_fee(const struct fee_contract *contract, int64_t fen);

/* The contract that holds for a card on a day: that of the very kind of card before that of any. NULL: none. */
const struct fee_contract *fee_contract_find(const struct fee_contract *contracts, size_t count,
                                             enum fee_card card, struct day day);

/* True when both hold for the same kind of card on some day. */
bool fee_contract_overlaps(const struct fee_contract *a, const struct fee_contract *b);

/* The contracts of the account of that name, in the order of the file. Errors: CONFIG_VALUE for a word or day that
 * is none, a contract that ends before it begins, two that overlap or one too many; *fault says which section. */
MUST_USE enum err fee_contract_load(const struct config *config, const char *account,
                                    struct fee_contract out[FEE_CONTRACTS_MAX], size_t *count,
                                    struct config_fault *fault);

#endif
