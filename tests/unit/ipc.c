/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc.h"

#include <string.h>

#include "check.h"

#define ARGUMENTS 15

/* A whole vector that is right; each test spoils one place. */
static const char *const good[ARGUMENTS] = { "tallygated", "--child",   "worker",   "--row",
                                             "3",          "--config",  "/etc/x y", "--listen",
                                             "5,6,-1",     "--metrics", "4",        "--ready",
                                             "-1",         "--keys",    "11" };

static enum err
decode(const char *const *argv, int argc, struct child_plan *plan)
{
    char copies[ARGUMENTS + 2][64];
    char *writable[ARGUMENTS + 3] = { NULL };
    for (int i = 0; i < argc; i++) {
        cr_assert_lt(strlen(argv[i]), sizeof(copies[i]));
        memcpy(copies[i], argv[i], strlen(argv[i]) + 1);
        writable[i] = copies[i];
    }
    enum err err = ipc_decode(argc, writable, plan);
    plan->config = NULL; /* it pointed into the copies */
    return err;
}

static enum err
decode_with(int place, const char *value)
{
    const char *argv[ARGUMENTS];
    memcpy(argv, good, sizeof(argv));
    argv[place] = value;
    struct child_plan plan;
    return decode(argv, ARGUMENTS, &plan);
}

Test(ipc, a_role_that_is_none_is_refused)
{
    CHECK_ERR(decode_with(2, "parent"), ERR_FIELD_VALUE);
    CHECK_ERR(decode_with(2, ""), ERR_FIELD_VALUE);
}

Test(ipc, an_unknown_missing_or_repeated_argument_is_refused)
{
    struct child_plan plan;
    CHECK_ERR(decode_with(3, "--rows"), ERR_FIELD_UNKNOWN);
    CHECK_ERR(decode_with(3, "--keys"), ERR_FIELD_REPEATED);
    CHECK_ERR(decode(good, ARGUMENTS - 1, &plan), ERR_FIELD_MISSING);
    CHECK_ERR(decode(good, ARGUMENTS - 2, &plan), ERR_FIELD_MISSING);
    CHECK_ERR(decode(good, 1, &plan), ERR_FIELD_MISSING);
}

Test(ipc, descriptors_that_are_no_numbers_are_refused)
{
    CHECK_ERR(decode_with(8, "5,6"), ERR_FIELD_LENGTH);
    CHECK_ERR(decode_with(8, "5,6,7,8"), ERR_FIELD_LENGTH);
    CHECK_ERR(decode_with(8, "5,,7"), ERR_NUMBER);
    CHECK_ERR(decode_with(8, "5,6,7,"), ERR_FIELD_LENGTH);
    CHECK_ERR(decode_with(8, "5,6,-2"), ERR_NUMBER);
    CHECK_ERR(decode_with(4, "x"), ERR_NUMBER);
    CHECK_ERR(decode_with(4, ""), ERR_FIELD_LENGTH);
    CHECK_ERR(decode_with(10, "4294967296"), ERR_NUMBER);
}

Test(ipc, a_good_vector_is_read)
{
    struct child_plan plan;
    CHECK_OK(decode(good, ARGUMENTS, &plan));
    cr_assert_eq(plan.role, CHILD_WORKER);
    cr_assert_eq(plan.row, 3);
    cr_assert_eq(plan.listen_fds[HTTP_DOOR_API], 5);
    cr_assert_eq(plan.listen_fds[HTTP_DOOR_CALLBACKS], 6);
    cr_assert_eq(plan.listen_fds[HTTP_DOOR_OPS], -1);
    cr_assert_eq(plan.listen_fds[HTTP_DOOR_NONE], -1);
    cr_assert_eq(plan.metrics_fd, 4);
    cr_assert_eq(plan.ready_fd, -1);
    cr_assert_eq(plan.keys_count, 1);
    cr_assert_eq(plan.keys_fds[0], 11);
}

Test(ipc, a_keys_plan_with_every_socket_comes_back)
{
    struct child_plan plan;
    child_plan_init(&plan, CHILD_KEYS, "/etc/tallygate.conf");
    for (size_t i = 0; i < IPC_KEYS_MAX; i++) {
        plan.keys_fds[plan.keys_count++] = 100 + (int)i;
    }
    static struct ipc_arguments arguments;
    CHECK_OK(ipc_encode(&plan, &arguments));
    int argc = 0;
    while (arguments.argv[argc] != NULL) {
        argc++;
    }
    cr_assert_eq(argc, ARGUMENTS);
    union {
        const char *const *from;
        char *const *to;
    } argv = { .from = arguments.argv };
    static struct child_plan back;
    CHECK_OK(ipc_decode(argc, argv.to, &back));
    cr_assert_eq(back.role, CHILD_KEYS);
    cr_assert_str_eq(back.config, "/etc/tallygate.conf");
    cr_assert_eq(back.keys_count, IPC_KEYS_MAX);
    cr_assert_eq(back.keys_fds[IPC_KEYS_MAX - 1], 100 + IPC_KEYS_MAX - 1);
}

Test(ipc, a_plan_that_does_not_fit_is_refused)
{
    static char path[IPC_TEXT_MAX + 1];
    memset(path, 'a', IPC_TEXT_MAX);
    struct child_plan plan;
    child_plan_init(&plan, CHILD_KEYS, path);
    static struct ipc_arguments arguments;
    CHECK_ERR(ipc_encode(&plan, &arguments), ERR_BUF_FULL);
}
