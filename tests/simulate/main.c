/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate-simulate --config FILE --pki DIR --seed N --runs M [--store CONNINFO] [--flaw CODE] [--find] [--each] [--verbose]
 * Runs seeds N … N + M - 1. Prints a line for each one that breaks a claim, and a summary with a digest of all that
 * happened. Exit status 0: no claim was broken, 1: some were, 2: trouble. --find asks whether a flaw made on purpose
 * (flaw.def) is found: it stops at the first broken claim and exits 0, and 1 without one. --store runs the statements in
 * that database, whose content is lost (real_store.h).
 *
 * tallygate-simulate --config FILE --pki DIR --sweep KIND [--order N] [--first N] [--step N] [--last N] [--seed N] …
 * Plays a calm day once for each thing that can fail in it, with that one failing (sweep.h). KIND: statements,
 * allocations, calls, keys. Without bounds every one of them, of all orders. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "books.h"
#include "crypto.h"
#include "log.h"
#include "outside.h"
#include "payer.h"
#include "process.h"
#include "real_store.h"
#include "storm.h"
#include "sweep.h"

#define EXIT_YES     0
#define EXIT_NO      1
#define EXIT_TROUBLE 2

struct wish {
    const char *config;
    const char *store; /* NULL: the twin */
    uint64_t seed;
    uint64_t runs;
    bool each; /* a line for every seed */
    bool find; /* stop at the first broken claim, which is what is wanted */
    struct storm_options options;
    struct sweep_options sweep; /* kind NONE: storms */
};

static int
usage(void)
{
    (void)fputs(
        "usage: tallygate-simulate --config FILE --pki DIR --seed N --runs M [--store CONNINFO] "
        "[--flaw CODE] [--find] [--each] [--verbose]\n"
        "       tallygate-simulate --config FILE --pki DIR --sweep KIND [--order N] [--first N] "
        "[--step N] [--last N] [--seed N] [--flaw CODE] [--find] [--each] [--verbose]\n",
        stderr);
    return EXIT_TROUBLE;
}

static bool
take_number(const char *text, uint64_t *out)
{
    return span_to_u64(span_of(text), 0, UINT64_MAX, out) == ERR_OK;
}

static bool
take_sweep(struct sweep_options *sweep, const char *name, const char *value)
{
    if (strcmp(name, "--sweep") == 0) {
        sweep->kind = sweep_kind_named(value);
        return sweep->kind != SWEEP_NONE;
    }
    if (strcmp(name, "--first") == 0) {
        return take_number(value, &sweep->first) && sweep->first > 0;
    }
    if (strcmp(name, "--step") == 0) {
        return take_number(value, &sweep->step) && sweep->step > 0;
    }
    if (strcmp(name, "--order") == 0) {
        return take_number(value, &sweep->order) && sweep->order <= PAYER_ORDERS;
    }
    return strcmp(name, "--last") == 0 && take_number(value, &sweep->last);
}

static bool
take_option(struct wish *wish, const char *name, const char *value)
{
    if (strcmp(name, "--config") == 0) {
        wish->config = value;
    } else if (strcmp(name, "--store") == 0) {
        wish->store = value;
    } else if (strcmp(name, "--pki") == 0) {
        wish->options.pki = value;
    } else if (strcmp(name, "--seed") == 0) {
        return take_number(value, &wish->seed);
    } else if (strcmp(name, "--runs") == 0) {
        return take_number(value, &wish->runs);
    } else if (strcmp(name, "--flaw") == 0) {
        wish->options.flaw = flaw_named(value);
        return wish->options.flaw != FLAW_COUNT;
    } else {
        return take_sweep(&wish->sweep, name, value);
    }
    return true;
}

static bool
read_wish(int argc, char **argv, struct wish *out)
{
    *out = (struct wish){ .seed = 1, .runs = 1, .sweep = { .first = 1, .step = 1 } };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--verbose") == 0) {
            out->options.show = true;
        } else if (strcmp(argv[i], "--each") == 0) {
            out->each = true;
        } else if (strcmp(argv[i], "--find") == 0) {
            out->find = true;
        } else if (i + 1 == argc || !take_option(out, argv[i], argv[i + 1])) {
            return false;
        } else {
            i++;
        }
    }
    return out->config != NULL && out->options.pki != NULL;
}

struct sum {
    uint64_t failed;
    uint64_t paid;
    uint64_t late;
    uint64_t duplicates;
    uint64_t refunds;
    uint64_t crashes;
};

static void
add(struct sum *sum, const struct storm_result *result)
{
    sum->failed += result->broken > 0;
    sum->paid += result->paid;
    sum->late += result->late;
    sum->duplicates += result->duplicates;
    sum->refunds += result->refunds;
    sum->crashes += result->crashes;
}

static enum err
print_digest(uint64_t seed, const unsigned char digest[SHA256_BYTES])
{
    DEFER(buf_fini) struct buf hex = BUF_MAX(2 * SHA256_BYTES);
    TRY(crypto_hex_encode(span_make(digest, SHA256_BYTES), &hex));
    (void)printf("seed=%llu digest=%.*s\n", (unsigned long long)seed, SPAN_ARG(buf_span(&hex)));
    return ERR_OK;
}

static enum err
print_summary(const struct wish *wish, const struct sum *sum,
              const unsigned char digest[SHA256_BYTES])
{
    DEFER(buf_fini) struct buf hex = BUF_MAX(2 * SHA256_BYTES);
    TRY(crypto_hex_encode(span_make(digest, SHA256_BYTES), &hex));
    (void)printf(
        "runs=%llu failed=%llu paid=%llu late=%llu duplicates=%llu refunds=%llu crashes=%llu digest=%.*s\n",
        (unsigned long long)wish->runs, (unsigned long long)sum->failed,
        (unsigned long long)sum->paid, (unsigned long long)sum->late,
        (unsigned long long)sum->duplicates, (unsigned long long)sum->refunds,
        (unsigned long long)sum->crashes, SPAN_ARG(buf_span(&hex)));
    return ERR_OK;
}

static enum err
run_all(const struct wish *wish, struct sum *sum)
{
    struct crypto_stream *all = NULL;
    unsigned char digest[SHA256_BYTES];
    TRY(crypto_sha256_open(&all));
    for (uint64_t i = 0; i < wish->runs && !(wish->find && sum->failed > 0); i++) {
        struct storm_result result;
        storm_play(wish->seed + i, &wish->options, &result);
        add(sum, &result);
        if (wish->each) {
            TRY(print_digest(wish->seed + i, result.digest));
        }
        if (result.broken > 0) {
            (void)printf("seed=%llu broken=%zu: %s\n", (unsigned long long)(wish->seed + i),
                         result.broken, result.claim);
            (void)fflush(stdout);
        }
        TRY(crypto_stream_update(all, span_make(result.digest, sizeof(result.digest))));
    }
    TRY(crypto_stream_close(&all, digest));
    return print_summary(wish, sum, digest);
}

static bool
sweep(struct wish *wish)
{
    wish->sweep.seed = wish->seed;
    wish->sweep.each = wish->each;
    wish->sweep.find = wish->find;
    wish->sweep.storm = wish->options;
    wish->sweep.storm.fixed = true;
    wish->sweep.storm.only_order = (int)wish->sweep.order;
    return (sweep_play_all(&wish->sweep) > 0) == wish->find;
}

static enum err
run(struct wish *wish, bool *wanted)
{
    struct sum sum = { .failed = 0 };
    if (wish->sweep.kind != SWEEP_NONE) {
        *wanted = sweep(wish);
        return ERR_OK;
    }
    TRY(run_all(wish, &sum));
    *wanted = (sum.failed > 0) == wish->find;
    return ERR_OK;
}

static void
drop_line(struct span line, void *context)
{
    (void)line;
    (void)context;
}

int
main(int argc, char **argv)
{
    struct wish wish;
    bool wanted = false;
    if (!read_wish(argc, argv, &wish)) {
        return usage();
    }
    log_open("simulate", LOG_LEVEL_DEBUG);
    if ((wish.store != NULL && real_store_open(wish.store) != ERR_OK)
        || process_house_open(wish.config) != ERR_OK
        || books_seal_open(wish.options.pki) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    if (!wish.options.show) {
        log_sink(drop_line, NULL);
    }
    enum err err = run(&wish, &wanted);
    books_seal_close();
    process_house_close();
    real_store_close();
    outside_forget_keys();
    return err != ERR_OK ? EXIT_TROUBLE : wanted ? EXIT_YES : EXIT_NO;
}
