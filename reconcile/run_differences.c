/* SPDX-License-Identifier: Apache-2.0 */
#include "difference.h"
#include "run_parts.h"

#define REGISTRY_MAX ((size_t)64 * 1024)

struct columns {
    struct buf codes;
    struct buf families;
    struct buf severities;
    struct buf actions;
};

static void
columns_fini(struct columns *columns)
{
    buf_fini(&columns->codes);
    buf_fini(&columns->families);
    buf_fini(&columns->severities);
    buf_fini(&columns->actions);
}

static enum err
columns_fill(struct columns *out)
{
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        enum finding finding = (enum finding)i;
        if (difference_makes(finding)) {
            TRY(run_array_add(&out->codes, span_of(finding_name(finding))));
            TRY(run_array_add(&out->families, span_of(difference_family(finding))));
            TRY(run_array_add_i64(&out->severities, finding_severity(finding)));
            TRY(run_array_add(&out->actions, span_of(difference_action(finding))));
        }
    }
    TRY(run_array_end(&out->codes));
    TRY(run_array_end(&out->families));
    TRY(run_array_end(&out->severities));
    return run_array_end(&out->actions);
}

enum err
run_publish_differences(const struct run *run, int64_t run_id)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    DEFER(columns_fini)
    struct columns columns = { .codes = BUF_MAX(REGISTRY_MAX),
                               .families = BUF_MAX(REGISTRY_MAX),
                               .severities = BUF_MAX(REGISTRY_MAX),
                               .actions = BUF_MAX(REGISTRY_MAX) };
    struct db_params params;
    TRY(columns_fill(&columns));
    db_params_init(&params, run->arena);
    db_i64(&params, run_id);
    db_time(&params, clock_wall());
    db_text(&params, buf_span(&columns.codes));
    db_text(&params, buf_span(&columns.families));
    db_text(&params, buf_span(&columns.severities));
    db_text(&params, buf_span(&columns.actions));
    TRY(db_session_run(run->session, STATEMENT_difference_publish, &params, &rows));
    return db_rows_count(rows) == 1 ? ERR_OK : ERR_DB_ROWS;
}
