/* SPDX-License-Identifier: Apache-2.0 */
/* A bar is held or missed by the ratio; what was not measured holds none. */
#include "table.h"

#include <criterion/criterion.h>

Test(table, a_bar_is_judged_by_the_ratio)
{
    static const struct {
        struct table_row row;
        int64_t ratio;
        bool ok;
    } rows[] = {
        { { .measured = true, .value = 25, .reference = 100, .kind = TABLE_AT_MOST, .bar = 250 },
          250,
          true },
        { { .measured = true, .value = 26, .reference = 100, .kind = TABLE_AT_MOST, .bar = 250 },
          260,
          false },
        { { .measured = true, .value = 200, .reference = 100, .kind = TABLE_AT_LEAST, .bar = 2000 },
          2000,
          true },
        { { .measured = true, .value = 199, .reference = 100, .kind = TABLE_AT_LEAST, .bar = 2000 },
          1990,
          false },
        { { .measured = false, .value = 1, .reference = 100, .kind = TABLE_AT_MOST, .bar = 250 },
          10,
          false },
        { { .measured = true, .value = 1, .reference = 0, .kind = TABLE_AT_MOST, .bar = 250 },
          0,
          false },
        { { .measured = true, .value = 9, .reference = 3, .kind = TABLE_NO_BAR }, 3000, true },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect_eq(table_ratio(&rows[i].row), rows[i].ratio, "row %zu", i);
        cr_expect_eq(table_ok(&rows[i].row), rows[i].ok, "row %zu", i);
    }
}
