/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_PARENT_INTERNAL_H
#define TALLYGATE_PROC_PARENT_INTERNAL_H

/* Shared by parent.c (life), parent_slot.c (children) and parent_file.c (the address file). */

#include <sys/types.h>

#include <event2/event.h>

#include "clock.h"
#include "config.h"
#include "ipc.h"

#define PARENT_WORKERS_MAX 64
#define PARENT_SLOTS_MAX   (PARENT_WORKERS_MAX + 3) /* keys, chores, night, workers */
#define PARENT_LEAVING_MAX (2 * PARENT_SLOTS_MAX)
#define BACKOFF_MIN_MS     100
#define BACKOFF_MAX_MS     10000
#define BACKOFF_FORGET_MS  60000 /* a child that lived so long starts afresh at the least back-off */

struct parent;

/* One process that serves or is about to. */
struct process {
    pid_t pid; /* 0: none */
    bool ready;
    int parity; /* which of the slot's two socket pairs and metrics rows it uses */
    int row;
    int ready_fd;
    struct event *ready_event;
    struct mono_time began;
};

/* A place that always has a process. While it is replaced there are two for a moment, so that no
 * request waits: each has a socket pair of its own to the keys process. */
struct slot {
    struct parent *parent;
    enum child_role role;
    struct process current;
    struct process next;
    int pairs[2][2]; /* [parity][0] the child's end, [1] the keys process's; -1 for keys itself */
    int backoff_ms;
    struct event *restart;
};

struct parent {
    const char *config_path;
    const struct config *config;
    struct event_base *base;
    int listen_fds[HTTP_DOOR_COUNT];
    int metrics_fd;
    struct slot slots[PARENT_SLOTS_MAX];
    size_t slot_count;
    struct process leaving[PARENT_LEAVING_MAX]; /* replaced, draining */
    size_t leaving_count;
    struct event *signals[4];
    struct event *deadline; /* of the whole stop */
    struct event *overdue;  /* of those replaced */
    size_t rolling;         /* the slot being replaced; slot_count: none */
    bool roll_again;
    bool settled; /* every slot was ready once */
    bool stopping;
    int status; /* the program's exit status */
};

/* parent_slot.c */
void slot_init(struct parent *parent, enum child_role role);
MUST_USE enum err slot_open(struct slot *slot); /* its sockets and timer */
void slot_start(struct slot *slot);             /* starts the current process */
void slot_replace(struct slot *slot);           /* starts the next one; it takes over once ready */
void slot_stop(struct slot *slot, int signal);
bool slot_is_empty(const struct slot *slot);
void slot_fini(struct slot *slot);

/* Takes note of an ended process; false when it is none of this slot's. */
bool slot_reap(struct slot *slot, pid_t pid, int status);

/* parent.c, told by the slots. */
void parent_changed(struct parent *parent);                /* a process came or went */
void parent_replaced(struct parent *parent, bool success); /* the replacement under way ended */
void parent_leaving(struct parent *parent, const struct process *process); /* replaced, drains */
void parent_refused(struct parent *parent); /* a first child refuses to start */

/* parent_file.c: run_dir/tallygated.json. Errors: FILE_WRITE, SYSTEM. */
MUST_USE enum err parent_file_write(const struct parent *parent);
void parent_file_remove(const struct parent *parent);

#endif
