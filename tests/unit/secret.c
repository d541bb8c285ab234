/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static char path[64];

static void
write_file(const char *bytes, size_t len, mode_t mode)
{
    (void)snprintf(path, sizeof(path), "/tmp/tallygate-secret-XXXXXX");
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
    cr_assert_eq(fchmod(fd, mode), 0);
    (void)close(fd);
}

Test(secret, files_others_can_read_or_change_are_refused)
{
    static const mode_t bad[] = { 0644, 0604, 0602, 0601, 0620, 0660, 0666 };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct secret *secret = NULL;
        write_file("key", 3, bad[i]);
        CHECK_ERR(secret_load(path, 100, &secret), ERR_FILE_MODE);
        cr_expect_null(secret);
        (void)unlink(path);
    }
    static const mode_t good[] = { 0400, 0600, 0440, 0640 };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct secret *secret = NULL;
        write_file("key", 3, good[i]);
        CHECK_OK(secret_load(path, 100, &secret));
        secret_free(&secret);
        (void)unlink(path);
    }
}

Test(secret, a_binary_file_keeps_its_last_byte)
{
    struct secret *secret = NULL;
    write_file("0\n", 2, 0600);
    CHECK_OK(secret_load(path, 100, &secret));
    CHECK_TEXT(secret_bytes(secret), "0");
    secret_free(&secret);
    CHECK_OK(secret_load_binary(path, 100, &secret));
    CHECK_TEXT(secret_bytes(secret), "0\n");
    secret_free(&secret);
    CHECK_ERR(secret_load_binary(path, 1, &secret), ERR_BUF_FULL);
    (void)unlink(path);
}

Test(secret, what_is_no_file_cannot_be_loaded)
{
    struct secret *secret = NULL;
    CHECK_ERR(secret_load("/tmp/tallygate-no-such-file", 100, &secret), ERR_FILE_OPEN);
    CHECK_ERR(secret_load("/tmp", 100, &secret), ERR_FILE_READ);
    cr_expect_null(secret);
}

Test(secret, a_file_above_the_limit_is_refused)
{
    struct secret *secret = NULL;
    write_file("12345678", 8, 0600);
    CHECK_ERR(secret_load(path, 7, &secret), ERR_BUF_FULL);
    cr_expect_null(secret);
    CHECK_OK(secret_load(path, 8, &secret));
    CHECK_TEXT(secret_bytes(secret), "12345678");
    secret_free(&secret);
    (void)unlink(path);
}

Test(secret, only_one_final_newline_is_dropped)
{
    struct secret *secret = NULL;
    write_file("a\nb\n\n", 5, 0600);
    CHECK_OK(secret_load(path, 100, &secret));
    CHECK_TEXT(secret_bytes(secret), "a\nb\n");
    secret_free(&secret);
    (void)unlink(path);
}

Test(secret, sizes_around_a_page_are_kept_whole)
{
    static unsigned char bytes[4097 * 2];
    static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 8192, 8194 };
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (unsigned char)(i * 31);
    }
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct secret *secret = NULL;
        CHECK_OK(secret_new(span_make(bytes, sizes[i]), &secret));
        cr_expect(span_eq(secret_bytes(secret), span_make(bytes, sizes[i])));
        secret_free(&secret);
        cr_expect_null(secret);
    }
    secret_free(NULL);
}

Test(secret, comparison_sees_every_difference)
{
    struct secret *secret = NULL;
    CHECK_OK(secret_new(SPAN_LIT("0123456789abcdef"), &secret));
    cr_expect(secret_eq(secret, SPAN_LIT("0123456789abcdef")));
    cr_expect_not(secret_eq(secret, SPAN_LIT("0123456789abcdeg")));
    cr_expect_not(secret_eq(secret, SPAN_LIT("1123456789abcdef")));
    cr_expect_not(secret_eq(secret, SPAN_LIT("0123456789abcde")));
    cr_expect_not(secret_eq(secret, span_of(NULL)));
    cr_expect(secret_eq_bytes(span_of(NULL), span_of("")));
    cr_expect_not(secret_eq_bytes(SPAN_LIT("a"), SPAN_LIT("b")));
    secret_free(&secret);
}

/* Runs `act` in a fork and says how it ended. */
static int
in_fork(void (*act)(struct secret **secret), struct secret **secret)
{
    pid_t child = fork();
    if (child == 0) {
        act(secret);
        _exit(0);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status;
}

static void
give_back(struct secret **secret)
{
    secret_free(secret);
}

static void
read_it(struct secret **secret)
{
    (void)signal(SIGABRT, SIG_DFL);
    struct span bytes = secret_bytes(*secret);
    _exit(bytes.at[0] == 'k' ? 3 : 4);
}

Test(secret, a_fork_that_frees_its_copy_leaves_ours_whole)
{
    struct secret *secret = NULL;
    CHECK_OK(secret_new(SPAN_LIT("key"), &secret));
    int status = in_fork(give_back, &secret);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK_TEXT(secret_bytes(secret), "key");
    secret_free(&secret);
}

Test(secret, a_fork_cannot_use_the_secret)
{
    struct secret *secret = NULL;
    CHECK_OK(secret_new(SPAN_LIT("key"), &secret));
    int status = in_fork(read_it, &secret);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status %x", (unsigned)status);
    secret_free(&secret);
}

Test(secret, other_bytes_take_the_place_of_those_before)
{
    DEFER(secret_free) struct secret *secret = NULL;
    unsigned char page[4097] = { 0 };
    CHECK_OK(secret_new(SPAN_LIT("a longer one"), &secret));
    CHECK_OK(secret_replace(secret, SPAN_LIT("short")));
    CHECK_TEXT(secret_bytes(secret), "short");
    cr_expect_eq(secret_bytes(secret).at[5], 0, "nothing of the one before is left");
    CHECK_OK(secret_replace(secret, SPAN_LIT("")));
    cr_expect_eq(secret_bytes(secret).len, 0);
    cr_expect_eq(secret_bytes(secret).at[0], 0);
    CHECK_OK(secret_replace(secret, span_make(page, 4096)));
    CHECK_ERR(secret_replace(secret, span_make(page, 4097)), ERR_BUF_FULL);
    cr_expect_eq(secret_bytes(secret).len, 4096);
}
