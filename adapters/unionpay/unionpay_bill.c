/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay_bill.h"

#include <stdlib.h>
#include <string.h>

#define LINE_TEXT_MAX UNIONPAY_BILL_TEXT_MAX

/* "INN26011388ZM_8023…": the rest of a name begins with this behind its date and two digits. */
static const struct {
    const char *begin;
    const char *kind;
    enum bill_member role;
} member_names[] = {
    { "INN", "ZM_", BILL_MEMBER_MAIN },
    { "INN", "ZME_", BILL_MEMBER_SECOND },
    { "RD2010", "_", BILL_MEMBER_THIRD },
};

#define DATE_BYTES   6
#define NUMBER_BYTES 2

static struct span
base_name(struct span name)
{
    struct span rest = name;
    struct span last = name;
    bool more = true;
    while (more) {
        more = span_cut(&rest, '/', &last);
    }
    return last;
}

/* YYMMDD of this century. */
static bool
parse_date(struct span text, struct day *out)
{
    char whole[8] = { '2', '0' };
    if (text.len != DATE_BYTES || !span_is_digits(text)) {
        return false;
    }
    memcpy(whole + 2, text.at, DATE_BYTES);
    return day_parse(span_make(whole, sizeof(whole)), out) == ERR_OK;
}

bool
unionpay_bill_name(struct span name, struct unionpay_member_name *out)
{
    struct span base = base_name(name);
    for (size_t i = 0; i < sizeof(member_names) / sizeof(member_names[0]); i++) {
        struct span begin = span_of(member_names[i].begin);
        struct span rest = span_sub(base, begin.len, base.len);
        struct span kind = span_of(member_names[i].kind);
        struct span tail = span_sub(rest, DATE_BYTES + NUMBER_BYTES, rest.len);
        if (span_starts(base, begin) && span_starts(tail, kind)
            && span_is_digits(span_sub(rest, DATE_BYTES, NUMBER_BYTES))
            && parse_date(span_sub(rest, 0, DATE_BYTES), &out->day)) {
            struct span merchant = span_sub(tail, kind.len, tail.len);
            out->role = member_names[i].role;
            out->merchant = span_sub(merchant, 0, span_index(merchant, '.'));
            return true;
        }
    }
    return false;
}

static enum bill_member
archive_role(struct span name, struct span first_line)
{
    struct unionpay_member_name said;
    (void)first_line;
    return unionpay_bill_name(name, &said) ? said.role : BILL_MEMBER_OTHER;
}

/* A bare member has no name; whether it is one, its columns say. */
static enum bill_member
bare_role(struct span name, struct span first_line)
{
    (void)name;
    (void)first_line;
    return BILL_MEMBER_MAIN;
}

static enum err
reader_of(bool archive, bool disputes, const struct adapter_account *account, struct day day,
          struct bill_reader **out)
{
    struct bill_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        return ERR_NO_MEMORY;
    }
    reader->archive = archive;
    reader->disputes = disputes;
    reader->merchant = account == NULL ? NULL : account->merchant;
    reader->day = day;
    buf_init(&reader->raw, LINE_TEXT_MAX);
    buf_init(&reader->piece, LINE_TEXT_MAX);
    *out = reader;
    return ERR_OK;
}

static enum err
settlement_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    return reader_of(true, false, account, day, out);
}

static enum err
zm_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    return reader_of(false, false, account, day, out);
}

static enum err
zme_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    return reader_of(false, true, account, day, out);
}

static void
reader_free(struct bill_reader **reader)
{
    if (reader != NULL && *reader != NULL) {
        buf_fini(&(*reader)->raw);
        buf_fini(&(*reader)->piece);
        free(*reader);
        *reader = NULL;
    }
}

/* All names of an archive speak of one merchant and one day, those that were asked for. */
static enum bill_step
take_name(struct bill_reader *reader, const struct unionpay_member_name *said,
          struct bill_fault *fault)
{
    struct span ours = reader->merchant != NULL
                           ? span_of(reader->merchant)
                           : span_make(reader->known_merchant, reader->known_merchant_len);
    struct day wanted = reader->day.year != 0 ? reader->day : reader->name_day;
    if (reader->name_day.year == 0) {
        struct span kept = span_sub(said->merchant, 0, UNIONPAY_BILL_MERCHANT_BYTES);
        reader->name_day = said->day;
        memcpy(reader->known_merchant, kept.at, kept.len);
        reader->known_merchant_len = kept.len;
    }
    if (ours.len > 0 && !span_eq(said->merchant, ours)) {
        return bill_row_fault(fault, FINDING_FILE_WRONG_MERCHANT, 0,
                              "a member's name is another merchant's", said->merchant);
    }
    if (wanted.year != 0 && day_cmp(said->day, wanted) != 0) {
        return bill_row_fault(fault, FINDING_FILE_WRONG_DAY, 0, "a member's name has another day",
                              said->merchant);
    }
    return BILL_STEP_NOTHING;
}

static enum err
reader_member(struct bill_reader *reader, enum bill_member role, struct span name,
              enum bill_step *step, struct bill_fault *fault)
{
    struct unionpay_member_name said;
    *step = BILL_STEP_NOTHING;
    reader->role = role;
    if (!reader->archive) {
        return ERR_OK;
    }
    if (reader->begun[role]) {
        *step = bill_row_fault(fault, FINDING_FILE_ZIP, 0, "a member is there twice", name);
        return ERR_OK;
    }
    reader->begun[role] = true;
    if (unionpay_bill_name(name, &said)) {
        *step = take_name(reader, &said, fault);
    }
    return ERR_OK;
}

static enum err
take_report(struct bill_reader *reader, struct span line, size_t number, enum bill_step *step,
            struct bill_fault *fault)
{
    buf_reset(&reader->raw);
    enum err err = unionpay_bill_text(line, &reader->raw);
    if (err == ERR_ENCODING) {
        *step = bill_row_fault(fault, FINDING_FILE_ENCODING, number, "bytes that are not GBK",
                               span_of(""));
        return ERR_OK;
    }
    TRY(err);
    unionpay_report_line(&reader->report, buf_span(&reader->raw));
    return ERR_OK;
}

static enum err
reader_line(struct bill_reader *reader, struct span line, size_t number, bool ended,
            enum bill_step *step, struct bill_line *out, struct bill_fault *fault)
{
    *step = BILL_STEP_NOTHING;
    if (reader->role == BILL_MEMBER_THIRD) {
        return take_report(reader, line, number, step, fault);
    }
    reader->cut[reader->role] = !ended;
    bool disputes = reader->archive ? reader->role == BILL_MEMBER_SECOND : reader->disputes;
    return unionpay_bill_row(reader, disputes, line, number, step, out, fault);
}

static bool
report_says_something(const struct unionpay_report *report)
{
    for (size_t i = 0; i < UNIONPAY_QUANTITIES; i++) {
        if (report->said[i].said) {
            return true;
        }
    }
    return false;
}

#define CHECKS_BEFORE_TIES 2

static enum bill_step
check_end(const struct bill_reader *reader, size_t stage, struct bill_fault *fault)
{
    bool cut = reader->cut[BILL_MEMBER_MAIN] || reader->cut[BILL_MEMBER_SECOND];
    if (stage == 0) {
        return cut ? bill_row_fault(fault, FINDING_FILE_TRUNCATED, 0, "the last row has no end",
                                    span_of(""))
                   : BILL_STEP_NOTHING;
    }
    if (!reader->begun[BILL_MEMBER_THIRD]) {
        return BILL_STEP_NOTHING;
    }
    if (stage == 1) {
        return report_says_something(&reader->report)
                   ? BILL_STEP_NOTHING
                   : bill_row_fault(fault, FINDING_FILE_COLUMNS, 0,
                                    "RD2010 names no count and no sum", span_of(""));
    }
    return unionpay_report_tie(&reader->report, &reader->zm, stage - CHECKS_BEFORE_TIES, fault);
}

static enum err
reader_end(struct bill_reader *reader, enum bill_step *step, struct bill_fault *fault,
           struct bill_totals *by_lines, struct bill_totals *by_trailer)
{
    *step = BILL_STEP_NOTHING;
    while (*step == BILL_STEP_NOTHING && reader->stage < CHECKS_BEFORE_TIES + UNIONPAY_QUANTITIES) {
        *step = check_end(reader, reader->stage++, fault);
    }
    /* The report does not part payments from refunds, so what it confirms is the rows' own sums. */
    *by_lines = reader->lines;
    *by_trailer = reader->lines;
    return ERR_OK;
}

#define IN_BYTES                                                                        \
    .encoding = BILL_BYTES, .reader_free = reader_free, .reader_member = reader_member, \
    .reader_line = reader_line, .reader_end = reader_end

const struct adapter_bill unionpay_bills[] = {
    {
        .kind = "settlement",
        .of_trades = true,
        .container = BILL_ZIP_OR_CONTENT,
        .member_role = archive_role,
        .reader_new = settlement_new,
        IN_BYTES,
    },
    {
        .kind = "zm",
        .container = BILL_PLAIN,
        .member_role = bare_role,
        .reader_new = zm_new,
        IN_BYTES,
    },
    {
        .kind = "zme",
        .container = BILL_PLAIN,
        .member_role = bare_role,
        .reader_new = zme_new,
        IN_BYTES,
    },
    { .kind = NULL },
};
