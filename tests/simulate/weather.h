/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_WEATHER_H
#define TALLYGATE_SIMULATE_WEATHER_H

/* How often what goes wrong, in thousandths, for one run: some runs are calm, some have one kind of trouble,
 * some have all. When the storm is over everything works, but time passes as before. */

#include <stdbool.h>
#include <stdint.h>

struct weather {
    int store_away;      /* a statement is not done, and we know */
    int store_lost;      /* not done, and nobody can know */
    int store_unheard;   /* done, but its reply got lost */
    int store_overtaken; /* another writer came first */
    int keys_away;       /* the keys process does not answer */
    int call_unsent;     /* no connection to the provider */
    int call_lost;       /* the request got lost on its way */
    int call_unheard;    /* the provider acted, its answer got lost */
    int call_broken;     /* the provider acted, and a proxy answered something else */
    int call_late;       /* the answer takes seconds */
    int call_lies;       /* the provider errs, or somebody speaks in its name */
    int notice_lost;     /* a callback got lost */
    int notice_twice;    /* it comes twice */
    int notice_unheard;  /* it came, its acknowledgement got lost */
    int notice_late;     /* it takes minutes */
    int crash;           /* a process dies, for each second of the storm */
};

extern struct weather weather;

void weather_draw(void); /* by chance */
void weather_calm(void);
bool weather_is_calm(void);

#endif
