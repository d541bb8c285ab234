/* SPDX-License-Identifier: Apache-2.0 */
/* BILL_LINK, BILL_FILE and every kind of bill of every account: a day's business, made by the test, must stand on
 * each of them. What is expected is added up here, from what was done, and compared with the world's own lists. */
#include <string.h>

#include "bill_file.h"
#include "bill_host.h"
#include "check.h"
#include "drive.h"
#include "provider_call.h"

#define DAY_S 86400

/* What was done; unsigned fen. */
struct ledger {
    int64_t pay_count;
    int64_t pay_fen;
    int64_t pay_fee;
    int64_t refund_count;
    int64_t refund_fen;
    int64_t refund_fee; /* given back */
    int64_t fee_count;  /* fees that are more than nothing */
};

/* What a kind of bill shows of it. */
enum shape {
    SHAPE_NONE,
    SHAPE_TRADES,
    SHAPE_PAYMENTS,
    SHAPE_REFUNDS,
    SHAPE_SUMMARY,
    SHAPE_FLOW,
    SHAPE_FLOW_SUMMARY,
    SHAPE_MEMBER /* a part of another file, which nobody gives alone */
};

static const struct {
    const char *provider;
    const char *kind;
    enum shape shape;
} shapes[] = {
    { "alipay", "trade", SHAPE_TRADES },
    { "alipay", "trade-summary", SHAPE_SUMMARY },
    { "alipay", "signcustomer", SHAPE_FLOW },
    { "alipay", "signcustomer-summary", SHAPE_FLOW_SUMMARY },
    { "wechatpay", "trade", SHAPE_TRADES },
    { "wechatpay", "all", SHAPE_TRADES },
    { "wechatpay", "success", SHAPE_PAYMENTS },
    { "wechatpay", "refund", SHAPE_REFUNDS },
    { "wechatpay", "fundflow", SHAPE_FLOW },
    { "unionpay", "settlement", SHAPE_TRADES },
    { "unionpay", "zm", SHAPE_MEMBER },
    { "unionpay", "zme", SHAPE_MEMBER },
};

/* The world's lists, and how its refunds treat the fee. */
static const struct world_list {
    const char *provider;
    const char *owner; /* member that names the account */
    const char *total;
    const char *paid_at;
    const char *refund;
    bool refund_gives_fee_back;
    bool cancel_gives_fee_back;
} lists[] = {
    { "alipay", "app_id", "total_amount", "gmt_payment", "refund_amount", false, false },
    { "wechatpay", "mchid", "total", "success_time", "refund", true, true },
    { "unionpay", "mer_id", "total_amount", "gmt_payment", "refund_amount", false, true },
};

static const struct world_list *
list_of(const struct adapter_account *account)
{
    const struct world_list *found = NULL;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (strcmp(lists[i].provider, account->adapter->name) == 0) {
            found = &lists[i];
        }
    }
    cr_assert_not_null(found, "%s has no lists", account->adapter->name);
    return found;
}

static enum shape
shape_of(const struct adapter_account *account, const char *kind)
{
    enum shape found = SHAPE_NONE;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (strcmp(shapes[i].provider, account->adapter->name) == 0
            && strcmp(shapes[i].kind, kind) == 0) {
            found = shapes[i].shape;
        }
    }
    cr_assert_neq(found, SHAPE_NONE, "%s: the kind %s is not tried", account->name, kind);
    return found;
}

/* 0.60 %, rounded half up. */
static int64_t
fee_of(int64_t fen)
{
    return (fen * 6 + 500) / 1000;
}

static struct adapter_order
pay(const struct adapter_account *account, size_t method, int64_t fen, struct ledger *ledger)
{
    struct adapter_order order = drive_order(drive_method(account, method), fen);
    drive_paid(account, &order);
    ledger->pay_count++;
    ledger->pay_fen += fen;
    ledger->pay_fee += fee_of(fen);
    ledger->fee_count += fee_of(fen) > 0 ? 1 : 0;
    return order;
}

static void
gave_back(int64_t fen, bool with_fee, struct ledger *ledger)
{
    ledger->refund_count++;
    ledger->refund_fen += fen;
    ledger->refund_fee += with_fee ? fee_of(fen) : 0;
}

static void
refund(const struct adapter_account *account, const struct adapter_order *paid, int64_t fen,
       struct ledger *ledger)
{
    struct adapter_order part = drive_refund(paid, fen);
    drive_refunded(account, &part);
    gave_back(fen, list_of(account)->refund_gives_fee_back, ledger);
}

static void
cancel(const struct adapter_account *account, struct ledger *ledger)
{
    struct adapter_order paid = pay(account, 0, 1999, ledger);
    struct adapter_order whole = drive_refund(&paid, 1999);
    struct drive_said said = drive_ask(account, ADAPTER_CANCEL, &whole);
    CHECK_OK(said.err);
    cr_assert_eq(said.answer.handling, ADAPTER_DONE);
    gave_back(1999, list_of(account)->cancel_gives_fee_back, ledger);
}

/* Payments by every method, one that is never made, refunds of a part and of the whole, and a cancel. */
static struct ledger
a_day(const struct adapter_account *account)
{
    struct ledger ledger = { .pay_count = 0 };
    struct adapter_order first = pay(account, 0, 12345, &ledger);
    struct adapter_order second = pay(account, 0, 1789, &ledger);
    for (size_t i = 1; drive_method(account, i) != ADAPTER_METHOD_NONE; i++) {
        (void)pay(account, i, 28000 + (int64_t)i, &ledger);
    }
    (void)pay(account, 0, 1, &ledger);
    const struct adapter_order never = drive_order(drive_method(account, 0), 777);
    drive_begin(account, &never);
    refund(account, &first, 400, &ledger);
    refund(account, &first, 1055, &ledger);
    refund(account, &second, 1789, &ledger);
    if (drive_may_cancel(account)) {
        cancel(account, &ledger);
    }
    return ledger;
}

static bool
is_of(const struct json_t *row, const struct world_list *list,
      const struct adapter_account *account)
{
    struct span owner;
    CHECK_OK(json_get_string(row, list->owner, &owner));
    return span_eq_cstr(owner, account->merchant) || span_eq_cstr(owner, account->application);
}

static int64_t
fen_of(const struct json_t *row, const char *name)
{
    struct span text;
    struct money money;
    CHECK_OK(json_get_string(row, name, &text));
    CHECK_OK(money_parse(text, CURRENCY_CNY, &money));
    return money.minor;
}

static void
expect_paid_list(const struct adapter_account *account, const struct ledger *ledger)
{
    const struct world_list *list = list_of(account);
    DEFER(json_free) struct json_t *said = house_control(drive_path(account, "trades"), NULL);
    const struct json_t *rows = json_member(said, "trades");
    int64_t count = 0;
    int64_t fen = 0;
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json_t *row = json_element(rows, i);
        if (is_of(row, list, account) && json_member(row, list->paid_at) != NULL) {
            count++;
            fen += fen_of(row, list->total);
        }
    }
    cr_expect_eq(count, ledger->pay_count, "%s: the world has %lld payments", account->name,
                 (long long)count);
    cr_expect_eq(fen, ledger->pay_fen);
}

static void
expect_refund_list(const struct adapter_account *account, const struct ledger *ledger)
{
    const struct world_list *list = list_of(account);
    DEFER(json_free) struct json_t *said = house_control(drive_path(account, "refunds"), NULL);
    const struct json_t *rows = json_member(said, "refunds");
    int64_t count = 0;
    int64_t fen = 0;
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json_t *row = json_element(rows, i);
        struct span status;
        CHECK_OK(json_get_string(row, "status", &status));
        if (is_of(row, list, account) && span_eq_cstr(status, "SUCCESS")) {
            count++;
            fen += fen_of(row, list->refund);
        }
    }
    cr_expect_eq(count, ledger->refund_count, "%s: the world has %lld refunds", account->name,
                 (long long)count);
    cr_expect_eq(fen, ledger->refund_fen);
}

/* The file as it came, by the way that the provider offers. */
static struct span
fetch(const struct adapter_account *account, const struct adapter_bill *bill, struct day day,
      struct span *hash)
{
    struct adapter_order order = { .now = clock_wall(),
                                   .made_at = clock_wall(),
                                   .bill_day = day,
                                   .bill_kind = span_of(bill->kind) };
    bool by_link = provider_call_offered(account, ADAPTER_BILL_LINK);
    struct drive_said said =
        drive_ask(account, by_link ? ADAPTER_BILL_LINK : ADAPTER_BILL_FILE, &order);
    cr_assert_eq(said.err, ERR_OK, "%s %s: %s", account->name, bill->kind, err_name(said.err));
    cr_assert_eq(said.answer.handling, ADAPTER_DONE, "%s %s: %.*s %.*s", account->name, bill->kind,
                 SPAN_ARG(said.answer.code), SPAN_ARG(said.answer.message));
    *hash = said.answer.bill_hash;
    if (!by_link) {
        return said.answer.bill_file;
    }
    cr_assert(bill_host_allowed(said.answer.bill_url, account, bill), "%s leads to %.*s",
              account->name, SPAN_ARG(said.answer.bill_url));
    if (!provider_call_offered(account, ADAPTER_BILL_FILE)) {
        return house_download(said.answer.bill_url, account);
    }
    order.bill_url = said.answer.bill_url;
    said = drive_ask(account, ADAPTER_BILL_FILE, &order);
    CHECK_OK(said.err);
    return said.answer.bill_file;
}

static void
read_bill(const struct adapter_account *account, const struct adapter_bill *bill, struct day day,
          struct bill_file *out)
{
    struct span hash;
    struct span bytes = fetch(account, bill, day, &hash);
    CHECK_OK(bill_file_read(bill, bytes, account, day, NULL, NULL, out));
    if (hash.len > 0) {
        CHECK_OK(bill_file_check_hash(bill, bytes, hash, out));
    }
    cr_assert(out->accepted, "%s %s: %s line %zu: %s", account->name, bill->kind,
              finding_name(out->faults[0].finding), out->faults[0].number, out->faults[0].detail);
}

static void
expect_trades(const struct bill_totals *totals, bool payments, bool refunds,
              const struct ledger *ledger)
{
    int64_t fee = (refunds ? ledger->refund_fee : 0) - (payments ? ledger->pay_fee : 0);
    cr_expect_eq(totals->pay_count, payments ? ledger->pay_count : 0);
    cr_expect_eq(totals->pay_fen, payments ? ledger->pay_fen : 0);
    cr_expect_eq(totals->refund_count, refunds ? ledger->refund_count : 0);
    cr_expect_eq(totals->refund_fen, refunds ? -ledger->refund_fen : 0);
    cr_expect_eq(totals->fee_fen, fee, "the fee is %lld", (long long)totals->fee_fen);
}

/* Payments come in whole; fees leave, and refunds less what they give back of them. */
static void
expect_flow(const struct bill_totals *totals, bool has_balance, const struct ledger *ledger)
{
    int64_t out = ledger->refund_fen - ledger->refund_fee + ledger->pay_fee;
    cr_expect(totals->is_flow);
    cr_expect_eq(totals->in_count, ledger->pay_count);
    cr_expect_eq(totals->in_fen, ledger->pay_fen);
    cr_expect_eq(totals->out_count, ledger->refund_count + ledger->fee_count);
    cr_expect_eq(totals->out_fen, out, "%lld went out", (long long)totals->out_fen);
    cr_expect_eq(totals->has_balance, has_balance);
    if (has_balance) {
        cr_expect_eq(totals->closing_fen - totals->opening_fen, ledger->pay_fen - out);
    }
}

static void
expect_not_given(const struct adapter_account *account, const struct adapter_bill *bill,
                 struct day day)
{
    const struct adapter_order order = { .bill_day = day, .bill_kind = span_of(bill->kind) };
    struct drive_said said = drive_ask(account, ADAPTER_BILL_FILE, &order);
    cr_expect_eq(said.err, ERR_FIELD_VALUE, "%s: %s", bill->kind, err_name(said.err));
    cr_expect(!said.sent);
}

static void
expect_bill(const struct adapter_account *account, const struct adapter_bill *bill, struct day day,
            const struct ledger *ledger)
{
    struct bill_file file;
    enum shape shape = shape_of(account, bill->kind);
    if (shape == SHAPE_MEMBER) {
        expect_not_given(account, bill, day);
        return;
    }
    read_bill(account, bill, day, &file);
    switch (shape) {
    case SHAPE_TRADES:
        expect_trades(&file.by_lines, true, true, ledger);
        break;
    case SHAPE_PAYMENTS:
        expect_trades(&file.by_lines, true, false, ledger);
        break;
    case SHAPE_REFUNDS:
        expect_trades(&file.by_lines, false, true, ledger);
        break;
    case SHAPE_SUMMARY: /* 商家实收 is what came in less what went back */
        cr_expect_eq(file.by_trailer.pay_count, ledger->pay_count);
        cr_expect_eq(file.by_trailer.refund_count, ledger->refund_count);
        cr_expect_eq(file.by_trailer.pay_fen, ledger->pay_fen - ledger->refund_fen);
        cr_expect_eq(file.by_trailer.fee_fen, -ledger->pay_fee);
        break;
    case SHAPE_FLOW:
        expect_flow(&file.by_lines, true, ledger);
        break;
    case SHAPE_FLOW_SUMMARY:
        expect_flow(&file.by_trailer, false, ledger);
        break;
    case SHAPE_MEMBER:
    case SHAPE_NONE:
    default:
        cr_assert_fail("%s has no shape", bill->kind);
    }
}

EACH_ACCOUNT(bills, every_kind_of_bill_shows_the_day_as_it_was)
{
    const struct adapter_account *account = drive_open(*row);
    struct day day = day_of(clock_wall(), ZONE_CHINA_MIN);
    struct ledger ledger = a_day(account);
    expect_paid_list(account, &ledger);
    expect_refund_list(account, &ledger);
    house_pass(DAY_S);
    for (const struct adapter_bill *bill = account->adapter->bills; bill->kind != NULL; bill++) {
        expect_bill(account, bill, day, &ledger);
    }
}
