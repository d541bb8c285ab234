/* SPDX-License-Identifier: Apache-2.0 */
/* The signed bytes inside every published Alipay answer, and inside every beginning of one. */
#include <stdlib.h>
#include <string.h>

#include "alipay.h"
#include "alipay_vectors.h"

#define EXTRACTS   30
#define EXTRACTION "alipay/extraction.json"

Test(alipay_vectors_slices, the_signed_bytes_are_cut_out_exactly)
{
    struct arena *arena = new_arena();
    EACH(EXTRACTION, EXTRACTS, root, vector)
    {
        DEFER(buf_fini) struct buf body = BUF_MAX(0);
        DEFER(buf_fini) struct buf want = BUF_MAX(0);
        const char *name = NULL;
        struct alipay_slice slice = { 0 };
        vectors_bytes(vector, "body_b64", &body);
        CHECK_OK(arena_cstr(arena, vectors_text(vector, "root_node"), &name));
        bool gbk = !span_is_utf8(buf_span(&body));
        enum err err = alipay_slice(buf_span(&body), name, gbk, &slice);
        if (json_member(vector, "expected_b64") == NULL) {
            cr_expect_eq(err, ERR_PROVIDER_PROTOCOL, "%.*s", SPAN_ARG(vectors_text(vector, "id")));
            continue;
        }
        vectors_bytes(vector, "expected_b64", &want);
        cr_expect_eq(err, ERR_OK, "%.*s", SPAN_ARG(vectors_text(vector, "id")));
        cr_expect(span_eq(slice.root, buf_span(&want)), "%.*s",
                  SPAN_ARG(vectors_text(vector, "id")));
    }
    json_free(&root);
    arena_free(&arena);
}

/* In storage of exactly its size, so that reading past it is seen. */
static enum err
slice_prefix(struct span whole, size_t len, const char *name, bool gbk)
{
    struct alipay_slice slice;
    unsigned char *exact = malloc(len + 1);
    cr_assert_not_null(exact);
    memcpy(exact + 1, whole.at, len);
    enum err err = alipay_slice(span_make(exact + 1, len), name, gbk, &slice);
    free(exact);
    return err;
}

Test(alipay_vectors_slices, every_prefix_of_an_answer_is_refused)
{
    struct arena *arena = new_arena();
    EACH(EXTRACTION, EXTRACTS, root, vector)
    {
        DEFER(buf_fini) struct buf body = BUF_MAX(0);
        const char *name = NULL;
        if (json_member(vector, "expected_b64") == NULL) {
            continue; /* refused as a whole by the test above */
        }
        CHECK_OK(arena_cstr(arena, vectors_text(vector, "root_node"), &name));
        vectors_bytes(vector, "body_b64", &body);
        bool gbk = !span_is_utf8(buf_span(&body));
        struct span whole = span_trim(buf_span(&body), " \r\n\t");
        for (size_t len = 0; len < whole.len; len++) {
            if (slice_prefix(whole, len, name, gbk) != ERR_PROVIDER_PROTOCOL) {
                cr_expect(false, "%.*s: %zu of %zu bytes are enough",
                          SPAN_ARG(vectors_text(vector, "id")), len, whole.len);
            }
        }
        cr_expect_eq(slice_prefix(whole, whole.len, name, gbk), ERR_OK);
    }
    json_free(&root);
    arena_free(&arena);
}
