/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and chains in PEM. Whatever leads to the test authority is one of the certificates it made, by its
 * serial; what is printed of a certificate keeps to its form and its limits. */
#include "certificate_chain.h"
#include "fuzz.h"

#define NAME_MAX_BYTES   ((size_t)64 * 1024)
#define SERIAL_MAX_BYTES ((size_t)8 * 1024)
#define GENUINE_MAX      16
#define JUDGED_AT_S      INT64_C(1750000000) /* 2025-06-15, inside the validity of the test chain */
#define US_PER_S         INT64_C(1000000)

static struct certificate_chain roots;
static struct certificate_chain genuine;

static void
load(const char *path, struct certificate_chain *out)
{
    DEFER(buf_fini) struct buf pem = BUF_MAX(0);
    FUZZ_DEMAND(fuzz_file(path, &pem));
    FUZZ_DEMAND(certificate_chain_load(buf_span(&pem), out) == ERR_OK);
}

static void
load_once(void)
{
    if (roots.count == 0) {
        load("vectors/crypto/root.crt", &roots);
        load("vectors/crypto/chain.crt", &genuine);
    }
}

static void
serial_of(const struct crypto_certificate *certificate, struct buf *out)
{
    FUZZ_DEMAND(crypto_certificate_serial_decimal(certificate, out) == ERR_OK);
}

/* The root itself counts as well: it is its own issuer. */
static bool
is_genuine(const struct crypto_certificate *certificate)
{
    DEFER(buf_fini) struct buf serial = BUF_MAX(SERIAL_MAX_BYTES);
    bool found = false;
    serial_of(certificate, &serial);
    for (size_t i = 0; i < genuine.count + 1 && !found; i++) {
        DEFER(buf_fini) struct buf known = BUF_MAX(SERIAL_MAX_BYTES);
        serial_of(i < genuine.count ? genuine.list[i] : roots.list[0], &known);
        found = span_eq(buf_span(&known), buf_span(&serial));
    }
    return found;
}

static void
check_text(const struct crypto_certificate *certificate)
{
    DEFER(buf_fini) struct buf serial = BUF_MAX(SERIAL_MAX_BYTES);
    DEFER(buf_fini) struct buf issuer = BUF_MAX(NAME_MAX_BYTES);
    DEFER(buf_fini) struct buf oid = BUF_MAX(NAME_MAX_BYTES);
    if (crypto_certificate_serial_decimal(certificate, &serial) == ERR_OK) {
        struct span digits = buf_span(&serial);
        bool negative = span_starts(digits, SPAN_LIT("-"));
        FUZZ_DEMAND(span_is_digits(span_sub(digits, negative ? 1 : 0, digits.len)));
    }
    if (crypto_certificate_issuer(certificate, &issuer) == ERR_OK) {
        FUZZ_DEMAND(issuer.len <= NAME_MAX_BYTES);
        fuzz_touch(buf_span(&issuer));
    }
    if (crypto_certificate_signature_oid(certificate, &oid) == ERR_OK) {
        for (size_t i = 0; i < oid.len; i++) {
            FUZZ_DEMAND(oid.at[i] == '.' || (oid.at[i] >= '0' && oid.at[i] <= '9'));
        }
    }
    (void)crypto_certificate_not_before(certificate);
    (void)crypto_certificate_not_after(certificate);
}

static void
check_key(const struct crypto_certificate *certificate)
{
    DEFER(crypto_public_key_free) struct crypto_public_key *key = NULL;
    if (crypto_certificate_public_key(certificate, &key) == ERR_OK) {
        FUZZ_DEMAND(key != NULL);
        FUZZ_DEMAND(
            crypto_verify(key, CRYPTO_RSA_SHA256, SPAN_LIT("text"), SPAN_LIT("no signature"))
            != ERR_OK);
    }
    FUZZ_DEMAND(key == NULL || crypto_public_key_signature_bytes(key) < NAME_MAX_BYTES);
}

static void
check_chain(const struct certificate_chain *chain)
{
    struct wall_time at = { .us = JUDGED_AT_S * US_PER_S };
    FUZZ_DEMAND(chain->count > 0 && chain->count <= CERTIFICATE_CHAIN_MAX);
    for (size_t i = 0; i < chain->count; i++) {
        check_text(chain->list[i]);
        check_key(chain->list[i]);
        (void)certificate_chain_is_leaf(chain, i);
        if (certificate_chain_verify(chain, i, &roots, at) == ERR_OK) {
            FUZZ_DEMAND(is_genuine(chain->list[i]));
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct certificate_chain chain;
    struct crypto_certificate *first = NULL;
    size_t count = 0;
    load_once();
    fuzz_fill(&chain, sizeof(chain));
    if (certificate_chain_load(span_make(data, size), &chain) != ERR_OK) {
        FUZZ_DEMAND(fuzz_untouched(&chain, sizeof(chain)));
        FUZZ_DEMAND(crypto_certificates_new(span_make(data, size), 1, &first, &count) != ERR_OK);
        FUZZ_DEMAND(first == NULL && count == 0);
        return 0;
    }
    check_chain(&chain);
    certificate_chain_fini(&chain);
    return 0;
}
