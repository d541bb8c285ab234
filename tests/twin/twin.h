/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_TWIN_TWIN_H
#define TALLYGATE_TESTS_TWIN_TWIN_H

/* A twin of the PostgreSQL store in memory, behind the same db.h: it runs the statements of sql/queries by
 * their number, with the meaning that tests/store asks of both. One statement one transaction, one after
 * the other: what PostgreSQL makes of two at once is told by its own tests. */

#include "db.h"

struct twin;

enum twin_fate {
    TWIN_DONE,     /* as it should be */
    TWIN_AWAY,     /* nothing was done, and we know */
    TWIN_LOST,     /* nothing was done, and we cannot know */
    TWIN_UNHEARD,  /* done, but the answer got lost */
    TWIN_OVERTAKEN /* another writer came first: a change of money state finds its row moved */
};

/* What becomes of a statement, and when: decided by a simulation. `after_ms` is from asking to the answer. */
struct twin_chance {
    enum twin_fate fate;
    int64_t before_ms; /* until it is done */
    int64_t after_ms;  /* from then until it is heard */
};
typedef struct twin_chance (*twin_fates)(void *context, enum statement statement);

MUST_USE enum err twin_new(struct twin **out);
void twin_free(struct twin **twin);

/* The twin that db_open and db_session_open reach by the conninfo "twin"; any other finds nobody. NULL: none. */
void twin_offer(struct twin *twin);

/* NULL: every statement is done at once. */
void twin_fates_set(struct twin *twin, twin_fates fates, void *context);

/* Told before the store works for somebody and after it, so that its memory need not be taken for theirs. */
typedef void (*twin_border)(bool inside);
void twin_border_set(struct twin *twin, twin_border border);

/* An address that is told of everything that happens to its owner's payments. */
void twin_endpoint_add(struct twin *twin, const char *id, const char *owner, const char *url);

/* Who runs the statements in the twin's place; its tables then are a copy, made by twin_clear and twin_insert. `overtaken`: the
 * statement finds its row moved by another. The rows are filled as twin_internal.h has it. */
typedef enum err (*twin_store)(enum statement statement, const struct db_params *params,
                               bool overtaken, struct db_rows *rows, const char **constraint);
void twin_store_set(struct twin *twin, twin_store store);
void twin_clear(struct twin *twin);

/* Faults of the store itself, with which a check shows that it can fail. */
enum twin_flaw {
    TWIN_FLAW_NONE,
    TWIN_FLAW_TWICE,          /* a repeated statement is applied again */
    TWIN_FLAW_NO_EVIDENCE,    /* the evidence of a change is forgotten */
    TWIN_FLAW_NO_OUTBOX,      /* the notice of a change is forgotten */
    TWIN_FLAW_REGRESS,        /* word that changes nothing takes a paid attempt back */
    TWIN_FLAW_SILENCE_CLOSES, /* no answer closes */
    TWIN_FLAW_UNRESERVED,     /* what is to go back is not reserved */
    TWIN_FLAW_UNAPPROVED,     /* what somebody asks for counts as approved */
    TWIN_FLAW_UNSEALED,       /* chains count as sealed that no checkpoint names */
    TWIN_FLAW_COUNT
};
void twin_flaw_set(struct twin *twin, enum twin_flaw flaw);

#endif
