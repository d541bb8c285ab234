/* SPDX-License-Identifier: Apache-2.0 */
#include "query_budget.h"

#include <stdlib.h>

#define MS_PER_MINUTE 60000

struct bucket {
    const char *account;
    int64_t per_minute;
    int64_t level; /* in queries x MS_PER_MINUTE, so that filling needs no division */
    struct mono_time filled_at;
};

struct query_budget {
    size_t count;
    struct bucket buckets[];
};

enum err
query_budget_new(const struct config *config, struct query_budget **out)
{
    size_t count = config_count(config, CONFIG_SECTION_account);
    struct query_budget *budget = calloc(1, sizeof(*budget) + count * sizeof(budget->buckets[0]));
    if (budget == NULL) {
        return ERR_NO_MEMORY;
    }
    budget->count = count;
    for (size_t i = 0; i < count; i++) {
        struct bucket *bucket = &budget->buckets[i];
        bucket->account = config_name(config, CONFIG_SECTION_account, i);
        bucket->per_minute = config_int(config, CONFIG_account_queries_per_minute, i);
        bucket->level = bucket->per_minute * MS_PER_MINUTE;
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

static void
fill(struct bucket *bucket, struct mono_time now)
{
    int64_t full = bucket->per_minute * MS_PER_MINUTE;
    int64_t ms = bucket->filled_at.ns == 0 ? 0 : clock_mono_ms_between(bucket->filled_at, now);
    ms = ms > MS_PER_MINUTE ? MS_PER_MINUTE : ms;
    bucket->level += ms * bucket->per_minute;
    bucket->level = bucket->level > full ? full : bucket->level;
    bucket->filled_at = now;
}

int
query_budget_take(struct query_budget *budget, struct span account, struct mono_time now)
{
    for (size_t i = 0; i < budget->count; i++) {
        struct bucket *bucket = &budget->buckets[i];
        if (!span_eq_cstr(account, bucket->account)) {
            continue;
        }
        fill(bucket, now);
        if (bucket->level >= MS_PER_MINUTE) {
            bucket->level -= MS_PER_MINUTE;
            return 0;
        }
        int64_t wait_ms = (MS_PER_MINUTE - bucket->level) / bucket->per_minute;
        return (int)(wait_ms / 1000) + 1;
    }
    return 0;
}
