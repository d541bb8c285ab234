/* SPDX-License-Identifier: Apache-2.0 */
#include "purse.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "history.h"
#include "outside.h"

#define NUMBER_MAX 64
#define FORM_MAX   ((size_t)64 * 1024)

struct purse {
    TAILQ_ENTRY(purse) next;
    char provider[16];
    char attempt_no[NUMBER_MAX];
};

static TAILQ_HEAD(, purse) purses = TAILQ_HEAD_INITIALIZER(purses);

static struct json_t *
one_member(const char *member, struct span value)
{
    struct json_t *in = NULL;
    enum err err = json_new_object(&in);
    assert(err == ERR_OK);
    err = json_put_string(in, member, value);
    assert(err == ERR_OK);
    (void)err;
    return in;
}

static int
control(const char *provider, const char *call, const struct json_t *in)
{
    DEFER(json_free) struct json_t *out = NULL;
    char path[64];
    (void)snprintf(path, sizeof(path), "/%s/%s", provider, call);
    return outside_ask(path, in, &out);
}

static enum err
put_escaped(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                     || c == '-' || c == '_' || c == '.' || c == '*';
        TRY(plain ? buf_byte(out, c) : buf_printf(out, "%%%02X", c));
    }
    return ERR_OK;
}

static enum err
put_form(struct json_t *fields, struct buf *out)
{
    void *at = NULL;
    const char *name = NULL;
    struct json_t *value = NULL;
    while (json_each(fields, &at, &name, &value)) {
        struct span text;
        TRY(json_as_string(value, &text));
        if (out->len > 0) {
            TRY(buf_byte(out, '&'));
        }
        TRY(put_escaped(out, span_of(name)));
        TRY(buf_byte(out, '='));
        TRY(put_escaped(out, text));
    }
    return ERR_OK;
}

/* The browser takes the form to the provider's page. */
static bool
submit(const struct json_t *action)
{
    DEFER(buf_fini) struct buf form = BUF_MAX(FORM_MAX);
    struct span url;
    struct outside_reply reply;
    if (json_get_string(action, "url", &url) != ERR_OK
        || put_form(json_member(action, "fields"), &form) != ERR_OK) {
        return false;
    }
    const struct outside_request request = {
        .post = true,
        .url = url,
        .content_type = SPAN_LIT("application/x-www-form-urlencoded"),
        .body = buf_span(&form),
    };
    outside_exchange(&request, &reply);
    int status = reply.status;
    outside_reply_fini(&reply);
    return status == 200;
}

static bool
reach(const char *provider, const struct json_t *action, struct span type)
{
    struct span text;
    if (span_eq_cstr(type, "form")) {
        return submit(action);
    }
    if (span_eq_cstr(type, "qr") && json_get_string(action, "qr_text", &text) == ERR_OK) {
        DEFER(json_free) struct json_t *in = one_member("qr_text", text);
        (void)control(provider, "scan", in); /* a code may have ended meanwhile */
        return true;
    }
    return false;
}

struct purse *
purse_new(const char *provider, const struct json_t *action)
{
    struct span type;
    struct span number;
    if (json_get_string(action, "type", &type) != ERR_OK
        || json_get_string(action, "attempt_no", &number) != ERR_OK || number.len >= NUMBER_MAX
        || !reach(provider, action, type)) {
        return NULL;
    }
    struct purse *purse = calloc(1, sizeof(*purse));
    assert(purse != NULL);
    (void)snprintf(purse->provider, sizeof(purse->provider), "%s", provider);
    memcpy(purse->attempt_no, number.at, number.len);
    TAILQ_INSERT_TAIL(&purses, purse, next);
    return purse;
}

const char *
purse_attempt(const struct purse *purse)
{
    return purse->attempt_no;
}

void
purse_pay(struct purse *purse)
{
    DEFER(json_free) struct json_t *in = one_member("out_trade_no", span_of(purse->attempt_no));
    if (strcmp(purse->provider, "unionpay")
        == 0) { /* its bank may debit late, and the money stands */
        enum err err = json_put_text(in, "late_as", "00");
        assert(err == ERR_OK);
        (void)err;
    }
    int status = control(purse->provider, "pay", in);
    history_note("attempt %s is paid: %s", purse->attempt_no, status == 200 ? "yes" : "refused");
}

void
purse_close(void)
{
    struct purse *purse;
    while ((purse = TAILQ_FIRST(&purses)) != NULL) {
        TAILQ_REMOVE(&purses, purse, next);
        free(purse);
    }
}
