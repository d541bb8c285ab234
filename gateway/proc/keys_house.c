/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_house.h"

#include <stdlib.h>
#include <string.h>

#include "certificate.h"

#define KEY_FILE_MAX_BYTES ((size_t)16 * 1024)

static enum err
load_audit_key(const char *path, struct keys_house *out)
{
    DEFER(secret_free) struct secret *text = NULL;
    DEFER(crypto_public_key_free) struct crypto_public_key *public_key = NULL;
    TRY(secret_load(path, KEY_FILE_MAX_BYTES, &text));
    TRY(crypto_private_key_new(text, &out->audit));
    TRY(crypto_public_key_of(out->audit, &public_key));
    out->audit_scheme = audit_scheme(public_key);
    if (out->audit_scheme == CRYPTO_SCHEME_NONE) {
        return ERR_KEY_PARSE;
    }
    TRY(crypto_public_key_name(public_key, &out->audit_name));
    /* The first signature makes the library fetch what it needs, before the sandbox closes. */
    DEFER(buf_fini) struct buf signature = BUF_MAX(KEYS_MESSAGE_SIGNATURE_MAX);
    return crypto_sign(out->audit, out->audit_scheme, SPAN_LIT("start"), &signature);
}

enum err
keys_house_load(const struct config *config, struct keys_house *out, const char **setting)
{
    const char *path = config_text(config, CONFIG_audit_signing_key, 0);
    buf_init(&out->audit_name, KEYS_HOUSE_NAME_CHARS);
    *setting = "audit.signing_key";
    return path[0] == 0 ? ERR_OK : load_audit_key(path, out);
}

void
keys_house_fini(struct keys_house *house)
{
    crypto_private_key_free(&house->audit);
    buf_fini(&house->audit_name);
}

bool
keys_house_concerns(enum keys_task task)
{
    return task == KEYS_SEAL || task == KEYS_CERTIFY;
}

static enum err
get_digest(const struct adapter_fields *fields, const char *name, unsigned char out[SHA256_BYTES])
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(SHA256_BYTES);
    TRY(crypto_hex_decode(adapter_fields_get(fields, name), &bytes));
    if (bytes.len != SHA256_BYTES) {
        return ERR_FIELD_LENGTH;
    }
    memcpy(out, bytes.at, SHA256_BYTES);
    return ERR_OK;
}

static enum err
get_checkpoint(const struct adapter_fields *fields, struct audit_checkpoint *out)
{
    if (fields->count != 4) {
        return ERR_FIELD_VALUE;
    }
    TRY(span_to_i64(adapter_fields_get(fields, "number"), 1, INT64_MAX, &out->number));
    TRY(span_to_i64(adapter_fields_get(fields, "sealed_at"), 1, INT64_MAX, &out->sealed_at_us));
    TRY(get_digest(fields, "previous", out->previous));
    return get_digest(fields, "heads", out->heads_digest);
}

/* The same number may come again: the first one may not have reached the database. */
static bool
is_of_now(const struct keys_house *house, const struct audit_checkpoint *checkpoint)
{
    struct wall_time sealed_at = { .us = checkpoint->sealed_at_us };
    return checkpoint->number >= house->sealed_number
           && llabs(wall_ms_between(clock_wall(), sealed_at)) <= KEYS_HOUSE_SKEW_MS;
}

static enum err
sign_text(struct keys_house *house, struct span text, struct buf *out)
{
    DEFER(buf_fini) struct buf signature = BUF_MAX(KEYS_MESSAGE_SIGNATURE_MAX);
    if (house->audit == NULL) {
        return ERR_KEYS_UNKNOWN;
    }
    TRY(err_told_as(crypto_sign(house->audit, house->audit_scheme, text, &signature), ERR_CRYPTO));
    TRY(buf_append(out, buf_span(&house->audit_name)));
    return buf_append(out, buf_span(&signature));
}

static enum err
seal(struct keys_house *house, const struct adapter_fields *fields, struct buf *out)
{
    struct audit_checkpoint checkpoint;
    TRY(err_told_as(get_checkpoint(fields, &checkpoint), ERR_KEYS_POLICY));
    if (!is_of_now(house, &checkpoint)) {
        return ERR_KEYS_POLICY;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(KEYS_HOUSE_TEXT_MAX);
    TRY(audit_checkpoint_text(&checkpoint, &text));
    TRY(sign_text(house, buf_span(&text), out));
    house->sealed_number = checkpoint.number;
    return ERR_OK;
}

static enum err
certify(struct keys_house *house, const struct adapter_fields *fields, struct buf *out)
{
    struct certificate certificate;
    struct span text = adapter_fields_get(fields, KEYS_HOUSE_CERTIFICATE);
    if (fields->count != 1 || certificate_read(text, &certificate) != ERR_OK
        || !certificate_ties(&certificate) || !certificate_people_fit(&certificate)) {
        return ERR_KEYS_POLICY;
    }
    return sign_text(house, text, out);
}

enum err
keys_house_do(struct keys_house *house, const struct keys_request *request, struct buf *out)
{
    return request->task == KEYS_SEAL ? seal(house, &request->fields, out)
                                      : certify(house, &request->fields, out);
}

/* Appends the value to `text`, which has room for all of them: its storage does not move. */
static enum err
add_digest(struct adapter_fields *fields, const char *name,
           const unsigned char digest[SHA256_BYTES], struct buf *text)
{
    size_t from = text->len;
    TRY(crypto_hex_encode(span_make(digest, SHA256_BYTES), text));
    return adapter_fields_add(fields, span_of(name), span_make(text->at + from, text->len - from));
}

static enum err
add_number(struct adapter_fields *fields, const char *name, int64_t value, struct buf *text)
{
    size_t from = text->len;
    TRY(buf_i64(text, value));
    return adapter_fields_add(fields, span_of(name), span_make(text->at + from, text->len - from));
}

enum err
keys_house_seal_fields(const struct audit_checkpoint *checkpoint, struct buf *text,
                       struct adapter_fields *out)
{
    unsigned char *room;
    *out = (struct adapter_fields){ .count = 0 };
    TRY(buf_reserve(text, KEYS_HOUSE_TEXT_MAX, &room));
    TRY(add_number(out, "number", checkpoint->number, text));
    TRY(add_number(out, "sealed_at", checkpoint->sealed_at_us, text));
    TRY(add_digest(out, "previous", checkpoint->previous, text));
    return add_digest(out, "heads", checkpoint->heads_digest, text);
}
