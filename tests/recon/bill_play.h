/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_RECON_BILL_PLAY_H
#define TALLYGATE_TESTS_RECON_BILL_PLAY_H

/* Bill files for tests: texts changed in one place, packed and read. Everything lives in one arena. */

#include <archive.h>
#include <archive_entry.h>
#include <iconv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <criterion/criterion.h>

#include "arena.h"
#include "bill_file.h"
#include "check.h"
#include "vectors.h"

#define PLAY_ARENA_MAX ((size_t)256 * 1024 * 1024)
#define PLAY_TEXT_MAX  ((size_t)1024 * 1024)
#define COUNT(list)    (sizeof(list) / sizeof((list)[0]))

static struct arena *play_arena;
static const struct day play_any_day = { .year = 0 };

static inline void
play_start(void)
{
    CHECK_OK(arena_new(PLAY_ARENA_MAX, &play_arena));
}

static inline void
play_finish(void)
{
    arena_free(&play_arena);
}

static inline struct span
play_keep(struct span bytes)
{
    struct span kept;
    CHECK_OK(arena_copy(play_arena, bytes, &kept));
    return kept;
}

static inline struct span
play_file(const char *path)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    vectors_read(path, &text);
    return play_keep(buf_span(&text));
}

static inline const struct adapter_bill *
play_kind(const struct adapter_bill *bills, const char *kind)
{
    while (bills->kind != NULL && strcmp(bills->kind, kind) != 0) {
        bills++;
    }
    cr_assert_not_null(bills->kind, "no bill %s", kind);
    return bills;
}

__attribute__((format(printf, 1, 2))) static inline struct span
play_print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    cr_assert_geq(len, 0);
    void *room = NULL;
    CHECK_OK(arena_alloc(play_arena, (size_t)len + 1, &room));
    va_start(arguments, format);
    (void)vsnprintf(room, (size_t)len + 1, format, arguments);
    va_end(arguments);
    return span_make(room, (size_t)len);
}

/* The text with the n-th (from 0) `from` replaced by `to`. */
static inline struct span
play_edit_nth(struct span text, size_t n, const char *from, const char *to)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(PLAY_TEXT_MAX);
    size_t at = span_find(text, span_of(from));
    for (; n > 0; n--) {
        struct span rest = span_sub(text, at + 1, text.len);
        at += 1 + span_find(rest, span_of(from));
    }
    cr_assert_lt(at, text.len, "there is no '%s'", from);
    CHECK_OK(buf_append(&out, span_sub(text, 0, at)));
    CHECK_OK(buf_text(&out, to));
    CHECK_OK(buf_append(&out, span_sub(text, at + strlen(from), text.len)));
    return play_keep(buf_span(&out));
}

static inline struct span
play_edit(struct span text, const char *from, const char *to)
{
    return play_edit_nth(text, 0, from, to);
}

/* The text without its n-th line, from 1. */
static inline struct span
play_drop_line(struct span text, size_t n)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(PLAY_TEXT_MAX);
    struct span rest = text;
    struct span line;
    for (size_t i = 1; span_cut(&rest, '\n', &line); i++) {
        if (i != n) {
            CHECK_OK(buf_append(&out, line));
            CHECK_OK(buf_byte(&out, '\n'));
        }
    }
    CHECK_OK(buf_append(&out, line));
    return play_keep(buf_span(&out));
}

static inline struct span
play_gb18030(struct span text)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(PLAY_TEXT_MAX * 2);
    unsigned char *room = NULL;
    iconv_t converter = iconv_open("GB18030", "UTF-8");
    CHECK_OK(buf_reserve(&out, text.len * 2 + 1, &room));
    union {
        const unsigned char *read;
        char *asked;
    } in = { .read = text.at };
    char *to = (char *)room;
    size_t in_left = text.len;
    size_t out_left = text.len * 2 + 1;
    cr_assert_neq(iconv(converter, &in.asked, &in_left, &to, &out_left), (size_t)-1);
    buf_grew(&out, text.len * 2 + 1 - out_left);
    cr_assert_eq(iconv_close(converter), 0);
    return play_keep(buf_span(&out));
}

struct play_member {
    const char *name;
    struct span content;
};

static inline void
play_add(struct archive *archive, const struct play_member *member)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, member->name);
    archive_entry_set_size(entry, (la_int64_t)member->content.len);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    cr_assert_eq(archive_write_header(archive, entry), ARCHIVE_OK);
    cr_assert_eq(archive_write_data(archive, member->content.at, member->content.len),
                 (la_ssize_t)member->content.len);
    archive_entry_free(entry);
}

static inline struct span
play_zip(const struct play_member *members, size_t count)
{
    size_t size = PLAY_TEXT_MAX * 4;
    size_t used = 0;
    unsigned char *storage = malloc(size);
    struct archive *archive = archive_write_new();
    cr_assert_not_null(storage);
    cr_assert_eq(archive_write_set_format_zip(archive), ARCHIVE_OK);
    cr_assert_eq(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    cr_assert_eq(archive_write_open_memory(archive, storage, size, &used), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        play_add(archive, &members[i]);
    }
    cr_assert_eq(archive_write_free(archive), ARCHIVE_OK);
    struct span kept = play_keep(span_make(storage, used));
    free(storage);
    return kept;
}

/* gzip with its header when `gzip`, else a zlib stream. */
static inline struct span
play_deflate(struct span plain, bool gzip)
{
    size_t size = plain.len + plain.len / 100 + 4096;
    unsigned char *storage = malloc(size);
    unsigned char *input = malloc(plain.len + 1);
    cr_assert(storage != NULL && input != NULL);
    if (plain.len > 0) {
        memcpy(input, plain.at, plain.len);
    }
    z_stream stream = { .next_in = input, .avail_in = (unsigned)plain.len };
    stream.next_out = storage;
    stream.avail_out = (unsigned)size;
    cr_assert_eq(deflateInit2(&stream, 9, Z_DEFLATED, gzip ? 31 : 15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    struct span kept = play_keep(span_make(storage, size - stream.avail_out));
    cr_assert_eq(deflateEnd(&stream), Z_OK);
    free(storage);
    free(input);
    return kept;
}

static inline struct span
play_base64(struct span bytes)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(PLAY_TEXT_MAX * 8);
    CHECK_OK(crypto_base64_encode(bytes, &text));
    return play_keep(buf_span(&text));
}

static inline struct bill_file
play_read_as(const struct adapter_bill *bill, struct span bytes,
             const struct adapter_account *account, struct day day)
{
    struct bill_file out;
    CHECK_OK(bill_file_read(bill, bytes, account, day, NULL, NULL, &out));
    cr_assert_eq(out.accepted, out.faults_seen == 0);
    return out;
}

static inline struct bill_file
play_read(const struct adapter_bill *bill, struct span bytes)
{
    return play_read_as(bill, bytes, NULL, play_any_day);
}

static inline void
play_accepted(const struct bill_file *file)
{
    cr_assert(file->accepted, "%s %zu %s", finding_name(file->faults[0].finding),
              file->faults[0].number, file->faults[0].detail);
}

/* These findings and no others; NONE stands for "no second one". */
static inline void
play_only(const struct bill_file *file, enum finding one, enum finding two)
{
    cr_assert_not(file->accepted, "accepted instead of %s", finding_name(one));
    for (size_t i = 1; i < FINDING_COUNT; i++) {
        bool wanted = i == (size_t)one || i == (size_t)two;
        cr_expect_eq(file->found[i], wanted, "%s is %s; first %s at %zu: %s",
                     finding_name((enum finding)i), wanted ? "missing" : "there",
                     finding_name(file->faults[0].finding), file->faults[0].number,
                     file->faults[0].detail);
    }
    for (size_t i = 0; i < file->fault_count; i++) {
        cr_expect(span_is_utf8(span_of(file->faults[i].detail)));
    }
}

/* Yuan of a published expectation to fen. */
static inline int64_t
play_fen(const struct json_t *object, const char *name)
{
    struct money money;
    CHECK_OK(money_parse_signed(vectors_text(object, name), CURRENCY_CNY, &money));
    return money.minor;
}

#endif
