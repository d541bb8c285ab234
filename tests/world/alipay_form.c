/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_form.h"

#include <stdlib.h>
#include <string.h>

#include "crypto.h"

#define VALUE_MAX (size_t)(128 * 1024)

void
alipay_form_fini(struct alipay_params *params)
{
    for (size_t i = 0; i < params->count; i++) {
        free(params->list[i].name);
        free(params->list[i].value);
    }
    params->count = 0;
}

const char *
alipay_form_get(const struct alipay_params *params, const char *name)
{
    for (size_t i = 0; i < params->count; i++) {
        if (strcmp(params->list[i].name, name) == 0) {
            return params->list[i].value;
        }
    }
    return NULL;
}

enum err
alipay_form_add(struct alipay_params *params, const char *name, struct span value)
{
    if (alipay_form_get(params, name) != NULL) {
        return ERR_FIELD_REPEATED;
    }
    if (params->count == ALIPAY_PARAMS_MAX || value.len > VALUE_MAX) {
        return ERR_BUF_FULL;
    }
    struct alipay_param *param = &params->list[params->count];
    param->name = strdup(name);
    param->value = strndup(value.len == 0 ? "" : (const char *)value.at, value.len);
    if (param->name == NULL || param->value == NULL) {
        free(param->name);
        free(param->value);
        return ERR_NO_MEMORY;
    }
    params->count++;
    return ERR_OK;
}

enum err
alipay_form_add_text(struct alipay_params *params, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0') {
        return ERR_OK;
    }
    return alipay_form_add(params, name, span_of(value));
}

static enum err
decode_escape(struct span *text, struct buf *out)
{
    DEFER(buf_fini) struct buf lower = BUF_MAX(2);
    for (size_t i = 1; i <= 2 && i < text->len; i++) {
        unsigned char c = text->at[i];
        TRY(buf_byte(&lower, c >= 'A' && c <= 'F' ? (unsigned char)(c + ('a' - 'A')) : c));
    }
    if (lower.len != 2) {
        return ERR_ENCODING;
    }
    if (crypto_hex_decode(buf_span(&lower), out) != ERR_OK || out->at[out->len - 1] == 0) {
        return ERR_ENCODING;
    }
    *text = span_sub(*text, 3, text->len);
    return ERR_OK;
}

static enum err
decode(struct span text, struct buf *out)
{
    while (!span_empty(text)) {
        unsigned char c = text.at[0];
        if (c == 0) {
            return ERR_ENCODING;
        }
        if (c == '%') {
            TRY(decode_escape(&text, out));
            continue;
        }
        TRY(buf_byte(out, c == '+' ? ' ' : c));
        text = span_sub(text, 1, text.len);
    }
    return ERR_OK;
}

static enum err
parse_pair(struct span pair, struct alipay_params *params)
{
    DEFER(buf_fini) struct buf name = BUF_MAX(256);
    DEFER(buf_fini) struct buf value = BUF_MAX(VALUE_MAX);
    struct span raw_name;
    (void)span_cut(&pair, '=', &raw_name);
    TRY(decode(raw_name, &name));
    TRY(decode(pair, &value));
    const char *text;
    TRY(buf_cstr(&name, &text));
    return alipay_form_add(params, text, buf_span(&value));
}

enum err
alipay_form_parse(struct span text, struct alipay_params *params)
{
    bool more = !span_empty(text);
    while (more) {
        struct span pair;
        more = span_cut(&text, '&', &pair);
        if (!span_empty(pair)) {
            TRY(parse_pair(pair, params));
        }
    }
    return ERR_OK;
}

static int
by_name(const void *a, const void *b)
{
    const struct alipay_param *const *left = a;
    const struct alipay_param *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

enum err
alipay_form_signed_text(const struct alipay_params *params, bool with_sign_type, struct buf *out)
{
    const struct alipay_param *sorted[ALIPAY_PARAMS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < params->count; i++) {
        const struct alipay_param *param = &params->list[i];
        bool left_out = strcmp(param->name, "sign") == 0
                        || (!with_sign_type && strcmp(param->name, "sign_type") == 0);
        if (!left_out) {
            sorted[count++] = param;
        }
    }
    qsort(sorted, count, sizeof(sorted[0]), by_name);
    for (size_t i = 0; i < count; i++) {
        TRY(buf_printf(out, "%s%s=", i == 0 ? "" : "&", sorted[i]->name));
        TRY(buf_text(out, sorted[i]->value));
    }
    return ERR_OK;
}

static bool
is_plain(unsigned char c)
{
    return span_is_alnum((struct span){ &c, 1 }) || c == '-' || c == '_' || c == '.' || c == '*';
}

static enum err
encode(const char *text, struct buf *out)
{
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == ' ') {
            TRY(buf_byte(out, '+'));
        } else if (is_plain(c)) {
            TRY(buf_byte(out, c));
        } else {
            TRY(buf_printf(out, "%%%02X", (unsigned)c));
        }
    }
    return ERR_OK;
}

enum err
alipay_form_encode(const struct alipay_params *params, struct buf *out)
{
    for (size_t i = 0; i < params->count; i++) {
        if (i != 0) {
            TRY(buf_byte(out, '&'));
        }
        TRY(encode(params->list[i].name, out));
        TRY(buf_byte(out, '='));
        TRY(encode(params->list[i].value, out));
    }
    return ERR_OK;
}
