/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_START_CHECK_H
#define TALLYGATE_PROC_START_CHECK_H

/* Rules of the configuration that look beyond single settings and beyond the file: what `-n` finds
 * before a start would. Reads no private key. */

#include "config.h"

/* Errors: CONFIG_VALUE, CONFIG_MISSING, and those of accounts_load; *fault says where. */
MUST_USE enum err start_check(const char *path, const struct config *config,
                              struct config_fault *fault);

#endif
