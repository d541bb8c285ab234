/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_ALIPAY_WORLD_H
#define TALLYGATE_WORLD_ALIPAY_WORLD_H

/* What the parts of the played Alipay share: its applications and their keys, the table of trades, and
 * the lists of faults, notices and bill edits that a play can set. Amounts are integer fen. The
 * clauses named beside functions are those of the provider's document. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "alipay_form.h"
#include "crypto.h"
#include "money.h"
#include "world.h"

#define ALIPAY_APPS       2
#define ALIPAY_NUMBER_MAX 64 /* out_trade_no, out_request_no: characters */
#define ALIPAY_BODY_MAX   (size_t)(256 * 1024)
#define ALIPAY_BILL_MAX   (size_t)(16 * 1024 * 1024)

/* The one payer of this world. */
#define ALIPAY_BUYER_ID      "2088102100000001"
#define ALIPAY_BUYER_LOGON   "buy***@example.com"
#define ALIPAY_BUYER_ACCOUNT "*三(buy***@example.com)"

/* With what we sign. `sn` is "" and `chain` NULL for a bare key. */
struct alipay_signer {
    struct crypto_private_key *key;
    char sn[2 * MD5_BYTES + 1];
    char *chain; /* PEM, its leaf first */
};

enum alipay_signer_name {
    ALIPAY_SIGNER_PLAIN,
    ALIPAY_SIGNER_PRESENT,
    ALIPAY_SIGNER_NEXT,
    ALIPAY_SIGNER_FOREIGN, /* our name under another root */
    ALIPAY_SIGNER_COUNT
};

/* Application 2021000000000001 speaks the public-key scheme for seller 2088000000000001, application
 * 2021000000000002 the certificate scheme for seller 2088000000000002. */
struct alipay_app {
    const char *app_id;
    const char *seller_id;
    bool certificates;
    struct crypto_public_key *merchant_key; /* verifies requests */
    const struct alipay_signer *signer;     /* of answers and notices */
    char app_cert_sn[2 * MD5_BYTES + 1];
    char *root_cert_sn;
};

enum alipay_product { ALIPAY_PAGE, ALIPAY_WAP, ALIPAY_QR, ALIPAY_PRODUCT_COUNT };

/* ABSENT: asked for, but the payer has neither logged in nor scanned, so nobody can query it. */
enum alipay_status { ALIPAY_ABSENT, ALIPAY_WAIT, ALIPAY_PAID, ALIPAY_CLOSED, ALIPAY_STATUS_COUNT };

struct alipay_refund {
    TAILQ_ENTRY(alipay_refund) next;
    char request_no[ALIPAY_NUMBER_MAX + 1];
    char *reason;
    struct money amount;
    struct wall_time at;
};

struct alipay_trade {
    TAILQ_ENTRY(alipay_trade) next;
    const struct alipay_app *app;
    enum alipay_product product;
    enum alipay_status status;
    char out_trade_no[ALIPAY_NUMBER_MAX + 1];
    char trade_no[40];
    char qr_code[64]; /* "" unless ALIPAY_QR */
    char cashier[33]; /* names this trade in the payer page's form */
    char *subject;
    char *body; /* NULL when absent, as all below */
    char *passback;
    char *notify_url;
    char *return_url;
    char *quit_url;
    struct money total;
    struct money refunded;
    bool tell_closed; /* expired on the way; its notice is still to be made */
    struct wall_time created;
    struct wall_time paid;         /* 0: never */
    struct wall_time closed;       /* 0: not closed */
    struct wall_time expires;      /* the payer may confirm before it */
    struct wall_time code_expires; /* the code may be scanned before it */
    TAILQ_HEAD(alipay_refund_list, alipay_refund) refunds;
};

struct alipay_fault;
struct alipay_notice;
struct alipay_delivery;
struct alipay_post;
struct alipay_edits;
struct alipay_link;
struct alipay_waiter;
struct alipay_hung;

struct alipay {
    struct world *world;
    struct evhttp *gateway;
    struct evhttp *bills;
    struct door *door; /* of its TLS listeners */
    uint16_t gateway_port;
    uint16_t bill_port;
    struct alipay_app apps[ALIPAY_APPS];
    struct alipay_signer signers[ALIPAY_SIGNER_COUNT];
    struct crypto_private_key *forger;
    uint64_t serial; /* for trade numbers, notice numbers and links */
    struct event *tick;
    TAILQ_HEAD(, alipay_trade) trades;
    TAILQ_HEAD(, alipay_fault) faults;
    TAILQ_HEAD(, alipay_hung) hung;
    TAILQ_HEAD(alipay_notice_list, alipay_notice) notices;
    TAILQ_HEAD(, alipay_delivery) deliveries;
    TAILQ_HEAD(, alipay_post) posts;
    TAILQ_HEAD(, alipay_waiter) idle;
    TAILQ_HEAD(, alipay_edits) edits;
    TAILQ_HEAD(, alipay_link) links;
};

/* A malloc'ed C string of `s`. Errors: NO_MEMORY. */
MUST_USE enum err alipay_copy(struct span s, char **out);

/* "yyyy-MM-dd HH:mm:ss" in China, and an amount in yuan, as JSON members. */
MUST_USE enum err alipay_put_time(struct json_t *object, const char *name, struct wall_time t);
MUST_USE enum err alipay_put_money(struct json_t *object, const char *name, struct money amount);

/* `text` with the five characters that HTML reserves escaped. */
MUST_USE enum err alipay_html(struct buf *out, const char *text);

/* `data` as gzip makes it. Errors: SYSTEM, BUF_FULL. */
MUST_USE enum err alipay_gzip(struct span data, struct buf *out);

/* alipay_reply.c: answers one HTTP request and releases it. */
void alipay_reply(struct evhttp_request *req, int status, const char *type, struct span body);
void alipay_reply_page(struct evhttp_request *req, int status, const char *title,
                       const char *message);
void alipay_reply_redirect(struct evhttp_request *req, const char *url);
MUST_USE enum err alipay_request_params(struct evhttp_request *req, struct alipay_params *query,
                                        struct alipay_params *all);

#endif
