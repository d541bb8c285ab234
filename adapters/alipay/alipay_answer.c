/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"
#include "json.h"

#define ROOT_NAME_MAX  96
#define SIGN_BYTES_MAX 1024

/* Root name: the API's name with "." as "_", and "_response". PAY as a call is precreate. */
static enum err
root_name(enum adapter_operation operation, struct buf *out)
{
    const char *api = alipay_api(operation, ADAPTER_QR);
    if (api == NULL) {
        return ERR_METHOD_UNKNOWN;
    }
    for (; *api != 0; api++) {
        TRY(buf_byte(out, (unsigned char)(*api == '.' ? '_' : *api)));
    }
    return buf_text(out, "_response");
}

/* Whether the byte and the next one are one: an escape, or a GBK character, whose second byte may be
 * a backslash. */
static bool
is_pair(struct span text, size_t at, bool gbk)
{
    unsigned char c = text.at[at];
    return at + 1 < text.len && (c == '\\' || (gbk && c >= 0x81 && c <= 0xFE));
}

/* "\/" as "/": the other form in which URLs are known to have been signed. In "\\/" the slash is not
 * escaped, and no backslash may go: what is read would say something else than what was signed. */
static enum err
unescape_slashes(struct span text, bool gbk, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf plain = BUF_MAX(ALIPAY_TEXT_MAX);
    size_t len;
    for (size_t i = 0; i < text.len; i += len) {
        len = is_pair(text, i, gbk) ? 2 : 1;
        struct span one = span_sub(text, i, len);
        TRY(buf_append(&plain, span_eq_cstr(one, "\\/") ? span_sub(one, 1, 1) : one));
    }
    return arena_copy(arena, buf_span(&plain), out);
}

static enum err
add_text(struct adapter_signed *out, struct span text, struct span payload)
{
    if (out->text_count == ADAPTER_TEXTS_MAX) {
        return ERR_BUF_FULL;
    }
    out->texts[out->text_count] = text;
    out->payloads[out->text_count] = payload;
    out->text_count++;
    return ERR_OK;
}

static enum err
add_candidates(struct span root, bool gbk, struct arena *arena, struct adapter_signed *out)
{
    TRY(add_text(out, root, root));
    if (span_find(root, SPAN_LIT("\\/")) < root.len) {
        struct span plain;
        TRY(unescape_slashes(root, gbk, arena, &plain));
        TRY(add_text(out, plain, root));
    }
    return ERR_OK;
}

/* The sign member is a JSON string and may escape its slashes. */
static enum err
decode_sign(struct span sign, struct arena *arena, struct adapter_signed *out)
{
    struct span plain;
    TRY(unescape_slashes(sign, false, arena, &plain));
    DEFER(buf_fini) struct buf bytes = BUF_MAX(SIGN_BYTES_MAX);
    if (crypto_base64_decode(plain, &bytes) != ERR_OK) {
        return ERR_PROVIDER_PROTOCOL;
    }
    return arena_copy(arena, buf_span(&bytes), &out->signature);
}

/* The gateway answers its own failures under error_response instead of the method's root. */
static bool
cut_root(struct span body, const char *name, bool gbk, struct alipay_slice *out)
{
    return alipay_slice(body, name, gbk, out) == ERR_OK
           || alipay_slice(body, "error_response", gbk, out) == ERR_OK;
}

/* A body that is not UTF-8 is read as GBK first; a few GBK texts happen to be valid UTF-8, so the
 * other way is tried as well. */
enum err
alipay_answer_split(enum adapter_operation operation, const struct adapter_message *message,
                    struct arena *arena, struct adapter_signed *out)
{
    DEFER(buf_fini) struct buf name_text = BUF_MAX(ROOT_NAME_MAX);
    const char *name = NULL;
    TRY(root_name(operation, &name_text));
    TRY(buf_cstr(&name_text, &name));
    bool gbk_first = !span_is_utf8(message->body);
    struct alipay_slice first = { 0 };
    struct alipay_slice second = { 0 };
    bool have_first = cut_root(message->body, name, gbk_first, &first);
    bool have_second = cut_root(message->body, name, !gbk_first, &second);
    if (!have_first && !have_second) {
        return ERR_PROVIDER_PROTOCOL;
    }
    const struct alipay_slice *best = have_first ? &first : &second;
    struct adapter_signed cut = { .is_signed = best->sign.len > 0, .serial = best->serial };
    TRY(add_candidates(best->root, have_first ? gbk_first : !gbk_first, arena, &cut));
    if (have_first && have_second && !span_eq(first.root, second.root)) {
        TRY(add_candidates(second.root, !gbk_first, arena, &cut));
    }
    if (cut.is_signed) {
        TRY(decode_sign(best->sign, arena, &cut));
    }
    *out = cut;
    return ERR_OK;
}

/* The empty span when absent; a copy in the arena, since the tree goes away. */
static enum err
text_of(const struct json_t *object, const char *name, struct arena *arena, struct span *out)
{
    struct span text;
    *out = (struct span){ .at = NULL, .len = 0 };
    enum err err = json_get_string(object, name, &text);
    if (err == ERR_FIELD_MISSING) {
        return ERR_OK;
    }
    return err == ERR_OK ? arena_copy(arena, text, out) : ERR_PROVIDER_PROTOCOL;
}

static enum err
time_of(const struct json_t *object, const char *name, struct wall_time *out)
{
    struct span text;
    if (json_get_string(object, name, &text) != ERR_OK || text.len == 0) {
        return ERR_OK;
    }
    return err_told_as(wall_parse_civil(text, ALIPAY_ZONE_MIN, out), ERR_PROVIDER_PROTOCOL);
}

/* An amount that is absent stays "not said"; one that is there must be an amount. */
static enum err
amount_of(const struct json_t *object, const char *name, struct money *out)
{
    struct span text;
    enum err err = json_get_string(object, name, &text);
    if (err == ERR_FIELD_MISSING || (err == ERR_OK && span_empty(text))) {
        return ERR_OK;
    }
    return err == ERR_OK && money_parse(text, CURRENCY_CNY, out) == ERR_OK ? ERR_OK
                                                                           : ERR_PROVIDER_PROTOCOL;
}

/* An answer about another order than the one asked for is no answer to us. */
static enum err
numbers(const struct json_t *root, const struct adapter_order *order, struct arena *arena,
        struct evidence_claim *claim)
{
    TRY(text_of(root, "out_trade_no", arena, &claim->merchant_order_no));
    if (!span_empty(claim->merchant_order_no)
        && !span_eq(claim->merchant_order_no, order->merchant_order_no)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    return text_of(root, "trade_no", arena, &claim->provider_trade_no);
}

static enum err
numbers_needed(const struct json_t *root, const struct adapter_order *order, struct arena *arena,
               struct evidence_claim *claim)
{
    TRY(numbers(root, order, arena, claim));
    return span_empty(claim->merchant_order_no) ? ERR_PROVIDER_PROTOCOL : ERR_OK;
}

/* alipay.trade.query, answer: status, amount and time of payment. A closed trade was paid when a
 * payment time or refunded money is named. */
static enum err
read_query(const struct json_t *root, const struct adapter_order *order, struct arena *arena,
           struct adapter_answer *out)
{
    struct evidence_claim *claim = &out->claim;
    struct money refunded = { .minor = 0 };
    TRY(numbers_needed(root, order, arena, claim));
    TRY(text_of(root, "trade_status", arena, &claim->provider_status));
    TRY(time_of(root, "send_pay_date", &claim->paid_at));
    if (claim->paid_at.us != 0) {
        claim->bill_day = day_of(claim->paid_at, ALIPAY_ZONE_MIN);
    }
    TRY(amount_of(root, "total_amount", &claim->amount));
    TRY(amount_of(root, "refund_fee", &refunded));
    if (claim->amount.currency == CURRENCY_NONE) {
        return ERR_PROVIDER_PROTOCOL;
    }
    bool was_paid = claim->paid_at.us != 0 || refunded.minor > 0;
    return alipay_status(claim->provider_status, was_paid, &claim->verdict);
}

/* alipay.trade.precreate, answer: the code to show. */
static enum err
read_precreate(const struct json_t *root, const struct adapter_order *order, struct arena *arena,
               struct adapter_answer *out)
{
    TRY(numbers_needed(root, order, arena, &out->claim));
    TRY(text_of(root, "qr_code", arena, &out->qr_text));
    if (span_empty(out->qr_text)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    out->claim.verdict = EVIDENCE_SENT;
    return ERR_OK;
}

static enum err
read_close(const struct json_t *root, const struct adapter_order *order, struct arena *arena,
           struct adapter_answer *out)
{
    TRY(numbers_needed(root, order, arena, &out->claim));
    out->claim.verdict = EVIDENCE_CLOSED;
    return ERR_OK;
}

/* alipay.data.dataservice.bill.downloadurl.query, answer: a link that lives for 30 seconds. */
static enum err
read_bill_link(const struct json_t *root, const struct adapter_order *order, struct arena *arena,
               struct adapter_answer *out)
{
    (void)order;
    TRY(text_of(root, "bill_download_url", arena, &out->bill_url));
    return span_empty(out->bill_url) ? ERR_PROVIDER_PROTOCOL : ERR_OK;
}

static enum err
not_yet(struct adapter_answer *out)
{
    out->handling = ADAPTER_ASK_AGAIN;
    out->err = ERR_PROVIDER_NO_ANSWER;
    return ERR_OK;
}

static void
refunded(const struct adapter_order *order, struct adapter_answer *out)
{
    out->refund = ADAPTER_REFUND_SUCCEEDED;
    out->refund_amount = order->amount;
    out->claim.refund_no = order->refund_no;
    out->claim.refunded = order->amount;
    out->claim.verdict = EVIDENCE_REFUNDED;
}

/* alipay.trade.cancel: "action" says what was done: the trade closed, or its money given back in full.
 * Without one nothing was found or nothing worked, which a query tells apart. "retry_flag" Y: not all of
 * it is done, and the same call does the rest. */
static enum err
read_cancel(const struct json_t *root, const struct adapter_order *order, struct arena *arena,
            struct adapter_answer *out)
{
    struct span action;
    struct span retry;
    TRY(numbers_needed(root, order, arena, &out->claim));
    TRY(text_of(root, "action", arena, &action));
    TRY(text_of(root, "retry_flag", arena, &retry));
    if (span_eq_cstr(retry, "Y")) {
        out->handling = ADAPTER_RETRY;
        out->err = ERR_PROVIDER_BUSY;
        return ERR_OK;
    }
    if (span_empty(action)) {
        return not_yet(out);
    }
    out->claim.provider_status = action;
    if (span_eq_cstr(action, "close")) {
        out->claim.verdict = EVIDENCE_CLOSED;
        return ERR_OK;
    }
    if (!span_eq_cstr(action, "refund")) {
        return ERR_PROVIDER_PROTOCOL;
    }
    refunded(order, out);
    return ERR_OK;
}

/* "gmt_refund_pay": bills name a refund on the day that it was done, and not on that of the answer. */
static enum err
refund_time(const struct json_t *root, struct evidence_claim *claim)
{
    TRY(time_of(root, "gmt_refund_pay", &claim->stated_at));
    if (claim->stated_at.us != 0) {
        claim->bill_day = day_of(claim->stated_at, ALIPAY_ZONE_MIN);
    }
    return ERR_OK;
}

/* alipay.trade.refund: code 10000 alone is not success; fund_change says whether money moved now.
 * refund_fee is the trade's running total and never this refund's amount. */
static enum err
read_refund(const struct json_t *root, const struct adapter_order *order, struct arena *arena,
            struct adapter_answer *out)
{
    struct span moved;
    TRY(numbers_needed(root, order, arena, &out->claim));
    TRY(text_of(root, "fund_change", arena, &moved));
    TRY(refund_time(root, &out->claim));
    if (!span_eq_cstr(moved, "Y")) {
        out->refund = ADAPTER_REFUND_ACCEPTED;
        return not_yet(out);
    }
    refunded(order, out);
    return ERR_OK;
}

/* alipay.trade.fastpay.refund.query: refund_status absent means not yet, or not at all, and so the state
 * of the refund is not said; the document wants it repeated then, ten seconds after it was sent. It counts when it is about the refund and the amount that were asked for. */
static enum err
read_refund_query(const struct json_t *root, const struct adapter_order *order, struct arena *arena,
                  struct adapter_answer *out)
{
    struct span status;
    struct span refund_no;
    struct money amount = { .currency = CURRENCY_NONE };
    TRY(numbers(root, order, arena, &out->claim));
    TRY(text_of(root, "refund_status", arena, &status));
    TRY(text_of(root, "out_request_no", arena, &refund_no));
    TRY(amount_of(root, "refund_amount", &amount));
    TRY(amount_of(root, "total_amount", &out->claim.amount));
    if (span_empty(status)) { /* then there may be no numbers either */
        out->refund_absent = true;
        return not_yet(out);
    }
    if (span_empty(out->claim.merchant_order_no)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    if (!span_eq_cstr(status, "REFUND_SUCCESS")) {
        return not_yet(out);
    }
    if (!span_eq(refund_no, order->refund_no) || !money_eq(amount, order->amount)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    out->claim.provider_status = status;
    refunded(order, out);
    return refund_time(root, &out->claim);
}

static enum err (*const readers[ADAPTER_OPERATION_COUNT])(const struct json_t *,
                                                          const struct adapter_order *,
                                                          struct arena *,
                                                          struct adapter_answer *) = {
    [ADAPTER_PAY] = read_precreate,       [ADAPTER_QUERY] = read_query,
    [ADAPTER_CLOSE] = read_close,         [ADAPTER_CANCEL] = read_cancel,
    [ADAPTER_REFUND] = read_refund,       [ADAPTER_REFUND_QUERY] = read_refund_query,
    [ADAPTER_BILL_LINK] = read_bill_link,
};

static bool
may_still_be_scanned(const struct adapter_order *order)
{
    return order->expires_at.us == 0
           || wall_ms_between(order->expires_at, order->now) < ALIPAY_QR_GRACE_MS;
}

/* The money cannot go back by itself: a frozen trade, a payer who cannot be reached. No code ends a
 * refund as failed, since an earlier try under its number may have gone through; the query tells. */
static bool
needs_a_person(enum adapter_operation operation, const struct alipay_code *row)
{
    bool gives_back = operation == ADAPTER_REFUND || operation == ADAPTER_CANCEL;
    return gives_back && row->handling == ADAPTER_ALARM && row->err == ERR_PROVIDER_REFUSED;
}

/* A failure: what the table says. "Trade does not exist" means the payer has not come yet, until
 * nobody can come any more. */
static enum err
read_failure(enum adapter_operation operation, const struct adapter_order *order,
             const struct json_t *root, bool verified, struct arena *arena,
             struct adapter_answer *out)
{
    struct span sub_code;
    TRY(text_of(root, "sub_code", arena, &sub_code));
    TRY(text_of(root, "sub_msg", arena, &out->message));
    struct alipay_code row = alipay_code_find(operation, out->code, sub_code);
    out->handling = row.handling;
    out->err = row.err;
    out->bill_none = operation == ADAPTER_BILL_LINK && row.err == ERR_BILL_NOT_READY;
    if (sub_code.len > 0) {
        out->code = sub_code;
    }
    if (!verified) {
        /* An unsigned "does not exist" or "never" proves nothing. */
        if (out->handling == ADAPTER_DONE || out->handling == ADAPTER_REFUSED) {
            out->handling = ADAPTER_ASK_AGAIN;
            out->err = ERR_PROVIDER_UNVERIFIED;
        }
        return ERR_OK;
    }
    TRY(numbers(root, order, arena, &out->claim));
    if (needs_a_person(operation, &row)) {
        out->refund = ADAPTER_REFUND_ABNORMAL;
    }
    out->claim.provider_status = out->code;
    out->claim.verdict = row.verdict;
    if (row.verdict == EVIDENCE_UNPAID && !may_still_be_scanned(order)) {
        out->claim.verdict = EVIDENCE_UNPAID_FINAL;
    }
    return ERR_OK;
}

static enum err
read_root(enum adapter_operation operation, const struct adapter_order *order,
          const struct json_t *root, bool verified, struct arena *arena, struct adapter_answer *out)
{
    TRY(text_of(root, "code", arena, &out->code));
    if (!span_eq_cstr(out->code, "10000")) {
        return read_failure(operation, order, root, verified, arena, out);
    }
    if (!verified) {
        return ERR_PROVIDER_UNVERIFIED;
    }
    out->handling = ADAPTER_DONE;
    return readers[operation](root, order, arena, out);
}

enum err
alipay_answer_read(const struct adapter_account *account, enum adapter_operation operation,
                   const struct adapter_order *order, struct span payload, bool verified,
                   struct arena *arena, struct adapter_answer *out)
{
    (void)account;
    struct span text;
    DEFER(json_free) struct json_t *root = NULL;
    if (readers[operation] == NULL || alipay_utf8(payload, arena, &text) != ERR_OK
        || json_parse_lenient(text, &root) != ERR_OK || !json_node_is_object(root)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    struct adapter_answer answer = { 0 };
    TRY(read_root(operation, order, root, verified, arena, &answer));
    *out = answer;
    return ERR_OK;
}
