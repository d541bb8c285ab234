/* SPDX-License-Identifier: Apache-2.0 */
/* Money, numbers, times and days as text. What is read and written reads back as the same value, and an amount
 * is what adding its digits up gives. */
#include <string.h>

#include "clock.h"
#include "fuzz.h"
#include "money.h"

#define TEXT_MAX 64
#define FEN      100
#define TENTH    10
#define SECOND   INT64_C(1000000)

__extension__ typedef __int128 wide;

/* The digits of "-12.3" as fen, in 128 bits, where nothing that is accepted can overflow. */
static wide
fen_of(struct span s)
{
    wide fen = 0;
    int decimals = -1;
    size_t i = s.at[0] == '-' ? 1 : 0;
    for (; i < s.len; i++) {
        if (s.at[i] == '.') {
            FUZZ_DEMAND(decimals < 0);
            decimals = 0;
            continue;
        }
        FUZZ_DEMAND(s.at[i] >= '0' && s.at[i] <= '9');
        fen = fen * TENTH + (s.at[i] - '0');
        decimals += decimals < 0 ? 0 : 1;
    }
    FUZZ_DEMAND(decimals != 0 && decimals <= 2);
    fen *= decimals == 2 ? 1 : decimals == 1 ? TENTH : FEN;
    return s.at[0] == '-' ? -fen : fen;
}

static void
check_money(struct span text)
{
    struct money amount;
    struct money plain;
    struct money again;
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    fuzz_fill(&amount, sizeof(amount));
    fuzz_fill(&plain, sizeof(plain));
    bool signed_ = money_parse_signed(text, CURRENCY_CNY, &amount) == ERR_OK;
    bool unsigned_ = money_parse(text, CURRENCY_CNY, &plain) == ERR_OK;
    FUZZ_DEMAND(unsigned_ == (signed_ && text.at[0] != '-'));
    FUZZ_DEMAND(unsigned_ ? money_eq(amount, plain) : fuzz_untouched(&plain, sizeof(plain)));
    if (!signed_) {
        FUZZ_DEMAND(fuzz_untouched(&amount, sizeof(amount)));
        return;
    }
    FUZZ_DEMAND(amount.currency == CURRENCY_CNY && (wide)amount.minor == fen_of(text));
    FUZZ_DEMAND(money_format(amount, &out) == ERR_OK);
    FUZZ_DEMAND(money_parse_signed(buf_span(&out), CURRENCY_CNY, &again) == ERR_OK);
    FUZZ_DEMAND(money_eq(amount, again));
}

static void
check_number(struct span text)
{
    int64_t number = 0;
    int64_t again = 0;
    uint64_t natural = 0;
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    bool is_number = span_to_i64(text, INT64_MIN, INT64_MAX, &number) == ERR_OK;
    bool is_natural = span_to_u64(text, 0, INT64_MAX, &natural) == ERR_OK;
    if (is_natural) {
        FUZZ_DEMAND(is_number && number >= 0 && (uint64_t)number == natural);
        FUZZ_DEMAND(span_is_digits(text));
    }
    if (is_number) {
        FUZZ_DEMAND(buf_i64(&out, number) == ERR_OK);
        FUZZ_DEMAND(span_to_i64(buf_span(&out), number, number, &again) == ERR_OK);
        FUZZ_DEMAND(again == number);
    }
}

static void
check_wall(struct span text)
{
    struct wall_time time;
    struct wall_time again;
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    fuzz_fill(&time, sizeof(time));
    if (wall_parse(text, &time) != ERR_OK) {
        FUZZ_DEMAND(fuzz_untouched(&time, sizeof(time)));
        return;
    }
    if (wall_format(time, &out) == ERR_OK
        && time.us >= 0) { /* years without four digits are not written */
        FUZZ_DEMAND(wall_parse(buf_span(&out), &again) == ERR_OK);
        FUZZ_DEMAND(wall_ms_between(again, time) == 0);
    }
}

static void
check_civil(struct span text)
{
    struct wall_time time;
    struct wall_time again;
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    fuzz_fill(&time, sizeof(time));
    if (wall_parse_civil(text, ZONE_CHINA_MIN, &time) != ERR_OK) {
        FUZZ_DEMAND(fuzz_untouched(&time, sizeof(time)));
        return;
    }
    FUZZ_DEMAND(wall_format_civil(time, ZONE_CHINA_MIN, &out) == ERR_OK);
    FUZZ_DEMAND(span_starts(text, buf_span(&out)));
    FUZZ_DEMAND(wall_parse_civil(buf_span(&out), ZONE_CHINA_MIN, &again) == ERR_OK);
    FUZZ_DEMAND(time.us - again.us >= 0 && time.us - again.us < SECOND);
    struct day day = day_of(time, ZONE_CHINA_MIN);
    FUZZ_DEMAND(day_start(day, ZONE_CHINA_MIN).us <= time.us);
    FUZZ_DEMAND(day_start(day_add(day, 1), ZONE_CHINA_MIN).us > time.us);
}

static void
check_day(struct span text)
{
    struct day day;
    struct day again;
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    fuzz_fill(&day, sizeof(day));
    if (day_parse(text, &day) != ERR_OK) {
        FUZZ_DEMAND(fuzz_untouched(&day, sizeof(day)));
        return;
    }
    FUZZ_DEMAND(day_format(day, &out) == ERR_OK);
    FUZZ_DEMAND(day_parse(buf_span(&out), &again) == ERR_OK && day_cmp(day, again) == 0);
    FUZZ_DEMAND(day_cmp(day_add(day_add(day, 1), -1), day) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_make(data, size);
    check_money(text);
    check_number(text);
    check_wall(text);
    check_civil(text);
    check_day(text);
    return 0;
}
