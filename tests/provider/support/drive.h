/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_PROVIDER_DRIVE_H
#define TALLYGATE_TESTS_PROVIDER_DRIVE_H

/* Asking a provider by provider_call, and the payer who pays from the other side. */

#include <criterion/parameterized.h>

#include "adapter.h"
#include "house.h"

/* One row per account of the house; tests are repeated for each. */
#define DRIVE_ACCOUNTS 8
extern const char *const drive_accounts[DRIVE_ACCOUNTS];

/* A test of this name for each account; `*row` is its place in that list. */
#define EACH_ACCOUNT(suite, claim)                                              \
    ParameterizedTestParameters(suite, claim)                                   \
    {                                                                           \
        static size_t rows[] = { 0, 1, 2, 3, 4, 5, 6, 7 };                      \
        return cr_make_param_array(size_t, rows, sizeof(rows) / sizeof(*rows)); \
    }                                                                           \
    ParameterizedTest(const size_t *row, suite, claim, .fini = house_close, .timeout = 60)

/* What came of one operation. */
struct drive_said {
    enum err err;
    bool sent;
    bool is_form;
    enum evidence_verdict verdict; /* of verified evidence alone */
    struct adapter_answer answer;
    struct adapter_request request;
    struct adapter_fields invoked;
    size_t keys;
};

/* An order of its own number, made now, payable for half an hour. */
struct adapter_order drive_order(enum adapter_method method, int64_t fen);

/* A refund of `paid`: its own number, made now. */
struct adapter_order drive_refund(const struct adapter_order *paid, int64_t fen);

/* A house whose account of that row can read answers: keys that have to be asked for have been. */
const struct adapter_account *drive_open(size_t row);

struct drive_said drive_ask(const struct adapter_account *account, enum adapter_operation operation,
                            const struct adapter_order *order);

/* The n-th method of the account; NONE after the last. */
enum adapter_method drive_method(const struct adapter_account *account, size_t n);

/* Asks for the payment, and the payer opens what came, but does not confirm. */
void drive_begin(const struct adapter_account *account, const struct adapter_order *order);

/* The payer confirms; false when the provider does not let him. */
bool drive_confirm(const struct adapter_account *account, const struct adapter_order *order);

/* Begun, confirmed, and asked about: the provider's number of it is in the order afterwards. */
void drive_paid(const struct adapter_account *account, struct adapter_order *order);

/* Asks for the refund until the query says that its money has moved. */
void drive_refunded(const struct adapter_account *account, const struct adapter_order *refund);

/* A cancel that names no amount, as Alipay's, is signed only where every payment may be given back. */
bool drive_may_cancel(const struct adapter_account *account);

/* The path of a control call of the account's provider. */
const char *drive_path(const struct adapter_account *account, const char *call);

#endif
