/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_EXPIRY_H
#define TALLYGATE_PROC_EXPIRY_H

/* When keys and certificates end, for those who must change them in time: as gauges and as times. */

#include "account.h"
#include "buf.h"
#include "clock.h"
#include "config.h"

/* When the first certificate of listen.tls_certificate ends; 0 when none is configured. Errors: FILE_*,
 * CERT_PARSE. */
MUST_USE enum err expiry_tls(const struct config *config, struct wall_time *out);

/* Keys of the account that count at that time. */
size_t expiry_valid_keys(const struct adapter_account *account, struct wall_time now);

/* The gauges of metrics_gauge.def. What has ended counts on below zero. */
MUST_USE enum err expiry_encode(const struct accounts *accounts, struct wall_time tls_end,
                                struct wall_time now, struct buf *out);

#endif
