/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_ahead.h"

#include <pthread.h>
#include <signal.h>

#include "buf.h"

struct block {
    unsigned char *at;
    size_t len;
    bool more;
    enum err err;
};

/* A block belongs to the thread that makes it until it is counted as made, then to the one that uses it until it is counted as
 * used. At most one of the two waits: none is left to be made and none to be used never hold together. */
struct ahead {
    const struct bill_ahead_maker *maker;
    struct block blocks[BILL_AHEAD_BLOCKS];
    bool aside;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    size_t made;
    size_t used;
    bool over; /* nobody uses any more */
};

static const struct block *
make(struct ahead *ahead, size_t number)
{
    struct block *block = &ahead->blocks[number % BILL_AHEAD_BLOCKS];
    block->len = 0;
    block->more = false;
    block->err = ahead->maker->make(ahead->maker->context, block->at, &block->len, &block->more);
    return block;
}

/* False: there is nobody to make one for. */
static bool
wait_for_place(struct ahead *ahead)
{
    (void)pthread_mutex_lock(&ahead->lock);
    while (!ahead->over && ahead->made - ahead->used == BILL_AHEAD_BLOCKS) {
        (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
    }
    bool over = ahead->over;
    (void)pthread_mutex_unlock(&ahead->lock);
    return !over;
}

static const struct block *
wait_for_block(struct ahead *ahead, size_t number)
{
    (void)pthread_mutex_lock(&ahead->lock);
    while (ahead->made == number) {
        (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
    }
    (void)pthread_mutex_unlock(&ahead->lock);
    return &ahead->blocks[number % BILL_AHEAD_BLOCKS];
}

static void
count(struct ahead *ahead, size_t *counter)
{
    (void)pthread_mutex_lock(&ahead->lock);
    (*counter)++;
    (void)pthread_cond_signal(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->lock);
}

static void *
make_all(void *context)
{
    struct ahead *ahead = context;
    bool more = true;
    for (size_t number = 0; more && wait_for_place(ahead); number++) {
        const struct block *block = make(ahead, number);
        more = block->err == ERR_OK && block->more;
        count(ahead, &ahead->made);
    }
    return NULL;
}

/* Signals are for the threads that were there before. */
static bool
begin_thread(struct ahead *ahead)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) {
        return false;
    }
    bool begun = pthread_create(&ahead->thread, NULL, make_all, ahead) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return begun;
}

static void
end_thread(struct ahead *ahead)
{
    if (ahead->aside) {
        (void)pthread_mutex_lock(&ahead->lock);
        ahead->over = true;
        (void)pthread_cond_signal(&ahead->changed);
        (void)pthread_mutex_unlock(&ahead->lock);
        (void)pthread_join(ahead->thread, NULL);
    }
}

static enum err
use_all(struct ahead *ahead, const struct bill_ahead_user *user)
{
    bool more = true;
    for (size_t number = 0; more; number++) {
        const struct block *block =
            ahead->aside ? wait_for_block(ahead, number) : make(ahead, number);
        TRY(block->err);
        if (block->len > 0) {
            TRY(user->use(user->context, span_make(block->at, block->len)));
        }
        more = block->more;
        count(ahead, &ahead->used);
    }
    return ERR_OK;
}

enum err
bill_ahead(const struct bill_ahead_maker *maker, bool aside, const struct bill_ahead_user *user)
{
    struct ahead ahead = { .maker = maker,
                           .lock = PTHREAD_MUTEX_INITIALIZER,
                           .changed = PTHREAD_COND_INITIALIZER };
    const size_t bytes =
        aside ? BILL_AHEAD_BLOCKS * BILL_AHEAD_BLOCK_BYTES : BILL_AHEAD_BLOCK_BYTES;
    DEFER(buf_fini) struct buf room = BUF_MAX(bytes);
    unsigned char *at = NULL;
    TRY(buf_reserve(&room, bytes, &at));
    for (size_t i = 0; i < BILL_AHEAD_BLOCKS; i++) {
        ahead.blocks[i].at = aside ? at + i * BILL_AHEAD_BLOCK_BYTES : at;
    }
    ahead.aside = aside && begin_thread(&ahead);
    enum err err = use_all(&ahead, user);
    end_thread(&ahead);
    return err;
}
