/* SPDX-License-Identifier: Apache-2.0 */
#include "tie_orders.h"

#include "classify.h"

static void
add_cell(struct recon_cell *cell, size_t count, int64_t fen)
{
    cell->count += (int64_t)count;
    cell->fen += fen;
}

static void
add_untold(const struct recon_order *order, int64_t off, struct tie_sums *sums)
{
    if (off != 0 && sums->untold_fen == 0) {
        sums->untold_owner = order->owner;
        sums->untold_order_no = order->order_no;
    }
    sums->untold_fen += off < 0 ? -off : off;
}

/* Payable against money. What is paid twice is found with the later payment: where that one is of another day or account, nothing
 * here says so, and as much of it is no difference of this sheet. */
static void
sum_order(const struct match_case *of, const struct recon_order *order, struct recon_sheet *sheet,
          struct tie_sums *sums)
{
    int64_t apart = of->confirmed_fen - of->here_fen;
    int64_t off = order->amount_fen - of->confirmed_fen - of->manual_fen;
    recon_cell_add(&sheet->orders_paid, order->amount_fen);
    add_cell(&sheet->paid_here, of->here_count, of->here_fen);
    add_cell(&sheet->paid_apart, of->payment_count - of->here_count, apart);
    add_cell(&sheet->transferred, of->manual_count, of->manual_fen);
    if (off != 0 && of->order_told) {
        recon_cell_add(&sheet->order_off, off);
    } else if (off < 0 && apart >= -off) {
        recon_cell_add(&sheet->off_apart, off);
    } else {
        add_untold(order, off, sums);
    }
}

/* What may be invoiced: the money that stands, no more than is payable. */
static int64_t
due_of(const struct match_case *of, int64_t payable)
{
    int64_t stands =
        of->confirmed_fen + of->manual_fen + of->long_fen - of->short_fen - of->refunded_fen;
    int64_t due = stands < payable ? stands : payable;
    return due > 0 ? due : 0;
}

static void
sum_invoices(const struct match_case *of, const struct recon_order *order,
             struct recon_sheet *sheet, struct tie_sums *sums)
{
    size_t count = of->blue_count + of->red_count;
    if (count == 0) {
        return;
    }
    int64_t due = due_of(of, order->amount_fen);
    int64_t off = classify_invoiced(of) - due;
    add_cell(&sheet->invoiced, count, classify_invoiced(of));
    recon_cell_add(&sheet->invoiced_due, due);
    if (off != 0 && of->invoice_told) {
        recon_cell_add(&sheet->invoice_off, off);
    } else {
        add_untold(order, off, sums);
    }
}

void
tie_orders_add(const struct match *match, struct recon_sheet *sheet, struct tie_sums *sums)
{
    for (size_t i = 0; i < match->case_count; i++) {
        const struct match_case *of = &match->cases[i];
        const struct recon_order *order = match_case_order(match, of);
        if (order != NULL && of->counted) {
            sum_order(of, order, sheet, sums);
            sum_invoices(of, order, sheet, sums);
        }
    }
}
