/* SPDX-License-Identifier: Apache-2.0 */
#include "report_html_parts.h"
#include "report_parts.h"

#define TEXT_MAX ((size_t)64 * 1024)

const char *
report_html_say(const struct report_page *page, const char *zh, const char *en)
{
    return page->language == LANGUAGE_ZH ? zh : en;
}

enum err
report_html_raw(const struct report_page *page, const char *markup)
{
    return buf_text(page->out, markup);
}

static const char *
reference(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

enum err
report_html_text(const struct report_page *page, struct span s)
{
    DEFER(buf_fini) struct buf clean = BUF_MAX(TEXT_MAX);
    TRY(report_text_clean(&clean, s));
    for (size_t i = 0; i < clean.len; i++) {
        const char *instead = reference(clean.at[i]);
        TRY(instead != NULL ? buf_text(page->out, instead) : buf_byte(page->out, clean.at[i]));
    }
    return ERR_OK;
}

enum err
report_html_words(const struct report_page *page, const char *zh, const char *en)
{
    return report_html_text(page, span_of(report_html_say(page, zh, en)));
}

enum err
report_html_cell(const struct report_page *page, struct span s)
{
    TRY(buf_text(page->out, "<td>"));
    TRY(report_html_text(page, s));
    return buf_text(page->out, "</td>");
}

enum err
report_html_cell_words(const struct report_page *page, const char *zh, const char *en)
{
    return report_html_cell(page, span_of(report_html_say(page, zh, en)));
}

enum err
report_html_cell_i64(const struct report_page *page, int64_t value, bool known)
{
    TRY(buf_text(page->out, "<td class=\"n\">"));
    TRY(known ? buf_i64(page->out, value) : ERR_OK);
    return buf_text(page->out, "</td>");
}

enum err
report_html_cell_fen(const struct report_page *page, int64_t fen, bool known)
{
    TRY(buf_text(page->out, "<td class=\"n\">"));
    TRY(known ? report_text_fen(page->out, fen) : ERR_OK);
    return buf_text(page->out, "</td>");
}

enum err
report_html_cell_time(const struct report_page *page, struct wall_time at)
{
    TRY(buf_text(page->out, "<td>"));
    TRY(at.us != 0 ? wall_format_civil(at, page->report->east_min, page->out) : ERR_OK);
    return buf_text(page->out, "</td>");
}

enum err
report_html_title(const struct report_page *page, const char *zh, const char *en, bool right)
{
    TRY(buf_text(page->out, right ? "<th class=\"n\">" : "<th>"));
    TRY(report_html_words(page, zh, en));
    return buf_text(page->out, "</th>");
}

enum err
report_html_table_open(const struct report_page *page)
{
    return buf_text(page->out, "<table><thead><tr>");
}

enum err
report_html_table_body(const struct report_page *page)
{
    return buf_text(page->out, "</tr></thead><tbody>\n");
}

enum err
report_html_table_close(const struct report_page *page)
{
    return buf_text(page->out, "</tbody></table>\n");
}

enum err
report_html_heading(const struct report_page *page, const char *zh, const char *en)
{
    TRY(buf_text(page->out, "<h2>"));
    TRY(report_html_words(page, zh, en));
    return buf_text(page->out, "</h2>\n");
}
