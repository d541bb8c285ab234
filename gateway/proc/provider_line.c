/* SPDX-License-Identifier: Apache-2.0 */
#include "provider_line.h"

#include <stdlib.h>

#include <event2/event.h>

#include "account.h"
#include "keys_spawn.h"

#define ARENA_BYTES ((size_t)4 * 1024 * 1024)

static enum err
line_new(struct provider_line **out)
{
    DEFER(provider_line_close) struct provider_line *line = calloc(1, sizeof(*line));
    if (line == NULL) {
        return ERR_NO_MEMORY;
    }
    line->base = event_base_new();
    if (line->base == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(transport_new(line->base, &line->transport));
    *out = line;
    line = NULL;
    return ERR_OK;
}

enum err
provider_line_open(const char *config_path, struct provider_line **out)
{
    int fd = -1;
    DEFER(provider_line_close) struct provider_line *line = NULL;
    TRY(line_new(&line));
    TRY(keys_spawn_open(config_path, &line->spawn, &fd));
    TRY(keys_client_new(line->base, fd, &line->keys));
    *out = line;
    line = NULL;
    return ERR_OK;
}

enum err
provider_line_join(int keys_fd, struct provider_line **out)
{
    DEFER(provider_line_close) struct provider_line *line = NULL;
    TRY(line_new(&line));
    TRY(keys_client_new(line->base, keys_fd, &line->keys));
    *out = line;
    line = NULL;
    return ERR_OK;
}

void
provider_line_close(struct provider_line **line)
{
    if (line == NULL || *line == NULL) {
        return;
    }
    keys_client_free(&(*line)->keys);
    keys_spawn_close(&(*line)->spawn);
    transport_free(&(*line)->transport);
    if ((*line)->base != NULL) {
        event_base_free((*line)->base);
    }
    free(*line);
    *line = NULL;
}

enum err
provider_line_wait(struct provider_line *line, const bool *done, const enum err *err)
{
    while (!*done) {
        if (event_base_loop(line->base, EVLOOP_ONCE) != 0) {
            return ERR_SYSTEM;
        }
    }
    return *err;
}

/* One question that is waited for. */
struct question {
    struct provider_call call;
    bool done;
    enum err err;
    struct provider_line_word *word;
};

static void
question_fini(struct question *question)
{
    verify_keys_fini(&question->call.keys);
    evidence_free(&question->call.evidence);
}

/* The provider's words go to a terminal: nothing that could steer one, and no half of a character. */
static void
copy_text(struct span from, char *to, size_t size)
{
    size_t len = from.len < size ? from.len : size - 1;
    while (len > 0 && len < from.len && (from.at[len] & 0xC0) == 0x80) {
        len--;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = from.at[i];
        bool steers = c < ' ' || c == 0x7F || (c == 0xC2 && i + 1 < len && from.at[i + 1] < 0xA0);
        to[i] = steers ? '?' : (char)c;
    }
    to[len] = 0;
}

/* What the answer holds is gone after this. */
static void
answered(void *context, enum err err)
{
    struct question *question = context;
    const struct provider_call *call = &question->call;
    struct provider_line_word *word = question->word;
    question->err = err;
    question->done = true;
    if (call->operation != ADAPTER_QUERY) {
        return;
    }
    word->heard_at = clock_wall();
    word->date = call->date;
    word->err = err == ERR_OK ? call->answer.err : err;
    word->rehearsal = rehearsal_judge(err, &call->answer, call->evidence != NULL);
    copy_text(call->answer.code, word->code, sizeof(word->code));
    copy_text(call->answer.message, word->message, sizeof(word->message));
    copy_text(call->unknown_serial, word->unknown_serial, sizeof(word->unknown_serial));
}

/* A provider's query may differ by method. */
static enum adapter_method
first_method(const struct adapter_account *account)
{
    int method = ADAPTER_METHOD_NONE + 1;
    while (method < ADAPTER_METHOD_COUNT && !account_offers(account, (enum adapter_method)method)) {
        method++;
    }
    return method < ADAPTER_METHOD_COUNT ? (enum adapter_method)method : ADAPTER_METHOD_NONE;
}

static enum err
ask(struct provider_line *line, const struct adapter_account *account,
    enum adapter_operation operation, struct provider_line_word *word)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(question_fini) struct question question = { .word = word };
    struct wall_time now = clock_wall();
    TRY(arena_new(ARENA_BYTES, &arena));
    question.call = (struct provider_call){
        .keys_client = line->keys,
        .transport = line->transport,
        .account = account,
        .operation = operation,
        .order = { .now = now, .made_at = now, .method = first_method(account) },
        .arena = arena,
        .done = answered,
        .context = &question,
    };
    TRY(rehearsal_number(arena, &question.call.order.merchant_order_no));
    provider_call_start(&question.call);
    return provider_line_wait(line, &question.done, &question.err);
}

/* Its keys come signed, where they can be asked for, and so prove what an unsigned refusal could not. */
static bool
keys_prove(struct provider_line *line, const struct adapter_account *account,
           struct provider_line_word *word)
{
    return account->adapter->keys_read != NULL && provider_call_offered(account, ADAPTER_KEYS)
           && ask(line, account, ADAPTER_KEYS, word) == ERR_OK;
}

void
provider_line_rehearse(struct provider_line *line, const struct adapter_account *account,
                       struct provider_line_word *out)
{
    *out = (struct provider_line_word){ .asked_at = clock_wall() };
    enum err err = ask(line, account, ADAPTER_QUERY, out);
    if (out->rehearsal == REHEARSAL_NONE) { /* it was not even asked */
        out->rehearsal = REHEARSAL_NOT_REACHED;
        out->err = err;
    }
    if (out->rehearsal == REHEARSAL_ONE_WAY && keys_prove(line, account, out)) {
        out->rehearsal = REHEARSAL_PROVEN;
    }
}
