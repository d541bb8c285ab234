/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_BILL_HOST_H
#define TALLYGATE_RECONCILE_BILL_HOST_H

/* Where a bill may be downloaded from. The link is the provider's word, and often plain http. */

#include <stdbool.h>

#include "bill.h"
#include "span.h"

/* True for http or https, visible bytes only, an authority of host and port alone, and one of the
 * account's bill_hosts; without any, the gateway's own host or the provider's documented one. A host
 * without a port means the scheme's own port. */
bool bill_host_allowed(struct span url, const struct adapter_account *account,
                       const struct adapter_bill *bill);

#endif
