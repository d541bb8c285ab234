/* SPDX-License-Identifier: Apache-2.0 */
#include "invoice_item.h"

#include "money.h"
#include "text_rule.h"

static const char *const words[INVOICE_TAXED_COUNT] = {
    [INVOICE_TAXED_BY_RATE] = "by_rate",
    [INVOICE_TAXED_EXEMPT] = "exempt",
    [INVOICE_TAXED_OUTSIDE] = "outside",
    [INVOICE_TAXED_MARGIN] = "margin",
};

const char *
invoice_taxed_code(enum invoice_taxed taxed)
{
    return words[taxed];
}

enum err
invoice_taxed_decode(struct span s, enum invoice_taxed *out)
{
    for (int i = 0; i < INVOICE_TAXED_COUNT; i++) {
        if (span_eq_cstr(s, words[i])) {
            *out = (enum invoice_taxed)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

static bool
in_range(int64_t fen)
{
    return fen >= -MONEY_MAX_MINOR && fen <= MONEY_MAX_MINOR;
}

/* Digits, and at most one point between digits. */
static bool
is_decimal(struct span text)
{
    struct span rest = span_starts(text, SPAN_LIT("-")) ? span_sub(text, 1, text.len) : text;
    struct span whole;
    bool point = span_cut(&rest, '.', &whole);
    return span_is_digits(whole) && (!point || span_is_digits(rest));
}

static void
check_rate(const struct invoice_item *item, const char *prefix, struct faults *faults)
{
    bool said = item->rate_ppm != INVOICE_RATE_ABSENT;
    bool free = item->taxed == INVOICE_TAXED_EXEMPT || item->taxed == INVOICE_TAXED_OUTSIDE;
    if (item->taxed == INVOICE_TAXED_BY_RATE && !said) {
        faults_add(faults, prefix, "rate_ppm", ERR_FIELD_MISSING);
    }
    if (said && (free || item->rate_ppm < 0 || item->rate_ppm > INVOICE_RATE_WHOLE)) {
        faults_add(faults, prefix, "rate_ppm", ERR_FIELD_VALUE);
    }
}

void
invoice_item_check(const struct invoice_item *item, const char *prefix, struct faults *faults)
{
    static const struct text_rule name = { "name", 1, 300, TEXT_LINE };
    text_check(&name, item->name, prefix, faults);
    if (!span_empty(item->quantity) && (item->quantity.len > 32 || !is_decimal(item->quantity))) {
        faults_add(faults, prefix, "quantity", ERR_FIELD_VALUE);
    }
    check_rate(item, prefix, faults);
    if (!in_range(item->net_fen)) {
        faults_add(faults, prefix, "net", ERR_AMOUNT_OVERFLOW);
    }
    if (!in_range(item->tax_fen)) {
        faults_add(faults, prefix, "tax", ERR_AMOUNT_OVERFLOW);
    }
    if (!in_range(item->total_fen) || !in_range(item->net_fen) || !in_range(item->tax_fen)
        || item->net_fen + item->tax_fen != item->total_fen) {
        faults_add(faults, prefix, "total", ERR_FIELD_VALUE);
    }
}

/* `value` * `times` / `by`, half away from zero; false without room for it. */
static bool
scale(int64_t value, int64_t times, int64_t by, int64_t *out)
{
    int64_t product;
    if (value == INT64_MIN || __builtin_mul_overflow(value, times, &product)) {
        return false;
    }
    int64_t rest = product % by;
    int64_t up = 2 * (rest < 0 ? -rest : rest) >= by ? 1 : 0;
    *out = product / by + (product < 0 ? -up : up);
    return true;
}

static int64_t
size_of(int64_t fen)
{
    return fen < 0 ? -fen : fen;
}

static int64_t
off_by_rate(const struct invoice_item *item)
{
    int64_t by_net;
    int64_t net_by_total;
    if (item->rate_ppm < 0 || item->rate_ppm > INVOICE_RATE_WHOLE
        || !scale(item->net_fen, item->rate_ppm, INVOICE_RATE_WHOLE, &by_net)
        || !scale(item->total_fen, INVOICE_RATE_WHOLE, INVOICE_RATE_WHOLE + item->rate_ppm,
                  &net_by_total)) {
        return INT64_MAX;
    }
    int64_t off_net;
    int64_t off_total;
    if (__builtin_sub_overflow(item->tax_fen, by_net, &off_net)
        || __builtin_sub_overflow(item->tax_fen, item->total_fen - net_by_total, &off_total)
        || off_net == INT64_MIN || off_total == INT64_MIN) {
        return INT64_MAX;
    }
    return size_of(off_net) <= size_of(off_total) ? off_net : off_total;
}

int64_t
invoice_item_off(const struct invoice_item *item)
{
    switch (item->taxed) {
    case INVOICE_TAXED_BY_RATE:
        return off_by_rate(item);
    case INVOICE_TAXED_EXEMPT:
    case INVOICE_TAXED_OUTSIDE:
        return item->tax_fen == 0 ? 0 : INT64_MAX;
    case INVOICE_TAXED_MARGIN:
    case INVOICE_TAXED_COUNT:
    default:
        return 0;
    }
}

bool
invoice_item_is_off(int64_t off_fen)
{
    return off_fen < -INVOICE_ITEM_OFF || off_fen > INVOICE_ITEM_OFF;
}

void
invoice_sums_add(struct invoice_sums *sums, const struct invoice_item *item)
{
    int64_t off = invoice_item_off(item);
    bool far = invoice_item_is_off(off);
    sums->count++;
    sums->wrong |= far || __builtin_add_overflow(sums->net_fen, item->net_fen, &sums->net_fen)
                   || __builtin_add_overflow(sums->tax_fen, item->tax_fen, &sums->tax_fen)
                   || __builtin_add_overflow(sums->total_fen, item->total_fen, &sums->total_fen);
    sums->off_fen += far ? 0 : off;
}

bool
invoice_sums_fit(const struct invoice_sums *sums, int64_t net_fen, int64_t tax_fen,
                 int64_t total_fen)
{
    int64_t room = sums->count > INVOICE_ITEM_OFF ? sums->count : INVOICE_ITEM_OFF;
    return !sums->wrong && sums->net_fen == net_fen && sums->tax_fen == tax_fen
           && sums->total_fen == total_fen && size_of(sums->off_fen) <= room;
}
