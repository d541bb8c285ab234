/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "bill_store.h"
#include "config.h"
#include "handlers.h"
#include "report.h"
#include "run_calls.h"
#include "run_view.h"

/* A printed file of a run, as it lies in the archive. Nothing is made here: a page or a workbook of a large day takes longer than this loop may. */

#define VALUE_MAX 256

struct headers {
    struct buf tag;
    struct buf name;
    struct http_header list[5];
};

static void
headers_fini(struct headers *headers)
{
    buf_fini(&headers->tag);
    buf_fini(&headers->name);
}

/* The page has its style inside and nothing from elsewhere. */
static enum err
fill_headers(const struct run_call *call, const struct db_rows *rows, struct headers *out)
{
    struct span file = call->flow.request->captures[1];
    TRY(buf_printf(&out->tag, "\"%.*s\"", SPAN_ARG(db_row_text(rows, 0, "sha256"))));
    char folder[REPORT_FOLDER_BYTES];
    report_folder(db_row_bool(rows, 0, "of_settlement"), db_row_i64(rows, 0, "version"), folder);
    TRY(buf_printf(&out->name, "attachment; filename=\"%.*s_%.*s_%s_%.*s\"",
                   SPAN_ARG(db_row_text(rows, 0, "account")),
                   SPAN_ARG(db_row_text(rows, 0, "bill_day")), folder, SPAN_ARG(file)));
    const struct http_header list[] = {
        { SPAN("ETag"), buf_span(&out->tag) },
        { SPAN("Content-Disposition"), buf_span(&out->name) },
        { SPAN("Content-Language"), span_of(run_view_language(file)) },
        { SPAN("Cache-Control"), SPAN("private, no-cache") },
        { SPAN("Content-Security-Policy"),
          SPAN("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'") },
    };
    memcpy(out->list, list, sizeof(list));
    return ERR_OK;
}

static void
send_file(struct run_call *call, const struct db_rows *rows)
{
    DEFER(headers_fini)
    struct headers headers = { .tag = BUF_MAX(VALUE_MAX), .name = BUF_MAX(VALUE_MAX) };
    struct flow *flow = &call->flow;
    int fd = -1;
    size_t size = 0;
    if (!flow_ok(flow, fill_headers(call, rows, &headers))) {
        return;
    }
    size_t count = sizeof(headers.list) / sizeof(headers.list[0]);
    if (span_eq(http_header_get(flow->request, "if-none-match"), buf_span(&headers.tag))) {
        flow_answer_unchanged(flow, headers.list, count);
        return;
    }
    enum err err = bill_store_open(config_text(flow->services->config, CONFIG_archive_dir, 0),
                                   db_row_text(rows, 0, "sha256"), &fd, &size);
    if (err == ERR_OK && (int64_t)size != db_row_i64(rows, 0, "bytes")) {
        (void)close(fd);
        err = ERR_ARCHIVE_DAMAGED;
    }
    if (flow_ok(flow, err)) {
        flow_answer_file(flow, run_view_media_type(flow->request->captures[1]), fd, size,
                         headers.list, count);
    }
}

static void
found(void *context, const struct db_answer *answer)
{
    struct run_call *call = context;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        err = ERR_REPORT_UNKNOWN;
    } else if (err == ERR_OK && db_row_null(answer->rows, 0, "sha256")) {
        err = ERR_REPORT_SIZE;
    }
    if (flow_ok(&call->flow, err)) {
        send_file(call, answer->rows);
    }
}

static void
begin(struct flow *flow)
{
    struct run_call *call = (struct run_call *)(void *)flow;
    struct db_params params;
    if (run_calls_id(call)) {
        db_params_init(&params, flow->request->arena);
        db_i64(&params, call->run_id);
        db_text(&params, flow->request->captures[1]);
        db_run(flow->services->db, STATEMENT_run_report, &params, found, call);
    }
}

void
handle_run_report(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct run_call), NULL, begin);
}
