/* SPDX-License-Identifier: Apache-2.0 */
#include "twin.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "twin_internal.h"

#define TWIN_MAX ((size_t)1024 * 1024 * 1024)

static const struct {
    enum statement statement;
    twin_statement run;
} statements[] = {
#define STATEMENT(name) { STATEMENT_##name, twin_run_##name },
#include "twin_statements.def"
#undef STATEMENT
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

static struct twin *offered;

enum err
twin_new(struct twin **out)
{
    struct twin *twin = calloc(1, sizeof(*twin));
    if (twin == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = arena_new(TWIN_MAX, &twin->arena);
    if (err != ERR_OK) {
        free(twin);
        return err;
    }
    *out = twin;
    return ERR_OK;
}

void
twin_free(struct twin **twin)
{
    if (twin == NULL || *twin == NULL) {
        return;
    }
    if (offered == *twin) {
        offered = NULL;
    }
    for (size_t i = 0; i < TWIN_TABLES; i++) {
        free((*twin)->tables[i].rows);
    }
    free((*twin)->changes);
    arena_free(&(*twin)->arena);
    free(*twin);
    *twin = NULL;
}

void
twin_offer(struct twin *twin)
{
    offered = twin;
}

struct twin *
twin_offered(void)
{
    return offered;
}

void
twin_fates_set(struct twin *twin, twin_fates fates, void *context)
{
    twin->fates = fates;
    twin->fates_context = context;
}

void
twin_border_set(struct twin *twin, twin_border border)
{
    twin->border = border;
}

void
twin_flaw_set(struct twin *twin, enum twin_flaw flaw)
{
    twin->flaw = flaw;
}

void
twin_store_set(struct twin *twin, twin_store store)
{
    twin->store = store;
}

void
twin_clear(struct twin *twin)
{
    for (size_t i = 0; i < TWIN_TABLES; i++) {
        twin->tables[i].count = 0;
    }
    arena_free(&twin->arena);
    enum err err = arena_new(TWIN_MAX, &twin->arena);
    assert(err == ERR_OK && twin->change_count == 0);
    (void)err;
}

static twin_statement
implementation(enum statement statement)
{
    for (size_t i = 0; i < STATEMENTS; i++) {
        if (statements[i].statement == statement) {
            return statements[i].run;
        }
    }
    (void)fprintf(stderr, "the twin does not know %s\n", statement_files[statement].name);
    abort();
}

static enum err
run_here(struct twin *twin, enum statement statement, const struct db_params *params,
         struct db_rows *rows, const char **constraint)
{
    struct twin_args args = { .params = params, .arena = rows->arena };
    implementation(statement)(twin, &args, rows);
    enum err err = args.err;
    if (err == ERR_OK && args.at != (params == NULL ? 0 : params->count)) {
        err = ERR_DB_STATEMENT; /* more parameters than the statement has */
    }
    if (err != ERR_OK) {
        twin_rollback(twin);
        return err;
    }
    return twin_commit(twin, constraint);
}

/* What returns rows in no order that it promises gives them in this one, over every store. */
static const struct {
    enum statement statement;
    const char *first;
    const char *second;
} unordered[] = {
    { STATEMENT_attempt_poll_claim, "attempt_no", NULL },
    { STATEMENT_idempotency_abandoned, "key", NULL },
    { STATEMENT_payment_expire_claim, "payment_no", NULL },
    { STATEMENT_refund_claim, "refund_no", NULL },
    { STATEMENT_surplus_claim, "attempt_no", "cause" },
};

static void
put_in_order(enum statement statement, struct db_rows *rows)
{
    for (size_t i = 0; i < sizeof(unordered) / sizeof(unordered[0]); i++) {
        if (unordered[i].statement == statement) {
            twin_rows_sort(rows, unordered[i].first, unordered[i].second);
        }
    }
}

static enum err
run(struct twin *twin, enum statement statement, const struct db_params *params,
    struct db_rows **rows, const char **constraint)
{
    struct db_rows *answer = twin_rows_new();
    *constraint = "";
    enum err err = twin->store == NULL
                       ? run_here(twin, statement, params, answer, constraint)
                       : twin->store(statement, params, twin->overtaken, answer, constraint);
    if (err != ERR_OK) {
        db_rows_free(&answer);
        return err;
    }
    put_in_order(statement, answer);
    *rows = answer;
    return ERR_OK;
}

void
twin_border_cross(const struct twin *twin, bool inside)
{
    if (twin->border != NULL) {
        twin->border(inside);
    }
}

enum err
twin_run(struct twin *twin, enum statement statement, const struct db_params *params,
         struct db_rows **rows, const char **constraint)
{
    twin_border_cross(twin, true);
    enum err err = run(twin, statement, params, rows, constraint);
    twin_border_cross(twin, false);
    return err;
}
