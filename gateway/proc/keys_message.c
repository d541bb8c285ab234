/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_message.h"

#include <stdbool.h>

enum kind {
    KIND_NONE,
    KIND_SIGN,
    KIND_REPLY,
    KIND_CHECK,
    KIND_OPEN,
    KIND_SEAL,
    KIND_WEBHOOK_SIGN,
    KIND_WEBHOOK_TELL,
    KIND_CERTIFY
};

static const enum kind task_kinds[KEYS_TASK_COUNT] = {
    [KEYS_SIGN] = KIND_SIGN,
    [KEYS_CHECK] = KIND_CHECK,
    [KEYS_OPEN] = KIND_OPEN,
    [KEYS_SEAL] = KIND_SEAL,
    [KEYS_CERTIFY] = KIND_CERTIFY,
    [KEYS_WEBHOOK_SIGN] = KIND_WEBHOOK_SIGN,
    [KEYS_WEBHOOK_TELL] = KIND_WEBHOOK_TELL,
};

/* What may be said in a reply; the place in the table is its code on the wire. */
static const enum err outcomes[] = { ERR_OK,
                                     ERR_KEYS_POLICY,
                                     ERR_KEYS_RATE,
                                     ERR_KEYS_UNKNOWN,
                                     ERR_CRYPTO,
                                     ERR_SIGNATURE,
                                     ERR_SEALED,
                                     ERR_KEYS_REFUND_DAY,
                                     ERR_KEYS_JOURNAL,
                                     ERR_KEYS_JOURNAL_FOREIGN,
                                     ERR_KEYS_JOURNAL_BROKEN,
                                     ERR_NO_MEMORY };
#define OUTCOMES (sizeof(outcomes) / sizeof(outcomes[0]))

static enum err
put_number(struct buf *out, uint64_t value, size_t bytes)
{
    for (size_t i = bytes; i > 0; i--) {
        TRY(buf_byte(out, (unsigned char)(value >> (8 * (i - 1)) & 0xFF)));
    }
    return ERR_OK;
}

static enum err
put_part(struct buf *out, struct span part, size_t max)
{
    if (part.len > max) {
        return ERR_FIELD_LENGTH;
    }
    TRY(put_number(out, part.len, 2));
    return buf_append(out, part);
}

static enum err
put_head(struct buf *out, enum kind kind, uint64_t number)
{
    TRY(buf_byte(out, KEYS_MESSAGE_VERSION));
    TRY(buf_byte(out, (unsigned char)kind));
    return put_number(out, number, 8);
}

static enum err
get_number(struct span *rest, size_t bytes, uint64_t *out)
{
    if (rest->len < bytes) {
        return ERR_TRUNCATED;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        value = value << 8 | rest->at[i];
    }
    *rest = span_sub(*rest, bytes, rest->len);
    *out = value;
    return ERR_OK;
}

static enum err
get_part(struct span *rest, size_t max, struct span *out)
{
    uint64_t len;
    TRY(get_number(rest, 2, &len));
    if (len > max) {
        return ERR_FIELD_LENGTH;
    }
    if (rest->len < len) {
        return ERR_TRUNCATED;
    }
    *out = span_sub(*rest, 0, (size_t)len);
    *rest = span_sub(*rest, (size_t)len, rest->len);
    return ERR_OK;
}

static enum err
get_head(struct span *rest, uint64_t *kind, uint64_t *number)
{
    uint64_t version;
    if (rest->len > KEYS_MESSAGE_MAX) {
        return ERR_FIELD_LENGTH;
    }
    TRY(get_number(rest, 1, &version));
    TRY(get_number(rest, 1, kind));
    if (version != KEYS_MESSAGE_VERSION) {
        return ERR_FIELD_VALUE;
    }
    return get_number(rest, 8, number);
}

static enum err
task_of(uint64_t kind, enum keys_task *out)
{
    for (int i = 0; i < KEYS_TASK_COUNT; i++) {
        if (kind == (uint64_t)task_kinds[i]) {
            *out = (enum keys_task)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

enum err
keys_request_encode(const struct keys_request *request, struct buf *out)
{
    if (request->fields.count > ADAPTER_FIELDS_MAX) {
        return ERR_FIELD_LENGTH;
    }
    DEFER(buf_fini) struct buf message = BUF_MAX(KEYS_MESSAGE_MAX);
    TRY(put_head(&message, task_kinds[request->task], request->number));
    TRY(buf_byte(&message, (unsigned char)request->operation));
    TRY(put_part(&message, request->account, KEYS_MESSAGE_ACCOUNT_MAX));
    if (request->task == KEYS_CHECK) {
        TRY(put_part(&message, request->signature, KEYS_MESSAGE_SIGNATURE_MAX));
    }
    TRY(put_number(&message, request->fields.count, 2));
    for (size_t i = 0; i < request->fields.count; i++) {
        TRY(put_part(&message, request->fields.list[i].name, KEYS_MESSAGE_NAME_MAX));
        TRY(put_part(&message, request->fields.list[i].value, UINT16_MAX));
    }
    return buf_append(out, buf_span(&message));
}

static bool
is_name(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = s.at[i];
        if (!span_is_alnum(span_sub(s, i, 1)) && c != '_' && c != '.' && c != '-') {
            return false;
        }
    }
    return s.len > 0;
}

static bool
has_name(const struct adapter_fields *fields, struct span name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (span_eq(fields->list[i].name, name)) {
            return true;
        }
    }
    return false;
}

static enum err
get_fields(struct span *rest, struct adapter_fields *out)
{
    uint64_t count;
    TRY(get_number(rest, 2, &count));
    if (count > ADAPTER_FIELDS_MAX) {
        return ERR_FIELD_LENGTH;
    }
    out->count = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct adapter_field field;
        TRY(get_part(rest, KEYS_MESSAGE_NAME_MAX, &field.name));
        TRY(get_part(rest, UINT16_MAX, &field.value));
        if (!is_name(field.name)) {
            return ERR_FIELD_CHARACTERS;
        }
        if (has_name(out, field.name)) {
            return ERR_FIELD_REPEATED;
        }
        TRY(adapter_fields_add(out, field.name, field.value));
    }
    return ERR_OK;
}

enum err
keys_request_decode(struct span message, struct keys_request *out)
{
    struct span rest = message;
    uint64_t kind;
    uint64_t number;
    uint64_t operation;
    enum keys_task task;
    struct span account;
    struct span signature = { .at = NULL, .len = 0 };
    TRY(get_head(&rest, &kind, &number));
    TRY(task_of(kind, &task));
    TRY(get_number(&rest, 1, &operation));
    if (operation >= ADAPTER_OPERATION_COUNT) {
        return ERR_FIELD_VALUE;
    }
    TRY(get_part(&rest, KEYS_MESSAGE_ACCOUNT_MAX, &account));
    if (task == KEYS_CHECK) {
        TRY(get_part(&rest, KEYS_MESSAGE_SIGNATURE_MAX, &signature));
    }
    struct adapter_fields fields;
    TRY(get_fields(&rest, &fields));
    if (rest.len > 0) {
        return ERR_FIELD_VALUE;
    }
    out->number = number;
    out->task = task;
    out->signature = signature;
    out->operation = (enum adapter_operation)operation;
    out->account = account;
    out->fields = fields;
    return ERR_OK;
}

enum err
keys_reply_encode(const struct keys_reply *reply, struct buf *out)
{
    size_t outcome = 0;
    while (outcome < OUTCOMES && outcomes[outcome] != reply->err) {
        outcome++;
    }
    if (outcome == OUTCOMES || (reply->err == ERR_OK) == span_empty(reply->bytes)) {
        return ERR_FIELD_VALUE;
    }
    DEFER(buf_fini) struct buf message = BUF_MAX(KEYS_REPLY_MAX);
    TRY(put_head(&message, KIND_REPLY, reply->number));
    TRY(buf_byte(&message, (unsigned char)outcome));
    TRY(put_part(&message, reply->bytes, UINT16_MAX));
    return buf_append(out, buf_span(&message));
}

enum err
keys_reply_decode(struct span message, struct keys_reply *out)
{
    struct span rest = message;
    uint64_t kind;
    uint64_t number;
    uint64_t outcome;
    struct span bytes;
    TRY(get_head(&rest, &kind, &number));
    if (kind != KIND_REPLY) {
        return ERR_FIELD_VALUE;
    }
    TRY(get_number(&rest, 1, &outcome));
    TRY(get_part(&rest, UINT16_MAX, &bytes));
    /* Bytes come with success and with nothing else. */
    if (rest.len > 0 || outcome >= OUTCOMES || (outcome == 0) == span_empty(bytes)) {
        return ERR_FIELD_VALUE;
    }
    *out = (struct keys_reply){ .number = number, .err = outcomes[outcome], .bytes = bytes };
    return ERR_OK;
}
