/* SPDX-License-Identifier: Apache-2.0 */
#include "report_html_parts.h"
#include "report_parts.h"

#define SCRATCH_MAX ((size_t)64 * 1024)

/* clang-format off: a style sheet. */
static const char style[] =
    "<style>\n"
    "@page { size: A4 landscape; margin: 12mm; }\n"
    "body { font: 12px/1.45 \"Noto Sans CJK SC\", \"Microsoft YaHei\", sans-serif; color: #111; margin: 1.5em; }\n"
    "h1 { font-size: 20px; margin: 0 0 .4em; } h2 { font-size: 15px; margin: 1.4em 0 .4em; }\n"
    "h3 { font-size: 13px; margin: 1em 0 .3em; }\n"
    "table { border-collapse: collapse; margin: 0 0 .6em; } thead { display: table-header-group; }\n"
    "th, td { border: 1px solid #999; padding: 2px 6px; text-align: left; vertical-align: top; overflow-wrap: anywhere; }\n"
    "th { background: #eee; overflow-wrap: normal; word-break: keep-all; } .wide { font-size: 85%; } .wide td { min-width: 3.5em; } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }\n"
    ".t td { font-weight: bold; border-top: 2px solid #111; } dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1em; }\n"
    "dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; }\n"
    "pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f5f5f5; padding: 4px 6px; margin: 0 0 .6em; }\n"
    ".mark { font-weight: bold; border: 2px solid #111; padding: 4px 8px; }\n"
    ".sign { display: flex; gap: 3em; margin-top: 2em; break-inside: avoid; } .sign span { flex: 1; border-bottom: 1px solid #111; }\n"
    "tr, section > h3 { break-inside: avoid; } h2, h3 { break-after: avoid; }\n"
    "@media print { body { margin: 0; font-size: 10px; } }\n"
    "</style>\n";
/* clang-format on */

static enum err
put_name(const struct report_page *page)
{
    const struct report *r = page->report;
    TRY(r->of_settlement ? report_html_words(page, "结算到账核对表 ", "Settlement ")
                         : report_html_words(page, "对账核对表 ", "Reconciliation "));
    TRY(report_html_text(page, r->account));
    TRY(report_html_raw(page, " "));
    TRY(day_format(r->day, page->out));
    return buf_printf(page->out, " v%lld", (long long)r->version);
}

static enum err
put_mark(const struct report_page *page)
{
    if (!report_text_marked(page->report)) {
        return ERR_OK;
    }
    TRY(report_html_raw(page, "<p class=\"mark\">"));
    TRY(report_text_mark(page->report, page->language, page->out));
    return report_html_raw(page, "</p>\n");
}

static enum err
put_late_bills(const struct report_page *page)
{
    struct span rest = page->report->late_bills;
    bool there = true;
    while (!span_empty(rest)) {
        TRY(report_html_raw(page, "<p><strong>"));
        TRY(report_text_late(&rest, page->language, page->out, &there));
        TRY(report_html_raw(page, "</strong></p>\n"));
    }
    return ERR_OK;
}

static enum err
put_head(const struct report_page *page)
{
    TRY(buf_printf(page->out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n",
                   report_html_say(page, "zh-CN", "en")));
    TRY(report_html_raw(page, "<meta charset=\"utf-8\" />\n<title>"));
    TRY(put_name(page));
    TRY(report_html_raw(page, "</title>\n"));
    TRY(report_html_raw(page, style));
    TRY(report_html_raw(page, "</head>\n<body>\n<h1>"));
    TRY(put_name(page));
    TRY(report_html_raw(page, "</h1>\n"));
    TRY(put_mark(page));
    return put_late_bills(page);
}

static enum err
fact_open(const struct report_page *page, const char *zh, const char *en)
{
    TRY(report_html_raw(page, "<dt>"));
    TRY(report_html_words(page, zh, en));
    return report_html_raw(page, "</dt><dd>");
}

static enum err
put_bill(const struct report_page *page)
{
    TRY(fact_open(page, "账单文件 sha256", "bill file sha256"));
    TRY(page->report->bill_sha256.len > 0 ? report_html_text(page, page->report->bill_sha256)
                                          : report_html_words(page, "无账单", "no bill"));
    return report_html_raw(page, "</dd>\n");
}

static enum err
put_zone(const struct report_page *page)
{
    TRY(fact_open(page, "时区", "time zone"));
    TRY(report_text_zone(page->report->east_min, page->language, page->out));
    return report_html_raw(page, "</dd>\n");
}

static enum err
put_facts(const struct report_page *page)
{
    const struct report *r = page->report;
    TRY(report_html_raw(page, "<dl>\n"));
    TRY(fact_open(page, "账号", "account"));
    TRY(report_html_text(page, r->account));
    TRY(report_html_raw(page, "</dd>\n"));
    TRY(fact_open(page, "渠道", "provider"));
    TRY(report_html_text(page, r->provider));
    TRY(report_html_raw(page, "</dd>\n"));
    TRY(r->of_settlement ? fact_open(page, "银行日", "day") : fact_open(page, "账单日", "day"));
    TRY(day_format(r->day, page->out));
    TRY(report_html_raw(page, "</dd>\n"));
    TRY(fact_open(page, "版本", "version"));
    TRY(buf_i64(page->out, r->version));
    TRY(report_html_raw(page, "</dd>\n"));
    TRY(fact_open(page, "数据截至", "as of"));
    TRY(wall_format_civil(r->as_of, r->east_min, page->out));
    TRY(report_html_raw(page, "</dd>\n"));
    TRY(r->form < REPORT_FORM_ZONE ? ERR_OK : put_zone(page));
    TRY(r->of_settlement ? ERR_OK : put_bill(page));
    TRY(fact_open(page, "定义", "definition"));
    TRY(report_html_text(page, span_of(report_text_definition(r->of_settlement, page->language))));
    TRY(report_html_raw(page, "</dd>\n"));
    if (r->form >= REPORT_FORM_LEGEND) {
        TRY(fact_open(page, "级别", "severity"));
        TRY(report_html_text(page, span_of(report_text_legend(page->language))));
        TRY(report_html_raw(page, "</dd>\n"));
    }
    return report_html_raw(page, "</dl>\n");
}

static enum err
put_lines(const struct report_page *page)
{
    struct report_line lines[REPORT_LINES_MAX];
    size_t count = 0;
    TRY(report_lines_take(page->report, lines, &count));
    TRY(report_html_heading(page, "核对表", "Adding-up sheet"));
    TRY(report_html_table_open(page));
    TRY(report_html_title(page, "行", "line", false));
    TRY(report_html_title(page, "项目", "item", false));
    TRY(report_html_title(page, "笔数", "count", true));
    TRY(report_html_title(page, "金额（元）", "yuan", true));
    TRY(report_html_table_body(page));
    for (size_t i = 0; i < count; i++) {
        TRY(report_html_raw(page, "<tr>"));
        TRY(report_html_cell(page, span_of(lines[i].letter)));
        TRY(report_html_cell(page, span_of(lines[i].label[page->language])));
        TRY(report_html_cell_i64(page, lines[i].cell.count, lines[i].counted));
        TRY(report_html_cell_fen(page, lines[i].cell.fen, true));
        TRY(report_html_raw(page, "</tr>\n"));
    }
    return report_html_table_close(page);
}

static enum err
put_proofs(const struct report_page *page)
{
    struct report_proof proofs[REPORT_PROOFS_MAX];
    size_t count = 0;
    TRY(report_lines_prove(page->report, proofs, &count));
    TRY(report_html_heading(page, "验证", "Proofs"));
    TRY(report_html_table_open(page));
    TRY(report_html_title(page, "等式", "equation", false));
    TRY(report_html_title(page, "左笔数", "left count", true));
    TRY(report_html_title(page, "左金额", "left yuan", true));
    TRY(report_html_title(page, "右笔数", "right count", true));
    TRY(report_html_title(page, "右金额", "right yuan", true));
    TRY(report_html_title(page, "结论", "verdict", false));
    TRY(report_html_table_body(page));
    for (size_t i = 0; i < count; i++) {
        TRY(report_html_raw(page, "<tr>"));
        TRY(report_html_cell(page, span_of(proofs[i].formula)));
        TRY(report_html_cell_i64(page, proofs[i].left.count, proofs[i].counted));
        TRY(report_html_cell_fen(page, proofs[i].left.fen, true));
        TRY(report_html_cell_i64(page, proofs[i].right.count, proofs[i].counted));
        TRY(report_html_cell_fen(page, proofs[i].right.fen, true));
        TRY(report_html_cell_words(page, "成立", "holds"));
        TRY(report_html_raw(page, "</tr>\n"));
    }
    TRY(report_html_table_close(page));
    TRY(report_html_raw(page, "<p>"));
    TRY(report_html_text(page, span_of(report_text_flow(page->report, page->language))));
    return report_html_raw(page, "</p>\n");
}

static enum err
put_balance(const struct report_page *page)
{
    struct report_balance_line lines[REPORT_BALANCE_MAX];
    size_t count = 0;
    TRY(report_balance_take(page->report, lines, &count));
    TRY(report_html_heading(page, "余额调节表", "Statement of balances"));
    TRY(report_html_table_open(page));
    TRY(report_html_title(page, "方", "side", false));
    TRY(report_html_title(page, "项目", "item", false));
    TRY(report_html_title(page, "笔数", "count", true));
    TRY(report_html_title(page, "金额（元）", "yuan", true));
    TRY(report_html_table_body(page));
    for (size_t i = 0; i < count; i++) {
        TRY(report_html_raw(page, lines[i].total ? "<tr class=\"t\">" : "<tr>"));
        TRY(report_html_cell(page, span_of(report_balance_side(lines[i].side, page->language))));
        TRY(report_html_cell(page, span_of(lines[i].label[page->language])));
        TRY(report_html_cell_i64(page, lines[i].count, lines[i].counted));
        TRY(report_html_cell_fen(page, lines[i].fen, true));
        TRY(report_html_raw(page, "</tr>\n"));
    }
    return report_html_table_close(page);
}

static enum err
put_classes(const struct report_page *page)
{
    struct report_class all[FINDING_COUNT];
    TRY(report_lines_classes(page->report, all));
    TRY(report_html_heading(page, "分类与附注", "Classes and findings"));
    TRY(report_html_table_open(page));
    TRY(report_html_title(page, "代码", "code", false));
    TRY(report_html_title(page, "名称", "name", false));
    TRY(report_html_title(page, "分类笔数", "as class", true));
    TRY(report_html_title(page, "差额", "delta", true));
    TRY(report_html_title(page, "附注笔数", "as finding", true));
    TRY(report_html_table_body(page));
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (all[i].primary_count == 0 && all[i].note_count == 0) {
            continue;
        }
        TRY(report_html_raw(page, "<tr>"));
        TRY(report_html_cell(page, span_of(finding_name((enum finding)i))));
        TRY(report_html_cell(page, span_of(finding_text((enum finding)i, page->language))));
        TRY(report_html_cell_i64(page, all[i].primary_count, all[i].primary_count > 0));
        TRY(report_html_cell_fen(page, all[i].delta_fen, all[i].primary_count > 0));
        TRY(report_html_cell_i64(page, all[i].note_count, all[i].note_count > 0));
        TRY(report_html_raw(page, "</tr>\n"));
    }
    return report_html_table_close(page);
}

static enum err
put_fee_row(const struct report_page *page, const char *code, const char *name,
            const struct report_fees *fees)
{
    TRY(report_html_cell(page, span_of(code)));
    TRY(report_html_cell(page, span_of(name)));
    TRY(report_html_cell_i64(page, fees->count, true));
    TRY(report_html_cell_fen(page, fees->due_fen, true));
    TRY(report_html_cell_fen(page, fees->charged_fen, true));
    TRY(report_html_cell_fen(page, fees->charged_fen - fees->due_fen, true));
    return report_html_raw(page, "</tr>\n");
}

static enum err
put_fee_titles(const struct report_page *page)
{
    TRY(report_html_title(page, "代码", "code", false));
    TRY(report_html_title(page, "名称", "name", false));
    TRY(report_html_title(page, "笔数", "count", true));
    TRY(report_html_title(page, "合同应收", "due", true));
    TRY(report_html_title(page, "实收", "charged", true));
    return report_html_title(page, "差额", "difference", true);
}

/* A line may have two findings of fees; the last row has each line once. */
static enum err
put_fees(const struct report_page *page)
{
    struct report_fees by[FINDING_COUNT];
    struct report_fees all;
    TRY(report_lines_fees(page->report, by, &all));
    TRY(report_html_heading(page, "手续费核对（按合同）", "Fees by contract"));
    TRY(report_html_table_open(page));
    TRY(put_fee_titles(page));
    TRY(report_html_table_body(page));
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (by[i].count > 0) {
            TRY(report_html_raw(page, "<tr>"));
            TRY(put_fee_row(page, finding_name((enum finding)i),
                            finding_text((enum finding)i, page->language), &by[i]));
        }
    }
    TRY(report_html_raw(page, "<tr class=\"t\">"));
    TRY(put_fee_row(page, "", report_html_say(page, "合计", "all lines"), &all));
    return report_html_table_close(page);
}

static bool
is_number(enum report_column column)
{
    enum report_cell_kind kind = report_column_kind(column);
    return kind == REPORT_CELL_NUMBER || kind == REPORT_CELL_AMOUNT;
}

static enum err
put_list_row(const struct report_page *page, const struct report_row *row,
             const enum report_column *columns, size_t count, struct buf *scratch)
{
    TRY(report_html_raw(page, "<tr>"));
    for (size_t i = 0; i < count; i++) {
        struct report_cell cell;
        TRY(report_column_cell(page->report, row, columns[i], page->language, scratch, &cell));
        if (report_column_kind(columns[i]) == REPORT_CELL_AMOUNT) {
            TRY(report_html_cell_fen(page, cell.number, !cell.empty));
        } else if (is_number(columns[i])) {
            TRY(report_html_cell_i64(page, cell.number, !cell.empty));
        } else {
            TRY(report_html_cell(page, cell.text));
        }
    }
    return report_html_raw(page, "</tr>\n");
}

/* The columns of a list on paper. The provider's line is no column there: it has a hundred characters and more, a column of paper ten, so that a row
 * filled a page. It stands whole with each difference, and in CSV and workbook. */
static size_t
columns_of(const struct report_page *page, enum report_list list,
           enum report_column out[REPORT_COLUMN_COUNT])
{
    size_t all = 0;
    size_t count = 0;
    const enum report_column *columns = report_list_columns(page->report, list, &all);
    for (size_t i = 0; i < all; i++) {
        bool fits = columns[i] != REPORT_COLUMN_bill_raw || page->report->form < REPORT_FORM_PAGE;
        if (fits) {
            out[count++] = columns[i];
        }
    }
    return count;
}

/* A list with a title over each column. */
static enum err
put_list(const struct report_page *page, enum report_list list)
{
    DEFER(buf_fini) struct buf scratch = BUF_MAX(SCRATCH_MAX);
    DEFER(report_list_free) struct report_listing listing = { .count = 0 };
    enum report_column columns[REPORT_COLUMN_COUNT];
    size_t count = columns_of(page, list, columns);
    TRY(report_html_heading(page, report_list_title(list, LANGUAGE_ZH),
                            report_list_title(list, LANGUAGE_EN)));
    TRY(report_list_make(page->report, list, &listing));
    if (listing.count == 0) {
        return report_html_raw(page, report_html_say(page, "<p>无</p>\n", "<p>none</p>\n"));
    }
    TRY(report_html_raw(page, "<div class=\"wide\">"));
    TRY(report_html_table_open(page));
    for (size_t i = 0; i < count; i++) {
        TRY(report_html_title(page, report_column_words(columns[i]),
                              report_column_title(columns[i], LANGUAGE_EN), is_number(columns[i])));
    }
    TRY(report_html_table_body(page));
    for (size_t i = 0; i < listing.count; i++) {
        TRY(put_list_row(page, listing.rows[i], columns, count, &scratch));
    }
    TRY(report_html_table_close(page));
    return report_html_raw(page, "</div>\n");
}

/* Who made it and who looked at it sign the paper. */
static enum err
put_end(const struct report_page *page)
{
    TRY(report_html_raw(page, "<p><b>UNEXPLAINED "));
    TRY(report_text_fen(page->out, page->report->sheet.unexplained_fen));
    TRY(report_html_raw(page, "</b></p>\n<div class=\"sign\"><span>"));
    TRY(report_html_words(page, "制表", "prepared by"));
    TRY(report_html_raw(page, "</span><span>"));
    TRY(report_html_words(page, "复核", "reviewed by"));
    TRY(report_html_raw(page, "</span><span>"));
    TRY(report_html_words(page, "日期", "date"));
    return report_html_raw(page, "</span></div>\n</body>\n</html>\n");
}

/* What only a bill and our books have. */
static enum err
put_trade(const struct report_page *page)
{
    TRY(put_fees(page));
    TRY(put_list(page, REPORT_DUPLICATES));
    TRY(put_list(page, REPORT_INVOICES));
    return report_html_differences(page);
}

enum err
report_html(const struct report *report, enum language language, struct buf *out)
{
    struct report_page page = { .report = report, .language = language, .out = out };
    TRY(report_lines_tie(report));
    TRY(put_head(&page));
    TRY(put_facts(&page));
    TRY(put_lines(&page));
    TRY(put_proofs(&page));
    TRY(report->of_settlement ? ERR_OK : put_balance(&page));
    TRY(put_classes(&page));
    TRY(report->of_settlement ? put_list(&page, REPORT_RESULTS) : put_trade(&page));
    return put_end(&page);
}
