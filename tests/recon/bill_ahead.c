/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_ahead.h"

#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>

#include <criterion/criterion.h>

#include "bill_threads.h"
#include "check.h"

#define BLOCKS 23

/* Block n consists of n times the byte n; none of number 0 and of those that `empty` names. */
struct play {
    size_t blocks;
    size_t empty;
    size_t broken;  /* cannot be made */
    size_t refused; /* is not taken; 0: all are */
    size_t wait_at; /* until everything is made that may be; 0: never */
    sem_t filled;
    atomic_size_t made;
    size_t used;
    size_t bytes;
    pthread_t maker;
    pthread_t user;
    bool masked;
};

static enum err
make(void *context, unsigned char *at, size_t *len, bool *more)
{
    struct play *play = context;
    size_t number = atomic_load(&play->made);
    sigset_t set;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &set);
    play->masked = sigismember(&set, SIGTERM) == 1;
    play->maker = pthread_self();
    if (number == play->broken) {
        return ERR_FILE_READ;
    }
    *len = number == play->empty ? 0 : number;
    memset(at, (int)number, *len);
    *more = number + 1 < play->blocks;
    atomic_store(&play->made, number + 1);
    if (number + 1 == play->wait_at + BILL_AHEAD_BLOCKS) {
        cr_assert_eq(sem_post(&play->filled), 0);
    }
    return ERR_OK;
}

static enum err
use(void *context, struct span bytes)
{
    struct play *play = context;
    play->user = pthread_self();
    play->used++;
    play->used += play->used == play->empty ? 1 : 0;
    size_t number = play->used;
    if (number == play->wait_at) {
        cr_assert_eq(sem_wait(&play->filled), 0);
    }
    cr_assert_leq(atomic_load(&play->made), number + BILL_AHEAD_BLOCKS);
    cr_assert_eq(bytes.len, number);
    for (size_t i = 0; i < bytes.len; i++) {
        cr_assert_eq(bytes.at[i], number, "%zu of block %zu", i, number);
    }
    play->bytes += bytes.len;
    return number == play->refused ? ERR_FILE_WRITE : ERR_OK;
}

static void
begin(struct play *play)
{
    play->broken = SIZE_MAX;
    cr_assert_eq(sem_init(&play->filled, 0, 0), 0);
    threads_count(false);
}

static enum err
run(struct play *play, bool aside)
{
    const struct bill_ahead_maker maker = { play, make };
    const struct bill_ahead_user user = { play, use };
    enum err err = bill_ahead(&maker, aside, &user);
    cr_assert_eq(threads_begun, aside && !threads_refused ? 1 : 0);
    cr_assert_eq(threads_ended, threads_begun);
    return err;
}

Test(bill_ahead, all_blocks_are_used_in_their_order)
{
    for (int aside = 0; aside <= 1; aside++) {
        for (size_t blocks = 1; blocks <= BLOCKS; blocks++) {
            struct play play = { .blocks = blocks };
            begin(&play);
            CHECK_OK(run(&play, aside == 1));
            cr_expect_eq(play.bytes, blocks * (blocks - 1) / 2);
        }
    }
}

Test(bill_ahead, a_thread_makes_while_the_caller_uses)
{
    struct play play = { .blocks = BLOCKS, .wait_at = 5 };
    begin(&play);
    CHECK_OK(run(&play, true));
    cr_expect_eq(play.bytes, BLOCKS * (BLOCKS - 1) / 2);
    cr_expect(pthread_equal(play.user, pthread_self()));
    cr_expect_not(pthread_equal(play.maker, pthread_self()));
    cr_expect(play.masked, "a signal could come to the thread");
    sigset_t set;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &set);
    cr_expect_eq(sigismember(&set, SIGTERM), 0, "and none to the caller any more");
}

Test(bill_ahead, a_refused_thread_is_done_without)
{
    struct play play = { .blocks = BLOCKS };
    begin(&play);
    threads_refused = true;
    CHECK_OK(run(&play, true));
    cr_expect_eq(play.bytes, BLOCKS * (BLOCKS - 1) / 2);
    cr_expect(pthread_equal(play.maker, pthread_self()));
}

Test(bill_ahead, an_empty_block_is_not_given_to_anybody)
{
    for (int aside = 0; aside <= 1; aside++) {
        for (size_t empty = 1; empty < BLOCKS; empty++) {
            struct play play = { .blocks = BLOCKS, .empty = empty };
            begin(&play);
            CHECK_OK(run(&play, aside == 1));
            cr_expect_eq(play.bytes, BLOCKS * (BLOCKS - 1) / 2 - empty);
        }
    }
}

Test(bill_ahead, what_was_made_before_a_failure_is_used)
{
    for (int aside = 0; aside <= 1; aside++) {
        for (size_t broken = 0; broken < BLOCKS; broken++) {
            struct play play = { .blocks = BLOCKS };
            begin(&play);
            play.broken = broken;
            CHECK_ERR(run(&play, aside == 1), ERR_FILE_READ);
            cr_expect_eq(play.used, broken == 0 ? 0 : broken - 1);
        }
    }
}

/* Also while the other thread waits for a place, which is when all places are full. */
Test(bill_ahead, who_refuses_a_block_ends_the_thread)
{
    for (int aside = 0; aside <= 1; aside++) {
        for (size_t refused = 1; refused < BLOCKS; refused++) {
            struct play play = { .blocks = BLOCKS, .refused = refused };
            begin(&play);
            play.wait_at = aside == 1 && refused + BILL_AHEAD_BLOCKS <= BLOCKS ? refused : 0;
            CHECK_ERR(run(&play, aside == 1), ERR_FILE_WRITE);
            cr_expect_eq(play.used, refused);
            cr_expect_leq(atomic_load(&play.made), refused + BILL_AHEAD_BLOCKS);
        }
    }
}
