/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_QR_H
#define TALLYGATE_PROC_FLOW_QR_H

/* A QR code as one inline SVG path, drawn by libqrencode. */

#include "buf.h"
#include "err.h"
#include "span.h"

#define QR_TEXT_MAX_BYTES 512
#define QR_SVG_MAX_BYTES  ((size_t)128 * 1024)

/* Error correction M, a quiet zone of four modules. Errors: FIELD_LENGTH, FIELD_CHARACTERS (an
 * inner NUL), BUF_FULL, NO_MEMORY. */
MUST_USE enum err qr_svg(struct span text, struct buf *out);

#endif
