/* SPDX-License-Identifier: Apache-2.0 */
/* The asynchronous part of db.h over the twin. */
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "timer.h"
#include "twin_internal.h"

#define JOB_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* A statement first waits to be done, then to be heard. */
struct job {
    TAILQ_ENTRY(job) next;
    struct db *db;
    struct arena *arena;
    struct timer *timer;
    enum statement statement;
    struct db_params params;
    struct twin_chance chance;
    bool done_there;
    enum err err;
    struct db_rows *rows;
    const char *constraint;
    db_done done;
    void *context;
};

struct db {
    struct event_base *base;
    struct twin *twin; /* NULL: nobody is there */
    TAILQ_HEAD(, job) jobs;
};

enum err
db_open(struct event_base *base, const char *conninfo, int connections, int statement_ms,
        struct db **out)
{
    struct db *db = calloc(1, sizeof(*db));
    (void)connections;
    (void)statement_ms;
    if (db == NULL) {
        return ERR_NO_MEMORY;
    }
    db->base = base;
    db->twin = strcmp(conninfo, "twin") == 0 ? twin_offered() : NULL;
    TAILQ_INIT(&db->jobs);
    *out = db;
    return ERR_OK;
}

static void
job_free(struct job *job)
{
    timer_free(&job->timer);
    db_rows_free(&job->rows);
    arena_free(&job->arena);
    free(job);
}

void
db_close(struct db **db)
{
    if (db == NULL || *db == NULL) {
        return;
    }
    struct job *job;
    while ((job = TAILQ_FIRST(&(*db)->jobs)) != NULL) {
        TAILQ_REMOVE(&(*db)->jobs, job, next);
        job_free(job);
    }
    free(*db);
    *db = NULL;
}

bool
db_ready(const struct db *db)
{
    return db->twin != NULL;
}

bool
db_idle(const struct db *db)
{
    return TAILQ_EMPTY(&db->jobs);
}

static void
carry_out(struct job *job)
{
    struct twin *twin = job->db->twin;
    enum twin_fate fate = job->chance.fate;
    job->done_there = true;
    if (twin == NULL || fate == TWIN_AWAY || fate == TWIN_LOST) {
        job->err = fate == TWIN_LOST ? ERR_DB_OUTCOME : ERR_DB_AWAY;
        return;
    }
    twin->overtaken = fate == TWIN_OVERTAKEN;
    job->err = twin_run(twin, job->statement, &job->params, &job->rows, &job->constraint);
    twin->overtaken = false;
    if (fate == TWIN_UNHEARD) {
        job->err = ERR_DB_OUTCOME;
    }
}

static void
answer(struct job *job)
{
    const struct db_answer answer = { .err = job->err,
                                      .rows = job->err == ERR_OK ? job->rows : NULL,
                                      .constraint =
                                          job->err == ERR_DB_CONSTRAINT ? job->constraint : "" };
    TAILQ_REMOVE(&job->db->jobs, job, next);
    job->done(job->context, &answer);
    job_free(job);
}

static void
on_timer(void *context)
{
    struct job *job = context;
    if (!job->done_there) {
        carry_out(job);
        if (timer_arm(job->timer, job->chance.after_ms) == ERR_OK) {
            return;
        }
    }
    answer(job);
}

static enum err
copy_params(struct job *job, const struct db_params *params)
{
    db_params_init(&job->params, job->arena);
    if (params == NULL) {
        return ERR_OK;
    }
    TRY(params->err);
    job->params = *params;
    for (int i = 0; i < params->count; i++) {
        void *at = NULL;
        if (params->values[i] == NULL) {
            continue;
        }
        size_t length = (size_t)params->lengths[i];
        TRY(arena_alloc(job->arena, length + 1, &at));
        memcpy(at, params->values[i], length);
        job->params.values[i] = at;
    }
    return ERR_OK;
}

static enum err
job_start(struct job *job)
{
    struct twin *twin = job->db->twin;
    if (twin != NULL && twin->fates != NULL) {
        job->chance = twin->fates(twin->fates_context, job->statement);
    }
    TRY(timer_new(job->db->base, on_timer, job, &job->timer));
    return timer_arm(job->timer, job->chance.before_ms);
}

void
db_run(struct db *db, enum statement statement, const struct db_params *params, db_done done,
       void *context)
{
    struct job *job = calloc(1, sizeof(*job));
    enum err err = job == NULL ? ERR_NO_MEMORY : arena_new(JOB_ARENA_MAX, &job->arena);
    if (err == ERR_OK) {
        job->db = db;
        job->statement = statement;
        job->done = done;
        job->context = context;
        err = copy_params(job, params);
    }
    if (err == ERR_OK) {
        err = job_start(job);
    }
    if (err != ERR_OK) {
        const struct db_answer failed = { .err = err, .constraint = "" };
        if (job != NULL) {
            job_free(job);
        }
        done(context, &failed);
        return;
    }
    TAILQ_INSERT_TAIL(&db->jobs, job, next);
}
