/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_SERVICES_H
#define TALLYGATE_PROC_SERVICES_H

/* What a worker, the chores process and the CLI give to the flows: everything that reaches outside,
 * made once at start. */

#include <stdbool.h>

#include "account.h"
#include "config.h"
#include "db.h"
#include "ipc.h"
#include "keys_client.h"
#include "order.h"
#include "transport.h"

struct apply_queue;
struct clients;
struct keyring;
struct query_budget;
struct webhook_sender;

/* What the chores process shows of the database in its gauges. */
struct services_shown {
    int64_t overdue;
    int64_t given_up;
    int64_t oldest_s;
    int64_t differences[3]; /* that wait, by severity */
};

struct services {
    struct event_base *base;
    const struct config *config;
    struct db *db;
    struct transport *transport;
    struct keys_client *keys;
    struct accounts *accounts;
    struct order_tariff tariff;
    const char *checkout_url; /* "http://127.0.0.1:1234", without a final slash */
    const char *callback_url;
    struct wall_time
        tls_not_after;           /* worker only: of listen.tls_certificate; 0 when there is none */
    struct clients *clients;     /* worker only: who may call the portal API */
    struct apply_queue *apply;   /* the one door to payment_apply */
    struct keyring *keyring;     /* provider keys that change while we run */
    struct query_budget *budget; /* provider queries per account, over all nodes */
    bool sealing;                /* chores only: a checkpoint is being made */
    struct services_shown shown;
    struct webhook_sender *webhooks; /* chores only */
    bool draining;
};

/* Reads what lies in files: accounts, clients, tariff, addresses. Before the sandbox closes. Logs why
 * it failed. Errors: those of accounts_load and clients_load, CONFIG_VALUE, SYSTEM. */
MUST_USE enum err services_read(const struct child_plan *plan, const struct config *config,
                                struct services *out);

/* Opens what reaches outside: the loop, the database, providers, the keys process. Behind the
 * sandbox. Logs why it failed. */
MUST_USE enum err services_open(const struct child_plan *plan, struct services *services);

/* True when nothing is under way with a provider, the database or the keys: what a provider said is stored. */
bool services_idle(const struct services *services);
void services_close(struct services *services); /* accepts a half-made one */

#endif
