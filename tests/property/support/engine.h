/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_ENGINE_H
#define TALLYGATE_PROPERTY_ENGINE_H

/* The one place where these tests touch the engine: lines and books in, results out. */

#include "arena.h"
#include "recon.h"

/* Both free *arena first and fill it anew; what comes out lives there. The day must come out alike in parts. engine_run
 * takes no refusal. */
MUST_USE enum err engine_try(const struct recon_input *in, struct arena **arena,
                             struct recon_output *out);
void engine_run(const struct recon_input *in, struct arena **arena, struct recon_output *out);

#endif
