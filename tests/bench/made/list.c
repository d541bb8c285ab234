/* SPDX-License-Identifier: Apache-2.0 */
/* Two lists are the same in whatever order, and nothing else is. */
#include "list.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

/* The name of a new file in /tmp. */
static const char *
save(const char *text, char path[32])
{
    (void)snprintf(path, 32, "%s", "/tmp/bench_list_XXXXXX");
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    FILE *file = fdopen(fd, "w");
    cr_assert_not_null(file);
    cr_assert_geq(fputs(text, file), 0);
    cr_assert_eq(fclose(file), 0);
    return path + sizeof("/tmp/") - 1;
}

static enum err
compare(const char *want, const char *got, struct list_verdict *out)
{
    char first[32];
    char second[32];
    enum err err = list_compare("/tmp", save(want, first), save(got, second), out);
    cr_assert_eq(unlink(first), 0);
    cr_assert_eq(unlink(second), 0);
    return err;
}

Test(list, what_differs_is_missing_or_not_made)
{
    static const struct {
        const char *want;
        const char *got;
        size_t missing;
        size_t extra;
        const char *first;
    } rows[] = {
        { "1,A,5\n2,B,-5\n", "2,B,-5\n1,A,5\n", 0, 0, "" },
        { "1,A,5\n2,B,-5\n", "1,A,5\n", 1, 0, "missing 2,B,-5" },
        { "1,A,5\n", "1,A,5\n2,B,-5\n", 0, 1, "not made 2,B,-5" },
        { "1,A,5\n", "1,A,5\n1,A,5\n", 0, 1, "not made 1,A,5" },
        { "1,A,5\n", "1,A,6\n", 1, 1, "missing 1,A,5" },
        { "1,A,5\n", "", 1, 0, "missing 1,A,5" },
        { "", "1,A,5\n", 0, 1, "not made 1,A,5" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct list_verdict verdict;
        CHECK_OK(compare(rows[i].want, rows[i].got, &verdict));
        cr_expect_eq(verdict.missing, rows[i].missing, "row %zu", i);
        cr_expect_eq(verdict.extra, rows[i].extra, "row %zu", i);
        cr_expect_str_eq(verdict.first, rows[i].first, "row %zu", i);
    }
}

Test(list, a_list_that_was_cut_off_is_refused)
{
    struct list_verdict verdict;
    cr_expect_eq(compare("1,A,5\n", "1,A", &verdict), ERR_FILE_READ);
    cr_expect_eq(list_compare("/nonexistent", "want", "got", &verdict), ERR_FILE_OPEN);
}
