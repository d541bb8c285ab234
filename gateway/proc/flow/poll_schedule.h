/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_POLL_SCHEDULE_H
#define TALLYGATE_PROC_FLOW_POLL_SCHEDULE_H

/* How often an attempt is asked about when nobody presses a button: dense while the payer is likely
 * at it, then thinner, until the schedule ends. */

#include <stdint.h>

/* Milliseconds to wait before asking for the (asked + 1)-th time; 0 when the schedule has ended. */
int64_t poll_schedule_wait_ms(int64_t asked);

#endif
