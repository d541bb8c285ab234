/* SPDX-License-Identifier: Apache-2.0 */
#include "services.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "apply.h"
#include "child.h"
#include "clients.h"
#include "expiry.h"
#include "keyring.h"
#include "listener.h"
#include "log.h"
#include "query_budget.h"
#include "webhook_send.h"

#define URL_MAX ((size_t)160)

/* The sections of the tariff are named after the kinds; a name that is no kind is a mistake. */
static enum err
read_tariff(const struct config *config, struct order_tariff *out)
{
    for (int kind = 0; kind < ORDER_KIND_COUNT; kind++) {
        out->unit_fee_fen[kind] = -1;
    }
    for (size_t i = 0; i < config_count(config, CONFIG_SECTION_tariff); i++) {
        enum order_kind kind;
        struct span name = span_of(config_name(config, CONFIG_SECTION_tariff, i));
        if (order_kind_decode(name, &kind) != ERR_OK) {
            struct config_fault fault = { .setting = "tariff", .message = "no such kind of order" };
            child_refuse_config(ERR_CONFIG_VALUE, &fault);
            return ERR_CONFIG_VALUE;
        }
        out->unit_fee_fen[kind] = config_int(config, CONFIG_tariff_unit_fee, i);
    }
    return ERR_OK;
}

/* What the configuration says, else the callbacks listener's own address. */
static enum err
read_url(const struct child_plan *plan, const struct config *config, enum config_setting setting,
         const char **out)
{
    const char *given = config_text(config, setting, 0);
    DEFER(buf_fini) struct buf url = BUF_MAX(URL_MAX);
    TRY(buf_text(&url, given));
    if (given[0] == 0 && plan->listen_fds[HTTP_DOOR_CALLBACKS] >= 0) {
        bool secure = config_text(config, CONFIG_listen_tls_certificate, 0)[0] != 0;
        TRY(listener_url(plan->listen_fds[HTTP_DOOR_CALLBACKS], secure, &url));
    }
    const char *text = NULL;
    TRY(buf_cstr(&url, &text));
    *out = strdup(text);
    return *out == NULL ? ERR_NO_MEMORY : ERR_OK;
}

static enum err
read_tls_end(const struct config *config, struct services *out, struct config_fault *fault)
{
    enum err err = expiry_tls(config, &out->tls_not_after);
    if (err != ERR_OK) {
        *fault = (struct config_fault){ .setting = "tls_certificate",
                                        .message = "the certificate cannot be read" };
    }
    return err;
}

static enum err
read_files(const struct child_plan *plan, const struct config *config, struct services *out)
{
    struct config_fault fault = { .line = 0 };
    enum err err = accounts_load(config, clock_wall(), &out->accounts, &fault);
    if (err == ERR_OK && plan->role == CHILD_WORKER) {
        err = clients_load(config, &out->clients, &fault);
    }
    if (err == ERR_OK && plan->role == CHILD_WORKER) {
        err = read_tls_end(config, out, &fault);
    }
    if (err != ERR_OK) {
        child_refuse_config(err, &fault);
    }
    return err;
}

enum err
services_read(const struct child_plan *plan, const struct config *config, struct services *out)
{
    out->config = config;
    TRY(read_files(plan, config, out));
    TRY(read_tariff(config, &out->tariff));
    TRY(read_url(plan, config, CONFIG_listen_public_checkout_url, &out->checkout_url));
    return read_url(plan, config, CONFIG_listen_public_callback_url, &out->callback_url);
}

static enum err
open_all(const struct child_plan *plan, struct services *services)
{
    const struct config *config = services->config;
    services->base = event_base_new();
    if (services->base == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(db_open(services->base, config_text(config, CONFIG_database_conninfo, 0),
                (int)config_int(config, CONFIG_database_connections, 0),
                (int)config_int(config, CONFIG_database_statement_ms, 0), &services->db));
    TRY(transport_new(services->base, &services->transport));
    if (plan->keys_count != 1) {
        return ERR_INTERNAL;
    }
    TRY(keys_client_new(services->base, plan->keys_fds[0], &services->keys));
    if (plan->role == CHILD_CHORES) {
        TRY(webhook_sender_new(services, &services->webhooks));
    }
    TRY(query_budget_new(config, services->db, &services->budget));
    TRY(keyring_new(services, &services->keyring));
    return apply_queue_new(services->db, &services->apply);
}

enum err
services_open(const struct child_plan *plan, struct services *services)
{
    enum err err = open_all(plan, services);
    if (err != ERR_OK) {
        log_event(LOG_INTERNAL, LOG_ERR(err), LOG_TEXT("message", "could not open services"));
    }
    return err;
}

bool
services_idle(const struct services *services)
{
    return transport_running(services->transport) == 0 && db_idle(services->db)
           && keys_client_idle(services->keys) && webhook_sender_idle(services->webhooks);
}

/* strdup'ed texts that everybody else may only read. */
static void
free_text(const char **text)
{
    union {
        const char *read;
        char *owned;
    } both = { .read = *text };
    free(both.owned);
    *text = NULL;
}

void
services_close(struct services *services)
{
    transport_free(&services->transport);
    webhook_sender_free(&services->webhooks);
    keys_client_free(&services->keys);
    apply_queue_free(&services->apply);
    query_budget_free(&services->budget);
    db_close(&services->db);
    keyring_free(&services->keyring);
    clients_free(&services->clients);
    accounts_free(&services->accounts);
    free_text(&services->checkout_url);
    free_text(&services->callback_url);
    if (services->base != NULL) {
        event_base_free(services->base);
        services->base = NULL;
    }
}
