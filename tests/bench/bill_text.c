/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_text.h"

#include "whole.h"

#define COLUMNS 27

enum { PAID = 0, TRADE_NO = 5, ORDER_NO = 6, FEE = 22, AMOUNT = 24 };

enum err
bill_text_open(struct bill_text *text, const char *dir)
{
    *text = (struct bill_text){ .number = 0 };
    TRY(whole_read(dir, "bill.csv", &text->bytes));
    text->rest = buf_span(&text->bytes);
    return ERR_OK;
}

void
bill_text_close(struct bill_text *text)
{
    buf_fini(&text->bytes);
}

/* "12.34" and "0.07000" are both fen with nothing behind them that counts. */
static int64_t
fen_of(struct span text)
{
    int64_t fen = 0;
    size_t point = span_index(text, '.');
    for (size_t i = 0; i < text.len && i <= point + 2; i++) {
        fen = i == point ? fen : fen * 10 + (text.at[i] - '0');
    }
    return fen;
}

/* True for a line of money, which has all columns. */
static bool
cut(struct span raw, struct span fields[COLUMNS])
{
    size_t count = 0;
    size_t from = 1;
    for (size_t i = 1; i + 1 < raw.len && count < COLUMNS - 1; i++) {
        if (raw.at[i] == ',' && raw.at[i + 1] == '`') {
            fields[count++] = span_sub(raw, from, i - from);
            from = i + 2;
        }
    }
    fields[count] = span_sub(raw, from, raw.len);
    return count == COLUMNS - 1;
}

bool
bill_text_next(struct bill_text *text, struct bill_text_line *out)
{
    struct span raw;
    struct span fields[COLUMNS];
    while (span_cut(&text->rest, '\n', &raw)) {
        text->number++;
        raw = span_sub(raw, 0, raw.len - 1); /* CR */
        if (raw.len > 0 && raw.at[0] == '`' && cut(raw, fields)) {
            *out = (struct bill_text_line){ .raw = raw,
                                            .paid = fields[PAID],
                                            .trade_no = fields[TRADE_NO],
                                            .order_no = fields[ORDER_NO],
                                            .fen = fen_of(fields[AMOUNT]),
                                            .fee_fen = fen_of(fields[FEE]) };
            return true;
        }
    }
    return false;
}
