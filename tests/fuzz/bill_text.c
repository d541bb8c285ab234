/* SPDX-License-Identifier: Apache-2.0 */
/* The text of bills. Members stand one after the other, each begun by a byte 0x1C and its name's line; where
 * the provider sends an archive they are packed into one first. */
#include <archive.h>
#include <archive_entry.h>

#include "fuzz.h"
#include "fuzz_bill.h"

#define TEXT_MAX     ((size_t)1024 * 1024)
#define MEMBERS_MAX  20
#define MEMBER_BYTES ((size_t)1024) /* what an archive needs for one beside its content */
#define NAME_MAX_LEN 100

static void
pack_member(struct archive *archive, struct span text)
{
    struct span content = text;
    struct span name;
    (void)span_cut(&content, '\n', &name);
    DEFER(buf_fini) struct buf path = BUF_MAX(NAME_MAX_LEN + 1);
    const char *cstr = NULL;
    if (name.len == 0 || name.len > NAME_MAX_LEN || span_index(name, 0) < name.len
        || buf_append(&path, name) != ERR_OK || buf_cstr(&path, &cstr) != ERR_OK) {
        cstr = "bill";
    }
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, cstr);
    archive_entry_set_size(entry, (la_int64_t)content.len);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    FUZZ_DEMAND(archive_write_header(archive, entry) >= ARCHIVE_WARN);
    FUZZ_DEMAND(archive_write_data(archive, content.at, content.len) == (la_ssize_t)content.len);
    archive_entry_free(entry);
}

static void
pack(struct span text, struct buf *out)
{
    size_t used = 0;
    size_t room = out->max;
    unsigned char *at = NULL;
    struct archive *archive = archive_write_new();
    struct span member;
    bool more = true;
    FUZZ_DEMAND(archive != NULL && buf_reserve(out, room, &at) == ERR_OK);
    FUZZ_DEMAND(archive_write_set_format_zip(archive) == ARCHIVE_OK);
    FUZZ_DEMAND(archive_write_zip_set_compression_store(archive) == ARCHIVE_OK);
    FUZZ_DEMAND(archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK);
    FUZZ_DEMAND(archive_write_open_memory(archive, at, room, &used) == ARCHIVE_OK);
    (void)span_cut(&text, 0x1C, &member);
    for (int i = 0; more && i < MEMBERS_MAX; i++) {
        more = span_cut(&text, 0x1C, &member);
        pack_member(archive, more ? member : text);
    }
    FUZZ_DEMAND(archive_write_free(archive) == ARCHIVE_OK);
    buf_grew(out, used);
}

static bool
is_archive(enum bill_container container)
{
    return container == BILL_ZIP || container == BILL_ZIP_OR_CONTENT;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_make(data, size);
    if (size > TEXT_MAX) {
        return 0;
    }
    DEFER(buf_fini) struct buf packed = BUF_MAX(size + (MEMBERS_MAX + 1) * MEMBER_BYTES);
    pack(text, &packed);
    for (size_t i = 0; i < adapter_registry_count; i++) {
        const struct adapter_bill *bill = adapter_registry[i]->bills;
        for (; bill != NULL && bill->kind != NULL; bill++) {
            struct adapter_bill plain = *bill;
            plain.container = is_archive(bill->container) ? BILL_ZIP : BILL_PLAIN;
            fuzz_bill(&plain, plain.container == BILL_ZIP ? buf_span(&packed) : text);
        }
    }
    return 0;
}
