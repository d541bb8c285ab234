/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_WEBHOOK_H
#define TALLYGATE_CORE_WEBHOOK_H

/* Webhooks as rules: the kinds of messages, the ids that stand for a message, an endpoint and a delivery, and
 * when a message that was not taken is sent again. */

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "clock.h"
#include "err.h"
#include "span.h"

enum webhook_kind {
    WEBHOOK_KIND_NONE,
#define KIND(name, code, text) WEBHOOK_##name = (code),
#include "webhook_kinds.def"
#undef KIND
    WEBHOOK_KIND_COUNT
};

const char *webhook_kind_code(enum webhook_kind kind); /* "" for NONE */

/* Errors: FIELD_VALUE. */
MUST_USE enum err webhook_kind_decode(struct span text, enum webhook_kind *out);

/* A message about a reconciliation has this in the place of the payment's number and slot, and the run's in that
 * of the event's. */
#define WEBHOOK_RECON      "recon"
#define WEBHOOK_RECON_SLOT (-1)

/* One message: an event of a payment, or a run, and what it is to the portal. Spans are borrowed. */
struct webhook_key {
    struct span payment_no;
    int64_t seq;
    enum webhook_kind kind;
};

#define WEBHOOK_ENDPOINT_HEX 32
#define WEBHOOK_ID_MAX       128

/* "msg_<payment number>_<event>_<kind>": the same over every try, without a full stop. Errors: FIELD_VALUE
 * for a kind that is none, BUF_FULL. */
MUST_USE enum err webhook_message_id(const struct webhook_key *key, struct buf *out);

/* The message's id with another front and the digits of the endpoint's id behind: "whd_…". */
MUST_USE enum err webhook_delivery_id(const struct webhook_key *key, struct span endpoint_id,
                                      struct buf *out);

/* Both directions agree; spans of the outputs point into `id`. The slot is that of the payment number.
 * `endpoint_hex` is the endpoint's id without its front. Errors: WEBHOOK_UNKNOWN. */
MUST_USE enum err webhook_message_id_read(struct span id, struct webhook_key *key, int *slot);
MUST_USE enum err webhook_delivery_id_read(struct span id, struct webhook_key *key, int *slot,
                                           struct span *endpoint_hex);

/* "we_" and 32 lower-case hexadecimal digits. */
bool webhook_endpoint_id_valid(struct span id);

/* How far a wait may differ from the table, in thousandths, so that what failed together is not sent
 * together again. */
#define WEBHOOK_JITTER_PERMILLE 50

/* The wait after so many failed tries, `jitter_permille` (-50 to 50) more or less than the table says; 0
 * when the schedule is over. All waits together are never less than 75 hours. */
int64_t webhook_wait_ms(int64_t failed, int jitter_permille);

/* What a Retry-After header asks for, in seconds or as an HTTP date, at most a day; 0 for one that is empty,
 * not understood or in the past. */
#define WEBHOOK_RETRY_AFTER_MAX_MS INT64_C(86400000)
int64_t webhook_retry_after_ms(struct span value, struct wall_time now);

#endif
