/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#define SEVERITY_NOTE 4

/* 1 is worse than 4, and 0 is none. */
static int
worse(int a, int b)
{
    if (a == 0 || b == 0) {
        return a == 0 ? b : a;
    }
    return a < b ? a : b;
}

int
report_row_severity(const struct report_row *row)
{
    int severity = finding_severity(row->primary);
    for (size_t i = 0; i < row->finding_count; i++) {
        severity = worse(severity, finding_severity(row->findings[i]));
    }
    return severity;
}

enum finding
report_row_act_on(const struct report_row *row)
{
    int severity = report_row_severity(row);
    for (size_t i = 0; finding_severity(row->primary) != severity && i < row->finding_count; i++) {
        if (finding_severity(row->findings[i]) == severity) {
            return row->findings[i];
        }
    }
    return row->primary;
}

bool
report_row_says(const struct report_row *row, const char *family)
{
    bool says = span_starts(span_of(finding_name(row->primary)), span_of(family));
    for (size_t i = 0; !says && i < row->finding_count; i++) {
        says = span_starts(span_of(finding_name(row->findings[i])), span_of(family));
    }
    return says;
}

bool
report_row_differs(const struct report_row *row)
{
    int severity = report_row_severity(row);
    return row->delta_fen != 0 || (severity > 0 && severity < SEVERITY_NOTE);
}

/* A list that is in the order of owner and order number, as it stands to a row. */
typedef int (*order_cmp)(const struct report *report, size_t at, const struct report_row *row);

static int
pair_cmp(struct span owner, struct span order_no, const struct report_row *row)
{
    int by_owner = span_cmp(owner, row->owner);
    return by_owner != 0 ? by_owner : span_cmp(order_no, row->order_no);
}

static int
story_cmp(const struct report *report, size_t at, const struct report_row *row)
{
    return pair_cmp(report->stories[at].owner, report->stories[at].order_no, row);
}

static int
item_cmp(const struct report *report, size_t at, const struct report_row *row)
{
    return pair_cmp(report->items[at].owner, report->items[at].order_no, row);
}

static int
paper_cmp(const struct report *report, size_t at, const struct report_row *row)
{
    return pair_cmp(report->papers[at].owner, report->papers[at].order_no, row);
}

/* Where the row's order begins in the list of `total`, and how many are its own. */
static size_t
first_of(const struct report *report, size_t total, order_cmp cmp, const struct report_row *row,
         size_t *count)
{
    size_t from = 0;
    size_t to = total;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (cmp(report, middle, row) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    to = from;
    while (to < total && cmp(report, to, row) == 0) {
        to++;
    }
    *count = to - from;
    return from;
}

const struct report_story *
report_row_stories(const struct report *report, const struct report_row *row, size_t *count)
{
    size_t total = row->order_no.len > 0 ? report->story_count : 0;
    size_t first = first_of(report, total, story_cmp, row, count);
    return *count == 0 ? NULL : &report->stories[first];
}

const struct report_item *
report_row_items(const struct report *report, const struct report_row *row, size_t *count)
{
    size_t total = report_row_says(row, finding_name(FINDING_INV_TAX)) ? report->item_count : 0;
    size_t first = first_of(report, total, item_cmp, row, count);
    return *count == 0 ? NULL : &report->items[first];
}

const struct report_paper *
report_row_papers(const struct report *report, const struct report_row *row, size_t *count)
{
    size_t total = row->order_no.len > 0 ? report->paper_count : 0;
    size_t first = first_of(report, total, paper_cmp, row, count);
    return *count == 0 ? NULL : &report->papers[first];
}
