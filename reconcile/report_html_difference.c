/* SPDX-License-Identifier: Apache-2.0 */
#include "report_html_parts.h"
#include "report_parts.h"

/* One code: what it is called, why it usually happens, what is done. */
static enum err
put_code(const struct report_page *page, enum finding finding)
{
    TRY(report_html_raw(page, "<tr><td><b>"));
    TRY(report_html_text(page, span_of(finding_name(finding))));
    TRY(report_html_raw(page, "</b></td>"));
    TRY(report_html_cell(page, span_of(finding_text(finding, page->language))));
    TRY(report_html_cell_i64(page, finding_severity(finding), finding_severity(finding) > 0));
    TRY(report_html_cell(page,
                         span_of(report_text_action(finding_action(finding), page->language))));
    return report_html_raw(page, "</tr>\n");
}

static enum err
put_codes(const struct report_page *page, const struct report_row *row)
{
    TRY(report_html_table_open(page));
    TRY(report_html_title(page, "代码", "code", false));
    TRY(report_html_title(page, "名称", "name", false));
    TRY(report_html_title(page, "级别", "severity", true));
    TRY(report_html_title(page, "处置", "action", false));
    TRY(report_html_table_body(page));
    TRY(put_code(page, row->primary));
    for (size_t i = 0; i < row->finding_count; i++) {
        TRY(put_code(page, row->findings[i]));
    }
    return report_html_table_close(page);
}

static enum err
put_amounts(const struct report_page *page, const struct report_row *row)
{
    TRY(report_html_table_open(page));
    TRY(report_html_title(page, "账单金额", "bill", true));
    TRY(report_html_title(page, "账簿金额", "books", true));
    TRY(report_html_title(page, "差额", "delta", true));
    TRY(report_html_title(page, "长款/短款", "side", false));
    TRY(report_html_title(page, "账单手续费", "fee", true));
    TRY(report_html_title(page, "渠道流水号", "provider's number", false));
    TRY(report_html_title(page, "账单商户单号", "merchant's number on the bill", false));
    TRY(report_html_title(page, "账单时间", "time on the bill", false));
    TRY(report_html_table_body(page));
    TRY(report_html_raw(page, "<tr>"));
    TRY(report_html_cell_fen(page, row->b_fen, true));
    TRY(report_html_cell_fen(page, row->p_fen, true));
    TRY(report_html_cell_fen(page, row->delta_fen, true));
    TRY(report_html_cell(page, span_of(report_text_side(row->delta_fen, page->language))));
    TRY(report_html_cell_fen(page, row->fee_fen, row->line_no > 0));
    TRY(report_html_cell(page, row->provider_trade_no));
    TRY(report_html_cell(page, row->merchant_order_no));
    TRY(report_html_cell_time(page, row->billed_at));
    TRY(report_html_raw(page, "</tr>\n"));
    return report_html_table_close(page);
}

/* In which file the row's line stands. */
static enum err
put_file(const struct report_page *page, const struct report_row *row)
{
    if (row->line_no > 0) {
        return report_html_words(page, "账单第 ", "Line of the bill: ");
    }
    return row->early_no > 0
               ? report_html_words(page, "上日账单第 ", "Line of the bill of the day before: ")
               : report_html_words(page, "资金账单第 ", "Line of the account's bill: ");
}

/* The line as the provider wrote it. */
static enum err
put_raw(const struct report_page *page, const struct report_row *row)
{
    int64_t line = row->line_no > 0    ? row->line_no
                   : row->early_no > 0 ? row->early_no
                                       : row->flow_no;
    if (line == 0) {
        TRY(report_html_raw(page, "<p>"));
        TRY(report_html_words(page, "账单上没有这一笔。", "It is on no line of the bill."));
        return report_html_raw(page, "</p>\n");
    }
    TRY(report_html_raw(page, "<p>"));
    TRY(put_file(page, row));
    TRY(buf_i64(page->out, line));
    TRY(report_html_words(page, " 行", ""));
    TRY(report_html_raw(page, "</p>\n<pre>"));
    TRY(report_html_text(page, row->raw));
    return report_html_raw(page, "</pre>\n");
}

static enum err
put_coded(const struct report_page *page, enum report_code of, struct span code)
{
    return report_html_cell(page, report_words(page->report, of, code, page->language));
}

static enum err
put_order(const struct report_page *page, const struct report_row *row)
{
    TRY(report_html_table_open(page));
    TRY(report_html_title(page, "订单号", "order", false));
    TRY(report_html_title(page, "归属方", "owner", false));
    TRY(report_html_title(page, "业务类型", "kind", false));
    TRY(report_html_title(page, "订单状态", "status", false));
    TRY(report_html_title(page, "订单应付", "payable", true));
    TRY(report_html_title(page, "有效发票", "invoiced", true));
    TRY(report_html_title(page, "发票号", "invoice", false));
    TRY(report_html_title(page, "抬头", "title", false));
    TRY(report_html_table_body(page));
    TRY(report_html_raw(page, "<tr>"));
    TRY(report_html_cell(page, row->order_no));
    TRY(report_html_cell(page, row->owner));
    TRY(put_coded(page, REPORT_CODE_ORDER_KIND, row->order_kind));
    TRY(put_coded(page, REPORT_CODE_ORDER_STATUS, row->order_status));
    TRY(report_html_cell_fen(page, row->order_fen, row->order_status.len > 0));
    TRY(report_html_cell_fen(page, row->invoiced_fen, row->order_status.len > 0));
    TRY(report_html_cell(page, row->invoice_id));
    TRY(report_html_cell(page, row->title));
    TRY(report_html_raw(page, "</tr>\n"));
    return report_html_table_close(page);
}

static enum err
put_paper(const struct report_page *page, const struct report_paper *paper)
{
    TRY(report_html_raw(page, "<tr>"));
    TRY(report_html_cell(page, paper->invoice_id));
    TRY(paper->red ? report_html_cell_words(page, "红字", "red")
                   : report_html_cell_words(page, "蓝字", "blue"));
    TRY(put_coded(page, REPORT_CODE_INVOICE_STATUS, paper->status));
    TRY(report_html_cell_fen(page, paper->fen, true));
    TRY(report_html_cell_time(page, paper->at));
    return report_html_raw(page, "</tr>\n");
}

/* Which documents a finding of invoices is about. */
static enum err
put_papers(const struct report_page *page, const struct report_row *row)
{
    size_t count = 0;
    const struct report_paper *papers = report_row_papers(page->report, row, &count);
    if (count == 0) {
        return ERR_OK;
    }
    TRY(report_html_table_open(page));
    TRY(report_html_title(page, "订单的发票", "invoice of the order", false));
    TRY(report_html_title(page, "蓝字/红字", "kind", false));
    TRY(report_html_title(page, "发票状态", "state", false));
    TRY(report_html_title(page, "价税合计", "with tax", true));
    TRY(report_html_title(page, "开具或申请时间", "issued or asked for", false));
    TRY(report_html_table_body(page));
    for (size_t i = 0; i < count; i++) {
        TRY(put_paper(page, &papers[i]));
    }
    return report_html_table_close(page);
}

static enum err
put_story_row(const struct report_page *page, const struct report_story *story)
{
    bool refund = story->refund_no.len > 0;
    TRY(report_html_raw(page, "<tr>"));
    TRY(refund ? report_html_cell_words(page, "退款", "refund")
               : report_html_cell_words(page, "支付", "payment"));
    TRY(report_html_cell(page, refund ? story->refund_no : story->attempt_no));
    TRY(put_coded(page, REPORT_CODE_MONEY, story->state));
    TRY(report_html_cell_fen(page, story->amount_fen, true));
    TRY(report_html_cell_time(page, story->at));
    TRY(report_html_cell(page, story->provider_trade_no));
    TRY(!story->counted     ? report_html_cell_words(page, "否", "no")
        : story->carried_in ? report_html_cell_words(page, "是，上日转入", "yes, carried in")
                            : report_html_cell_words(page, "是", "yes"));
    return report_html_raw(page, "</tr>\n");
}

static enum err
put_story(const struct report_page *page, const struct report_row *row)
{
    size_t count = 0;
    const struct report_story *stories = report_row_stories(page->report, row, &count);
    if (stories == NULL) {
        return ERR_OK;
    }
    TRY(report_html_table_open(page));
    TRY(report_html_title(page, "经过", "what happened", false));
    TRY(report_html_title(page, "流水号", "number", false));
    TRY(report_html_title(page, "状态", "state", false));
    TRY(report_html_title(page, "金额", "amount", true));
    TRY(report_html_title(page, "渠道时间", "provider's time", false));
    TRY(report_html_title(page, "渠道流水号", "provider's number", false));
    TRY(report_html_title(page, "计入本日", "counts for the day", false));
    TRY(report_html_table_body(page));
    for (size_t i = 0; i < count; i++) {
        TRY(put_story_row(page, &stories[i]));
    }
    return report_html_table_close(page);
}

static enum err
put_item(const struct report_page *page, const struct report_item *item)
{
    TRY(report_html_raw(page, "<tr>"));
    TRY(report_html_cell(page, item->invoice_id));
    TRY(report_html_cell_i64(page, item->number, true));
    TRY(report_html_cell(page, item->name));
    TRY(report_html_cell_fen(page, item->net_fen, true));
    TRY(report_html_cell_fen(page, item->tax_fen, true));
    TRY(report_html_cell_fen(page, item->off_fen, true));
    return report_html_raw(page, "</tr>\n");
}

/* INV_TAX: which items of the order's invoices are taxed by another rate than stands there. None is when they are right, and do not add up
 * to the document. */
static enum err
put_items(const struct report_page *page, const struct report_row *row)
{
    size_t count = 0;
    const struct report_item *items = report_row_items(page->report, row, &count);
    if (items == NULL) {
        return ERR_OK;
    }
    TRY(report_html_table_open(page));
    TRY(report_html_title(page, "发票号", "invoice", false));
    TRY(report_html_title(page, "项次", "item", true));
    TRY(report_html_title(page, "名称", "name", false));
    TRY(report_html_title(page, "不含税金额", "net", true));
    TRY(report_html_title(page, "税额", "tax", true));
    TRY(report_html_title(page, "比税率应得多出", "more than by its rate", true));
    TRY(report_html_table_body(page));
    for (size_t i = 0; i < count; i++) {
        TRY(put_item(page, &items[i]));
    }
    return report_html_table_close(page);
}

static enum err
put_difference(const struct report_page *page, const struct report_row *row, size_t number)
{
    TRY(report_html_raw(page, "<section><h3>"));
    TRY(buf_printf(page->out, "%zu. ", number));
    TRY(report_html_text(page, span_of(finding_name(report_row_act_on(row)))));
    TRY(report_html_raw(page, " "));
    TRY(report_html_text(page, span_of(finding_text(report_row_act_on(row), page->language))));
    TRY(report_html_raw(page, "</h3>\n"));
    TRY(put_codes(page, row));
    TRY(put_amounts(page, row));
    TRY(put_raw(page, row));
    if (row->order_no.len > 0 || row->invoice_id.len > 0) {
        TRY(put_order(page, row));
        TRY(put_papers(page, row));
        TRY(put_items(page, row));
    }
    TRY(put_story(page, row));
    return report_html_raw(page, "</section>\n");
}

enum err
report_html_differences(const struct report_page *page)
{
    DEFER(report_list_free) struct report_listing listing = { .count = 0 };
    TRY(report_list_make(page->report, REPORT_DIFFERENCES, &listing));
    TRY(report_html_heading(page, "差异明细", "Differences"));
    for (size_t i = 0; i < listing.count; i++) {
        TRY(put_difference(page, listing.rows[i], i + 1));
    }
    if (listing.count > 0) {
        return ERR_OK;
    }
    TRY(report_html_raw(page, "<p>"));
    TRY(report_html_words(page, "无", "none"));
    return report_html_raw(page, "</p>\n");
}
