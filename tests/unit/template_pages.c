/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "template.h"

/* The payer's pages as they lie in gateway/web, each with the values its head names. */

#define PAGE_MAX_BYTES   ((size_t)64 * 1024)
#define HOSTILE          "\"><script>alert('x')</script>&"
#define HOSTILE_AS_SHOWN "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;"

static const char *const pages[] = {
    "cashier.html", "cashier_method.html", "redirect.html", "redirect_field.html",
    "qr.html",      "result.html",         "error.html",    "leave.html",
};

#define PAGES (sizeof(pages) / sizeof(pages[0]))

/* Every placeholder of every page; a page uses some of them. */
static const char *const names[] = {
    "lang",       "zh",       "en",       "other_url",  "seller",        "order_no",    "kind",
    "quantity",   "unit_fee", "amount",   "expires_at", "remaining",     "methods",     "notice",
    "return_url", "action",   "provider", "method",     "provider_name", "method_name", "fields",
    "back_url",   "name",     "value",    "qr_svg",     "poll_url",      "refresh_s",   "paid",
    "closed",     "expired",  "unknown",  "paid_at",    "detail",        "request_id",  "leave_url",
};

#define NAMES (sizeof(names) / sizeof(names[0]))

static void
read_page(const char *name, struct buf *out)
{
    char path[512];
    const char *source = getenv("TALLYGATE_SOURCE_DIR");
    (void)snprintf(path, sizeof(path), "%s/gateway/web/%s", source != NULL ? source : ".", name);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    unsigned char *room = NULL;
    buf_init(out, PAGE_MAX_BYTES);
    cr_assert_eq(buf_reserve(out, PAGE_MAX_BYTES - 16, &room), ERR_OK);
    buf_grew(out, fread(room, 1, PAGE_MAX_BYTES - 16, file));
    (void)fclose(file);
}

static bool
has(struct span text, const char *needle)
{
    return span_find(text, span_of(needle)) < text.len;
}

static void
render(const char *page, const char *text, bool empty, struct buf *out)
{
    struct template_value values[NAMES];
    DEFER(buf_fini) struct buf source;
    for (size_t i = 0; i < NAMES; i++) {
        values[i] = (struct template_value){ names[i], span_of(empty ? "" : text) };
    }
    read_page(page, &source);
    buf_init(out, PAGE_MAX_BYTES);
    cr_assert_eq(template_render(buf_span(&source), values, NAMES, out), ERR_OK, "%s", page);
}

Test(template_pages, every_page_renders_with_the_names_its_head_lists)
{
    for (size_t i = 0; i < PAGES; i++) {
        DEFER(buf_fini) struct buf full;
        DEFER(buf_fini) struct buf none;
        render(pages[i], "x", false, &full);
        render(pages[i], "x", true, &none);
        cr_assert(!has(buf_span(&full), "{{") && !has(buf_span(&full), "}}"), "%s", pages[i]);
        cr_assert(!has(buf_span(&full), "SPDX"), "%s", pages[i]);
        cr_assert(!has(buf_span(&none), "{{"), "%s", pages[i]);
    }
}

/* Trusted markup aside, nothing that comes from outside reaches a page unescaped. */
Test(template_pages, hostile_values_stay_text)
{
    static const char *const trusted[] = { "methods", "fields", "qr_svg" };
    for (size_t i = 0; i < PAGES; i++) {
        struct template_value values[NAMES];
        for (size_t k = 0; k < NAMES; k++) {
            values[k] = (struct template_value){ names[k], SPAN(HOSTILE) };
            for (size_t t = 0; t < 3; t++) {
                values[k].value = span_eq_cstr(span_of(names[k]), trusted[t]) ? SPAN_LIT("<i></i>")
                                                                              : values[k].value;
            }
        }
        DEFER(buf_fini) struct buf source;
        DEFER(buf_fini) struct buf out = BUF_MAX(PAGE_MAX_BYTES);
        read_page(pages[i], &source);
        cr_assert_eq(template_render(buf_span(&source), values, NAMES, &out), ERR_OK);
        cr_assert(!has(buf_span(&out), HOSTILE), "%s", pages[i]);
        cr_assert(has(buf_span(&out), HOSTILE_AS_SHOWN), "%s", pages[i]);
    }
}

Test(template_pages, no_page_carries_inline_script_or_style)
{
    static const char *const banned[] = { "<style",  " style=",     " onclick",
                                          " onload", "javascript:", "target=" };
    for (size_t i = 0; i < PAGES; i++) {
        DEFER(buf_fini) struct buf out;
        render(pages[i], "x", false, &out);
        for (size_t b = 0; b < sizeof(banned) / sizeof(banned[0]); b++) {
            cr_assert(!has(buf_span(&out), banned[b]), "%s: %s", pages[i], banned[b]);
        }
        struct span script = SPAN("<script");
        bool scripted = has(buf_span(&out), "<script");
        cr_assert(!scripted || has(buf_span(&out), "<script src=\"/pay/assets/submit.js\" defer>"),
                  "%s: %.*s", pages[i], SPAN_ARG(script));
    }
}

Test(template_pages, the_cashier_says_what_the_payer_must_see)
{
    DEFER(buf_fini) struct buf out;
    render("cashier.html", "x", false, &out);
    static const char *const texts[] = { "收银台",         "订单编号",
                                         "业务类型",       "数量",
                                         "金额不含手续费", "剩余支付时间",
                                         "Order number",   "without any handling fee" };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        cr_assert(has(buf_span(&out), texts[i]), "%s", texts[i]);
    }
}
