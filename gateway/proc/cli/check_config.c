/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

int
command_check_config(struct cli *cli, int argc, char **argv)
{
    if (!cli_options(cli, argc, argv, NULL, 0, NULL) || cli_config(cli) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    cli_say(cli, "配置正确：%s（%zu 个账号，%zu 个客户端）",
            "the configuration is good: %s (%zu accounts, %zu clients)", cli->config_path,
            config_count(cli->config, CONFIG_SECTION_account),
            config_count(cli->config, CONFIG_SECTION_client));
    return EXIT_YES;
}
