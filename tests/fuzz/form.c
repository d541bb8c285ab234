/* SPDX-License-Identifier: Apache-2.0 */
/* Forms: what is decoded and encoded decodes to the same; the gateway's own decoder of escapes reads no value
 * in another way. */
#include "form.h"

#include "fuzz.h"
#include "http_internal.h"

#define TEXT_MAX ((size_t)8 * 1024 * 1024)

static void
check_same(const struct adapter_fields *a, const struct adapter_fields *b)
{
    FUZZ_DEMAND(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        FUZZ_DEMAND(span_eq(a->list[i].name, b->list[i].name));
        FUZZ_DEMAND(span_eq(a->list[i].value, b->list[i].value));
    }
}

static void
check_fields(const struct adapter_fields *fields, struct arena *arena)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    struct adapter_fields again = { .count = 0 };
    FUZZ_DEMAND(fields->count <= ADAPTER_FIELDS_MAX);
    FUZZ_DEMAND(form_encode(fields, &text) == ERR_OK);
    FUZZ_DEMAND(form_decode(buf_span(&text), arena, &again) == ERR_OK);
    check_same(fields, &again);
    form_sort(&again);
    for (size_t i = 1; i < again.count; i++) {
        FUZZ_DEMAND(span_cmp(again.list[i - 1].name, again.list[i].name) < 0);
    }
}

/* One component; the gateway refuses what is no text, and otherwise reads the same. */
static void
check_component(struct span text, struct arena *arena)
{
    struct span ours;
    struct adapter_fields fields = { .count = 0 };
    DEFER(buf_fini) struct buf pair = BUF_MAX(TEXT_MAX);
    if (span_index(text, '&') < text.len || request_decode(arena, text, true, &ours) != ERR_OK) {
        return;
    }
    FUZZ_DEMAND(span_empty(ours) || span_is_utf8(ours));
    FUZZ_DEMAND(buf_text(&pair, "a=") == ERR_OK && buf_append(&pair, text) == ERR_OK);
    FUZZ_DEMAND(form_decode(buf_span(&pair), arena, &fields) == ERR_OK && fields.count == 1);
    FUZZ_DEMAND(span_eq(fields.list[0].value, ours));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct adapter_fields fields;
    struct span text = span_make(data, size);
    DEFER(arena_free) struct arena *arena = fuzz_arena();
    fuzz_fill(&fields, sizeof(fields));
    if (form_decode(text, arena, &fields) == ERR_OK) {
        check_fields(&fields, arena);
    } else {
        FUZZ_DEMAND(fuzz_untouched(&fields, sizeof(fields)));
    }
    check_component(text, arena);
    return 0;
}
