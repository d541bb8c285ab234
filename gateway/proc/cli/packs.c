/* SPDX-License-Identifier: Apache-2.0 */
#include "packs.h"

int
packs_say_trouble(const struct cli *cli, const struct pack_place *where, enum err err)
{
    const char *column = where->column == NULL ? "" : where->column;
    const char *why = err_text(err, cli->language);
    if (where->file == NULL || where->file[0] == 0) {
        return cli_trouble(cli, err, "重做该次对账", "repeat the run");
    }
    if (where->record > 0) {
        cli_say(cli, "%s 第 %lld 条记录%s%s：%s", "%s, record %lld%s%s: %s", where->file,
                (long long)where->record,
                column[0] == 0                 ? ""
                : cli->language == LANGUAGE_EN ? ", column "
                                               : "，列 ",
                column, why);
    } else {
        cli_say(cli, "%s%s%s：%s", "%s%s%s: %s", where->file, column[0] == 0 ? "" : " ", column,
                why);
    }
    return EXIT_TROUBLE;
}

void
packs_say_changed(const struct cli *cli, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cli_say(cli, "%s 与 SHA256SUMS 或 day.json 所载哈希不符",
                "%s is not what SHA256SUMS and day.json say", names[i]);
    }
}
