/* SPDX-License-Identifier: Apache-2.0 */
#include "report_zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include "crypto.h"

#define SUMS_MAX    ((size_t)1024 * 1024)
#define MEMBER_MODE 0644

struct report_zip {
    struct archive *archive;
    struct buf sums;
};

enum err
report_zip_open(int fd, struct report_zip **out)
{
    DEFER(report_zip_free) struct report_zip *zip = calloc(1, sizeof(*zip));
    if (zip == NULL || (zip->archive = archive_write_new()) == NULL) {
        return ERR_NO_MEMORY;
    }
    buf_init(&zip->sums, SUMS_MAX);
    if (archive_write_set_format_zip(zip->archive) != ARCHIVE_OK
        || archive_write_zip_set_compression_deflate(zip->archive) != ARCHIVE_OK
        || archive_write_set_bytes_in_last_block(zip->archive, 1) != ARCHIVE_OK
        || archive_write_open_fd(zip->archive, fd) != ARCHIVE_OK) {
        return ERR_FILE_WRITE;
    }
    *out = zip;
    zip = NULL;
    return ERR_OK;
}

static void
entry_free(struct archive_entry **entry)
{
    archive_entry_free(*entry);
}

/* A member without a time is of 1980-01-01 in every zone. */
static enum err
put_member(struct archive *archive, const char *name, struct span bytes)
{
    DEFER(entry_free) struct archive_entry *entry = archive_entry_new();
    if (entry == NULL) {
        return ERR_NO_MEMORY;
    }
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, (la_int64_t)bytes.len);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, MEMBER_MODE);
    if (archive_write_header(archive, entry) != ARCHIVE_OK) {
        return ERR_FILE_WRITE;
    }
    return bytes.len == 0
                   || archive_write_data(archive, bytes.at, bytes.len) == (la_ssize_t)bytes.len
               ? ERR_OK
               : ERR_FILE_WRITE;
}

enum err
report_zip_add(struct report_zip *zip, const char *name, struct span bytes)
{
    unsigned char digest[SHA256_BYTES];
    TRY(crypto_sha256(bytes, digest));
    TRY(put_member(zip->archive, name, bytes));
    TRY(crypto_hex_encode(span_make(digest, sizeof(digest)), &zip->sums));
    return buf_printf(&zip->sums, "  %s\n", name);
}

struct span
report_zip_sums(const struct report_zip *zip)
{
    return buf_span(&zip->sums);
}

enum err
report_zip_close(struct report_zip **zip)
{
    int closed = archive_write_close((*zip)->archive);
    report_zip_free(zip);
    return closed == ARCHIVE_OK ? ERR_OK : ERR_FILE_WRITE;
}

void
report_zip_free(struct report_zip **zip)
{
    if (*zip != NULL) {
        archive_write_free((*zip)->archive);
        buf_fini(&(*zip)->sums);
        free(*zip);
        *zip = NULL;
    }
}
