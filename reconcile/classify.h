/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_CLASSIFY_H
#define TALLYGATE_RECONCILE_CLASSIFY_H

/* From paired lines and members to results: one primary class each, then the findings beside it. */

#include <stdbool.h>
#include <stdint.h>

#include "match.h"
#include "recon.h"

/* Where money, books and order meet. */
enum classify_books { CLASSIFY_BOOKS_NONE, CLASSIFY_BOOKS_OPEN, CLASSIFY_BOOKS_PAID };
enum classify_order {
    CLASSIFY_ORDER_NONE,
    CLASSIFY_ORDER_UNPAID,
    CLASSIFY_ORDER_PAID,
    CLASSIFY_ORDER_CLOSED
};

/* A cell of the presence matrix: FINDING_NONE is "no row". */
struct classify_cell {
    enum finding primary;
    enum finding note;
};

struct classify_cell classify_presence(bool on_bill, enum classify_books books,
                                       enum classify_order order);
enum classify_order classify_order_presence(const struct match *match, const struct match_case *of);

/* A set of findings, and the fee that is due by contract where one was judged. */
struct classify_notes {
    bool fee_judged;
    int64_t fee_due_fen;
    uint64_t bits[(FINDING_COUNT + 63) / 64];
};

void classify_note(struct classify_notes *notes, enum finding finding);
bool classify_noted(const struct classify_notes *notes, enum finding finding);

/* In the order of the registry, and the fee. More than a result can hold: the least severe make room. */
void classify_notes_store(const struct classify_notes *notes, struct recon_result *result);

/* classify_order.c, classify_invoice.c, classify_fee.c, classify_line.c: what stands beside. */
void classify_order(const struct match *match, const struct match_case *of,
                    struct classify_notes *notes);
void classify_invoice(const struct match *match, const struct match_case *of,
                      struct classify_notes *notes);
void classify_fee(const struct match *match, const struct recon_line *line,
                  struct classify_notes *notes);
/* Rounding is accepted up to the month's limit, counted over all results of the day in their order; beyond it it is FEE_AMOUNT. */
void classify_fee_limit(const struct recon_input *in, struct recon_result *results, size_t count);
void classify_line(const struct match *match, const struct recon_result *result,
                   struct classify_notes *notes);

/* classify_refund.c: refunds, on the bill and in our books. What our books count of one is negative, or 0.
 * A refund on no line: NONE when there is nothing to say; `near` its time is to the cut-off. */
enum finding classify_refund(const struct match *match, const struct recon_line *line);
enum finding classify_refund_missing(const struct match *match, const struct recon_refund *refund,
                                     bool near);
int64_t classify_refund_books(const struct recon_refund *refund);
void classify_refund_notes(const struct match *match, const struct recon_result *result,
                           struct classify_notes *notes);

/* The whole amount and time of the payment that a refund's line gives back; 0 and unchanged: not known. */
int64_t classify_refund_original(const struct match *match, const struct recon_line *line,
                                 struct wall_time *paid_at);

/* classify_manual.c: bank transfers. NONE when this day has nothing to say of it. */
enum finding classify_manual(const struct match *match, const struct recon_manual *manual);
void classify_manual_notes(const struct match *match, const struct recon_manual *manual,
                           const struct match_case *of, struct classify_notes *notes);

/* Whether one of the notes says that the order's money is not what is payable; that its invoices are not what they ought to be. */
bool classify_order_told(const struct classify_notes *notes);
bool classify_invoice_told(const struct classify_notes *notes);

/* What the valid invoices of a case come to, blue less red. */
int64_t classify_invoiced(const struct match_case *of);

/* DAY_CLOSED where `day` is signed: nothing may change there, so this day tells of it. */
void classify_closed(const struct match *match, struct day day, struct classify_notes *notes);

/* True when the books have the money of the bill's line on the next day, near the cut-off: the next day's run takes the line in. One that was
 * carried in had its second chance. */
bool classify_early(const struct match *match, const struct recon_line *line,
                    struct wall_time booked);

/* True when the provider reversed the money of a line: it has a face and no effect, on the bill where its face counts. */
bool classify_reversed(const struct recon_line *line);

/* All results, in the order of the output. Errors: ARENA_FULL, NO_MEMORY, INTERNAL. */
MUST_USE enum err classify(struct match *match, struct recon_output *out);

#endif
