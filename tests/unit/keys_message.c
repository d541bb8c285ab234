/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_message.h"

#include "check.h"

static struct span
part(const char *text)
{
    return span_of(text);
}

static void
fill(struct keys_request *request)
{
    *request = (struct keys_request){ .number = UINT64_C(0x0102030405060708),
                                      .operation = ADAPTER_QUERY,
                                      .account = part("main") };
    CHECK_OK(adapter_fields_add(&request->fields, part("app_id"), part("2021")));
    CHECK_OK(adapter_fields_add(&request->fields, part("biz_content"), part("{\"a\":\"&=\"}")));
    CHECK_OK(adapter_fields_add(&request->fields, part("empty"), part("")));
}

static struct buf
encoded(void)
{
    struct keys_request request;
    fill(&request);
    struct buf message = BUF_MAX(KEYS_MESSAGE_MAX);
    CHECK_OK(keys_request_encode(&request, &message));
    return message;
}

/* Bytes as a peer could write them, to try what our own encoder would never write. */
static enum err
decode(const char *bytes, size_t len)
{
    struct keys_request request;
    return keys_request_decode(span_make(bytes, len), &request);
}

Test(keys_message, every_truncation_of_a_request_is_refused)
{
    DEFER(buf_fini) struct buf message = encoded();
    for (size_t len = 0; len < message.len; len++) {
        struct keys_request request;
        CHECK_ERR(keys_request_decode(span_make(message.at, len), &request), ERR_TRUNCATED);
    }
}

Test(keys_message, left_over_bytes_are_refused)
{
    DEFER(buf_fini) struct buf message = encoded();
    CHECK_OK(buf_byte(&message, 0));
    struct keys_request request;
    CHECK_ERR(keys_request_decode(buf_span(&message), &request), ERR_FIELD_VALUE);
}

Test(keys_message, another_version_or_kind_is_refused)
{
    DEFER(buf_fini) struct buf message = encoded();
    struct keys_request request;
    struct keys_reply reply;
    CHECK_ERR(keys_reply_decode(buf_span(&message), &reply), ERR_FIELD_VALUE);
    message.at[0] = 2;
    CHECK_ERR(keys_request_decode(buf_span(&message), &request), ERR_FIELD_VALUE);
}

#define HEAD            "\x01\x01\x00\x00\x00\x00\x00\x00\x00\x07"
#define DECODE(literal) decode(HEAD literal, sizeof(HEAD literal) - 1)

Test(keys_message, what_no_encoder_of_ours_writes_is_refused)
{
    CHECK_OK(DECODE("\x02\x00\x01X\x00\x01\x00\x01n\x00\x01v"));
    /* an operation beyond the table */
    CHECK_ERR(DECODE("\x0B\x00\x01X\x00\x00"), ERR_FIELD_VALUE);
    /* more fields than a table holds */
    CHECK_ERR(DECODE("\x02\x00\x01X\x00\x41"), ERR_FIELD_LENGTH);
    /* an account name longer than any */
    CHECK_ERR(DECODE("\x02\x00\x41X"), ERR_FIELD_LENGTH);
    /* names that could smuggle a separator into the signed text, or none at all */
    CHECK_ERR(DECODE("\x02\x00\x01X\x00\x01\x00\x03n=1\x00\x01v"), ERR_FIELD_CHARACTERS);
    CHECK_ERR(DECODE("\x02\x00\x01X\x00\x01\x00\x03n&m\x00\x01v"), ERR_FIELD_CHARACTERS);
    CHECK_ERR(DECODE("\x02\x00\x01X\x00\x01\x00\x02n\n\x00\x01v"), ERR_FIELD_CHARACTERS);
    CHECK_ERR(DECODE("\x02\x00\x01X\x00\x01\x00\x00\x00\x01v"), ERR_FIELD_CHARACTERS);
    /* one name twice: two readings of one text */
    CHECK_ERR(DECODE("\x02\x00\x01X\x00\x02\x00\x01n\x00\x01v\x00\x01n\x00\x01w"),
              ERR_FIELD_REPEATED);
}

Test(keys_message, a_request_that_does_not_fit_is_not_encoded)
{
    static unsigned char large[60000];
    struct keys_request request;
    fill(&request);
    request.fields.list[2].value = span_make(large, sizeof(large));
    DEFER(buf_fini) struct buf message = BUF_MAX(KEYS_MESSAGE_MAX);
    CHECK_OK(keys_request_encode(&request, &message));
    buf_reset(&message);
    CHECK_OK(adapter_fields_add(&request.fields, part("more"), span_make(large, sizeof(large))));
    CHECK_ERR(keys_request_encode(&request, &message), ERR_BUF_FULL);
    cr_assert_eq(message.len, 0);
    request.fields.count = 3;
    request.account = span_make(large, KEYS_MESSAGE_ACCOUNT_MAX + 1);
    CHECK_ERR(keys_request_encode(&request, &message), ERR_FIELD_LENGTH);
}

Test(keys_message, a_request_comes_back_as_it_went)
{
    DEFER(buf_fini) struct buf message = encoded();
    struct keys_request request;
    CHECK_OK(keys_request_decode(buf_span(&message), &request));
    cr_assert(request.number == UINT64_C(0x0102030405060708));
    cr_assert_eq(request.operation, ADAPTER_QUERY);
    CHECK_TEXT(request.account, "main");
    cr_assert_eq(request.fields.count, 3);
    CHECK_TEXT(request.fields.list[0].name, "app_id");
    CHECK_TEXT(request.fields.list[1].value, "{\"a\":\"&=\"}");
    CHECK_TEXT(request.fields.list[2].name, "empty");
    cr_assert_eq(request.fields.list[2].value.len, 0);
}

Test(keys_message, a_check_carries_the_signature_and_every_truncation_is_refused)
{
    struct keys_request request;
    fill(&request);
    request.task = KEYS_CHECK;
    request.signature = part("5e55d1");
    DEFER(buf_fini) struct buf message = BUF_MAX(KEYS_MESSAGE_MAX);
    CHECK_OK(keys_request_encode(&request, &message));
    for (size_t len = 0; len < message.len; len++) {
        CHECK_ERR(keys_request_decode(span_make(message.at, len), &request), ERR_TRUNCATED);
    }
    CHECK_OK(keys_request_decode(buf_span(&message), &request));
    cr_assert_eq(request.task, KEYS_CHECK);
    CHECK_TEXT(request.signature, "5e55d1");
    cr_assert_eq(request.fields.count, 3);
}

Test(keys_message, a_task_comes_back_as_the_one_it_was)
{
    static const enum keys_task tasks[] = { KEYS_SIGN, KEYS_OPEN, KEYS_SEAL, KEYS_WEBHOOK_SIGN,
                                            KEYS_WEBHOOK_TELL };
    for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++) {
        struct keys_request request;
        fill(&request);
        request.task = tasks[i];
        DEFER(buf_fini) struct buf message = BUF_MAX(KEYS_MESSAGE_MAX);
        CHECK_OK(keys_request_encode(&request, &message));
        CHECK_OK(keys_request_decode(buf_span(&message), &request));
        cr_assert_eq(request.task, tasks[i]);
        cr_assert_eq(request.signature.len, 0);
    }
}

Test(keys_message, a_reply_is_a_signature_or_an_error_and_never_both)
{
    DEFER(buf_fini) struct buf message = BUF_MAX(KEYS_REPLY_MAX);
    struct keys_reply both = { .err = ERR_KEYS_POLICY, .bytes = SPAN("s") };
    struct keys_reply neither = { .err = ERR_OK };
    struct keys_reply other = { .err = ERR_SYSTEM };
    CHECK_ERR(keys_reply_encode(&both, &message), ERR_FIELD_VALUE);
    CHECK_ERR(keys_reply_encode(&neither, &message), ERR_FIELD_VALUE);
    CHECK_ERR(keys_reply_encode(&other, &message), ERR_FIELD_VALUE);
    cr_assert_eq(message.len, 0);
}

#define REPLY "\x01\x02\x00\x00\x00\x00\x00\x00\x00\x07"

static enum err
decode_reply(const char *bytes, size_t len)
{
    struct keys_reply reply;
    return keys_reply_decode(span_make(bytes, len), &reply);
}
#define DECODE_REPLY(literal) decode_reply(REPLY literal, sizeof(REPLY literal) - 1)

Test(keys_message, a_reply_that_contradicts_itself_is_refused)
{
    CHECK_OK(DECODE_REPLY("\x00\x00\x01s"));
    CHECK_OK(DECODE_REPLY("\x01\x00\x00"));
    CHECK_ERR(DECODE_REPLY("\x00\x00\x00"), ERR_FIELD_VALUE);
    CHECK_ERR(DECODE_REPLY("\x01\x00\x01s"), ERR_FIELD_VALUE);
    CHECK_ERR(DECODE_REPLY("\x0c\x00\x00"), ERR_FIELD_VALUE);
    CHECK_ERR(DECODE_REPLY("\x00\x04\x01s"), ERR_TRUNCATED);
    CHECK_ERR(DECODE_REPLY("\x00\x00\x01ss"), ERR_FIELD_VALUE);
}

Test(keys_message, every_outcome_comes_back_and_every_truncation_is_refused)
{
    static const struct keys_reply rows[] = {
        { .number = 1, .err = ERR_OK, .bytes = SPAN("signature") },
        { .number = UINT64_MAX, .err = ERR_KEYS_POLICY },
        { .number = 3, .err = ERR_KEYS_RATE },
        { .number = 4, .err = ERR_KEYS_UNKNOWN },
        { .number = 5, .err = ERR_CRYPTO },
        { .number = 6, .err = ERR_SIGNATURE },
        { .number = 7, .err = ERR_SEALED },
        { .number = 8, .err = ERR_KEYS_REFUND_DAY },
        { .number = 9, .err = ERR_KEYS_JOURNAL },
        { .number = 10, .err = ERR_KEYS_JOURNAL_FOREIGN },
        { .number = 11, .err = ERR_KEYS_JOURNAL_BROKEN },
        { .number = 12, .err = ERR_NO_MEMORY },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(buf_fini) struct buf message = BUF_MAX(KEYS_REPLY_MAX);
        CHECK_OK(keys_reply_encode(&rows[i], &message));
        struct keys_reply reply;
        CHECK_OK(keys_reply_decode(buf_span(&message), &reply));
        cr_assert(reply.number == rows[i].number && reply.err == rows[i].err);
        cr_assert(span_eq(reply.bytes, rows[i].bytes));
        for (size_t len = 0; len < message.len; len++) {
            CHECK_ERR(keys_reply_decode(span_make(message.at, len), &reply), ERR_TRUNCATED);
        }
    }
}
