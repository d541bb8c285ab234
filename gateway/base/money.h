/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_MONEY_H
#define TALLYGATE_BASE_MONEY_H

/* Integer minor units with their currency in one value. There is no floating point anywhere. */

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "span.h"

enum currency { CURRENCY_NONE, CURRENCY_CNY, CURRENCY_COUNT };

struct money {
    int64_t minor; /* fen for CNY */
    enum currency currency;
};

/* The largest amount one order or line may carry: 100 000 000.00 yuan (Alipay 3, range). */
#define MONEY_MAX_MINOR INT64_C(10000000000)

/* "CNY" and back. Errors: CURRENCY. */
MUST_USE enum err currency_decode(struct span s, enum currency *out);
const char *currency_code(enum currency currency);

/* Any int64 but INT64_MIN; currency must be named. Errors: CURRENCY, AMOUNT_OVERFLOW. */
MUST_USE enum err money_make(int64_t minor, enum currency currency, struct money *out);

/* Errors: CURRENCY_MISMATCH, AMOUNT_OVERFLOW. */
MUST_USE enum err money_add(struct money a, struct money b, struct money *out);
MUST_USE enum err money_sub(struct money a, struct money b, struct money *out);
MUST_USE enum err money_times(struct money a, int64_t count, struct money *out);
bool money_eq(struct money a, struct money b);

/* round-half-up (away from zero) of a x rate, rate in millionths (0.60 % = 6000). Errors:
 * AMOUNT_OVERFLOW. */
MUST_USE enum err money_rate(struct money a, int64_t rate_ppm, struct money *out);

/* "12", "12.3", "12.34" yuan to fen; a leading "-" only for money_parse_signed. No blanks, "+",
 * exponent, grouping, or third decimal. Errors: AMOUNT, AMOUNT_OVERFLOW. */
MUST_USE enum err money_parse(struct span s, enum currency currency, struct money *out);
MUST_USE enum err money_parse_signed(struct span s, enum currency currency, struct money *out);

/* Always two decimals: "-0.05", "88.00". */
MUST_USE enum err money_format(struct money m, struct buf *out);

#endif
