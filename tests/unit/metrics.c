/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static void
add_in_child(int fd, int row, enum metric metric, int64_t by)
{
    pid_t child = fork();
    if (child == 0) {
        if (metrics_attach(fd, row) != ERR_OK) {
            _exit(1);
        }
        metrics_add(metric, by);
        _exit(0);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
}

Test(metrics, rows_outside_the_region_are_refused)
{
    int fd = -1;
    CHECK_OK(metrics_create(&fd));
    CHECK_ERR(metrics_attach(fd, -1), ERR_NUMBER);
    CHECK_ERR(metrics_attach(fd, METRICS_ROWS_MAX), ERR_NUMBER);
    CHECK_ERR(metrics_attach(-1, 0), ERR_SYSTEM);
    (void)close(fd);
}

Test(metrics, a_reader_sums_what_all_processes_counted)
{
    int fd = -1;
    CHECK_OK(metrics_create(&fd));
    CHECK_OK(metrics_attach(fd, 0));
    metrics_add(METRIC_TRANSITIONS_TOTAL, 1);
    add_in_child(fd, 1, METRIC_TRANSITIONS_TOTAL, 20);
    add_in_child(fd, METRICS_ROWS_MAX - 1, METRIC_TRANSITIONS_TOTAL, 300);
    cr_expect_eq(metrics_sum(METRIC_TRANSITIONS_TOTAL), 321);
    cr_expect_eq(metrics_sum(METRIC_ALARMS_TOTAL), 0);
    (void)close(fd);
}

Test(metrics, a_restarted_child_keeps_counters_and_clears_gauges)
{
    int fd = -1;
    CHECK_OK(metrics_create(&fd));
    CHECK_OK(metrics_attach(fd, 0));
    metrics_add(METRIC_CONNECTIONS, 2);
    add_in_child(fd, 1, METRIC_CONNECTIONS, 7);
    add_in_child(fd, 1, METRIC_REQUESTS_TOTAL, 7);
    cr_expect_eq(metrics_sum(METRIC_CONNECTIONS), 2, "the dead child holds no connection");
    add_in_child(fd, 1, METRIC_REQUESTS_TOTAL, 1);
    cr_expect_eq(metrics_sum(METRIC_REQUESTS_TOTAL), 8);
    (void)close(fd);
}

Test(metrics, without_a_region_they_count_privately)
{
    metrics_add(METRIC_POLLS_TOTAL, 3);
    metrics_add(METRIC_CONNECTIONS, 1);
    metrics_add(METRIC_CONNECTIONS, -1);
    cr_expect_eq(metrics_sum(METRIC_POLLS_TOTAL), 3);
    cr_expect_eq(metrics_sum(METRIC_CONNECTIONS), 0);
}

Test(metrics, text_is_the_prometheus_exposition)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(65536);
    metrics_add(METRIC_CONNECTIONS, 4);
    CHECK_OK(metrics_encode(&out));
    static const char want[] = "# HELP tallygate_connections open inbound connections\n"
                               "# TYPE tallygate_connections gauge\n"
                               "tallygate_connections 4\n";
    cr_expect_lt(span_find(buf_span(&out), span_of(want)), out.len);
    cr_expect(span_starts(buf_span(&out),
                          SPAN_LIT("# HELP tallygate_requests_total portal requests answered\n"
                                   "# TYPE tallygate_requests_total counter\n"
                                   "tallygate_requests_total 0\n")));
}

static const struct {
    const char *name;
    const char *kind;
} rows[] = {
#define METRIC(name, kind, help) { #name, #kind },
#include "metrics.def"
#undef METRIC
};

Test(metrics, counters_and_only_counters_end_in_total)
{
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        bool total = span_ends(span_of(rows[i].name), SPAN_LIT("_TOTAL"));
        cr_expect_eq(total, strcmp(rows[i].kind, "COUNTER") == 0, "%s", rows[i].name);
    }
}
