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

Test(metrics, a_computed_gauge_has_one_head_and_a_line_for_each_set_of_labels)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(4096);
    const struct metric_label first[] = { { "account", SPAN("a") }, { "serial", SPAN("01") } };
    const struct metric_label second[] = { { "account", SPAN("b") }, { "serial", SPAN("02") } };
    CHECK_OK(metrics_gauge_head(METRIC_GAUGE_PROVIDER_KEY_EXPIRES_SECONDS, &out));
    CHECK_OK(metrics_gauge_line(METRIC_GAUGE_PROVIDER_KEY_EXPIRES_SECONDS, first, 2, 60, &out));
    CHECK_OK(metrics_gauge_line(METRIC_GAUGE_PROVIDER_KEY_EXPIRES_SECONDS, second, 2, -5, &out));
    CHECK_TEXT(buf_span(&out),
               "# HELP tallygate_provider_key_expires_seconds seconds until a key of the provider "
               "ends, by account and serial; absent when it has no end\n"
               "# TYPE tallygate_provider_key_expires_seconds gauge\n"
               "tallygate_provider_key_expires_seconds{account=\"a\",serial=\"01\"} 60\n"
               "tallygate_provider_key_expires_seconds{account=\"b\",serial=\"02\"} -5\n");
}

Test(metrics, a_gauge_without_labels_has_no_brackets)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(4096);
    CHECK_OK(metrics_gauge_line(METRIC_GAUGE_TLS_CERTIFICATE_EXPIRES_SECONDS, NULL, 0, 7, &out));
    CHECK_TEXT(buf_span(&out), "tallygate_tls_certificate_expires_seconds 7\n");
}

/* Prometheus text exposition 0.0.4: \\, \" and \n within a label's quotes. */
Test(metrics, a_label_cannot_end_its_quotes_or_its_line)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(4096);
    const struct metric_label label = { "serial", SPAN("a\"} 1\nb\\") };
    CHECK_OK(metrics_gauge_line(METRIC_GAUGE_PROVIDER_KEYS, &label, 1, 0, &out));
    CHECK_TEXT(buf_span(&out), "tallygate_provider_keys{serial=\"a\\\"} 1\\nb\\\\\"} 0\n");
}

Test(metrics, a_full_buffer_is_said_and_not_cut)
{
    const struct metric_label label = { "account", SPAN("a") };
    for (size_t max = 0; max < sizeof("tallygate_provider_keys{account=\"a\"} 1\n") - 1; max++) {
        DEFER(buf_fini) struct buf out = BUF_MAX(max);
        CHECK_ERR(metrics_gauge_line(METRIC_GAUGE_PROVIDER_KEYS, &label, 1, 1, &out), ERR_BUF_FULL);
    }
}
