/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

/* Where in a JSON text reading stopped. Only the beginning is looked at that a parser has read, so it
 * is taken for granted that it is well formed. */

struct level {
    bool object;
    bool names; /* what comes next is a name, not a value */
    struct span name;
};

struct walk {
    struct span text;
    size_t at;
    struct level levels[JSON_DEPTH_MAX + 1];
    size_t depth;
};

/* A string that was not read to its end is nobody's name yet. */
static void
take_string(struct walk *walk)
{
    size_t from = walk->at + 1;
    size_t end = from;
    while (end < walk->text.len && walk->text.at[end] != '"') {
        end += walk->text.at[end] == '\\' ? 2 : 1;
    }
    struct level *level = walk->depth > 0 ? &walk->levels[walk->depth - 1] : NULL;
    if (level != NULL && level->names && end < walk->text.len) {
        level->name = span_sub(walk->text, from, end - from);
    }
    walk->at = end;
}

static void
open_level(struct walk *walk, bool object)
{
    if (walk->depth <= JSON_DEPTH_MAX) {
        walk->levels[walk->depth++] = (struct level){ .object = object, .names = object };
    }
}

static void
take(struct walk *walk)
{
    struct level *level = walk->depth > 0 ? &walk->levels[walk->depth - 1] : NULL;
    switch (walk->text.at[walk->at]) {
    case '"':
        take_string(walk);
        break;
    case '{':
    case '[':
        open_level(walk, walk->text.at[walk->at] == '{');
        break;
    case '}':
    case ']':
        walk->depth -= walk->depth > 0 ? 1 : 0;
        break;
    case ':':
    case ',':
        if (level != NULL && level->object) {
            level->names = walk->text.at[walk->at] == ',';
            level->name = level->names ? SPAN_LIT("") : level->name;
        }
        break;
    default:
        break;
    }
}

void
json_path(struct span read, char out[FAULT_FIELD_MAX])
{
    struct walk walk = { .text = read };
    size_t len = 0;
    for (; walk.at < read.len; walk.at++) {
        take(&walk);
    }
    for (size_t i = 0; i < walk.depth; i++) {
        struct span name = walk.levels[i].name;
        bool point = len > 0 && name.len > 0;
        if (len + name.len + (point ? 1 : 0) >= FAULT_FIELD_MAX) {
            break; /* the object that holds it is named */
        }
        if (point) {
            out[len++] = '.';
        }
        for (size_t k = 0; k < name.len; k++) {
            out[len++] = (char)name.at[k];
        }
    }
    out[len] = 0;
}
