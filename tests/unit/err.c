/* SPDX-License-Identifier: Apache-2.0 */
#include "err.h"

#include <string.h>

#include <criterion/criterion.h>

#include "check.h"
#include "json.h"

/* Which HTTP statuses may carry a failure of a class. */
static bool
status_fits(enum err_class class, int status)
{
    switch (class) {
    case ERR_CLASS_INPUT:
        return (status >= 400 && status <= 422 && status != 401 && status != 403)
               || status == 501; /* an unknown method is the caller's mistake */
    case ERR_CLASS_AUTH:
        return status == 400 || status == 401 || status == 403;
    case ERR_CLASS_STATE:
        return status == 404 || status == 409 || status == 502;
    case ERR_CLASS_LIMIT:
        return status == 400 || status == 409 || status == 413 || status == 414 || status == 429
               || status == 431;
    case ERR_CLASS_RETRY:
        return status == 409 || status == 502 || status == 503;
    case ERR_CLASS_UNKNOWN:
        return status >= 502 && status <= 504;
    case ERR_CLASS_FATAL:
        return status == 500 || status == 502;
    case ERR_CLASS_NONE:
    case ERR_CLASS_COUNT:
        break;
    }
    return false;
}

static bool
is_code(const char *code)
{
    return code[0] != 0 && strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(code);
}

Test(err, every_status_fits_its_class)
{
    for (int i = ERR_OK + 1; i < ERR_COUNT; i++) {
        enum err err = (enum err)i;
        enum err_class class = err_class(err);
        int status = err_http_status(err);
        cr_expect(status_fits(class, status), "%s: class %d, status %d", err_name(err), class,
                  status);
    }
}

Test(err, every_row_speaks_both_languages_without_full_stop)
{
    for (int i = ERR_OK; i < ERR_COUNT; i++) {
        const char *en = err_text((enum err)i, LANGUAGE_EN);
        const char *zh = err_text((enum err)i, LANGUAGE_ZH);
        cr_assert(en[0] != 0 && zh[0] != 0, "%s", err_name((enum err)i));
        cr_expect(en[strlen(en) - 1] != '.' && strstr(zh, "。") == NULL, "%s", en);
        cr_expect((zh[0] & 0x80) != 0 || strpbrk(zh, "\xe4\xe5\xe6") != NULL, "%s", zh);
        cr_expect((en[0] & 0x80) == 0, "%s", en);
    }
}

Test(err, codes_and_names_are_unique)
{
    for (int i = ERR_OK; i < ERR_COUNT; i++) {
        cr_expect(is_code(err_code((enum err)i)), "%s", err_code((enum err)i));
        for (int k = i + 1; k < ERR_COUNT; k++) {
            cr_expect_str_neq(err_code((enum err)i), err_code((enum err)k));
            cr_expect_str_neq(err_name((enum err)i), err_name((enum err)k));
        }
    }
}

Test(err, success_is_no_failure)
{
    cr_expect_eq(err_class(ERR_OK), ERR_CLASS_NONE);
    cr_expect_eq(err_http_status(ERR_OK), 200);
    cr_expect_str_eq(err_code(ERR_OK), "ok");
}

Test(err, a_value_out_of_the_table_reads_as_internal)
{
    enum err wild = (enum err)(ERR_COUNT + 3);
    cr_expect_str_eq(err_name(wild), "INTERNAL");
    cr_expect_eq(err_http_status(wild), 500);
    cr_expect_eq(err_class(wild), ERR_CLASS_FATAL);
}

Test(err, in_brief_is_a_json_object_with_the_code)
{
    for (int i = ERR_OK; i < ERR_COUNT; i++) {
        DEFER(json_free) struct json_t *brief = NULL;
        struct span code = SPAN("");
        CHECK_OK(json_parse(span_of(err_brief((enum err)i)), &brief));
        CHECK_OK(json_get_string(brief, "code", &code));
        cr_expect(span_eq_cstr(code, err_code((enum err)i)));
    }
}

Test(err, is_told_as_another_but_for_want_of_memory)
{
    cr_expect_eq(err_told_as(ERR_JSON, ERR_KEYS_POLICY), ERR_KEYS_POLICY);
    cr_expect_eq(err_told_as(ERR_OK, ERR_KEYS_POLICY), ERR_OK);
    cr_expect_eq(err_told_as(ERR_NO_MEMORY, ERR_KEYS_POLICY), ERR_NO_MEMORY);
}
