/* SPDX-License-Identifier: Apache-2.0 */
#include "large_files.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "file.h"
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
    struct span bytes;
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
map_file(const char *dir, const char *name, struct span *out)
{
    char path[PATH_BYTES];
    int len = snprintf(path, sizeof(path), "%s/%s", dir, name);
    return len > 0 && (size_t)len < sizeof(path) ? file_map(path, out) : ERR_FILE_OPEN;
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

static enum err
read_task(struct task *task)
{
    static const struct bill_file_limits limits = { SIZE_MAX, SIZE_MAX };
    struct bill_wish wish = task->files->wish;
    wish.limits = &limits;
    return task->list == PACK_LIST_COUNT
               ? bill_file_read_by(&wish, task->bytes, take_line, task->feed, task->bill)
               : pack_list_each(task->list, task->bytes, take_row, task, &task->where);
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
    return map_file(files->dir, name, &task->bytes);
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
    return (x->bytes.len < y->bytes.len) - (x->bytes.len > y->bytes.len);
}

static void
reading_fini(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        file_unmap(&reading->tasks[i].bytes);
    }
}

enum err
large_files_read(struct large *large, const struct large_files *files, struct bill_file *bill,
                 struct pack_place *where)
{
    DEFER(reading_fini) struct reading reading = { .count = 0 };
    enum err err = add_tasks(&reading, large, files);
    *where = reading.tasks[reading.count - 1].where;
    TRY(err);
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
