/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_ACQUIRE_LINE_H
#define TALLYGATE_PROC_ACQUIRE_LINE_H

/* The way to a provider's bill: asked for on a line of our own (provider_line.h) and downloaded from the
 * link that the verified answer names, or taken out of the verified answer itself. Each call blocks until
 * it knows. */

#include "acquire.h"
#include "adapter.h"
#include "provider_line.h"

#define ACQUIRE_LINK_MAX 2048

/* What came of asking. */
struct acquire_link {
    char url[ACQUIRE_LINK_MAX]; /* "" unless the answer gave one */
    char sha1[41];              /* hex, of the unpacked file; "" unless the provider said it */
    bool none;                  /* the provider says that there is no bill (yet) */
    char code[64];              /* the provider's own code, "" on success */
};

/* Asks where the bill can be downloaded. The link may live 30 seconds only. Errors: KEYS_*,
 * PROVIDER_*, BILL_NOT_READY; *out is filled as far as the answer went. */
MUST_USE enum err acquire_line_ask(struct provider_line *line, const struct acquire_target *target,
                                   struct acquire_link *out);

/* False when the provider has no links and gives the file itself: then acquire_line_file. */
bool acquire_line_has_links(const struct acquire_target *target);

/* Errors: as acquire_line_ask. */
MUST_USE enum err acquire_line_file(struct provider_line *line, const struct acquire_target *target,
                                    struct acquire_link *said, struct buf *out);

/* Errors: BILL_LINK when what comes is no bill file (an expired link gives a page), PROVIDER_NOT_SENT,
 * PROVIDER_NO_ANSWER. */
MUST_USE enum err acquire_line_download(struct provider_line *line,
                                        const struct acquire_target *target,
                                        const struct acquire_link *link, struct buf *out);

#endif
