/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_inflate.h"

#include "bill_play.h"
#include "bill_threads.h"

#define PLAIN_BYTES ((size_t)3 * 1024 * 1024) /* half of it, packed */
#define STEP_BYTES  ((size_t)96 * 1024 + 7)
#define TAIL_BYTES  8 /* check sum and length, RFC 1952 2.3.1 */

TestSuite(bill_inflate, .init = play_start, .fini = play_finish);

static const struct bill_inflate_limits wide = { .unpacked_max_bytes = SIZE_MAX,
                                                 .ratio_max = 1000,
                                                 .ratio_from_bytes = 0 };

struct taken {
    struct span plain;
    size_t bytes;
    size_t pieces;
    size_t refused; /* this piece is; 0: none */
};

/* What comes is what was packed, from its beginning. */
static enum err
take(void *context, struct span bytes)
{
    struct taken *taken = context;
    taken->pieces++;
    if (taken->pieces == taken->refused) {
        return ERR_FILE_WRITE;
    }
    cr_assert_leq(bytes.len, taken->plain.len - taken->bytes);
    cr_assert(span_eq(bytes, span_sub(taken->plain, taken->bytes, bytes.len)), "at %zu",
              taken->bytes);
    taken->bytes += bytes.len;
    return ERR_OK;
}

static enum err
take_anything(void *context, struct span bytes)
{
    struct taken *taken = context;
    taken->pieces++;
    taken->bytes += bytes.len;
    return ERR_OK;
}

/* Sixteen letters, so that a byte of them needs half a byte. */
static struct span
letters(size_t len)
{
    void *room = NULL;
    CHECK_OK(arena_alloc(play_arena, len, &room));
    unsigned char *at = room;
    uint64_t state = 88172645463325252U;
    for (size_t i = 0; i < len; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        at[i] = (unsigned char)('a' + state % 16);
    }
    return span_make(at, len);
}

static enum bill_inflate_end
unpack(struct span packed, const struct bill_inflate_limits *limits, bill_inflate_bytes give,
       struct taken *taken)
{
    enum bill_inflate_end end = BILL_INFLATE_NONE;
    CHECK_OK(bill_inflate(BILL_INFLATE_GZIP, packed, limits, give, taken, &end));
    cr_assert_eq(threads_ended, threads_begun);
    return end;
}

/* With a thread and without, which must come to the same. */
static void
expect(struct span packed, const struct bill_inflate_limits *limits, bill_inflate_bytes give,
       struct span plain, enum bill_inflate_end want)
{
    struct taken taken[2] = { { .plain = plain }, { .plain = plain } };
    for (int refused = 0; refused <= 1; refused++) {
        threads_count(refused == 1);
        cr_assert_eq(unpack(packed, limits, give, &taken[refused]), want);
        cr_assert_eq(threads_begun, refused == 1 ? 0 : 1, "%zu bytes", packed.len);
    }
    cr_assert_eq(taken[0].bytes, taken[1].bytes);
    cr_assert_eq(taken[0].pieces, taken[1].pieces);
    cr_assert(want != BILL_INFLATE_WHOLE || taken[0].bytes == plain.len);
}

Test(bill_inflate, a_long_stream_has_a_thread_of_its_own)
{
    struct span plain = letters(PLAIN_BYTES);
    struct span packed = play_deflate(plain, true);
    cr_assert_geq(packed.len, BILL_INFLATE_ASIDE_BYTES);
    expect(packed, &wide, take, plain, BILL_INFLATE_WHOLE);
}

Test(bill_inflate, a_short_stream_has_none)
{
    struct span plain = letters(PLAIN_BYTES / 2);
    struct span packed = play_deflate(plain, true);
    struct taken taken = { .plain = plain };
    cr_assert_lt(packed.len, BILL_INFLATE_ASIDE_BYTES);
    threads_count(false);
    cr_expect_eq(unpack(packed, &wide, take, &taken), BILL_INFLATE_WHOLE);
    cr_expect_eq(taken.bytes, plain.len);
    cr_expect_eq(threads_begun, 0);
}

Test(bill_inflate, a_stream_that_ends_early_is_damaged)
{
    struct span plain = letters(PLAIN_BYTES);
    struct span packed = play_deflate(plain, true);
    for (size_t less = 1; less <= TAIL_BYTES + 1; less++) {
        expect(span_sub(packed, 0, packed.len - less), &wide, take, plain, BILL_INFLATE_DAMAGED);
    }
    for (size_t len = BILL_INFLATE_ASIDE_BYTES; len < packed.len; len += STEP_BYTES) {
        expect(span_sub(packed, 0, len), &wide, take, plain, BILL_INFLATE_DAMAGED);
    }
}

Test(bill_inflate, a_flipped_bit_is_damage)
{
    struct span plain = letters(PLAIN_BYTES);
    DEFER(buf_fini) struct buf packed = BUF_MAX(PLAIN_BYTES);
    CHECK_OK(buf_append(&packed, play_deflate(plain, true)));
    for (size_t at = STEP_BYTES; at < packed.len; at += STEP_BYTES) {
        packed.at[at] ^= (unsigned char)(1U << at % 8);
        expect(buf_span(&packed), &wide, take_anything, plain, BILL_INFLATE_DAMAGED);
        packed.at[at] ^= (unsigned char)(1U << at % 8);
    }
    for (size_t tail = 1; tail <= TAIL_BYTES; tail++) {
        packed.at[packed.len - tail] ^= 1;
        expect(buf_span(&packed), &wide, take, plain, BILL_INFLATE_DAMAGED);
        packed.at[packed.len - tail] ^= 1;
    }
    expect(buf_span(&packed), &wide, take, plain, BILL_INFLATE_WHOLE);
}

Test(bill_inflate, bytes_behind_the_stream_are_told)
{
    struct span plain = letters(PLAIN_BYTES);
    DEFER(buf_fini) struct buf packed = BUF_MAX(PLAIN_BYTES);
    CHECK_OK(buf_append(&packed, play_deflate(plain, true)));
    CHECK_OK(buf_byte(&packed, 'x'));
    expect(buf_span(&packed), &wide, take, plain, BILL_INFLATE_TRAILING);
}

/* The letters make it long enough for a thread, the zeros grow. */
Test(bill_inflate, what_grows_past_a_limit_is_stopped_there)
{
    DEFER(buf_fini) struct buf plain = BUF_MAX(PLAIN_BYTES * 8);
    unsigned char *room = NULL;
    CHECK_OK(buf_append(&plain, letters(PLAIN_BYTES)));
    CHECK_OK(buf_reserve(&plain, PLAIN_BYTES * 7, &room));
    memset(room, 0, PLAIN_BYTES * 7);
    buf_grew(&plain, PLAIN_BYTES * 7);
    struct span packed = play_deflate(buf_span(&plain), true);
    struct bill_inflate_limits limits = wide;
    limits.unpacked_max_bytes = plain.len;
    expect(packed, &limits, take, buf_span(&plain), BILL_INFLATE_WHOLE);
    limits.unpacked_max_bytes = plain.len - 1;
    expect(packed, &limits, take, buf_span(&plain), BILL_INFLATE_SIZE);
    limits = wide;
    limits.ratio_max = plain.len / packed.len + 1;
    expect(packed, &limits, take, buf_span(&plain), BILL_INFLATE_WHOLE);
    limits.ratio_max = 8;
    expect(packed, &limits, take, buf_span(&plain), BILL_INFLATE_RATIO);
    limits.ratio_from_bytes = plain.len;
    expect(packed, &limits, take, buf_span(&plain), BILL_INFLATE_WHOLE);
    struct taken taken = { .plain = buf_span(&plain) };
    threads_count(false);
    limits.unpacked_max_bytes = PLAIN_BYTES;
    cr_expect_eq(unpack(packed, &limits, take, &taken), BILL_INFLATE_SIZE);
    cr_expect_leq(taken.bytes, PLAIN_BYTES, "more was given than may come");
}

Test(bill_inflate, who_refuses_a_piece_hears_of_no_other)
{
    struct span plain = letters(PLAIN_BYTES);
    struct span packed = play_deflate(plain, true);
    struct taken whole = { .plain = plain };
    threads_count(false);
    cr_assert_eq(unpack(packed, &wide, take, &whole), BILL_INFLATE_WHOLE);
    for (size_t refused = 1; refused <= whole.pieces; refused++) {
        struct taken taken = { .plain = plain, .refused = refused };
        enum bill_inflate_end end = BILL_INFLATE_NONE;
        CHECK_ERR(bill_inflate(BILL_INFLATE_GZIP, packed, &wide, take, &taken, &end),
                  ERR_FILE_WRITE);
        cr_expect_eq(end, BILL_INFLATE_NONE);
        cr_expect_eq(taken.pieces, refused);
        cr_expect_eq(threads_begun, 1 + refused);
        cr_expect_eq(threads_ended, threads_begun);
    }
}
