/* SPDX-License-Identifier: Apache-2.0 */
/* Payouts against deposits: two payouts of 100.00 and 50.00 on the 23rd, three days allowed, and what came of them. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "deposit_file.h"

#define MOST 8

struct bank {
    struct deposit_payout payouts[MOST];
    struct deposit_entry entries[MOST];
    struct deposit_input in;
    struct arena *arena;
    struct deposit_output out;
    char said[1024];
};

static void
bank_free(struct bank *b)
{
    arena_free(&b->arena);
}

static void
golden(struct bank *b)
{
    arena_free(&b->arena);
    *b = (struct bank){ .in = { .payout_count = 2, .term_days = 3, .as_of = { 2026, 11, 26 } } };
    b->payouts[0] =
        (struct deposit_payout){ .reference = SPAN("W1"), .day = { 2026, 11, 23 }, .fen = 10000 };
    b->payouts[1] =
        (struct deposit_payout){ .reference = SPAN("W2"), .day = { 2026, 11, 23 }, .fen = 5000 };
}

static void
came(struct bank *b, const char *number, int64_t fen, const char *references)
{
    b->entries[b->in.entry_count++] = (struct deposit_entry){ .deposit_no = span_of(number),
                                                              .references = span_of(references),
                                                              .day = { 2026, 11, 24 },
                                                              .fen = fen };
}

static enum err
try_match(struct bank *b)
{
    b->in.payouts = b->payouts;
    b->in.entries = b->entries;
    arena_free(&b->arena);
    CHECK_OK(arena_new((size_t)1024 * 1024, &b->arena));
    return deposit_match(&b->in, b->arena, &b->out);
}

/* Each result with its notes and delta. */
static const char *
say(struct bank *b)
{
    CHECK_OK(try_match(b));
    size_t used = 0;
    b->said[0] = '\0';
    for (size_t i = 0; i < b->out.count; i++) {
        const struct deposit_result *r = &b->out.results[i];
        int put = snprintf(b->said + used, sizeof(b->said) - used, "%s%s%s%s%s %lld",
                           i > 0 ? "\n" : "", finding_name(r->primary),
                           r->merged ? " DEP_MERGED" : "", r->split ? " DEP_SPLIT" : "",
                           r->fee ? " DEP_FEE" : "", (long long)r->delta_fen);
        cr_assert(put > 0 && (size_t)put < sizeof(b->said) - used);
        used += (size_t)put;
    }
    return b->said;
}

#define CHECK_SAYS(bank, want)                                               \
    do {                                                                     \
        const char *says_ = say(bank);                                       \
        cr_assert_str_eq(says_, (want), "got\n%s\nwant\n%s", says_, (want)); \
    } while (0)

Test(deposits, that_name_their_payouts_and_agree)
{
    DEFER(bank_free) struct bank b = { 0 };
    golden(&b);
    came(&b, "B1", 10000, "W1");
    came(&b, "B2", 5000, "W2");
    CHECK_SAYS(&b, "DEP_OK 0\nDEP_OK 0");
    cr_expect_eq(b.out.alloc_count, 2);
    cr_expect_eq(b.out.settled_fen, 15000);
    cr_expect_eq(b.out.banked_fen, 15000);
}

Test(deposits, that_are_not_there_are_on_the_way_for_some_days)
{
    DEFER(bank_free) struct bank b = { 0 };
    golden(&b);
    CHECK_SAYS(&b, "DEP_IN_TRANSIT -10000\nDEP_IN_TRANSIT -5000");
    b.in.as_of.mday = 27;
    CHECK_SAYS(&b, "DEP_SHORT -10000\nDEP_SHORT -5000");
}

Test(deposits, of_another_amount_are_short_or_over)
{
    DEFER(bank_free) struct bank b = { 0 };
    golden(&b);
    came(&b, "B1", 9999, "W1");
    came(&b, "B2", 5001, "W2");
    CHECK_SAYS(&b, "DEP_IN_TRANSIT -1\nDEP_OVER 1");
    b.in.as_of.mday = 27;
    CHECK_SAYS(&b, "DEP_SHORT -1\nDEP_OVER 1");
}

Test(deposits, one_for_several_payouts_is_merged_only_when_it_names_them)
{
    DEFER(bank_free) struct bank b = { 0 };
    golden(&b);
    came(&b, "B1", 15000, "W1 W2");
    CHECK_SAYS(&b, "DEP_OK DEP_MERGED 0\nDEP_OK DEP_MERGED 0");
    cr_expect_eq(b.out.allocs[0].fen, 10000);
    cr_expect_eq(b.out.allocs[1].fen, 5000);
    b.entries[0].references = SPAN_LIT("");
    CHECK_SAYS(&b, "DEP_IN_TRANSIT -10000\nDEP_IN_TRANSIT -5000\nDEP_UNKNOWN 15000");
    cr_expect_eq(b.out.results[2].suggestion, DEPOSIT_NONE);
}

Test(deposits, several_for_one_payout_are_split)
{
    DEFER(bank_free) struct bank b = { 0 };
    golden(&b);
    came(&b, "B1", 6000, "W1");
    came(&b, "B2", 4000, "W1");
    came(&b, "B3", 5000, "W2");
    CHECK_SAYS(&b, "DEP_OK DEP_SPLIT 0\nDEP_OK 0");
}

Test(deposits, less_a_fee_of_the_bank_are_whole_with_it)
{
    DEFER(bank_free) struct bank b = { 0 };
    golden(&b);
    came(&b, "B1", 9990, "W1");
    came(&b, "B2", 5000, "W2");
    b.entries[0].fee_fen = 10;
    CHECK_SAYS(&b, "DEP_OK DEP_FEE 0\nDEP_OK 0");
}

Test(deposits, sent_back_leave_their_payout_without_money)
{
    DEFER(bank_free) struct bank b = { 0 };
    golden(&b);
    came(&b, "B1", 10000, "W1");
    came(&b, "B2", 5000, "W2");
    came(&b, "B3", 10000, "W1");
    b.entries[2].returned = true;
    CHECK_SAYS(&b, "DEP_RETURNED DEP_SPLIT -10000\nDEP_OK 0");
    b.entries[2].references = SPAN_LIT("W9");
    CHECK_SAYS(&b, "DEP_OK 0\nDEP_OK 0\nDEP_RETURNED -10000");
}

Test(deposits, of_nobody_are_unknown_and_an_equal_amount_is_a_suggestion)
{
    DEFER(bank_free) struct bank b = { 0 };
    golden(&b);
    came(&b, "B1", 10000, "W7");
    CHECK_SAYS(&b, "DEP_IN_TRANSIT -10000\nDEP_IN_TRANSIT -5000\nDEP_UNKNOWN 10000");
    cr_expect_eq(b.out.results[2].suggestion, 0);
    b.payouts[1].fen = 10000; /* two that fit are none */
    (void)say(&b);
    cr_expect_eq(b.out.results[2].suggestion, DEPOSIT_NONE);
}

/* The bank's number is the voucher; the amount alone joins nothing. */
Test(deposits, of_payers_belong_to_the_orders_they_were_recorded_for_or_to_none)
{
    static const struct deposit_transfer recorded[] = { { SPAN("V1"), 28000 },
                                                        { SPAN("V2"), 56000 } };
    DEFER(bank_free) struct bank b = { 0 };
    golden(&b);
    b.in.payout_count = 0;
    came(&b, "V1", 28000, "");
    came(&b, "V2", 55990, "");
    came(&b, "V3", 28000, "");
    b.entries[0].transfer = b.entries[1].transfer = b.entries[2].transfer = true;
    b.in.transfers = recorded;
    b.in.transfer_count = 2;
    CHECK_SAYS(&b, "MAN_OK 0\nMAN_AMOUNT -10\nMAN_ORPHAN_DEPOSIT 28000");
    cr_expect_eq(b.out.settled_fen, 84000);
    cr_expect_eq(b.out.delta_fen, 27990);
    b.entries[1].fee_fen = 10;
    CHECK_SAYS(&b, "MAN_OK 0\nMAN_OK DEP_FEE 0\nMAN_ORPHAN_DEPOSIT 28000");
    b.entries[2].transfer = false; /* the same line as a provider's */
    CHECK_SAYS(&b, "MAN_OK 0\nMAN_OK DEP_FEE 0\nDEP_UNKNOWN 28000");
    b.entries[0].returned = true;
    cr_expect_eq(try_match(&b), ERR_FIELD_VALUE);
    b.entries[0].returned = false;
    b.entries[0].references = SPAN_LIT("W1");
    cr_expect_eq(try_match(&b), ERR_FIELD_VALUE);
}

Test(deposits, that_cannot_be_are_refused)
{
    DEFER(bank_free) struct bank b = { 0 };
    golden(&b);
    b.payouts[1].reference = b.payouts[0].reference;
    cr_expect_eq(try_match(&b), ERR_FIELD_VALUE);
    golden(&b);
    b.payouts[0].fen = INT64_MIN;
    cr_expect_eq(try_match(&b), ERR_AMOUNT_OVERFLOW);
    golden(&b);
    b.payouts[0].reference = SPAN_LIT("");
    cr_expect_eq(try_match(&b), ERR_FIELD_VALUE);
    golden(&b);
    came(&b, "B1", 1, "");
    came(&b, "B1", 1, "");
    cr_expect_eq(try_match(&b), ERR_FIELD_VALUE);
    b.in.entry_count = 1;
    b.entries[0].fee_fen = -1;
    cr_expect_eq(try_match(&b), ERR_FIELD_VALUE);
    b.entries[0].fee_fen = INT64_MAX;
    cr_expect_eq(try_match(&b), ERR_AMOUNT_OVERFLOW);
}

/* Every payout once, every deposit in the sums once, in whatever order they stand. */
Test(deposits, add_up_in_any_order)
{
    uint64_t seed = 7;
    for (int round = 0; round < 300; round++) {
        DEFER(bank_free) struct bank b = { 0 };
        static const char *const names[] = { "",      "W1",       "W2", "W3",
                                             "W1 W2", "W2 W3 W1", "W9", "W3 W3" };
        static const char *const numbers[] = { "B1", "B2", "B3", "B4", "B5" };
        int64_t banked = 0;
        golden(&b);
        b.payouts[2] =
            (struct deposit_payout){ .reference = SPAN("W3"), .day = { 2026, 11, 20 }, .fen = 700 };
        b.in.payout_count = 3;
        for (size_t i = 0; i < 5; i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            came(&b, numbers[i], (int64_t)(1 + (seed >> 33) % 12000), names[(seed >> 20) % 8]);
            b.entries[i].returned = (seed >> 40) % 5 == 0;
            b.entries[i].fee_fen = (int64_t)((seed >> 50) % 3);
            int64_t whole = b.entries[i].fen + b.entries[i].fee_fen;
            banked += b.entries[i].returned ? -whole : whole;
        }
        char first[1024];
        (void)snprintf(first, sizeof(first), "%s", say(&b));
        int64_t delta = 0, given = 0;
        for (size_t i = 0; i < b.out.count; i++) {
            delta += b.out.results[i].delta_fen;
            given += b.out.results[i].payout != DEPOSIT_NONE ? b.out.results[i].banked_fen : 0;
        }
        for (size_t i = 0; i < b.out.alloc_count; i++) {
            given -= b.out.allocs[i].fen;
        }
        cr_assert_eq(delta, banked - 15700);
        cr_assert_eq(given, 0);
        struct deposit_entry kept = b.entries[0];
        b.entries[0] = b.entries[4];
        b.entries[4] = kept;
        struct deposit_payout payout = b.payouts[0];
        b.payouts[0] = b.payouts[2];
        b.payouts[2] = payout;
        cr_assert_str_eq(say(&b), first);
    }
}

struct read {
    enum deposit_verdict verdict;
    struct deposit_entry entry;
    int64_t number;
    char references[16];
    size_t count;
};

static enum err
take(void *context, int64_t number, enum deposit_verdict verdict, const struct deposit_entry *entry)
{
    struct read *read = context;
    read->verdict = verdict;
    read->entry = *entry;
    read->number = number;
    cr_assert_lt(entry->references.len, sizeof(read->references));
    memset(read->references, 0, sizeof(read->references));
    if (entry->references.len > 0) {
        memcpy(read->references, entry->references.at, entry->references.len);
    }
    read->count++;
    return ERR_OK;
}

static enum err
read_text(const char *text, struct read *read, int64_t *record)
{
    const struct day today = { 2026, 11, 26 };
    *read = (struct read){ .count = 0 };
    return deposit_file_read(span_of(text), today, take, read, record);
}

Test(deposits, lines_of_the_banks_statement_are_read_as_they_stand)
{
    static const struct {
        const char *line;
        enum deposit_verdict verdict;
    } rows[] = {
        { "B1,2026-11-24,100.00,,deposit,W1", DEPOSIT_STORED },
        { "B1,2026-11-24,100.00,0.50,return,", DEPOSIT_STORED },
        { "B1,2026-11-24,100.00,0.50,deposit,W1 W2", DEPOSIT_STORED },
        { "B1,2026-11-24,100.00,,transfer,", DEPOSIT_STORED },
        { "\"B1\", 2026-11-24 ,\"100.00\",,deposit,\"W1\"", DEPOSIT_STORED },
        { "B1,2026-11-24,100.00,,transfer,W1", DEPOSIT_PAYOUTS },
        { "B1,2026-11-24,100.00,,deposit", DEPOSIT_WIDTH },
        { "B1,2026-11-24,100.00,,deposit,W1,", DEPOSIT_WIDTH },
        { ",2026-11-24,100.00,,deposit,W1", DEPOSIT_NUMBER },
        { "B 1,2026-11-24,100.00,,deposit,W1", DEPOSIT_NUMBER },
        { "\"B,1\",2026-11-24,100.00,,deposit,W1", DEPOSIT_NUMBER },
        { "2.0251124E+19,2026-11-24,100.00,,deposit,W1", DEPOSIT_NUMBER },
        { "B1,2026-11-31,100.00,,deposit,W1", DEPOSIT_DAY },
        { "B1,2026-11-27,100.00,,deposit,W1", DEPOSIT_DAY },
        { "B1,2026-11-24,0.00,,deposit,W1", DEPOSIT_AMOUNT },
        { "B1,2026-11-24,-1.00,,deposit,W1", DEPOSIT_AMOUNT },
        { "B1,2026-11-24,100000000.01,,deposit,W1", DEPOSIT_AMOUNT },
        { "B1,2026-11-24,1.00,100000000.01,deposit,W1", DEPOSIT_FEE },
        { "B1,2026-11-24,1.001,,deposit,W1", DEPOSIT_AMOUNT },
        { "B1,2026-11-24,1E2,,deposit,W1", DEPOSIT_AMOUNT },
        { "B1,2026-11-24,\"1,000.00\",,deposit,W1", DEPOSIT_AMOUNT },
        { "B1,2026-11-24,100.00,-0.01,deposit,W1", DEPOSIT_FEE },
        { "B1,2026-11-24,100.00,,Deposit,W1", DEPOSIT_KIND },
        { "B1,2026-11-24,100.00,,deposit,\"W\"\"1\"", DEPOSIT_PAYOUTS },
        { "B1,2026-11-24,100.00,,deposit,\"W1,W2\"", DEPOSIT_PAYOUTS },
        { "B1,2026-11-24,100.00,,deposit,W1 2.0251124E+19", DEPOSIT_PAYOUTS },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[160];
        struct read read;
        int64_t record = 0;
        (void)snprintf(text, sizeof(text), "%s\r\n\r\n%s\r\n", DEPOSIT_FILE_HEADER, rows[i].line);
        CHECK_OK(read_text(text, &read, &record));
        bool stored = rows[i].verdict == DEPOSIT_STORED;
        cr_assert_eq(read.count, 1, "%s", rows[i].line);
        cr_expect_eq(read.number, 2);
        cr_expect_eq(record, 3);
        cr_expect_eq(read.verdict, rows[i].verdict, "%s: %s", rows[i].line,
                     deposit_verdict_code(read.verdict));
        cr_expect_eq(read.entry.fen, stored ? 10000 : 0);
        cr_expect_eq(read.entry.returned, i == 1);
        cr_expect_eq(read.entry.transfer, i == 3);
        cr_expect_str_eq(read.references, i == 0 || i == 4 ? "W1" : i == 2 ? "W1 W2" : "");
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            const char *why = deposit_verdict_text(read.verdict, (enum language)language);
            cr_expect_eq(why[0] == '\0', stored, "%s", rows[i].line);
        }
    }
    cr_expect(strstr(deposit_verdict_text(DEPOSIT_AMOUNT, LANGUAGE_ZH), "到账金额 amount_yuan"));
}

Test(deposits, files_without_the_header_or_with_quotes_that_do_not_fit_end_there)
{
    struct read read;
    int64_t record = 0;
    CHECK_OK(read_text("\xEF\xBB\xBF" DEPOSIT_FILE_HEADER, &read, &record));
    cr_expect_eq(read.count, 0);
    static const char *const empty[] = { "", "\xEF\xBB\xBF", "\r\n\n" };
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        cr_expect_eq(read_text(empty[i], &read, &record), ERR_IMPORT_EMPTY, "%zu", i);
        cr_expect_eq(deposit_file_check(span_of(empty[i])), ERR_IMPORT_EMPTY, "%zu", i);
    }
    static const char *const headless[] = { "deposit_no,day\n", "B1,2026-11-24,1.00,,deposit,\n",
                                            DEPOSIT_FILE_HEADER ",more\n" };
    for (size_t i = 0; i < sizeof(headless) / sizeof(headless[0]); i++) {
        cr_expect_eq(read_text(headless[i], &read, &record), ERR_IMPORT_HEADER, "%zu", i);
        cr_expect_eq(deposit_file_check(span_of(headless[i])), ERR_IMPORT_HEADER, "%zu", i);
        cr_expect_eq(record, 1);
    }
    cr_expect_eq(read_text(DEPOSIT_FILE_HEADER
                           "\nB1,2026-11-24,100.00,,deposit,\nB2,\"2026\"-11-24,",
                           &read, &record),
                 ERR_IMPORT_CSV);
    cr_expect_eq(read.count, 1);
    cr_expect_eq(read.verdict, DEPOSIT_STORED);
    cr_expect_eq(record, 3);
    CHECK_OK(deposit_file_check(SPAN_LIT(DEPOSIT_FILE_HEADER "\nB2,\"2026\"-11-24,")));
}
