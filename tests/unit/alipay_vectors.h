/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_UNIT_ALIPAY_VECTORS_H
#define TALLYGATE_TESTS_UNIT_ALIPAY_VECTORS_H

/* What the tests over the published Alipay vectors share. */

#include <criterion/criterion.h>

#include "adapter.h"
#include "check.h"
#include "vectors.h"

#define VECTORS_ARENA_MAX ((size_t)16 * 1024 * 1024)
#define VECTORS_TEXT_MAX  ((size_t)64 * 1024)
#define VECTORS_SIGN_MAX  2048
#define VECTORS_FLIP      0x04 /* keeps letters letters and digits digits, mostly */

/* Every entry of a file; `entries` is how many its README counts, so that none can go missing. */
#define EACH(file, entries, root, vector)                                           \
    struct json_t *root = vectors_json(file);                                       \
    struct json_t *list_of_##root = json_member(root, "vectors");                   \
    cr_assert_eq(json_count(list_of_##root), entries);                              \
    for (size_t index_of_##root = 0; index_of_##root < json_count(list_of_##root);  \
         index_of_##root++)                                                         \
        for (struct json_t *vector = json_element(list_of_##root, index_of_##root); \
             vector != NULL; vector = NULL)

static inline struct arena *
new_arena(void)
{
    struct arena *arena = NULL;
    CHECK_OK(arena_new(VECTORS_ARENA_MAX, &arena));
    return arena;
}

static inline const char *
path_of(struct arena *arena, struct span name)
{
    DEFER(buf_fini) struct buf path = BUF_MAX(256);
    const char *out = NULL;
    CHECK_OK(buf_text(&path, "alipay/"));
    CHECK_OK(buf_append(&path, name));
    CHECK_OK(arena_cstr(arena, buf_span(&path), &out));
    return out;
}

static inline struct crypto_public_key *
key_of(struct json_t *vector)
{
    struct arena *arena = new_arena();
    struct crypto_public_key *key =
        vectors_public_key(path_of(arena, vectors_text(vector, "verify_with")));
    arena_free(&arena);
    return key;
}

/* The signed text as bytes: GBK vectors carry it in base64. */
static inline void
want_text(struct json_t *vector, struct buf *out)
{
    if (!span_empty(vectors_text(vector, "sign_content_bytes_b64"))) {
        vectors_bytes(vector, "sign_content_bytes_b64", out);
        return;
    }
    buf_init(out, VECTORS_TEXT_MAX);
    CHECK_OK(buf_append(out, vectors_text(vector, "sign_content")));
}

static inline bool
is_expected_valid(struct json_t *vector)
{
    bool want = false;
    CHECK_OK(json_get_bool(vector, "expect_valid", &want));
    return want;
}

/* A text that stands twice is asked about once. */
static inline bool
any_text_verifies(const struct crypto_public_key *key, const struct adapter_signed *cut)
{
    for (size_t i = 0; i < cut->text_count; i++) {
        if (i > 0 && span_eq(cut->texts[i], cut->texts[0])) {
            continue;
        }
        if (crypto_verify(key, CRYPTO_RSA_SHA256, cut->texts[i], cut->signature) == ERR_OK) {
            return true;
        }
    }
    return false;
}

static inline bool
any_text_is(const struct adapter_signed *cut, struct span text)
{
    for (size_t i = 0; i < cut->text_count; i++) {
        if (span_eq(cut->texts[i], text)) {
            return true;
        }
    }
    return false;
}

#endif
