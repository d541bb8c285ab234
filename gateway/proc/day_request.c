/* SPDX-License-Identifier: Apache-2.0 */
#include "day_request.h"

#define MIB ((size_t)1024 * 1024)

static size_t
read_tariffs(const struct config *config, struct recon_tariff *out)
{
    size_t count = config_count(config, CONFIG_SECTION_tariff);
    count = count < ORDER_KIND_COUNT ? count : ORDER_KIND_COUNT;
    for (size_t i = 0; i < count; i++) {
        out[i].kind = span_of(config_name(config, CONFIG_SECTION_tariff, i));
        out[i].unit_fee_fen = config_int(config, CONFIG_tariff_unit_fee, i);
    }
    return count;
}

size_t
day_request_memory(const struct config *config)
{
    return (size_t)config_int(config, CONFIG_reconcile_memory_mib, 0) * MIB;
}

void
day_request_fill(const struct config *config, const struct adapter_account *account, struct day day,
                 struct wall_time as_of, struct day_request *out)
{
    const struct adapter_bill *bill = bill_of_trades(account->adapter);
    out->recon = (struct recon_request){
        .account = account,
        .kind = span_of(bill == NULL ? NULL : bill->kind),
        .day = day,
        .as_of = as_of,
        .archive_dir = config_text(config, CONFIG_archive_dir, 0),
        .program = TALLYGATE_VERSION,
        .tariffs = out->tariffs,
        .tariff_count = read_tariffs(config, out->tariffs),
        .memory_max = day_request_memory(config),
        .manual_backdate_days = (int)config_int(config, CONFIG_payment_manual_backdate_days, 0),
    };
}
