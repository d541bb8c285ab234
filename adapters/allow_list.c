/* SPDX-License-Identifier: Apache-2.0 */
#include "allow_list.h"

bool
allow_list_has(const char *words, struct span word)
{
    struct span rest = span_of(words);
    bool more = true;
    while (more) {
        struct span head;
        more = span_cut(&rest, ' ', &head);
        if (span_eq(head, word)) {
            return true;
        }
    }
    return false;
}

bool
allow_list_covers(const char *words, struct json_t *object)
{
    void *at = NULL;
    const char *name;
    struct json_t *value;
    while (json_each(object, &at, &name, &value)) {
        if (!allow_list_has(words, span_of(name))) {
            return false;
        }
    }
    return true;
}
