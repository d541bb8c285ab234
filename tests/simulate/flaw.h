/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_FLAW_H
#define TALLYGATE_SIMULATE_FLAW_H

/* Faults of the product and its store, made on purpose: a simulation that does not find them shows nothing. */

#include "twin.h"

enum flaw {
    FLAW_NONE,
#define FLAW(name, code, text) FLAW_##name,
#include "flaw.def"
#undef FLAW
    FLAW_COUNT
};

const char *flaw_code(enum flaw flaw);
enum flaw flaw_named(const char *code); /* FLAW_COUNT: there is none such */

extern enum flaw flaw_present;

#endif
