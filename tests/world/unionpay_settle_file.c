/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include "unionpay_settle.h"

#define MADE_MS (((INT64_C(8) * 60 + 51) * 60 + 2) * 1000) /* of the next day */

static la_ssize_t
take(struct archive *archive, void *ctx, const void *bytes, size_t len)
{
    struct buf *out = ctx;
    if (buf_append(out, span_make(bytes, len)) != ERR_OK) {
        archive_set_error(archive, 0, "full");
        return -1;
    }
    return (la_ssize_t)len;
}

/* A file of the wrong day says so in its names; its rows are those of the right one. */
static struct day
named_day(const struct unionpay_file *file)
{
    return file->wrong_day ? day_add(file->day, -1) : file->day;
}

static enum err
put_entry(struct archive *archive, const struct unionpay_file *file, const char *name,
          struct span content)
{
    struct archive_entry *entry = archive_entry_new();
    if (entry == NULL) {
        return ERR_NO_MEMORY;
    }
    /* Made once, early the next day: asked twice, it is the same file. */
    struct wall_time made = wall_add_ms(day_start(day_add(file->day, 1), ZONE_CHINA_MIN), MADE_MS);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, made.us / 1000000, 0);
    archive_entry_set_size(entry, (la_int64_t)content.len);
    bool good = archive_write_header(archive, entry) == ARCHIVE_OK
                && archive_write_data(archive, content.at, content.len) == (la_ssize_t)content.len;
    archive_entry_free(entry);
    return good ? ERR_OK : ERR_ARCHIVE;
}

/* 6.1. */
static enum err
put_part(struct archive *archive, const struct unionpay_file *file, const char *stem,
         const char *kind, struct span content)
{
    DEFER(buf_fini) struct buf name = BUF_MAX(64);
    struct day day = named_day(file);
    const char *text;
    TRY(buf_printf(&name, "%s%02d%02d%02d%s_%s", stem, day.year % 100, day.month, day.mday, kind,
                   unionpay_settle_mer_id(file)));
    TRY(buf_cstr(&name, &text));
    return put_entry(archive, file, text, content);
}

static enum err
put_parts(struct archive *archive, const struct unionpay_file *file)
{
    DEFER(buf_fini) struct buf detail = BUF_MAX(UNIONPAY_FILE_MAX);
    DEFER(buf_fini) struct buf disputes = BUF_MAX(UNIONPAY_FILE_MAX);
    DEFER(buf_fini) struct buf report = BUF_MAX(65536);
    TRY(unionpay_settle_detail(file, &detail));
    TRY(unionpay_settle_disputes(file, &disputes));
    TRY(unionpay_settle_report(file, &report));
    TRY(put_part(archive, file, "INN", "88ZM", buf_span(&detail)));
    TRY(put_part(archive, file, "INN", "88ZME", buf_span(&disputes)));
    return put_part(archive, file, "RD2010", "01", buf_span(&report));
}

static enum err
write_zip(struct archive *archive, const struct unionpay_file *file, struct buf *out)
{
    if (archive_write_set_format_zip(archive) != ARCHIVE_OK
        || archive_write_set_bytes_in_last_block(archive, 1) != ARCHIVE_OK
        || archive_write_open(archive, out, NULL, take, NULL) != ARCHIVE_OK) {
        return ERR_ARCHIVE;
    }
    TRY(put_parts(archive, file));
    return archive_write_close(archive) == ARCHIVE_OK ? ERR_OK : ERR_ARCHIVE;
}

enum err
unionpay_settle_zip(const struct unionpay_file *file, struct buf *out)
{
    struct archive *archive = archive_write_new();
    if (archive == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = write_zip(archive, file, out);
    (void)archive_write_free(archive);
    return err;
}

enum err
unionpay_settle_name(const struct unionpay_file *file, struct buf *out)
{
    struct day day = named_day(file);
    return buf_printf(out, "%s_%04d%02d%02d.zip", unionpay_settle_mer_id(file), day.year, day.month,
                      day.mday);
}

/* 3.7: a zlib stream, with its header, in base64. */
enum err
unionpay_settle_content(struct span zip, struct buf *out)
{
    DEFER(buf_fini) struct buf packed = BUF_MAX(2 * UNIONPAY_FILE_MAX);
    uLongf len = compressBound((uLong)zip.len);
    unsigned char *room;
    TRY(buf_reserve(&packed, (size_t)len, &room));
    if (compress2(room, &len, zip.at, (uLong)zip.len, Z_BEST_COMPRESSION) != Z_OK) {
        return ERR_ARCHIVE;
    }
    buf_grew(&packed, (size_t)len);
    return crypto_base64_encode(buf_span(&packed), out);
}
