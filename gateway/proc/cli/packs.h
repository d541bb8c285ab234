/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_CLI_PACKS_H
#define TALLYGATE_PROC_CLI_PACKS_H

/* What the commands say that read a run's exported files. */

#include "cli.h"
#include "pack.h"

/* Why reading stopped: which file, and where in it; an error of no file as cli_trouble. Gives EXIT_TROUBLE. */
int packs_say_trouble(const struct cli *cli, const struct pack_place *where, enum err err);

/* The files that are not what they are said to be. */
void packs_say_changed(const struct cli *cli, const char *const *names, size_t count);

#endif
