/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"
#include "chores.h"
#include "metrics.h"

static void
settled(void *context, const struct db_answer *answer)
{
    struct batch *batch = context;
    batch_trouble("difference_settle", answer->err);
    if (answer->err == ERR_OK) {
        metrics_add(METRIC_DIFFERENCES_ENDED_TOTAL, (int64_t)db_rows_count(answer->rows));
    }
    batch_done(batch);
}

static void
counted(void *context, const struct db_answer *answer)
{
    static const struct {
        enum metric metric;
        const char *column;
    } rows[] = {
        { METRIC_DIFFERENCES_SEVERITY_1, "severity_1" },
        { METRIC_DIFFERENCES_SEVERITY_2, "severity_2" },
        { METRIC_DIFFERENCES_SEVERITY_3, "severity_3" },
    };
    struct batch *batch = context;
    batch_trouble("difference_count", answer->err);
    for (size_t i = 0; answer->err == ERR_OK && i < sizeof(rows) / sizeof(rows[0]); i++) {
        metrics_show(rows[i].metric, &batch->services->shown.differences[i],
                     db_row_i64(answer->rows, 0, rows[i].column));
    }
    batch_done(batch);
}

void
chore_differences(struct services *services)
{
    struct batch *batch = batch_new(services, BATCH_ARENA_MAX);
    if (batch == NULL) {
        return;
    }
    struct db_params params;
    db_params_init(&params, batch->arena);
    batch->open++;
    db_run(services->db, STATEMENT_difference_count, &params, counted, batch);
    db_time(&params, clock_wall());
    db_i64(&params, BATCH_MOST);
    db_run(services->db, STATEMENT_difference_settle, &params, settled, batch);
}
