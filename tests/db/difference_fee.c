/* SPDX-License-Identifier: Apache-2.0 */
/* A fee that is another one than the contract has: what it is off is known, and two people may accept it, once, as double entry. */
#include "difference_people.h"

#define CONTRACT "服务协议 2026-01 补充二"

/* 3.38 was taken of 560.00, 3.36 is due. */
static void
publish(int64_t run_id, int version, int64_t fee_fen, const char *finding)
{
    difference_run(run_id, DAY, version);
    difference_result(run_id, 1,
                      &(struct difference_unit){ .code = "PAY_OK",
                                                 .findings = finding,
                                                 .attempt_no = ATTEMPT,
                                                 .merchant_order_no = ATTEMPT,
                                                 .b_fen = 56000,
                                                 .p_fen = 56000 });
    difference_sql(
        "UPDATE tallygate.recon_result SET fee_fen = %lld, fee_due_fen = -336 WHERE run_id = %lld",
        (long long)fee_fen, (long long)run_id);
    difference_publish(run_id);
}

static void
open_house(void)
{
    difference_house_open();
    publish(1, 1, -338, "{FEE_AMOUNT}");
    people_open();
}

TestSuite(difference_fee, .init = open_house, .fini = people_close);

static void
approved_fee(int64_t fen)
{
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    CHECK_TEXT(propose_by("accept_fee", fen, CONTRACT, MAKER), "moved");
    CHECK_TEXT(decide_by("approve", "accept_fee", fen, CONTRACT, CHECKER), "moved");
}

static int64_t
entry(const char *ledger, int64_t debit_fen, int64_t credit_fen)
{
    return difference_count(
        "adjustment_line WHERE ledger = '%s' AND debit_fen = %lld AND credit_fen = %lld", ledger,
        (long long)debit_fen, (long long)credit_fen);
}

Test(difference_fee, what_a_fee_is_off_is_known_while_its_money_ties)
{
    cr_expect_eq(
        difference_count("difference WHERE family = 'fee' AND fee_fen = -2 AND delta_fen = 0"), 1);
    cr_expect_eq(
        difference_count(
            "difference_event WHERE event = 'find' AND (detail::jsonb->>'fee_fen')::int = -2"),
        1);
}

/* More was taken than is due: the provider holds less for us. */
Test(difference_fee, is_accepted_once_by_many_at_once_and_posted_with_its_contract)
{
    const char *arguments[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        arguments[i] = "'finance', '{}', now()";
    }
    approved_fee(2);
    cr_expect_eq(people_race(STATEMENT_action_execute, arguments, CALLERS, "moved"), 1);
    CHECK_TEXT(execute(MAKER), "moved");
    cr_expect_eq(difference_count("adjustment_line"), 2);
    cr_expect_eq(entry("fee", 2, 0), 1);
    cr_expect_eq(entry("provider_receivable", 0, 2), 1);
    cr_expect_eq(difference_count("action_request WHERE state = 'done' AND contract = '" CONTRACT
                                  "'"
                                  " AND maker = '" MAKER "' AND checker = '" CHECKER "'"),
                 1);
    cr_expect_eq(difference_count("difference WHERE state = 'resolved'"), 1);
    cr_expect_eq(difference_count("attempt WHERE refund_reserved_fen <> 0"), 0);
    cr_expect_eq(difference_count("recon_result WHERE fee_fen = -338 AND fee_due_fen = -336"), 1,
                 "what the bill says stays");
}

/* Of a refund less was given back, or of a payment nothing was taken: the other way round. */
Test(difference_fee, that_was_not_taken_is_posted_the_other_way_round)
{
    publish(2, 2, 0, "{FEE_MISSING}");
    approved_fee(336);
    CHECK_TEXT(execute(CHECKER), "moved");
    cr_expect_eq(entry("provider_receivable", 336, 0), 1);
    cr_expect_eq(entry("fee", 0, 336), 1);
}

Test(difference_fee, all_that_it_is_off_is_accepted_or_nothing_and_nothing_twice)
{
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    CHECK_TEXT(propose_by("accept_fee", 338, CONTRACT, MAKER), "action");
    CHECK_TEXT(propose("write_off", 2, MAKER), "action");
    CHECK_TEXT(propose("adjust", 2, MAKER), "action");
    CHECK_TEXT(propose_by("accept_fee", 2, CONTRACT, MAKER), "moved");
    CHECK_TEXT(decide_by("approve", "accept_fee", 2, "another", CHECKER), "changed");
    CHECK_TEXT(decide_by("approve", "accept_fee", 2, CONTRACT, MAKER), "same_person");
    CHECK_TEXT(decide_by("approve", "accept_fee", 2, CONTRACT, CHECKER), "moved");
    CHECK_TEXT(execute(MAKER), "moved");
    CHECK_TEXT(move("close", MAKER, "{}", NULL), "moved");
    CHECK_TEXT(move("reopen", MAKER, "{}", NULL), "moved");
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    CHECK_TEXT(propose_by("accept_fee", 2, CONTRACT, MAKER), "posted");
    CHECK_TEXT(propose("write_off", 2, MAKER), "posted");
}

Test(difference_fee, another_fee_in_the_next_run_voids_what_was_approved)
{
    approved_fee(2);
    publish(2, 2, -340, "{FEE_AMOUNT}");
    cr_expect_eq(difference_count("action_request WHERE state = 'void'"), 1);
    cr_expect_eq(difference_count("difference WHERE state = 'assigned' AND fee_fen = -4"), 1);
    CHECK_TEXT(execute(MAKER), "state");
    cr_expect_eq(difference_count("adjustment"), 0);
    publish(3, 3, -340, "{FEE_AMOUNT}");
    cr_expect_eq(difference_count("difference_event WHERE event = 'change'"), 1,
                 "the same fee again is no change");
}

/* An amount of money is none of fees. */
Test(difference_fee, only_of_a_difference_about_a_fee)
{
    difference_sql("UPDATE tallygate.difference SET family = 'money', fee_fen = 0, delta_fen = -2");
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    CHECK_TEXT(propose_by("accept_fee", 2, CONTRACT, MAKER), "action");
    cr_expect_str_eq(
        database_refusal(database.superuser, "UPDATE tallygate.difference SET fee_fen = 1"),
        "23514");
}

Test(difference_fee, the_database_wants_the_contract_and_two_people)
{
    static const char *const refused[] = {
        "UPDATE action_request SET contract = NULL",
        "UPDATE action_request SET contract = ''",
        "UPDATE action_request SET amount_fen = NULL",
        "UPDATE action_request SET checker = maker",
        "UPDATE action_request SET kind = 'accept', amount_fen = NULL",
    };
    approved_fee(2);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        char sql[256];
        (void)snprintf(sql, sizeof(sql), "SET search_path = tallygate; %s", refused[i]);
        cr_expect_str_eq(database_refusal(database.superuser, sql), "23514", "%s", refused[i]);
    }
}
