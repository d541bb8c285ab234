/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "span.h"

#define FIRST_FD 3 /* above the three standard ones */

static const char *const role_names[CHILD_ROLE_COUNT] = {
    [CHILD_NONE] = "parent",   [CHILD_KEYS] = "keys",   [CHILD_WORKER] = "worker",
    [CHILD_CHORES] = "chores", [CHILD_NIGHT] = "night",
};

void
child_plan_init(struct child_plan *plan, enum child_role role, const char *config)
{
    *plan = (struct child_plan){ .role = role, .config = config, .metrics_fd = -1, .ready_fd = -1 };
    for (int door = 0; door < HTTP_DOOR_COUNT; door++) {
        plan->listen_fds[door] = -1;
    }
}

const char *
child_role_name(enum child_role role)
{
    return role < CHILD_ROLE_COUNT ? role_names[role] : "";
}

/* Arguments under construction: texts stand one after the other, each with its NUL. */
struct writing {
    struct ipc_arguments *to;
    struct buf text;
    size_t offsets[IPC_ARGUMENTS_MAX];
    size_t count;
};

static enum err
begin(struct writing *w)
{
    if (w->count + 1 >= IPC_ARGUMENTS_MAX) {
        return ERR_BUF_FULL;
    }
    w->offsets[w->count++] = w->text.len;
    return ERR_OK;
}

static enum err
put_word(struct writing *w, const char *word)
{
    TRY(begin(w));
    TRY(buf_text(&w->text, word));
    return buf_byte(&w->text, 0);
}

static enum err
put_numbers(struct writing *w, const char *name, const int *numbers, size_t count)
{
    TRY(put_word(w, name));
    TRY(begin(w));
    for (size_t i = 0; i < count; i++) {
        TRY(buf_printf(&w->text, i == 0 ? "%d" : ",%d", numbers[i]));
    }
    return buf_byte(&w->text, 0);
}

static enum err
put_plan(struct writing *w, const struct child_plan *plan)
{
    TRY(put_word(w, "tallygated"));
    TRY(put_word(w, "--child"));
    TRY(put_word(w, child_role_name(plan->role)));
    TRY(put_numbers(w, "--row", &plan->row, 1));
    TRY(put_word(w, "--config"));
    TRY(put_word(w, plan->config));
    TRY(put_numbers(w, "--listen", &plan->listen_fds[HTTP_DOOR_NONE + 1],
                    HTTP_DOOR_COUNT - HTTP_DOOR_NONE - 1));
    TRY(put_numbers(w, "--metrics", &plan->metrics_fd, 1));
    TRY(put_numbers(w, "--ready", &plan->ready_fd, 1));
    return put_numbers(w, "--keys", plan->keys_fds, plan->keys_count);
}

enum err
ipc_encode(const struct child_plan *plan, struct ipc_arguments *out)
{
    struct writing w = { .to = out, .text = BUF_MAX(IPC_TEXT_MAX) };
    enum err err = put_plan(&w, plan);
    if (err == ERR_OK) {
        for (size_t i = 0; i < w.text.len; i++) {
            out->text[i] = (char)w.text.at[i];
        }
        for (size_t i = 0; i < w.count; i++) {
            out->argv[i] = out->text + w.offsets[i];
        }
        out->argv[w.count] = NULL;
    }
    buf_fini(&w.text);
    return err;
}

/* "5,6,-1" into at most `max` numbers. */
static enum err
get_numbers(struct span text, int *out, size_t max, size_t *count)
{
    size_t got = 0;
    bool more = text.len > 0;
    while (more) {
        struct span word;
        int64_t number;
        more = span_cut(&text, ',', &word);
        if (got == max) {
            return ERR_FIELD_LENGTH;
        }
        TRY(span_to_i64(word, -1, INT_MAX, &number));
        out[got++] = (int)number;
    }
    *count = got;
    return ERR_OK;
}

static enum err
get_exactly(struct span text, int *out, size_t count)
{
    size_t got = 0;
    TRY(get_numbers(text, out, count, &got));
    return got == count ? ERR_OK : ERR_FIELD_LENGTH;
}

static enum err
get_role(struct span text, enum child_role *out)
{
    for (int role = CHILD_NONE + 1; role < CHILD_ROLE_COUNT; role++) {
        if (span_eq_cstr(text, role_names[role])) {
            *out = (enum child_role)role;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

enum option {
    OPTION_CHILD,
    OPTION_ROW,
    OPTION_CONFIG,
    OPTION_LISTEN,
    OPTION_METRICS,
    OPTION_READY,
    OPTION_KEYS,
    OPTION_COUNT
};

static const char *const option_names[OPTION_COUNT] = {
    [OPTION_CHILD] = "--child",   [OPTION_ROW] = "--row",         [OPTION_CONFIG] = "--config",
    [OPTION_LISTEN] = "--listen", [OPTION_METRICS] = "--metrics", [OPTION_READY] = "--ready",
    [OPTION_KEYS] = "--keys",
};

static enum err
get_option(enum option option, const char *value, struct child_plan *plan)
{
    struct span text = span_of(value);
    switch (option) {
    case OPTION_CHILD:
        return get_role(text, &plan->role);
    case OPTION_ROW:
        return get_exactly(text, &plan->row, 1);
    case OPTION_CONFIG:
        plan->config = value;
        return ERR_OK;
    case OPTION_LISTEN:
        return get_exactly(text, &plan->listen_fds[HTTP_DOOR_NONE + 1],
                           HTTP_DOOR_COUNT - HTTP_DOOR_NONE - 1);
    case OPTION_METRICS:
        return get_exactly(text, &plan->metrics_fd, 1);
    case OPTION_READY:
        return get_exactly(text, &plan->ready_fd, 1);
    case OPTION_KEYS:
        return get_numbers(text, plan->keys_fds, IPC_KEYS_MAX, &plan->keys_count);
    case OPTION_COUNT:
        break;
    }
    return ERR_FIELD_UNKNOWN;
}

static enum option
find_option(const char *name)
{
    int option = 0;
    while (option < OPTION_COUNT && !span_eq_cstr(span_of(name), option_names[option])) {
        option++;
    }
    return (enum option)option;
}

enum err
ipc_decode(int argc, char *const *argv, struct child_plan *out)
{
    struct child_plan plan;
    child_plan_init(&plan, CHILD_NONE, NULL);
    bool seen[OPTION_COUNT] = { false };
    for (int i = 1; i < argc; i += 2) {
        enum option option = find_option(argv[i]);
        if (option == OPTION_COUNT) {
            return ERR_FIELD_UNKNOWN;
        }
        if (i + 1 >= argc) {
            return ERR_FIELD_MISSING;
        }
        if (seen[option]) {
            return ERR_FIELD_REPEATED;
        }
        seen[option] = true;
        TRY(get_option(option, argv[i + 1], &plan));
    }
    for (int option = 0; option < OPTION_COUNT; option++) {
        if (!seen[option]) {
            return ERR_FIELD_MISSING;
        }
    }
    *out = plan;
    return ERR_OK;
}

enum err
ipc_pair(int out[2])
{
    int type = SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK;
    return socketpair(AF_UNIX, type, 0, out) == 0 ? ERR_OK : ERR_SYSTEM;
}

static void
inherit(int fd)
{
    if (fd >= FIRST_FD) {
        (void)fcntl(fd, F_SETFD, 0);
    }
}

/* Only what a fresh fork may call: the parent's loop and its signal handlers are not ours. */
static void
become(const char *program, const struct child_plan *plan, const struct ipc_arguments *arguments)
{
    static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        (void)signal(signals[i], SIG_DFL);
    }
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)close_range(FIRST_FD, ~0U, CLOSE_RANGE_CLOEXEC);
    for (int door = HTTP_DOOR_NONE + 1; door < HTTP_DOOR_COUNT; door++) {
        inherit(plan->listen_fds[door]);
    }
    inherit(plan->metrics_fd);
    inherit(plan->ready_fd);
    for (size_t i = 0; i < plan->keys_count; i++) {
        inherit(plan->keys_fds[i]);
    }
    union {
        const char *const *from;
        char *const *to; /* exec's own type; it changes nothing */
    } argv = { .from = arguments->argv };
    (void)execv(program, argv.to);
    _exit(127);
}

enum err
ipc_start(const char *program, const struct child_plan *plan, pid_t *out)
{
    struct ipc_arguments arguments;
    TRY(ipc_encode(plan, &arguments));
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        become(program, plan, &arguments);
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0) {
        return ERR_SYSTEM;
    }
    *out = pid;
    return ERR_OK;
}

void
ipc_ready(const struct child_plan *plan)
{
    if (plan->ready_fd >= 0) {
        ssize_t told = write(plan->ready_fd, "1", 1);
        (void)told; /* a parent that is gone does not wait */
        (void)close(plan->ready_fd);
    }
}
