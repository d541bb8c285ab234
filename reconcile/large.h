/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_LARGE_H
#define TALLYGATE_RECONCILE_LARGE_H

/* A day of any length in bounded memory. Rows come one after the other, in any order, from several threads at once; each goes to
 * the slot that its number names (number.h), in a file without a name. Then the slots are reconciled one by one, by the engine of
 * recon.h. What belongs together has one slot nearly always: an order, its attempts, their lines on the bill. Whatever does not -
 * a number that stands in two slots or names none, and all that hangs on it - is taken out of the slots and reconciled
 * together at the end, so that the results are those of the whole day at once (tests/property/large.c). Memory grows with
 * the largest slot and with what had to be taken out. A day with the account's own bill is not for this: it has no movements. */

#include "crypto.h"
#include "pack_rows.h"
#include "progress.h"
#include "recon.h"

struct large;
struct large_feed; /* rows of one thread */

/* How numbers name slots. */
struct large_routes {
    size_t slots;
    bool (*number)(struct span number,
                   size_t *slot); /* of an attempt or a refund; false: of neither */
    enum err (*order)(struct crypto_stream *sha256, struct span owner, struct span order_no,
                      size_t *slot);
};
extern const struct large_routes large_routes_ours;

/* `frame` is the day without its lists; it must outlive this, as must `routes`. `dir` is the folder of the nameless files, of
 * which there is one for each kind of row. Errors: NO_MEMORY, CRYPTO; INTERNAL for a frame with the account's own bill. */
MUST_USE enum err large_new(const struct recon_input *frame, const char *dir,
                            const struct large_routes *routes, struct large **out);
void large_free(struct large **large);

/* Before the first row: about how many bytes there will be of them. Where the slots of a small day have few, several are done at
 * once. */
void large_expect(struct large *large, size_t bytes);

/* A feed belongs to `large`; one thread fills it. Errors: NO_MEMORY, FILE_OPEN. */
MUST_USE enum err large_feed_new(struct large *large, struct large_feed **out);

/* The row is copied with its texts. The lines of one feed come in ascending order of their numbers (else FIELD_VALUE); no line
 * number may stand in two feeds. Errors: NO_MEMORY, FILE_WRITE, CRYPTO. */
MUST_USE enum err large_put_line(struct large_feed *feed, const struct recon_line *line);
MUST_USE enum err large_put(struct large_feed *feed, enum pack_list list, const void *row);

/* A row that stays where it is and is read when its turn comes, by its first cells; `rows` must outlive `large`, and is the only file of a
 * feed. Not *kept: it has no slot, and is to be put by large_put. For the lists that have places. Errors: those of large_put; INTERNAL for
 * another list. */
bool large_has_places(enum pack_list list);
MUST_USE enum err large_put_place(struct large_feed *feed, const struct pack_rows *rows,
                                  struct pack_range range, const struct span keys[PACK_ROWS_KEYS],
                                  bool *kept);

/* A result and the lists that it names its rows in, which live during the call. */
typedef enum err (*large_result)(void *context, const struct recon_input *in,
                                 const struct recon_result *result);

struct large_wish {
    unsigned threads;
    bool (*wanted)(const struct recon_result *result); /* NULL: every result */
    bool plain_unwanted; /* what agrees in all is counted, and need not become a result */
    large_result result; /* called by one thread at a time, in no order */
    void *context;
    struct progress *progress; /* NULL: nobody watches; counts slots */
    struct pack_place
        *where; /* of a row that stayed in its file and cannot be read; NULL: there is none */
};

/* The month's limit of fees that are merely rounded is not looked at: FEE_ROUNDING stands wherever it could, and
 * classify_fee_limit is for whoever has all of them in order. Errors: those of recon_match, FILE_READ, those of
 * pack_rows_read, and whatever `result` gives. */
MUST_USE enum err large_solve(struct large *large, const struct large_wish *wish,
                              struct recon_sheet *sheet);

#endif
