/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_KEYRING_H
#define TALLYGATE_PROC_FLOW_KEYRING_H

/* The providers' keys that change while we run. The database keeps those that were accepted; every
 * process judges them again and takes them into its accounts. A serial that nobody knows is written
 * down there, and the chores process asks the provider for it. */

#include "services.h"

struct keyring;

/* Loads at once, and again by itself: soon after somebody missed a key, else every minute. */
MUST_USE enum err keyring_new(struct services *services, struct keyring **out);
void keyring_free(struct keyring **keyring);

/* A message named this serial and could not be verified; an empty one says nothing. */
void keyring_missed(struct services *services, const struct adapter_account *account,
                    struct span serial);

/* For programs without a loop. Errors: those of db_session_run. */
MUST_USE enum err keyring_load(struct db_session *session, struct accounts *accounts);

/* Chores: asks each provider for its keys when it is time, or when a serial is wanted. */
void chore_keys(struct services *services);

#endif
