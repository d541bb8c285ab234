/* SPDX-License-Identifier: Apache-2.0 */
#include "product_house.h"

#include <stdio.h>

#include "ledger.h"
#include "whole.h"

enum err
product_house_init(struct product_house *house)
{
    const struct ledger_tariff *tariffs = NULL;
    int count = ledger_tariffs(&tariffs);
    *house = (struct product_house){ .account = { .adapter = adapter_find(SPAN_LIT("wechatpay")),
                                                  .name = LEDGER_ACCOUNT,
                                                  .application = LEDGER_APPLICATION,
                                                  .merchant = LEDGER_MERCHANT,
                                                  .fee_rate_ppm = LEDGER_RATE_PPM,
                                                  .other_numbers = "",
                                                  .other_applications = "" } };
    for (int i = 0; i < count; i++) {
        house->tariffs[i] =
            (struct recon_tariff){ span_of(tariffs[i].kind), tariffs[i].unit_fee_fen };
    }
    house->request = (struct recon_request){ .account = &house->account,
                                             .kind = SPAN_LIT("trade"),
                                             .program = "bench",
                                             .tariffs = house->tariffs,
                                             .tariff_count = (size_t)count };
    house->kind = bill_find(house->account.adapter, house->request.kind);
    TRY(day_parse(SPAN_LIT(LEDGER_DAY), &house->request.day));
    house->request.as_of = wall_add_ms(day_start(day_add(house->request.day, 1), ZONE_CHINA_MIN),
                                       INT64_C(10) * 60 * 60 * 1000);
    return ERR_OK;
}

void
product_tell_faults(const struct bill_file *bill, struct slice_watch *watch)
{
    if (bill->fault_count > 0) {
        (void)snprintf(watch->note, sizeof(watch->note), "%s: %.150s",
                       finding_name(bill->faults[0].finding), bill->faults[0].detail);
    }
}

enum err
product_read_bill(const struct product *product, const struct product_house *house,
                  const char *name, bill_file_line line, void *context, struct slice_watch *watch)
{
    struct bill_file bill;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(0);
    TRY(whole_read(product->dir, name, &bytes));
    TRY(bill_file_read(house->kind, buf_span(&bytes), &house->account, house->request.day, line,
                       context, &bill));
    product_tell_faults(&bill, watch);
    return bill.accepted ? ERR_OK : ERR_FIELD_VALUE;
}
