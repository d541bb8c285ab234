/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_bill.h"

#include <string.h>

#include "bill_file.h"
#include "fuzz.h"

struct sums {
    bool of_stores; /* each row is what a store took and gave back */
    int64_t lines;
    int64_t pay_count;
    int64_t refund_count;
    int64_t pay_fen;
    int64_t refund_fen;
    int64_t fee_fen;
    int64_t in_fen;
    int64_t out_fen;
};

static void
touch_line(const struct bill_line *line)
{
    const struct span spans[] = {
        line->provider_trade_no, line->merchant_order_no, line->refund_no, line->subject,
        line->application,       line->merchant,          line->status,    line->raw
    };
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        fuzz_touch(spans[i]);
        FUZZ_DEMAND(spans[i].len <= 4 * BILL_FILE_LINE_MAX);
    }
}

static void
check_amount(struct money amount)
{
    FUZZ_DEMAND(amount.currency < CURRENCY_COUNT);
    FUZZ_DEMAND(amount.minor <= MONEY_MAX_MINOR && amount.minor >= -MONEY_MAX_MINOR);
}

static enum err
add_line(void *context, const struct bill_line *line)
{
    struct sums *sums = context;
    int64_t face = line->face.minor;
    touch_line(line);
    check_amount(line->face);
    check_amount(line->effective);
    check_amount(line->order_amount);
    check_amount(line->fee);
    FUZZ_DEMAND((line->kind == BILL_LINE_NONE) == sums->of_stores);
    FUZZ_DEMAND(line->kind >= BILL_LINE_NONE && line->kind < BILL_LINE_KIND_COUNT);
    FUZZ_DEMAND(line->number > 0);
    FUZZ_DEMAND(line->kind != BILL_LINE_PAY || face >= 0);
    FUZZ_DEMAND(line->kind != BILL_LINE_REFUND || face <= 0);
    sums->lines++;
    sums->pay_count += line->kind == BILL_LINE_PAY ? 1 : 0;
    sums->pay_fen += line->kind == BILL_LINE_PAY ? face : 0;
    sums->refund_count += line->kind == BILL_LINE_REFUND ? 1 : 0;
    sums->refund_fen += line->kind == BILL_LINE_REFUND ? face : 0;
    sums->fee_fen += line->kind == BILL_LINE_FLOW ? 0 : line->fee.minor;
    sums->in_fen += line->kind == BILL_LINE_FLOW && face > 0 ? face : 0;
    sums->out_fen += line->kind == BILL_LINE_FLOW && face < 0 ? -face : 0;
    return ERR_OK;
}

static void
check_trades(const struct sums *sums, const struct bill_totals *totals)
{
    FUZZ_DEMAND(totals->pay_count == sums->pay_count);
    FUZZ_DEMAND(totals->refund_count == sums->refund_count);
    FUZZ_DEMAND(totals->pay_fen == sums->pay_fen);
    FUZZ_DEMAND(totals->refund_fen == sums->refund_fen);
    FUZZ_DEMAND(totals->fee_fen == sums->fee_fen);
}

static void
check_flow(const struct sums *sums, const struct bill_totals *totals)
{
    FUZZ_DEMAND(totals->in_fen == sums->in_fen);
    FUZZ_DEMAND(totals->out_fen == sums->out_fen);
}

static void
check_faults(const struct bill_file *file)
{
    size_t kept =
        file->faults_seen < BILL_FILE_FAULTS_MAX ? file->faults_seen : BILL_FILE_FAULTS_MAX;
    FUZZ_DEMAND(file->fault_count == kept);
    for (size_t i = 0; i < file->fault_count; i++) {
        const struct bill_fault *fault = &file->faults[i];
        size_t len = strnlen(fault->detail, sizeof(fault->detail));
        FUZZ_DEMAND(fault->finding > FINDING_NONE && fault->finding < FINDING_COUNT);
        FUZZ_DEMAND(file->found[fault->finding]);
        FUZZ_DEMAND(len > 0 && len < sizeof(fault->detail));
        FUZZ_DEMAND(span_is_utf8(span_make(fault->detail, len)));
    }
}

void
fuzz_bill(const struct adapter_bill *bill, struct span bytes)
{
    struct bill_file file;
    struct sums sums = { .of_stores = strcmp(bill->kind, "trade-summary") == 0 };
    struct day any_day = { .year = 0 };
    FUZZ_DEMAND(bill_file_read(bill, bytes, NULL, any_day, add_line, &sums, &file) == ERR_OK);
    FUZZ_DEMAND(file.accepted == (file.faults_seen == 0));
    FUZZ_DEMAND(file.rows == sums.lines);
    check_faults(&file);
    if (!file.accepted) {
        return;
    }
    if (file.by_lines.is_flow) {
        check_flow(&sums, &file.by_lines);
        check_flow(&sums, &file.by_trailer);
    } else if (bill->of_trades) {
        check_trades(&sums, &file.by_lines);
        check_trades(&sums, &file.by_trailer);
    }
}
