/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_cell.h"

#include <stdbool.h>
#include <string.h>

#include "clock.h"
#include "recon.h"

#define TIME_BYTES 32

static enum err
write_text(const void *member, struct buf *out)
{
    const struct span *text = member;
    return buf_append(out, *text);
}

static enum err
read_text(struct span text, struct arena *arena, void *member)
{
    struct span *kept = member;
    return arena_copy(arena, text, kept);
}

static enum err
write_number(const void *member, struct buf *out)
{
    const int64_t *number = member;
    return buf_i64(out, *number);
}

static enum err
read_number(struct span text, struct arena *arena, void *member)
{
    (void)arena;
    return span_to_i64(text, INT64_MIN, INT64_MAX, member);
}

static enum err
write_bool(const void *member, struct buf *out)
{
    const bool *value = member;
    return buf_text(out, *value ? "true" : "false");
}

static enum err
read_bool(struct span text, struct arena *arena, void *member)
{
    (void)arena;
    bool *value = member;
    *value = span_eq_cstr(text, "true");
    return *value || span_eq_cstr(text, "false") ? ERR_OK : ERR_FIELD_VALUE;
}

/* wall_format has milliseconds; the books have microseconds. */
static enum err
write_time(const void *member, struct buf *out)
{
    const struct wall_time *time = member;
    DEFER(buf_fini) struct buf text = BUF_MAX(TIME_BYTES);
    if (time->us == 0) {
        return ERR_OK;
    }
    TRY(wall_format(*time, &text));
    TRY(buf_append(out, span_sub(buf_span(&text), 0, text.len - 1)));
    int rest = (int)(time->us % 1000);
    return buf_printf(out, "%03dZ", rest < 0 ? rest + 1000 : rest);
}

static enum err
read_time(struct span text, struct arena *arena, void *member)
{
    (void)arena;
    return span_empty(text) ? ERR_OK : wall_parse(text, member);
}

static enum err
write_day(const void *member, struct buf *out)
{
    const struct day *day = member;
    return day->year == 0 ? ERR_OK : day_format(*day, out);
}

static enum err
read_day(struct span text, struct arena *arena, void *member)
{
    (void)arena;
    return span_empty(text) ? ERR_OK : day_parse(text, member);
}

static const char *
stage_code(enum recon_order_stage stage)
{
    static const char *const codes[] = {
        [RECON_ORDER_UNPAID] = "unpaid",
        [RECON_ORDER_PAID] = "paid",
        [RECON_ORDER_CLOSED] = "closed",
    };
    return codes[stage];
}

static enum err
stage_decode(struct span text, enum recon_order_stage *out)
{
    for (int i = RECON_ORDER_UNPAID; i <= RECON_ORDER_CLOSED; i++) {
        if (span_eq_cstr(text, stage_code((enum recon_order_stage)i))) {
            *out = (enum recon_order_stage)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

/* `optional`: nothing said is zero, and the empty cell. */
#define WORD(name, type, code, decode, optional)                                     \
    static enum err write_##name(const void *member, struct buf *out)                \
    {                                                                                \
        const enum type *value = member;                                             \
        return buf_append(out, span_of(code(*value)));                               \
    }                                                                                \
    static enum err read_##name(struct span text, struct arena *arena, void *member) \
    {                                                                                \
        (void)arena;                                                                 \
        return (optional) && span_empty(text) ? ERR_OK : decode(text, member);       \
    }

WORD(method, adapter_method, adapter_method_code, adapter_method_decode, true)
WORD(attempt_state, attempt_state, attempt_state_code, attempt_state_decode, false)
WORD(refund_state, refund_state, refund_state_code, refund_state_decode, false)
WORD(order_stage, recon_order_stage, stage_code, stage_decode, false)
WORD(invoice_kind, invoice_kind, invoice_kind_code, invoice_kind_decode, true)
WORD(red_reason, invoice_red_reason, invoice_red_reason_code, invoice_red_reason_decode, true)
WORD(confirmation, invoice_confirmation, invoice_confirmation_code, invoice_confirmation_decode,
     true)
#undef WORD

static const struct {
    size_t size; /* of the member */
    enum err (*write)(const void *member, struct buf *out);
    enum err (*read)(struct span text, struct arena *arena, void *member);
} cells[PACK_CELL_COUNT] = {
    [PACK_TEXT] = { sizeof(struct span), write_text, read_text },
    [PACK_NUMBER] = { sizeof(int64_t), write_number, read_number },
    [PACK_BOOL] = { sizeof(bool), write_bool, read_bool },
    [PACK_TIME] = { sizeof(struct wall_time), write_time, read_time },
    [PACK_DAY] = { sizeof(struct day), write_day, read_day },
    [PACK_METHOD] = { sizeof(enum adapter_method), write_method, read_method },
    [PACK_ATTEMPT_STATE] = { sizeof(enum attempt_state), write_attempt_state, read_attempt_state },
    [PACK_REFUND_STATE] = { sizeof(enum refund_state), write_refund_state, read_refund_state },
    [PACK_ORDER_STAGE] = { sizeof(enum recon_order_stage), write_order_stage, read_order_stage },
    [PACK_INVOICE_KIND] = { sizeof(enum invoice_kind), write_invoice_kind, read_invoice_kind },
    [PACK_RED_REASON] = { sizeof(enum invoice_red_reason), write_red_reason, read_red_reason },
    [PACK_CONFIRMATION] = { sizeof(enum invoice_confirmation), write_confirmation,
                            read_confirmation },
};

enum err
pack_cell_write(enum pack_cell cell, const void *member, struct buf *out)
{
    return cells[cell].write(member, out);
}

enum err
pack_cell_read(enum pack_cell cell, struct span text, struct arena *arena, void *member)
{
    memset(member, 0, cells[cell].size);
    return cells[cell].read(text, arena, member);
}
