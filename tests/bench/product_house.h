/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_PRODUCT_HOUSE_H
#define TALLYGATE_TESTS_BENCH_PRODUCT_HOUSE_H

/* What the measured ways of the product share: the made account, and its bill. */

#include "product.h"
#include "run_parts.h"

#define PRODUCT_ARENA_MAX_BYTES ((size_t)32 * 1024 * 1024 * 1024)
#define PRODUCT_PATH_BYTES      4096
#define PRODUCT_TARIFFS_MAX     8

/* A run's account, as the configuration would have it. */
struct product_house {
    struct adapter_account account;
    struct recon_tariff tariffs[PRODUCT_TARIFFS_MAX];
    struct recon_request request;
    const struct adapter_bill *kind;
};

/* Borrows from itself: stays where it is. Errors: TIME. */
MUST_USE enum err product_house_init(struct product_house *house);

/* Reads the bill in that file. Errors: those of bill_file_read; FIELD_VALUE when it is not accepted, and watch->note says why. */
MUST_USE enum err product_read_bill(const struct product *product,
                                    const struct product_house *house, const char *name,
                                    bill_file_line line, void *context, struct slice_watch *watch);

/* Why it was not, into watch->note. */
void product_tell_faults(const struct bill_file *bill, struct slice_watch *watch);

#endif
