/* SPDX-License-Identifier: Apache-2.0 */
#include "list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "span.h"
#include "whole.h"

#define LINE_SHOWN 150

struct list {
    struct buf text;
    struct span *lines;
    size_t count;
};

static void
list_fini(struct list *list)
{
    buf_fini(&list->text);
    free(list->lines);
}

static int
line_cmp(const void *a, const void *b)
{
    const struct span *x = a;
    const struct span *y = b;
    return span_cmp(*x, *y);
}

static enum err
load(const char *dir, const char *name, struct list *out)
{
    TRY(whole_read(dir, name, &out->text));
    struct span rest = buf_span(&out->text);
    if (rest.len > 0 && rest.at[rest.len - 1] != '\n') {
        return ERR_FILE_READ; /* cut off */
    }
    size_t room = 1;
    for (size_t i = 0; i < rest.len; i++) {
        room += rest.at[i] == '\n' ? 1 : 0;
    }
    out->lines = calloc(room, sizeof(out->lines[0]));
    if (out->lines == NULL) {
        return ERR_NO_MEMORY;
    }
    struct span line;
    while (out->count < room && span_cut(&rest, '\n', &line)) {
        out->lines[out->count++] = line;
    }
    qsort(out->lines, out->count, sizeof(out->lines[0]), line_cmp);
    return ERR_OK;
}

static void
note(struct list_verdict *out, const char *what, struct span line)
{
    char text[LINE_SHOWN + 1] = { 0 };
    struct span shown = span_sub(line, 0, LINE_SHOWN);
    if (out->first[0] == 0 && shown.len > 0) {
        memcpy(text, shown.at, shown.len);
        (void)snprintf(out->first, sizeof(out->first), "%s %s", what, text);
    }
}

static void
compare(const struct list *want, const struct list *got, struct list_verdict *out)
{
    size_t i = 0;
    size_t k = 0;
    while (i < want->count || k < got->count) {
        int order = i == want->count  ? 1
                    : k == got->count ? -1
                                      : span_cmp(want->lines[i], got->lines[k]);
        if (order < 0) {
            out->missing++;
            note(out, "missing", want->lines[i]);
        } else if (order > 0) {
            out->extra++;
            note(out, "not made", got->lines[k]);
        }
        i += order <= 0 ? 1 : 0;
        k += order >= 0 ? 1 : 0;
    }
}

enum err
list_compare(const char *dir, const char *want, const char *got, struct list_verdict *out)
{
    DEFER(list_fini) struct list first = { .text = BUF_MAX(0) };
    DEFER(list_fini) struct list second = { .text = BUF_MAX(0) };
    *out = (struct list_verdict){ .want = 0 };
    TRY(load(dir, want, &first));
    TRY(load(dir, got, &second));
    out->want = first.count;
    out->got = second.count;
    compare(&first, &second, out);
    return ERR_OK;
}
