/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_ENGINE_H
#define TALLYGATE_PROPERTY_ENGINE_H

/* The one place where these tests touch the engine: lines and books in, results out. */

#include "arena.h"
#include "recon.h"

/* Frees *arena first and fills it anew; what comes out lives there. The day must come out alike in parts. */
void engine_run(const struct recon_input *in, struct arena **arena, struct recon_output *out);

#endif
