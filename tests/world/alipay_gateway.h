/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_ALIPAY_GATEWAY_H
#define TALLYGATE_WORLD_ALIPAY_GATEWAY_H

/* gateway.do: one address, the method in a parameter, a signed answer (1, 4). */

#include "alipay_world.h"

/* A verified call under way. A handler fills `out`, or names the reason of its refusal. */
struct alipay_call {
    struct alipay *alipay;
    const struct alipay_app *app;
    const struct alipay_params *params;
    const struct json_t *biz; /* biz_content */
    struct json_t *out;       /* members after code and msg */
    const char *code;         /* NULL: what goes with sub_code */
    const char *sub_code;     /* NULL: code 10000 */
};

/* Errors are the machine's own (NO_MEMORY, …); a wrong request is a sub_code. */
typedef enum err (*alipay_call_fn)(struct alipay_call *call);

enum err alipay_call_precreate(struct alipay_call *call);
enum err alipay_call_query(struct alipay_call *call);
enum err alipay_call_close(struct alipay_call *call);
enum err alipay_call_cancel(struct alipay_call *call);
enum err alipay_call_refund(struct alipay_call *call);
enum err alipay_call_refund_query(struct alipay_call *call);
enum err alipay_call_bill(struct alipay_call *call);
enum err alipay_call_cert(struct alipay_call *call);

/* page.pay and wap.pay: the payer's browser comes here itself; answered with a page. */
void alipay_page_show(struct alipay *alipay, struct evhttp_request *req,
                      const struct alipay_app *app, const struct alipay_params *params,
                      enum alipay_product product);
void alipay_page_cashier(struct alipay *alipay, struct evhttp_request *req);

/* Handles one request to gateway.do. */
void alipay_gateway_serve(struct alipay *alipay, struct evhttp_request *req);

/* alipay_late.c: leaves a request unanswered, or answers it four seconds late. Errors: NO_MEMORY, SYSTEM. */
MUST_USE enum err alipay_late_never(struct alipay *alipay, struct evhttp_request *req);
MUST_USE enum err alipay_late_answer(struct alipay *alipay, struct evhttp_request *req,
                                     const char *type, struct span body);
/* One byte every fifth of a second. */
MUST_USE enum err alipay_late_drip(struct alipay *alipay, struct evhttp_request *req,
                                   const char *type, struct span body);
/* What is unanswered at the end is let go of. */
void alipay_late_free_all(struct alipay *alipay);

/* Text for people that goes with a sub_code. */
const char *alipay_sub_msg(const char *sub_code);

/* alipay_call.c: what several calls read from biz_content. A NULL or false result has set sub_code. */
struct span alipay_call_text(const struct alipay_call *call, const char *name); /* "" if absent */
bool alipay_call_amount(struct alipay_call *call, const char *name, struct money *out);

/* The trade that is named; trade_no wins (3). *out is NULL when it does not exist for the caller,
 * with sub_code set. */
MUST_USE enum err alipay_call_trade(struct alipay_call *call, struct alipay_trade **out);

/* Whether query_options holds `option`. */
bool alipay_call_wants(const struct alipay_call *call, const char *option);

/* alipay_call_pay.c: reads an order for `product` and places it (3.1 to 3.3). *out is NULL with
 * sub_code set when it is refused. */
MUST_USE enum err alipay_call_order(struct alipay_call *call, enum alipay_product product,
                                    struct alipay_trade **out);

#endif
