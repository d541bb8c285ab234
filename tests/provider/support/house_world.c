/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "house_internal.h"

#define START_MS        30000
#define FILE_MAX        65536
#define SECONDS_PER_DAY INT64_C(86400)
#define TEN_IN_CHINA_S  INT64_C(7200) /* 10:00 there as seconds of the UTC day */
#define CHINA_S         INT64_C(28800)

struct house_world house_world;

static const char *
setting(const char *name)
{
    const char *value = getenv(name);
    cr_assert_not_null(value, "%s is not set", name);
    return value;
}

void
house_world_join(const char *folder, const char *name, char out[HOUSE_PATH_MAX])
{
    int len = snprintf(out, HOUSE_PATH_MAX, "%s/%s", folder, name);
    cr_assert(len > 0 && len < HOUSE_PATH_MAX);
}

/* The day begins at ten in the morning in China, whatever the time is, so that it meets no midnight. */
static int64_t
shift_to_morning(void)
{
    int64_t now = clock_wall().us / 1000000;
    return (now + CHINA_S) / SECONDS_PER_DAY * SECONDS_PER_DAY + TEN_IN_CHINA_S - now;
}

static void
start_process(const char *endpoints)
{
    char program[HOUSE_PATH_MAX];
    char shift[32];
    house_world_join(setting("TALLYGATE_BINARY_DIR"), "tallygate-world", program);
    (void)snprintf(shift, sizeof(shift), "%lld", (long long)house_world.shift_s);
    char pki_flag[] = "--pki";
    char endpoints_flag[] = "--endpoints";
    char shift_flag[] = "--shift-s";
    char *path = strdup(endpoints);
    cr_assert_not_null(path);
    char *arguments[] = { program, pki_flag,   house_world.pki, endpoints_flag,
                          path,    shift_flag, shift,           NULL };
    char *const environment[] = { NULL };
    cr_assert_eq(posix_spawn(&house_world.pid, program, NULL, NULL, arguments, environment), 0);
    free(path);
}

/* The file appears whole, by a rename: that is the event, unless the world ends before. */
static void
await_file(int watch, const char *path)
{
    int world = pidfd_open(house_world.pid, 0);
    cr_assert_geq(world, 0);
    struct pollfd seen[] = { { .fd = watch, .events = POLLIN }, { .fd = world, .events = POLLIN } };
    while (access(path, R_OK) != 0) {
        char events[4096];
        cr_assert_gt(poll(seen, 2, START_MS), 0, "the world does not start");
        cr_assert_eq(seen[1].revents, 0, "the world ended; see that its PKI is of this version");
        cr_assert_gt(read(watch, events, sizeof(events)), 0);
    }
    cr_assert_eq(close(world), 0);
}

static void
read_endpoints(const char *path)
{
    char text[FILE_MAX];
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file);
    size_t len = fread(text, 1, sizeof(text), file);
    cr_assert_eq(fclose(file), 0);
    CHECK_OK(json_parse(span_make(text, len), &house_world.endpoints));
}

void
house_world_open(void)
{
    char endpoints[HOUSE_PATH_MAX];
    house_world_join("/tmp", "tallygate-provider.XXXXXX", house_world.folder);
    cr_assert_not_null(mkdtemp(house_world.folder));
    house_world_join(setting("TALLYGATE_BINARY_DIR"), "tests/world/pki", house_world.pki);
    house_world_join(house_world.folder, "world.json", endpoints);
    house_world.shift_s = shift_to_morning();
    clock_wall_shift(house_world.shift_s);
    int watch = inotify_init1(IN_CLOEXEC);
    cr_assert_geq(watch, 0);
    cr_assert_geq(inotify_add_watch(watch, house_world.folder, IN_MOVED_TO), 0);
    start_process(endpoints);
    await_file(watch, endpoints);
    cr_assert_eq(close(watch), 0);
    read_endpoints(endpoints);
}

void
house_world_close(void)
{
    static const char *const written[] = { "world.json", "tallygate.conf" };
    int status = -1;
    cr_assert_eq(kill(house_world.pid, SIGTERM), 0);
    cr_assert_eq(waitpid(house_world.pid, &status, 0), house_world.pid);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the world ended with %d", status);
    for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
        char path[HOUSE_PATH_MAX];
        house_world_join(house_world.folder, written[i], path);
        cr_expect(unlink(path) == 0 || errno == ENOENT);
    }
    cr_expect_eq(rmdir(house_world.folder), 0, "%s is left", house_world.folder);
    json_free(&house_world.endpoints);
}

const char *
house_world_address(const char *name)
{
    struct span text;
    const char *address = NULL;
    CHECK_OK(json_get_string(house_world.endpoints, name, &text));
    CHECK_OK(arena_cstr(house.arena, text, &address));
    return address;
}
