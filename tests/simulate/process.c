/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "abandoned.h"
#include "apply.h"
#include "chance.h"
#include "chores.h"
#include "flaw.h"
#include "front.h"
#include "history.h"
#include "keys_inside.h"
#include "loop.h"
#include "memory.h"
#include "query_budget.h"
#include "weather.h"
#include "webhook_send.h"

#define US_PER_MS   1000
#define TICK_MIN_MS 500
#define TICK_MAX_MS 12000
#define AGAIN_MS    1000

static struct {
    struct config *config;
    struct services house; /* what all processes read alike */
    const char *conninfo;
    struct process processes[PROCESSES_MAX];
    size_t count;
} all;

enum err
process_house_open(const char *config_path)
{
    struct config_fault fault = { .line = 0 };
    const struct child_plan plan = { .role = CHILD_CHORES, .listen_fds = { -1, -1, -1, -1 } };
    enum err err = config_load(config_path, &all.config, &fault);
    if (err != ERR_OK) {
        (void)fprintf(stderr, "%s:%d: %s %s\n", config_path, fault.line, fault.setting,
                      fault.message);
        return err;
    }
    TRY(services_read(&plan, all.config, &all.house));
    return keys_inside_open(all.config);
}

void
process_house_close(void)
{
    keys_inside_close();
    services_close(&all.house);
    config_free(&all.config);
}

static enum err
open_services(struct process *process)
{
    struct services *services = &process->services;
    *services = all.house;
    TRY(db_open(NULL, all.conninfo, 4, 5000, &services->db));
    TRY(transport_new(NULL, &services->transport));
    TRY(keys_client_new(NULL, process->number, &services->keys));
    TRY(query_budget_new(all.config, services->db, &services->budget));
    TRY(apply_queue_new(services->db, &services->apply));
    return process->kind == PROCESS_CHORES ? webhook_sender_new(services, &services->webhooks)
                                           : ERR_OK;
}

static void
close_services(struct process *process)
{
    struct services *services = &process->services;
    webhook_sender_free(&services->webhooks);
    transport_free(&services->transport);
    keys_client_free(&services->keys);
    apply_queue_free(&services->apply);
    query_budget_free(&services->budget);
    db_close(&services->db);
}

static void tick(void *context);

static void
plan_tick(struct process *process)
{
    int64_t after_ms = chance_between(TICK_MIN_MS, TICK_MAX_MS);
    if (weather_is_calm()) {
        after_ms *= 8; /* nothing is learnt from looking more often */
    }
    (void)loop_after(after_ms * US_PER_MS, process->number, tick, process);
}

static void
lose_memory(void)
{
    if (flaw_present == FLAW_LEAK && malloc(1) == NULL) {
        abort();
    }
}

static void
tick(void *context)
{
    struct process *process = context;
    if (flaw_present != FLAW_NO_POLL) {
        chore_poll(&process->services);
    }
    chore_expire(&process->services);
    chore_abandoned(&process->services);
    chore_surplus(&process->services);
    chore_refunds(&process->services);
    chore_seal(&process->services);
    if (flaw_present != FLAW_NO_WEBHOOKS) {
        chore_webhooks(&process->services);
    }
    if (chance_below(20) == 0) {
        chore_purge(&process->services);
        lose_memory();
    }
    plan_tick(process);
}

static void
start_again(void *context)
{
    process_start(context);
}

void
process_start(struct process *process)
{
    int asker = memory_owner(process->number);
    process->up = open_services(process) == ERR_OK;
    if (!process->up) {
        close_services(process);
    }
    (void)memory_owner(asker);
    if (!process->up) { /* as its parent does with a child that could not begin */
        (void)loop_after(AGAIN_MS * US_PER_MS, 0, start_again, process);
        return;
    }
    if (process->kind == PROCESS_CHORES) {
        plan_tick(process);
    }
}

void
process_open_all(const char *conninfo, int workers, int chores)
{
    all.conninfo = conninfo;
    all.count = (size_t)(workers + chores);
    assert(all.count <= PROCESSES_MAX);
    for (size_t i = 0; i < all.count; i++) {
        all.processes[i] =
            (struct process){ .number = (int)i + 1,
                              .kind = i < (size_t)workers ? PROCESS_WORKER : PROCESS_CHORES };
        process_start(&all.processes[i]);
    }
    keys_inside_rest();
}

static void
stop(struct process *process)
{
    process->up = false;
    loop_forget(process->number);
    int asker = memory_owner(process->number);
    close_services(process);
    (void)memory_owner(asker);
}

void
process_crash(struct process *process)
{
    history_note("process %d crashes", process->number);
    stop(process);
    memory_drop(process->number);
    front_died(process);
}

bool
process_end(struct process *process)
{
    stop(process);
    size_t left = memory_count(process->number);
    if (left > 0) {
        history_note("process %d leaves %zu pieces of memory", process->number, left);
    }
    memory_drop(process->number);
    return left == 0;
}

size_t
process_count(void)
{
    return all.count;
}

struct process *
process_at(size_t index)
{
    return &all.processes[index];
}

struct process *
process_some_worker(void)
{
    struct process *up[PROCESSES_MAX];
    int64_t count = 0;
    for (size_t i = 0; i < all.count; i++) {
        if (all.processes[i].up && all.processes[i].kind == PROCESS_WORKER) {
            up[count++] = &all.processes[i];
        }
    }
    return count == 0 ? NULL : up[chance_below(count)];
}

bool
process_all_idle(void)
{
    for (size_t i = 0; i < all.count; i++) {
        if (all.processes[i].up && !services_idle(&all.processes[i].services)) {
            return false;
        }
    }
    return true;
}
