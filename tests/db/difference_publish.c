/* SPDX-License-Identifier: Apache-2.0 */
/* Runs open differences, keep them, move them on and take leave of them. */
#include <stdio.h>
#include <string.h>

#include "difference_house.h"
#include "evidence_seal.h"
#include "payment_store.h"
#include "webhook_body.h"
#include "webhook_store.h"

TestSuite(difference_publish, .init = difference_house_open, .fini = difference_house_close);

static const struct difference_unit short_pay = { .code = "SHORT_PAY",
                                                  .attempt_no = ATTEMPT,
                                                  .p_fen = 56000 };
static const struct difference_unit unknown = {
    .code = "LONG_UNKNOWN", .merchant_order_no = "X-9", .provider_trade_no = "T9", .b_fen = 50
};

Test(difference_publish, a_run_opens_one_for_each_family_of_a_unit_and_none_for_what_is_well)
{
    difference_run(1, DAY, 1);
    difference_result(1, 1,
                      &(struct difference_unit){ .code = "PAY_OK",
                                                 .findings = "{INV_OK,FEE_OK,DAY_CLOCK}",
                                                 .attempt_no = ATTEMPT,
                                                 .merchant_order_no = ATTEMPT,
                                                 .b_fen = 56000,
                                                 .p_fen = 56000 });
    difference_result(1, 2,
                      &(struct difference_unit){
                          .code = "AMT_BILL_LESS",
                          .findings = "{ORD_NOT_ADVANCED,ORD_PRICE,AMT_ONE_FEN,INV_RED_DUE}",
                          .attempt_no = PAYMENT "02",
                          .merchant_order_no = PAYMENT "02",
                          .b_fen = 55999,
                          .p_fen = 56000 });
    difference_publish(1);
    cr_expect_eq(difference_count("difference"), 3);
    cr_expect_eq(
        difference_count(
            "difference WHERE family = 'money' AND code = 'AMT_BILL_LESS' AND severity = 1"
            " AND codes = '{AMT_BILL_LESS,AMT_ONE_FEN}' AND delta_fen = -1 AND action = 'person'"),
        1);
    cr_expect_eq(
        difference_count(
            "difference WHERE family = 'order' AND code = 'ORD_PRICE' AND severity = 1 AND delta_fen = 0"
            " AND codes = '{ORD_NOT_ADVANCED,ORD_PRICE}'"),
        1);
    cr_expect_eq(difference_count(
                     "difference WHERE family = 'invoice' AND code = 'INV_RED_DUE' AND severity = 2"
                     " AND action = 'propose'"),
                 1);
    cr_expect_eq(difference_count(
                     "difference WHERE state = 'open' AND version = 1 AND attempt_no = '" PAYMENT
                     "02'"
                     " AND owner = 'portal' AND order_no = 'A-1' AND bill_day = '" DAY
                     "' AND original_day = bill_day"),
                 3);
    cr_expect_eq(difference_count("difference_event WHERE event = 'find' AND actor = 'run:1'"), 3);
    cr_expect_eq(difference_count("difference_shown WHERE run_id = 1 AND seq = 2"), 3);
}

Test(difference_publish, what_the_provider_is_to_be_asked_about_begins_as_checking)
{
    difference_day(1, 1, &short_pay);
    cr_expect_eq(
        difference_count(
            "difference WHERE state = 'checking' AND action = 'query' AND delta_fen = -56000"),
        1);
}

/* Invariant 26. */
Test(difference_publish, a_rerun_that_shows_it_again_keeps_it_as_it_is)
{
    difference_day(1, 1, &short_pay);
    difference_sql("UPDATE tallygate.difference SET state = 'assigned', assignee = 'finance'");
    difference_day(2, 2, &short_pay);
    cr_expect_eq(
        difference_count(
            "difference WHERE state = 'assigned' AND assignee = 'finance' AND version = 1"),
        1);
    cr_expect_eq(difference_count("difference_event"), 1);
    cr_expect_eq(difference_count("difference_shown"), 2);
}

/* The line comes at another place of the file, beside one more. */
Test(difference_publish, a_reissued_file_with_one_line_more_opens_one_and_keeps_the_others)
{
    difference_day(1, 1, &unknown);
    difference_run(2, DAY, 2);
    difference_result(2, 1,
                      &(struct difference_unit){ .code = "LONG_UNKNOWN",
                                                 .merchant_order_no = "X-8",
                                                 .provider_trade_no = "T8",
                                                 .b_fen = 70 });
    difference_result(2, 2, &unknown);
    difference_publish(2);
    cr_expect_eq(difference_count("difference"), 2);
    cr_expect_eq(difference_count("difference WHERE merchant_order_no = 'X-9' AND version = 1"), 1);
    cr_expect_eq(difference_count("difference WHERE merchant_order_no = 'X-8' AND version = 1"), 1);
    cr_expect_eq(
        difference_count("difference_shown s JOIN difference d USING (difference_no)"
                         " WHERE s.run_id = 2 AND d.merchant_order_no = 'X-9' AND s.seq = 2"),
        1);
}

Test(difference_publish, another_code_of_the_family_moves_on_and_keeps_the_identity)
{
    struct difference_unit less = { .code = "AMT_BILL_LESS",
                                    .attempt_no = ATTEMPT,
                                    .merchant_order_no = ATTEMPT,
                                    .b_fen = 55000,
                                    .p_fen = 56000 };
    difference_day(1, 1, &short_pay);
    difference_sql("UPDATE tallygate.difference SET assignee = 'finance', state = 'assigned'");
    difference_day(2, 2, &less);
    cr_expect_eq(difference_count("difference"), 1);
    cr_expect_eq(
        difference_count(
            "difference WHERE code = 'AMT_BILL_LESS' AND delta_fen = -1000 AND state = 'assigned'"
            " AND assignee = 'finance' AND version = 2"),
        1);
    cr_expect_eq(
        difference_count(
            "difference_event WHERE event = 'change' AND effect = 'keep' AND actor = 'run:2'"),
        1);
}

Test(difference_publish, what_a_newer_run_no_longer_shows_is_superseded_and_kept)
{
    difference_day(1, 1, &unknown);
    difference_day(2, 2, NULL);
    cr_expect_eq(difference_count("difference WHERE state = 'superseded' AND version = 2"), 1);
    difference_day(3, 3, NULL);
    cr_expect_eq(difference_count("difference WHERE version = 2"), 1, "once");
    difference_day(4, 4, &unknown);
    cr_expect_eq(difference_count("difference WHERE state = 'open' AND version = 3"), 1);
    cr_expect_eq(difference_count("difference_event WHERE event = 'return'"), 1);
}

Test(difference_publish, runs_of_other_days_and_accounts_leave_it_alone)
{
    difference_day(1, 1, &unknown);
    difference_run(2, "2026-11-24", 1);
    difference_publish(2);
    difference_run(3, DAY, 2);
    difference_sql("UPDATE tallygate.recon_run SET account = 'other' WHERE run_id = 3");
    difference_publish(3);
    cr_expect_eq(difference_count("difference WHERE state = 'open' AND version = 1"), 1);
}

/* Healed by a statement of the provider alone. */
Test(difference_publish, what_a_statement_explains_is_closed_by_itself_and_names_the_statement)
{
    difference_day(1, 1,
                   &(struct difference_unit){ .code = "ST_LATE_SUCCESS",
                                              .attempt_no = ATTEMPT,
                                              .merchant_order_no = ATTEMPT,
                                              .b_fen = 56000 });
    difference_provider_says(ATTEMPT_EVENT_PAID, EVIDENCE_PAID);
    difference_day(2, 2, NULL);
    cr_expect_eq(difference_count("difference WHERE state = 'auto_closed'"), 1);
    cr_expect_eq(
        difference_count(
            "difference_event d JOIN evidence e ON e.slot = d.evidence_slot AND e.digest = d.evidence_digest"
            " AND e.attempt_no = d.evidence_attempt_no WHERE d.event = 'heal'"
            " AND d.detail::jsonb->>'evidence_digest' = encode(e.digest, 'hex')"),
        1);
}

Test(difference_publish, a_statement_from_before_heals_nothing)
{
    difference_provider_says(ATTEMPT_EVENT_PAID, EVIDENCE_PAID);
    difference_sql("UPDATE tallygate.event SET at = '2000-01-01'");
    difference_day(1, 1, &short_pay);
    difference_day(2, 2, NULL);
    cr_expect_eq(difference_count("difference WHERE state = 'superseded'"), 1);
}

Test(difference_publish, one_that_the_provider_spoke_about_and_that_stays_is_left_to_people)
{
    difference_day(1, 1, &short_pay);
    difference_day(2, 2, &short_pay);
    cr_expect_eq(difference_count("difference WHERE state = 'checking'"), 1);
    difference_provider_says(ATTEMPT_EVENT_PAID, EVIDENCE_PAID);
    difference_day(3, 3, &short_pay);
    cr_expect_eq(difference_count("difference WHERE state = 'open'"), 1);
    cr_expect_eq(difference_count(
                     "difference_event WHERE event = 'confirm' AND evidence_digest IS NOT NULL"),
                 1);
}

Test(difference_publish, a_proposal_is_void_when_its_difference_changes_and_stands_when_not)
{
    struct difference_unit more = unknown;
    difference_day(1, 1, &unknown);
    difference_sql(
        "UPDATE tallygate.difference SET state = 'proposed', assignee = 'finance';"
        "INSERT INTO tallygate.action_request SELECT difference_no, 1, 'accept', NULL, 'as it is', 'finance', NULL,"
        " 'proposed', 'k', NULL, NULL, now(), NULL, NULL FROM tallygate.difference");
    difference_day(2, 2, &unknown);
    cr_expect_eq(difference_count("difference WHERE state = 'proposed'"), 1);
    cr_expect_eq(difference_count("action_request WHERE state = 'proposed'"), 1);
    more.b_fen = 51;
    difference_day(3, 3, &more);
    cr_expect_eq(difference_count("difference WHERE state = 'assigned' AND delta_fen = 51"), 1);
    cr_expect_eq(difference_count("action_request WHERE state = 'void'"), 1);
}

Test(difference_publish, a_closed_one_stays_closed_until_the_run_shows_another_amount)
{
    struct difference_unit more = unknown;
    difference_day(1, 1, &unknown);
    difference_sql("UPDATE tallygate.difference SET state = 'closed'");
    difference_day(2, 2, &unknown);
    difference_day(3, 3, NULL);
    cr_expect_eq(difference_count("difference WHERE state = 'closed' AND version = 1"), 1);
    more.b_fen = 51;
    difference_day(4, 4, &more);
    cr_expect_eq(difference_count("difference WHERE state = 'open'"), 1);
}

/* The day that it was in transit on is its day, whichever run finds it missing. */
Test(difference_publish, what_was_carried_in_keeps_its_original_day)
{
    struct difference_unit carried = short_pay;
    carried.carried_in = true;
    difference_run(1, "2026-11-24", 1);
    difference_result(1, 1, &carried);
    difference_publish(1);
    cr_expect_eq(
        difference_count("difference WHERE original_day = '" DAY "' AND bill_day = '2026-11-24'"),
        1);
    difference_day(2, 1, &short_pay);
    cr_expect_eq(difference_count("difference"), 1, "its own day finds the same one");
    cr_expect_eq(difference_count("difference WHERE bill_day = '" DAY "'"), 1);
    difference_run(3, "2026-11-24", 2);
    difference_publish(3);
    cr_expect_eq(difference_count("difference WHERE state = 'checking'"), 1,
                 "the other day no longer speaks for it");
}

Test(difference_publish, equal_lines_are_told_apart_and_stay_so)
{
    for (int64_t run = 1; run <= 2; run++) {
        difference_run(run, DAY, (int)run);
        for (int seq = 1; seq <= 3; seq++) {
            struct difference_unit twice = unknown;
            twice.code = "DUP_BILL_LINE";
            difference_result(run, seq, &twice);
        }
        difference_publish(run);
    }
    cr_expect_eq(difference_count("difference"), 3);
    cr_expect_eq(difference_count("difference WHERE version = 1"), 3);
}

Test(difference_publish, an_order_without_money_is_known_by_its_number)
{
    struct difference_unit order = { .code = "ORD_PAID_NO_MONEY" };
    difference_day(1, 1, &order);
    difference_day(2, 2, &order);
    cr_expect_eq(
        difference_count(
            "difference WHERE side = 'order' AND family = 'order' AND severity = 1 AND order_no = 'A-1'"),
        1);
}

/* A movement of the account's own bill, on a run of that number. */
static void
add_movement(int64_t run_id, int seq, const char *trade_no, int64_t fen)
{
    long long run = (long long)run_id;
    difference_sql(
        "INSERT INTO tallygate.recon_flow SELECT %lld, 1, NULL, NULL, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        " ON CONFLICT DO NOTHING",
        run);
    difference_sql(
        "INSERT INTO tallygate.flow_line VALUES (%lld, %d, 'unknown', '%s', '', '', %lld, 0, 0, '2026-11-23T04:00:00Z',"
        " 'FLOW_UNKNOWN', NULL, 'raw')",
        run, seq, trade_no, (long long)fen);
    difference_sql(
        "INSERT INTO tallygate.recon_result (run_id, seq, provider_trade_no, merchant_order_no, owner, order_no, order_kind,"
        " order_status, order_fen, title, invoice_id, invoiced_fen, primary_code, findings, bucket, face_fen, b_fen, p_fen,"
        " delta_fen, fee_fen, carry_out, flow_no, flow_fen) VALUES (%lld, %d, '%s', '', '', '', '', '', 0, '', '', 0,"
        " 'FLOW_UNKNOWN', '{}', 'nothing', 0, 0, 0, 0, 0, false, %d, %lld)",
        run, seq, trade_no, seq, (long long)fen);
}

/* It has no order and no attempt: its own numbers are all there is to know it by. */
Test(difference_publish, movements_are_known_by_their_numbers_whatever_their_place)
{
    difference_run(1, DAY, 1);
    add_movement(1, 1, "M1", -300);
    add_movement(1, 2, "M2", 700);
    difference_publish(1);
    cr_expect_eq(
        difference_count(
            "difference WHERE side = 'movement' AND family = 'flow' AND state = 'open' AND delta_fen = -300"
            " AND provider_trade_no = 'M1'"),
        1);
    difference_run(2, DAY, 2);
    add_movement(2, 1, "M0", 5);
    add_movement(2, 2, "M1", -300);
    difference_publish(2);
    cr_expect_eq(difference_count("difference"), 3);
    cr_expect_eq(
        difference_count(
            "difference WHERE provider_trade_no = 'M1' AND state = 'open' AND version = 1"),
        1);
    cr_expect_eq(
        difference_count("difference WHERE provider_trade_no = 'M2' AND state = 'superseded'"), 1);
}

Test(difference_publish, publishing_the_same_run_again_changes_nothing)
{
    difference_day(1, 1, &short_pay);
    difference_publish(1);
    cr_expect_eq(difference_count("difference WHERE version = 1"), 1);
    cr_expect_eq(difference_count("difference_shown"), 1);
}

/* The older content came again: its run counts once more, and so does what it shows. */
Test(difference_publish, an_earlier_run_that_counts_again_brings_its_differences_back)
{
    difference_day(1, 1, &unknown);
    difference_day(2, 2, NULL);
    difference_publish(1);
    cr_expect_eq(difference_count("difference WHERE state = 'open' AND version = 3"), 1);
}

Test(difference_publish, the_night_may_write_no_more_than_its_part)
{
    difference_day(1, 1, &unknown);
    static const struct {
        const char *sql;
        const char *state;
    } refused[] = {
        { "DELETE FROM difference", "42501" },
        { "DELETE FROM difference_event", "42501" },
        { "UPDATE difference_event SET detail = ''", "42501" },
        { "UPDATE difference SET delta_fen = 0", "42501" },
        { "UPDATE difference SET difference_no = repeat('0', 32)", "42501" },
        { "UPDATE action_request SET maker = 'x'", "42501" },
        { "UPDATE difference SET state = 'assigned'", "23514" },
        { "INSERT INTO difference_event SELECT difference_no, 2, 'difference', 'open', 'approve', 'approved', 'move', 'x', '', now(),"
          " hash FROM difference_event",
          "23503" },
        { "INSERT INTO difference_event SELECT difference_no, 2, 'difference', 'open', 'heal', 'auto_closed', 'move', 'run:1', '',"
          " now(), hash FROM difference_event",
          "23514" },
        { "INSERT INTO difference_event SELECT difference_no, 2, 'difference', 'open', 'supersede', 'superseded', 'move', 'finance', '',"
          " now(), hash FROM difference_event",
          "23514" },
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        cr_expect_str_eq(database_refusal(database.app, refused[i].sql), refused[i].state, "%s",
                         refused[i].sql);
    }
}

/* The body of the only message of the feed, as the portal pulls it. */
static void
read_message(struct buf *out)
{
    struct webhook_message message;
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *made = NULL;
    DEFER(db_rows_free) struct db_rows *feed = NULL;
    db_params_init(&params, database.arena);
    db_time(&params, clock_wall());
    db_i64(&params, 10);
    CHECK_OK(db_session_run(database.session, STATEMENT_webhook_fan_out, &params, &made));
    db_params_init(&params, database.arena);
    db_cstr(&params, "portal");
    db_i64(&params, 0);
    db_i64(&params, 10);
    CHECK_OK(db_session_run(database.session, STATEMENT_event_feed, &params, &feed));
    cr_assert_eq(db_rows_count(feed), 1);
    CHECK_OK(webhook_message_row(feed, 0, database.arena, &message));
    CHECK_OK(webhook_body_encode(&message, out));
}

static size_t
occurrences(struct span text, struct span of)
{
    size_t count = 0;
    for (size_t i = span_find(text, of); i < text.len; i = span_find(text, of)) {
        text = span_sub(text, i + of.len, text.len);
        count++;
    }
    return count;
}

Test(difference_publish, all_that_a_run_opened_is_one_message_that_names_the_twenty_gravest)
{
    char number[16];
    DEFER(buf_fini) struct buf body = BUF_MAX(WEBHOOK_BODY_MAX);
    difference_run(1, DAY, 1);
    for (int i = 1; i <= 25; i++) {
        (void)snprintf(number, sizeof(number), "X-%d", i);
        difference_result(1, i,
                          &(struct difference_unit){ .code = "LONG_UNKNOWN",
                                                     .merchant_order_no = number,
                                                     .provider_trade_no = number,
                                                     .b_fen = 50 });
    }
    difference_result(1, 26, &short_pay);
    difference_publish(1);
    difference_publish(1);
    cr_expect_eq(difference_count("difference"), 26);
    cr_expect_eq(difference_count("outbox WHERE kind = 'difference.opened'"), 1);
    read_message(&body);
    static const char *const words[] = { "\"type\":\"difference.opened\"", "\"opened\":26",
                                         "\"severity_1\":1", "\"severity_2\":25",
                                         "\"severity_3\":0" };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        cr_expect_lt(span_find(buf_span(&body), span_of(words[i])), body.len, "%s in %.*s",
                     words[i], (int)body.len, (const char *)body.at);
    }
    cr_expect_eq(occurrences(buf_span(&body), SPAN_LIT("\"id\":\"dif_")), 20);
    cr_expect_lt(span_find(buf_span(&body), SPAN_LIT("SHORT_PAY")),
                 span_find(buf_span(&body), SPAN_LIT("LONG_UNKNOWN")));
}

Test(difference_publish, a_run_that_opens_nothing_tells_of_none)
{
    difference_run(1, DAY, 1);
    difference_result(1, 1,
                      &(struct difference_unit){ .code = "PAY_OK",
                                                 .attempt_no = ATTEMPT,
                                                 .merchant_order_no = ATTEMPT,
                                                 .b_fen = 56000,
                                                 .p_fen = 56000 });
    difference_publish(1);
    cr_expect_eq(difference_count("outbox"), 0);
}
