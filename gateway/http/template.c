/* SPDX-License-Identifier: Apache-2.0 */
#include "template.h"

#include <stdbool.h>

#define DEPTH_MAX 4

/* "{{…}}" of one of these kinds; what stands before it is plain text. */
enum tag_kind { TAG_NONE, TAG_VALUE, TAG_MARKUP, TAG_IF, TAG_UNLESS, TAG_END, TAG_COMMENT };

struct tag {
    enum tag_kind kind;
    struct span before;
    struct span name;
};

struct state {
    const struct template_value *values;
    size_t count;
    struct span open[DEPTH_MAX];
    bool shown[DEPTH_MAX];
    size_t depth;
};

enum err
template_escape(struct span text, struct buf *out)
{
    size_t before = out->len;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        const char *entity = c == '&'    ? "&amp;"
                             : c == '<'  ? "&lt;"
                             : c == '>'  ? "&gt;"
                             : c == '"'  ? "&quot;"
                             : c == '\'' ? "&#39;"
                                         : NULL;
        enum err err = entity != NULL ? buf_text(out, entity) : buf_byte(out, c);
        if (err != ERR_OK) {
            out->len = before;
            return err;
        }
    }
    return ERR_OK;
}

static enum err
next_tag(struct span *text, struct tag *tag)
{
    static const struct {
        unsigned char mark;
        enum tag_kind kind;
    } kinds[] = { { '#', TAG_IF }, { '^', TAG_UNLESS }, { '/', TAG_END }, { '!', TAG_COMMENT } };
    size_t at = span_find(*text, SPAN_LIT("{{"));
    *tag = (struct tag){ .kind = TAG_NONE, .before = span_sub(*text, 0, at) };
    *text = span_sub(*text, at, text->len);
    if (span_empty(*text)) {
        return ERR_OK;
    }
    bool markup = span_starts(*text, SPAN_LIT("{{{"));
    struct span end = markup ? SPAN_LIT("}}}") : SPAN_LIT("}}");
    struct span rest = span_sub(*text, end.len, text->len);
    size_t len = span_find(rest, end);
    if (len == rest.len) {
        return ERR_INTERNAL;
    }
    tag->kind = markup ? TAG_MARKUP : TAG_VALUE;
    tag->name = span_sub(rest, 0, len);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !markup; i++) {
        if (tag->name.len > 0 && tag->name.at[0] == kinds[i].mark) {
            tag->kind = kinds[i].kind;
            tag->name = span_sub(tag->name, 1, tag->name.len);
        }
    }
    *text = span_sub(rest, len + end.len, rest.len);
    return ERR_OK;
}

static bool
shown(const struct state *state)
{
    return state->depth == 0 || state->shown[state->depth - 1];
}

static enum err
lookup(const struct state *state, struct span name, struct span *out)
{
    for (size_t i = 0; i < state->count; i++) {
        if (span_eq_cstr(name, state->values[i].name)) {
            *out = state->values[i].value;
            return ERR_OK;
        }
    }
    return ERR_INTERNAL;
}

static enum err
open_section(struct state *state, const struct tag *tag, bool stands)
{
    if (state->depth == DEPTH_MAX) {
        return ERR_INTERNAL;
    }
    bool outer = shown(state);
    state->open[state->depth] = tag->name;
    state->shown[state->depth] = outer && stands;
    state->depth++;
    return ERR_OK;
}

static enum err
close_section(struct state *state, const struct tag *tag)
{
    if (state->depth == 0 || !span_eq(state->open[state->depth - 1], tag->name)) {
        return ERR_INTERNAL;
    }
    state->depth--;
    return ERR_OK;
}

static enum err
apply(struct state *state, const struct tag *tag, struct buf *out)
{
    if (tag->kind == TAG_NONE || tag->kind == TAG_COMMENT) {
        return ERR_OK;
    }
    if (tag->kind == TAG_END) {
        return close_section(state, tag);
    }
    struct span value;
    TRY(lookup(state, tag->name, &value)); /* also where nothing is shown: names must be known */
    if (tag->kind == TAG_IF || tag->kind == TAG_UNLESS) {
        return open_section(state, tag, span_empty(value) == (tag->kind == TAG_UNLESS));
    }
    if (!shown(state)) {
        return ERR_OK;
    }
    return tag->kind == TAG_MARKUP ? buf_append(out, value) : template_escape(value, out);
}

static enum err
render(struct span text, struct state *state, struct buf *out)
{
    struct tag tag;
    do {
        TRY(next_tag(&text, &tag));
        if (shown(state)) {
            TRY(buf_append(out, tag.before));
        }
        TRY(apply(state, &tag, out));
    } while (tag.kind != TAG_NONE);
    return state->depth == 0 ? ERR_OK : ERR_INTERNAL;
}

enum err
template_render(struct span text, const struct template_value *values, size_t count,
                struct buf *out)
{
    struct state state = { .values = values, .count = count };
    size_t before = out->len;
    enum err err = render(text, &state, out);
    if (err != ERR_OK) {
        out->len = before;
    }
    return err;
}
