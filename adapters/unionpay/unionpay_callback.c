/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"
#include "unionpay.h"

/* A notice of a payment. Of payments through the payer's browser only success is told, of others
 * failure as well: then the payer may try again. */
static enum err
read_payment(const struct adapter_fields *fields, enum unionpay_result result, struct arena *arena,
             struct evidence_claim *claim)
{
    if (result == UNIONPAY_SUCCESS) {
        return unionpay_claim_paid(fields, arena, claim);
    }
    if (result == UNIONPAY_RESULT_NONE) {
        return ERR_PROVIDER_PROTOCOL;
    }
    claim->merchant = adapter_fields_get(fields, "merId");
    claim->application = claim->merchant;
    claim->merchant_order_no = adapter_fields_get(fields, "orderId");
    if (span_empty(claim->merchant) || span_empty(claim->merchant_order_no)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    claim->verdict = EVIDENCE_UNPAID;
    return ERR_OK;
}

/* A notice of a refund or a cancel. One that has not succeeded has no verdict: the query tells. */
static enum err
read_refund(const struct adapter_fields *fields, enum unionpay_result result, struct arena *arena,
            struct evidence_claim *claim)
{
    if (result == UNIONPAY_RESULT_NONE) {
        return ERR_PROVIDER_PROTOCOL;
    }
    TRY(unionpay_claim_refunded(fields, arena, claim));
    if (result != UNIONPAY_SUCCESS) {
        claim->verdict = EVIDENCE_VERDICT_NONE;
        claim->refunded = (struct money){ .minor = 0 };
        claim->stated_at = (struct wall_time){ .us = 0 };
    }
    return ERR_OK;
}

enum err
unionpay_callback_read(const struct adapter_account *account, struct span payload,
                       const struct adapter_opened *opened, struct arena *arena,
                       struct evidence_claim *out)
{
    (void)opened;
    void *storage = NULL;
    TRY(arena_alloc(arena, sizeof(struct adapter_fields), &storage));
    struct adapter_fields *fields = storage;
    TRY(form_decode(payload, arena, fields));
    if (!unionpay_fields_fit(fields, account)) {
        return ERR_SIGNATURE;
    }
    struct span type = adapter_fields_get(fields, "txnType");
    struct evidence_claim claim = { .provider_status = adapter_fields_get(fields, "respCode") };
    enum unionpay_result result = unionpay_result(claim.provider_status);
    if (span_eq_cstr(type, "01")) {
        TRY(read_payment(fields, result, arena, &claim));
    } else if (span_eq_cstr(type, "04") || span_eq_cstr(type, "31")) {
        TRY(read_refund(fields, result, arena, &claim));
    } else {
        return ERR_PROVIDER_PROTOCOL;
    }
    *out = claim;
    return ERR_OK;
}
