/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_LOOP_H
#define TALLYGATE_SIMULATE_LOOP_H

/* Virtual time: what is to happen stands in a queue, and the clock jumps from one to the next. What falls on
 * the same instant happens in the order in which it was planned. */

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

struct loop_task;
typedef void (*loop_fn)(void *context);

void loop_open(struct wall_time start);
void loop_close(void); /* what is still planned does not happen */

/* `owner` is whose memory it runs in (memory.h). The task ends when it runs, is cancelled or forgotten. */
struct loop_task *loop_after(int64_t after_us, int owner, loop_fn fn, void *context);
void loop_cancel(struct loop_task *task);
void loop_forget(int owner); /* everything planned by it */

/* Runs what is next if it is due by `until_us` of loop_now_us; false when nothing is. Then the clock stands there. */
bool loop_step(int64_t until_us);

int64_t loop_now_us(void); /* since loop_open */

#endif
