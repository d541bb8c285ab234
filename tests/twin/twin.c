/* SPDX-License-Identifier: Apache-2.0 */
#include "twin.h"

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
run(struct twin *twin, enum statement statement, const struct db_params *params,
    struct db_rows **rows, const char **constraint)
{
    struct db_rows *answer = twin_rows_new();
    struct twin_args args = { .params = params, .arena = answer->arena };
    *constraint = "";
    implementation(statement)(twin, &args, answer);
    enum err err = args.err;
    if (err == ERR_OK && args.at != (params == NULL ? 0 : params->count)) {
        err = ERR_DB_STATEMENT; /* more parameters than the statement has */
    }
    if (err == ERR_OK) {
        err = twin_commit(twin, constraint);
    } else {
        twin_rollback(twin);
    }
    if (err != ERR_OK) {
        db_rows_free(&answer);
        return err;
    }
    *rows = answer;
    return ERR_OK;
}

enum err
twin_run(struct twin *twin, enum statement statement, const struct db_params *params,
         struct db_rows **rows, const char **constraint)
{
    if (twin->border != NULL) {
        twin->border(true);
    }
    enum err err = run(twin, statement, params, rows, constraint);
    if (twin->border != NULL) {
        twin->border(false);
    }
    return err;
}
