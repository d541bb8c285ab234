/* SPDX-License-Identifier: Apache-2.0 */
/* The chores' part of the keyring: asking providers for their keys. */
#include <stdlib.h>

#include "keyring.h"
#include "log.h"
#include "metrics.h"
#include "provider_call.h"

#define FETCH_ARENA_MAX ((size_t)8 * 1024 * 1024)
#define WANTED_AGAIN_MS INT64_C(60000)   /* how often one unknown serial is asked for */
#define WANTED_LIFE_MS  INT64_C(3600000) /* after that it was nobody's */
#define MS_PER_S        INT64_C(1000)

struct fetch {
    struct services *services;
    struct arena *arena;
    const struct adapter_account *account;
    bool regular;
    struct provider_call call;
    size_t kept; /* keys whose row is written */
};

static void
end(struct fetch *fetch)
{
    verify_keys_fini(&fetch->call.keys);
    evidence_free(&fetch->call.evidence);
    arena_free(&fetch->arena);
    free(fetch);
}

static void
trouble(const struct fetch *fetch, const char *what, enum err err)
{
    log_event(LOG_KEYS_DOWNLOAD_FAILED, LOG_TEXT("account", fetch->account->name),
              LOG_TEXT("step", what), LOG_ERR(err));
}

static void
tidied(void *context, const struct db_answer *answer)
{
    struct fetch *fetch = context;
    if (answer->err != ERR_OK) {
        trouble(fetch, "tidy", answer->err);
    }
    end(fetch);
}

static void
tidy(struct fetch *fetch)
{
    struct db_params params;
    db_params_init(&params, fetch->arena);
    db_cstr(&params, fetch->account->name);
    db_time(&params, wall_add_ms(clock_wall(), -WANTED_LIFE_MS));
    db_run(fetch->services->db, STATEMENT_provider_key_found, &params, tidied, fetch);
}

static void keep_next(struct fetch *fetch);

static void
kept(void *context, const struct db_answer *answer)
{
    struct fetch *fetch = context;
    if (answer->err != ERR_OK) {
        trouble(fetch, "keep", answer->err);
        end(fetch);
        return;
    }
    if (db_rows_affected(answer->rows) == 1) {
        metrics_add(METRIC_PROVIDER_KEYS_ACCEPTED_TOTAL, 1);
        log_event(LOG_KEY_ACCEPTED, LOG_TEXT("account", fetch->account->name),
                  LOG_SPAN("serial", fetch->call.keys.list[fetch->kept].serial));
    }
    fetch->kept++;
    keep_next(fetch);
}

static void
keep_next(struct fetch *fetch)
{
    const struct verify_keys *keys = &fetch->call.keys;
    if (fetch->kept == keys->count) {
        tidy(fetch);
        return;
    }
    const struct adapter_key *key = &keys->list[fetch->kept];
    struct db_params params;
    db_params_init(&params, fetch->arena);
    db_cstr(&params, fetch->account->name);
    db_text(&params, key->serial);
    db_text(&params, keys->pem[fetch->kept]);
    db_time(&params, key->not_before);
    db_time(&params, key->not_after);
    db_time(&params, clock_wall());
    db_run(fetch->services->db, STATEMENT_provider_key_add, &params, kept, fetch);
}

static void
answered(void *context, enum err err)
{
    struct fetch *fetch = context;
    if (err != ERR_OK) {
        trouble(fetch, "ask", err);
        end(fetch);
        return;
    }
    keep_next(fetch);
}

static void
ask(struct fetch *fetch, struct span serial)
{
    struct wall_time now = clock_wall();
    fetch->call = (struct provider_call){ .keys_client = fetch->services->keys,
                                          .transport = fetch->services->transport,
                                          .account = fetch->account,
                                          .operation = ADAPTER_KEYS,
                                          .order = { .now = now, .made_at = now },
                                          .arena = fetch->arena,
                                          .done = answered,
                                          .context = fetch };
    if (arena_copy(fetch->arena, serial, &fetch->call.order.key_serial) != ERR_OK) {
        end(fetch);
        return;
    }
    provider_call_start(&fetch->call);
}

static void
claimed(void *context, const struct db_answer *answer)
{
    struct fetch *fetch = context;
    if (answer->err != ERR_OK || db_rows_count(answer->rows) == 0) {
        if (answer->err != ERR_OK) {
            trouble(fetch, "claim", answer->err);
        }
        end(fetch);
        return;
    }
    ask(fetch, db_row_text(answer->rows, 0, "serial"));
}

static void
claim(struct fetch *fetch)
{
    int64_t again_ms =
        fetch->regular ? fetch->account->adapter->keys_refresh_s * MS_PER_S : WANTED_AGAIN_MS;
    struct wall_time now = clock_wall();
    struct db_params params;
    db_params_init(&params, fetch->arena);
    db_cstr(&params, fetch->account->name);
    db_bool(&params, fetch->regular);
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, -again_ms));
    db_run(fetch->services->db, STATEMENT_provider_key_claim, &params, claimed, fetch);
}

static void
wanted(void *context, const struct db_answer *answer)
{
    struct fetch *fetch = context;
    if (answer->err != ERR_OK) {
        trouble(fetch, "want", answer->err);
        end(fetch);
        return;
    }
    claim(fetch);
}

/* The regular download has a row of its own, which is made when it is missing. */
static void
begin(struct services *services, const struct adapter_account *account, bool regular)
{
    struct fetch *fetch = calloc(1, sizeof(*fetch));
    if (fetch == NULL) {
        return;
    }
    *fetch = (struct fetch){ .services = services, .account = account, .regular = regular };
    if (arena_new(FETCH_ARENA_MAX, &fetch->arena) != ERR_OK) {
        end(fetch);
        return;
    }
    if (!regular) {
        claim(fetch);
        return;
    }
    struct db_params params;
    db_params_init(&params, fetch->arena);
    db_cstr(&params, account->name);
    db_cstr(&params, "");
    db_time(&params, clock_wall());
    db_run(services->db, STATEMENT_provider_key_want, &params, wanted, fetch);
}

void
chore_keys(struct services *services)
{
    for (size_t i = 0; i < accounts_count(services->accounts); i++) {
        const struct adapter_account *account = accounts_at(services->accounts, i);
        if (account->adapter->keys_read == NULL || !provider_call_offered(account, ADAPTER_KEYS)) {
            continue;
        }
        begin(services, account, false);
        if (account->adapter->keys_refresh_s > 0) {
            begin(services, account, true);
        }
    }
}
