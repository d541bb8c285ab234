/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_NUMBER_H
#define TALLYGATE_CORE_NUMBER_H

/* Numbers that tell where their rows live.
 *
 * payment number  yymmdd + slot (3 digits) + sequence (9 digits) + check digit   19 digits
 * attempt number  payment number + two digits (01..99)                           21 digits
 * refund number   attempt number + R + two digits (01..99)                       24 letters and digits
 *
 * yymmdd is the day in China. The check digit is Luhn's over the 18 digits before it. The slot is the first column of
 * every key in the payment tables. The portal sees "pay_" + payment number and "rfd_" + refund number. */

#include <stdint.h>

#include "arena.h"
#include "clock.h"
#include "crypto.h"
#include "err.h"
#include "span.h"

#define NUMBER_SLOTS          1000
#define NUMBER_PAYMENT_DIGITS 19
#define NUMBER_ATTEMPT_DIGITS 21
#define NUMBER_REFUND_CHARS   24
#define NUMBER_SEQUENCE_MAX   INT64_C(999999999)

/* First four bytes of SHA-256(owner, 0x00, order_no), big-endian, mod 1000. Errors: CRYPTO. */
MUST_USE enum err number_slot(struct span owner, struct span order_no, int *slot);

/* The same for many, by a running SHA-256 that has nothing in it before and after. */
MUST_USE enum err number_slot_by(struct crypto_stream *sha256, struct span owner,
                                 struct span order_no, int *slot);

/* Errors: NUMBER when the sequence is out of range. */
MUST_USE enum err number_payment(struct wall_time now, int slot, int64_t sequence,
                                 struct arena *arena, struct span *out);
MUST_USE enum err number_attempt(struct span payment_no, int ordinal, struct arena *arena,
                                 struct span *out);

/* Checks form and check digit and gives the slot. Errors: NUMBER. */
MUST_USE enum err number_payment_check(struct span payment_no, int *slot);
MUST_USE enum err number_attempt_check(struct span attempt_no, int *slot);
struct span number_payment_of(struct span attempt_no); /* the first 19 digits */

/* Errors: NUMBER when it cannot be a refund of ours. */
MUST_USE enum err number_refund_check(struct span refund_no, int *slot);

/* "rfd_…" to the number. Errors: REFUND_UNKNOWN. */
MUST_USE enum err number_refund_of_id(struct span id, struct span *refund_no, int *slot);

/* "pay_…" to the number. Errors: PAYMENT_UNKNOWN. */
MUST_USE enum err number_payment_of_id(struct span id, struct span *payment_no, int *slot);

#endif
