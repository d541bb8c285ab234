/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a bank's statement: what is taken has amounts that a line can have and stands in it as it was; printed again it
 * is taken again. What is not taken leaves the output alone. */
#include "deposit_file.h"
#include "fuzz.h"
#include "money.h"

#define LINE_MAX ((size_t)8192)

static const struct day today = { 2026, 11, 26 };

static void
check_again(const struct deposit_entry *entry)
{
    struct deposit_entry again = { .fen = 0 };
    DEFER(buf_fini) struct buf line = BUF_MAX(LINE_MAX);
    FUZZ_DEMAND(buf_printf(&line, "%.*s,", SPAN_ARG(entry->deposit_no)) == ERR_OK
                && day_format(entry->day, &line) == ERR_OK && buf_byte(&line, ',') == ERR_OK);
    FUZZ_DEMAND(money_format((struct money){ entry->fen, CURRENCY_CNY }, &line) == ERR_OK
                && buf_byte(&line, ',') == ERR_OK);
    FUZZ_DEMAND(money_format((struct money){ entry->fee_fen, CURRENCY_CNY }, &line) == ERR_OK);
    FUZZ_DEMAND(buf_printf(&line, ",%s,%.*s", deposit_file_kind(entry), SPAN_ARG(entry->references))
                == ERR_OK);
    FUZZ_DEMAND(deposit_file_line(buf_span(&line), today, &again) == DEPOSIT_STORED);
    FUZZ_DEMAND(span_eq(again.deposit_no, entry->deposit_no) && again.fen == entry->fen
                && again.fee_fen == entry->fee_fen && again.returned == entry->returned
                && day_cmp(again.day, entry->day) == 0
                && span_eq(again.references, entry->references));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct deposit_entry entry;
    struct span line = span_make(data, size);
    fuzz_fill(&entry, sizeof(entry));
    if (deposit_file_line(line, today, &entry) != DEPOSIT_STORED) {
        FUZZ_DEMAND(fuzz_untouched(&entry, sizeof(entry)));
        return 0;
    }
    fuzz_touch(entry.deposit_no);
    fuzz_touch(entry.references);
    FUZZ_DEMAND(entry.fen > 0 && entry.fen <= MONEY_MAX_MINOR && entry.fee_fen >= 0
                && entry.fee_fen <= MONEY_MAX_MINOR);
    FUZZ_DEMAND(!span_empty(entry.deposit_no) && day_cmp(entry.day, today) <= 0);
    check_again(&entry);
    return 0;
}
