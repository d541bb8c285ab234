/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate bills check as a person runs it: the program, a file, its answer and its exit status. */
#include <fcntl.h>
#include <pty.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bill_play.h"

#define BILLS     "tests/vectors/alipay/bills/20880000000000010156_20240505_"
#define TRADE_ZIP BILLS "trade.csv.zip"
#define FLOW_ZIP  BILLS "signcustomer.csv.zip"
#define PAGE_MAX  65536

TestSuite(bills_check, .init = play_start, .fini = play_finish);

static const char *
folder(const char *variable)
{
    const char *value = getenv(variable);
    cr_assert_not_null(value, "%s is not set", variable);
    return value;
}

static struct span
read_page(int fd)
{
    unsigned char page[PAGE_MAX];
    size_t len = 0;
    ssize_t got = 0;
    while ((got = read(fd, page + len, sizeof(page) - len)) > 0) {
        len += (size_t)got;
    }
    cr_assert_eq(got, 0);
    return play_keep(span_make(page, len));
}

/* Starts it in English with `out` and `err`, where they are not -1, as its standard output and standard error. `first` stands before the
 * command. */
static pid_t
start(const char *first, const char *kind, const char *file, int out, int err)
{
    char program[1024];
    char path[1024];
    (void)snprintf(program, sizeof(program), "%s/tallygate", folder("TALLYGATE_BINARY_DIR"));
    (void)snprintf(path, sizeof(path), "%s/%s",
                   file[0] == '/' ? "" : folder("TALLYGATE_SOURCE_DIR"), file);
    const char *const words[] = { program,  first,    "bills", "check", "--provider",
                                  "alipay", "--kind", kind,    path,    NULL };
    char *arguments[COUNT(words)] = { NULL };
    char *const environment[] = { NULL };
    for (size_t i = 0; i + 1 < COUNT(words); i++) {
        arguments[i] = strdup(words[i]);
        cr_assert_not_null(arguments[i]);
    }
    pid_t child = 0;
    posix_spawn_file_actions_t actions;
    cr_assert_eq(posix_spawn_file_actions_init(&actions), 0);
    if (out >= 0) {
        cr_assert_eq(posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO), 0);
    }
    if (err >= 0) {
        cr_assert_eq(posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO), 0);
    }
    cr_assert_eq(posix_spawn(&child, program, &actions, NULL, arguments, environment), 0);
    cr_assert_eq(posix_spawn_file_actions_destroy(&actions), 0);
    for (size_t i = 0; i + 1 < COUNT(words); i++) {
        free(arguments[i]);
    }
    return child;
}

static int
status_of(pid_t child)
{
    int code = 0;
    cr_assert_eq(waitpid(child, &code, 0), child);
    cr_assert(WIFEXITED(code));
    return WEXITSTATUS(code);
}

/* What it printed; *status gets the exit status. */
static struct span
run(const char *kind, const char *file, int *status)
{
    int ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = start("--lang=zh", kind, file, ends[1], -1);
    cr_assert_eq(close(ends[1]), 0);
    struct span page = read_page(ends[0]);
    *status = status_of(child);
    cr_assert_eq(close(ends[0]), 0);
    return page;
}

/* What it showed on a terminal; its answer goes elsewhere. */
static struct span
shown(const char *first)
{
    int ends[2];
    int screen = -1;
    int other = -1;
    unsigned char page[PAGE_MAX];
    size_t len = 0;
    ssize_t got = 0;
    const struct winsize size = { .ws_row = 24, .ws_col = 80 };
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    cr_assert_eq(openpty(&screen, &other, NULL, NULL, &size), 0);
    cr_assert_eq(fcntl(screen, F_SETFD, FD_CLOEXEC), 0);
    pid_t child = start(first, "trade", TRADE_ZIP, ends[1], other);
    cr_assert_eq(close(ends[1]), 0);
    cr_assert_eq(close(other), 0);
    struct span answer = read_page(ends[0]);
    while ((got = read(screen, page + len, sizeof(page) - len))
           > 0) { /* EIO when all have closed it */
        len += (size_t)got;
    }
    cr_expect_eq(status_of(child), 0);
    cr_expect(span_starts(answer, SPAN_LIT("{")), "the answer is what it is without a terminal");
    cr_expect_eq(span_index(answer, 033), answer.len);
    cr_assert_eq(close(ends[0]), 0);
    cr_assert_eq(close(screen), 0);
    return play_keep(span_make(page, len));
}

static void
expect(const struct json_t *answer, const char *name, int64_t want)
{
    int64_t got = 0;
    CHECK_OK(json_get_i64(answer, name, &got));
    cr_expect_eq(got, want, "%s is %lld", name, (long long)got);
}

static struct json_t *
ask(const char *kind, const char *file, int want_status, const char *verdict)
{
    int status = -1;
    struct json_t *answer = NULL;
    struct span page = run(kind, file, &status);
    cr_assert_eq(status, want_status, "%s gave %d", kind, status);
    CHECK_OK(json_parse(page, &answer));
    CHECK_TEXT(vectors_text(answer, "verdict"), verdict);
    return answer;
}

Test(bills_check, a_refused_file_gives_its_codes_and_one)
{
    struct json_t *answer = ask("trade", FLOW_ZIP, 1, "reject");
    const struct json_t *codes = json_member(answer, "codes");
    struct span code;
    cr_assert_eq(json_count(codes), 1);
    CHECK_OK(json_as_string(json_element(codes, 0), &code));
    CHECK_TEXT(code, "FILE_ZIP");
    json_free(&answer);
}

Test(bills_check, a_file_that_is_not_there_is_trouble)
{
    int status = -1;
    struct span page = run("trade", "tests/vectors/alipay/bills/none.zip", &status);
    cr_expect_eq(status, 2);
    cr_expect_eq(page.len, 0);
    page = run("no-such-kind", TRADE_ZIP, &status);
    cr_expect_eq(status, 2);
    cr_expect_eq(page.len, 0);
}

Test(bills_check, a_header_that_drifted_stands_beside_what_is_known)
{
    struct span detail =
        play_edit(play_file("alipay/bills/trade_detail.utf8.csv"), "商户订单号", "商家订单号");
    const struct play_member members[] = { { "detail.csv", play_gb18030(detail) } };
    struct span zip = play_zip(members, COUNT(members));
    char path[] = "/tmp/tallygate-drift-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, zip.at, zip.len), (ssize_t)zip.len);
    cr_assert_eq(close(fd), 0);
    struct json_t *answer = ask("trade", path, 1, "reject");
    cr_expect_eq(unlink(path), 0);
    const struct json_t *drift = json_member(answer, "drift");
    const struct json_t *columns = json_member(drift, "columns");
    expect(drift, "line", 5);
    cr_assert_eq(json_count(columns), 26); /* 25 in the file, and one that is missing */
    CHECK_TEXT(vectors_text(json_element(columns, 0), "what"), "known");
    const struct json_t *renamed = json_element(columns, 1);
    expect(renamed, "position", 2);
    CHECK_TEXT(vectors_text(renamed, "came"), "商家订单号");
    CHECK_TEXT(vectors_text(renamed, "what"), "unknown");
    cr_expect_null(json_member(renamed, "known"));
    const struct json_t *missing = json_element(columns, 25);
    CHECK_TEXT(vectors_text(missing, "known"), "商户订单号");
    CHECK_TEXT(vectors_text(missing, "what"), "missing");
    cr_expect_null(json_member(missing, "position"));
    json_free(&answer);
}

/* The numbers are those of the published expected.json. */
Test(bills_check, a_bill_of_trades_has_its_sums_and_no_balances)
{
    struct json_t *answer = ask("trade", TRADE_ZIP, 0, "accept");
    cr_expect_eq(json_count(json_member(answer, "codes")), 0);
    expect(answer, "rows", 5);
    expect(answer, "pay_rows", 3);
    expect(answer, "refund_rows", 2);
    expect(answer, "pay_fen", 9889);
    expect(answer, "refund_fen", -881);
    expect(answer, "fee_fen", -59);
    cr_expect_null(json_member(answer, "opening_fen"));
    cr_expect_null(json_member(answer, "in_fen"));
    json_free(&answer);
    answer = ask("trade-summary", TRADE_ZIP, 0, "accept");
    expect(answer, "pay_rows", 3);
    expect(answer, "refund_rows", 2);
    expect(answer, "pay_fen", 9889 - 881);
    json_free(&answer);
}

Test(bills_check, a_bill_of_movements_has_its_balances)
{
    struct json_t *answer = ask("signcustomer", FLOW_ZIP, 0, "accept");
    expect(answer, "rows", 7);
    expect(answer, "opening_fen", 100000);
    expect(answer, "closing_fen", 108949);
    expect(answer, "in_fen", 9889);
    expect(answer, "out_fen", 940);
    json_free(&answer);
    answer = ask("signcustomer-summary", FLOW_ZIP, 0, "accept");
    expect(answer, "rows", 3);
    expect(answer, "in_fen", 9889);
    expect(answer, "out_fen", 940);
    cr_expect_null(json_member(answer, "opening_fen"), "a summary prints no balance");
    json_free(&answer);
}

/* A small bill is read at once: its bar comes and goes away again. */
Test(bills_check, a_terminal_has_a_bar_until_the_answer_is_there)
{
    struct span english = shown("--lang=en");
    CHECK_TEXT(span_sub(english, 0, sizeof("\r\033[Kchecking the bill") - 1),
               "\r\033[Kchecking the bill");
    cr_expect(span_ends(english, SPAN_LIT("\r\033[K")), "the bar is taken away");
    struct span chinese = shown("--lang=zh");
    CHECK_TEXT(span_sub(chinese, 0, sizeof("\r\033[K正在核验账单") - 1), "\r\033[K正在核验账单");
    cr_expect(span_ends(chinese, SPAN_LIT("\r\033[K")));
    cr_expect_eq(shown("--no-progress").len, 0, "nothing for who does not want to know");
}

/* Work that is over within seconds says nothing there. */
Test(bills_check, a_file_of_what_is_said_has_no_bar)
{
    int ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    pid_t child = start("--lang=en", "trade", TRADE_ZIP, nowhere, ends[1]);
    cr_assert_eq(close(ends[1]), 0);
    cr_expect_eq(read_page(ends[0]).len, 0);
    cr_expect_eq(status_of(child), 0);
    cr_assert_eq(close(ends[0]), 0);
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    child = start("--lang=en", "trade", FLOW_ZIP, nowhere, ends[1]);
    cr_assert_eq(close(ends[1]), 0);
    struct span said = read_page(ends[0]);
    cr_expect_eq(status_of(child), 1);
    cr_expect(span_starts(said, SPAN_LIT("tallygate: ")), "a fault is told");
    for (size_t i = 0; i < said.len; i++) {
        cr_expect(said.at[i] == '\n' || said.at[i] >= ' ');
    }
    cr_assert_eq(close(ends[0]), 0);
    cr_assert_eq(close(nowhere), 0);
}
