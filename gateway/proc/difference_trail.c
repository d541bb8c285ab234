/* SPDX-License-Identifier: Apache-2.0 */
#include "difference_trail.h"

#include <string.h>

#include "difference.h"

#define ARENA_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define PAGE_ROWS       5000

struct reader {
    struct db_session *session;
    struct arena *arena; /* of one page */
    struct audit_trail *trail;
    struct progress *progress;
    struct difference_trail_counts counts;
    int64_t versions; /* of all differences: so many events are to come */

    /* The last row that was read. */
    int64_t checkpoint;
    int64_t line;
    char number[DIFFERENCE_NO_CHARS + 1];
    int64_t seq;
};

static enum err
take_digest(const struct db_rows *rows, size_t row, unsigned char out[SHA256_BYTES])
{
    DEFER(buf_fini) struct buf hash = BUF_MAX(SHA256_BYTES);
    TRY(crypto_hex_decode(db_row_text(rows, row, "hash"), &hash));
    if (hash.len != SHA256_BYTES) {
        return ERR_DB_ROWS;
    }
    memcpy(out, hash.at, SHA256_BYTES);
    return ERR_OK;
}

static enum err
remember(struct reader *reader, const struct db_rows *rows, size_t row)
{
    struct span number = db_row_text(rows, row, "difference_no");
    if (number.len != DIFFERENCE_NO_CHARS) {
        return ERR_DB_ROWS;
    }
    memcpy(reader->number, number.at, number.len);
    reader->number[number.len] = 0;
    return ERR_OK;
}

static enum err
take_head(struct reader *reader, const struct db_rows *rows, size_t row)
{
    struct audit_head head = { .seq = db_row_i64(rows, row, "version") };
    TRY(remember(reader, rows, row));
    memcpy(head.payment_no, reader->number, sizeof(reader->number));
    TRY(take_digest(rows, row, head.hash));
    progress_add(reader->progress, 1);
    return audit_trail_head(reader->trail, &head);
}

static enum err
page_of_sealed(struct reader *reader, size_t *count)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    arena_reset(reader->arena);
    db_params_init(&params, reader->arena);
    db_i64(&params, reader->checkpoint);
    db_i64(&params, reader->line);
    db_i64(&params, PAGE_ROWS);
    TRY(db_session_run(reader->session, STATEMENT_difference_sealed, &params, &rows));
    *count = db_rows_count(rows);
    for (size_t i = 0; i < *count; i++) {
        TRY(take_head(reader, rows, i));
        reader->checkpoint = db_row_i64(rows, i, "number");
        reader->line = db_row_i64(rows, i, "place");
        reader->counts.sealed++;
    }
    return ERR_OK;
}

static enum err
page_of_heads(struct reader *reader, size_t *count)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    arena_reset(reader->arena);
    db_params_init(&params, reader->arena);
    db_cstr(&params, reader->number);
    db_i64(&params, PAGE_ROWS);
    TRY(db_session_run(reader->session, STATEMENT_difference_heads, &params, &rows));
    *count = db_rows_count(rows);
    for (size_t i = 0; i < *count; i++) {
        TRY(take_head(reader, rows, i));
        reader->counts.differences++;
        reader->versions += db_row_i64(rows, i, "version");
    }
    return ERR_OK;
}

/* The detail's digest stands where a payment's event has its evidence's. */
static enum err
take_event(struct reader *reader, const struct db_rows *rows, size_t row)
{
    unsigned char digest[SHA256_BYTES];
    DEFER(buf_fini) struct buf hex = BUF_MAX(2 * SHA256_BYTES);
    TRY(crypto_sha256(db_row_text(rows, row, "detail"), digest));
    TRY(crypto_hex_encode(span_make(digest, sizeof(digest)), &hex));
    struct audit_event event = {
        .payment_no = db_row_text(rows, row, "difference_no"),
        .seq = db_row_i64(rows, row, "seq"),
        .machine = SPAN("difference"),
        .from_state = db_row_text(rows, row, "from_state"),
        .event = db_row_text(rows, row, "event"),
        .to_state = db_row_text(rows, row, "to_state"),
        .effect = db_row_text(rows, row, "effect"),
        .evidence_digest = buf_span(&hex),
        .actor = db_row_text(rows, row, "actor"),
        .at_us = db_row_i64(rows, row, "at"),
    };
    TRY(take_digest(rows, row, event.hash));
    reader->counts.events++;
    progress_add(reader->progress, 1);
    return audit_trail_event(reader->trail, &event);
}

static enum err
page_of_events(struct reader *reader, size_t *count)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    arena_reset(reader->arena);
    db_params_init(&params, reader->arena);
    db_cstr(&params, reader->number);
    db_i64(&params, reader->seq);
    db_i64(&params, PAGE_ROWS);
    TRY(db_session_run(reader->session, STATEMENT_difference_trail, &params, &rows));
    *count = db_rows_count(rows);
    for (size_t i = 0; i < *count; i++) {
        TRY(take_event(reader, rows, i));
    }
    if (*count > 0) {
        reader->seq = db_row_i64(rows, *count - 1, "seq");
        TRY(remember(reader, rows, *count - 1));
    }
    return ERR_OK;
}

static enum err
read_rows(struct reader *reader)
{
    size_t count = 0;
    progress_begin(reader->progress, PROGRESS_ENDS, 0);
    do {
        TRY(page_of_sealed(reader, &count));
    } while (count > 0);
    reader->number[0] = 0;
    do {
        TRY(page_of_heads(reader, &count));
    } while (count > 0);
    reader->number[0] = 0;
    progress_begin(reader->progress, PROGRESS_HISTORIES, reader->versions);
    do {
        TRY(page_of_events(reader, &count));
    } while (count > 0);
    return ERR_OK;
}

/* All in one snapshot: the ends first, so that an event that is missing is missed. */
static enum err
read_all(struct reader *reader)
{
    TRY(db_session_begin(reader->session, true));
    enum err err = read_rows(reader);
    if (err == ERR_OK) {
        return db_session_commit(reader->session);
    }
    db_session_rollback(reader->session);
    return err;
}

enum err
difference_trail_verify(struct db_session *session, struct progress *progress, audit_found found,
                        void *context, struct difference_trail_counts *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(audit_trail_free) struct audit_trail *trail = NULL;
    struct audit_counts counts;
    TRY(arena_new(ARENA_MAX_BYTES, &arena));
    TRY(audit_trail_new(found, context, &trail));
    struct reader reader = {
        .session = session, .arena = arena, .trail = trail, .progress = progress
    };
    TRY(read_all(&reader));
    TRY(audit_trail_end(trail, 0, reader.counts.events, &counts));
    reader.counts.faults = counts.faults;
    *out = reader.counts;
    return ERR_OK;
}
