/* SPDX-License-Identifier: Apache-2.0 */
#include "cashier.h"

#include "account.h"
#include "handlers.h"
#include "payment_read.h"

/* What the payer's browser asks for, and which page that is. */

static bool
is_payable(const struct cashier *cashier)
{
    const struct payment *payment = cashier->payment;
    return span_eq_cstr(payment->state, "open") && payment->close_asked_at.us == 0
           && wall_ms_between(clock_wall(), payment->expires_at) > 0;
}

/* True when money may still arrive by an attempt. */
static bool
is_waiting(const struct cashier *cashier)
{
    for (size_t i = 0; i < cashier->attempt_count; i++) {
        if (!attempt_state_final(cashier->attempts[i].state)) {
            return true;
        }
    }
    return false;
}

static enum cashier_result
result_of(const struct cashier *cashier)
{
    if (span_eq_cstr(cashier->payment->state, "paid")) {
        return CASHIER_PAID;
    }
    if (span_eq_cstr(cashier->payment->state, "closed")) {
        return CASHIER_CLOSED;
    }
    return is_payable(cashier) ? CASHIER_UNKNOWN : CASHIER_EXPIRED;
}

static bool
has_payable_qr(const struct attempt *attempt)
{
    return attempt->state == ATTEMPT_PENDING && attempt->qr_text.len > 0;
}

static const struct attempt *
find_qr(const struct cashier *cashier, struct span attempt_no)
{
    for (size_t i = 0; i < cashier->attempt_count; i++) {
        const struct attempt *attempt = &cashier->attempts[i];
        if (span_eq(attempt->attempt_no, attempt_no) && has_payable_qr(attempt)) {
            return attempt;
        }
    }
    return NULL;
}

static bool
take_payment(struct cashier *cashier, enum err err, const struct payment *payment,
             const struct attempt *attempts, size_t count)
{
    if (err != ERR_OK) {
        cashier_show_error(cashier, err);
        return false;
    }
    cashier->payment = payment;
    cashier->attempts = attempts;
    cashier->attempt_count = count;
    return true;
}

static void
show_page(void *context, enum err err, const struct payment *payment,
          const struct attempt *attempts, size_t count)
{
    struct cashier *cashier = context;
    struct span wanted;
    if (!take_payment(cashier, err, payment, attempts, count)) {
        return;
    }
    err = http_query_get(cashier->request, "qr", &wanted);
    if (err != ERR_OK) {
        cashier_show_error(cashier, err);
        return;
    }
    if (!is_payable(cashier)) {
        cashier_show_result(cashier, result_of(cashier));
        return;
    }
    const struct attempt *qr = span_empty(wanted) ? NULL : find_qr(cashier, wanted);
    if (qr != NULL) {
        cashier_show_qr(cashier, qr);
    } else {
        cashier_show_methods(cashier, ERR_OK);
    }
}

/* Back from a provider: nothing it brought is believed; what we know is shown. */
static void
show_return(void *context, enum err err, const struct payment *payment,
            const struct attempt *attempts, size_t count)
{
    struct cashier *cashier = context;
    if (!take_payment(cashier, err, payment, attempts, count)) {
        return;
    }
    if (is_payable(cashier) && !is_waiting(cashier)) {
        cashier_show_methods(cashier, ERR_OK);
    } else {
        cashier_show_result(cashier, result_of(cashier));
    }
}

/* Some providers send the payer back by a form on their page. Nothing of the form is read, and the token
 * must be one of ours before it stands in a header: the browser is to ask in the usual way. */
static void
send_back(void *context, enum err err, const struct payment *payment,
          const struct attempt *attempts, size_t count)
{
    struct cashier *cashier = context;
    if (take_payment(cashier, err, payment, attempts, count)) {
        cashier_send_back(cashier);
    }
}

static void
started(void *context, enum err err, const struct attempt_action *action)
{
    struct cashier *cashier = context;
    if (err == ERR_PAYMENT_STATE || err == ERR_PAYMENT_EXPIRED) {
        cashier_send_to(cashier, SPAN_LIT("")); /* it changed meanwhile: the page tells how */
    } else if (err != ERR_OK) {
        cashier_show_methods(cashier, err);
    } else if (action->qr_text.len > 0) {
        cashier_send_to(cashier, action->attempt_no);
    } else if (action->fields.count == 0) {
        cashier_show_leave(cashier, action);
    } else {
        cashier_show_redirect(cashier, action);
    }
}

/* A code that can still be paid is shown again: a second one could be paid too. */
static const struct attempt *
reusable_qr(const struct cashier *cashier)
{
    for (size_t i = 0; i < cashier->attempt_count; i++) {
        const struct attempt *attempt = &cashier->attempts[i];
        if (cashier->method == ADAPTER_QR && has_payable_qr(attempt)
            && span_eq(attempt->provider, cashier->provider)) {
            return attempt;
        }
    }
    return NULL;
}

static void
choose(void *context, enum err err, const struct payment *payment, const struct attempt *attempts,
       size_t count)
{
    struct cashier *cashier = context;
    if (!take_payment(cashier, err, payment, attempts, count)) {
        return;
    }
    const struct attempt *qr = reusable_qr(cashier);
    if (!is_payable(cashier)) {
        cashier_send_to(cashier, SPAN_LIT(""));
    } else if (qr != NULL) {
        cashier_send_to(cashier, qr->attempt_no);
    } else {
        const struct attempt_choice choice = { .provider = cashier->provider,
                                               .method = cashier->method,
                                               .payer_address = cashier->request->peer };
        attempt_start(cashier->services, cashier->request->arena, payment, &choice, started,
                      cashier);
    }
}

static enum err
read_choice(struct cashier *cashier)
{
    struct span method;
    TRY(http_form_get(cashier->request, "provider", &cashier->provider));
    TRY(http_form_get(cashier->request, "method", &method));
    return adapter_method_decode(method, &cashier->method);
}

static enum err
read_language(struct cashier *cashier)
{
    struct span wanted;
    cashier->language = cashier->request->language;
    TRY(http_query_get(cashier->request, "lang", &wanted));
    if (span_eq_cstr(wanted, "en") || span_eq_cstr(wanted, "zh-CN")) {
        cashier->language_chosen = true;
        cashier->language = span_eq_cstr(wanted, "en") ? LANGUAGE_EN : LANGUAGE_ZH;
    }
    return ERR_OK;
}

static struct cashier *
begin(struct http_request *request, void *services)
{
    void *storage = NULL;
    enum err err = arena_alloc(request->arena, sizeof(struct cashier), &storage);
    if (err != ERR_OK) {
        http_problem(request, err, NULL, 0);
        return NULL;
    }
    struct cashier *cashier = storage;
    cashier->request = request;
    cashier->services = services;
    cashier->token = request->captures[0];
    err = read_language(cashier);
    if (err != ERR_OK) {
        cashier_show_error(cashier, err);
        return NULL;
    }
    return cashier;
}

void
handle_checkout_page(struct http_request *request, void *context)
{
    struct cashier *cashier = begin(request, context);
    if (cashier != NULL) {
        payment_read_by_token(cashier->services, request->arena, cashier->token, show_page,
                              cashier);
    }
}

void
handle_checkout_return(struct http_request *request, void *context)
{
    struct cashier *cashier = begin(request, context);
    if (cashier != NULL) {
        payment_read_by_token(cashier->services, request->arena, cashier->token, show_return,
                              cashier);
    }
}

void
handle_checkout_come_back(struct http_request *request, void *context)
{
    struct cashier *cashier = begin(request, context);
    if (cashier != NULL) {
        payment_read_by_token(cashier->services, request->arena, cashier->token, send_back,
                              cashier);
    }
}

void
handle_checkout_choose(struct http_request *request, void *context)
{
    struct cashier *cashier = begin(request, context);
    if (cashier == NULL) {
        return;
    }
    enum err err = read_choice(cashier);
    if (err != ERR_OK) {
        cashier_show_error(cashier, err);
        return;
    }
    payment_read_by_token(cashier->services, request->arena, cashier->token, choose, cashier);
}
