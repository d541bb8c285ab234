/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 64

struct recorded {
    const char *provider;
    const char *call;
    char number[NUMBER_MAX + 1];
};

struct record {
    size_t count;
    int64_t left_off;
    struct recorded calls[RECORD_MAX];
};

void
record_add(struct world *world, const char *provider, const char *call, struct span number)
{
    struct record *record = world->record;
    if (record->count == RECORD_MAX) {
        record->left_off++;
        return;
    }
    struct recorded *one = &record->calls[record->count++];
    struct span kept = span_sub(number, 0, NUMBER_MAX);
    *one = (struct recorded){ .provider = provider, .call = call };
    if (kept.len > 0) {
        memcpy(one->number, kept.at, kept.len);
    }
}

static enum err
put_one(struct json_t *list, const struct recorded *one)
{
    struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put(list, NULL, object));
    TRY(json_put_text(object, "provider", one->provider));
    TRY(json_put_text(object, "call", one->call));
    return json_put_text(object, "out_trade_no", one->number);
}

static enum err
describe(const struct record *record, struct json_t **out)
{
    DEFER(json_free) struct json_t *answer = NULL;
    struct json_t *list = NULL;
    TRY(json_new_object(&answer));
    TRY(json_put_i64(answer, "left_off", record->left_off));
    TRY(json_new_array(&list));
    TRY(json_put(answer, "calls", list));
    for (size_t i = 0; i < record->count; i++) {
        TRY(put_one(list, &record->calls[i]));
    }
    *out = answer;
    answer = NULL;
    return ERR_OK;
}

static void
answer_calls(void *self, struct control_call *call, const struct json_t *in)
{
    const struct world *world = self;
    struct json_t *out = NULL;
    (void)in;
    if (describe(world->record, &out) != ERR_OK) {
        control_refuse(call, 409, "INTERNAL", "a number is no text");
        return;
    }
    control_answer(call, out);
}

enum err
record_new(struct world *world, struct record **out)
{
    struct record *record = calloc(1, sizeof(*record));
    if (record == NULL) {
        return ERR_NO_MEMORY;
    }
    control_add(world, EVHTTP_REQ_GET, "/calls", answer_calls, world);
    *out = record;
    return ERR_OK;
}

void
record_free(struct record **record)
{
    if (record != NULL) {
        free(*record);
        *record = NULL;
    }
}
