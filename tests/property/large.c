/* SPDX-License-Identifier: Apache-2.0 */
/* A day that is spilled by slot gives what the whole day gives, whatever shares a number with what. The days are tangled ones, so that
 * many a row must leave its slot. Their numbers get digits for letters, as ours have, and the last one is the slot. */
#include "large.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "match.h"
#include "seed.h"
#include "spilled.h"
#include "tangle.h"
#include "told.h"

#define DAYS         350
#define SLOTS        3
#define NUMBER_BYTES 64
#define NUMBERS_MAX  400

static bool
digit_slot(struct span number, size_t *slot)
{
    unsigned char last = number.len == 0 ? 0 : number.at[number.len - 1];
    bool ours = number.len > 1 && (number.at[0] == '1' || number.at[0] == '2');
    *slot = (size_t)last % SLOTS;
    return ours && last >= '0' && last <= '9';
}

static enum err
same_slot(struct crypto_stream *sha256, struct span owner, struct span order_no, size_t *slot)
{
    (void)sha256;
    (void)owner;
    *slot = order_no.len == 0 ? 0 : (size_t)order_no.at[order_no.len - 1] % SLOTS;
    return ERR_OK;
}

/* Two owners' orders of one number live apart. */
static enum err
slot_of_owner(struct crypto_stream *sha256, struct span owner, struct span order_no, size_t *slot)
{
    TRY(same_slot(sha256, owner, order_no, slot));
    *slot = (*slot + (span_eq_cstr(owner, "branch") ? 1 : 0)) % SLOTS;
    return ERR_OK;
}

static const struct large_routes routes[] = { { SLOTS, digit_slot, same_slot },
                                              { SLOTS, digit_slot, slot_of_owner } };

/* P and O become 1, P also where it is wide, and R 2; p stays what it is, so that only blanks and wide digits are mended. */
static void
renumber(struct span *number)
{
    static char room[NUMBERS_MAX][NUMBER_BYTES];
    static size_t used;
    char *text = room[used++ % NUMBERS_MAX];
    cr_assert_lt(number->len, NUMBER_BYTES);
    for (size_t i = 0; i < number->len; i++) {
        bool wide = i > 1 && number->at[i] == 0xB0 && number->at[i - 1] == 0xBC;
        unsigned char c = number->at[i];
        text[i] = (char)(c == 'P' || c == 'O' ? '1' : c == 'R' ? '2' : wide ? 0x91 : c);
    }
    number->at = (const unsigned char *)text;
}

static void
renumber_all(struct tangle *day)
{
    for (size_t i = 0; i < day->in.line_count; i++) {
        renumber(&day->lines[i].merchant_order_no);
        renumber(&day->lines[i].refund_no);
    }
    for (size_t i = 0; i < day->in.member_count; i++) {
        renumber(&day->members[i].attempt_no);
    }
    for (size_t i = 0; i < day->in.refund_count; i++) {
        renumber(&day->refunds[i].refund_no);
        renumber(&day->refunds[i].attempt_no);
    }
    for (size_t i = 0; i < day->in.payment_count; i++) {
        renumber(&day->payments[i].attempt_no);
    }
}

/* Orders whose numbers look like attempts'. */
static void
renumber_orders(struct tangle *day)
{
#define RENUMBER(list, count)                    \
    for (size_t i = 0; i < day->in.count; i++) { \
        renumber(&day->list[i].order_no);        \
    }
    RENUMBER(members, member_count)
    RENUMBER(refunds, refund_count)
    RENUMBER(orders, order_count)
    RENUMBER(payments, payment_count)
    RENUMBER(invoices, invoice_count)
#undef RENUMBER
}

/* One item on each document, which is told under one of the day's orders; some of them do not add up. */
struct items {
    struct recon_invoice_item list[TANGLE_MOST];
    size_t count;
};

static void
add_items(struct tangle *day, struct items *items, uint64_t *state)
{
    items->count = 0;
    for (size_t i = 0; i < day->in.invoice_count; i++) {
        struct recon_invoice *invoice = &day->invoices[i];
        size_t k = 0;
        invoice->reported_under = day->in.order_count == 0
                                      ? invoice->order_no
                                      : day->orders[next(state) % day->in.order_count].order_no;
        while (k < items->count
               && !(span_eq(items->list[k].owner, invoice->owner)
                    && span_eq(items->list[k].invoice_id, invoice->invoice_id)
                    && span_eq(items->list[k].reported_under, invoice->reported_under))) {
            k++;
        }
        if (k == items->count) {
            items->list[items->count++] = (struct recon_invoice_item){
                .owner = invoice->owner,
                .invoice_id = invoice->invoice_id,
                .reported_under = invoice->reported_under,
                .number = 1,
                .name = SPAN("x"),
                .taxed = SPAN("exempt"),
                .rate_ppm = 0,
                .net_fen = invoice->total_fen + (int64_t)(next(state) % 2),
                .total_fen = invoice->total_fen,
            };
        }
        invoice->items = &items->list[k];
        invoice->item_count = 1;
    }
}

static int
text_cmp(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void
put_lines(struct large *large, const struct recon_input *in)
{
    struct large_feed *feed = NULL;
    struct recon_line *lines = calloc(in->line_count + 1, sizeof(*lines));
    cr_assert_not_null(lines);
    memcpy(lines, in->lines, in->line_count * sizeof(*lines));
    qsort(lines, in->line_count, sizeof(*lines), spilled_line_cmp);
    CHECK_OK(large_feed_new(large, &feed));
    for (size_t i = 0; i < in->line_count; i++) {
        CHECK_OK(large_put_line(feed, &lines[i]));
    }
    free(lines);
}

static void
put_rows(struct large *large, const struct recon_input *in, const struct items *items)
{
    struct large_feed *feed = NULL;
    CHECK_OK(large_feed_new(large, &feed));
    spilled_put_rows(feed, in);
    for (size_t i = 0; i < items->count; i++) {
        CHECK_OK(large_put(feed, PACK_INVOICE_ITEMS, &items->list[i]));
    }
}

static void
solve_whole(const struct recon_input *in, struct told *told, struct recon_sheet *sheet)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct recon_output out = { 0 };
    CHECK_OK(arena_new(64 * 1024 * 1024, &arena));
    CHECK_OK(match_in_parts(in, SIZE_MAX, arena, &out));
    for (size_t i = 0; i < out.count; i++) {
        CHECK_OK(told_add(told, in, &out.results[i]));
    }
    *sheet = out.sheet;
}

static void
solve_spilled(const struct recon_input *in, const struct items *items,
              const struct large_routes *by, unsigned threads, struct told *told,
              struct recon_sheet *sheet)
{
    DEFER(large_free) struct large *large = NULL;
    const struct large_wish wish = { .threads = threads, .result = told_add, .context = told };
    CHECK_OK(large_new(in, "/tmp", by, &large));
    put_lines(large, in);
    put_rows(large, in, items);
    CHECK_OK(large_solve(large, &wish, sheet));
}

Test(large, days_spilled_by_slot_give_what_the_whole_gives)
{
    static struct told whole;
    static struct told spilled;
    uint64_t state = seed_start(43);
    for (int i = 0; i < DAYS; i++) {
        struct tangle day;
        struct recon_sheet sheets[2];
        tangle_make(&day, &state);
        renumber_all(&day);
        if (i % 4 == 1) {
            renumber_orders(&day);
        }
        struct items items;
        add_items(&day, &items, &state);
        struct recon_input in = day.in;
        in.has_flow = false;
        in.movement_count = 0;
        in.fee_rounding_max_fen = INT64_MAX;
        whole.count = 0;
        spilled.count = 0;
        solve_whole(&in, &whole, &sheets[0]);
        solve_spilled(&in, &items, &routes[i % 2], (unsigned)(i % 3) + 1, &spilled, &sheets[1]);
        cr_assert_eq(whole.count, spilled.count, "%zu and %zu results", whole.count, spilled.count);
        qsort(whole.text, whole.count, TOLD_BYTES, text_cmp);
        qsort(spilled.text, spilled.count, TOLD_BYTES, text_cmp);
        for (size_t k = 0; k < whole.count; k++) {
            cr_assert_str_eq(whole.text[k], spilled.text[k]);
        }
        cr_assert_eq(memcmp(&sheets[0], &sheets[1], offsetof(struct recon_sheet, flow)), 0);
    }
}

Test(large, a_line_whose_number_does_not_ascend_is_refused)
{
    DEFER(large_free) struct large *large = NULL;
    struct large_feed *feed = NULL;
    const struct recon_input in = { .line_count = 0 };
    struct recon_line line = { .number = 2, .kind = BILL_LINE_PAY };
    CHECK_OK(large_new(&in, "/tmp", &large_routes_ours, &large));
    CHECK_OK(large_feed_new(large, &feed));
    CHECK_OK(large_put_line(feed, &line));
    CHECK_ERR(large_put_line(feed, &line), ERR_FIELD_VALUE);
}

Test(large, a_day_with_the_accounts_own_bill_is_not_for_this)
{
    struct large *large = NULL;
    const struct recon_input in = { .has_flow = true };
    CHECK_ERR(large_new(&in, "/tmp", &large_routes_ours, &large), ERR_INTERNAL);
    cr_assert_null(large);
}

Test(large, a_folder_that_is_not_there_is_an_error_of_the_first_row)
{
    DEFER(large_free) struct large *large = NULL;
    struct large_feed *feed = NULL;
    const struct recon_input in = { .line_count = 0 };
    const struct recon_line line = { .number = 1, .kind = BILL_LINE_PAY };
    CHECK_OK(large_new(&in, "/tmp/no/such/folder", &large_routes_ours, &large));
    CHECK_OK(large_feed_new(large, &feed));
    CHECK_ERR(large_put_line(feed, &line), ERR_FILE_OPEN);
}
