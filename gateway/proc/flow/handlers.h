/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_HANDLERS_H
#define TALLYGATE_PROC_FLOW_HANDLERS_H

/* One handler for every row of routes.def, and the check that signed rows pass first. The context is
 * the process's struct services. */

#include "http.h"

#define ROUTE(door, method, pattern, name, is_signed, idempotent, roles) \
    void handle_##name(struct http_request *request, void *context);
#include "routes.def"
#undef ROUTE

/* The server's `admit`: signature, key, role and nonce. */
void admit(struct http_request *request, void *context);

#endif
