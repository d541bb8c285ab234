/* SPDX-License-Identifier: Apache-2.0 */
#include "number.h"

#include "crypto.h"

#define SLOT_AT     6 /* three digits */
#define ID_PREFIX   "pay_"
#define REFUND_ID   "rfd_"
#define REFUND_MARK 'R'

enum err
number_slot_by(struct crypto_stream *sha256, struct span owner, struct span order_no, int *slot)
{
    static const unsigned char between[] = { 0 };
    unsigned char digest[SHA256_BYTES];
    TRY(crypto_stream_update(sha256, owner));
    TRY(crypto_stream_update(sha256, span_make(between, sizeof(between))));
    TRY(crypto_stream_update(sha256, order_no));
    TRY(crypto_stream_next(sha256, digest));
    uint32_t head = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8
                    | (uint32_t)digest[3];
    *slot = (int)(head % NUMBER_SLOTS);
    return ERR_OK;
}

enum err
number_slot(struct span owner, struct span order_no, int *slot)
{
    DEFER(crypto_stream_free) struct crypto_stream *sha256 = NULL;
    TRY(crypto_sha256_open(&sha256));
    return number_slot_by(sha256, owner, order_no, slot);
}

/* Luhn: from the right every second digit doubled, digits of the products added. */
static unsigned char
check_digit(struct span digits)
{
    static const unsigned char doubled[] = { 0, 2, 4, 6, 8, 1, 3, 5, 7, 9 };
    unsigned sum = 0;
    size_t i = digits.len;
    for (; i >= 2; i -= 2) {
        sum += doubled[digits.at[i - 1] - '0'] + (unsigned)(digits.at[i - 2] - '0');
    }
    sum += i == 0 ? 0 : doubled[digits.at[0] - '0'];
    return (unsigned char)('0' + (10 - sum % 10) % 10);
}

enum err
number_payment(struct wall_time now, int slot, int64_t sequence, struct arena *arena,
               struct span *out)
{
    if (slot < 0 || slot >= NUMBER_SLOTS || sequence < 1 || sequence > NUMBER_SEQUENCE_MAX) {
        return ERR_NUMBER;
    }
    struct day day = day_of(now, ZONE_CHINA_MIN);
    DEFER(buf_fini) struct buf text = BUF_MAX(NUMBER_PAYMENT_DIGITS);
    TRY(buf_printf(&text, "%02d%02d%02d%03d%09lld", day.year % 100, day.month, day.mday, slot,
                   (long long)sequence));
    TRY(buf_byte(&text, check_digit(buf_span(&text))));
    return arena_copy(arena, buf_span(&text), out);
}

enum err
number_attempt(struct span payment_no, int ordinal, struct arena *arena, struct span *out)
{
    if (ordinal < 1 || ordinal > 99) {
        return ERR_NUMBER;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(NUMBER_ATTEMPT_DIGITS);
    TRY(buf_append(&text, payment_no));
    TRY(buf_printf(&text, "%02d", ordinal));
    return arena_copy(arena, buf_span(&text), out);
}

/* The slot of a payment's number of the right length, in one way through it without a branch: a large day asks this of every line. */
static enum err
check_payment(struct span payment_no, int *slot)
{
    static const unsigned char doubled[16] = { 0, 2, 4, 6, 8, 1, 3, 5, 7, 9 };
    const unsigned char *at = payment_no.at;
    unsigned last = (unsigned)at[NUMBER_PAYMENT_DIGITS - 1] - '0';
    unsigned sum = last;
    bool other = last > 9;
    for (size_t i = 0; i + 1 < NUMBER_PAYMENT_DIGITS; i += 2) {
        unsigned once = (unsigned)at[i] - '0';
        unsigned twice = (unsigned)at[i + 1] - '0';
        other |= once > 9 || twice > 9;
        sum += once + doubled[twice % sizeof(doubled)];
    }
    *slot = (at[SLOT_AT] - '0') * 100 + (at[SLOT_AT + 1] - '0') * 10 + (at[SLOT_AT + 2] - '0');
    return !other && sum % 10 == 0 ? ERR_OK : ERR_NUMBER;
}

_Static_assert(NUMBER_PAYMENT_DIGITS % 2 == 1, "the last digit stands alone, and is not doubled");

enum err
number_payment_check(struct span payment_no, int *slot)
{
    return payment_no.len == NUMBER_PAYMENT_DIGITS ? check_payment(payment_no, slot) : ERR_NUMBER;
}

enum err
number_attempt_check(struct span attempt_no, int *slot)
{
    if (attempt_no.len != NUMBER_ATTEMPT_DIGITS
        || !span_is_digits(span_sub(attempt_no, NUMBER_PAYMENT_DIGITS, 2))) {
        return ERR_NUMBER;
    }
    return check_payment(number_payment_of(attempt_no), slot);
}

struct span
number_payment_of(struct span attempt_no)
{
    return span_sub(attempt_no, 0, NUMBER_PAYMENT_DIGITS);
}

enum err
number_payment_of_id(struct span id, struct span *payment_no, int *slot)
{
    struct span number = span_sub(id, sizeof(ID_PREFIX) - 1, id.len);
    if (!span_starts(id, SPAN_LIT(ID_PREFIX)) || number_payment_check(number, slot) != ERR_OK) {
        return ERR_PAYMENT_UNKNOWN;
    }
    *payment_no = number;
    return ERR_OK;
}

enum err
number_refund_check(struct span refund_no, int *slot)
{
    struct span ordinal = span_sub(refund_no, NUMBER_ATTEMPT_DIGITS + 1, 2);
    if (refund_no.len != NUMBER_REFUND_CHARS || refund_no.at[NUMBER_ATTEMPT_DIGITS] != REFUND_MARK
        || !span_is_digits(ordinal)) {
        return ERR_NUMBER;
    }
    return number_attempt_check(span_sub(refund_no, 0, NUMBER_ATTEMPT_DIGITS), slot);
}

enum err
number_refund_of_id(struct span id, struct span *refund_no, int *slot)
{
    struct span number = span_sub(id, sizeof(REFUND_ID) - 1, id.len);
    if (!span_starts(id, SPAN_LIT(REFUND_ID)) || number_refund_check(number, slot) != ERR_OK) {
        return ERR_REFUND_UNKNOWN;
    }
    *refund_no = number;
    return ERR_OK;
}
