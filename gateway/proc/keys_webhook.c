/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_webhook.h"

#include <string.h>

#include "crypto.h"
#include "json.h"
#include "webhook.h"

#define MASTER_FILE_MAX ((size_t)4096)
#define LABEL           "tallygate webhook secret\n"
#define LABEL_MAX       ((size_t)256)
#define SECRET_FRONT    "whsec_"
#define SIGNATURE_FRONT "v1,"
#define US_PER_S        INT64_C(1000000)
#define SECONDS_MAX     INT64_C(253402300799) /* the year 9999 */

static enum err
read_generation(const struct adapter_fields *fields, const char *name, int64_t *out)
{
    return span_to_i64(adapter_fields_get(fields, name), 1, SECONDS_MAX, out) == ERR_OK
               ? ERR_OK
               : ERR_KEYS_POLICY;
}

static bool
is_now(int64_t second, struct wall_time now)
{
    int64_t apart = second - now.us / US_PER_S;
    return apart >= -KEYS_WEBHOOK_CLOCK_S && apart <= KEYS_WEBHOOK_CLOCK_S;
}

/* Into webhook->endpoint, until it is forgotten. */
static enum err
make_secret(const struct keys_webhook *webhook, struct span endpoint_id, int64_t generation)
{
    unsigned char bytes[SHA256_BYTES];
    DEFER(buf_fini) struct buf text = BUF_MAX(LABEL_MAX);
    TRY(buf_text(&text, LABEL));
    TRY(buf_append(&text, endpoint_id));
    TRY(buf_printf(&text, "\n%lld", (long long)generation));
    TRY(crypto_hmac_sha256(webhook->master, buf_span(&text), bytes));
    enum err err = secret_replace(webhook->endpoint, span_make(bytes, sizeof(bytes)));
    explicit_bzero(bytes, sizeof(bytes));
    return err;
}

static enum err
forget_secret(const struct keys_webhook *webhook)
{
    return secret_replace(webhook->endpoint, SPAN_LIT(""));
}

static enum err
add_signature(const struct keys_webhook *webhook, struct span endpoint_id, int64_t generation,
              struct span text, struct buf *out)
{
    unsigned char mac[SHA256_BYTES];
    TRY(make_secret(webhook, endpoint_id, generation));
    TRY(crypto_hmac_sha256(webhook->endpoint, text, mac));
    TRY(forget_secret(webhook));
    TRY(buf_text(out, out->len > 0 ? " " SIGNATURE_FRONT : SIGNATURE_FRONT));
    return crypto_base64_encode(span_make(mac, sizeof(mac)), out);
}

/* Nothing but a message of ours: an object that says which kind it is, under an id of that very kind. */
static enum err
judge_body(struct span id, struct span body)
{
    DEFER(json_free) struct json_t *tree = NULL;
    struct webhook_key key;
    struct span type;
    int slot = 0;
    TRY(err_told_as(json_parse(body, &tree), ERR_KEYS_POLICY));
    if (webhook_message_id_read(id, &key, &slot) != ERR_OK
        || json_get_string(tree, "type", &type) != ERR_OK
        || !span_eq_cstr(type, webhook_kind_code(key.kind))) {
        return ERR_KEYS_POLICY;
    }
    return ERR_OK;
}

static enum err
build_text(const struct adapter_fields *fields, struct wall_time now, struct buf *out)
{
    struct span id = adapter_fields_get(fields, "id");
    struct span timestamp = adapter_fields_get(fields, "timestamp");
    struct span body = adapter_fields_get(fields, "body");
    int64_t second = 0;
    if (span_to_i64(timestamp, 1, SECONDS_MAX, &second) != ERR_OK || timestamp.at[0] == '0'
        || !is_now(second, now)) {
        return ERR_KEYS_POLICY;
    }
    TRY(judge_body(id, body));
    TRY(buf_append(out, id));
    TRY(buf_byte(out, '.'));
    TRY(buf_append(out, timestamp));
    TRY(buf_byte(out, '.'));
    return buf_append(out, body);
}

static enum err
sign(const struct keys_webhook *webhook, const struct keys_request *request, struct wall_time now,
     struct buf *out)
{
    const struct adapter_fields *fields = &request->fields;
    int64_t generation = 0;
    int64_t previous = 0;
    DEFER(buf_fini) struct buf text = BUF_MAX(KEYS_MESSAGE_MAX);
    bool rotated = !span_empty(adapter_fields_get(fields, "previous"));
    TRY(read_generation(fields, "generation", &generation));
    if (rotated) {
        TRY(read_generation(fields, "previous", &previous));
    }
    TRY(build_text(fields, now, &text));
    TRY(add_signature(webhook, request->account, generation, buf_span(&text), out));
    return rotated ? add_signature(webhook, request->account, previous, buf_span(&text), out)
                   : ERR_OK;
}

static enum err
tell(const struct keys_webhook *webhook, const struct keys_request *request, struct wall_time now,
     struct buf *out)
{
    int64_t generation = 0;
    TRY(read_generation(&request->fields, "generation", &generation));
    if (!is_now(generation, now)) {
        return ERR_KEYS_POLICY;
    }
    TRY(make_secret(webhook, request->account, generation));
    TRY(buf_text(out, SECRET_FRONT));
    TRY(crypto_base64_encode(secret_bytes(webhook->endpoint), out));
    return forget_secret(webhook);
}

bool
keys_webhook_concerns(enum keys_task task)
{
    return task == KEYS_WEBHOOK_SIGN || task == KEYS_WEBHOOK_TELL;
}

enum err
keys_webhook_perform(struct keys_webhook *webhook, const struct keys_request *request,
                     struct wall_time now, struct buf *out)
{
    if (webhook->master == NULL) {
        return ERR_KEYS_UNKNOWN;
    }
    if (!webhook_endpoint_id_valid(request->account)) {
        return ERR_KEYS_POLICY;
    }
    TRY(keys_rate_take(&webhook->rate, clock_mono()));
    enum err err = request->task == KEYS_WEBHOOK_TELL ? tell(webhook, request, now, out)
                                                      : sign(webhook, request, now, out);
    return err == ERR_KEYS_POLICY ? err : err_told_as(err, ERR_CRYPTO);
}

/* Reading JSON fetches random bytes the first time, and the libraries may fetch more. */
static enum err
warm_up(struct keys_webhook *webhook)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(LABEL_MAX);
    DEFER(json_free) struct json_t *tree = NULL;
    TRY(json_parse(SPAN_LIT("{\"type\":\"start\"}"), &tree));
    return add_signature(webhook, SPAN_LIT("start"), 1, SPAN_LIT("start"), &out);
}

enum err
keys_webhook_load(const struct config *config, struct keys_webhook *out)
{
    const char *path = config_text(config, CONFIG_webhooks_master_secret, 0);
    *out = (struct keys_webhook){ .master = NULL };
    keys_rate_init(&out->rate, config_int(config, CONFIG_keys_rate_per_minute, 0), clock_mono());
    if (path[0] == 0) {
        return ERR_OK;
    }
    TRY(secret_load(path, MASTER_FILE_MAX, &out->master));
    if (secret_bytes(out->master).len < KEYS_WEBHOOK_MASTER_MIN) {
        return ERR_CONFIG_VALUE;
    }
    TRY(secret_new(SPAN_LIT(""), &out->endpoint));
    return warm_up(out);
}

void
keys_webhook_fini(struct keys_webhook *webhook)
{
    secret_free(&webhook->master);
    secret_free(&webhook->endpoint);
}
