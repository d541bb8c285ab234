/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's door: alive, ready, metrics, version. */
#include "expiry.h"
#include "handlers.h"
#include "metrics.h"
#include "migration_files.h"
#include "services.h"

#define METRICS_TEXT_MAX ((size_t)512 * 1024)
#define PLAIN            "text/plain; charset=utf-8"
#define EXPOSITION       "text/plain; version=0.0.4; charset=utf-8"

void
handle_ops_livez(struct http_request *request, void *services)
{
    (void)services;
    http_reply(request, 200, PLAIN, SPAN_LIT("alive\n"), NULL, 0);
}

/* One question about readiness on its way through the database. */
struct ready {
    struct http_request *request;
    const struct services *services;
};

/* The number at the front of the newest migration this program carries. */
static int64_t
schema_wanted(void)
{
    uint64_t newest = 0;
    for (size_t i = 0; i < MIGRATION_COUNT; i++) {
        uint64_t number;
        struct span digits = span_sub(span_of(migration_files[i].name), 0, 4);
        if (span_to_u64(digits, 0, 9999, &number) == ERR_OK && number > newest) {
            newest = number;
        }
    }
    return (int64_t)newest;
}

static enum err
put_parts(struct json_t *body, bool database, bool schema, bool keys, bool draining)
{
    bool ready = database && schema && keys && !draining;
    TRY(json_put_bool(body, "ready", ready));
    TRY(json_put_bool(body, "database", database));
    TRY(json_put_bool(body, "schema", schema));
    TRY(json_put_bool(body, "keys", keys));
    return json_put_bool(body, "draining", draining);
}

static void
answer_ready(const struct ready *ready, bool database, bool schema)
{
    bool keys = keys_client_answering(ready->services->keys);
    bool draining = ready->services->draining;
    DEFER(json_free) struct json_t *body = NULL;
    enum err err = json_new_object(&body);
    if (err == ERR_OK) {
        err = put_parts(body, database, schema, keys, draining);
    }
    if (err != ERR_OK) {
        http_problem(ready->request, err, NULL, 0);
        return;
    }
    bool good = database && schema && keys && !draining;
    http_reply_json(ready->request, good ? 200 : 503, body, NULL, 0);
}

/* A schema that was never migrated has no such table: the statement fails, and that is the answer. */
static void
ready_checked(void *context, const struct db_answer *answer)
{
    const struct ready *ready = context;
    bool schema = answer->err == ERR_OK && db_rows_count(answer->rows) == 1
                  && db_row_i64(answer->rows, 0, "version") == schema_wanted();
    bool database = answer->err == ERR_OK || answer->err == ERR_DB_STATEMENT;
    answer_ready(ready, database, schema);
}

/* Asks the database really, behind everything else that waits for it. */
void
handle_ops_readyz(struct http_request *request, void *services)
{
    struct services *s = services;
    void *memory = NULL;
    enum err err = arena_alloc(request->arena, sizeof(struct ready), &memory);
    if (err != ERR_OK) {
        http_problem(request, err, NULL, 0);
        return;
    }
    struct ready *ready = memory;
    *ready = (struct ready){ .request = request, .services = s };
    if (!db_ready(s->db)) {
        answer_ready(ready, false, false);
        return;
    }
    struct db_params params;
    db_params_init(&params, request->arena);
    db_run(s->db, STATEMENT_ready_check, &params, ready_checked, ready);
}

void
handle_ops_metrics(struct http_request *request, void *services)
{
    const struct services *s = services;
    DEFER(buf_fini) struct buf text = BUF_MAX(METRICS_TEXT_MAX);
    enum err err = metrics_encode(&text);
    if (err == ERR_OK) {
        err = expiry_encode(s->accounts, s->tls_not_after, clock_wall(), &text);
    }
    if (err != ERR_OK) {
        http_problem(request, err, NULL, 0);
        return;
    }
    http_reply(request, 200, EXPOSITION, buf_span(&text), NULL, 0);
}

static enum err
put_version(struct json_t *body)
{
    TRY(json_put_text(body, "name", "tallygate"));
    TRY(json_put_text(body, "version", TALLYGATE_VERSION));
    return json_put_i64(body, "schema", schema_wanted());
}

void
handle_ops_version(struct http_request *request, void *services)
{
    (void)services;
    DEFER(json_free) struct json_t *body = NULL;
    enum err err = json_new_object(&body);
    if (err == ERR_OK) {
        err = put_version(body);
    }
    if (err != ERR_OK) {
        http_problem(request, err, NULL, 0);
        return;
    }
    http_reply_json(request, 200, body, NULL, 0);
}
