/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_ACCOUNT_H
#define TALLYGATE_ADAPTERS_ACCOUNT_H

/* The accounts of the configuration, decoded once at start. Reads certificate and public-key files;
 * never a private key. */

#include "adapter.h"
#include "config.h"

struct accounts;

/* Errors: PROVIDER_UNKNOWN, FILE_*, KEY_PARSE, CERT_*, CONFIG_VALUE; *fault says which account. */
MUST_USE enum err accounts_load(const struct config *config, struct wall_time now,
                                struct accounts **out, struct config_fault *fault);
void accounts_free(struct accounts **accounts);
size_t accounts_count(const struct accounts *accounts);
const struct adapter_account *accounts_at(const struct accounts *accounts, size_t index);

/* Takes an accepted, downloaded key into the account of that name; its serial is copied. A serial that is there
 * already stays as it is. When the table is full the key that ends first goes. Errors: PROVIDER_UNKNOWN,
 * ARENA_FULL; the key is freed then. */
MUST_USE enum err accounts_key_add(struct accounts *accounts, struct span name,
                                   struct adapter_key key);

/* By configuration name; NULL when absent. */
const struct adapter_account *accounts_find(const struct accounts *accounts, struct span name);

/* The first account of a provider that offers the method and takes the amount; NULL when none. */
const struct adapter_account *accounts_choose(const struct accounts *accounts, struct span provider,
                                              enum adapter_method method, struct money amount);

/* Before the first download of its keys an account could not read a single answer: it is not offered. */
bool account_can_verify(const struct adapter_account *account);

/* How many of its keys came by download rather than by configuration. */
size_t account_downloaded_keys(const struct adapter_account *account);

/* True when the account offers the method. */
bool account_offers(const struct adapter_account *account, enum adapter_method method);

#endif
