/* SPDX-License-Identifier: Apache-2.0 */
#include "clients.h"
#include "handlers.h"
#include "log.h"
#include "metrics.h"
#include "services.h"

/* A signed request on its way past the door: signature, key, time, then the nonce, which only the
 * database can tell from a replay. Whether the key's role may make the call, http_admitted decides. */

static void
refuse(struct http_request *request, enum err err)
{
    metrics_add(METRIC_REQUESTS_REFUSED_TOTAL, 1);
    log_event(LOG_REQUEST_REFUSED, LOG_TEXT("route", request->route->name),
              LOG_SPAN("peer", request->peer), LOG_TEXT("request_id", request->request_id),
              LOG_ERR(err));
    http_problem(request, err, NULL, 0);
}

static enum err
check(struct http_request *request, const struct services *services, struct signature_input *input)
{
    struct span authority = http_header_get(request, "host");
    struct span scheme = config_text(services->config, CONFIG_listen_tls_certificate, 0)[0] == 0
                             ? SPAN_LIT("http")
                             : SPAN_LIT("https");
    TRY(signature_read(request, scheme, authority, input));
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
        refuse(request, err);
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
