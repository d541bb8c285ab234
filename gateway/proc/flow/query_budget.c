/* SPDX-License-Identifier: Apache-2.0 */
#include "query_budget.h"

#include <stdlib.h>

#define US_PER_MINUTE    INT64_C(60000000)
#define US_PER_MS        1000
#define NS_PER_MS        INT64_C(1000000)
#define BLOCK_MS         6000 /* how long a block lasts in a process */
#define BLOCKS_A_MINUTE  10   /* the largest block is this part of a minute's queries */
#define PEOPLE_SHARE     4    /* a quarter of the bucket is not the schedule's */
#define TAKE_ARENA_BYTES ((size_t)16 * 1024)

/* What a process holds of one bucket for one of the two. */
struct block {
    int64_t left;
    int64_t size;
    struct mono_time until;
    struct mono_time dry_until; /* nothing is free before; 0: not known */
};

struct bucket {
    const char *account;
    int64_t per_minute;
    struct block blocks[QUERY_BY_COUNT];
};

struct query_budget {
    struct db *db;
    size_t count;
    struct bucket buckets[];
};

struct take {
    struct query_budget *budget;
    struct bucket *bucket;
    enum query_by by;
    struct arena *arena;
    query_budget_done done;
    void *context;
};

enum err
query_budget_new(const struct config *config, struct db *db, struct query_budget **out)
{
    size_t count = config_count(config, CONFIG_SECTION_account);
    struct query_budget *budget = calloc(1, sizeof(*budget) + count * sizeof(budget->buckets[0]));
    if (budget == NULL) {
        return ERR_NO_MEMORY;
    }
    budget->db = db;
    budget->count = count;
    for (size_t i = 0; i < count; i++) {
        struct bucket *bucket = &budget->buckets[i];
        bucket->account = config_name(config, CONFIG_SECTION_account, i);
        bucket->per_minute = config_int(config, CONFIG_account_queries_per_minute, i);
    }
    *out = budget;
    return ERR_OK;
}

void
query_budget_free(struct query_budget **budget)
{
    if (budget != NULL) {
        free(*budget);
        *budget = NULL;
    }
}

int64_t
query_budget_reserve(int64_t per_minute)
{
    return per_minute / PEOPLE_SHARE;
}

static struct mono_time
later(struct mono_time from, int64_t ms)
{
    return (struct mono_time){ .ns = from.ns + ms * NS_PER_MS };
}

/* A block that was used up in its time is followed by a larger one. */
static int64_t
next_size(const struct bucket *bucket, const struct block *block, struct mono_time now)
{
    int64_t most = bucket->per_minute / BLOCKS_A_MINUTE;
    bool used_up = block->size > 0 && block->left == 0 && now.ns < block->until.ns;
    int64_t size = used_up ? 2 * block->size : 1;
    size = size > most ? most : size;
    return size < 1 ? 1 : size;
}

static void
end(struct take *take, enum err err, int64_t wait_ms)
{
    query_budget_done done = take->done;
    void *context = take->context;
    arena_free(&take->arena);
    free(take);
    done(context, err, wait_ms);
}

static void
taken(void *context, const struct db_answer *answer)
{
    struct take *take = context;
    struct block *block = &take->bucket->blocks[take->by];
    struct mono_time now = clock_mono();
    if (answer->err != ERR_OK) {
        end(take, answer->err, 0);
        return;
    }
    int64_t granted = db_row_i64(answer->rows, 0, "granted");
    if (granted == 0) {
        int64_t wait_ms = db_row_i64(answer->rows, 0, "wait_us") / US_PER_MS + 1;
        block->dry_until = later(now, wait_ms);
        end(take, ERR_REFRESH_BUDGET, wait_ms);
        return;
    }
    int64_t kept = now.ns < block->until.ns ? block->left : 0;
    block->left = kept + granted - 1;
    block->size = granted;
    block->until = later(now, BLOCK_MS);
    end(take, ERR_OK, 0);
}

static enum err
ask(struct take *take, int64_t size)
{
    const struct bucket *bucket = take->bucket;
    int64_t reserve = take->by == QUERY_BY_SCHEDULE ? query_budget_reserve(bucket->per_minute) : 0;
    struct db_params params;
    TRY(arena_new(TAKE_ARENA_BYTES, &take->arena));
    db_params_init(&params, take->arena);
    db_cstr(&params, bucket->account);
    db_i64(&params, US_PER_MINUTE / bucket->per_minute);
    db_i64(&params, bucket->per_minute - reserve);
    db_i64(&params, size);
    db_run(take->budget->db, STATEMENT_query_budget_take, &params, taken, take);
    return ERR_OK;
}

static struct bucket *
find(struct query_budget *budget, struct span account)
{
    for (size_t i = 0; i < budget->count; i++) {
        if (span_eq_cstr(account, budget->buckets[i].account)) {
            return &budget->buckets[i];
        }
    }
    return NULL;
}

void
query_budget_take(struct query_budget *budget, struct span account, enum query_by by,
                  query_budget_done done, void *context)
{
    struct mono_time now = clock_mono();
    struct bucket *bucket = find(budget, account);
    struct block *block = bucket == NULL ? NULL : &bucket->blocks[by];
    if (block == NULL) {
        done(context, ERR_OK, 0);
        return;
    }
    if (block->left > 0 && now.ns < block->until.ns) {
        block->left--;
        done(context, ERR_OK, 0);
        return;
    }
    if (now.ns < block->dry_until.ns) {
        done(context, ERR_REFRESH_BUDGET, clock_mono_ms_between(now, block->dry_until) + 1);
        return;
    }
    struct take *take = calloc(1, sizeof(*take));
    enum err err = take == NULL ? ERR_NO_MEMORY : ERR_OK;
    if (take != NULL) {
        *take = (struct take){
            .budget = budget, .bucket = bucket, .by = by, .done = done, .context = context
        };
        err = ask(take, next_size(bucket, block, now));
    }
    if (err != ERR_OK) {
        free(take);
        done(context, err, 0);
    }
}
