/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_gateway.h"

static const struct alipay_signer *
find_signer(const struct alipay *alipay, struct span sn)
{
    for (size_t i = 0; i < ALIPAY_SIGNER_COUNT; i++) {
        const struct alipay_signer *signer = &alipay->signers[i];
        if (signer->chain != NULL && span_eq_cstr(sn, signer->sn)) {
            return signer;
        }
    }
    return NULL;
}

/* 1.4: base64 of the chain of the certificate with that serial. A foreign one is handed out as well: it
 * is the merchant who has to look at its roots. */
enum err
alipay_call_cert(struct alipay_call *call)
{
    struct span sn = alipay_call_text(call, "alipay_cert_sn");
    const struct alipay_signer *signer = find_signer(call->alipay, sn);
    if (signer == NULL) {
        call->sub_code = "ALIPAY_CERT_NOT_EXIST";
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf content = BUF_MAX(ALIPAY_BODY_MAX);
    TRY(crypto_base64_encode(span_of(signer->chain), &content));
    return json_put_string(call->out, "alipay_cert_content", buf_span(&content));
}
