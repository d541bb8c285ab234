/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_BILL_FORM_H
#define TALLYGATE_RECONCILE_BILL_FORM_H

/* A header that drifted, taken as another writing of a known one: each column stands for one that is known, or for none. The
 * reader is given the known header in its place, so every other rule of the bill holds as before. */

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "bill_file.h"
#include "db.h"
#include "err.h"
#include "span.h"

#define BILL_FORMS_MAX 64 /* of an account */

struct bill_form {
    struct span kind;    /* of bill */
    struct span came;    /* the header line, UTF-8, without byte order mark and end */
    struct span read_as; /* what the reader is given for it */
    bool used;           /* some bill had this header */
};

struct bill_forms {
    struct bill_form list[BILL_FORMS_MAX];
    size_t count;
};

/* Why a header cannot be taken. */
enum bill_form_why {
    BILL_FORM_FITS,
    BILL_FORM_NO_DRIFT,   /* no header of named columns drifted */
    BILL_FORM_TOO_LONG,   /* it is longer than what is kept of one */
    BILL_FORM_REPEATED,   /* `about` is there twice */
    BILL_FORM_NOT_SAID,   /* nothing says what the unknown column `about` is */
    BILL_FORM_SAID_TWICE, /* `about` is said twice, or two columns are to be it */
    BILL_FORM_NOT_THERE,  /* `about` is no unknown column of the header */
    BILL_FORM_NO_COLUMN,  /* `about` is no column that is read */
    BILL_FORM_NO_PASSING, /* `about` stands in a header of which every column counts */
    BILL_FORM_MISSING,    /* `about` must be there, and nothing is said to be it */
    BILL_FORM_WHY_COUNT
};

/* What an unknown column is said to be, "came=known" for each, joined by commas; "came=" is passed over. On BILL_FORM_FITS `out` lives in
 * `arena` and each column that must be there is there once. `about` borrows from the drift, from `said` or from the table. Errors:
 * ARENA_FULL, BUF_FULL, NO_MEMORY. */
MUST_USE enum err bill_form_make(const struct adapter_bill *bill, const struct bill_drift *drift,
                                 struct span said, struct arena *arena, struct bill_form *out,
                                 enum bill_form_why *why, struct span *about);

/* The forms that two people accepted for an account; of two for one header the later. Texts live in `arena`. Errors: those of
 * db_session_run; LIMIT of forms as BUF_FULL. */
MUST_USE enum err bill_form_load(struct db_session *session, const char *account,
                                 struct arena *arena, struct bill_forms *out);

/* What a line is read as: itself, unless it is the header of a form of this kind, which is then marked as used. `forms` may be NULL. */
struct span bill_form_line(struct bill_forms *forms, const char *kind, struct span line);

/* True when some bill was read by one. */
bool bill_form_any_used(const struct bill_forms *forms);

#endif
