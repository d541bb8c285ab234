/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_spawn.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc.h"

#define PROGRAM "tallygated"

struct keys_spawn {
    pid_t pid;
};

static enum err
find_program(char out[PATH_MAX])
{
    ssize_t len = readlink("/proc/self/exe", out, PATH_MAX - sizeof(PROGRAM));
    if (len <= 0) {
        return ERR_SYSTEM;
    }
    size_t folder = (size_t)len;
    while (folder > 0 && out[folder - 1] != '/') {
        folder--;
    }
    memcpy(out + folder, PROGRAM, sizeof(PROGRAM));
    return access(out, X_OK) == 0 ? ERR_OK : ERR_FILE_OPEN;
}

static enum err
start(const char *config_path, const int pair[2], pid_t *out)
{
    char program[PATH_MAX];
    TRY(find_program(program));
    struct child_plan plan;
    child_plan_init(&plan, CHILD_KEYS, config_path);
    plan.keys_fds[0] = pair[1];
    plan.keys_count = 1;
    return ipc_start(program, &plan, out);
}

enum err
keys_spawn_open(const char *config_path, struct keys_spawn **out, int *fd)
{
    struct keys_spawn *spawn = calloc(1, sizeof(*spawn));
    int pair[2] = { -1, -1 };
    enum err err = spawn == NULL ? ERR_NO_MEMORY : ipc_pair(pair);
    if (err != ERR_OK) {
        free(spawn);
        return err;
    }
    err = start(config_path, pair, &spawn->pid);
    (void)close(pair[1]);
    if (err != ERR_OK) {
        (void)close(pair[0]);
        free(spawn);
        return err;
    }
    *out = spawn;
    *fd = pair[0];
    return ERR_OK;
}

void
keys_spawn_close(struct keys_spawn **spawn)
{
    if (spawn == NULL || *spawn == NULL) {
        return;
    }
    (void)kill((*spawn)->pid, SIGTERM);
    int status;
    while (waitpid((*spawn)->pid, &status, 0) < 0 && errno == EINTR) {
    }
    free(*spawn);
    *spawn = NULL;
}
