/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_PROCESS_H
#define TALLYGATE_SIMULATE_PROCESS_H

/* Workers and chores processes of one house: the services of gateway/proc over the simulation's store, provider,
 * keys process and time. A process that crashes loses its memory, its timers and whatever it waited for. */

#include "services.h"

#define PROCESSES_MAX 4

enum process_kind { PROCESS_WORKER, PROCESS_CHORES };

struct process {
    int number; /* from 1; also the owner of its memory */
    enum process_kind kind;
    bool up;
    struct services services;
};

/* Reads the house's configuration once; runs share it. */
MUST_USE enum err process_house_open(const char *config_path);
void process_house_close(void);

/* Workers come first. `chores_ms` is how often a chores process looks for work. */
void process_open_all(const char *conninfo, int workers, int chores);
void process_start(struct process *process);
void process_crash(struct process *process);
/* Ends in order once nothing is under way; false when memory is left that nobody gives back. */
MUST_USE bool process_end(struct process *process);

size_t process_count(void);
struct process *process_at(size_t index);
struct process *process_some_worker(void); /* one that is up, by chance; NULL: none */
bool process_all_idle(void);

#endif
