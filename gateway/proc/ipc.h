/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_IPC_H
#define TALLYGATE_PROC_IPC_H

/* What the parent tells a child: its role, its row of the metrics and the numbers of the file
 * descriptors it inherits, as hidden arguments of the program:
 *
 *     tallygated --child worker --row 3 --config FILE --listen 5,6,7 --metrics 4 --ready 9 --keys 11
 *
 * Encoding and decoding are pure; ipc_start and ipc_ready touch the system. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "err.h"
#include "http.h"

enum child_role {
    CHILD_NONE,
    CHILD_KEYS,
    CHILD_WORKER,
    CHILD_CHORES,
    CHILD_NIGHT,
    CHILD_ROLE_COUNT
};

#define IPC_KEYS_MAX      160 /* sockets of the keys process */
#define IPC_ARGUMENTS_MAX 20
#define IPC_TEXT_MAX      1280

struct child_plan {
    enum child_role role;
    int row;                         /* of the metrics */
    const char *config;              /* path of the configuration file */
    int listen_fds[HTTP_DOOR_COUNT]; /* workers and chores; -1: none */
    int metrics_fd;                  /* -1: none */
    int ready_fd;               /* the child writes one byte once it serves; -1: nobody waits */
    int keys_fds[IPC_KEYS_MAX]; /* keys: the ends it serves; others: the one end they use */
    size_t keys_count;
};

/* A plan as an argument vector, NULL-terminated; it points into itself and the plan. */
struct ipc_arguments {
    const char *argv[IPC_ARGUMENTS_MAX];
    char text[IPC_TEXT_MAX];
};

void child_plan_init(struct child_plan *plan, enum child_role role, const char *config);
const char *child_role_name(enum child_role role); /* "worker" */

/* Errors: BUF_FULL. */
MUST_USE enum err ipc_encode(const struct child_plan *plan, struct ipc_arguments *out);

/* The whole vector of a child, argv[0] included. Errors: FIELD_UNKNOWN, FIELD_MISSING,
 * FIELD_REPEATED, NUMBER, FIELD_LENGTH. */
MUST_USE enum err ipc_decode(int argc, char *const *argv, struct child_plan *out);

/* A pair of connected SEQPACKET sockets, close-on-exec and non-blocking. Errors: SYSTEM. */
MUST_USE enum err ipc_pair(int out[2]);

/* fork and exec of `program` with the plan; every descriptor that the plan does not name is closed.
 * Errors: SYSTEM, BUF_FULL. */
MUST_USE enum err ipc_start(const char *program, const struct child_plan *plan, pid_t *out);

/* Child: tells the parent that it serves now. */
void ipc_ready(const struct child_plan *plan);

#endif
