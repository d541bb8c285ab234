/* SPDX-License-Identifier: Apache-2.0 */
#include "report_parts.h"

/* clang-format off */
void
report_orders_take(const struct report *report, struct report_line out[REPORT_LINES_MAX],
                   size_t *count)
{
    const struct recon_sheet *s = &report->sheet;
    bool known = report->form >= REPORT_FORM_ORDERS;
    const struct {
        struct report_line line;
        bool total; /* stands on every sheet; the others since they are known */
    } rows[] = {
        { { "P", { "当日有款订单（应付）", "orders paid, their payable" }, s->orders_paid, true, true }, true },
        { { "P1", { "　当日付款（计入 J）", "  paid by payments of J" }, s->paid_here, true, false }, false },
        { { "P2", { "　他日或他户付款", "  paid on other days, other accounts" }, s->paid_apart, true, false }, false },
        { { "P3", { "　银行转账", "  paid by bank transfer" }, s->transferred, true, false }, false },
        { { "P4", { "　应付减实付（有订单发现项）", "  payable less paid, with a finding" }, s->order_off, true, false }, false },
        { { "P5", { "　重付，在其付款日列示", "  paid twice, found with the other" }, s->off_apart, true, false }, false },
        { { "P6", { "J 中无订单付款", "payments of J without an order" }, s->books_no_order, true, true }, false },
        { { "P7", { "J 中退款", "refunds of J" }, s->books_refund, true, false }, false },
        { { "P8", { "免费订单", "orders free of charge" }, s->orders_free, true, false }, false },
        { { "Q", { "其有效发票（蓝字减红字）", "their valid invoices, blue less red" }, s->invoiced, true, known }, true },
        { { "Q1", { "　已开票订单应开金额", "  due on the orders invoiced" }, s->invoiced_due, true, false }, false },
        { { "Q2", { "　开票减应开（有发票发现项）", "  invoiced less due, with a finding" }, s->invoice_off, true, false }, false },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (known || rows[i].total) {
            out[(*count)++] = rows[i].line;
        }
    }
}
/* clang-format on */

enum err
report_orders_prove(const struct report *report, struct report_proof out[REPORT_PROOFS_MAX],
                    size_t *count)
{
    const struct recon_sheet *s = &report->sheet;
    const struct recon_cell books[] = { s->paid_here, s->books_no_order, s->books_refund };
    const struct recon_cell orders[] = { s->paid_here, s->paid_apart, s->transferred, s->order_off,
                                         s->off_apart };
    const struct recon_cell invoices[] = { s->invoiced_due, s->invoice_off };
    struct report_proof proofs[] = {
        { "J = P1 + P6 + P7", s->population, { 0, 0 }, true },
        { "P = P1+P2+P3+P4+P5", s->orders_paid, { 0, 0 }, false },
        { "Q = Q1 + Q2", s->invoiced, { 0, 0 }, false },
    };
    TRY(report_cells_total(books, sizeof(books) / sizeof(books[0]), &proofs[0].right));
    TRY(report_cells_total(orders, sizeof(orders) / sizeof(orders[0]), &proofs[1].right));
    TRY(report_cells_total(invoices, sizeof(invoices) / sizeof(invoices[0]), &proofs[2].right));
    for (size_t i = 0; report->form >= REPORT_FORM_ORDERS && i < sizeof(proofs) / sizeof(proofs[0]);
         i++) {
        out[(*count)++] = proofs[i];
    }
    return ERR_OK;
}
