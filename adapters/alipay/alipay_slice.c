/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "alipay.h"

/* A scanner of the top-level object, member by member. It finds where values begin and end; whether
 * they are good JSON is the parser's business, after the signature was checked. */

struct scan {
    struct span body;
    size_t at;
    bool gbk;
};

static void
skip_blanks(struct scan *s)
{
    while (s->at < s->body.len && s->body.at[s->at] != 0
           && strchr(" \t\r\n", s->body.at[s->at]) != NULL) {
        s->at++;
    }
}

static enum err
expect(struct scan *s, unsigned char c)
{
    skip_blanks(s);
    if (s->at >= s->body.len || s->body.at[s->at] != c) {
        return ERR_PROVIDER_PROTOCOL;
    }
    s->at++;
    return ERR_OK;
}

/* How many bytes the character inside a string takes: an escape is two, and so is a GBK character,
 * whose second byte may be a backslash or a brace. */
static size_t
step(const struct scan *s)
{
    unsigned char c = s->body.at[s->at];
    bool lead = s->gbk && c >= 0x81 && c <= 0xFE;
    return c == '\\' || lead ? 2 : 1;
}

/* From the opening quote past the closing one; *out is what stands between. */
static enum err
take_string(struct scan *s, struct span *out)
{
    TRY(expect(s, '"'));
    size_t from = s->at;
    while (s->at < s->body.len && s->body.at[s->at] != '"') {
        s->at += step(s);
    }
    if (s->at >= s->body.len) {
        return ERR_PROVIDER_PROTOCOL;
    }
    *out = span_sub(s->body, from, s->at - from);
    s->at++;
    return ERR_OK;
}

static bool
ends_scalar(unsigned char c)
{
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static enum err
skip_nested(struct scan *s)
{
    int depth = 0;
    do {
        if (s->at >= s->body.len) {
            return ERR_PROVIDER_PROTOCOL;
        }
        unsigned char c = s->body.at[s->at];
        if (c == '"') {
            struct span ignored;
            TRY(take_string(s, &ignored));
            continue;
        }
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= c == '}' || c == ']' ? 1 : 0;
        s->at++;
    } while (depth > 0);
    return ERR_OK;
}

/* *out covers the whole value, quotes and braces included. */
static enum err
take_value(struct scan *s, struct span *out)
{
    skip_blanks(s);
    if (s->at >= s->body.len) {
        return ERR_PROVIDER_PROTOCOL;
    }
    size_t from = s->at;
    unsigned char first = s->body.at[s->at];
    if (first == '"') {
        struct span ignored;
        TRY(take_string(s, &ignored));
    } else if (first == '{' || first == '[') {
        TRY(skip_nested(s));
    } else {
        while (s->at < s->body.len && !ends_scalar(s->body.at[s->at])) {
            s->at++;
        }
    }
    *out = span_sub(s->body, from, s->at - from);
    return out->len == 0 ? ERR_PROVIDER_PROTOCOL : ERR_OK;
}

static enum err
take_once(struct span value, bool *seen, struct span *out)
{
    if (*seen) {
        return ERR_PROVIDER_PROTOCOL;
    }
    *seen = true;
    *out = value;
    return ERR_OK;
}

static struct span
unquote(struct span value)
{
    bool quoted = value.len >= 2 && value.at[0] == '"';
    return quoted ? span_sub(value, 1, value.len - 2) : span_sub(value, 0, 0);
}

struct seen {
    bool root;
    bool sign;
    bool serial;
};

static enum err
take_member(struct scan *s, const char *root_name, struct seen *seen, struct alipay_slice *out)
{
    struct span name;
    struct span value;
    TRY(take_string(s, &name));
    TRY(expect(s, ':'));
    TRY(take_value(s, &value));
    if (span_eq_cstr(name, root_name)) {
        return take_once(value, &seen->root, &out->root);
    }
    if (span_eq_cstr(name, "sign")) {
        return take_once(unquote(value), &seen->sign, &out->sign);
    }
    if (span_eq_cstr(name, "alipay_cert_sn")) {
        return take_once(unquote(value), &seen->serial, &out->serial);
    }
    return ERR_OK;
}

enum err
alipay_slice(struct span body, const char *root_name, bool gbk, struct alipay_slice *out)
{
    struct scan s = { .body = body, .gbk = gbk };
    struct alipay_slice cut = { 0 };
    struct seen seen = { 0 };
    TRY(expect(&s, '{'));
    for (;;) {
        TRY(take_member(&s, root_name, &seen, &cut));
        skip_blanks(&s);
        if (s.at < s.body.len && s.body.at[s.at] == ',') {
            s.at++;
            continue;
        }
        break;
    }
    TRY(expect(&s, '}'));
    skip_blanks(&s);
    if (s.at != body.len || !seen.root) {
        return ERR_PROVIDER_PROTOCOL;
    }
    *out = cut;
    return ERR_OK;
}
