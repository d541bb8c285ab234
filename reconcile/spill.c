/* SPDX-License-Identifier: Apache-2.0 */
#include "spill.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCK_BYTES  ((size_t)8 * 1024)
#define STAGE_BYTES  ((size_t)256 * 1024) /* so much is written at once */
#define BLOCKS_FIRST 8

struct block {
    uint64_t at; /* in the file */
    uint64_t len;
};

struct heap {
    size_t used; /* of its room in `last` */
    struct block *blocks;
    size_t count;
    size_t places;
};

struct spill {
    int file;
    uint64_t end;         /* of what was put into the file and into `stage` */
    unsigned char *stage; /* the end of the file, not yet written */
    size_t staged;
    struct heap *heaps;
    size_t count;
    unsigned char *last; /* of each heap the last block, not yet in the file */
    unsigned char *big;  /* of heap `big_heap`, what is longer than a block, */
    size_t big_len;      /* and not yet in the file; 0: nothing */
    size_t big_heap;
};

/* What comes goes to one heap after another, all over the room: in huge pages where the kernel has them, since it would look up a
 * page for each row otherwise. */
static unsigned char *
room_new(size_t bytes)
{
    void *room = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) {
        return NULL;
    }
    (void)madvise(room, bytes, MADV_HUGEPAGE); /* without them it is slower, not wrong */
    return room;
}

enum err
spill_new(const char *dir, size_t heaps, struct spill **out)
{
    DEFER(spill_free) struct spill *spill = calloc(1, sizeof(*spill));
    if (spill == NULL) {
        return ERR_NO_MEMORY;
    }
    spill->file = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    spill->heaps = calloc(heaps, sizeof(spill->heaps[0]));
    spill->stage = malloc(STAGE_BYTES);
    spill->last = room_new(heaps * BLOCK_BYTES);
    spill->count = heaps;
    if (spill->file < 0 || spill->heaps == NULL || spill->stage == NULL || spill->last == NULL) {
        return spill->file < 0 ? ERR_FILE_OPEN : ERR_NO_MEMORY;
    }
    *out = spill;
    spill = NULL;
    return ERR_OK;
}

void
spill_free(struct spill **spill)
{
    if (spill == NULL || *spill == NULL) {
        return;
    }
    for (size_t i = 0; (*spill)->heaps != NULL && i < (*spill)->count; i++) {
        free((*spill)->heaps[i].blocks);
    }
    if ((*spill)->file >= 0) {
        (void)close((*spill)->file);
    }
    if ((*spill)->last != NULL) {
        (void)munmap((*spill)->last, (*spill)->count * BLOCK_BYTES);
    }
    free((*spill)->heaps);
    free((*spill)->stage);
    free((*spill)->big);
    free(*spill);
    *spill = NULL;
}

static enum err
note_block(struct spill *spill, struct heap *heap, size_t len)
{
    if (heap->count == heap->places) {
        size_t places = heap->places == 0 ? BLOCKS_FIRST : heap->places * 2;
        struct block *blocks = reallocarray(heap->blocks, places, sizeof(*blocks));
        if (blocks == NULL) {
            return ERR_NO_MEMORY;
        }
        heap->blocks = blocks;
        heap->places = places;
    }
    heap->blocks[heap->count++] = (struct block){ .at = spill->end, .len = len };
    spill->end += len;
    return ERR_OK;
}

static enum err
write_at(int file, uint64_t at, const unsigned char *bytes, size_t len)
{
    size_t done = 0;
    while (done < len) {
        ssize_t wrote = pwrite(file, bytes + done, len - done, (off_t)(at + done));
        if (wrote <= 0) {
            return ERR_FILE_WRITE;
        }
        done += (size_t)wrote;
    }
    return ERR_OK;
}

static enum err
write_stage(struct spill *spill)
{
    TRY(write_at(spill->file, spill->end - spill->staged, spill->stage, spill->staged));
    spill->staged = 0;
    return ERR_OK;
}

/* A block of the heap goes to the end of the file. */
static enum err
write_out(struct spill *spill, struct heap *heap, const unsigned char *bytes, size_t len)
{
    if (spill->staged + len > STAGE_BYTES) {
        TRY(write_stage(spill));
    }
    if (len > STAGE_BYTES) {
        TRY(write_at(spill->file, spill->end, bytes, len));
    } else {
        memcpy(spill->stage + spill->staged, bytes, len);
        spill->staged += len;
    }
    return note_block(spill, heap, len);
}

static enum err
write_last(struct spill *spill, size_t heap)
{
    struct heap *of = &spill->heaps[heap];
    if (of->used > 0) {
        TRY(write_out(spill, of, spill->last + heap * BLOCK_BYTES, of->used));
        of->used = 0;
    }
    return ERR_OK;
}

static enum err
write_big(struct spill *spill)
{
    size_t len = spill->big_len;
    spill->big_len = 0;
    return len == 0 ? ERR_OK : write_out(spill, &spill->heaps[spill->big_heap], spill->big, len);
}

/* Longer than a block: it has room of its own until the next call. */
static enum err
big_room(struct spill *spill, size_t heap, size_t len, unsigned char **out)
{
    unsigned char *big = realloc(spill->big, len);
    if (big == NULL) {
        return ERR_NO_MEMORY;
    }
    spill->big = big;
    spill->big_len = len;
    spill->big_heap = heap;
    *out = big;
    return ERR_OK;
}

enum err
spill_room(struct spill *spill, size_t heap, size_t len, unsigned char **out)
{
    struct heap *of = &spill->heaps[heap];
    if (spill->big_len > 0) {
        TRY(write_big(spill));
    }
    if (of->used + len > BLOCK_BYTES) {
        TRY(write_last(spill, heap));
        if (len > BLOCK_BYTES) {
            return big_room(spill, heap, len, out);
        }
    }
    *out = spill->last + heap * BLOCK_BYTES + of->used;
    of->used += len;
    return ERR_OK;
}

static enum err
read_block(const struct spill *spill, const struct block *block, unsigned char *out)
{
    uint64_t written = spill->end - spill->staged;
    size_t done = 0;
    if (block->at >= written) {
        memcpy(out, spill->stage + (block->at - written), block->len);
        return ERR_OK;
    }
    while (done < block->len) {
        ssize_t got = pread(spill->file, out + done, block->len - done, (off_t)(block->at + done));
        if (got <= 0) {
            return ERR_FILE_READ;
        }
        done += (size_t)got;
    }
    return ERR_OK;
}

enum err
spill_take(const struct spill *spill, size_t heap, struct buf *out)
{
    const struct heap *of = &spill->heaps[heap];
    unsigned char *room = NULL;
    bool big = spill->big_len > 0 && spill->big_heap == heap; /* then `used` is 0 */
    size_t whole = of->used + (big ? spill->big_len : 0);
    for (size_t i = 0; i < of->count; i++) {
        whole += of->blocks[i].len;
    }
    if (whole == 0) {
        return ERR_OK;
    }
    TRY(buf_reserve(out, whole, &room));
    for (size_t i = 0; i < of->count; i++) {
        TRY(read_block(spill, &of->blocks[i], room));
        room += of->blocks[i].len;
    }
    if (big) {
        memcpy(room, spill->big, spill->big_len);
    } else if (of->used > 0) {
        memcpy(room, spill->last + heap * BLOCK_BYTES, of->used);
    }
    buf_grew(out, whole);
    return ERR_OK;
}
