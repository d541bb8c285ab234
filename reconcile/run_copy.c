/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"
#include "run_parts.h"

void
run_put(struct run_row *row, struct span text)
{
    row->nulls[row->count] = false;
    row->columns[row->count++] = text;
}

void
run_put_null(struct run_row *row)
{
    row->nulls[row->count] = true;
    row->columns[row->count++] = SPAN_LIT("");
}

static void
put_made(struct run_row *row, const struct buf *text, enum err err)
{
    unsigned char *room = row->numbers[row->count];
    if (err != ERR_OK || text->len > RUN_NUMBER_BYTES) {
        row->err = err == ERR_OK ? ERR_BUF_FULL : err;
        run_put_null(row);
        return;
    }
    for (size_t i = 0; i < text->len; i++) {
        room[i] = text->at[i];
    }
    run_put(row, span_make(room, text->len));
}

void
run_put_i64(struct run_row *row, int64_t value)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(RUN_NUMBER_BYTES);
    put_made(row, &text, buf_i64(&text, value));
}

void
run_put_time(struct run_row *row, struct wall_time time)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(RUN_NUMBER_BYTES);
    if (time.us == 0) {
        run_put_null(row);
    } else {
        put_made(row, &text, wall_format(time, &text));
    }
}

void
run_put_bool(struct run_row *row, bool value)
{
    run_put(row, value ? SPAN_LIT("t") : SPAN_LIT("f"));
}

enum err
run_send_row(const struct run *run, const struct run_row *row)
{
    TRY(row->err);
    progress_add(run->request->progress, 1);
    return db_copy_row(run->session, row->columns, row->nulls, row->count);
}

/* What the server took must be what was sent. */
enum err
run_copy_end(const struct run *run, size_t sent)
{
    size_t taken = 0;
    TRY(db_copy_close(run->session, &taken));
    return taken == sent ? ERR_OK : ERR_INTERNAL;
}
