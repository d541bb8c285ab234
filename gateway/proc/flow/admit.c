/* SPDX-License-Identifier: Apache-2.0 */
#include "clients.h"
#include "handlers.h"
#include "log.h"
#include "metrics.h"
#include "services.h"
#include "signature_base.h"
#include "signature_explain.h"

/* A signed request on its way past the door: signature, key, time, then the nonce, which only the
 * database can tell from a replay. Whether the key's role may make the call, http_admitted decides. */

static void
count_refusal(const struct http_request *request, enum err err)
{
    metrics_add(METRIC_REQUESTS_REFUSED_TOTAL, 1);
    log_event(LOG_REQUEST_REFUSED, LOG_TEXT("route", request->route->name),
              LOG_SPAN("peer", request->peer), LOG_TEXT("request_id", request->request_id),
              LOG_ERR(err));
}

static void
refuse(struct http_request *request, enum err err)
{
    count_refusal(request, err);
    http_problem(request, err, NULL, 0);
}

static enum err
explain(const struct signature_attempt *attempt, struct json_t **out)
{
    struct signature_explanation explanation;
    TRY(signature_explain(attempt, &explanation));
    return signature_explanation_view(attempt, &explanation, attempt->request->language, out);
}

/* Whoever names a key of ours learns what differs; nothing that is told is more than the request, our clock and the rule
 * that it broke. Looking for it costs some verifications, so each client has a number of them. */
static void
refuse_explained(struct http_request *request, const struct services *services, enum err err)
{
    struct signature_input input;
    struct json_t *view = NULL;
    const struct signature_key *key = NULL;
    if (signature_fields(request, &input) == ERR_OK) {
        key = clients_find(services->clients, input.keyid);
    }
    int64_t per_minute = config_int(services->config, CONFIG_portal_explanations_per_minute, 0);
    if (key == NULL || !clients_may_explain(services->clients, key, per_minute, clock_mono())) {
        refuse(request, err);
        return;
    }
    const struct signature_attempt attempt = {
        .request = request,
        .scheme = clients_scheme(services->config),
        .authority = http_header_get(request, "host"),
        .key = key,
        .now = clock_wall(),
        .age_max_s = config_int(services->config, CONFIG_portal_signature_age_s, 0),
        .refusal = err,
    };
    if (explain(&attempt, &view) != ERR_OK) {
        refuse(request, err); /* the refusal is what counts */
        return;
    }
    metrics_add(METRIC_SIGNATURES_EXPLAINED_TOTAL, 1);
    count_refusal(request, err);
    http_problem_explained(request, err, &view);
}

static enum err
check(struct http_request *request, const struct services *services, struct signature_input *input)
{
    struct span authority = http_header_get(request, "host");
    TRY(signature_read(request, clients_scheme(services->config), authority, input));
    const struct signature_key *key = clients_find(services->clients, input->keyid);
    if (key == NULL) {
        return ERR_SIG_KEY;
    }
    int64_t age_max_s = config_int(services->config, CONFIG_portal_signature_age_s, 0);
    TRY(signature_check(input, key, clock_wall(), age_max_s));
    request->client_keyid = span_of(key->keyid);
    request->client_owner = span_of(key->owner);
    request->client_role = key->role;
    return ERR_OK;
}

static void
nonce_used(void *context, const struct db_answer *answer)
{
    struct http_request *request = context;
    if (answer->err != ERR_OK) {
        refuse(request, answer->err);
    } else if (db_rows_affected(answer->rows) != 1) {
        refuse(request, ERR_SIG_REPLAY);
    } else {
        http_admitted(request);
    }
}

void
admit(struct http_request *request, void *context)
{
    const struct services *services = context;
    struct signature_input input;
    enum err err = check(request, services, &input);
    if (err != ERR_OK) {
        refuse_explained(request, services, err);
        return;
    }
    int64_t age_max_s = config_int(services->config, CONFIG_portal_signature_age_s, 0);
    struct db_params params;
    db_params_init(&params, request->arena);
    db_text(&params, input.keyid);
    db_text(&params, input.nonce);
    db_time(&params, wall_add_ms(clock_wall(), 2 * age_max_s * 1000));
    db_run(services->db, STATEMENT_nonce_use, &params, nonce_used, request);
}
