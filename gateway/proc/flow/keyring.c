/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring.h"

#include <stdlib.h>

#include "log.h"
#include "metrics.h"
#include "timer.h"

#define ARENA_MAX  ((size_t)4 * 1024 * 1024)
#define RELOAD_MS  10000 /* so soon a key that one process accepted serves in all */
#define MISSED_MS  2000  /* how soon after a miss it is looked again */
#define LOOKING_MS 30000 /* how long a miss keeps us looking often */
#define SERIAL_MAX ((size_t)128)

struct keyring {
    struct services *services;
    struct timer *timer;
    struct arena *arena; /* of the load under way; NULL: none */
    struct mono_time missed_at;
    int64_t unverifiable; /* as last counted */
    int64_t held;         /* likewise */
};

/* Only what would be accepted now counts: a chain may have ended, or its root been taken away. */
static enum err
take_row(struct accounts *accounts, const struct db_rows *rows, size_t row, struct arena *arena)
{
    struct span name = db_row_text(rows, row, "account");
    const struct adapter_account *account = accounts_find(accounts, name);
    struct adapter_key key = { .key = NULL };
    if (account == NULL || account->adapter->key_accept == NULL
        || account->adapter->key_accept(account, db_row_text(rows, row, "pem"), clock_wall(), arena,
                                        &key)
               != ERR_OK) {
        return ERR_OK;
    }
    return accounts_key_add(accounts, name, key);
}

static enum err
take_rows(struct accounts *accounts, const struct db_rows *rows, struct arena *arena)
{
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        TRY(take_row(accounts, rows, i, arena));
    }
    return ERR_OK;
}

enum err
keyring_load(struct db_session *session, struct accounts *accounts)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    TRY(arena_new(ARENA_MAX, &arena));
    db_params_init(&params, arena);
    TRY(db_session_run(session, STATEMENT_provider_key_list, &params, &rows));
    return take_rows(accounts, rows, arena);
}

/* Shown as numbers: accounts that are not offered for want of a key, and downloaded keys. */
static void
count_keys(struct keyring *keyring)
{
    const struct accounts *accounts = keyring->services->accounts;
    int64_t unverifiable = 0;
    int64_t held = 0;
    for (size_t i = 0; i < accounts_count(accounts); i++) {
        unverifiable += account_can_verify(accounts_at(accounts, i)) ? 0 : 1;
        held += (int64_t)account_downloaded_keys(accounts_at(accounts, i));
    }
    metrics_add(METRIC_ACCOUNTS_UNVERIFIABLE, unverifiable - keyring->unverifiable);
    metrics_add(METRIC_PROVIDER_KEYS_HELD, held - keyring->held);
    keyring->unverifiable = unverifiable;
    keyring->held = held;
}

static void
arm(struct keyring *keyring)
{
    count_keys(keyring);
    bool missed =
        keyring->missed_at.ns != 0 && clock_mono_ms_since(keyring->missed_at) < LOOKING_MS;
    bool looking = missed || keyring->unverifiable > 0;
    enum err err = timer_arm(keyring->timer, looking ? MISSED_MS : RELOAD_MS);
    if (err != ERR_OK) {
        log_event(LOG_INTERNAL, LOG_ERR(err), LOG_TEXT("message", "keys are not read again"));
    }
}

static void
loaded(void *context, const struct db_answer *answer)
{
    struct keyring *keyring = context;
    enum err err = answer->err == ERR_OK
                       ? take_rows(keyring->services->accounts, answer->rows, keyring->arena)
                       : answer->err;
    if (err != ERR_OK) {
        log_event(LOG_DB_TROUBLE, LOG_TEXT("statement", "provider_key_list"), LOG_ERR(err));
    }
    arena_free(&keyring->arena);
    arm(keyring);
}

static void
on_timer(void *context)
{
    struct keyring *keyring = context;
    struct db_params params;
    if (keyring->arena != NULL || keyring->services->draining) {
        return;
    }
    if (arena_new(ARENA_MAX, &keyring->arena) != ERR_OK) {
        arm(keyring);
        return;
    }
    db_params_init(&params, keyring->arena);
    db_run(keyring->services->db, STATEMENT_provider_key_list, &params, loaded, keyring);
}

enum err
keyring_new(struct services *services, struct keyring **out)
{
    DEFER(keyring_free) struct keyring *keyring = calloc(1, sizeof(*keyring));
    if (keyring == NULL) {
        return ERR_NO_MEMORY;
    }
    keyring->services = services;
    count_keys(keyring);
    TRY(timer_new(services->base, on_timer, keyring, &keyring->timer));
    TRY(timer_arm(keyring->timer, 0));
    *out = keyring;
    keyring = NULL;
    return ERR_OK;
}

void
keyring_free(struct keyring **keyring)
{
    if (keyring == NULL || *keyring == NULL) {
        return;
    }
    timer_free(&(*keyring)->timer);
    arena_free(&(*keyring)->arena);
    free(*keyring);
    *keyring = NULL;
}

static void
noted(void *context, const struct db_answer *answer)
{
    struct arena *arena = context;
    if (answer->err != ERR_OK) {
        log_event(LOG_DB_TROUBLE, LOG_TEXT("statement", "provider_key_want"), LOG_ERR(answer->err));
    }
    arena_free(&arena);
}

/* Serials come from outside: what is no serial of anybody's is not written down. */
static bool
is_serial(struct span serial)
{
    for (size_t i = 0; i < serial.len; i++) {
        if (!span_is_alnum(span_sub(serial, i, 1)) && serial.at[i] != '_') {
            return false;
        }
    }
    return serial.len > 0 && serial.len <= SERIAL_MAX;
}

void
keyring_missed(struct services *services, const struct adapter_account *account, struct span serial)
{
    struct arena *arena = NULL;
    struct db_params params;
    if (!is_serial(serial) || account->adapter->keys_read == NULL || services->keyring == NULL
        || arena_new(ARENA_MAX, &arena) != ERR_OK) {
        return;
    }
    struct keyring *keyring = services->keyring;
    bool quiet = keyring->missed_at.ns == 0 || clock_mono_ms_since(keyring->missed_at) >= MISSED_MS;
    if (!quiet) { /* a flood of invented serials costs one row a while */
        arena_free(&arena);
        return;
    }
    keyring->missed_at = clock_mono();
    metrics_add(METRIC_PROVIDER_KEYS_MISSED_TOTAL, 1);
    log_event(LOG_KEY_MISSED, LOG_TEXT("account", account->name), LOG_SPAN("serial", serial));
    db_params_init(&params, arena);
    db_cstr(&params, account->name);
    db_text(&params, serial);
    db_time(&params, clock_wall());
    db_run(services->db, STATEMENT_provider_key_want, &params, noted, arena);
    if (keyring->arena == NULL) {
        arm(keyring);
    }
}
