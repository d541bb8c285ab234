/* SPDX-License-Identifier: Apache-2.0 */
#include "acquire.h"

#include <stdio.h>
#include <string.h>

#include "acquire_line.h"
#include "bill_host.h"

#define MS_PER_HOUR  3600000
#define DETAIL_BYTES 160

/* Worth another try at once: a dead link, a broken transfer, a keys process that is still starting. */
static bool
try_again(enum err err)
{
    return err == ERR_BILL_LINK || err == ERR_BILL_HASH || err == ERR_PROVIDER_NOT_SENT
           || err == ERR_PROVIDER_NO_ANSWER || err == ERR_KEYS_AWAY;
}

const char *
acquire_outcome(enum err err, bool none, bool late)
{
    if (err == ERR_BILL_LINK) {
        return "link";
    }
    if (err == ERR_BILL_HASH) {
        return "hash";
    }
    if (err == ERR_BILL_NONE) {
        return "none"; /* final: the provider tells it from a bill that is still being made */
    }
    if (none && late) {
        return "none";
    }
    if (err == ERR_BILL_NOT_READY || none) {
        return "not_ready";
    }
    bool refused = err == ERR_PROVIDER_CONTRACT || err == ERR_PROVIDER_REFUSED;
    return refused ? "refused" : "transfer";
}

enum finding
acquire_finding(const char *outcome)
{
    static const struct {
        const char *outcome;
        enum finding finding;
    } rows[] = {
        { "link", FINDING_FILE_LINK_EXPIRED },
        { "hash", FINDING_FILE_HASH },
        { "refused", FINDING_FILE_AUTH },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(outcome, rows[i].outcome) == 0) {
            return rows[i].finding;
        }
    }
    return FINDING_FILE_NOT_READY;
}

int64_t
acquire_setting(const struct config *config, const struct adapter_account *account,
                enum config_setting setting)
{
    size_t count = config_count(config, CONFIG_SECTION_account);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(config_name(config, CONFIG_SECTION_account, i), account->name) == 0) {
            return config_int(config, setting, i);
        }
    }
    return 0;
}

struct wall_time
acquire_next_day_at(struct day day, int64_t hour)
{
    return wall_add_ms(day_start(day_add(day, 1), ZONE_CHINA_MIN), hour * MS_PER_HOUR);
}

int64_t
acquire_ready_hour(const struct config *config, const struct adapter_account *account,
                   const struct adapter_bill *bill)
{
    return acquire_setting(config, account,
                           bill->of_balance ? CONFIG_account_balance_ready_hour
                                            : CONFIG_account_bill_ready_hour);
}

struct wall_time
acquire_ready_at(const struct config *config, const struct acquire_target *target)
{
    return acquire_next_day_at(target->day,
                               acquire_ready_hour(config, target->account, target->bill));
}

struct wall_time
acquire_give_up_at(const struct config *config, const struct acquire_target *target)
{
    enum config_setting setting = target->bill->of_balance ? CONFIG_account_balance_give_up_hour
                                                           : CONFIG_account_bill_give_up_hour;
    return acquire_next_day_at(target->day, acquire_setting(config, target->account, setting));
}

enum err
acquire_tell(const struct acquire *acquire, enum progress_phase phase)
{
    progress_begin(acquire->progress, phase, 0);
    return acquire->step == NULL ? ERR_OK : acquire->step(acquire->context);
}

static enum err
record(const struct acquire *acquire, const struct acquire_target *target,
       const struct acquire_word *word)
{
    char detail[DETAIL_BYTES];
    (void)snprintf(detail, sizeof(detail), "%s%s%s", err_name(word->err),
                   word->code[0] == 0 ? "" : " ", word->code);
    const struct acquire_try attempt = { .outcome = word->outcome,
                                         .detail = detail,
                                         .provider_sha1 = word->sha1 };
    return acquire_record(acquire, target, &attempt);
}

/* What the link leads to is proved by the hash in the signed answer, where there is one. */
static enum err
check_hash(const struct acquire_target *target, const struct acquire_link *link, struct buf *bytes)
{
    struct bill_file file = { .accepted = true };
    if (link->sha1[0] == 0) {
        return ERR_OK;
    }
    TRY(bill_file_check_hash(target->bill, buf_span(bytes), span_of(link->sha1), &file));
    if (!file.accepted) {
        buf_reset(bytes);
    }
    return file.accepted ? ERR_OK : ERR_BILL_HASH;
}

static void
take_word(const struct acquire_link *said, enum err err, struct acquire_word *word)
{
    word->err = err;
    word->none = said->none;
    (void)snprintf(word->code, sizeof(word->code), "%s", err == ERR_OK ? "" : said->code);
    (void)snprintf(word->sha1, sizeof(word->sha1), "%s", said->sha1);
}

/* The answer brings the file, signed. */
static enum err
take_file(const struct acquire *acquire, struct provider_line *line,
          const struct acquire_target *target, struct acquire_word *word, struct buf *bytes)
{
    struct acquire_link said;
    TRY(acquire_tell(acquire, PROGRESS_ASK_FILE));
    enum err err = acquire_line_file(line, target, &said, bytes);
    take_word(&said, err, word);
    return ERR_OK;
}

/* One link, one download. */
static enum err
take_link(const struct acquire *acquire, struct provider_line *line,
          const struct acquire_target *target, struct acquire_word *word, struct buf *bytes)
{
    struct acquire_link link;
    TRY(acquire_tell(acquire, PROGRESS_ASK_LINK));
    enum err err = acquire_line_ask(line, target, &link);
    take_word(&link, err, word);
    if (err != ERR_OK) {
        return ERR_OK;
    }
    word->foreign_host = !bill_host_allowed(span_of(link.url), target->account, target->bill);
    if (word->foreign_host) {
        word->err = ERR_PROVIDER_PROTOCOL;
        return ERR_OK;
    }
    TRY(acquire_tell(acquire, PROGRESS_DOWNLOAD));
    word->err = acquire_line_download(line, target, &link, bytes);
    if (word->err == ERR_OK) {
        word->err = check_hash(target, &link, bytes);
    }
    return ERR_OK;
}

static enum err
try_once(const struct acquire *acquire, struct provider_line *line,
         const struct acquire_target *target, struct acquire_word *word, struct buf *bytes)
{
    TRY(acquire_line_has_links(target) ? take_link(acquire, line, target, word, bytes)
                                       : take_file(acquire, line, target, word, bytes));
    if (word->err == ERR_OK) {
        return ERR_OK;
    }
    word->late = wall_ms_between(acquire_give_up_at(acquire->config, target), clock_wall()) >= 0;
    word->outcome = acquire_outcome(word->err, word->none, word->late);
    return record(acquire, target, word);
}

enum err
acquire_fetch(const struct acquire *acquire, struct provider_line *line,
              const struct acquire_target *target, struct acquire_word *word, struct buf *bytes)
{
    *word = (struct acquire_word){ .err = ERR_BILL_LINK };
    if (wall_ms_between(clock_wall(), acquire_next_day_at(target->day, 0)) > 0) {
        word->err = ERR_BILL_NOT_READY; /* the provider would call it a wrong argument */
        word->outcome = acquire_outcome(word->err, false, false);
        return record(acquire, target, word);
    }
    enum err err = ERR_OK;
    line->progress = acquire->progress;
    for (int i = 0; i < ACQUIRE_TRIES_MAX && err == ERR_OK && try_again(word->err); i++) {
        err = try_once(acquire, line, target, word, bytes);
    }
    line->progress = NULL;
    return err;
}
