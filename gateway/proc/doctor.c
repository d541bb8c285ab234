/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "expiry.h"

#define MS_PER_S     1000
#define S_PER_DAY    INT64_C(86400)
#define S_PER_MIN    INT64_C(60)
#define S_PER_HOUR   INT64_C(3600)
#define US_PER_S     INT64_C(1000000)
#define BILL_FAIL    3 /* days behind */
#define BILL_DAY_MAX 400

#define UNSEALED_ROUNDS  INT64_C(5)
#define UNSEALED_SLACK_S INT64_C(60)

static const struct {
    const char *name;
    const char *zh;
    const char *en;
    const char *advice_zh;
    const char *advice_en;
} checks[DOCTOR_CHECK_COUNT] = {
#define CHECK(name, zh, en, advice_zh, advice_en) \
    [DOCTOR_##name] = { #name, zh, en, advice_zh, advice_en },
#include "doctor.def"
#undef CHECK
};

void
doctor_find(struct doctor_finding *out, enum doctor_check check, const char *of,
            enum doctor_level level, const char *zh, const char *en, ...)
{
    va_list arguments;
    *out = (struct doctor_finding){ .check = check, .level = level, .of = of };
    va_start(arguments, en);
    (void)vsnprintf(out->zh, sizeof(out->zh), zh, arguments);
    va_end(arguments);
    va_start(arguments, en);
    (void)vsnprintf(out->en, sizeof(out->en), en, arguments);
    va_end(arguments);
}

static int64_t
seconds_between(struct wall_time from, struct wall_time to)
{
    return wall_ms_between(from, to) / MS_PER_S;
}

void
doctor_judge_end(struct doctor_finding *out, enum doctor_check check, const char *of,
                 struct wall_time end, struct wall_time now)
{
    int64_t left_s = seconds_between(now, end);
    long long days = (long long)(llabs(left_s) / S_PER_DAY);
    if (end.us == 0) {
        doctor_find(out, check, of, DOCTOR_OK, "没有到期日", "has no end");
    } else if (left_s < 0) {
        doctor_find(out, check, of, DOCTOR_FAIL, "已过期 %lld 天", "ended %lld days ago", days);
    } else {
        doctor_find(out, check, of, left_s < DOCTOR_ENDS_SOON_S ? DOCTOR_WARN : DOCTOR_OK,
                    "剩余 %lld 天", "%lld days left", days);
    }
}

/* The end of the last one that counts: while that lasts, answers can be verified. */
static struct wall_time
last_end(const struct adapter_account *account, struct wall_time now)
{
    struct wall_time last = { .us = INT64_MIN };
    for (size_t i = 0; i < account->key_count; i++) {
        const struct adapter_key *key = &account->keys[i];
        if (!adapter_key_is_valid(key, now)) {
            continue;
        }
        if (key->not_after.us == 0) {
            return key->not_after;
        }
        last = key->not_after.us > last.us ? key->not_after : last;
    }
    return last;
}

static bool
shares_a_secret(const struct adapter_account *account)
{
    return account->scheme == CRYPTO_KEYED_SHA256 || account->scheme == CRYPTO_KEYED_SM3;
}

void
doctor_judge_keys(struct doctor_finding *out, const struct adapter_account *account,
                  struct wall_time now)
{
    const char *of = account->name;
    size_t valid = expiry_valid_keys(account, now);
    if (shares_a_secret(account)) {
        doctor_find(out, DOCTOR_PROVIDER_KEYS, of, DOCTOR_OK, "使用共享密钥", "a shared secret");
    } else if (valid > 0) {
        struct doctor_finding end;
        doctor_judge_end(&end, DOCTOR_PROVIDER_KEYS, of, last_end(account, now), now);
        doctor_find(out, DOCTOR_PROVIDER_KEYS, of, end.level, "%zu 个有效，%.80s%.0s",
                    "%zu valid, %.0s%.80s", valid, end.zh, end.en);
    } else if (account->roots.count > 0 && account->adapter->signer_accept != NULL) {
        doctor_find(out, DOCTOR_PROVIDER_KEYS, of, DOCTOR_OK, "证书随报文送达",
                    "certificates come with the messages");
    } else {
        doctor_find(out, DOCTOR_PROVIDER_KEYS, of, DOCTOR_FAIL, "%zu 个中没有有效的",
                    "none of %zu is valid", account->key_count);
    }
}

void
doctor_judge_rehearsal(struct doctor_finding *out, const char *of, enum rehearsal rehearsal,
                       const char *code, enum err err)
{
    switch (rehearsal) {
    case REHEARSAL_PROVEN:
        doctor_find(out, DOCTOR_PROVIDER, of, DOCTOR_OK, "双方签名均已验证",
                    "both sides' signatures are verified");
        break;
    case REHEARSAL_ONE_WAY:
        doctor_find(out, DOCTOR_PROVIDER, of, DOCTOR_OK, "接受我方签名，其拒绝答复不带签名",
                    "takes our signature; its refusals are unsigned");
        break;
    case REHEARSAL_REFUSED:
        doctor_find(out, DOCTOR_PROVIDER, of, DOCTOR_FAIL, "渠道不接受我方签名或账号 %s",
                    "it does not take our signature or account %s", code);
        break;
    case REHEARSAL_UNVERIFIED:
        doctor_find(out, DOCTOR_PROVIDER, of, DOCTOR_FAIL, "其答复未通过验签 %s",
                    "its answer does not verify %s", code);
        break;
    case REHEARSAL_UNDECIDED:
        doctor_find(out, DOCTOR_PROVIDER, of, DOCTOR_WARN, "答复不能说明问题 %s",
                    "its answer decides nothing %s", code);
        break;
    case REHEARSAL_NOT_REACHED:
    case REHEARSAL_NONE:
    case REHEARSAL_COUNT:
        doctor_find(out, DOCTOR_PROVIDER, of, DOCTOR_FAIL, "%s%.0s", "%.0s%s",
                    err_text(err, LANGUAGE_ZH), err_text(err, LANGUAGE_EN));
        break;
    }
}

int64_t
doctor_skew_s(struct wall_time asked_at, struct wall_time heard_at, struct wall_time date)
{
    struct wall_time date_ends = { .us = date.us + US_PER_S };
    if (asked_at.us > date_ends.us) {
        return seconds_between(date_ends, asked_at);
    }
    return heard_at.us < date.us ? -seconds_between(heard_at, date) : 0;
}

void
doctor_judge_skew(struct doctor_finding *out, const char *of, int64_t skew_s)
{
    long long seconds = llabs(skew_s);
    enum doctor_level level = seconds > DOCTOR_SKEW_FAIL_S   ? DOCTOR_FAIL
                              : seconds > DOCTOR_SKEW_WARN_S ? DOCTOR_WARN
                                                             : DOCTOR_OK;
    if (skew_s >= 0) {
        doctor_find(out, DOCTOR_CLOCK, of, level, "比渠道快 %lld 秒",
                    "%lld s ahead of the provider's", seconds);
    } else {
        doctor_find(out, DOCTOR_CLOCK, of, level, "比渠道慢 %lld 秒",
                    "%lld s behind the provider's", seconds);
    }
}

static void
say_age(struct doctor_finding *out, enum doctor_check check, enum doctor_level level, int64_t count,
        int64_t age_s)
{
    if (age_s < S_PER_HOUR) {
        doctor_find(out, check, "", level, "%lld 笔，最早为 %lld 分钟前",
                    "%lld, the oldest %lld minutes ago", (long long)count,
                    (long long)(age_s / S_PER_MIN));
    } else {
        doctor_find(out, check, "", level, "%lld 笔，最早为 %lld 小时前",
                    "%lld, the oldest %lld hours ago", (long long)count,
                    (long long)(age_s / S_PER_HOUR));
    }
}

void
doctor_judge_waiting(struct doctor_finding *out, enum doctor_check check,
                     const struct doctor_waiting *waiting, struct wall_time now)
{
    int64_t age_s = seconds_between(waiting->oldest, now);
    if (waiting->count == 0) {
        doctor_find(out, check, "", DOCTOR_OK, "没有", "none");
        return;
    }
    enum doctor_level level = waiting->fail_s > 0 && age_s > waiting->fail_s ? DOCTOR_FAIL
                              : age_s > waiting->warn_s                      ? DOCTOR_WARN
                                                                             : DOCTOR_OK;
    say_age(out, check, level, waiting->count, age_s);
}

/* Whole days from one to the other; what is further than a bill is ever looked for counts as that. */
static int
days_between(struct day from, struct day to)
{
    int days = 0;
    while (days < BILL_DAY_MAX && day_cmp(from, to) < 0) {
        from = day_add(from, 1);
        days++;
    }
    return days;
}

void
doctor_judge_bill(struct doctor_finding *out, const char *of, struct day newest,
                  struct day first_paid, int give_up_hour, struct wall_time now)
{
    struct day today = day_of(now, ZONE_CHINA_MIN);
    int64_t hour = seconds_between(day_start(today, ZONE_CHINA_MIN), now) / S_PER_HOUR;
    struct day due = day_add(today, hour >= give_up_hour ? -1 : -2);
    if (newest.year == 0 && (first_paid.year == 0 || day_cmp(first_paid, due) > 0)) {
        doctor_find(out, DOCTOR_BILL, of, DOCTOR_OK, "尚无应取的账单", "none is due yet");
        return;
    }
    if (newest.year == 0) {
        doctor_find(out, DOCTOR_BILL, of, DOCTOR_FAIL, "自 %04d-%02d-%02d 起有支付而无账单",
                    "there are payments since %04d-%02d-%02d and no bill", first_paid.year,
                    first_paid.month, first_paid.mday);
        return;
    }
    int behind = days_between(newest, due);
    doctor_find(out, DOCTOR_BILL, of,
                behind >= BILL_FAIL ? DOCTOR_FAIL
                : behind > 0        ? DOCTOR_WARN
                                    : DOCTOR_OK,
                "最近一份为 %04d-%02d-%02d，缺 %d 天",
                "the last is of %04d-%02d-%02d, %d days missing", newest.year, newest.month,
                newest.mday, behind);
}

void
doctor_judge_night(struct doctor_finding *out, int64_t late, int64_t blocked, struct day oldest)
{
    if (late + blocked == 0) {
        doctor_find(out, DOCTOR_NIGHT, "", DOCTOR_OK, "没有待办", "nothing is left");
        return;
    }
    doctor_find(out, DOCTOR_NIGHT, "", DOCTOR_FAIL,
                "%lld 天没有账单，%lld 天被阻断，最早为 %04d-%02d-%02d",
                "%lld days without a bill, %lld blocked, the oldest %04d-%02d-%02d",
                (long long)late, (long long)blocked, oldest.year, oldest.month, oldest.mday);
}

void
doctor_judge_balances(struct doctor_finding *out, int64_t days, struct day oldest)
{
    if (days == 0) {
        doctor_find(out, DOCTOR_BALANCES, "", DOCTOR_OK, "没有", "none");
        return;
    }
    doctor_find(
        out, DOCTOR_BALANCES, "", DOCTOR_WARN,
        "%lld 天已对账但余额未经验证，仍在获取资金账单，最早为 %04d-%02d-%02d",
        "%lld days are done and their balance is not proved, the bill is still asked for; the oldest "
        "%04d-%02d-%02d",
        (long long)days, oldest.year, oldest.month, oldest.mday);
}

void
doctor_judge_reissued(struct doctor_finding *out, int64_t bills, struct day oldest)
{
    if (bills == 0) {
        doctor_find(out, DOCTOR_REISSUED, "", DOCTOR_OK, "没有", "none");
        return;
    }
    doctor_find(out, DOCTOR_REISSUED, "", DOCTOR_WARN, "%lld 份，最早为 %04d-%02d-%02d",
                "%lld, the oldest of %04d-%02d-%02d", (long long)bills, oldest.year, oldest.month,
                oldest.mday);
}

void
doctor_judge_reports(struct doctor_finding *out, int64_t runs, struct day oldest)
{
    if (runs == 0) {
        doctor_find(out, DOCTOR_REPORTS, "", DOCTOR_OK, "没有", "none");
        return;
    }
    doctor_find(out, DOCTOR_REPORTS, "", DOCTOR_WARN,
                "%lld 次对账的部分文件未生成，最早为 %04d-%02d-%02d",
                "%lld runs lack files, the oldest of %04d-%02d-%02d", (long long)runs, oldest.year,
                oldest.month, oldest.mday);
}

void
doctor_judge_trail(struct doctor_finding *out, const struct doctor_trail *trail,
                   struct wall_time now)
{
    bool waits = trail->unsealed_since.us != 0;
    int64_t age_s = waits ? seconds_between(trail->unsealed_since, now) : 0;
    if (!trail->whole) {
        doctor_find(out, DOCTOR_AUDIT, "", DOCTOR_FAIL, "检查点 %lld 所载与库中事件不符",
                    "what checkpoint %lld says is not what the database holds",
                    (long long)trail->number);
    } else if (!trail->has_key) {
        doctor_find(out, DOCTOR_AUDIT, "", DOCTOR_WARN, "未配置 audit.signing_key，不生成检查点",
                    "audit.signing_key is not set: no checkpoints are made");
    } else if (age_s > UNSEALED_ROUNDS * trail->seal_every_s + UNSEALED_SLACK_S) {
        doctor_find(out, DOCTOR_AUDIT, "", DOCTOR_WARN, "有事件已等待检查点 %lld 秒",
                    "events have waited %lld s for a checkpoint", (long long)age_s);
    } else {
        doctor_find(out, DOCTOR_AUDIT, "", DOCTOR_OK, "%lld 个检查点，最新的与事件相符",
                    "%lld checkpoints; the newest agrees with the events",
                    (long long)trail->number);
    }
}

void
doctor_judge_journal(struct doctor_finding *out, const char *path, enum err err, int64_t count)
{
    if (err == ERR_OK) {
        doctor_find(out, DOCTOR_REFUND_JOURNAL, "", DOCTOR_OK, "%lld 条记录", "%lld records",
                    (long long)count);
    } else {
        doctor_find(out, DOCTOR_REFUND_JOURNAL, "", DOCTOR_FAIL, "%s：%s%.0s", "%s: %.0s%s", path,
                    err_text(err, LANGUAGE_ZH), err_text(err, LANGUAGE_EN));
    }
}

enum err
doctor_encode(const struct doctor_finding *finding, enum language language, struct buf *out)
{
    static const char *const words[] = {
        [DOCTOR_OK] = "ok    ",
        [DOCTOR_WARN] = "warn  ",
        [DOCTOR_FAIL] = "fail  ",
    };
    bool english = language == LANGUAGE_EN;
    TRY(buf_text(out, words[finding->level]));
    TRY(buf_text(out, english ? checks[finding->check].en : checks[finding->check].zh));
    if (finding->of[0] != 0) {
        TRY(buf_printf(out, " [%s]", finding->of));
    }
    TRY(buf_text(out, english ? ": " : "："));
    TRY(buf_append(out, span_trim(span_of(english ? finding->en : finding->zh), " ")));
    if (finding->level != DOCTOR_OK) {
        TRY(buf_printf(out, english ? "; %s" : "；%s",
                       english ? checks[finding->check].advice_en
                               : checks[finding->check].advice_zh));
    }
    return buf_byte(out, '\n');
}

static enum err
put_check(struct json_t *object, const char *name)
{
    DEFER(buf_fini) struct buf code = BUF_MAX(64);
    for (const char *at = name; *at != 0; at++) {
        bool upper = *at >= 'A' && *at <= 'Z';
        TRY(buf_byte(&code, (unsigned char)(upper ? *at + ('a' - 'A') : *at)));
    }
    return json_put_string(object, "check", buf_span(&code));
}

enum err
doctor_put(const struct doctor_finding *finding, struct json_t *list)
{
    static const char *const levels[] = {
        [DOCTOR_OK] = "ok",
        [DOCTOR_WARN] = "warn",
        [DOCTOR_FAIL] = "fail",
    };
    struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put(list, NULL, object));
    TRY(put_check(object, checks[finding->check].name));
    TRY(json_put_text(object, "of", finding->of));
    TRY(json_put_text(object, "level", levels[finding->level]));
    TRY(json_put_string(object, "zh", span_trim(span_of(finding->zh), " ")));
    TRY(json_put_string(object, "en", span_trim(span_of(finding->en), " ")));
    if (finding->level != DOCTOR_OK) {
        TRY(json_put_text(object, "advice_zh", checks[finding->check].advice_zh));
        TRY(json_put_text(object, "advice_en", checks[finding->check].advice_en));
    }
    return ERR_OK;
}
