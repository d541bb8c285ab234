/* SPDX-License-Identifier: Apache-2.0 */
#include "cashier.h"

enum err
cashier_form_origins(struct span gateway_url, struct buf *out)
{
    struct span rest = gateway_url;
    struct span scheme;
    struct span host;
    struct span label;
    if (!span_cut(&rest, ':', &scheme) || !span_starts(rest, SPAN_LIT("//"))) {
        return ERR_FIELD_VALUE;
    }
    rest = span_sub(rest, 2, rest.len);
    (void)span_cut(&rest, '/', &host);
    TRY(buf_printf(out, "%.*s://%.*s", SPAN_ARG(scheme), SPAN_ARG(host)));
    struct span parent = host;
    bool named = span_cut(&parent, '.', &label) && span_index(parent, '.') < parent.len;
    if (named && !span_is_digits(label)) {
        return buf_printf(out, " %.*s://*.%.*s", SPAN_ARG(scheme), SPAN_ARG(parent));
    }
    return ERR_OK;
}
