/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_PACK_FOLDER_H
#define TALLYGATE_RECONCILE_PACK_FOLDER_H

/* A folder of files with SHA256SUMS, which `sha256sum -c` understands: it is written last, so a folder without it is none. */

#include <stdbool.h>

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "pack.h"
#include "span.h"

#define PACK_SUMS_FILE      "SHA256SUMS"
#define PACK_FILES_MAX      1024 /* a day of settlement may name files of the bank of years */
#define PACK_PATH_MAX       4096
#define PACK_SUMS_MAX_BYTES ((size_t)128 * 1024)

/* A name and the hash of its content, hexadecimal. */
struct pack_sum {
    struct span name;
    struct span sha256;
};

struct pack_sums {
    struct pack_sum list[PACK_FILES_MAX];
    size_t count;
};

/* Begins a new folder. Errors: FILE_WRITE, also when there is something of that name. */
MUST_USE enum err pack_folder_make(const char *dir);

/* A new file of it, synced. Errors: FILE_WRITE. */
MUST_USE enum err pack_folder_save(const char *dir, struct span name, struct span bytes);

/* Syncs the folder itself. Errors: FILE_WRITE. */
MUST_USE enum err pack_folder_end(const char *dir);

/* Appends the text of SHA256SUMS. Errors: BUF_FULL, NO_MEMORY. */
MUST_USE enum err pack_folder_sums_text(const struct pack_sums *sums, struct buf *out);

/* Takes a folder away that was begun and not ended. */
void pack_folder_discard(const char *dir, const struct pack_sums *sums);

/* Errors: FILE_OPEN, FILE_READ, TRUNCATED or FIELD_VALUE for a line that is none, with its number in *where; FIELD_LENGTH for
 * too many. Texts live in `arena`. */
MUST_USE enum err pack_folder_sums(const char *dir, struct arena *arena, struct pack_sums *out,
                                   struct pack_place *where);

/* Appends a file's bytes; its hash, in `arena`; whether that is what `sums` says. Errors: FILE_OPEN, FILE_READ, also for a file
 * larger than PACK_FILE_MAX_BYTES. */
MUST_USE enum err pack_folder_load(const char *dir, const char *name, const struct pack_sums *sums,
                                   struct arena *arena, struct buf *out, struct span *sha256,
                                   bool *same);

/* The same of a file of any size, whose bytes nobody wants. */
MUST_USE enum err pack_folder_hash(const char *dir, const char *name, const struct pack_sums *sums,
                                   struct arena *arena, struct span *sha256, bool *same);

#endif
