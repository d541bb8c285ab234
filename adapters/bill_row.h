/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_BILL_ROW_H
#define TALLYGATE_ADAPTERS_BILL_ROW_H

/* What the readers of bills share: faults with their details, columns found by name, decimals, numbers
 * that a spreadsheet destroyed, sums that must tie. */

#include "bill.h"

#define BILL_ROW_COLUMNS_MAX 48
#define BILL_ROW_UNITS_FEN   1000 /* a unit is 0.00001 yuan, the finest that a bill prints */
#define BILL_ROW_NO_PLACE    ((size_t)-1)

/* Fills `fault` and returns BILL_STEP_FAULT; `got` is cut to what fits, in whole characters. */
enum bill_step bill_row_fault(struct bill_fault *fault, enum finding finding, size_t number,
                              const char *expected, struct span got);

/* A column that is read; variants of a bill may print several names for one. */
struct bill_row_name {
    size_t column;
    const char *name; /* with plain brackets and signs */
};

struct bill_row_table {
    const struct bill_row_name *names; /* in the order of their columns */
    size_t name_count;
    size_t required;            /* columns before this one must be there */
    size_t columns;             /* all of them */
    const char *const *ignored; /* known and not read; ends with NULL */
};

/* Where the columns of a header stand. */
struct bill_row_places {
    size_t width;
    size_t at[BILL_ROW_COLUMNS_MAX];
};

/* A header's names to places. Brackets and signs count alike in full and half width. A name that is not
 * known, is there twice or is missing is FILE_COLUMNS, and the fault names the table. */
enum bill_step bill_row_header(const struct bill_row_table *table, const struct span *fields,
                               size_t count, size_t number, struct bill_row_places *out,
                               struct bill_fault *fault);

/* The name that a header's field is known by, NULL for none; *column gets its column, BILL_ROW_NO_PLACE of one that is
 * passed over. */
const char *bill_row_known(const struct bill_row_table *table, struct span field, size_t *column);

/* The first name of a column. */
const char *bill_row_name_of(const struct bill_row_table *table, size_t column);

/* The field of a column, or the empty span when the header has no such column. */
static inline struct span
bill_row_field(const struct bill_row_places *places, const struct span *fields, size_t column)
{
    size_t at = places->at[column];
    return at == BILL_ROW_NO_PLACE ? span_make("", 0) : fields[at];
}

/* True when a header's name, in either width, is this one. */
bool bill_row_is_named(struct span field, const char *name);

/* "2.0240505E+27": what a spreadsheet leaves of a long number. */
bool bill_row_is_scientific(struct span id);

/* Decimal yuan, "-" allowed, with 0 to `decimals` (at most 5) digits behind the point, to units.
 * Errors: AMOUNT, AMOUNT_OVERFLOW. */
MUST_USE enum err bill_row_units(struct span text, size_t decimals, int64_t *out);

/* The same to fen, at most two decimals, within what a line may carry. */
MUST_USE enum err bill_row_money(struct span text, struct money *out);

/* Units to fen, half away from zero. */
int64_t bill_row_fen(int64_t units);

/* A count, also as "45.0". Errors: NUMBER. */
MUST_USE enum err bill_row_count(struct span text, int64_t *out);

/* Two numbers that must be equal. */
struct bill_row_tie {
    enum finding finding;
    const char *what;
    int64_t by_lines;
    int64_t by_trailer;
};

/* From *next on, up to the first that differs; BILL_STEP_NOTHING when none is left. */
enum bill_step bill_row_tie_next(const struct bill_row_tie *ties, size_t count, size_t *next,
                                 struct bill_fault *fault);

/* A provider's word for a movement. */
struct bill_row_flow {
    const char *word;
    enum bill_flow flow;
};
enum bill_flow bill_row_flow(const struct bill_row_flow *words, size_t count, struct span word);

/* Adds a movement (face signed, balance_fen after it) to the totals. False when the balance does not
 * follow from the one before. */
bool bill_row_movement(struct bill_totals *totals, const struct bill_line *line);

#endif
