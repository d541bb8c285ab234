/* SPDX-License-Identifier: Apache-2.0 */
#include "report_xlsx_parts.h"

/* The columns of 核对表. */
enum {
    AT_LETTER,
    AT_WORDS,
    AT_COUNT,
    AT_AMOUNT,
    AT_COUNT_RIGHT,
    AT_AMOUNT_RIGHT,
};

static enum err
put_text(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
         const char *text)
{
    return report_xlsx_span(book, sheet, row, column, span_of(text), NULL);
}

/* A row of titles; NULL leaves a cell empty. */
static enum err
put_titles(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row,
           const char *const titles[AT_AMOUNT_RIGHT + 1])
{
    for (lxw_col_t i = 0; i <= AT_AMOUNT_RIGHT; i++) {
        if (titles[i] != NULL) {
            TRY(report_xlsx_span(book, sheet, row, i, span_of(titles[i]), book->title));
        }
    }
    return ERR_OK;
}

/* "账号" and beside it what the buffer was given. */
static enum err
put_fact(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t *row, const char *zh,
         const char *en)
{
    TRY(report_xlsx_span(book, sheet, *row, AT_LETTER, span_of(report_xlsx_say(book, zh, en)),
                         book->title));
    TRY(report_xlsx_span(book, sheet, *row, AT_WORDS, buf_span(book->scratch), book->text));
    buf_reset(book->scratch);
    (*row)++;
    return ERR_OK;
}

static enum err
put_late_bills(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    struct span rest = book->report->late_bills;
    bool there = true;
    while (!span_empty(rest)) {
        TRY(report_text_late(&rest, book->language, book->scratch, &there));
        TRY(put_fact(book, sheet, row, "迟到账单", "late bill"));
    }
    return ERR_OK;
}

static enum err
put_facts(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    const struct report *r = book->report;
    buf_reset(book->scratch);
    TRY(report_text_guard(book->scratch, r->account));
    TRY(put_fact(book, sheet, row, "账号", "account"));
    TRY(report_text_guard(book->scratch, r->provider));
    TRY(put_fact(book, sheet, row, "渠道", "provider"));
    TRY(day_format(r->day, book->scratch));
    TRY(put_fact(book, sheet, row, r->of_settlement ? "银行日" : "账单日", "day"));
    TRY(buf_i64(book->scratch, r->version));
    TRY(put_fact(book, sheet, row, "版本", "version"));
    TRY(wall_format_civil(r->as_of, r->east_min, book->scratch));
    TRY(put_fact(book, sheet, row, "数据截至", "as of"));
    if (r->form >= REPORT_FORM_ZONE) {
        TRY(report_text_zone(r->east_min, book->language, book->scratch));
        TRY(put_fact(book, sheet, row, "时区", "time zone"));
    }
    if (!r->of_settlement) {
        TRY(buf_append(book->scratch, r->bill_sha256));
        TRY(put_fact(book, sheet, row, "账单文件 sha256", "bill file sha256"));
    }
    if (report_text_marked(r)) {
        TRY(report_text_mark(r, book->language, book->scratch));
        TRY(put_fact(book, sheet, row, "标注", "mark"));
    }
    TRY(put_late_bills(book, sheet, row));
    TRY(buf_text(book->scratch, report_text_definition(r->of_settlement, book->language)));
    TRY(put_fact(book, sheet, row, "定义", "definition"));
    if (r->form < REPORT_FORM_LEGEND) {
        return ERR_OK;
    }
    TRY(buf_text(book->scratch, report_text_legend(book->language)));
    return put_fact(book, sheet, row, "级别", "severity");
}

static enum err
put_lines(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    struct report_line lines[REPORT_LINES_MAX];
    size_t count = 0;
    TRY(report_lines_take(book->report, lines, &count));
    TRY(put_titles(book, sheet, (*row)++,
                   (const char *[]){ report_xlsx_say(book, "行", "line"),
                                     report_xlsx_say(book, "项目", "item"),
                                     report_xlsx_say(book, "笔数", "count"),
                                     report_xlsx_say(book, "金额", "yuan"), NULL, NULL }));
    for (size_t i = 0; i < count; i++, (*row)++) {
        TRY(put_text(book, sheet, *row, AT_LETTER, lines[i].letter));
        TRY(put_text(book, sheet, *row, AT_WORDS, lines[i].label[book->language]));
        if (lines[i].counted) {
            TRY(report_xlsx_count(sheet, *row, AT_COUNT, lines[i].cell.count));
        }
        TRY(report_xlsx_fen(book, sheet, *row, AT_AMOUNT, lines[i].cell.fen));
    }
    return ERR_OK;
}

static enum err
put_proofs(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    struct report_proof proofs[REPORT_PROOFS_MAX];
    size_t count = 0;
    TRY(report_lines_prove(book->report, proofs, &count));
    TRY(put_titles(book, sheet, (*row)++,
                   (const char *[]){ report_xlsx_say(book, "验证", "proof"), NULL,
                                     report_xlsx_say(book, "左笔数", "left count"),
                                     report_xlsx_say(book, "左金额", "left yuan"),
                                     report_xlsx_say(book, "右笔数", "right count"),
                                     report_xlsx_say(book, "右金额", "right yuan") }));
    for (size_t i = 0; i < count; i++, (*row)++) {
        TRY(put_text(book, sheet, *row, AT_LETTER, proofs[i].formula));
        TRY(put_text(book, sheet, *row, AT_WORDS, report_xlsx_say(book, "成立", "holds")));
        if (proofs[i].counted) {
            TRY(report_xlsx_count(sheet, *row, AT_COUNT, proofs[i].left.count));
        }
        TRY(report_xlsx_fen(book, sheet, *row, AT_AMOUNT, proofs[i].left.fen));
        if (proofs[i].counted) {
            TRY(report_xlsx_count(sheet, *row, AT_COUNT_RIGHT, proofs[i].right.count));
        }
        TRY(report_xlsx_fen(book, sheet, *row, AT_AMOUNT_RIGHT, proofs[i].right.fen));
    }
    TRY(put_text(book, sheet, *row, AT_WORDS, report_text_flow(book->report, book->language)));
    (*row)++;
    return ERR_OK;
}

static enum err
put_class(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row, enum finding finding,
          int64_t count)
{
    TRY(put_text(book, sheet, row, AT_LETTER, finding_name(finding)));
    TRY(put_text(book, sheet, row, AT_WORDS, finding_text(finding, book->language)));
    return report_xlsx_count(sheet, row, AT_COUNT, count);
}

static enum err
put_classes(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    struct report_class all[FINDING_COUNT];
    TRY(report_lines_classes(book->report, all));
    TRY(put_titles(book, sheet, (*row)++,
                   (const char *[]){ report_xlsx_say(book, "分类", "class"), NULL,
                                     report_xlsx_say(book, "笔数", "count"),
                                     report_xlsx_say(book, "差额", "delta"), NULL, NULL }));
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (all[i].primary_count > 0) {
            TRY(put_class(book, sheet, *row, (enum finding)i, all[i].primary_count));
            TRY(report_xlsx_fen(book, sheet, (*row)++, AT_AMOUNT, all[i].delta_fen));
        }
    }
    TRY(put_titles(book, sheet, (*row)++,
                   (const char *[]){ report_xlsx_say(book, "附注", "finding"), NULL,
                                     report_xlsx_say(book, "笔数", "count"), NULL, NULL, NULL }));
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (all[i].note_count > 0) {
            TRY(put_class(book, sheet, (*row)++, (enum finding)i, all[i].note_count));
        }
    }
    return ERR_OK;
}

static enum err
set_widths(lxw_worksheet *sheet)
{
    TRY(report_xlsx_check(worksheet_set_column(sheet, AT_LETTER, AT_LETTER, 24, NULL)));
    TRY(report_xlsx_check(worksheet_set_column(sheet, AT_WORDS, AT_WORDS, 48, NULL)));
    return report_xlsx_check(worksheet_set_column(sheet, AT_COUNT, AT_AMOUNT_RIGHT, 16, NULL));
}

enum err
report_xlsx_sheet(const struct report_book *book, lxw_worksheet *sheet)
{
    lxw_row_t row = 0;
    TRY(set_widths(sheet));
    TRY(put_facts(book, sheet, &row));
    row++;
    TRY(put_lines(book, sheet, &row));
    row++;
    TRY(put_proofs(book, sheet, &row));
    row++;
    TRY(put_classes(book, sheet, &row));
    row++;
    TRY(report_xlsx_span(book, sheet, row, AT_LETTER, span_of("UNEXPLAINED"), book->title));
    TRY(put_text(book, sheet, row, AT_WORDS, report_xlsx_say(book, "未解释金额", "unexplained")));
    return report_xlsx_fen(book, sheet, row, AT_AMOUNT, book->report->sheet.unexplained_fen);
}

enum err
report_xlsx_balance(const struct report_book *book, lxw_worksheet *sheet)
{
    struct report_balance_line lines[REPORT_BALANCE_MAX];
    size_t count = 0;
    TRY(report_balance_take(book->report, lines, &count));
    TRY(set_widths(sheet));
    TRY(put_titles(book, sheet, 0,
                   (const char *[]){ report_xlsx_say(book, "方", "side"),
                                     report_xlsx_say(book, "项目", "item"),
                                     report_xlsx_say(book, "笔数", "count"),
                                     report_xlsx_say(book, "金额", "yuan"), NULL, NULL }));
    TRY(report_xlsx_mark(book, sheet, AT_AMOUNT + 1));
    worksheet_freeze_panes(sheet, 1, 0);
    for (lxw_row_t i = 0; i < count; i++) {
        TRY(report_xlsx_span(book, sheet, i + 1, AT_LETTER,
                             span_of(report_balance_side(lines[i].side, book->language)),
                             lines[i].total ? book->title : NULL));
        TRY(report_xlsx_span(book, sheet, i + 1, AT_WORDS, span_of(lines[i].label[book->language]),
                             lines[i].total ? book->title : NULL));
        if (lines[i].counted) {
            TRY(report_xlsx_count(sheet, i + 1, AT_COUNT, lines[i].count));
        }
        TRY(report_xlsx_fen(book, sheet, i + 1, AT_AMOUNT, lines[i].fen));
    }
    return ERR_OK;
}
