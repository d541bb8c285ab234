/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"

static const unsigned char zero_iv[16];

enum err
alipay_encrypt(const struct secret *key, struct span plain, struct buf *out)
{
    DEFER(buf_fini) struct buf cipher = BUF_MAX(ALIPAY_TEXT_MAX);
    TRY(crypto_aes_cbc_encrypt(key, span_make(zero_iv, sizeof(zero_iv)), plain, &cipher));
    return crypto_base64_encode(buf_span(&cipher), out);
}

enum err
alipay_decrypt(const struct secret *key, struct span text, struct buf *out)
{
    DEFER(buf_fini) struct buf cipher = BUF_MAX(ALIPAY_TEXT_MAX);
    TRY(crypto_base64_decode(text, &cipher));
    return crypto_aes_cbc_decrypt(key, span_make(zero_iv, sizeof(zero_iv)), buf_span(&cipher), out);
}
