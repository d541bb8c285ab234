/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "certificate.h"

#define BEGIN     "{\"certificate\":"
#define KEY       ",\"key\":\""
#define ALGORITHM "\",\"algorithm\":\""
#define SIGNATURE "\",\"signature\":\""
#define END       "\"}\n"

static const struct {
    enum crypto_scheme scheme;
    const char *name;
} algorithms[] = {
    { CRYPTO_ED25519, "ed25519" },
    { CRYPTO_SM2_SM3, "sm2-sm3" },
};
#define ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

enum err
certificate_seal_write(const struct certificate_seal *seal, struct buf *out)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (algorithms[i].scheme != seal->scheme) {
            continue;
        }
        TRY(buf_text(out, BEGIN));
        TRY(buf_append(out, seal->text));
        TRY(buf_text(out, KEY));
        TRY(buf_append(out, seal->key_name));
        TRY(buf_text(out, ALGORITHM));
        TRY(buf_text(out, algorithms[i].name));
        TRY(buf_text(out, SIGNATURE));
        TRY(crypto_hex_encode(seal->signature, out));
        return buf_text(out, END);
    }
    return ERR_FIELD_VALUE;
}

enum crypto_scheme
certificate_seal_scheme(struct span signature)
{
    return signature.len == CERTIFICATE_ED25519_BYTES ? CRYPTO_ED25519 : CRYPTO_SM2_SM3;
}

static bool
is_hex(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (memchr("0123456789abcdef", text.at[i], 16) == NULL) {
            return false;
        }
    }
    return text.len > 0 && text.len % 2 == 0;
}

/* What stands between here and `mark`, which is taken too. */
static bool
take_until(struct span *text, const char *mark, struct span *out)
{
    size_t at = span_find(*text, span_of(mark));
    if (at == text->len) {
        return false;
    }
    *out = span_sub(*text, 0, at);
    at += strlen(mark);
    *text = span_sub(*text, at, text->len - at);
    return true;
}

static bool
read_algorithm(struct span name, enum crypto_scheme *out)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (span_eq_cstr(name, algorithms[i].name)) {
            *out = algorithms[i].scheme;
            return true;
        }
    }
    return false;
}

enum err
certificate_seal_read(struct span file, struct certificate_seal *out)
{
    struct certificate_seal seal = { .scheme = CRYPTO_SCHEME_NONE };
    struct span nothing;
    struct span algorithm;
    bool read =
        take_until(&file, BEGIN, &nothing) && span_empty(nothing)
        && take_until(&file, KEY, &seal.text) && take_until(&file, ALGORITHM, &seal.key_name)
        && take_until(&file, SIGNATURE, &algorithm) && take_until(&file, END, &seal.signature)
        && span_empty(file) && read_algorithm(algorithm, &seal.scheme) && is_hex(seal.key_name)
        && is_hex(seal.signature);
    if (!read) {
        return ERR_FIELD_VALUE;
    }
    *out = seal;
    return ERR_OK;
}
