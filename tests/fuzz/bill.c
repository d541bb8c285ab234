/* SPDX-License-Identifier: Apache-2.0 */
/* Bill files as downloaded, container and all, of every kind of every provider. */
#include "fuzz.h"
#include "fuzz_bill.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < adapter_registry_count; i++) {
        const struct adapter_bill *bill = adapter_registry[i]->bills;
        for (; bill != NULL && bill->kind != NULL; bill++) {
            fuzz_bill(bill, span_make(data, size));
        }
    }
    return 0;
}
