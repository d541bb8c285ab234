/* SPDX-License-Identifier: Apache-2.0 */
#include "report_parts.h"

#define LETTER_PLACES  4
#define LABEL_PLACES   40
#define COUNT_PLACES   10
#define AMOUNT_PLACES  20
#define FORMULA_PLACES 24
#define CODE_PLACES    24
#define WORDS_PLACES   46
#define SIDE_PLACES    10

/* Where one sheet is written and in which language. */
struct page {
    const struct report *report;
    enum language language;
    struct buf *out;
};

static const char *
say(const struct page *page, const char *zh, const char *en)
{
    return page->language == LANGUAGE_ZH ? zh : en;
}

static enum err
left(const struct page *page, const char *text, size_t places)
{
    return report_text_left(page->out, span_of(text), places);
}

static enum err
right(const struct page *page, const char *text, size_t places)
{
    return report_text_right(page->out, span_of(text), places);
}

static enum err
right_i64(const struct page *page, int64_t value, size_t places)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(32);
    TRY(buf_i64(&text, value));
    return report_text_right(page->out, buf_span(&text), places);
}

static enum err
right_fen(const struct page *page, int64_t fen, size_t places)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(32);
    TRY(report_text_fen(&text, fen));
    return report_text_right(page->out, buf_span(&text), places);
}

static enum err
end_line(const struct page *page)
{
    return buf_byte(page->out, '\n');
}

static enum err
heading(const struct page *page, const char *zh, const char *en)
{
    TRY(end_line(page));
    TRY(buf_text(page->out, say(page, zh, en)));
    return end_line(page);
}

/* A name in places of its own, cleaned: an account is ours, an order number is not. */
static enum err
foreign(const struct page *page, struct span s)
{
    return s.len > 0 ? report_text_clean(page->out, s) : buf_byte(page->out, '-');
}

static enum err
late_bills(const struct page *page)
{
    struct span rest = page->report->late_bills;
    bool there = true;
    while (there) {
        TRY(report_text_late(&rest, page->language, page->out, &there));
        TRY(there ? end_line(page) : ERR_OK);
    }
    return ERR_OK;
}

static enum err
bill_hash(const struct page *page)
{
    const struct report *r = page->report;
    if (r->of_settlement) {
        return ERR_OK;
    }
    TRY(buf_text(page->out, say(page, "账单文件 sha256 ", "Bill file sha256 ")));
    TRY(r->bill_sha256.len > 0 ? buf_append(page->out, r->bill_sha256)
                               : buf_text(page->out, say(page, "无账单", "no bill")));
    return end_line(page);
}

static enum err
zone(const struct page *page)
{
    const struct report *r = page->report;
    TRY(buf_text(page->out, "  "));
    if (r->form >= REPORT_FORM_ZONE) {
        TRY(report_text_zone(r->east_min, page->language, page->out));
    } else {
        TRY(buf_printf(page->out, "UTC%c%02d:%02d", r->east_min < 0 ? '-' : '+',
                       (r->east_min < 0 ? -r->east_min : r->east_min) / 60,
                       (r->east_min < 0 ? -r->east_min : r->east_min) % 60));
    }
    return end_line(page);
}

static enum err
head(const struct page *page)
{
    const struct report *r = page->report;
    TRY(buf_text(page->out,
                 r->of_settlement
                     ? say(page, "结算到账核对表\n账号 ", "Settlement sheet\nAccount ")
                     : say(page, "对账核对表\n账号 ", "Reconciliation sheet\nAccount ")));
    TRY(foreign(page, r->account));
    TRY(buf_text(page->out, say(page, "  渠道 ", "  provider ")));
    TRY(foreign(page, r->provider));
    TRY(buf_text(page->out, r->of_settlement ? say(page, "  银行日 ", "  day ")
                                             : say(page, "  账单日 ", "  day ")));
    TRY(day_format(r->day, page->out));
    TRY(buf_text(page->out, say(page, "  版本 ", "  version ")));
    TRY(buf_i64(page->out, r->version));
    TRY(end_line(page));
    TRY(buf_text(page->out, say(page, "数据截至 ", "As of ")));
    TRY(wall_format_civil(r->as_of, r->east_min, page->out));
    TRY(zone(page));
    TRY(bill_hash(page));
    if (report_text_marked(r)) {
        TRY(report_text_mark(r, page->language, page->out));
        TRY(end_line(page));
    }
    return late_bills(page);
}

static enum err
put_line(const struct page *page, const struct report_line *line)
{
    if (line->new_block) {
        TRY(end_line(page));
    }
    TRY(left(page, line->letter, LETTER_PLACES));
    TRY(left(page, line->label[page->language], LABEL_PLACES));
    TRY(line->counted ? right_i64(page, line->cell.count, COUNT_PLACES)
                      : right(page, "", COUNT_PLACES));
    TRY(right_fen(page, line->cell.fen, AMOUNT_PLACES));
    return end_line(page);
}

static enum err
lines(const struct page *page)
{
    struct report_line all[REPORT_LINES_MAX];
    size_t count = 0;
    TRY(report_lines_take(page->report, all, &count));
    TRY(end_line(page));
    TRY(left(page, say(page, "行", ""), LETTER_PLACES));
    TRY(left(page, say(page, "项目", "line"), LABEL_PLACES));
    TRY(right(page, say(page, "笔数", "count"), COUNT_PLACES));
    TRY(right(page, say(page, "金额", "amount"), AMOUNT_PLACES));
    TRY(end_line(page));
    for (size_t i = 0; i < count; i++) {
        TRY(put_line(page, &all[i]));
    }
    return ERR_OK;
}

static enum err
put_proof(const struct page *page, const struct report_proof *proof)
{
    TRY(left(page, proof->formula, FORMULA_PLACES));
    if (proof->counted) {
        TRY(right_i64(page, proof->left.count, COUNT_PLACES));
        TRY(buf_printf(page->out, " = %lld", (long long)proof->right.count));
    } else {
        TRY(right(page, "", COUNT_PLACES));
    }
    TRY(right_fen(page, proof->left.fen, AMOUNT_PLACES));
    TRY(buf_text(page->out, " = "));
    TRY(report_text_fen(page->out, proof->right.fen));
    TRY(buf_text(page->out, say(page, "  成立", "  holds")));
    return end_line(page);
}

static enum err
proofs(const struct page *page)
{
    struct report_proof all[REPORT_PROOFS_MAX];
    size_t count = 0;
    TRY(report_lines_prove(page->report, all, &count));
    TRY(heading(page, "验证（笔数、金额）", "Proofs (counts, sums)"));
    for (size_t i = 0; i < count; i++) {
        TRY(put_proof(page, &all[i]));
    }
    TRY(buf_text(page->out, report_text_flow(page->report, page->language)));
    return end_line(page);
}

/* 余额调节表: either side begins with its balance and ends with the same total. */
static enum err
balance(const struct page *page)
{
    struct report_balance_line all[REPORT_BALANCE_MAX];
    size_t count = 0;
    TRY(report_balance_take(page->report, all, &count));
    TRY(heading(page, "余额调节表", "Statement of balances"));
    for (size_t i = 0; i < count; i++) {
        TRY(left(page, report_balance_side(all[i].side, page->language), SIDE_PLACES));
        TRY(left(page, all[i].label[page->language], WORDS_PLACES));
        TRY(all[i].counted ? right_i64(page, all[i].count, COUNT_PLACES)
                           : right(page, "", COUNT_PLACES));
        TRY(right_fen(page, all[i].fen, AMOUNT_PLACES));
        TRY(end_line(page));
    }
    return ERR_OK;
}

static enum err
put_class(const struct page *page, enum finding finding, int64_t count, const int64_t *delta_fen)
{
    TRY(left(page, finding_name(finding), CODE_PLACES));
    TRY(left(page, finding_text(finding, page->language), WORDS_PLACES));
    TRY(right_i64(page, count, COUNT_PLACES));
    if (delta_fen != NULL) {
        TRY(right_fen(page, *delta_fen, AMOUNT_PLACES));
    }
    return end_line(page);
}

static enum err
class_titles(const struct page *page, bool with_delta)
{
    TRY(left(page, say(page, "代码", "code"), CODE_PLACES));
    TRY(left(page, say(page, "名称", "name"), WORDS_PLACES));
    TRY(right(page, say(page, "笔数", "count"), COUNT_PLACES));
    if (with_delta) {
        TRY(right(page, say(page, "差额", "delta"), AMOUNT_PLACES));
    }
    return end_line(page);
}

static enum err
classes(const struct page *page)
{
    struct report_class all[FINDING_COUNT];
    TRY(report_lines_classes(page->report, all));
    TRY(heading(page, "分类", "Classes"));
    TRY(class_titles(page, true));
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (all[i].primary_count > 0) {
            TRY(put_class(page, (enum finding)i, all[i].primary_count, &all[i].delta_fen));
        }
    }
    TRY(heading(page, "附注（不改变金额）", "Findings (they change no sum)"));
    TRY(class_titles(page, false));
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (all[i].note_count > 0) {
            TRY(put_class(page, (enum finding)i, all[i].note_count, NULL));
        }
    }
    return ERR_OK;
}

static enum err
put_code(const struct page *page, enum finding finding)
{
    TRY(buf_printf(page->out, "%s %s", finding_name(finding),
                   finding_text(finding, page->language)));
    enum finding_action action = finding_action(finding);
    if (action != FINDING_DO_NOTHING) {
        TRY(buf_printf(page->out, "%s%s%s", say(page, "（", " ("),
                       report_text_action(action, page->language), say(page, "）", ")")));
    }
    return end_line(page);
}

static enum err
put_numbers(const struct page *page, const struct report_row *row)
{
    TRY(buf_text(page->out, say(page, "    订单 ", "    order ")));
    TRY(foreign(page, row->order_no));
    TRY(buf_text(page->out, say(page, "  支付流水 ", "  attempt ")));
    TRY(foreign(page, row->attempt_no));
    if (row->refund_no.len > 0) {
        TRY(buf_text(page->out, say(page, "  退款流水 ", "  refund ")));
        TRY(foreign(page, row->refund_no));
    }
    TRY(buf_text(page->out, say(page, "  渠道流水 ", "  provider's ")));
    TRY(foreign(page, row->provider_trade_no));
    bool told = page->report->form >= REPORT_FORM_LINE_NUMBER;
    if (told && row->order_no.len == 0
        && row->merchant_order_no.len > 0) { /* all that says whose it is */
        TRY(buf_text(page->out, say(page, "  账单商户单号 ", "  merchant's number on the bill ")));
        TRY(foreign(page, row->merchant_order_no));
    }
    if (row->line_no > 0) {
        TRY(buf_text(page->out, say(page, "  账单行 ", "  bill line ")));
        TRY(buf_i64(page->out, row->line_no));
    } else if (row->early_no > 0) {
        TRY(buf_text(page->out, say(page, "  上日账单行 ", "  yesterday's bill line ")));
        TRY(buf_i64(page->out, row->early_no));
    }
    return end_line(page);
}

static enum err
put_amounts(const struct page *page, const struct report_row *row)
{
    bool settled = page->report->of_settlement;
    TRY(buf_text(page->out, settled ? say(page, "    银行到账 ", "    banked ")
                                    : say(page, "    账单 ", "    bill ")));
    TRY(report_text_fen(page->out, row->b_fen));
    TRY(buf_text(page->out, settled ? say(page, "  渠道结算 ", "  settled ")
                                    : say(page, "  账簿 ", "  books ")));
    TRY(report_text_fen(page->out, row->p_fen));
    TRY(buf_text(page->out, say(page, "  差额 ", "  delta ")));
    TRY(report_text_fen(page->out, row->delta_fen));
    if (row->delta_fen != 0) {
        TRY(buf_printf(page->out, " %s", report_text_side(row->delta_fen, page->language)));
    }
    return end_line(page);
}

/* What a person needs beside the amounts: a class speaks of the order, a note of its invoices. */
static enum err
put_order(const struct page *page, const struct report_row *row)
{
    if (row->order_status.len == 0) {
        return ERR_OK; /* an order we do not have */
    }
    TRY(buf_text(page->out, say(page, "    订单状态 ", "    order status ")));
    TRY(foreign(page, report_words(page->report, REPORT_CODE_ORDER_STATUS, row->order_status,
                                   page->language)));
    TRY(buf_text(page->out, say(page, "  应付 ", "  payable ")));
    TRY(report_text_fen(page->out, row->order_fen));
    TRY(buf_text(page->out, say(page, "  有效发票 ", "  invoiced ")));
    TRY(report_text_fen(page->out, row->invoiced_fen));
    return end_line(page);
}

static enum err
put_movement(const struct page *page, const struct report_row *row)
{
    if (row->flow_no == 0) {
        return ERR_OK;
    }
    TRY(buf_text(page->out, say(page, "    资金账单行 ", "    line of the account's bill ")));
    TRY(buf_i64(page->out, row->flow_no));
    TRY(buf_text(page->out, say(page, "  收支 ", "  moved ")));
    TRY(report_text_fen(page->out, row->flow_fen));
    return end_line(page);
}

static enum err
put_settled(const struct page *page, const struct report_row *row)
{
    TRY(buf_text(page->out, row->payout_no.len > 0
                                ? say(page, "    提现单号 ", "    payout ")
                                : say(page, "    银行流水号 ", "    bank's number ")));
    TRY(foreign(page, row->payout_no.len > 0 ? row->payout_no : row->deposit_no));
    if (row->raw.len > 0) {
        TRY(buf_text(page->out, say(page, "  银行行 ", "  bank's lines ")));
        TRY(foreign(page, row->raw));
    }
    return end_line(page);
}

/* But the one that was told. */
static enum err
put_notes(const struct page *page, const struct report_row *row, enum finding told)
{
    for (size_t i = 0; i < row->finding_count; i++) {
        if (row->findings[i] != told) {
            TRY(buf_text(page->out, say(page, "    附注 ", "    finding ")));
            TRY(put_code(page, row->findings[i]));
        }
    }
    return ERR_OK;
}

/* How grave it is, and its class where that is another than what was told. */
static enum err
put_grade(const struct page *page, const struct report_row *row, enum finding told)
{
    TRY(buf_printf(page->out, "    %s %d", say(page, "级别", "severity"),
                   report_row_severity(row)));
    if (told != row->primary) {
        TRY(buf_printf(page->out, "  %s %s %s", say(page, "分类", "class"),
                       finding_name(row->primary), finding_text(row->primary, page->language)));
    }
    return end_line(page);
}

/* Begins with what makes it differ: a payment that agrees and is there twice is no "matched". */
static enum err
put_difference(const struct page *page, const struct report_row *row, size_t number)
{
    bool named = page->report->form >= REPORT_FORM_NAMES;
    enum finding reason = named ? report_row_act_on(row) : row->primary;
    TRY(buf_printf(page->out, "%zu. ", number));
    TRY(put_code(page, reason));
    TRY(named ? put_grade(page, row, reason) : ERR_OK);
    TRY(page->report->of_settlement ? put_settled(page, row) : put_numbers(page, row));
    TRY(put_amounts(page, row));
    TRY(put_movement(page, row));
    TRY(put_order(page, row));
    return put_notes(page, row, reason);
}

static enum err
differences(const struct page *page)
{
    DEFER(report_list_free) struct report_listing listing = { .count = 0 };
    TRY(report_list_make(page->report, REPORT_DIFFERENCES, &listing));
    TRY(heading(page, "差异明细", "Differences"));
    if (page->report->form >= REPORT_FORM_LEGEND) {
        TRY(buf_text(page->out, report_text_legend(page->language)));
    }
    for (size_t i = 0; i < listing.count; i++) {
        TRY(put_difference(page, listing.rows[i], i + 1));
    }
    return listing.count > 0 ? ERR_OK : buf_text(page->out, say(page, "无\n", "none\n"));
}

enum err
report_sheet(const struct report *report, enum language language, struct buf *out)
{
    struct page page = { .report = report, .language = language, .out = out };
    TRY(report_lines_tie(report));
    TRY(head(&page));
    TRY(buf_text(out, report_text_definition(report->of_settlement, language)));
    TRY(lines(&page));
    TRY(proofs(&page));
    TRY(report->of_settlement ? ERR_OK : balance(&page));
    TRY(classes(&page));
    TRY(differences(&page));
    TRY(heading(&page, "未解释金额", "Unexplained"));
    TRY(buf_text(out, "UNEXPLAINED "));
    TRY(report_text_fen(out, report->sheet.unexplained_fen));
    return buf_byte(out, '\n');
}
