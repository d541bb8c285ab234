/* SPDX-License-Identifier: Apache-2.0 */
#include "alike.h"

/* The cells of the row before that this one has as well. */
static uint64_t
alike_with(const struct alike *alike, struct span row, const size_t *starts)
{
    uint64_t same = 0;
    for (size_t i = 0; i < alike->cells; i++) {
        size_t len = starts[i + 1] - starts[i];
        bool equal = len == (size_t)alike->starts[i + 1] - alike->starts[i]
                     && memcmp(row.at + starts[i], alike->text + alike->starts[i], len) == 0;
        same |= (uint64_t)equal << i;
    }
    return same;
}

static void
keep(struct alike *alike, struct span row, const size_t *starts, size_t cells)
{
    memcpy(alike->text, row.at, row.len);
    for (size_t i = 0; i <= cells; i++) {
        alike->starts[i] = (uint16_t)starts[i];
    }
    alike->cells = cells;
}

static void
make_runs(struct alike *alike)
{
    size_t behind = 0;
    memset(alike->runs, 0, sizeof(alike->runs));
    for (size_t i = alike->cells; i > 0; i--) {
        bool same = (alike->alike >> (i - 1) & 1) != 0;
        behind = same && behind == 0 ? i : same ? behind : 0;
        bool begins = same && (i == 1 || (alike->alike >> (i - 2) & 1) == 0);
        alike->runs[i - 1] = begins ? (uint8_t)behind : 0;
    }
}

void
alike_forget(struct alike *alike)
{
    memset(alike->runs, 0, sizeof(alike->runs));
    alike->learnt = 0;
    alike->left = 0;
}

bool
alike_learn(struct alike *alike, struct span row, const size_t *starts, size_t cells)
{
    if (cells == 0 || cells > ALIKE_CELLS_MAX || starts[cells] > row.len
        || row.len > ALIKE_TEXT_MAX) {
        alike_forget(alike);
        return false;
    }
    bool first = alike->learnt == 0 || alike->cells != cells;
    alike->alike = first ? ~UINT64_C(0) : alike->alike & alike_with(alike, row, starts);
    alike->learnt = first ? 1 : alike->learnt + 1;
    keep(alike, row, starts, cells);
    if (alike->learnt < ALIKE_LEARN_ROWS) {
        return false;
    }
    make_runs(alike);
    alike->left = ALIKE_USE_ROWS;
    return true;
}
