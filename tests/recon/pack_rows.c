/* SPDX-License-Identifier: Apache-2.0 */
/* Rows read where they stand are what the reader of whole files makes of the same bytes, rows and faults alike. */
#include "pack_rows.h"

#include <string.h>

#include "check.h"
#include "recon.h"
#include "seed.h"

#define FILES      300
#define RECORDS    90
#define TEXT_MAX   ((size_t)64 * 1024)
#define ARENA_MAX  ((size_t)1024 * 1024)
#define RANGES_MAX (RECORDS + 2)

#define HEADER \
    "attempt_no,provider_trade_no,owner,order_no,state,amount_fen,method,paid_at,created_at,counted,carried_in,denied\r\n"

/* One of these for each cell; the last ones cannot be read. */
static const char *const words[][5] = {
    { "26112300100000000101", "A2", " A3 ", "", "A\t4" },
    { "T1", "T2", "", "T4", "T5" },
    { "portal", "branch", "portal", "portal", "某某" },
    { "CA-1", "CA-2", "CA-3", "", "CA-5" },
    { "paid", "paid", "pending", "closed", "nothing" },
    { "40000", "40000", "1", "-5", "4x" },
    { "qr", "qr", "", "page", "pigeon" },
    { "2026-11-22T16:20:19.000000Z", "", "2026-11-22T16:20:19.000001Z",
      "2026-11-23T00:00:00.000000Z", "2026-11-32T16:20:19.000000Z" },
    { "2026-11-22T16:20:19.000000Z", "2026-11-22T16:20:18.000000Z", "",
      "2026-02-28T23:59:59.000000Z", "yesterday" },
    { "true", "true", "false", "true", "TRUE" },
    { "false", "false", "false", "true", "" },
    { "false", "false", "true", "false", "no" },
};
#define COLUMNS (sizeof(words) / sizeof(words[0]))

/* One record in two hundred cannot be read, or is none. In a calm file most cells are like those above them. */
static void
put_record(struct buf *text, bool calm, uint64_t *state)
{
    size_t bad = next(state) % 200 == 0 ? next(state) % COLUMNS : COLUMNS;
    size_t width = next(state) % 200 == 0 ? COLUMNS - 1 : COLUMNS;
    for (size_t i = 0; i < width; i++) {
        size_t word = calm && !chance(state, i == 5 ? 50 : 2) ? 0 : next(state) % 4;
        CHECK_OK(buf_text(text, i == 0 ? "" : ","));
        CHECK_OK(buf_text(text, words[i][i == bad ? 4 : word]));
    }
    CHECK_OK(buf_text(text, chance(state, 20) ? "\n" : "\r\n"));
    CHECK_OK(buf_text(text, chance(state, 5) ? " \r\n\n" : ""));
}

struct found {
    struct pack_range ranges[RANGES_MAX];
    size_t count;
};

static enum err
note_range(void *context, struct pack_range range, const struct span keys[PACK_ROWS_KEYS])
{
    struct found *found = context;
    (void)keys;
    cr_assert_lt(found->count, RANGES_MAX);
    found->ranges[found->count++] = range;
    return ERR_OK;
}

static void
check_same(const struct recon_member *a, const struct recon_member *b)
{
    cr_assert(span_eq(a->attempt_no, b->attempt_no));
    cr_assert(span_eq(a->provider_trade_no, b->provider_trade_no));
    cr_assert(span_eq(a->owner, b->owner));
    cr_assert(span_eq(a->order_no, b->order_no));
    cr_assert_eq(a->state, b->state);
    cr_assert_eq(a->amount_fen, b->amount_fen);
    cr_assert_eq(a->method, b->method);
    cr_assert_eq(a->paid_at.us, b->paid_at.us);
    cr_assert_eq(a->created_at.us, b->created_at.us);
    cr_assert_eq(a->counted, b->counted);
    cr_assert_eq(a->carried_in, b->carried_in);
    cr_assert_eq(a->denied, b->denied);
}

/* The rows of these records, beside those that the whole file has there. */
static void
check_records(const struct pack_rows *rows, struct span records, struct pack_memo *memo,
              const struct recon_member *want, size_t count)
{
    struct pack_place where;
    DEFER(buf_fini) struct buf got = BUF_MAX(RECORDS * PACK_ROW_MAX_BYTES);
    CHECK_OK(pack_rows_read(rows, records, memo, &got, &where));
    cr_assert_eq(got.len, count * sizeof(struct recon_member));
    for (size_t i = 0; i < count; i++) {
        check_same(&((const struct recon_member *)(const void *)got.at)[i], &want[i]);
    }
}

/* As the records of a slot are read: some at once, in bytes that are gone when the next ones are read. */
static void
check_slots(const struct pack_rows *rows, const struct found *found, struct pack_memo *memo,
            const struct recon_member *want, uint64_t *state)
{
    for (size_t from = 0; from < found->count;) {
        size_t left = found->count - from;
        size_t count = 1 + next(state) % (left < 30 ? left : 30);
        const struct pack_range *first = &found->ranges[from];
        const struct pack_range *last = &found->ranges[from + count - 1];
        DEFER(buf_fini) struct buf copy = BUF_MAX(TEXT_MAX);
        CHECK_OK(buf_append(
            &copy, span_make(rows->bytes.at + first->from, last->from + last->len - first->from)));
        check_records(rows, buf_span(&copy), memo, &want[from], count);
        pack_memo_forget(memo);
        from += count;
    }
}

/* Record by record, from the last to the first; all at once; and slot by slot. */
static void
check_rows(const struct pack_rows *rows, const struct recon_member *want, size_t count,
           uint64_t *state)
{
    static struct found found;
    static struct pack_memo memo;
    found.count = 0;
    memset(&memo, 0, sizeof(memo));
    CHECK_OK(pack_rows_scan(rows, note_range, &found));
    cr_assert_eq(found.count, count);
    for (size_t i = count; i > 0; i--) {
        const struct pack_range *range = &found.ranges[i - 1];
        check_records(rows, span_make(rows->bytes.at + range->from, range->len), &memo,
                      &want[i - 1], 1);
    }
    pack_memo_forget(&memo);
    check_records(rows, span_sub(rows->bytes, rows->first, rows->bytes.len), &memo, want, count);
    pack_memo_forget(&memo);
    check_slots(rows, &found, &memo, want, state);
}

/* The same fault at the same place, however much is read at once. */
static void
check_fault(const struct pack_rows *rows, enum err err, const struct pack_place *want)
{
    static struct pack_memo memo;
    struct pack_place where = { .file = NULL };
    DEFER(buf_fini) struct buf got = BUF_MAX(TEXT_MAX);
    struct span records = span_sub(rows->bytes, rows->first, rows->bytes.len);
    memset(&memo, 0, sizeof(memo));
    CHECK_ERR(pack_rows_read(rows, records, &memo, &got, &where), err);
    cr_assert_str_eq(where.file, want->file);
    cr_assert_str_eq(where.column, want->column);
    cr_assert_eq(where.record, want->record, "%lld and %lld", (long long)where.record,
                 (long long)want->record);
}

Test(pack_rows, rows_where_they_stand_are_those_of_the_whole_file)
{
    uint64_t state = seed_start(53);
    size_t faults = 0;
    for (int i = 0; i < FILES; i++) {
        DEFER(arena_free) struct arena *arena = NULL;
        DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
        struct pack_rows rows;
        struct pack_place where;
        void *want = NULL;
        size_t count = 0;
        bool calm = chance(&state, 70);
        CHECK_OK(arena_new(ARENA_MAX, &arena));
        CHECK_OK(buf_text(&text, chance(&state, 20) ? "\xEF\xBB\xBF" HEADER : HEADER));
        for (uint64_t k = next(&state) % RECORDS; k > 0; k--) {
            put_record(&text, calm, &state);
        }
        cr_assert(pack_rows_open(PACK_BOOKS, buf_span(&text), &rows));
        enum err err = pack_list_read(PACK_BOOKS, buf_span(&text), arena, &want, &count, &where);
        if (err == ERR_OK) {
            check_rows(&rows, want, count, &state);
        } else {
            check_fault(&rows, err, &where);
            faults++;
        }
    }
    cr_assert(faults > FILES / 20 && faults < FILES * 2 / 3, "%zu", faults);
}

Test(pack_rows, a_file_with_quotes_or_other_line_ends_is_for_the_other_reader)
{
    static const char *const texts[] = {
        "",
        "attempt_no\r\nA1\r\n",
        HEADER "\"A1\",T,portal,CA-1,paid,1,qr,,,true,false,false\r\n",
        HEADER "A1,T,portal,CA-1,paid,1,qr,,,true,false,false\r",
        HEADER
        "A1,T,portal,CA-1,paid,1,qr,,,true,false,false\rA2,T,portal,CA-1,paid,1,qr,,,true,false,false\r\n",
        HEADER "A1,T,portal,CA-1,paid,1,qr,,,true,false,false",
        HEADER "A1,T,\xB0\xA1,CA-1,paid,1,qr,,,true,false,false\r\n",
    };
    struct pack_rows rows;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        cr_expect_not(pack_rows_open(PACK_BOOKS, span_of(texts[i]), &rows), "%zu", i);
    }
    cr_expect(pack_rows_open(PACK_BOOKS, span_of(HEADER), &rows));
}

Test(pack_rows, the_first_cells_say_where_a_record_belongs)
{
    static const char text[] = HEADER " A1 ,T1\r\n\r\nA2\nA3,T3,portal,CA-3,paid\r\n";
    struct pack_rows rows;
    struct found found = { .count = 0 };
    cr_assert(pack_rows_open(PACK_BOOKS, span_of(text), &rows));
    CHECK_OK(pack_rows_scan(&rows, note_range, &found));
    cr_assert_eq(found.count, 3);
    cr_assert_eq(found.ranges[0].from, sizeof(HEADER) - 1);
    cr_assert_eq(found.ranges[0].len, sizeof(" A1 ,T1\r\n") - 1);
    cr_assert_eq(found.ranges[2].from + found.ranges[2].len, sizeof(text) - 1);
}
