/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to and from the keys process. There is one way to write each: what is decoded encodes to the bytes
 * that came. */
#include "keys_message.h"

#include "fuzz.h"

static bool
inside(struct span whole, struct span part)
{
    return part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void
check_request(struct span bytes)
{
    struct keys_request request;
    DEFER(buf_fini) struct buf again = BUF_MAX(KEYS_MESSAGE_MAX);
    fuzz_fill(&request, sizeof(request));
    if (keys_request_decode(bytes, &request) != ERR_OK) {
        FUZZ_DEMAND(fuzz_untouched(&request, sizeof(request)));
        return;
    }
    FUZZ_DEMAND(request.fields.count <= ADAPTER_FIELDS_MAX);
    FUZZ_DEMAND(inside(bytes, request.account) && inside(bytes, request.signature));
    for (size_t i = 0; i < request.fields.count; i++) {
        FUZZ_DEMAND(inside(bytes, request.fields.list[i].name));
        FUZZ_DEMAND(inside(bytes, request.fields.list[i].value));
    }
    FUZZ_DEMAND(keys_request_encode(&request, &again) == ERR_OK);
    FUZZ_DEMAND(span_eq(buf_span(&again), bytes));
}

static void
check_reply(struct span bytes)
{
    struct keys_reply reply;
    DEFER(buf_fini) struct buf again = BUF_MAX(KEYS_REPLY_MAX);
    fuzz_fill(&reply, sizeof(reply));
    if (keys_reply_decode(bytes, &reply) != ERR_OK) {
        FUZZ_DEMAND(fuzz_untouched(&reply, sizeof(reply)));
        return;
    }
    FUZZ_DEMAND(inside(bytes, reply.bytes));
    FUZZ_DEMAND(keys_reply_encode(&reply, &again) == ERR_OK);
    FUZZ_DEMAND(span_eq(buf_span(&again), bytes));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_request(span_make(data, size));
    check_reply(span_make(data, size));
    return 0;
}
