/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FOURTH_TESTPAY_TESTPAY_H
#define TALLYGATE_TESTS_FOURTH_TESTPAY_TESTPAY_H

/* The parts of a provider that does not exist. It speaks lines of name=value, signed with Ed25519; the
 * manual page testpay(7) is its document. */

#include "adapter.h"
#include "bill.h"

#define TESTPAY_TEXT_MAX ((size_t)16 * 1024)

/* testpay_lines.c: every line ends in a line feed; no name comes twice. Errors: PROVIDER_PROTOCOL. */
MUST_USE enum err testpay_lines_decode(struct span text, struct adapter_fields *out);
/* The same for bytes that end in the line "sign=…": what stands before it is what was signed. A text
 * without such a line is not signed. Errors: PROVIDER_PROTOCOL. */
MUST_USE enum err testpay_lines_split(struct span body, struct arena *arena,
                                      struct adapter_signed *out);
/* Errors: FIELD_CHARACTERS for a line feed or another control character in a name or value. */
MUST_USE enum err testpay_lines_encode(const struct adapter_fields *fields, struct buf *out);
/* "" when absent. Errors of the last two: PROVIDER_PROTOCOL for what is there and cannot be read. */
MUST_USE enum err testpay_time(const struct adapter_fields *fields, const char *name,
                               struct wall_time *out);
MUST_USE enum err testpay_amount(const struct adapter_fields *fields, const char *name,
                                 struct money *out);

/* testpay_request.c */
MUST_USE enum err testpay_request_build(const struct adapter_account *account,
                                        enum adapter_operation operation,
                                        const struct adapter_order *order, struct wall_time now,
                                        struct arena *arena, struct adapter_fields *fields);
MUST_USE enum err testpay_sign_text(const struct adapter_fields *fields, struct arena *arena,
                                    struct buf *out);
MUST_USE enum err testpay_sign_facts(const struct adapter_fields *fields, struct arena *arena,
                                     struct adapter_sign_facts *out);
MUST_USE enum err testpay_request_encode(const struct adapter_account *account,
                                         enum adapter_operation operation,
                                         const struct adapter_order *order,
                                         const struct adapter_fields *fields, struct span signature,
                                         struct arena *arena, struct adapter_request *out);

/* testpay_statement.c: what the provider says, answering or calling back. */
MUST_USE enum err testpay_answer_split(enum adapter_operation operation,
                                       const struct adapter_message *message, struct arena *arena,
                                       struct adapter_signed *out);
MUST_USE enum err testpay_answer_read(const struct adapter_account *account,
                                      enum adapter_operation operation,
                                      const struct adapter_order *order, struct span payload,
                                      bool verified, struct arena *arena,
                                      struct adapter_answer *out);
MUST_USE enum err testpay_callback_split(const struct adapter_message *message, struct arena *arena,
                                         struct adapter_signed *out);
MUST_USE enum err testpay_callback_read(const struct adapter_account *account, struct span payload,
                                        const struct adapter_opened *opened, struct arena *arena,
                                        struct evidence_claim *out);

/* testpay_bill.c */
extern const struct adapter_bill testpay_bills[];

/* The word for an operation in "do"; NULL when there is none. */
const char *testpay_word(enum adapter_operation operation);

#endif
