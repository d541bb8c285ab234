/* SPDX-License-Identifier: Apache-2.0 */
/* The night makes the days of settlement by itself, with its own rights, where lines of the bank were handed in. */
#include "night_house.h"
#include "settlement_house.h"

TestSuite(settlement_night, .init = open_house, .fini = close_house);

#define PRINTED "SELECT count(*) FROM recon_report"

Test(settlement_night, makes_what_is_to_be_made_once_the_banks_lines_are_handed_in)
{
    const struct adapter_account account = { .name = "main",
                                             .adapter = adapter_find(SPAN_LIT("wechatpay")),
                                             .settle_days = 2 };
    const struct day yesterday = { 2026, 11, 26 };
    struct night night = night_open(&database, dir);
    paid_out(23, "W1", 10000);
    night_settlement(&night, &account, yesterday);
    cr_expect_eq(number("SELECT count(*) FROM recon_run WHERE kind = 'deposits'"), 0);
    came("B1,2026-11-24,40.00,,deposit,W1");
    came("B2,2026-11-24,5.00,,deposit,");
    night_settlement(&night, &account, yesterday);
    CHECK_SAYS(26, "W1 DEP_SHORT -6000, B2 DEP_UNKNOWN 500");
    cr_expect_eq(number("SELECT count(*) FROM difference WHERE state = 'open'"), 2);
    cr_expect_eq(number(PRINTED), 4 * 10); /* five files in two languages */
    night_settlement(&night, &account, yesterday);
    cr_expect_eq(number(PRINTED), 4 * 10);
    cr_expect_eq(number("SELECT count(*) FROM recon_run WHERE kind = 'deposits'"), 4);
    night.stopping = true;
    night_settlement(&night, &account, (struct day){ 2026, 11, 28 });
    cr_expect_eq(number("SELECT count(*) FROM recon_run WHERE kind = 'deposits'"), 4);
    night_close(&night);
}
