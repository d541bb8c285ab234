/* SPDX-License-Identifier: Apache-2.0 */
/* Every published Alipay request: the text, the signature, and what goes over the wire. */
#include "alipay.h"
#include "alipay_vectors.h"
#include "form.h"

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

/* "%20" as "+": the other way in which a form may spell a blank. */
static void
blanks_as_plus(struct span text, struct buf *out)
{
    while (!span_empty(text)) {
        size_t at = span_find(text, SPAN_LIT("%20"));
        CHECK_OK(buf_append(out, span_sub(text, 0, at)));
        if (at < text.len) {
            CHECK_OK(buf_byte(out, '+'));
        }
        text = span_sub(text, at < text.len ? at + 3 : at, text.len);
    }
}

/* The published address or query, byte for byte, out of the adapter's own encoder. */
static void
check_wire(struct arena *arena, struct json_t *vector, const struct adapter_fields *fields)
{
    static const char gateway[] = "https://openapi.alipaydev.com/gateway.do";
    const struct adapter_account account = { .gateway_url = gateway };
    const struct adapter_order order = { .method = ADAPTER_QR };
    DEFER(buf_fini) struct buf sign = BUF_MAX(VECTORS_SIGN_MAX);
    DEFER(buf_fini) struct buf want = BUF_MAX(VECTORS_TEXT_MAX);
    struct adapter_request request = { .post = false };
    vectors_bytes(vector, "sign", &sign);
    CHECK_OK(alipay_request_encode(&account, ADAPTER_PAY, &order, fields, buf_span(&sign), arena,
                                   &request));
    bool whole = !span_empty(vectors_text(vector, "expected_url"));
    if (whole) {
        CHECK_OK(buf_text(&want, gateway));
        CHECK_OK(buf_byte(&want, '?'));
    }
    blanks_as_plus(request.body, &want);
    struct span published = vectors_text(vector, whole ? "expected_url" : "expected_query");
    cr_expect(span_eq(buf_span(&want), published), "%.*s", SPAN_ARG(buf_span(&want)));
}

/* A published split between address and body: both together say what was signed and how. */
static void
check_split(struct arena *arena, struct json_t *vector, const struct adapter_fields *fields)
{
    static const char *const halves[] = { "query", "body" };
    struct json_t *wire = json_member(vector, "one_valid_wire_form");
    size_t seen = 0;
    for (size_t i = 0; i < 2; i++) {
        struct adapter_fields half;
        CHECK_OK(form_decode(vectors_text(wire, halves[i]), arena, &half));
        for (size_t k = 0; k < half.count; k++) {
            struct span name = half.list[k].name;
            const char *plain = NULL;
            struct span value;
            CHECK_OK(arena_cstr(arena, name, &plain));
            CHECK_OK(alipay_utf8(half.list[k].value, arena, &value));
            struct span want = span_eq_cstr(name, "sign") ? vectors_text(vector, "sign")
                                                          : adapter_fields_get(fields, plain);
            cr_expect(span_eq(value, want), "%.*s", SPAN_ARG(name));
            seen++;
        }
    }
    size_t filled = 0;
    for (size_t i = 0; i < fields->count; i++) {
        filled += span_empty(fields->list[i].value) ? 0 : 1;
    }
    cr_expect_eq(seen, filled + 1, "%zu of %zu", seen, filled + 1);
}

Test(alipay_vectors_requests, requests_are_signed_as_published)
{
    struct arena *arena = new_arena();
    size_t published = 0;
    size_t split = 0;
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
        if (json_member(vector, "expected_url") != NULL
            || json_member(vector, "expected_query") != NULL) {
            check_wire(arena, vector, &fields);
            published++;
        }
        if (json_member(vector, "one_valid_wire_form") != NULL) {
            check_split(arena, vector, &fields);
            split++;
        }
    }
    cr_expect_eq(published, 2);
    cr_expect_eq(split, 6);
    json_free(&root);
    arena_free(&arena);
}
