/* SPDX-License-Identifier: Apache-2.0 */
#include "money.h"
#include "report_parts.h"

struct range {
    uint32_t from;
    uint32_t to;
};

/* East Asian Width W and F (Unicode 15, UAX #11), in blocks. */
static const struct range wide[] = {
    { 0x1100, 0x115F },   { 0x2E80, 0x303E },   { 0x3041, 0x33FF },   { 0x3400, 0x4DBF },
    { 0x4E00, 0x9FFF },   { 0xA000, 0xA4CF },   { 0xA960, 0xA97C },   { 0xAC00, 0xD7A3 },
    { 0xF900, 0xFAFF },   { 0xFE30, 0xFE6F },   { 0xFF01, 0xFF60 },   { 0xFFE0, 0xFFE6 },
    { 0x1F300, 0x1F64F }, { 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD },
};

static const struct range narrowest[] = {
    { 0x0300, 0x036F },
    { 0x200B, 0x200F },
    { 0x20D0, 0x20FF },
    { 0xFE00, 0xFE0F },
};

/* C0, DEL and C1; line and paragraph separators; overrides and isolates of the direction; the byte
 * order mark. */
static const struct range unruly[] = {
    { 0x00, 0x1F },     { 0x7F, 0x9F },     { 0x200E, 0x200F },
    { 0x2028, 0x202E }, { 0x2066, 0x2069 }, { 0xFEFF, 0xFEFF },
};

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static bool
within(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= ranges[i].from && c <= ranges[i].to) {
            return true;
        }
    }
    return false;
}

/* The length of the character at the start of `s`, which is not empty. A byte that begins none
 * stands for itself. */
static size_t
character(struct span s, uint32_t *out)
{
    unsigned char first = s.at[0];
    size_t len = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first < 0x80 || len == 1 || len > s.len) {
        *out = first;
        return 1;
    }
    uint32_t c = first & (0xFFU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        c = (c << 6) | (s.at[i] & 0x3FU);
    }
    *out = c;
    return len;
}

size_t
report_text_width(struct span s)
{
    size_t width = 0;
    while (s.len > 0) {
        uint32_t c;
        s = span_sub(s, character(s, &c), s.len);
        if (!within(c, narrowest, COUNT_OF(narrowest))) {
            width += within(c, wide, COUNT_OF(wide)) ? 2 : 1;
        }
    }
    return width;
}

static enum err
blanks(struct buf *out, size_t taken, size_t width)
{
    for (size_t i = taken; i < width; i++) {
        TRY(buf_byte(out, ' '));
    }
    return ERR_OK;
}

enum err
report_text_left(struct buf *out, struct span s, size_t width)
{
    TRY(buf_append(out, s));
    return blanks(out, report_text_width(s), width);
}

enum err
report_text_right(struct buf *out, struct span s, size_t width)
{
    TRY(blanks(out, report_text_width(s), width));
    return buf_append(out, s);
}

enum err
report_text_clean(struct buf *out, struct span s)
{
    while (s.len > 0) {
        uint32_t c;
        size_t len = character(s, &c);
        TRY(within(c, unruly, COUNT_OF(unruly)) ? buf_byte(out, ' ')
                                                : buf_append(out, span_sub(s, 0, len)));
        s = span_sub(s, len, s.len);
    }
    return ERR_OK;
}

/* Blanks before the sign do not help: some programs take them away first. */
static bool
formula(struct span s)
{
    while (s.len > 0) {
        uint32_t c;
        size_t len = character(s, &c);
        if (c != ' ' && c != 0xA0 && c != 0x3000 && !within(c, unruly, COUNT_OF(unruly))) {
            return c == '=' || c == '+' || c == '-' || c == '@' || c == 0xFF1D || c == 0xFF0B
                   || c == 0xFF0D || c == 0xFF20;
        }
        s = span_sub(s, len, s.len);
    }
    return false;
}

enum err
report_text_guard(struct buf *out, struct span s)
{
    if (formula(s)) {
        TRY(buf_byte(out, '\''));
    }
    return report_text_clean(out, s);
}

enum err
report_text_fen(struct buf *out, int64_t fen)
{
    return money_format((struct money){ .minor = fen, .currency = CURRENCY_CNY }, out);
}

const char *
report_text_bucket(enum finding_bucket bucket)
{
    static const char *const names[FINDING_BUCKET_COUNT] = {
        [FINDING_BUCKET_FINDING] = "FINDING", [FINDING_BUCKET_NOTHING] = "NONE",
        [FINDING_BUCKET_MATCHED] = "MATCHED", [FINDING_BUCKET_AMOUNT] = "AMOUNT",
        [FINDING_BUCKET_LONG] = "LONG",       [FINDING_BUCKET_SHORT] = "SHORT",
        [FINDING_BUCKET_TRANSIT] = "TRANSIT", [FINDING_BUCKET_DUP] = "DUP",
        [FINDING_BUCKET_SCOPE] = "SCOPE",     [FINDING_BUCKET_BLOCK] = "BLOCK",
    };
    return bucket < FINDING_BUCKET_COUNT ? names[bucket] : "";
}

const char *
report_text_action(enum finding_action action, enum language language)
{
    static const char *const words[FINDING_ACTION_COUNT][LANGUAGE_COUNT] = {
        [FINDING_DO_NOTHING] = { "无需处理", "nothing to do" },
        [FINDING_DO_AUTOMATIC] = { "系统自动处理并记录", "done by the system and logged" },
        [FINDING_DO_QUERY] = { "向渠道签名查询，按答复处理",
                               "ask the provider, then act on its signed answer" },
        [FINDING_DO_PROPOSE] = { "系统拟申请，两人复核", "prepare a request; two people approve" },
        [FINDING_DO_PERSON] = { "人工核查", "a person investigates" },
        [FINDING_DO_STOP] = { "停止当日发布", "nothing is published for the day" },
    };
    return action < FINDING_ACTION_COUNT && language < LANGUAGE_COUNT ? words[action][language]
                                                                      : "";
}

const char *
report_text_side(int64_t delta_fen, enum language language)
{
    bool zh = language == LANGUAGE_ZH;
    if (delta_fen == 0) {
        return "";
    }
    return delta_fen > 0 ? (zh ? "长款" : "long") : (zh ? "短款" : "short");
}

/* Some books define the two words the other way round, so every report says what it means. */
const char *
report_text_definition(bool of_settlement, enum language language)
{
    if (of_settlement) {
        return language == LANGUAGE_ZH
                   ? "单位 元；到账含银行扣费，退汇为负。\n"
                     "差额 Δ = 银行到账 − 渠道结算。Δ > 0 为长款：银行多于结算；"
                     "Δ < 0 为短款：结算后尚未到账。\n"
                     "差额不为零的项全部转入下一日，直至结清。\n"
                   : "Amounts in yuan; deposits with the bank's fees, below zero when sent back.\n"
                     "Δ = banked - settled. Δ > 0 is long (长款): the bank has more than was paid "
                     "out;\nΔ < 0 is short (短款): paid out and not at the bank.\nWhatever differs is "
                     "taken in by the day after, until it is explained.\n";
    }
    return language == LANGUAGE_ZH
               ? "单位 元；付款为正，退款为负，手续费按账单符号。\n"
                 "差额 Δ = 账单 b − 账簿 p。Δ > 0 为长款：渠道收存多于我方账簿；"
                 "Δ < 0 为短款：我方账簿多于渠道收存。\n"
                 "长款与短款分别合计，互不抵销。\n"
               : "Amounts in yuan; payments +, refunds -, fees as the bill signs them.\n"
                 "Δ = bill b - books p. Δ > 0 is long (长款): the provider holds more for us than "
                 "our books say;\nΔ < 0 is short (短款): our books say more than the provider "
                 "holds.\nLong and short are totalled apart and never netted.\n";
}

enum err
report_text_zone(int east_min, enum language language, struct buf *out)
{
    int off_min = east_min < 0 ? -east_min : east_min;
    if (east_min == ZONE_CHINA_MIN) {
        return buf_text(out, language == LANGUAGE_ZH ? "北京时间 UTC+8" : "China time UTC+8");
    }
    return buf_printf(out, "UTC%c%02d:%02d", east_min < 0 ? '-' : '+', off_min / 60, off_min % 60);
}

const char *
report_text_legend(enum language language)
{
    return language == LANGUAGE_ZH
               ? "级别 1：资金或证书现有风险，未了结则该日不能签字；2：须有人负责，无人负责则该日不能签字；"
                 "3：须处理，签字时列明；4：提示。\n"
               : "Severity 1: money or a certificate is at risk now, and no day is signed with it; 2: "
                 "somebody has to look after it before the day is signed;\n3: is dealt with, and named "
                 "where the day is signed; 4: a note.\n";
}

const char *
report_text_flow(const struct report *report, enum language language)
{
    const struct recon_flow *flow = &report->sheet.flow;
    bool zh = language == LANGUAGE_ZH;
    if (report->of_settlement) {
        return zh ? "期初在途等于上日转出" : "what was taken in is what the day before carried out";
    }
    if (!flow->there) {
        return zh ? "没有当日资金账单：余额和流水未经验证"
                  : "no account's bill of this day: balances and movements are not proved";
    }
    if (!flow->balanced) {
        return zh ? "资金账单无流水，余额未知"
                  : "the account's bill has no movement; its balance is not known";
    }
    if (flow->opening_proved) {
        return zh ? "期初余额等于上日期末余额"
                  : "the opening balance is what the day before closed with";
    }
    return zh ? "上日没有资金账单，期初余额未经验证"
              : "the day before has no account's bill: the opening balance is not proved";
}

bool
report_text_marked(const struct report *report)
{
    return report->edited || report->by_form;
}

enum err
report_text_mark(const struct report *report, enum language language, struct buf *out)
{
    if (report->edited) {
        TRY(buf_printf(out, "%s %s", finding_name(FINDING_FILE_EDITED),
                       finding_text(FINDING_FILE_EDITED, language)));
    }
    if (report->by_form) {
        TRY(buf_printf(out, "%s%s %s", report->edited ? "; " : "",
                       finding_name(FINDING_FILE_COLUMNS),
                       language == LANGUAGE_ZH ? "表头格式漂移，经两人认可"
                                               : "the header drifted and two people accepted it"));
    }
    return ERR_OK;
}

enum err
report_text_late(struct span *rest, enum language language, struct buf *out, bool *there)
{
    struct span bill;
    *there = !span_empty(*rest);
    if (!*there) {
        return ERR_OK;
    }
    if (!span_cut(rest, ',', &bill)) {
        *rest = (struct span){ 0 };
    }
    TRY(buf_printf(out, "%s %s: %s %s ", finding_name(FINDING_DAY_CLOSED),
                   finding_text(FINDING_DAY_CLOSED, language), finding_name(FINDING_FILE_REISSUED),
                   finding_text(FINDING_FILE_REISSUED, language)));
    return report_text_clean(out, bill);
}
