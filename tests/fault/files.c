/* SPDX-License-Identifier: Apache-2.0 */
/* Files when the disk is full or cannot be read at any step: whole or not there, and there after a repeat. */
#include <ftw.h>
#include <string.h>

#include "../recon/report_day.h"
#include "bill_store.h"
#include "config.h"
#include "folder.h"
#include "nth.h"
#include "report.h"

#define REPORT_FILES 18 /* nine in each language */
#define BILL         SPAN_LIT("a bill of some lines")

static char dir[64];
static size_t files;

/* What the fault is tried on, and no more. */
static void
disarm(void)
{
    nth_armed = NTH_NONE;
}

/* Without memory libcrypto says no more than that it failed. */
static bool
is_want_of_memory(enum err err)
{
    return err == ERR_NO_MEMORY || err == ERR_CRYPTO;
}

static void
folder_make(void)
{
    (void)snprintf(dir, sizeof(dir), "/tmp/tallygate-fault-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
}

static int
count_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)path;
    (void)about;
    (void)place;
    files += kind == FTW_F ? 1 : 0;
    return 0;
}

static size_t
folder_files(void)
{
    files = 0;
    cr_assert_eq(nftw(dir, count_one, 8, FTW_PHYS), 0);
    return files;
}

static void
folder_remove(void)
{
    cr_assert_eq(folder_drop(dir), 0);
}

/* Nothing, or the whole bill: the very last step fails when it has its name already. */
static void
expect_whole_or_none(const char *name)
{
    DEFER(buf_fini) struct buf kept = BUF_MAX(1024);
    size_t there = folder_files();
    cr_expect_leq(there, 1, "something is left over");
    if (there == 1) {
        CHECK_OK(bill_store_load(dir, span_of(name), &kept));
        cr_expect(span_eq(buf_span(&kept), BILL));
    }
}

static enum err
keep_bill(struct buf *out)
{
    /* The same words by another program: printf 'a bill of some lines' | sha256sum */
    static const char want[] = "34f1ce6f9ee11ea29c8e3dae4ad673c29ad09c5ebd31c42767bb0ad0c0d08694";
    char name[BILL_STORE_NAME_BYTES] = "untouched";
    bool known = false;
    enum nth_kind kind = nth_armed;
    folder_make();
    enum err err = bill_store_put(dir, BILL, name, &known);
    disarm();
    if (err != ERR_OK) {
        cr_expect_str_eq(name, "untouched");
        cr_expect(kind == NTH_WRITE ? err == ERR_FILE_WRITE : is_want_of_memory(err), "%s",
                  err_name(err));
        expect_whole_or_none(want);
        CHECK_OK(bill_store_put(dir, BILL, name, &known));
    }
    cr_expect_str_eq(name, want);
    cr_expect_eq(folder_files(), 1);
    expect_whole_or_none(want);
    folder_remove();
    return err == ERR_OK ? buf_text(out, name) : err;
}

Test(files, a_bill_is_kept_whole_or_not_at_all)
{
    nth_sweep("bill", NTH_WRITE, keep_bill, ERR_CLASS_NONE, 5);
    nth_sweep("bill", NTH_ALLOCATION, keep_bill, ERR_CLASS_NONE, 2);
}

static char stored[BILL_STORE_NAME_BYTES];

static enum err
load_bill(struct buf *out)
{
    enum nth_kind kind = nth_armed;
    enum err err = bill_store_load(dir, span_of(stored), out);
    cr_expect(err == ERR_OK || (kind == NTH_READ ? err == ERR_FILE_READ : is_want_of_memory(err)),
              "%s", err_name(err));
    return err;
}

/* Bytes that could not be read are not called damaged. */
Test(files, a_bill_that_cannot_be_read_is_not_called_damaged)
{
    bool known = false;
    folder_make();
    CHECK_OK(bill_store_put(dir, BILL, stored, &known));
    nth_sweep("load", NTH_READ, load_bill, ERR_CLASS_FATAL, 1);
    nth_sweep("load", NTH_ALLOCATION, load_bill, ERR_CLASS_NONE, 2);
    folder_remove();
}

static enum err
keep_again(struct buf *out)
{
    char name[BILL_STORE_NAME_BYTES] = "untouched";
    bool known = false;
    enum nth_kind kind = nth_armed;
    enum err err = bill_store_put(dir, BILL, name, &known);
    cr_expect(err == ERR_OK || (kind == NTH_READ ? err == ERR_FILE_READ : is_want_of_memory(err)),
              "%s", err_name(err));
    TRY(err);
    cr_expect(known);
    return buf_text(out, name);
}

Test(files, a_bill_that_is_there_is_compared_or_the_trouble_is_told)
{
    bool known = false;
    folder_make();
    CHECK_OK(bill_store_put(dir, BILL, stored, &known));
    nth_sweep("again", NTH_READ, keep_again, ERR_CLASS_FATAL, 1);
    nth_sweep("again", NTH_ALLOCATION, keep_again, ERR_CLASS_NONE, 3);
    cr_expect_eq(folder_files(), 1);
    folder_remove();
}

static enum err
load_settings(struct buf *out)
{
    DEFER(config_free) struct config *config = NULL;
    struct config_fault fault = { 0 };
    char path[96];
    enum nth_kind kind = nth_armed;
    (void)snprintf(path, sizeof(path), "%s/tallygate.conf", dir);
    enum err err = config_load(path, &config, &fault);
    cr_expect(err == ERR_OK
                  || (kind == NTH_READ ? err == ERR_FILE_READ
                                       : err == ERR_NO_MEMORY || err == ERR_FILE_OPEN),
              "%s", err_name(err));
    TRY(err);
    return buf_printf(out, "%s %lld", config_name(config, CONFIG_SECTION_tariff, 0),
                      (long long)config_int(config, CONFIG_tariff_unit_fee, 0));
}

Test(files, settings_that_cannot_be_read_whole_are_none)
{
    static const char text[] = "[server]\nmode = development\nrun_dir = run\n"
                               "[database]\nconninfo = dbname=tallygate\n"
                               "[portal]\nreturn_hosts = portal.example.cn\n"
                               "[archive]\ndir = bills\nreports_dir = reports\n"
                               "[tariff new]\nunit_fee = 280.00\n";
    char path[96];
    folder_make();
    (void)snprintf(path, sizeof(path), "%s/tallygate.conf", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    cr_assert_eq(write(fd, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
    (void)close(fd);
    nth_sweep("settings", NTH_READ, load_settings, ERR_CLASS_FATAL, 1);
    nth_sweep("settings", NTH_ALLOCATION, load_settings, ERR_CLASS_NONE, 5);
    folder_remove();
}

/* The folder of a version has all of its files, or is not there. */
static enum err
write_report(struct buf *out)
{
    DEFER(buf_fini) struct buf where = BUF_MAX(256);
    struct report report = report_day();
    folder_make();
    enum err err = report_write(&report, dir, &where);
    disarm();
    if (err != ERR_OK) {
        size_t there = folder_files();
        cr_expect(there == 0 || there == REPORT_FILES, "%zu files are left after %s", there,
                  err_name(err));
        buf_reset(&where);
        CHECK_OK(report_write(&report, dir, &where));
    }
    cr_expect_eq(folder_files(), REPORT_FILES);
    cr_expect(span_starts(buf_span(&where), span_of(dir)));
    struct span name = span_sub(buf_span(&where), strlen(dir), where.len);
    folder_remove();
    return err == ERR_OK ? buf_append(out, name) : err;
}

Test(files, a_report_is_printed_whole_or_not_at_all, .timeout = 200)
{
    nth_sweep("report", NTH_WRITE, write_report, ERR_CLASS_NONE, 10);
}

static enum err
print_report(struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX((size_t)512 * 1024);
    struct report report = report_day();
    TRY(report_sheet(&report, LANGUAGE_ZH, &text));
    TRY(report_csv(&report, REPORT_RESULTS, LANGUAGE_ZH, &text));
    return buf_append(out, buf_span(&text));
}

Test(files, a_report_without_memory_is_none)
{
    nth_sweep("print", NTH_ALLOCATION, print_report, ERR_CLASS_RETRY, 5);
}
