/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_HTML_PARTS_H
#define TALLYGATE_RECONCILE_REPORT_HTML_PARTS_H

/* How the page of a report is put together; for the files report_html*.c alone. All text goes through
 * report_html_text: foreign text makes no mark-up. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "report.h"
#include "span.h"

struct report_page {
    const struct report *report;
    enum language language;
    struct buf *out;
};

const char *report_html_say(const struct report_page *page, const char *zh, const char *en);

/* `s` cleaned, with the five signs of mark-up written as references. */
MUST_USE enum err report_html_text(const struct report_page *page, struct span s);
MUST_USE enum err report_html_words(const struct report_page *page, const char *zh, const char *en);

/* Cells of a row: text, words in the page's language, numbers and yuan to the right. */
MUST_USE enum err report_html_cell(const struct report_page *page, struct span s);
MUST_USE enum err report_html_cell_words(const struct report_page *page, const char *zh,
                                         const char *en);
MUST_USE enum err report_html_cell_i64(const struct report_page *page, int64_t value, bool known);
MUST_USE enum err report_html_cell_fen(const struct report_page *page, int64_t fen, bool known);
MUST_USE enum err report_html_cell_time(const struct report_page *page, struct wall_time at);

/* A title of a column; `right` over numbers. */
MUST_USE enum err report_html_title(const struct report_page *page, const char *zh, const char *en,
                                    bool right);

/* What a table opens and closes with; between them title cells, then rows. */
MUST_USE enum err report_html_table_open(const struct report_page *page);
MUST_USE enum err report_html_table_body(const struct report_page *page);
MUST_USE enum err report_html_table_close(const struct report_page *page);
MUST_USE enum err report_html_raw(const struct report_page *page, const char *markup);

/* A heading of a part. */
MUST_USE enum err report_html_heading(const struct report_page *page, const char *zh,
                                      const char *en);

/* Every difference: its codes in words, its line of the bill, what its order went through. */
MUST_USE enum err report_html_differences(const struct report_page *page);

#endif
