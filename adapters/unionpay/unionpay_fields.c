/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay.h"

static bool
is_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] != '_' && !span_is_alnum(span_sub(name, i, 1))) {
            return false;
        }
    }
    return name.len > 0;
}

/* Index of the first "&" outside of braces and brackets; body.len when there is none. False when they
 * do not match. */
static bool
find_separator(struct span text, size_t *out)
{
    int depth = 0;
    size_t i = 0;
    for (; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (c == '&' && depth == 0) {
            break;
        }
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= c == '}' || c == ']' ? 1 : 0;
        if (depth < 0) {
            return false;
        }
    }
    *out = i;
    return depth == 0;
}

static bool
has_name(const struct adapter_fields *fields, size_t count, struct span name)
{
    for (size_t i = 0; i < count; i++) {
        if (span_eq(fields->list[i].name, name)) {
            return true;
        }
    }
    return false;
}

static enum err
take_pair(struct span pair, struct adapter_fields *out)
{
    size_t equals = span_index(pair, '=');
    struct span name = span_sub(pair, 0, equals);
    if (equals == pair.len || !is_name(name) || has_name(out, out->count, name)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    enum err err = adapter_fields_add(out, name, span_sub(pair, equals + 1, pair.len));
    return err == ERR_OK ? ERR_OK : ERR_PROVIDER_PROTOCOL;
}

/* Synchronous answers: the pairs as they are, not escaped; some come in one pair of braces. */
enum err
unionpay_fields_split(struct span body, struct adapter_fields *out)
{
    struct span rest = body;
    if (body.len >= 2 && body.at[0] == '{' && body.at[body.len - 1] == '}') {
        rest = span_sub(body, 1, body.len - 2);
    }
    out->count = 0;
    for (;;) {
        size_t end = 0;
        if (!find_separator(rest, &end)) {
            return ERR_PROVIDER_PROTOCOL;
        }
        TRY(take_pair(span_sub(rest, 0, end), out));
        if (end == rest.len) {
            return ERR_OK;
        }
        rest = span_sub(rest, end + 1, rest.len);
    }
}

bool
unionpay_fields_sound(const struct adapter_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct adapter_field *field = &fields->list[i];
        size_t end = 0;
        if (!is_name(field->name) || has_name(fields, i, field->name)
            || !find_separator(field->value, &end) || end != field->value.len) {
            return false;
        }
    }
    return true;
}

const char *
unionpay_sign_method(const struct adapter_account *account)
{
    if (account->scheme == CRYPTO_KEYED_SHA256) {
        return "11";
    }
    return account->scheme == CRYPTO_KEYED_SM3 ? "12" : "01";
}

bool
unionpay_fields_fit(const struct adapter_fields *fields, const struct adapter_account *account)
{
    return span_eq_cstr(adapter_fields_get(fields, "version"), UNIONPAY_VERSION)
           && span_eq_cstr(adapter_fields_get(fields, "signMethod"), unionpay_sign_method(account));
}
