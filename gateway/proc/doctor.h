/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_DOCTOR_H
#define TALLYGATE_PROC_DOCTOR_H

/* The judgements of `tallygate doctor`: from what was found to ok, warn or fail, and one line that says so
 * and what to do next. Pure; who looks is gateway/proc/cli/rounds.c. */

#include "account.h"
#include "json.h"
#include "rehearsal.h"

#define DOCTOR_ENDS_SOON_S (INT64_C(30) * 86400)
#define DOCTOR_SKEW_WARN_S INT64_C(60)
#define DOCTOR_SKEW_FAIL_S INT64_C(240) /* the providers refuse at 300 */
#define DOCTOR_WORDS_MAX   320

enum doctor_check {
#define CHECK(name, zh, en, advice_zh, advice_en) DOCTOR_##name,
#include "doctor.def"
#undef CHECK
    DOCTOR_CHECK_COUNT
};

enum doctor_level { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct doctor_finding {
    enum doctor_check check;
    enum doctor_level level;
    const char *of; /* the account, or "" */
    char zh[DOCTOR_WORDS_MAX];
    char en[DOCTOR_WORDS_MAX];
};

/* A finding in words of the caller's; both formats take the same arguments. */
void doctor_find(struct doctor_finding *out, enum doctor_check check, const char *of,
                 enum doctor_level level, const char *zh, const char *en, ...)
    __attribute__((format(printf, 5, 7), format(printf, 6, 7)));

/* Something that ends: 0 has no end. */
void doctor_judge_end(struct doctor_finding *out, enum doctor_check check, const char *of,
                      struct wall_time end, struct wall_time now);

/* The provider's keys of an account: what counts now, until the last of it ends. */
void doctor_judge_keys(struct doctor_finding *out, const struct adapter_account *account,
                       struct wall_time now);

/* What the harmless query said of both sides' keys. */
void doctor_judge_rehearsal(struct doctor_finding *out, const char *of, enum rehearsal rehearsal,
                            const char *code, enum err err);

/* How far our clock is ahead of the provider's (behind: below zero), at least: `date` has whole seconds
 * and was written between the other two. */
int64_t doctor_skew_s(struct wall_time asked_at, struct wall_time heard_at, struct wall_time date);
void doctor_judge_skew(struct doctor_finding *out, const char *of, int64_t skew_s);

/* Things that wait: how many, and since when the oldest does. */
struct doctor_waiting {
    int64_t count;
    struct wall_time oldest;
    int64_t warn_s; /* older than this */
    int64_t fail_s; /* 0: never fails */
};
void doctor_judge_waiting(struct doctor_finding *out, enum doctor_check check,
                          const struct doctor_waiting *waiting, struct wall_time now);

/* The newest day whose bill is known, and the first that had a payment; year 0: none. `give_up_hour` of the
 * following day (China) is when a day's bill is missing. */
void doctor_judge_bill(struct doctor_finding *out, const char *of, struct day newest,
                       struct day first_paid, int give_up_hour, struct wall_time now);

/* Bills that came for signed days and are told by no signed day yet, and the oldest of those days; year 0: none. */
void doctor_judge_reissued(struct doctor_finding *out, int64_t bills, struct day oldest);

/* Runs that count and have files that are larger than a file may be, and the oldest of their days; year 0: none. */
void doctor_judge_reports(struct doctor_finding *out, int64_t runs, struct day oldest);

/* The night's calendar: days without a bill at their give-up hour, days that are blocked, and the oldest of
 * them; year 0: none. */
void doctor_judge_night(struct doctor_finding *out, int64_t late, int64_t blocked,
                        struct day oldest);

/* Days that were made without the bill of the account's movements, which is still asked for, and the oldest of them; year 0: none. */
void doctor_judge_balances(struct doctor_finding *out, int64_t days, struct day oldest);

/* The trail: `whole` when no checkpoint is missing and the newest one's events are there with its hashes. */
struct doctor_trail {
    bool has_key;
    int64_t number; /* of the newest checkpoint; 0: none */
    bool whole;
    struct wall_time unsealed_since; /* the oldest event that no checkpoint names; 0: none */
    int64_t seal_every_s;
};
void doctor_judge_trail(struct doctor_finding *out, const struct doctor_trail *trail,
                        struct wall_time now);

/* The journal of signed refunds: what a look at it ended with, and how many records it holds. */
void doctor_judge_journal(struct doctor_finding *out, const char *path, enum err err,
                          int64_t count);

/* "ok    clock [main]: …" or "warn  clock [main]: … - what to do", with its line's end. */
MUST_USE enum err doctor_encode(const struct doctor_finding *finding, enum language language,
                                struct buf *out);

/* The same as an object at the end of a list, in both languages: check, of, level, zh, en and, unless all is well,
 * advice_zh and advice_en. */
MUST_USE enum err doctor_put(const struct doctor_finding *finding, struct json_t *list);

#endif
