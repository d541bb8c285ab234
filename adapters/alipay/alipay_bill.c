/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_bill.h"

#include <stdlib.h>

enum stage {
    STAGE_WHOLE,
    STAGE_TIE,
    STAGE_SECOND_WHOLE,
    STAGE_SECOND_TIE,
    STAGE_CROSS,
    STAGE_DONE
};

/* What a kind of bill consists of. */
struct kind {
    const struct alipay_table *main;
    const struct alipay_table *second; /* NULL: read alone */
    bool is_flow;
    enum bill_step (*cross)(const struct alipay_member *detail, const struct alipay_member *summary,
                            size_t *next, struct bill_fault *fault);
};

struct bill_reader {
    const struct kind *kind;
    const char *merchant; /* NULL: not checked */
    struct day day;       /* year 0: not checked */
    struct alipay_member members[2];
    size_t current;
    enum stage stage;
    size_t next; /* tie of the present stage */
};

/* The amounts of the summary are net of refunds in one reading of the document and not in the other
 * (6.4), so either is right; the counts have one meaning. */
static enum bill_step
cross_trade(const struct alipay_member *detail, const struct alipay_member *summary, size_t *next,
            struct bill_fault *fault)
{
    const struct bill_totals *lines = &detail->lines;
    const struct bill_totals *sums = &summary->trailer;
    int64_t received =
        sums->pay_fen == lines->pay_fen ? lines->pay_fen : lines->pay_fen + lines->refund_fen;
    const struct bill_row_tie ties[] = {
        { FINDING_FILE_TRAILER_COUNT, "payments against the summary", lines->pay_count,
          sums->pay_count },
        { FINDING_FILE_TRAILER_COUNT, "refunds against the summary", lines->refund_count,
          sums->refund_count },
        { FINDING_FILE_TRAILER_SUM, "商家实收 against the summary", received, sums->pay_fen },
        { FINDING_FEE_SUM, "服务费 against the summary", lines->fee_fen, sums->fee_fen },
    };
    return bill_row_tie_next(ties, sizeof(ties) / sizeof(ties[0]), next, fault);
}

static enum bill_step
cross_flow(const struct alipay_member *detail, const struct alipay_member *summary, size_t *next,
           struct bill_fault *fault)
{
    const struct bill_totals *lines = &detail->lines;
    const struct bill_totals *sums = &summary->trailer;
    const struct bill_row_tie ties[] = {
        { FINDING_FILE_TRAILER_COUNT, "收入 against the summary", lines->in_count, sums->in_count },
        { FINDING_FILE_TRAILER_COUNT, "支出 against the summary", lines->out_count,
          sums->out_count },
        { FINDING_FLOW_SUM, "收入 in fen against the summary", lines->in_fen, sums->in_fen },
        { FINDING_FLOW_SUM, "支出 in fen against the summary", lines->out_fen, sums->out_fen },
    };
    return bill_row_tie_next(ties, sizeof(ties) / sizeof(ties[0]), next, fault);
}

static const struct kind trade = { &alipay_table_trade, &alipay_table_trade_summary, false,
                                   cross_trade };
static const struct kind trade_summary = { &alipay_table_trade_summary, NULL, false, NULL };
static const struct kind flow = { &alipay_table_flow, &alipay_table_flow_summary, true,
                                  cross_flow };
static const struct kind flow_summary = { &alipay_table_flow_summary, NULL, true, NULL };

/* The names in the archive are GBK and say no more than the first line. */
static enum bill_member
role_in(const struct kind *kind, struct span first_line)
{
    if (alipay_bill_has_title(kind->main, first_line)) {
        return BILL_MEMBER_MAIN;
    }
    bool second = kind->second != NULL && alipay_bill_has_title(kind->second, first_line);
    return second ? BILL_MEMBER_SECOND : BILL_MEMBER_OTHER;
}

static enum bill_member
trade_role(struct span name, struct span first_line)
{
    (void)name;
    return role_in(&trade, first_line);
}

static enum bill_member
trade_summary_role(struct span name, struct span first_line)
{
    (void)name;
    return role_in(&trade_summary, first_line);
}

static enum bill_member
flow_role(struct span name, struct span first_line)
{
    (void)name;
    return role_in(&flow, first_line);
}

static enum bill_member
flow_summary_role(struct span name, struct span first_line)
{
    (void)name;
    return role_in(&flow_summary, first_line);
}

static enum err
reader_of(const struct kind *kind, const struct adapter_account *account, struct day day,
          struct bill_reader **out)
{
    struct bill_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        return ERR_NO_MEMORY;
    }
    reader->kind = kind;
    reader->merchant = account == NULL ? NULL : account->merchant;
    reader->day = day;
    reader->members[0].table = kind->main;
    reader->members[1].table = kind->second;
    *out = reader;
    return ERR_OK;
}

static enum err
trade_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    return reader_of(&trade, account, day, out);
}

static enum err
trade_summary_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    return reader_of(&trade_summary, account, day, out);
}

static enum err
flow_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    return reader_of(&flow, account, day, out);
}

static enum err
flow_summary_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    return reader_of(&flow_summary, account, day, out);
}

static void
reader_free(struct bill_reader **reader)
{
    if (reader != NULL) {
        free(*reader);
        *reader = NULL;
    }
}

static enum err
reader_member(struct bill_reader *reader, enum bill_member role, struct span name,
              enum bill_step *step, struct bill_fault *fault)
{
    (void)name;
    reader->current = role == BILL_MEMBER_MAIN ? 0 : 1;
    struct alipay_member *member = &reader->members[reader->current];
    *step = BILL_STEP_NOTHING;
    if (member->begun) {
        *step =
            bill_row_fault(fault, FINDING_FILE_ZIP, 0, "two members are the summary", span_of(""));
    }
    member->begun = true;
    return ERR_OK;
}

static enum err
reader_line(struct bill_reader *reader, struct span line, size_t number, bool ended,
            enum bill_step *step, struct bill_line *out, struct bill_fault *fault)
{
    struct alipay_member *member = &reader->members[reader->current];
    member->last_ended = ended;
    *step = alipay_bill_frame(member, reader->merchant, reader->day, line, number, out, fault);
    if (*step == BILL_STEP_LINE && reader->current != 0) {
        *step =
            BILL_STEP_NOTHING; /* what the summary says is compared and is no money of its own */
    }
    return ERR_OK;
}

static enum bill_step
check_whole(const struct alipay_member *member, struct bill_fault *fault)
{
    return alipay_bill_is_whole(member) ? BILL_STEP_NOTHING
                                        : bill_row_fault(fault, FINDING_FILE_TRUNCATED, 0,
                                                         "the file ends before its trailer does",
                                                         span_of(member->table->title));
}

/* Without a whole trailer there is nothing to tie to. */
static bool
can_tie(const struct alipay_member *member)
{
    unsigned totals = 0;
    for (size_t i = 0; i < member->table->totals; i++) {
        totals |= ALIPAY_SAW_TOTAL << i;
    }
    return (member->seen & totals) == totals;
}

static enum bill_step
run_stage(struct bill_reader *reader, struct bill_fault *fault)
{
    const struct alipay_member *detail = &reader->members[0];
    const struct alipay_member *summary = &reader->members[1];
    switch (reader->stage) {
    case STAGE_WHOLE:
        return reader->next++ == 0 ? check_whole(detail, fault) : BILL_STEP_NOTHING;
    case STAGE_TIE:
        return can_tie(detail) ? detail->table->tie(detail, &reader->next, fault)
                               : BILL_STEP_NOTHING;
    case STAGE_SECOND_WHOLE:
        return summary->begun && reader->next++ == 0 ? check_whole(summary, fault)
                                                     : BILL_STEP_NOTHING;
    case STAGE_SECOND_TIE:
        return summary->begun && can_tie(summary)
                   ? summary->table->tie(summary, &reader->next, fault)
                   : BILL_STEP_NOTHING;
    case STAGE_CROSS:
        return summary->begun && can_tie(summary)
                   ? reader->kind->cross(detail, summary, &reader->next, fault)
                   : BILL_STEP_NOTHING;
    case STAGE_DONE:
    default:
        return BILL_STEP_NOTHING;
    }
}

static void
give_totals(const struct bill_reader *reader, struct bill_totals *by_lines,
            struct bill_totals *by_trailer)
{
    const struct alipay_member *member = &reader->members[0];
    /* A summary without stores has its row of sums alone. */
    bool sums_alone = reader->kind == &trade_summary && member->rows == 0;
    *by_lines = sums_alone ? member->trailer : member->lines;
    *by_trailer = member->trailer;
    by_lines->is_flow = reader->kind->is_flow;
    by_trailer->is_flow = reader->kind->is_flow;
    if (reader->kind == &trade) {
        by_trailer->fee_fen = member->lines.fee_fen; /* the trailer has no fee */
    }
}

static enum err
reader_end(struct bill_reader *reader, enum bill_step *step, struct bill_fault *fault,
           struct bill_totals *by_lines, struct bill_totals *by_trailer)
{
    *step = BILL_STEP_NOTHING;
    while (*step == BILL_STEP_NOTHING && reader->stage != STAGE_DONE) {
        *step = run_stage(reader, fault);
        if (*step == BILL_STEP_NOTHING) {
            reader->stage++;
            reader->next = 0;
        }
    }
    give_totals(reader, by_lines, by_trailer);
    return ERR_OK;
}

#define DOWNLOAD_HOST "dwbillcenter.alipay.com"

#define FROM_ARCHIVE                                                                        \
    .container = BILL_ZIP, .encoding = BILL_GB18030, .download_host = DOWNLOAD_HOST,        \
    .reader_free = reader_free, .reader_member = reader_member, .reader_line = reader_line, \
    .reader_end = reader_end

const struct adapter_bill alipay_bills[] = {
    {
        .kind = "trade",
        .of_trades = true,
        .member_role = trade_role,
        .reader_new = trade_new,
        FROM_ARCHIVE,
    },
    {
        .kind = "signcustomer",
        .of_balance = true,
        .member_role = flow_role,
        .reader_new = flow_new,
        FROM_ARCHIVE,
    },
    {
        .kind = "trade-summary",
        .member_role = trade_summary_role,
        .reader_new = trade_summary_new,
        FROM_ARCHIVE,
    },
    {
        .kind = "signcustomer-summary",
        .member_role = flow_summary_role,
        .reader_new = flow_summary_new,
        FROM_ARCHIVE,
    },
    { .kind = NULL },
};
