/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_ERR_H
#define TALLYGATE_BASE_ERR_H

/* Every failure is a row of err.def. Its class says what may be done next; retrying is decided by
 * class, in one place. A function that can fail returns enum err and leaves its outputs untouched
 * when it does. */

#define MUST_USE  __attribute__((warn_unused_result))
#define DEFER(fn) __attribute__((cleanup(fn)))

/* Passes a failure to the caller. The only macro that returns. */
#define TRY(call)                   \
    do {                            \
        enum err try_err_ = (call); \
        if (try_err_ != ERR_OK) {   \
            return try_err_;        \
        }                           \
    } while (0)

enum err_class {
    ERR_CLASS_NONE,    /* not a failure */
    ERR_CLASS_INPUT,   /* the caller's data is wrong: correct it */
    ERR_CLASS_AUTH,    /* not who they say, or not allowed */
    ERR_CLASS_STATE,   /* refused by the state things are in */
    ERR_CLASS_LIMIT,   /* a named limit was reached */
    ERR_CLASS_RETRY,   /* nothing happened: try again */
    ERR_CLASS_UNKNOWN, /* money may have moved: ask before acting */
    ERR_CLASS_FATAL,   /* a person must act */
    ERR_CLASS_COUNT
};

enum err {
    ERR_OK = 0,
#define ERR(name, class, http, code, en, zh) ERR_##name,
#include "err.def"
#undef ERR
    ERR_COUNT
};

enum language { LANGUAGE_ZH, LANGUAGE_EN, LANGUAGE_COUNT };

/* The identifier without its prefix ("AMOUNT_OVERFLOW"), for logs. Never NULL. */
const char *err_name(enum err err);

/* The stable lower-case code that clients see ("amount_overflow"). Never NULL. */
const char *err_code(enum err err);

/* The sentence for people, in Chinese or English, without full stop. Never NULL. */
const char *err_text(enum err err, enum language language);

enum err_class err_class(enum err err);

/* A JSON object with the code alone, for those who have no memory left to say more. Never NULL. */
const char *err_brief(enum err err);

/* What a failure is told as where its own row would say too much or too little: `as`. Two stay what they are: ERR_OK, and
 * ERR_NO_MEMORY, which says nothing about what was looked at. */
MUST_USE enum err err_told_as(enum err err, enum err as);

/* The HTTP status that carries this failure to a client; 200 for ERR_OK. */
int err_http_status(enum err err);

#endif
