/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's manual, COPY, "Binary Format": a header, rows of counted cells, and -1 in place of a count at the end. */
#include <string.h>

#include "session_internal.h"

#define SIGNATURE       "PGCOPY\n\377\r\n" /* and its NUL */
#define HEADER_BYTES    19
#define EPOCH_US        INT64_C(946684800000000) /* of timestamptz: 2000-01-01 UTC */
#define CELL_NULL       (-1)
#define ROWS_END        (-1)
#define COUNT_BYTES     2
#define CELL_HEAD_BYTES 4

/* Big-endian, signed; `bytes` at most 8. */
static int64_t
number_at(const unsigned char *at, size_t bytes)
{
    uint64_t value = (at[0] & 0x80U) != 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < bytes; i++) {
        value = value << 8 | at[i];
    }
    return (int64_t)value;
}

static const unsigned char *
take(struct db_reader *reader, size_t bytes)
{
    if (reader->broken || reader->left < bytes) {
        reader->broken = true;
        return NULL;
    }
    const unsigned char *at = reader->at;
    reader->at += bytes;
    reader->left -= bytes;
    return at;
}

/* False: NULL. */
static bool
take_cell(struct db_reader *reader, struct span *out)
{
    const unsigned char *head = reader->cells > 0 ? take(reader, CELL_HEAD_BYTES) : NULL;
    reader->broken = reader->broken || head == NULL;
    int64_t len = head == NULL ? CELL_NULL : number_at(head, CELL_HEAD_BYTES);
    reader->cells--;
    if (len == CELL_NULL) {
        return false;
    }
    const unsigned char *at = len < 0 ? NULL : take(reader, (size_t)len);
    reader->broken = reader->broken || at == NULL;
    *out = span_make(at, at == NULL ? 0 : (size_t)len);
    return at != NULL;
}

static int64_t
take_number(struct db_reader *reader, size_t bytes_min, size_t bytes_max)
{
    struct span cell;
    if (!take_cell(reader, &cell)) {
        return 0;
    }
    if (cell.len < bytes_min || cell.len > bytes_max) {
        reader->broken = true;
        return 0;
    }
    return number_at(cell.at, cell.len);
}

struct span
db_read_text(struct db_reader *reader)
{
    struct span cell;
    return take_cell(reader, &cell) ? cell : SPAN_LIT("");
}

int64_t
db_read_i64(struct db_reader *reader)
{
    return take_number(reader, sizeof(int16_t), sizeof(int64_t));
}

bool
db_read_bool(struct db_reader *reader)
{
    return take_number(reader, 1, 1) != 0;
}

struct wall_time
db_read_time(struct db_reader *reader)
{
    struct span cell;
    struct wall_time time = { .us = 0 };
    if (!take_cell(reader, &cell)) {
        return time;
    }
    if (cell.len != sizeof(int64_t)
        || __builtin_add_overflow(number_at(cell.at, cell.len), EPOCH_US, &time.us)) {
        reader->broken = true;
        time.us = 0;
    }
    return time;
}

static enum err
next_message(struct db_reader *reader)
{
    size_t len = 0;
    PQfreemem(reader->message);
    reader->message = NULL;
    TRY(session_copied(reader->session, &reader->message, &len));
    reader->at = (const unsigned char *)reader->message;
    reader->left = len;
    return ERR_OK;
}

/* What the server says of the whole, once nothing more comes. */
static enum err
judge_end(const struct db_reader *reader)
{
    PGresult *result = NULL;
    enum err err = session_answer(reader->session, false, &result);
    struct db_rows wrapped = { .result = result };
    if (err == ERR_OK && db_rows_affected(&wrapped) != reader->rows) {
        err = ERR_DB_ROWS;
    }
    PQclear(result);
    return err;
}

/* The trailer, or a failure instead of it. */
static enum err
end_rows(struct db_reader *reader)
{
    if (reader->left > 0) {
        return ERR_DB_ROWS;
    }
    TRY(next_message(reader));
    return reader->left == 0 ? judge_end(reader) : ERR_DB_ROWS;
}

enum err
db_read_open(struct db_session *session, enum statement statement, struct db_reader *out)
{
    *out = (struct db_reader){ .session = session };
    TRY(db_session_script(session, (const char *)statement_files[statement].at));
    TRY(next_message(out));
    if (out->left == 0) {
        TRY(judge_end(out));
    }
    const unsigned char *head = take(out, HEADER_BYTES);
    return head != NULL && memcmp(head, SIGNATURE, sizeof(SIGNATURE)) == 0 ? ERR_OK : ERR_DB_ROWS;
}

enum err
db_read_next(struct db_reader *reader, bool *more)
{
    if (reader->broken || reader->cells != 0) {
        return ERR_DB_ROWS;
    }
    if (reader->left == 0) {
        TRY(next_message(reader));
        if (reader->left == 0) {
            TRY(judge_end(reader));
            return ERR_DB_ROWS; /* no trailer */
        }
    }
    const unsigned char *count = take(reader, COUNT_BYTES);
    if (count == NULL) {
        return ERR_DB_ROWS;
    }
    reader->cells = (int)number_at(count, COUNT_BYTES);
    *more = reader->cells != ROWS_END;
    if (!*more) {
        reader->cells = 0;
        return end_rows(reader);
    }
    reader->rows++;
    return ERR_OK;
}

void
db_reader_fini(struct db_reader *reader)
{
    PQfreemem(reader->message);
    reader->message = NULL;
}
