/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_NIGHT_HOUSE_H
#define TALLYGATE_TESTS_DB_SUPPORT_NIGHT_HOUSE_H

/* A night in the test's own process, with its own rights, of which nothing runs but what a test calls. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "check.h"
#include "database.h"
#include "night.h"

static struct provider_line night_line;

/* Bills and reports are kept below `dir`; `more` is put behind the rest of the configuration. */
static inline struct night
night_open_with(const struct database *database, const char *dir, const char *more)
{
    char path[] = "/tmp/tallygate-night-XXXXXX";
    char recon[512]; /* ours, with the rights of the night */
    struct night night = { .line = &night_line };
    struct config_fault fault;
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    FILE *out = fdopen(fd, "w");
    (void)snprintf(recon, sizeof(recon), "%.*stallygate_recon",
                   (int)(strlen(database->app) - sizeof("tallygate_app") + 1), database->app);
    (void)fprintf(
        out,
        "[server]\nmode = development\nrun_dir = /tmp\n[database]\nconninfo = %s\n[portal]\nreturn_hosts = a\n"
        "[archive]\ndir = %s\nreports_dir = %s/reports\n%s",
        recon, dir, dir, more);
    (void)fclose(out);
    CHECK_OK(config_load(path, &night.config, &fault));
    night_line.base = event_base_new();
    CHECK_OK(db_session_open(recon, &night.session));
    (void)unlink(path);
    return night;
}

static inline struct night
night_open(const struct database *database, const char *dir)
{
    return night_open_with(database, dir, "");
}

/* A sink of the log, whose context is a buffer. */
static inline void
night_keep_line(struct span line, void *context)
{
    CHECK_OK(buf_append(context, line));
}

/* The rest of the n-th line, from 0, in which an event is told. */
static inline struct span
night_told(const struct buf *lines, const char *event, size_t n)
{
    struct span rest = buf_span(lines);
    struct span line;
    bool more = true;
    while (more) {
        more = span_cut(&rest, '\n', &line);
        size_t at = span_find(line, span_of(event));
        if (at < line.len && n-- == 0) {
            return span_sub(line, at + strlen(event), line.len);
        }
    }
    return span_of("");
}

static inline void
night_close(struct night *night)
{
    db_session_close(&night->lease);
    db_session_close(&night->session);
    config_free(&night->config);
    event_base_free(night_line.base);
}

#endif
