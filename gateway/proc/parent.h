/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_PARENT_H
#define TALLYGATE_PROC_PARENT_H

/* The parent: opens the doors, starts the children, starts them again when they die, replaces them on
 * SIGHUP and drains them on SIGTERM. It parses nothing that comes from outside. */

#include "config.h"

/* Runs until SIGTERM or SIGINT. `config_path` is read again by the children and on SIGHUP; `config`
 * is the file already checked, and stays the caller's. Returns an exit status. */
int parent_main(const char *config_path, const struct config *config);

#endif
