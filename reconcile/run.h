/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_RUN_H
#define TALLYGATE_RECONCILE_RUN_H

/* One reconciliation of one account and day, from the archived bill to the published results. All is
 * written in one transaction: a crash leaves nothing, and what stood before stays. */

#include "adapter.h"
#include "bill_file.h"
#include "db.h"
#include "recon.h"

/* The kind of a run that holds what was paid out against what came to the bank: settlement.h. Its day is the bank's, its inputs are the
 * movements of the runs that count, the lines of the bank that were taken in, and what its day before carries out; the day before must have
 * such a run unless nothing was ever paid out or came to the bank before. */
#define RECON_SETTLEMENT "deposits"

/* What a run is about to do. */
enum recon_step {
    RECON_STEP_READ,     /* the bills */
    RECON_STEP_SNAPSHOT, /* our books */
    RECON_STEP_MATCH,
    RECON_STEP_SAVE,
    RECON_STEP_COUNT
};

struct progress;

#define RUN_MEMORY_USUAL ((size_t)4 * 1024 * 1024 * 1024) /* of a run that is made or loaded */

struct recon_request {
    const struct adapter_account *account;
    struct span kind; /* of bill: "trade"; or RECON_SETTLEMENT */
    struct day day;
    struct wall_time as_of;
    const char *archive_dir;
    const char *program; /* version, for the record */
    const struct recon_tariff *tariffs;
    size_t tariff_count;
    int manual_backdate_days;
    size_t memory_max; /* bytes that the run may take; 0: RUN_MEMORY_USUAL */
    /* Called before each step; another error than ERR_OK ends the run, and nothing of it is left. NULL: nobody asks. */
    enum err (*step)(void *context, enum recon_step step);
    void *step_context;
    struct progress *progress; /* is told of every phase of the run; NULL: nobody watches */
};

struct recon_outcome {
    bool blocked;   /* the bill cannot be believed: nothing was published */
    bool has_flow;  /* the account's own bill of the day was at hand */
    bool edited;    /* a person brought a bill that nothing of the provider proves: FILE_EDITED */
    bool by_form;   /* by a header that two people accepted as another writing of a known one */
    bool unchanged; /* the same inputs had a run; `version` is that one */
    bool none; /* without a bill: the provider says that there is none, and we have no payment */
    bool
        next_is_stale; /* the day after took in other items than this one carries out, or another balance: to be made again */
    int64_t version;
    struct bill_file bill;      /* its faults when blocked */
    struct recon_untied untied; /* with SHEET_UNTIED */
};

/* Makes the run and, unless it is of settlement, tells the night's calendar. A day without a bill is one of zeros when the last try to get it
 * was told that there is none and the books have no payment of it; with payments it is blocked. Errors:
 * DAY_TOO_LARGE when the run needs more than memory_max; DAY_CLOSED when the day is signed and its inputs are others now: its run stands, and the calendar is told that there is nothing
 * more to do; that of `step`; BILL_NOT_READY when no bill of the day is in the archive and it was not said to be none; those of bill_store_load, the
 * database and recon_match. */
MUST_USE enum err recon_run(struct db_session *session, const struct recon_request *request,
                            struct recon_outcome *out);

/* The days of settlement to be made so that all up to a day tell what is known now. */
struct recon_settlement_plan {
    struct day first;
    struct day last;
    bool none;  /* nothing is to be made */
    bool lines; /* lines of the bank were ever taken in */
};

/* Each day of it is made by recon_run, in their order. Errors: those of db_session_run, DB_ROWS. */
MUST_USE enum err recon_settlement_plan(struct db_session *session,
                                        const struct adapter_account *account, struct day day,
                                        struct recon_settlement_plan *out);

/* Writes down, and tells the webhooks, that a day is blocked since its bill did not come: `finding` says what
 * stands in the way. Once for each finding; the calendar is left as it is. Errors: those of the
 * database. */
MUST_USE enum err recon_missing(struct db_session *session, const struct recon_request *request,
                                enum finding finding);

#endif
