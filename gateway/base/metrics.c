/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

enum kind { COUNTER, GAUGE };

static const struct {
    const char *name;
    enum kind kind;
    const char *help;
} rows[METRIC_COUNT] = {
#define METRIC(name, kind, help) [METRIC_##name] = { #name, kind, help },
#include "metrics.def"
#undef METRIC
};

static const struct {
    const char *name;
    const char *help;
} gauges[METRIC_GAUGE_COUNT] = {
#define GAUGE(name, help) [METRIC_GAUGE_##name] = { #name, help },
#include "metrics_gauge.def"
#undef GAUGE
};

struct region {
    atomic_int_least64_t rows[METRICS_ROWS_MAX][METRIC_COUNT];
};

static struct region private_region;
static struct region *region = &private_region;
static int own_row;

enum err
metrics_create(int *fd)
{
    int made = memfd_create("tallygate-metrics", 0);
    if (made < 0) {
        return ERR_SYSTEM;
    }
    if (ftruncate(made, sizeof(struct region)) != 0) {
        (void)close(made);
        return ERR_SYSTEM;
    }
    *fd = made;
    return ERR_OK;
}

/* What the row's last process held open went with it; what it counted stays counted. */
void
metrics_ended(int row)
{
    for (int i = 0; i < METRIC_COUNT && row >= 0 && row < METRICS_ROWS_MAX; i++) {
        if (rows[i].kind == GAUGE) {
            atomic_store_explicit(&region->rows[row][i], 0, memory_order_relaxed);
        }
    }
}

enum err
metrics_attach(int fd, int row)
{
    if (row < 0 || row >= METRICS_ROWS_MAX) {
        return ERR_NUMBER;
    }
    void *at = mmap(NULL, sizeof(struct region), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        return ERR_SYSTEM;
    }
    region = at;
    own_row = row;
    metrics_ended(row);
    return ERR_OK;
}

void
metrics_add(enum metric metric, int64_t by)
{
    atomic_fetch_add_explicit(&region->rows[own_row][metric], by, memory_order_relaxed);
}

void
metrics_show(enum metric metric, int64_t *shown, int64_t value)
{
    metrics_add(metric, value - *shown);
    *shown = value;
}

int64_t
metrics_sum(enum metric metric)
{
    int64_t sum = 0;
    for (size_t row = 0; row < METRICS_ROWS_MAX; row++) {
        sum += atomic_load_explicit(&region->rows[row][metric], memory_order_relaxed);
    }
    return sum;
}

static enum err
encode_name(struct buf *out, const char *name)
{
    TRY(buf_text(out, "tallygate_"));
    for (; *name != 0; name++) {
        unsigned char c = (unsigned char)*name;
        TRY(buf_byte(out, c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c));
    }
    return ERR_OK;
}

static enum err
encode_head(const char *name, const char *help, enum kind kind, struct buf *out)
{
    TRY(buf_text(out, "# HELP "));
    TRY(encode_name(out, name));
    TRY(buf_printf(out, " %s\n# TYPE ", help));
    TRY(encode_name(out, name));
    return buf_text(out, kind == COUNTER ? " counter\n" : " gauge\n");
}

static enum err
encode_row(enum metric metric, struct buf *out)
{
    TRY(encode_head(rows[metric].name, rows[metric].help, rows[metric].kind, out));
    TRY(encode_name(out, rows[metric].name));
    return buf_printf(out, " %lld\n", (long long)metrics_sum(metric));
}

enum err
metrics_encode(struct buf *out)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        TRY(encode_row((enum metric)i, out));
    }
    return ERR_OK;
}

enum err
metrics_gauge_head(enum metric_gauge gauge, struct buf *out)
{
    return encode_head(gauges[gauge].name, gauges[gauge].help, GAUGE, out);
}

/* Within a label's quotes a backslash, a quote and a line's end are escaped. */
static enum err
encode_label(const struct metric_label *label, struct buf *out)
{
    TRY(buf_printf(out, "%s=\"", label->name));
    for (size_t i = 0; i < label->value.len; i++) {
        unsigned char c = label->value.at[i];
        if (c == '\\' || c == '"' || c == '\n') {
            TRY(buf_byte(out, '\\'));
        }
        TRY(buf_byte(out, c == '\n' ? 'n' : c));
    }
    return buf_byte(out, '"');
}

enum err
metrics_gauge_line(enum metric_gauge gauge, const struct metric_label *labels, size_t count,
                   int64_t value, struct buf *out)
{
    TRY(encode_name(out, gauges[gauge].name));
    for (size_t i = 0; i < count; i++) {
        TRY(buf_byte(out, i == 0 ? '{' : ','));
        TRY(encode_label(&labels[i], out));
    }
    return buf_printf(out, "%s %lld\n", count == 0 ? "" : "}", (long long)value);
}
