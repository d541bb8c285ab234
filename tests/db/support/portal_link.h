/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_PORTAL_LINK_H
#define TALLYGATE_TESTS_DB_SUPPORT_PORTAL_LINK_H

/* A second real database, the portal's own, linked as an operator links it (portal.sh, portal.sql). */

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <criterion/criterion.h>

#include "database.h"

/* action: "make" a database of that name and link it, "lose" it while the link stays, "drop" both. */
static void
portal_link(const struct database *database, const char *action, const char *portal)
{
    char program[512];
    pid_t child = 0;
    int status = 0;
    const char *source = getenv("TALLYGATE_SOURCE_DIR");
    (void)snprintf(program, sizeof(program), "%s/tests/db/support/portal.sh",
                   source != NULL ? source : ".");
    char *arguments[] = { strdup(program), strdup(action), strdup(database->superuser),
                          strdup(portal), NULL };
    cr_assert_eq(posix_spawn(&child, program, NULL, NULL, arguments, environ), 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    for (size_t i = 0; arguments[i] != NULL; i++) {
        free(arguments[i]);
    }
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s %s", program, action);
}

#endif
