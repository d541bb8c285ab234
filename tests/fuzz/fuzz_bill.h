/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FUZZ_FUZZ_BILL_H
#define TALLYGATE_TESTS_FUZZ_FUZZ_BILL_H

#include "bill.h"

/* Reads a bill file and adds its lines up once more: a file that is accepted ties lines, totals and trailer by
 * this addition too; one that is not names its faults. */
void fuzz_bill(const struct adapter_bill *bill, struct span bytes);

#endif
