/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance.h"

enum weight { TELL, BLOCK };

static int64_t
paid(const struct clearance_facts *f)
{
    return f->proved_whole + f->accepted + f->undecided + f->refund_open + f->refunded
           + f->unproved;
}

/* By a provider, or by bank transfer. */
static int64_t
came(const struct clearance_facts *f)
{
    return paid(f) + f->manual;
}

/* Money that the order can be built on. */
static int64_t
stays(const struct clearance_facts *f)
{
    return f->manual_back ? 0 : f->proved_whole + f->accepted + f->manual;
}

/* One function a row of clearance.def: does it hold? */

static bool
holds_NO_PAYMENT(const struct clearance_facts *f)
{
    return f->payment == CLEARANCE_NONE && f->manual == 0;
}

static bool
holds_NOT_TRIED(const struct clearance_facts *f)
{
    return f->payment == CLEARANCE_OPEN && came(f) + f->pending + f->unknown == 0;
}

static bool
holds_ATTEMPT_PENDING(const struct clearance_facts *f)
{
    return came(f) == 0 && f->pending > 0;
}

static bool
holds_ATTEMPT_UNKNOWN(const struct clearance_facts *f)
{
    return came(f) == 0 && f->unknown > 0;
}

static bool
holds_PAYMENT_CLOSED(const struct clearance_facts *f)
{
    return f->payment == CLEARANCE_CLOSED && came(f) + f->pending + f->unknown == 0;
}

/* Also a payment that is called paid while no attempt of it is: that cannot be, and clears nothing. */
static bool
holds_AMOUNT_DIFFERS(const struct clearance_facts *f)
{
    return f->unproved > 0 || (f->payment == CLEARANCE_PAID && paid(f) == 0)
           || (f->manual_part && stays(f) == 0);
}

static bool
holds_MISMATCH(const struct clearance_facts *f)
{
    return f->mismatch;
}

static bool
holds_UNDECIDED(const struct clearance_facts *f)
{
    return stays(f) == 0 && f->undecided > 0;
}

static bool
holds_REFUND_UNDER_WAY(const struct clearance_facts *f)
{
    return stays(f) == 0 && f->refund_open > 0;
}

static bool
holds_REFUNDED(const struct clearance_facts *f)
{
    return stays(f) == 0 && (f->refunded > 0 || f->manual_back);
}

static bool
holds_ORDER_REJECTED(const struct clearance_facts *f)
{
    return f->status == ORDER_REJECTED;
}

static bool
holds_ORDER_CANCELLED(const struct clearance_facts *f)
{
    return f->status == ORDER_CANCELLED;
}

static bool
holds_DUPLICATE(const struct clearance_facts *f)
{
    return f->duplicate || (f->manual > 0 && f->proved_whole + f->accepted + f->undecided > 0);
}

static bool
holds_AMOUNT_ACCEPTED(const struct clearance_facts *f)
{
    return f->accepted > 0;
}

static bool
holds_MANUAL(const struct clearance_facts *f)
{
    return f->manual > 0;
}

static bool
holds_MANUAL_WAITING(const struct clearance_facts *f)
{
    return f->manual_waiting > 0;
}

static bool
holds_LATE(const struct clearance_facts *f)
{
    return f->late;
}

static bool
holds_ATTEMPT_BESIDE(const struct clearance_facts *f)
{
    return came(f) > 0 && f->pending + f->unknown > 0;
}

static bool
holds_SURPLUS_REFUND(const struct clearance_facts *f)
{
    return stays(f) > 0 && f->refund_open + f->refunded > 0;
}

static bool
holds_NOT_SUBMITTED(const struct clearance_facts *f)
{
    return f->status == ORDER_DRAFT || f->status == ORDER_PAID;
}

static bool
holds_NOT_REVIEWED(const struct clearance_facts *f)
{
    return f->status == ORDER_SUBMITTED;
}

static bool
holds_ALL_ISSUED(const struct clearance_facts *f)
{
    return f->status == ORDER_ISSUED && f->issued_quantity >= f->quantity;
}

static const struct {
    const char *code;
    enum weight weight;
    const char *next;
    const char *text[LANGUAGE_COUNT];
    bool (*holds)(const struct clearance_facts *facts);
} rows[CLEARANCE_REASON_COUNT] = {
#define CLEARANCE_REASON(name, code, weight, next, en, zh)                               \
    [CLEARANCE_##name] = {                                                               \
        code, weight, next, { [LANGUAGE_EN] = (en), [LANGUAGE_ZH] = (zh) }, holds_##name \
    },
#include "clearance.def"
#undef CLEARANCE_REASON
};

static const struct {
    bool submit;
    bool issue;
} allowed[ORDER_STATUS_COUNT] = {
#define CLEARANCE_STATUS(status, submit, issue) [ORDER_##status] = { submit, issue },
#include "clearance.def"
#undef CLEARANCE_STATUS
};

static enum clearance_certainty
certainty(const struct clearance_facts *facts)
{
    if (came(facts) > 0) {
        return CLEARANCE_CONFIRMED;
    }
    if (facts->unknown > 0) {
        return CLEARANCE_UNKNOWN;
    }
    return facts->pending > 0 ? CLEARANCE_PROVISIONAL : CLEARANCE_CONFIRMED;
}

struct clearance
clearance_judge(const struct clearance_facts *facts)
{
    struct clearance out = { .certainty = certainty(facts) };
    size_t blocks = 0;
    for (enum clearance_reason reason = 0; reason < CLEARANCE_REASON_COUNT; reason++) {
        if (rows[reason].holds(facts)) {
            out.reasons[out.count++] = reason;
            blocks += rows[reason].weight == BLOCK ? 1 : 0;
        }
    }
    out.cleared = blocks == 0 && stays(facts) > 0;
    bool known = facts->status > ORDER_STATUS_NONE && facts->status < ORDER_STATUS_COUNT;
    bool some_left = !holds_ALL_ISSUED(facts);
    out.may_submit = out.cleared && known && allowed[facts->status].submit;
    out.may_issue = out.cleared && known && allowed[facts->status].issue && some_left;
    return out;
}

const char *
clearance_reason_code(enum clearance_reason reason)
{
    return rows[reason].code;
}

const char *
clearance_reason_next(enum clearance_reason reason)
{
    return rows[reason].next;
}

const char *
clearance_reason_text(enum clearance_reason reason, enum language language)
{
    return rows[reason].text[language];
}

bool
clearance_reason_blocks(enum clearance_reason reason)
{
    return rows[reason].weight == BLOCK;
}

const char *
clearance_certainty_code(enum clearance_certainty certainty)
{
    static const char *const codes[CLEARANCE_CERTAINTY_COUNT] = {
        [CLEARANCE_CONFIRMED] = "confirmed",
        [CLEARANCE_PROVISIONAL] = "provisional",
        [CLEARANCE_UNKNOWN] = "unknown",
    };
    return codes[certainty];
}

enum err
clearance_payment_decode(struct span s, enum clearance_payment *out)
{
    static const char *const codes[CLEARANCE_PAYMENT_COUNT] = {
        [CLEARANCE_NONE] = "",
        [CLEARANCE_OPEN] = "open",
        [CLEARANCE_PAID] = "paid",
        [CLEARANCE_CLOSED] = "closed",
    };
    for (enum clearance_payment payment = 0; payment < CLEARANCE_PAYMENT_COUNT; payment++) {
        if (span_eq_cstr(s, codes[payment])) {
            *out = payment;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}
