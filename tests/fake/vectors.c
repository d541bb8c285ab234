/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>

#define FILE_MAX  ((size_t)4 * 1024 * 1024)
#define CHAIN_MAX 8

static void
must(bool held, const char *what, const char *path)
{
    if (!held) {
        (void)fprintf(stderr, "vectors: %s: %s\n", what, path);
        abort();
    }
}

void
vectors_read(const char *path, struct buf *out)
{
    const char *root = getenv("TALLYGATE_SOURCE_DIR");
    char full[1024];
    (void)snprintf(full, sizeof(full), "%s/tests/vectors/%s", root == NULL ? "." : root, path);
    FILE *file = fopen(full, "re");
    must(file != NULL, "cannot open", full);
    buf_init(out, FILE_MAX);
    unsigned char *at = NULL;
    must(buf_reserve(out, FILE_MAX, &at) == ERR_OK, "no memory for", full);
    buf_grew(out, fread(at, 1, FILE_MAX, file));
    must(ferror(file) == 0 && out->len > 0, "cannot read", full);
    (void)fclose(file);
}

struct json_t *
vectors_json(const char *path)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    struct json_t *root = NULL;
    vectors_read(path, &text);
    must(json_parse(buf_span(&text), &root) == ERR_OK, "not JSON", path);
    return root;
}

struct span
vectors_text(const struct json_t *vector, const char *name)
{
    struct span text = { .at = NULL, .len = 0 };
    enum err err = json_get_string(vector, name, &text);
    must(err == ERR_OK || err == ERR_FIELD_MISSING, "not a string", name);
    return text;
}

void
vectors_bytes(const struct json_t *vector, const char *name, struct buf *out)
{
    buf_init(out, FILE_MAX);
    must(crypto_base64_decode(vectors_text(vector, name), out) == ERR_OK, "not base64", name);
}

struct crypto_public_key *
vectors_public_key(const char *path)
{
    DEFER(buf_fini) struct buf pem = BUF_MAX(0);
    vectors_read(path, &pem);
    struct crypto_public_key *key = NULL;
    if (span_find(buf_span(&pem), SPAN_LIT("BEGIN CERTIFICATE")) == pem.len) {
        must(crypto_public_key_new(buf_span(&pem), &key) == ERR_OK, "not a key", path);
        return key;
    }
    struct crypto_certificate *chain[CHAIN_MAX] = { NULL };
    size_t count = 0;
    must(crypto_certificates_new(buf_span(&pem), CHAIN_MAX, chain, &count) == ERR_OK,
         "not a certificate", path);
    must(crypto_certificate_public_key(chain[0], &key) == ERR_OK, "no key in", path);
    for (size_t i = 0; i < count; i++) {
        crypto_certificate_free(&chain[i]);
    }
    return key;
}
