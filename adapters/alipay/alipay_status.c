/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"

static const struct {
    const char *status;
    enum evidence_verdict unpaid; /* what it means when nothing says that money came */
    enum evidence_verdict paid;
} statuses[] = {
    { "WAIT_BUYER_PAY", EVIDENCE_UNPAID, EVIDENCE_UNPAID },
    { "TRADE_SUCCESS", EVIDENCE_PAID, EVIDENCE_PAID },
    { "TRADE_FINISHED", EVIDENCE_PAID, EVIDENCE_PAID },
    /* Closed is either unpaid and expired, or paid and refunded in full. */
    { "TRADE_CLOSED", EVIDENCE_UNPAID_FINAL, EVIDENCE_REFUNDED },
};

enum err
alipay_status(struct span trade_status, bool was_paid, enum evidence_verdict *out)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (span_eq_cstr(trade_status, statuses[i].status)) {
            *out = was_paid ? statuses[i].paid : statuses[i].unpaid;
            return ERR_OK;
        }
    }
    return ERR_PROVIDER_PROTOCOL;
}
