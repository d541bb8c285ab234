/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"
#include "chores.h"
#include "log.h"
#include "metrics.h"

#define MS_PER_S 1000

static struct wall_time
alarm_before(const struct services *services, struct wall_time now)
{
    int64_t age_s = config_int(services->config, CONFIG_payment_unfinished_alarm_s, 0);
    return wall_add_ms(now, -age_s * MS_PER_S);
}

static enum err
tell_one(struct batch *batch, const struct db_rows *rows, size_t row)
{
    struct wall_time end = db_row_time(rows, row, "expires_at");
    (void)batch; /* it is told at once */
    metrics_add(METRIC_ALARMS_TOTAL, 1);
    log_event(LOG_ATTEMPT_OVERDUE, LOG_SPAN("attempt_no", db_row_text(rows, row, "attempt_no")),
              LOG_SPAN("account", db_row_text(rows, row, "account")),
              LOG_SPAN("state", db_row_text(rows, row, "state")),
              LOG_I64("overdue_s", wall_ms_between(end, clock_wall()) / MS_PER_S),
              LOG_SPAN("trouble", db_row_text(rows, row, "query_trouble")));
    return ERR_OK;
}

static void
told(void *context, const struct db_answer *answer)
{
    batch_claimed(context, "attempt_overdue_claim", answer, tell_one);
}

static void
counted(void *context, const struct db_answer *answer)
{
    struct batch *batch = context;
    struct services_shown *shown = &batch->services->shown;
    batch_trouble("attempt_overdue_count", answer->err);
    if (answer->err == ERR_OK) {
        struct wall_time oldest = db_row_time(answer->rows, 0, "oldest");
        int64_t age_s = oldest.us == 0 ? 0 : wall_ms_between(oldest, clock_wall()) / MS_PER_S;
        metrics_show(METRIC_ATTEMPTS_OVERDUE, &shown->overdue,
                     db_row_i64(answer->rows, 0, "overdue"));
        metrics_show(METRIC_ATTEMPTS_GIVEN_UP, &shown->given_up,
                     db_row_i64(answer->rows, 0, "given_up"));
        metrics_show(METRIC_OLDEST_UNFINISHED_SECONDS, &shown->oldest_s, age_s);
    }
    batch_done(batch);
}

void
chore_overdue(struct services *services)
{
    struct batch *batch = batch_new(services, BATCH_ARENA_MAX);
    if (batch == NULL) {
        return;
    }
    struct wall_time now = clock_wall();
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, now);
    db_time(&params, alarm_before(services, now));
    batch->open++;
    db_run(services->db, STATEMENT_attempt_overdue_count, &params, counted, batch);
    db_i64(&params, BATCH_MOST);
    db_run(services->db, STATEMENT_attempt_overdue_claim, &params, told, batch);
}
