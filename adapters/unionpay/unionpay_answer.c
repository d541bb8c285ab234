/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay.h"

/* What every reader works on. */
struct reading {
    const struct adapter_account *account;
    const struct adapter_order *order;
    const struct adapter_fields *fields;
    struct arena *arena;
};

static struct span
get(const struct reading *r, const char *name)
{
    return adapter_fields_get(r->fields, name);
}

/* A field that is there must say what we said; whether it must be there depends on what it decides. */
static bool
says(const struct reading *r, const char *name, struct span want, bool needed)
{
    struct span value = get(r, name);
    return span_empty(value) ? !needed : span_eq(value, want);
}

/* "Identity of a transaction = merId + orderId + txnTime". An answer about another one is none to us; an
 * answer that decides something must name all three. */
static enum err
check_identity(const struct reading *r, struct span number, bool needed)
{
    struct span time;
    TRY(unionpay_time_format(r->order->made_at, r->arena, &time));
    return says(r, "merId", span_of(r->account->merchant), needed)
                   && says(r, "orderId", number, needed) && says(r, "txnTime", time, needed)
               ? ERR_OK
               : ERR_PROVIDER_PROTOCOL;
}

static bool
decides(const struct adapter_answer *out)
{
    return out->handling == ADAPTER_DONE || out->handling == ADAPTER_REFUSED;
}

static void
take_handling(struct adapter_answer *out, struct unionpay_handling row)
{
    out->handling = row.handling;
    out->err = row.err;
}

/* Whether a payer could still pay, or a payment that was made in time be recorded. */
static bool
may_still_be_paid(const struct adapter_order *order)
{
    int64_t margin_ms = order->method == ADAPTER_QR ? UNIONPAY_QR_MARGIN_MS : UNIONPAY_MARGIN_MS;
    return order->expires_at.us == 0 || wall_ms_between(order->expires_at, order->now) < margin_ms;
}

/* A statement that no money came. It names no trade: the next try on the same page may be another one. */
static void
claim_unpaid(const struct reading *r, bool pending, struct adapter_answer *out)
{
    struct evidence_claim *claim = &out->claim;
    claim->merchant = get(r, "merId");
    claim->application = claim->merchant;
    claim->merchant_order_no = get(r, "orderId");
    claim->verdict =
        pending || may_still_be_paid(r->order) ? EVIDENCE_UNPAID : EVIDENCE_UNPAID_FINAL;
    out->handling = ADAPTER_DONE;
    out->err = ERR_OK;
}

/* "origRespCode": what became of the transaction itself. */
static enum err
read_original(const struct reading *r, struct adapter_answer *out)
{
    struct span code = get(r, "origRespCode");
    enum unionpay_result result = unionpay_result(code);
    if (!span_eq_cstr(get(r, "txnType"), "01")) {
        return ERR_PROVIDER_PROTOCOL;
    }
    out->claim.provider_status = code;
    if (result == UNIONPAY_SUCCESS) {
        return unionpay_claim_paid(r->fields, r->arena, &out->claim);
    }
    if (result == UNIONPAY_RESULT_NONE) {
        out->handling = ADAPTER_ASK_AGAIN;
        out->err = ERR_PROVIDER_PROTOCOL;
        out->claim = (struct evidence_claim){ 0 };
        return ERR_OK;
    }
    claim_unpaid(r, result == UNIONPAY_PENDING, out);
    return ERR_OK;
}

/* Query, 3.3. "respCode" is about the query. */
static enum err
read_query(const struct reading *r, struct adapter_answer *out)
{
    bool found = out->handling == ADAPTER_DONE;
    bool not_found = span_eq_cstr(out->code, "34");
    TRY(check_identity(r, r->order->merchant_order_no, found || not_found));
    if (found) {
        return read_original(r, out);
    }
    if (not_found) {
        out->claim.provider_status = out->code;
        claim_unpaid(r, false, out);
    }
    return ERR_OK;
}

/* Consume between servers, 3.6: the code to show. A refusal is final: nobody has anything to scan. */
static enum err
read_pay(const struct reading *r, struct adapter_answer *out)
{
    TRY(check_identity(r, r->order->merchant_order_no, decides(out)));
    struct evidence_claim *claim = &out->claim;
    if (!decides(out)) {
        return ERR_OK;
    }
    claim->merchant = get(r, "merId");
    claim->application = claim->merchant;
    claim->merchant_order_no = get(r, "orderId");
    claim->provider_status = out->code;
    claim->verdict = EVIDENCE_UNPAID_FINAL;
    if (out->handling == ADAPTER_DONE) {
        out->qr_text = get(r, "qrCode");
        claim->verdict = EVIDENCE_SENT;
        return span_empty(out->qr_text) ? ERR_PROVIDER_PROTOCOL : ERR_OK;
    }
    return ERR_OK;
}

/* Whether the fields are about the refund that was asked for, and about its amount. */
static enum err
check_refund(const struct reading *r)
{
    struct money amount = { .minor = 0 };
    struct span type = get(r, "txnType");
    bool back = span_eq_cstr(type, "04") || span_eq_cstr(type, "31");
    if (!back || !says(r, "origQryId", r->order->provider_trade_no, false)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    TRY(unionpay_amount(r->fields, &amount));
    return money_eq(amount, r->order->amount) ? ERR_OK : ERR_PROVIDER_PROTOCOL;
}

/* Cancel and refund, 3.4: "00" says accepted and nothing more. */
static enum err
read_refund(const struct reading *r, struct adapter_answer *out)
{
    TRY(check_identity(r, r->order->refund_no, decides(out)));
    if (out->handling == ADAPTER_DONE) {
        out->refund = ADAPTER_REFUND_ACCEPTED;
        return check_refund(r);
    }
    if (out->handling == ADAPTER_REFUSED) {
        out->refund = ADAPTER_REFUND_FAILED;
    }
    return ERR_OK;
}

/* The same query as for payments, with the refund's own pair. "Not found" is never a failure here: what
 * was sent may not be recorded yet. */
static enum err
read_refund_query(const struct reading *r, struct adapter_answer *out)
{
    TRY(check_identity(r, r->order->refund_no, decides(out)));
    if (out->handling != ADAPTER_DONE) {
        out->refund_absent = span_eq_cstr(out->code, "34");
        return ERR_OK;
    }
    TRY(check_refund(r));
    struct span code = get(r, "origRespCode");
    switch (unionpay_result(code)) {
    case UNIONPAY_SUCCESS:
        out->refund = ADAPTER_REFUND_SUCCEEDED;
        out->refund_amount = r->order->amount;
        out->claim.provider_status = code;
        return unionpay_claim_refunded(r->fields, r->arena, &out->claim);
    case UNIONPAY_PENDING:
        out->refund = ADAPTER_REFUND_ACCEPTED;
        return ERR_OK;
    case UNIONPAY_FAILED:
        out->refund = ADAPTER_REFUND_FAILED;
        return ERR_OK;
    case UNIONPAY_RESULT_NONE:
    case UNIONPAY_RESULT_COUNT:
        break;
    }
    out->handling = ADAPTER_ASK_AGAIN;
    out->err = ERR_PROVIDER_PROTOCOL;
    return ERR_OK;
}

/* "fileName", where it has the documented form {merId}_{yyyyMMdd}.zip, must be of the day asked for:
 * "settleDate" has no year. */
static bool
file_is_of(const struct reading *r, struct day day)
{
    struct span name = get(r, "fileName");
    struct span head;
    struct day named;
    if (!span_cut(&name, '_', &head) || day_parse(span_sub(name, 0, 8), &named) != ERR_OK) {
        return true;
    }
    return span_eq_cstr(head, r->account->merchant) && day_cmp(named, day) == 0;
}

/* File download, 3.7. The content stays as it is: base64 of a zlib stream of a ZIP archive. */
static enum err
read_bill(const struct reading *r, struct adapter_answer *out)
{
    bool done = out->handling == ADAPTER_DONE;
    if (!says(r, "merId", span_of(r->account->merchant), done)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    if (span_eq_cstr(out->code, "98")) {
        take_handling(out, (struct unionpay_handling){ ADAPTER_RETRY, ERR_BILL_NOT_READY });
        out->bill_none = true;
    }
    if (!done) {
        return ERR_OK;
    }
    out->bill_file = get(r, "fileContent");
    return !span_empty(out->bill_file) && file_is_of(r, r->order->bill_day) ? ERR_OK
                                                                            : ERR_PROVIDER_PROTOCOL;
}

static enum err
read_keys(const struct reading *r, struct adapter_answer *out)
{
    bool done = out->handling == ADAPTER_DONE;
    return says(r, "merId", span_of(r->account->merchant), done)
                   && says(r, "orderId", r->order->nonce, done)
               ? ERR_OK
               : ERR_PROVIDER_PROTOCOL;
}

static const struct {
    enum unionpay_use use;
    enum err (*read)(const struct reading *, struct adapter_answer *);
} readers[ADAPTER_OPERATION_COUNT] = {
    [ADAPTER_PAY] = { UNIONPAY_REQUEST, read_pay },
    [ADAPTER_QUERY] = { UNIONPAY_ASK, read_query },
    [ADAPTER_CANCEL] = { UNIONPAY_REQUEST, read_refund },
    [ADAPTER_REFUND] = { UNIONPAY_REQUEST, read_refund },
    [ADAPTER_REFUND_QUERY] = { UNIONPAY_ASK, read_refund_query },
    [ADAPTER_BILL_FILE] = { UNIONPAY_ASK, read_bill },
    [ADAPTER_KEYS] = { UNIONPAY_ASK, read_keys },
};

/* "If a raw body does not contain signature, treat as unknown result." */
static enum err
read_unsigned(const struct adapter_fields *fields, struct adapter_answer *out)
{
    *out = (struct adapter_answer){ .handling = ADAPTER_ASK_AGAIN,
                                    .err = ERR_PROVIDER_UNVERIFIED,
                                    .code = adapter_fields_get(fields, "respCode"),
                                    .message = adapter_fields_get(fields, "respMsg") };
    return ERR_OK;
}

static enum err
new_fields(struct span payload, struct arena *arena, struct adapter_fields **out)
{
    void *storage = NULL;
    TRY(arena_alloc(arena, sizeof(struct adapter_fields), &storage));
    *out = storage;
    return unionpay_fields_split(payload, *out);
}

enum err
unionpay_answer_read(const struct adapter_account *account, enum adapter_operation operation,
                     const struct adapter_order *order, struct span payload, bool verified,
                     struct arena *arena, struct adapter_answer *out)
{
    struct adapter_fields *fields = NULL;
    if (operation >= ADAPTER_OPERATION_COUNT || readers[operation].read == NULL) {
        return ERR_PROVIDER_PROTOCOL;
    }
    TRY(new_fields(payload, arena, &fields));
    if (!verified) {
        return read_unsigned(fields, out);
    }
    if (!unionpay_fields_fit(fields, account)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    struct reading r = { account, order, fields, arena };
    struct adapter_answer answer = { .code = get(&r, "respCode"), .message = get(&r, "respMsg") };
    take_handling(&answer, unionpay_handling(readers[operation].use, answer.code));
    TRY(readers[operation].read(&r, &answer));
    *out = answer;
    return ERR_OK;
}

/* "encryptPubKeyCert": what sensitive fields are to be encrypted with. */
enum err
unionpay_keys_read(struct span payload, const struct adapter_opened *opened, struct arena *arena,
                   struct adapter_key_offer *out)
{
    struct adapter_fields *fields = NULL;
    (void)opened;
    TRY(new_fields(payload, arena, &fields));
    struct span pem = adapter_fields_get(fields, "encryptPubKeyCert");
    if (!span_eq_cstr(adapter_fields_get(fields, "txnType"), "95")
        || !span_eq_cstr(adapter_fields_get(fields, "respCode"), "00") || span_empty(pem)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    *out = (struct adapter_key_offer){ .pem = { pem }, .count = 1 };
    return ERR_OK;
}
