/* SPDX-License-Identifier: Apache-2.0 */
/* From what was found to ok, warn or fail, and the line that says so. */
#include "doctor.h"

#include <string.h>

#include "check.h"
#include "clock_fake.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define NOW         "2026-11-25T04:00:00Z" /* noon in China */

static struct wall_time
at(const char *text)
{
    struct wall_time t = { 0 };
    if (text[0] != 0) {
        CHECK_OK(wall_parse(span_of(text), &t));
    }
    return t;
}

static struct day
day(const char *text)
{
    struct day d = { 0 };
    if (text[0] != 0) {
        CHECK_OK(day_parse(span_of(text), &d));
    }
    return d;
}

Test(doctor, what_ends_within_thirty_days_warns_and_what_has_ended_fails)
{
    static const struct {
        const char *end;
        enum doctor_level level;
        const char *words;
    } rows[] = {
        { "2026-11-25T03:59:59Z", DOCTOR_FAIL, "ended 0 days ago" },
        { "2026-11-23T04:00:00Z", DOCTOR_FAIL, "ended 2 days ago" },
        { "2026-11-25T04:00:00Z", DOCTOR_WARN, "0 days left" },
        { "2026-12-25T03:59:59Z", DOCTOR_WARN, "29 days left" },
        { "2026-12-25T04:00:00Z", DOCTOR_OK, "30 days left" },
        { "", DOCTOR_OK, "has no end" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct doctor_finding finding;
        doctor_judge_end(&finding, DOCTOR_TLS, "", at(rows[i].end), at(NOW));
        cr_expect_eq(finding.level, rows[i].level, "%s", rows[i].end);
        cr_expect_str_eq(finding.en, rows[i].words);
    }
}

/* Three keys at most; the last that counts decides, since it can verify until then. */
Test(doctor, keys_are_judged_by_the_last_one_that_counts)
{
    static const struct {
        const char *begins[3];
        const char *ends[3];
        size_t count;
        enum doctor_level level;
        const char *words;
    } rows[] = {
        { { "" }, { "" }, 0, DOCTOR_FAIL, "none of 0 is valid" },
        { { "" }, { "2026-11-24T00:00:00Z" }, 1, DOCTOR_FAIL, "none of 1 is valid" },
        { { "2026-11-26T00:00:00Z" },
          { "2027-11-26T00:00:00Z" },
          1,
          DOCTOR_FAIL,
          "none of 1 is valid" },
        { { "" }, { "2026-12-05T04:00:00Z" }, 1, DOCTOR_WARN, "1 valid, 10 days left" },
        { { "", "" },
          { "2026-12-05T04:00:00Z", "2027-03-05T04:00:00Z" },
          2,
          DOCTOR_OK,
          "2 valid, 100 days left" },
        { { "", "2026-11-26T00:00:00Z" },
          { "2026-12-05T04:00:00Z", "2027-03-05T04:00:00Z" },
          2,
          DOCTOR_WARN,
          "1 valid, 10 days left" },
        { { "", "" }, { "2026-12-05T04:00:00Z", "" }, 2, DOCTOR_OK, "2 valid, has no end" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct doctor_finding finding;
        struct adapter_account account = { .adapter = adapter_registry[0],
                                           .name = "main",
                                           .key_count = rows[i].count };
        for (size_t k = 0; k < rows[i].count; k++) {
            account.keys[k].not_before = at(rows[i].begins[k]);
            account.keys[k].not_after = at(rows[i].ends[k]);
        }
        doctor_judge_keys(&finding, &account, at(NOW));
        cr_expect_eq(finding.level, rows[i].level, "row %zu", i);
        cr_expect_str_eq(finding.en, rows[i].words);
    }
}

Test(doctor, a_shared_secret_needs_no_key_of_the_provider)
{
    struct doctor_finding finding;
    const struct adapter_account account = { .adapter = adapter_registry[0],
                                             .name = "main",
                                             .scheme = CRYPTO_KEYED_SM3 };
    doctor_judge_keys(&finding, &account, at(NOW));
    cr_expect_eq(finding.level, DOCTOR_OK);
}

Test(doctor, a_clock_warns_above_a_minute_and_fails_above_four)
{
    static const struct {
        int64_t skew_s;
        enum doctor_level level;
        const char *words;
    } rows[] = {
        { 0, DOCTOR_OK, "0 s ahead of the provider's" },
        { 60, DOCTOR_OK, "60 s ahead of the provider's" },
        { 61, DOCTOR_WARN, "61 s ahead of the provider's" },
        { -61, DOCTOR_WARN, "61 s behind the provider's" },
        { 240, DOCTOR_WARN, "240 s ahead of the provider's" },
        { -241, DOCTOR_FAIL, "241 s behind the provider's" },
        { 86400, DOCTOR_FAIL, "86400 s ahead of the provider's" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct doctor_finding finding;
        doctor_judge_skew(&finding, "main", rows[i].skew_s);
        cr_expect_eq(finding.level, rows[i].level, "%lld", (long long)rows[i].skew_s);
        cr_expect_str_eq(finding.en, rows[i].words);
    }
}

/* The header has whole seconds, and the call took its time: what both explain is no skew. The fake clock stands
 * for ours. */
Test(doctor, the_time_of_the_call_itself_is_no_skew)
{
    clock_fake_set_wall(at("2026-11-25T04:00:10.900Z"));
    struct wall_time asked = clock_wall();
    struct wall_time heard = wall_add_ms(asked, 2000);
    cr_expect_eq(doctor_skew_s(asked, heard, at("2026-11-25T04:00:10Z")), 0);
    cr_expect_eq(doctor_skew_s(asked, heard, at("2026-11-25T04:00:12Z")), 0);
    cr_expect_eq(doctor_skew_s(asked, heard, at("2026-11-25T03:59:00Z")), 69);
    cr_expect_eq(doctor_skew_s(asked, heard, at("2026-11-25T04:05:00Z")), -287);
}

Test(doctor, what_waits_is_judged_by_its_oldest)
{
    static const struct {
        struct doctor_waiting waiting;
        const char *oldest;
        enum doctor_level level;
        const char *words;
    } rows[] = {
        { { 0, { 0 }, 3600, 86400 }, "", DOCTOR_OK, "none" },
        { { 3, { 0 }, 3600, 86400 },
          "2026-11-25T03:50:00Z",
          DOCTOR_OK,
          "3, the oldest 10 minutes ago" },
        { { 1, { 0 }, 3600, 86400 },
          "2026-11-25T02:59:59Z",
          DOCTOR_WARN,
          "1, the oldest 1 hours ago" },
        { { 1, { 0 }, 3600, 86400 },
          "2026-11-24T03:59:59Z",
          DOCTOR_FAIL,
          "1, the oldest 24 hours ago" },
        { { 1, { 0 }, 3600, 0 },
          "2026-11-24T03:59:59Z",
          DOCTOR_WARN,
          "1, the oldest 24 hours ago" },
        { { 1, { 0 }, -1, 0 }, NOW, DOCTOR_WARN, "1, the oldest 0 minutes ago" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct doctor_finding finding;
        struct doctor_waiting waiting = rows[i].waiting;
        waiting.oldest = at(rows[i].oldest);
        doctor_judge_waiting(&finding, DOCTOR_UNFINISHED, &waiting, at(NOW));
        cr_expect_eq(finding.level, rows[i].level, "row %zu", i);
        cr_expect_str_eq(finding.en, rows[i].words);
    }
}

/* NOW is noon of the 25th in China; 16 o'clock of the next day is when a bill is missing. */
Test(doctor, a_bill_is_missing_from_its_hour_of_the_next_day)
{
    static const struct {
        const char *newest;
        const char *first_paid;
        int hour;
        enum doctor_level level;
    } rows[] = {
        { "", "", 16, DOCTOR_OK },
        { "", "2026-11-24", 16, DOCTOR_OK },
        { "", "2026-11-24", 12, DOCTOR_FAIL },
        { "", "2026-11-23", 16, DOCTOR_FAIL },
        { "2026-11-23", "2026-11-01", 16, DOCTOR_OK },
        { "2026-11-23", "2026-11-01", 12, DOCTOR_WARN },
        { "2026-11-22", "2026-11-01", 16, DOCTOR_WARN },
        { "2026-11-20", "2026-11-01", 16, DOCTOR_FAIL },
        { "2020-01-01", "2020-01-01", 16, DOCTOR_FAIL },
        { "2026-11-25", "2026-11-01", 12, DOCTOR_OK },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct doctor_finding finding;
        doctor_judge_bill(&finding, "main", day(rows[i].newest), day(rows[i].first_paid),
                          rows[i].hour, at(NOW));
        cr_expect_eq(finding.level, rows[i].level, "row %zu: %s", i, finding.en);
    }
}

Test(doctor, a_day_that_is_late_or_blocked_fails_the_calendar)
{
    struct doctor_finding finding;
    doctor_judge_night(&finding, 0, 0, (struct day){ 0 });
    cr_expect_eq(finding.level, DOCTOR_OK);
    doctor_judge_night(&finding, 1, 0, (struct day){ 2026, 11, 24 });
    cr_expect_eq(finding.level, DOCTOR_FAIL);
    CHECK_TEXT(span_of(finding.en), "1 days without a bill, 0 blocked, the oldest 2026-11-24");
    doctor_judge_night(&finding, 0, 2, (struct day){ 2026, 11, 3 });
    cr_expect_eq(finding.level, DOCTOR_FAIL);
    CHECK_TEXT(span_of(finding.zh), "0 天没有账单，2 天被阻断，最早为 2026-11-03");
}

Test(doctor, a_day_that_waits_for_the_accounts_bill_warns)
{
    struct doctor_finding finding;
    doctor_judge_balances(&finding, 0, (struct day){ 0 });
    cr_expect_eq(finding.level, DOCTOR_OK);
    doctor_judge_balances(&finding, 2, (struct day){ 2026, 11, 3 });
    cr_expect_eq(finding.level, DOCTOR_WARN);
    CHECK_TEXT(span_of(finding.en),
               "2 days are done and their balance is not proved, the bill is still asked for; the "
               "oldest 2026-11-03");
    CHECK_TEXT(span_of(finding.zh),
               "2 天已对账但余额未经验证，仍在获取资金账单，最早为 2026-11-03");
}

Test(doctor, a_bill_that_came_for_a_signed_day_warns)
{
    struct doctor_finding finding;
    doctor_judge_reissued(&finding, 0, (struct day){ 0 });
    cr_expect_eq(finding.level, DOCTOR_OK);
    doctor_judge_reissued(&finding, 2, (struct day){ 2026, 11, 3 });
    cr_expect_eq(finding.level, DOCTOR_WARN);
    CHECK_TEXT(span_of(finding.en), "2, the oldest of 2026-11-03");
    CHECK_TEXT(span_of(finding.zh), "2 份，最早为 2026-11-03");
}

Test(doctor, a_run_whose_files_are_too_large_warns)
{
    struct doctor_finding finding;
    doctor_judge_reports(&finding, 0, (struct day){ 0 });
    cr_expect_eq(finding.level, DOCTOR_OK);
    doctor_judge_reports(&finding, 2, (struct day){ 2026, 11, 3 });
    cr_expect_eq(finding.level, DOCTOR_WARN);
    CHECK_TEXT(span_of(finding.en), "2 runs lack files, the oldest of 2026-11-03");
    CHECK_TEXT(span_of(finding.zh), "2 次对账的部分文件未生成，最早为 2026-11-03");
}

Test(doctor, a_trail_that_does_not_hold_fails_and_one_that_stands_still_warns)
{
    static const struct {
        struct doctor_trail trail;
        enum doctor_level level;
        const char *words;
    } rows[] = {
        { { true, 4, true, { 0 }, 60 },
          DOCTOR_OK,
          "4 checkpoints; the newest agrees with the events" },
        { { true, 4, false, { 0 }, 60 },
          DOCTOR_FAIL,
          "what checkpoint 4 says is not what the database holds" },
        { { false, 0, true, { 0 }, 60 },
          DOCTOR_WARN,
          "audit.signing_key is not set: no checkpoints are made" },
        { { true, 4, true, { 1 }, 60 },
          DOCTOR_OK,
          "4 checkpoints; the newest agrees with the events" },
        { { true, 4, true, { 2 }, 60 }, DOCTOR_WARN, "events have waited 361 s for a checkpoint" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct doctor_finding finding;
        struct doctor_trail trail = rows[i].trail;
        struct wall_time now = at(NOW);
        if (trail.unsealed_since.us != 0) {
            trail.unsealed_since =
                wall_add_ms(now, trail.unsealed_since.us == 1 ? -360000 : -361000);
        }
        doctor_judge_trail(&finding, &trail, now);
        cr_expect_eq(finding.level, rows[i].level, "row %zu: %s", i, finding.en);
        cr_expect_str_eq(finding.en, rows[i].words);
    }
}

Test(doctor, a_provider_that_refuses_or_is_not_reached_fails)
{
    static const enum doctor_level levels[REHEARSAL_COUNT] = {
        [REHEARSAL_NONE] = DOCTOR_FAIL,        [REHEARSAL_PROVEN] = DOCTOR_OK,
        [REHEARSAL_ONE_WAY] = DOCTOR_OK,       [REHEARSAL_REFUSED] = DOCTOR_FAIL,
        [REHEARSAL_UNVERIFIED] = DOCTOR_FAIL,  [REHEARSAL_UNDECIDED] = DOCTOR_WARN,
        [REHEARSAL_NOT_REACHED] = DOCTOR_FAIL,
    };
    for (int i = 0; i < REHEARSAL_COUNT; i++) {
        struct doctor_finding finding;
        doctor_judge_rehearsal(&finding, "main", (enum rehearsal)i, "40002", ERR_PROVIDER_NOT_SENT);
        cr_expect_eq(finding.level, levels[i], "%d", i);
        bool coded =
            i == REHEARSAL_REFUSED || i == REHEARSAL_UNVERIFIED || i == REHEARSAL_UNDECIDED;
        cr_expect_eq(strstr(finding.en, "40002") != NULL, coded, "%d: %s", i, finding.en);
    }
}

Test(doctor, a_line_says_what_to_do_unless_all_is_well)
{
    struct doctor_finding finding;
    DEFER(buf_fini) struct buf ok = BUF_MAX(1024);
    DEFER(buf_fini) struct buf en = BUF_MAX(1024);
    DEFER(buf_fini) struct buf zh = BUF_MAX(1024);
    doctor_judge_skew(&finding, "main", 3);
    CHECK_OK(doctor_encode(&finding, LANGUAGE_EN, &ok));
    CHECK_TEXT(buf_span(&ok), "ok    clock [main]: 3 s ahead of the provider's\n");
    doctor_judge_skew(&finding, "main", -75);
    CHECK_OK(doctor_encode(&finding, LANGUAGE_EN, &en));
    CHECK_TEXT(buf_span(&en), "warn  clock [main]: 75 s behind the provider's; "
                              "see to the time synchronisation (NTP) of this machine\n");
    CHECK_OK(doctor_encode(&finding, LANGUAGE_ZH, &zh));
    CHECK_TEXT(buf_span(&zh), "warn  时钟 [main]：比渠道慢 75 秒；检查本机时间同步（NTP）\n");
    cr_expect_eq(finding.level, DOCTOR_WARN);
}

Test(doctor, a_machine_reads_the_same_in_both_languages)
{
    struct doctor_finding finding;
    DEFER(json_free) struct json_t *list = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(4096);
    CHECK_OK(json_new_array(&list));
    doctor_judge_skew(&finding, "main", 3);
    CHECK_OK(doctor_put(&finding, list));
    finding.check = DOCTOR_STUCK_KEYS;
    finding.level = DOCTOR_WARN;
    CHECK_OK(doctor_put(&finding, list));
    CHECK_OK(json_encode(json_element(list, 0), &text));
    CHECK_TEXT(buf_span(&text),
               "{\"check\":\"clock\",\"of\":\"main\",\"level\":\"ok\",\"zh\":\"比渠道快 3 秒\","
               "\"en\":\"3 s ahead of the provider's\"}");
    text.len = 0;
    CHECK_OK(json_encode(json_element(list, 1), &text));
    struct span second = buf_span(&text);
    cr_expect(span_starts(
        second, SPAN_LIT("{\"check\":\"stuck_keys\",\"of\":\"main\",\"level\":\"warn\"")));
    cr_expect_lt(span_find(second, SPAN_LIT("\"advice_en\":\"see whether the chores process runs")),
                 second.len);
    cr_expect_lt(span_find(second, SPAN_LIT("\"advice_zh\":\"检查 chores")), second.len);
}

Test(doctor, a_journal_that_cannot_be_relied_on_fails_and_says_what_to_do)
{
    struct doctor_finding finding;
    doctor_judge_journal(&finding, "/run/refunds.journal", ERR_OK, 3);
    cr_expect_eq(finding.level, DOCTOR_OK);
    static const enum err troubles[] = { ERR_KEYS_JOURNAL, ERR_KEYS_JOURNAL_FOREIGN,
                                         ERR_KEYS_JOURNAL_BROKEN };
    for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
        DEFER(buf_fini) struct buf line = BUF_MAX(2048);
        doctor_judge_journal(&finding, "/run/refunds.journal", troubles[i], 0);
        cr_expect_eq(finding.level, DOCTOR_FAIL);
        CHECK_OK(doctor_encode(&finding, LANGUAGE_EN, &line));
        cr_expect_lt(span_find(buf_span(&line), SPAN_LIT("/run/refunds.journal")), line.len);
        cr_expect_lt(span_find(buf_span(&line), SPAN_LIT("move the file away")), line.len);
    }
}
