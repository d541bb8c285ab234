/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_file.h"

#include <stdio.h>
#include <string.h>

#include "bill_file_parts.h"
#include "bill_form.h"
#include "progress.h"

#define GOT_MAX_BYTES  100
#define NAME_MAX_BYTES 256

/* What to do with the lines of the present member. */
enum member_phase {
    MEMBER_CHOOSING, /* no line with content was seen yet */
    MEMBER_READING,
    MEMBER_SKIPPED
};

struct reading {
    const struct adapter_bill *bill;
    const struct adapter_account *account;
    struct day day;
    struct bill_forms *forms;
    struct progress *progress;
    bill_file_line line;
    void *context;
    struct bill_file *out;
    struct bill_reader *reader; /* made for the member that is the bill */
    bool misread;               /* a member would be the bill in another encoding */
    enum member_phase phase;
    bool has_main;
    size_t lines_before; /* of members of the bill that are over: no number is to stand twice */
    size_t last_line;    /* with money, of the present member */
    struct buf name;     /* of the present member */
    struct bill_line found;
    struct bill_fault fault; /* of the present line; zero when there is none */
    struct text_lines lines;
    struct text_decoder decoder;
};

void
bill_file_fault(struct bill_file *out, enum finding finding, size_t number, const char *expected,
                struct span got)
{
    out->found[finding] = true;
    out->faults_seen++;
    if (out->fault_count == BILL_FILE_FAULTS_MAX) {
        return;
    }
    struct bill_fault *fault = &out->faults[out->fault_count++];
    *fault = (struct bill_fault){ .finding = finding, .number = number };
    struct span kept = span_sub(got, 0, GOT_MAX_BYTES);
    while (kept.len > 0 && !span_is_utf8(kept)) {
        kept.len--; /* do not cut a character in two */
    }
    char shown[GOT_MAX_BYTES + 1] = { 0 };
    if (kept.len > 0) {
        memcpy(shown, kept.at, kept.len);
    }
    (void)snprintf(fault->detail, sizeof(fault->detail), "%.90s%s%s", expected,
                   kept.len == 0 ? "" : ": ", shown);
}

static void
take_fault(struct bill_file *out, const struct bill_fault *fault)
{
    out->found[fault->finding] = true;
    out->faults_seen++;
    if (out->fault_count < BILL_FILE_FAULTS_MAX) {
        out->faults[out->fault_count++] = *fault;
    }
}

static void
keep_header(struct bill_drift *drift, const struct bill_fault *fault, struct span text)
{
    if (fault->header == NULL || drift->known != NULL) {
        return;
    }
    struct span kept = span_sub(text, 0, sizeof(drift->text));
    drift->known = fault->header;
    drift->number = fault->number;
    drift->len = kept.len;
    if (kept.len > 0) {
        memcpy(drift->text, kept.at, kept.len);
    }
}

static enum err
read_line(struct reading *r, struct span text, size_t number, bool ended)
{
    enum bill_step step = BILL_STEP_NOTHING;
    struct bill_line *line = &r->found;
    struct span known = bill_form_line(r->forms, r->bill->kind, text);
    TRY(r->bill->reader_line(r->reader, known, number, ended, &step, line, &r->fault));
    if (step == BILL_STEP_FAULT) {
        keep_header(&r->out->drift, &r->fault, text);
        take_fault(r->out, &r->fault);
        r->fault = (struct bill_fault){ .finding = FINDING_NONE };
    }
    if (step != BILL_STEP_LINE) {
        return ERR_OK;
    }
    r->out->rows++;
    r->last_line = line->number;
    line->number += r->lines_before;
    return r->line == NULL ? ERR_OK : r->line(r->context, line);
}

static struct span
without_mark(struct span line, size_t number)
{
    struct span mark = SPAN_LIT("\xEF\xBB\xBF");
    return number == 1 && span_starts(line, mark) ? span_sub(line, mark.len, line.len) : line;
}

static enum err
take_member(struct reading *r, enum bill_member role)
{
    if (role == BILL_MEMBER_MAIN && r->has_main) {
        bill_file_fault(r->out, FINDING_FILE_ZIP, 0, "two members are the bill", SPAN_LIT(""));
        return ERR_OK;
    }
    r->has_main = r->has_main || role == BILL_MEMBER_MAIN;
    r->phase = MEMBER_READING;
    if (r->reader == NULL) {
        TRY(r->bill->reader_new(r->account, r->day, &r->reader));
    }
    if (r->bill->reader_member == NULL) {
        return ERR_OK;
    }
    enum bill_step step = BILL_STEP_NOTHING;
    struct bill_fault fault = { .finding = FINDING_NONE };
    TRY(r->bill->reader_member(r->reader, role, buf_span(&r->name), &step, &fault));
    if (step == BILL_STEP_FAULT) {
        take_fault(r->out, &fault);
    }
    return ERR_OK;
}

/* The first line with content, and the name, decide what a member is. */
static enum err
choose(struct reading *r, struct span raw, size_t number)
{
    struct span text;
    enum err err = text_decode(&r->decoder, raw, &text);
    if (err != ERR_OK && err != ERR_ENCODING) {
        return err;
    }
    r->phase = MEMBER_SKIPPED;
    struct span name = buf_span(&r->name);
    enum bill_member role =
        err == ERR_OK ? r->bill->member_role(name, without_mark(text, number)) : BILL_MEMBER_OTHER;
    if (role != BILL_MEMBER_OTHER) {
        return take_member(r, role);
    }
    bool as_utf8 = span_is_utf8(raw)
                   && r->bill->member_role(name, without_mark(raw, number)) != BILL_MEMBER_OTHER;
    r->misread = r->misread || as_utf8 || err == ERR_ENCODING;
    return ERR_OK;
}

static enum err
take_line(void *context, struct span raw, size_t number, bool ended, bool overlong)
{
    struct reading *r = context;
    progress_add(r->progress, (int64_t)raw.len + 1);
    if (r->phase == MEMBER_CHOOSING && (raw.len > 0 || overlong)) {
        TRY(choose(r, raw, number));
    }
    if (r->phase != MEMBER_READING) {
        return ERR_OK;
    }
    if (overlong) {
        bill_file_fault(r->out, FINDING_LINE_WIDTH, number, "the line is too long", SPAN_LIT(""));
        return ERR_OK;
    }
    struct span text;
    enum err err = text_decode(&r->decoder, raw, &text);
    if (err == ERR_ENCODING) {
        bill_file_fault(r->out, FINDING_FILE_ENCODING, number,
                        "bytes that are no text in the bill's encoding", SPAN_LIT(""));
        return ERR_OK;
    }
    TRY(err);
    return read_line(r, text, number, ended);
}

static enum err
begin_member(void *context, struct span name, size_t size)
{
    struct reading *r = context;
    progress_expect(r->progress, (int64_t)size);
    buf_reset(&r->name);
    TRY(buf_append(&r->name, span_sub(name, 0, NAME_MAX_BYTES)));
    r->phase = MEMBER_CHOOSING;
    r->lines_before += r->last_line;
    r->last_line = 0;
    buf_reset(&r->lines.partial);
    r->lines.overlong = false;
    r->lines.number = 0;
    return ERR_OK;
}

static enum err
take_bytes(void *context, struct span bytes)
{
    struct reading *r = context;
    return text_lines_bytes(&r->lines, bytes);
}

static enum err
end_member(void *context, bool whole)
{
    struct reading *r = context;
    (void)whole; /* the fault is noted already, and the reader will miss the trailer */
    TRY(text_lines_end(&r->lines));
    if (r->phase == MEMBER_CHOOSING) {
        return choose(r, span_of(""), 1); /* a member without lines has a name at least */
    }
    return ERR_OK;
}

static enum err
end_reading(struct reading *r)
{
    if (!r->has_main) {
        if (r->misread) {
            bill_file_fault(r->out, FINDING_FILE_ENCODING, 0, "text in another encoding",
                            SPAN_LIT(""));
        } else if (r->out->faults_seen == 0) {
            bill_file_fault(r->out, FINDING_FILE_ZIP, 0, "no member is the bill", SPAN_LIT(""));
        }
        return ERR_OK;
    }
    enum bill_step step;
    do {
        struct bill_fault fault = { .finding = FINDING_NONE };
        TRY(r->bill->reader_end(r->reader, &step, &fault, &r->out->by_lines, &r->out->by_trailer));
        if (step == BILL_STEP_FAULT) {
            take_fault(r->out, &fault);
        }
    } while (step != BILL_STEP_NOTHING);
    return ERR_OK;
}

static void
reading_fini(struct reading *r)
{
    if (r->reader != NULL) {
        r->bill->reader_free(&r->reader);
    }
    buf_fini(&r->name);
    buf_fini(&r->lines.partial);
    text_decoder_fini(&r->decoder);
}

const struct bill_file_limits bill_file_limits = {
    .packed_max_bytes = BILL_FILE_MAX_BYTES,
    .unpacked_max_bytes = BILL_UNPACKED_MAX_BYTES,
};

enum err
bill_file_read_by(const struct bill_wish *wish, struct span bytes, bill_file_line line,
                  void *context, struct bill_file *out)
{
    const struct adapter_bill *bill = wish->bill;
    const struct bill_file_limits *limits = wish->limits != NULL ? wish->limits : &bill_file_limits;
    memset(out, 0, sizeof(*out));
    DEFER(reading_fini)
    struct reading r = { .bill = bill,
                         .account = wish->account,
                         .day = wish->day,
                         .forms = wish->forms,
                         .progress = wish->progress,
                         .line = line,
                         .context = context,
                         .out = out,
                         .name = BUF_MAX(NAME_MAX_BYTES),
                         .lines = { .partial = BUF_MAX(BILL_FILE_LINE_MAX + 2),
                                    .line = take_line } };
    r.lines.context = &r;
    TRY(text_decoder_open(&r.decoder, bill->encoding));
    const struct member_sink sink = {
        .context = &r, .begin = begin_member, .bytes = take_bytes, .end = end_member
    };
    TRY(bill_file_members(bill->container, bytes, limits, &sink, out));
    TRY(end_reading(&r));
    out->accepted = out->faults_seen == 0;
    return ERR_OK;
}

enum err
bill_file_read(const struct adapter_bill *bill, struct span bytes,
               const struct adapter_account *account, struct day day, bill_file_line line,
               void *context, struct bill_file *out)
{
    const struct bill_wish wish = { .bill = bill, .account = account, .day = day };
    return bill_file_read_by(&wish, bytes, line, context, out);
}

bool
bill_file_looks_right(const struct adapter_bill *bill, struct span bytes)
{
    bool zip = span_starts(bytes, SPAN_LIT("PK"));
    bool page = bytes.len == 0 || bytes.at[0] == '<';
    switch (bill->container) {
    case BILL_ZIP:
        return zip;
    case BILL_GZIP:
        return span_starts(bytes, SPAN_LIT("\x1F\x8B"));
    case BILL_ZIP_OR_CONTENT:
        return zip
               || span_starts(bytes, SPAN_LIT("e")); /* base64 of 0x78, which zlib begins with */
    case BILL_PLAIN_OR_GZIP:
    case BILL_PLAIN:
    default:
        return !page && bytes.at[0] != '{';
    }
}
