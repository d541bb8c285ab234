/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "pack.h"
#include "product_house.h"
#include "whole.h"

#define LOOKED_AT \
    3 /* findings up to this severity are for somebody to look at; 4 is a note, 0 none */

static enum err
read_list(const struct product *product, struct arena *arena, enum pack_list list, void **rows,
          size_t *count, struct slice_watch *watch)
{
    struct pack_place where;
    struct span kept;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(0);
    TRY(whole_read(product->dir, pack_list_file(list), &bytes));
    TRY(arena_copy(arena, buf_span(&bytes), &kept));
    enum err err = pack_list_read(list, kept, arena, rows, count, &where);
    if (err != ERR_OK) {
        (void)snprintf(watch->note, sizeof(watch->note), "%s, record %lld, column %.60s",
                       where.file, (long long)where.record, where.column);
    }
    return err;
}

static enum err
read_lists(const struct product *product, struct run *run, struct slice_watch *watch)
{
    void *rows[PACK_LIST_COUNT] = { NULL };
    size_t counts[PACK_LIST_COUNT] = { 0 };
    for (int i = 0; i < PACK_LIST_COUNT; i++) {
        TRY(read_list(product, run->arena, (enum pack_list)i, &rows[i], &counts[i], watch));
    }
    run->members = rows[PACK_BOOKS];
    run->member_count = counts[PACK_BOOKS];
    run->refunds = rows[PACK_REFUNDS];
    run->refund_count = counts[PACK_REFUNDS];
    run->orders = rows[PACK_ORDERS];
    run->order_count = counts[PACK_ORDERS];
    run->payments = rows[PACK_PAYMENTS];
    run->payment_count = counts[PACK_PAYMENTS];
    run->invoices = rows[PACK_INVOICES];
    run->invoice_count = counts[PACK_INVOICES];
    run->manuals = rows[PACK_MANUALS];
    run->manual_count = counts[PACK_MANUALS];
    return ERR_OK;
}

/* One row of the list for a result that is not matched; of a matched one, what somebody must look at beside it. */
static void
list_result(FILE *file, const struct run *run, const struct recon_result *result)
{
    struct span number = result->line != RECON_NONE
                             ? run->lines.list[result->line].merchant_order_no
                         : result->member != RECON_NONE ? run->members[result->member].attempt_no
                                                        : SPAN_LIT("-");
    bool matched = finding_bucket(result->primary) == FINDING_BUCKET_MATCHED;
    if (!matched) {
        (void)fprintf(file, "%.*s,%s,%lld\n", SPAN_ARG(number), finding_name(result->primary),
                      (long long)result->delta_fen);
    }
    for (size_t i = 0; matched && i < result->finding_count; i++) {
        int severity = finding_severity(result->findings[i]);
        if (severity > 0 && severity <= LOOKED_AT) {
            (void)fprintf(file, "%.*s,%s,%lld\n", SPAN_ARG(number),
                          finding_name(result->findings[i]), (long long)result->delta_fen);
        }
    }
}

static enum err
list_differences(const struct product *product, const struct run *run)
{
    char path[PRODUCT_PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/%s", product->dir, product->got);
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return ERR_FILE_WRITE;
    }
    for (size_t i = 0; i < run->output.count; i++) {
        list_result(file, run, &run->output.results[i]);
    }
    return fclose(file) == 0 ? ERR_OK : ERR_FILE_WRITE;
}

static enum err
differences(const struct product *product, struct run *run, const struct product_house *house,
            struct slice_watch *watch)
{
    TRY(read_lists(product, run, watch));
    TRY(product_read_bill(product, house, "bill.csv", run_keep_line, run, watch));
    run->next_bill_loaded = true;
    run_input(run);
    TRY(recon_match(&run->input, run->arena, &run->output));
    return list_differences(product, run);
}

enum err
product_differences(void *product, struct slice_watch *watch)
{
    struct product_house house;
    struct arena *arena = NULL;
    TRY(product_house_init(&house));
    slice_start(watch);
    TRY(arena_new(PRODUCT_ARENA_MAX_BYTES, &arena));
    struct run run = { .request = &house.request, .arena = arena };
    enum err err = differences(product, &run, &house, watch);
    run_lists_fini(&run);
    arena_free(&arena);
    slice_stop(watch);
    return err;
}

enum err
product_gzip(void *product, struct slice_watch *watch)
{
    struct product_house house;
    TRY(product_house_init(&house));
    slice_start(watch);
    TRY(product_read_bill(product, &house, "bill.csv.gz", NULL, NULL, watch));
    slice_stop(watch);
    return ERR_OK;
}
