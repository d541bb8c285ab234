/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_TWIN_KEY_H
#define TALLYGATE_PROPERTY_TWIN_KEY_H

/* Lists of keys, sorted and merged. */

#include "twin.h"

#define TWIN_KEY_MAX 64 /* bytes of a number that is tidied */

/* Where the things of one key stand; among themselves they go by rank. */
struct twin_key {
    struct span text;
    size_t rank;
    size_t at;
};

struct twin_keys {
    struct twin_key keys[TWIN_MOST];
    size_t count;
};

/* The things of one key on one side of a merge. */
struct twin_group {
    const struct twin_key *keys;
    size_t count;
};

void twin_key_add(struct twin_keys *keys, struct span text, size_t rank, size_t at);
void twin_keys_sort(struct twin_keys *keys);
bool twin_keys_have(const struct twin_keys *sorted, struct span text);

/* Sorts `left`, goes through both once, and calls `meet` for each key that stands on both sides. */
void twin_keys_merge(struct twin *twin, struct twin_keys *left, const struct twin_keys *right,
                     void (*meet)(struct twin *twin, struct twin_group left,
                                  struct twin_group right));

/* Equal for numbers that differ in blanks around them, in width and in case alone. */
struct span twin_key_tidy(struct span number, char room[TWIN_KEY_MAX]);

#endif
