/* SPDX-License-Identifier: Apache-2.0 */
#include "db.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "db_internal.h"
#include "metrics.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000

struct link;

/* One statement on its way; parameters are its own. Its deadline runs from the moment it was asked
 * for, whether it waits or is being carried out. */
struct job {
    STAILQ_ENTRY(job) next;
    struct db *db;
    struct link *link; /* that carries it out; NULL while it waits */
    struct event *deadline;
    enum statement statement;
    struct db_params params;
    struct arena *arena;
    db_done done;
    void *context;
};

STAILQ_HEAD(job_list, job);

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_IDLE, LINK_PREPARING, LINK_RUNNING };

struct link {
    struct db *db;
    PGconn *conn;
    enum link_state state;
    struct event *socket;
    struct event *timer; /* limit of connecting, or back-off while down */
    struct job *job;
    PGresult *result; /* the last one of the running statement */
    bool prepared[STATEMENT_COUNT];
    bool lost_wait;
    int backoff_ms;
};

struct db {
    struct event_base *base;
    char *conninfo;
    int statement_ms;
    struct job_list waiting;
    size_t waiting_count;
    struct event *kick; /* hands out work and failures from the loop, never from inside db_run */
    int link_count;
    struct link links[];
};

static void link_start(struct link *link);
static void hand_out(struct db *db);

static void
job_free(struct job *job)
{
    if (job->deadline != NULL) {
        event_free(job->deadline);
    }
    arena_free(&job->arena);
    free(job);
}

static void
job_finish(struct job *job, enum err err, const struct db_rows *rows, const char *constraint)
{
    struct db_answer answer = { .err = err, .rows = rows, .constraint = constraint };
    metrics_add(METRIC_DB_STATEMENTS_TOTAL, 1);
    if (err != ERR_OK) {
        metrics_add(METRIC_DB_ERRORS_TOTAL, 1);
    }
    job->done(job->context, &answer);
    job_free(job);
}

static int
arm(struct event *timer, int ms)
{
    struct timeval wait = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };
    return event_add(timer, &wait);
}

static void
arm_timer(struct link *link, int ms)
{
    (void)arm(link->timer, ms);
}

static void
drop_socket(struct link *link)
{
    if (link->socket != NULL) {
        event_free(link->socket);
        link->socket = NULL;
    }
}

/* The connection is gone or not to be trusted any more. A statement that was sent may have taken
 * effect: its caller reads again by key. */
static void
link_drop(struct link *link)
{
    bool stood = link->state >= LINK_IDLE;
    bool sent = link->state == LINK_RUNNING;
    struct job *job = link->job;
    drop_socket(link);
    PQclear(link->result);
    PQfinish(link->conn);
    link->result = NULL;
    link->conn = NULL;
    link->job = NULL;
    link->state = LINK_DOWN;
    link->lost_wait = false;
    memset(link->prepared, 0, sizeof(link->prepared));
    metrics_add(METRIC_DB_CONNECTIONS, stood ? -1 : 0);
    arm_timer(link, link->backoff_ms);
    link->backoff_ms =
        link->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : link->backoff_ms * 2;
    if (job != NULL) {
        job_finish(job, sent ? ERR_DB_OUTCOME : ERR_DB_AWAY, NULL, "");
    }
    event_active(link->db->kick, EV_TIMEOUT, 0);
}

static void
on_notice(void *context, const PGresult *notice)
{
    struct link *link = context;
    link->lost_wait = link->lost_wait || db_is_lost_wait(notice);
}

static void
link_send(struct link *link)
{
    struct job *job = link->job;
    const struct statement_file *file = &statement_files[job->statement];
    bool prepared = link->prepared[job->statement];
    int sent = prepared ? PQsendQueryPrepared(link->conn, file->name, job->params.count,
                                              job->params.values, job->params.lengths,
                                              job->params.formats, 0)
                        : PQsendPrepare(link->conn, file->name, (const char *)file->at, 0, NULL);
    link->state = prepared ? LINK_RUNNING : LINK_PREPARING;
    if (sent != 1 || PQflush(link->conn) < 0) {
        link_drop(link);
    }
}

static void
link_take(struct link *link, struct job *job)
{
    link->job = job;
    job->link = link;
    link_send(link);
}

/* All results of the command have come. */
static void
link_complete(struct link *link)
{
    struct job *job = link->job;
    char constraint[DB_CONSTRAINT_NAME_MAX];
    enum err err = db_classify(link->result, link->state == LINK_RUNNING, constraint);
    if (link->state == LINK_PREPARING && err == ERR_OK) {
        link->prepared[job->statement] = true;
        PQclear(link->result);
        link->result = NULL;
        link_send(link);
        return;
    }
    if (PQstatus(link->conn) != CONNECTION_OK) {
        link_drop(link);
        return;
    }
    if (err == ERR_OK && link->lost_wait) {
        err = ERR_DB_OUTCOME;
    }
    struct db_rows rows = { .result = link->result };
    link->result = NULL;
    link->job = NULL;
    link->lost_wait = false;
    link->state = LINK_IDLE;
    job_finish(job, err, err == ERR_OK ? &rows : NULL, constraint);
    PQclear(rows.result);
    hand_out(link->db);
}

static void
link_read(struct link *link)
{
    if (PQconsumeInput(link->conn) != 1 || PQflush(link->conn) < 0) {
        link_drop(link);
        return;
    }
    while ((link->state == LINK_RUNNING || link->state == LINK_PREPARING)
           && PQisBusy(link->conn) == 0) {
        PGresult *result = PQgetResult(link->conn);
        if (result == NULL) {
            link_complete(link);
            return;
        }
        PQclear(link->result);
        link->result = result;
    }
    if (link->state == LINK_IDLE && PQstatus(link->conn) != CONNECTION_OK) {
        link_drop(link);
    }
}

static void
on_ready(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    link_read(context);
}

static void
link_up(struct link *link)
{
    drop_socket(link);
    link->socket =
        event_new(link->db->base, PQsocket(link->conn), EV_READ | EV_PERSIST, on_ready, link);
    if (link->socket == NULL || event_add(link->socket, NULL) != 0
        || PQsetnonblocking(link->conn, 1) != 0) {
        link_drop(link);
        return;
    }
    link->state = LINK_IDLE;
    link->backoff_ms = BACKOFF_MIN_MS;
    (void)event_del(link->timer);
    metrics_add(METRIC_DB_CONNECTIONS, 1);
    hand_out(link->db);
}

static void on_connecting(evutil_socket_t fd, short what, void *context);

static void
watch_connecting(struct link *link, short what)
{
    drop_socket(link);
    link->socket = event_new(link->db->base, PQsocket(link->conn), what, on_connecting, link);
    if (link->socket == NULL || event_add(link->socket, NULL) != 0) {
        link_drop(link);
    }
}

static void
on_connecting(evutil_socket_t fd, short what, void *context)
{
    struct link *link = context;
    (void)fd;
    (void)what;
    switch (PQconnectPoll(link->conn)) {
    case PGRES_POLLING_OK:
        link_up(link);
        break;
    case PGRES_POLLING_READING:
        watch_connecting(link, EV_READ);
        break;
    case PGRES_POLLING_WRITING:
        watch_connecting(link, EV_WRITE);
        break;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE:
        link_drop(link);
        break;
    }
}

static void
link_start(struct link *link)
{
    struct db_keywords keywords;
    db_keywords_fill(link->db->conninfo, &keywords);
    link->conn = PQconnectStartParams(keywords.names, keywords.values, 1);
    link->state = LINK_CONNECTING;
    if (link->conn == NULL || PQstatus(link->conn) == CONNECTION_BAD) {
        link_drop(link);
        return;
    }
    (void)PQsetNoticeReceiver(link->conn, on_notice, link);
    arm_timer(link, DB_CONNECT_MS);
    watch_connecting(link, EV_WRITE);
}

/* Connecting took too long, unless the link was only waiting to try again. */
static void
on_link_timer(evutil_socket_t fd, short what, void *context)
{
    struct link *link = context;
    (void)fd;
    (void)what;
    if (link->state == LINK_DOWN) {
        link_start(link);
    } else {
        link_drop(link);
    }
}

static struct link *
idle_link(struct db *db)
{
    for (int i = 0; i < db->link_count; i++) {
        if (db->links[i].state == LINK_IDLE) {
            return &db->links[i];
        }
    }
    return NULL;
}

bool
db_ready(const struct db *db)
{
    for (int i = 0; i < db->link_count; i++) {
        if (db->links[i].state >= LINK_IDLE) {
            return true;
        }
    }
    return false;
}

static bool
any_connecting(const struct db *db)
{
    for (int i = 0; i < db->link_count; i++) {
        if (db->links[i].state == LINK_CONNECTING) {
            return true;
        }
    }
    return false;
}

static void
hand_out(struct db *db)
{
    struct link *link;
    while (!STAILQ_EMPTY(&db->waiting) && (link = idle_link(db)) != NULL) {
        struct job *job = STAILQ_FIRST(&db->waiting);
        STAILQ_REMOVE_HEAD(&db->waiting, next);
        db->waiting_count--;
        link_take(link, job);
    }
}

/* With no connection standing or coming, waiting would only hide that nothing was stored. */
static void
on_kick(evutil_socket_t fd, short what, void *context)
{
    struct db *db = context;
    (void)fd;
    (void)what;
    hand_out(db);
    while (!STAILQ_EMPTY(&db->waiting) && !db_ready(db) && !any_connecting(db)) {
        struct job *job = STAILQ_FIRST(&db->waiting);
        STAILQ_REMOVE_HEAD(&db->waiting, next);
        db->waiting_count--;
        job_finish(job, ERR_DB_AWAY, NULL, "");
    }
}

/* What still waits was never sent. What was sent may take effect after all: its link is given up. */
static void
on_deadline(evutil_socket_t fd, short what, void *context)
{
    struct job *job = context;
    struct db *db = job->db;
    (void)fd;
    (void)what;
    if (job->link != NULL) {
        link_drop(job->link);
        return;
    }
    STAILQ_REMOVE(&db->waiting, job, job, next);
    db->waiting_count--;
    job_finish(job, ERR_DB_AWAY, NULL, "");
}

static enum err
links_init(struct db *db)
{
    for (int i = 0; i < db->link_count; i++) {
        struct link *link = &db->links[i];
        link->db = db;
        link->backoff_ms = BACKOFF_MIN_MS;
        link->timer = event_new(db->base, -1, 0, on_link_timer, link);
        if (link->timer == NULL) {
            return ERR_NO_MEMORY;
        }
        link_start(link);
    }
    return ERR_OK;
}

enum err
db_open(struct event_base *base, const char *conninfo, int connections, int statement_ms,
        struct db **out)
{
    struct db *db = calloc(1, sizeof(*db) + (size_t)connections * sizeof(struct link));
    if (db == NULL) {
        return ERR_NO_MEMORY;
    }
    STAILQ_INIT(&db->waiting);
    db->base = base;
    db->statement_ms = statement_ms;
    db->link_count = connections;
    db->conninfo = strdup(conninfo);
    db->kick = event_new(base, -1, EV_PERSIST, on_kick, db);
    enum err err = db->conninfo == NULL || db->kick == NULL ? ERR_NO_MEMORY : links_init(db);
    if (err != ERR_OK) {
        db_close(&db);
        return err;
    }
    *out = db;
    return ERR_OK;
}

bool
db_idle(const struct db *db)
{
    for (int i = 0; i < db->link_count; i++) {
        if (db->links[i].job != NULL) {
            return false;
        }
    }
    return db->waiting_count == 0;
}

void
db_close(struct db **db)
{
    if (db == NULL || *db == NULL) {
        return;
    }
    for (int i = 0; i < (*db)->link_count; i++) {
        struct link *link = &(*db)->links[i];
        drop_socket(link);
        PQclear(link->result);
        PQfinish(link->conn);
        if (link->timer != NULL) {
            event_free(link->timer);
        }
        if (link->job != NULL) {
            job_free(link->job);
        }
    }
    while (!STAILQ_EMPTY(&(*db)->waiting)) {
        struct job *job = STAILQ_FIRST(&(*db)->waiting);
        STAILQ_REMOVE_HEAD(&(*db)->waiting, next);
        job_free(job);
    }
    if ((*db)->kick != NULL) {
        event_free((*db)->kick);
    }
    free((*db)->conninfo);
    free(*db);
    *db = NULL;
}

#define JOB_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* Parameters are copied value by value: the caller's arena may go away first. */
static enum err
copy_params(struct job *job, const struct db_params *params)
{
    db_params_init(&job->params, job->arena);
    if (params == NULL) {
        return ERR_OK;
    }
    TRY(params->err);
    job->params.count = params->count;
    for (int i = 0; i < params->count; i++) {
        if (params->values[i] != NULL) {
            struct span value = span_make(params->values[i], (size_t)params->lengths[i]);
            void *at = NULL;
            TRY(arena_alloc(job->arena, value.len + 1, &at));
            memcpy(at, value.at, value.len);
            job->params.values[i] = at;
        }
        job->params.lengths[i] = params->lengths[i];
        job->params.formats[i] = params->formats[i];
    }
    return ERR_OK;
}

static enum err
job_arm(struct job *job, struct db *db)
{
    job->db = db;
    job->deadline = event_new(db->base, -1, 0, on_deadline, job);
    return job->deadline != NULL && arm(job->deadline, db->statement_ms) == 0 ? ERR_OK
                                                                              : ERR_NO_MEMORY;
}

/* What cannot even be queued is answered at once: there is no memory to answer it later with. */
void
db_run(struct db *db, enum statement statement, const struct db_params *params, db_done done,
       void *context)
{
    struct job *job = calloc(1, sizeof(*job));
    enum err err = job == NULL ? ERR_NO_MEMORY : arena_new(JOB_ARENA_MAX, &job->arena);
    if (err == ERR_OK) {
        err = copy_params(job, params);
    }
    if (err == ERR_OK && db->waiting_count >= DB_WAITING_MAX) {
        err = ERR_OVERLOADED;
    }
    if (err == ERR_OK) {
        err = job_arm(job, db);
    }
    if (err != ERR_OK) {
        struct db_answer answer = { .err = err, .rows = NULL, .constraint = "" };
        if (job != NULL) {
            job_free(job);
        }
        done(context, &answer);
        return;
    }
    job->statement = statement;
    job->done = done;
    job->context = context;
    STAILQ_INSERT_TAIL(&db->waiting, job, next);
    db->waiting_count++;
    event_active(db->kick, EV_TIMEOUT, 0);
}
