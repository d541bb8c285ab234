/* SPDX-License-Identifier: Apache-2.0 */
#include "err.h"

struct row {
    const char *name;
    enum err_class class;
    int http_status;
    const char *code;
    const char *brief;
    const char *text[LANGUAGE_COUNT];
};

static const struct row rows[ERR_COUNT] = {
    [ERR_OK] = { "OK", ERR_CLASS_NONE, 200, "ok", "{\"code\":\"ok\"}", { "成功", "success" } },
#define ERR(name, class, http, code, en, zh) \
    [ERR_##name] = { #name, ERR_CLASS_##class, http, code, "{\"code\":\"" code "\"}", { zh, en } },
#include "err.def"
#undef ERR
};

static const struct row *
row_of(enum err err)
{
    return err < ERR_COUNT ? &rows[err] : &rows[ERR_INTERNAL];
}

const char *
err_name(enum err err)
{
    return row_of(err)->name;
}

const char *
err_code(enum err err)
{
    return row_of(err)->code;
}

const char *
err_brief(enum err err)
{
    return row_of(err)->brief;
}

const char *
err_text(enum err err, enum language language)
{
    return row_of(err)->text[language < LANGUAGE_COUNT ? language : LANGUAGE_ZH];
}

enum err_class
err_class(enum err err)
{
    return row_of(err)->class;
}

enum err
err_told_as(enum err err, enum err as)
{
    return err == ERR_OK || err == ERR_NO_MEMORY ? err : as;
}

int
err_http_status(enum err err)
{
    return row_of(err)->http_status;
}
