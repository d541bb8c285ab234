/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "engine.h"
#include "golden.h"

static void put(char out[GOLDEN_SAY_MAX], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(char out[GOLDEN_SAY_MAX], const char *format, ...)
{
    size_t used = strlen(out);
    va_list values;
    va_start(values, format);
    int len = vsnprintf(out + used, GOLDEN_SAY_MAX - used, format, values);
    va_end(values);
    cr_assert(len >= 0 && (size_t)len < GOLDEN_SAY_MAX - used);
}

/* What a result is about; a line with what it was paired with. */
static void
put_key(const struct golden *g, const struct recon_result *r, char out[GOLDEN_SAY_MAX])
{
    if (r->line != RECON_NONE) {
        put(out, "%zu", g->lines[r->line].number);
    }
    if (r->member != RECON_NONE) {
        put(out, "%s%.*s", r->line != RECON_NONE ? "=" : "",
            SPAN_ARG(g->members[r->member].attempt_no));
    } else if (r->refund != RECON_NONE) {
        put(out, "%s%.*s", r->line != RECON_NONE ? "=" : "",
            SPAN_ARG(g->refunds[r->refund].refund_no));
    } else if (r->manual != RECON_NONE) {
        put(out, "M%lld", (long long)g->manuals[r->manual].number);
    } else if (r->invoice != RECON_NONE) {
        put(out, "%.*s", SPAN_ARG(g->invoices[r->invoice].invoice_id));
    } else if (r->line == RECON_NONE) {
        put(out, "%.*s", SPAN_ARG(g->orders[r->order].order_no));
    }
}

static void
tie(const struct golden *g, struct recon_input *in)
{
    *in = g->in;
    in->lines = g->lines;
    in->members = g->members;
    in->refunds = g->refunds;
    in->orders = g->orders;
    in->payments = g->payments;
    in->invoices = g->invoices;
    in->manuals = g->manuals;
    in->tariffs = g->tariffs;
    in->fees = g->fees;
}

void
golden_say(const struct golden *g, char out[GOLDEN_SAY_MAX])
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct recon_input in;
    struct recon_output made = { 0 };
    tie(g, &in);
    out[0] = '\0';
    enum err err = engine_try(&in, &arena, &made);
    if (err != ERR_OK) {
        put(out, "refused %s\n", err_name(err));
        return;
    }
    for (size_t i = 0; i < made.count; i++) {
        const struct recon_result *r = &made.results[i];
        put_key(g, r, out);
        put(out, " %s", finding_name(r->primary));
        for (size_t k = 0; k < r->finding_count; k++) {
            put(out, " %s", finding_name(r->findings[k]));
        }
        if (r->delta_fen != 0) {
            put(out, " %lld", (long long)r->delta_fen);
        }
        put(out, "\n");
    }
}

/* True when a line of `text` is `line`, or begins with it and a blank. */
static bool
has_line(const char *text, struct span line, bool whole)
{
    struct span rest = span_of(text);
    struct span one = { 0 };
    while (span_cut(&rest, '\n', &one)) {
        bool begins = span_starts(one, line);
        if (begins && (one.len == line.len || (!whole && one.at[line.len] == ' '))) {
            return true;
        }
    }
    return false;
}

void
golden_changed(const char *before, const char *now, char out[GOLDEN_SAY_MAX])
{
    struct span rest = span_of(now);
    struct span line = { 0 };
    out[0] = '\0';
    while (span_cut(&rest, '\n', &line)) {
        if (!has_line(before, line, true)) {
            put(out, "%s%.*s", out[0] == '\0' ? "" : "; ", SPAN_ARG(line));
        }
    }
    rest = span_of(before);
    while (span_cut(&rest, '\n', &line)) {
        struct span key = span_sub(line, 0, span_index(line, ' '));
        if (!has_line(now, key, false) && strncmp(now, "refused", 7) != 0) {
            put(out, "%s%.*s gone", out[0] == '\0' ? "" : "; ", SPAN_ARG(key));
        }
    }
}
