/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_row.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX_BYTES 90
#define NAME_MAX_BYTES  64
#define DECIMALS_MAX    5
#define UNITS_PER_YUAN  100000
#define COUNT_MAX       INT64_C(100000000)

enum bill_step
bill_row_fault(struct bill_fault *fault, enum finding finding, size_t number, const char *expected,
               struct span got)
{
    fault->finding = finding;
    fault->number = number;
    struct span kept = span_sub(got, 0, SHOWN_MAX_BYTES);
    while (kept.len > 0 && !span_is_utf8(kept)) {
        kept.len--; /* do not cut a character in two */
    }
    char shown[SHOWN_MAX_BYTES + 1] = { 0 };
    if (kept.len > 0) {
        memcpy(shown, kept.at, kept.len);
    }
    (void)snprintf(fault->detail, sizeof(fault->detail), "%.100s: %s", expected, shown);
    return BILL_STEP_FAULT;
}

/* Full-width brackets and signs to plain ones, so that both spellings of a header are one. */
static struct span
plain_name(struct span name, unsigned char storage[NAME_MAX_BYTES])
{
    static const struct {
        const char *wide;
        unsigned char plain;
    } pairs[] = { { "（", '(' }, { "）", ')' }, { "＋", '+' }, { "－", '-' } };
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < NAME_MAX_BYTES; i++) {
        struct span three = span_sub(name, i, 3);
        storage[len] = name.at[i];
        for (size_t k = 0; k < sizeof(pairs) / sizeof(pairs[0]); k++) {
            if (span_eq_cstr(three, pairs[k].wide)) {
                storage[len] = pairs[k].plain;
                i += 2;
                break;
            }
        }
        len++;
    }
    return span_make(storage, len);
}

bool
bill_row_is_named(struct span field, const char *name)
{
    unsigned char storage[NAME_MAX_BYTES];
    return span_eq_cstr(plain_name(field, storage), name);
}

const char *
bill_row_known(const struct bill_row_table *table, struct span field, size_t *column)
{
    unsigned char storage[NAME_MAX_BYTES];
    struct span name = plain_name(field, storage);
    for (size_t i = 0; i < table->name_count; i++) {
        if (span_eq_cstr(name, table->names[i].name)) {
            *column = table->names[i].column;
            return table->names[i].name;
        }
    }
    *column = BILL_ROW_NO_PLACE;
    for (size_t i = 0; table->ignored != NULL && table->ignored[i] != NULL; i++) {
        if (span_eq_cstr(name, table->ignored[i])) {
            return table->ignored[i];
        }
    }
    return NULL;
}

const char *
bill_row_name_of(const struct bill_row_table *table, size_t column)
{
    size_t i = 0;
    while (table->names[i].column != column) {
        i++;
    }
    return table->names[i].name;
}

/* False when the name is not known or was there before. */
static bool
place_column(const struct bill_row_table *table, struct span field, size_t at,
             struct bill_row_places *out)
{
    size_t column = BILL_ROW_NO_PLACE;
    bool known = bill_row_known(table, field, &column) != NULL;
    if (column == BILL_ROW_NO_PLACE) {
        return known;
    }
    bool first = out->at[column] == BILL_ROW_NO_PLACE;
    out->at[column] = at;
    return first;
}

enum bill_step
bill_row_header(const struct bill_row_table *table, const struct span *fields, size_t count,
                size_t number, struct bill_row_places *out, struct bill_fault *fault)
{
    struct bill_row_places places = { .width = count };
    for (size_t i = 0; i < BILL_ROW_COLUMNS_MAX; i++) {
        places.at[i] = BILL_ROW_NO_PLACE;
    }
    for (size_t i = 0; i < count; i++) {
        if (!place_column(table, fields[i], i, &places)) {
            fault->header = table;
            return bill_row_fault(fault, FINDING_FILE_COLUMNS, number, "unexpected column",
                                  fields[i]);
        }
    }
    for (size_t i = 0; i < table->required; i++) {
        if (places.at[i] == BILL_ROW_NO_PLACE) {
            fault->header = table;
            return bill_row_fault(fault, FINDING_FILE_COLUMNS, number, "missing column",
                                  span_of(bill_row_name_of(table, i)));
        }
    }
    *out = places;
    return BILL_STEP_NOTHING;
}

bool
bill_row_is_scientific(struct span id)
{
    if (id.len < 3 || id.at[1] != '.') {
        return false;
    }
    size_t e = span_find(id, SPAN_LIT("E+"));
    struct span head = span_sub(id, 0, e);
    return e < id.len && head.len > 2 && span_is_digits(span_sub(head, 0, 1))
           && span_is_digits(span_sub(head, 2, head.len))
           && span_is_digits(span_sub(id, e + 2, id.len));
}

static enum err
parse_units(struct span text, size_t decimals, int64_t *out)
{
    struct span rest = text;
    struct span whole;
    uint64_t yuan = 0;
    uint64_t part = 0;
    bool has_point = span_cut(&rest, '.', &whole);
    if (!span_is_digits(whole) || (has_point && (!span_is_digits(rest) || rest.len > decimals))) {
        return ERR_AMOUNT;
    }
    if (has_point && span_to_u64(rest, 0, UNITS_PER_YUAN - 1, &part) != ERR_OK) {
        return ERR_AMOUNT;
    }
    for (size_t i = has_point ? rest.len : DECIMALS_MAX; i < DECIMALS_MAX; i++) {
        part *= 10;
    }
    int64_t units = 0;
    if (span_to_u64(whole, 0, INT64_MAX, &yuan) != ERR_OK
        || __builtin_mul_overflow((int64_t)yuan, (int64_t)UNITS_PER_YUAN, &units)
        || __builtin_add_overflow(units, (int64_t)part, &units)) {
        return ERR_AMOUNT_OVERFLOW;
    }
    *out = units;
    return ERR_OK;
}

#define USUAL_DIGITS 12 /* of whole yuan: no product of them overflows */

/* "6.00000", as nearly all amounts of bills are, in one way through it. */
static bool
usual_units(struct span text, size_t decimals, int64_t *out)
{
    static const int64_t scales[DECIMALS_MAX + 1] = { UNITS_PER_YUAN, 10000, 1000, 100, 10, 1 };
    int64_t value = 0;
    size_t point = text.len;
    if (text.len > USUAL_DIGITS + 1 + DECIMALS_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)text.at[i] - '0';
        if (digit <= 9) {
            value = value * 10 + digit;
        } else if (text.at[i] == '.' && point == text.len) {
            point = i;
        } else {
            return false;
        }
    }
    size_t behind = point == text.len ? 0 : text.len - point - 1;
    if (point == 0 || point > USUAL_DIGITS || behind > decimals
        || (point < text.len && behind == 0)) {
        return false;
    }
    *out = value * scales[behind];
    return true;
}

enum err
bill_row_units(struct span text, size_t decimals, int64_t *out)
{
    bool negative = text.len > 0 && text.at[0] == '-';
    int64_t units = 0;
    if (usual_units(text, decimals, out)) {
        return ERR_OK;
    }
    TRY(parse_units(negative ? span_sub(text, 1, text.len) : text, decimals, &units));
    *out = negative ? -units : units;
    return ERR_OK;
}

enum err
bill_row_money(struct span text, struct money *out)
{
    struct money money;
    TRY(money_parse_signed(text, CURRENCY_CNY, &money));
    if (money.minor > MONEY_MAX_MINOR || money.minor < -MONEY_MAX_MINOR) {
        return ERR_AMOUNT_OVERFLOW;
    }
    *out = money;
    return ERR_OK;
}

int64_t
bill_row_fen(int64_t units)
{
    int64_t magnitude = units < 0 ? -units : units;
    int64_t up = magnitude % BILL_ROW_UNITS_FEN * 2 >= BILL_ROW_UNITS_FEN ? 1 : 0;
    int64_t fen = magnitude / BILL_ROW_UNITS_FEN + up;
    return units < 0 ? -fen : fen;
}

enum err
bill_row_count(struct span text, int64_t *out)
{
    int64_t units = 0;
    if (bill_row_units(text, DECIMALS_MAX, &units) != ERR_OK || units < 0
        || units % UNITS_PER_YUAN != 0 || units / UNITS_PER_YUAN > COUNT_MAX) {
        return ERR_NUMBER;
    }
    *out = units / UNITS_PER_YUAN;
    return ERR_OK;
}

enum bill_step
bill_row_tie_next(const struct bill_row_tie *ties, size_t count, size_t *next,
                  struct bill_fault *fault)
{
    while (*next < count) {
        const struct bill_row_tie *tie = &ties[(*next)++];
        if (tie->by_lines != tie->by_trailer) {
            char got[80];
            (void)snprintf(got, sizeof(got), "lines %lld, trailer %lld", (long long)tie->by_lines,
                           (long long)tie->by_trailer);
            return bill_row_fault(fault, tie->finding, 0, tie->what, span_of(got));
        }
    }
    return BILL_STEP_NOTHING;
}

bool
bill_row_movement(struct bill_totals *totals, const struct bill_line *line)
{
    bool in = line->face.minor > 0;
    if (line->face.minor != 0) {
        *(in ? &totals->in_count : &totals->out_count) += 1;
        *(in ? &totals->in_fen : &totals->out_fen) += in ? line->face.minor : -line->face.minor;
    }
    int64_t before = 0;
    if (__builtin_sub_overflow(line->balance_fen, line->face.minor, &before)) {
        return false;
    }
    bool follows = !totals->has_balance || totals->closing_fen == before;
    if (!totals->has_balance) {
        totals->opening_fen = before;
        totals->has_balance = true;
    }
    totals->closing_fen = line->balance_fen;
    return follows;
}

enum bill_flow
bill_row_flow(const struct bill_row_flow *words, size_t count, struct span word)
{
    for (size_t i = 0; i < count; i++) {
        if (span_eq_cstr(word, words[i].word)) {
            return words[i].flow;
        }
    }
    return BILL_FLOW_UNKNOWN;
}
