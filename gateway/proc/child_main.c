/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from child.c, so that a program that needs that does not hang on every process. */
#include "child.h"

int
child_main(const struct child_plan *plan)
{
    static int (*const mains[CHILD_ROLE_COUNT])(const struct child_plan *) = {
        [CHILD_KEYS] = keys_main,
        [CHILD_WORKER] = worker_main,
        [CHILD_CHORES] = chores_main,
        [CHILD_NIGHT] = night_main,
    };
    return plan->role == CHILD_NONE ? EXIT_TROUBLE : mains[plan->role](plan);
}
