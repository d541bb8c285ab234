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

/* What one thread has for slot after slot. */
struct work {
    struct solving *solving;
    struct arena *arena;
    struct large_lists lists;
    struct large_plain *plain; /* NULL: every result is wanted */
    struct recon_input in;
    struct recon_output out;
};

static void
work_fini(struct work *work)
{
    arena_free(&work->arena);
    large_lists_fini(&work->lists);
    large_plain_free(&work->plain);
}

static enum err
give_solved(struct solving *solving, void *what)
{
    const struct work *work = what;
    return give(solving, &work->in, &work->out);
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
solve_lists(struct work *work)
{
    TRY(give_items(&work->lists));
    fill_input(work->solving->large, &work->lists, &work->in);
    TRY(match_in_parts(&work->in, PART_ITEMS, work->arena, &work->out));
    TRY(locked(work->solving, give_solved, work));
    arena_recycle(work->arena);
    return ERR_OK;
}

static enum err
give_plain(struct solving *solving, void *what)
{
    return add_sheet(solving->sheet, what);
}

static enum err
solve_slot(struct work *work, size_t slot)
{
    struct solving *solving = work->solving;
    struct recon_sheet plain = { .unexplained_fen = 0 };
    TRY(large_lists_take(solving->large, slot, &work->lists));
    if (large_is_tangled(solving->large, &work->lists)) {
        TRY(locked(solving, untangle, &work->lists));
    }
    if (work->plain != NULL) {
        TRY(large_plain_take(work->plain, &work->lists, &plain));
        TRY(locked(solving, give_plain, &plain));
    }
    return solve_lists(work);
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
note_place(struct solving *solving, void *what)
{
    const struct work *work = what;
    if (solving->wish->where != NULL && work->lists.where.file != NULL) {
        *solving->wish->where = work->lists.where;
    }
    return ERR_OK;
}

static enum err
begin_work(struct solving *solving, struct work *out)
{
    out->solving = solving;
    return arena_new(SIZE_MAX, &out->arena);
}

static enum err
solve_slots(struct solving *solving)
{
    DEFER(work_fini) struct work work = { .solving = NULL };
    TRY(begin_work(solving, &work));
    if (solving->wish->plain_unwanted) {
        TRY(large_plain_new(solving->large, &work.plain));
    }
    enum err err = ERR_OK;
    for (size_t slot = atomic_fetch_add(&solving->next, 1);
         err == ERR_OK && slot < solving->large->bins; slot = atomic_fetch_add(&solving->next, 1)) {
        err = solve_slot(&work, slot);
    }
    TRY(locked(solving, note_place, &work));
    return err;
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
    DEFER(work_fini) struct work work = { .solving = NULL };
    TRY(begin_work(solving, &work));
    TRY(large_lists_take(solving->large, solving->large->bins, &work.lists));
    return solve_lists(&work);
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
        progress_begin(wish->progress, PROGRESS_MATCH, (int64_t)large->bins + 1);
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
