/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_CONFIG_MANUAL_H
#define TALLYGATE_PROC_CONFIG_MANUAL_H

/* tallygate.conf(5), written from the same rows that the parser reads. */

#include "buf.h"
#include "err.h"

/* Appends the page in roff. Errors: BUF_FULL, NO_MEMORY. */
MUST_USE enum err config_manual(struct buf *out);

#endif
