/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_form.h"

#include "bill_drift.h"
#include "bill_row.h"

#define HEADER_MARK "\xEF\xBB\xBF"

/* A header being turned into one that is known. */
struct turning {
    const struct bill_row_table *known;
    const struct bill_drift_column *columns;
    size_t count;
    struct span said;
    struct buf *read_as;
    enum bill_form_why why;
    struct span about;
};

static bool
refuse(struct turning *turning, enum bill_form_why why, struct span about)
{
    turning->why = why;
    turning->about = about;
    return false;
}

static bool
next_said(struct span *rest, struct span *came, struct span *known)
{
    struct span one;
    if (rest->len == 0) {
        return false;
    }
    (void)span_cut(rest, ',', &one);
    *known = one;
    (void)span_cut(known, '=', came);
    return true;
}

/* How many columns of this kind the header has by this name. */
static size_t
count_of(const struct turning *turning, enum bill_drift_what what, struct span came)
{
    size_t count = 0;
    for (size_t i = 0; i < turning->count; i++) {
        const struct bill_drift_column *column = &turning->columns[i];
        count += column->what == what && span_eq(column->came, came) ? 1 : 0;
    }
    return count;
}

/* A column that is read and that no column of the header is by its own name. */
static bool
may_be(struct turning *turning, struct span known)
{
    size_t column = BILL_ROW_NO_PLACE;
    (void)bill_row_known(turning->known, known, &column);
    if (column == BILL_ROW_NO_PLACE) {
        return refuse(turning, BILL_FORM_NO_COLUMN, known);
    }
    for (size_t i = 0; i < turning->count; i++) {
        size_t other = BILL_ROW_NO_PLACE;
        if (turning->columns[i].what == BILL_DRIFT_KNOWN) {
            (void)bill_row_known(turning->known, turning->columns[i].came, &other);
        }
        if (other == column) {
            return refuse(turning, BILL_FORM_SAID_TWICE, known);
        }
    }
    return true;
}

/* Each thing that is said is about one unknown column, and about one column that is read or none. */
static bool
judge_said(struct turning *turning)
{
    struct span rest = turning->said;
    struct span came;
    struct span known;
    while (next_said(&rest, &came, &known)) {
        struct span later = rest;
        struct span other_came;
        struct span other_known;
        size_t there = count_of(turning, BILL_DRIFT_UNKNOWN, came);
        if (there != 1) {
            return refuse(turning, there == 0 ? BILL_FORM_NOT_THERE : BILL_FORM_REPEATED, came);
        }
        if (known.len > 0 && !may_be(turning, known)) {
            return false;
        }
        while (next_said(&later, &other_came, &other_known)) {
            if (span_eq(came, other_came) || (known.len > 0 && span_eq(known, other_known))) {
                return refuse(turning, BILL_FORM_SAID_TWICE,
                              span_eq(came, other_came) ? came : known);
            }
        }
    }
    return true;
}

/* What an unknown column is said to be; empty: it is passed over. */
static bool
find_said(struct turning *turning, struct span came, struct span *known)
{
    struct span rest = turning->said;
    struct span one;
    while (next_said(&rest, &one, known)) {
        if (span_eq(one, came)) {
            return true;
        }
    }
    return refuse(turning, BILL_FORM_NOT_SAID, came);
}

/* Gives the name that the reader is to see. */
static bool
turn(struct turning *turning, const struct bill_drift_column *column, struct span *out)
{
    *out = column->came;
    if (column->what == BILL_DRIFT_REPEATED) {
        return refuse(turning, BILL_FORM_REPEATED, column->came);
    }
    if (column->what != BILL_DRIFT_UNKNOWN) {
        return true;
    }
    if (!find_said(turning, column->came, out)) {
        return false;
    }
    if (out->len == 0) {
        if (turning->known->ignored == NULL) {
            return refuse(turning, BILL_FORM_NO_PASSING, column->came);
        }
        *out = span_of(turning->known->ignored[0]); /* any number of columns may be one of these */
    }
    return true;
}

/* The new header as the reader's own rule has it. */
static bool
judge_header(struct turning *turning)
{
    struct span fields[BILL_ROW_COLUMNS_MAX];
    size_t count = 0;
    struct span rest = buf_span(turning->read_as);
    for (bool more = true; more && count < BILL_ROW_COLUMNS_MAX; count++) {
        more = span_cut(&rest, ',', &fields[count]);
    }
    struct bill_row_places places;
    struct bill_fault fault = { .finding = FINDING_NONE };
    if (bill_row_header(turning->known, fields, count, 1, &places, &fault) == BILL_STEP_NOTHING) {
        return true;
    }
    for (size_t i = 0; i < turning->count; i++) {
        struct span name = span_of(turning->columns[i].known);
        if (turning->columns[i].what == BILL_DRIFT_MISSING
            && span_find(turning->said, name) == turning->said.len) {
            return refuse(turning, BILL_FORM_MISSING, name);
        }
    }
    return refuse(turning, BILL_FORM_NO_COLUMN, span_of(fault.detail));
}

static enum err
turn_all(struct turning *turning)
{
    bool first = true;
    bool fits = judge_said(turning);
    for (size_t i = 0; fits && i < turning->count; i++) {
        struct span name;
        if (turning->columns[i].what == BILL_DRIFT_MISSING) {
            continue;
        }
        fits = turn(turning, &turning->columns[i], &name);
        if (fits) {
            TRY(buf_text(turning->read_as, first ? "" : ","));
            TRY(buf_append(turning->read_as, name));
            first = false;
        }
    }
    if (fits && judge_header(turning)) {
        turning->why = BILL_FORM_FITS;
    }
    return ERR_OK;
}

static struct span
without_mark(struct span line)
{
    struct span mark = SPAN_LIT(HEADER_MARK);
    return span_starts(line, mark) ? span_sub(line, mark.len, line.len) : line;
}

enum err
bill_form_make(const struct adapter_bill *bill, const struct bill_drift *drift, struct span said,
               struct arena *arena, struct bill_form *out, enum bill_form_why *why,
               struct span *about)
{
    struct bill_drift_column columns[BILL_DRIFT_COLUMNS_MAX];
    DEFER(buf_fini) struct buf read_as = BUF_MAX(BILL_DRIFT_MAX_BYTES);
    struct turning turning = { .known = drift->known,
                               .columns = columns,
                               .count = bill_drift_columns(drift, columns),
                               .said = said,
                               .read_as = &read_as };
    *about = SPAN_LIT("");
    if (turning.count == 0 || drift->len == BILL_DRIFT_MAX_BYTES) {
        *why = turning.count == 0 ? BILL_FORM_NO_DRIFT : BILL_FORM_TOO_LONG;
        return ERR_OK;
    }
    TRY(turn_all(&turning));
    *why = turning.why;
    TRY(arena_copy(arena, turning.about, about));
    if (turning.why != BILL_FORM_FITS) {
        return ERR_OK;
    }
    *out = (struct bill_form){ .kind = span_of(bill->kind) };
    TRY(arena_copy(arena, without_mark(span_make(drift->text, drift->len)), &out->came));
    return arena_copy(arena, buf_span(&read_as), &out->read_as);
}

enum err
bill_form_load(struct db_session *session, const char *account, struct arena *arena,
               struct bill_forms *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, arena);
    db_cstr(&params, account);
    TRY(db_session_run(session, STATEMENT_bill_form_list, &params, &rows));
    out->count = 0;
    if (db_rows_count(rows) > BILL_FORMS_MAX) {
        return ERR_BUF_FULL;
    }
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        struct bill_form *form = &out->list[i];
        form->used = false;
        TRY(arena_copy(arena, db_row_text(rows, i, "kind"), &form->kind));
        TRY(arena_copy(arena, db_row_text(rows, i, "header_came"), &form->came));
        TRY(arena_copy(arena, db_row_text(rows, i, "header_read_as"), &form->read_as));
    }
    out->count = db_rows_count(rows);
    return ERR_OK;
}

struct span
bill_form_line(struct bill_forms *forms, const char *kind, struct span line)
{
    struct span bare = without_mark(line);
    for (size_t i = 0; forms != NULL && i < forms->count; i++) {
        struct bill_form *form = &forms->list[i];
        if (span_eq(form->came, bare) && span_eq_cstr(form->kind, kind)) {
            form->used = true;
            return form->read_as;
        }
    }
    return line;
}

bool
bill_form_any_used(const struct bill_forms *forms)
{
    bool used = false;
    for (size_t i = 0; i < forms->count; i++) {
        used = used || forms->list[i].used;
    }
    return used;
}
