/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_WECHATPAY_WECHATPAY_H
#define TALLYGATE_ADAPTERS_WECHATPAY_WECHATPAY_H

/* The parts of the WeChat Pay adapter (API v3, direct merchants). The manual page wechatpay(7) lists
 * what is supported and how statements that the documents leave open are handled.
 *
 * Between answer_split and answer_read travels one payload: a line with the HTTP status and the signed
 * time in seconds (0 when unsigned), then the body. A callback's payload is its body. */

#include "adapter.h"
#include "bill.h"
#include "certificate_chain.h"

#define WECHATPAY_ZONE_MIN     ZONE_CHINA_MIN
#define WECHATPAY_PUBLIC_KEY   "PUB_KEY_ID_" /* how the id of a public key begins */
#define WECHATPAY_PROBE        "WECHATPAY/SIGNTEST/"
#define WECHATPAY_RSA          "WECHATPAY2-SHA256-RSA2048"
#define WECHATPAY_SM           "WECHATPAY2-SM2-WITH-SM3"
#define WECHATPAY_SERIAL_MAX   80
#define WECHATPAY_BODY_MAX     ((size_t)8 * 1024) /* of a request */
#define WECHATPAY_URL_MAX      2048
#define WECHATPAY_QR_GRACE_MS  INT64_C(7200000) /* a code_url lives two hours (4.2) */
#define WECHATPAY_NONCE_BYTES  12               /* of AEAD (5.1) */
#define WECHATPAY_NUMBER_MIN   6
#define WECHATPAY_NUMBER_MAX   32
#define WECHATPAY_REFUND_MAX   64
#define WECHATPAY_PREPARED_MAX 64

/* wechatpay_account.c: hex serials in upper case without leading zeros, since SDKs print them as
 * numbers; the id of a public key exactly as it is. */
MUST_USE enum err wechatpay_serial(struct span printed, struct arena *arena, struct span *out);
MUST_USE enum err wechatpay_account_prepare(const struct adapter_material *material,
                                            struct wall_time now, struct arena *arena,
                                            struct adapter_account *account);
/* The key we ask answers to be signed with: the configured public key, else of the certificates that
 * are valid at that time the one that ends last, else the account's preferred_serial (may be empty). */
struct span wechatpay_wanted_serial(const struct adapter_account *account, struct wall_time now);

/* wechatpay_keys.c */
MUST_USE enum err wechatpay_keys_read(struct span payload, const struct adapter_opened *opened,
                                      struct arena *arena, struct adapter_key_offer *out);
MUST_USE enum err wechatpay_key_accept(const struct adapter_account *account, struct span pem,
                                       struct wall_time now, struct arena *arena,
                                       struct adapter_key *out);

/* wechatpay_request.c: fields method, url (path and query as sent), timestamp, nonce_str, body, mchid,
 * serial_no, appid; the last three are not in the signed text. INVOKE: appId, timeStamp, nonceStr,
 * package. */
MUST_USE enum err wechatpay_request_build(const struct adapter_account *account,
                                          enum adapter_operation operation,
                                          const struct adapter_order *order, struct wall_time now,
                                          struct arena *arena, struct adapter_fields *fields);
MUST_USE enum err
wechatpay_request_encode(const struct adapter_account *account, enum adapter_operation operation,
                         const struct adapter_order *order, const struct adapter_fields *fields,
                         struct span signature, struct arena *arena, struct adapter_request *out);
MUST_USE enum err wechatpay_invoke_encode(const struct adapter_account *account,
                                          const struct adapter_fields *fields,
                                          struct span signature, struct arena *arena,
                                          struct adapter_fields *out);

/* wechatpay_body.c: the JSON body of an operation, empty for the GETs. The same order gives the same
 * bytes: a request that is sent again with any difference is refused (4.2). */
MUST_USE enum err wechatpay_body(const struct adapter_account *account,
                                 enum adapter_operation operation,
                                 const struct adapter_order *order, struct arena *arena,
                                 struct span *out);

/* wechatpay_path.c: path and query. Errors: METHOD_UNKNOWN, FIELD_*. */
MUST_USE enum err wechatpay_path(const struct adapter_account *account,
                                 enum adapter_operation operation,
                                 const struct adapter_order *order, struct arena *arena,
                                 struct span *out);
/* Letters, digits and `others`, of that many characters. */
MUST_USE enum err wechatpay_check_text(struct span text, const char *others, size_t min,
                                       size_t max);
MUST_USE enum err wechatpay_check_order_no(struct span number);
MUST_USE enum err wechatpay_check_refund_no(struct span number);

/* wechatpay_sign.c */
MUST_USE enum err wechatpay_sign_text(const struct adapter_fields *fields, struct arena *arena,
                                      struct buf *out);
MUST_USE enum err wechatpay_sign_facts(const struct adapter_fields *fields, struct arena *arena,
                                       struct adapter_sign_facts *out);

/* wechatpay_message.c. A bill file is not signed (2.6): the caller compares its digest with `bill_hash`
 * of the link and does not come here with it. What comes here all the same is split without the
 * file's bytes, and read as PROVIDER_UNVERIFIED; a failure of the download is read as a hint. */
MUST_USE enum err wechatpay_answer_split(enum adapter_operation operation,
                                         const struct adapter_message *message, struct arena *arena,
                                         struct adapter_signed *out);
MUST_USE enum err wechatpay_callback_split(const struct adapter_message *message,
                                           struct arena *arena, struct adapter_signed *out);

struct wechatpay_payload {
    int status;
    struct wall_time stated_at;
    struct span body;
};
MUST_USE enum err wechatpay_payload_cut(struct span payload, struct wechatpay_payload *out);

/* wechatpay_sealed.c */
MUST_USE enum err wechatpay_sealed_find(enum adapter_operation operation, struct span payload,
                                        struct arena *arena, struct adapter_sealed_list *out);

/* wechatpay_answer.c */
MUST_USE enum err wechatpay_answer_read(const struct adapter_account *account,
                                        enum adapter_operation operation,
                                        const struct adapter_order *order, struct span payload,
                                        bool verified, struct arena *arena,
                                        struct adapter_answer *out);

/* wechatpay_callback.c */
MUST_USE enum err wechatpay_callback_read(const struct adapter_account *account,
                                          struct span payload, const struct adapter_opened *opened,
                                          struct arena *arena, struct evidence_claim *out);

/* wechatpay_claim.c: what a transaction (4.4) or a refund (4.6, 5.4) says. Amounts without a currency
 * are CNY: the interfaces take nothing else. Errors: PROVIDER_PROTOCOL. */
struct json_t;
MUST_USE enum err wechatpay_text(const struct json_t *object, const char *name, struct arena *arena,
                                 struct span *out); /* the empty span when absent */
MUST_USE enum err wechatpay_transaction(const struct json_t *object, struct arena *arena,
                                        struct evidence_claim *out);
struct wechatpay_refund {
    enum adapter_refund_state state;
    struct money asked; /* what this refund is about */
    struct evidence_claim claim;
};
/* `status_name`: "status" in answers, "refund_status" in callbacks. */
MUST_USE enum err wechatpay_refund(const struct json_t *object, const char *status_name,
                                   struct arena *arena, struct wechatpay_refund *out);

/* wechatpay_codes.c: the row of the table for a failure. Codes are compared in upper case without
 * underscores; one that is not listed leaves the outcome unknown. An empty code: by status. */
struct wechatpay_code {
    enum adapter_handling handling;
    enum err err;
    enum evidence_verdict verdict;
};
struct wechatpay_code wechatpay_code_find(enum adapter_operation operation, int status,
                                          struct span code);
/* Errors: PROVIDER_PROTOCOL for an undocumented state. VERDICT_NONE: it says nothing final about a
 * payment of ours. */
MUST_USE enum err wechatpay_trade_state(struct span state, enum evidence_verdict *out);
MUST_USE enum err wechatpay_refund_state(struct span state, enum adapter_refund_state *out);

/* wechatpay_bill.c */
extern const struct adapter_bill wechatpay_bills[];

#endif
