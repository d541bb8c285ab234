/* SPDX-License-Identifier: Apache-2.0 */
/* The provider of this folder, built into a program beside the real ones. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bill_file.h"
#include "check.h"
#include "clock_fake.h"
#include "verify.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define ARENA_MAX   ((size_t)4 * 1024 * 1024)
#define TEXT_MAX    4096
#define NONCE       "abcdefghijklmnopqrstuvwxyz012345"
#define YUAN        INT64_C(100)

/* RFC 8032, 7.1, TEST 2. */
static const char provider_key[] = "-----BEGIN PUBLIC KEY-----\n"
                                   "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
                                   "-----END PUBLIC KEY-----\n";

enum said {
#define SIGNED(name, message) SAID_##name,
#include "signed.def"
#undef SIGNED
    SAID_COUNT
};

static const char *const said[SAID_COUNT] = {
#define SIGNED(name, message) message,
#include "signed.def"
#undef SIGNED
};

static struct arena *arena;
static struct adapter_account account;
static struct adapter_order order;

static void
start(void)
{
    const struct adapter_material material = { .provider_public_key = span_of(provider_key) };
    CHECK_OK(arena_new(ARENA_MAX, &arena));
    account = (struct adapter_account){ .adapter = adapter_find(SPAN_LIT("testpay")),
                                        .name = "main",
                                        .application = "app-1",
                                        .merchant = "shop-1",
                                        .gateway_url = "https://testpay.invalid",
                                        .key_scheme = "public-key",
                                        .methods = "page qr" };
    cr_assert_not_null(account.adapter);
    CHECK_OK(account.adapter->account_prepare(&material, clock_wall(), arena, &account));
    order = (struct adapter_order){
        .now = clock_wall(),
        .method = ADAPTER_QR,
        .merchant_order_no = SPAN_LIT("T1"),
        .refund_no = SPAN_LIT("R1"),
        .amount = { .minor = 280 * YUAN, .currency = CURRENCY_CNY },
        .nonce = SPAN_LIT(NONCE),
        .subject = SPAN_LIT("数字证书\n新办"),
        .expires_at = wall_add_ms(clock_wall(), 1800000),
        .notify_url = SPAN_LIT("https://pay.example/callbacks/testpay/main"),
        .bill_day = { 2026, 3, 9 },
        .bill_kind = SPAN_LIT("trade"),
    };
}

static void
finish(void)
{
    crypto_public_key_free(&account.keys[0].key);
    arena_free(&arena);
}

TestSuite(provider, .init = start, .fini = finish);

/* Folders below `parent` with a source of their own name are all in the registry. */
static size_t
expect_registered(const char *parent)
{
    DIR *folder = opendir(parent);
    size_t found = 0;
    cr_assert_not_null(folder, "%s", parent);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char source[TEXT_MAX];
        int len =
            snprintf(source, sizeof(source), "%s/%s/%s.c", parent, entry->d_name, entry->d_name);
        cr_assert(len > 0 && (size_t)len < sizeof(source));
        if (access(source, R_OK) == 0) {
            cr_expect_not_null(adapter_find(span_of(entry->d_name)), "%s", entry->d_name);
            found++;
        }
    }
    cr_assert_eq(closedir(folder), 0);
    return found;
}

Test(provider, stands_in_a_registry_with_every_real_one_in_the_order_of_names)
{
    size_t real = expect_registered("adapters");
    size_t fictitious = expect_registered("tests/fourth");
    cr_expect_gt(real, 0);
    cr_expect_eq(fictitious, 1);
    cr_assert_eq(adapter_registry_count, real + fictitious);
    for (size_t i = 1; i < adapter_registry_count; i++) {
        cr_expect_lt(strcmp(adapter_registry[i - 1]->name, adapter_registry[i]->name), 0);
    }
    cr_expect_null(adapter_registry[adapter_registry_count]);
}

Test(provider, refuses_an_account_of_another_scheme_or_without_its_key)
{
    const struct adapter_material none = { .provider_public_key = SPAN_LIT("") };
    struct adapter_account other = { .adapter = account.adapter, .key_scheme = "certificate" };
    CHECK_ERR(account.adapter->account_prepare(&none, clock_wall(), arena, &other),
              ERR_CONFIG_VALUE);
    other.key_scheme = "public-key";
    CHECK_ERR(account.adapter->account_prepare(&none, clock_wall(), arena, &other),
              ERR_CONFIG_MISSING);
}

static void
expect_text(enum adapter_operation operation, const char *want)
{
    struct adapter_fields fields = { .count = 0 };
    struct adapter_sign_facts facts = { .operation = ADAPTER_OPERATION_NONE };
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    CHECK_OK(
        account.adapter->request_build(&account, operation, &order, clock_wall(), arena, &fields));
    CHECK_OK(account.adapter->sign_text(&fields, arena, &text));
    CHECK_TEXT(buf_span(&text), want);
    CHECK_OK(account.adapter->sign_facts(&fields, arena, &facts));
    bool money = operation == ADAPTER_PAY || operation == ADAPTER_REFUND;
    cr_expect_eq(facts.operation, operation);
    cr_expect_eq(facts.amount.minor, money ? 280 * YUAN : 0);
    CHECK_TEXT(facts.application, "app-1");
}

Test(provider, builds_each_request_as_its_manual_page_says)
{
    expect_text(ADAPTER_PAY,
                "amount=280.00\napp=app-1\nat=2026-03-10 10:00:00\ndo=pay\n"
                "expires=2026-03-10 10:30:00\nmethod=qr\nnonce=" NONCE "\n"
                "notify=https://pay.example/callbacks/testpay/main\norder_no=T1\nshop=shop-1\n"
                "title=数字证书 新办\n");
    expect_text(ADAPTER_QUERY, "app=app-1\nat=2026-03-10 10:00:00\ndo=query\nnonce=" NONCE "\n"
                               "order_no=T1\nshop=shop-1\n");
    expect_text(ADAPTER_CLOSE, "app=app-1\nat=2026-03-10 10:00:00\ndo=close\nnonce=" NONCE "\n"
                               "order_no=T1\nshop=shop-1\n");
    expect_text(ADAPTER_REFUND,
                "amount=280.00\napp=app-1\nat=2026-03-10 10:00:00\ndo=refund\nnonce=" NONCE "\n"
                "order_no=T1\nrefund_no=R1\nshop=shop-1\n");
    expect_text(ADAPTER_REFUND_QUERY,
                "app=app-1\nat=2026-03-10 10:00:00\ndo=refund-query\nnonce=" NONCE "\n"
                "order_no=T1\nrefund_no=R1\nshop=shop-1\n");
    expect_text(ADAPTER_BILL_LINK,
                "app=app-1\nat=2026-03-10 10:00:00\nday=2026-03-09\ndo=bill\nkind=trade\n"
                "nonce=" NONCE "\nshop=shop-1\n");
}

Test(provider, lets_no_foreign_or_repeated_field_be_signed)
{
    static const char *const names[] = { "payee", "refund_no", "order_no", "" };
    for (size_t i = 0; i < COUNT(names); i++) {
        struct adapter_fields fields = { .count = 0 };
        struct adapter_sign_facts facts;
        CHECK_OK(account.adapter->request_build(&account, ADAPTER_PAY, &order, clock_wall(), arena,
                                                &fields));
        CHECK_OK(adapter_fields_add(&fields, span_of(names[i]), SPAN_LIT("T2")));
        CHECK_ERR(account.adapter->sign_facts(&fields, arena, &facts), ERR_KEYS_POLICY);
    }
}

Test(provider, hands_a_page_payment_to_the_browser_and_calls_for_the_rest)
{
    struct adapter_fields fields = { .count = 0 };
    struct adapter_request request;
    order.method = ADAPTER_PAGE;
    CHECK_OK(account.adapter->request_build(&account, ADAPTER_PAY, &order, clock_wall(), arena,
                                            &fields));
    CHECK_OK(account.adapter->request_encode(&account, ADAPTER_PAY, &order, &fields,
                                             SPAN_LIT("abc"), arena, &request));
    cr_expect_eq(request.kind, ADAPTER_FORM);
    CHECK_TEXT(request.url, "https://testpay.invalid/page");
    CHECK_TEXT(adapter_fields_get(&request.fields, "sign"), "YWJj");
    CHECK_OK(account.adapter->request_encode(&account, ADAPTER_QUERY, &order, &fields,
                                             SPAN_LIT("abc"), arena, &request));
    cr_expect_eq(request.kind, ADAPTER_CALL);
    CHECK_TEXT(request.url, "https://testpay.invalid/call");
    cr_expect(span_ends(request.body, SPAN_LIT("\nsign=YWJj\n")));
}

static enum err
hear(enum adapter_operation operation, struct span body, struct adapter_answer *answer,
     struct evidence **evidence)
{
    const struct adapter_message message = { .status = 200, .body = body };
    *answer = (struct adapter_answer){ .handling = ADAPTER_HANDLING_NONE };
    return verify_answer(&account, operation, &order, &message, arena, answer, evidence);
}

static const struct {
    enum said said;
    enum adapter_operation operation;
    enum err err; /* of the whole, or, when DONE or another handling is named, of the answer */
    enum adapter_handling handling;
    enum evidence_verdict verdict;
} answers[] = {
    { SAID_paid, ADAPTER_QUERY, ERR_OK, ADAPTER_DONE, EVIDENCE_PAID },
    { SAID_open, ADAPTER_QUERY, ERR_OK, ADAPTER_DONE, EVIDENCE_UNPAID },
    { SAID_unknown, ADAPTER_QUERY, ERR_OK, ADAPTER_DONE, EVIDENCE_UNPAID },
    { SAID_unlisted, ADAPTER_QUERY, ERR_PROVIDER_PROTOCOL, ADAPTER_ASK_AGAIN,
      EVIDENCE_VERDICT_NONE },
    { SAID_precreated, ADAPTER_PAY, ERR_OK, ADAPTER_DONE, EVIDENCE_SENT },
    { SAID_refused, ADAPTER_PAY, ERR_PROVIDER_REFUSED, ADAPTER_REFUSED, EVIDENCE_UNPAID_FINAL },
    { SAID_closed, ADAPTER_CLOSE, ERR_OK, ADAPTER_DONE, EVIDENCE_CLOSED },
    { SAID_close_paid, ADAPTER_CLOSE, ERR_PROVIDER_REFUSED, ADAPTER_ASK_AGAIN,
      EVIDENCE_VERDICT_NONE },
    { SAID_refunded, ADAPTER_REFUND, ERR_OK, ADAPTER_DONE, EVIDENCE_REFUNDED },
    { SAID_waiting, ADAPTER_REFUND_QUERY, ERR_OK, ADAPTER_DONE, EVIDENCE_VERDICT_NONE },
    { SAID_link, ADAPTER_BILL_LINK, ERR_OK, ADAPTER_DONE, EVIDENCE_VERDICT_NONE },
    { SAID_no_bill, ADAPTER_BILL_LINK, ERR_BILL_NOT_READY, ADAPTER_RETRY, EVIDENCE_VERDICT_NONE },
    /* No answer to us at all. */
    { SAID_timeless, ADAPTER_QUERY, ERR_PROVIDER_PROTOCOL, ADAPTER_HANDLING_NONE, 0 },
    { SAID_undocumented, ADAPTER_QUERY, ERR_PROVIDER_PROTOCOL, ADAPTER_HANDLING_NONE, 0 },
    { SAID_other_order, ADAPTER_QUERY, ERR_PROVIDER_PROTOCOL, ADAPTER_HANDLING_NONE, 0 },
    { SAID_other_nonce, ADAPTER_QUERY, ERR_PROVIDER_PROTOCOL, ADAPTER_HANDLING_NONE, 0 },
    { SAID_other_refund, ADAPTER_REFUND_QUERY, ERR_PROVIDER_PROTOCOL, ADAPTER_HANDLING_NONE, 0 },
    { SAID_codeless, ADAPTER_PAY, ERR_PROVIDER_PROTOCOL, ADAPTER_HANDLING_NONE, 0 },
    { SAID_paid, ADAPTER_CLOSE, ERR_PROVIDER_PROTOCOL, ADAPTER_HANDLING_NONE, 0 },
};

Test(provider, understands_each_signed_answer_and_no_more_than_it_says)
{
    for (size_t i = 0; i < COUNT(answers); i++) {
        DEFER(evidence_free) struct evidence *evidence = NULL;
        struct adapter_answer answer;
        enum err err =
            hear(answers[i].operation, span_of(said[answers[i].said]), &answer, &evidence);
        bool heard = answers[i].handling != ADAPTER_HANDLING_NONE;
        cr_expect_eq(err, heard ? ERR_OK : answers[i].err, "row %zu gave %s", i, err_name(err));
        cr_expect_eq(answer.handling, answers[i].handling, "row %zu", i);
        cr_expect_eq(answer.err, heard ? answers[i].err : ERR_OK, "row %zu", i);
        cr_expect_eq(answer.claim.verdict, answers[i].verdict, "row %zu", i);
        /* What is said of a refund is kept, whatever it says of the payment. */
        bool kept = answers[i].verdict != EVIDENCE_VERDICT_NONE
                    || (heard
                        && (answers[i].operation == ADAPTER_REFUND
                            || answers[i].operation == ADAPTER_REFUND_QUERY));
        cr_expect_eq(evidence != NULL, kept, "row %zu", i);
    }
}

Test(provider, reads_amount_time_and_numbers_of_a_payment)
{
    DEFER(evidence_free) struct evidence *evidence = NULL;
    struct adapter_answer answer;
    struct wall_time paid_at;
    CHECK_OK(hear(ADAPTER_QUERY, span_of(said[SAID_paid]), &answer, &evidence));
    const struct evidence_claim *claim = evidence_claim(evidence);
    CHECK_OK(wall_parse(SPAN_LIT("2026-03-10T01:59:00Z"), &paid_at));
    cr_expect_eq(claim->amount.minor, 280 * YUAN);
    cr_expect_eq(claim->paid_at.us, paid_at.us);
    cr_expect_eq(claim->bill_day.mday, 10);
    CHECK_TEXT(claim->provider_trade_no, "TP1");
    CHECK_TEXT(claim->merchant, "shop-1");
    CHECK_TEXT(claim->provider, "testpay");
}

/* Every byte of the genuine message once replaced. */
Test(provider, believes_no_answer_with_an_altered_byte)
{
    size_t len = strlen(said[SAID_paid]);
    for (size_t i = 0; i < len; i++) {
        DEFER(evidence_free) struct evidence *evidence = NULL;
        char altered[TEXT_MAX];
        struct adapter_answer answer;
        memcpy(altered, said[SAID_paid], len);
        altered[i] = altered[i] == '1' ? '2' : '1';
        cr_expect_neq(hear(ADAPTER_QUERY, span_make(altered, len), &answer, &evidence), ERR_OK,
                      "byte %zu", i);
        cr_expect_null(evidence);
    }
}

Test(provider, hears_only_hints_without_a_signature)
{
    DEFER(evidence_free) struct evidence *evidence = NULL;
    struct adapter_answer answer;
    CHECK_OK(hear(ADAPTER_PAY, SPAN_LIT("code=busy\n"), &answer, &evidence));
    cr_expect_eq(answer.handling, ADAPTER_RETRY);
    CHECK_OK(hear(ADAPTER_PAY, SPAN_LIT("code=amount_refused\n"), &answer, &evidence));
    cr_expect_eq(answer.handling, ADAPTER_ASK_AGAIN);
    CHECK_OK(hear(ADAPTER_QUERY, SPAN_LIT("code=no_such_order\n"), &answer, &evidence));
    cr_expect_eq(answer.handling, ADAPTER_ASK_AGAIN);
    CHECK_ERR(hear(ADAPTER_QUERY, SPAN_LIT("code=done\nstate=paid\n"), &answer, &evidence),
              ERR_PROVIDER_UNVERIFIED);
    CHECK_ERR(hear(ADAPTER_QUERY, SPAN_LIT("<html>"), &answer, &evidence), ERR_PROVIDER_PROTOCOL);
    CHECK_ERR(hear(ADAPTER_QUERY, SPAN_LIT(""), &answer, &evidence), ERR_PROVIDER_PROTOCOL);
    cr_expect_null(evidence);
}

static enum err
called_back(struct span body, struct evidence **evidence)
{
    const struct adapter_message message = { .status = 0, .body = body };
    return verify_callback(&account, &message, arena, evidence);
}

Test(provider, refuses_callbacks_that_are_unsigned_old_or_about_something_else)
{
    static const char plain[] = "event=trade\nat=2026-03-10 10:00:00\nstate=paid\n";
    DEFER(evidence_free) struct evidence *evidence = NULL;
    CHECK_ERR(called_back(span_of(plain), &evidence), ERR_SIGNATURE);
    CHECK_ERR(called_back(SPAN_LIT(""), &evidence), ERR_SIGNATURE);
    CHECK_ERR(called_back(span_of(said[SAID_old_callback]), &evidence), ERR_SIGNATURE);
    CHECK_ERR(called_back(span_of(said[SAID_other_event]), &evidence), ERR_PROVIDER_PROTOCOL);
    cr_expect_null(evidence);
}

Test(provider, takes_a_callback_while_it_is_fresh)
{
    DEFER(evidence_free) struct evidence *evidence = NULL;
    CHECK_OK(called_back(span_of(said[SAID_callback]), &evidence));
    const struct evidence_claim *claim = evidence_claim(evidence);
    cr_expect_eq(claim->verdict, EVIDENCE_PAID);
    cr_expect_eq(claim->amount.minor, 280 * YUAN);
    CHECK_TEXT(claim->merchant_order_no, "T1");
    evidence_free(&evidence);
    clock_fake_advance_ms((int64_t)ADAPTER_FRESH_S * 1000 + 1000);
    CHECK_ERR(called_back(span_of(said[SAID_callback]), &evidence), ERR_SIGNATURE);
}

#define HEADER "bill,2026-03-09,shop-1\n"
#define PAID   "pay,TP1,T1,,280.00,-1.68,2026-03-09 10:00:00\n"
#define BACK   "refund,TP1,T1,R1,-80.00,0.00,2026-03-09 11:00:00\n"
#define END    "end,1,280.00,1,-80.00\n"

static struct bill_file
read_bill(const char *text)
{
    const struct adapter_bill *bill = bill_find(account.adapter, SPAN_LIT("trade"));
    const struct day day = { 2026, 3, 9 };
    struct bill_file file;
    cr_assert_not_null(bill);
    CHECK_OK(bill_file_read(bill, span_of(text), &account, day, NULL, NULL, &file));
    return file;
}

Test(provider, finds_what_is_wrong_with_a_bill)
{
    static const struct {
        const char *text;
        enum finding finding;
    } wrong[] = {
        { HEADER PAID BACK, FINDING_FILE_TRUNCATED },
        { "bill,2026-03-10,shop-1\n" PAID BACK END, FINDING_FILE_WRONG_DAY },
        { "bill,2026-03-09,shop-2\n" PAID BACK END, FINDING_FILE_WRONG_MERCHANT },
        { "bill,today,shop-1\n" PAID BACK END, FINDING_FILE_COLUMNS },
        { HEADER PAID BACK END PAID, FINDING_FILE_COLUMNS },
        { HEADER PAID BACK "end,1\n", FINDING_FILE_COLUMNS },
        { HEADER PAID BACK "end,2,280.00,1,-80.00\n", FINDING_FILE_TRAILER_COUNT },
        { HEADER PAID BACK "end,1,280.00,0,-80.00\n", FINDING_FILE_TRAILER_COUNT },
        { HEADER PAID BACK "end,1,280.01,1,-80.00\n", FINDING_FILE_TRAILER_SUM },
        { HEADER PAID BACK "end,1,280.00,1,-80.01\n", FINDING_FILE_TRAILER_SUM },
        { HEADER "pay,TP1,T1\n" END, FINDING_LINE_WIDTH },
        { HEADER "gift,TP1,T1,,1.00,0.00,2026-03-09 10:00:00\n" END, FINDING_LINE_TYPE },
        { HEADER "pay,TP1,T1,,1e2,0.00,2026-03-09 10:00:00\n" END, FINDING_LINE_AMOUNT },
        { HEADER "pay,TP1,T1,,-1.00,0.00,2026-03-09 10:00:00\n" END, FINDING_AMT_SIGN },
        { HEADER "pay,TP1,T1,,1.00,0.00,noon\n" END, FINDING_LINE_TIME },
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct bill_file file = read_bill(wrong[i].text);
        cr_expect_not(file.accepted, "row %zu", i);
        cr_expect(file.found[wrong[i].finding], "row %zu: no %s", i,
                  finding_name(wrong[i].finding));
    }
}

Test(provider, adds_a_whole_bill_up)
{
    struct bill_file file = read_bill(HEADER PAID BACK END);
    cr_expect(file.accepted);
    cr_expect_eq(file.rows, 2);
    cr_expect_eq(file.by_lines.pay_fen, 28000);
    cr_expect_eq(file.by_lines.refund_fen, -8000);
    cr_expect_eq(file.by_lines.fee_fen, -168);
    cr_expect_eq(file.by_trailer.pay_count, 1);
}
