/* SPDX-License-Identifier: Apache-2.0 */
#include "told.h"

#include <string.h>

#include "buf.h"
#include "check.h"

static bool
is_plain(const struct recon_result *result)
{
    bool plain = result->primary == FINDING_PAY_OK;
    for (size_t i = 0; i < result->finding_count; i++) {
        plain = plain && finding_severity(result->findings[i]) == 0;
    }
    return plain;
}

/* A result by what it is of, not by where that stands. */
enum err
told_add(void *told, const struct recon_input *in, const struct recon_result *r)
{
    static const struct span none = SPAN("-");
    struct told *to = told;
    cr_assert_lt(to->count, TOLD_MAX);
    DEFER(buf_fini) struct buf text = BUF_MAX(TOLD_BYTES);
    const char *whole = NULL;
    struct span order = r->order == RECON_NONE ? none : in->orders[r->order].order_no;
    struct span owner = r->order == RECON_NONE ? none : in->orders[r->order].owner;
    struct span member = r->member == RECON_NONE ? none : in->members[r->member].attempt_no;
    struct span refund = r->refund == RECON_NONE ? none : in->refunds[r->refund].refund_no;
    struct span invoice = r->invoice == RECON_NONE ? none : in->invoices[r->invoice].invoice_id;
    CHECK_OK(buf_printf(&text,
                        "line %zu member %.*s refund %.*s order %.*s/%.*s invoice %.*s/%lld %s ",
                        r->line == RECON_NONE ? 0 : in->lines[r->line].number, SPAN_ARG(member),
                        SPAN_ARG(refund), SPAN_ARG(owner), SPAN_ARG(order), SPAN_ARG(invoice),
                        r->manual == RECON_NONE ? 0LL : (long long)in->manuals[r->manual].number,
                        finding_name(r->primary)));
    for (size_t i = 0; i < r->finding_count; i++) {
        CHECK_OK(buf_printf(&text, "+%d", (int)r->findings[i]));
    }
    CHECK_OK(buf_printf(&text, " %lld %lld %lld %lld %d %lld %d", (long long)r->face_fen,
                        (long long)r->b_fen, (long long)r->p_fen, (long long)r->delta_fen,
                        r->fee_judged, (long long)r->fee_due_fen, r->carry_out));
    CHECK_OK(buf_cstr(&text, &whole));
    memcpy(to->text[to->count], whole, text.len + 1);
    to->plain[to->count++] = is_plain(r);
    return ERR_OK;
}
