/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_refunds.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "keys_journal.h"

#define YUAN   100
#define HOUR   INT64_C(3600000)
#define DAY_MS (24 * HOUR)

#define RECORD KEYS_JOURNAL_RECORD_BYTES

static struct keys_refunds *refunds;
static struct adapter_account account;
static char folder[] = "/tmp/keys_refunds_XXXXXX";
static char path[64];
static bool disk_fails;
/* 2026-03-10 10:00 in China. */
static const struct wall_time morning = { .us = INT64_C(1773108000000000) };

/* In the place of the C library's. */
int
fdatasync(int fd)
{
    errno = EIO;
    return disk_fails ? -1 : fsync(fd);
}

/* What is wrong with the journal. */
static enum err
begin(struct keys_refunds **out)
{
    enum err trouble = ERR_OK;
    CHECK_OK(keys_refunds_new(path, true, out, &trouble));
    return trouble;
}

/* The process is started anew. */
static enum err
again(void)
{
    keys_refunds_free(&refunds);
    return begin(&refunds);
}

static void
start(void)
{
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/journal", folder);
    CHECK_OK(begin(&refunds));
    account = (struct adapter_account){
        .name = "main",
        .amount_max = { .minor = 500 * YUAN, .currency = CURRENCY_CNY },
        .refund_daily_max = { .minor = 1000 * YUAN, .currency = CURRENCY_CNY },
    };
}

static void
finish(void)
{
    keys_refunds_free(&refunds);
    (void)unlink(path);
    (void)rmdir(path);
    (void)rmdir(folder);
}

TestSuite(keys_refunds, .init = start, .fini = finish);

static enum err
ask(enum adapter_operation operation, const char *number, int64_t fen, struct wall_time now)
{
    const struct adapter_sign_facts facts = {
        .operation = operation,
        .merchant_order_no = SPAN("T1"),
        .refund_no = span_of(number),
        .amount = { .minor = fen, .currency = fen == 0 ? CURRENCY_NONE : CURRENCY_CNY },
    };
    return keys_refunds_judge(refunds, &account, &facts, now);
}

static enum err
refund(const char *number, int64_t fen)
{
    return ask(ADAPTER_REFUND, number, fen, morning);
}

Test(keys_refunds, no_more_than_the_limit_goes_back_in_a_day)
{
    CHECK_OK(refund("R1", 600 * YUAN));
    CHECK_ERR(refund("R2", 400 * YUAN + 1), ERR_KEYS_REFUND_DAY);
    CHECK_OK(refund("R3", 400 * YUAN));
    CHECK_ERR(refund("R4", 1), ERR_KEYS_REFUND_DAY);
}

Test(keys_refunds, a_repeat_under_the_same_number_counts_once)
{
    for (int i = 0; i < 5; i++) {
        CHECK_OK(refund("R1", 900 * YUAN));
    }
    CHECK_OK(refund("R2", 100 * YUAN));
    CHECK_OK(refund("R1", 900 * YUAN));
}

Test(keys_refunds, a_number_has_one_amount)
{
    CHECK_OK(refund("R1", 1 * YUAN));
    CHECK_ERR(refund("R1", 2 * YUAN), ERR_KEYS_POLICY);
    CHECK_ERR(refund("R1", 1 * YUAN - 1), ERR_KEYS_POLICY);
}

Test(keys_refunds, the_day_is_chinas_and_only_goes_on)
{
    CHECK_OK(refund("R1", 1000 * YUAN));
    struct wall_time midnight = wall_add_ms(morning, 14 * HOUR);
    CHECK_ERR(ask(ADAPTER_REFUND, "R2", 1, wall_add_ms(midnight, -1)), ERR_KEYS_REFUND_DAY);
    CHECK_OK(ask(ADAPTER_REFUND, "R2", 1000 * YUAN, midnight));
    /* A clock that is set back frees nothing. */
    CHECK_ERR(ask(ADAPTER_REFUND, "R3", 1, morning), ERR_KEYS_REFUND_DAY);
    CHECK_ERR(ask(ADAPTER_REFUND, "R3", 1, wall_add_ms(morning, -DAY_MS)), ERR_KEYS_REFUND_DAY);
}

Test(keys_refunds, a_cancel_counts_as_what_it_may_give_back)
{
    CHECK_OK(ask(ADAPTER_CANCEL, "", 0, morning));
    CHECK_OK(refund("R1", 500 * YUAN));
    CHECK_ERR(refund("R2", 1), ERR_KEYS_REFUND_DAY);
    CHECK_OK(ask(ADAPTER_CANCEL, "", 0, morning));
}

Test(keys_refunds, what_gives_nothing_back_is_not_counted)
{
    account.refund_daily_max.minor = 0;
    CHECK_OK(ask(ADAPTER_PAY, "", 100, morning));
    CHECK_OK(ask(ADAPTER_REFUND_QUERY, "R1", 0, morning));
    CHECK_ERR(refund("R1", 1), ERR_KEYS_REFUND_DAY);
}

Test(keys_refunds, the_table_ends_and_then_nothing_goes_back)
{
    account.refund_daily_max.minor = INT64_C(1000000000);
    char number[32];
    for (int i = 0; i < KEYS_REFUNDS_MAX; i++) {
        (void)snprintf(number, sizeof(number), "R%d", i);
        cr_assert_eq(refund(number, 1), ERR_OK, "%d", i);
    }
    CHECK_ERR(refund("one more", 1), ERR_KEYS_REFUND_DAY);
    CHECK_OK(refund("R0", 1));
}

static off_t
size_of_file(void)
{
    struct stat found;
    cr_assert_eq(stat(path, &found), 0);
    return found.st_size;
}

static void
write_at(off_t at, const void *bytes, size_t count)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    cr_assert_eq(pwrite(fd, bytes, count, at), (ssize_t)count);
    (void)close(fd);
}

static unsigned char
byte_at(off_t at)
{
    unsigned char byte = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert_eq(pread(fd, &byte, 1, at), 1);
    (void)close(fd);
    return byte;
}

/* Nothing goes back, and whoever looks sees why. */
static void
expect_stopped(enum err err)
{
    int64_t count = 0;
    CHECK_ERR(again(), err);
    CHECK_ERR(refund("R9", 1), err);
    CHECK_ERR(refund("R1", 600 * YUAN), err); /* nor what was signed before */
    CHECK_OK(ask(ADAPTER_PAY, "", 100, morning));
    CHECK_ERR(keys_journal_check(path, &count), err);
}

Test(keys_refunds, the_count_outlives_the_process)
{
    CHECK_OK(refund("R1", 600 * YUAN));
    CHECK_OK(again());
    CHECK_ERR(refund("R2", 400 * YUAN + 1), ERR_KEYS_REFUND_DAY);
    CHECK_ERR(refund("R1", 600 * YUAN + 1), ERR_KEYS_POLICY);
    CHECK_OK(refund("R1", 600 * YUAN));
    CHECK_OK(refund("R2", 400 * YUAN));
    CHECK_OK(again());
    CHECK_ERR(refund("R3", 1), ERR_KEYS_REFUND_DAY);
    cr_expect_eq(size_of_file(), 2 * RECORD);
}

Test(keys_refunds, each_account_has_a_count_of_its_own)
{
    CHECK_OK(refund("R1", 1000 * YUAN));
    account.name = "other";
    CHECK_OK(refund("R1", 900 * YUAN));
    CHECK_OK(again());
    CHECK_ERR(refund("R2", 100 * YUAN + 1), ERR_KEYS_REFUND_DAY);
    CHECK_OK(refund("R2", 100 * YUAN));
}

Test(keys_refunds, the_journal_begins_anew_with_the_day)
{
    CHECK_OK(refund("R1", 600 * YUAN));
    CHECK_OK(refund("R2", 400 * YUAN));
    struct wall_time midnight = wall_add_ms(morning, 14 * HOUR);
    CHECK_OK(ask(ADAPTER_REFUND, "R3", 700 * YUAN, midnight));
    cr_expect_eq(size_of_file(), RECORD);
    CHECK_OK(again());
    CHECK_ERR(ask(ADAPTER_REFUND, "R4", 300 * YUAN + 1, midnight), ERR_KEYS_REFUND_DAY);
    CHECK_ERR(ask(ADAPTER_REFUND, "R4", 300 * YUAN + 1, morning), ERR_KEYS_REFUND_DAY);
}

Test(keys_refunds, two_processes_count_together_while_one_replaces_the_other)
{
    struct keys_refunds *mine = refunds;
    CHECK_OK(refund("R1", 600 * YUAN));
    CHECK_OK(begin(&refunds));
    CHECK_OK(refund("R2", 300 * YUAN));
    struct keys_refunds *next = refunds;
    refunds = mine;
    CHECK_ERR(refund("R3", 100 * YUAN + 1), ERR_KEYS_REFUND_DAY);
    keys_refunds_free(&refunds);
    refunds = next;
    CHECK_OK(refund("R3", 100 * YUAN));
}

/* The day turns for one of them, which writes fewer, as many or more records than the other has read. */
Test(keys_refunds, a_day_that_turned_in_one_process_is_seen_by_the_other)
{
    struct wall_time midnight = wall_add_ms(morning, 14 * HOUR);
    for (int records = 1; records <= 3; records++) {
        struct keys_refunds *other = NULL;
        midnight = wall_add_ms(midnight, 2 * DAY_MS);
        struct wall_time before = wall_add_ms(midnight, -1);
        CHECK_OK(ask(ADAPTER_REFUND, "A1", 100 * YUAN, before));
        CHECK_OK(ask(ADAPTER_REFUND, "A2", 100 * YUAN, before));
        CHECK_OK(begin(&other));
        struct keys_refunds *mine = refunds;
        refunds = other;
        for (int i = 0; i < records; i++) {
            char number[32];
            (void)snprintf(number, sizeof(number), "B%d", i);
            CHECK_OK(ask(ADAPTER_REFUND, number, 200 * YUAN, midnight));
        }
        keys_refunds_free(&refunds);
        refunds = mine;
        int64_t left = (1000 - 200 * (int64_t)records) * YUAN;
        cr_expect_eq(ask(ADAPTER_REFUND, "C", left + 1, midnight), ERR_KEYS_REFUND_DAY, "%d",
                     records);
        cr_expect_eq(ask(ADAPTER_REFUND, "C", left, midnight), ERR_OK, "%d", records);
    }
}

Test(keys_refunds, what_a_crash_left_half_written_was_never_given_out)
{
    static const unsigned char half[RECORD] = "TGRJ and no digest";
    CHECK_OK(refund("R1", 600 * YUAN));
    for (size_t bytes = 1; bytes <= RECORD; bytes++) {
        write_at(RECORD, half, bytes);
        CHECK_OK(again());
        CHECK_ERR(refund("R2", 400 * YUAN + 1), ERR_KEYS_REFUND_DAY);
        cr_assert_eq(truncate(path, RECORD), 0);
    }
    write_at(RECORD, half, RECORD - 1);
    CHECK_OK(again());
    CHECK_OK(refund("R2", 300 * YUAN));
    cr_expect_eq(size_of_file(), 2 * RECORD);
    CHECK_OK(again());
    CHECK_ERR(refund("R3", 100 * YUAN + 1), ERR_KEYS_REFUND_DAY);
}

Test(keys_refunds, a_byte_that_changed_anywhere_stops_every_refund)
{
    CHECK_OK(refund("R1", 600 * YUAN));
    CHECK_OK(refund("R2", 100 * YUAN));
    for (off_t at = 0; at < 2 * RECORD; at++) {
        unsigned char byte = byte_at(at);
        unsigned char other = (unsigned char)(byte ^ 0x10);
        write_at(at, &other, 1);
        expect_stopped(ERR_KEYS_JOURNAL_BROKEN);
        write_at(at, &byte, 1);
    }
    CHECK_OK(again());
    CHECK_OK(refund("R3", 300 * YUAN));
}

Test(keys_refunds, a_record_that_is_missing_stops_every_refund)
{
    CHECK_OK(refund("R1", 600 * YUAN));
    CHECK_OK(refund("R2", 100 * YUAN));
    unsigned char second[RECORD];
    for (off_t i = 0; i < RECORD; i++) {
        second[i] = byte_at(RECORD + i);
    }
    write_at(0, second, RECORD);
    cr_assert_eq(truncate(path, RECORD), 0);
    expect_stopped(ERR_KEYS_JOURNAL_BROKEN);
}

Test(keys_refunds, damage_stops_the_running_process_too_until_somebody_decides)
{
    CHECK_OK(refund("R1", 600 * YUAN));
    unsigned char byte = (unsigned char)(byte_at(9) ^ 1);
    write_at(9, &byte, 1);
    write_at(RECORD,
             "not a record, and longer than one is, so that no crash can have left it. "
             "It goes on and on and on, until there is more of it than fits into one.",
             RECORD);
    CHECK_ERR(refund("R2", 1), ERR_KEYS_JOURNAL_BROKEN);
    cr_assert_eq(unlink(path), 0); /* the operator has compared, and moves it away */
    CHECK_ERR(refund("R2", 1), ERR_KEYS_JOURNAL_BROKEN);
    CHECK_OK(again());
    CHECK_OK(refund("R2", 1000 * YUAN));
}

Test(keys_refunds, a_full_disk_signs_nothing_and_is_over_when_there_is_room)
{
    struct rlimit before;
    (void)signal(SIGXFSZ, SIG_IGN);
    CHECK_OK(refund("R1", 600 * YUAN));
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t room = 0; room < RECORD; room += 41) {
        struct rlimit full = { .rlim_cur = RECORD + room, .rlim_max = before.rlim_max };
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
        CHECK_ERR(refund("R2", 400 * YUAN), ERR_KEYS_JOURNAL);
        CHECK_OK(refund("R1", 600 * YUAN));
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
        CHECK_OK(again());
    }
    CHECK_OK(refund("R3", 300 * YUAN));
    CHECK_OK(again());
    CHECK_ERR(refund("R2", 100 * YUAN + 1), ERR_KEYS_REFUND_DAY);
}

/* A second try would succeed without anything on the disk, so there is none. */
Test(keys_refunds, a_disk_that_did_not_keep_it_signs_nothing_more)
{
    CHECK_OK(refund("R1", 600 * YUAN));
    disk_fails = true;
    CHECK_ERR(refund("R2", 1), ERR_KEYS_JOURNAL);
    disk_fails = false;
    CHECK_ERR(refund("R2", 1), ERR_KEYS_JOURNAL);
    CHECK_OK(again());
    CHECK_OK(refund("R2", 1));
}

Test(keys_refunds, a_file_that_others_may_touch_is_none)
{
    char other[80];
    CHECK_OK(refund("R1", 600 * YUAN));
    static const mode_t modes[] = { 0640, 0604, 0620, 0602 };
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        cr_assert_eq(chmod(path, modes[i]), 0);
        expect_stopped(ERR_KEYS_JOURNAL_FOREIGN);
    }
    cr_assert_eq(chmod(path, 0600), 0);
    (void)snprintf(other, sizeof(other), "%s.other", path);
    cr_assert_eq(link(path, other), 0);
    expect_stopped(ERR_KEYS_JOURNAL_FOREIGN);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(symlink(other, path), 0);
    expect_stopped(ERR_KEYS_JOURNAL_FOREIGN);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(mkdir(path, 0700), 0);
    expect_stopped(ERR_KEYS_JOURNAL_FOREIGN);
    cr_assert_eq(rmdir(path), 0);
    cr_assert_eq(rename(other, path), 0);
    if (geteuid() == 0) {
        cr_assert_eq(chown(path, 1, 0), 0);
        expect_stopped(ERR_KEYS_JOURNAL_FOREIGN);
        cr_assert_eq(chown(path, 0, 0), 0);
    }
    CHECK_OK(again());
    CHECK_OK(refund("R2", 400 * YUAN));
}

Test(keys_refunds, a_file_that_cannot_be_made_stops_refunds_and_nothing_else)
{
    int64_t count = -1;
    keys_refunds_free(&refunds);
    cr_assert_eq(unlink(path), 0);
    CHECK_OK(keys_journal_check(path, &count));
    cr_expect_eq(count, 0);
    enum err trouble = ERR_OK;
    CHECK_OK(
        keys_refunds_new(path, false, &refunds, &trouble)); /* nobody but the service makes it */
    CHECK_ERR(trouble, ERR_KEYS_JOURNAL);
    cr_expect_eq(access(path, F_OK), -1);
    CHECK_ERR(refund("R1", 1), ERR_KEYS_JOURNAL);
    CHECK_OK(ask(ADAPTER_PAY, "", 100, morning));
    keys_refunds_free(&refunds);
    CHECK_OK(keys_refunds_new("/nowhere/journal", true, &refunds, &trouble));
    CHECK_ERR(trouble, ERR_KEYS_JOURNAL);
}
