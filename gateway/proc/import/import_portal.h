/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_IMPORT_IMPORT_PORTAL_H
#define TALLYGATE_PROC_IMPORT_IMPORT_PORTAL_H

/* Reading on in the portal's own database, from where the last reading came to (table portal_mark). */

#include "import_feed.h"

struct import_portal {
    struct db_session *session; /* serves this reading alone: it may hang as long as its limit */
    const struct import_kind *kind;
    struct span owner;
    bool (*enough)(void *context); /* asked after each batch: to go on another time? */
    void *context;
    struct progress *progress; /* counts the lines; NULL: nobody watches */

    int64_t tallies[IMPORT_VERDICT_COUNT]; /* of this reading */
};

/* Takes what changed since the mark, oldest first, and moves the mark as far as it came. A line that lost a race
 * leaves it where it is, to be read again; one that is refused for another reason waits for its next change. Errors:
 * those of the database, the portal's among them; what was stored before stays. */
MUST_USE enum err import_portal_read(struct import_portal *reading);

/* That a reading failed, noted over another session. */
MUST_USE enum err import_portal_failed(struct db_session *session, const struct import_kind *kind,
                                       struct span owner, enum err why);

#endif
