/* SPDX-License-Identifier: Apache-2.0 */
/* A bank's statement behind its header: what is taken has amounts that a line can have and stands in it as it was; printed
 * again it is taken again. What is not taken leaves the output alone. */
#include "deposit_file.h"
#include "fuzz.h"
#include "money.h"

#define LINE_MAX ((size_t)8192)
#define FILE_MAX ((size_t)8 * 1024 * 1024)

static const struct day today = { 2026, 11, 26 };

static enum err
take_again(void *context, int64_t number, enum deposit_verdict verdict,
           const struct deposit_entry *again)
{
    const struct deposit_entry *entry = context;
    FUZZ_DEMAND(number == 2 && verdict == DEPOSIT_STORED);
    FUZZ_DEMAND(span_eq(again->deposit_no, entry->deposit_no) && again->fen == entry->fen
                && again->fee_fen == entry->fee_fen && again->returned == entry->returned
                && again->transfer == entry->transfer && day_cmp(again->day, entry->day) == 0
                && span_eq(again->references, entry->references));
    return ERR_OK;
}

static void
check_again(const struct deposit_entry *entry)
{
    int64_t record = 0;
    DEFER(buf_fini) struct buf line = BUF_MAX(LINE_MAX);
    FUZZ_DEMAND(buf_printf(&line, DEPOSIT_FILE_HEADER "\n%.*s,", SPAN_ARG(entry->deposit_no))
                    == ERR_OK
                && day_format(entry->day, &line) == ERR_OK && buf_byte(&line, ',') == ERR_OK);
    FUZZ_DEMAND(money_format((struct money){ entry->fen, CURRENCY_CNY }, &line) == ERR_OK
                && buf_byte(&line, ',') == ERR_OK);
    FUZZ_DEMAND(money_format((struct money){ entry->fee_fen, CURRENCY_CNY }, &line) == ERR_OK);
    FUZZ_DEMAND(
        buf_printf(&line, ",%s,\"%.*s\"", deposit_file_kind(entry), SPAN_ARG(entry->references))
        == ERR_OK);
    struct deposit_entry kept = *entry;
    FUZZ_DEMAND(deposit_file_read(buf_span(&line), today, take_again, &kept, &record) == ERR_OK);
    FUZZ_DEMAND(record == 3);
}

static enum err
take(void *context, int64_t number, enum deposit_verdict verdict, const struct deposit_entry *entry)
{
    int64_t *last = context;
    FUZZ_DEMAND(number == *last + 1);
    *last = number;
    if (verdict != DEPOSIT_STORED) {
        FUZZ_DEMAND(entry->fen == 0 && span_empty(entry->deposit_no));
        return ERR_OK;
    }
    fuzz_touch(entry->deposit_no);
    fuzz_touch(entry->references);
    FUZZ_DEMAND(entry->fen > 0 && entry->fen <= MONEY_MAX_MINOR && entry->fee_fen >= 0
                && entry->fee_fen <= MONEY_MAX_MINOR);
    FUZZ_DEMAND(!span_empty(entry->deposit_no) && day_cmp(entry->day, today) <= 0);
    check_again(entry);
    return ERR_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t last = 1;
    int64_t record = 0;
    DEFER(buf_fini) struct buf file = BUF_MAX(FILE_MAX);
    if (size > FILE_MAX / 2) {
        return 0;
    }
    FUZZ_DEMAND(buf_text(&file, DEPOSIT_FILE_HEADER "\n") == ERR_OK
                && buf_append(&file, span_make(data, size)) == ERR_OK);
    enum err err = deposit_file_read(buf_span(&file), today, take, &last, &record);
    FUZZ_DEMAND(err == ERR_OK || err == ERR_IMPORT_CSV || err == ERR_BUF_FULL);
    FUZZ_DEMAND(record >= last && (err != ERR_OK || record == last + 1));
    return 0;
}
