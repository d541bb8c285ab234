/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a bill are much alike: kept in pieces of some dozens, they are packed to a fourth, which a row for each cannot be. A piece has a line for
 * each number from its first one on, so that a line is found by counting. */
#include "run_parts.h"

#define PIECE_CELLS 4
/* Packed it is to fit on a page of the database, so a piece is no larger. */
#define PIECE_BYTES ((size_t)16 * 1024)

/* Lines that stand together, and the numbers they have. */
struct piece {
    struct buf text;
    int64_t first_no;
    int64_t next_no;
    int64_t line_count;
};

static enum err
send_piece(struct piece *piece, int64_t run_id, struct db_writer *row)
{
    TRY(db_write_row(row, PIECE_CELLS));
    db_write_i64(row, run_id);
    db_write_i64(row, piece->first_no);
    db_write_i64(row, piece->line_count);
    db_write_text(row, buf_span(&piece->text));
    buf_reset(&piece->text);
    piece->line_count = 0;
    return ERR_OK;
}

/* Numbers of rows that are no lines of money stay empty. */
static enum err
add_line(struct piece *piece, int64_t number, struct span raw)
{
    if (piece->line_count == 0) {
        piece->first_no = number;
        piece->next_no = number;
    } else {
        TRY(buf_byte(&piece->text, '\n'));
    }
    for (; piece->next_no < number; piece->next_no++) {
        TRY(buf_byte(&piece->text, '\n'));
    }
    piece->next_no++;
    piece->line_count++;
    return buf_append(&piece->text, raw);
}

static bool
fits(const struct piece *piece, int64_t number, struct span raw)
{
    return piece->text.len + (size_t)(number - piece->next_no) + 1 + raw.len <= PIECE_BYTES;
}

static enum err
take_line(struct piece *piece, const struct run *run, size_t i, int64_t run_id,
          struct db_writer *row)
{
    struct span raw = run->lines.raw[i];
    int64_t number = (int64_t)run->lines.list[i].number;
    if (number < piece->next_no || span_index(raw, '\n') < raw.len) {
        return ERR_INTERNAL;
    }
    if (piece->line_count > 0 && !fits(piece, number, raw)) {
        TRY(send_piece(piece, run_id, row));
    }
    return add_line(piece, number, raw);
}

static enum err
send_pieces(struct piece *piece, const struct run *run, int64_t run_id, struct db_writer *row)
{
    for (size_t i = 0; i < run->lines.count; i++) {
        TRY(take_line(piece, run, i, run_id, row));
    }
    return piece->line_count > 0 ? send_piece(piece, run_id, row) : ERR_OK;
}

enum err
run_save_texts(const struct run *run, int64_t run_id)
{
    struct piece piece = { .text = BUF_MAX(PIECE_BYTES + 2 * BILL_FILE_LINE_MAX) };
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    TRY(db_write_open(run->session, STATEMENT_recon_copy_text, &writer));
    enum err err = send_pieces(&piece, run, run_id, &writer);
    buf_fini(&piece.text);
    TRY(err);
    return db_write_close(&writer);
}
