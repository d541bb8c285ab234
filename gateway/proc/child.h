/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_CHILD_H
#define TALLYGATE_PROC_CHILD_H

/* What every child does alike: it reads the configuration again, joins the metrics, and gives up its
 * rights before it serves. */

#include "config.h"
#include "err.h"
#include "ipc.h"

/* Exit statuses of all our programs. */
#define EXIT_YES     0
#define EXIT_NO      1
#define EXIT_TROUBLE 2

/* The children's main functions; each returns an exit status. */
int keys_main(const struct child_plan *plan);
int worker_main(const struct child_plan *plan);
int chores_main(const struct child_plan *plan);
int night_main(const struct child_plan *plan);

/* Runs the one that the plan names. */
int child_main(const struct child_plan *plan);

/* Names the process in the log, ignores what only the parent answers to, reads the configuration,
 * sets the development clock, joins the metrics. Logs why it failed. */
MUST_USE enum err child_open(const struct child_plan *plan, struct config **out);

/* Enters the sandbox of the plan's role and logs what was granted. */
MUST_USE enum err child_confine(const struct child_plan *plan, const struct config *config);

/* Logs a refused configuration. */
void child_refuse_config(enum err err, const struct config_fault *fault);

#endif
