/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_SANDBOX_H
#define TALLYGATE_PROC_SANDBOX_H

/* Gives up rights before any input is read, in this order: user, no-new-privs, Landlock (best
 * effort: the kernel may lack it), seccomp allow-list of sandbox.def. Everything that must be opened
 * has been opened before. There is no way back. */

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "ipc.h"

#define SANDBOX_READABLE_MAX 160
#define SANDBOX_WRITABLE_MAX 2

struct sandbox_options {
    enum child_role role;
    const char *user; /* "" stays; else taken on when started as root */
    const char
        *readable[SANDBOX_READABLE_MAX]; /* files to read later; beside the system's folders */
    size_t readable_count;
    const char
        *writable[SANDBOX_WRITABLE_MAX]; /* night: folders below which it keeps files; NULL: none */
};

/* What was granted, for the one log line. */
struct sandbox_report {
    const char *user;    /* "changed" or "kept" */
    int landlock_abi;    /* 0: the kernel has none */
    const char *seccomp; /* "enforced", or why it is not */
};

/* Keys: no file, no new socket. Others: read-only access to the system's folders and `readable`; the night
 * also makes, writes and takes away files below `writable`.
 * A program built with sanitizers runs without seccomp: they need calls we would not allow. Errors:
 * SYSTEM when a right could not be given up; the caller must not go on. */
MUST_USE enum err sandbox_enter(const struct sandbox_options *options,
                                struct sandbox_report *report);

#endif
