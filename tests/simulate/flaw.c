/* SPDX-License-Identifier: Apache-2.0 */
#include "flaw.h"

#include <string.h>

enum flaw flaw_present;

static const char *const codes[FLAW_COUNT] = {
    [FLAW_NONE] = "none",
#define FLAW(name, code, text) [FLAW_##name] = code,
#include "flaw.def"
#undef FLAW
};

const char *
flaw_code(enum flaw flaw)
{
    return codes[flaw];
}

enum flaw
flaw_named(const char *code)
{
    int at = 0;
    while (at < FLAW_COUNT && strcmp(codes[at], code) != 0) {
        at++;
    }
    return (enum flaw)at;
}
