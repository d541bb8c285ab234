/* SPDX-License-Identifier: Apache-2.0 */
/* The rows are large and their keys lie elsewhere: the heads of the keys are sorted, and then each row moves once. */
#include <stdlib.h>
#include <string.h>

#include "run_parts.h"

#define HEAD_BYTES       24
#define COMMON_BYTES     64
#define ROW_BYTES_MAX    512
#define CACHE_LINE_BYTES 64

/* Two parts, with a NUL between them that no text of PostgreSQL has. */
struct key {
    struct span first;
    struct span second;
};

typedef struct key (*key_of)(const void *row);

/* What tells one key from the others, mostly: bytes after those that all keys begin with. */
struct head {
    unsigned char at[HEAD_BYTES];
    uint32_t place;
};

struct sorting {
    const unsigned char *rows;
    size_t size;
    key_of key;
};

static struct key
member_key(const void *row)
{
    const struct recon_member *member = row;
    return (struct key){ member->attempt_no, SPAN_LIT("") };
}

static struct key
order_key(const void *row)
{
    const struct recon_order *order = row;
    return (struct key){ order->owner, order->order_no };
}

static struct key
payment_key(const void *row)
{
    const struct recon_payment *payment = row;
    return (struct key){ payment->attempt_no, SPAN_LIT("") };
}

static size_t
put_part(unsigned char *out, size_t room, struct span part, size_t skip)
{
    size_t len = skip < part.len ? part.len - skip : 0;
    len = len < room ? len : room;
    if (len > 0) {
        memcpy(out, part.at + skip, len);
    }
    return len;
}

/* `room` bytes of a key after the first `skip`. */
static void
put_key(unsigned char *out, size_t room, struct key key, size_t skip)
{
    size_t first = key.first.len + 1; /* with the NUL */
    memset(out, 0, room);
    size_t at = put_part(out, room, key.first, skip);
    at += skip < first && at < room ? 1 : 0;
    (void)put_part(out + at, room - at, key.second, skip > first ? skip - first : 0);
}

/* How many bytes all keys begin with, COMMON_BYTES at most. */
static size_t
common_bytes(const struct sorting *sorting, size_t count)
{
    unsigned char first[COMMON_BYTES];
    unsigned char other[COMMON_BYTES];
    size_t common = COMMON_BYTES;
    put_key(first, common, sorting->key(sorting->rows), 0);
    for (size_t i = 1; i < count && common > 0; i++) {
        put_key(other, common, sorting->key(sorting->rows + i * sorting->size), 0);
        while (common > 0 && memcmp(first, other, common) != 0) {
            common--;
        }
    }
    return common;
}

static void
fill_heads(const struct sorting *sorting, struct head *heads, size_t count)
{
    size_t common = common_bytes(sorting, count);
    for (size_t i = 0; i < count; i++) {
        put_key(heads[i].at, HEAD_BYTES, sorting->key(sorting->rows + i * sorting->size), common);
        heads[i].place = (uint32_t)i;
    }
}

static int
head_cmp(const void *a, const void *b, void *context)
{
    const struct sorting *sorting = context;
    const struct head *x = a;
    const struct head *y = b;
    int order = memcmp(x->at, y->at, HEAD_BYTES);
    if (order != 0) {
        return order;
    }
    struct key left = sorting->key(sorting->rows + x->place * sorting->size);
    struct key right = sorting->key(sorting->rows + y->place * sorting->size);
    order = span_cmp(left.first, right.first);
    return order != 0 ? order : span_cmp(left.second, right.second);
}

/* The memory of the row after the next one is fetched while a row moves. */
static void
fetch_row(const unsigned char *row, size_t size)
{
    for (size_t at = 0; at < size; at += CACHE_LINE_BYTES) {
        __builtin_prefetch(row + at);
    }
}

/* Each row goes where the heads want it, round by round: `spare` holds the one that had to make room. */
static void
move_rows(unsigned char *rows, size_t size, struct head *heads, size_t count, unsigned char *spare)
{
    for (size_t start = 0; start < count; start++) {
        size_t to = start;
        memcpy(spare, rows + start * size, size);
        while (heads[to].place != start) {
            size_t from = heads[to].place;
            fetch_row(rows + heads[from].place * size, size);
            memcpy(rows + to * size, rows + from * size, size);
            heads[to].place = (uint32_t)to;
            to = from;
        }
        memcpy(rows + to * size, spare, size);
        heads[to].place = (uint32_t)to;
    }
}

static enum err
sort_list(struct run_list *list, size_t size, key_of key)
{
    unsigned char spare[ROW_BYTES_MAX];
    struct sorting sorting = { .rows = list->at, .size = size, .key = key };
    if (list->count < 2) {
        return ERR_OK;
    }
    struct head *heads = list->count > UINT32_MAX ? NULL : calloc(list->count, sizeof(*heads));
    if (heads == NULL) {
        return ERR_NO_MEMORY;
    }
    fill_heads(&sorting, heads, list->count);
    qsort_r(heads, list->count, sizeof(*heads), head_cmp, &sorting);
    move_rows(list->at, size, heads, list->count, spare);
    free(heads);
    return ERR_OK;
}

_Static_assert(sizeof(struct recon_order) <= ROW_BYTES_MAX
                   && sizeof(struct recon_member) <= ROW_BYTES_MAX
                   && sizeof(struct recon_payment) <= ROW_BYTES_MAX,
               "a row fits into the spare place");

enum err
run_sort_books(struct run *run)
{
    TRY(sort_list(&run->read[PACK_BOOKS], sizeof(struct recon_member), member_key));
    TRY(sort_list(&run->read[PACK_ORDERS], sizeof(struct recon_order), order_key));
    return sort_list(&run->read[PACK_PAYMENTS], sizeof(struct recon_payment), payment_key);
}
