/* SPDX-License-Identifier: Apache-2.0 */
#include "asset_files.h"
#include "flow.h"
#include "handlers.h"

/* Files that are part of the program. */

#define ASSET_CACHE "public, max-age=300"

/* What a browser may ask for by name; the templates beside them are no pages of their own. */
static const struct {
    enum asset asset;
    const char *content_type;
} served[] = {
    { ASSET_cashier_css, "text/css; charset=utf-8" },
    { ASSET_submit_js, "text/javascript; charset=utf-8" },
};

static void
send(struct http_request *request, enum asset asset, const char *content_type)
{
    static const struct http_header cache = { SPAN("Cache-Control"), SPAN(ASSET_CACHE) };
    const struct asset_file *file = &asset_files[asset];
    flow_log(request, 200, ERR_OK);
    http_reply(request, 200, content_type, span_make(file->at, file->len), &cache, 1);
}

void
handle_checkout_asset(struct http_request *request, void *context)
{
    (void)context;
    for (size_t i = 0; i < sizeof(served) / sizeof(served[0]); i++) {
        if (span_eq_cstr(request->captures[0], asset_files[served[i].asset].name)) {
            send(request, served[i].asset, served[i].content_type);
            return;
        }
    }
    flow_log(request, err_http_status(ERR_HTTP_NOT_FOUND), ERR_HTTP_NOT_FOUND);
    http_problem(request, ERR_HTTP_NOT_FOUND, NULL, 0);
}

void
handle_openapi_get(struct http_request *request, void *context)
{
    (void)context;
    send(request, ASSET_openapi_yaml, "application/yaml; charset=utf-8");
}
