/* SPDX-License-Identifier: Apache-2.0 */
/* What people do about a difference: each step once, by the right one, whoever else is at it. */
#include <string.h>

#include "difference.h"
#include "difference_people.h"

/* Money of the attempt that a run found short: 560.00, all of it refundable. */
static void
open_house(void)
{
    difference_house_open();
    difference_sql(
        "UPDATE tallygate.attempt SET refundable_fen = 56000 WHERE attempt_no = '" ATTEMPT "'");
    difference_day(1, 1,
                   &(struct difference_unit){ .code = "PAY_OK",
                                              .findings = "{ORD_CLOSED_PAID}",
                                              .attempt_no = ATTEMPT,
                                              .merchant_order_no = ATTEMPT,
                                              .b_fen = 56000,
                                              .p_fen = 56000 });
    people_open();
}

TestSuite(difference_acts, .init = open_house, .fini = people_close);

static size_t
settle(void)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_time(&params, now);
    db_i64(&params, 50);
    return count(STATEMENT_difference_settle, &params);
}

static void
approved_refund(int64_t fen)
{
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    CHECK_TEXT(propose("refund", fen, MAKER), "moved");
    CHECK_TEXT(decide("approve", "refund", fen, CHECKER), "moved");
}

/* Every event follows the one before it: written down once more by arithmetic of the server's own, not by difference_hash. */
static int64_t
broken_links(void)
{
    return database_number(
        &database,
        "SELECT count(*) FROM (SELECT e.*, lag(hash) OVER (PARTITION BY difference_no ORDER BY seq) AS previous FROM difference_event e) e"
        " WHERE hash <> sha256(coalesce(previous, '') || convert_to('0|' || difference_no || '|' || seq || '|||difference|' || from_state"
        " || '|' || event || '|' || to_state || '|' || effect || '|' || encode(sha256(convert_to(detail, 'UTF8')), 'hex') || '|' || actor"
        " || '|' || (extract(epoch FROM at) * 1000000)::bigint, 'UTF8'))");
}

Test(difference_acts, an_accepted_difference_is_resolved_by_two_people_and_closed)
{
    CHECK_TEXT(propose("accept", 0, MAKER), "state");
    CHECK_TEXT(move("assign", MAKER, "{\"assignee\":\"finance\"}", MAKER), "moved");
    CHECK_TEXT(execute(MAKER), "state");
    CHECK_TEXT(propose("accept", 0, MAKER), "moved");
    CHECK_TEXT(decide("approve", "accept", 0, MAKER), "same_person");
    CHECK_TEXT(decide("approve", "refund", 100, CHECKER), "changed");
    CHECK_TEXT(execute(CHECKER), "state");
    CHECK_TEXT(decide("approve", "accept", 0, CHECKER), "moved");
    CHECK_TEXT(move("close", MAKER, "{}", NULL), "state");
    CHECK_TEXT(execute(MAKER), "moved");
    cr_expect_eq(difference_count("difference WHERE state = 'resolved'"), 1);
    cr_expect_eq(
        difference_count(
            "action_request WHERE state = 'done' AND maker = 'finance' AND checker = 'checker'"),
        1);
    CHECK_TEXT(move("close", CHECKER, "{}", NULL), "moved");
    CHECK_TEXT(move("reopen", MAKER, "{\"reason\":\"wrong\"}", NULL), "moved");
    cr_expect_eq(difference_count("difference WHERE state = 'open' AND version = 7"), 1);
    cr_expect_eq(difference_count("difference_event"), 7);
    cr_expect_eq(broken_links(), 0);
}

/* As a chore asks when whoever took the call died before it answered. */
static size_t
acted(const char *word, const char *actor, const char *detail, int64_t later_ms)
{
    struct db_params params;
    unsigned char digest[SHA256_BYTES];
    CHECK_OK(crypto_sha256(span_of(detail), digest));
    db_params_init(&params, database.arena);
    db_cstr(&params, "portal");
    db_day(&params, (struct day){ 2026, 11, 25 });
    db_cstr(&params, number);
    db_cstr(&params, word);
    db_cstr(&params, actor);
    db_bytes(&params, span_make(digest, sizeof(digest)));
    db_time(&params, wall_add_ms(now, later_ms));
    return count(STATEMENT_difference_acted, &params);
}

/* A call that was done and looks undone would be done again, and may then find another proposal. `reverses` is the posting, or 0. */
static void
check_words(const char *kind, int64_t fen, int64_t reverses)
{
    static const char *const words[] = { "assign", "propose", "approve", "execute" };
    static const char *const actors[] = { MAKER, MAKER, CHECKER, MAKER };
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    CHECK_TEXT(propose_of(kind, fen, NULL, reverses, MAKER), "moved");
    CHECK_TEXT(decide_of("approve", kind, fen, NULL, reverses, CHECKER), "moved");
    cr_expect_eq(acted("execute", MAKER, "{}", 0), 0);
    CHECK_TEXT(execute(MAKER), "moved");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        cr_assert_eq(acted(words[i], actors[i], "{}", 0), 1, "%s", words[i]);
        CHECK_TEXT(db_row_text(rows, 0, "difference_no"), number);
        cr_expect_eq(acted(words[i], "other", "{}", 0), 0, "%s by another", words[i]);
        cr_expect_eq(acted(words[i], actors[i], "{\"note\":\"a\"}", 0), 0, "%s in other words",
                     words[i]);
        cr_expect_eq(acted(words[i], actors[i], "{}", 1), 0, "%s before", words[i]);
    }
    cr_expect_eq(acted("reject", CHECKER, "{}", 0), 0);
}

Test(difference_acts, calls_up_to_what_is_accepted_are_known_again_by_their_words)
{
    check_words("accept", 0, 0);
}

Test(difference_acts, calls_up_to_a_refund_are_known_again_by_their_words)
{
    check_words("refund", 100, 0);
}

/* Shown still, or shown no longer. */
Test(difference_acts, calls_up_to_a_reversal_are_known_again_by_their_words)
{
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    difference_sql("UPDATE tallygate.difference SET delta_fen = -700");
    for (int64_t round = 0; round < 2; round++) {
        CHECK_TEXT(propose("write_off", 700, MAKER), "moved");
        CHECK_TEXT(decide("approve", "write_off", 700, CHECKER), "moved");
        CHECK_TEXT(execute("third"), "moved");
        CHECK_TEXT(move("close", "third", "{}", NULL), "moved");
        CHECK_TEXT(move("reopen", "third", "{}", NULL), "moved");
        difference_sql("UPDATE tallygate.difference_event SET at = at - interval '1 hour'");
        check_words("reverse", 700, 2 * round + 1);
        difference_sql("SET search_path = tallygate; UPDATE difference SET state = 'assigned';"
                       "INSERT INTO recon_current VALUES ('main', 'trade', '" DAY
                       "', 1) ON CONFLICT DO NOTHING");
    }
    cr_expect_eq(difference_count("difference_event WHERE event = 'lapse'"), 1);
    cr_expect_eq(difference_count("difference_event WHERE event = 'reverse'"), 1);
}

Test(difference_acts, comments_are_kept_in_every_state_and_move_nothing)
{
    CHECK_TEXT(move("comment", "one", "{\"note\":\"a\"}", NULL), "moved");
    CHECK_TEXT(move("comment", "two", "{\"note\":\"b\"}", NULL), "moved");
    CHECK_TEXT(move("comment", "two", "{\"note\":\"b\"}", NULL), "moved");
    cr_expect_eq(difference_count("difference_event WHERE event = 'comment' AND effect = 'keep'"),
                 2, "the same words again are the same comment");
    cr_expect_eq(difference_count("difference WHERE state = 'open' AND assignee IS NULL"), 1);
    difference_day(2, 2, NULL);
    CHECK_TEXT(move("comment", "one", "{\"note\":\"gone\"}", NULL), "moved");
    cr_expect_eq(difference_count("difference WHERE state = 'superseded'"), 1);
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "state");
    CHECK_TEXT(move("reopen", MAKER, "{}", NULL), "state");
    cr_expect_eq(broken_links(), 0);
}

Test(difference_acts, what_belongs_to_another_party_is_unknown_and_what_belongs_to_nobody_is_not)
{
    difference_sql("UPDATE tallygate.difference SET owner = 'other'");
    CHECK_TEXT(move("comment", "one", "{}", NULL), "unknown");
    CHECK_TEXT(propose("accept", 0, MAKER), "unknown");
    CHECK_TEXT(decide("approve", "accept", 0, MAKER), "unknown");
    CHECK_TEXT(execute(MAKER), "unknown");
    difference_sql("UPDATE tallygate.difference SET owner = ''");
    CHECK_TEXT(move("comment", "one", "{}", NULL), "moved");
}

Test(difference_acts, what_was_rejected_can_be_proposed_again_and_counts)
{
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    CHECK_TEXT(propose("accept", 0, MAKER), "moved");
    CHECK_TEXT(propose("accept", 0, MAKER), "moved");
    CHECK_TEXT(propose("refund", 1, MAKER), "state");
    CHECK_TEXT(decide("reject", "", 0, MAKER), "moved");
    CHECK_TEXT(propose("refund", 100, MAKER), "moved");
    CHECK_TEXT(decide("approve", "refund", 101, CHECKER), "changed");
    CHECK_TEXT(decide("approve", "refund", 100, CHECKER), "moved");
    CHECK_TEXT(decide("approve", "refund", 100, CHECKER), "moved");
    CHECK_TEXT(decide("reject", "", 0, CHECKER), "moved");
    cr_expect_eq(difference_count("action_request WHERE state = 'rejected'"), 2);
    cr_expect_eq(difference_count("difference WHERE state = 'assigned'"), 1);
    CHECK_TEXT(execute(MAKER), "state");
    cr_expect_eq(difference_count("refund"), 0);
}

Test(difference_acts, a_refund_is_asked_for_in_the_makers_name_and_waits_for_its_own_approval)
{
    approved_refund(56000);
    cr_expect_eq(difference_count("refund"), 0, "nothing is asked for before it is executed");
    CHECK_TEXT(execute(CHECKER), "moved");
    cr_expect_eq(
        difference_count(
            "refund WHERE state = 'requested' AND requested_by = 'finance' AND approved_by IS NULL"
            " AND amount_fen = 56000 AND attempt_no = '" ATTEMPT
            "' AND request_key = 'difference:%s:1'",
            number),
        1);
    cr_expect_eq(difference_count("attempt WHERE refund_reserved_fen = 56000"), 1);
    cr_expect_eq(
        difference_count(
            "action_request a JOIN refund r ON r.slot = a.effect_slot AND r.refund_no = a.effect_refund_no"
            " WHERE a.state = 'executing'"),
        1);
    cr_expect_eq(difference_count("difference WHERE state = 'executing'"), 1);
    cr_expect_eq(settle(), 0, "the refund has not ended");
}

Test(difference_acts, more_than_is_left_is_not_asked_for_and_the_approval_can_be_taken_back)
{
    approved_refund(56001);
    CHECK_TEXT(execute(MAKER), "refund_amount");
    cr_expect_eq(difference_count("difference WHERE state = 'approved'"), 1);
    cr_expect_eq(difference_count("refund"), 0);
    CHECK_TEXT(decide("reject", "", 0, MAKER), "moved");
    cr_expect_eq(difference_count("attempt WHERE refund_reserved_fen <> 0"), 0);
}

Test(difference_acts, money_that_is_none_of_our_attempts_cannot_be_refunded_from_here)
{
    difference_sql(
        "UPDATE tallygate.difference SET attempt_no = '', state = 'assigned', assignee = 'finance'");
    CHECK_TEXT(propose("refund", 50, MAKER), "action");
    CHECK_TEXT(propose("accept", 0, MAKER), "moved");
}

/* The refund's end is the difference's, with the provider's word where there is one. */
Test(difference_acts, is_resolved_by_the_refund_that_succeeded_and_goes_back_with_one_that_did_not)
{
    approved_refund(100);
    CHECK_TEXT(execute(MAKER), "moved");
    difference_sql("UPDATE tallygate.refund SET state = 'rejected', rejected_by = 'checker'");
    cr_expect_eq(settle(), 1);
    cr_expect_eq(settle(), 0);
    cr_expect_eq(difference_count("difference WHERE state = 'assigned'"), 1);
    cr_expect_eq(difference_count("action_request WHERE state = 'failed'"), 1);
    CHECK_TEXT(propose("refund", 200, MAKER), "moved");
    CHECK_TEXT(decide("approve", "refund", 200, CHECKER), "moved");
    CHECK_TEXT(execute(MAKER), "moved");
    difference_sql(
        "SET search_path = tallygate;"
        "INSERT INTO evidence SELECT 7, '" ATTEMPT
        "', sha256('back'), 'query', 'back', 's', 'SUCCESS', 'T1', 200, NULL, NULL, now(), NULL;"
        "UPDATE refund SET state = 'succeeded', approved_by = 'checker', moved_fen = amount_fen, send_count = 1, first_sent_at = now(),"
        " taken_at = now(), bill_day = '" DAY "' WHERE amount_fen = 200;"
        "INSERT INTO event (slot, payment_no, seq, attempt_no, refund_no, machine, from_state, event, to_state, effect, evidence_digest,"
        " at, hash) SELECT 7, '" PAYMENT "', 99, '" ATTEMPT
        "', refund_no, 'refund', 'sent', 'succeed', 'succeeded', 'move',"
        " sha256('back'), now(), sha256('') FROM refund WHERE amount_fen = 200");
    cr_expect_eq(settle(), 1);
    cr_expect_eq(difference_count("difference WHERE state = 'resolved'"), 1);
    cr_expect_eq(difference_count(
                     "difference_event WHERE event = 'done' AND evidence_digest = sha256('back')"),
                 1);
    cr_expect_eq(broken_links(), 0);
}

/* Invariant 30. */
Test(difference_acts, is_executed_once_by_many_at_once)
{
    const char *arguments[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        arguments[i] = "'finance', '{}', now()";
    }
    approved_refund(100);
    cr_expect_eq(people_race(STATEMENT_action_execute, arguments, CALLERS, "moved"), 1);
    cr_expect_eq(difference_count("refund"), 1);
    cr_expect_eq(difference_count("attempt WHERE refund_reserved_fen = 100 AND refund_count = 1"),
                 1);
    cr_expect_eq(difference_count("difference_event WHERE event = 'execute'"), 1);
    CHECK_TEXT(execute(MAKER), "moved");
    cr_expect_eq(difference_count("refund"), 1);
}

Test(difference_acts, is_decided_once_by_two_at_once)
{
    static const char *const arguments[] = {
        "'approve', 'accept', NULL, 'checker', now(), '{}', NULL, NULL",
        "'reject', '', NULL, 'other', now(), '{}', NULL, NULL"
    };
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    CHECK_TEXT(propose("accept", 0, MAKER), "moved");
    cr_expect_eq(people_race(STATEMENT_action_decide, arguments, 2, "moved"), 1);
    cr_expect_eq(difference_count("difference_event WHERE event IN ('approve', 'reject')"), 1);
}

/* Nobody's words are lost, and the chain holds both. */
Test(difference_acts, two_who_comment_at_once_are_both_heard)
{
    static const char *const arguments[] = { "'comment', 'one', '{\"note\":\"a\"}', now(), NULL",
                                             "'comment', 'two', '{\"note\":\"b\"}', now(), NULL" };
    cr_expect_eq(people_race(STATEMENT_difference_move, arguments, 2, "moved"), 2);
    cr_expect_eq(difference_count("difference WHERE version = 3"), 1);
    cr_expect_eq(broken_links(), 0);
}

/* Invariant 29, where no statement of ours looks. */
Test(difference_acts, the_database_itself_wants_two_people_and_one_effect)
{
    approved_refund(100);
    CHECK_TEXT(execute(MAKER), "moved");
    static const struct {
        const char *sql;
        const char *state;
    } refused[] = {
        { "UPDATE action_request SET checker = maker", "23514" },
        { "UPDATE action_request SET checker = 'policy:x'", "23514" },
        { "UPDATE action_request SET state = 'approved', checker = NULL, decided_at = NULL, executed_at = NULL, effect_slot = NULL,"
          " effect_refund_no = NULL",
          "23514" },
        { "UPDATE action_request SET effect_refund_no = NULL, effect_slot = NULL", "23514" },
        { "UPDATE action_request SET amount_fen = 1", "42501" },
        { "UPDATE action_request SET maker = 'x'", "42501" },
        { "DELETE FROM action_request", "42501" },
        { "DELETE FROM difference_event", "42501" },
        { "UPDATE difference SET severity = 3", "42501" },
        { "INSERT INTO action_request SELECT difference_no, 2, kind, amount_fen, reason, maker, NULL, 'proposed', 'other', NULL, NULL,"
          " now(), NULL, NULL FROM action_request",
          "23505" },
        { "INSERT INTO action_request SELECT difference_no, 2, kind, amount_fen, reason, maker, NULL, 'void', idempotency_key, NULL, NULL,"
          " now(), NULL, NULL FROM action_request",
          "23505" },
        { "INSERT INTO difference_attachment VALUES (sha256('a'), 'b')", "23514" },
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        cr_expect_str_eq(database_refusal(database.app, refused[i].sql), refused[i].state, "%s",
                         refused[i].sql);
    }
}

static const char *listed_kind = "";

static int items_most = 9;

static size_t
items(void)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_cstr(&params, number);
    db_i64(&params, items_most);
    return count(STATEMENT_difference_items, &params);
}

Test(difference_acts, items_that_are_taxed_wrongly_are_told_of_the_run_that_showed_it_last)
{
    difference_sql(
        "INSERT INTO tallygate.recon_item_off SELECT 1, owner, order_no || o, 'I-1', '', n, 'item ' || n, 100, 10, 7"
        "  FROM tallygate.difference, generate_series(1, 2) n, unnest('{\"\",other}'::text[]) o");
    cr_expect_eq(items(), 0, "it is not about the tax");
    difference_sql("UPDATE tallygate.difference SET codes = codes || '{INV_TAX}'");
    items_most = 1;
    cr_expect_eq(items(), 1);
    items_most = 9;
    cr_assert_eq(items(), 2);
    CHECK_TEXT(db_row_text(rows, 0, "invoice_id"), "I-1");
    CHECK_TEXT(db_row_text(rows, 1, "name"), "item 2");
    cr_expect_eq(db_row_i64(rows, 1, "number"), 2);
    cr_expect_eq(db_row_i64(rows, 1, "net_fen"), 100);
    cr_expect_eq(db_row_i64(rows, 1, "tax_fen"), 10);
    cr_expect_eq(db_row_i64(rows, 1, "off_fen"), 7);
    difference_day(2, 2,
                   &(struct difference_unit){ .code = "PAY_OK",
                                              .findings = "{ORD_CLOSED_PAID,INV_TAX}",
                                              .attempt_no = ATTEMPT,
                                              .merchant_order_no = ATTEMPT,
                                              .b_fen = 56000,
                                              .p_fen = 56000 });
    cr_expect_eq(items(), 0, "the run of now has none");
}

static size_t
list(const char *state, int severity, const char *day, const char *assignee, int from, int to,
     const char *after, int most)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_cstr(&params, "portal");
    db_day(&params, (struct day){ 2026, 11, 25 });
    db_cstr(&params, state);
    db_i64(&params, severity);
    if (day == NULL) {
        db_null(&params);
    } else {
        db_cstr(&params, day);
    }
    db_cstr(&params, "");
    db_cstr(&params, assignee);
    db_i64(&params, from);
    db_i64(&params, to);
    db_cstr(&params, after);
    db_i64(&params, most);
    db_cstr(&params, listed_kind);
    return count(STATEMENT_difference_list, &params);
}

Test(difference_acts, are_listed_the_gravest_and_oldest_first_by_page_and_filter)
{
    char first[DIFFERENCE_NO_CHARS + 1] = "";
    difference_run(2, "2026-11-24", 1);
    difference_result(2, 1,
                      &(struct difference_unit){
                          .code = "SHORT_PAY", .attempt_no = PAYMENT "02", .p_fen = 56000 });
    difference_result(
        2, 2,
        &(struct difference_unit){ .code = "LONG_UNKNOWN", .merchant_order_no = "X", .b_fen = 1 });
    difference_publish(2);
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    cr_expect_eq(list("", 0, NULL, "", 0, 999, "", 9), 3);
    CHECK_TEXT(db_row_text(rows, 0, "code"), "SHORT_PAY");
    CHECK_TEXT(db_row_text(rows, 1, "code"), "ORD_CLOSED_PAID");
    CHECK_TEXT(db_row_text(rows, 2, "code"), "LONG_UNKNOWN");
    cr_expect_eq(db_row_i64(rows, 1, "age_days"), 2);
    cr_expect_eq(list("", 0, NULL, "", 0, 999, "", 1), 1);
    struct span number_of_first = db_row_text(rows, 0, "difference_no");
    cr_assert_eq(number_of_first.len, DIFFERENCE_NO_CHARS);
    memcpy(first, number_of_first.at, DIFFERENCE_NO_CHARS);
    cr_expect_eq(list("", 0, NULL, "", 0, 999, first, 9), 2);
    CHECK_TEXT(db_row_text(rows, 0, "code"), "ORD_CLOSED_PAID");
    cr_expect_eq(list("assigned", 0, NULL, "", 0, 999, "", 9), 1);
    cr_expect_eq(list("waiting", 2, NULL, "", 0, 999, "", 9), 2);
    cr_expect_eq(list("", 0, "2026-11-24", "", 0, 999, "", 9), 2);
    cr_expect_eq(list("", 0, NULL, MAKER, 0, 999, "", 9), 1);
    cr_expect_eq(list("", 0, NULL, "", 2, 3, "", 9), 1);
    cr_expect_eq(list("closed", 0, NULL, "", 0, 999, "", 9), 0);
    listed_kind = "trade";
    cr_expect_eq(list("", 0, NULL, "", 0, 999, "", 9), 3);
    listed_kind = "deposits";
    cr_expect_eq(list("", 0, NULL, "", 0, 999, "", 9), 0);
}
