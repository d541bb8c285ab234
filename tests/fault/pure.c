/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes, JSON, secrets and reconciliation without memory or with files that cannot be read. */
#include <stdio.h>
#include <string.h>

#include "../recon/books.h"
#include "bill_store.h"
#include "crypto.h"
#include "json.h"
#include "nth.h"
#include "report.h"
#include "secret.h"

static enum err
grow(struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX((size_t)64 * 1024);
    for (int i = 0; i < 2000; i++) {
        size_t before = text.len;
        enum err err = buf_printf(&text, "%d ", i);
        if (err != ERR_OK) {
            cr_assert_eq(text.len, before, "content changed by a failure");
            return err;
        }
    }
    return buf_append(out, buf_span(&text));
}

Test(pure, a_buffer_that_cannot_grow_keeps_its_content)
{
    nth_sweep("buf", NTH_ALLOCATION, grow, ERR_CLASS_RETRY, 5);
}

static enum err
fill_arena(struct buf *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    TRY(arena_new((size_t)1024 * 1024, &arena));
    struct span copy = SPAN("");
    for (int i = 0; i < 300; i++) {
        TRY(arena_copy(arena,
                       SPAN_LIT("a hundred bytes or so, many times over, fill some blocks of "
                                "the arena one after the other"),
                       &copy));
    }
    return buf_append(out, copy);
}

Test(pure, an_arena_that_cannot_grow_says_so)
{
    nth_sweep("arena", NTH_ALLOCATION, fill_arena, ERR_CLASS_RETRY, 4);
}

static enum err
through_json(struct buf *out)
{
    DEFER(json_free) struct json_t *root = NULL;
    struct json_t *more = NULL;
    TRY(json_parse(SPAN_LIT("{\"order\":{\"no\":\"A-1\",\"fen\":56000,\"list\":[true,null,\"\xe6"
                            "\x9d\xad\"]},\"text\":\"a\\u00e4\\n\"}"),
                   &root));
    TRY(json_new_object(&more));
    TRY(json_put(root, "more", more));
    TRY(json_put_i64(more, "n", 7));
    TRY(json_put_text(more, "s", "words"));
    return json_encode(root, out);
}

/* A body that was not read for want of memory is not the caller's mistake. */
Test(pure, json_without_memory_is_not_called_invalid)
{
    nth_sweep("json", NTH_ALLOCATION, through_json, ERR_CLASS_RETRY, 20);
}

static enum err
through_named_json(struct buf *out)
{
    DEFER(json_free) struct json_t *root = NULL;
    struct faults faults = { .count = 0 };
    TRY(json_parse_named(SPAN_LIT("{\"order\":{\"a name that is longer than what a small block "
                                  "holds\":56000,\"list\":[true,null,\"\xe6\x9d\xad\"]}}"),
                         &root, &faults));
    cr_assert_eq(faults.count, 0);
    return json_encode(root, out);
}

Test(pure, a_request_without_memory_is_not_called_invalid)
{
    nth_sweep("named json", NTH_ALLOCATION, through_named_json, ERR_CLASS_RETRY, 10);
}

static enum err
keep_secret(struct buf *out)
{
    DEFER(secret_free) struct secret *secret = NULL;
    TRY(secret_new(SPAN_LIT("a secret"), &secret));
    return buf_append(out, secret_bytes(secret));
}

Test(pure, a_secret_without_memory_is_none)
{
    nth_sweep("secret", NTH_ALLOCATION, keep_secret, ERR_CLASS_RETRY, 1);
}

static char secret_path[] = "/tmp/tallygate-fault-XXXXXX";

static enum err
load_secret(struct buf *out)
{
    DEFER(secret_free) struct secret *secret = NULL;
    TRY(secret_load(secret_path, 64, &secret));
    return buf_append(out, secret_bytes(secret));
}

Test(pure, a_secret_that_cannot_be_read_whole_is_none)
{
    int fd = mkstemp(secret_path);
    cr_assert_eq(write(fd, "a secret\n", 9), 9);
    nth_sweep("secret", NTH_READ, load_secret, ERR_CLASS_FATAL, 1);
    nth_sweep("secret", NTH_ALLOCATION, load_secret, ERR_CLASS_RETRY, 2);
    (void)close(fd);
    (void)unlink(secret_path);
}

/* A day with something of everything, told as the names of its results. */
static enum err
reconcile(struct buf *out)
{
    struct books books = { 0 };
    DEFER(arena_free) struct arena *arena = NULL;
    books_golden(&books);
    books.lines[1] = books.lines[0];
    books.lines[1].number = 8;
    books.lines[1].merchant_order_no = SPAN_LIT("A2");
    books.lines[1].provider_trade_no = SPAN_LIT("T2");
    books.in.line_count = 2;
    books.in.lines = books.lines;
    books.in.members = books.members;
    books.in.orders = books.orders;
    books.in.payments = books.payments;
    books.in.invoices = books.invoices;
    books.in.tariffs = books.tariffs;
    TRY(arena_new((size_t)1024 * 1024, &arena));
    TRY(recon_match(&books.in, arena, &books.out));
    DEFER(buf_fini) struct buf text = BUF_MAX(4096);
    for (size_t i = 0; i < books.out.count; i++) {
        TRY(buf_printf(&text, "%s\n", finding_name(books.out.results[i].primary)));
    }
    return buf_append(out, buf_span(&text));
}

Test(pure, a_day_is_reconciled_whole_or_not_at_all)
{
    nth_sweep("reconcile", NTH_ALLOCATION, reconcile, ERR_CLASS_RETRY, 4);
}
