/* SPDX-License-Identifier: Apache-2.0 */
#include "fee_contract.h"

#include <stdio.h>
#include <string.h>

#define PPM INT64_C(1000000)

static const char *const card_words[FEE_CARD_COUNT] = {
    [FEE_CARD_ANY] = "any",
    [FEE_CARD_DEBIT] = "debit",
    [FEE_CARD_CREDIT] = "credit",
};

static const char *const rounding_words[FEE_ROUND_COUNT] = {
    [FEE_ROUND_HALF_UP] = "half-up",
    [FEE_ROUND_DOWN] = "down",
    [FEE_ROUND_UP] = "up",
};

/* What is added to millionths of a fen before they are cut off. */
static const int64_t rounding_adds[FEE_ROUND_COUNT] = {
    [FEE_ROUND_HALF_UP] = PPM / 2,
    [FEE_ROUND_DOWN] = 0,
    [FEE_ROUND_UP] = PPM - 1,
};

int64_t
fee_contract_fee(const struct fee_contract *contract, int64_t fen)
{
    int64_t size = fen < 0 ? -fen : fen;
    /* Whole millions and the rest apart, so that nothing overflows for a rate of at most PPM. */
    int64_t rest = size % PPM * contract->rate_ppm + rounding_adds[contract->rounding];
    int64_t fee = size / PPM * contract->rate_ppm + rest / PPM;
    return contract->cap_fen > 0 && fee > contract->cap_fen ? contract->cap_fen : fee;
}

static bool
holds_on(const struct fee_contract *contract, struct day day)
{
    return day_cmp(day, contract->from) >= 0
           && (contract->until.year == 0 || day_cmp(day, contract->until) <= 0);
}

static const struct fee_contract *
find_exactly(const struct fee_contract *contracts, size_t count, enum fee_card card, struct day day)
{
    for (size_t i = 0; i < count; i++) {
        if (contracts[i].card == card && holds_on(&contracts[i], day)) {
            return &contracts[i];
        }
    }
    return NULL;
}

const struct fee_contract *
fee_contract_find(const struct fee_contract *contracts, size_t count, enum fee_card card,
                  struct day day)
{
    const struct fee_contract *found = find_exactly(contracts, count, card, day);
    return found != NULL ? found : find_exactly(contracts, count, FEE_CARD_ANY, day);
}

bool
fee_contract_overlaps(const struct fee_contract *a, const struct fee_contract *b)
{
    return a->card == b->card && (holds_on(a, b->from) || holds_on(b, a->from));
}

const char *
fee_contract_card_code(enum fee_card card)
{
    return card_words[card];
}

const char *
fee_contract_rounding_code(enum fee_rounding rounding)
{
    return rounding_words[rounding];
}

static bool
find_word(struct span word, const char *const *words, size_t count, size_t *out)
{
    for (size_t i = 0; i < count; i++) {
        if (span_eq_cstr(word, words[i])) {
            *out = i;
            return true;
        }
    }
    return false;
}

enum err
fee_contract_card_decode(struct span word, enum fee_card *out)
{
    size_t at = 0;
    if (!find_word(word, card_words, FEE_CARD_COUNT, &at)) {
        return ERR_FIELD_VALUE;
    }
    *out = (enum fee_card)at;
    return ERR_OK;
}

enum err
fee_contract_rounding_decode(struct span word, enum fee_rounding *out)
{
    size_t at = 0;
    if (!find_word(word, rounding_words, FEE_ROUND_COUNT, &at)) {
        return ERR_FIELD_VALUE;
    }
    *out = (enum fee_rounding)at;
    return ERR_OK;
}

/* NULL, or what is wrong with the section. */
static const char *
read_contract(const struct config *config, size_t index, struct fee_contract *out)
{
    enum fee_card card = FEE_CARD_ANY;
    enum fee_rounding rounding = FEE_ROUND_HALF_UP;
    struct span until = span_of(config_text(config, CONFIG_fee_until, index));
    if (fee_contract_card_decode(span_of(config_text(config, CONFIG_fee_card, index)), &card)
        != ERR_OK) {
        return "card must be any, debit or credit";
    }
    if (fee_contract_rounding_decode(span_of(config_text(config, CONFIG_fee_rounding, index)),
                                     &rounding)
        != ERR_OK) {
        return "rounding must be half-up, down or up";
    }
    *out = (struct fee_contract){ .card = card,
                                  .rate_ppm = config_int(config, CONFIG_fee_rate_ppm, index),
                                  .cap_fen = config_int(config, CONFIG_fee_cap, index),
                                  .rounding = rounding };
    if (day_parse(span_of(config_text(config, CONFIG_fee_from, index)), &out->from) != ERR_OK
        || (until.len > 0 && day_parse(until, &out->until) != ERR_OK)) {
        return "from and until must be days, like 2026-01-31";
    }
    if (out->until.year != 0 && day_cmp(out->until, out->from) < 0) {
        return "the contract ends before it begins";
    }
    return NULL;
}

static enum err
blame(const struct config *config, size_t index, const char *why, struct config_fault *fault)
{
    *fault = (struct config_fault){ .line = 0 };
    (void)snprintf(fault->setting, sizeof(fault->setting), "fee %s",
                   config_name(config, CONFIG_SECTION_fee, index));
    (void)snprintf(fault->message, sizeof(fault->message), "%s", why);
    return ERR_CONFIG_VALUE;
}

enum err
fee_contract_load(const struct config *config, const char *account,
                  struct fee_contract out[FEE_CONTRACTS_MAX], size_t *count,
                  struct config_fault *fault)
{
    size_t taken = 0;
    for (size_t i = 0; i < config_count(config, CONFIG_SECTION_fee); i++) {
        if (strcmp(config_text(config, CONFIG_fee_account, i), account) != 0) {
            continue;
        }
        if (taken == FEE_CONTRACTS_MAX) {
            return blame(config, i, "the account has too many contracts", fault);
        }
        const char *why = read_contract(config, i, &out[taken]);
        for (size_t k = 0; why == NULL && k < taken; k++) {
            if (fee_contract_overlaps(&out[k], &out[taken])) {
                why = "another contract of the account holds for this card on some of these days";
            }
        }
        if (why != NULL) {
            return blame(config, i, why, fault);
        }
        taken++;
    }
    *count = taken;
    return ERR_OK;
}
