/* SPDX-License-Identifier: Apache-2.0 */
#include "import_feed.h"

#include <stdio.h>

#include "import_csv.h"
#include "progress.h"

#define ARENA_MAX_BYTES ((size_t)64 * 1024 * 1024) /* of one batch */
#define LINE_MAX_BYTES  ((size_t)64 * 1024)
#define BATCH_MAX_BYTES ((size_t)3 * 1024 * 1024) /* of its lines */
#define READ_BYTES      ((size_t)64 * 1024)

enum err
import_feed_open(struct import_feed *feed)
{
    TRY(arena_new(ARENA_MAX_BYTES, &feed->arena));
    return import_batch_open(feed->kind, feed->owner, clock_wall(), feed->arena, &feed->batch);
}

void
import_feed_close(struct import_feed *feed)
{
    import_batch_close(&feed->batch);
    arena_free(&feed->arena);
}

static enum err
run(struct import_feed *feed)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    TRY(import_batch_params(&feed->batch, &params));
    TRY(db_session_run(feed->session, feed->kind->statement, &params, &rows));
    return import_batch_take(&feed->batch, rows);
}

static enum err
store(struct import_feed *feed)
{
    if (feed->batch.good > 0) {
        TRY(run(feed));
    }
    for (int verdict = 0; verdict < IMPORT_VERDICT_COUNT; verdict++) {
        feed->tallies[verdict] +=
            (int64_t)import_batch_tally(&feed->batch, (enum import_verdict)verdict);
    }
    return feed->told(feed->context, &feed->batch);
}

static enum err
next_batch(struct import_feed *feed)
{
    TRY(store(feed));
    import_batch_close(&feed->batch);
    arena_reset(feed->arena);
    feed->bytes = 0;
    return import_batch_open(feed->kind, feed->owner, clock_wall(), feed->arena, &feed->batch);
}

enum err
import_feed_line(struct import_feed *feed, int64_t number, struct span line, enum err wrong)
{
    if (feed->batch.count == IMPORT_LINES_MAX || feed->bytes + line.len > BATCH_MAX_BYTES) {
        TRY(next_batch(feed));
    }
    feed->bytes += line.len;
    return wrong == ERR_OK ? import_batch_add(&feed->batch, number, line)
                           : import_batch_refuse(&feed->batch, number, wrong);
}

enum err
import_feed_end(struct import_feed *feed)
{
    return feed->batch.count > 0 ? store(feed) : ERR_OK;
}

int64_t
import_feed_count(const struct import_feed *feed)
{
    int64_t count = 0;
    for (int verdict = 0; verdict < IMPORT_VERDICT_COUNT; verdict++) {
        count += feed->tallies[verdict];
    }
    return count;
}

/* A file's lines as they are cut out of what was read. */
struct lines {
    struct import_feed *feed;
    struct buf partial;
    bool overlong; /* the line that is being read is; the rest of it is passed over */
    int64_t number;
};

static enum err
keep(struct lines *lines, struct span piece)
{
    if (lines->overlong || lines->partial.len + piece.len > LINE_MAX_BYTES) {
        lines->overlong = true;
        return ERR_OK;
    }
    return buf_append(&lines->partial, piece);
}

static enum err
give(struct lines *lines)
{
    enum err wrong = lines->overlong ? ERR_BUF_FULL : ERR_OK;
    lines->number++;
    enum err err = import_feed_line(lines->feed, lines->number, buf_span(&lines->partial), wrong);
    buf_reset(&lines->partial);
    lines->overlong = false;
    return err;
}

static enum err
cut(struct lines *lines, struct span bytes)
{
    struct span piece;
    while (span_index(bytes, '\n') < bytes.len) {
        (void)span_cut(&bytes, '\n', &piece);
        TRY(keep(lines, piece));
        TRY(give(lines));
    }
    return keep(lines, bytes);
}

enum err
import_feed_lines(struct import_feed *feed, FILE *file)
{
    struct lines lines = { .feed = feed };
    DEFER(buf_fini) struct buf chunk = BUF_MAX(READ_BYTES);
    unsigned char *room = NULL;
    TRY(buf_reserve(&chunk, READ_BYTES, &room));
    buf_init(&lines.partial, LINE_MAX_BYTES);
    enum err err = ERR_OK;
    size_t got = 0;
    while (err == ERR_OK && (got = fread(room, 1, READ_BYTES, file)) > 0) {
        err = cut(&lines, span_make(room, got));
        progress_add(feed->progress, (int64_t)got);
    }
    if (err == ERR_OK && ferror(file) != 0) {
        err = ERR_FILE_READ;
    }
    if (err == ERR_OK && (lines.partial.len > 0 || lines.overlong)) {
        err = give(&lines);
    }
    buf_fini(&lines.partial);
    TRY(err);
    TRY(import_feed_end(feed));
    return import_feed_count(feed) == 0 ? ERR_IMPORT_EMPTY : ERR_OK;
}

static enum err
take_record(void *context, int64_t number, struct span line, enum err wrong)
{
    return import_feed_line(context, number, line, wrong);
}

static enum err
read_csv(struct import_csv *csv, FILE *file, struct progress *progress)
{
    DEFER(buf_fini) struct buf chunk = BUF_MAX(READ_BYTES);
    unsigned char *room = NULL;
    size_t got = 0;
    TRY(buf_reserve(&chunk, READ_BYTES, &room));
    while ((got = fread(room, 1, READ_BYTES, file)) > 0) {
        TRY(import_csv_bytes(csv, span_make(room, got)));
        progress_add(progress, (int64_t)got);
    }
    return ferror(file) != 0 ? ERR_FILE_READ : import_csv_end(csv);
}

enum err
import_feed_csv(struct import_feed *feed, FILE *file, struct buf *where)
{
    DEFER(import_csv_free) struct import_csv *csv = NULL;
    TRY(import_csv_new(feed->kind, take_record, feed, &csv));
    enum err err = read_csv(csv, file, feed->progress);
    if (err == ERR_IMPORT_HEADER) {
        TRY(buf_text(where, import_csv_column(csv)));
    } else if (err == ERR_IMPORT_CSV) {
        TRY(buf_i64(where, import_csv_record(csv)));
    }
    return err == ERR_OK ? import_feed_end(feed) : err;
}

static enum err
open_view(struct import_feed *feed, struct wall_time since)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    DEFER(arena_free) struct arena *arena = NULL;
    struct db_params params;
    TRY(arena_new(READ_BYTES, &arena));
    db_params_init(&params, arena);
    db_time(&params, since);
    return db_session_run(feed->session, feed->kind->portal, &params, &rows);
}

/* What was fetched is stored before more is asked for. False in *more after the last lines. */
static enum err
fetch(struct import_feed *feed, struct import_view *view, int64_t *number, bool *more)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    TRY(db_session_run(feed->session, STATEMENT_portal_fetch, NULL, &rows));
    size_t count = db_rows_count(rows);
    for (size_t i = 0; i < count; i++) {
        *number += 1;
        TRY(import_feed_line(feed, *number, db_row_text(rows, i, "line"), ERR_OK));
    }
    *more = count > 0;
    progress_add(feed->progress, (int64_t)count);
    if (feed->batch.count > 0) {
        TRY(next_batch(feed));
    }
    if (count > 0 && !db_row_null(rows, count - 1, "updated_at")) {
        view->reached = db_row_time(rows, count - 1, "updated_at");
    }
    return ERR_OK;
}

enum err
import_feed_view(struct import_feed *feed, struct import_view *view)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    int64_t number = 0;
    bool more = true;
    TRY(open_view(feed, view->since));
    while (more) {
        TRY(fetch(feed, view, &number, &more));
        more = more && (view->enough == NULL || !view->enough(view->context));
    }
    return db_session_run(feed->session, STATEMENT_portal_close, NULL, &rows);
}
