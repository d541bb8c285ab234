/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_PROVIDER_LINE_H
#define TALLYGATE_PROC_PROVIDER_LINE_H

/* A line to providers for what has no loop of its own, the operator's CLI and the night process: signed by a
 * keys process, asked on an own event loop. Each call blocks until it knows. */

#include "provider_call.h"
#include "rehearsal.h"

struct provider_line {
    struct event_base *base;
    struct keys_spawn *spawn; /* NULL when the keys process is our parent's */
    struct keys_client *keys;
    struct transport *transport;
    struct progress
        *progress; /* counts the bytes of a bill that is fetched; NULL: nobody watches */
};

/* `config_path` is what the keys process reads. Errors: FILE_OPEN when there is no tallygated beside
 * us, NO_MEMORY, SYSTEM. */
MUST_USE enum err provider_line_open(const char *config_path, struct provider_line **out);

/* The same over a socket to a keys process that somebody else started; the line takes it. Errors:
 * NO_MEMORY, SYSTEM. */
MUST_USE enum err provider_line_join(int keys_fd, struct provider_line **out);
void provider_line_close(struct provider_line **line);

/* Lets the loop run until *done. Gives *err. Errors: SYSTEM. */
MUST_USE enum err provider_line_wait(struct provider_line *line, const bool *done,
                                     const enum err *err);

/* What came of the harmless query. */
struct provider_line_word {
    enum rehearsal rehearsal;
    enum err err;              /* why, when nothing came */
    char code[64];             /* the provider's own code, or "" */
    char message[128];         /* the provider's own text, or "" */
    char unknown_serial[80];   /* a key that the answer named and nobody knows, or "" */
    struct wall_time asked_at; /* ours, just before */
    struct wall_time heard_at; /* ours, just after */
    struct wall_time date;     /* the provider's, between those; 0 when it said none */
};

/* Asks for an attempt that cannot exist, and for the provider's keys when it does not sign its "no". */
void provider_line_rehearse(struct provider_line *line, const struct adapter_account *account,
                            struct provider_line_word *out);

#endif
