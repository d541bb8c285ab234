/* SPDX-License-Identifier: Apache-2.0 */
#include "http_internal.h"

#define PROBLEM_MAX_BYTES ((size_t)128 * 1024)
#define TYPE_MAX_BYTES    128

/* May the same request be sent again as it stands? */
static bool
retryable(enum err err)
{
    return err_class(err) == ERR_CLASS_RETRY || err_http_status(err) == 429
           || err == ERR_IDEMPOTENCY_BUSY;
}

enum err
http_faults_put(struct json_t *problem, const struct fault *faults, size_t count,
                enum language language)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(problem, "errors", list));
    for (size_t i = 0; i < count; i++) {
        const struct fault *fault = &faults[i];
        struct json_t *one = NULL;
        TRY(json_new_object(&one));
        TRY(json_put(list, NULL, one));
        TRY(json_put_text(one, "field", fault->field));
        TRY(json_put_text(one, "code", err_code(fault->err)));
        TRY(json_put_text(one, "detail", err_text(fault->err, language)));
    }
    return ERR_OK;
}

/* RFC 9457 3.1; `title` stays the same for one type, `detail` follows the reader's language. */
static enum err
put_problem(struct json_t *problem, const struct http_request *request, enum err err,
            const struct faults *faults)
{
    DEFER(buf_fini) struct buf type = BUF_MAX(TYPE_MAX_BYTES);
    TRY(buf_printf(&type, "urn:tallygate:problem:%s", err_code(err)));
    TRY(json_put_string(problem, "type", buf_span(&type)));
    TRY(json_put_text(problem, "title", err_text(err, LANGUAGE_EN)));
    TRY(json_put_i64(problem, "status", err_http_status(err)));
    TRY(json_put_text(problem, "detail", err_text(err, request->language)));
    TRY(json_put_text(problem, "code", err_code(err)));
    TRY(json_put_text(problem, "request_id", request->request_id));
    TRY(json_put_bool(problem, "retryable", retryable(err)));
    return faults == NULL
               ? http_faults_put(problem, NULL, 0, request->language)
               : http_faults_put(problem, faults->list, faults->count, request->language);
}

enum err
http_problem_encode(const struct http_request *request, enum err err, const struct faults *faults,
                    struct buf *out)
{
    DEFER(json_free) struct json_t *problem = NULL;
    TRY(json_new_object(&problem));
    TRY(put_problem(problem, request, err, faults));
    return json_encode(problem, out);
}

static void
send_problem(struct http_request *request, enum err err, struct span body,
             const struct http_header *extra)
{
    struct http_header headers[3];
    size_t count = 0;
    headers[count++] = (struct http_header){
        SPAN("Content-Language"),
        request->language == LANGUAGE_EN ? SPAN_LIT("en") : SPAN_LIT("zh-CN"),
    };
    if (err_http_status(err) == 401) {
        headers[count++] = (struct http_header){ SPAN("WWW-Authenticate"), SPAN("Signature") };
    }
    if (extra != NULL) {
        headers[count++] = *extra;
    }
    http_reply(request, err_http_status(err), "application/problem+json", body, headers, count);
}

void
problem_reply(struct http_request *request, enum err err, const struct faults *faults,
              const struct http_header *extra)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(PROBLEM_MAX_BYTES);
    struct span body = span_of(err_brief(err));
    if (http_problem_encode(request, err, faults, &text) == ERR_OK) {
        body = buf_span(&text);
    }
    send_problem(request, err, body, extra);
}

static enum err
encode_explained(const struct http_request *request, enum err err, struct json_t **explain,
                 struct buf *out)
{
    DEFER(json_free) struct json_t *problem = NULL;
    struct json_t *taken = *explain;
    *explain = NULL;
    enum err made = json_new_object(&problem);
    if (made == ERR_OK) {
        made = put_problem(problem, request, err, NULL);
    }
    if (made != ERR_OK) {
        json_free(&taken);
        return made;
    }
    TRY(json_put(problem, "explain", taken));
    return json_encode(problem, out);
}

void
http_problem_explained(struct http_request *request, enum err err, struct json_t **explain)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(PROBLEM_MAX_BYTES);
    if (encode_explained(request, err, explain, &text) == ERR_OK) {
        send_problem(request, err, buf_span(&text), NULL);
    } else {
        problem_reply(request, err, NULL, NULL);
    }
}

void
http_problem(struct http_request *request, enum err err, const struct faults *faults,
             int retry_after_s)
{
    DEFER(buf_fini) struct buf seconds = BUF_MAX(16);
    bool later = retry_after_s > 0 && buf_i64(&seconds, retry_after_s) == ERR_OK;
    const struct http_header retry_after = { SPAN("Retry-After"), buf_span(&seconds) };
    problem_reply(request, err, faults, later ? &retry_after : NULL);
}
