/* SPDX-License-Identifier: Apache-2.0 */
#include "large_files.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "large_parts.h"
#include "run_parts.h"

#define PATH_BYTES 4096
#define TASK_COUNT (PACK_LIST_COUNT + 1)

/* One file, read by one thread. */
struct task {
    const struct large_files *files;
    const char *name;
    enum pack_list list; /* PACK_LIST_COUNT: the bill */
    struct bill_file *bill;
    struct large_source *source;
    struct large_feed *feed;
    struct pack_place where;
    enum err err;
};

struct reading {
    struct task tasks[TASK_COUNT]; /* the longest first */
    size_t count;
    atomic_size_t next;
};

static enum err
map_file(struct large *large, const char *dir, const char *name, struct large_source **out)
{
    char path[PATH_BYTES];
    int len = snprintf(path, sizeof(path), "%s/%s", dir, name);
    return len > 0 && (size_t)len < sizeof(path) ? large_source_new(large, path, out)
                                                 : ERR_FILE_OPEN;
}

static enum err
take_line(void *context, const struct bill_line *line)
{
    struct large_feed *feed = context;
    const struct recon_line row = run_line_of(line);
    return large_put_line(feed, &row);
}

static enum err
take_row(void *context, const void *row)
{
    const struct task *task = context;
    return large_put(task->feed, task->list, row);
}

/* A row that has no slot is put as it is. */
static enum err
take_place(void *context, struct pack_range range, const struct span keys[PACK_ROWS_KEYS])
{
    struct task *task = context;
    bool kept = false;
    TRY(large_put_place(task->feed, &task->source->rows, range, keys, &kept));
    if (kept) {
        return ERR_OK;
    }
    struct pack_memo memo = { .row = { 0 } };
    DEFER(buf_fini) struct buf row = BUF_MAX(PACK_ROW_MAX_BYTES);
    struct span record = span_make(task->source->bytes.at + range.from, range.len);
    TRY(pack_rows_read(&task->source->rows, record, &memo, &row, &task->where));
    return large_put(task->feed, task->list, row.at);
}

static enum err
read_list(struct task *task)
{
    return large_has_places(task->list)
                   && pack_rows_open(task->list, task->source->bytes, &task->source->rows)
               ? pack_rows_scan(&task->source->rows, take_place, task)
               : pack_list_each(task->list, task->source->bytes, take_row, task, &task->where);
}

static enum err
read_task(struct task *task)
{
    static const struct bill_file_limits limits = { SIZE_MAX, SIZE_MAX };
    struct bill_wish wish = task->files->wish;
    wish.limits = &limits;
    return task->list == PACK_LIST_COUNT
               ? bill_file_read_by(&wish, task->source->bytes, take_line, task->feed, task->bill)
               : read_list(task);
}

static void *
worker(void *context)
{
    struct reading *reading = context;
    for (size_t at = atomic_fetch_add(&reading->next, 1); at < reading->count;
         at = atomic_fetch_add(&reading->next, 1)) {
        reading->tasks[at].err = read_task(&reading->tasks[at]);
    }
    return NULL;
}

static enum err
add_task(struct reading *reading, struct large *large, const struct large_files *files,
         const char *name, enum pack_list list)
{
    struct task *task = &reading->tasks[reading->count++];
    *task = (struct task){
        .files = files, .name = name, .list = list, .where = { .file = name, .column = "" }
    };
    TRY(large_feed_new(large, &task->feed));
    return map_file(large, files->dir, name, &task->source);
}

static enum err
add_tasks(struct reading *reading, struct large *large, const struct large_files *files)
{
    if (!files->without_bill) {
        TRY(add_task(reading, large, files, files->bill, PACK_LIST_COUNT));
    }
    for (int i = 0; i < PACK_LIST_COUNT; i++) {
        enum pack_list list = (enum pack_list)i;
        enum err err = add_task(reading, large, files, pack_list_file(list), list);
        if (err == ERR_FILE_OPEN && pack_list_may_lack(list)) {
            reading->count--;
            continue;
        }
        TRY(err);
    }
    return ERR_OK;
}

static int
longer_first(const void *a, const void *b)
{
    const struct task *x = a;
    const struct task *y = b;
    size_t a_len = x->source->bytes.len;
    size_t b_len = y->source->bytes.len;
    return (a_len < b_len) - (a_len > b_len);
}

enum err
large_files_read(struct large *large, const struct large_files *files, struct bill_file *bill,
                 struct pack_place *where)
{
    struct reading reading = { .count = 0 };
    enum err err = add_tasks(&reading, large, files);
    *where = reading.tasks[reading.count - 1].where;
    TRY(err);
    size_t bytes = 0;
    for (size_t i = 0; i < reading.count; i++) {
        bytes += reading.tasks[i].source->bytes.len;
    }
    large_expect(large, bytes);
    qsort(reading.tasks, reading.count, sizeof(reading.tasks[0]), longer_first);
    for (size_t i = 0; i < reading.count; i++) {
        reading.tasks[i].bill = bill;
    }
    large_together(files->threads, worker, &reading);
    for (size_t i = 0; i < reading.count; i++) {
        if (reading.tasks[i].err != ERR_OK) {
            *where = reading.tasks[i].where;
            return reading.tasks[i].err;
        }
    }
    return ERR_OK;
}
