/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "payer.h"

#define WHAT_MAX 64
#define LINE_MAX 256

/* What can fail, and in which ways. */
static const struct {
    const char *name;
    enum sweep_way ways[SWEEP_WAYS];
    size_t way_count;
} kinds[] = {
    [SWEEP_NONE] = { "none", { SWEEP_REFUSED }, 0 },
    [SWEEP_STATEMENTS] = { "statements", { SWEEP_REFUSED, SWEEP_LOST, SWEEP_UNHEARD }, 3 },
    [SWEEP_ALLOCATIONS] = { "allocations", { SWEEP_REFUSED }, 1 },
    [SWEEP_CALLS] = { "calls",
                      { SWEEP_REFUSED, SWEEP_LOST, SWEEP_UNHEARD, SWEEP_CUT, SWEEP_PROXY },
                      5 },
    [SWEEP_KEYS] = { "keys", { SWEEP_LOST, SWEEP_UNHEARD }, 2 },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *const ways[SWEEP_WAYS] = {
    [SWEEP_REFUSED] = "refused", [SWEEP_LOST] = "lost",   [SWEEP_UNHEARD] = "unheard",
    [SWEEP_CUT] = "cut",         [SWEEP_PROXY] = "proxy",
};

static struct {
    enum sweep_kind kind;
    enum sweep_way way;
    uint64_t aim; /* 0: nothing fails */
    uint64_t count;
    bool spared;
    char what[WHAT_MAX];
    char line[LINE_MAX]; /* for the handler of a crash */
} now;

enum sweep_kind
sweep_kind_named(const char *name)
{
    for (size_t i = 1; i < KINDS; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return (enum sweep_kind)i;
        }
    }
    return SWEEP_NONE;
}

bool
sweep_strikes(enum sweep_kind kind, const char *what)
{
    if (now.kind != kind || now.spared || ++now.count != now.aim) {
        return false;
    }
    (void)snprintf(now.what, sizeof(now.what), "%s", what);
    return true;
}

enum sweep_way
sweep_way(void)
{
    return now.way;
}

void
sweep_spare(bool spared)
{
    now.spared = spared;
}

/* A product that dies of a failure is to say of which. */
static void
die(int number)
{
    (void)number;
    ssize_t written = write(STDERR_FILENO, now.line, strlen(now.line));
    (void)written;
    (void)signal(SIGABRT, SIG_DFL);
    (void)raise(SIGABRT);
}

static void
play(const struct sweep_options *options, enum sweep_way way, uint64_t aim,
     struct storm_result *out)
{
    now.kind = options->kind;
    now.way = way;
    now.aim = aim;
    now.count = 0;
    now.what[0] = 0;
    (void)snprintf(now.line, sizeof(now.line), "%s way=%s n=%llu: died\n",
                   kinds[options->kind].name, ways[way], (unsigned long long)aim);
    storm_play(options->seed, &options->storm, out);
    now.kind = SWEEP_NONE;
}

static bool
report(const struct sweep_options *options, const char *claim)
{
    bool broken = claim[0] != 0;
    if (broken || options->each) {
        (void)printf("%s way=%s n=%llu (%s): %s\n", kinds[options->kind].name, ways[now.way],
                     (unsigned long long)now.aim, now.what, broken ? claim : "well");
        (void)fflush(stdout);
    }
    return broken;
}

/* The play must come as far as its failure, which is the play without one until then. */
static bool
is_broken(const struct sweep_options *options, enum sweep_way way, uint64_t n)
{
    struct storm_result result;
    play(options, way, n, &result);
    if (result.broken == 0 && now.count < n) {
        return report(options, "the play is the same until something fails");
    }
    return report(options, result.claim);
}

/* Three orders are paid twice and their second money goes back; one is closed, paid late, and goes back too. */
static bool
comes_to_its_end(const struct sweep_options *options, const struct storm_result *result)
{
    int only = options->storm.only_order;
    size_t late = only == 0 || only == 3 ? 1 : 0;
    size_t twice = only == 0 ? PAYER_ORDERS - 1 : 1 - late;
    return result->paid == 2 * twice && result->duplicates == twice && result->late == late
           && result->refunds == twice + late;
}

/* More than once, since what is made once for all plays is made in the first. Gives how much can fail, or 0. */
static uint64_t
measure(const struct sweep_options *options)
{
    struct storm_result result;
    play(options, SWEEP_REFUSED, 0, &result);
    play(options, SWEEP_REFUSED, 0, &result);
    uint64_t count = now.count;
    play(options, SWEEP_REFUSED, 0, &result);
    const char *claim = result.broken > 0                     ? result.claim
                        : count != now.count                  ? "the play repeats itself"
                        : !comes_to_its_end(options, &result) ? "the play comes to its end"
                        : count == 0                          ? "something can fail"
                                                              : "";
    return report(options, claim) ? 0 : count;
}

uint64_t
sweep_play_all(const struct sweep_options *options)
{
    uint64_t broken = 0;
    uint64_t plays = 0;
    (void)signal(SIGABRT, die);
    uint64_t count = measure(options);
    uint64_t last = options->last == 0 || options->last > count ? count : options->last;
    for (size_t i = 0; i < kinds[options->kind].way_count; i++) {
        for (uint64_t n = options->first; n <= last && !(options->find && broken > 0);
             n += options->step) {
            broken += is_broken(options, kinds[options->kind].ways[i], n);
            plays++;
        }
    }
    (void)signal(SIGABRT, SIG_DFL);
    (void)printf("%s: %llu can fail, plays=%llu broken=%llu\n", kinds[options->kind].name,
                 (unsigned long long)count, (unsigned long long)plays, (unsigned long long)broken);
    return count == 0 && !options->find ? 1 : broken;
}
