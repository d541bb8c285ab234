/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_CERTIFICATE_H
#define TALLYGATE_CORE_CERTIFICATE_H

/* The tie-out certificate of one published run, in the one form that it can have: a JSON object whose members stand in the order of
 * certificate.def, without blanks, escapes or choice, so that equal runs give equal bytes and every other byte is a fault. The text
 * itself is what is signed. A file of it is {"certificate":TEXT,"key":NAME,"algorithm":NAME,"signature":HEX} and a line feed
 * (docs/decisions/0027). Money is signed fen. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "crypto.h"
#include "err.h"
#include "span.h"

#define CERTIFICATE_TEXT_MAX      ((size_t)8192)
#define CERTIFICATE_FILE_MAX      ((size_t)16384)
#define CERTIFICATE_ED25519_BYTES 64 /* of a signature */

enum certificate_field {
#define CERTIFICATE(name, kind) CERTIFICATE_##name,
#include "certificate.def"
#undef CERTIFICATE
    CERTIFICATE_FIELD_COUNT
};

enum certificate_shape { CERTIFICATE_TEXT, CERTIFICATE_NUMBER, CERTIFICATE_CELL };

/* Each value as it stands in the text, a string with its quotation marks; borrowed. One that the form has not is "[0,0]". */
struct certificate {
    struct span values[CERTIFICATE_FIELD_COUNT];
};

const char *certificate_name(enum certificate_field field);
enum certificate_shape certificate_shape(enum certificate_field field);

/* The value of FORM: what the text begins with says which form it is. The second one is that of a run with lines carried, out or in; a
 * run without any has the first, which knew of none. */
#define CERTIFICATE_FORM         "tallygate tie-out certificate 1"
#define CERTIFICATE_FORM_CARRIED "tallygate tie-out certificate 2"

/* Sets the form by the values of the others. */
void certificate_set_form(struct certificate *certificate);

/* Appends the text. Errors: FIELD_VALUE for a value that its member cannot have, BUF_FULL, NO_MEMORY. */
MUST_USE enum err certificate_write(const struct certificate *certificate, struct buf *out);

/* The whole of `text` must be the text of a certificate; values point into it. Errors: FIELD_VALUE. */
MUST_USE enum err certificate_read(struct span text, struct certificate *out);

/* The string between its quotation marks; empty for null. */
struct span certificate_string(const struct certificate *certificate, enum certificate_field field);
/* A number, or 0 for null. */
int64_t certificate_number(const struct certificate *certificate, enum certificate_field field);

/* Two sides of the sheet that must be equal, in sum and, when counted, in number. */
struct certificate_proof {
    const char *formula;
    int64_t left_count;
    int64_t left_fen;
    int64_t right_count;
    int64_t right_fen;
    bool counted;
    bool holds;
};
#define CERTIFICATE_PROOFS 6

/* Every line of the equation. Errors: AMOUNT_OVERFLOW. */
MUST_USE enum err certificate_prove(const struct certificate *certificate,
                                    struct certificate_proof out[CERTIFICATE_PROOFS]);

/* Whether the sheet ties: every proof holds. What is unexplained is 0.00 by the form. */
bool certificate_ties(const struct certificate *certificate);

/* Nobody has signed, or two people have: one prepared, another signed, each with a time, and the hash of what they signed. */
bool certificate_people_fit(const struct certificate *certificate);

/* A file. */
struct certificate_seal {
    struct span text;
    struct span key_name;
    enum crypto_scheme scheme;
    struct span signature; /* raw to write, hexadecimal when read */
};

/* Errors: FIELD_VALUE for a scheme that signs no certificates, BUF_FULL, NO_MEMORY. */
MUST_USE enum err certificate_seal_write(const struct certificate_seal *seal, struct buf *out);
/* The house's key is one of two kinds, told by its raw signature: that of Ed25519 is 64 bytes long, that of SM2 is DER and longer. */
enum crypto_scheme certificate_seal_scheme(struct span signature);
/* The whole of `file` must be such a file; spans point into it. Errors: FIELD_VALUE. */
MUST_USE enum err certificate_seal_read(struct span file, struct certificate_seal *out);

#endif
