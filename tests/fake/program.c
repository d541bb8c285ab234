/* SPDX-License-Identifier: Apache-2.0 */
#include "program.h"

#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int
program_run(const char *const words[])
{
    char *arguments[PROGRAM_WORDS_MAX + 1] = { NULL };
    size_t count = 0;
    pid_t child = 0;
    int code = -1;
    while (words[count] != NULL && count < PROGRAM_WORDS_MAX) {
        arguments[count] = strdup(words[count]);
        count++;
    }
    if (words[count] == NULL && posix_spawnp(&child, words[0], NULL, NULL, arguments, environ) == 0
        && waitpid(child, &code, 0) != child) {
        code = -1;
    }
    for (size_t i = 0; i < count; i++) {
        free(arguments[i]);
    }
    return code != -1 && WIFEXITED(code) ? WEXITSTATUS(code) : -1;
}
