/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>

#include "alipay_daybill.h"

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

/* The program keeps the C locale, so libarchive takes a name as bytes and sets no UTF-8 flag. */
static enum err
put_entry(struct archive *archive, const struct alipay_bill *bill, const char *name,
          struct span content)
{
    struct archive_entry *entry = archive_entry_new();
    if (entry == NULL) {
        return ERR_NO_MEMORY;
    }
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, bill->exported.us / 1000000, 0);
    archive_entry_set_size(entry, (la_int64_t)content.len);
    bool good = archive_write_header(archive, entry) == ARCHIVE_OK
                && archive_write_data(archive, content.at, content.len) == (la_ssize_t)content.len;
    archive_entry_free(entry);
    return good ? ERR_OK : ERR_ARCHIVE;
}

static enum err
put_file(struct archive *archive, const struct alipay_bill *bill, const char *kind,
         struct span content)
{
    DEFER(buf_fini) struct buf name = BUF_MAX(256);
    DEFER(buf_fini) struct buf gbk = BUF_MAX(256);
    const char *text;
    TRY(buf_printf(&name, "%s0156_%04d%02d%02d_%s.csv", bill->app->seller_id, bill->day.year,
                   bill->day.month, bill->day.mday, kind));
    TRY(alipay_bill_gbk(buf_span(&name), &gbk));
    TRY(buf_cstr(&gbk, &text));
    return put_entry(archive, bill, text, content);
}

static const struct {
    const char *detail_name;
    const char *summary_name;
    enum err (*detail)(const struct alipay_bill *bill, struct buf *out);
    enum err (*summary)(const struct alipay_bill *bill, struct buf *out);
} kinds[ALIPAY_BILL_KIND_COUNT] = {
    [ALIPAY_BILL_TRADE] = { "业务明细", "业务明细(汇总)", alipay_bill_detail, alipay_bill_summary },
    [ALIPAY_BILL_FLOW] = { "账务明细", "账务明细(汇总)", alipay_bill_flow_detail,
                           alipay_bill_flow_summary },
};

static enum err
put_files(struct archive *archive, const struct alipay_bill *bill)
{
    DEFER(buf_fini) struct buf detail = BUF_MAX(ALIPAY_BILL_MAX);
    DEFER(buf_fini) struct buf summary = BUF_MAX(65536);
    TRY(kinds[bill->kind].detail(bill, &detail));
    TRY(kinds[bill->kind].summary(bill, &summary));
    struct span whole = buf_span(&detail);
    struct span shown = bill->cut ? span_sub(whole, 0, whole.len / 2) : whole;
    TRY(put_file(archive, bill, kinds[bill->kind].summary_name, buf_span(&summary)));
    return put_file(archive, bill, kinds[bill->kind].detail_name, shown);
}

static enum err
write_zip(struct archive *archive, const struct alipay_bill *bill, struct buf *out)
{
    if (archive_write_set_format_zip(archive) != ARCHIVE_OK
        || archive_write_set_bytes_in_last_block(archive, 1) != ARCHIVE_OK
        || archive_write_open(archive, out, NULL, take, NULL) != ARCHIVE_OK) {
        return ERR_ARCHIVE;
    }
    TRY(put_files(archive, bill));
    return archive_write_close(archive) == ARCHIVE_OK ? ERR_OK : ERR_ARCHIVE;
}

enum err
alipay_bill_zip(const struct alipay_bill *bill, struct buf *out)
{
    struct archive *archive = archive_write_new();
    if (archive == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = write_zip(archive, bill, out);
    (void)archive_write_free(archive);
    return err;
}
