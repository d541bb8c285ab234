/* SPDX-License-Identifier: Apache-2.0 */
#include "bills.h"

int
command_bills_import(struct cli *cli, int argc, char **argv)
{
    const char *path = NULL;
    struct acquire_target target;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES * 2);
    if (bills_target_read(cli, argc, argv, &path, &target) != ERR_OK
        || bills_load(cli, path, &bytes) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    return bills_take(cli, &target, ACQUIRE_HANDED_IN, buf_span(&bytes));
}
