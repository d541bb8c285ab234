/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_ACQUIRE_H
#define TALLYGATE_PROC_ACQUIRE_H

/* How a day's bill comes into the house: asked for and downloaded, or brought by a person; read, archived under
 * its hash, and every try to get it recorded. The operator's CLI and the night process do it alike: what to say of it is
 * theirs. Everything blocks. */

#include <stdbool.h>
#include <stddef.h>

#include "bill_file.h"
#include "bill_form.h"
#include "bill_store.h"
#include "config.h"
#include "db.h"
#include "finding.h"
#include "progress.h"

struct provider_line;

#define ACQUIRE_TRIES_MAX   4 /* a link dies after 30 seconds, so each try asks for a new one */
#define ACQUIRE_CODES_BYTES 1024
#define ACQUIRE_CODE_BYTES  64
#define ACQUIRE_SHA1_BYTES  41

struct acquire_target {
    const struct adapter_account *account;
    const struct adapter_bill *bill;
    struct day day;
};

struct acquire {
    struct db_session *session; /* with the rights of tallygate_recon */
    const struct config *config;

    /* NULL, or called before each step; a failure ends what was begun and is returned. */
    enum err (*step)(void *context);
    void *context;

    struct progress *progress; /* is told of each step; NULL: nobody watches */
};

/* What came of asking. */
struct acquire_word {
    enum err err;                  /* OK: the file is here; else what the last try ended with */
    bool none;                     /* the provider says that there is no bill (yet) */
    bool late;                     /* the give-up hour has passed */
    bool foreign_host;             /* the link led to a host that is not allowed */
    char code[ACQUIRE_CODE_BYTES]; /* the provider's own, "" on success */
    char sha1
        [ACQUIRE_SHA1_BYTES]; /* hex, of the unpacked file, as the provider signed it; "": it did not */
    const char *outcome;      /* as table bill_fetch has it */
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

/* The hour from which an account's bill of that kind is asked for. */
int64_t acquire_ready_hour(const struct config *config, const struct adapter_account *account,
                           const struct adapter_bill *bill);

/* From when on the bill is asked for, and when it is late. */
struct wall_time acquire_ready_at(const struct config *config, const struct acquire_target *target);
struct wall_time acquire_give_up_at(const struct config *config,
                                    const struct acquire_target *target);

/* A setting of the account's section. */
int64_t acquire_setting(const struct config *config, const struct adapter_account *account,
                        enum config_setting setting);

/* How a content stands to what counted before. */
enum acquire_place { ACQUIRE_FIRST, ACQUIRE_SAME, ACQUIRE_REISSUED };

struct acquire_kept {
    struct bill_file file; /* what was read, with its faults */
    char codes[ACQUIRE_CODES_BYTES];
    char sha256[BILL_STORE_NAME_BYTES];
    enum acquire_place place;
};

/* Reads a file that the provider gave, archives it and records it. It is kept whatever it is: a day whose
 * bill is wrong is blocked by it. One that cannot be kept is recorded as a try that brought nothing.
 * Errors: those of `step`, bill_file_read, bill_store_put, the database. */
MUST_USE enum err acquire_keep(const struct acquire *acquire, const struct acquire_target *target,
                               struct span bytes, struct acquire_kept *out);

/* acquire_upload.c: a file that a person brings, and why. */
struct acquire_upload {
    const char *client; /* in whose name; not who approves it */
    const char *reason;
    struct span bytes;
    const char
        *header; /* what unknown columns are said to be (bill_form_make); NULL: nothing is said */
};

struct acquire_waiting {
    struct acquire_kept kept;
    int64_t number; /* of the upload; 0: it was refused, or it is what counts already */
    bool proved;    /* the provider's own word names these bytes */
    bool before;    /* the same were waiting already */
    bool
        other; /* the same bytes are waiting with another word about their header: `number` is theirs */
    bool by_form; /* its header is to be accepted with it: */
    struct span came;
    struct span read_as;        /* both in the arena */
    enum bill_form_why refused; /* why the header cannot be accepted; FITS: no such matter */
    struct span about;
};

/* Reads the file, and archives and records it as one that waits for another person. One with a fault is refused, so
 * that it does not stand in the way of the right one; so is one whose header cannot be what is said of it, and one of which something is
 * said and whose header is known. Errors: as acquire_keep, ARENA_FULL. */
MUST_USE enum err acquire_upload(const struct acquire *acquire, const struct acquire_target *target,
                                 const struct acquire_upload *upload, struct arena *arena,
                                 struct acquire_waiting *out);

/* acquire_keep.c: one try, as bill_fetch has it. `sha256` NULL unless the file was kept. */
struct acquire_try {
    const char *outcome;
    const char *sha256;
    size_t bytes;
    const char *detail;
    const char *provider_sha1; /* NULL or "": none */
};
MUST_USE enum err acquire_record(const struct acquire *acquire, const struct acquire_target *target,
                                 const struct acquire_try *attempt);

/* acquire_keep.c: the parameters $1 account, $2 kind, $3 day. */
void acquire_params(const struct acquire_target *target, struct arena *arena,
                    struct db_params *params);

/* acquire_keep.c: reads the file, by the headers that were accepted for the account and `more` (NULL: none), puts its codes into words and
 * finds how it stands to what counts. */
MUST_USE enum err acquire_read(const struct acquire *acquire, const struct acquire_target *target,
                               struct span bytes, const struct bill_form *more,
                               struct acquire_kept *out);
MUST_USE enum err acquire_archive(const struct acquire *acquire,
                                  const struct acquire_target *target, struct span bytes,
                                  struct arena *arena, struct acquire_kept *out);

/* Tells that `phase` begins, and calls `step` where there is one. */
MUST_USE enum err acquire_tell(const struct acquire *acquire, enum progress_phase phase);

#endif
