/* SPDX-License-Identifier: Apache-2.0 */
/* Signature-Input, Signature and Content-Digest of a request, as a message of the corpus holds them. What is signed
 * can be read in one way only: a line for each component and one for the parameters, which read back as
 * themselves. */
#include "fuzz.h"
#include "signature_explain.h"

#define FIELD_MAX ((size_t)16 * 1024)

struct asked {
    struct fuzz_message text;
    struct http_header headers[FUZZ_HEADERS_MAX];
    struct http_request request;
};

static void
ask(struct span input, struct arena *arena, struct asked *out)
{
    struct span target = SPAN("/v1/payments?a=b");
    fuzz_message(input, &out->text);
    out->request = (struct http_request){
        .arena = arena,
        .method = HTTP_POST,
        .method_text = SPAN_LIT("POST"),
        .target = target,
        .path = span_sub(target, 0, 12),
        .query = span_sub(target, 13, target.len),
        .headers = out->headers,
        .header_count = out->text.message.header_count,
        .body = out->text.message.body,
    };
    for (size_t i = 0; i < out->request.header_count; i++) {
        out->headers[i] = (struct http_header){ .name = out->text.headers[i].name,
                                                .value = out->text.headers[i].value };
    }
}

static size_t
lines_of(struct span text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.at[i] == '\n' ? 1 : 0;
    }
    return lines;
}

/* The parameters, as they were written out, are a Signature-Input that means the same. */
static void
check_again(const struct asked *asked, const struct signature_input *want)
{
    DEFER(buf_fini) struct buf field = BUF_MAX(FIELD_MAX);
    struct http_header headers[FUZZ_HEADERS_MAX];
    struct signature_input again;
    struct http_request request = asked->request;
    FUZZ_DEMAND(buf_append(&field, want->label) == ERR_OK && buf_byte(&field, '=') == ERR_OK);
    FUZZ_DEMAND(buf_append(&field, want->parameters) == ERR_OK);
    for (size_t i = 0; i < request.header_count; i++) {
        headers[i] = asked->headers[i];
        if (span_eq_cstr(headers[i].name, "signature-input")) {
            headers[i].value = buf_span(&field);
        }
    }
    request.headers = headers;
    enum err err =
        signature_parse(&request, SPAN_LIT("https"), SPAN_LIT("Pay.Example:443"), &again);
    /* A component "signature-input" is the only thing that may now be another. */
    FUZZ_DEMAND(err == ERR_OK);
    FUZZ_DEMAND(span_eq(again.parameters, want->parameters));
    FUZZ_DEMAND(again.component_count == want->component_count);
    FUZZ_DEMAND(span_eq(again.nonce, want->nonce) && span_eq(again.keyid, want->keyid));
    FUZZ_DEMAND(again.created.us == want->created.us && again.expires.us == want->expires.us);
    FUZZ_DEMAND(span_eq(again.signature, want->signature));
}

static void
check_parsed(const struct asked *asked, const struct signature_input *input)
{
    FUZZ_DEMAND(input->component_count <= SIGNATURE_COMPONENTS_MAX);
    FUZZ_DEMAND(input->base.len <= SIGNATURE_BASE_MAX_BYTES);
    FUZZ_DEMAND(lines_of(input->base) == input->component_count + 1);
    FUZZ_DEMAND(span_ends(input->base, input->parameters));
    fuzz_touch(input->label);
    fuzz_touch(input->signature);
    for (size_t i = 0; i < input->component_count; i++) {
        FUZZ_DEMAND(!span_empty(input->components[i]));
        fuzz_touch(input->components[i]);
    }
    check_again(asked, input);
}

/* Whatever is refused can be explained: by our text as it is verified, and by findings of the table. */
static void
check_explained(const struct asked *asked, const struct signature_input *input,
                const struct signature_key *key)
{
    struct signature_explanation explanation = { .count = 0 };
    const struct signature_attempt attempt = {
        .request = &asked->request,
        .scheme = SPAN("https"),
        .authority = SPAN("Pay.Example:443"),
        .key = key,
        .now = input->created,
        .age_max_s = 300,
        .refusal = signature_check(input, key, input->created, 300),
    };
    FUZZ_DEMAND(attempt.refusal != ERR_OK); /* nobody signs with this key */
    enum err err = signature_explain(&attempt, &explanation);
    FUZZ_DEMAND(err == ERR_OK || err == ERR_ARENA_FULL);
    FUZZ_DEMAND(err != ERR_OK || span_eq(explanation.base, input->base));
    FUZZ_DEMAND(err != ERR_OK || explanation.count > 0);
    for (size_t i = 0; i < explanation.count; i++) {
        FUZZ_DEMAND(explanation.findings[i].what < SIGNATURE_DIFFERENCE_COUNT);
        fuzz_touch(explanation.findings[i].component);
    }
}

static void
explain(const struct asked *asked, const struct signature_input *input)
{
    DEFER(secret_free) struct secret *secret = NULL;
    FUZZ_DEMAND(secret_new(SPAN_LIT("00112233445566778899aabbccddeeff"), &secret) == ERR_OK);
    const struct signature_key key = {
        .keyid = "portal",
        .algorithm = SIGNATURE_HMAC_SHA256,
        .shared = secret,
    };
    check_explained(asked, input, &key);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct asked asked;
    struct signature_input input;
    DEFER(arena_free) struct arena *arena = fuzz_arena();
    ask(span_make(data, size), arena, &asked);
    struct span scheme = SPAN("https");
    struct span authority = SPAN("Pay.Example:443");
    fuzz_fill(&input, sizeof(input));
    if (signature_parse(&asked.request, scheme, authority, &input) == ERR_OK) {
        check_parsed(&asked, &input);
    } else {
        FUZZ_DEMAND(fuzz_untouched(&input, sizeof(input)));
    }
    fuzz_fill(&input, sizeof(input));
    if (signature_read(&asked.request, scheme, authority, &input) != ERR_OK) {
        FUZZ_DEMAND(fuzz_untouched(&input, sizeof(input)));
        return 0;
    }
    FUZZ_DEMAND(input.created.us > 0 && !span_empty(input.keyid) && !span_empty(input.nonce));
    FUZZ_DEMAND(input.keyid.len <= SIGNATURE_KEYID_MAX && input.nonce.len <= SIGNATURE_NONCE_MAX);
    explain(&asked, &input);
    return 0;
}
