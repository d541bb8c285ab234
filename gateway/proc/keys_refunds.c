/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_refunds.h"

#include <stdlib.h>
#include <string.h>

#include "keys_policy.h"

struct signed_refund {
    unsigned char number[SHA256_BYTES]; /* of whatever length it is */
    int64_t fen;
};

struct keys_refunds {
    struct day day; /* in China */
    int64_t sum_fen;
    size_t count;
    struct signed_refund list[KEYS_REFUNDS_MAX];
};

enum err
keys_refunds_new(struct keys_refunds **out)
{
    struct keys_refunds *refunds = calloc(1, sizeof(*refunds));
    if (refunds == NULL) {
        return ERR_NO_MEMORY;
    }
    *out = refunds;
    return ERR_OK;
}

void
keys_refunds_free(struct keys_refunds **refunds)
{
    free(*refunds);
    *refunds = NULL;
}

/* A day that lies behind is the clock's fault and frees nothing. */
static void
turn_day(struct keys_refunds *refunds, struct wall_time now)
{
    struct day day = day_of(now, ZONE_CHINA_MIN);
    if (day_cmp(day, refunds->day) > 0) {
        refunds->day = day;
        refunds->sum_fen = 0;
        refunds->count = 0;
    }
}

static const struct signed_refund *
find(const struct keys_refunds *refunds, const unsigned char number[SHA256_BYTES])
{
    for (size_t i = 0; i < refunds->count; i++) {
        if (memcmp(refunds->list[i].number, number, SHA256_BYTES) == 0) {
            return &refunds->list[i];
        }
    }
    return NULL;
}

static enum err
add(struct keys_refunds *refunds, const unsigned char number[SHA256_BYTES], int64_t fen,
    int64_t most_fen)
{
    int64_t sum_fen;
    if (refunds->count == KEYS_REFUNDS_MAX
        || __builtin_add_overflow(refunds->sum_fen, fen, &sum_fen) || sum_fen > most_fen) {
        return ERR_KEYS_REFUND_DAY;
    }
    struct signed_refund *refund = &refunds->list[refunds->count++];
    memcpy(refund->number, number, SHA256_BYTES);
    refund->fen = fen;
    refunds->sum_fen = sum_fen;
    return ERR_OK;
}

enum err
keys_refunds_judge(struct keys_refunds *refunds, const struct adapter_account *account,
                   const struct adapter_sign_facts *facts, struct wall_time now)
{
    unsigned char number[SHA256_BYTES];
    struct money back = keys_policy_given_back(account, facts);
    if (back.currency == CURRENCY_NONE) {
        return ERR_OK;
    }
    TRY(crypto_sha256(span_empty(facts->refund_no) ? facts->merchant_order_no : facts->refund_no,
                      number));
    turn_day(refunds, now);
    const struct signed_refund *before = find(refunds, number);
    if (before != NULL) {
        return before->fen == back.minor ? ERR_OK : ERR_KEYS_POLICY;
    }
    return add(refunds, number, back.minor, account->refund_daily_max.minor);
}
