/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>

#include "bill_file_parts.h"
#include "bill_inflate.h"
#include "crypto.h"
#include "file.h"

#define END_BYTES       22 /* end of central directory without comment (APPNOTE 4.3.16) */
#define COMMENT_MAX     65535
#define LOCAL_MAGIC     "PK\x03\x04"
#define END_MAGIC       "PK\x05\x06"
#define GZIP_MAGIC      "\x1F\x8B"
#define GZIP_SIZE_BYTES 4
#define CHUNK_BYTES     65536
#define RATIO_FROM      ((size_t)1024 * 1024) /* smaller members cannot hurt */
#define BASE64_BYTES    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
#define PACKED_DETAIL   "bytes unpacked from this many packed"

/* One way through a container. */
struct members {
    struct span bytes;
    const struct bill_file_limits *limits;
    const struct member_sink *sink;
    struct bill_file *out;
    size_t count;
    size_t unpacked; /* of all members */
};

static void
archive_drop(struct archive **archive)
{
    if (*archive != NULL) {
        (void)archive_read_free(*archive);
        *archive = NULL;
    }
}

static size_t
little_endian(struct span bytes, size_t at, size_t width)
{
    size_t value = 0;
    for (size_t i = width; i > 0; i--) {
        value = value << 8 | bytes.at[at + i - 1];
    }
    return value;
}

/* Where the end record begins: its comment must reach exactly to the end of the file. */
static bool
find_end(struct span bytes, size_t *out)
{
    if (bytes.len < END_BYTES) {
        return false;
    }
    size_t last = bytes.len - END_BYTES;
    for (size_t back = 0; back <= last && back <= COMMENT_MAX; back++) {
        size_t at = last - back;
        if (span_eq(span_sub(bytes, at, 4), SPAN_LIT(END_MAGIC))
            && little_endian(bytes, at + 20, 2) == back) {
            *out = at;
            return true;
        }
    }
    return false;
}

/* A ZIP that ends early has no end record; libarchive alone would read such a file from the front and
 * not notice. Members before the first or after the directory would be a second file inside. */
static bool
zip_is_whole(struct members *m)
{
    size_t end = 0;
    struct span bytes = m->bytes;
    if (!span_starts(bytes, SPAN_LIT(LOCAL_MAGIC))) {
        bool prefix = span_starts(SPAN_LIT(LOCAL_MAGIC), bytes);
        bool none = span_starts(bytes, SPAN_LIT(END_MAGIC));
        bill_file_fault(m->out, prefix ? FINDING_FILE_TRUNCATED : FINDING_FILE_ZIP, 0,
                        none ? "an archive without members" : "not a ZIP file",
                        span_sub(bytes, 0, 0));
        return false;
    }
    if (!find_end(bytes, &end)) {
        bill_file_fault(m->out, FINDING_FILE_TRUNCATED, 0, "the archive has no end record",
                        span_sub(bytes, 0, 0));
        return false;
    }
    size_t count = little_endian(bytes, end + 10, 2);
    size_t length = little_endian(bytes, end + 12, 4);
    size_t start = little_endian(bytes, end + 16, 4);
    bool one_disk =
        little_endian(bytes, end + 4, 4) == 0 && little_endian(bytes, end + 8, 2) == count;
    if (!one_disk || start > end || length != end - start || count > BILL_FILE_MEMBERS_MAX) {
        bill_file_fault(m->out, FINDING_FILE_ZIP, 0,
                        count > BILL_FILE_MEMBERS_MAX ? "too many members"
                                                      : "the directory is not where it must be",
                        span_sub(bytes, 0, 0));
        return false;
    }
    return true;
}

static enum err
open_archive(struct span bytes, struct archive **out)
{
    DEFER(archive_drop) struct archive *archive = archive_read_new();
    if (archive == NULL) {
        return ERR_NO_MEMORY;
    }
    if (archive_read_support_format_zip_seekable(archive) != ARCHIVE_OK) {
        return ERR_SYSTEM;
    }
    if (archive_read_open_memory(archive, bytes.at, bytes.len) != ARCHIVE_OK) {
        return ERR_ARCHIVE;
    }
    *out = archive;
    archive = NULL;
    return ERR_OK;
}

/* False after a fault when the member grows past what it may. */
static bool
within_limits(struct members *m, size_t member)
{
    char got[80];
    (void)snprintf(got, sizeof(got), "%zu, %zu", m->unpacked, m->bytes.len);
    if (member > m->limits->unpacked_max_bytes) {
        bill_file_fault(m->out, FINDING_FILE_SIZE, 0, PACKED_DETAIL, span_of(got));
        return false;
    }
    if (m->unpacked > RATIO_FROM && m->unpacked / BILL_FILE_RATIO_MAX >= m->bytes.len) {
        bill_file_fault(m->out, FINDING_FILE_ZIP, 0, PACKED_DETAIL, span_of(got));
        return false;
    }
    return true;
}

static enum err
read_member(struct members *m, struct archive *archive, struct archive_entry *entry, bool *go_on)
{
    unsigned char chunk[CHUNK_BYTES];
    size_t member = 0;
    /* A path in the name is not looked at; a name that cannot be converted is none to us. */
    struct span name = span_of(archive_entry_pathname(entry));
    int64_t size = archive_entry_size(entry);
    TRY(m->sink->begin(m->sink->context, name, size > 0 ? (size_t)size : 0));
    for (;;) {
        la_ssize_t got = archive_read_data(archive, chunk, sizeof(chunk));
        if (got <= 0) {
            bool whole = got == 0;
            if (!whole) {
                const char *why = archive_error_string(archive);
                bill_file_fault(m->out, FINDING_FILE_TRUNCATED, 0, "a member is damaged",
                                span_of(why));
                *go_on = false;
            }
            return m->sink->end(m->sink->context, whole);
        }
        member += (size_t)got;
        m->unpacked += (size_t)got;
        if (!within_limits(m, member)) {
            *go_on = false;
            return m->sink->end(m->sink->context, false);
        }
        TRY(m->sink->bytes(m->sink->context, span_make(chunk, (size_t)got)));
    }
}

/* Paths are never used, so whatever they say is harmless; anything but a plain file is not. */
static bool
may_read(struct members *m, struct archive_entry *entry)
{
    const char *wrong = NULL;
    if (m->count > BILL_FILE_MEMBERS_MAX) {
        wrong = "too many members";
    } else if (archive_entry_is_encrypted(entry) == 1) {
        wrong = "an encrypted member";
    } else if (archive_entry_filetype(entry) != AE_IFREG) {
        wrong = "a member that is no plain file";
    }
    if (wrong != NULL) {
        bill_file_fault(m->out, FINDING_FILE_ZIP, 0, wrong, span_of(""));
    }
    return wrong == NULL;
}

static enum err
read_members(struct members *m, struct archive *archive)
{
    bool go_on = true;
    while (go_on) {
        struct archive_entry *entry = NULL;
        int status = archive_read_next_header(archive, &entry);
        if (status == ARCHIVE_EOF) {
            break;
        }
        /* A name in GBK cannot be converted for us: that is the warning, and we do not want it. */
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
            bill_file_fault(m->out, FINDING_FILE_ZIP, 0, "the archive cannot be read",
                            span_of(archive_error_string(archive)));
            return ERR_OK;
        }
        m->count++;
        if (!may_read(m, entry)) {
            return ERR_OK;
        }
        TRY(read_member(m, archive, entry, &go_on));
    }
    return ERR_OK;
}

static enum err
zip_members(struct members *m)
{
    if (!zip_is_whole(m)) {
        return ERR_OK;
    }
    DEFER(archive_drop) struct archive *archive = NULL;
    enum err err = open_archive(m->bytes, &archive);
    if (err == ERR_ARCHIVE) {
        bill_file_fault(m->out, FINDING_FILE_ZIP, 0, "the archive cannot be opened", span_of(""));
        return ERR_OK;
    }
    TRY(err);
    return read_members(m, archive);
}

static enum err
plain_member(struct members *m)
{
    TRY(m->sink->begin(m->sink->context, span_of(""), m->bytes.len));
    for (size_t at = 0; at < m->bytes.len; at += FILE_SOON_BYTES) {
        struct span part = span_sub(m->bytes, at, FILE_SOON_BYTES);
        file_soon(part);
        TRY(m->sink->bytes(m->sink->context, part));
    }
    return m->sink->end(m->sink->context, true);
}

/* False after a fault when a compressed stream did not come out whole. */
static bool
came_out(struct members *m, enum bill_inflate_end end)
{
    static const struct {
        enum finding finding;
        const char *text;
    } faults[] = {
        [BILL_INFLATE_DAMAGED] = { FINDING_FILE_TRUNCATED, "the compressed stream is damaged" },
        [BILL_INFLATE_TRAILING] = { FINDING_FILE_ZIP, "bytes behind the compressed stream" },
        [BILL_INFLATE_SIZE] = { FINDING_FILE_SIZE, "the unpacked file is too large" },
        [BILL_INFLATE_RATIO] = { FINDING_FILE_ZIP, "unpacked far too much from so little" },
    };
    if (end != BILL_INFLATE_WHOLE) {
        bill_file_fault(m->out, faults[end].finding, 0, faults[end].text, span_of(""));
    }
    return end == BILL_INFLATE_WHOLE;
}

static struct bill_inflate_limits
stream_limits(size_t unpacked_max_bytes)
{
    return (struct bill_inflate_limits){ .unpacked_max_bytes = unpacked_max_bytes,
                                         .ratio_max = BILL_FILE_RATIO_MAX,
                                         .ratio_from_bytes = RATIO_FROM };
}

/* The last field of the stream (RFC 1952 2.3.1). */
static size_t
gzip_size(struct span bytes)
{
    return bytes.len < GZIP_SIZE_BYTES
               ? 0
               : little_endian(bytes, bytes.len - GZIP_SIZE_BYTES, GZIP_SIZE_BYTES);
}

static enum err
gzip_member(struct members *m)
{
    enum bill_inflate_end end = BILL_INFLATE_NONE;
    struct bill_inflate_limits limits = stream_limits(m->limits->unpacked_max_bytes);
    TRY(m->sink->begin(m->sink->context, span_of(""), gzip_size(m->bytes)));
    TRY(bill_inflate(BILL_INFLATE_GZIP, m->bytes, &limits, m->sink->bytes, m->sink->context, &end));
    return m->sink->end(m->sink->context, came_out(m, end));
}

static enum err
keep_bytes(void *context, struct span bytes)
{
    struct buf *buf = context;
    return buf_append(buf, bytes);
}

/* base64 of a zlib stream of a ZIP (unionpay 3.7). */
static enum err
content_members(struct members *m)
{
    struct bill_inflate_limits limits = stream_limits(m->limits->packed_max_bytes);
    DEFER(buf_fini) struct buf packed = BUF_MAX(m->limits->packed_max_bytes);
    DEFER(buf_fini) struct buf zip = BUF_MAX(m->limits->packed_max_bytes);
    struct span text = span_trim(m->bytes, "\r\n");
    enum err err = crypto_base64_decode(text, &packed);
    if (err == ERR_BASE64) {
        bool digits = span_trim(text, BASE64_BYTES).len == 0;
        bill_file_fault(m->out, digits ? FINDING_FILE_TRUNCATED : FINDING_FILE_ZIP, 0,
                        "neither a ZIP nor base64 of one", span_of(""));
        return ERR_OK;
    }
    TRY(err);
    enum bill_inflate_end end = BILL_INFLATE_NONE;
    TRY(bill_inflate(BILL_INFLATE_ZLIB, buf_span(&packed), &limits, keep_bytes, &zip, &end));
    if (!came_out(m, end)) {
        return ERR_OK;
    }
    m->bytes = buf_span(&zip);
    return zip_members(m);
}

enum err
bill_file_members(enum bill_container container, struct span bytes,
                  const struct bill_file_limits *limits, const struct member_sink *sink,
                  struct bill_file *out)
{
    struct members m = { .bytes = bytes, .limits = limits, .sink = sink, .out = out };
    if (bytes.len > limits->packed_max_bytes) {
        bill_file_fault(out, FINDING_FILE_SIZE, 0, "the file is too large", span_of(""));
        return ERR_OK;
    }
    if (bytes.len == 0) {
        bill_file_fault(out, FINDING_FILE_TRUNCATED, 0, "the file is empty", span_of(""));
        return ERR_OK;
    }
    bool gzip = span_starts(bytes, SPAN_LIT(GZIP_MAGIC));
    bool zip = span_starts(bytes, SPAN_LIT("PK"));
    switch (container) {
    case BILL_ZIP:
        return zip_members(&m);
    case BILL_GZIP:
        return gzip_member(&m);
    case BILL_PLAIN_OR_GZIP:
        return gzip ? gzip_member(&m) : plain_member(&m);
    case BILL_ZIP_OR_CONTENT:
        return zip ? zip_members(&m) : content_members(&m);
    case BILL_PLAIN:
    default:
        return plain_member(&m);
    }
}
