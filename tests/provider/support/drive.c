/* SPDX-License-Identifier: Apache-2.0 */
#include "drive.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "provider_call.h"

#define ORDER_LIFE_MS  INT64_C(1800000)
#define HTTP_OK        200
#define REFUND_S       61 /* a refund of WeChat Pay takes a minute, and the next one must wait as long */
#define PATH_MAX_CHARS 96

const char *const drive_accounts[DRIVE_ACCOUNTS] = {
    "alipay-key",    "alipay-cert",  "wechatpay-cert",  "wechatpay-sm",
    "wechatpay-pub", "unionpay-rsa", "unionpay-sha256", "unionpay-sm3",
};

/* Numbers are never used twice, since every house has a time of its own. */
static struct span
new_number(char kind)
{
    static unsigned count;
    char text[64];
    struct span kept;
    long long second = clock_wall().us / 1000000;
    int len = snprintf(text, sizeof(text), "%c%lld%06u", kind, second, ++count);
    cr_assert(len > 0 && (size_t)len < sizeof(text));
    CHECK_OK(arena_copy(house.arena, span_make(text, (size_t)len), &kept));
    return kept;
}

struct adapter_order
drive_order(enum adapter_method method, int64_t fen)
{
    struct wall_time now = clock_wall();
    return (struct adapter_order){
        .now = now,
        .made_at = now,
        .method = method,
        .merchant_order_no = new_number('T'),
        .amount = { .minor = fen, .currency = CURRENCY_CNY },
        .payer = SPAN_LIT("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
        .payer_address = SPAN_LIT("127.0.0.1"),
        .subject = SPAN_LIT("数字证书 新办"),
        .expires_at = wall_add_ms(now, ORDER_LIFE_MS),
        .notify_url = SPAN_LIT("http://127.0.0.1:9/callbacks/any"),
        .return_url = SPAN_LIT("http://127.0.0.1:9/return"),
    };
}

struct adapter_order
drive_refund(const struct adapter_order *paid, int64_t fen)
{
    struct adapter_order refund = *paid;
    refund.now = clock_wall();
    refund.made_at = refund.now;
    refund.refund_no = new_number('R');
    refund.total = paid->amount;
    refund.amount = (struct money){ .minor = fen, .currency = CURRENCY_CNY };
    return refund;
}

/* Keys that came are the account's, as a keyring would take them in. */
static void
take_keys(const struct adapter_account *account, struct verify_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        CHECK_OK(accounts_key_add(house.accounts, span_of(account->name), keys->list[i]));
        keys->list[i].key = NULL;
    }
    verify_keys_fini(keys);
}

struct waiting {
    struct provider_call call;
    bool done;
    enum err err;
};

static void
called(void *context, enum err err)
{
    struct waiting *waiting = context;
    struct adapter_answer *answer = &waiting->call.answer;
    waiting->done = true;
    waiting->err = err;
    if (err == ERR_OK && answer->bill_file.len > 0) { /* a linked file lives no longer than this */
        CHECK_OK(arena_copy(house.arena, answer->bill_file, &answer->bill_file));
    }
}

struct drive_said
drive_ask(const struct adapter_account *account, enum adapter_operation operation,
          const struct adapter_order *order)
{
    struct waiting waiting = { .call = { .keys_client = house.keys,
                                         .transport = house.transport,
                                         .account = account,
                                         .operation = operation,
                                         .order = *order,
                                         .arena = house.arena,
                                         .done = called,
                                         .context = &waiting } };
    waiting.call.order.now = clock_wall();
    provider_call_start(&waiting.call);
    house_wait(&waiting.done);
    struct drive_said said = { .err = waiting.err,
                               .sent = waiting.call.sent,
                               .is_form = waiting.call.is_form,
                               .answer = waiting.call.answer,
                               .request = waiting.call.request,
                               .invoked = waiting.call.invoked,
                               .keys = waiting.call.keys.count };
    if (waiting.call.evidence != NULL) {
        said.verdict = evidence_claim(waiting.call.evidence)->verdict;
        evidence_free(&waiting.call.evidence);
    }
    take_keys(account, &waiting.call.keys);
    return said;
}

const struct adapter_account *
drive_open(size_t row)
{
    house_open();
    const struct adapter_account *account =
        accounts_find(house.accounts, span_of(drive_accounts[row]));
    cr_assert_not_null(account, "%s", drive_accounts[row]);
    if (!account_can_verify(account)) {
        const struct adapter_order none = { .now = clock_wall() };
        struct drive_said said = drive_ask(account, ADAPTER_KEYS, &none);
        cr_assert_eq(said.err, ERR_OK, "%s: KEYS gave %s", account->name, err_name(said.err));
        cr_assert(account_can_verify(account));
    }
    return account;
}

enum adapter_method
drive_method(const struct adapter_account *account, size_t n)
{
    enum adapter_method method = ADAPTER_METHOD_NONE;
    struct span rest = span_of(account->methods);
    struct span word = { 0 };
    bool more = true;
    for (size_t i = 0; i <= n; i++) {
        if (!more) {
            return ADAPTER_METHOD_NONE;
        }
        more = span_cut(&rest, ' ', &word);
    }
    CHECK_OK(adapter_method_decode(word, &method));
    return method;
}

const char *
drive_path(const struct adapter_account *account, const char *call)
{
    char text[PATH_MAX_CHARS];
    const char *kept = NULL;
    int len = snprintf(text, sizeof(text), "/%s/%s", account->adapter->name, call);
    cr_assert(len > 0 && (size_t)len < sizeof(text));
    CHECK_OK(arena_cstr(house.arena, span_make(text, (size_t)len), &kept));
    return kept;
}

/* The payer's app is handed what was signed for it. */
static void
invoke(const struct adapter_account *account, struct adapter_order order, struct span prepared)
{
    DEFER(json_free) struct json_t *body = NULL;
    order.prepared = prepared;
    struct drive_said said = drive_ask(account, ADAPTER_INVOKE, &order);
    CHECK_OK(said.err);
    cr_expect(!said.sent, "INVOKE asks nobody");
    CHECK_OK(json_new_object(&body));
    for (size_t i = 0; i < said.invoked.count; i++) {
        const char *name = NULL;
        CHECK_OK(arena_cstr(house.arena, said.invoked.list[i].name, &name));
        CHECK_OK(json_put_string(body, name, said.invoked.list[i].value));
    }
    struct json_t *answer = house_control(drive_path(account, "jsapi"), body);
    json_free(&answer);
}

void
drive_begin(const struct adapter_account *account, const struct adapter_order *order)
{
    struct drive_said said = drive_ask(account, ADAPTER_PAY, order);
    const char *method = adapter_method_code(order->method);
    cr_assert_eq(said.err, ERR_OK, "%s %s: %s", account->name, method, err_name(said.err));
    if (said.is_form) {
        cr_expect(!said.sent, "the payer's browser submits a form, not we");
        house_browse(&said.request);
        return;
    }
    const struct adapter_answer *answer = &said.answer;
    cr_assert_eq(answer->handling, ADAPTER_DONE, "%s %s: %.*s %.*s", account->name, method,
                 SPAN_ARG(answer->code), SPAN_ARG(answer->message));
    cr_expect_eq(said.verdict, EVIDENCE_SENT);
    if (answer->qr_text.len > 0) {
        house_do(drive_path(account, "scan"), "qr_text", answer->qr_text, NULL, NULL);
    } else if (answer->open_url.len > 0) {
        house_do(drive_path(account, "open"), "url", answer->open_url, NULL, NULL);
    } else {
        invoke(account, *order, answer->prepared);
    }
}

bool
drive_confirm(const struct adapter_account *account, const struct adapter_order *order)
{
    DEFER(json_free) struct json_t *body = NULL;
    DEFER(json_free) struct json_t *answer = NULL;
    CHECK_OK(json_new_object(&body));
    CHECK_OK(json_put_string(body, "out_trade_no", order->merchant_order_no));
    return house_control_status(drive_path(account, "pay"), body, &answer) == HTTP_OK;
}

void
drive_paid(const struct adapter_account *account, struct adapter_order *order)
{
    drive_begin(account, order);
    cr_assert(drive_confirm(account, order), "%s: not paid", account->name);
    struct drive_said said = drive_ask(account, ADAPTER_QUERY, order);
    CHECK_OK(said.err);
    cr_assert_eq(said.verdict, EVIDENCE_PAID, "%s: verdict %d, %.*s", account->name,
                 (int)said.verdict, SPAN_ARG(said.answer.code));
    order->provider_trade_no = said.answer.claim.provider_trade_no;
}

bool
drive_may_cancel(const struct adapter_account *account)
{
    bool names_amount = strcmp(account->adapter->name, "alipay") != 0;
    return provider_call_offered(account, ADAPTER_CANCEL)
           && (names_amount || account->amount_max.minor <= HOUSE_REFUND_MAX);
}

void
drive_refunded(const struct adapter_account *account, const struct adapter_order *refund)
{
    struct drive_said said = drive_ask(account, ADAPTER_REFUND, refund);
    CHECK_OK(said.err);
    cr_assert_eq(said.answer.handling, ADAPTER_DONE, "%s: refund %.*s %.*s", account->name,
                 SPAN_ARG(said.answer.code), SPAN_ARG(said.answer.message));
    house_pass(REFUND_S);
    house_do(drive_path(account, "release"), NULL, SPAN_LIT(""), NULL, NULL);
    said = drive_ask(account, ADAPTER_REFUND_QUERY, refund);
    CHECK_OK(said.err);
    cr_assert_eq(said.verdict, EVIDENCE_REFUNDED, "%s: verdict %d, %.*s", account->name,
                 (int)said.verdict, SPAN_ARG(said.answer.code));
    cr_expect_eq(said.answer.refund, ADAPTER_REFUND_SUCCEEDED);
    cr_expect_eq(said.answer.refund_amount.minor, refund->amount.minor);
}
