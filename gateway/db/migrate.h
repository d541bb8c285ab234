/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_DB_MIGRATE_H
#define TALLYGATE_DB_MIGRATE_H

/* Forward-only, numbered, one transaction each, self-registering with the SHA-256 of their text. */

#include "db.h"

/* Applies what is missing; *applied counts, and so does `progress`, of all (NULL: nobody watches). A migration whose text changed after it was applied is
 * refused (DB_SCHEMA). Safe when two programs do it at once. */
struct progress;
MUST_USE enum err migrate_up(struct db_session *session, struct progress *progress, int *applied);

/* DB_SCHEMA unless exactly the migrations of this program are applied. */
MUST_USE enum err migrate_check(struct db_session *session);

#endif
