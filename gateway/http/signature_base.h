/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_HTTP_SIGNATURE_BASE_H
#define TALLYGATE_HTTP_SIGNATURE_BASE_H

/* The text that is signed (RFC 9421 2.5), first as lines and then as text. Requests are verified over it, and what
 * explains a failed signature builds its variations from the same lines. */

#include "signature.h"

struct signature_line {
    struct span name;
    struct span value;
};

struct signature_base {
    struct signature_line lines[SIGNATURE_COMPONENTS_MAX];
    size_t count;
    struct span parameters; /* of the last line, "@signature-params" */
};

/* How the text is written; all false is the RFC's way. The others are mistakes that are looked for. */
struct signature_style {
    bool bare_names;    /* @method: POST */
    bool tight_colon;   /* "@method":POST */
    bool crlf;          /* lines end in CR LF */
    bool final_newline; /* the last line ends as the others do */
    bool no_parameters; /* without the last line */
};

/* Signature-Input and Signature alone; `base` stays empty. Errors: SIG_MISSING, SIG_MALFORMED, ARENA_FULL. */
MUST_USE enum err signature_fields(const struct http_request *request, struct signature_input *out);

/* Values point into the request or its arena. Errors: SIG_COMPONENTS, and *missing is the component that the
 * request does not have. */
MUST_USE enum err signature_base_lines(const struct http_request *request, struct span scheme,
                                       struct span authority, const struct signature_input *input,
                                       struct signature_base *out, struct span *missing);

/* Appends. Errors: BUF_FULL, NO_MEMORY, SIG_MALFORMED for a name that cannot be written. */
MUST_USE enum err signature_base_text(const struct signature_base *base,
                                      struct signature_style style, struct buf *out);

/* Is the signature one of this key over this text? Errors: SIGNATURE, SIG_ALGORITHM. */
MUST_USE enum err signature_verify(const struct signature_key *key, struct span text,
                                   struct span signature);

#endif
