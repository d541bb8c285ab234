/* SPDX-License-Identifier: Apache-2.0 */
#include "spill.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES  ((size_t)8 * 1024)
#define STAGE_BYTES  ((size_t)256 * 1024) /* so much is written at once */
#define BLOCKS_FIRST 8

struct block {
    uint64_t at; /* in the file */
    uint64_t len;
};

struct heap {
    unsigned char *bytes; /* the last block, not yet in the file; NULL before the first */
    size_t used;
    size_t room;
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
};

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
    spill->count = heaps;
    if (spill->file < 0 || spill->heaps == NULL || spill->stage == NULL) {
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
        free((*spill)->heaps[i].bytes);
        free((*spill)->heaps[i].blocks);
    }
    if ((*spill)->file >= 0) {
        (void)close((*spill)->file);
    }
    free((*spill)->heaps);
    free((*spill)->stage);
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

/* A block leaves its heap for the end of the file. */
static enum err
write_out(struct spill *spill, struct heap *heap)
{
    if (spill->staged + heap->used > STAGE_BYTES) {
        TRY(write_stage(spill));
    }
    if (heap->used > STAGE_BYTES) {
        TRY(write_at(spill->file, spill->end, heap->bytes, heap->used));
    } else {
        memcpy(spill->stage + spill->staged, heap->bytes, heap->used);
        spill->staged += heap->used;
    }
    TRY(note_block(spill, heap, heap->used));
    heap->used = 0;
    return ERR_OK;
}

static enum err
widen(struct heap *heap, size_t len)
{
    size_t room = len > BLOCK_BYTES ? len : BLOCK_BYTES;
    unsigned char *bytes = realloc(heap->bytes, room);
    if (bytes == NULL) {
        return ERR_NO_MEMORY;
    }
    heap->bytes = bytes;
    heap->room = room;
    return ERR_OK;
}

enum err
spill_room(struct spill *spill, size_t heap, size_t len, unsigned char **out)
{
    struct heap *of = &spill->heaps[heap];
    if (of->used + len > of->room) {
        if (of->used > 0) {
            TRY(write_out(spill, of));
        }
        if (len > of->room) {
            TRY(widen(of, len));
        }
    }
    *out = of->bytes + of->used;
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
    size_t whole = of->used;
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
    if (of->used > 0) {
        memcpy(room, of->bytes, of->used);
    }
    buf_grew(out, whole);
    return ERR_OK;
}
