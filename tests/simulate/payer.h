/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_PAYER_H
#define TALLYGATE_SIMULATE_PAYER_H

/* Applicants and the portal: orders that are paid in time, late, twice or never, refreshed and closed in between.
 * What each does and when is drawn at the beginning; what it hears decides only whether it asks again. */

#include <stdbool.h>
#include <stdint.h>

/* Plans all orders of a run. `storm_us` is when everything works again: until then money may be late, but nobody
 * pays for the first time an hour later. */
void payer_open(int64_t storm_us);
/* The same of a day on which little is left to chance: every order but the third is paid twice, and each provider gives
 * back once; the third is closed unpaid. */
void payer_open_fixed(int only_order); /* 0: all; else one of PAYER_ORDERS */
#define PAYER_ORDERS 4
void payer_close(void);

/* Nobody plans anything any more. */
bool payer_quiet(void);

/* A claim that was broken on the way, as a sentence; NULL: none. */
const char *payer_complaint(void);

#endif
