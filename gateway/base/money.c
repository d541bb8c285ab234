/* SPDX-License-Identifier: Apache-2.0 */
#include "money.h"

#define FEN_PER_YUAN 100
#define PPM          1000000

static const struct {
    enum currency currency;
    const char *code;
} currencies[] = {
    { CURRENCY_CNY, "CNY" },
};

enum err
currency_decode(struct span s, enum currency *out)
{
    for (size_t i = 0; i < sizeof(currencies) / sizeof(currencies[0]); i++) {
        if (span_eq_cstr(s, currencies[i].code)) {
            *out = currencies[i].currency;
            return ERR_OK;
        }
    }
    return ERR_CURRENCY;
}

const char *
currency_code(enum currency currency)
{
    for (size_t i = 0; i < sizeof(currencies) / sizeof(currencies[0]); i++) {
        if (currencies[i].currency == currency) {
            return currencies[i].code;
        }
    }
    return "";
}

enum err
money_make(int64_t minor, enum currency currency, struct money *out)
{
    if (currency <= CURRENCY_NONE || currency >= CURRENCY_COUNT) {
        return ERR_CURRENCY;
    }
    if (minor == INT64_MIN) {
        return ERR_AMOUNT_OVERFLOW;
    }
    *out = (struct money){ .minor = minor, .currency = currency };
    return ERR_OK;
}

enum err
money_add(struct money a, struct money b, struct money *out)
{
    if (a.currency != b.currency) {
        return ERR_CURRENCY_MISMATCH;
    }
    int64_t sum;
    if (__builtin_add_overflow(a.minor, b.minor, &sum)) {
        return ERR_AMOUNT_OVERFLOW;
    }
    return money_make(sum, a.currency, out);
}

enum err
money_sub(struct money a, struct money b, struct money *out)
{
    if (a.currency != b.currency) {
        return ERR_CURRENCY_MISMATCH;
    }
    int64_t difference;
    if (__builtin_sub_overflow(a.minor, b.minor, &difference)) {
        return ERR_AMOUNT_OVERFLOW;
    }
    return money_make(difference, a.currency, out);
}

enum err
money_times(struct money a, int64_t count, struct money *out)
{
    int64_t product;
    if (__builtin_mul_overflow(a.minor, count, &product)) {
        return ERR_AMOUNT_OVERFLOW;
    }
    return money_make(product, a.currency, out);
}

bool
money_eq(struct money a, struct money b)
{
    return a.currency == b.currency && a.minor == b.minor;
}

enum err
money_rate(struct money a, int64_t rate_ppm, struct money *out)
{
    int64_t product;
    int64_t shifted;
    int64_t half = (a.minor < 0) != (rate_ppm < 0) ? -PPM / 2 : PPM / 2;
    if (__builtin_mul_overflow(a.minor, rate_ppm, &product)
        || __builtin_add_overflow(product, half, &shifted)) {
        return ERR_AMOUNT_OVERFLOW;
    }
    return money_make(shifted / PPM, a.currency, out);
}

/* At most two decimals; "1.2" counts as twenty fen. */
static enum err
parse_decimals(struct span s, int64_t *fen)
{
    if (s.len == 0 || s.len > 2) {
        return ERR_AMOUNT;
    }
    uint64_t value = 0;
    if (span_to_u64(s, 0, FEN_PER_YUAN - 1, &value) != ERR_OK) {
        return ERR_AMOUNT;
    }
    *fen = (int64_t)(s.len == 1 ? value * 10 : value);
    return ERR_OK;
}

#define USUAL_BYTES_MIN 4
#define USUAL_BYTES_MAX 18

/* "12.34", as nearly all amounts of bills are, in one way through it; 17 digits cannot overflow. */
static bool
parse_usual(struct span s, int64_t *fen)
{
    int64_t value = 0;
    if (s.len < USUAL_BYTES_MIN || s.len > USUAL_BYTES_MAX || s.at[s.len - 3] != '.') {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned)s.at[i] - '0';
        if (i == s.len - 3) {
            continue;
        }
        if (digit > 9) {
            return false;
        }
        value = value * 10 + digit;
    }
    *fen = value;
    return true;
}

enum err
money_parse(struct span s, enum currency currency, struct money *out)
{
    int64_t usual_fen = 0;
    if (parse_usual(s, &usual_fen)) {
        return money_make(usual_fen, currency, out);
    }
    struct span rest = s;
    struct span whole;
    bool has_point = span_cut(&rest, '.', &whole);
    if (!span_is_digits(whole)) {
        return ERR_AMOUNT;
    }
    int64_t fen = 0;
    if (has_point) {
        TRY(parse_decimals(rest, &fen));
    }
    uint64_t yuan = 0;
    int64_t minor;
    if (span_to_u64(whole, 0, INT64_MAX, &yuan) != ERR_OK
        || __builtin_mul_overflow((int64_t)yuan, (int64_t)FEN_PER_YUAN, &minor)
        || __builtin_add_overflow(minor, fen, &minor)) {
        return ERR_AMOUNT_OVERFLOW;
    }
    return money_make(minor, currency, out);
}

enum err
money_parse_signed(struct span s, enum currency currency, struct money *out)
{
    if (s.len == 0 || s.at[0] != '-') {
        return money_parse(s, currency, out);
    }
    struct money positive;
    TRY(money_parse(span_sub(s, 1, s.len), currency, &positive));
    return money_make(-positive.minor, currency, out);
}

enum err
money_format(struct money m, struct buf *out)
{
    /* The magnitude of INT64_MIN exists only unsigned. */
    uint64_t magnitude = m.minor < 0 ? UINT64_C(0) - (uint64_t)m.minor : (uint64_t)m.minor;
    return buf_printf(out, "%s%llu.%02llu", m.minor < 0 ? "-" : "",
                      (unsigned long long)(magnitude / FEN_PER_YUAN),
                      (unsigned long long)(magnitude % FEN_PER_YUAN));
}
