/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's manual, COPY, "Binary Format": a header, rows of counted cells, and -1 in place of a count at the end. */
#include <string.h>

#include "session_internal.h"

#define SENT_BYTES    ((size_t)64 * 1024) /* at a time */
#define ROW_MAX_BYTES ((size_t)1024 * 1024)
#define EPOCH_US      INT64_C(946684800000000) /* of timestamptz: 2000-01-01 UTC */
#define DAY_US        (INT64_C(24) * 60 * 60 * 1000000)
#define TYPE_TEXT     25 /* pg_type.oid: what an array holds */
#define NONE          0xFFFFFFFFU
#define HEADER_LIT    SPAN_LIT("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0")

static void
fill(unsigned char *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        at[i] = (unsigned char)(value >> (8 * (bytes - 1 - i))); /* big-endian */
    }
}

/* Room that is taken in; NULL after a failure. */
static unsigned char *
room_for(struct db_writer *writer, size_t bytes)
{
    unsigned char *room = NULL;
    if (writer->err == ERR_OK) {
        writer->err = buf_reserve(&writer->out, bytes, &room);
    }
    if (writer->err != ERR_OK) {
        return NULL;
    }
    buf_grew(&writer->out, bytes);
    return room;
}

static void
put_number(struct db_writer *writer, uint64_t value, size_t bytes)
{
    unsigned char *room = room_for(writer, bytes);
    if (room != NULL) {
        fill(room, value, bytes);
    }
}

static void
put_cell(struct db_writer *writer, uint64_t value, size_t bytes)
{
    unsigned char *room = room_for(writer, sizeof(uint32_t) + bytes);
    if (room != NULL) {
        fill(room, bytes, sizeof(uint32_t));
        fill(room + sizeof(uint32_t), value, bytes);
    }
}

void
db_write_null(struct db_writer *writer)
{
    put_number(writer, NONE, sizeof(uint32_t));
}

void
db_write_text(struct db_writer *writer, struct span text)
{
    if (text.len > ROW_MAX_BYTES) {
        writer->err = writer->err == ERR_OK ? ERR_BUF_FULL : writer->err;
        return;
    }
    unsigned char *room = room_for(writer, sizeof(uint32_t) + text.len);
    if (room != NULL) {
        fill(room, text.len, sizeof(uint32_t));
    }
    if (room != NULL && text.len > 0) {
        memcpy(room + sizeof(uint32_t), text.at, text.len);
    }
}

void
db_write_i64(struct db_writer *writer, int64_t value)
{
    put_cell(writer, (uint64_t)value, sizeof(value));
}

void
db_write_bool(struct db_writer *writer, bool value)
{
    put_cell(writer, value ? 1 : 0, 1);
}

void
db_write_time(struct db_writer *writer, struct wall_time time)
{
    if (time.us == 0) {
        db_write_null(writer);
    } else {
        db_write_i64(writer, time.us - EPOCH_US);
    }
}

void
db_write_day(struct db_writer *writer, struct day day)
{
    int64_t days = (day_start(day, 0).us - EPOCH_US) / DAY_US;
    put_cell(writer, (uint64_t)days, sizeof(int32_t));
}

void
db_write_texts(struct db_writer *writer, const char *const *texts, size_t count)
{
    size_t len = 3 * sizeof(uint32_t) + (count > 0 ? 2 * sizeof(uint32_t) : 0);
    for (size_t i = 0; i < count; i++) {
        len += sizeof(uint32_t) + strlen(texts[i]);
    }
    put_number(writer, len, sizeof(uint32_t));
    put_number(writer, count > 0 ? 1 : 0, sizeof(uint32_t)); /* dimensions */
    put_number(writer, 0, sizeof(uint32_t));                 /* no NULL among them */
    put_number(writer, TYPE_TEXT, sizeof(uint32_t));
    if (count > 0) {
        put_number(writer, count, sizeof(uint32_t));
        put_number(writer, 1, sizeof(uint32_t)); /* the first one's number */
    }
    for (size_t i = 0; i < count; i++) {
        db_write_text(writer, span_of(texts[i]));
    }
}

static enum err
send_out(struct db_writer *writer)
{
    struct db_session *session = writer->session;
    TRY(writer->err);
    TRY(session_standing(session));
    if (PQputCopyData(session->conn, (const char *)writer->out.at, (int)writer->out.len) != 1) {
        return ERR_DB_AWAY;
    }
    buf_reset(&writer->out);
    return session_flush(session);
}

enum err
db_write_close(struct db_writer *writer)
{
    PGresult *result = NULL;
    put_number(writer, UINT16_MAX, sizeof(uint16_t));
    TRY(send_out(writer));
    if (PQputCopyEnd(writer->session->conn, NULL) != 1) {
        return ERR_DB_AWAY;
    }
    enum err err = session_answer(writer->session, true, &result);
    struct db_rows wrapped = { .result = result };
    if (err == ERR_OK && db_rows_affected(&wrapped) != writer->rows) {
        err = ERR_INTERNAL;
    }
    PQclear(result);
    return err;
}

enum err
db_write_open(struct db_session *session, enum statement statement, struct db_writer *out)
{
    *out = (struct db_writer){ .session = session };
    buf_init(&out->out, SENT_BYTES + 2 * ROW_MAX_BYTES);
    TRY(db_session_script(session, (const char *)statement_files[statement].at));
    return buf_append(&out->out, HEADER_LIT);
}

enum err
db_write_row(struct db_writer *writer, int cells)
{
    TRY(writer->err);
    if (writer->out.len >= SENT_BYTES) {
        TRY(send_out(writer));
    }
    writer->rows++;
    put_number(writer, (uint64_t)cells, sizeof(uint16_t));
    return writer->err;
}

void
db_writer_fini(struct db_writer *writer)
{
    buf_fini(&writer->out);
}
