/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "unionpay_gateway.h"

#define TXN_TIME_TOLERANCE_MS (INT64_C(15) * 60 * 1000) /* not published; this world's own */

enum charset { DIGITS, ALNUM, TEXT, ADDRESS, SAFE };

/* 1.1: every field this gateway knows. An unknown one is refused, so that a wrong name shows. */
static const struct format {
    const char *name;
    size_t min;
    size_t max;
    enum charset charset;
} formats[] = {
    { "accNo", 1, 512, TEXT },
    { "accSplitData", 1, 1024, TEXT },
    { "accessType", 1, 1, DIGITS },
    { "backUrl", 8, 256, ADDRESS },
    { "bizScene", 6, 6, DIGITS },
    { "bizType", 6, 6, DIGITS },
    { "certId", 1, 40, DIGITS },
    { "certType", 2, 2, DIGITS },
    { "channelType", 2, 2, DIGITS },
    { "currencyCode", 3, 3, DIGITS },
    { "customerInfo", 1, 2048, TEXT },
    { "customerIp", 1, 40, TEXT },
    { "defaultPayType", 4, 4, DIGITS },
    { "encoding", 5, 5, TEXT },
    { "encryptCertId", 1, 40, DIGITS },
    { "fileType", 2, 2, DIGITS },
    { "frontFailUrl", 8, 256, ADDRESS },
    { "frontUrl", 8, 256, ADDRESS },
    { "issInsCode", 1, 20, ALNUM },
    { "merId", 15, 15, ALNUM },
    { "orderDesc", 1, 256, TEXT },
    { "orderId", 8, UNIONPAY_ORDER_MAX, ALNUM },
    { "orderTimeout", 1, 10, DIGITS },
    { "origQryId", 21, 21, ALNUM },
    { "payTimeout", UNIONPAY_TIME_LEN, UNIONPAY_TIME_LEN, DIGITS },
    { "payeeAcctNm", 1, 128, TEXT },
    { "payeeAcctNo", 1, 34, ALNUM },
    { "payeeBankName", 1, 128, TEXT },
    { "reqReserved", 1, 1024, SAFE },
    { "reserved", 1, 2048, TEXT },
    { "riskRateInfo", 1, 2048, TEXT },
    { "settleDate", 4, 4, DIGITS },
    { "signMethod", 2, 2, DIGITS },
    { "signature", 64, 1024, TEXT },
    { "supPayType", 1, 256, TEXT },
    { "termId", 1, 8, ALNUM },
    { "txnAmt", 1, 12, DIGITS },
    { "txnSubType", 2, 2, DIGITS },
    { "txnTime", UNIONPAY_TIME_LEN, UNIONPAY_TIME_LEN, DIGITS },
    { "txnType", 2, 2, DIGITS },
    { "version", 5, 5, TEXT },
};

static const char common[] =
    "version encoding signMethod txnType txnSubType bizType accessType merId "
    "txnTime signature";

static bool
is_address(struct span text)
{
    bool web = span_starts(text, SPAN_LIT("http://")) || span_starts(text, SPAN_LIT("https://"));
    return web && span_index(text, '~') == text.len;
}

/* 1.1: what reqReserved must not hold. A base64 text may be padded. */
static bool
is_safe(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (memchr("&{}[]\"'", text.at[i], 7) != NULL) {
            return false;
        }
    }
    return true;
}

static bool
has_charset(struct span text, enum charset charset)
{
    switch (charset) {
    case DIGITS:
        return span_is_digits(text);
    case ALNUM:
        return span_is_alnum(text);
    case ADDRESS:
        return is_address(text);
    case SAFE:
        return is_safe(text);
    case TEXT:
    default:
        return true;
    }
}

static bool
has_format(const struct unionpay_field *field)
{
    struct span text = span_of(field->value);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        const struct format *format = &formats[i];
        if (strcmp(format->name, field->name) == 0) {
            return text.len >= format->min && text.len <= format->max
                   && has_charset(text, format->charset);
        }
    }
    return false;
}

static void
refuse(struct unionpay_call *call, const char *code, const char *detail)
{
    call->code = code;
    call->detail = detail;
}

static bool
is_refused(const struct unionpay_call *call)
{
    return strcmp(call->code, "00") != 0;
}

/* The first name of a list without a field gives 13. */
static enum err
require(struct unionpay_call *call, const char *names)
{
    struct span left = span_of(names);
    bool more = !span_empty(left);
    while (more && !is_refused(call)) {
        DEFER(buf_fini) struct buf name = BUF_MAX(64);
        struct span head;
        const char *text;
        more = span_cut(&left, ' ', &head);
        TRY(buf_append(&name, head));
        TRY(buf_cstr(&name, &text));
        if (unionpay_form_get(call->in, text) == NULL) {
            refuse(call, "13", NULL);
        }
    }
    return ERR_OK;
}

static void
judge_formats(struct unionpay_call *call)
{
    for (size_t i = 0; i < call->in->count && !is_refused(call); i++) {
        if (!has_format(&call->in->list[i])) {
            refuse(call, "10", call->in->list[i].name);
        }
    }
}

static bool
is_one_of(const char *value, const char *list)
{
    struct span left = span_of(list);
    bool more = !span_empty(left);
    while (more) {
        struct span head;
        more = span_cut(&left, ' ', &head);
        if (span_eq_cstr(head, value)) {
            return true;
        }
    }
    return false;
}

/* The value of a field, if it is there, is one of a list. */
static void
expect(struct unionpay_call *call, const char *name, const char *list)
{
    const char *value = unionpay_form_get(call->in, name);
    if (!is_refused(call) && value != NULL && !is_one_of(value, list)) {
        refuse(call, "10", name);
    }
}

/* Who speaks, and whether it is true. */
static void
judge_signature(struct unionpay_call *call)
{
    const struct unionpay_merchant *merchant =
        unionpay_merchant_find(unionpay_form_get(call->in, "merId"));
    if (merchant == NULL) {
        refuse(call, "31", NULL);
        return;
    }
    call->merchant = merchant;
    expect(call, "signMethod", merchant->sign_method);
    bool certificate = strcmp(merchant->sign_method, "01") == 0;
    if (!is_refused(call) && !certificate && unionpay_form_get(call->in, "certId") != NULL) {
        refuse(call, "10", "certId");
    }
    if (!is_refused(call) && unionpay_keys_check(call->unionpay, merchant, call->in) != ERR_OK) {
        refuse(call, "11", NULL);
    }
}

static void
judge_times(struct unionpay_call *call, bool fresh)
{
    const char *limit = unionpay_form_get(call->in, "payTimeout");
    struct wall_time sent;
    struct wall_time end;
    if (unionpay_time_parse(span_of(unionpay_form_get(call->in, "txnTime")), &sent) != ERR_OK) {
        refuse(call, "10", "txnTime");
        return;
    }
    int64_t age_ms = wall_ms_between(sent, world_now(call->unionpay->world));
    if (fresh && (age_ms > TXN_TIME_TOLERANCE_MS || age_ms < -TXN_TIME_TOLERANCE_MS)) {
        refuse(call, "10", "txnTime");
    } else if (limit != NULL
               && (unionpay_time_parse(span_of(limit), &end) != ERR_OK || end.us <= sent.us)) {
        refuse(call, "10", "payTimeout");
    }
}

/* B2B is paid on a company's computer (3.2). */
static void
judge_values(struct unionpay_call *call, const struct unionpay_rule *rule)
{
    const char *amount = unionpay_form_get(call->in, "txnAmt");
    uint64_t fen;
    expect(call, "bizType", rule->biz_types);
    expect(call, "channelType", rule->channels);
    if (strcmp(unionpay_form_get(call->in, "bizType"), "000202") == 0
        && rule->address == UNIONPAY_AT_FRONT) {
        expect(call, "channelType", "07");
    }
    expect(call, "currencyCode", "156");
    expect(call, "fileType", "00");
    expect(call, "certType", "01");
    if (!is_refused(call) && amount != NULL
        && span_to_u64(span_of(amount), 1, MONEY_MAX_MINOR, &fen) != ERR_OK) {
        refuse(call, "10", "txnAmt");
    }
    if (!is_refused(call)) {
        judge_times(call, rule->fresh);
    }
}

enum err
unionpay_judge(struct unionpay_call *call, enum unionpay_address address,
               const struct unionpay_rule **out)
{
    call->code = "00";
    TRY(require(call, common));
    judge_formats(call);
    expect(call, "version", "5.1.0");
    expect(call, "encoding", "UTF-8 utf-8");
    expect(call, "accessType", "0");
    if (!is_refused(call)) {
        judge_signature(call);
    }
    if (is_refused(call)) {
        return ERR_OK;
    }
    const struct unionpay_rule *rule = unionpay_call_rule(
        address, unionpay_form_get(call->in, "txnType"), unionpay_form_get(call->in, "txnSubType"));
    if (rule == NULL) {
        refuse(call, "10", "txnType");
        return ERR_OK;
    }
    TRY(require(call, rule->required));
    if (!is_refused(call)) {
        judge_values(call, rule);
    }
    *out = rule;
    return ERR_OK;
}
