/* SPDX-License-Identifier: Apache-2.0 */
#include "parent.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "listener.h"
#include "log.h"
#include "log_level.h"
#include "metrics.h"
#include "parent_internal.h"
#include "start_check.h"

#define US_PER_MS 1000

void
parent_changed(struct parent *parent)
{
    bool all_ready = true;
    for (size_t i = 0; i < parent->slot_count; i++) {
        all_ready = all_ready && parent->slots[i].current.ready;
    }
    parent->settled = parent->settled || all_ready;
    enum err err = parent_file_write(parent);
    if (err != ERR_OK) {
        log_event(LOG_INTERNAL, LOG_ERR(err),
                  LOG_TEXT("message", "could not write the address file"));
    }
}

static struct timeval
drain_time(const struct parent *parent)
{
    int64_t drain_ms = config_int(parent->config, CONFIG_server_drain_ms, 0);
    return (struct timeval){ .tv_sec = drain_ms / 1000, .tv_usec = drain_ms % 1000 * US_PER_MS };
}

void
parent_leaving(struct parent *parent, const struct process *process)
{
    if (parent->leaving_count < PARENT_LEAVING_MAX) {
        parent->leaving[parent->leaving_count++] = *process;
    }
    struct timeval wait = drain_time(parent);
    (void)event_add(parent->overdue, &wait);
}

static void
replace_next(struct parent *parent)
{
    while (parent->rolling < parent->slot_count && !parent->stopping) {
        struct slot *slot = &parent->slots[parent->rolling];
        if (slot->current.pid > 0) {
            slot_replace(slot);
            return;
        }
        parent->rolling++; /* it waits to be started again and will read the new file by itself */
    }
}

/* Not before everybody replaced by the last round is gone: the next ones use the same sockets. */
static void
roll_if_asked(struct parent *parent)
{
    if (!parent->roll_again || parent->stopping || parent->rolling < parent->slot_count
        || parent->leaving_count > 0) {
        return;
    }
    parent->roll_again = false;
    parent->rolling = 0;
    replace_next(parent);
}

/* A replacement that failed ends the round: what still serves is better than what does not start. */
void
parent_replaced(struct parent *parent, bool success)
{
    if (parent->stopping || parent->rolling >= parent->slot_count) {
        return;
    }
    parent->rolling = success ? parent->rolling + 1 : parent->slot_count;
    replace_next(parent);
    roll_if_asked(parent);
}

/* The keys process goes last: those who finish their work still need signatures. */
static bool
others_are_gone(const struct parent *parent)
{
    for (size_t i = 0; i < parent->slot_count; i++) {
        if (parent->slots[i].role != CHILD_KEYS && !slot_is_empty(&parent->slots[i])) {
            return false;
        }
    }
    return parent->leaving_count == 0;
}

static void
stop_further(struct parent *parent)
{
    if (!parent->stopping || !others_are_gone(parent)) {
        return;
    }
    bool keys_left = false;
    for (size_t i = 0; i < parent->slot_count; i++) {
        struct slot *slot = &parent->slots[i];
        keys_left = keys_left || !slot_is_empty(slot);
        if (!slot_is_empty(slot)) {
            slot_stop(slot, SIGTERM);
        }
    }
    if (!keys_left) {
        (void)event_base_loopbreak(parent->base);
    }
}

static void
stop(struct parent *parent)
{
    if (parent->stopping) {
        return;
    }
    parent->stopping = true;
    log_event(LOG_STOPPING, LOG_I64("status", parent->status));
    for (int door = 0; door < HTTP_DOOR_COUNT; door++) {
        if (parent->listen_fds[door] >= 0) {
            (void)close(parent->listen_fds[door]); /* else the kernel would go on accepting */
            parent->listen_fds[door] = -1;
        }
    }
    for (size_t i = 0; i < parent->slot_count; i++) {
        if (parent->slots[i].role != CHILD_KEYS) {
            slot_stop(&parent->slots[i], SIGTERM);
        }
    }
    struct timeval wait = drain_time(parent);
    (void)event_add(parent->deadline, &wait);
    stop_further(parent);
}

void
parent_refused(struct parent *parent)
{
    parent->status = EXIT_TROUBLE;
    stop(parent);
}

static void
on_stop(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    stop(context);
}

static void
kill_leaving(const struct parent *parent)
{
    for (size_t i = 0; i < parent->leaving_count; i++) {
        (void)kill(parent->leaving[i].pid, SIGKILL);
    }
}

static void
on_overdue(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    kill_leaving(context);
}

static void
on_deadline(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct parent *parent = context;
    for (size_t i = 0; i < parent->slot_count; i++) {
        slot_stop(&parent->slots[i], SIGKILL);
    }
    kill_leaving(parent);
}

/* The parent keeps the configuration it started with; doors and counts need a new start. */
static void
on_reload(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct parent *parent = context;
    DEFER(config_free) struct config *config = NULL;
    struct config_fault fault;
    enum err err = config_load(parent->config_path, &config, &fault);
    if (err == ERR_OK) {
        err = start_check(parent->config_path, config, &fault);
    }
    if (err != ERR_OK) {
        child_refuse_config(err, &fault);
        return;
    }
    log_event(LOG_RELOADED, LOG_TEXT("file", parent->config_path));
    parent->roll_again = true;
    roll_if_asked(parent);
}

static bool
forget_leaving(struct parent *parent, pid_t pid)
{
    for (size_t i = 0; i < parent->leaving_count; i++) {
        if (parent->leaving[i].pid == pid) {
            metrics_ended(parent->leaving[i].row);
            parent->leaving[i] = parent->leaving[--parent->leaving_count];
            return true;
        }
    }
    return false;
}

static void
on_child(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct parent *parent = context;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        bool found = forget_leaving(parent, pid);
        for (size_t i = 0; i < parent->slot_count && !found; i++) {
            found = slot_reap(&parent->slots[i], pid, status);
        }
    }
    stop_further(parent);
    roll_if_asked(parent);
}

static enum err
open_listeners(struct parent *parent)
{
    static const struct {
        enum http_door door;
        enum config_setting setting;
        const char *name;
    } doors[] = {
        { HTTP_DOOR_API, CONFIG_listen_api, "api" },
        { HTTP_DOOR_CALLBACKS, CONFIG_listen_callbacks, "callbacks" },
        { HTTP_DOOR_OPS, CONFIG_listen_ops, "ops" },
    };
    for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++) {
        const char *address = config_text(parent->config, doors[i].setting, 0);
        enum err err = listener_open(address, &parent->listen_fds[doors[i].door]);
        if (err != ERR_OK) {
            log_event(LOG_CONFIG_REFUSED, LOG_ERR(err), LOG_TEXT("setting", doors[i].name),
                      LOG_TEXT("message", "could not listen"), LOG_TEXT("address", address));
            return err;
        }
        DEFER(buf_fini) struct buf url = BUF_MAX(160);
        TRY(listener_url(parent->listen_fds[doors[i].door], false, &url));
        log_event(LOG_LISTENING, LOG_TEXT("door", doors[i].name),
                  LOG_SPAN("address", span_sub(buf_span(&url), sizeof("http://") - 1, url.len)));
    }
    return ERR_OK;
}

static size_t
worker_count(const struct config *config)
{
    int64_t count = config_int(config, CONFIG_server_workers, 0);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    count = count > 0 ? count : cores > 0 ? cores : 1;
    return count < PARENT_WORKERS_MAX ? (size_t)count : PARENT_WORKERS_MAX;
}

static enum err
open_slots(struct parent *parent)
{
    slot_init(parent, CHILD_KEYS);
    slot_init(parent, CHILD_CHORES);
    slot_init(parent, CHILD_NIGHT);
    for (size_t i = worker_count(parent->config); i > 0; i--) {
        slot_init(parent, CHILD_WORKER);
    }
    parent->rolling = parent->slot_count;
    for (size_t i = 0; i < parent->slot_count; i++) {
        TRY(slot_open(&parent->slots[i]));
    }
    return ERR_OK;
}

static enum err
open_events(struct parent *parent)
{
    static const struct {
        int number;
        event_callback_fn run;
    } rows[] = {
        { SIGTERM, on_stop }, { SIGINT, on_stop }, { SIGHUP, on_reload }, { SIGCHLD, on_child }
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        parent->signals[i] = evsignal_new(parent->base, rows[i].number, rows[i].run, parent);
        if (parent->signals[i] == NULL || event_add(parent->signals[i], NULL) != 0) {
            return ERR_NO_MEMORY;
        }
    }
    parent->deadline = event_new(parent->base, -1, 0, on_deadline, parent);
    parent->overdue = event_new(parent->base, -1, 0, on_overdue, parent);
    return parent->deadline == NULL || parent->overdue == NULL ? ERR_NO_MEMORY : ERR_OK;
}

static enum err
start(struct parent *parent)
{
    const char *run_dir = config_text(parent->config, CONFIG_server_run_dir, 0);
    if (mkdir(run_dir, 0755) != 0 && errno != EEXIST) {
        return ERR_FILE_WRITE;
    }
    TRY(open_listeners(parent));
    TRY(metrics_create(&parent->metrics_fd));
    TRY(metrics_attach(parent->metrics_fd, 0));
    parent->base = event_base_new();
    if (parent->base == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(open_slots(parent));
    TRY(open_events(parent));
    for (size_t i = 0; i < parent->slot_count; i++) {
        slot_start(&parent->slots[i]);
    }
    return ERR_OK;
}

static void
finish(struct parent *parent)
{
    parent_file_remove(parent);
    for (size_t i = 0; i < parent->slot_count; i++) {
        slot_fini(&parent->slots[i]);
    }
    for (size_t i = 0; i < sizeof(parent->signals) / sizeof(parent->signals[0]); i++) {
        if (parent->signals[i] != NULL) {
            event_free(parent->signals[i]);
        }
    }
    if (parent->deadline != NULL) {
        event_free(parent->deadline);
    }
    if (parent->overdue != NULL) {
        event_free(parent->overdue);
    }
    if (parent->base != NULL) {
        event_base_free(parent->base);
    }
}

int
parent_main(const char *config_path, const struct config *config)
{
    log_open(child_role_name(CHILD_NONE), log_level_of(config));
    clock_wall_shift(config_int(config, CONFIG_server_clock_shift_s, 0));
    struct parent *parent = calloc(1, sizeof(*parent));
    if (parent == NULL) {
        return EXIT_TROUBLE;
    }
    parent->config_path = config_path;
    parent->config = config;
    parent->status = EXIT_YES;
    for (int door = 0; door < HTTP_DOOR_COUNT; door++) {
        parent->listen_fds[door] = -1;
    }
    enum err err = start(parent);
    if (err == ERR_OK) {
        log_event(LOG_STARTED, LOG_I64("children", (int64_t)parent->slot_count));
        (void)event_base_dispatch(parent->base);
        log_event(LOG_STOPPED, LOG_I64("status", parent->status));
    } else {
        log_event(LOG_INTERNAL, LOG_ERR(err), LOG_TEXT("message", "could not start"));
        parent->status = EXIT_TROUBLE;
    }
    int status = parent->status;
    finish(parent);
    free(parent);
    return status;
}
