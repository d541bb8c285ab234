/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_SETTLEMENT_REPEAT_H
#define TALLYGATE_TESTS_DB_SUPPORT_SETTLEMENT_REPEAT_H

/* A day of settlement made once more from its files alone. */
#include "folders.h"
#include "pack_export.h"
#include "pack_repeat.h"
#include "report.h"
#include "report_kept.h"
#include "settlement_house.h"

static inline void
settlement_path(char out[128], const char *what, int mday)
{
    (void)snprintf(out, 128, "%s/%s%02d", dir, what, mday);
}

static inline enum err
settlement_export(const char *folder, int mday)
{
    int64_t version = 0;
    const struct pack_export run = { .archive_dir = dir,
                                     .account = SPAN_LIT("main"),
                                     .day = { 2026, 11, mday },
                                     .of_settlement = true };
    return pack_export(database.session, &run, folder, &version);
}

static inline void
settlement_expect_same_papers(const struct report *left, const struct report *right, int mday)
{
    char online[128];
    char offline[128];
    DEFER(buf_fini) struct buf here = BUF_MAX(REPORT_PATH_MAX);
    DEFER(buf_fini) struct buf there = BUF_MAX(REPORT_PATH_MAX);
    const char *a = NULL;
    const char *b = NULL;
    settlement_path(online, "online", mday);
    settlement_path(offline, "offline", mday);
    CHECK_OK(report_write(left, online, &here));
    CHECK_OK(report_write(right, offline, &there));
    CHECK_OK(buf_cstr(&here, &a));
    CHECK_OK(buf_cstr(&there, &b));
    cr_expect_eq(folders_compare(a, b), 10);
}

/* Exports the run that counts, repeats it from there, and prints both. */
static inline void
settlement_repeat(int mday)
{
    char pack[128];
    struct report report;
    struct pack_repeat again;
    DEFER(arena_free) struct arena *arena = NULL;
    CHECK_OK(arena_new((size_t)256 * 1024 * 1024, &arena));
    settlement_path(pack, "pack", mday);
    CHECK_OK(settlement_export(pack, mday));
    enum err err = pack_repeat(pack, arena, NULL, &again);
    cr_assert_eq(err, ERR_OK, "%s: %s %lld %s", err_name(err), again.where.file,
                 (long long)again.where.record, again.where.column);
    cr_expect(again.believed && again.same_input && again.same_result);
    cr_expect_eq(again.changed_count, 0);
    CHECK_OK(report_load_settlement(database.session, SPAN_LIT("main"),
                                    (struct day){ 2026, 11, mday }, 0, arena, &report));
    CHECK_OK(report_kept_load(database.session, dir, arena, &report));
    settlement_expect_same_papers(&report, &again.report, mday);
}

#endif
