/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "large_files.h"
#include "product_house.h"

#define THREADS 2
#define LOOKED_AT \
    3 /* findings up to this severity are for somebody to look at; 4 is a note, 0 none */

/* One row of the list for a result that is not matched; of a matched one, what somebody must look at beside it. */
static enum err
list_result(void *context, const struct recon_input *in, const struct recon_result *result)
{
    FILE *file = context;
    struct span number = result->line != RECON_NONE     ? in->lines[result->line].merchant_order_no
                         : result->member != RECON_NONE ? in->members[result->member].attempt_no
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
    return ERR_OK;
}

static enum err
differences(const struct product *product, const struct product_house *house, FILE *file,
            struct slice_watch *watch)
{
    struct run run = { .request = &house->request };
    struct recon_sheet sheet;
    struct bill_file bill;
    struct pack_place where = { .file = "", .column = "" };
    const struct large_files files = {
        .dir = product->dir,
        .bill = "bill.csv",
        .threads = THREADS,
        .wish = { .bill = house->kind, .account = &house->account, .day = house->request.day },
    };
    const struct large_wish wish = { .threads = THREADS,
                                     .plain_unwanted = true,
                                     .result = list_result,
                                     .context = file,
                                     .where = &where };
    DEFER(large_free) struct large *large = NULL;
    run_input(&run);
    TRY(large_new(&run.input, product->dir, &large_routes_ours, &large));
    enum err err = large_files_read(large, &files, &bill, &where);
    if (err == ERR_OK) {
        where.file = "";
        product_tell_faults(&bill, watch);
        err = bill.accepted ? large_solve(large, &wish, &sheet) : ERR_FIELD_VALUE;
    }
    if (err != ERR_OK && where.file[0] != 0) {
        (void)snprintf(watch->note, sizeof(watch->note), "%s, record %lld, column %.60s",
                       where.file, (long long)where.record, where.column);
    }
    return err;
}

enum err
product_differences(void *product, struct slice_watch *watch)
{
    const struct product *of = product;
    struct product_house house;
    char path[PRODUCT_PATH_BYTES];
    TRY(product_house_init(&house));
    (void)snprintf(path, sizeof(path), "%s/%s", of->dir, of->got);
    slice_start(watch);
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return ERR_FILE_WRITE;
    }
    enum err err = differences(of, &house, file, watch);
    bool written = ferror(file) == 0;
    written = fclose(file) == 0 && written;
    slice_stop(watch);
    return err == ERR_OK && !written ? ERR_FILE_WRITE : err;
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
