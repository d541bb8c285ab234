/* SPDX-License-Identifier: Apache-2.0 */
#include "report_papers.h"

#include <stdlib.h>

#include "bill_store.h"
#include "pack.h"

/* One document has one part for each of its orders. */
static int
paper_cmp(const void *a, const void *b)
{
    const struct report_paper *left = a;
    const struct report_paper *right = b;
    int by_owner = span_cmp(left->owner, right->owner);
    int by_order = by_owner != 0 ? by_owner : span_cmp(left->order_no, right->order_no);
    int by_id = by_order != 0 ? by_order : span_cmp(left->invoice_id, right->invoice_id);
    return by_id != 0 ? by_id : span_cmp(left->reported_under, right->reported_under);
}

enum err
report_papers_take(const struct recon_invoice *invoices, size_t count, struct arena *arena,
                   struct report *report)
{
    void *room = NULL;
    if (report->form < REPORT_FORM_PAPERS) {
        return ERR_OK;
    }
    TRY(arena_array(arena, count + 1, sizeof(struct report_paper), &room));
    struct report_paper *papers = room;
    for (size_t i = 0; i < count; i++) {
        const struct recon_invoice *invoice = &invoices[i];
        papers[i] = (struct report_paper){
            .owner = invoice->owner,
            .order_no = invoice->order_no,
            .invoice_id = invoice->invoice_id,
            .reported_under = invoice->reported_under,
            .status = invoice->status,
            .red = invoice->red,
            .fen = invoice->merged ? invoice->share_fen : invoice->total_fen,
            .at = invoice->issued_at.us != 0 ? invoice->issued_at : invoice->asked_at,
        };
    }
    qsort(papers, count, sizeof(papers[0]), paper_cmp);
    report->papers = papers;
    report->paper_count = count;
    return ERR_OK;
}

/* The texts of the rows stand in the file's bytes. */
enum err
report_papers_load(const char *archive_dir, struct span sha256, struct arena *arena,
                   struct report *report)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(PACK_FILE_MAX_BYTES);
    struct pack_place where;
    struct span kept;
    void *rows = NULL;
    size_t count = 0;
    if (report->form < REPORT_FORM_PAPERS) {
        return ERR_OK; /* its file may have other columns, too */
    }
    TRY(bill_store_load(archive_dir, sha256, &bytes));
    TRY(arena_copy(arena, buf_span(&bytes), &kept));
    TRY(pack_list_read(PACK_INVOICES, kept, arena, &rows, &count, &where));
    return report_papers_take(rows, count, arena, report);
}
