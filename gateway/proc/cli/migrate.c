/* SPDX-License-Identifier: Apache-2.0 */
#include "migrate.h"

#include "cli.h"

int
command_migrate(struct cli *cli, int argc, char **argv)
{
    int applied = 0;
    if (!cli_options(cli, argc, argv, NULL, 0, NULL) || cli_connect(cli, &cli->session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = migrate_up(cli->session, cli_watch(cli), &applied);
    if (err == ERR_DB_SCHEMA) {
        return cli_trouble(cli, err, "升级：已执行的迁移与本程序不同，请使用与数据库相配的版本",
                           "upgrade: a migration that was applied differs from this program's; "
                           "use the version that fits the database");
    }
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "升级数据库结构", "upgrade the schema");
    }
    if (applied == 0) {
        cli_say(cli, "数据库结构已是最新", "the schema is up to date");
    } else {
        cli_say(cli, "已执行 %d 个迁移，数据库结构已是最新",
                "applied %d migrations; the schema is up to date", applied);
    }
    return EXIT_YES;
}
