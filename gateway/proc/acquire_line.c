/* SPDX-License-Identifier: Apache-2.0 */
#include "acquire_line.h"

#include <string.h>

#define ARENA_BYTES      ((size_t)4 * 1024 * 1024)
#define INSIDE_MAX_BYTES ((size_t)256 * 1024 * 1024) /* a file that is an answer, or inside one */
#define FILE_ARENA_BYTES (4 * INSIDE_MAX_BYTES) /* the answer, its text and what is cut out of it */
#define DOWNLOAD_MS      60000
#define HTTP_OK          200

/* One call that is waited for. */
struct wait {
    struct provider_line *line;
    struct provider_call call;
    struct buf bytes; /* what a file's answer held, which is gone after the call */
    bool done;
    enum err err;
};

static void
wait_fini(struct wait *wait)
{
    evidence_free(&wait->call.evidence);
    buf_fini(&wait->bytes);
}

static void
called(void *context, enum err err)
{
    struct wait *wait = context;
    if (err == ERR_OK) {
        err = buf_append(&wait->bytes, wait->call.answer.bill_file);
    }
    wait->err = err;
    wait->done = true;
}

static enum err
call(struct wait *wait, const struct acquire_target *target, enum adapter_operation operation,
     struct span url, struct arena *arena)
{
    bool file = operation == ADAPTER_BILL_FILE;
    wait->call = (struct provider_call){ .keys_client = wait->line->keys,
                                         .transport = wait->line->transport,
                                         .account = target->account,
                                         .operation = operation,
                                         .progress = file ? wait->line->progress : NULL,
                                         .order = { .now = clock_wall(),
                                                    .made_at = clock_wall(),
                                                    .bill_day = target->day,
                                                    .bill_kind = span_of(target->bill->kind),
                                                    .bill_url = url },
                                         .arena = arena,
                                         .body_max_bytes = file ? 2 * INSIDE_MAX_BYTES : 0,
                                         .total_ms = file ? DOWNLOAD_MS : 0,
                                         .done = called,
                                         .context = wait };
    provider_call_start(&wait->call);
    return provider_line_wait(wait->line, &wait->done, &wait->err);
}

static void
copy_text(struct span from, char *to, size_t size)
{
    size_t len = from.len < size ? from.len : 0; /* what does not fit is no link of ours */
    if (len > 0) {
        memcpy(to, from.at, len);
    }
    to[len] = 0;
}

/* What the provider said of the link or the file, as far as it went. */
static enum err
take_answer(const struct wait *wait, struct acquire_link *out)
{
    const struct adapter_answer *answer = &wait->call.answer;
    copy_text(answer->bill_url, out->url, sizeof(out->url));
    copy_text(answer->bill_hash, out->sha1, sizeof(out->sha1));
    copy_text(answer->code, out->code, sizeof(out->code));
    out->none = answer->bill_none;
    if (answer->handling != ADAPTER_DONE) {
        return answer->err == ERR_OK ? ERR_PROVIDER_PROTOCOL : answer->err;
    }
    return ERR_OK;
}

enum err
acquire_line_ask(struct provider_line *line, const struct acquire_target *target,
                 struct acquire_link *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(wait_fini) struct wait wait = { .line = line, .bytes = BUF_MAX(1) };
    *out = (struct acquire_link){ .none = false };
    TRY(arena_new(ARENA_BYTES, &arena));
    TRY(call(&wait, target, ADAPTER_BILL_LINK, SPAN_LIT(""), arena));
    TRY(take_answer(&wait, out));
    return out->url[0] == 0 ? ERR_PROVIDER_PROTOCOL : ERR_OK;
}

bool
acquire_line_has_links(const struct acquire_target *target)
{
    return provider_call_offered(target->account, ADAPTER_BILL_LINK);
}

enum err
acquire_line_file(struct provider_line *line, const struct acquire_target *target,
                  struct acquire_link *said, struct buf *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(wait_fini) struct wait wait = { .line = line, .bytes = BUF_MAX(INSIDE_MAX_BYTES) };
    *said = (struct acquire_link){ .none = false };
    TRY(arena_new(FILE_ARENA_BYTES, &arena));
    TRY(call(&wait, target, ADAPTER_BILL_FILE, SPAN_LIT(""), arena));
    TRY(take_answer(&wait, said));
    return buf_append(out, buf_span(&wait.bytes));
}

/* A plain download: the link itself is the permission. */
struct download {
    struct buf bytes;
    int status;
    bool done;
    enum err err;
};

static void
download_fini(struct download *download)
{
    buf_fini(&download->bytes);
}

static void
downloaded(void *context, enum err err, const struct transport_answer *answer)
{
    struct download *download = context;
    if (err == ERR_OK) {
        download->status = answer->status;
        err = buf_append(&download->bytes, answer->body);
    }
    download->err = err;
    download->done = true;
}

static enum err
download_plain(struct provider_line *line, const struct acquire_target *target, struct span url,
               struct buf *out)
{
    DEFER(download_fini) struct download download = { .bytes = BUF_MAX(BILL_FILE_MAX_BYTES) };
    const struct transport_request http = {
        .url = url,
        .ca_file = target->account->ca_file,
        .allow_private_address = target->account->allow_private_address,
        .allow_http = span_starts(url, SPAN_LIT("http://")),
        .body_max_bytes = BILL_FILE_MAX_BYTES,
        .total_ms = DOWNLOAD_MS,
        .progress = line->progress,
    };
    TRY(transport_start(line->transport, &http, downloaded, &download, NULL));
    TRY(provider_line_wait(line, &download.done, &download.err));
    return download.status == HTTP_OK ? buf_append(out, buf_span(&download.bytes)) : ERR_BILL_LINK;
}

static enum err
download_signed(struct provider_line *line, const struct acquire_target *target, struct span url,
                struct buf *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(wait_fini) struct wait wait = { .line = line, .bytes = BUF_MAX(INSIDE_MAX_BYTES) };
    TRY(arena_new(ARENA_BYTES, &arena));
    TRY(call(&wait, target, ADAPTER_BILL_FILE, url, arena));
    return buf_append(out, buf_span(&wait.bytes));
}

enum err
acquire_line_download(struct provider_line *line, const struct acquire_target *target,
                      const struct acquire_link *link, struct buf *out)
{
    struct span url = span_of(link->url);
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES);
    bool is_signed = provider_call_offered(target->account, ADAPTER_BILL_FILE);
    TRY(is_signed ? download_signed(line, target, url, &bytes)
                  : download_plain(line, target, url, &bytes));
    if (!bill_file_looks_right(target->bill, buf_span(&bytes))) {
        return ERR_BILL_LINK;
    }
    return buf_append(out, buf_span(&bytes));
}
