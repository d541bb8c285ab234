/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_NIGHT_H
#define TALLYGATE_PROC_NIGHT_H

/* The night process: it keeps the calendar recon_day, gets each day's bill and has the day reconciled, without
 * anybody asking. It claims one day at a time by lease, so that any number of nodes may do the same. All
 * blocks; the loop runs while a provider is waited for and between the steps, so that an order to stop is
 * heard there. What is under way then is given back; what a process left that died lapses. */

#include "account.h"
#include "acquire.h"
#include "child.h"
#include "provider_line.h"
#include "report.h"

struct night_shown {
    int64_t late;
    int64_t blocked;
    int64_t stale;
    int64_t lacking;
};

struct night {
    const struct child_plan *plan;
    struct config *config;
    struct accounts *accounts;
    struct provider_line *line;
    struct db_session *session; /* NULL: opened with the next look */
    struct db_session *
        lease; /* renews a day's lease beside the one transaction of its run; NULL: opened when needed */
    struct event *stop;
    struct event *timer;
    bool stopping;
    bool due; /* the timer has fired */
    struct night_shown shown;
    struct progress *progress;        /* of the day under way; NULL between days */
    const char *portal_owner;         /* NULL: the portal's database is not read */
    struct mono_time portal_begun_at; /* the last reading; 0: there was none */
    int64_t portal_pause_ms;          /* before the next */
    struct mono_time reprinted_at; /* the last time it looked for what is not printed; 0: never */
    struct report_limits limits;   /* of what it prints */
};

/* As whom the night connects. Borrowed from the configuration. */
const char *night_conninfo(const struct config *config);

/* Lets the loop do what is there to do, and tells whether the process is to stop. */
bool night_stopping(struct night *night);

/* night_day.c: claims one day of the account that is due and does it. *worked: there was one. Errors: those of
 * the database; what a provider did not give is none. */
MUST_USE enum err night_day(struct night *night, const struct adapter_account *account,
                            bool *worked);

/* A finished run; `progress` NULL: nobody watches. */
struct night_printed {
    const struct adapter_account *account;
    struct day day;
    int64_t version;
    bool of_settlement;
    struct progress *progress;
};

/* night_print.c: writes its files and keeps them. They can be printed again at any time, so that a run does not hang on them: what goes wrong
 * is told. What is too large to be printed is left out and said so once, in the log, the database and the doctor's lines. */
void night_print(const struct night *night, const struct night_printed *run);

/* Prints what counts of the account, was made in the last days and has no files: whoever made it died before, or could not write them. Errors: those
 * of the database. */
MUST_USE enum err night_print_missing(struct night *night, const struct adapter_account *account);

/* night_settlement.c: makes what is to be made of the account's settlement up to that day, when lines of its bank were ever handed in.
 * What goes wrong is told, and taken up again with the next look. */
void night_settlement(struct night *night, const struct adapter_account *account, struct day day);

/* night_portal.c: takes in what the portal's own database says of orders and invoices, unless it was read just now.
 * What goes wrong is told, and holds up nothing. */
void night_portal(struct night *night);

#endif
