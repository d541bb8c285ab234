/* SPDX-License-Identifier: Apache-2.0 */
#include "config_manual.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "config_row.h"

#define PAGE_MAX ((size_t)128 * 1024)

static void
read_page(struct buf *out)
{
    DEFER(buf_fini) struct buf path = BUF_MAX(1024);
    const char *text = NULL;
    CHECK_OK(buf_printf(&path, "%s/gateway/base/tallygate.conf.5", getenv("TALLYGATE_SOURCE_DIR")));
    CHECK_OK(buf_cstr(&path, &text));
    FILE *file = fopen(text, "re");
    cr_assert_not_null(file);
    unsigned char *at = NULL;
    CHECK_OK(buf_reserve(out, PAGE_MAX - 1, &at));
    buf_grew(out, fread(at, 1, PAGE_MAX - 1, file));
    cr_assert_eq(fclose(file), 0);
}

Test(config_manual, the_page_in_the_tree_is_what_the_table_says)
{
    DEFER(buf_fini) struct buf page = BUF_MAX(PAGE_MAX);
    DEFER(buf_fini) struct buf made = BUF_MAX(PAGE_MAX);
    read_page(&page);
    CHECK_OK(config_manual(&made));
    cr_assert(span_eq(buf_span(&page), buf_span(&made)),
              "run: tallygated --manual > gateway/base/tallygate.conf.5");
}

Test(config_manual, every_setting_stands_in_its_own_section)
{
    DEFER(buf_fini) struct buf made = BUF_MAX(PAGE_MAX);
    CHECK_OK(config_manual(&made));
    for (int i = 0; i < CONFIG_SETTING_COUNT; i++) {
        const struct config_row *row = config_row((enum config_setting)i);
        DEFER(buf_fini) struct buf head = BUF_MAX(128);
        CHECK_OK(buf_printf(&head, ".SH [%s", config_section_name(row->section)));
        struct span page = buf_span(&made);
        size_t from = span_find(page, buf_span(&head));
        cr_assert_lt(from, page.len, "%s", config_section_name(row->section));
        struct span section = span_sub(page, from + 1, page.len);
        section = span_sub(section, 0, span_find(section, SPAN_LIT("\n.SH ")));
        DEFER(buf_fini) struct buf item = BUF_MAX(128);
        CHECK_OK(buf_printf(&item, "\n.B %s\n", row->name));
        cr_assert_lt(span_find(section, buf_span(&item)), section.len, "%s", row->name);
    }
}
