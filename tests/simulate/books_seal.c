/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints: numbered and chained without a gap, signed, and naming ends that the chains of events had; in the end every chain is
 * sealed. docs/decisions/0014, written a second time from the record alone. */
#include <assert.h>
#include <stdio.h>

#include "books.h"
#include "crypto.h"
#include "file.h"

#define KEY_MAX  ((size_t)4096)
#define TEXT_MAX ((size_t)1024)

static struct crypto_public_key *key;

struct judge {
    struct twin *ours;
    books_tell tell;
    char about[BOOKS_ABOUT];
};

static void
claim(const struct judge *judge, bool holds, const char *what)
{
    if (!holds) {
        judge->tell(what, judge->about);
    }
}

enum err
books_seal_open(const char *pki)
{
    DEFER(buf_fini) struct buf path = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf pem = BUF_MAX(KEY_MAX);
    const char *name = NULL;
    TRY(buf_printf(&path, "%s/audit.pub", pki));
    TRY(buf_cstr(&path, &name));
    TRY(file_read(name, KEY_MAX - 1, &pem));
    return crypto_public_key_new(buf_span(&pem), &key);
}

void
books_seal_close(void)
{
    crypto_public_key_free(&key);
}

static const struct twin_row *
checkpoint_of(const struct judge *judge, int64_t number)
{
    return TWIN_FIND(judge->ours, audit_checkpoint, IS(audit_checkpoint, number, twin_i64(number)));
}

static enum err
put_text(const struct twin_row *row, struct buf *out)
{
    unsigned char digest[SHA256_BYTES];
    TRY(crypto_sha256(OF(row, audit_checkpoint, heads).bytes, digest));
    TRY(buf_printf(out, "tallygate checkpoint|%lld|",
                   (long long)OF(row, audit_checkpoint, number).number));
    TRY(crypto_hex_encode(OF(row, audit_checkpoint, previous).bytes, out));
    TRY(buf_printf(out, "|%lld|", (long long)OF(row, audit_checkpoint, sealed_at).number));
    return crypto_hex_encode(span_make(digest, sizeof(digest)), out);
}

static void
judge_signature(const struct judge *judge, const struct twin_row *row)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    unsigned char hash[SHA256_BYTES];
    enum err err = put_text(row, &text);
    assert(err == ERR_OK);
    err = crypto_sha256(buf_span(&text), hash);
    assert(err == ERR_OK);
    (void)err;
    claim(judge, span_eq(OF(row, audit_checkpoint, hash).bytes, span_make(hash, sizeof(hash))),
          "a checkpoint has the hash of its text");
    claim(judge,
          crypto_verify(key, CRYPTO_ED25519, buf_span(&text),
                        OF(row, audit_checkpoint, signature).bytes)
              == ERR_OK,
          "a checkpoint is signed by the key for checkpoints");
}

/* "slot payment_no seq hash": the event is there and has that hash. */
static void
judge_head(const struct judge *judge, struct span line)
{
    struct span cells[3] = { SPAN(""), SPAN(""), SPAN("") };
    DEFER(buf_fini) struct buf hash = BUF_MAX(SHA256_BYTES);
    int64_t seq = 0;
    bool whole = true;
    for (size_t i = 0; i < 3; i++) {
        whole = whole && span_cut(&line, ' ', &cells[i]);
    }
    whole = whole && span_to_i64(cells[2], 1, INT64_MAX, &seq) == ERR_OK
            && crypto_hex_decode(line, &hash) == ERR_OK;
    const struct twin_row *event =
        TWIN_FIND(judge->ours, event, IS(event, payment_no, twin_span(cells[1])),
                  IS(event, seq, twin_i64(seq)));
    claim(judge, whole && event != NULL && span_eq(OF(event, event, hash).bytes, buf_span(&hash)),
          "a checkpoint names ends that the chains had");
}

static void
judge_checkpoint(struct judge *judge, const struct twin_row *row)
{
    struct span lines = OF(row, audit_checkpoint, heads).bytes;
    int64_t number = OF(row, audit_checkpoint, number).number;
    const struct twin_row *before = checkpoint_of(judge, number - 1);
    int64_t count = 0;
    (void)snprintf(judge->about, sizeof(judge->about), "checkpoint %lld", (long long)number);
    claim(judge,
          number == 1
              || (before != NULL
                  && twin_eq(OF(before, audit_checkpoint, hash),
                             OF(row, audit_checkpoint, previous))),
          "every checkpoint is chained to the one before it");
    judge_signature(judge, row);
    while (lines.len > 0) {
        struct span line;
        (void)span_cut(&lines, '\n', &line);
        judge_head(judge, line);
        count++;
    }
    claim(judge, count == OF(row, audit_checkpoint, head_count).number,
          "a checkpoint counts the ends that it names");
}

static bool
is_named(const struct judge *judge, const struct twin_row *payment)
{
    DEFER(buf_fini) struct buf head = BUF_MAX(TEXT_MAX);
    const struct twin_row *row;
    enum err err =
        buf_printf(&head, "%lld %.*s %lld ", (long long)OF(payment, payment, slot).number,
                   SPAN_ARG(OF(payment, payment, payment_no).bytes),
                   (long long)OF(payment, payment, sealed_version).number);
    assert(err == ERR_OK);
    (void)err;
    for (size_t at = 0; (row = twin_next(judge->ours, TWIN_audit_checkpoint, &at)) != NULL;) {
        struct span lines = OF(row, audit_checkpoint, heads).bytes;
        while (lines.len > 0) {
            struct span line;
            (void)span_cut(&lines, '\n', &line);
            if (span_starts(line, buf_span(&head))) {
                return true;
            }
        }
    }
    return false;
}

void
books_sealed(struct twin *ours, books_tell tell)
{
    struct judge judge = { .ours = ours, .tell = tell };
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(ours, TWIN_payment, &at)) != NULL;) {
        books_about(judge.about, OF(row, payment, payment_no).bytes, 0);
        claim(&judge, OF(row, payment, sealed_version).number == OF(row, payment, version).number,
              "every chain is sealed to its end");
    }
}

void
books_checkpoints(struct twin *ours, books_tell tell)
{
    struct judge judge = { .ours = ours, .tell = tell };
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(ours, TWIN_audit_checkpoint, &at)) != NULL;) {
        judge_checkpoint(&judge, row);
    }
    for (size_t at = 0; (row = twin_next(ours, TWIN_payment, &at)) != NULL;) {
        books_about(judge.about, OF(row, payment, payment_no).bytes, 0);
        claim(&judge, OF(row, payment, sealed_version).number == 0 || is_named(&judge, row),
              "what counts as sealed is named by a checkpoint");
    }
}
