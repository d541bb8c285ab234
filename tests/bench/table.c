/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <stdio.h>

int64_t
table_ratio(const struct table_row *row)
{
    int64_t scaled;
    if (row->reference <= 0 || __builtin_mul_overflow(row->value, TABLE_ONE, &scaled)) {
        return 0;
    }
    return (scaled + row->reference / 2) / row->reference;
}

bool
table_ok(const struct table_row *row)
{
    if (row->kind == TABLE_NO_BAR) {
        return true;
    }
    int64_t ratio = table_ratio(row);
    return row->measured && row->reference > 0
           && (row->kind == TABLE_AT_MOST ? ratio <= row->bar : ratio >= row->bar);
}

/* "0.250" */
static void
put_thousandths(int64_t value, char *out, size_t size)
{
    (void)snprintf(out, size, "%lld.%03lld", (long long)(value / TABLE_ONE),
                   (long long)(value % TABLE_ONE));
}

static void
print_row(const struct table_row *row)
{
    static const char *const signs[] = { "", "<=", ">=" };
    char ratio[32] = "";
    char bar[32] = "";
    if (!row->measured) {
        (void)printf("%-28s not measured: %s\n", row->name, row->note);
        return;
    }
    if (row->reference > 0) {
        put_thousandths(table_ratio(row), ratio, sizeof(ratio));
    }
    if (row->kind != TABLE_NO_BAR) {
        put_thousandths(row->bar, bar, sizeof(bar));
    }
    (void)printf("%-28s %12lld %-8s %12lld %9s  %2s %-7s %s%s%s\n", row->name,
                 (long long)row->value, row->unit, (long long)row->reference, ratio,
                 signs[row->kind], bar,
                 row->kind == TABLE_NO_BAR ? ""
                 : table_ok(row)           ? "held"
                                           : "MISSED",
                 row->note[0] == 0 ? "" : "  ", row->note);
}

void
table_add(struct table *table, const struct table_row *row)
{
    if (table->count == 0) {
        (void)printf("%-28s %12s %-8s %12s %9s  %s\n", "name", "value", "unit", "reference",
                     "ratio", "bar");
    }
    print_row(row);
    (void)fflush(stdout);
    if (table->count < TABLE_ROWS_MAX) {
        table->rows[table->count++] = *row;
    }
}

/* Written by hand, since ratios have decimals and there is no floating point here; names, units and notes are text without
 * control characters. */
static void
put_text(FILE *file, const char *name, const char *text)
{
    (void)fprintf(file, "\"%s\": \"", name);
    for (const char *at = text; *at != 0; at++) {
        if (*at == '"' || *at == '\\') {
            (void)fputc('\\', file);
        }
        (void)fputc((unsigned char)*at < ' ' ? ' ' : *at, file);
    }
    (void)fputc('"', file);
}

static void
put_decimal(FILE *file, const char *name, bool there, int64_t thousandths)
{
    char text[32] = "null";
    if (there) {
        put_thousandths(thousandths, text, sizeof(text));
    }
    (void)fprintf(file, ", \"%s\": %s", name, text);
}

static void
put_number(FILE *file, const char *name, bool there, int64_t value)
{
    if (there) {
        (void)fprintf(file, ", \"%s\": %lld", name, (long long)value);
    } else {
        (void)fprintf(file, ", \"%s\": null", name);
    }
}

static void
put_row(FILE *file, const struct table_row *row)
{
    bool compared = row->measured && row->reference > 0;
    (void)fputs("  {", file);
    put_text(file, "name", row->name);
    put_number(file, "value", row->measured, row->value);
    (void)fputs(", ", file);
    put_text(file, "unit", row->unit);
    put_number(file, "reference", row->reference > 0, row->reference);
    put_decimal(file, "ratio", compared, table_ratio(row));
    put_decimal(file, "bar", row->kind != TABLE_NO_BAR, row->bar);
    (void)fprintf(file, ", \"ok\": %s", table_ok(row) ? "true" : "false");
    if (row->note[0] != 0) {
        (void)fputs(", ", file);
        put_text(file, "note", row->note);
    }
    (void)fputc('}', file);
}

enum err
table_write(const struct table *table, const char *path)
{
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return ERR_FILE_WRITE;
    }
    (void)fputs("[\n", file);
    for (size_t i = 0; i < table->count; i++) {
        put_row(file, &table->rows[i]);
        (void)fputs(i + 1 < table->count ? ",\n" : "\n", file);
    }
    (void)fputs("]\n", file);
    return fclose(file) == 0 ? ERR_OK : ERR_FILE_WRITE;
}
