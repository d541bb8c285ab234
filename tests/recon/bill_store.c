/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "check.h"

/* sha256("abc"), FIPS 180-4 example. */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static char dir[] = "/tmp/bill_store_XXXXXX";

static void
make_dir(void)
{
    cr_assert_not_null(mkdtemp(dir));
}

static void
remove_dir(void)
{
    char path[300];
    (void)snprintf(path, sizeof(path), "%s/ba/78/" ABC, dir);
    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s/ba/78", dir);
    (void)rmdir(path);
    (void)snprintf(path, sizeof(path), "%s/ba", dir);
    (void)rmdir(path);
    cr_expect_eq(rmdir(dir), 0, "something else was left behind");
}

TestSuite(bill_store, .init = make_dir, .fini = remove_dir);

Test(bill_store, what_is_not_there_or_no_name_is_refused)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(1024);
    CHECK_ERR(bill_store_load(dir, SPAN_LIT(ABC), &out), ERR_FILE_OPEN);
    CHECK_ERR(bill_store_load(dir, SPAN_LIT("../../etc/passwd"), &out), ERR_HEX);
    CHECK_ERR(bill_store_load(dir, SPAN_LIT("ba"), &out), ERR_HEX);
    int fd = -7;
    size_t size = 7;
    CHECK_ERR(bill_store_open(dir, SPAN_LIT(ABC), &fd, &size), ERR_FILE_OPEN);
    CHECK_ERR(bill_store_open(dir, SPAN_LIT("../../etc/passwd"), &fd, &size), ERR_HEX);
    cr_expect(fd == -7 && size == 7);
    cr_expect_eq(out.len, 0);
}

Test(bill_store, a_place_that_cannot_be_written_is_refused)
{
    char name[BILL_STORE_NAME_BYTES] = "untouched";
    bool known = false;
    CHECK_ERR(bill_store_put("/dev/null/archive", SPAN_LIT("abc"), name, &known), ERR_FILE_WRITE);
    cr_expect_str_eq(name, "untouched");
}

Test(bill_store, content_comes_back_by_its_hash)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(3);
    char name[BILL_STORE_NAME_BYTES];
    bool known = true;
    CHECK_OK(bill_store_put(dir, SPAN_LIT("abc"), name, &known));
    cr_expect_not(known);
    cr_expect_str_eq(name, ABC);
    CHECK_OK(bill_store_load(dir, span_of(name), &out));
    CHECK_TEXT(buf_span(&out), "abc");
    char bytes[4] = { 0 };
    int fd = -1;
    size_t size = 0;
    CHECK_OK(bill_store_open(dir, SPAN_LIT(ABC), &fd, &size));
    cr_expect_eq(size, 3);
    cr_expect_eq(read(fd, bytes, sizeof(bytes)), 3);
    cr_expect_str_eq(bytes, "abc");
    (void)close(fd);
}

Test(bill_store, the_same_content_is_known_the_second_time)
{
    char name[BILL_STORE_NAME_BYTES];
    bool known = true;
    CHECK_OK(bill_store_put(dir, SPAN_LIT("abc"), name, &known));
    CHECK_OK(bill_store_put(dir, SPAN_LIT("abc"), name, &known));
    cr_expect(known);
}

Test(bill_store, changed_content_is_noticed)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(1024);
    char name[BILL_STORE_NAME_BYTES];
    char path[300];
    bool known = false;
    CHECK_OK(bill_store_put(dir, SPAN_LIT("abc"), name, &known));
    (void)snprintf(path, sizeof(path), "%s/ba/78/" ABC, dir);
    cr_assert_eq(chmod(path, 0600), 0);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_geq(fputs("abd", file), 0);
    cr_assert_eq(fclose(file), 0);
    CHECK_ERR(bill_store_load(dir, SPAN_LIT(ABC), &out), ERR_ARCHIVE_DAMAGED);
    cr_expect_eq(out.len, 0);
    CHECK_ERR(bill_store_put(dir, SPAN_LIT("abc"), name, &known), ERR_ARCHIVE_DAMAGED);
}

Test(bill_store, a_reader_with_less_room_gets_nothing)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(2);
    char name[BILL_STORE_NAME_BYTES];
    bool known = false;
    CHECK_OK(bill_store_put(dir, SPAN_LIT("abc"), name, &known));
    CHECK_ERR(bill_store_load(dir, SPAN_LIT(ABC), &out), ERR_BUF_FULL);
}

/* Who runs the tests as the superuser sees it; for others there is nothing to give away. */
Test(bill_store, what_the_superuser_keeps_is_the_archives_owners)
{
    enum { OTHER = 12345 };
    char name[BILL_STORE_NAME_BYTES];
    char path[300];
    bool known = false;
    struct stat facts;
    uid_t owner = geteuid() == 0 ? OTHER : geteuid();
    cr_assert(geteuid() != 0 || chown(dir, OTHER, OTHER) == 0);
    CHECK_OK(bill_store_put(dir, SPAN_LIT("abc"), name, &known));
    static const char *const parts[] = { "/ba", "/ba/78", ("/ba/78/" ABC) };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", dir, parts[i]);
        cr_assert_eq(stat(path, &facts), 0);
        cr_expect_eq(facts.st_uid, owner, "%s", path);
    }
}
