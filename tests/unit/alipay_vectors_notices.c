/* SPDX-License-Identifier: Apache-2.0 */
/* Every published Alipay notification, whole, with each byte altered, and cut short anywhere. */
#include <stdlib.h>
#include <string.h>

#include "alipay.h"
#include "alipay_vectors.h"

#define NOTICES 24
#define NOTICE  "alipay/notify_verify.json"

/* A copy in storage of exactly its size, so that reading past it is seen. */
static bool
notice_verifies(const struct crypto_public_key *key, struct span body)
{
    struct arena *arena = new_arena();
    unsigned char *exact = malloc(body.len + 1);
    cr_assert_not_null(exact);
    memcpy(exact + 1, body.at, body.len);
    struct adapter_message message = { .body = span_make(exact + 1, body.len) };
    struct adapter_signed cut = { 0 };
    bool verifies =
        alipay_callback_split(&message, arena, &cut) == ERR_OK && any_text_verifies(key, &cut);
    free(exact);
    arena_free(&arena);
    return verifies;
}

/* The published text and signature alone, without the adapter. */
static bool
text_verifies(struct json_t *vector)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    DEFER(buf_fini) struct buf sign = BUF_MAX(VECTORS_SIGN_MAX);
    DEFER(crypto_public_key_free) struct crypto_public_key *key = key_of(vector);
    bool sha1 = span_eq_cstr(vectors_text(vector, "digest"), "sha1");
    enum crypto_scheme scheme = sha1 ? CRYPTO_RSA_SHA1 : CRYPTO_RSA_SHA256;
    want_text(vector, &text);
    CHECK_OK(crypto_base64_decode(vectors_text(json_member(vector, "params"), "sign"), &sign));
    return crypto_verify(key, scheme, buf_span(&text), buf_span(&sign)) == ERR_OK;
}

/* The adapter cuts the published text out of the published wire form. */
static bool
text_is_cut(struct json_t *vector)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    struct arena *arena = new_arena();
    struct adapter_message message = { .body = vectors_text(vector, "wire_form") };
    struct adapter_signed cut = { 0 };
    want_text(vector, &text);
    CHECK_OK(alipay_callback_split(&message, arena, &cut));
    bool found = any_text_is(&cut, buf_span(&text));
    arena_free(&arena);
    return found;
}

static bool
is_ours(struct json_t *vector)
{
    return span_eq_cstr(vectors_text(vector, "rule"), "drop_sign_and_sign_type");
}

/* The payment rule drops sign and sign_type. Messages of the other family, which keep sign_type,
 * must not verify as payments. The return address is signed as payments are, and given once more
 * under the other rule. */
static bool
must_verify(struct json_t *vector)
{
    bool twice = span_eq_cstr(vectors_text(vector, "id"), "yansongda-return-url-2023-v2-rule");
    return (is_expected_valid(vector) && is_ours(vector)) || twice;
}

Test(alipay_vectors_notices, notifications_verify_or_are_refused_as_published)
{
    size_t genuine = 0;
    EACH(NOTICE, NOTICES, root, vector)
    {
        struct span id = vectors_text(vector, "id");
        DEFER(crypto_public_key_free) struct crypto_public_key *key = key_of(vector);
        cr_expect_eq(text_verifies(vector), is_expected_valid(vector), "%.*s", SPAN_ARG(id));
        cr_expect_eq(notice_verifies(key, vectors_text(vector, "wire_form")), must_verify(vector),
                     "%.*s", SPAN_ARG(id));
        cr_expect_eq(text_is_cut(vector), is_ours(vector), "%.*s", SPAN_ARG(id));
        genuine += must_verify(vector) ? 1 : 0;
    }
    cr_expect_eq(genuine, 15);
    json_free(&root);
}

/* One field of a form as it is written: where it begins, where its "=" stands, where it ends. */
struct field {
    size_t from;
    size_t equals;
    size_t end;
    bool is_signed; /* its name and value stand in the signed text */
    bool is_sign;
};

#define FIELDS_MAX 64

static bool
name_is(struct span form, const struct field *field, const char *name)
{
    return span_eq_cstr(span_sub(form, field->from, field->equals - field->from), name);
}

/* `keeps_empty`: the signature was made over empty values as well. */
static size_t
fields_of(struct span form, bool keeps_empty, struct field *out)
{
    size_t count = 0;
    for (size_t from = 0; from <= form.len; from = out[count++].end + 1) {
        cr_assert_lt(count, FIELDS_MAX);
        struct field *field = &out[count];
        size_t len = span_index(span_sub(form, from, form.len - from), '&');
        size_t equals = span_index(span_sub(form, from, len), '=');
        *field = (struct field){ .from = from, .equals = from + equals, .end = from + len };
        cr_assert_lt(equals, len);
        field->is_sign = name_is(form, field, "sign");
        bool outside = field->is_sign || name_is(form, field, "sign_type")
                       || name_is(form, field, "alipay_cert_sn");
        field->is_signed = !outside && (keeps_empty || field->equals + 1 < field->end);
    }
    return count;
}

/* Whether a changed byte leaves the signed text and the signature as they were. Only what belongs
 * to a field outside the text may: its value, unless that was empty and the field is signed once it
 * is filled; its "=", without which the whole is the name of an empty field, which is dropped like all
 * empty ones; the name of an empty field; and the "&" after it when the next one is outside too. */
static bool
may_go_unnoticed(const struct field *fields, size_t count, size_t at, bool keeps_empty)
{
    size_t i = 0;
    while (i + 1 < count && at > fields[i].end) {
        i++;
    }
    const struct field *field = &fields[i];
    bool empty = field->equals + 1 == field->end;
    if (field->is_signed || field->is_sign) {
        return false;
    }
    if (at < field->equals) {
        return empty;
    }
    if (at == field->equals) {
        return !keeps_empty;
    }
    if (at < field->end) {
        return true;
    }
    return !empty && !fields[i + 1].is_signed && !fields[i + 1].is_sign;
}

/* A parameter of our own in the return address is the only thing wrong there: without its "=" it is
 * an empty field, and what is left is genuine. */
static bool
heals(struct json_t *vector, const struct field *last, size_t at)
{
    return span_eq_cstr(vectors_text(vector, "id"), "yansongda-return-url-2023-own-parameter")
           && at == last->equals;
}

static bool
keeps_empty(struct json_t *vector)
{
    return span_eq_cstr(vectors_text(vector, "id"), "self-empty-values-included");
}

static void
alter_each_byte(struct json_t *vector, bool genuine)
{
    struct field fields[FIELDS_MAX];
    DEFER(buf_fini) struct buf copy = BUF_MAX(VECTORS_TEXT_MAX);
    DEFER(crypto_public_key_free) struct crypto_public_key *key = key_of(vector);
    struct span wire = vectors_text(vector, "wire_form");
    size_t count = fields_of(wire, keeps_empty(vector), fields);
    CHECK_OK(buf_append(&copy, wire));
    for (size_t i = 0; i < wire.len; i++) {
        bool want = genuine ? may_go_unnoticed(fields, count, i, keeps_empty(vector))
                            : heals(vector, &fields[count - 1], i);
        copy.at[i] ^= VECTORS_FLIP;
        if (notice_verifies(key, buf_span(&copy)) != want) {
            cr_expect(false, "%.*s, byte %zu: %s", SPAN_ARG(vectors_text(vector, "id")), i,
                      want ? "refused" : "not noticed");
        }
        copy.at[i] ^= VECTORS_FLIP;
    }
    cr_expect_eq(notice_verifies(key, wire), genuine);
}

/* Up to the last byte that is signed or signature, nothing may be missing. */
static void
cut_anywhere(struct json_t *vector)
{
    struct field fields[FIELDS_MAX];
    DEFER(crypto_public_key_free) struct crypto_public_key *key = key_of(vector);
    struct span wire = vectors_text(vector, "wire_form");
    size_t count = fields_of(wire, keeps_empty(vector), fields);
    size_t needed = 0;
    for (size_t i = 0; i < count; i++) {
        needed = fields[i].is_signed || fields[i].is_sign ? fields[i].end : needed;
    }
    for (size_t len = 0; len < needed; len++) {
        if (notice_verifies(key, span_sub(wire, 0, len))) {
            cr_expect(false, "%.*s: %zu bytes are enough", SPAN_ARG(vectors_text(vector, "id")),
                      len);
        }
    }
    cr_expect(notice_verifies(key, span_sub(wire, 0, needed)));
}

/* Each test takes every third vector, so that they run side by side. */
#define SHARES 3

static void
alter_share(size_t share)
{
    size_t seen = 0;
    EACH(NOTICE, NOTICES, root, vector)
    {
        if (seen++ % SHARES == share) {
            alter_each_byte(vector, must_verify(vector));
        }
    }
    cr_expect_eq(seen, NOTICES);
    json_free(&root);
}

Test(alipay_vectors_notices, an_altered_byte_is_refused_unless_it_is_outside_the_text_1)
{
    alter_share(0);
}

Test(alipay_vectors_notices, an_altered_byte_is_refused_unless_it_is_outside_the_text_2)
{
    alter_share(1);
}

Test(alipay_vectors_notices, an_altered_byte_is_refused_unless_it_is_outside_the_text_3)
{
    alter_share(2);
}

Test(alipay_vectors_notices, a_notification_cut_short_is_refused)
{
    EACH(NOTICE, NOTICES, root, vector)
    {
        if (must_verify(vector)) {
            cut_anywhere(vector);
        }
    }
    json_free(&root);
}
