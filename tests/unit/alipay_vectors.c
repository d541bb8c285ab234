/* SPDX-License-Identifier: Apache-2.0 */
/* Every published Alipay vector: serials, request signing, answers, notifications, AES. */
#include <criterion/criterion.h>

#include "alipay.h"
#include "clock_fake.h"
#include "form.h"
#include "vectors.h"
#include "verify.h"

#define CHAIN_MAX 8

static struct arena *
new_arena(void)
{
    struct arena *arena = NULL;
    cr_assert_eq(arena_new((size_t)16 * 1024 * 1024, &arena), ERR_OK);
    return arena;
}

static const char *
path_of(struct arena *arena, struct span name)
{
    DEFER(buf_fini) struct buf path = BUF_MAX(256);
    const char *out = NULL;
    cr_assert_eq(buf_text(&path, "alipay/"), ERR_OK);
    cr_assert_eq(buf_append(&path, name), ERR_OK);
    cr_assert_eq(arena_cstr(arena, buf_span(&path), &out), ERR_OK);
    return out;
}

/* Every entry of a file; `entries` is how many its README counts, so that none can go missing. */
#define EACH(file, entries, root, vector)                                           \
    struct json_t *root = vectors_json(file);                                       \
    struct json_t *list_of_##root = json_member(root, "vectors");                   \
    cr_assert_eq(json_count(list_of_##root), entries);                              \
    for (size_t index_of_##root = 0; index_of_##root < json_count(list_of_##root);  \
         index_of_##root++)                                                         \
        for (struct json_t *vector = json_element(list_of_##root, index_of_##root); \
             vector != NULL; vector = NULL)

static void
check_serials(struct json_t *vector, struct crypto_certificate **chain, size_t count)
{
    struct json_t *certs = json_member(vector, "certs");
    cr_assert_eq(json_count(certs), count);
    for (size_t i = 0; i < count; i++) {
        DEFER(buf_fini) struct buf sn = BUF_MAX(64);
        struct span want = vectors_text(json_element(certs, i), "sn");
        cr_assert_eq(want.len, ALIPAY_SERIAL_CHARS);
        cr_assert_eq(alipay_serial(chain[i], &sn), ERR_OK);
        cr_expect(span_eq(buf_span(&sn), want), "%.*s #%zu: got %.*s, want %.*s",
                  SPAN_ARG(vectors_text(vector, "file")), i, SPAN_ARG(buf_span(&sn)),
                  SPAN_ARG(want));
    }
    /* One of the two is given for all but root bundles: of a chain the leaf counts. */
    struct span leaf_sn = vectors_text(vector, "expected_sn");
    if (span_empty(leaf_sn)) {
        leaf_sn = vectors_text(vector, "sn_with_plain_openssl_rfc2253");
    }
    struct span root_sn = vectors_text(vector, "expected_root_sn_rsa");
    cr_assert_neq(span_empty(leaf_sn), span_empty(root_sn));
    if (!span_empty(leaf_sn)) {
        DEFER(buf_fini) struct buf sn = BUF_MAX(64);
        cr_assert_eq(alipay_serial(chain[0], &sn), ERR_OK);
        cr_expect(span_eq(buf_span(&sn), leaf_sn));
    }
    if (!span_empty(root_sn)) {
        DEFER(buf_fini) struct buf sn = BUF_MAX(512);
        cr_assert_eq(alipay_root_serial(chain, count, &sn), ERR_OK);
        cr_expect(span_eq(buf_span(&sn), root_sn));
    }
}

Test(alipay_vectors, certificate_serials_are_the_published_ones)
{
    struct arena *arena = new_arena();
    EACH("alipay/cert_sn.json", 24, root, vector)
    {
        DEFER(buf_fini) struct buf pem = BUF_MAX(0);
        struct crypto_certificate *chain[CHAIN_MAX] = { NULL };
        size_t count = 0;
        vectors_read(path_of(arena, vectors_text(vector, "file")), &pem);
        cr_assert_eq(crypto_certificates_new(buf_span(&pem), CHAIN_MAX, chain, &count), ERR_OK);
        check_serials(vector, chain, count);
        for (size_t i = 0; i < count; i++) {
            crypto_certificate_free(&chain[i]);
        }
    }
    json_free(&root);
    arena_free(&arena);
}

static void
fields_of(struct json_t *params, struct adapter_fields *out)
{
    void *at = NULL;
    const char *name;
    struct json_t *value;
    out->count = 0;
    while (json_each(params, &at, &name, &value)) {
        struct span text;
        cr_assert_eq(json_as_string(value, &text), ERR_OK);
        cr_assert_eq(adapter_fields_add(out, span_of(name), text), ERR_OK);
    }
}

/* The signed text as bytes: GBK vectors carry it in base64. */
static void
want_text(struct json_t *vector, struct buf *out)
{
    if (!span_empty(vectors_text(vector, "sign_content_bytes_b64"))) {
        vectors_bytes(vector, "sign_content_bytes_b64", out);
        return;
    }
    buf_init(out, 65536);
    cr_assert_eq(buf_append(out, vectors_text(vector, "sign_content")), ERR_OK);
}

static void
check_signature(struct arena *arena, struct json_t *vector, struct span text)
{
    DEFER(buf_fini) struct buf pem = BUF_MAX(0);
    DEFER(buf_fini) struct buf raw = BUF_MAX(1024);
    DEFER(buf_fini) struct buf sign = BUF_MAX(2048);
    struct secret *secret = NULL;
    struct crypto_private_key *key = NULL;
    vectors_read(path_of(arena, vectors_text(vector, "key")), &pem);
    cr_assert_eq(secret_new(buf_span(&pem), &secret), ERR_OK);
    cr_assert_eq(crypto_private_key_new(secret, &key), ERR_OK);
    cr_assert_eq(crypto_sign(key, CRYPTO_RSA_SHA256, text, &raw), ERR_OK);
    cr_assert_eq(crypto_base64_encode(buf_span(&raw), &sign), ERR_OK);
    cr_expect(span_eq(buf_span(&sign), vectors_text(vector, "sign")), "%.*s",
              SPAN_ARG(vectors_text(vector, "id")));
    crypto_private_key_free(&key);
    secret_free(&secret);
}

Test(alipay_vectors, requests_are_signed_as_published)
{
    struct arena *arena = new_arena();
    EACH("alipay/request_sign.json", 9, root, vector)
    {
        DEFER(buf_fini) struct buf text = BUF_MAX(65536);
        DEFER(buf_fini) struct buf want = BUF_MAX(0);
        struct adapter_fields fields;
        fields_of(json_member(vector, "params"), &fields);
        want_text(vector, &want);
        cr_assert_eq(alipay_sign_text(&fields, arena, &text), ERR_OK);
        /* Our own requests are UTF-8 always; the text of the GBK one is compared as UTF-8. */
        struct span readable;
        cr_assert_eq(alipay_utf8(buf_span(&want), arena, &readable), ERR_OK);
        cr_expect(span_eq(buf_span(&text), readable), "%.*s", SPAN_ARG(vectors_text(vector, "id")));
        check_signature(arena, vector, buf_span(&want));
    }
    json_free(&root);
    arena_free(&arena);
}

/* A copy of the body in storage of exactly its size, so that reading past it is seen. */
static bool
slice_verifies(struct json_t *vector, struct span body, bool gbk, struct arena *arena)
{
    const char *name = NULL;
    struct alipay_slice slice = { 0 };
    cr_assert_eq(arena_cstr(arena, vectors_text(vector, "root_node"), &name), ERR_OK);
    if (alipay_slice(body, name, gbk, &slice) != ERR_OK) {
        return false;
    }
    DEFER(buf_fini) struct buf sign = BUF_MAX(2048);
    DEFER(buf_fini) struct buf plain = BUF_MAX(65536);
    DEFER(crypto_public_key_free)
    struct crypto_public_key *key =
        vectors_public_key(path_of(arena, vectors_text(vector, "verify_with")));
    for (size_t i = 0; i < slice.sign.len; i++) {
        if (slice.sign.at[i] != '\\') {
            cr_assert_eq(buf_byte(&plain, slice.sign.at[i]), ERR_OK);
        }
    }
    if (crypto_base64_decode(buf_span(&plain), &sign) != ERR_OK || sign.len == 0) {
        return false;
    }
    if (crypto_verify(key, CRYPTO_RSA_SHA256, slice.root, buf_span(&sign)) == ERR_OK) {
        return true;
    }
    buf_reset(&plain);
    for (size_t i = 0; i < slice.root.len; i++) {
        bool slash =
            slice.root.at[i] == '\\' && i + 1 < slice.root.len && slice.root.at[i + 1] == '/';
        if (!slash) {
            cr_assert_eq(buf_byte(&plain, slice.root.at[i]), ERR_OK);
        }
    }
    return crypto_verify(key, CRYPTO_RSA_SHA256, buf_span(&plain), buf_span(&sign)) == ERR_OK;
}

Test(alipay_vectors, answers_verify_or_are_refused_as_published)
{
    struct arena *arena = new_arena();
    EACH("alipay/response_verify.json", 19, root, vector)
    {
        DEFER(buf_fini) struct buf body = BUF_MAX(0);
        bool want = false;
        bool gbk = span_eq_cstr(vectors_text(vector, "body_charset"), "gbk");
        vectors_bytes(vector, "body_b64", &body);
        cr_assert_eq(json_get_bool(vector, "expect_valid", &want), ERR_OK);
        cr_expect_eq(slice_verifies(vector, buf_span(&body), gbk, arena), want, "%.*s",
                     SPAN_ARG(vectors_text(vector, "id")));
    }
    json_free(&root);
    arena_free(&arena);
}

Test(alipay_vectors, the_signed_bytes_are_cut_out_exactly)
{
    struct arena *arena = new_arena();
    EACH("alipay/extraction.json", 30, root, vector)
    {
        DEFER(buf_fini) struct buf body = BUF_MAX(0);
        const char *name = NULL;
        struct alipay_slice slice = { 0 };
        vectors_bytes(vector, "body_b64", &body);
        cr_assert_eq(arena_cstr(arena, vectors_text(vector, "root_node"), &name), ERR_OK);
        bool gbk = !span_is_utf8(buf_span(&body));
        enum err err = alipay_slice(buf_span(&body), name, gbk, &slice);
        if (json_member(vector, "expected_b64") == NULL) {
            cr_expect_eq(err, ERR_PROVIDER_PROTOCOL, "%.*s", SPAN_ARG(vectors_text(vector, "id")));
            continue;
        }
        DEFER(buf_fini) struct buf want = BUF_MAX(0);
        vectors_bytes(vector, "expected_b64", &want);
        cr_expect_eq(err, ERR_OK, "%.*s", SPAN_ARG(vectors_text(vector, "id")));
        cr_expect(span_eq(slice.root, buf_span(&want)), "%.*s",
                  SPAN_ARG(vectors_text(vector, "id")));
    }
    json_free(&root);
    arena_free(&arena);
}

Test(alipay_vectors, every_prefix_of_an_answer_is_refused)
{
    struct arena *arena = new_arena();
    EACH("alipay/extraction.json", 30, root, vector)
    {
        DEFER(buf_fini) struct buf body = BUF_MAX(0);
        const char *name = NULL;
        if (json_member(vector, "expected_b64") == NULL) {
            continue; /* refused as a whole by the test above */
        }
        cr_assert_eq(arena_cstr(arena, vectors_text(vector, "root_node"), &name), ERR_OK);
        vectors_bytes(vector, "body_b64", &body);
        bool gbk = !span_is_utf8(buf_span(&body));
        struct span whole = span_trim(buf_span(&body), " \r\n\t");
        for (size_t len = 0; len < whole.len; len++) {
            struct alipay_slice slice;
            cr_assert_eq(alipay_slice(span_sub(whole, 0, len), name, gbk, &slice),
                         ERR_PROVIDER_PROTOCOL);
        }
        struct alipay_slice slice;
        cr_assert_eq(alipay_slice(whole, name, gbk, &slice), ERR_OK);
    }
    json_free(&root);
    arena_free(&arena);
}

static bool
notice_verifies(struct arena *arena, struct json_t *vector, struct span body)
{
    struct adapter_message message = { .body = body };
    struct adapter_signed cut = { 0 };
    DEFER(crypto_public_key_free)
    struct crypto_public_key *key =
        vectors_public_key(path_of(arena, vectors_text(vector, "verify_with")));
    if (alipay_callback_split(&message, arena, &cut) != ERR_OK) {
        return false;
    }
    for (size_t i = 0; i < cut.text_count; i++) {
        if (crypto_verify(key, CRYPTO_RSA_SHA256, cut.texts[i], cut.signature) == ERR_OK) {
            return true;
        }
    }
    return false;
}

/* The published text and signature alone, without the adapter. */
static bool
text_verifies(struct json_t *vector)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    DEFER(buf_fini) struct buf sign = BUF_MAX(2048);
    DEFER(crypto_public_key_free) struct crypto_public_key *key = NULL;
    struct arena *arena = new_arena();
    key = vectors_public_key(path_of(arena, vectors_text(vector, "verify_with")));
    want_text(vector, &text);
    struct span base64 = vectors_text(json_member(vector, "params"), "sign");
    enum err err = crypto_base64_decode(base64, &sign);
    arena_free(&arena);
    return err == ERR_OK
           && (span_eq_cstr(vectors_text(vector, "digest"), "sha1")
                   ? crypto_verify(key, CRYPTO_RSA_SHA1, buf_span(&text), buf_span(&sign))
                   : crypto_verify(key, CRYPTO_RSA_SHA256, buf_span(&text), buf_span(&sign)))
                  == ERR_OK;
}

/* The adapter cuts the published text out of the published wire form. */
static bool
text_is_cut(struct arena *arena, struct json_t *vector)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    struct adapter_message message = { .body = vectors_text(vector, "wire_form") };
    struct adapter_signed cut = { 0 };
    bool found = false;
    want_text(vector, &text);
    cr_assert_eq(alipay_callback_split(&message, arena, &cut), ERR_OK);
    for (size_t i = 0; i < cut.text_count; i++) {
        found = found || span_eq(cut.texts[i], buf_span(&text));
    }
    return found;
}

/* The payment rule drops sign and sign_type. Messages of the other family, which keep sign_type,
 * must not verify as payments. */
Test(alipay_vectors, notifications_verify_or_are_refused_as_published)
{
    struct arena *arena = new_arena();
    EACH("alipay/notify_verify.json", 24, root, vector)
    {
        bool want = false;
        bool ours = span_eq_cstr(vectors_text(vector, "rule"), "drop_sign_and_sign_type");
        cr_assert_eq(json_get_bool(vector, "expect_valid", &want), ERR_OK);
        cr_expect_eq(text_verifies(vector), want, "%.*s", SPAN_ARG(vectors_text(vector, "id")));
        /* The return address is signed as payments are, and given once more under the other rule. */
        bool twice = span_eq_cstr(vectors_text(vector, "id"), "yansongda-return-url-2023-v2-rule");
        cr_expect_eq(notice_verifies(arena, vector, vectors_text(vector, "wire_form")),
                     (want && ours) || twice, "%.*s", SPAN_ARG(vectors_text(vector, "id")));
        cr_expect_eq(text_is_cut(arena, vector), ours, "%.*s",
                     SPAN_ARG(vectors_text(vector, "id")));
    }
    json_free(&root);
    arena_free(&arena);
}

Test(alipay_vectors, an_altered_byte_of_a_notification_is_refused)
{
    struct arena *arena = new_arena();
    EACH("alipay/notify_verify.json", 24, root, vector)
    {
        if (!span_eq_cstr(vectors_text(vector, "id"), "self-trade-success")) {
            continue;
        }
        struct span wire = vectors_text(vector, "wire_form");
        cr_assert(notice_verifies(arena, vector, wire));
        size_t refused = 0;
        for (size_t i = 0; i < wire.len; i++) {
            struct arena *one = new_arena();
            struct span copy;
            cr_assert_eq(arena_copy(one, wire, &copy), ERR_OK);
            unsigned char *at = (unsigned char *)(uintptr_t)copy.at;
            at[i] = (unsigned char)(at[i] ^ 0x04);
            refused += notice_verifies(one, vector, copy) ? 0 : 1;
            arena_free(&one);
        }
        /* sign_type is not in the signed text; flipping inside it, and hex digits' case, changes
         * nothing that counts. */
        struct span tail = SPAN_LIT("sign_type=RSA2");
        cr_expect_geq(refused, wire.len - tail.len - 1);
    }
    json_free(&root);
    arena_free(&arena);
}

/* Each byte of what is signed and of the signature, of each genuine answer. */
Test(alipay_vectors, an_altered_byte_of_an_answer_is_refused)
{
    struct arena *arena = new_arena();
    size_t genuine = 0;
    EACH("alipay/response_verify.json", 19, root, vector)
    {
        DEFER(buf_fini) struct buf body = BUF_MAX(0);
        const char *name = NULL;
        struct alipay_slice slice = { 0 };
        bool gbk = span_eq_cstr(vectors_text(vector, "body_charset"), "gbk");
        vectors_bytes(vector, "body_b64", &body);
        if (!slice_verifies(vector, buf_span(&body), gbk, arena)) {
            continue; /* refused as it stands by the test above */
        }
        genuine++;
        cr_assert_eq(arena_cstr(arena, vectors_text(vector, "root_node"), &name), ERR_OK);
        cr_assert_eq(alipay_slice(buf_span(&body), name, gbk, &slice), ERR_OK);
        cr_expect(span_eq(slice.serial, vectors_text(vector, "alipay_cert_sn")));
        const struct span parts[] = { slice.root, slice.sign };
        for (size_t k = 0; k < 2; k++) {
            size_t from = (size_t)(parts[k].at - body.at);
            for (size_t i = from; i < from + parts[k].len; i++) {
                body.at[i] ^= 0x04;
                cr_expect_not(slice_verifies(vector, buf_span(&body), gbk, arena), "%.*s, byte %zu",
                              SPAN_ARG(vectors_text(vector, "id")), i);
                body.at[i] ^= 0x04;
            }
        }
    }
    cr_assert_eq(genuine, 15); /* the file has four that must be refused */
    json_free(&root);
    arena_free(&arena);
}

Test(alipay_vectors, aes_agrees_both_ways)
{
    EACH("alipay/aes.json", 4, root, vector)
    {
        DEFER(buf_fini) struct buf key_bytes = BUF_MAX(0);
        DEFER(buf_fini) struct buf plain = BUF_MAX(65536);
        DEFER(buf_fini) struct buf text = BUF_MAX(65536);
        DEFER(secret_free) struct secret *key = NULL;
        vectors_bytes(vector, "aes_key_b64", &key_bytes);
        cr_assert_eq(secret_new(buf_span(&key_bytes), &key), ERR_OK);
        cr_assert_eq(alipay_decrypt(key, vectors_text(vector, "ciphertext_b64"), &plain), ERR_OK);
        cr_expect(span_eq(buf_span(&plain), vectors_text(vector, "plaintext")));
        cr_assert_eq(alipay_encrypt(key, buf_span(&plain), &text), ERR_OK);
        cr_expect(span_eq(buf_span(&text), vectors_text(vector, "ciphertext_b64")));
        struct span whole = vectors_text(vector, "ciphertext_b64");
        for (size_t len = 0; len < whole.len; len++) {
            DEFER(buf_fini) struct buf part = BUF_MAX(65536);
            bool same = alipay_decrypt(key, span_sub(whole, 0, len), &part) == ERR_OK
                        && span_eq(buf_span(&part), buf_span(&plain));
            cr_expect_not(same, "%zu characters of %zu", len, whole.len);
        }
    }
    json_free(&root);
}

Test(alipay_vectors, sm2_signatures_verify_and_altered_ones_do_not)
{
    struct arena *arena = new_arena();
    EACH("alipay/sm2.json", 2, root, vector)
    {
        DEFER(buf_fini) struct buf sign = BUF_MAX(0);
        DEFER(crypto_public_key_free)
        struct crypto_public_key *key =
            vectors_public_key(path_of(arena, vectors_text(vector, "public_key")));
        vectors_bytes(vector, "sign", &sign);
        struct span content = vectors_text(vector, "content");
        cr_expect_eq(crypto_verify(key, CRYPTO_SM2_SM3, content, buf_span(&sign)), ERR_OK);
        for (size_t i = 0; i < sign.len; i++) {
            struct span cut = span_sub(buf_span(&sign), 0, i);
            cr_expect_eq(crypto_verify(key, CRYPTO_SM2_SM3, content, cut), ERR_SIGNATURE);
            sign.at[i] ^= 0x04;
            cr_expect_eq(crypto_verify(key, CRYPTO_SM2_SM3, content, buf_span(&sign)),
                         ERR_SIGNATURE, "byte %zu of the signature", i);
            sign.at[i] ^= 0x04;
        }
        struct span copy;
        cr_assert_eq(arena_copy(arena, content, &copy), ERR_OK);
        unsigned char *at = (unsigned char *)(uintptr_t)copy.at;
        for (size_t i = 0; i < copy.len; i++) {
            at[i] ^= 0x04;
            cr_expect_eq(crypto_verify(key, CRYPTO_SM2_SM3, copy, buf_span(&sign)), ERR_SIGNATURE,
                         "byte %zu of the text", i);
            at[i] ^= 0x04;
        }
    }
    json_free(&root);
    arena_free(&arena);
}
