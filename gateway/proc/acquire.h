/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_ACQUIRE_H
#define TALLYGATE_PROC_ACQUIRE_H

/* How a day's bill comes into the house: asked for and downloaded, or handed in; read, archived under its
 * hash, and every try recorded. The operator's CLI and the night process do it alike: what to say of it is
 * theirs. Everything blocks. */

#include <stdbool.h>
#include <stddef.h>

#include "bill_file.h"
#include "bill_store.h"
#include "config.h"
#include "db.h"
#include "finding.h"

struct provider_line;

#define ACQUIRE_TRIES_MAX   4 /* a link dies after 30 seconds, so each try asks for a new one */
#define ACQUIRE_CODES_BYTES 1024
#define ACQUIRE_CODE_BYTES  64

struct acquire_target {
    const struct adapter_account *account;
    const struct adapter_bill *bill;
    struct day day;
};

/* What is about to be done. */
enum acquire_step { ACQUIRE_ASK_LINK, ACQUIRE_ASK_FILE, ACQUIRE_DOWNLOAD, ACQUIRE_CHECK };

struct acquire {
    struct db_session *session; /* with the rights of tallygate_recon */
    const struct config *config;

    /* NULL, or called before each step; a failure ends what was begun and is returned. */
    enum err (*step)(void *context, enum acquire_step step);
    void *context;
};

/* What came of asking. */
struct acquire_word {
    enum err err;                  /* OK: the file is here; else what the last try ended with */
    bool none;                     /* the provider says that there is no bill (yet) */
    bool late;                     /* the give-up hour has passed */
    bool foreign_host;             /* the link led to a host that is not allowed */
    char code[ACQUIRE_CODE_BYTES]; /* the provider's own, "" on success */
    const char *outcome;           /* as table bill_fetch has it */
};

/* Asks for the bill, several times at once where that may help, and records every try but the one that
 * brings it: that is recorded by acquire_keep. word->err tells what the provider said. Errors, which are
 * ours: those of `step` and of the database. */
MUST_USE enum err acquire_fetch(const struct acquire *acquire, struct provider_line *line,
                                const struct acquire_target *target, struct acquire_word *word,
                                struct buf *bytes);

/* What a try that brought nothing was, in the words of bill_fetch: "none" when the provider says so for
 * good, or has said after the give-up hour that it has no bill; "not_ready" while it may come. */
const char *acquire_outcome(enum err err, bool none, bool late);

/* What stands in the way of a day whose bill is not here at the give-up hour, by the outcome of the last try. */
enum finding acquire_finding(const char *outcome);

/* `hour` of the day after, in China. */
struct wall_time acquire_next_day_at(struct day day, int64_t hour);

/* A setting of the account's section. */
int64_t acquire_setting(const struct config *config, const struct adapter_account *account,
                        enum config_setting setting);

enum acquire_source { ACQUIRE_DOWNLOADED, ACQUIRE_HANDED_IN };

/* How a content stands to what counted before. */
enum acquire_place { ACQUIRE_FIRST, ACQUIRE_SAME, ACQUIRE_REISSUED };

struct acquire_kept {
    struct bill_file file; /* what was read, with its faults */
    char codes[ACQUIRE_CODES_BYTES];
    char sha256[BILL_STORE_NAME_BYTES];
    enum acquire_place place;
    bool
        kept; /* false: a file handed in was refused, so that it does not stand in the way of the right one */
};

/* Reads a file, archives it and records it. What the provider gave is kept whatever it is: a day whose
 * bill is wrong is blocked by it. Errors: those of `step`, bill_file_read, bill_store_put, the
 * database. */
MUST_USE enum err acquire_keep(const struct acquire *acquire, const struct acquire_target *target,
                               enum acquire_source source, struct span bytes,
                               struct acquire_kept *out);

/* acquire_keep.c: one try, as bill_fetch has it. `sha256` NULL unless the file was kept. */
struct acquire_try {
    const char *outcome;
    const char *sha256;
    size_t bytes;
    const char *detail;
};
MUST_USE enum err acquire_record(const struct acquire *acquire, const struct acquire_target *target,
                                 const struct acquire_try *attempt);

/* Calls `step` where there is one. */
MUST_USE enum err acquire_tell(const struct acquire *acquire, enum acquire_step step);

#endif
