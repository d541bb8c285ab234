/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include "check.h"
#include "parts_agree.h"

#define ENGINE_ARENA_MAX ((size_t)4 * 1024 * 1024)
#define PART_SIZE        10 /* so that even a small day has several */

enum err
engine_try(const struct recon_input *in, struct arena **arena, struct recon_output *out)
{
    arena_free(arena);
    TRY(arena_new(ENGINE_ARENA_MAX, arena));
    TRY(recon_match(in, *arena, out));
    parts_agree(in, PART_SIZE);
    return ERR_OK;
}

void
engine_run(const struct recon_input *in, struct arena **arena, struct recon_output *out)
{
    CHECK_OK(engine_try(in, arena, out));
}
