/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_KEYS_SPAWN_H
#define TALLYGATE_PROC_KEYS_SPAWN_H

/* A private keys process for a program that is not tallygated: the operator's CLI signs under the
 * same policy and never holds a key itself. */

#include "err.h"

struct keys_spawn;

/* Starts `tallygated --child keys` found beside the running program. *fd is the socket for
 * keys_client_new, which takes it. Errors: FILE_OPEN when there is no tallygated, SYSTEM, BUF_FULL,
 * NO_MEMORY. A refused configuration or key shows as KEYS_AWAY later; the child logs why. */
MUST_USE enum err keys_spawn_open(const char *config_path, struct keys_spawn **out, int *fd);

/* Ends the child and waits for it. Free the keys client first. */
void keys_spawn_close(struct keys_spawn **spawn);

#endif
