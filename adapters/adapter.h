/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_ADAPTER_H
#define TALLYGATE_ADAPTERS_ADAPTER_H

/* A provider is one const struct of pure functions: values to bytes and bytes to values. No socket,
 * clock, private key or database. Signing and verifying are declared here and done elsewhere: the
 * keys process signs what `sign_text` says and opens what `sealed_find` points to, verify.c checks
 * what `callback_split` and `answer_split` cut out. A NULL slot means the provider does not offer the
 * operation.
 *
 * All outputs point into the arena or into the inputs, and live as long as both. */

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "buf.h"
#include "certificate_chain.h"
#include "clock.h"
#include "crypto.h"
#include "err.h"
#include "evidence.h"
#include "fee_contract.h"
#include "money.h"
#include "span.h"

enum adapter_operation {
    ADAPTER_OPERATION_NONE,
    ADAPTER_PAY,
    ADAPTER_QUERY,
    ADAPTER_CLOSE,
    ADAPTER_CANCEL, /* ends a trade whatever its state: closes it unpaid, gives the money back paid */
    ADAPTER_REFUND,
    ADAPTER_REFUND_QUERY,
    ADAPTER_INVOKE,    /* no call: signs what the payer's client needs to open a prepared payment */
    ADAPTER_BILL_LINK, /* asks where a day's bill can be downloaded */
    ADAPTER_BILL_FILE, /* gets it: from a link that wants a signature, or in one step without a link */
    ADAPTER_KEYS,      /* asks for the provider's present keys or certificates */
    ADAPTER_OPERATION_COUNT
};

enum adapter_method {
    ADAPTER_METHOD_NONE,
    ADAPTER_PAGE,  /* a form that the payer's browser submits */
    ADAPTER_WAP,   /* the same for a phone's browser */
    ADAPTER_QR,    /* a code that the payer's phone scans; made by a server call */
    ADAPTER_B2B,   /* enterprise net bank */
    ADAPTER_JSAPI, /* inside the provider's own app; the payer is known by the provider's id */
    ADAPTER_METHOD_COUNT
};

/* "page", "wap", "qr", "b2b", "jsapi". Errors: METHOD_UNKNOWN. */
MUST_USE enum err adapter_method_decode(struct span s, enum adapter_method *out);
const char *adapter_method_code(enum adapter_method method);

#define ADAPTER_FIELDS_MAX  64
#define ADAPTER_KEYS_MAX    8
#define ADAPTER_TEXTS_MAX   4
#define ADAPTER_SEALED_MAX  8
#define ADAPTER_HEADERS_MAX 8
#define ADAPTER_FRESH_S     300 /* how old a statement may be whose signature covers its time */
#define ADAPTER_NONCE_CHARS 32

struct adapter_field {
    struct span name;
    struct span value;
};

struct adapter_fields {
    struct adapter_field list[ADAPTER_FIELDS_MAX];
    size_t count;
};

/* Errors: BUF_FULL when the table is full. */
MUST_USE enum err adapter_fields_add(struct adapter_fields *fields, struct span name,
                                     struct span value);
/* The empty span when absent. */
struct span adapter_fields_get(const struct adapter_fields *fields, const char *name);

/* A provider key we trust, with the name the provider gives it. */
struct adapter_key {
    struct span serial;
    struct crypto_public_key *key;
    struct wall_time not_before; /* 0: no limit */
    struct wall_time not_after;
    bool downloaded; /* came from the provider while we ran, not from the configuration */
};

/* True when the key counts at that time. */
bool adapter_key_is_valid(const struct adapter_key *key, struct wall_time now);

struct adapter;

/* One merchant account, decoded at start from configuration by account.c. Afterwards only `keys` may
 * change: account_key_add takes in what verify.c has accepted. */
struct adapter_account {
    const struct adapter *adapter;
    const char *name; /* configuration name, also the {account} of the callback address */
    const char *application;
    const char *merchant;
    const char *gateway_url;
    const char *files_url; /* where bill files are asked for, when that is another host; else "" */
    const char *ca_file;
    bool allow_private_address;
    const char *key_scheme; /* the configuration's word; each provider has its own */
    bool serial_required;   /* an answer that says something must name its key */
    enum crypto_scheme scheme;
    const char *application_serial; /* what the provider calls our own key or certificate, or "" */
    struct wall_time application_not_before; /* of our own certificate; 0 when there is none */
    struct wall_time application_not_after;
    const char *root_serial;
    const char
        *preferred_serial;    /* the provider's key that we ask answers to be signed with, or "" */
    const char *payee;        /* provider's own extra words for enterprise net banks, or "" */
    const char *signer_owner; /* who a certificate sent along must belong to, or "" for the
                                     provider's documented owner */
    struct certificate_chain roots;   /* trust anchors for certificates sent along with messages */
    struct certificate_chain helpers; /* issuers between those and the roots */
    struct adapter_key keys[ADAPTER_KEYS_MAX];
    size_t key_count;
    struct money amount_max;
    const char
        *late_money; /* accept, propose, refund: what becomes of money that nobody waited for */
    const char *duplicate_money;
    const char *mismatched_money;  /* accept, propose */
    struct money refund_auto_max;  /* the largest refund made without people */
    struct money refund_daily_max; /* what the keys process signs in a day */
    const char *methods;           /* blank-separated */
    const char *bill_hosts;        /* blank-separated */
    int64_t fee_rate_ppm;          /* where no contract of `fees` holds */
    struct fee_contract fees[FEE_CONTRACTS_MAX];
    size_t fee_count;
    struct money fee_rounding_monthly_max; /* what fees may be off by in a month, as rounding */
    int settle_days;                       /* from a payout until it must be at the bank */
    const char
        *other_numbers; /* of another business: beginnings of order numbers, blank-separated */
    const char *other_applications;
};

/* PEM texts of one account, read by account.c, for `account_prepare`. Empty when not configured. */
struct adapter_material {
    struct span provider_public_key;
    struct span provider_public_key_id; /* the provider's name of that key */
    struct span middle_certificates;    /* issuers between signers and roots */
    struct span application_certificate;
    struct span provider_certificate;
    struct span root_certificates;
};

/* What an operation is about. Fields that the operation does not use are ignored. */
struct adapter_order {
    struct wall_time now;
    struct wall_time made_at; /* when the attempt was made, REFUND and REFUND_QUERY: the refund */
    enum adapter_method method;
    struct span merchant_order_no; /* our attempt number */
    struct span provider_trade_no; /* empty if not known */
    struct span refund_no;         /* REFUND, REFUND_QUERY, CANCEL: our number of this refund */
    struct money amount;           /* of the order; REFUND and REFUND_QUERY: of this refund */
    struct money total;            /* REFUND: of the order */
    struct span nonce; /* ADAPTER_NONCE_CHARS random letters and digits, new for each request */
    struct span payer; /* PAY by JSAPI: the provider's id of the payer */
    struct span payer_address; /* PAY by WAP: the payer's IP address */
    struct span prepared;      /* INVOKE: what `prepared` of the answer to PAY was */
    struct span bill_url;      /* BILL_FILE: the link, verbatim; empty without one */
    struct span key_serial;    /* KEYS: the serial that was seen and is not known */
    struct span subject;       /* for people; an adapter replaces what its provider forbids */
    struct wall_time expires_at;
    struct span notify_url;
    struct span return_url;
    struct day bill_day;
    struct span bill_kind;
};

/* What the keys process judges before it signs. */
struct adapter_sign_facts {
    enum adapter_operation operation;
    struct span application;
    struct span merchant_order_no;
    struct span refund_no; /* REFUND, CANCEL: what makes it another refund than the next one, at the
                              provider; empty: the order's number does */
    struct money
        amount;        /* CURRENCY_NONE when the operation moves no money, or a CANCEL names none */
    struct span payee; /* what the fields say of a payee, as account.payee has it; empty: nothing */
};

enum adapter_request_kind { ADAPTER_REQUEST_NONE, ADAPTER_CALL, ADAPTER_FORM };

/* Either a call that the transport makes, or a form that the payer's browser submits. */
struct adapter_request {
    enum adapter_request_kind kind;
    bool post;
    struct span url;
    struct span content_type;
    struct span body;                                  /* CALL */
    struct adapter_field headers[ADAPTER_HEADERS_MAX]; /* CALL, besides Content-Type */
    size_t header_count;
    struct adapter_fields fields; /* FORM: hidden inputs */
};

/* A message from outside: a callback or an answer. */
struct adapter_message {
    int status; /* HTTP status of an answer; 0 for a callback */
    struct span content_type;
    const struct adapter_field *headers; /* lower-case names */
    size_t header_count;
    struct span body;
};

/* What must verify before a message counts. Any one text with any one fitting key is enough. */
struct adapter_signed {
    bool is_signed; /* false: the message carries no signature at all */
    bool
        is_probe; /* the provider tries whether we verify: it fails like any other, and is counted */
    /* A signature made with a secret that we share: the keys process compares it. `fields` then holds
     * what sign_text takes, and `signature` the characters as received. */
    bool keyed;
    const struct adapter_fields *fields;
    struct span certificate; /* PEM of the signer, sent along; judged against the account's roots */
    struct wall_time
        fresh_at;    /* the signed time of the statement; 0 when the signature covers none */
    struct span raw; /* what to keep as evidence; empty: the message's body */
    struct span texts[ADAPTER_TEXTS_MAX];
    size_t text_count;
    struct span signature; /* raw bytes */
    struct span serial;    /* empty: try every trusted key */
    struct span
        payloads[ADAPTER_TEXTS_MAX]; /* what to read once the text of the same place verified */
};

/* Parts of a verified payload that are encrypted for us, for the keys process to open. */
struct adapter_sealed {
    struct span algorithm; /* as the provider prints it */
    struct span nonce;
    struct span associated; /* may be empty */
    struct span ciphertext; /* raw bytes, the tag at their end */
};

struct adapter_sealed_list {
    struct adapter_sealed list[ADAPTER_SEALED_MAX];
    size_t count;
};

/* Their plain bytes, in the same order. */
struct adapter_opened {
    struct span list[ADAPTER_SEALED_MAX];
    size_t count;
};

/* The provider's own keys, out of an answer to KEYS. */
struct adapter_key_offer {
    struct span pem[ADAPTER_KEYS_MAX]; /* a certificate, or a chain with its leaf first */
    size_t count;
};

enum adapter_refund_state {
    ADAPTER_REFUND_NONE,
    ADAPTER_REFUND_ACCEPTED, /* will be, or not: ask again */
    ADAPTER_REFUND_SUCCEEDED,
    ADAPTER_REFUND_FAILED,   /* final; no money has moved */
    ADAPTER_REFUND_ABNORMAL, /* the payer cannot be reached this way; a person must act */
    ADAPTER_REFUND_STATE_COUNT
};

/* How an answer is to be handled; a row of the adapter's table. */
enum adapter_handling {
    ADAPTER_HANDLING_NONE,
    ADAPTER_DONE,      /* the claim says what is so */
    ADAPTER_ASK_AGAIN, /* outcome unknown: query */
    ADAPTER_RETRY,     /* not executed: the same request may be sent again later */
    ADAPTER_REFUSED,   /* not executed and will not be: our data or the payer's */
    ADAPTER_ALARM,     /* not executed: configuration or contract; a person must act */
    ADAPTER_HANDLING_COUNT
};

struct adapter_answer {
    enum adapter_handling handling;
    enum err err;                /* ERR_OK when DONE, else why */
    struct span code;            /* the provider's own code, for the record */
    struct span message;         /* the provider's own text in UTF-8; never shown to payers */
    struct evidence_claim claim; /* verdict NONE when the answer says nothing about an attempt */
    struct span qr_text;         /* PAY by QR: what to draw */
    struct span open_url;        /* PAY: where the payer's browser goes */
    struct span prepared;        /* PAY by JSAPI: what INVOKE signs */
    enum adapter_refund_state refund; /* REFUND, REFUND_QUERY, CANCEL */
    struct money refund_amount;       /* the same: what of this refund has moved */
    bool
        refund_absent; /* REFUND_QUERY: nothing is there under this number, or not yet; sending the same
                           refund again can do no harm */
    struct span bill_url;  /* BILL_LINK */
    struct span bill_hash; /* BILL_LINK: hex SHA-1 of the unpacked file, or empty */
    struct span bill_file; /* BILL_FILE: the container's bytes */
    bool bill_none;        /* BILL_LINK, BILL_FILE: the provider says there is no bill */
};

struct adapter_bill;

/* How often the provider is asked about an attempt when nobody presses a button: the first step that fits how
 * the attempt stands and is not too old for says so; when none fits the schedule has ended. Rows of
 * NAME_polling.def. */
enum adapter_poll_stand {
    ADAPTER_POLL_NONE,
    ADAPTER_POLL_PAYABLE, /* ages count from when it was made */
    ADAPTER_POLL_UNKNOWN, /* the same, after a question without answer */
    ADAPTER_POLL_ENDING   /* closing, or its time is over; ages count from when its time is over */
};

struct adapter_poll_step {
    enum adapter_poll_stand stand;
    int64_t until_s;
    int64_t every_s;
};

#define POLL(stand, until_s, every_s) { ADAPTER_POLL_##stand, until_s, every_s },
#define ADAPTER_POLL_ON               INT64_MAX /* until its time is over */
#define ADAPTER_POLL_END        \
    {                           \
        ADAPTER_POLL_NONE, 0, 0 \
    }

/* For a provider that has none of its own. */
extern const struct adapter_poll_step adapter_polling_usual[];

#define ADAPTER_OFFERS(operation) (1u << (unsigned)(operation))

struct adapter {
    const char *name;
    const char *name_zh;
    const char *name_en;
    const struct adapter_bill *bills; /* ends with a row whose kind is NULL */
    unsigned operations;              /* ADAPTER_OFFERS of each one, joined by | */

    /* Checks and decodes an account's material into `account` (keys, serials, scheme). The keys are
     * the account's own afterwards. Errors: KEY_PARSE, CERT_PARSE, CERT_UNTRUSTED, CONFIG_VALUE. */
    enum err (*account_prepare)(const struct adapter_material *material, struct wall_time now,
                                struct arena *arena, struct adapter_account *account);

    /* Every field of the request except the signature. Errors: METHOD_UNKNOWN, AMOUNT, FIELD_*. */
    enum err (*request_build)(const struct adapter_account *account,
                              enum adapter_operation operation, const struct adapter_order *order,
                              struct wall_time now, struct arena *arena,
                              struct adapter_fields *fields);

    /* The canonical text over those fields; called by the keys process. Errors: FIELD_*. */
    enum err (*sign_text)(const struct adapter_fields *fields, struct arena *arena,
                          struct buf *out);

    /* What those fields ask for, read back from the fields themselves; called by the keys process
     * before it signs. A message that asks about a payment and about a refund alike is a QUERY. Errors: KEYS_POLICY when they are not a request we make,
     * NO_MEMORY. */
    enum err (*sign_facts)(const struct adapter_fields *fields, struct arena *arena,
                           struct adapter_sign_facts *out);

    /* Fields plus raw signature as bytes for the wire or as a form. */
    enum err (*request_encode)(const struct adapter_account *account,
                               enum adapter_operation operation, const struct adapter_order *order,
                               const struct adapter_fields *fields, struct span signature,
                               struct arena *arena, struct adapter_request *out);

    /* Cuts out what is signed. Errors: PROVIDER_PROTOCOL when the body is not what the document
     * says. A message without signature gives is_signed false. */
    enum err (*answer_split)(enum adapter_operation operation,
                             const struct adapter_message *message, struct arena *arena,
                             struct adapter_signed *out);

    /* Reads the payload. `verified` is false for an unsigned failure: then the result may only say
     * ASK_AGAIN, RETRY or ALARM, never a verdict and never REFUSED. An unsigned "no such trade" to QUERY or CLOSE
     * is PROVIDER_TRADE_ABSENT where a PAY under the same number can do no harm: close.c then makes the trade, so
     * that it can be closed. Errors: PROVIDER_PROTOCOL,
     * also for an answer about another order; PROVIDER_UNVERIFIED for an unsigned success. */
    enum err (*answer_read)(const struct adapter_account *account, enum adapter_operation operation,
                            const struct adapter_order *order, struct span payload, bool verified,
                            struct arena *arena, struct adapter_answer *out);

    /* The sealed parts of a payload whose signature has been checked, or, for KEYS, whose key may be
     * inside. NULL: this provider seals nothing. Errors: PROVIDER_PROTOCOL. */
    enum err (*sealed_find)(enum adapter_operation operation, struct span payload,
                            struct arena *arena, struct adapter_sealed_list *out);

    /* KEYS: what the provider offers, before anything of it is believed. Errors: PROVIDER_PROTOCOL. */
    enum err (*keys_read)(struct span payload, const struct adapter_opened *opened,
                          struct arena *arena, struct adapter_key_offer *out);

    /* Whether an offered key is one to trust at that time, and under which serial. Errors: CERT_PARSE,
     * CERT_UNTRUSTED, CERT_EXPIRED. The key is the caller's. */
    enum err (*key_accept)(const struct adapter_account *account, struct span pem,
                           struct wall_time now, struct arena *arena, struct adapter_key *out);

    /* Whether a certificate that leads to our roots is the provider's own and not that of another
     * customer of the same authority. Needed when messages bring their certificate along. Errors:
     * CERT_UNTRUSTED. */
    enum err (*signer_accept)(const struct adapter_account *account,
                              const struct crypto_certificate *certificate);

    /* INVOKE: what the payer's client needs, from its signed fields. */
    enum err (*invoke_encode)(const struct adapter_account *account,
                              const struct adapter_fields *fields, struct span signature,
                              struct arena *arena, struct adapter_fields *out);

    /* The same for callbacks. Errors: SIGNATURE when it cannot be genuine, FIELD_REPEATED,
     * ENCODING; PROVIDER_PROTOCOL for a genuine message that is no statement about a payment. */
    enum err (*callback_split)(const struct adapter_message *message, struct arena *arena,
                               struct adapter_signed *out);
    enum err (*callback_read)(const struct adapter_account *account, struct span payload,
                              const struct adapter_opened *opened, struct arena *arena,
                              struct evidence_claim *out);

    /* When it is asked about an attempt; ends with ADAPTER_POLL_END. NULL: the usual schedule. */
    const struct adapter_poll_step *polling;

    /* How often KEYS is asked without need; 0: only when a message names an unknown serial. */
    int keys_refresh_s;

    /* The midnight that ends a bill's day, as the zone it is midnight in; 0: China's. */
    int bill_zone_min;

    /* The provider's document wants a query before a callback's word counts: the callback is kept as
     * evidence, moves nothing, and the query that it triggers decides. */
    bool callback_asks;

    /* Byte-exact replies to a callback. */
    int callback_ok_status;
    struct span callback_ok_body;
    int callback_fail_status;
    struct span callback_fail_body;
    const char *callback_content_type;
};

/* Ends a provider's file: declares, then defines, so that the registry can name it. */
#define ADAPTER(name)                           \
    extern const struct adapter adapter_##name; \
    const struct adapter adapter_##name

/* All adapters present in the build, in the order of their names; generated from the folders. */
extern const struct adapter *const adapter_registry[];
extern const size_t adapter_registry_count;

/* NULL when unknown. */
const struct adapter *adapter_find(struct span name);

#endif
