/* SPDX-License-Identifier: Apache-2.0 */
/* Random weeks of payouts and lines of the bank: laws that hold of all of them. */
#include "settlement_repeat.h"

TestSuite(settlement_weeks, .init = open_house, .fini = close_house);

static uint64_t seed;

static int
chance(int below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((seed >> 33) % (uint64_t)below);
}

/* Up to three lines of that day or of one before: they name payouts that were, that come later, that never were, or none. */
static void
random_lines(int mday, int *count)
{
    for (int i = chance(4); i > 0; i--) {
        DEFER(buf_fini) struct buf line = BUF_MAX(256);
        const char *text = NULL;
        int day = chance(5) == 0 && mday > 3 ? mday - 1 - chance(3) : mday;
        int kind = chance(10);
        CHECK_OK(buf_printf(&line, "B%d,2026-11-%02d,%d.%02d,0.%02d,%s,", ++*count, day,
                            chance(150), 1 + chance(99), chance(3) == 0 ? chance(100) : 0,
                            kind == 0   ? "transfer"
                            : kind == 1 ? "return"
                                        : "deposit"));
        for (int names = kind == 0 ? 0 : chance(4), name = 0; name < names; name++) {
            CHECK_OK(buf_printf(&line, "%sW%d", name == 0 ? "" : " ", 1 + chance(mday * 2)));
        }
        CHECK_OK(buf_cstr(&line, &text));
        came(text);
    }
}

/* Looked at without the code that made it: nothing is there twice or not at all, and nothing is lost between the days. */
static void
check_laws(void)
{
    static const char *const broken[] = {
        /* a line of the bank that is new in another number of runs than one, or in none but its day's */
        "SELECT count(*) FROM bank_deposit b WHERE bank_day <= '2026-11-14' AND 1 <> (SELECT count(*) FROM recon_current c"
        " JOIN recon_deposit d USING (run_id) WHERE c.kind = 'deposits' AND NOT d.carried_in AND d.deposit_no = b.deposit_no"
        " AND c.bill_day = b.bank_day)",
        /* in a run a line that neither stands for itself nor is whole in its parts */
        "SELECT count(*) FROM recon_deposit d JOIN recon_current c USING (run_id) WHERE (d.fen + d.fee_fen) * (CASE WHEN d.returned THEN -1"
        " ELSE 1 END) <> coalesce((SELECT sum(part_fen) FROM recon_deposit_part p WHERE p.run_id = d.run_id AND p.deposit_no ="
        " d.deposit_no), (SELECT b_fen FROM recon_result r WHERE r.run_id = d.run_id AND r.deposit_no = d.deposit_no))",
        /* a payout that moved on a day and has not one result there */
        "SELECT count(*) FROM flow_line f JOIN recon_current c USING (run_id) WHERE 1 <> (SELECT count(*) FROM recon_current s"
        " JOIN recon_result r USING (run_id) WHERE s.kind = 'deposits' AND s.bill_day = c.bill_day AND r.payout_no = f.provider_trade_no)",
        /* a payout of which what left the account is not what came and what is open on the last day */
        "SELECT count(*) FROM (SELECT provider_trade_no AS w, -sum(fen) AS fen FROM flow_line GROUP BY 1) f WHERE fen <>"
        " (SELECT coalesce(sum(part_fen), 0) FROM recon_current JOIN recon_deposit_part p USING (run_id) WHERE p.payout_no = w)"
        " - (SELECT coalesce(sum(delta_fen), 0) FROM recon_current c JOIN recon_result r USING (run_id) WHERE r.payout_no = w"
        "     AND c.bill_day = '2026-11-14')",
        /* what a day carries out and the day after does not take in, and the other way round */
        "SELECT count(*) FROM (SELECT c.bill_day + 1 AS day, payout_no, deposit_no FROM recon_current c JOIN recon_result USING (run_id)"
        " WHERE c.kind = 'deposits' AND delta_fen <> 0 AND c.bill_day < '2026-11-14') o FULL JOIN (SELECT c.bill_day AS day, payout_no,"
        " NULL AS deposit_no FROM recon_current c JOIN recon_payout p USING (run_id) WHERE paid_fen - banked_fen <> coalesce(moved_fen, 0)"
        " UNION ALL SELECT c.bill_day, NULL, deposit_no FROM recon_current c JOIN recon_deposit d USING (run_id) WHERE carried_in) i"
        " ON o.day = i.day AND o.payout_no IS NOT DISTINCT FROM i.payout_no AND o.deposit_no IS NOT DISTINCT FROM i.deposit_no"
        " WHERE o.day IS NULL OR i.day IS NULL",
        /* the same in money */
        "SELECT count(*) FROM recon_settlement a JOIN recon_current c USING (run_id) JOIN recon_current n ON n.kind = c.kind"
        " AND n.bill_day = c.bill_day + 1 JOIN recon_settlement b ON b.run_id = n.run_id WHERE (a.closing_fen, a.loose_out_fen)"
        " IS DISTINCT FROM (b.opening_fen, b.loose_in_fen)",
        /* of the last day something open without a difference, or a difference of something that is not open */
        "SELECT count(*) FROM (SELECT coalesce(payout_no, deposit_no) AS no FROM recon_current c JOIN recon_result USING (run_id)"
        " WHERE c.bill_day = '2026-11-14' AND c.kind = 'deposits' AND delta_fen <> 0 AND primary_code <> 'DEP_IN_TRANSIT') o"
        " FULL JOIN (SELECT coalesce(nullif(provider_trade_no, ''), merchant_order_no) AS no FROM difference WHERE state = 'open'"
        "  AND code <> 'DEP_FEE') d ON o.no = d.no WHERE o.no IS NULL OR d.no IS NULL",
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        cr_assert_eq(number(broken[i]), 0, "seed %llx: %s", (unsigned long long)seed, broken[i]);
    }
}

/* Two weeks made day by day as lines come in, also late, and once more in one go. */
Test(settlement_weeks, lose_nothing_between_their_days)
{
    static const char of[] =
        "SELECT hashtextextended(string_agg(input_hash::text, ',' ORDER BY c.bill_day), 0) FROM recon_run"
        " JOIN recon_current c USING (run_id) WHERE c.kind = 'deposits'";
    int lines = 0;
    int payouts = 0;
    seed = 2026;
    paid_out(1, "W0", 1);
    for (int day = 1; day <= 14; day++) {
        for (int i = chance(3); i > 0; i--) {
            char name[16];
            (void)snprintf(name, sizeof(name), "W%d", ++payouts);
            paid_out(day, name, chance(12) == 0 ? -chance(500) : 1 + chance(20000));
        }
        random_lines(day, &lines);
        (void)make_all(day);
    }
    cr_assert(payouts > 5 && lines > 10);
    cr_expect_gt(number("SELECT count(*) FROM recon_run WHERE kind = 'deposits' AND version > 1"),
                 0);
    check_laws();
    for (int day = 1; day <= 14; day++) {
        settlement_repeat(day);
    }
    int64_t hash = number(of);
    wipe();
    cr_expect_eq(make_all(14), 14);
    check_laws();
    cr_expect_eq(number(of), hash);
}
