/* SPDX-License-Identifier: Apache-2.0 */
/* Settings that lead to another section name one that is there. */
#include "start_check.h"

#include <stdio.h>
#include <unistd.h>

#include "check.h"

static enum err
check(const char *client, struct config_fault *fault)
{
    DEFER(config_free) struct config *config = NULL;
    char path[] = "/tmp/tallygate-start-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    FILE *file = fdopen(fd, "w");
    cr_assert_not_null(file);
    (void)fprintf(file,
                  "[server]\nmode = development\nrun_dir = run\n[database]\nconninfo = dbname=x\n"
                  "[portal]\nreturn_hosts = portal.example.cn\ndatabase_client = %s\n"
                  "[client desk]\nalgorithm = hmac-sha256\nowner = portal\nkey_file = desk.secret\n"
                  "[archive]\ndir = bills\nreports_dir = reports\n",
                  client);
    cr_assert_eq(fclose(file), 0);
    CHECK_OK(config_load(path, &config, fault));
    enum err err = start_check(path, config, fault);
    (void)unlink(path);
    return err;
}

Test(start_check, the_portals_database_is_read_for_a_client_that_is_there)
{
    struct config_fault fault;
    CHECK_OK(check("desk", &fault));
    CHECK_ERR(check("portal", &fault), ERR_CONFIG_VALUE); /* the owner is not its name */
    cr_expect_str_eq(fault.setting, "database_client");
}
