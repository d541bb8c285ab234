/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner.h"

#include "http.h"

static enum err
line_end(struct scanner *scanner)
{
    scanner->after_cr = false;
    if (scanner->line_bytes == 0) {
        /* An empty line before the request line is no request (RFC 9112 2.2 lets us refuse it). */
        scanner->ended = scanner->lines > 0;
        return scanner->ended ? ERR_OK : ERR_HTTP_MALFORMED;
    }
    scanner->lines++;
    scanner->line_bytes = 0;
    return scanner->lines > HTTP_HEADERS_MAX + 1 ? ERR_HTTP_HEADERS : ERR_OK;
}

static enum err
take(struct scanner *scanner, unsigned char c)
{
    if (++scanner->bytes > HTTP_HEADER_BYTES) {
        return ERR_HTTP_HEADERS;
    }
    if (scanner->after_cr != (c == '\n')) {
        return ERR_HTTP_MALFORMED; /* a lone CR or a lone LF (RFC 9112 2.2) */
    }
    if (c == '\n') {
        return line_end(scanner);
    }
    if (c == '\r') {
        scanner->after_cr = true;
        return ERR_OK;
    }
    bool blank = c == ' ' || c == '\t';
    if (blank && scanner->line_bytes == 0) {
        return ERR_HTTP_MALFORMED; /* line folding (RFC 9112 5.2) */
    }
    if ((c < 0x20 && c != '\t') || c == 0x7F) {
        return ERR_HTTP_MALFORMED;
    }
    scanner->line_bytes++;
    return ERR_OK;
}

void
scanner_feed(struct scanner *scanner, struct span bytes)
{
    for (size_t i = 0; i < bytes.len && !scanner->ended && scanner->err == ERR_OK; i++) {
        scanner->err = take(scanner, bytes.at[i]);
    }
}
