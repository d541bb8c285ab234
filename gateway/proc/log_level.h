/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_LOG_LEVEL_H
#define TALLYGATE_PROC_LOG_LEVEL_H

/* The log level of the configuration. */

#include "config.h"
#include "log.h"

/* Errors: CONFIG_VALUE unless it is `debug`, `info`, `warn` or `error`. */
MUST_USE enum err log_level_decode(struct span s, enum log_level *out);

/* The level in force; info when the word is none of ours (the parent refuses such a file). */
enum log_level log_level_of(const struct config *config);

#endif
