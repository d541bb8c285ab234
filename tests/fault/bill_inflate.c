/* SPDX-License-Identifier: Apache-2.0 */
/* A bill that is long enough for a thread of its own, without memory and in the sandbox of the night. */
#include "bill_inflate.h"

#include <sys/wait.h>
#include <zlib.h>

#include "../recon/bill_threads.h"
#include "nth.h"
#include "sandbox.h"

#define PLAIN_BYTES ((size_t)3 * 1024 * 1024)

static unsigned char plain[PLAIN_BYTES];
static unsigned char packed[PLAIN_BYTES];
static size_t packed_bytes;

/* Sixteen letters, so that a byte of them needs half a byte. */
static void
pack(void)
{
    uint64_t state = 88172645463325252U;
    for (size_t i = 0; i < PLAIN_BYTES; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        plain[i] = (unsigned char)('a' + state % 16);
    }
    unsigned long size = sizeof(packed);
    cr_assert_eq(compress(packed, &size, plain, PLAIN_BYTES), Z_OK);
    cr_assert_geq(size, BILL_INFLATE_ASIDE_BYTES);
    packed_bytes = size;
}

static enum err
compare(void *context, struct span bytes)
{
    size_t *at = context;
    bool same = bytes.len <= PLAIN_BYTES - *at && memcmp(bytes.at, plain + *at, bytes.len) == 0;
    *at += bytes.len;
    return same ? ERR_OK : ERR_INTERNAL;
}

static enum err
unpack(struct buf *out)
{
    const struct bill_inflate_limits limits = { .unpacked_max_bytes = PLAIN_BYTES,
                                                .ratio_max = 200,
                                                .ratio_from_bytes = PLAIN_BYTES };
    enum bill_inflate_end end = BILL_INFLATE_NONE;
    size_t bytes = 0;
    TRY(bill_inflate(BILL_INFLATE_ZLIB, span_make(packed, packed_bytes), &limits, compare, &bytes,
                     &end));
    return end == BILL_INFLATE_WHOLE && bytes == PLAIN_BYTES ? buf_text(out, "whole")
                                                             : ERR_INTERNAL;
}

/* Without a thread: the sanitizer's share in the beginning of one cannot do without memory. */
Test(bill_inflate, a_stream_without_memory_is_not_called_damaged)
{
    pack();
    threads_count(true);
    nth_sweep("inflate", NTH_ALLOCATION, unpack, ERR_CLASS_RETRY, 3);
}

/* Builds with sanitizers run without the list of calls; what they show is the rest of it. */
Test(bill_inflate, the_night_may_have_the_thread)
{
    pack();
    threads_count(false);
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        const struct sandbox_options options = { .role = CHILD_NIGHT, .user = "" };
        struct sandbox_report report;
        DEFER(buf_fini) struct buf said = BUF_MAX(64);
        bool whole = sandbox_enter(&options, &report) == ERR_OK && unpack(&said) == ERR_OK;
        _exit(whole && threads_begun == 1 && threads_ended == 1 ? 0 : 1);
    }
    int status = 0;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(status, 0, "ended with %#x", (unsigned)status);
}
