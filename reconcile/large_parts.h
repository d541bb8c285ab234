/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_LARGE_PARTS_H
#define TALLYGATE_RECONCILE_LARGE_PARTS_H

/* For the files large*.c alone. */

#include <stdatomic.h>

#include "fee_contract.h"
#include "index.h"
#include "large.h"
#include "spill.h"

enum large_kind {
    LARGE_LINE,
    LARGE_MEMBER,
    LARGE_REFUND,
    LARGE_ORDER,
    LARGE_PAYMENT,
    LARGE_INVOICE,
    LARGE_MANUAL,
    LARGE_ITEM, /* of an invoice */
    LARGE_KIND_COUNT
};

#define LARGE_NUMBERS_MAX 4
#define LARGE_SLOT_BITS   16 /* of a key; the others are a hash */

/* A set of hashes of numbers. */
struct large_set {
    uint64_t *slots; /* 0 is free; NULL before the first */
    size_t count;
    size_t mask;
};

/* large_set.c. Errors: NO_MEMORY. */
MUST_USE enum err large_set_add(struct large_set *set, uint64_t hash);
MUST_USE enum err large_set_join(struct large_set *set, const struct large_set *other);
bool large_set_has(const struct large_set *set, uint64_t hash);
void large_set_fini(struct large_set *set);

struct large_places; /* large_places.c */

struct large_feed {
    struct large *large;
    struct spill *rows
        [LARGE_KIND_COUNT]; /* by bin; behind the bins, those without a slot. NULL: no row yet */
    struct crypto_stream *sha256; /* for the slots of orders */
    struct large_places *places;  /* of rows that stay in their file; NULL: of none */
    struct spill *keys;           /* by hash: numbers that could stand in two slots */
    struct large_set loose;       /* numbers of the rows that have no slot */
    size_t last_line;
    struct large_feed *next;
};

/* A file whose rows may stay in it. */
struct large_source {
    struct span bytes; /* mapped */
    struct pack_rows rows;
    struct large_source *next;
};

struct large {
    const struct recon_input *frame;
    const struct large_routes *routes;
    const char *dir;
    size_t bins; /* the slots, or so many of them joined that each bin is worth its while */
    uint64_t seed;
    struct large_feed *feeds; /* the first is for rows that were taken out of their slots */
    struct large_source *sources;
    struct large_set scattered; /* numbers in more than one slot, or of a row that has none */
};

/* Rows of one bin, side by side, with their texts. */
struct large_lists {
    struct buf bytes[LARGE_KIND_COUNT]; /* as they were put */
    struct buf rows[LARGE_KIND_COUNT];
    size_t count[LARGE_KIND_COUNT];
    struct buf copies[LARGE_KIND_COUNT]; /* of records, */
    struct buf ranges;                   /* and where others stay in their file, */
    struct pack_memo memos[LARGE_KIND_COUNT];
    struct pack_place where; /* and of one that cannot be read */
};

/* large_rows.c. */
size_t large_row_size(enum large_kind kind);
size_t large_numbers(enum large_kind kind, const void *row, struct span numbers[LARGE_NUMBERS_MAX]);
struct span large_order_no(enum large_kind kind, const void *row); /* empty for a line */
MUST_USE enum err large_keep(struct large_feed *feed, enum large_kind kind, size_t slot,
                             const void *row);
MUST_USE enum err large_lists_take(const struct large *large, size_t slot, struct large_lists *out);
void large_lists_reset(struct large_lists *lists);
void large_lists_fini(struct large_lists *lists);

/* large_places.c: notes where a row of the slot stands; appends the rows of the slot to the lists. Rows that follow each other in
 * their file, and in their slot, are one place: a list in the order of its numbers has few. Errors: NO_MEMORY, FILE_WRITE; FILE_READ
 * and those of pack_rows_read. */
MUST_USE enum err large_place_put(struct large_feed *feed, enum large_kind kind,
                                  const struct pack_rows *rows, size_t slot,
                                  struct pack_range range);
MUST_USE enum err large_places_take(const struct large_places *places, size_t slot,
                                    struct large_lists *lists);
void large_places_free(struct large_places **places);

/* large_solve.c: has so many threads, this one among them, do the work until all have; fewer when there are none to be had. */
void large_together(unsigned threads, void *(*work)(void *context), void *context);

/* large.c: maps a file, which `large` keeps as long as it lives. Errors: NO_MEMORY, FILE_OPEN, FILE_READ. */
MUST_USE enum err large_source_new(struct large *large, const char *path,
                                   struct large_source **out);

/* large_keys.c: the hash of a number; notes that it stands in the slot; adds those that stand in two to `out`, heap by heap, of
 * which `next` gives each to one of the threads that are at it. Errors: NO_MEMORY, FILE_WRITE, FILE_READ. */
uint64_t large_hash(const struct large *large, struct span number);
MUST_USE enum err large_key_put(struct large_feed *feed, struct span number, size_t slot);
MUST_USE enum err large_keys_gather(const struct large *large, atomic_size_t *next,
                                    struct large_set *out);

/* large_agree.c: whether the rows of one payment agree in all, so that the engine would call it matched and have nothing that somebody
 * must look at; what that adds to the sheet. */
struct large_terms {
    const struct recon_input *frame;
    struct wall_time begins; /* the day */
    struct wall_time ends;
    bool in_china;                                 /* ends at midnight */
    struct fee_contract contracts[FEE_CARD_COUNT]; /* by kind of card */
};
struct large_unit {
    const struct recon_line *line;
    const struct recon_member *member;
    const struct recon_order *order;
    const struct recon_payment *payment; /* NULL: the books have it as an attempt alone */
};
void large_terms_init(const struct recon_input *frame, struct large_terms *out);
bool large_agree(const struct large_terms *terms, const struct large_unit *unit);
void large_agree_count(const struct large_unit *unit, struct recon_sheet *sheet);

/* large_plain.c: takes such payments out of a slot's lists, when they share no number with anything else there, and adds them to the
 * sheet. One thread has one, for slot after slot. Errors: NO_MEMORY. */
struct large_plain;
MUST_USE enum err large_plain_new(const struct large *large, struct large_plain **out);
void large_plain_free(struct large_plain **plain);
MUST_USE enum err large_plain_take(struct large_plain *plain, struct large_lists *lists,
                                   struct recon_sheet *sheet);

/* large_tangle.c: adds the numbers of a row to the set, also as match_tidy has them. Moves the rows that share a number with those
 * of large->scattered, and all that hangs on them, from the lists to the first feed; one thread at a time. Errors:
 * NO_MEMORY, FILE_WRITE. */
MUST_USE enum err large_loosen(const struct large *large, enum large_kind kind, const void *row,
                               struct large_set *set);
bool large_is_tangled(const struct large *large, const struct large_lists *lists);
MUST_USE enum err large_untangle(struct large *large, struct large_lists *lists);

#endif
