/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_ALIPAY_SIGN_H
#define TALLYGATE_WORLD_ALIPAY_SIGN_H

/* Who signed a request, and our own signature over answers, notices and returns (2, 4.2, 5.4). */

#include "alipay_world.h"

/* Reads every key and certificate of the PKI folder. Errors: FILE_OPEN, FILE_READ, KEY_PARSE. */
MUST_USE enum err alipay_sign_load(struct alipay *alipay);
void alipay_sign_unload(struct alipay *alipay);

/* From now on the certificate scheme is signed by the next certificate. */
void alipay_sign_rotate(struct alipay *alipay);

/* The judgement of a request's common parameters. */
struct alipay_verdict {
    const struct alipay_app *app; /* NULL when app_id names none of ours */
    const char *code;             /* "10000" when the request is genuine */
    const char *sub_code;         /* "isv.invalid-signature", …; NULL when genuine */
    struct buf detail;            /* the text that was verified, when the signature does not fit */
};

void alipay_verdict_fini(struct alipay_verdict *verdict);

/* `query` is the part of `all` that stood in the URL: without a charset there the body is read as
 * GBK (1.3). Errors: NO_MEMORY, BUF_FULL, CRYPTO. */
MUST_USE enum err alipay_sign_judge(struct alipay *alipay, const struct alipay_params *query,
                                    const struct alipay_params *all,
                                    struct alipay_verdict *verdict);

/* Base64 of RSA2 over `text`. */
MUST_USE enum err alipay_sign_text(const struct crypto_private_key *key, struct span text,
                                   struct buf *out);

/* Adds sign_type and sign of a notice or a return. */
MUST_USE enum err alipay_sign_params(const struct crypto_private_key *key,
                                     struct alipay_params *params);

#endif
