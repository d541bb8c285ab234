/* SPDX-License-Identifier: Apache-2.0 */
/* A line of a bill to its fields (6.1). */
#include "marks.h"
#include "wechatpay_bill.h"

#define SEPARATOR_BYTES ((size_t)2) /* of values: a comma and a backtick */

/* The place of the separator that ends a value: a comma with a backtick behind it (6.1). */
static size_t
end_of_value(struct span line, size_t from, bool *bare)
{
    size_t at = marks_first(line, from, ',', ',');
    *bare = false;
    while (at < line.len && (at + 1 == line.len || line.at[at + 1] != '`')) {
        *bare = true;
        at = marks_first(line, at + 1, ',', ',');
    }
    return at;
}

void
wechatpay_split_names(struct span line, struct wechatpay_fields *out)
{
    size_t from = 0;
    *out = (struct wechatpay_fields){ .width = 0 };
    while (from <= line.len && out->width < BILL_ROW_COLUMNS_MAX) {
        size_t at = marks_first(line, from, ',', ',');
        out->at[out->width++] = span_make(line.at + from, at - from);
        from = at + 1;
    }
    out->whole = from > line.len;
}

/* A run stands in the row as in the model, so its fields do. False when it is one to the end of the model and the row goes on. */
static bool
take_run(struct alike *alike, struct span line, size_t *from, struct wechatpay_fields *out)
{
    size_t len = 0;
    size_t first = out->width;
    size_t behind = alike_run(alike, first, span_sub(line, *from, line.len), &len);
    bool last = behind == alike->cells;
    if (behind == 0 || (last && *from + len < line.len)) {
        return false;
    }
    for (size_t i = first; i < behind; i++) {
        size_t place = *from + alike->starts[i] - alike->starts[first];
        size_t end = *from + alike->starts[i + 1] - alike->starts[first];
        end -= i + 1 == alike->cells ? 0 : SEPARATOR_BYTES;
        out->at[i] = span_make(line.at + place, end - place);
        out->alike |= UINT64_C(1) << i;
    }
    out->width = behind;
    *from = last ? line.len + 1 : *from + len;
    return true;
}

void
wechatpay_split_values(struct span line, struct alike *alike, struct wechatpay_fields *out)
{
    size_t from = 1;
    out->width = 0;
    out->alike = 0;
    out->comma = span_make(NULL, 0);
    while (from <= line.len && out->width < BILL_ROW_COLUMNS_MAX) {
        bool bare = false;
        if (take_run(alike, line, &from, out)) {
            continue;
        }
        size_t at = end_of_value(line, from, &bare);
        struct span field = span_make(line.at + from, at - from);
        if (bare && out->comma.len == 0) {
            out->comma = field;
        }
        out->starts[out->width] = from;
        out->at[out->width++] = field;
        from = at + SEPARATOR_BYTES;
    }
    out->whole = from > line.len;
}
