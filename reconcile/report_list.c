/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "report_parts.h"
#include "report_twins.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static const enum report_column all[] = {
#define REPORT_COLUMN(name, kind, width, zh) REPORT_COLUMN_##name,
#define SETTLEMENT_COLUMN(name, kind, width, zh)
#include "report_columns.def"
#undef REPORT_COLUMN
};

/* Both sides of each stand together by order and by the provider's number. */
static const enum report_column of_duplicates[] = {
    REPORT_COLUMN_seq,        REPORT_COLUMN_severity,          REPORT_COLUMN_code,
    REPORT_COLUMN_name,       REPORT_COLUMN_findings,          REPORT_COLUMN_bill_yuan,
    REPORT_COLUMN_books_yuan, REPORT_COLUMN_delta_yuan,        REPORT_COLUMN_order_no,
    REPORT_COLUMN_owner,      REPORT_COLUMN_order_status,      REPORT_COLUMN_order_yuan,
    REPORT_COLUMN_attempt_no, REPORT_COLUMN_attempt_state,     REPORT_COLUMN_refund_no,
    REPORT_COLUMN_line_no,    REPORT_COLUMN_provider_trade_no, REPORT_COLUMN_merchant_order_no,
    REPORT_COLUMN_billed_at,  REPORT_COLUMN_paid_at,           REPORT_COLUMN_action,
    REPORT_COLUMN_bill_raw,
};

static const enum report_column of_invoices[] = {
    REPORT_COLUMN_seq,        REPORT_COLUMN_severity,   REPORT_COLUMN_code,
    REPORT_COLUMN_name,       REPORT_COLUMN_findings,   REPORT_COLUMN_order_no,
    REPORT_COLUMN_owner,      REPORT_COLUMN_order_kind, REPORT_COLUMN_order_status,
    REPORT_COLUMN_order_yuan, REPORT_COLUMN_books_yuan, REPORT_COLUMN_invoiced_yuan,
    REPORT_COLUMN_invoice_id, REPORT_COLUMN_title,      REPORT_COLUMN_attempt_no,
    REPORT_COLUMN_refund_no,  REPORT_COLUMN_paid_at,    REPORT_COLUMN_action,
    REPORT_COLUMN_items_off,
};

static const enum report_column of_fees[] = {
    REPORT_COLUMN_seq,          REPORT_COLUMN_findings,          REPORT_COLUMN_face_yuan,
    REPORT_COLUMN_fee_due_yuan, REPORT_COLUMN_fee_yuan,          REPORT_COLUMN_fee_off_yuan,
    REPORT_COLUMN_order_no,     REPORT_COLUMN_attempt_no,        REPORT_COLUMN_refund_no,
    REPORT_COLUMN_line_no,      REPORT_COLUMN_provider_trade_no, REPORT_COLUMN_billed_at,
    REPORT_COLUMN_bill_raw,
};

/* Every list of a run of settlement. */
static const enum report_column of_settlement[] = {
    REPORT_COLUMN_seq,           REPORT_COLUMN_severity,     REPORT_COLUMN_code,
    REPORT_COLUMN_name,          REPORT_COLUMN_findings,     REPORT_COLUMN_side,
    REPORT_COLUMN_banked_yuan,   REPORT_COLUMN_settled_yuan, REPORT_COLUMN_delta_yuan,
    REPORT_COLUMN_bank_fee_yuan, REPORT_COLUMN_payout_no,    REPORT_COLUMN_deposit_no,
    REPORT_COLUMN_settled_on,    REPORT_COLUMN_banked_on,    REPORT_COLUMN_carried,
    REPORT_COLUMN_action,        REPORT_COLUMN_bank_lines,
};

static const struct {
    const char *title[LANGUAGE_COUNT];
    const enum report_column *columns;
    size_t count;
} lists[REPORT_LIST_COUNT] = {
    [REPORT_RESULTS] = { { "结果", "Results" }, all, COUNT_OF(all) },
    [REPORT_DIFFERENCES] = { { "差异", "Differences" }, all, COUNT_OF(all) },
    [REPORT_DUPLICATES] = { { "重复", "Duplicates" }, of_duplicates, COUNT_OF(of_duplicates) },
    [REPORT_FEES] = { { "手续费", "Fees" }, of_fees, COUNT_OF(of_fees) },
    [REPORT_INVOICES] = { { "发票", "Invoices" }, of_invoices, COUNT_OF(of_invoices) },
};

const enum report_column *
report_list_columns(const struct report *report, enum report_list list, size_t *count)
{
    if (report->of_settlement) {
        *count = COUNT_OF(of_settlement);
        return of_settlement;
    }
    *count = lists[list].count;
    if (lists[list].columns[*count - 1] == REPORT_COLUMN_items_off
        && report->form < REPORT_FORM_ITEMS) {
        (*count)--;
    }
    return lists[list].columns;
}

const char *
report_list_title(enum report_list list, enum language language)
{
    return lists[list].title[language];
}

/* What is there twice, invoices and fees by contract are of a bill. */
bool
report_list_is_there(const struct report *report, enum report_list list)
{
    return !report->of_settlement || list == REPORT_RESULTS || list == REPORT_DIFFERENCES;
}

/* INV_OK alone asks for nothing. */
static bool
says_of_invoices(const struct report_row *row)
{
    bool says = span_starts(span_of(finding_name(row->primary)), SPAN_LIT("INV_"));
    for (size_t i = 0; !says && i < row->finding_count; i++) {
        says = row->findings[i] != FINDING_INV_OK
               && span_starts(span_of(finding_name(row->findings[i])), SPAN_LIT("INV_"));
    }
    return says;
}

static bool
takes(enum report_list list, const struct report_row *row, const struct report_twins *twins)
{
    switch (list) {
    case REPORT_RESULTS:
        return true;
    case REPORT_DIFFERENCES:
        return report_row_differs(row);
    case REPORT_DUPLICATES:
        return report_twins_has(twins, row);
    case REPORT_INVOICES:
        return says_of_invoices(row);
    case REPORT_FEES:
        return row->fee_judged;
    case REPORT_LIST_COUNT:
        break;
    }
    return false;
}

/* One without a severity is behind all that have one. */
static unsigned
grade(const struct report_row *row)
{
    return (unsigned)report_row_severity(row) - 1U;
}

static uint64_t
size_of(int64_t fen)
{
    return fen < 0 ? 0 - (uint64_t)fen : (uint64_t)fen;
}

/* In the order in which somebody works through them: by severity, then the largest delta, then by place in the run. */
static int
gravest_cmp(const void *a, const void *b)
{
    const struct report_row *left = *(const struct report_row *const *)a;
    const struct report_row *right = *(const struct report_row *const *)b;
    unsigned grades[] = { grade(left), grade(right) };
    uint64_t sizes[] = { size_of(left->delta_fen), size_of(right->delta_fen) };
    int differs = (grades[0] > grades[1]) - (grades[0] < grades[1]);
    differs = differs != 0 ? differs : (sizes[0] < sizes[1]) - (sizes[0] > sizes[1]);
    return differs != 0 ? differs : (left->seq > right->seq) - (left->seq < right->seq);
}

/* The results keep the order of the run, and fees that of the bill. */
static void
sort(const struct report *report, enum report_list list, struct report_listing *listing)
{
    bool work = list == REPORT_DIFFERENCES || list == REPORT_INVOICES;
    if (list == REPORT_DUPLICATES) {
        report_twins_sort(listing->rows, listing->count);
    } else if (work && report->form >= REPORT_FORM_GRAVEST) {
        qsort(listing->rows, listing->count, sizeof(listing->rows[0]), gravest_cmp);
    }
}

static enum err
make(const struct report *report, enum report_list list, const struct report_twins *twins,
     struct report_listing *out)
{
    struct report_listing made = { .rows = calloc(report->row_count + 1, sizeof(made.rows[0])) };
    if (made.rows == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < report->row_count; i++) {
        if (takes(list, &report->rows[i], twins)) {
            made.rows[made.count++] = &report->rows[i];
        }
    }
    sort(report, list, &made);
    *out = made;
    return ERR_OK;
}

enum err
report_list_make(const struct report *report, enum report_list list, struct report_listing *out)
{
    DEFER(report_twins_free) struct report_twins twins = { .count = 0 };
    if (list == REPORT_DUPLICATES) {
        TRY(report_twins_make(report, &twins));
    }
    return make(report, list, &twins, out);
}

void
report_list_free(struct report_listing *listing)
{
    free(listing->rows);
    *listing = (struct report_listing){ .count = 0 };
}
