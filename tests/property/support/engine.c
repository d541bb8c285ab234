/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include "check.h"

#define ENGINE_ARENA_MAX ((size_t)4 * 1024 * 1024)

void
engine_run(const struct recon_input *in, struct arena **arena, struct recon_output *out)
{
    arena_free(arena);
    CHECK_OK(arena_new(ENGINE_ARENA_MAX, arena));
    CHECK_OK(recon_match(in, *arena, out));
}
