/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_REFUND_SCHEDULE_H
#define TALLYGATE_PROC_FLOW_REFUND_SCHEDULE_H

/* When a refund whose end is not known is asked about again. */

#include <stdint.h>

/* Milliseconds to wait after it was taken for the n-th time; 0 when the schedule has ended. */
int64_t refund_schedule_wait_ms(int64_t taken);

#endif
