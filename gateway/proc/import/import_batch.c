/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "http.h"
#include "import.h"

#define EDGES_MAX ((size_t)4096)
#define ROWS_MAX  ((size_t)8 * 1024 * 1024)
#define LINE_MAX  ((size_t)1024 * 1024) /* of memory for reading it */

static const char *const verdict_codes[IMPORT_VERDICT_COUNT] = {
    [IMPORT_REFUSED] = "refused",
    [IMPORT_CREATED] = "created",
    [IMPORT_UPDATED] = "updated",
    [IMPORT_UNCHANGED] = "unchanged",
};

/* What the statements answer for a line; `field` is the one that is not allowed there. */
static const struct {
    const char *outcome;
    enum import_verdict verdict;
    enum err err;
    const char *field;
} outcomes[] = {
    { "created", IMPORT_CREATED, ERR_OK, NULL },
    { "updated", IMPORT_UPDATED, ERR_OK, NULL },
    { "unchanged", IMPORT_UNCHANGED, ERR_OK, NULL },
    { "repeated", IMPORT_REFUSED, ERR_IMPORT_REPEATED, NULL },
    { "order_changed", IMPORT_REFUSED, ERR_ORDER_CHANGED, NULL },
    { "order_status", IMPORT_REFUSED, ERR_ORDER_STATUS, NULL },
    { "invoice_changed", IMPORT_REFUSED, ERR_INVOICE_CHANGED, NULL },
    { "invoice_status", IMPORT_REFUSED, ERR_INVOICE_STATUS, NULL },
    { "invoice_number", IMPORT_REFUSED, ERR_VALIDATION, "number" },
    { "invoice_parts", IMPORT_REFUSED, ERR_VALIDATION, "allocations" },
    { "lost_race", IMPORT_REFUSED, ERR_LOST_RACE, NULL },
};

const char *
import_verdict_code(enum import_verdict verdict)
{
    return verdict < IMPORT_VERDICT_COUNT ? verdict_codes[verdict] : "";
}

enum err
import_batch_open(const struct import_kind *kind, struct span owner, struct wall_time now,
                  struct arena *arena, struct import_batch *out)
{
    void *lines = NULL;
    *out = (struct import_batch){ .kind = kind, .arena = arena, .owner = owner, .now = now };
    TRY(arena_array(arena, IMPORT_LINES_MAX, sizeof(struct import_line), &lines));
    out->lines = lines;
    TRY(arena_new(LINE_MAX, &out->scratch));
    enum err err = json_new_array(&out->rows);
    if (err != ERR_OK) {
        arena_free(&out->scratch);
    }
    return err;
}

void
import_batch_close(struct import_batch *batch)
{
    json_free(&batch->rows);
    arena_free(&batch->scratch);
}

/* Reads the line into a row of its own, which joins the others only when nothing is wrong. */
static enum err
read_line(const struct import_batch *batch, size_t at, struct span text, struct span *key,
          struct faults *faults)
{
    DEFER(body_close) struct body body = { 0 };
    DEFER(json_free) struct json_t *row = NULL;
    TRY(body_open_text(text, batch->scratch, &body, faults));
    TRY(json_new_object(&row));
    TRY(json_put_i64(row, "n", (int64_t)at));
    enum err rules = batch->kind->read(batch, &body, row, key);
    enum err shape = body_verdict(&body);
    TRY(shape != ERR_OK && shape != ERR_VALIDATION ? shape : rules);
    TRY(shape);
    struct json_t *taken = row;
    row = NULL;
    return json_put(batch->rows, NULL, taken);
}

/* A fault of the house ends the batch; what is wrong with the line is the line's. */
static bool
of_the_house(enum err err)
{
    return err_class(err) != ERR_CLASS_INPUT && err != ERR_JSON_DEPTH;
}

static enum err
keep_faults(const struct import_batch *batch, const struct faults *faults, struct import_line *line)
{
    void *room = NULL;
    size_t count = faults->count < IMPORT_FAULTS_MAX ? faults->count : IMPORT_FAULTS_MAX;
    if (count == 0) {
        return ERR_OK;
    }
    TRY(arena_array(batch->arena, count, sizeof(faults->list[0]), &room));
    memcpy(room, faults->list, count * sizeof(faults->list[0]));
    line->faults = room;
    line->fault_count = count;
    return ERR_OK;
}

enum err
import_batch_add(struct import_batch *batch, int64_t number, struct span line)
{
    struct faults faults = { .count = 0 };
    struct span text = span_trim(line, " \t\r");
    if (span_empty(text)) {
        return ERR_OK;
    }
    if (batch->count == IMPORT_LINES_MAX) {
        return ERR_IMPORT_LINES;
    }
    struct import_line *kept = &batch->lines[batch->count];
    *kept = (struct import_line){ .number = number };
    arena_recycle(batch->scratch);
    kept->err = read_line(batch, batch->count, text, &kept->key, &faults);
    TRY(arena_copy(batch->arena, kept->key, &kept->key));
    if (kept->err != ERR_OK && of_the_house(kept->err)) {
        return kept->err;
    }
    batch->count++;
    batch->good += kept->err == ERR_OK ? 1 : 0;
    return keep_faults(batch, &faults, kept);
}

enum err
import_batch_row(struct import_batch *batch, int64_t number, struct span key, struct json_t **row)
{
    struct json_t *taken = *row;
    if (batch->count == IMPORT_LINES_MAX) {
        return ERR_IMPORT_LINES;
    }
    TRY(json_put_i64(taken, "n", (int64_t)batch->count));
    *row = NULL;
    TRY(json_put(batch->rows, NULL, taken));
    batch->lines[batch->count++] = (struct import_line){ .number = number, .key = key };
    batch->good++;
    return ERR_OK;
}

enum err
import_batch_refuse(struct import_batch *batch, int64_t number, enum err why)
{
    if (batch->count == IMPORT_LINES_MAX) {
        return ERR_IMPORT_LINES;
    }
    batch->lines[batch->count++] = (struct import_line){ .number = number, .err = why };
    return ERR_OK;
}

enum err
import_batch_params(struct import_batch *batch, struct db_params *params)
{
    DEFER(buf_fini) struct buf rows = BUF_MAX(ROWS_MAX);
    DEFER(buf_fini) struct buf edges = BUF_MAX(EDGES_MAX);
    struct span kept;
    TRY(json_encode(batch->rows, &rows));
    json_free(&batch->rows);
    TRY(batch->kind->edges(&edges));
    db_params_init(params, batch->arena);
    TRY(arena_copy(batch->arena, buf_span(&rows), &kept));
    db_text(params, kept);
    db_text(params, batch->owner);
    db_time(params, batch->now);
    TRY(arena_copy(batch->arena, buf_span(&edges), &kept));
    db_text(params, kept);
    return ERR_OK;
}

static enum err
take_outcome(const struct import_batch *batch, struct import_line *line, struct span outcome)
{
    struct faults faults = { .count = 0 };
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (span_eq_cstr(outcome, outcomes[i].outcome)) {
            line->verdict = outcomes[i].verdict;
            line->err = outcomes[i].err;
            if (outcomes[i].field != NULL) {
                faults_add(&faults, "", outcomes[i].field, ERR_FIELD_VALUE);
            }
            return keep_faults(batch, &faults, line);
        }
    }
    return ERR_INTERNAL;
}

enum err
import_batch_take(struct import_batch *batch, const struct db_rows *rows)
{
    if (db_rows_count(rows) != batch->good) {
        return ERR_INTERNAL;
    }
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        int64_t at = db_row_i64(rows, i, "n");
        if (at < 0 || (size_t)at >= batch->count) {
            return ERR_INTERNAL;
        }
        TRY(take_outcome(batch, &batch->lines[at], db_row_text(rows, i, "outcome")));
    }
    return ERR_OK;
}

static enum err
put_reason(struct json_t *view, const struct import_line *line, enum language language)
{
    TRY(json_put_text(view, "code", err_code(line->err)));
    TRY(json_put_text(view, "detail", err_text(line->err, language)));
    return http_faults_put(view, line->faults, line->fault_count, language);
}

enum err
import_line_view(const struct import_batch *batch, const struct import_line *line,
                 enum language language, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_new_object(&view));
    TRY(json_put_i64(view, "line", line->number));
    TRY(json_put_string_or_null(view, batch->kind->key_name, line->key));
    TRY(json_put_text(view, "verdict", import_verdict_code(line->verdict)));
    if (line->err != ERR_OK) {
        TRY(put_reason(view, line, language));
    }
    *out = view;
    view = NULL;
    return ERR_OK;
}

size_t
import_batch_tally(const struct import_batch *batch, enum import_verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        count += batch->lines[i].verdict == verdict ? 1 : 0;
    }
    return count;
}
