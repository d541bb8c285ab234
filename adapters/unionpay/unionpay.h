/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_UNIONPAY_UNIONPAY_H
#define TALLYGATE_ADAPTERS_UNIONPAY_UNIONPAY_H

/* The parts of the UnionPay adapter (online gateway, message version 5.1.0). Names in quotes are those
 * of the document's fields; the manual page unionpay(7) lists what is supported and what was assumed. */

#include "adapter.h"
#include "bill.h"

#define UNIONPAY_ZONE_MIN ZONE_CHINA_MIN
#define UNIONPAY_VERSION  "5.1.0"
#define UNIONPAY_OWNER    "中国银联股份有限公司" /* third part of a signer's common name */
#define UNIONPAY_ENC_OWNER \
    "00040000:SIGN" /* the same of the certificates that sensitive fields are encrypted with */
#define UNIONPAY_SIGNATURE_CHARS 344 /* base64 of 256 bytes */

/* How long after payTimeout a payment is still asked about before "not successful" is final: what was
 * paid in time may be recorded late. The code of a QR payment comes from a call between servers, for which
 * one "not found" proves less. */
#define UNIONPAY_MARGIN_MS    INT64_C(300000)
#define UNIONPAY_QR_MARGIN_MS INT64_C(3600000)

/* unionpay_time.c: the provider's times, in China's zone. `near` gives the year that they leave out:
 * the one that brings them closest. Errors: TIME. */
MUST_USE enum err unionpay_time_format(struct wall_time t, struct arena *arena, struct span *out);
MUST_USE enum err unionpay_time_parse(struct span yyyymmddhhmmss, struct wall_time *out);
MUST_USE enum err unionpay_time_near(struct span mmddhhmmss, struct wall_time near,
                                     struct wall_time *out);
MUST_USE enum err unionpay_day_near(struct span mmdd, struct wall_time near, struct day *out);

/* unionpay_fields.c: a body of raw pairs: "&" separates them outside of {} and [], the first "="
 * separates name and value; one pair of outer braces is taken off. Errors: PROVIDER_PROTOCOL, also for
 * a name that stands twice and for braces that do not match. */
MUST_USE enum err unionpay_fields_split(struct span body, struct adapter_fields *out);
/* True when the fields joined by "&" can be cut in this way only: a value with a bare "&" would read
 * the same in the signed text as two fields. */
bool unionpay_fields_sound(const struct adapter_fields *fields);
/* "signMethod" of the account. */
const char *unionpay_sign_method(const struct adapter_account *account);
/* Whether version and signMethod are those of the account: nobody may choose weaker ones for us. */
bool unionpay_fields_fit(const struct adapter_fields *fields,
                         const struct adapter_account *account);

/* unionpay_sign.c */
MUST_USE enum err unionpay_sign_text(const struct adapter_fields *fields, struct arena *arena,
                                     struct buf *out);
MUST_USE enum err unionpay_sign_facts(const struct adapter_fields *fields, struct arena *arena,
                                      struct adapter_sign_facts *out);

/* unionpay_account.c */
MUST_USE enum err unionpay_account_prepare(const struct adapter_material *material,
                                           struct wall_time now, struct arena *arena,
                                           struct adapter_account *account);
MUST_USE enum err unionpay_signer_accept(const struct adapter_account *account,
                                         const struct crypto_certificate *certificate);
MUST_USE enum err unionpay_key_accept(const struct adapter_account *account, struct span pem,
                                      struct wall_time now, struct arena *arena,
                                      struct adapter_key *out);

/* unionpay_request.c */
MUST_USE enum err unionpay_request_build(const struct adapter_account *account,
                                         enum adapter_operation operation,
                                         const struct adapter_order *order, struct wall_time now,
                                         struct arena *arena, struct adapter_fields *fields);
MUST_USE enum err
unionpay_request_encode(const struct adapter_account *account, enum adapter_operation operation,
                        const struct adapter_order *order, const struct adapter_fields *fields,
                        struct span signature, struct arena *arena, struct adapter_request *out);

/* unionpay_split.c */
MUST_USE enum err unionpay_answer_split(enum adapter_operation operation,
                                        const struct adapter_message *message, struct arena *arena,
                                        struct adapter_signed *out);
MUST_USE enum err unionpay_callback_split(const struct adapter_message *message,
                                          struct arena *arena, struct adapter_signed *out);

/* unionpay_claim.c: what answers and notices say alike. Errors: PROVIDER_PROTOCOL. */
MUST_USE enum err unionpay_amount(const struct adapter_fields *fields, struct money *out);
MUST_USE enum err unionpay_claim_paid(const struct adapter_fields *fields, struct arena *arena,
                                      struct evidence_claim *claim);
MUST_USE enum err unionpay_claim_refunded(const struct adapter_fields *fields, struct arena *arena,
                                          struct evidence_claim *claim);

/* unionpay_answer.c */
MUST_USE enum err unionpay_answer_read(const struct adapter_account *account,
                                       enum adapter_operation operation,
                                       const struct adapter_order *order, struct span payload,
                                       bool verified, struct arena *arena,
                                       struct adapter_answer *out);
MUST_USE enum err unionpay_keys_read(struct span payload, const struct adapter_opened *opened,
                                     struct arena *arena, struct adapter_key_offer *out);

/* unionpay_callback.c */
MUST_USE enum err unionpay_callback_read(const struct adapter_account *account, struct span payload,
                                         const struct adapter_opened *opened, struct arena *arena,
                                         struct evidence_claim *out);

/* unionpay_codes.c: what a respCode means, in three places. */
enum unionpay_result { /* of a transaction: origRespCode of a query, respCode of a notice */
                       UNIONPAY_RESULT_NONE, /* the code says nothing to rely on; money may have moved */
                       UNIONPAY_SUCCESS,
                       UNIONPAY_PENDING,
                       UNIONPAY_FAILED, /* not successful so far; final when nobody can pay any more */
                       UNIONPAY_RESULT_COUNT
};
enum unionpay_use { UNIONPAY_REQUEST, UNIONPAY_ASK, UNIONPAY_USE_COUNT };
struct unionpay_handling {
    enum adapter_handling handling;
    enum err err;
};
enum unionpay_result unionpay_result(struct span code);
/* respCode of an answer to a request that does something, or to one that asks. */
struct unionpay_handling unionpay_handling(enum unionpay_use use, struct span code);

/* unionpay_bill.c */
extern const struct adapter_bill unionpay_bills[];

#endif
