/* SPDX-License-Identifier: Apache-2.0 */

#include "bill_file_parts.h"

static enum err
begin_nothing(void *context, struct span name, size_t size)
{
    (void)context;
    (void)name;
    (void)size;
    return ERR_OK;
}

static enum err
hash_bytes(void *context, struct span bytes)
{
    struct crypto_stream *stream = context;
    return crypto_stream_update(stream, bytes);
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
    struct crypto_stream *stream = NULL;
    struct bill_file ignored = { .accepted = false };
    TRY(crypto_sha1_open(&stream));
    const struct member_sink sink = {
        .context = stream, .begin = begin_nothing, .bytes = hash_bytes, .end = end_nothing
    };
    enum err err = bill_file_members(bill->container, bytes, &bill_file_limits, &sink, &ignored);
    enum err closed = crypto_stream_close(&stream, out);
    return err == ERR_OK ? closed : err;
}

/* Digits of either case: WeChat Pay prints small ones. */
static bool
same_hex(struct span want, struct span small)
{
    bool same = want.len == small.len;
    for (size_t i = 0; same && i < want.len; i++) {
        bool capital = want.at[i] >= 'A' && want.at[i] <= 'F';
        int digit = capital ? want.at[i] - 'A' + 'a' : want.at[i];
        same = digit == small.at[i];
    }
    return same;
}

enum err
bill_file_check_hash(const struct adapter_bill *bill, struct span bytes, struct span hex,
                     struct bill_file *file)
{
    unsigned char got[SHA1_BYTES];
    DEFER(buf_fini) struct buf text = BUF_MAX(SHA1_BYTES * 2);
    TRY(bill_file_unpacked_sha1(bill, bytes, got));
    TRY(crypto_hex_encode(span_make(got, sizeof(got)), &text));
    if (!same_hex(hex, buf_span(&text))) {
        bill_file_fault(file, FINDING_FILE_HASH, 0, "the provider signed another SHA-1", hex);
        file->accepted = false;
    }
    return ERR_OK;
}
