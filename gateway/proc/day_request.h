/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_DAY_REQUEST_H
#define TALLYGATE_PROC_DAY_REQUEST_H

/* What reconciling a day needs of the configuration; the same for the operator's CLI and the night. */

#include "config.h"
#include "order.h"
#include "run.h"

struct day_request {
    struct recon_request recon; /* points into this and into what was given */
    struct recon_tariff tariffs[ORDER_KIND_COUNT];
};

/* Bytes that a run may take ([reconcile] memory_mib), made or loaded. */
size_t day_request_memory(const struct config *config);

/* Of the account's bill of trades. */
void day_request_fill(const struct config *config, const struct adapter_account *account,
                      struct day day, struct wall_time as_of, struct day_request *out);

#endif
