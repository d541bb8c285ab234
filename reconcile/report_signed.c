/* SPDX-License-Identifier: Apache-2.0 */
#include "report_signed.h"

#include "certificate.h"
#include "clock.h"
#include "db.h"

#define TIME_MAX_BYTES 64

bool
report_signed_is(const struct db_rows *rows, size_t at)
{
    return !db_row_null(rows, at, "signed_by");
}

bool
report_signed_has_certificate(const struct db_rows *rows, size_t at)
{
    return !db_row_null(rows, at, "certificate");
}

static enum err
put_time(const struct db_rows *rows, size_t at, const char *column, struct json_t *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TIME_MAX_BYTES);
    TRY(wall_format(db_row_time(rows, at, column), &text));
    return json_put_string(out, column, buf_span(&text));
}

enum err
report_signed_put(const struct db_rows *rows, size_t at, struct json_t *about)
{
    struct json_t *of = NULL;
    if (!report_signed_is(rows, at)) {
        return json_put_null(about, "signed");
    }
    TRY(json_new_object(&of));
    TRY(json_put(about, "signed", of));
    TRY(json_put_string(of, "prepared_by", db_row_text(rows, at, "prepared_by")));
    TRY(put_time(rows, at, "prepared_at", of));
    TRY(json_put_string(of, "signed_by", db_row_text(rows, at, "signed_by")));
    TRY(put_time(rows, at, "signed_at", of));
    TRY(json_put_string(of, "signoff_sha256", db_row_text(rows, at, "signoff_sha256")));
    return json_put_bool(of, "certificate", report_signed_has_certificate(rows, at));
}

enum err
report_signed_certificate(const struct db_rows *rows, size_t at, struct buf *out)
{
    DEFER(buf_fini) struct buf signature = BUF_MAX(CERTIFICATE_FILE_MAX);
    if (crypto_hex_decode(db_row_text(rows, at, "signature"), &signature) != ERR_OK) {
        return ERR_DB_ROWS;
    }
    const struct certificate_seal seal = { .text = db_row_text(rows, at, "certificate"),
                                           .key_name = db_row_text(rows, at, "key_id"),
                                           .scheme = certificate_seal_scheme(buf_span(&signature)),
                                           .signature = buf_span(&signature) };
    return certificate_seal_write(&seal, out);
}
