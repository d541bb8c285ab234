/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_refunds.h"

#include <stdlib.h>
#include <string.h>

#include "keys_journal.h"
#include "keys_policy.h"

#define ROOM_FIRST 64

struct keys_refunds {
    struct keys_journal *journal;
    struct day day; /* in China; all of the list */
    struct keys_journal_entry *list;
    size_t count;
    size_t room;
};

static enum err
make_room(struct keys_refunds *refunds)
{
    if (refunds->count < refunds->room) {
        return ERR_OK;
    }
    size_t room = refunds->room == 0 ? ROOM_FIRST : 2 * refunds->room;
    struct keys_journal_entry *list = realloc(refunds->list, room * sizeof(*list));
    if (list == NULL) {
        return ERR_NO_MEMORY;
    }
    refunds->list = list;
    refunds->room = room;
    return ERR_OK;
}

/* From the journal: what is of an older day than the newest counts no more. */
static enum err
take(void *context, const struct keys_journal_entry *entry)
{
    struct keys_refunds *refunds = context;
    if (entry == NULL) {
        refunds->count = 0;
        return ERR_OK;
    }
    int order = day_cmp(entry->day, refunds->day);
    if (order < 0) {
        return ERR_OK;
    }
    TRY(make_room(refunds));
    refunds->count = order > 0 ? 0 : refunds->count;
    refunds->day = entry->day;
    refunds->list[refunds->count++] = *entry;
    return ERR_OK;
}

enum err
keys_refunds_path(const struct config *config, struct buf *out, const char **path)
{
    const char *given = config_text(config, CONFIG_keys_refund_journal, 0);
    if (given[0] != 0) {
        *path = given;
        return ERR_OK;
    }
    TRY(buf_printf(out, "%s/refunds.journal", config_text(config, CONFIG_server_run_dir, 0)));
    return buf_cstr(out, path);
}

enum err
keys_refunds_new(const char *path, bool make, struct keys_refunds **out, enum err *trouble)
{
    struct keys_refunds *refunds = calloc(1, sizeof(*refunds));
    enum err err =
        refunds == NULL ? ERR_NO_MEMORY : keys_journal_open(path, make, &refunds->journal);
    if (err != ERR_OK) {
        free(refunds);
        return err;
    }
    *trouble = keys_journal_lock(refunds->journal, take, refunds);
    if (*trouble == ERR_OK) {
        keys_journal_unlock(refunds->journal);
    }
    *out = refunds;
    return ERR_OK;
}

void
keys_refunds_free(struct keys_refunds **refunds)
{
    if (*refunds != NULL) {
        keys_journal_close(&(*refunds)->journal);
        free((*refunds)->list);
    }
    free(*refunds);
    *refunds = NULL;
}

/* The journal begins anew with the day. A day that lies behind is the clock's fault and frees nothing. */
static enum err
turn_day(struct keys_refunds *refunds, struct wall_time now)
{
    struct day day = day_of(now, ZONE_CHINA_MIN);
    if (day_cmp(day, refunds->day) <= 0) {
        return ERR_OK;
    }
    TRY(keys_journal_empty(refunds->journal));
    refunds->day = day;
    refunds->count = 0;
    return ERR_OK;
}

/* What the account has given back today, and the refund itself if it is among that. */
struct counted {
    size_t count;
    int64_t sum_fen;
    const struct keys_journal_entry *before;
};

static struct counted
count(const struct keys_refunds *refunds, const struct keys_journal_entry *wanted)
{
    struct counted counted = { .count = 0 };
    for (size_t i = 0; i < refunds->count; i++) {
        const struct keys_journal_entry *entry = &refunds->list[i];
        if (memcmp(entry->account, wanted->account, SHA256_BYTES) != 0) {
            continue;
        }
        if (memcmp(entry->number, wanted->number, SHA256_BYTES) == 0) {
            counted.before = entry;
        }
        counted.count++;
        counted.sum_fen = __builtin_add_overflow(counted.sum_fen, entry->fen, &counted.sum_fen)
                              ? INT64_MAX
                              : counted.sum_fen;
    }
    return counted;
}

static enum err
add(struct keys_refunds *refunds, struct keys_journal_entry *entry, int64_t most_fen)
{
    int64_t sum_fen;
    struct counted today = count(refunds, entry);
    if (today.before != NULL) {
        return today.before->fen == entry->fen ? ERR_OK : ERR_KEYS_POLICY;
    }
    if (today.count == KEYS_REFUNDS_MAX
        || __builtin_add_overflow(today.sum_fen, entry->fen, &sum_fen) || sum_fen > most_fen) {
        return ERR_KEYS_REFUND_DAY;
    }
    TRY(make_room(refunds));
    TRY(keys_journal_add(refunds->journal, entry));
    refunds->list[refunds->count++] = *entry;
    return ERR_OK;
}

enum err
keys_refunds_judge(struct keys_refunds *refunds, const struct adapter_account *account,
                   const struct adapter_sign_facts *facts, struct wall_time now)
{
    struct keys_journal_entry entry = { .fen = 0 };
    struct money back = keys_policy_given_back(account, facts);
    if (back.currency == CURRENCY_NONE) {
        return ERR_OK;
    }
    TRY(crypto_sha256(span_of(account->name), entry.account));
    TRY(crypto_sha256(span_empty(facts->refund_no) ? facts->merchant_order_no : facts->refund_no,
                      entry.number));
    TRY(keys_journal_lock(refunds->journal, take, refunds));
    enum err err = turn_day(refunds, now);
    if (err == ERR_OK) {
        entry.day = refunds->day;
        entry.fen = back.minor;
        err = add(refunds, &entry, account->refund_daily_max.minor);
    }
    keys_journal_unlock(refunds->journal);
    return err;
}
