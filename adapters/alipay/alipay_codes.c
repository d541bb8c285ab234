/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"

#define ADAPTER_ANY ADAPTER_OPERATION_NONE

static const struct {
    enum adapter_operation operation;
    const char *sub_code;
    struct alipay_code meaning;
} sub_codes[] = {
#define CODE(operation, sub_code, handling, err, verdict) \
    { ADAPTER_##operation, sub_code, { ADAPTER_##handling, ERR_##err, EVIDENCE_##verdict } },
#include "alipay_codes.def"
#undef CODE
};

/* The public result codes of the gateway itself. */
static const struct {
    const char *code;
    struct alipay_code meaning;
} codes[] = {
    { "10003", { ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER, EVIDENCE_VERDICT_NONE } },
    { "20000", { ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER, EVIDENCE_VERDICT_NONE } },
    { "20001", { ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, EVIDENCE_VERDICT_NONE } },
    { "40001", { ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, EVIDENCE_VERDICT_NONE } },
    { "40002", { ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, EVIDENCE_VERDICT_NONE } },
    { "40003", { ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, EVIDENCE_VERDICT_NONE } },
    { "40005", { ADAPTER_RETRY, ERR_PROVIDER_BUSY, EVIDENCE_VERDICT_NONE } },
    { "40006", { ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, EVIDENCE_VERDICT_NONE } },
};

/* "ACQ.X", "AQC.X", "aop.ACQ.X" and "X" are one code. */
static struct span
last_part(struct span sub_code)
{
    struct span part = sub_code;
    struct span rest = sub_code;
    bool more = true;
    while (more) {
        more = span_cut(&rest, '.', &part);
    }
    return part;
}

struct alipay_code
alipay_code_find(enum adapter_operation operation, struct span code, struct span sub_code)
{
    struct span part = last_part(sub_code);
    for (size_t i = 0; i < sizeof(sub_codes) / sizeof(sub_codes[0]); i++) {
        bool applies = sub_codes[i].operation == operation || sub_codes[i].operation == ADAPTER_ANY;
        if (applies && part.len > 0 && span_eq_cstr(part, sub_codes[i].sub_code)) {
            return sub_codes[i].meaning;
        }
    }
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (span_eq_cstr(code, codes[i].code)) {
            return codes[i].meaning;
        }
    }
    return (struct alipay_code){ ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL, EVIDENCE_VERDICT_NONE };
}
