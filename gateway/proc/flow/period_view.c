/* SPDX-License-Identifier: Apache-2.0 */
#include "period_view.h"

#include "outcome.h"
#include "payment_view.h"

#define NAME_MAX_BYTES 64

static const struct outcome hindrances[] = {
    { "earlier", ERR_SIGNOFF_EARLIER },
    { "no_run", ERR_SIGNOFF_RUN },
    { "bill", ERR_SIGNOFF_BILL },
    { "severe", ERR_SIGNOFF_SEVERE },
    { "unassigned", ERR_SIGNOFF_UNASSIGNED },
};

/* The next "what/name" of the list; false after the last. */
static bool
next_hindrance(struct span *list, enum err *err, struct span *name)
{
    struct span one;
    struct span what;
    if (span_empty(*list)) {
        return false;
    }
    (void)span_cut(list, ' ', &one);
    (void)span_cut(&one, '/', &what);
    *err = OUTCOME_ERR(hindrances, what);
    *name = one;
    return true;
}

void
period_hindrances(struct span list, struct faults *out)
{
    enum err err = ERR_OK;
    struct span name;
    while (next_hindrance(&list, &err, &name)) {
        DEFER(buf_fini) struct buf text = BUF_MAX(NAME_MAX_BYTES);
        const char *field = NULL;
        bool named = !span_empty(name) && buf_append(&text, name) == ERR_OK
                     && buf_cstr(&text, &field) == ERR_OK;
        faults_add(out, "", named ? field : "day", err);
    }
}

static const struct outcome outcomes[] = {
    { "prepared", ERR_OK },
    { "withdrawn", ERR_OK },
    { "hindered", ERR_SIGNOFF_HINDERED },
    { "changed", ERR_SIGNOFF_CHANGED },
    { "asked", ERR_OK },
    { "opened", ERR_OK },
    { "open", ERR_SIGNOFF_OPEN },
    { "later", ERR_SIGNOFF_LATER },
    { "waiting", ERR_SIGNOFF_WAITING },
    { "nothing", ERR_SIGNOFF_NONE },
    { "same_person", ERR_SIGNOFF_SAME_PERSON },
    { "lost_race", ERR_LOST_RACE },
};

enum err
period_outcome(struct span outcome, bool signs)
{
    if (span_eq_cstr(outcome, "signed")) {
        return signs ? ERR_OK : ERR_SIGNOFF_SIGNED;
    }
    return OUTCOME_ERR(outcomes, outcome);
}

static enum err
put_hindrances(struct json_t *view, struct span list, enum language language)
{
    struct json_t *array = NULL;
    enum err err = ERR_OK;
    struct span name;
    TRY(json_new_array(&array));
    TRY(json_put(view, "hindrances", array));
    while (next_hindrance(&list, &err, &name)) {
        struct json_t *one = NULL;
        TRY(json_new_object(&one));
        TRY(json_put(array, NULL, one));
        TRY(json_put_text(one, "code", err_code(err)));
        TRY(json_put_string_or_null(one, "finding", name));
        TRY(json_put_text(one, "detail", err_text(err, language)));
    }
    return ERR_OK;
}

static enum err
put_text(struct json_t *view, const struct db_rows *rows, const char *column)
{
    return json_put_string_or_null(view, column, db_row_text(rows, 0, column));
}

static enum err
put_head(struct json_t *view, const struct period_subject *subject, const struct db_rows *rows)
{
    DEFER(buf_fini) struct buf day = BUF_MAX(NAME_MAX_BYTES);
    TRY(day_format(subject->day, &day));
    TRY(json_put_string(view, "account", subject->account));
    TRY(json_put_string(view, "day", buf_span(&day)));
    TRY(put_text(view, rows, "state"));
    if (db_row_null(rows, 0, "version")) {
        return json_put_null(view, "version");
    }
    return json_put_i64(view, "version", db_row_i64(rows, 0, "version"));
}

/* Who asks that the signed day be opened again. */
static enum err
put_reopening(struct json_t *view, const struct db_rows *rows)
{
    struct json_t *wish = NULL;
    if (db_row_null(rows, 0, "reopening_by")) {
        return json_put_null(view, "reopening");
    }
    TRY(json_new_object(&wish));
    TRY(json_put(view, "reopening", wish));
    TRY(json_put_string(wish, "asked_by", db_row_text(rows, 0, "reopening_by")));
    TRY(json_put_string(wish, "reason", db_row_text(rows, 0, "reopening_reason")));
    return payment_view_time(wish, "asked_at", db_row_time(rows, 0, "reopening_at"));
}

/* As the row has it: an array of objects. */
static enum err
put_reopened(struct json_t *view, struct span text)
{
    struct json_t *list = NULL;
    return json_parse(text, &list) == ERR_OK ? json_put(view, "reopened", list) : ERR_DB_ROWS;
}

enum err
period_view(const struct period_subject *subject, const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    if (db_rows_count(rows) != 1) {
        return ERR_DB_ROWS;
    }
    TRY(json_new_object(&view));
    TRY(put_head(view, subject, rows));
    TRY(put_text(view, rows, "content_hash"));
    if (subject->whole) {
        TRY(put_text(view, rows, "content"));
    }
    TRY(put_hindrances(view, db_row_text(rows, 0, "hindrances"), subject->language));
    TRY(put_text(view, rows, "prepared_by"));
    TRY(payment_view_time(view, "prepared_at", db_row_time(rows, 0, "prepared_at")));
    TRY(put_text(view, rows, "signed_by"));
    TRY(payment_view_time(view, "signed_at", db_row_time(rows, 0, "signed_at")));
    TRY(put_reopening(view, rows));
    TRY(put_reopened(view, db_row_text(rows, 0, "reopened")));
    *out = view;
    view = NULL;
    return ERR_OK;
}
