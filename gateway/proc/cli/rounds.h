/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_CLI_ROUNDS_H
#define TALLYGATE_PROC_CLI_ROUNDS_H

/* The rounds of `tallygate doctor`: each looks somewhere, has it judged (gateway/proc/doctor.h), and prints. */

#include "cli.h"
#include "doctor.h"
#include "json.h"

struct rounds {
    struct cli *cli;
    struct wall_time now;
    bool healthy;            /* nothing but ok so far */
    bool has_database;       /* reached, and its schema fits */
    struct json_t *findings; /* a list, with --json; else NULL: each is printed at once */
    enum err err;            /* the first one that could not be printed */
};

void rounds_print(struct rounds *rounds, const struct doctor_finding *finding);

/* rounds_database.c: reaches it and takes the downloaded keys into cli->accounts; then what lies in it. */
void rounds_reach_database(struct rounds *rounds);
void rounds_look_into_database(struct rounds *rounds);

#endif
