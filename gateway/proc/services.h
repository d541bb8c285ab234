/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_SERVICES_H
#define TALLYGATE_PROC_SERVICES_H

/* What a worker, the chores process and the CLI give to the flows: everything that reaches outside,
 * made once at start. */

#include "account.h"
#include "config.h"
#include "db.h"
#include "keys_client.h"
#include "order.h"
#include "transport.h"

struct callback_queue;

struct services {
    struct event_base *base;
    const struct config *config;
    struct db *db;
    struct transport *transport;
    struct keys_client *keys;
    struct accounts *accounts;
    struct order_tariff tariff;
    const char *checkout_url;  /* "http://127.0.0.1:1234", without a final slash */
    const char *callback_url;
    struct callback_queue *callbacks; /* worker only */
    bool draining;
};

#endif
