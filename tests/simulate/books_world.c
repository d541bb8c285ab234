/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "books.h"
#include "crypto.h"
#include "json.h"
#include "money.h"
#include "outside.h"
#include "portal.h"
#include "webhook.h"

/* What each provider's books call things; an amount in yuan is a string, one in fen a number. */
static const struct {
    const char *trades;
    const char *amount;
    const char *paid_at;
} worlds[] = {
    { "/alipay/trades", "total_amount", "gmt_payment" },
    { "/wechatpay/trades", "total", "success_time" },
    { "/unionpay/trades", "total_amount", "gmt_payment" },
};
#define WORLDS (sizeof(worlds) / sizeof(worlds[0]))

void
books_about(char out[BOOKS_ABOUT], struct span number, int64_t seq)
{
    size_t len = number.len < BOOKS_ABOUT / 2 ? number.len : BOOKS_ABOUT / 2;
    memcpy(out, number.at, len);
    out[len] = 0;
    if (seq != 0) {
        (void)snprintf(out + len, BOOKS_ABOUT - len, " event %lld", (long long)seq);
    }
}

static int64_t
fen_of(const struct json_t *trade, const char *name)
{
    const struct json_t *member = json_member(trade, name);
    struct span text;
    struct money amount = { .minor = -1 };
    if (json_as_string(member, &text) == ERR_OK) {
        enum err err = money_parse(text, CURRENCY_CNY, &amount);
        assert(err == ERR_OK);
        (void)err;
        return amount.minor;
    }
    enum err err = json_as_i64(member, &amount.minor);
    assert(err == ERR_OK);
    (void)err;
    return amount.minor;
}

static bool
is_paid(const struct json_t *trade, const char *paid_at)
{
    struct span at = SPAN("");
    return json_as_string(json_member(trade, paid_at), &at) == ERR_OK && at.len > 0;
}

static struct twin_row *
attempt_of(struct twin *ours, struct span number)
{
    return TWIN_FIND(ours, attempt, IS(attempt, attempt_no, twin_span(number)));
}

static bool
counts(const struct twin_row *attempt)
{
    return twin_is(OF(attempt, attempt, state), "paid")
           || twin_is(OF(attempt, attempt, state), "late_paid");
}

static size_t
judge_trade(struct twin *ours, size_t world, const struct json_t *trade, books_tell tell)
{
    char about[BOOKS_ABOUT];
    struct span number;
    enum err err = json_get_string(trade, "out_trade_no", &number);
    assert(err == ERR_OK);
    (void)err;
    if (!is_paid(trade, worlds[world].paid_at)) {
        return 0;
    }
    const struct twin_row *attempt = attempt_of(ours, number);
    books_about(about, number, 0);
    if (attempt == NULL) {
        tell("a paid trade is an attempt of ours", about);
    } else if (!counts(attempt)) {
        tell("what is paid at the provider is paid with us", about);
    } else if (OF(attempt, attempt, amount_fen).number != fen_of(trade, worlds[world].amount)) {
        tell("a trade and its attempt have the same amount", about);
    }
    return 1;
}

static size_t
judge_world(struct twin *ours, size_t world, books_tell tell)
{
    DEFER(json_free) struct json_t *answer = NULL;
    size_t paid = 0;
    int status = outside_ask(worlds[world].trades, NULL, &answer);
    assert(status == 200);
    (void)status;
    const struct json_t *list = json_member(answer, "trades");
    for (size_t i = 0; i < json_count(list); i++) {
        paid += judge_trade(ours, world, json_element(list, i), tell);
    }
    return paid;
}

void
books_against_world(struct twin *ours, books_tell tell)
{
    char about[BOOKS_ABOUT];
    size_t there = 0;
    size_t here = 0;
    const struct twin_row *row;
    for (size_t i = 0; i < WORLDS; i++) {
        there += judge_world(ours, i, tell);
    }
    for (size_t at = 0; (row = twin_next(ours, TWIN_attempt, &at)) != NULL;) {
        here += counts(row);
    }
    if (there != here) {
        (void)snprintf(about, sizeof(about), "%zu there, %zu here", there, here);
        tell("as many trades are paid as attempts", about);
    }
}

void
books_acknowledged(struct twin *ours, struct span body, books_tell tell)
{
    unsigned char digest[SHA256_BYTES];
    if (span_starts(body, SPAN_LIT("{"))) {
        return; /* a sealed notice is kept as it was opened */
    }
    enum err err = crypto_sha256(body, digest);
    assert(err == ERR_OK);
    (void)err;
    struct twin_value stored = twin_bytes(digest, sizeof(digest));
    if (TWIN_FIND(ours, evidence, IS(evidence, digest, stored)) == NULL
        && TWIN_FIND(ours, orphan_statement, IS(orphan_statement, digest, stored)) == NULL) {
        tell("what is acknowledged is stored", "a callback");
    }
}

void
books_against_portal(struct twin *ours, books_tell tell)
{
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(ours, TWIN_outbox, &at)) != NULL;) {
        DEFER(buf_fini) struct buf id = BUF_MAX(WEBHOOK_ID_MAX);
        char about[BOOKS_ABOUT];
        struct webhook_key key = { .payment_no = OF(row, outbox, payment_no).bytes,
                                   .seq = OF(row, outbox, seq).number };
        enum err err = webhook_kind_decode(OF(row, outbox, kind).bytes, &key.kind);
        assert(err == ERR_OK);
        err = webhook_message_id(&key, &id);
        assert(err == ERR_OK);
        (void)err;
        if (!portal_has_taken(buf_span(&id))) {
            books_about(about, key.payment_no, key.seq);
            tell("the portal has taken a notice of each final transition", about);
        }
    }
}

static void
copy_text(char out[BOOKS_ABOUT], const struct json_t *from, const char *name)
{
    struct span text;
    enum err err = json_get_string(from, name, &text);
    assert(err == ERR_OK && text.len < BOOKS_ABOUT);
    (void)err;
    memcpy(out, text.at, text.len);
    out[text.len] = 0;
}

static bool
has_happened(const struct json_t *refund)
{
    struct span status = SPAN("");
    return json_get_string(refund, "status", &status) == ERR_OK && span_eq_cstr(status, "SUCCESS");
}

size_t
books_refunds_there(struct books_refund_there *out, size_t most)
{
    static const struct {
        const char *refunds;
        const char *amount;
    } lists[] = {
        { "/alipay/refunds", "refund_amount" },
        { "/wechatpay/refunds", "refund" },
        { "/unionpay/refunds", "refund_amount" },
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        DEFER(json_free) struct json_t *answer = NULL;
        int status = outside_ask(lists[i].refunds, NULL, &answer);
        assert(status == 200);
        (void)status;
        const struct json_t *list = json_member(answer, "refunds");
        for (size_t j = 0; j < json_count(list); j++) {
            const struct json_t *one = json_element(list, j);
            if (has_happened(one)) {
                assert(count < most);
                copy_text(out[count].refund_no, one, "out_refund_no");
                copy_text(out[count].attempt_no, one, "out_trade_no");
                out[count++].fen = fen_of(one, lists[i].amount);
            }
        }
    }
    return count;
}
