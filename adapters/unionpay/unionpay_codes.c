/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay.h"

enum class {
    CLASS_UNLISTED,
    CLASS_OK,
    CLASS_DEFECT,
    CLASS_PENDING,
    CLASS_OURS,     /* our message or contract; a person must act */
    CLASS_FAILED,   /* final between servers; in the browser the payer may try again */
    CLASS_NOT_OPEN, /* nothing was done, and later it may be */
    CLASS_SYSTEM,   /* busy, or an error that says nothing: ask first */
    CLASS_REPEATED, /* says nothing about the first one */
    CLASS_NOT_FOUND,
    CLASS_TOO_OFTEN,
    CLASS_RETURNED, /* the original was given back, perhaps by this very request sent twice */
    CLASS_PERSON,   /* money has moved in a way that no state describes */
    CLASS_NO_FILE,
    CLASS_COUNT
};

static const struct {
    const char *code;
    enum class class;
} codes[] = {
#define CODE(code, class, meaning) { code, CLASS_##class },
#include "unionpay_codes.def"
#undef CODE
};

/* REQUEST: does something. ASK: only asks, so that it may be sent again. RESULT: of the transaction. */
static const struct {
    struct unionpay_handling use[UNIONPAY_USE_COUNT];
    enum unionpay_result result;
} meanings[CLASS_COUNT] = {
#define ROW(class, request, request_err, ask, ask_err, result)                           \
    [CLASS_##class] = { { [UNIONPAY_REQUEST] = { ADAPTER_##request, ERR_##request_err }, \
                          [UNIONPAY_ASK] = { ADAPTER_##ask, ERR_##ask_err } },           \
                        UNIONPAY_##result }
    /* clang-format off */
    ROW(UNLISTED,  ASK_AGAIN, PROVIDER_PROTOCOL,  ASK_AGAIN, PROVIDER_PROTOCOL,  RESULT_NONE),
    ROW(OK,        DONE,      OK,                 DONE,      OK,                 SUCCESS),
    ROW(DEFECT,    DONE,      OK,                 ASK_AGAIN, PROVIDER_PROTOCOL,  SUCCESS),
    ROW(PENDING,   ASK_AGAIN, PROVIDER_NO_ANSWER, ASK_AGAIN, PROVIDER_NO_ANSWER, PENDING),
    ROW(OURS,      ALARM,     PROVIDER_CONTRACT,  ALARM,     PROVIDER_CONTRACT,  FAILED),
    ROW(FAILED,    REFUSED,   PROVIDER_REFUSED,   ASK_AGAIN, PROVIDER_PROTOCOL,  FAILED),
    ROW(NOT_OPEN,  REFUSED,   PROVIDER_REFUSED,   RETRY,     PROVIDER_BUSY,      FAILED),
    ROW(SYSTEM,    ASK_AGAIN, PROVIDER_NO_ANSWER, RETRY,     PROVIDER_BUSY,      PENDING),
    ROW(REPEATED,  ASK_AGAIN, PROVIDER_NO_ANSWER, ASK_AGAIN, PROVIDER_PROTOCOL,  PENDING),
    ROW(NOT_FOUND, ASK_AGAIN, PROVIDER_NO_ANSWER, ASK_AGAIN, PROVIDER_NO_ANSWER, PENDING),
    ROW(TOO_OFTEN, ASK_AGAIN, PROVIDER_NO_ANSWER, RETRY,     PROVIDER_BUSY,      PENDING),
    ROW(RETURNED,  ASK_AGAIN, PROVIDER_REFUSED,   ASK_AGAIN, PROVIDER_PROTOCOL,  FAILED),
    ROW(PERSON,    ASK_AGAIN, PROVIDER_PROTOCOL,  ASK_AGAIN, PROVIDER_PROTOCOL,  RESULT_NONE),
    ROW(NO_FILE,   ASK_AGAIN, PROVIDER_PROTOCOL,  ASK_AGAIN, PROVIDER_PROTOCOL,  RESULT_NONE),
/* clang-format on */
#undef ROW
};

static enum class class_of(struct span code) {
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]);
         i++){ if (span_eq_cstr(code, codes[i].code)){ return codes[i].class; }
}
return CLASS_UNLISTED;
}

enum unionpay_result
unionpay_result(struct span code)
{
    return meanings[class_of(code)].result;
}

struct unionpay_handling
unionpay_handling(enum unionpay_use use, struct span code)
{
    return meanings[class_of(code)].use[use];
}
