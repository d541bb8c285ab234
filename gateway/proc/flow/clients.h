/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_CLIENTS_H
#define TALLYGATE_PROC_FLOW_CLIENTS_H

/* The parties that may call the portal API: their keys and roles, read once at start. */

#include "config.h"
#include "signature.h"

struct clients;

/* Errors: FILE_*, KEY_PARSE, CONFIG_VALUE; *fault says which client. */
MUST_USE enum err clients_load(const struct config *config, struct clients **out,
                               struct config_fault *fault);
void clients_free(struct clients **clients);

/* Whose the orders and invoices of the client of that name are; NULL when there is none. Borrowed from the configuration. */
const char *clients_owner(const struct config *config, const char *name);

/* NULL when the key id is not known. */
const struct signature_key *clients_find(const struct clients *clients, struct span keyid);

/* The key of one client, by its number in the configuration; clients_key_fini frees what it holds. Errors as above. */
MUST_USE enum err clients_key(const struct config *config, size_t index, struct signature_key *out,
                              struct config_fault *fault);
void clients_key_fini(struct signature_key *key);

/* Counts an explanation of a failed signature; false when this client had its number of them in this minute. */
bool clients_may_explain(struct clients *clients, const struct signature_key *key,
                         int64_t per_minute, struct mono_time now);

/* How requests reach the API's listener: "https" when it has a certificate, else "http". */
struct span clients_scheme(const struct config *config);

#endif
