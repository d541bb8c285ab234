/* SPDX-License-Identifier: Apache-2.0 */
#include "classify.h"

/* clang-format off */
/* Bill (0, 1) x books (none, open, paid) x order (none, unpaid, paid, closed). Where a cell says
 * SHORT_* and the money may still be on its way, classify.c says DAY_IN_TRANSIT with the note. */
static const struct classify_cell presence[2][3][4] = {
    { { { FINDING_NONE, FINDING_NONE },
        { FINDING_NONE, FINDING_NONE },
        { FINDING_ORD_PAID_NO_MONEY, FINDING_NONE },
        { FINDING_NONE, FINDING_NONE } },
      { { FINDING_PEND_NO_ORDER, FINDING_NONE },
        { FINDING_PEND_AGED, FINDING_NONE },
        { FINDING_ORD_PAID_NO_SUCCESS, FINDING_NONE },
        { FINDING_NONE, FINDING_NONE } },
      { { FINDING_SHORT_NO_ORDER, FINDING_ORD_MISSING },
        { FINDING_SHORT_ORDER_UNPAID, FINDING_ORD_NOT_ADVANCED },
        { FINDING_SHORT_PAY, FINDING_NONE },
        { FINDING_SHORT_ORDER_CLOSED, FINDING_ORD_CLOSED_PAID } } },
    { { { FINDING_LONG_UNKNOWN, FINDING_NONE },
        { FINDING_LONG_ORDER_UNPAID, FINDING_NONE },
        { FINDING_LONG_ORDER_PAID, FINDING_NONE },
        { FINDING_LONG_ORDER_CLOSED, FINDING_NONE } },
      { { FINDING_ST_LATE_NO_ORDER, FINDING_NONE },
        { FINDING_ST_LATE_SUCCESS, FINDING_NONE },
        { FINDING_ST_LATE_ORDER_AHEAD, FINDING_NONE },
        { FINDING_ST_PAID_AFTER_CLOSE, FINDING_NONE } },
      { { FINDING_PAY_OK, FINDING_ORD_MISSING },
        { FINDING_PAY_OK, FINDING_ORD_NOT_ADVANCED },
        { FINDING_PAY_OK, FINDING_NONE },
        { FINDING_PAY_OK, FINDING_ORD_CLOSED_PAID } } },
};
/* clang-format on */

struct classify_cell
classify_presence(bool on_bill, enum classify_books books, enum classify_order order)
{
    return presence[on_bill ? 1 : 0][books][order];
}

enum classify_order
classify_order_presence(const struct match *match, const struct match_case *of)
{
    const struct recon_order *order = match_case_order(match, of);
    if (order == NULL) {
        return CLASSIFY_ORDER_NONE;
    }
    switch (order->stage) {
    case RECON_ORDER_PAID:
        return CLASSIFY_ORDER_PAID;
    case RECON_ORDER_CLOSED:
        return CLASSIFY_ORDER_CLOSED;
    case RECON_ORDER_UNPAID:
    default:
        return CLASSIFY_ORDER_UNPAID;
    }
}

void
classify_note(struct classify_notes *notes, enum finding finding)
{
    if (finding != FINDING_NONE) {
        notes->bits[finding / 64] |= UINT64_C(1) << (finding % 64);
    }
}

bool
classify_noted(const struct classify_notes *notes, enum finding finding)
{
    return (notes->bits[finding / 64] >> (finding % 64) & 1) != 0;
}

/* How far back a finding may stand when there is no room: 4 and "none" go first. */
static int
weight(enum finding finding)
{
    int severity = finding_severity(finding);
    return severity == 0 ? 5 : severity;
}

static void
drop_lightest(enum finding *list, size_t *count)
{
    size_t lightest = 0;
    for (size_t i = 1; i < *count; i++) {
        if (weight(list[i]) >= weight(list[lightest])) {
            lightest = i;
        }
    }
    for (size_t i = lightest + 1; i < *count; i++) {
        list[i - 1] = list[i];
    }
    (*count)--;
}

void
classify_notes_store(const struct classify_notes *notes, struct recon_result *result)
{
    enum finding list[RECON_FINDINGS_MAX + 1];
    size_t count = 0;
    for (size_t word = 0; word < sizeof(notes->bits) / sizeof(notes->bits[0]); word++) {
        for (uint64_t left = notes->bits[word]; left != 0; left &= left - 1) {
            list[count++] = (enum finding)(word * 64 + (size_t)__builtin_ctzll(left));
            if (count > RECON_FINDINGS_MAX) {
                drop_lightest(list, &count);
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        result->findings[i] = list[i];
    }
    result->finding_count = count;
    result->fee_judged = notes->fee_judged;
    result->fee_due_fen = notes->fee_due_fen;
}
