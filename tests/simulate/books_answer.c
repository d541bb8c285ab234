/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to whoever asks. Who makes no mistake is told of none. */
#include <stdio.h>

#include "books.h"
#include "err.h"
#include "json.h"

static bool
find_row(struct span code, enum err *out)
{
    for (int err = 0; err < ERR_COUNT; err++) {
        if (span_eq_cstr(code, err_code((enum err)err))) {
            *out = (enum err)err;
            return true;
        }
    }
    return false;
}

void
books_answer(bool errs, int status, struct span body, books_tell tell)
{
    char about[BOOKS_ABOUT];
    DEFER(json_free) struct json_t *problem = NULL;
    struct span code = SPAN("");
    enum err err = ERR_OK;
    (void)snprintf(about, sizeof(about), "%d", status);
    if (status < 400) {
        return;
    }
    if (json_parse(body, &problem) != ERR_OK || json_get_string(problem, "code", &code) != ERR_OK
        || !find_row(code, &err) || err_http_status(err) != status) {
        tell("an error is answered with its row", about);
        return;
    }
    enum err_class class = err_class(err);
    if (!errs && (class == ERR_CLASS_INPUT || class == ERR_CLASS_AUTH)) {
        tell("who made no mistake is not told of one", err_code(err));
    }
}

void
books_callback_answer(int status, books_tell tell)
{
    char about[BOOKS_ABOUT];
    if (status != 200 && status != 204 && status != 503) {
        (void)snprintf(about, sizeof(about), "%d", status);
        tell("what a provider says is stored or comes again, and never taken for a forgery", about);
    }
}
