/* SPDX-License-Identifier: Apache-2.0 */
#include "import_portal.h"

#define ARENA_BYTES ((size_t)64 * 1024)

struct taking {
    struct import_portal *reading;
    bool raced; /* a line is to be read again */
};

static enum err
find_mark(const struct import_portal *reading, struct wall_time *since)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    DEFER(arena_free) struct arena *arena = NULL;
    struct db_params params;
    TRY(arena_new(ARENA_BYTES, &arena));
    db_params_init(&params, arena);
    db_text(&params, reading->owner);
    db_cstr(&params, reading->kind->name);
    TRY(db_session_run(reading->session, STATEMENT_portal_mark_find, &params, &rows));
    if (db_rows_count(rows) == 1 && !db_row_null(rows, 0, "since")) {
        *since = db_row_time(rows, 0, "since");
    }
    return ERR_OK;
}

static enum err
put_mark(struct db_session *session, const struct import_kind *kind, struct span owner,
         struct wall_time changed_at, const char *trouble)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct db_params params;
    TRY(arena_new(ARENA_BYTES, &arena));
    db_params_init(&params, arena);
    db_text(&params, owner);
    db_cstr(&params, kind->name);
    db_time(&params, changed_at);
    db_time(&params, clock_wall());
    db_cstr(&params, trouble);
    return db_session_run(session, STATEMENT_portal_mark_put, &params, NULL);
}

static enum err
told(void *context, const struct import_batch *batch)
{
    struct taking *taking = context;
    struct import_portal *reading = taking->reading;
    for (int verdict = 0; verdict < IMPORT_VERDICT_COUNT; verdict++) {
        reading->tallies[verdict] +=
            (int64_t)import_batch_tally(batch, (enum import_verdict)verdict);
    }
    for (size_t i = 0; i < batch->count; i++) {
        taking->raced = taking->raced || batch->lines[i].err == ERR_LOST_RACE;
    }
    return ERR_OK;
}

static enum err
read_on(struct import_portal *reading, struct import_feed *feed, struct wall_time *reached)
{
    struct wall_time since = { .us = 1 };
    struct import_view view = { .enough = reading->enough, .context = reading->context };
    TRY(find_mark(reading, &since));
    TRY(import_feed_open(feed));
    view.since = since;
    enum err err = import_feed_view(feed, &view);
    *reached = view.reached;
    return err;
}

enum err
import_portal_read(struct import_portal *reading)
{
    struct taking taking = { .reading = reading };
    struct import_feed feed = { .session = reading->session,
                                .kind = reading->kind,
                                .owner = reading->owner,
                                .told = told,
                                .context = &taking,
                                .progress = reading->progress };
    struct wall_time reached = { 0 };
    enum err err = read_on(reading, &feed, &reached);
    import_feed_close(&feed);
    TRY(err);
    return put_mark(reading->session, reading->kind, reading->owner,
                    taking.raced ? (struct wall_time){ 0 } : reached, "");
}

enum err
import_portal_failed(struct db_session *session, const struct import_kind *kind, struct span owner,
                     enum err why)
{
    return put_mark(session, kind, owner, (struct wall_time){ 0 }, err_name(why));
}
