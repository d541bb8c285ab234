/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_ALIKE_H
#define TALLYGATE_BASE_ALIKE_H

/* What the rows of a table say again and again - a currency, a state, an empty cell - is compared at once, separators and all, instead
 * of being cut and read cell by cell. A few rows are looked at whole from time to time; the cells that all of them have alike make runs, and
 * the last of these rows is the model. A run that stands in another row byte by byte means there what it means in the model,
 * since a cell and what follows it begin where it begins. One for each table; zeroed at first. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "span.h"

#define ALIKE_CELLS_MAX 64
#define ALIKE_TEXT_MAX  2048 /* of a model; a longer row has no runs */

struct alike {
    unsigned char text[ALIKE_TEXT_MAX];   /* the model */
    uint16_t starts[ALIKE_CELLS_MAX + 1]; /* of its cells; behind the last: its end */
    uint8_t runs[ALIKE_CELLS_MAX]; /* by its first cell: the cell behind its last; 0: none begins */
    size_t cells;
    uint64_t alike;  /* while it learns: the cells that its rows had alike until now */
    unsigned learnt; /* rows while it learns; ALIKE_LEARN_ROWS: there is a model */
    unsigned left;   /* rows until it learns again; fewer when runs fail */
};

#define ALIKE_LEARN_ROWS 8
#define ALIKE_USE_ROWS   4096
#define ALIKE_MISS_COST  32 /* of those rows */

/* True when the next row has to be cut whole and given to alike_learn. */
static inline bool
alike_learns(const struct alike *alike)
{
    return alike->learnt < ALIKE_LEARN_ROWS;
}

/* A row, and where its cells start in it; starts[cells] is where it ends. True when it became the model. A run to the last cell is no more than a
 * beginning where rows come without what ends them: then whoever takes one has to see that the row ends there, too. */
bool alike_learn(struct alike *alike, struct span row, const size_t *starts, size_t cells);

/* No model any more: the next rows are learnt. */
void alike_forget(struct alike *alike);

/* Counts a row that was not given to alike_learn. */
static inline void
alike_used(struct alike *alike)
{
    if (alike->left-- <= 1) {
        alike_forget(alike);
    }
}

static inline bool
alike_small(const unsigned char *a, const unsigned char *b, size_t len)
{
    uint32_t x[2] = { 0, 0 };
    uint32_t y[2] = { 0, 0 };
    if (len >= sizeof(x[0])) {
        memcpy(&x[0], a, sizeof(x[0]));
        memcpy(&y[0], b, sizeof(y[0]));
        memcpy(&x[1], a + len - sizeof(x[1]), sizeof(x[1]));
        memcpy(&y[1], b + len - sizeof(y[1]), sizeof(y[1]));
        return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
    }
    return len == 0 || (a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1]);
}

/* As memcmp, for short texts, of which there is one for each cell: no call. */
static inline bool
alike_bytes(const unsigned char *a, const unsigned char *b, size_t len)
{
    uint64_t x = 0;
    uint64_t y = 0;
    if (len < sizeof(x)) {
        return alike_small(a, b, len);
    }
    for (size_t i = 0; i + sizeof(x) < len; i += sizeof(x)) {
        memcpy(&x, a + i, sizeof(x));
        memcpy(&y, b + i, sizeof(y));
        if (x != y) {
            return false;
        }
    }
    memcpy(&x, a + len - sizeof(x), sizeof(x));
    memcpy(&y, b + len - sizeof(y), sizeof(y));
    return x == y;
}

/* `rest` begins where a row's cell does. The cell behind the run that begins there and stands in it, and its bytes in *len; 0
 * when there is none. */
static inline size_t
alike_run(struct alike *alike, size_t cell, struct span rest, size_t *len)
{
    size_t behind = alike->runs[cell];
    if (behind == 0) {
        return 0;
    }
    *len = (size_t)alike->starts[behind] - alike->starts[cell];
    if (rest.len >= *len && alike_bytes(alike->text + alike->starts[cell], rest.at, *len)) {
        return behind;
    }
    alike->left = alike->left > ALIKE_MISS_COST ? alike->left - ALIKE_MISS_COST : 1;
    return 0;
}

#endif
