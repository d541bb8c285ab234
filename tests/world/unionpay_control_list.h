/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_UNIONPAY_CONTROL_LIST_H
#define TALLYGATE_WORLD_UNIONPAY_CONTROL_LIST_H

/* The answers of the control calls that tell what there is. */

#include "unionpay_world.h"

MUST_USE enum err unionpay_list_scanned(const struct unionpay_txn *txn, struct json_t **out);
MUST_USE enum err unionpay_list_paid(const struct unionpay_txn *txn, struct json_t **out);
MUST_USE enum err unionpay_list_trades(struct unionpay *unionpay, struct json_t **out);
MUST_USE enum err unionpay_list_refunds(struct unionpay *unionpay, struct json_t **out);
MUST_USE enum err unionpay_list_deliveries(const struct unionpay *unionpay, struct json_t **out);

#endif
