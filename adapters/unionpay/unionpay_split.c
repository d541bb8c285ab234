/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"
#include "unionpay.h"

#define SIGNATURE_BYTES 256
#define KEYED_CHARS     64
#define SIGNED_TEXT_MAX ((size_t)128)

/* Each signature has one spelling: the decoder refuses bits that it would drop. */
static enum err
decode_signature(struct span text, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(SIGNATURE_BYTES);
    if (text.len != UNIONPAY_SIGNATURE_CHARS) {
        return ERR_SIGNATURE;
    }
    TRY(err_told_as(crypto_base64_decode(text, &bytes), ERR_SIGNATURE));
    return bytes.len == SIGNATURE_BYTES ? arena_copy(arena, buf_span(&bytes), out) : ERR_SIGNATURE;
}

/* signMethod 01: the certificate came along, and its text is part of what is signed. */
static enum err
cut_certificate(const struct adapter_fields *fields, struct arena *arena,
                struct adapter_signed *cut)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SIGNED_TEXT_MAX);
    cut->certificate = adapter_fields_get(fields, "signPubKeyCert");
    if (span_empty(cut->certificate)) {
        return ERR_SIGNATURE;
    }
    TRY(decode_signature(cut->signature, arena, &cut->signature));
    TRY(unionpay_sign_text(fields, arena, &text));
    TRY(arena_copy(arena, buf_span(&text), &cut->texts[0]));
    cut->text_count = 1;
    return ERR_OK;
}

/* signMethod 11 and 12: the keys process builds the text and compares. */
static enum err
cut_keyed(const struct adapter_fields *fields, struct arena *arena, struct adapter_signed *cut)
{
    void *storage = NULL;
    TRY(arena_alloc(arena, sizeof(struct adapter_fields), &storage));
    struct adapter_fields *bare = storage;
    for (size_t i = 0; i < fields->count; i++) {
        if (!span_eq_cstr(fields->list[i].name, "signature")) {
            bare->list[bare->count++] = fields->list[i];
        }
    }
    cut->keyed = true;
    cut->fields = bare;
    return cut->signature.len == KEYED_CHARS ? ERR_OK : ERR_SIGNATURE;
}

/* Version 5.0.0 was signed with SHA-1 and is refused. Errors: SIGNATURE when it cannot be genuine. */
static enum err
cut_signed(const struct adapter_fields *fields, struct span body, struct arena *arena,
           struct adapter_signed *out)
{
    struct adapter_signed cut = { .signature = adapter_fields_get(fields, "signature"),
                                  .payloads = { body } };
    struct span method = adapter_fields_get(fields, "signMethod");
    if (span_empty(cut.signature)) {
        *out = cut;
        return ERR_OK;
    }
    cut.is_signed = true;
    if (!span_eq_cstr(adapter_fields_get(fields, "version"), UNIONPAY_VERSION)) {
        return ERR_SIGNATURE;
    }
    if (span_eq_cstr(method, "01")) {
        TRY(cut_certificate(fields, arena, &cut));
    } else if (span_eq_cstr(method, "11") || span_eq_cstr(method, "12")) {
        TRY(cut_keyed(fields, arena, &cut));
    } else {
        return ERR_SIGNATURE;
    }
    *out = cut;
    return ERR_OK;
}

static enum err
new_fields(struct arena *arena, struct adapter_fields **out)
{
    void *storage = NULL;
    TRY(arena_alloc(arena, sizeof(struct adapter_fields), &storage));
    *out = storage;
    return ERR_OK;
}

enum err
unionpay_answer_split(enum adapter_operation operation, const struct adapter_message *message,
                      struct arena *arena, struct adapter_signed *out)
{
    (void)operation;
    struct adapter_fields *fields = NULL;
    TRY(new_fields(arena, &fields));
    TRY(unionpay_fields_split(message->body, fields));
    enum err err = cut_signed(fields, message->body, arena, out);
    return err == ERR_SIGNATURE ? ERR_PROVIDER_PROTOCOL : err;
}

/* The body alone counts, never what stands in the address. */
enum err
unionpay_callback_split(const struct adapter_message *message, struct arena *arena,
                        struct adapter_signed *out)
{
    struct adapter_fields *fields = NULL;
    TRY(new_fields(arena, &fields));
    TRY(form_decode(message->body, arena, fields));
    if (!unionpay_fields_sound(fields)) {
        return ERR_SIGNATURE;
    }
    return cut_signed(fields, message->body, arena, out);
}
