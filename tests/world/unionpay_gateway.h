/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_UNIONPAY_GATEWAY_H
#define TALLYGATE_WORLD_UNIONPAY_GATEWAY_H

/* The gateway's addresses: each takes some transactions and answers with a signed message, but the
 * front one, which answers with the payer's page (1, 3). */

#include "unionpay_world.h"

enum unionpay_address {
    UNIONPAY_AT_FRONT,
    UNIONPAY_AT_BACK,
    UNIONPAY_AT_QUERY,
    UNIONPAY_AT_FILES,
    UNIONPAY_ADDRESS_COUNT
};

/* One request under way. */
struct unionpay_call {
    struct unionpay *unionpay;
    const struct unionpay_merchant *merchant;
    const struct unionpay_fields *in;
    struct unionpay_fields *out;
    const char *code;   /* respCode so far */
    const char *detail; /* the field it is about; NULL: none */
};

typedef enum err (*unionpay_call_fn)(struct unionpay_call *call);

/* What a transaction is made of. */
struct unionpay_rule {
    enum unionpay_address address;
    const char *txn_type;
    const char *sub_type;
    const char *biz_types; /* separated by blanks, as those below */
    const char *channels;
    const char *required; /* beside the common fields */
    bool fresh;           /* txnTime is the moment of sending */
    unionpay_call_fn fn;  /* NULL: a page */
    const char *record;   /* what the call is in the record */
};

/* unionpay_judge.c: finds the merchant and the rule, and sets call->code to what a wrong request is
 * refused with. */
MUST_USE enum err unionpay_judge(struct unionpay_call *call, enum unionpay_address address,
                                 const struct unionpay_rule **out);

/* unionpay_call.c */
const struct unionpay_rule *unionpay_call_rule(enum unionpay_address address, const char *txn_type,
                                               const char *sub_type);
MUST_USE enum err unionpay_call_query(struct unionpay_call *call);
MUST_USE enum err unionpay_call_code(struct unionpay_call *call);
MUST_USE enum err unionpay_call_refund(struct unionpay_call *call);
MUST_USE enum err unionpay_call_cancel(struct unionpay_call *call);
MUST_USE enum err unionpay_call_certificate(struct unionpay_call *call);
MUST_USE enum err unionpay_call_place(struct unionpay_call *call, enum unionpay_kind kind,
                                      struct unionpay_txn **out);
MUST_USE enum err unionpay_call_file(struct unionpay_call *call); /* unionpay_settle.c */

/* unionpay_page.c: shows the payer a judged request; serves that page's own form. */
MUST_USE enum err unionpay_page_show(struct unionpay_call *call, struct evhttp_request *req);
void unionpay_page_cashier(struct unionpay *unionpay, struct evhttp_request *req);

void unionpay_gateway_serve(struct unionpay *unionpay, struct evhttp_request *req,
                            enum unionpay_address address);
MUST_USE enum err unionpay_gateway_body(struct evhttp_request *req, struct unionpay_fields *out);
void unionpay_gateway_free_hung(struct unionpay *unionpay);

#endif
