/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_SIGNED_H
#define TALLYGATE_RECONCILE_REPORT_SIGNED_H

/* The signature that stands on a day of a month's pack, from a row of report_month.sql. */

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"
#include "json.h"

struct db_rows;

/* Whether two people have signed the day, and whether a certificate that says so was made. */
bool report_signed_is(const struct db_rows *rows, size_t at);
bool report_signed_has_certificate(const struct db_rows *rows, size_t at);

/* Puts the member "signed": both people with their times and the SHA-256 of the text that both were shown, and whether there is a certificate; null when
 * nobody has signed. Errors: those of json.h and wall_format. */
MUST_USE enum err report_signed_put(const struct db_rows *rows, size_t at, struct json_t *about);

/* The certificate as `tallygate certificate export` gave it. Errors: DB_ROWS for a signature that is no hexadecimal, BUF_FULL, NO_MEMORY. */
MUST_USE enum err report_signed_certificate(const struct db_rows *rows, size_t at, struct buf *out);

#endif
