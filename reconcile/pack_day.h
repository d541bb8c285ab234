/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_PACK_DAY_H
#define TALLYGATE_RECONCILE_PACK_DAY_H

/* day.json: what a run took from the configuration and from other days, which files it read, and what it came to. Of a run of settlement
 * there is no more than it takes: account, provider, settle_days and the lists. Pure. */

#include "bill_form.h"
#include "pack.h"
#include "run.h"
#include "trend.h"

#define PACK_DAY_FILE      "day.json"
#define PACK_DAY_MAX_BYTES ((size_t)1024 * 1024)

struct pack_day {
    int64_t rules;                /* RUN_RULES_VERSION of whoever made the run */
    struct recon_request request; /* without the archive */
    int64_t form;                 /* of its papers, no input: report.h */
    int64_t version;              /* of the run */
    struct span closed_days;      /* as in recon_input */
    struct span late_bills;       /* that came for signed days: "day sha256", parted by commas */
    int64_t rounded_fen;          /* fee_rounding_before_fen of recon_input */
    bool before_known;            /* what the account closed with on the day before */
    int64_t before_fen;
    bool edited;             /* a bill that a person brought and nothing of the provider proves */
    struct bill_forms forms; /* accepted headers; written are those that were used */
    const struct trend_day *trend; /* no input: what the report shows of the days before */
    size_t trend_count;
    struct span bill_sha256; /* these are hexadecimal; empty when there was no such bill */
    struct span flow_sha256;
    struct span list_sha256
        [PACK_EVERY_COUNT]; /* empty where pack_list_may_lack lets there be no such file, and of the other kind of run */
    struct span input_hash; /* what the run is known by */
    struct span result_hash;
};

/* The lists of a run of that kind of bill, as enum pack_list: from the first to before the end. */
int pack_day_first_list(struct span kind);
int pack_day_end_list(struct span kind);

/* The form of the papers in a day.json; 0 in one of before it was kept. Errors: those of json_get_i64, FIELD_VALUE for a negative one. */
MUST_USE enum err pack_day_form(const struct json_t *day, int64_t *out);

/* Errors: BUF_FULL, NO_MEMORY, ENCODING. */
MUST_USE enum err pack_day_write(const struct pack_day *day, struct buf *out);

/* Everything lives in `arena`. Of the account there is what the run needs. Errors: those of json_parse and its getters;
 * PROVIDER_UNKNOWN, FIELD_VALUE, FIELD_LENGTH for more contracts or tariffs than there can be, TIME; `member` (a name, or "") tells
 * where. */
MUST_USE enum err pack_day_read(struct span bytes, struct arena *arena, struct pack_day *out,
                                const char **member);

#endif
