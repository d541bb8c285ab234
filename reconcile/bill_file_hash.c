/* SPDX-License-Identifier: Apache-2.0 */

#include "bill_file_parts.h"

static enum err
begin_nothing(void *context, struct span name)
{
    (void)context;
    (void)name;
    return ERR_OK;
}

static enum err
keep_bytes(void *context, struct span bytes)
{
    struct buf *buf = context;
    return buf_append(buf, bytes);
}

static enum err
end_nothing(void *context, bool whole)
{
    (void)context;
    (void)whole; /* damaged bytes have another hash, and that is what is asked */
    return ERR_OK;
}

enum err
bill_file_unpacked_sha1(const struct adapter_bill *bill, struct span bytes,
                        unsigned char out[SHA1_BYTES])
{
    DEFER(buf_fini) struct buf unpacked = BUF_MAX(BILL_FILE_MAX_BYTES);
    const struct member_sink sink = {
        .context = &unpacked, .begin = begin_nothing, .bytes = keep_bytes, .end = end_nothing
    };
    struct bill_file ignored = { .accepted = false };
    TRY(bill_file_members(bill->container, bytes, &sink, &ignored));
    return crypto_sha1(buf_span(&unpacked), out);
}

enum err
bill_file_check_hash(const struct adapter_bill *bill, struct span bytes, struct span hex,
                     struct bill_file *file)
{
    unsigned char got[SHA1_BYTES];
    DEFER(buf_fini) struct buf want = BUF_MAX(SHA1_BYTES);
    TRY(bill_file_unpacked_sha1(bill, bytes, got));
    enum err err = crypto_hex_decode(hex, &want);
    if (err == ERR_NO_MEMORY) {
        return err;
    }
    if (err != ERR_OK || !span_eq(buf_span(&want), span_make(got, sizeof(got)))) {
        bill_file_fault(file, FINDING_FILE_HASH, 0, "the provider signed another SHA-1", hex);
        file->accepted = false;
    }
    return ERR_OK;
}
