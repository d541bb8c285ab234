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

/* NULL when the key id is not known. */
const struct signature_key *clients_find(const struct clients *clients, struct span keyid);

#endif
