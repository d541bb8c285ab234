/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_HTTP_TEMPLATE_H
#define TALLYGATE_HTTP_TEMPLATE_H

/* HTML from an embedded file: {{name}} is replaced by the HTML-escaped value, {{{name}}} by trusted
 * markup of ours, {{#name}}…{{/name}} stands when the value is not empty, {{^name}}…{{/name}} when
 * it is, {{! … }} is a comment. Sections nest, four deep at most. An unknown name or an unclosed
 * section is a broken invariant of ours: INTERNAL. */

#include "buf.h"
#include "err.h"
#include "span.h"

struct template_value {
    const char *name;
    struct span value;
};

MUST_USE enum err template_render(struct span text, const struct template_value *values,
                                  size_t count, struct buf *out);

/* & < > " ' as entities. */
MUST_USE enum err template_escape(struct span text, struct buf *out);

#endif
