/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WECHATPAY_WORLD_H
#define TALLYGATE_WORLD_WECHATPAY_WORLD_H

/* What the parts of the played WeChat Pay share: its merchants, the keys it signs with, the table of
 * orders, and the lists of faults, notices and bill edits that a play can set. Amounts are integer
 * fen. The clauses named beside functions are those of the provider's document. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <event2/http.h>

#include "crypto.h"
#include "money.h"
#include "wechatpay_seal.h"
#include "world.h"

#define WECHATPAY_MERCHANTS  3
#define WECHATPAY_NUMBER_MAX 64 /* characters of the longest number, out_refund_no */
#define WECHATPAY_SERIAL_MAX 64
#define WECHATPAY_BODY_MAX   (size_t)(256 * 1024)
#define WECHATPAY_BILL_MAX   (size_t)(32 * 1024 * 1024)

#define WECHATPAY_PUBKEY_ID "PUB_KEY_ID_0119000000022025010100000000000000"

/* The one payer of this world, where the merchant does not name one. */
#define WECHATPAY_OPENID "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"

/* 1900000001 holds platform certificates, 1900000002 the public key, 1900000003 speaks SM. */
enum wechatpay_family { WECHATPAY_CERTIFICATES, WECHATPAY_PUBKEY, WECHATPAY_SM };

struct wechatpay_merchant {
    const char *mchid;
    const char *appid;
    enum wechatpay_family family;
    char serial[WECHATPAY_SERIAL_MAX]; /* of its API certificate */
    struct crypto_public_key *key;     /* verifies requests */
    struct wechatpay_seal_key seal;    /* from its APIv3 key */
};

/* Keys of the platform; FORGER is nobody's. */
enum wechatpay_signer_name {
    WECHATPAY_SIGNER_PLATFORM,
    WECHATPAY_SIGNER_PLATFORM_NEXT,
    WECHATPAY_SIGNER_PUBKEY,
    WECHATPAY_SIGNER_SM,
    WECHATPAY_SIGNER_FORGER,
    WECHATPAY_SIGNER_COUNT
};

struct wechatpay_signer {
    char serial[WECHATPAY_SERIAL_MAX]; /* or WECHATPAY_PUBKEY_ID */
    enum crypto_scheme scheme;
    struct crypto_private_key *key;
    char *certificate; /* PEM; NULL for the public key and the forger */
    struct wall_time not_before;
    struct wall_time not_after;
};

enum wechatpay_product { WECHATPAY_NATIVE, WECHATPAY_H5, WECHATPAY_JSAPI, WECHATPAY_PRODUCT_COUNT };

enum wechatpay_state { WECHATPAY_NOTPAY, WECHATPAY_PAID, WECHATPAY_CLOSED, WECHATPAY_STATE_COUNT };

enum wechatpay_refund_status {
    WECHATPAY_REFUND_PROCESSING,
    WECHATPAY_REFUND_SUCCESS,
    WECHATPAY_REFUND_CLOSED,
    WECHATPAY_REFUND_ABNORMAL,
    WECHATPAY_REFUND_STATUS_COUNT
};

struct wechatpay_refund {
    TAILQ_ENTRY(wechatpay_refund) next;
    struct wechatpay_order *order;
    enum wechatpay_refund_status status;
    char out_refund_no[WECHATPAY_NUMBER_MAX + 1];
    char refund_id[40];
    char *notify_url; /* NULL when absent */
    struct money amount;
    struct wall_time created;  /* when it was accepted */
    struct wall_time finished; /* 0: not yet */
    bool held;                 /* stays PROCESSING until a control call ends it */
};

struct wechatpay_order {
    TAILQ_ENTRY(wechatpay_order) next;
    const struct wechatpay_merchant *merchant;
    enum wechatpay_product product;
    enum wechatpay_state state;
    bool opened; /* the payer has it before them */
    char out_trade_no[WECHATPAY_NUMBER_MAX + 1];
    char transaction_id[40]; /* "" until paid */
    char *description;
    char *attach; /* "" when absent */
    char *notify_url;
    char *openid;
    struct json_t *request; /* what asking again is compared with (4.2) */
    struct money total;
    struct wall_time created;
    struct wall_time paid;    /* 0: never */
    struct wall_time expires; /* the payer may confirm before it */
    struct wall_time closes;  /* an unpaid order is closed by then */
    TAILQ_HEAD(wechatpay_refund_list, wechatpay_refund) refunds;
};

struct wechatpay_code;
struct wechatpay_fault;
struct wechatpay_notice;
struct wechatpay_delivery;
struct wechatpay_post;
struct wechatpay_edits;
struct wechatpay_link;
struct wechatpay_waiter;
struct wechatpay_held;

struct wechatpay {
    struct world *world;
    struct evhttp *http;
    struct door *door; /* of its TLS listeners */
    uint16_t port;
    struct wechatpay_merchant merchants[WECHATPAY_MERCHANTS];
    struct wechatpay_signer signers[WECHATPAY_SIGNER_COUNT];
    bool next_listed; /* the next platform certificate can be downloaded */
    bool next_signs;  /* and has taken over */
    uint64_t serial;  /* for the platform's numbers */
    struct event *tick;
    TAILQ_HEAD(, wechatpay_order) orders;
    TAILQ_HEAD(, wechatpay_code) codes;
    TAILQ_HEAD(, wechatpay_fault) faults;
    TAILQ_HEAD(, wechatpay_held) held;
    TAILQ_HEAD(, wechatpay_notice) notices;
    TAILQ_HEAD(, wechatpay_delivery) deliveries;
    TAILQ_HEAD(, wechatpay_post) posts;
    TAILQ_HEAD(, wechatpay_waiter) idle;
    TAILQ_HEAD(, wechatpay_edits) edits;
    TAILQ_HEAD(, wechatpay_link) links;
};

/* wechatpay_text.c ----------------------------------------------------------------------------- */

/* A malloc'ed C string of `s`. Errors: NO_MEMORY. */
MUST_USE enum err wechatpay_copy(struct span s, char **out);
void wechatpay_text_fini(char **text);

/* Copies into caller's storage of `size` bytes. Errors: FIELD_LENGTH. */
MUST_USE enum err wechatpay_print(struct span s, char *out, size_t size);

/* "2026-03-10T12:00:00+08:00" (4.1). */
MUST_USE enum err wechatpay_put_time(struct json_t *object, const char *name, struct wall_time t);
MUST_USE enum err wechatpay_format_time(struct wall_time t, struct buf *out);

/* `text` with the characters that HTML reserves escaped. */
MUST_USE enum err wechatpay_html(struct buf *out, const char *text);

/* `count` random characters of [0-9A-Za-z] (1.2). */
MUST_USE enum err wechatpay_nonce(size_t count, struct buf *out);

/* The body as it came. */
struct span wechatpay_request_body(struct evhttp_request *req);

/* Answers one HTTP request and releases it. */
void wechatpay_reply(struct evhttp_request *req, int status, const char *type, struct span body);
void wechatpay_reply_page(struct evhttp_request *req, int status, const char *title,
                          const char *message);

#endif
