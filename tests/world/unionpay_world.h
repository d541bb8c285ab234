/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_UNIONPAY_WORLD_H
#define TALLYGATE_WORLD_UNIONPAY_WORLD_H

/* What the parts of the played UnionPay share: its merchants and keys, the table of transactions, and
 * the lists of faults, notices and settlement edits that a play can set. Amounts are integer fen. The
 * clauses named beside functions are those of the provider's document. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "crypto.h"
#include "money.h"
#include "unionpay_form.h"
#include "world.h"

#define UNIONPAY_MERCHANTS 3
#define UNIONPAY_ORDER_MAX 32
#define UNIONPAY_TIME_LEN  14 /* YYYYMMDDhhmmss */
#define UNIONPAY_BODY_MAX  (size_t)(256 * 1024)
#define UNIONPAY_FILE_MAX  (size_t)(16 * 1024 * 1024)

/* The one card of this world, as the provider shows it. */
#define UNIONPAY_CARD "6216***********0018"

/* Merchant 777290000000001 signs with its certificate (signMethod 01), ...002 with a shared key and
 * SHA-256 (11), ...003 with a shared key and SM3 (12). */
struct unionpay_merchant {
    const char *mer_id;
    const char *sign_method;
};

enum unionpay_identity {
    UNIONPAY_SIGNER,
    UNIONPAY_SIGNER_NEXT,
    UNIONPAY_EXPIRED,
    UNIONPAY_FOREIGN,
    UNIONPAY_MERCHANT_CERT,
    UNIONPAY_IDENTITY_COUNT
};

/* A certificate as messages carry it, and its key. */
struct unionpay_signer {
    struct crypto_private_key *key;
    char *pem;
};

struct unionpay_keys {
    struct unionpay_signer signers[UNIONPAY_IDENTITY_COUNT];
    enum unionpay_identity current; /* SIGNER or SIGNER_NEXT */
    struct crypto_private_key *forger;
    struct crypto_public_key *merchant_key; /* verifies requests of signMethod 01 */
    char *merchant_cert_id;
    char *encryption_pem;
    char *shared;
};

enum unionpay_kind {
    UNIONPAY_FRONT, /* consume on the gateway's page */
    UNIONPAY_QR,    /* consume by a code */
    UNIONPAY_REFUND,
    UNIONPAY_CANCEL,
    UNIONPAY_KIND_COUNT
};

/* LATE: debited by the bank after payTimeout, to be given back (3.1). */
enum unionpay_status {
    UNIONPAY_WAIT,
    UNIONPAY_DONE,
    UNIONPAY_FAILED,
    UNIONPAY_LATE,
    UNIONPAY_STATUS_COUNT
};

/* merchant, order_id and txn_time name it (1.1). */
struct unionpay_txn {
    TAILQ_ENTRY(unionpay_txn) next;
    const struct unionpay_merchant *merchant;
    struct unionpay_txn *orig; /* of a refund or cancel */
    enum unionpay_kind kind;
    enum unionpay_status status;
    char order_id[UNIONPAY_ORDER_MAX + 1];
    char txn_time[UNIONPAY_TIME_LEN + 1];
    char biz_type[7];
    char channel_type[3];
    char encoding[6];
    char query_id[22];
    char trace_no[7];
    char trace_time[11];
    char resp_code[3]; /* of what was tried last; "05" before */
    char qr_code[64];  /* "" unless UNIONPAY_QR */
    char cashier[33];  /* names this transaction in the payer page's form */
    bool scanned;
    bool automatic; /* the provider's own refund of late money */
    char *back_url; /* NULL when absent, as all below */
    char *front_url;
    char *front_fail_url;
    char *req_reserved;
    struct money amount;
    struct money given_back;      /* by refunds and cancels not failed */
    struct wall_time pay_timeout; /* 0: none */
    struct wall_time done;        /* 0: no money moved */
    struct wall_time refund_due;  /* 0: no automatic refund is to come */
};

struct unionpay_fault;
struct unionpay_notice;
struct unionpay_delivery;
struct unionpay_post;
struct unionpay_edits;
struct unionpay_waiter;
struct unionpay_hung;
struct unionpay_wish;

struct unionpay {
    struct world *world;
    struct evhttp *gateway;
    struct evhttp *files;
    struct door *door; /* of its TLS listeners */
    uint16_t gateway_port;
    uint16_t files_port;
    struct unionpay_keys keys;
    uint32_t trace; /* the last trace number given */
    struct event *tick;
    TAILQ_HEAD(, unionpay_txn) txns;
    TAILQ_HEAD(, unionpay_fault) faults;
    TAILQ_HEAD(, unionpay_hung) hung;
    TAILQ_HEAD(, unionpay_notice) notices;
    TAILQ_HEAD(, unionpay_delivery) deliveries;
    TAILQ_HEAD(, unionpay_post) posts;
    TAILQ_HEAD(, unionpay_waiter) idle;
    TAILQ_HEAD(, unionpay_edits) edits;
    TAILQ_HEAD(, unionpay_wish) wishes; /* results that a play wants refunds to have */
};

const struct unionpay_merchant *unionpay_merchant_find(const char *mer_id); /* or NULL */
const struct unionpay_merchant *unionpay_merchant_at(size_t index); /* below UNIONPAY_MERCHANTS */

/* "YYYYMMDDhhmmss" in China and back. Errors: TIME. */
MUST_USE enum err unionpay_time_format(struct wall_time t, struct buf *out);
MUST_USE enum err unionpay_time_parse(struct span text, struct wall_time *out);

/* The clearing day, which runs from 23:00 to 23:00. */
struct day unionpay_clearing_day(struct wall_time t);

/* A malloc'ed C string of `s`. Errors: NO_MEMORY. */
MUST_USE enum err unionpay_copy(struct span s, char **out);

/* `text` with the five characters that HTML reserves escaped. */
MUST_USE enum err unionpay_html(struct buf *out, const char *text);

/* unionpay_keys.c: reads the PKI. Errors: FILE_OPEN, FILE_READ, KEY_PARSE, CERT_PARSE. */
MUST_USE enum err unionpay_keys_load(struct unionpay *unionpay);
void unionpay_keys_unload(struct unionpay *unionpay);

/* How a message is signed: truly, or as some liar would. */
enum unionpay_seal {
    UNIONPAY_SEAL_TRUE,
    UNIONPAY_SEAL_KEY,      /* nobody's key under the gateway's certificate */
    UNIONPAY_SEAL_FOREIGN,  /* the gateway's name in a chain of nobody */
    UNIONPAY_SEAL_MERCHANT, /* a merchant's certificate of the same CA */
    UNIONPAY_SEAL_EXPIRED,
    UNIONPAY_SEAL_COUNT
};

/* Adds signMethod, signPubKeyCert and signature. */
MUST_USE enum err unionpay_keys_seal(const struct unionpay *unionpay,
                                     const struct unionpay_merchant *merchant,
                                     enum unionpay_seal seal, struct unionpay_fields *fields);

/* Errors: SIGNATURE, BASE64. */
MUST_USE enum err unionpay_keys_check(const struct unionpay *unionpay,
                                      const struct unionpay_merchant *merchant,
                                      const struct unionpay_fields *fields);

/* unionpay_reply.c: answers one HTTP request and releases it. */
void unionpay_reply(struct evhttp_request *req, int status, const char *type, struct span body);
void unionpay_reply_page(struct evhttp_request *req, int status, const char *title,
                         const char *message);

#endif
