/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_SNAPSHOT_HOUSE_H
#define TALLYGATE_TESTS_DB_SUPPORT_SNAPSHOT_HOUSE_H

/* What a run of a day reads of the books: account main, of Alipay. */

#include <criterion/criterion.h>

#include "check.h"
#include "run_parts.h"

struct snapshot_house {
    struct arena *arena;
    struct adapter_account account;
    struct recon_request request;
    struct run run;
};

static inline void
snapshot_house_fini(struct snapshot_house *house)
{
    run_lists_fini(&house->run);
    arena_free(&house->arena);
    *house = (struct snapshot_house){ .arena = NULL };
}

/* The bill has one line, about that attempt; "": no line. What was read before goes. */
static inline void
snapshot_house_read(struct snapshot_house *house, struct db_session *session, struct day day,
                    const char *attempt_no)
{
    snapshot_house_fini(house);
    CHECK_OK(arena_new((size_t)16 * 1024 * 1024, &house->arena));
    house->account =
        (struct adapter_account){ .name = "main", .adapter = adapter_find(SPAN_LIT("alipay")) };
    house->request =
        (struct recon_request){ .account = &house->account, .kind = SPAN_LIT("trade"), .day = day };
    house->run =
        (struct run){ .session = session, .request = &house->request, .arena = house->arena };
    const struct bill_line line = { .number = 1, .merchant_order_no = span_of(attempt_no) };
    CHECK_OK(run_keep_line(&house->run, &line));
    house->run.lines.count = attempt_no[0] == 0 ? 0 : 1;
    CHECK_OK(db_session_begin(session, true));
    enum err err = run_snapshot(&house->run);
    cr_assert_eq(err, ERR_OK, "%s: %s", err_name(err), db_session_trouble(session));
    db_session_rollback(session);
}

#endif
