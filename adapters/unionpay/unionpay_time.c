/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay.h"

#define TEXT_MAX     32
#define STAMP_CHARS  14 /* yyyyMMddHHmmss */
#define SHORT_CHARS  10 /* MMddHHmmss */
#define MMDD_CHARS   4
#define YEARS_AROUND 1

enum err
unionpay_time_format(struct wall_time t, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf civil = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf stamp = BUF_MAX(TEXT_MAX);
    TRY(wall_format_civil(t, UNIONPAY_ZONE_MIN, &civil));
    for (size_t i = 0; i < civil.len; i++) {
        if (civil.at[i] >= '0' && civil.at[i] <= '9') {
            TRY(buf_byte(&stamp, civil.at[i]));
        }
    }
    return stamp.len == STAMP_CHARS ? arena_copy(arena, buf_span(&stamp), out) : ERR_TIME;
}

enum err
unionpay_time_parse(struct span text, struct wall_time *out)
{
    if (text.len != STAMP_CHARS || !span_is_digits(text)) {
        return ERR_TIME;
    }
    DEFER(buf_fini) struct buf civil = BUF_MAX(TEXT_MAX);
    const char *at = (const char *)text.at;
    TRY(buf_printf(&civil, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s", at, at + 4, at + 6, at + 8, at + 10,
                   at + 12));
    return wall_parse_civil(buf_span(&civil), UNIONPAY_ZONE_MIN, out);
}

static int64_t
apart_ms(struct wall_time a, struct wall_time b)
{
    int64_t ms = wall_ms_between(a, b);
    return ms < 0 ? -ms : ms;
}

enum err
unionpay_time_near(struct span text, struct wall_time near, struct wall_time *out)
{
    if (text.len != SHORT_CHARS || !span_is_digits(text)) {
        return ERR_TIME;
    }
    int year = day_of(near, UNIONPAY_ZONE_MIN).year;
    struct wall_time best = { .us = 0 };
    for (int y = year - YEARS_AROUND; y <= year + YEARS_AROUND; y++) {
        DEFER(buf_fini) struct buf stamp = BUF_MAX(TEXT_MAX);
        struct wall_time t;
        TRY(buf_printf(&stamp, "%04d%.*s", y, SPAN_ARG(text)));
        enum err err = unionpay_time_parse(buf_span(&stamp), &t);
        if (err == ERR_NO_MEMORY) {
            return err;
        }
        if (err == ERR_OK && (best.us == 0 || apart_ms(t, near) < apart_ms(best, near))) {
            best = t;
        }
    }
    if (best.us == 0) {
        return ERR_TIME;
    }
    *out = best;
    return ERR_OK;
}

/* By the middle of the day, so that the last hour of a year and the first of the next are alike. */
enum err
unionpay_day_near(struct span text, struct wall_time near, struct day *out)
{
    DEFER(buf_fini) struct buf noon = BUF_MAX(TEXT_MAX);
    struct wall_time t;
    if (text.len != MMDD_CHARS) {
        return ERR_TIME;
    }
    TRY(buf_append(&noon, text));
    TRY(buf_text(&noon, "120000"));
    TRY(unionpay_time_near(buf_span(&noon), near, &t));
    *out = day_of(t, UNIONPAY_ZONE_MIN);
    return ERR_OK;
}
