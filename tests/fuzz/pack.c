/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a run is repeated from: the first byte says which. What reads is written so that it reads the same again; what does not
 * is told by its file. */
#include "fuzz.h"
#include "pack_day.h"

#define ARENA_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define DAY             'd' /* day.json; lists have the character of their number */
#define TEXT_MAX_BYTES  ((size_t)16 * 1024 * 1024)

static void
check_list(enum pack_list list, struct span bytes, struct arena *arena)
{
    void *rows = NULL;
    size_t count = 0;
    struct pack_place where = { .file = NULL };
    DEFER(buf_fini) struct buf first = BUF_MAX(TEXT_MAX_BYTES);
    DEFER(buf_fini) struct buf second = BUF_MAX(TEXT_MAX_BYTES);
    enum err err = pack_list_read(list, bytes, arena, &rows, &count, &where);
    FUZZ_DEMAND(where.file != NULL && where.column != NULL);
    if (err != ERR_OK) {
        return;
    }
    FUZZ_DEMAND(pack_list_write(list, rows, count, &first) == ERR_OK);
    size_t again = 0;
    FUZZ_DEMAND(pack_list_read(list, buf_span(&first), arena, &rows, &again, &where) == ERR_OK);
    FUZZ_DEMAND(again == count);
    FUZZ_DEMAND(pack_list_write(list, rows, again, &second) == ERR_OK);
    FUZZ_DEMAND(span_eq(buf_span(&first), buf_span(&second)));
}

static void
check_day(struct span bytes, struct arena *arena)
{
    struct pack_day day;
    const char *member = NULL;
    DEFER(buf_fini) struct buf first = BUF_MAX(TEXT_MAX_BYTES);
    DEFER(buf_fini) struct buf second = BUF_MAX(TEXT_MAX_BYTES);
    fuzz_fill(&day, sizeof(day));
    if (pack_day_read(bytes, arena, &day, &member) != ERR_OK) {
        FUZZ_DEMAND(member != NULL && fuzz_untouched(&day, sizeof(day)));
        return;
    }
    FUZZ_DEMAND(pack_day_write(&day, &first) == ERR_OK);
    FUZZ_DEMAND(pack_day_read(buf_span(&first), arena, &day, &member) == ERR_OK);
    FUZZ_DEMAND(pack_day_write(&day, &second) == ERR_OK);
    FUZZ_DEMAND(span_eq(buf_span(&first), buf_span(&second)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    DEFER(arena_free) struct arena *arena = NULL;
    if (size == 0 || (data[0] != DAY && (data[0] < '0' || data[0] >= '0' + PACK_EVERY_COUNT))) {
        return 0;
    }
    FUZZ_DEMAND(arena_new(ARENA_MAX_BYTES, &arena) == ERR_OK);
    struct span bytes = span_make(data + 1, size - 1);
    if (data[0] == DAY) {
        check_day(bytes, arena);
    } else {
        check_list((enum pack_list)(data[0] - '0'), bytes, arena);
    }
    return 0;
}
