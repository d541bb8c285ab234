/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_REAL_STORE_H
#define TALLYGATE_SIMULATE_REAL_STORE_H

/* A real PostgreSQL in the twin's place: each statement runs there while virtual time stands still, with the same fates as over
 * the twin, and what the books are judged by is read back into the twin's tables. */

#include "twin.h"

/* A database of the simulation's own, migrated; as its superuser. Statements run with the rights of tallygate_app. */
MUST_USE enum err real_store_open(const char *conninfo);
void real_store_close(void);

/* Empties the database, puts the twin's endpoints into it, and has the twin's statements run there. Does nothing, as the two
 * below, unless it is open. */
void real_store_begin(struct twin *twin);

/* The twin's tables become a copy of the database's. */
void real_store_read(struct twin *twin);

#endif
