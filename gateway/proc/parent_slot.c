/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "log.h"
#include "metrics.h"
#include "parent_internal.h"

#define SELF      "/proc/self/exe"
#define US_PER_MS 1000

void
slot_init(struct parent *parent, enum child_role role)
{
    struct slot *slot = &parent->slots[parent->slot_count++];
    *slot = (struct slot){ .parent = parent,
                           .role = role,
                           .pairs = { { -1, -1 }, { -1, -1 } },
                           .backoff_ms = BACKOFF_MIN_MS };
    slot->current.ready_fd = -1;
    slot->next.ready_fd = -1;
}

static void
on_restart(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    slot_start(context);
}

enum err
slot_open(struct slot *slot)
{
    slot->restart = event_new(slot->parent->base, -1, 0, on_restart, slot);
    if (slot->restart == NULL) {
        return ERR_NO_MEMORY;
    }
    if (slot->role == CHILD_KEYS) {
        return ERR_OK;
    }
    TRY(ipc_pair(slot->pairs[0]));
    return ipc_pair(slot->pairs[1]);
}

static void
fill_keys_fds(const struct slot *slot, int parity, struct child_plan *plan)
{
    if (slot->role != CHILD_KEYS) {
        plan->keys_fds[plan->keys_count++] = slot->pairs[parity][0];
        return;
    }
    const struct parent *parent = slot->parent;
    for (size_t i = 0; i < parent->slot_count; i++) {
        for (size_t k = 0; k < 2 && parent->slots[i].role != CHILD_KEYS; k++) {
            plan->keys_fds[plan->keys_count++] = parent->slots[i].pairs[k][1];
        }
    }
}

/* The chores process takes no connection, but the callbacks door tells it its public address. */
static void
fill_plan(const struct slot *slot, int parity, struct child_plan *plan)
{
    const struct parent *parent = slot->parent;
    child_plan_init(plan, slot->role, parent->config_path);
    plan->row = 1 + 2 * (int)(slot - parent->slots) + parity;
    plan->metrics_fd = parent->metrics_fd;
    for (int door = HTTP_DOOR_NONE + 1; door < HTTP_DOOR_COUNT; door++) {
        bool needed = slot->role == CHILD_WORKER
                      || (slot->role == CHILD_CHORES && door == HTTP_DOOR_CALLBACKS);
        plan->listen_fds[door] = needed ? parent->listen_fds[door] : -1;
    }
    fill_keys_fds(slot, parity, plan);
}

static void
stop_waiting(struct process *process)
{
    if (process->ready_event != NULL) {
        event_free(process->ready_event);
        process->ready_event = NULL;
    }
    if (process->ready_fd >= 0) {
        (void)close(process->ready_fd);
        process->ready_fd = -1;
    }
}

/* The replacement serves: the old process drains, and the new one takes its place. */
static void
take_over(struct slot *slot)
{
    stop_waiting(&slot->current);
    if (slot->current.pid > 0) {
        (void)kill(slot->current.pid, SIGTERM);
        parent_leaving(slot->parent, &slot->current);
    }
    (void)event_del(slot->restart);
    slot->current = slot->next;
    slot->next = (struct process){ .ready_fd = -1 };
    parent_changed(slot->parent);
    parent_replaced(slot->parent, true);
}

/* One byte means that the child serves; an end without it is told by SIGCHLD. */
static void
on_ready(evutil_socket_t fd, short what, void *context)
{
    (void)what;
    struct slot *slot = context;
    bool is_next = slot->next.ready_fd == fd;
    struct process *process = is_next ? &slot->next : &slot->current;
    char byte;
    process->ready = read(fd, &byte, 1) == 1;
    stop_waiting(process);
    if (process->ready && is_next) {
        take_over(slot);
    } else if (process->ready) {
        parent_changed(slot->parent);
    }
}

static enum err
launch(struct slot *slot, struct process *process, int parity)
{
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0) {
        return ERR_SYSTEM;
    }
    struct child_plan plan;
    fill_plan(slot, parity, &plan);
    plan.ready_fd = ready[1];
    *process = (struct process){
        .parity = parity, .row = plan.row, .ready_fd = ready[0], .began = clock_mono()
    };
    enum err err = ipc_start(SELF, &plan, &process->pid);
    (void)close(ready[1]);
    process->ready_event = event_new(slot->parent->base, ready[0], EV_READ, on_ready, slot);
    if (err == ERR_OK
        && (process->ready_event == NULL || event_add(process->ready_event, NULL) != 0)) {
        stop_waiting(process); /* it runs, unwatched: SIGCHLD still tells when it ends */
    }
    if (err != ERR_OK) {
        stop_waiting(process);
        process->pid = 0;
    }
    return err;
}

static void
retry_later(struct slot *slot)
{
    struct timeval wait = { .tv_sec = slot->backoff_ms / 1000,
                            .tv_usec = slot->backoff_ms % 1000 * US_PER_MS };
    if (event_add(slot->restart, &wait) != 0) {
        log_event(LOG_INTERNAL, LOG_TEXT("message", "could not set the restart timer"));
    }
    slot->backoff_ms =
        slot->backoff_ms * 2 < BACKOFF_MAX_MS ? slot->backoff_ms * 2 : BACKOFF_MAX_MS;
}

void
slot_start(struct slot *slot)
{
    if (slot->parent->stopping || slot->current.pid > 0) {
        return;
    }
    enum err err = launch(slot, &slot->current, slot->current.parity);
    if (err != ERR_OK) {
        log_event(LOG_INTERNAL, LOG_ERR(err), LOG_TEXT("message", "could not start a child"));
        retry_later(slot);
        return;
    }
    log_event(LOG_CHILD_STARTED, LOG_TEXT("role", child_role_name(slot->role)),
              LOG_I64("child", slot->current.pid));
    parent_changed(slot->parent);
}

void
slot_replace(struct slot *slot)
{
    enum err err = launch(slot, &slot->next, 1 - slot->current.parity);
    if (err != ERR_OK) {
        log_event(LOG_INTERNAL, LOG_ERR(err), LOG_TEXT("message", "could not start a child"));
        parent_replaced(slot->parent, false);
        return;
    }
    log_event(LOG_CHILD_STARTED, LOG_TEXT("role", child_role_name(slot->role)),
              LOG_I64("child", slot->next.pid));
}

static void
log_death(const struct slot *slot, pid_t pid, int status, int retry_ms)
{
    log_event(LOG_CHILD_DIED, LOG_TEXT("role", child_role_name(slot->role)), LOG_I64("child", pid),
              LOG_I64("status", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
              LOG_I64("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
              LOG_I64("restart_in_ms", retry_ms));
}

static void
reap_current(struct slot *slot, pid_t pid, int status)
{
    bool refused = !slot->current.ready && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_TROUBLE;
    if (clock_mono_ms_since(slot->current.began) >= BACKOFF_FORGET_MS) {
        slot->backoff_ms = BACKOFF_MIN_MS;
    }
    stop_waiting(&slot->current);
    metrics_ended(slot->current.row);
    slot->current.pid = 0;
    slot->current.ready = false;
    if (slot->parent->stopping) {
        return;
    }
    log_death(slot, pid, status, slot->backoff_ms);
    if (refused && !slot->parent->settled) {
        parent_refused(slot->parent);
        return;
    }
    metrics_add(METRIC_CHILD_RESTARTS_TOTAL, 1);
    retry_later(slot);
    parent_changed(slot->parent);
}

bool
slot_reap(struct slot *slot, pid_t pid, int status)
{
    if (slot->current.pid == pid) {
        reap_current(slot, pid, status);
        return true;
    }
    if (slot->next.pid == pid) { /* the replacement died first: the old process stays */
        stop_waiting(&slot->next);
        metrics_ended(slot->next.row);
        slot->next = (struct process){ .ready_fd = -1 };
        log_death(slot, pid, status, -1);
        parent_replaced(slot->parent, false);
        return true;
    }
    return false;
}

void
slot_stop(struct slot *slot, int signal)
{
    const struct process *const both[] = { &slot->current, &slot->next };
    for (size_t i = 0; i < 2; i++) {
        if (both[i]->pid > 0) {
            (void)kill(both[i]->pid, signal);
        }
    }
    (void)event_del(slot->restart);
}

bool
slot_is_empty(const struct slot *slot)
{
    return slot->current.pid == 0 && slot->next.pid == 0;
}

void
slot_fini(struct slot *slot)
{
    stop_waiting(&slot->current);
    stop_waiting(&slot->next);
    if (slot->restart != NULL) {
        event_free(slot->restart);
    }
    for (size_t i = 0; i < 4; i++) {
        int fd = slot->pairs[i / 2][i % 2];
        if (fd >= 0) {
            (void)close(fd);
        }
    }
}
