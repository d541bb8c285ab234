/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_bill.h"

#include <stdlib.h>

static enum err
reader_of(unsigned layouts, const struct adapter_account *account, struct day day,
          struct bill_reader **out)
{
    struct bill_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        return ERR_NO_MEMORY;
    }
    reader->layouts = layouts;
    reader->merchant = account == NULL ? NULL : account->merchant;
    reader->day = day;
    *out = reader;
    return ERR_OK;
}

static enum err
trade_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    return reader_of(WECHATPAY_LAYOUT_ALL | WECHATPAY_LAYOUT_SUCCESS | WECHATPAY_LAYOUT_REFUND,
                     account, day, out);
}

static enum err
all_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    return reader_of(WECHATPAY_LAYOUT_ALL, account, day, out);
}

static enum err
success_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    return reader_of(WECHATPAY_LAYOUT_SUCCESS, account, day, out);
}

static enum err
refund_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    return reader_of(WECHATPAY_LAYOUT_REFUND, account, day, out);
}

static enum err
flow_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    return reader_of(WECHATPAY_LAYOUT_FLOW, account, day, out);
}

static void
reader_free(struct bill_reader **reader)
{
    if (reader != NULL) {
        free(*reader);
        *reader = NULL;
    }
}

/* The file is one text; whether it is the bill, its header says. */
static enum bill_member
member_role(struct span name, struct span first_line)
{
    (void)name;
    (void)first_line;
    return BILL_MEMBER_MAIN;
}

static enum bill_step
misplaced(struct span line, size_t number, struct bill_fault *fault)
{
    return bill_row_fault(fault, FINDING_FILE_COLUMNS, number, "a line that does not belong here",
                          line);
}

static enum bill_step
take_header(struct bill_reader *reader, struct span line, size_t number, struct bill_fault *fault)
{
    struct wechatpay_fields *fields = &reader->fields;
    reader->phase = WECHATPAY_LOST;
    wechatpay_split_names(line, fields);
    if (!fields->whole) {
        return bill_row_fault(fault, FINDING_FILE_COLUMNS, number, "too many columns", line);
    }
    const struct wechatpay_form *form =
        wechatpay_bill_form(fields->at, fields->width, number, fault);
    if (form == NULL) {
        return BILL_STEP_FAULT;
    }
    if ((reader->layouts & form->layout) == 0) {
        return bill_row_fault(fault, FINDING_FILE_COLUMNS, number,
                              "another kind of bill than the one asked for", span_of(form->name));
    }
    enum bill_step step =
        bill_row_header(&form->columns, fields->at, fields->width, number, &reader->places, fault);
    if (step == BILL_STEP_NOTHING) {
        reader->form = form;
        reader->phase = WECHATPAY_ROWS;
    }
    return step;
}

static enum bill_step
take_sum_header(struct bill_reader *reader, struct span line, size_t number,
                struct bill_fault *fault)
{
    struct wechatpay_fields *fields = &reader->fields;
    wechatpay_split_names(line, fields);
    if (!fields->whole) {
        return misplaced(line, number, fault);
    }
    enum bill_step step = bill_row_header(&reader->form->sums, fields->at, fields->width, number,
                                          &reader->sum_places, fault);
    if (step == BILL_STEP_NOTHING) {
        reader->phase = WECHATPAY_SUMS;
    }
    return step;
}

static enum bill_step
take_sums(struct bill_reader *reader, struct span line, size_t number, struct bill_fault *fault)
{
    struct wechatpay_fields *fields = &reader->fields;
    struct alike none = { .left = 0 };
    wechatpay_split_values(line, &none, fields);
    if (!fields->whole || fields->width != reader->sum_places.width) {
        return bill_row_fault(fault, FINDING_LINE_WIDTH, number,
                              "another number of sums than their header names", line);
    }
    for (size_t i = 0; i < reader->form->sums.columns; i++) {
        struct span field = bill_row_field(&reader->sum_places, fields->at, i);
        int64_t *to = &reader->trailer_sums[i];
        bool absent = reader->sum_places.at[i] == BILL_ROW_NO_PLACE;
        enum err err = ERR_OK;
        if (absent) {
            *to = reader->sums[i]; /* a trailer without this sum says nothing about it */
        } else if (reader->form->ties[i].is_count) {
            err = bill_row_count(field, to);
        } else {
            err = bill_row_units(field, WECHATPAY_BILL_DECIMALS, to);
        }
        if (err != ERR_OK) {
            return bill_row_fault(fault, FINDING_LINE_AMOUNT, number, "not a plain sum", field);
        }
    }
    reader->phase = WECHATPAY_END;
    return BILL_STEP_NOTHING;
}

static void
look_back(struct bill_reader *reader, struct span line, enum bill_step step)
{
    struct wechatpay_fields *fields = &reader->fields;
    if (!alike_learns(&reader->alike)) {
        alike_used(&reader->alike);
        return;
    }
    fields->starts[fields->width] = line.len;
    if (step != BILL_STEP_LINE) {
        alike_forget(&reader->alike);
    } else {
        (void)alike_learn(&reader->alike, line, fields->starts, fields->width);
    }
}

static enum bill_step
take_row(struct bill_reader *reader, struct span line, size_t number, struct bill_line *out,
         struct bill_fault *fault)
{
    struct wechatpay_fields *fields = &reader->fields;
    wechatpay_split_values(line, &reader->alike, fields);
    if (!fields->whole || fields->width != reader->places.width) {
        return bill_row_fault(fault, FINDING_LINE_WIDTH, number,
                              "the row has another number of columns than the header", line);
    }
    if (fields->comma.len > 0) {
        return bill_row_fault(fault, FINDING_LINE_ESCAPE, number, "a comma that is not escaped",
                              fields->comma);
    }
    fields->usual = !alike_learns(&reader->alike) && reader->model.needed != 0
                    && (fields->alike & reader->model.needed) == reader->model.needed;
    *out = fields->usual ? reader->model.line : (struct bill_line){ .kind = BILL_LINE_NONE };
    out->number = number;
    out->raw = line;
    enum bill_step step = reader->form->row(reader, fields->at, number, out, fault);
    look_back(reader, line, step);
    return step;
}

static enum bill_step
take_line(struct bill_reader *reader, struct span line, size_t number, struct bill_line *out,
          struct bill_fault *fault)
{
    bool values = line.len > 0 && line.at[0] == '`';
    switch (reader->phase) {
    case WECHATPAY_HEADER:
        return take_header(reader, line, number, fault);
    case WECHATPAY_ROWS:
        return values ? take_row(reader, line, number, out, fault)
                      : take_sum_header(reader, line, number, fault);
    case WECHATPAY_SUMS:
        return values ? take_sums(reader, line, number, fault) : misplaced(line, number, fault);
    case WECHATPAY_END:
        return line.len == 0 ? BILL_STEP_NOTHING : misplaced(line, number, fault);
    case WECHATPAY_LOST:
    default:
        return BILL_STEP_NOTHING;
    }
}

static enum err
reader_line(struct bill_reader *reader, struct span line, size_t number, bool ended,
            enum bill_step *step, struct bill_line *out, struct bill_fault *fault)
{
    struct span bom = SPAN_LIT("\xEF\xBB\xBF");
    if (number == 1 && span_starts(line, bom)) {
        line = span_sub(line, bom.len, line.len);
    }
    reader->last_ended = ended;
    *step = take_line(reader, line, number, out, fault);
    return ERR_OK;
}

enum bill_step
wechatpay_bill_time(struct bill_reader *reader, struct span text, size_t number,
                    struct wall_time *out, struct bill_fault *fault)
{
    struct wall_time at;
    if (wall_parse_civil(text, WECHATPAY_BILL_ZONE_MIN, &at) != ERR_OK) {
        return bill_row_fault(fault, FINDING_LINE_TIME, number, "not a time", text);
    }
    struct day day = day_of(at, WECHATPAY_BILL_ZONE_MIN);
    if (reader->day.year == 0) {
        reader->day = day; /* nobody said which day, but a bill has one */
    }
    if (day_cmp(day, reader->day) != 0) {
        return bill_row_fault(fault, FINDING_FILE_WRONG_DAY, number, "a row of another day", text);
    }
    *out = at;
    return BILL_STEP_NOTHING;
}

static enum bill_step
check_ties(struct bill_reader *reader, struct bill_fault *fault)
{
    struct bill_row_tie ties[WECHATPAY_BILL_SUMS];
    for (size_t i = 0; i < reader->form->sums.columns; i++) {
        ties[i] = (struct bill_row_tie){ reader->form->ties[i].finding, reader->form->ties[i].what,
                                         reader->sums[i], reader->trailer_sums[i] };
    }
    return bill_row_tie_next(ties, reader->form->sums.columns, &reader->next, fault);
}

static enum bill_step
check_end(struct bill_reader *reader, struct bill_fault *fault)
{
    if (reader->phase == WECHATPAY_LOST) {
        return BILL_STEP_NOTHING;
    }
    bool whole = reader->phase == WECHATPAY_END && reader->last_ended;
    if (!reader->whole_checked) {
        reader->whole_checked = true;
        if (!whole) {
            return bill_row_fault(fault, FINDING_FILE_TRUNCATED, 0,
                                  "the file ends before its sums do", span_of(""));
        }
    }
    return reader->phase == WECHATPAY_END ? check_ties(reader, fault) : BILL_STEP_NOTHING;
}

static enum err
reader_end(struct bill_reader *reader, enum bill_step *step, struct bill_fault *fault,
           struct bill_totals *by_lines, struct bill_totals *by_trailer)
{
    *step = check_end(reader, fault);
    *by_lines = reader->lines;
    by_lines->is_flow = (reader->layouts & WECHATPAY_LAYOUT_FLOW) != 0;
    *by_trailer = (struct bill_totals){ .is_flow = by_lines->is_flow };
    if (reader->phase == WECHATPAY_END) {
        reader->form->trailer(reader, by_trailer);
    }
    return ERR_OK;
}

#define DOWNLOADED                                                        \
    .container = BILL_PLAIN_OR_GZIP, .encoding = BILL_UTF8,               \
    .download_host = "api.mch.weixin.qq.com", .member_role = member_role, \
    .reader_free = reader_free, .reader_line = reader_line, .reader_end = reader_end

const struct adapter_bill wechatpay_bills[] = {
    { .kind = "trade", .of_trades = true, .reader_new = trade_new, DOWNLOADED },
    { .kind = "all", .of_trades = true, .reader_new = all_new, DOWNLOADED },
    { .kind = "success", .reader_new = success_new, DOWNLOADED },
    { .kind = "refund", .reader_new = refund_new, DOWNLOADED },
    { .kind = "fundflow", .of_balance = true, .reader_new = flow_new, DOWNLOADED },
    { .kind = NULL },
};
