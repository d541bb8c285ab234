/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "large_parts.h"
#include "match.h"
#include "run_parts.h"

#define THREADS_MAX 8
#define PART_ITEMS  ((size_t)16 * 1024)
#define SHEET_CELLS (offsetof(struct recon_sheet, flow) / sizeof(struct recon_cell))

/* What the workers share. */
struct solving {
    struct large *large;
    const struct large_wish *wish;
    enum err (*work)(struct solving *solving);
    atomic_size_t next;   /* what nobody took yet: slot, heap */
    pthread_mutex_t lock; /* of what follows, and of large->feeds */
    struct recon_sheet *sheet;
    enum err err;
};

static void
fill_input(const struct large *large, const struct large_lists *lists, struct recon_input *out)
{
    *out = *large->frame;
    out->fee_rounding_before_fen = 0;
    out->fee_rounding_max_fen = INT64_MAX;
    out->lines = (const void *)lists->rows[LARGE_LINE].at;
    out->line_count = lists->count[LARGE_LINE];
    out->members = (const void *)lists->rows[LARGE_MEMBER].at;
    out->member_count = lists->count[LARGE_MEMBER];
    out->refunds = (const void *)lists->rows[LARGE_REFUND].at;
    out->refund_count = lists->count[LARGE_REFUND];
    out->orders = (const void *)lists->rows[LARGE_ORDER].at;
    out->order_count = lists->count[LARGE_ORDER];
    out->payments = (const void *)lists->rows[LARGE_PAYMENT].at;
    out->payment_count = lists->count[LARGE_PAYMENT];
    out->invoices = (const void *)lists->rows[LARGE_INVOICE].at;
    out->invoice_count = lists->count[LARGE_INVOICE];
    out->manuals = (const void *)lists->rows[LARGE_MANUAL].at;
    out->manual_count = lists->count[LARGE_MANUAL];
}

static enum err
add_sheet(struct recon_sheet *to, const struct recon_sheet *from)
{
    struct recon_cell *sum = &to->parsed;
    const struct recon_cell *part = &from->parsed;
    for (size_t i = 0; i < SHEET_CELLS; i++) {
        if (__builtin_add_overflow(sum[i].count, part[i].count, &sum[i].count)
            || __builtin_add_overflow(sum[i].fen, part[i].fen, &sum[i].fen)) {
            return ERR_AMOUNT_OVERFLOW;
        }
    }
    return ERR_OK;
}

static enum err
give(struct solving *solving, const struct recon_input *in, const struct recon_output *out)
{
    const struct large_wish *wish = solving->wish;
    TRY(add_sheet(solving->sheet, &out->sheet));
    progress_add(wish->progress, 1);
    for (size_t i = 0; i < out->count; i++) {
        if (wish->wanted == NULL || wish->wanted(&out->results[i])) {
            TRY(wish->result(wish->context, in, &out->results[i]));
        }
    }
    return ERR_OK;
}

static enum err
locked(struct solving *solving, enum err (*work)(struct solving *solving, void *what), void *what)
{
    (void)pthread_mutex_lock(&solving->lock);
    enum err err = work(solving, what);
    (void)pthread_mutex_unlock(&solving->lock);
    return err;
}

struct solved {
    struct recon_input in;
    struct recon_output out;
};

static enum err
give_solved(struct solving *solving, void *what)
{
    const struct solved *solved = what;
    return give(solving, &solved->in, &solved->out);
}

static enum err
untangle(struct solving *solving, void *what)
{
    return large_untangle(solving->large, what);
}

/* Each invoice with what stands on it. */
static enum err
give_items(const struct large_lists *lists)
{
    struct run run = { .invoices = (void *)lists->rows[LARGE_INVOICE].at,
                       .invoice_count = lists->count[LARGE_INVOICE],
                       .items = (void *)lists->rows[LARGE_ITEM].at,
                       .item_count = lists->count[LARGE_ITEM] };
    return run_give_items(&run);
}

static enum err
solve_lists(struct solving *solving, const struct large_lists *lists, struct arena *arena)
{
    struct solved solved;
    TRY(give_items(lists));
    fill_input(solving->large, lists, &solved.in);
    TRY(match_in_parts(&solved.in, PART_ITEMS, arena, &solved.out));
    TRY(locked(solving, give_solved, &solved));
    arena_recycle(arena);
    return ERR_OK;
}

static enum err
solve_slot(struct solving *solving, size_t slot, struct large_lists *lists, struct arena *arena)
{
    TRY(large_lists_take(solving->large, slot, lists));
    if (large_is_tangled(solving->large, lists)) {
        TRY(locked(solving, untangle, lists));
    }
    return solve_lists(solving, lists, arena);
}

static enum err
join_scattered(struct solving *solving, void *what)
{
    return large_set_join(&solving->large->scattered, what);
}

static enum err
gather_keys(struct solving *solving)
{
    DEFER(large_set_fini) struct large_set found = { .slots = NULL };
    TRY(large_keys_gather(solving->large, &solving->next, &found));
    return locked(solving, join_scattered, &found);
}

static enum err
solve_slots(struct solving *solving)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(large_lists_fini) struct large_lists lists = { .count = { 0 } };
    TRY(arena_new(SIZE_MAX, &arena));
    for (size_t slot = atomic_fetch_add(&solving->next, 1); slot < solving->large->routes->slots;
         slot = atomic_fetch_add(&solving->next, 1)) {
        TRY(solve_slot(solving, slot, &lists, arena));
    }
    return ERR_OK;
}

static enum err
note_err(struct solving *solving, void *what)
{
    const enum err *err = what;
    solving->err = solving->err == ERR_OK ? *err : solving->err;
    return ERR_OK;
}

static void *
worker(void *context)
{
    struct solving *solving = context;
    enum err err = solving->work(solving);
    if (err != ERR_OK) {
        atomic_store(&solving->next, SIZE_MAX / 2); /* nobody begins another */
        (void)locked(solving, note_err, &err);
    }
    return NULL;
}

/* This thread is one of them. */
void
large_together(unsigned threads, void *(*work)(void *context), void *context)
{
    pthread_t others[THREADS_MAX];
    unsigned count = 0;
    while (count + 1 < threads && count < THREADS_MAX
           && pthread_create(&others[count], NULL, work, context) == 0) {
        count++;
    }
    (void)work(context);
    for (unsigned i = 0; i < count; i++) {
        (void)pthread_join(others[i], NULL);
    }
}

static enum err
work_together(struct solving *solving, enum err (*work)(struct solving *solving))
{
    solving->work = work;
    atomic_store(&solving->next, 0);
    large_together(solving->wish->threads, worker, solving);
    return solving->err;
}

/* What was taken out of the slots, and what had none. */
static enum err
solve_rest(struct solving *solving)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(large_lists_fini) struct large_lists lists = { .count = { 0 } };
    TRY(arena_new(SIZE_MAX, &arena));
    TRY(large_lists_take(solving->large, solving->large->routes->slots, &lists));
    return solve_lists(solving, &lists, arena);
}

enum err
large_solve(struct large *large, const struct large_wish *wish, struct recon_sheet *sheet)
{
    struct recon_sheet sum = { .unexplained_fen = 0 };
    struct solving solving = { .large = large, .wish = wish, .sheet = &sum };
    for (const struct large_feed *feed = large->feeds; feed != NULL; feed = feed->next) {
        TRY(large_set_join(&large->scattered, &feed->loose));
    }
    if (pthread_mutex_init(&solving.lock, NULL) != 0) {
        return ERR_SYSTEM;
    }
    enum err err = work_together(&solving, gather_keys);
    if (err == ERR_OK) {
        progress_begin(wish->progress, PROGRESS_MATCH, (int64_t)large->routes->slots + 1);
        err = work_together(&solving, solve_slots);
    }
    if (err == ERR_OK) {
        err = solve_rest(&solving);
    }
    (void)pthread_mutex_destroy(&solving.lock);
    TRY(err);
    *sheet = sum;
    return ERR_OK;
}
