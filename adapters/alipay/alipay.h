/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_ALIPAY_ALIPAY_H
#define TALLYGATE_ADAPTERS_ALIPAY_ALIPAY_H

/* The parts of the Alipay adapter (open platform, gateway.do, "V2"). Clause numbers are those of the
 * product documents by name; the manual page alipay(7) lists what is supported. */

#include "adapter.h"
#include "bill.h"

#define ALIPAY_ZONE_MIN     ZONE_CHINA_MIN
#define ALIPAY_TEXT_MAX     ((size_t)256 * 1024)
#define ALIPAY_QR_GRACE_MS  INT64_C(7200000) /* a code lives at most two hours (precreate) */
#define ALIPAY_SERIAL_CHARS 32
#define ALIPAY_OWNER_MAX    ((size_t)512)

/* alipay_serial.c: "sn" of a certificate: hex MD5 of issuer DN and decimal serial. */
MUST_USE enum err alipay_serial(const struct crypto_certificate *certificate, struct buf *out);
/* Serials of the bundle's members with an RSA signature, joined by "_". Errors: CERT_PARSE. */
MUST_USE enum err alipay_root_serial(struct crypto_certificate *const *roots, size_t count,
                                     struct buf *out);
/* A certificate's key under its serial; the key is the caller's. */
MUST_USE enum err alipay_certificate_key(const struct crypto_certificate *certificate,
                                         struct arena *arena, struct adapter_key *out);
MUST_USE enum err alipay_account_prepare(const struct adapter_material *material,
                                         struct wall_time now, struct arena *arena,
                                         struct adapter_account *account);

/* alipay_keys.c: alipay.open.app.alipaycert.download. */
MUST_USE enum err alipay_keys_read(struct span payload, const struct adapter_opened *opened,
                                   struct arena *arena, struct adapter_key_offer *out);
MUST_USE enum err alipay_key_accept(const struct adapter_account *account, struct span pem,
                                    struct wall_time now, struct arena *arena,
                                    struct adapter_key *out);

/* alipay_request.c */
MUST_USE enum err alipay_request_build(const struct adapter_account *account,
                                       enum adapter_operation operation,
                                       const struct adapter_order *order, struct wall_time now,
                                       struct arena *arena, struct adapter_fields *fields);
MUST_USE enum err alipay_request_encode(const struct adapter_account *account,
                                        enum adapter_operation operation,
                                        const struct adapter_order *order,
                                        const struct adapter_fields *fields, struct span signature,
                                        struct arena *arena, struct adapter_request *out);

/* alipay_sign.c: the text over fields: all but "sign", without empty ones, sorted, name=value joined
 * by "&", values not escaped. */
MUST_USE enum err alipay_sign_text(const struct adapter_fields *fields, struct arena *arena,
                                   struct buf *out);
MUST_USE enum err alipay_sign_facts(const struct adapter_fields *fields, struct arena *arena,
                                    struct adapter_sign_facts *out);

/* alipay_slice.c: the signed bytes of an answer, exactly as they stand in the body. `gbk` steps over
 * two-byte characters inside strings. Errors: PROVIDER_PROTOCOL for a root that is missing or given
 * twice, a second sign, trailing data, truncation, or a body that is not an object. */
struct alipay_slice {
    struct span root;
    struct span sign;   /* between the quotes, still JSON-escaped; empty when absent */
    struct span serial; /* alipay_cert_sn, likewise */
};
MUST_USE enum err alipay_slice(struct span body, const char *root_name, bool gbk,
                               struct alipay_slice *out);

/* alipay_text.c: UTF-8 from UTF-8 or GB18030 bytes. Errors: ENCODING. */
MUST_USE enum err alipay_utf8(struct span bytes, struct arena *arena, struct span *out);

/* alipay_answer.c */
MUST_USE enum err alipay_answer_split(enum adapter_operation operation,
                                      const struct adapter_message *message, struct arena *arena,
                                      struct adapter_signed *out);
MUST_USE enum err alipay_answer_read(const struct adapter_account *account,
                                     enum adapter_operation operation,
                                     const struct adapter_order *order, struct span payload,
                                     bool verified, struct arena *arena,
                                     struct adapter_answer *out);

/* alipay_codes.c: the row of the result-code table for an answer. `code` and `sub_code` as printed;
 * an unknown sub_code asks again. */
struct alipay_code {
    enum adapter_handling handling;
    enum err err;
    enum evidence_verdict verdict;
};
struct alipay_code alipay_code_find(enum adapter_operation operation, struct span code,
                                    struct span sub_code);

/* alipay_callback.c */
MUST_USE enum err alipay_callback_split(const struct adapter_message *message, struct arena *arena,
                                        struct adapter_signed *out);
MUST_USE enum err alipay_callback_read(const struct adapter_account *account, struct span payload,
                                       const struct adapter_opened *opened, struct arena *arena,
                                       struct evidence_claim *out);

/* alipay_status.c: trade_status and what surrounds it, to a verdict. Errors: PROVIDER_PROTOCOL for
 * an undocumented status. */
MUST_USE enum err alipay_status(struct span trade_status, bool was_paid,
                                enum evidence_verdict *out);

/* alipay_crypt.c: encrypt_type=AES: AES-CBC, zero IV, PKCS#7, base64. */
MUST_USE enum err alipay_encrypt(const struct secret *key, struct span plain, struct buf *out);
MUST_USE enum err alipay_decrypt(const struct secret *key, struct span text, struct buf *out);

/* alipay_bill.c */
extern const struct adapter_bill alipay_bills[];

/* The API name of an operation ("alipay.trade.query"). */
const char *alipay_api(enum adapter_operation operation, enum adapter_method method);

#endif
