/* SPDX-License-Identifier: Apache-2.0 */
#include "match.h"

#include "classify.h"
#include "movement.h"
#include "tie_out.h"

enum err
recon_match(const struct recon_input *input, struct arena *arena, struct recon_output *out)
{
    struct match match = {
        .in = input,
        .arena = arena,
        .day_end = day_start(day_add(input->day, 1), input->cutoff_east_min),
    };
    TRY(match_sort(&match));
    TRY(match_case_build(&match));
    TRY(match_pair(&match));
    TRY(movement_match(&match));
    struct recon_output made = { 0 };
    TRY(classify(&match, &made));
    TRY(tie_out(&match, &made));
    *out = made;
    return ERR_OK;
}
