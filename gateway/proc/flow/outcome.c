/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum err
outcome_err(const struct outcome *table, size_t count, struct span word)
{
    for (size_t i = 0; i < count; i++) {
        if (span_eq_cstr(word, table[i].word)) {
            return table[i].err;
        }
    }
    return ERR_DB_ROWS;
}
